"""NormalSemiConjugate beyond the contract: the other order of integration, awkward data."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, special, stats

from vi_lab import NormalSemiConjugate, cavi, exact, ledger, problem

PRIOR = dict(m0=20.0, s0=10.0, a0=2.0, b0=50.0)


def tau_first(x, m0, s0, a0, b0):
    """log p(x), E[mu] and E[tau] with tau integrated out in closed form and mu by scipy."""
    x, n = np.asarray(x), len(x)
    shape = a0 + 0.5 * n

    def rate(mu):
        return b0 + 0.5 * (n * x.var() + n * (x.mean() - mu) ** 2)

    def log_density(mu):
        log_prior = -0.5 * ((mu - m0) / s0) ** 2 - np.log(s0 * np.sqrt(2 * np.pi))
        constant = a0 * np.log(b0) + special.gammaln(shape) - special.gammaln(a0)
        return log_prior + constant - shape * np.log(rate(mu)) - 0.5 * n * np.log(2 * np.pi)

    ends = min(m0, x.mean()), max(m0, x.mean())
    width = min(s0, np.sqrt(rate(x.mean()) / shape / n))
    steps = np.array([0, 3, *np.geomspace(8, 8 + 40 * s0 / width, 12)])
    bends = np.unique([end + sign * width * steps for end in ends for sign in (-1, 1)])
    top = log_density(np.linspace(*ends, 2001)).max()

    def mean_of(weight):
        parts = [
            integrate.quad(
                lambda mu: weight(mu) * np.exp(log_density(mu) - top),
                a, b, epsabs=1e-13 * width, epsrel=1e-12, limit=200,
            )[0]
            for a, b in pairwise(bends)
        ]  # fmt: skip
        return sum(parts)

    mass = mean_of(lambda mu: 1.0)
    mean = mean_of(lambda mu: mu) / mass
    return np.log(mass) + top, mean, mean_of(lambda mu: shape / rate(mu)) / mass


def assert_the_same(model):
    truth = exact(model)
    prior = {key: getattr(model, key) for key in PRIOR}
    log_evidence, mu, tau = tau_first(model.x, **prior)
    assert_allclose(truth.log_evidence, log_evidence, rtol=1e-11, atol=1e-11)
    assert_allclose([truth.mean("mu"), truth.mean("tau")], [mu, tau], rtol=1e-9)
    assert 0 < truth.log_evidence_error < 1e-8 * (1 + abs(log_evidence))
    assert ledger(model, cavi(model, rng=0)).holds


def test_newcomb_with_tau_integrated_out_first():
    item = problem("newcomb-independent")
    assert_the_same(item.model)
    assert exact(item).route == "quadrature over tau"


@pytest.mark.parametrize(
    ("x", "prior"),
    [
        ([3.0], dict(m0=0, s0=1, a0=1, b0=1)),
        ([3.0] * 6, dict(m0=3, s0=2, a0=2, b0=1)),
        ([9.0, 10, 11], dict(m0=0, s0=1.5, a0=2, b0=1)),  # data against the prior: two modes
        ([9.0, 10, 11], dict(m0=0, s0=2.0, a0=0.05, b0=0.01)),
        ([1.0, 2, 4], dict(m0=0, s0=1e4, a0=2, b0=1)),
        (np.random.default_rng(0).normal(5, 2, 3000), dict(m0=0, s0=10, a0=1, b0=1)),
    ],
)
def test_awkward_data_and_priors(x, prior):
    assert_the_same(NormalSemiConjugate(x, **prior))


def test_mean_field_is_close_but_not_exact_where_the_data_are_many():
    item = problem("newcomb-independent")
    q, truth = cavi(item, rng=0), exact(item)
    assert 1e-3 < truth.log_evidence - q.elbo < 0.02
    assert q.sd("mu") < truth.sd("mu")
    assert q.sd("tau") < truth.sd("tau")


def test_under_a_weak_prior_mu_begins_three_sds_about_the_mean_of_the_data():
    """tau is about (a0 + n/2) / (b0 + sum of squares / 2), and the prior of mu is wide."""
    model = NormalSemiConjugate([1.0, 3.0, 5.0, 2.0], 2.75, 50.0, 1e-3, 1e-3)
    squares = ((model.x - model.x.mean()) ** 2).sum()
    precision = 4.0 * 2.001 / (1e-3 + 0.5 * squares) + 50.0**-2
    mu = model.sample_initial_values(np.random.default_rng(0), (40_000,))["mu"]
    assert mu.std() == pytest.approx(3.0 / np.sqrt(precision), rel=0.02)
    assert abs(mu.mean() - model.x.mean()) < 0.1


@pytest.mark.parametrize("prior", [(40.0, 1.5, 30.0, 3.0), (40.0, 6.0, 30.0, 3.0)])
def test_where_data_and_prior_conflict_mu_is_centred_where_the_posterior_is_higher(prior):
    """By the posterior of mu on a grid; tau is integrated out as a gamma."""
    x = np.array([1.0, 2.0, 1.5, 2.5])
    m0, s0, a0, b0 = prior
    mu = np.linspace(0.0, m0 + 1.0, 4001)
    squares = ((x[:, None] - mu) ** 2).sum(0)
    log_p = stats.norm.logpdf(mu, m0, s0) - (a0 + 2.0) * np.log(b0 + 0.5 * squares)
    centre = NormalSemiConjugate(x, *prior).centre
    assert abs(centre - mu[log_p.argmax()]) < 0.1 * m0
