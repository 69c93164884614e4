"""Gaussians with correlations, one a datum: gradients, KL to the prior, ELBO, KL to the posterior.

Oracles: central differences, the textbook KL from the whole covariance, scipy's log densities on a
grid.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.tables import table
from tests.thinning import mostly_slow
from tests.vae.derivatives import check_gradient
from tests.vae.test_evidence import KINDS, TANH, make_up, name_of, oracle_log_joint
from vi_lab import VAE
from vi_lab.numerics.rounding import Estimate
from vi_lab.vae.evidence import gaussian_rows, normaliser, per_datum_ledger
from vi_lab.vae.evidence.expectations import expected_elbo, kl_to_posterior, trapezoid
from vi_lab.vae.evidence.gaps import climb, elbo_at
from vi_lab.vae.evidence.normaliser import normalise
from vi_lab.vae.evidence.rows import Rows


def random_q(n, d, seed=0, full=True):
    rng = np.random.default_rng(seed)
    q = rng.standard_normal((n, 2 * d + full * d * (d - 1) // 2))
    q[:, d : 2 * d] -= 1.0
    return q


@pytest.mark.parametrize("d", [1, 2, 3])
def test_rows_and_roots_are_two_writings_of_one_q(d):
    q = random_q(4, d)
    root = gaussian_rows.root(q, d)
    assert (np.triu(root, 1) == 0).all() and (np.diagonal(root, axis1=1, axis2=2) > 0).all()
    assert_allclose(gaussian_rows.pack(q[:, :d], root), q, rtol=1e-13)
    plain = random_q(4, d, full=False)
    assert_allclose(
        gaussian_rows.root(plain, d), np.exp(0.5 * plain[:, d:])[:, :, None] * np.eye(d)
    )
    assert_allclose(
        gaussian_rows.root(gaussian_rows.to_full_rank(plain, d), d), gaussian_rows.root(plain, d)
    )


def test_correlated_noise_has_the_covariance_of_the_root():
    q, eps = random_q(3, 3), np.random.default_rng(1).standard_normal((7, 1, 3))
    mean, logvar, lower = gaussian_rows.split(q, 3)
    z = mean + np.exp(0.5 * logvar) * gaussian_rows.correlate(eps, lower)
    expected = mean + np.einsum("nij,snj->sni", gaussian_rows.root(q, 3), np.repeat(eps, 3, axis=1))
    assert_allclose(z, expected, rtol=1e-12)


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("full", [True, False])
def test_the_kl_to_the_prior_is_the_textbook_one(d, full):
    q = random_q(5, d, full=full)
    value, _ = gaussian_rows.kl_standard_normal(*gaussian_rows.split(q, d))
    for row, root, found in zip(q, gaussian_rows.root(q, d), value, strict=True):
        cov = root @ root.T
        expected = 0.5 * (np.trace(cov) + row[:d] @ row[:d] - d - np.linalg.slogdet(cov)[1])
        assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("d", [1, 2, 3])
@table("kind", KINDS, ids=lambda k: f"{k['likelihood']}-{k['activation']}")
@pytest.mark.parametrize("full", [True, False])
def test_the_gradient_of_the_elbo_of_a_q(d, kind, full):
    rng = np.random.default_rng(4)
    fit, x = make_up(d, scale=1.0, **kind)
    rows, q = Rows(fit.vae.network, fit.params, x), random_q(len(x), d, full=full)
    eps = rng.standard_normal((6, 1, d))
    weights = rng.dirichlet(np.ones(6))

    def total(q):
        return elbo_at(rows, q, eps, weights)[0].sum()

    _, gradient = elbo_at(rows, q, eps, weights)
    check_gradient(total, [gradient], [q], rng)


@pytest.mark.parametrize("kind", mostly_slow(KINDS, TANH), ids=name_of)
def test_elbo_and_kl_of_a_full_rank_q_are_integrals(kind):
    """Both on a grid over q, by scipy; and they add up to log p(x)."""
    fit, x = make_up(2, seed=1, **kind)
    rows, q = Rows(fit.vae.network, fit.params, x), random_q(len(x), 2)
    q[:, 4] = np.linspace(-2.0, 2.0, len(x))
    bound = expected_elbo(rows, q)
    truth = per_datum_ledger.integrate_above(rows, expected_elbo(rows, rows.encoded))
    kl = kl_to_posterior(rows, q, normalise(rows, truth))
    assert (np.abs(truth.value - bound.value - kl.value) <= 1e-8).all()
    u = np.stack(np.meshgrid(*(np.linspace(-8, 8, 161),) * 2, indexing="ij"), -1).reshape(-1, 2)
    weights = stats.norm.pdf(u).prod(-1) * 0.1**2
    for i, root in enumerate(gaussian_rows.root(q, 2)[:2]):
        z = q[i, :2] + u @ root.T
        log_q = stats.multivariate_normal(q[i, :2], root @ root.T).logpdf(z)
        elbo = weights @ (oracle_log_joint(fit, x[i], z) - log_q)
        assert_allclose(bound.value[i], elbo, atol=1e-8)


def test_full_rank_never_falls_below_mean_field_and_no_other_start_beats_it():
    fit, x = make_up(2, likelihood="bernoulli", activation="tanh", scale=1.5)
    rows = Rows(fit.vae.network, fit.params, x)
    eps, weights = trapezoid(16, 2)
    plain, evaluations = climb(rows, np.zeros((len(x), 4)), eps[:, None], weights)
    assert evaluations % len(eps) == 0 and evaluations >= 2 * len(x) * len(eps)
    full = climb(rows, gaussian_rows.to_full_rank(plain, 2), eps[:, None], weights).q
    gain = expected_elbo(rows, full).value - expected_elbo(rows, plain).value
    assert (gain > -1e-9).all() and gain.max() > 1e-3
    assert np.abs(elbo_at(rows, full, eps[:, None], weights)[1]).max() < 1e-5
    rng = np.random.default_rng(5)
    best = elbo_at(rows, plain, eps[:, None], weights)[0]
    for _ in range(5):
        start = np.concatenate(fit.encode(x), axis=1) + rng.standard_normal(plain.shape)
        other = climb(rows, start, eps[:, None], weights).q
        assert (elbo_at(rows, other, eps[:, None], weights)[0] <= best + 1e-8).all()


@pytest.mark.parametrize("d", mostly_slow([1, 2]))
def test_one_grid_for_all_and_a_grid_for_each_agree(d, monkeypatch):
    fit, _ = make_up(d, likelihood="bernoulli", activation="tanh")
    rows = Rows(fit.vae.network, fit.params, fit.generate(60, rng=1))  # so many share a grid
    truth = per_datum_ledger.integrate_above(rows, expected_elbo(rows, rows.encoded))
    found = []
    for shared in (1e9, 1e-9):
        monkeypatch.setattr(normaliser, "SHARED", shared)
        found.append(normalise(rows, truth))
    assert_allclose(found[0].value, found[1].value, rtol=0, atol=1e-9)
    assert (found[0].value != found[1].value).any()
    assert_allclose(found[0].value, truth.value, rtol=0, atol=1e-9)


@pytest.mark.parametrize("sds", [0.5, 7.9])
@pytest.mark.parametrize("slope", [1.0, 1e3, 1e6])
def test_a_unit_that_turns_far_out_in_q(sds, slope):
    """relu(slope (u - k)) under u ~ N(0, 1): its mean is slope (phi(k) - k Q(k)), its mean square
    slope**2 ((1 + k**2) Q(k) - k phi(k))."""
    vae = VAE(1, 1, (1,), "gaussian", "relu", dtype="float64", log_sd=0.0)
    params = {name: np.zeros_like(value) for name, value in vae.init(rng=0).items()}
    q = np.array([[0.3, -1.0]])  # mean and log variance
    params["decoder.0.weight"][:] = slope / np.exp(-0.5)
    params["decoder.0.bias"][:] = -slope * (sds + 0.3 / np.exp(-0.5))
    params["decoder.out.weight"][:] = 1.0
    data = Rows(vae.network, params, np.array([[0.7]]))
    phi, beyond = stats.norm.pdf(sds), stats.norm.sf(sds)
    mean, square = phi - sds * beyond, (1.0 + sds**2) * beyond - sds * phi
    miss = 0.7**2 - 1.4 * slope * mean + slope**2 * square
    right = -0.5 * (miss + np.log(2.0 * np.pi)) - 0.5 * (np.exp(-1.0) + 0.09 - 1.0 + 1.0)
    bound = expected_elbo(data, q)
    kl = kl_to_posterior(data, q, Estimate(np.zeros(1), np.zeros(1), ""))
    assert abs(bound.value[0] - right) <= bound.error[0] + 1e-12 * abs(right)
    assert abs(kl.value[0] + right) <= kl.error[0] + 1e-12 * abs(right)
