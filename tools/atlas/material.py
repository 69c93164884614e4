"""What a problem is made of, for readers without vi_lab: data, how they enter, and the prior."""

from __future__ import annotations

import tomllib
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from vi_lab.datasets import catalogue

# by problem; what each key means stands at the top of the file
MATERIAL = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def describe(name: str, model: Any) -> dict[str, Any]:
    """The entries `data` and `prior` of a problem."""
    made = MATERIAL[name]
    made = MATERIAL.get(made.get("like"), {}) | made
    facts = {key: catalogue.entries()[key] for key in made["files"]}
    return {
        "data": {
            "files": [
                {"name": key, "file": fact.file, "sha256": fact.sha256}
                for key, fact in facts.items()
            ],
            "preparation": made["preparation"],
            "inputs": {key: _input(getattr(model, key), whole=not facts) for key in made["inputs"]},
        },
        "prior": {
            "model": made["model"],
            "hyperparameters": {
                path.split(".")[-1]: attrgetter(path)(model) for path in made["hyperparameters"]
            },
        },
    }


def _input(value: Any, whole: bool) -> dict[str, Any]:
    """Shape and sums, by which a reader knows to have prepared the same; whole where made up."""
    array = np.asarray(value, np.float64)
    found: dict[str, Any] = {"shape": list(array.shape)}
    found["sum"], found["sum_of_squares"] = float(array.sum()), float((array**2).sum())
    if whole:
        found["values"] = array.tolist()
    return found
