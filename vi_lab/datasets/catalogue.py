"""What is known of each file before it is opened, read from data/catalogue.toml."""

import tomllib
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from vi_lab.datasets import files

# The number types of a table's columns; arrays keep those of their file.
TYPES: dict[str, type[np.generic]] = {"real": np.float64, "whole": np.int64, "text": np.str_}


class Column(NamedTuple):
    """One column of a table, or one array."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    unit: str


class Entry(NamedTuple):
    """One file: what must be in it, and whose it is."""

    file: str
    columns: dict[str, Column]
    title: str
    source: str
    licence: str
    sha256: str

    def read(self) -> dict[str, np.ndarray]:
        """The columns or arrays of the file, as they are."""
        read = files.read_csv if self.file.endswith(".csv") else files.read_npz
        return read(files.content(self.file))


@cache
def entries() -> dict[str, Entry]:
    """The entries by the short names of the data sets."""
    facts = tomllib.loads(files.folder().joinpath("catalogue.toml").read_text(encoding="utf-8"))
    return {
        name: Entry(
            fact["file"],
            {key: _column(column, fact.get("rows")) for key, column in fact["columns"].items()},
            *(fact[key] for key in ("title", "source", "licence", "sha256")),
        )
        for name, fact in facts.items()
    }


def _column(fact: dict[str, Any], rows: int | None) -> Column:
    dtype = np.dtype(TYPES.get(fact["type"], fact["type"]))
    return Column(dtype, tuple(fact.get("shape", (rows,))), fact["unit"])
