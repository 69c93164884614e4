"""What a problem is made of, for readers without vi_lab: data, how they enter, and the prior."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from vi_lab.datasets.catalogue import catalogue


class Material(NamedTuple):
    """One problem's data and prior.

    Attributes
    ----------
    files : tuple of str
        Data sets by their names in `vi_lab.datasets`; none where the data are made up on the spot.
    preparation : str
        How the model's inputs follow from their columns.
    inputs : function of the model
        Those inputs by name, as arrays.
    model : tuple of str
        The generative story, a line each: priors first, then the likelihood.
    hyperparameters : function of the model
    """

    files: tuple[str, ...]
    preparation: str
    inputs: Callable[[Any], Mapping[str, Any]]
    model: tuple[str, ...]
    hyperparameters: Callable[[Any], Mapping[str, Any]]


def named(*names: str) -> Callable[[Any], dict[str, Any]]:
    """The model's attributes of these names."""
    return lambda model: {name: getattr(model, name) for name in names}


def described(name: str, model: Any) -> dict[str, Any]:
    """The entries `data` and `prior` of a problem."""
    made = MATERIAL[name]
    files = [
        {"name": key, "file": catalogue()[key].file, "sha256": catalogue()[key].sha256}
        for key in made.files
    ]
    inputs = {key: _input(value, whole=not files) for key, value in made.inputs(model).items()}
    return {
        "data": {"files": files, "preparation": made.preparation, "inputs": inputs},
        "prior": {
            "model": list(made.model),
            "hyperparameters": {
                key: np.asarray(value).tolist() if isinstance(value, np.ndarray) else value
                for key, value in made.hyperparameters(model).items()
            },
        },
    }


def _input(value: Any, whole: bool) -> dict[str, Any]:
    """Shape and sums, by which a reader knows to have prepared the same; whole where made up."""
    array = np.asarray(value, np.float64)
    found: dict[str, Any] = {"shape": list(array.shape)}
    found["sum"], found["sum_of_squares"] = float(array.sum()), float((array**2).sum())
    if whole:
        found["values"] = array.tolist()
    return found


_x, _Xy = named("x"), named("X", "y")
_NORMAL_GAMMA = (
    "tau ~ Gamma(a0, rate b0)",
    "mu | tau ~ N(mu0, variance 1/(kappa0 tau))",
    "x_i ~ N(mu, variance 1/tau)",
)
_REGRESSION = (
    "tau ~ Gamma(a0, rate b0)",
    "beta | tau ~ N(m0, covariance V0/tau)",
    "y_i ~ N(x_i' beta, variance 1/tau)",
)
_LOGISTIC = (
    "beta ~ N(prior_mean, covariance prior_cov)",
    "successes_i ~ Binomial(trials_i, 1/(1 + exp(-x_i' beta))), coefficients included",
)
_logistic = named("X", "successes", "trials")
_NORMALS = (
    "weights ~ Dirichlet(concentration)",
    "mu_k ~ N(m0_k, variance s0_k**2)",
    "z_i ~ Categorical(weights)",
    "x_i ~ N(mu_(z_i), variance sigma**2)",
)
_NETWORK = (
    "every variable is 0 or 1; tables[v] is P(v = 1 | parents), an axis for each parent in order",
    "evidence: the variables observed",
)


def _network(model: Any) -> dict[str, Any]:
    return {
        "parents": {name: list(of) for name, of in model.network.parents.items()},
        "tables": {name: np.asarray(t).tolist() for name, t in model.network.tables.items()},
        "evidence": dict(model.evidence),
    }


def _nothing(model: Any) -> dict[str, Any]:
    return {}


MATERIAL: dict[str, Material] = {
    "newcomb": Material(
        ("newcomb",), "x = deviation_ns", _x, _NORMAL_GAMMA, named("mu0", "kappa0", "a0", "b0")
    ),
    "darwin": Material(
        ("darwin",), "x = diff_eighths_inch", _x, _NORMAL_GAMMA, named("mu0", "kappa0", "a0", "b0")
    ),
    "correlated": Material(
        (),
        "none: the target is a normalised density, whose log evidence is 0",
        _nothing,
        ("z ~ N(mean, covariance cov)",),
        named("mean", "cov"),
    ),
    "coal": Material(
        ("coal",),
        "counts = count, by year",
        named("counts"),
        (
            "s ~ Uniform{1, ..., n - 1}, the last year of the first regime, counted from 1",
            "rate_i ~ Gamma(a_i, rate b_i), i = 1, 2",
            "counts_t ~ Poisson(rate_1) for t <= s, else Poisson(rate_2)",
        ),
        named("a", "b"),
    ),
    "coin": Material(
        (),
        "x: 14 ones and 6 zeros, made up; the evidence is of this sequence",
        _x,
        ("theta ~ Beta(a, b)", "x_i ~ Bernoulli(theta)"),
        named("a", "b"),
    ),
    "newcomb-independent": Material(
        ("newcomb",),
        "x = deviation_ns",
        _x,
        (
            "mu ~ N(m0, variance s0**2)",
            "tau ~ Gamma(a0, rate b0), independent of mu",
            "x_i ~ N(mu, variance 1/tau)",
        ),
        named("m0", "s0", "a0", "b0"),
    ),
    "cars": Material(
        ("cars",),
        "X = [1, (speed_mph - 15)/5], y = dist_ft",
        _Xy,
        _REGRESSION,
        named("m0", "V0", "a0", "b0"),
    ),
    "trees": Material(
        ("trees",),
        "X = [1, log(girth_in), log(height_ft)], y = log(volume_ft3)",
        _Xy,
        _REGRESSION,
        named("m0", "V0", "a0", "b0"),
    ),
    "kidiq": Material(
        ("kidiq",),
        "X = [1, mom_hs, (mom_iq - 100)/15], y = kid_score",
        _Xy,
        _REGRESSION,
        named("m0", "V0", "a0", "b0"),
    ),
    "polynomial": Material(
        ("polynomial",),
        "X = [1, x, x**2, x**3], y = y",
        _Xy,
        (
            "alpha ~ Gamma(a0, rate b0)",
            "w | alpha ~ N(0, covariance I/alpha)",
            "y_i ~ N(x_i' w, variance 1/noise_precision)",
        ),
        named("a0", "b0", "noise_precision"),
    ),
    "clutter": Material(
        ("clutter",),
        "x = x",
        _x,
        (
            "theta ~ N(0, variance prior_var)",
            "z_i ~ Bernoulli(w), 1 where the point is clutter",
            "x_i ~ N(theta, variance 1) if z_i = 0, N(0, variance 10) if z_i = 1",
        ),
        named("w", "prior_var"),
    ),
    "tiny-mixture": Material(
        (), "x: ten points, made up", _x, _NORMALS, named("sigma", "m0", "s0", "concentration")
    ),
    "galaxies": Material(
        ("galaxies",),
        "x = velocity_km_s/1000",
        _x,
        _NORMALS,
        named("sigma", "m0", "s0", "concentration"),
    ),
    "old-faithful": Material(
        ("old_faithful",),
        "x = [eruptions_min, waiting_min], each column less its mean and by its sd (divisor n)",
        _x,
        (
            "weights ~ Dirichlet(concentration)",
            "Lambda_k ~ Wishart(scale W0, nu0), E[Lambda_k] = nu0 W0, w0_inv = W0^-1",
            "mu_k | Lambda_k ~ N(m0, precision beta0 Lambda_k)",
            "z_i ~ Categorical(weights)",
            "x_i ~ N(mu_(z_i), precision Lambda_(z_i))",
        ),
        named("concentration", "m0", "beta0", "nu0", "w0_inv"),
    ),
    "iris": Material(
        ("iris",),
        "x = the four lengths in centimetres; W, mu and sigma2 at the maximum of the likelihood, W "
        "turned by 0.5 radians",
        _x,
        ("z_n ~ N(0, I)", "x_n ~ N(W z_n + mu, covariance sigma2 I)"),
        named("W", "mu", "sigma2"),
    ),
    "penguins": Material(
        ("penguins",),
        "x = the four measurements, each column less its mean and by its sd (divisor n)",
        _x,
        ("z_n ~ N(0, I)", "x_n ~ N(W z_n + mu, covariance diag(psi))"),
        named("W", "mu", "psi"),
    ),
    "eight-schools": Material(
        ("eight_schools",),
        "y = y, sigma = sigma",
        named("y", "sigma"),
        (
            "tau ~ half-Cauchy(scale): p(tau) = 2/(pi scale (1 + tau**2/scale**2)), tau > 0",
            "mu ~ N(0, variance mu_sd**2)",
            "theta_j ~ N(mu, variance tau**2)",
            "y_j ~ N(theta_j, variance sigma_j**2), sigma known; the latent tau2 is tau**2",
        ),
        lambda model: {"mu_sd": model.mu_sd, "scale": model.tau_prior.scale},
    ),
    "challenger": Material(
        ("challenger",),
        "X = [1, (temperature_F - 70)/10], successes = any_distress, trials = 1",
        _logistic,
        _LOGISTIC,
        named("prior_mean", "prior_cov"),
    ),
    "bioassay": Material(
        ("bioassay",),
        "X = [1, log_dose], successes = n_deaths, trials = n_animals",
        _logistic,
        _LOGISTIC,
        named("prior_mean", "prior_cov"),
    ),
    "beetles": Material(
        ("beetles",),
        "X = [1, (log10_dose - 1.8)/0.05], successes = n_killed, trials = n_exposed",
        _logistic,
        _LOGISTIC,
        named("prior_mean", "prior_cov"),
    ),
    "nile": Material(
        ("nile",),
        "y = flow_1e8_m3",
        named("y"),
        (
            "x_1 ~ N(m0, variance v0)",
            "x_t ~ N(x_(t-1), variance q)",
            "y_t ~ N(x_t, variance r)",
        ),
        named("m0", "v0", "q", "r"),
    ),
    "ising": Material(
        (),
        "none: the log evidence is the log partition function of an 8 x 8 lattice",
        named("h"),
        (
            "x_i is -1 or +1 on a lattice with free edges; h is its field, site by site",
            "p(x) = exp(J sum over edges of x_i x_j + sum_i h_i x_i)/Z, each edge once",
        ),
        named("J"),
    ),
    "denoise": Material(
        ("ising_glyphs",),
        "image = the array vi16_noisy10",
        named("image"),
        (
            "x ~ Ising: p(x) = exp(J sum over edges of x_i x_j)/Z, free edges, x_i -1 or +1",
            "image_i = x_i with probability 1 - flip_prob, else -x_i",
        ),
        named("J", "flip_prob"),
    ),
    "sprinkler": Material((), "evidence: wet_grass = 1", _nothing, _NETWORK, _network),
    "asia": Material((), "evidence: dyspnoea = 1", _nothing, _NETWORK, _network),
    "bars": Material(
        ("lda_bars",),
        "counts = the array counts; the evidence is of the words as a sequence",
        named("counts"),
        (
            "topics_k ~ Dirichlet(eta), over the words",
            "theta_d ~ Dirichlet(alpha), over the topics",
            "every token: a topic ~ Categorical(theta_d), a word ~ Categorical(topics_(topic))",
        ),
        named("n_topics", "alpha", "eta"),
    ),
    "digits": Material(
        ("digits", "digits_vae"),
        "of every 18th image the first two of each digit, in that order; 1 where grey level >= 8",
        _x,
        (
            "z_n ~ N(0, I) in two dimensions",
            "logits_n = decoder.out of tanh(decoder.0 of z_n), weights from digits_vae.npz",
            "x_nd ~ Bernoulli(1/(1 + exp(-logits_nd)))",
        ),
        _nothing,
    ),
}
