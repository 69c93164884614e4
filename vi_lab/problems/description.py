"""What a problem is, in one dict: for notebooks, for `vi-lab problems`, for a comparison's JSON."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.block_values import initial_values
from vi_lab.automatic.find import why_no_truth
from vi_lab.datasets import catalogue
from vi_lab.errors import ViLabError
from vi_lab.inference.exact import exact
from vi_lab.model_or_problem import as_given, as_model
from vi_lab.problems.methods import METHODS
from vi_lab.problems.names import shorten, write_value

BASES = ("vi_lab.model", "vi_lab.density_model")  # of models: they have no story
STORY = re.compile(r"[~∝]|p\(")  # what a line of a story has in it


def describe(problem: Any) -> dict[str, Any]:
    """Story, prior, data, latents, what to look at, methods and truth of a `Problem`.

    Everything is plain: numbers, text, lists and dicts. To know the truth's route it is computed.
    """
    model = as_model(problem)
    reasons = {method.name: method.why_not(model) for method in METHODS}
    return {
        "problem": problem.name,
        "story": problem.story,
        "model": type(as_given(model)).__name__,
        "lines": story_lines(as_given(model)),
        "hyperparameters": {k: as_plain(v) for k, v in problem.hyperparameters.items()},
        "data": {"what": problem.data, "n": problem.n, "files": _describe_files(problem.columns)},
        "latents": _describe_latents(model),
        "look_at": problem.look_at,
        "methods": [name for name, reason in reasons.items() if reason is None],
        "why_not": {name: reason for name, reason in reasons.items() if reason is not None},
        "truth": _describe_truth(model),
    }


def story_lines(model: Any) -> list[str]:
    """The generative story: the first indented lines with a ~ in the docstring of the model's
    class, or of its file; where none is indented, the lines of the class with a ~."""
    own = [kind for kind in type(model).__mro__[:-1] if kind.__module__ not in BASES]
    texts = [
        inspect.cleandoc((text or "").split("Parameters\n")[0])
        for kind in own
        for text in (
            vars(kind).get("__doc__"),
            getattr(sys.modules.get(kind.__module__), "__doc__", ""),
        )
    ]
    for text in texts:
        for block in re.findall(r"(?:^ +\S.*\n?)+", text, re.MULTILINE):
            if STORY.search(block):
                return [line.strip() for line in block.splitlines()]
    return [line.strip() for line in "".join(texts[:1]).splitlines() if STORY.search(line)]


def as_plain(value: Any) -> Any:
    """A hyperparameter as JSON has it; a prior as it is written."""
    if isinstance(value, Mapping):
        return {str(key): as_plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    array = np.asarray(value)
    return array.tolist() if array.dtype.kind in "biuf" else write_value(value)


def _describe_files(columns: Mapping[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    """The bundled files, with the units of the columns that are used."""
    known = catalogue.entries()
    facts = {checks.one_of("columns", name, known): known[name] for name in columns}
    for name, used in columns.items():
        for column in used:
            checks.one_of(f"columns of {name}", column, facts[name].columns)
    return [
        {
            "name": name,
            "file": fact.file,
            "title": fact.title,
            "source": " ".join(fact.source.split()),
            "licence": " ".join(fact.licence.split()),
            "units": {column: fact.columns[column].unit for column in columns[name]},
        }
        for name, fact in facts.items()
    ]


def _describe_latents(model: Any) -> dict[str, dict[str, Any]]:
    """Each latent's shape and the blocks it is made of, and of labels how many classes."""
    values = initial_values(model, np.random.default_rng(0), 1)
    shapes = {name: np.shape(value)[1:] for name, value in model.latents(values).items()}
    return {
        name: {
            "shape": list(shape),
            "blocks": list(model.sources.get(name, ())),
            **({"classes": model.nominal[name]} if name in model.nominal else {}),
        }
        for name, shape in shapes.items()
    }


def _describe_truth(model: Any) -> dict[str, Any]:
    """How the exact posterior is computed, or why there is none."""
    if why_no_truth(model) is not None:
        return {"route": None, "because": why_no_truth(model)}
    try:
        return {"route": exact(model).route, "because": None}
    except ViLabError as error:
        return {"route": None, "because": str(error)}


def describe_rows(described: Mapping[str, Any]) -> list[dict[str, str]]:
    """The same for a reader: rows of a heading, once, and a text; what is not known is left out."""
    data, truth, prior = described["data"], described["truth"], described["hyperparameters"]
    sections = {
        "story": [described["story"]],
        "model": [
            described["model"],
            *(line for line in described["lines"] if line.rstrip(".") != described["story"]),
        ],
        "prior": [", ".join(f"{name} = {_short(value)}" for name, value in prior.items())],
        "data": [
            f"{data['what']} (n = {data['n']})".strip() if data["n"] else data["what"],
            *(text for fact in data["files"] for text in _file_lines(fact)),
        ],
        "latents": [_latent_line(name, latent) for name, latent in described["latents"].items()],
        "look at": [described["look_at"]],
        "truth": [truth["route"] or f"none: {truth['because']}"],
        "methods": [", ".join(described["methods"])],
        "not": [f"{name}: {reason}" for name, reason in described["why_not"].items()],
    }
    rows = []
    for heading, texts in sections.items():
        told = [text for text in texts if text]
        rows += [{"": heading if i == 0 else "", "is": text} for i, text in enumerate(told)]
    return rows


def _short(value: Any) -> str:
    return shorten(write_value(value), 70)


def _file_lines(fact: Mapping[str, Any]) -> list[str]:
    units = ", ".join(f"{column} ({unit})" for column, unit in fact["units"].items())
    return [f"{fact['file']}: {units}" if units else fact["file"], f"source: {fact['source']}"]


def _latent_line(name: str, latent: Mapping[str, Any]) -> str:
    shape = " × ".join(map(str, latent["shape"])) or "a number"
    classes = f", labels of {latent['classes']} classes" if "classes" in latent else ""
    blocks = latent["blocks"]
    return f"{name}: {shape}{classes}" + f", in blocks {', '.join(blocks)}" * (blocks != [name])
