"""Every hyperparameter of every named problem can be set: the model checks it, the name says it."""

import pickle
from math import comb

import numpy as np
import pytest
from numpy.testing import assert_equal
from scipy import stats

import vi_lab
from tests.tables import table
from vi_lab import HalfCauchy, InputError, InputTypeError, InverseGamma, list_problems, problem
from vi_lab.model import log_density
from vi_lab.model_or_problem import same_model
from vi_lab.problems.names import write_value


def gamma(name, shape="a0", rate="b0"):
    """The log density of a precision under its gamma prior."""
    return lambda m, z: stats.gamma.logpdf(z[name], m[shape], scale=1 / np.asarray(m[rate])).sum()


def normal(name, mean, sd):
    return lambda m, z: stats.norm.logpdf(z[name], mean(m), sd(m)).sum()


def coefficients(m, z):
    cov = np.asarray(m["V0"]) / z["tau"]
    beta = z["beta"]
    return stats.multivariate_normal.logpdf(beta, np.broadcast_to(m["m0"], beta.shape), cov)


def linear(m, z):
    sd = np.sqrt(m["psi"] if "psi" in m else m["sigma2"])
    return stats.norm.logpdf(m["x"], z["z"] @ np.transpose(m["W"]) + m["mu"], sd).sum()


BAD_YEARS = problem("hmm").model.counts


def coefficients_of(m, z):
    """The prior of a regression without noise of its own."""
    return stats.multivariate_normal.logpdf(z, m["prior_mean"], m["prior_cov"])


def log_odds(m, z):
    logpdf = coefficients_of(m, z["beta"])
    successes, trials = (np.broadcast_to(m[n], len(m["X"])) for n in ("successes", "trials"))
    n, y = np.asarray(trials, float), np.asarray(successes, float)
    ways = np.log([comb(int(a), int(b)) for a, b in zip(n, y, strict=True)]).sum()
    return logpdf + ways * m["binomial_coefficients"]


def components(m, z):
    """The means given the precisions."""
    means, precisions = z["means"], z["precisions"]
    return sum(
        stats.multivariate_normal.logpdf(mean, m["m0"], np.linalg.inv(m["beta0"] * precision))
        for mean, precision in zip(means, precisions, strict=True)
    )


def lattice(m, z):
    """J times the sum over the edges, those around the rim too where it is periodic."""
    x = np.asarray(z["x"], float)
    edges = (x[1:] * x[:-1]).sum() + (x[:, 1:] * x[:, :-1]).sum()
    if m["periodic"]:
        edges += (x[0] * x[-1]).sum() + (x[:, 0] * x[:, -1]).sum()
    return m["J"] * edges + (m["h"] * x).sum()


def flipped(m, z):
    same = m["image"] == z["x"]
    return np.where(same, np.log1p(-m["flip_prob"]), np.log(m["flip_prob"])).sum()


def root(name):
    """Of a network, the term of a variable without parents."""
    return lambda m, z: stats.bernoulli.logpmf(z[name], m["tables"][name])


def dirichlet(name, concentration):
    def logpdf(m, z):
        rows = np.atleast_2d(z[name])
        alpha = np.broadcast_to(m[concentration], rows.shape[1:])
        return sum(stats.dirichlet.logpdf(row / row.sum(), alpha) for row in rows)

    return logpdf


def tables(name, **changes):
    return dict(problem(name).arguments["tables"], **changes)


WIDE = np.diag([9.0, 9.0])
# a change of each, and the terms of the log joint that it is in, by the arguments of the model
CHANGES = {
    "newcomb": ({"a0": 3}, gamma("tau")),
    "darwin": ({"b0": 400.0}, gamma("tau")),
    "correlated": (
        {"mean": (1, 2)},
        lambda m, z: stats.multivariate_normal.logpdf(
            np.concatenate([z["z0"], z["z1"]]), m["mean"], m["cov"]
        ),
    ),
    "coal": ({"a": (3, 4)}, gamma("rates", "a", "b")),
    "coin": ({"b": 2}, lambda m, z: stats.beta.logpdf(z["theta"], m["a"], m["b"])),
    "newcomb-independent": ({"s0": 5}, normal("mu", lambda m: m["m0"], lambda m: m["s0"])),
    "cars": ({"m0": (30, 10)}, coefficients),
    "trees": ({"b0": 0.05}, gamma("tau")),
    "kidiq": ({"V0": np.diag([2.0, 3.0, 4.0])}, coefficients),
    "polynomial": ({"a0": 0.1}, gamma("alpha")),
    "clutter": ({"prior_var": 50}, normal("theta", lambda m: 0, lambda m: m["prior_var"] ** 0.5)),
    "tiny-mixture": ({"m0": (-1, 1)}, normal("mu", lambda m: m["m0"], lambda m: m["s0"])),
    "galaxies": ({"concentration": (2,) * 6}, dirichlet("weights", "concentration")),
    "old-faithful": ({"beta0": 2}, components),
    "iris": ({"sigma2": 0.1}, linear),
    "penguins": ({"mu": (0.1, 0.2, 0.3, 0.4)}, linear),
    "eight-schools": (
        {"tau_prior": HalfCauchy(3)},
        lambda m, z: stats.gamma.logpdf(z["rate"], 0.5, scale=m["tau_prior"].scale ** 2),
    ),
    "challenger": ({"prior_mean": (1, 1)}, log_odds),
    "bioassay": ({"prior_cov": WIDE}, log_odds),
    "beetles": ({"binomial_coefficients": False}, log_odds),
    "nile": ({"q": 1000}, lambda m, z: stats.norm.logpdf(np.diff(z["x"]), 0, m["q"] ** 0.5).sum()),
    "probit": ({"prior_mean": (1, 1)}, lambda m, z: coefficients_of(m, z["beta"])),
    "poisson": ({"prior_cov": WIDE}, lambda m, z: coefficients_of(m, z["z"])),
    "hmm": (
        {"rates": (2, 3)},
        lambda m, z: stats.poisson.logpmf(BAD_YEARS, np.asarray(m["rates"])[z["z"]]).sum(),
    ),
    "ising": ({"periodic": True}, lattice),
    "denoise": ({"flip_prob": 0.2}, flipped),
    "sprinkler": ({"tables": tables("sprinkler", cloudy=0.3)}, root("cloudy")),
    "asia": ({"tables": tables("asia", smoking=0.4)}, root("smoking")),
    "bars": ({"alpha": 1.0}, dirichlet("theta", "alpha")),
}


def test_every_problem_is_here():
    assert [*CHANGES, "digits"] == list(list_problems())


@table("name", CHANGES)
def test_a_changed_hyperparameter_is_in_the_log_joint(name):
    change, term = CHANGES[name]
    default, changed = problem(name), problem(name, **change)
    ((key, value),) = change.items()
    assert_equal(changed.hyperparameters[key], value)
    assert changed.name.startswith(f"{name} {key}=")
    assert changed.hyperparameters.keys() == default.hyperparameters.keys()
    values = default.model.sample_latents(np.random.default_rng(0))
    latents = default.model.latents(values)
    latents |= {k: v for k, v in values.items() if k not in latents}
    found = log_density(changed.model, values) - log_density(default.model, values)
    expected = term(changed.arguments, latents) - term(default.arguments, latents)
    assert expected != 0
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-7)


@table("name", list_problems())
def test_a_problem_is_made_of_its_arguments(name):
    """Every hyperparameter can be set, to what it is as well, which changes nothing."""
    default = problem(name)
    assert set(default.hyperparameters) <= set(default.settable)
    same = default.change(**default.hyperparameters)
    assert same.name == name
    assert same_model(same.model, default.model)
    if name != "digits":  # a fit is sent to other processes by cloudpickle alone
        assert same_model(pickle.loads(pickle.dumps(same)).model, default.model)


@table(
    ("name", "change", "error", "message"),
    [
        ("coal", {"a": 3}, InputError, "a: needs shape (2,), got ()"),
        ("coal", {"a": (3, -1)}, InputError, "a: needs numbers above 0, got -1 at index 1"),
        ("coal", {"aa": 3}, InputTypeError, "has no argument 'aa'; did you mean 'a'?"),
        ("coal", {"counts": [1, 2]}, InputTypeError, "has no argument 'counts'"),
        ("digits", {"decoder": 1}, InputTypeError, "it has no hyperparameter to set"),
        ("eight-schools", {"tau_prior": 3}, InputTypeError, "tau_prior: needs HalfCauchy(scale)"),
        ("galaxies", {"weights": (0.5, 0.5)}, InputError, "needs exactly one of the two"),
        ("iris", {"q": 1, "W": np.ones((4, 1))}, InputError, "needs W or what it follows from"),
        ("eight-schools", {"scale": 2, "tau_prior": HalfCauchy(3)}, InputError, "got both"),
        ("newcomb", {"kappa0": np.inf}, InputError, "kappa0: needs finite numbers, got inf"),
        ("cars", {"V0": np.eye(3)}, InputError, "V0: needs shape (2, 2), got (3, 3)"),
    ],
)
def test_the_door_is_the_models_own(name, change, error, message):
    with pytest.raises(error) as told:
        problem(name, **change)
    assert message in str(told.value)


def test_builders_parameters_keep_their_names_and_win():
    assert problem("correlated", rho=0.99).name == "correlated rho=0.99"
    assert problem("eight-schools", scale=2).name == "eight-schools scale=2"
    both = problem("eight-schools", scale=2, mu_sd=3)
    assert both.hyperparameters == {"mu_sd": 3.0, "tau_prior": HalfCauchy(2)}
    joined = problem("iris", q=1, blocks="joint")
    assert joined.name == "iris q=1 blocks=joint" and list(joined.model.blocks) == ["z"]


def test_values_that_broadcast_are_broadcast_again():
    """m0 = 0 and s0 = 3 of two components are those of three."""
    model = problem("tiny-mixture", concentration=(1, 1, 1)).model
    assert model.m0.shape == model.s0.shape == (3,)


def test_a_sweep_keeps_what_was_changed():
    swept = vi_lab.sweep(problem("eight-schools", mu_sd=10))
    assert {item.model.mu_sd for item in swept} == {10.0}
    assert len({item.model.tau_prior.scale for item in swept}) == len(swept)


@table(
    ("value", "text"),
    [
        (2.0, "2"),
        (1.123456789, "1.123456789"),
        (1_234_567, "1234567"),
        (0.1 + 0.2, "0.30000000000000004"),
        ((2, 2), "[2, 2]"),
        (np.eye(2), "[[1, 0], [0, 1]]"),
        (True, "true"),
        (None, "none"),
        ("joint", "joint"),
        (InverseGamma(2, 3.5), "InverseGamma(2, 3.5)"),
        ({"a": (0.5, 1)}, "{a: [0.5, 1]}"),
    ],
)
def test_a_value_is_written_as_it_is_read(value, text):
    assert write_value(value) == text


def test_long_values_are_cut_and_told_apart():
    one, two = np.arange(100.0), np.append(np.arange(99.0), 7.0)
    names = [problem("ising", side=10).change(h=h.reshape(10, 10)).name for h in (one, two)]
    assert names[0] != names[1] and max(map(len, names)) < 70
