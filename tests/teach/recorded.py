"""What every exercise is tried on, and what its mistakes return on a few inputs, as numbers.

The inputs and the settings are a promise: what a reader was told of an answer is told again. And a
mistake is a sentence and a wrong function. If the function is changed by accident the sentence
names an answer that nobody gives, and no other test would notice. The numbers were written down
when readers' own wrong answers were named by them (strangers_NN.py). Where a mistake was changed
on purpose, or is new: `python -m tests.teach.recorded`.
"""

import json
import zlib
from pathlib import Path

import numpy as np

from tests.teach.test_bank import PLAIN, TASKS, quietly, random_inputs

FILE = Path(__file__).with_name("recorded_mistakes.json")
DRAWN = 24  # inputs that are held to be the same
SETTINGS = ("minutes", "star", "samples", "rtol", "relations", "within")
INPUTS = 6  # the first of them hold ties, one datum and an extreme


def summarise(parts):
    """One number of all numbers of a result: none may move, change places or cease to be finite."""
    if parts is None:  # it raised
        return 11.0
    flat = np.concatenate([np.append(part.ravel(), part.ndim) for part in parts])
    flat = np.where(np.isfinite(flat), flat, np.where(np.isnan(flat), 7.0, 9.0 * np.sign(flat)))
    return np.arcsinh(flat) @ weights(len(flat))  # so that no large number hides a small one


def weights(count):
    return np.cos(np.arange(1.0, count + 1.0))


def settled(task):
    """One number of the settings of an exercise, a choice or a prediction."""
    return float(weights(len(SETTINGS)) @ [float(getattr(task, name, 0)) for name in SETTINGS])


def asked(exercise):
    """One number of what an exercise is tried on."""
    inputs = [
        [np.asarray(part, float) for part in given if not callable(part)]
        for given in random_inputs(exercise, 5, DRAWN)
    ]
    return float(weights(DRAWN) @ [summarise(parts) for parts in inputs])


def returned(exercise):
    """By sentence, one number of what a mistake returns."""
    inputs = random_inputs(exercise, 5, INPUTS)
    return {
        sentence: weights(INPUTS) @ [summarise(quietly(wrong, given)) for given in inputs]
        for sentence, wrong in exercise.mistakes.items()
    }


def named(found):
    """By what a sentence is called in the file."""
    return {f"{zlib.crc32(s.encode()):08x}": number for s, number in found.items()}


def read():
    """By exercise, its inputs and its mistakes as `named`; and the settings of every task."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def write():
    found = {
        exercise.id: {
            name: float(f"{number:.9g}")
            for name, number in {"inputs": asked(exercise), **named(returned(exercise))}.items()
        }
        for exercise in PLAIN
    }
    found["settings"] = {task.id: float(f"{settled(task):.9g}") for task in TASKS}
    lines = [
        f"{json.dumps(identity)}: {json.dumps(numbers)}" for identity, numbers in found.items()
    ]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    write()
