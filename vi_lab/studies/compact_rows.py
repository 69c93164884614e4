"""Rows of a study in one small file, to be kept beside the code: CSV with a header line, xz.

Numbers have a few digits, and an empty cell is what was not measured.
"""

from __future__ import annotations

import csv
import io
import lzma
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any


def write_rows(rows: Iterable[Mapping[str, Any]], names: Sequence[str], digits: int) -> bytes:
    """The columns of these names as the bytes of a file; the same bytes for the same rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_spell(row[name], digits) for name in names] for row in rows)
    return lzma.compress(text.getvalue().encode("utf-8"), preset=9 | lzma.PRESET_EXTREME)


def read_rows(raw: bytes, words: Collection[str]) -> list[dict[str, Any]]:
    """Rows as the store has them; columns of these names are texts, all others numbers."""
    text = lzma.decompress(raw).decode("utf-8")
    return [
        {name: _read(cell, name in words) for name, cell in row.items()}
        for row in csv.DictReader(text.splitlines())
    ]


def _spell(value: Any, digits: int) -> str:
    if value is None:
        return ""
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def _read(cell: str, is_word: bool) -> Any:
    if cell == "":
        return None
    return cell if is_word else float(cell)
