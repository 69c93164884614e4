"""The contract of a model. A new model is one line in MODELS (and one independent log joint)."""

import pytest

from tests.contract import approximation_checks, model_checks, truth_checks
from tests.contract.models import KNOWN, MODELS


def name_of(check):
    return check.__name__


@pytest.mark.parametrize("check", model_checks.FOR_ALL, ids=name_of)
@pytest.mark.parametrize("case", MODELS.values(), ids=MODELS)
def test_model(case, check):
    check(case)


@pytest.mark.parametrize("check", approximation_checks.FOR_ALL, ids=name_of)
@pytest.mark.parametrize("case", MODELS.values(), ids=MODELS)
def test_approximation(case, check):
    check(case)


@pytest.mark.parametrize("check", truth_checks.FOR_KNOWN, ids=name_of)
@pytest.mark.parametrize("case", KNOWN.values(), ids=KNOWN)
def test_truth(case, check):
    check(case)
