"""Dirichlet beyond the contract: small concentrations, one number for all, damage."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special, stats

from tests.contract.tolerances import assert_averages, assert_law
from vi_lab import Dirichlet
from vi_lab.families import DirichletStats


@pytest.mark.parametrize("concentration", [(0.05, 0.05), (0.05, 0.05, 2.0), (0.3, 0.05, 0.05)])
def test_small_concentrations_keep_their_law_in_logs(concentration):
    """At 0.05 half of the probabilities lie below 1e-6; the law of their logs is the exact one."""
    a = np.array(concentration)
    q = Dirichlet.of(concentration=a)
    log_draws = np.log(q.sample(40_000, rng=1))
    assert np.isfinite(log_draws).all()
    assert_averages(log_draws, special.psi(a) - special.psi(a.sum()), "E log pi")
    for k in range(len(a)):
        law = stats.beta(a[k], a.sum() - a[k])
        smaller = log_draws[:, k] < np.log(0.5)  # above it 1 - pi has lost its digits, not pi
        uniform = law.cdf(np.exp(log_draws[smaller, k])) / law.cdf(0.5)
        assert_law(uniform, "uniform", f"coordinate {k}", len(a))
        expected = law.cdf(0.5)
        assert_averages(smaller, expected, f"P(pi_{k} < 1/2)")


def test_a_concentration_too_small_for_doubles_gives_the_smallest_double():
    draws = Dirichlet.of(concentration=[1e-3, 1e-3, 1e-3]).sample(2000, rng=2)
    assert draws.min() == np.finfo(float).tiny
    assert_allclose(draws.sum(-1), 1.0)
    assert_averages(draws.argmax(-1)[:, None] == np.arange(3), 1 / 3, "which one is largest")


def test_one_number_stands_for_all():
    eta, full = DirichletStats(np.array([0.5])), DirichletStats(np.full(3, 0.5))
    family = Dirichlet(3)
    assert_allclose(family.log_partition(eta), family.log_partition(full))
    assert_allclose(family.expected_stats(eta).log, family.expected_stats(full).log)
    draws = (family.sample(np.random.default_rng(0), e, (4,)) for e in (eta, full))
    assert_allclose(*draws)


def test_a_single_probability_is_one():
    q = Dirichlet.of(concentration=[0.7])
    assert_allclose(q.sample(3, rng=0), 1.0)
    assert q.log_density([1.0]) == pytest.approx(0.0)
    assert q.entropy == pytest.approx(0.0)
    assert q.family.to_real(np.ones((5, 1))).shape == (5, 0)
    assert_allclose(q.family.from_real(np.empty((5, 0)))[0], np.ones((5, 1)))


def test_real_coordinates_far_out_neither_overflow_nor_vanish():
    z, t, log_jacobian = Dirichlet(3).from_real(np.array([[800.0, -900.0]]))
    assert_allclose(t.log, [[0.0, -1700.0, -800.0]])
    assert_allclose(log_jacobian, [-2500.0])
    assert np.isfinite(z).all()
