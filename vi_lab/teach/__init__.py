"""Exercises that answer: each lesson is done, not read.

>>> from vi_lab.teach import check
>>> check("01.1", lambda q, p: sum(q * (p - q)))  # doctest: +SKIP
"""

from vi_lab.teach.checking import check
from vi_lab.teach.choosing import choose
from vi_lab.teach.exercise import Choice, Exercise, Prediction, Verdict
from vi_lab.teach.help import hint, solution
from vi_lab.teach.memory import card, ready
from vi_lab.teach.own_problems import own
from vi_lab.teach.predictions import predict, reveal

__all__ = [
    "Choice", "Exercise", "Prediction", "Verdict", "card", "check", "choose", "hint", "own",
    "predict", "ready", "reveal", "solution",
]  # fmt: skip
