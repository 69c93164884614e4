"""Each exercise asks the same, and each mistake is still the one that its sentence is about."""

import pytest

from tests.teach import recorded
from tests.teach.test_bank import PLAIN

NUMBERS = recorded.read()


SETTLED = ("settings", "inputs")
every_exercise = pytest.mark.parametrize("exercise", PLAIN, ids=lambda exercise: exercise.id)
NEW = "is new, renamed or another: python -m tests.teach.recorded writes it down"


@every_exercise
def test_every_exercise_asks_what_it_did(exercise):
    for name, number in recorded.settle(exercise).items():
        assert number == pytest.approx(NUMBERS[exercise.id][name], rel=1e-6), f"{name} {NEW}"


@every_exercise
def test_every_mistake_returns_what_it_did(exercise):
    found = recorded.named(recorded.returned(exercise))
    want = {name: n for name, n in NUMBERS[exercise.id].items() if name not in SETTLED}
    assert found == pytest.approx(want, rel=1e-6, abs=1e-8), f"a mistake {NEW}"
