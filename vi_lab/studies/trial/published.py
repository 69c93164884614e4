"""The rows of the trial of docs/trial.md, in data/trial.csv.xz: every fit, whatever its ending.

CSV with a header line: the key of a row, its status and error, then the columns of the measure,
numbers to seven digits; an empty cell is what was not measured.
"""

from __future__ import annotations

import csv
import io
import lzma
from collections.abc import Iterable, Mapping
from typing import Any

from vi_lab.datasets import files
from vi_lab.studies.measure import RowKey
from vi_lab.studies.trial.trial_measure import RANKS, TRIAL

FILE = "trial.csv.xz"
NAMES = (*RowKey._fields, "status", "error", *TRIAL.columns)
WORDS = ("problem", "method", "budget", "status", "error", RANKS)


def write_rows(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows as the bytes of the file; the same bytes for the same rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(NAMES)
    writer.writerows([_spell(row[name]) for name in NAMES] for row in rows)
    return lzma.compress(text.getvalue().encode("utf-8"), preset=9 | lzma.PRESET_EXTREME)


def read_rows(raw: bytes) -> list[dict[str, Any]]:
    """Rows as the store has them."""
    text = lzma.decompress(raw).decode("utf-8")
    return [
        {name: _read(name, cell) for name, cell in row.items()}
        for row in csv.DictReader(text.splitlines())
    ]


def read_published() -> list[dict[str, Any]]:
    """The rows that came with this vi_lab."""
    return read_rows(files.content(FILE))


def _spell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def _read(name: str, cell: str) -> Any:
    if cell == "":
        return None
    return cell if name in WORDS else float(cell)
