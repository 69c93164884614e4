"""Errors are stated as they were: none is wider, or narrower, by accident."""

import pytest

from tests.identity import recorded

ERRORS = recorded.read()


def test_the_record_has_each_model():
    assert list(ERRORS) == list(recorded.MODELS), "python -m tests.identity.recorded"


@pytest.mark.parametrize("name", recorded.MODELS)
def test_what_is_stated_is_what_it_was(name):
    """To a few in a hundred where rules for an integral differ by roundings alone."""
    route, errors = recorded.state(name)
    room = 0.05 if "quadrature" in route else 1e-4
    assert errors == pytest.approx(ERRORS[name], rel=room, abs=0.0), (
        "python -m tests.identity.recorded writes down what is meant"
    )
