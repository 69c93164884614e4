"""Draws as other tools keep them: a table with a column a coordinate, or labelled arrays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.arguments.arrays import refuse_lazy
from vi_lab.errors import InputError, refuse_if

# theta[0, 1] of most, theta.1.2 of CmdStan's files
COORDINATE = re.compile(r"(.+?)(?:\[([\d,\s]+)\]|((?:\.\d+)+))")
CHAIN = ("chain", ".chain", "chain__")  # of ArviZ, of R's posterior, of CmdStanPy
DRAW = ("draw", ".draw", "draw__")
LEAD = ("chain", "draw", "sample")  # axes of labelled arrays that number draws
Index = tuple[int, ...]


def as_mapping(posterior: Any) -> Any:
    """Draws by latent out of what others keep them in; anything else as it is.

    A table has a column a coordinate, "theta[0]" or "theta[0, 1]" (counted from 0 or from 1), and
    may number chains and draws in columns or in its index; a DataTree or InferenceData of ArviZ
    has its group `posterior`, a Dataset axes by name: (chain, draw, ...) or (sample, ...).
    """
    if isinstance(posterior, Mapping):
        group = posterior.get("posterior")
        variables = getattr(group, "data_vars", None)
        return _read_labelled(posterior if variables is None else variables)
    variables = getattr(getattr(posterior, "posterior", posterior), "data_vars", None)
    if variables is not None:
        return _read_labelled(variables)
    refuse_lazy("posterior", posterior)
    if getattr(posterior, "columns", None) is not None:
        return _read_table(posterior)
    return posterior


def _read_labelled(variables: Mapping[Any, Any]) -> dict[Any, Any]:
    """Arrays that name their axes with those of the draws in front; others as they are."""
    return {name: _order_axes(value) for name, value in variables.items()}


def _order_axes(value: Any) -> Any:
    dims = getattr(value, "dims", None)
    if not isinstance(dims, tuple):
        return value
    array = value.transpose(*(name for name in LEAD if name in dims), ...)
    coords = array.coords
    if "chain" in coords and coords["chain"].dims == ("sample",):  # chains, one behind another
        return _part_chains(np.asarray(array), np.asarray(coords["chain"]))
    return np.asarray(array)


def _read_table(table: Any) -> dict[str, np.ndarray]:
    """The columns of each latent side by side, in the order of their indices."""
    columns = _list_columns(table)
    chain, draw = (_take_first(columns, names) for names in (CHAIN, DRAW))
    parts: dict[str, dict[Index, np.ndarray]] = {}
    for column, values in columns.items():
        match = COORDINATE.fullmatch(column)
        name, index = (match[1], match[2] or match[3]) if match else (column, "")
        place = tuple(int(i) for i in re.findall(r"\d+", index))
        parts.setdefault(name, {})[place] = values
    found = {name: _stack(name, of_latent) for name, of_latent in parts.items()}
    if chain is None:
        return found
    if draw is not None:  # in their order, in which alone it can be seen how each hangs on the last
        order = np.lexsort((draw, chain))
        chain, found = chain[order], {name: array[order] for name, array in found.items()}
    return {name: _part_chains(draws, chain) for name, draws in found.items()}


def _list_columns(table: Any) -> dict[str, np.ndarray]:
    """Columns by name, the levels of an index that has names among them; what CmdStan notes of its
    sampler, as lp__, is no latent."""
    levels = getattr(getattr(table, "index", None), "names", ())
    if any(name in (*CHAIN, *DRAW) for name in levels):
        table = table.reset_index()
    names = list(getattr(table, "column_names", table.columns))  # pyarrow's columns are arrays
    twice = [str(name) for name in names if names.count(name) > 1]
    refuse_if(twice, f"posterior: needs different columns, got {', '.join(twice)}")
    return {
        str(name): np.asarray(table[name])
        for name in names
        if not str(name).endswith("__") or name in (*CHAIN, *DRAW)
    }


def _take_first(columns: dict[str, np.ndarray], names: tuple[str, ...]) -> np.ndarray | None:
    found = [columns.pop(name) for name in names if name in columns]
    return found[0] if found else None


def _stack(name: str, parts: dict[Index, np.ndarray]) -> np.ndarray:
    """The coordinates of one latent as (n, *shape), counted from 0 or, as Stan does, from 1."""
    axes = list(zip(*parts, strict=True)) if () not in parts else []
    first = 1 if axes and all(min(axis) == 1 for axis in axes) else 0
    shape = tuple(max(axis) + 1 - first for axis in axes)
    places = [tuple(i + first for i in place) for place in np.ndindex(shape)]
    if parts.keys() != set(places):
        raise InputError(f"posterior: the columns of {name} are not all its coordinates")
    return np.stack([parts[place] for place in places], axis=-1).reshape(-1, *shape)


def _part_chains(draws: np.ndarray, chain: np.ndarray) -> np.ndarray:
    """Draws (n, ...) as (chains, n / chains, ...)."""
    labels, counts = np.unique(chain, return_counts=True)
    if (counts != counts[0]).any():
        raise InputError(f"posterior: needs as many draws of each chain, got {counts.tolist()}")
    return np.stack([draws[chain == label] for label in labels])
