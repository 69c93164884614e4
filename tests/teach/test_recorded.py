"""Each mistake is still the wrong function that its sentence is about."""

import pytest

from tests.teach import recorded
from tests.teach.test_bank import PLAIN

NUMBERS = recorded.read()


@pytest.mark.parametrize("exercise", PLAIN, ids=lambda exercise: exercise.id)
def test_every_mistake_returns_what_it_did(exercise):
    found = recorded.returned(exercise)
    assert {recorded.key(sentence): number for sentence, number in found.items()} == pytest.approx(
        NUMBERS[exercise.id], rel=1e-6, abs=1e-8
    ), "a mistake is new, renamed or another: python -m tests.teach.recorded writes it down"
