"""What models and public functions return for a seed, as it was written down.

A seed stands for its numbers: who runs a lesson again is to see what stands in it. And no oracle
looks at all that a function returns. So a change of any of it has to be meant:
`python -m tests.recorded.record`, and a line in CHANGELOG.md. That the numbers are right is held
elsewhere.
"""

import json
import warnings
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np

from tests.contract.models import MODELS
from tests.recorded import models
from tests.recorded.calls import CALLS

FILE = Path(__file__).with_name("record.json")
# Never the same twice, or not on another machine, where a climb that rounds otherwise ends earlier.
OTHERS = ("seconds", "sweep_seconds", "sweeps", "evaluations", "density_evaluations", "gradients",
          "complete_conditionals", "elbo_trace")  # fmt: skip
NAMES = [*MODELS, *CALLS]


def state(name):
    """Place -> words, or two numbers for each array, of all that a model or a call returns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = models.run_all(name) if name in MODELS else CALLS[name]()
    return dict(walk(found, ""))


def walk(found, place):
    """Each number, array and text of a result, with its place."""
    if place.rpartition(".")[2] in OTHERS:
        return
    if found is None or isinstance(found, str):
        yield place, str(found)
    elif isinstance(found, (bool, int, float, np.ndarray, np.generic)):
        yield place, condense(found) if np.asarray(found).dtype.kind in "biuf" else str(found)
    elif isinstance(found, Mapping):
        for key, value in found.items():
            yield from walk(value, f"{place}.{key}")
    elif isinstance(found, tuple) and hasattr(found, "_asdict"):
        yield from walk(found._asdict(), place)
    elif isinstance(found, (list, tuple)):
        yield from walk_row(found, place)
    else:
        yield from walk_object(found, place)


def walk_row(row, place):
    """Numbers together; rows of a table by column."""
    if row and all(isinstance(value, (bool, int, float, np.number)) for value in row):
        yield place, condense(row)
    elif row and all(isinstance(value, dict) for value in row):
        for key in dict.fromkeys(key for value in row for key in value):
            yield from walk([value[key] for value in row if key in value], f"{place}.{key}")
    else:
        for number, value in enumerate(row):
            yield from walk(value, f"{place}[{number}]")


def walk_object(found, place):
    """The words with which it shows itself, where it has its own; its fields, but of a model."""
    if type(found).__module__.startswith("vi_lab"):
        if repr(found).startswith("<") and " object at " not in repr(found):
            yield place, repr(found)
        if is_dataclass(found) and not hasattr(found, "sample_latents"):
            for field in fields(found):
                if not field.name.startswith("_"):
                    yield from walk(getattr(found, field.name), f"{place}.{field.name}")


def condense(array):
    """Its mean, and a sum in which no two entries count alike, to ten digits."""
    flat = np.nan_to_num(np.asarray(array, dtype=float).ravel(), posinf=1e9, neginf=-1e9)
    numbers = (flat.mean(), flat @ np.cos(1.0 + np.arange(flat.size))) if flat.size else ()
    return [float(f"{number:.10g}") for number in numbers]


def read():
    return json.loads(FILE.read_text(encoding="utf-8"))


def write():
    found = {name: state(name) for name in NAMES}
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
