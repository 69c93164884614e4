"""What a study measures: a function of the key of a row, and the columns of its table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class RowKey(NamedTuple):
    """What a row is about; the same key gives the same numbers, on any machine and in any order.

    Attributes
    ----------
    problem : str
        A case: "coal", or "coal@17" for data drawn from coal's prior predictive (`cases`).
    method, budget : str
    seed : int
    """

    problem: str
    method: str
    budget: str
    seed: int


@dataclass(frozen=True)
class Measure:
    """One table of a store.

    Attributes
    ----------
    name : str
        Of the table; letters, digits and underscores.
    columns : mapping of str to str
        What each column means. None (NULL) is what was not measured.
    parts : callable (RowKey) -> sequence of dict
        The row, in one part or several, numbered from 0; another process must be able to import
        it. NotApplicable, and any other error, becomes the row.
    methods, budgets : sequence of str
        The names that it takes.
    seconds : float
        About what a row takes, by which the number of processes is chosen.
    shown : sequence of str
        The columns that the report sums up, most telling first.
    """

    name: str
    columns: Mapping[str, str]
    parts: Callable[[RowKey], Sequence[Mapping[str, Any]]]
    methods: Sequence[str]
    budgets: Sequence[str]
    seconds: float = 0.25
    shown: Sequence[str] = ()
