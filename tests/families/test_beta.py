"""Beta beyond the contract: its mirror image, extreme shapes, draws at the very ends."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from vi_lab import Beta


def test_one_minus_z_swaps_the_shapes():
    """The contract's nodes cannot reach z near 1 where b is small; its mirror image can."""
    one, two = Beta.of(a=0.05, b=2.5), Beta.of(a=2.5, b=0.05)
    assert_allclose(one.entropy, two.entropy, rtol=1e-12)
    assert_allclose([one.mean, one.sd], [1 - two.mean, two.sd], rtol=1e-12)
    assert_allclose(one.expected_stats, two.expected_stats[::-1], rtol=1e-12)
    z = np.array([0.001, 0.25, 0.75])
    assert_allclose(one.log_density(z), two.log_density(1 - z), rtol=1e-12)


@pytest.mark.parametrize(("a", "b"), [(1e-3, 2.0), (0.1, 0.1), (1.0, 1.0), (1e4, 3.0), (1e7, 2e7)])
def test_extreme_shapes_keep_the_digits_that_there_are(a, b):
    q, oracle = Beta.of(a=a, b=b), stats.beta(a, b)
    assert_allclose(q.entropy, oracle.entropy(), rtol=1e-9, atol=1e-13 * (a + b))
    assert_allclose([q.mean, q.sd], [oracle.mean(), oracle.std()], rtol=1e-12)
    z = oracle.ppf([0.3, 0.9])
    z = z[(z > 0) & (z < 1)]
    assert_allclose(q.log_density(z), oracle.logpdf(z), rtol=1e-9, atol=1e-12 * (a + b))


def test_statistics_come_from_the_real_coordinate_itself():
    z, t, log_jacobian = Beta().from_real(np.array([800.0]))
    assert z == 1.0  # rounding, and yet the log of the rest is known
    assert t.log_rest == log_jacobian == -800.0


def test_no_draw_is_0_or_1():
    draws = Beta.of(a=1e-3, b=1e-3).sample(2000, rng=0)
    assert ((draws > 0) & (draws < 1)).all()
    assert 0.4 < (draws > 0.5).mean() < 0.6
    assert np.isfinite(Beta().stats(draws)).all()
