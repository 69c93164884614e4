"""A problem as a Stan program with its data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.errors import NotApplicable, refuse_if
from vi_lab.export.stan_models import PROGRAMS, Written
from vi_lab.inference.engine.block_target import find_collapsed_blocks
from vi_lab.inference.engine.target import is_discrete
from vi_lab.model_or_problem import ModelLike, as_given, as_model
from vi_lab.runtime import file_names, storage


@dataclass(frozen=True)
class StanProgram:
    """A Stan program and its data.

    Attributes
    ----------
    code : str
    data : dict of numbers and lists, as JSON has them
    """

    code: str
    data: dict[str, Any]

    @public
    def save(self, path: Any) -> Path:
        """Write <path>.stan and <path>.json (either suffix is taken off `path`); gives back the
        former. ResultFileError where one cannot be written."""
        numbers, program = file_names.name_files(checks.path("path", path), ".json", ".stan")
        storage.write_bytes(numbers, json.dumps(self.data).encode())
        return storage.write_bytes(program, self.code.encode())


@public
def stan(problem: ModelLike) -> StanProgram:
    """The Stan program of a model, problem or the name of one, with every constant of its density.

    Labels and auxiliary latents are summed out. NotApplicable where Stan cannot express it.
    """
    model = as_model(problem)
    reason = why_no_program(model)
    refuse_if(reason, f"stan does not apply, because {reason}", NotApplicable)
    given = as_given(model)
    known = PROGRAMS[type(given)]
    written = known if isinstance(known, Written) else known(given)
    code = "\n".join(
        [
            "data {", *(f"  {part};" for part in _split(written.data)), "}",
            "parameters {", *(f"  {part};" for part in _split(written.parameters)), "}",
            "model {", *(f"  {line}" for line in written.log_joint.splitlines()), "}", "",
        ]
    )  # fmt: skip
    return StanProgram(code, dict(_list_data(written, given)))


def why_no_program(model: Any) -> str | None:
    """Why there is no Stan program, as a clause; None where there is one."""
    if model.blocks and is_discrete(model):
        return "every latent is discrete, and Stan has real parameters alone"
    given = as_given(model)
    if type(given) not in PROGRAMS:
        summed = find_collapsed_blocks(model) if model.blocks else ()
        known = ", ".join(kind.__name__ for kind in PROGRAMS)
        hidden = f" with {', '.join(summed)} summed out" if summed else ""
        return (
            f"no Stan program of a {type(given).__name__}{hidden} is written; those of {known} are"
        )
    return None


def _list_data(written: Written, model: Any) -> Iterator[tuple[str, Any]]:
    """What is declared as data, by name: numbers and lists, whole ones where it says int."""
    for declared in _split(written.data):
        kind, name = declared.rsplit(" ", 1)
        own = name in written.own
        value = written.own[name] if own else getattr(model, written.called.get(name, name))
        yield name, np.asarray(value, dtype=int if kind.endswith("int") else None).tolist()


def _split(declarations: str) -> list[str]:
    parts = (part.strip() for part in declarations.split(";"))
    return [part for part in parts if part]
