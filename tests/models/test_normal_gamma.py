"""NormalGamma on the real data, and what its algebra must survive."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from vi_lab import NormalGamma, cavi, exact, ledger
from vi_lab.problems.named import problem

PRIOR = dict(kappa0=0.1, a0=2.0, b0=50.0)


def predictive(x, mu0, kappa0, a0, b0):
    """log p(x) one observation at a time: each is Student's t given those before (Murphy 2007)."""
    total = 0.0
    for value in x:
        scale = np.sqrt(b0 * (kappa0 + 1) / (a0 * kappa0))
        total += stats.t.logpdf(value, 2 * a0, mu0, scale)
        b0 = b0 + kappa0 * (value - mu0) ** 2 / (2 * (kappa0 + 1))
        mu0, kappa0, a0 = (kappa0 * mu0 + value) / (kappa0 + 1), kappa0 + 1, a0 + 0.5
    return total


@pytest.mark.parametrize("name", ["newcomb", "darwin"])
def test_the_evidence_of_the_real_data_one_observation_at_a_time(name):
    model = problem(name).model
    prior = {key: getattr(model, key) for key in ("mu0", "kappa0", "a0", "b0")}
    assert_allclose(exact(model).log_evidence, predictive(model.x, **prior), rtol=1e-12)


def test_a_heavy_tail_has_no_sd():
    weak = NormalGamma([0.0], mu0=0.0, kappa0=1.0, a0=0.25, b0=1.0)
    assert exact(weak).sd("mu") == np.inf
    assert exact(weak).mean("mu") == 0.0


def test_equal_observations_and_a_single_one():
    for x in ([3.0] * 5, [3.0]):
        model = NormalGamma(x, mu0=3.0, kappa0=1.0, a0=2.0, b0=1.0)
        assert_allclose(exact(model).log_evidence, predictive(x, 3.0, 1.0, 2.0, 1.0), rtol=1e-12)
        assert ledger(model, cavi(model, rng=0)).holds


def test_the_data_are_copied():
    x = np.array([1.0, 2.0])
    model = NormalGamma(x, mu0=0, **PRIOR)
    x[0] = 99.0
    assert model.x[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        model.x[0] = 5.0
