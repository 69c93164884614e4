"""Lesson 10, bring your own model: two groups of counts, from the story to the ledger."""

from __future__ import annotations

from vi_lab.teach.exercise import Choice, Prediction
from vi_lab.teach.lessons.exercises import (
    lesson_10_evidence,
    lesson_10_group,
    lesson_10_judges,
    lesson_10_numbers,
)

EXERCISES = (
    *lesson_10_numbers.EXERCISES,
    *lesson_10_group.EXERCISES,
    *lesson_10_evidence.EXERCISES,
    *lesson_10_judges.EXERCISES,
)

CHOICES = (
    Choice(
        id="10.6",
        title="read your own comparison",
        minutes=6,
        star=False,
        question="Which of three claims about your table is false?\n\n"
        "A. CAVI's bound is log p(y): mean field loses nothing here.\n"
        "B. Metropolis-Hastings has the smaller ESS, so its posterior is wrong.\n"
        "C. Gibbs' draws are independent of one another.",
        answers=("B",),
        wrong=(
            {
                "A": "A is true: the gap is nought to the last digits, because given the data the "
                "two rates are independent, which is all that mean field assumes.",
                "C": "C is true: no conditional looks at the other rate, so each sweep is a fresh "
                "draw of the posterior, and the ESS is about the number of draws.",
            },
        ),
        why="A small ESS says that more draws are needed for the same error, not that the target "
        "is wrong: the row's error is within its noise.",
        hints=(
            "Look at the gap, the ESS and the error of the mean in each row.",
            "ESS is about the noise of an answer, the error in sds about its truth.",
            "What does one block's conditional know of the other block?",
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        "10.d",
        "Your log joint loses a constant. Does exact(model) still give the log p(y) of 10.3?",
        ("yes", "no"),
    ),
    Prediction("10.a", "Will mean field lose nats on this model?", ("none", "some")),
    Prediction(
        "10.c",
        "4,000 draws of Gibbs are worth how many independent ones?",
        ("about 400", "about 1,500", "about 4,000"),
    ),
    Prediction(
        "10.b",
        "With b unknown and shared: which q is too narrow by most?",
        ("b", "rate1", "rate2"),
    ),
)
