"""Published figures and numbers that the problems reproduce, each with what it states and ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tools.atlas import published_numbers as ours


class Published(NamedTuple):
    """One published statement.

    Attributes
    ----------
    citation : str
    states : str
        What it states, in words.
    published : float, list of float, or function
        The same as numbers; a function where what is published is a formula.
    tolerance : float or list of float
        By how much ours may differ: half a unit of the last digit printed, or a Monte Carlo error.
    ours : function
        The same numbers by vi_lab.
    """

    citation: str
    states: str
    published: Any
    tolerance: Any
    ours: Callable[[], Any]


def reproduced(name: str) -> list[dict[str, Any]]:
    """The entry `published` of a problem."""
    found = []
    for item in PUBLISHED.get(name, ()):
        entry = item._asdict()
        if callable(item.published):
            entry["published"] = item.published()
        entry["ours"] = np.asarray(item.ours(), np.float64).tolist()
        found.append(entry)
    return found


BISHOP = "Bishop (2006), Pattern Recognition and Machine Learning"

PUBLISHED: dict[str, tuple[Published, ...]] = {
    "newcomb": (
        Published(
            f"{BISHOP}, eq. 10.26 and figure 10.4",
            "the factorised q(mu) q(tau) comes to rest with E[mu] = (kappa0 mu0 + sum x)/(kappa0 + "
            "n), the true posterior mean; the formula is theirs, its value here computed",
            ours.pooled_mean,
            1e-9,
            ours.coupled_normal,
        ),
    ),
    "newcomb-independent": (
        Published(
            f"{BISHOP}, eq. 10.33",
            "under a flat prior of mu and tau the factorised q comes to rest at 1/E[tau] = the "
            "unbiased sample variance; the value is that of Newcomb's 66 times",
            ours.sample_variance,
            0.05,
            ours.flat_normal,
        ),
    ),
    "correlated": (
        Published(
            f"{BISHOP}, eq. 10.13-10.15 and figure 10.2(a)",
            "the factorised q has the right means, and the variance of a coordinate given the "
            "other: sds of sqrt(1 - 0.9**2) of the truth",
            [0.0, 0.0, 0.4358898943540673, 0.4358898943540673],
            1e-8,
            ours.cut_gaussian,
        ),
    ),
    "coal": (
        Published(
            "Carlin, Gelfand & Smith (1992), Applied Statistics 41; Raftery & Akman (1986), "
            "Biometrika 73",
            "one change near 1890, from about three disasters a year to one (in words: their "
            "priors differ); ours is the year 1850 + s at the mode of s, and the mean rates",
            [1890.0, 3.0, 1.0],
            [2.0, 0.5, 0.5],
            ours.change_year,
        ),
    ),
    "tiny-mixture": (
        Published(
            f"{BISHOP}, figure 10.3(b, c)",
            "minimising KL(q||p), q sits in one mode of several, and in which is decided by the "
            "start; here two modes, one the other with its labels exchanged",
            2.0,
            0.0,
            ours.modes_found,
        ),
    ),
    "old-faithful": (
        Published(
            f"{BISHOP}, figure 10.6",
            "of six components at concentration 1e-3 two keep a mixing coefficient that is not "
            "numerically zero (its other priors are not stated)",
            2.0,
            0.0,
            ours.components_left,
        ),
        Published(
            f"{BISHOP}, figure 10.7",
            "the lower bound plus log K! peaks at K = 2 among 1 to 6",
            2.0,
            0.0,
            ours.components_preferred,
        ),
    ),
    "polynomial": (
        Published(
            f"{BISHOP}, figure 10.9 (qualitatively: its ten points are others)",
            "for points made from a cubic the lower bound peaks at degree 3; ours: the degree of "
            "the best bound, and of the highest evidence",
            [3.0, 3.0],
            0.0,
            ours.degrees_preferred,
        ),
    ),
    "iris": (
        Published(
            "Tipping & Bishop (1999), J. R. Statist. Soc. B 61, eq. 4 at the maximum (7-8)",
            "log p(x) = -N/2 [D log 2 pi + sum_(j <= q) log l_j + (D - q) log sigma2 + D], l_j the "
            "eigenvalues of the sample covariance; the formula is theirs, its value here computed",
            ours.eigenvalue_formula,
            1e-9,
            ours.principal_components,
        ),
    ),
    "kidiq": (
        Published(
            "Gelman & Hill (2007), Data Analysis Using Regression, section 3.2",
            "least squares: kid_score = 25.7 + 5.95 mom_hs + 0.56 mom_iq; ours under a flat prior",
            [25.7, 5.95, 0.56],
            [0.05, 0.005, 0.005],
            ours.least_squares,
        ),
    ),
    "eight-schools": (
        Published(
            "stan-dev/posteriordb, eight_schools-eight_schools_noncentered: means of the reference "
            "draws (10,000 of Stan), added 2019",
            "posterior means of theta_1 to theta_8, mu and tau, with Monte Carlo standard errors; "
            "the tolerance is four of them",
            [
                6.15050229334425, 4.9395811407422, 3.90590609001582, 4.79601675138494,
                3.6144363246799, 4.0511475789675, 6.31716975886893, 4.88399694353288,
                4.41051833695493, 3.60205952364059,
            ],
            [
                4 * error
                for error in (
                    0.0557375282295219, 0.0462293788624847, 0.0542313705632124,
                    0.0474935816762281, 0.0461450610244603, 0.0485195392528031,
                    0.0498766794075794, 0.0542511606560972, 0.0330374705950917,
                    0.0318615135640706,
                )
            ],
            ours.schools,
        ),
    ),
    "beetles": (
        Published(
            "Dobson (2002), An Introduction to Generalized Linear Models, section 7.3",
            "maximum likelihood: log odds = -60.717 + 34.270 log10 dose",
            [-60.717, 34.270],
            5e-4,
            ours.beetles_fit,
        ),
    ),
    "nile": (
        Published(
            "Durbin & Koopman (2012), Time Series Analysis by State Space Methods, section 2.10",
            "maximum likelihood under a diffuse start: r = 15099, q = 1469.1",
            [15099.0, 1469.1],
            [1.0, 0.1],
            ours.variances,
        ),
    ),
    "denoise": (
        Published(
            "Murphy (2012), Machine Learning: A Probabilistic Perspective, section 21.3.2",
            "mean field cleans a noisy binary picture (qualitatively; the picture is ours): 1 if "
            "fewer pixels are wrong than the 24 that were flipped",
            1.0,
            0.0,
            ours.cleaned,
        ),
    ),
    "sprinkler": (
        Published(
            "Murphy (1998), A Brief Introduction to Graphical Models and Bayesian Networks",
            "P(wet) = 0.6471, P(sprinkler | wet) = 0.4298, P(rain | wet) = 0.7079, and explained "
            "away P(sprinkler | wet, rain) = 0.1945",
            [0.6471, 0.4298, 0.7079, 0.1945],
            5e-5,
            ours.wet_grass,
        ),
    ),
    "asia": (
        Published(
            "Lauritzen & Spiegelhalter (1988), J. R. Statist. Soc. B 50",
            "marginals without evidence: tuberculosis 0.0104, lung cancer 0.055, bronchitis 0.45, "
            "either 0.0648, X-ray 0.1103, dyspnoea 0.436",
            [0.0104, 0.055, 0.45, 0.0648, 0.1103, 0.436],
            5e-5,
            ours.chest_clinic,
        ),
    ),
}  # fmt: skip
