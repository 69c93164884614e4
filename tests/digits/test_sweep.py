"""Every model, from ordinary inputs to extreme ones: right, honest, and told where it cannot be."""

import pytest

from tests.digits import discrete, logistic, mixtures, normals
from tests.digits.sweep import faults

MODULES = (mixtures, discrete, logistic, normals)
CASES = {case.name: case for module in MODULES for case in module.CASES}
RUNS = [
    pytest.param(name, value, marks=() if value in case.thin else pytest.mark.slow)
    for name, case in CASES.items()
    for value in case.values
]


@pytest.mark.parametrize(("name", "value"), RUNS)
def test_every_number_lies_within_its_stated_error(name, value):
    assert faults(CASES[name], value) == []


def test_at_most_one_case_in_ten_is_excused():
    excused = [(name, value) for name, case in CASES.items() for value in case.excused]
    assert len(excused) <= len(RUNS) / 10
