"""Normal beyond the contract: its centre, and data far from the origin."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from vi_lab import MultivariateNormal, Normal, kl


def test_statistics_are_taken_about_the_centre():
    t = Normal(centre=10.0).stats(np.array([7.0, 12.0]))
    assert_allclose(t.value, [-3.0, 2.0])
    assert_allclose(t.square, [9.0, 4.0])


@pytest.mark.parametrize("centre", [0.0, -4.0, 1e3])
def test_the_centre_changes_no_density(centre):
    family = Normal(centre)
    adopted = family.adopt(Normal.of(mean=[1.0, 2.0], sd=0.5))
    assert adopted.family is family
    z = np.linspace(-1, 4, 7)[:, None]
    assert_allclose(adopted.log_density(z), stats.norm.logpdf(z, [1, 2], 0.5), rtol=1e-9)
    assert_allclose(adopted.mean, [1.0, 2.0], rtol=1e-9)
    assert_allclose(adopted.sd, [0.5, 0.5])


@pytest.mark.parametrize("far", [1e6, 1e8, -1e12])
def test_far_from_the_origin_no_digit_is_lost(far):
    q, p = Normal.of(mean=far, sd=2.0), Normal.of(mean=far + 1, sd=3.0)
    z = np.array([-3.0, 0.0, 5.0])
    assert_allclose(q.log_density(far + z), stats.norm.logpdf(z, scale=2), rtol=1e-12)
    near = kl(Normal.of(mean=0, sd=2.0), Normal.of(mean=1, sd=3.0))
    assert_allclose(kl(q, p), near, rtol=1e-12)
    assert q.mean == far
    draws = q.sample(1000, rng=0) - far
    assert_allclose(draws, Normal.of(mean=0, sd=2).sample(1000, rng=0), atol=abs(far) * 1e-15)


@pytest.mark.parametrize(
    "mean, sd",
    [
        ([0, 100.0], [1e-6, 1.0]),
        ([0, 1e6], [1e-3, 1.0]),
        ([-1e8, 1e8], [1.0, 1.0]),
        ([-3e5, 0.0, 7e8], [1e-3, 2.0, 0.5]),
    ],
)
def test_means_far_apart_in_one_batch_keep_the_digits_of_their_density(mean, sd):
    mean, sd = np.array(mean), np.array(sd)
    steps = np.array([-2.0, 0.0, 1.5])[:, None] * sd
    z = mean + steps
    rounding = np.abs(mean).max() * 1e-15 / sd.min()
    assert_allclose(
        Normal.of(mean=mean, sd=sd).log_density(z),
        stats.norm.logpdf(z, mean, sd),
        rtol=1e-12,
        atol=10 * rounding,
    )


def test_normals_in_a_vector_are_a_multivariate_normal():
    joint = MultivariateNormal(2).adopt(Normal.of(mean=[1.0, 2.0], sd=[0.5, 3.0]))
    assert_allclose(joint.mean, [1.0, 2.0])
    assert_allclose(joint.parameters["cov"], np.diag([0.25, 9.0]))
