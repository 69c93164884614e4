"""Every model, from ordinary inputs to extreme ones: right, honest, and told where it cannot be."""

import pytest

from tests.digits import chains, discrete, logistic, mixtures, normals, predictors
from tests.digits.sweep import faults
from tests.tables import table

MODULES = (mixtures, discrete, logistic, normals, chains, predictors)
CASES = {case.name: case for module in MODULES for case in module.CASES}

# of whose extreme values mpmath takes up to ten seconds to say that they are rightly told
MILD = {
    "groups, expanded: far, vague prior": 1e8,
    "groups, expanded: wide": 1e8,
    "groups, expanded: sigma small": 1e4,
    "groups, expanded: one sigma small": 1e4,
}


def quick(number, case):
    """The value of a case that is in every run: large for every other case, or extreme."""
    if case.name in MILD:
        return MILD[case.name]
    return case.thin[number % len(case.thin)] if case.thin else None


RUNS = [
    pytest.param(name, value, marks=() if value == quick(k, case) else pytest.mark.slow)
    for k, (name, case) in enumerate(CASES.items())
    for value in case.values
]


@pytest.mark.parametrize(("name", "value"), RUNS)
def test_every_number_lies_within_its_stated_error(name, value):
    assert faults(CASES[name], value) == []


def model_of(name):
    """The model that a case is one of."""
    return name.split(":")[0] if ":" in name else name.split(",")[0]


@table("model", sorted({model_of(name) for name in CASES}))
def test_at_most_one_case_in_ten_is_excused(model):
    cases = [case for name, case in CASES.items() if model_of(name) == model]
    excused, count = sum(len(c.excused) for c in cases), sum(len(c.values) for c in cases)
    assert excused <= 0.1 * count
