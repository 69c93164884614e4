"""What linear response needs of one block: covariances of statistics, in closed form."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import polygamma

from vi_lab import Block, Categorical, Dirichlet, Distribution, Gamma, Normal
from vi_lab.inference.engine.response_blocks import BlockAtOptimum


def at(family, q, plates=()):
    return BlockAtOptimum(Block(family, lambda t: None, plates=plates), q)


def test_of_gammas_in_a_plate():
    """t = (log z, z): var log z = psi'(a), cov(log z, z) = 1/b, var z = a/b**2."""
    a, b = np.array([0.7, 3.0, 40.0]), np.array([2.0, 0.5, 9.0])
    block = at(Gamma(), Gamma.of(a, b), (3,))
    V = np.stack([polygamma(1, a), 1 / b, 1 / b, a / b**2], axis=-1).reshape(3, 2, 2)
    assert_allclose(block.V, V, rtol=1e-7)
    assert_allclose(block.G, V[:, 1:], rtol=1e-7)
    assert_allclose(block.own, (a / b**2).reshape(3, 1, 1))
    assert block.coordinates == 3
    assert_allclose(block.means[:, 1], a / b)


def test_of_a_normal():
    """t = (z, z**2): var z**2 = 4 m**2 v + 2 v**2, cov(z, z**2) = 2 m v, m from its centre."""
    v = 0.4
    for m, centre in ((1.3, 0.0), (0.0, 1.3)):
        family = Normal(centre)
        block = at(family, Distribution(family, family.natural(mean=1.3, sd=np.sqrt(v))))
        expected = np.array([[v, 2 * m * v], [2 * m * v, 4 * m * m * v + 2 * v * v]])
        assert_allclose(block.V[0], expected, rtol=1e-7, atol=1e-12)
        assert_allclose(block.G[0], expected[:1], rtol=1e-7, atol=1e-12)
        assert block.coordinates == 1


def test_of_labels_and_of_numbers_from_a_table():
    """A name has its indicator, whose G is V; a whole number from 5 on is a value of its own."""
    p = np.array([0.2, 0.5, 0.3])
    V = np.diag(p) - np.outer(p, p)
    named, counted = (at(family, q) for family, q in (
        (Categorical(3), Categorical.of(p)), (Categorical(3, first=5), Categorical.of(p, first=5)),
    ))  # fmt: skip
    for block in (named, counted):
        assert_allclose(block.V[0], V, atol=1e-12)
    assert_allclose(named.G[0], V, atol=1e-12)
    assert_allclose(named.own[0], V, atol=1e-12)
    numbers = np.array([5.0, 6.0, 7.0])
    assert_allclose(counted.G[0, 0], V @ numbers, atol=1e-12)
    variance = p @ numbers**2 - (p @ numbers) ** 2
    assert_allclose(np.ravel(counted.own), [variance], atol=1e-12)
    assert (named.coordinates, counted.coordinates) == (3, 1)


@pytest.mark.parametrize("says", [True, False])
def test_of_a_dirichlet_that_says_its_covariance_or_does_not(says, monkeypatch):
    """V = diag psi'(a) - psi'(sum a); dE[pi]/da = (1 - pi 1')/sum a; own by G V^-1 G' off the
    diagonal where the family is silent."""
    a = np.array([0.8, 2.0, 3.5])
    total, mean = a.sum(), a / a.sum()
    V = np.diag(polygamma(1, a)) - polygamma(1, total)
    G = (np.eye(3) - mean[:, None]) / total
    own = (np.diag(mean) - np.outer(mean, mean)) / (total + 1)
    if not says:
        monkeypatch.setattr(Dirichlet, "covariance", lambda self, eta: None)
        variance, own = np.diag(own), G @ np.linalg.inv(V) @ G.T
        own[np.arange(3), np.arange(3)] = variance
    block = at(Dirichlet(3), Dirichlet.of(a))
    assert_allclose(block.V[0], V, rtol=1e-6)
    assert_allclose(block.G[0], G, rtol=1e-6)
    assert_allclose(block.own[0], own, rtol=1e-5)
