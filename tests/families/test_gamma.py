"""Gamma beyond the contract: extreme shapes, and statistics that skip exp-then-log."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from vi_lab import Gamma


@pytest.mark.parametrize("shape", [1e-3, 0.1, 1.0, 1e4, 1e8])
def test_extreme_shapes_keep_the_digits_that_there_are(shape):
    q, oracle = Gamma.of(shape=shape, rate=3.0), stats.gamma(shape, scale=1 / 3)
    # terms of size shape * log(shape) cancel in double precision; scipy knows better
    assert_allclose(q.entropy, oracle.entropy(), rtol=1e-9, atol=1e-14 * shape * np.log(2 + shape))
    assert_allclose([q.mean, q.sd], [oracle.mean(), oracle.std()], rtol=1e-12)
    z = oracle.ppf([0.3, 0.9])[oracle.ppf([0.3, 0.9]) > 0]
    assert_allclose(q.log_density(z), oracle.logpdf(z), rtol=1e-9, atol=1e-13 * shape)


def test_statistics_come_from_the_real_coordinate_itself():
    z, t, log_jacobian = Gamma().from_real(np.array([-800.0]))
    assert z == 0.0  # underflow, and yet its log is known
    assert t.log == log_jacobian == -800.0
