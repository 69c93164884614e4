"""The normal above 0 far in its tail, against scipy's."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.contract.tolerances import assert_law
from vi_lab import TruncatedNormal

VARIANCE = 2.25


def oracle(mean):
    sd = VARIANCE**0.5
    return stats.truncnorm(-mean / sd, np.inf, loc=mean, scale=sd)


@pytest.mark.parametrize("mean", [-60.0, -13.0, -4.6, 0.0, 3.0])
def test_draws_have_the_law(mean):
    """From 8 sds below 0 on they come from a tail's own rejection."""
    d = TruncatedNormal.of(mean=mean, variance=VARIANCE)
    z = d.sample(20_000, rng=0)
    assert_law(z, oracle(mean).cdf, f"mean {mean}", 5)


def test_draws_of_a_plate_come_each_from_its_own_tail():
    means = np.array([-60.0, 1.0, -13.0])
    z = TruncatedNormal.of(mean=means, variance=VARIANCE).sample(20_000, rng=1)
    for j, mean in enumerate(means):
        assert_law(z[:, j], oracle(mean).cdf, f"mean {mean}", 3)


@pytest.mark.parametrize("mean", [-60.0, -13.0, -4.6, 0.0, 3.0])
def test_quantiles_have_their_probabilities(mean):
    p = np.array([1e-3, 0.055, 0.5, 0.945, 1 - 1e-6])
    d = TruncatedNormal.of(mean=mean, variance=VARIANCE)
    found = np.array([d.family.quantile(d.eta, one) for one in p])
    assert_allclose(oracle(mean).sf(found) if mean < 0 else 1 - oracle(mean).cdf(found), 1 - p,
                    rtol=1e-6)  # fmt: skip
