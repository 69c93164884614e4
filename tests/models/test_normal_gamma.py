"""NormalGamma on the real data, and what its algebra must survive."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

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


def test_the_marginal_of_mu_is_student_t():
    model = NormalGamma([1.0, 2.0, 6.0], mu0=0.0, kappa0=0.5, a0=2.0, b0=3.0)
    truth = exact(model)
    for mu in (-1.0, 2.0, 5.0):
        density, _ = integrate.quad(
            lambda tau, mu=mu: np.exp(truth.log_density({"mu": mu, "tau": tau})), 0, np.inf
        )
        p = truth.posterior
        location, kappa = p.location.item(), p.root.item() ** 2
        scale = np.sqrt(p.rate / (p.shape * kappa))
        assert_allclose(density, stats.t.pdf(mu, 2 * p.shape, location, scale), rtol=1e-8)
    assert_allclose(truth.sd("mu"), stats.t.std(2 * p.shape, location, scale), rtol=1e-12)


def test_a_heavy_tail_has_no_sd():
    weak = NormalGamma([0.0], mu0=0.0, kappa0=1.0, a0=0.25, b0=1.0)
    assert exact(weak).sd("mu") == np.inf
    assert exact(weak).mean("mu") == 0.0


@pytest.mark.parametrize("far", [1e6, -1e8])
def test_digits_far_from_the_origin(far):
    """Whole numbers, so that the shift itself rounds nothing."""
    x = np.array([28.0, 26, 33, 24, 34, -44, 27, 16, 40, -2])
    near, away = (NormalGamma(x + shift, mu0=20 + shift, **PRIOR) for shift in (0.0, far))
    one, two = exact(near), exact(away)
    assert_allclose(two.log_evidence, one.log_evidence, rtol=1e-12)
    assert_allclose(two.sd("mu"), one.sd("mu"), rtol=1e-12)
    assert_allclose(two.mean("mu") - far, one.mean("mu"), rtol=1e-6)
    z = {"mu": 22.0, "tau": 0.003}
    there = {"mu": 22.0 + far, "tau": 0.003}
    assert_allclose(two.log_density(there), one.log_density(z), rtol=1e-8)
    assert ledger(away, cavi(away, rng=0)).holds


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_a_change_of_unit_changes_the_evidence_by_its_jacobian(unit):
    x = np.array([28.0, 26, 33, 24, 34])
    one = exact(NormalGamma(x, mu0=20, **PRIOR))
    two = exact(NormalGamma(x * unit, mu0=20 * unit, kappa0=0.1, a0=2.0, b0=50.0 * unit**2))
    assert_allclose(two.log_evidence, one.log_evidence - 5 * np.log(unit), rtol=1e-12)
    assert_allclose(two.mean("tau") * unit**2, one.mean("tau"), rtol=1e-10)


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
