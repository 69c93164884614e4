"""The rows of the trial of docs/trial.md, in data/trial.csv.xz: every fit, whatever its ending.

The columns are the key of a row, its status and error, then those of the measure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vi_lab.datasets import files
from vi_lab.studies import compact_rows
from vi_lab.studies.measure import RowKey
from vi_lab.studies.trial.trial_measure import RANKS, TRIAL

FILE = "trial.csv.xz"
NAMES = (*RowKey._fields, "status", "error", *TRIAL.columns)
WORDS = ("problem", "method", "budget", "status", "error", RANKS)
DIGITS = 7


def write_rows(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows as the bytes of the file."""
    return compact_rows.write_rows(rows, NAMES, DIGITS)


def read_rows(raw: bytes) -> list[dict[str, Any]]:
    """Rows as the store has them."""
    return compact_rows.read_rows(raw, WORDS)


def read_published() -> list[dict[str, Any]]:
    """The rows that came with this vi_lab."""
    return read_rows(files.content(FILE))
