"""The bundled real data, as named columns with their units.

>>> from vi_lab.datasets import load_coal
>>> coal = load_coal()
>>> coal
Dataset('coal': 112 rows of year, count, count_cgs1992)
>>> int(coal.data["count"].sum())
191

A loader trusts the file beyond its shape; that the bytes are the right ones (sha256) is checked by
a test. Where each file comes from and how it was verified stands in the README.md beside the data.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Generic, TypeVar

import numpy as np

from vi_lab.checks import known, suggestion
from vi_lab.errors import InputError

__all__ = ["Dataset", "list_datasets", "load", "load_coal", "load_darwin", "load_newcomb"]

V = TypeVar("V")


class UnknownColumnError(InputError, KeyError):
    """No column has this name. A KeyError too, because that is what mappings raise."""

    __str__ = Exception.__str__  # KeyError would show the message in quotes


class Columns(Mapping[str, V], Generic[V]):
    """A read-only mapping from column names; a near-miss name gets a suggestion."""

    def __init__(self, table: Mapping[str, V]) -> None:
        self._table = dict(table)

    def __getitem__(self, name: str) -> V:
        if name not in self._table:
            hint = suggestion(name, self._table)
            raise UnknownColumnError(f"column: unknown name {name!r}{hint}")
        return self._table[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def __repr__(self) -> str:
        return repr(self._table)


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """One table of real data.

    Attributes
    ----------
    name : str
        The short name, as in `list_datasets`.
    title : str
        What it is, in one line.
    data : Mapping of str to ndarray
        Each column's values, shape ``(rows,)``, read-only: float64 for measurements, int64 for
        counts and years.
    units : Mapping of str to str
        Each column's unit.
    source, licence : str
        Where the values come from and what may be done with them.
    sha256 : str
        Checksum of the bundled file.
    """

    name: str
    title: str
    data: Mapping[str, np.ndarray]
    units: Mapping[str, str]
    source: str
    licence: str
    sha256: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in the order of the file."""
        return tuple(self.data)

    def __len__(self) -> int:
        """The number of rows."""
        return len(next(iter(self.data.values())))

    def __repr__(self) -> str:
        return f"Dataset({self.name!r}: {len(self)} rows of {', '.join(self.columns)})"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(self.units[name])}</td>"
            f"<td>{values.min():g}</td><td>{values.max():g}</td></tr>"
            for name, values in self.data.items()
        )
        return (
            f"<table><caption>{escape(self.title)} ({len(self)} rows)</caption>"
            "<thead><tr><th>column</th><th>unit</th><th>smallest</th><th>largest</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
            f"<p>Source: {escape(self.source)}. Licence: {escape(self.licence)}.</p>"
        )


@dataclass(frozen=True)
class _Entry:
    """What is known of a file before it is opened. `columns`: name -> (number type, unit)."""

    file: str
    rows: int
    columns: dict[str, tuple[type, str]]
    title: str
    source: str
    licence: str
    sha256: str


_CATALOGUE = {
    "newcomb": _Entry(
        file="newcomb_light.csv",
        rows=66,
        columns={"deviation_ns": (np.float64, "ns")},
        title="Newcomb's measurements of the speed of light, as passage time minus 24,800 ns",
        source="Newcomb (1882); R package MASS, object newcomb",
        licence="public-domain source; MASS is GPL-2 | GPL-3",
        sha256="649131470d7c9257f7887549a10cbcb2cfcdbf2c83d09260fb739b1372137951",
    ),
    "darwin": _Entry(
        file="darwin_maize.csv",
        rows=15,
        columns={"diff_eighths_inch": (np.float64, "1/8 inch")},
        title="Darwin's maize, height of the crossed minus the self-fertilised plant of each pair",
        source="Darwin (1876); R package boot, object darwin",
        licence="public-domain source; boot is licensed Unlimited",
        sha256="2f28bf466ad3e06e3347111276427cddf5530c3a0c67f1a9273fb171ec18bfe1",
    ),
    "coal": _Entry(
        file="coal_disasters.csv",
        rows=112,
        columns={
            "year": (np.int64, "calendar year"),
            "count": (np.int64, "disasters per year"),
            "count_cgs1992": (np.int64, "disasters per year"),
        },
        title="British coal-mining disasters (10 or more deaths) by year, 1851-1962",
        source="Jarrett (1979); R package boot, object coal; Carlin, Gelfand & Smith (1992)",
        licence="published facts; boot is licensed Unlimited",
        sha256="3d4a872adde05495ea0270d49c71e2984e736bdd369b9fe65053b29a1c41b6d2",
    ),
}


def list_datasets() -> list[str]:
    """The names of the bundled data sets, as `load` takes them."""
    return list(_CATALOGUE)


def load(name: str) -> Dataset:
    """Load a bundled data set by its name.

    Parameters
    ----------
    name : str
        One of `list_datasets`.

    Returns
    -------
    Dataset

    Raises
    ------
    InputError
        If there is no data set of that name, or the installed file has not the expected columns
        and rows.
    """
    entry = _CATALOGUE[known("data set", name, _CATALOGUE)]
    header, *rows = list(csv.reader(_text(entry.file).splitlines())) or [[]]
    if header != list(entry.columns) or len(rows) != entry.rows:
        raise InputError(
            f"{entry.file}: needs {entry.rows} rows of {', '.join(entry.columns)}, "
            f"got {len(rows)} of {', '.join(header)}; please install vi_lab again"
        )
    data: dict[str, np.ndarray] = {}
    for (column, (dtype, _)), text in zip(entry.columns.items(), np.array(rows).T, strict=True):
        data[column] = text.astype(dtype)
        data[column].setflags(write=False)
    return Dataset(
        name=name,
        title=entry.title,
        data=Columns(data),
        units=Columns({column: unit for column, (_, unit) in entry.columns.items()}),
        source=entry.source,
        licence=entry.licence,
        sha256=entry.sha256,
    )


def load_newcomb() -> Dataset:
    """Newcomb's 66 passage times of light (1882): column `deviation_ns`, shape (66,)."""
    return load("newcomb")


def load_darwin() -> Dataset:
    """Darwin's 15 pairs of maize plants (1876): column `diff_eighths_inch`, shape (15,)."""
    return load("darwin")


def load_coal() -> Dataset:
    """British coal-mining disasters, 1851-1962: columns `year`, `count`, `count_cgs1992`, (112,).

    `count` is counted from the dates; `count_cgs1992` is the list as printed by Carlin, Gelfand &
    Smith (1992), to match a textbook.
    """
    return load("coal")


def _text(file: str) -> str:
    return files("vi_lab_data").joinpath(file).read_text(encoding="utf-8")
