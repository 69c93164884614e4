"""What a loader gives: named arrays that nobody can change, with units, origin and licence."""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from vi_lab.arguments.public import suggestion
from vi_lab.errors import InputError
from vi_lab.results import tables

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
    """One data set: the columns of a table, or arrays of any shape.

    Attributes
    ----------
    name : str
        The short name, as in `list_datasets`.
    title : str
        What it is, in one line.
    data : Mapping of str to ndarray
        The values by name, read-only. A column of a table has shape ``(rows,)`` and is float64 for
        measurements, int64 for counts, years and yes (1) or no (0), str for text. Arrays keep the
        shape and number type of their file: convert small integers before computing with them.
    units : Mapping of str to str
        The unit of each column or array.
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
        """The names of the columns or arrays, in the order of the file."""
        return tuple(self.data)

    def __len__(self) -> int:
        """The number of rows; of arrays, where these have not one number of rows between them."""
        rows = self._rows()
        return len(self.data) if rows is None else rows

    def __repr__(self) -> str:
        names = textwrap.shorten(", ".join(self.columns), 58, placeholder=" …")
        return f"Dataset({self.name!r}: {self._size()} of {names})"

    def _repr_html_(self) -> str:
        rows = [
            {
                "column": name,
                "unit": self.units[name],
                "shape": " × ".join(map(str, values.shape)),
                "values": _span(values),
            }
            for name, values in self.data.items()
        ]
        note = f"Source: {self.source}. Licence: {self.licence}."
        return tables.html(rows, f"{self.title} ({self._size()})", note)

    def _rows(self) -> int | None:
        """The number of rows that all arrays share, if they do."""
        first, *others = {len(values) for values in self.data.values()}
        return None if others else first

    def _size(self) -> str:
        return f"{len(self)} {'arrays' if self._rows() is None else 'rows'}"


def _span(values: np.ndarray) -> str:
    """The smallest and the largest of numbers; of texts, which there are."""
    if values.dtype.kind == "U":
        return textwrap.shorten(", ".join(np.unique(values)), 60, placeholder=" …")
    return f"{values.min():g} to {values.max():g}"
