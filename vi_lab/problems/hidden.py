"""One hidden variable for each observation: mixtures and latent factors."""

from __future__ import annotations

import numpy as np

from vi_lab.arguments import checks
from vi_lab.datasets import load
from vi_lab.models import PPCA, FactorAnalysis, GaussianMixture, NormalMixture
from vi_lab.problems.names import variant
from vi_lab.problems.pieces import make_problem, stack, standardise
from vi_lab.problems.problem import Problem


def _tiny_mixture(apart: float = 0.0) -> Problem:
    apart = checks.real("apart", apart)
    x = np.array([-2.3, -1.9, -1.6, -1.1, -0.2, 0.8, 1.3, 1.7, 2.2, 2.6])
    return make_problem(
        variant("tiny-mixture", apart=(apart, 0.0)),
        NormalMixture,
        dict(x=x + 0.5 * apart * np.sign(x), sigma=1, m0=0, s0=3, concentration=(1, 1)),
        story="each point comes from one of two normals with unknown means and weights",
        data="ten made-up points on a line"
        + (f", its halves moved {apart:g} further apart" if apart else ""),
        look_at="labels without names: the gap is log 2 for the symmetry, and more where the two "
        "overlap",
        sweep=("apart", (-1.0, 0.0, 1.0, 2.0, 4.0, 8.0)),
    )


def _galaxies() -> Problem:
    x = load("galaxies").data["velocity_km_s"] / 1000.0
    return make_problem(
        "galaxies",
        NormalMixture,
        dict(x=x, sigma=1, m0=20, s0=10, concentration=(1,) * 6),
        story="each velocity comes from one of six normals with unknown means and weights",
        data="velocities of 82 galaxies in 1,000 km/s, Roeder 1990",
        columns={"galaxies": ("velocity_km_s",)},
        look_at="more components than clusters, perhaps: restarts of CAVI end in different optima",
    )


def _old_faithful(n_components: int = 2, concentration: float = 1.0) -> Problem:
    n_components = checks.integer("n_components", n_components, 1)
    concentration = checks.positive("concentration", concentration)
    x = standardise(load("old_faithful").data, ("eruptions_min", "waiting_min"))
    return make_problem(
        variant("old-faithful", n_components=(n_components, 2), concentration=(concentration, 1.0)),
        GaussianMixture,
        dict(
            x=x,
            n_components=n_components,
            concentration=concentration,
            m0=(0, 0),
            beta0=1,
            nu0=3,
            w0_inv=np.eye(2),
        ),
        story=f"each eruption comes from one of {n_components} Gaussians in the plane",
        data="Old Faithful, 272 eruptions and the waits after them, standardised",
        columns={"old_faithful": ("eruptions_min", "waiting_min")},
        look_at="two clouds that hardly overlap: mean field is nearly right about each, and blind "
        "to labels that may be swapped",
        sweep=("n_components", (1, 2, 3, 4, 5, 6)),
    )


def _iris(rotation: float = 0.5, q: int = 2) -> Problem:
    columns = ("sepal_length_cm", "sepal_width_cm", "petal_length_cm", "petal_width_cm")
    x = stack(load("iris").data, columns)
    q = checks.integer("q", q, 1)
    rotation = checks.real("rotation", rotation) if q > 1 else 0.0
    fit = PPCA.maximum_likelihood(x, q, rotation=rotation)
    return make_problem(
        variant("iris", rotation=(rotation, 0.5 if q > 1 else 0.0), q=(q, 2)),
        PPCA,
        dict(x=x, W=fit.W, mu=fit.mu, sigma2=fit.sigma2, blocks="coordinates"),
        story=f"four lengths of a flower follow {q} hidden coordinates and noise (PPCA)",
        data="iris, 150 flowers in centimetres",
        columns={"iris": columns},
        look_at="a rotation that the likelihood does not see costs mean field a gap: none at 0",
        sweep=("rotation", (0.0, 0.1, 0.25, 0.5, 0.75)),
    )


# Maximum likelihood of a two-factor model by FactorAnalysis.maximum_likelihood(x, 2), in the frame
# in which W' Psi^-1 W is diagonal: rows bill length, bill depth, flipper length, body mass.
_PENGUINS_W = np.array(
    [
        [0.656275864595, -0.241314758608],
        [-0.601696666677, -0.66231394513],
        [0.992465452111, -0.020099135704],
        [0.876126420206, -0.083414709664],
    ]
)
_PENGUINS_PSI = np.array([0.511069176827, 0.199301359395, 0.01460835111, 0.225444482028])


def _penguins() -> Problem:
    columns = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
    x = standardise(load("penguins").data, columns)
    return make_problem(
        "penguins",
        FactorAnalysis,
        dict(x=x, W=_PENGUINS_W, mu=0, psi=_PENGUINS_PSI, blocks="coordinates"),
        story="four measurements of a penguin follow two hidden factors and noise of their own",
        data="Palmer penguins, 342 birds, standardised",
        columns={"penguins": columns},
        look_at="factors in the frame in which they are independent given the data: mean field is "
        "exact",
    )


PROBLEMS = (_tiny_mixture, _galaxies, _old_faithful, _iris, _penguins)
