"""log p(z) of every model: with the likelihood of its story by scipy.stats, the log joint."""

import numpy as np
import pytest
from scipy import stats

from tests.tables import table
from vi_lab import BayesNet, HierarchicalNormal, NotApplicable, problem
from vi_lab.inference.engine.block_target import find_collapsed_blocks
from vi_lab.marginal_likelihood.prior import log_prior_collapsed
from vi_lab.model import statistics
from vi_lab.models.priors import InverseGamma

SEEN = {
    "newcomb": lambda m, z: stats.norm.logpdf(m.x, z["mu"], z["tau"] ** -0.5),
    "newcomb-independent": lambda m, z: stats.norm.logpdf(m.x, z["mu"], z["tau"] ** -0.5),
    "coal": lambda m, z: stats.poisson.logpmf(
        m.counts, np.where(np.arange(m.n) < z["s"], *z["rates"])
    ),
    "coin": lambda m, z: stats.bernoulli.logpmf(m.x, z["theta"]),
    "cars": lambda m, z: stats.norm.logpdf(
        m.y, m.X @ m.latents(z)["beta"], z["tau"] ** -0.5
    ),
    "trees": lambda m, z: stats.norm.logpdf(m.y, m.X @ m.latents(z)["beta"], z["tau"] ** -0.5),
    "polynomial": lambda m, z: stats.norm.logpdf(m.y, m.X @ z["w"], m.noise_precision**-0.5),
    "clutter": lambda m, z: stats.norm.logpdf(
        m.x, np.where(z["z"], 0.0, z["theta"]), np.where(z["z"], np.sqrt(10.0), 1.0)
    ),
    "tiny-mixture": lambda m, z: stats.norm.logpdf(m.x, z["mu"][z["z"]], m.sigma),
    "old-faithful": lambda m, z: [
        stats.multivariate_normal.logpdf(x, z["components"].mean[k], np.linalg.inv(precision))
        for x, k in zip(m.x, z["z"], strict=True)
        for precision in [z["components"].precision[k]]
    ],
    "eight-schools": lambda m, z: stats.norm.logpdf(m.y, z["theta"], m.sigma),
    "challenger": lambda m, z: stats.binom.logpmf(
        m.successes, m.trials.astype(int), 1 / (1 + np.exp(-m.X @ z["beta"]))
    ),
    "nile": lambda m, z: stats.norm.logpdf(m.y, m.latents(z)["x"], np.sqrt(m.r)),
    "iris": lambda m, z: stats.norm.logpdf(
        m.x, m.latents(z)["z"] @ m.W.T + m.mu, np.sqrt(m.psi)
    ),
}  # fmt: skip


def one(value):
    return type(value)(*(part[0] for part in value)) if isinstance(value, tuple) else value[0]


@table("name", SEEN)
def test_the_prior_and_the_likelihood_are_the_log_joint(name):
    model, rng = problem(name).model, np.random.default_rng(1)
    values = model.sample_latents(rng, (1,))
    t = statistics(model, values)
    likelihood = np.sum(SEEN[name](model, {n: one(z) for n, z in values.items()}))
    if name == "challenger" and not model.binomial_coefficients:
        likelihood = likelihood - np.sum(
            stats.binom.logpmf(model.successes, model.trials, 0.5) + model.trials * np.log(2.0)
        )
    found = np.ravel(model.log_prior(t) + likelihood)
    np.testing.assert_allclose(found, np.ravel(model.log_joint(t)), rtol=1e-10)


def test_of_a_prior_on_the_variance_itself():
    model = HierarchicalNormal([1.0, 2.0, 4.0], 1.5, 3.0, InverseGamma(2.0, 3.0))
    values = model.sample_latents(np.random.default_rng(2), (4,))
    theta, mu, tau2 = values["theta"], values["mu"], values["tau2"]
    expected = (
        stats.norm.logpdf(mu, 0.0, 3.0)
        + stats.invgamma.logpdf(tau2, 2.0, scale=3.0)
        + stats.norm.logpdf(theta.T, mu, np.sqrt(tau2)).sum(0)
    )
    np.testing.assert_allclose(model.log_prior(statistics(model, values)), expected, rtol=1e-12)


SUMMED = {
    "clutter": lambda m, z: stats.norm.logpdf(z["theta"], 0.0, np.sqrt(m.prior_var)),
    "tiny-mixture": lambda m, z: stats.norm.logpdf(z["mu"], m.m0, m.s0).sum(-1),
    "coal": lambda m, z: stats.gamma.logpdf(z["rates"], m.a, scale=1 / m.b).sum(-1),
    "challenger": lambda m, z: stats.multivariate_normal.logpdf(
        z["beta"], m.prior_mean, m.prior_cov
    ),
    "eight-schools": lambda m, z: (
        stats.norm.logpdf(z["mu"], 0.0, m.mu_sd)
        + stats.norm.logpdf(z["theta"].T, z["mu"], np.sqrt(z["tau2"])).sum(0)
        + stats.halfcauchy.logpdf(np.sqrt(z["tau2"]), scale=m.tau_prior.scale)
        - np.log(2.0 * np.sqrt(z["tau2"]))  # of tau2, dtau/dtau2
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SUMMED)
def test_the_prior_of_what_is_not_summed_out(name):
    """By the textbook density of these blocks alone."""
    model = problem(name).model
    values = model.sample_latents(np.random.default_rng(3), (5,))
    t = statistics(model, values)
    found = log_prior_collapsed(model, t, find_collapsed_blocks(model), (5,))
    expected = SUMMED[name](model, values)
    if name == "tiny-mixture" and "weights" in values:
        expected = expected + stats.dirichlet.logpdf(values["weights"].T, model.concentration)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_where_there_is_none_it_says_why():
    net = problem("sprinkler").model
    assert isinstance(net, BayesNet)
    with pytest.raises(NotApplicable, match="apart from its log joint"):
        net.log_prior({})
