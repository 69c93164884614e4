"""A problem of a user's own data under one of vi_lab's models.

`data_arguments.DATA` says which columns feed which argument. An argument that is set (`trials=1`)
needs no column. An array (n, P) of an npz file is taken as it is, with no column of ones.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vi_lab import models
from vi_lab.arguments import checks
from vi_lab.arguments.public import list_some, short_repr, suggestion
from vi_lab.datasets.own_table import read_table
from vi_lab.errors import InputError, InputTypeError
from vi_lab.problems.data_arguments import COLUMN, DATA, DESIGN, POINTS
from vi_lab.problems.problem import Problem
from vi_lab.runtime import storage

NOT_PLAIN: dict[type, str] = {
    models.Ising: "it has no data; the problem ising has its J, h and periodic to set",
    models.CorrelatedGaussian: "it has no data; the problem correlated has its mean and cov to set",
    models.BayesNet: "its data are the values of a network's variables, no table of numbers; write "
    "a function that makes it, and name that: my_models.py:net",
}
FITTED = (models.PPCA, models.FactorAnalysis)  # with q=2, at the maximum of the likelihood


def model_name(kind: type) -> str:
    """NormalGamma is normal-gamma."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()


BY_NAME = {
    model_name(kind): kind
    for kind in vars(models).values()
    if isinstance(kind, type) and kind in DATA
}


TAKES_DATA = tuple(name for name, kind in BY_NAME.items() if kind not in NOT_PLAIN)


def make_own(
    path: Path, columns: list[str] | None, name: str, settings: Mapping[str, Any]
) -> Problem:
    """The model of that name with the data of a file and these hyperparameters."""
    kind = BY_NAME[checks.one_of("--model", name, BY_NAME)]
    if kind in NOT_PLAIN:
        raise InputError(f"--model {name}: takes no data of a file; {NOT_PLAIN[kind]}")
    make: Any = kind
    if kind in FITTED and "q" in settings:
        make = make.maximum_likelihood
    _check_names(name, make, DATA[kind], settings)
    table = read_table(path, columns, gaps=kind is models.LocalLevel)
    data = _feed(name, {k: v for k, v in DATA[kind].items() if k not in settings}, table)
    arguments = {**data, **settings}
    model = make(**arguments)
    if make is not kind:
        given = {"x": data["x"], "blocks": model.cut}
        arguments = {
            n: given.get(n, getattr(model, n, None)) for n in inspect.signature(kind).parameters
        }
    rows = len(next(iter(data.values())))
    file = Path(storage.plain(str(path)))  # which a locale that cannot spell it has as halves
    told = f"{file.name}: {', '.join(table)}; {rows} rows"
    return Problem(
        f"{file.stem} {name}",
        story="",
        data=told,
        n=getattr(model, "n", rows),
        model=model,
        arguments=arguments,
    )


def _check_names(name: str, make: Any, data: Mapping[str, str], settings: Any) -> None:
    """Every hyperparameter is set, and nothing else."""
    parameters = inspect.signature(make).parameters
    for key in settings:
        if key not in parameters:
            hint = suggestion(key, [p for p in parameters if p not in data])
            raise InputTypeError(f"--set: {name} has no argument {short_repr(key)}{hint}")
    empty = inspect.Parameter.empty
    missing = [
        key
        for key, parameter in parameters.items()
        if parameter.default is empty and key not in settings and key not in data
    ]
    if missing:
        told = " ".join(f"--set {key}=..." for key in missing)
        raise InputError(f"--model {name}: needs its prior: {told}")


def _feed(name: str, roles: Mapping[str, str], table: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The arguments from the columns, in their order."""
    singles = [key for key, role in roles.items() if role == COLUMN]
    rest = [key for key, role in roles.items() if role != COLUMN]
    least, columns = len(singles) + len(rest), list(table)
    if len(columns) < least or (not rest and len(columns) > least):
        needed = ", ".join(f"{key} ({role})" for key, role in roles.items()) or "none"
        came = list_some(columns)
        raise InputError(f"--columns: {name} needs {needed}, in this order, got {came}")
    found: dict[str, Any] = dict(zip(singles, (table[c] for c in columns), strict=False))
    if rest:
        arrays = {column: table[column] for column in columns[len(singles) :]}
        found[rest[0]] = _stack(arrays, roles[rest[0]])
    return found


def _stack(arrays: Mapping[str, np.ndarray], role: str) -> np.ndarray:
    """Columns side by side; what has two axes is taken as it is."""
    first, *others = arrays.values()
    if not others and (role == POINTS or first.ndim == 2):
        return first
    shapes = {array.shape for array in arrays.values()}
    if len(shapes) > 1 or first.ndim != 1:
        came = ", ".join(f"{column} of shape {array.shape}" for column, array in arrays.items())
        raise InputError(f"--columns: need one shape (n,), got {came}")
    ones = [np.ones(len(first))] if role == DESIGN else []
    return np.stack([*ones, *arrays.values()], axis=-1)
