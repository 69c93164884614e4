"""MultivariateNormal beyond the contract: centre, adoption, digits, damage."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from vi_lab import MultivariateNormal, kl

COV = np.array([[2.0, 0.6], [0.6, 0.5]])


def test_the_centre_changes_no_density():
    family = MultivariateNormal(2, centre=(30.0, -7.0))
    adopted = family.adopt(MultivariateNormal.of(mean=[29.0, -6.0], cov=COV))
    z = np.array([[30.0, -7.0], [27.0, -5.5]])
    assert_allclose(
        adopted.log_density(z), stats.multivariate_normal.logpdf(z, [29, -6], COV), rtol=1e-11
    )
    assert_allclose(adopted.mean, [29.0, -6.0])


def test_far_from_the_origin_no_digit_is_lost():
    far = np.array([1e8, -1e6])
    q = MultivariateNormal.of(mean=far, cov=COV)
    p = MultivariateNormal.of(mean=far + 1, cov=2 * COV)
    z = np.array([1.0, -0.25])
    expected = stats.multivariate_normal.logpdf(z, [0, 0], COV)
    assert_allclose(q.log_density(far + z), expected, rtol=1e-12)
    near = kl(
        MultivariateNormal.of(mean=[0, 0], cov=COV), MultivariateNormal.of(mean=[1, 1], cov=2 * COV)
    )
    assert_allclose(kl(q, p), near, rtol=1e-12)


@pytest.mark.parametrize("cov", [np.eye(2), COV])
def test_means_far_apart_in_one_batch_keep_the_digits_of_their_density(cov):
    mean = np.array([[0.0, 0.0], [1e8, 1e8]])
    q = MultivariateNormal.of(mean=mean, cov=cov)
    for step in ([0.0, 0.0], [1.0, -0.25], [0.5, 0.5]):
        expected = stats.multivariate_normal.logpdf(step, [0, 0], cov)
        assert_allclose(q.log_density(mean + step), [expected] * 2, atol=1e-6)


def test_one_covariance_shared_by_many_means_is_shown_for_each():
    shared = MultivariateNormal.of(mean=np.zeros((3, 2)), cov=COV)
    assert shared.parameters["cov"].shape == (3, 2, 2)
    assert shared.sd.shape == (3, 2)
    assert shared.sample(5, rng=0).shape == (5, 3, 2)
