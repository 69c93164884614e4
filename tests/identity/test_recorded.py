"""Errors are stated as they were: none is wider, or narrower, by accident."""

import pytest

from tests.identity import recorded
from tests.tables import table

ERRORS = recorded.read()


def test_the_record_has_each_model():
    assert list(ERRORS) == list(recorded.MODELS), "python -m tests.identity.recorded"


@table("name", recorded.MODELS)
def test_what_is_stated_is_what_it_was(name):
    """To a few in a hundred: errors are of roundings, which another NumPy has otherwise."""
    assert recorded.state(name) == pytest.approx(ERRORS[name], rel=0.05, abs=0.0), (
        "python -m tests.identity.recorded writes down what is meant"
    )
