"""The expanded hierarchy: the same prior and evidence as the one it expands, told otherwise."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, special, stats

from tests.contract.tolerances import assert_law
from vi_lab import (
    HalfCauchy,
    HierarchicalNormal,
    HierarchicalNormalExpanded,
    NotApplicable,
    cavi,
    exact,
    gibbs,
    problem,
)
from vi_lab.model import log_joint_collapsed, statistics

Y, SIGMA, MU_SD, SCALE = np.array([2.1, -0.7, 3.4]), np.array([0.8, 1.3, 0.6]), 1.9, 1.4
SMALL = HierarchicalNormalExpanded(Y, SIGMA, MU_SD, HalfCauchy(SCALE))


def half_cauchy(tau):
    return stats.halfcauchy.logpdf(tau, scale=SCALE)


@pytest.mark.parametrize("tau", [0.03, 0.6, 2.5, 40.0])
def test_the_log_joint_at_a_tau_is_half_cauchy_times_the_marginal_of_y(tau):
    """mu and eta collapsed, alpha summed along s2 = tau**2 / alpha**2, |ds2 / dtau| = 2 tau /
    alpha**2; against one normal vector y, whose covariance theta and mu leave, times the prior.
    """
    log_a = np.linspace(-16, 3, 1000)
    total = []
    for alpha in (np.exp(log_a), -np.exp(log_a)):
        values = {"effects": np.zeros((1000, 4)), "alpha": alpha, "s2": tau**2 / alpha**2}
        log_p = log_joint_collapsed(SMALL, statistics(SMALL, values), ("effects",), (1000,))
        total.append(special.logsumexp(log_p + np.log(2 * tau / alpha**2) + log_a))
    cell = np.log(log_a[1] - log_a[0])
    cov = np.diag(SIGMA**2 + tau**2) + MU_SD**2
    expected = stats.multivariate_normal.logpdf(Y, np.zeros(3), cov) + half_cauchy(tau)
    assert_allclose(special.logsumexp(total) + cell, expected, atol=1e-9)


def test_draws_from_the_prior_are_those_of_the_hierarchy():
    values = SMALL.sample_latents(np.random.default_rng(0), (20_000,))
    found = SMALL.original(values)
    tau = np.sqrt(found["tau2"])
    assert_law(tau, stats.halfcauchy(scale=SCALE).cdf, "tau", 6)
    assert_law(found["mu"], stats.norm(0, MU_SD).cdf, "mu", 6)
    standard = (found["theta"] - found["mu"][:, None]) / tau[:, None]
    assert_law(standard.ravel(), stats.norm.cdf, "theta given mu and tau", 6)
    rng = np.random.default_rng(2)
    each = ({n: v[k] for n, v in values.items()} for k in range(500))
    data = [SMALL.sample_data(rng, one) for one in each]
    noise = np.array([d.y for d in data]) - found["theta"][:500]
    for j in range(3):
        assert_law(noise[:, j], stats.norm(0, SIGMA[j]).cdf, f"y[{j}] given theta", 6)
    assert all(d.tau_prior == HalfCauchy(SCALE) and d.mu_sd == MU_SD for d in data)


def test_starts_are_near_the_middle_with_alpha_as_it_is_given_tau():
    """The law of |alpha| given tau by quadrature of the prior, at each draw's own tau."""
    values = SMALL.sample_initial_values(np.random.default_rng(1), (500,))
    tau = np.abs(values["alpha"]) * np.sqrt(values["s2"])
    assert_law(np.log(tau**2 / SCALE**2), stats.norm.cdf, "log tau2", 3)
    a = np.exp(np.linspace(-14, 3, 2001))
    s2 = (tau[:, None] / a) ** 2
    density = stats.norm.pdf(a) * stats.invgamma.pdf(s2, 0.5, scale=SCALE**2 / 2) / a**2
    below = integrate.cumulative_trapezoid(density * a, np.log(a), initial=0.0, axis=-1)
    uniform = [np.interp(abs(v), a, row / row[-1])
               for v, row in zip(values["alpha"], below, strict=True)]  # fmt: skip
    assert_law(uniform, "uniform", "alpha given tau", 3)
    assert 0.4 < (values["alpha"] > 0).mean() < 0.6
    standard = values["effects"][:, 1:] / np.sqrt(values["s2"])[:, None]
    assert_law(standard.ravel(), stats.norm.cdf, "eta given s2", 3)


def test_its_bound_stays_below_the_evidence_of_the_hierarchy():
    schools = problem("eight-schools").model
    model = HierarchicalNormalExpanded(schools.y, schools.sigma, 5, HalfCauchy(5))
    q = cavi(model, rng=0, restarts=4)
    assert q.elbo < exact(schools).log_evidence - 0.1
    with pytest.raises(NotApplicable, match=r"by their product alone.*HierarchicalNormal"):
        exact(model)


def test_summaries_are_the_hierarchy_s_own_of_what_was_kept():
    values = SMALL.sample_latents(np.random.default_rng(5), (7,))
    found = SMALL.summaries(values)
    hierarchy = HierarchicalNormal(Y, SIGMA, MU_SD, HalfCauchy(SCALE))
    expected = hierarchy.summaries(SMALL.original(values))
    assert found.keys() == expected.keys() == {"theta", "mu", "tau"}
    for name, value in expected.items():
        assert_allclose(found[name], value, rtol=1e-15)
    for keep, left in ((["alpha", "s2"], {"tau"}), (["effects"], {"mu"}), (["s2"], set())):
        kept = gibbs(SMALL, rng=0, draws=5, keep=keep)
        assert set(keep) == kept.values.keys()
        assert SMALL.summaries(kept.values).keys() == left
