"""The contract of a model. A new model is one line in MODELS (and one independent log joint)."""

import pytest

from tests.contract import approximation_checks, model_checks, truth_checks
from tests.contract.models import KNOWN, MODELS, VARIANTS
from tests.tables import table

DEAR = ("check_derivation", "check_exact_draws", "check_elbo_is_an_integral", "check_kl",
        "check_no_step_lowers_the_bound", "check_posterior_density",
        "check_a_planted_constant_breaks_the_ledger")  # fmt: skip
# half a second each and more: integrals over several numbers, draws of enumerated labels
DEAREST = [("student location", "check_elbo_is_an_integral"),
           ("Gaussian mixture, 2-D", "check_elbo_is_an_integral"),
           ("Gaussian mixture, 2-D", "check_kl"),
           ("split vector", "check_elbo_is_an_integral"),
           ("change point", "check_derivation"),
           ("linear regression, known noise", "check_derivation"),
           ("linear regression, joint", "check_derivation"),
           ("normal mixture, Dirichlet", "check_exact_draws")]  # fmt: skip


def is_dear(name, check):
    return (name in VARIANTS and check in DEAR) or (name, check) in DEAREST


def each(cases, checks):
    """A test of every case, that makes every check; dear ones of a variant are slow."""
    rows = [
        pytest.param(
            *(name, cases[name], check), id=check.__name__,
            marks=[pytest.mark.slow] * is_dear(name, check.__name__),
        )
        for name in cases for check in checks
    ]  # fmt: skip
    return table(("name", "case", "check"), rows, by=lambda name, case, check: name)


@each(MODELS, model_checks.FOR_ALL)
def test_model(name, case, check):
    check(case)


@each(MODELS, approximation_checks.FOR_ALL)
def test_approximation(name, case, check):
    check(case)


@each(KNOWN, truth_checks.FOR_KNOWN)
def test_truth(name, case, check):
    check(case)
