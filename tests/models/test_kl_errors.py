"""A KL from a posterior that is known by quadrature cannot be surer than that quadrature is."""

import numpy as np
import pytest

from tests.contract.approximation_checks import random_q
from tests.contract.models import KNOWN
from tests.tables import table
from vi_lab import PoissonRegression, exact, laplace
from vi_lab.identity.divergence import kl_estimate

HOLDERS = {  # where the error of the integral stands: in a line, in a grid, in the posterior
    "clutter": "line",
    "normal, semi-conjugate": "line",
    "linear regression, known noise": "line",
    "hierarchy, inverse gamma": "grid",
    "hierarchy, half-Cauchy": "grid",
    "logistic regression": None,
    "logistic regression, one coefficient": None,
    "probit regression": None,
}


def assert_passed_on(q, truth, holder):
    before = kl_estimate(q, truth)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(holder, "error", holder.error + 0.5)
        after = kl_estimate(q, truth)
    assert after.value == before.value and before.error < 1e-3
    assert after.error == pytest.approx(before.error + 0.5, rel=1e-9)


@table("name", HOLDERS)
def test_an_error_of_the_evidence_is_one_of_the_kl(name):
    model, holder = KNOWN[name].model, HOLDERS[name]
    truth = exact(model)
    posterior = truth.posterior
    q = random_q(model, np.random.default_rng(0))
    assert_passed_on(q, truth, getattr(posterior, holder) if holder else posterior)


def test_so_it_is_of_a_gaussian_from_a_poisson_regression_and_each_component_s_rounding():
    model = PoissonRegression([[1.0, 0.5], [1.0, -0.5], [1.0, 1.0]], [2, 0, 3], 0.0, np.eye(2))
    truth, q = exact(model), laplace(model, rng=0)
    assert_passed_on(q, truth, truth.posterior)
    found, log_p = (
        truth.posterior.average_log_density(q.mixture),
        q._average_for_kl(lambda y: truth.log_density({"z": y})),
    )
    assert abs(found.value - log_p.value) <= found.error + log_p.error
    assert found.error > truth.posterior.error
