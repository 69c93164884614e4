"""GaussianChain beyond the contract: long chains, strong ties, and what is no chain."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.contract.structured_oracles import chain_covariance
from vi_lab import GaussianChain


def test_a_long_chain_of_strong_ties_keeps_its_moments():
    """A stationary process: the same variance and the same correlation at every step."""
    size, correlation = 5_000, 0.999
    q = GaussianChain.of(
        mean=np.full(size, 1e6), variance=np.full(size, 4.0),
        covariance=np.full(size - 1, 4.0 * correlation),
    )  # fmt: skip
    assert_allclose(q.sd, 2.0, rtol=1e-9)
    assert_allclose(q.mean, 1e6, rtol=1e-12)
    steps = np.diff(q.sample(3, rng=0), axis=-1)
    assert_allclose(steps.var(), 8.0 * (1 - correlation), rtol=0.1)
    assert_allclose(q.entropy, 0.5 * size * np.log(2 * np.pi * np.e * 4)
                    + 0.5 * (size - 1) * np.log(1 - correlation**2))  # fmt: skip


@pytest.mark.parametrize("correlation", [0.0, 0.9, -0.9])
@pytest.mark.parametrize("mean", [[0.0, 1e6], [[0.0, 1.0], [1e6, -1e6]]])
def test_means_far_apart_keep_the_digits_of_their_density(mean, correlation):
    mean, covariance = np.array(mean), 1e-4 * correlation
    q = GaussianChain.of(mean=mean, variance=[1e-4, 1e-4], covariance=[covariance])
    dense = chain_covariance(np.full(2, 1e-4), np.array([covariance]))
    for step in ([0.0, 0.0], [0.01, -0.004]):
        z = mean + step
        expected = [
            stats.multivariate_normal.logpdf(at - about, [0, 0], dense)
            for at, about in zip(z.reshape(-1, 2), mean.reshape(-1, 2), strict=True)
        ]
        assert_allclose(np.ravel(q.log_density(z)), expected, atol=1e-6)


def test_variances_may_be_shared_by_chains_of_other_covariances():
    mean, variance = np.zeros(3), np.array([1.0, 2.0, 1.5])
    covariance = np.array([[0.3, 0.2], [-0.4, 0.5]])
    both = GaussianChain.of(mean, variance, covariance)
    for row, c in enumerate(covariance):
        alone = GaussianChain.of(mean, variance, c)
        for field, want in zip(both.eta, alone.eta, strict=True):
            assert_allclose(np.broadcast_to(field, (2, want.shape[-1]))[row], want, rtol=1e-14)
