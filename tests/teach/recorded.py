"""What each mistake of every exercise returns on a few inputs, as numbers in a file.

A mistake is a sentence and a wrong function. If the function is changed by accident the sentence
names an answer that nobody gives, and no other test would notice. The numbers were written down
when readers' own wrong answers were named by them (strangers_NN.py). Where a mistake was changed
on purpose, or is new: `python -m tests.teach.recorded`.
"""

import json
import zlib
from pathlib import Path

import numpy as np

from tests.teach.test_bank import PLAIN, quietly, random_inputs

FILE = Path(__file__).with_name("recorded_mistakes.json")
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


def returned(exercise):
    """By sentence, one number of what a mistake returns."""
    inputs = random_inputs(exercise, 5, INPUTS)
    return {
        sentence: weights(INPUTS) @ [summarise(quietly(wrong, given)) for given in inputs]
        for sentence, wrong in exercise.mistakes.items()
    }


def key(sentence):
    """What a sentence is called in the file."""
    return f"{zlib.crc32(sentence.encode()):08x}"


def read():
    """By exercise, by `key`."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def write():
    found = {
        exercise.id: {key(s): float(f"{n:.9g}") for s, n in returned(exercise).items()}
        for exercise in PLAIN
    }
    lines = [
        f"{json.dumps(identity)}: {json.dumps(numbers)}" for identity, numbers in found.items()
    ]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    write()
