"""CorrelatedGaussian: blocks that group, and what mean field loses."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vi_lab import (
    CorrelatedGaussian,
    Factorised,
    MultivariateNormal,
    Normal,
    cavi,
    exact,
    gibbs,
    ledger,
)
from vi_lab.models.posteriors import correlated_gaussian as posterior
from vi_lab.models.posteriors.correlated_gaussian import ROUNDED, _lost_in_roots
from vi_lab.numerics.rounding import EPS
from vi_lab.problems.named import problem


def test_coordinates_in_one_block_lose_nothing():
    cov = [[2.0, 0.6, 0], [0.6, 1.0, 0], [0, 0, 3.0]]
    model = CorrelatedGaussian([1, 2, 3], cov, blocks=[[1, 0], [2]])
    q = cavi(model, rng=0)
    assert_allclose(q.elbo, 0.0, atol=1e-12)
    assert_allclose(q.mean("z0"), [2, 1])
    assert_allclose(q.q["z0"].parameters["cov"], [[1, 0.6], [0.6, 2]])
    assert_allclose(exact(model).mean("z0"), [2, 1])
    assert gibbs(model, rng=0, draws=30).values["z0"].shape == (4, 30, 2)


def test_the_problem_is_the_documented_one():
    model = problem("correlated").model
    assert_allclose(model.mean, [0, 0])
    assert_allclose(model.cov, [[1, 0.9], [0.9, 1]])


def test_starts_are_over_dispersed():
    model = CorrelatedGaussian([5, 0], [[4, 0], [0, 1]])
    starts = model.sample_latents(np.random.default_rng(0), (50_000,))
    assert_allclose(starts["z0"].std(), 6.0, rtol=0.05)
    assert_allclose(starts["z0"].mean(), 5.0, atol=0.2)


def twice_the_kl(Y, w):
    return (Y**2).sum() - 2.0 * np.log(np.linalg.det(Y)) - len(w) + w @ w


def roots(wider):
    """R, B = R^-1, T of q, Q = T^-1 and a distance d."""
    R = np.array([[1.0, 0.0, 0.0], [-0.8, 1.6, 0.0], [0.5, -0.9, 1.3]])
    B = np.linalg.inv(R)
    T = wider * B + 0.05 * np.array([[1.0, 0.0, 0.0], [-1.0, 2.0, 0.0], [0.5, 0.0, 0.5]])
    return R, B, T, np.linalg.inv(T), np.array([0.3, -1.2, 0.7])


@pytest.mark.parametrize("wider", [1.1, 9.0])
def test_what_a_divergence_loses_by_its_slopes(wider):
    """Its slopes in (I + G) R, T (I + H) and w by differences, and sizes of products by loops."""
    R, B, T, Q, d = roots(wider)
    Y, w, three, step = R @ T, R @ d, range(3), 1e-5
    first = 0.0
    for i in three:
        for j in three:
            E = step * np.outer(np.eye(3)[i], np.eye(3)[j])
            by_R, by_T = (
                (twice_the_kl(*up) - twice_the_kl(*down)) / (2.0 * step)
                for up, down in (
                    [((np.eye(3) + s * E) @ Y, (np.eye(3) + s * E) @ w) for s in (1, -1)],
                    [(Y @ (np.eye(3) + s * E), w) for s in (1, -1)],
                )
            )
            first += abs(by_R) * sum(abs(R[i, k] * B[k, j]) for k in three)
            first += abs(by_T) * sum(abs(Q[i, k] * T[k, j]) for k in three)
            first += 2.0 * abs(w[i] * R[i, j] * d[j])
    product = sum(abs(Y[i, j] * R[i, k] * T[k, j]) for i in three for j in three for k in three)
    lost, of_product = _lost_in_roots(R, B, Q, T, d)
    assert_allclose(lost, ROUNDED * EPS * first, rtol=1e-6)
    assert_allclose(of_product, ROUNDED * EPS * 2.0 * product)


def test_what_a_divergence_loses_of_second_order():
    """Where q is the posterior all slopes are 0: left are the squares of G and H, and no G or H
    moves it by more."""
    R = np.array([[1.0, 0.0], [-32.0, 64.0]])  # powers of 2: no product is rounded
    B = np.array([[1.0, 0.0], [0.5, 1 / 64]])
    lost, _ = _lost_in_roots(R, B, R, B, np.zeros(2))
    G, share, rng = np.abs(R) @ np.abs(B), 1e-4, np.random.default_rng(0)
    worst = 0.0
    for _ in range(20):
        one, other = (np.eye(2) + share * G * rng.choice([-1, 1], (2, 2)) for _ in range(2))
        worst = max(worst, twice_the_kl(one @ other, np.zeros(2)) / share**2)
    assert worst < lost / (ROUNDED * EPS) ** 2 < 10.0 * worst


def test_a_divergence_has_the_roundings_of_its_own_sum_too(monkeypatch):
    """Of a log det, a trace and a dimension, where the roots lose nothing."""
    model = CorrelatedGaussian([0, 0], [[2.0, 1.2], [1.2, 1.0]])
    q = Factorised(model, z0=Normal.of(0.1, 3.0), z1=Normal.of(-0.2, 40.0)).q
    honest = exact(model).posterior.kl_from(q)
    monkeypatch.setattr(posterior, "_lost_in_roots", lambda *given: (0.0, 0.0))
    found = exact(model).posterior.kl_from(q)
    assert found.value == honest.value and found.error < honest.error
    assert 2.0 * EPS * found.value < found.error < 1e3 * EPS * found.value


@pytest.mark.parametrize("lead", [(4,), (2, 3)])
def test_each_of_a_batch_loses_what_it_does_alone(lead):
    rng = np.random.default_rng(0)
    model = CorrelatedGaussian([0, 0, 1], np.eye(3) + 0.7, blocks=[[0, 2], [1]])
    truth = exact(model).posterior
    roots = np.tril(rng.uniform(0.2, 2.0, (*lead, 2, 2)))
    means, covs = rng.standard_normal((*lead, 2)), roots @ np.swapaxes(roots, -1, -2)

    def divergence(means, covs):
        pair, one = MultivariateNormal.of(means, covs), (means[..., :1], covs[..., :1, :1])
        return truth.kl_from({"z0": pair, "z1": MultivariateNormal.of(*one)})

    whole = divergence(means, covs)
    for at in np.ndindex(lead):
        alone = divergence(means[at], covs[at])
        assert_allclose((whole.value[at], whole.error[at]), alone[:2], rtol=1e-9)


@pytest.mark.parametrize("short", [1e-6, 1e-10, 1e-13])
def test_a_nearly_singular_gaussian_has_the_kl_of_its_conditional_variances(short):
    """KL = -log(1 - rho**2)/2 for D = 2 (Bishop 2006, eq. 10.15), with 1 - rho**2 exact."""
    rho = 1.0 - short
    square = (1.0 - rho) * (1.0 + rho)
    model = CorrelatedGaussian([0, 0], [[1, rho], [rho, 1]])
    q = Factorised(model, z0=Normal.of(0, np.sqrt(square)), z1=Normal.of(0, np.sqrt(square)))
    account = ledger(model, q)
    assert_allclose(account.kl, -0.5 * np.log(square), rtol=1e-13)
    assert account.errors["kl"] < 1e-11
