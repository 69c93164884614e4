"""The truth's own arithmetic: every density by scipy.stats, every KL as an integral under q."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, linalg, special, stats

from tests.contract.tolerances import assert_averages
from vi_lab.numerics import densities

RNG = np.random.default_rng(3)
COV = np.array([[2.0, 0.6], [0.6, 0.5]])
OTHER = np.array([[1.0, -0.3], [-0.3, 1.5]])


def test_normal():
    z = RNG.normal(size=(5, 3))
    mean, variance = np.array([0.1, -2.0, 3.0]), np.array([0.3, 1.0, 4.0])
    expected = stats.norm.logpdf(z, mean, np.sqrt(variance))
    assert_allclose(densities.log_normal(z, mean, variance), expected, rtol=1e-13)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_student(size):
    z = np.random.default_rng(size).normal(size=(4, size)) * 3
    for degrees in (0.7, 3.0, 40.0):
        expected = stats.multivariate_t(np.zeros(size), df=degrees).logpdf(z)
        found = densities.log_student((z**2).sum(-1), degrees, size)
        assert_allclose(found, expected, rtol=1e-12)


def test_gamma():
    z, shape, rate = np.array([0.2, 1.0, 7.0]), np.array([0.4, 1.0, 5.0]), np.array([2.0, 1.0, 0.3])
    expected = stats.gamma.logpdf(z, shape, scale=1 / rate)
    assert_allclose(densities.log_gamma(z, shape, rate), expected, rtol=1e-12)
    outside = densities.log_gamma(np.array([0.0, -1.0, np.inf, np.nan]), 2.0, 1.0)
    assert (outside == -np.inf).all()


@pytest.mark.parametrize("a", [(0.5, 3.0), (1.0, 1.0, 1.0), (0.2, 4.0, 1.5)])
def test_dirichlet(a):
    a = np.array(a)
    z = RNG.dirichlet(a, size=20)
    z = np.maximum(z, 1e-200)
    assert_allclose(densities.log_dirichlet(z, a), stats.dirichlet.logpdf(z.T, a), rtol=1e-10)
    expected = special.gammaln(a).sum() - special.gammaln(a.sum())
    assert_allclose(densities.log_beta_function(a), expected, atol=1e-14)
    edge = np.eye(len(a))[0]
    for outside in (edge, 2 * np.ones(len(a)) / len(a), np.full(len(a), np.nan)):
        assert densities.log_dirichlet(outside, a) == -np.inf


def test_multivariate_normal():
    z, mean = RNG.normal(size=(4, 3, 2)), RNG.normal(size=2)
    expected = stats.multivariate_normal.logpdf(z, mean, COV)
    assert_allclose(densities.log_multivariate_normal(z, mean, COV), expected, rtol=1e-12)
    each = densities.log_multivariate_normal(z[0, :2], mean, np.stack([COV, OTHER]))
    expected = [
        stats.multivariate_normal.logpdf(z[0, k], mean, c) for k, c in enumerate((COV, OTHER))
    ]
    assert_allclose(each, expected, rtol=1e-12)
    assert densities.log_multivariate_normal(np.array([np.inf, 0.0]), mean, COV) == -np.inf


@pytest.mark.parametrize("size", [1, 2, 3])
def test_wishart(size):
    root = RNG.normal(size=(size, size))
    w_inv, nu = root @ root.T + np.eye(size), size + 1.7
    law = stats.wishart(nu, linalg.inv(w_inv))
    draws = law.rvs(8, random_state=RNG).reshape(8, size, size)
    expected = [law.logpdf(x if size > 1 else x[0, 0]) for x in draws]
    assert_allclose(densities.log_wishart(draws, w_inv, nu), np.ravel(expected), rtol=1e-11)


def test_wishart_outside_its_support():
    bad = np.stack([-np.eye(2), 0 * np.eye(2), [[1, 0.5], [0.1, 1]], [[1, 2], [2, 1]],
                    np.full((2, 2), np.nan), np.full((2, 2), np.inf)])  # fmt: skip
    assert not densities.is_precision(bad).any()
    assert (densities.log_wishart(bad, COV, 3.0) == -np.inf).all()
    assert densities.is_precision(COV)


def integral(density, log_ratio, low, high):
    value, error = integrate.quad(
        lambda z: density(z) * log_ratio(z), low, high, epsabs=1e-12, limit=500
    )
    assert error < 1e-7
    return value


def test_kl_normal():
    q, p = stats.norm(0.3, 0.7), stats.norm(-1.0, 2.0)
    expected = integral(q.pdf, lambda z: q.logpdf(z) - p.logpdf(z), -10, 10)
    assert_allclose(densities.kl_normal(0.3, 0.49, -1.0, 4.0), expected, rtol=1e-9)
    assert densities.kl_normal(1.0, 2.0, 1.0, 2.0) == 0


def test_kl_gamma():
    q, p = stats.gamma(2.5, scale=1 / 0.7), stats.gamma(1.2, scale=1 / 3.0)
    expected = integral(q.pdf, lambda z: q.logpdf(z) - p.logpdf(z), 1e-12, 80)
    assert_allclose(sum(densities.kl_gamma_terms(2.5, 0.7, 1.2, 3.0)), expected, rtol=1e-8)
    assert_allclose(sum(densities.kl_gamma_terms(2.5, 0.7, 2.5, 0.7)), 0, atol=1e-14)


def test_kl_dirichlet_of_two_is_that_of_betas():
    q, p = stats.beta(2.5, 1.7), stats.beta(0.8, 3.0)
    expected = integral(q.pdf, lambda z: q.logpdf(z) - p.logpdf(z), 0, 1)
    found = densities.kl_dirichlet(np.array([2.5, 1.7]), np.array([0.8, 3.0]))
    assert_allclose(found, expected, rtol=1e-8)


def test_kl_dirichlet_of_three():
    """Breaking the stick splits it into betas: pi_1, and the share pi_2 / (1 - pi_1)."""
    a, b = np.array([0.7, 2.0, 3.5]), np.array([1.5, 0.6, 1.1])
    first = densities.kl_dirichlet(np.array([a[0], a[1:].sum()]), np.array([b[0], b[1:].sum()]))
    second = densities.kl_dirichlet(a[1:], b[1:])
    assert_allclose(densities.kl_dirichlet(a, b), first + second, rtol=1e-12)
    draws = stats.dirichlet.rvs(a, 40_000, random_state=1)
    ratio = stats.dirichlet.logpdf(draws.T, a) - stats.dirichlet.logpdf(draws.T, b)
    assert_averages(ratio, densities.kl_dirichlet(a, b), "KL of Dirichlets")


def kl_of_normals(m, cov, m0, cov0):
    """KL[N(m, cov) || N(m0, cov0)] as posteriors put it together."""
    root = linalg.inv(linalg.cholesky(cov0, lower=True))
    white = (m - m0) @ root.T
    return 0.5 * (densities.kl_whitened(root, cov) + (white**2).sum(-1))


def test_kl_of_normals():
    m, m0 = np.array([0.4, -1.0]), np.array([1.0, 0.2])
    q, p = stats.multivariate_normal(m, COV), stats.multivariate_normal(m0, OTHER)
    draws = q.rvs(40_000, random_state=2)
    found = kl_of_normals(m, COV, m0, OTHER)
    assert_averages(q.logpdf(draws) - p.logpdf(draws), found, "KL of normals")
    diagonal = kl_of_normals(m, np.diag([2.0, 0.5]), m0, np.diag([1.0, 1.5]))
    each = densities.kl_normal(m, np.array([2.0, 0.5]), m0, np.array([1.0, 1.5]))
    assert_allclose(diagonal, each.sum(), rtol=1e-13)
    for apart in (1e-3, 1e-6):  # nearly alike they keep their digits
        near = kl_of_normals(m, (1.0 + apart) * OTHER, m, OTHER)
        assert_allclose(near, apart - np.log1p(apart), rtol=1e-6)


def test_kl_wishart_in_one_dimension_is_that_of_gammas():
    found = densities.kl_wishart(np.array([[1.4]]), np.array(3.0), np.array([[0.6]]), np.array(5.0))
    assert_allclose(found, sum(densities.kl_gamma_terms(1.5, 0.7, 2.5, 0.3)), rtol=1e-12)


def test_kl_wishart_in_two_dimensions():
    q, p = stats.wishart(4.5, linalg.inv(COV)), stats.wishart(3.2, linalg.inv(OTHER))
    draws = np.moveaxis(q.rvs(2000, random_state=3), 0, -1)
    found = densities.kl_wishart(COV, np.array(4.5), OTHER, np.array(3.2))
    assert_averages(q.logpdf(draws) - p.logpdf(draws), found, "KL of Wisharts")


def test_kl_normal_wishart():
    """By draws of scipy's Wishart and normal; the means' part given Lambda has a closed form."""
    q = dict(mean=np.array([0.4, -1.0]), beta=np.array(2.0), w_inv=COV, nu=np.array(4.5))
    p = dict(mean=np.array([1.0, 0.2]), beta=np.array(0.5), w_inv=OTHER, nu=np.array(3.2))
    rng, terms = np.random.default_rng(4), []
    laws = [stats.wishart(float(t["nu"]), linalg.inv(t["w_inv"])) for t in (q, p)]
    for precision in laws[0].rvs(400, random_state=rng):
        normals = [(t["mean"], linalg.inv(t["beta"] * precision)) for t in (q, p)]
        mu = stats.multivariate_normal.rvs(*normals[0], random_state=rng)
        ratio = laws[0].logpdf(precision) - laws[1].logpdf(precision)
        log_q, log_p = (stats.multivariate_normal.logpdf(mu, *normal) for normal in normals)
        terms.append(ratio + log_q - log_p)
    assert_averages(np.array(terms), densities.kl_normal_wishart(q, p), "KL of normal-Wisharts")
    assert_allclose(densities.kl_normal_wishart(q, q), 0, atol=1e-13)


def test_everything_broadcasts_over_leading_axes():
    m, a = RNG.normal(size=(4, 3, 2)), np.exp(RNG.normal(size=(4, 3, 2)))
    w_inv, nu = np.broadcast_to(COV, (4, 3, 2, 2)), np.full((4, 3), 4.0)
    q = dict(mean=m, beta=nu, w_inv=w_inv, nu=nu)
    p = dict(mean=np.zeros(2), beta=np.array(1.0), w_inv=OTHER, nu=np.array(3.0))
    for found in (
        densities.kl_normal(m[..., 0], a[..., 0], 0.0, 1.0), densities.kl_dirichlet(a, a[0, 0]),
        kl_of_normals(m, w_inv, m[0, 0], OTHER), densities.kl_normal_wishart(q, p),
        densities.kl_wishart(w_inv, nu, OTHER, np.array(3.0)),
        densities.log_multivariate_normal(m, m[0, 0], COV), densities.log_wishart(w_inv, COV, nu),
    ):  # fmt: skip
        assert found.shape == (4, 3)
