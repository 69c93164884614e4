"""The table that everyone asks of a posterior first: mean, sd and interval of every coordinate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.arguments.read_only import ReadOnlyDict
from vi_lab.results import frames, tables
from vi_lab.results.coordinates import write_coordinates
from vi_lab.results.quantiles import write_level

SHOWN = 40  # rows that are printed


@dataclass(frozen=True, eq=False, repr=False)
class Summary:
    """A row for each coordinate of each latent; iterate over them, print them, `to_pandas()`.

    Attributes
    ----------
    rows : tuple of mappings
        latent, mean, sd and the ends of the equal-tailed interval; of a Markov chain also R-hat,
        bulk ESS and the Monte Carlo standard error of the mean (MCSE). Of nominal labels, each
        class with its probability instead.
    caption : str
        The method.
    notes : tuple of str
        Which quantiles come from draws, with their Monte Carlo standard error.
    """

    rows: tuple[Mapping[str, Any], ...]
    caption: str
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self.rows)

    def __getitem__(self, place: int) -> Mapping[str, Any]:
        return self.rows[place]

    def text(self) -> str:
        """Aligned, the first 40 rows; what is said of them below."""
        notes = [tables.wrap(note) for note in self._list_notes()]
        return "\n".join([self.caption, tables.text(self.rows[:SHOWN]), *notes])

    def to_pandas(self) -> Any:
        """All rows as a DataFrame, by latent (needs pandas)."""
        return frames.make_frame(self.rows, index="latent")

    def _list_notes(self) -> list[str]:
        left = len(self.rows) - SHOWN
        return [*self.notes, *([f"{left} more rows"] if left > 0 else [])]

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return tables.html(self.rows[:SHOWN], self.caption, " ".join(self._list_notes()))


def freeze(row: dict[str, Any]) -> Mapping[str, Any]:
    """A row that cannot be written to."""
    return ReadOnlyDict(row)


def list_probabilities(name: str, probabilities: np.ndarray) -> Iterator[dict[str, Any]]:
    """A row for each class of each label, from (*shape, K)."""
    for text, row in _by_coordinate(name, probabilities.shape[:-1], probabilities):
        for label, p in enumerate(row):
            yield {"latent": f"{text} = {label}", "probability": float(p)}


def list_moments(name: str, levels: np.ndarray, *numbers: Any) -> Iterator[dict[str, Any]]:
    """A row for each coordinate, from its mean, sd and two quantiles, each in its shape."""
    arrays = [np.asarray(value, np.float64) for value in numbers]
    headings = ["mean", "sd", *map(write_level, levels)]
    for text, row in _by_coordinate(name, arrays[0].shape, np.stack(arrays, axis=-1)):
        yield {"latent": text, **{h: float(v) for h, v in zip(headings, row, strict=True)}}


def _by_coordinate(
    name: str, shape: tuple[int, ...], values: np.ndarray
) -> Iterator[tuple[str, np.ndarray]]:
    """Each coordinate by the name that tables write, with its row of values (*shape, numbers)."""
    return zip(write_coordinates(name, shape), values.reshape(-1, values.shape[-1]), strict=True)
