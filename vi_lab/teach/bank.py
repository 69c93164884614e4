"""Where the exercises are found: one module a lesson, imported when it is first asked for."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module

from vi_lab.teach.exercise import Choice, Exercise, Prediction

LESSONS = {
    "00": "00_the_integral",
    "01": "01_the_identity",
    "02": "02_metropolis_hastings",
    "03": "03_gibbs_sampling",
    "04": "04_mean_field",
    "05": "05_one_log_joint",
    "06": "06_mean_field_to_vae",
    "07": "07_the_vae_by_hand",
    "08": "08_where_the_nats_go",
    "09": "09_did_it_work",
    "10": "10_your_own_model",
}  # the number of each lesson, and the name of its notebook


@cache
def of_lesson(number: str) -> dict[str, Exercise | Choice | Prediction]:
    """Everything a lesson asks, by id, in the order of the lesson. Empty for an unknown number."""
    if number not in LESSONS:
        return {}
    lesson = import_module(f"vi_lab.teach.lessons.lesson_{number}")
    tasks = sorted([*lesson.EXERCISES, *lesson.CHOICES], key=lambda task: natural(task.id))
    return {task.id: task for task in (*tasks, *lesson.PREDICTIONS)}


def natural(identity: str) -> tuple[int, ...]:
    """The numbers in an id, so that 07.10 stands behind 07.9."""
    return tuple(int(number) for number in re.findall(r"\d+", identity))


def find(identity: object) -> Exercise | Choice | Prediction | None:
    """What stands under an id ("03.2"), or None."""
    text = str(identity)
    return of_lesson(text.partition(".")[0]).get(text)


def unknown(identity: object) -> str:
    """The sentence for an id that nothing stands under."""
    number = str(identity).partition(".")[0]
    if known := of_lesson(number):
        return f"There is no {identity!r}; lesson {number} has {', '.join(known)}."
    return f"There is no lesson of {identity!r}; the lessons are {', '.join(LESSONS)}."
