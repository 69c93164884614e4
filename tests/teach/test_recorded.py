"""Each exercise asks the same, and each mistake is still the one that its sentence is about."""

import pytest

from tests.teach import recorded
from tests.teach.test_bank import PLAIN, TASKS, by_lesson

NUMBERS = recorded.read()
NEW = "is new, renamed or another: python -m tests.teach.recorded writes it down"


def test_every_task_takes_and_tries_what_it_did():
    settings = {task.id: recorded.settled(task) for task in TASKS}
    assert settings == pytest.approx(NUMBERS["settings"], rel=1e-6), f"a task {NEW}"


@by_lesson("exercise", PLAIN)
def test_every_exercise_asks_what_it_did(exercise):
    inputs = NUMBERS[exercise.id]["inputs"]
    assert recorded.asked(exercise) == pytest.approx(inputs, rel=1e-6), f"an exercise {NEW}"


# not walked as a table: tools/wasm leaves one of them out
@pytest.mark.parametrize("exercise", PLAIN, ids=lambda task: task.id)
def test_every_mistake_returns_what_it_did(exercise):
    found = recorded.named(recorded.returned(exercise))
    want = {name: n for name, n in NUMBERS[exercise.id].items() if name != "inputs"}
    assert found == pytest.approx(want, rel=1e-6, abs=1e-8), f"a mistake {NEW}"
