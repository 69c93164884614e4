"""A prediction beside the truth: what is near, and what is said of it."""

import pytest

from tests.tables import table
from vi_lab.teach import Prediction, predict, predictions, reveal

ASKED = {
    "99.a": Prediction("99.a", "How many?"),
    "99.b": Prediction("99.b", "How many?", within=2.0),
    "99.c": Prediction("99.c", "Which?", ("up", "down")),
}


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    monkeypatch.setattr(predictions, "find", ASKED.get)
    monkeypatch.setattr(predictions, "PREDICTIONS", {})


@table(
    ("identity", "truth", "guess", "near"),
    [
        ("99.a", 4.0, 5.0, True),  # 1.25 times as much, or as little, is near
        ("99.a", 4.0, 3.2, True),
        ("99.a", 4.0, 5.001, False),
        ("99.a", 4.0, 3.199, False),
        ("99.b", 40.0, 80.0, True),
        ("99.b", 40.0, 20.0, True),
        ("99.b", 40.0, 81.0, False),
        ("99.b", 40.0, 19.0, False),
        ("99.b", -40.0, -80.0, True),
        ("99.b", -40.0, -19.0, False),
        ("99.b", 0.0, 0.0, True),
        ("99.c", "up", "up", True),
        ("99.c", "up", "down", False),
    ],
)
def test_a_guess_is_near_within_a_factor(identity, truth, guess, near):
    assert predict(identity, guess).message == f"Predicted: {guess}."
    shown = f'"{truth}"' if isinstance(truth, str) else f"{truth:.4g}"
    said = ", as you predicted" if near else f"; you predicted {guess}"
    assert reveal(identity, truth).message == f"It is {shown}{said}."
    assert reveal(identity, truth).status == ("right" if near else "wrong")


@table(
    ("identity", "guess", "words"),
    [
        ("99.c", "left", "'left' is none of the choices. Which? One of: up, down."),
        ("99.a", "many", "'many' is no number. How many?"),
        ("99.a", None, "Nothing predicted yet. How many?"),
        ("99.c", ..., "Nothing predicted yet. Which? One of: up, down."),
    ],
)
def test_what_is_no_prediction_is_not_kept(identity, guess, words):
    assert predict(identity, guess).message == words
    assert reveal(identity, 2.0).message == "It is 2. You had predicted nothing."
