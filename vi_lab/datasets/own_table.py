"""A user's own table: columns of numbers from a CSV file, arrays from an npz file."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import list_some, short_repr, suggestion
from vi_lab.errors import InputError, error_text, refuse_if
from vi_lab.runtime import reading

GAPS = ("", "na", "nan", "null", "none", "n/a", "?", ".")  # what stands where nothing was measured


def read_table(
    path: Path, columns: Sequence[str] | None = None, *, gaps: bool = False
) -> dict[str, np.ndarray]:
    """Columns (rows,) of a CSV file with one header line, or the arrays of an npz file.

    Parameters
    ----------
    path : path
        Ends with .csv or .npz.
    columns : list of str, optional
        Those that are wanted, in their order. By default all.
    gaps : bool
        Whether a gap in a CSV file is nan, and no error.

    Raises
    ------
    InputError
        Where a column is not there, has a gap or holds what is no number: with the line.
    """
    path = checks.path("--data", path)
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".npz"):
        raise InputError(f"--data: needs a file that ends with .csv or .npz, got {path}")
    refuse_if(not path.exists() or path.is_dir(), f"--data: there is no file {path}")
    twice = [name for name, times in Counter(columns or ()).items() if times > 1]
    refuse_if(twice, f"--columns: needs different names, got twice: {list_some(twice)}")
    return _read_npz(path, columns) if suffix == ".npz" else _read_csv(path, columns, gaps)


def _read_npz(path: Path, columns: Sequence[str] | None) -> dict[str, np.ndarray]:
    arrays = dict(reading.read_npz(path))
    refuse_if(not arrays, f"{path}: holds no array")
    wanted = list(arrays) if columns is None else columns
    return {name: arrays[_known(path, "array", name, arrays)] for name in wanted}


def _read_csv(path: Path, columns: Sequence[str] | None, gaps: bool) -> dict[str, np.ndarray]:
    try:
        text = reading.read_whole(path).decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        every = [(reader.line_num, cells) for cells in reader]
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path}: is no CSV file in UTF-8; {error_text(error)}") from None
    lines = [(number, cells) for number, cells in every if cells]
    refuse_if(not lines, f"{path}: is empty; needs a line with the names of the columns")
    (first, header), *rows = lines
    header = [name.strip() for name in header]
    _check_header(path, header)
    refuse_if(not rows, f"{path}: has the names of columns and no rows under them")
    if len(header) == 1:  # then an empty line is a gap, but behind the last number
        rows = [(n, cells or [""]) for n, cells in every if first < n <= lines[-1][0]]
    wanted = header if columns is None else [_known(path, "column", n, header) for n in columns]
    places = {name: header.index(name) for name in wanted}
    found: dict[str, list[float]] = {name: [] for name in wanted}
    for line, cells in rows:
        if len(cells) != len(header):
            raise InputError(f"{path}, line {line}: needs {len(header)} cells, got {len(cells)}")
        for name, place in places.items():
            missing = gaps and cells[place].strip().lower() in GAPS
            found[name].append(np.nan if missing else _number(path, line, name, cells[place]))
    return {name: np.array(values) for name, values in found.items()}


def _check_header(path: Path, header: list[str]) -> None:
    """Names, each once; what else is often there instead."""
    if len(header) == 1 and ";" in header[0]:
        raise InputError(f"{path}, line 1: needs columns parted by commas, got semicolons")
    if all(_is_number(name) for name in header):
        came = ", ".join(header)
        raise InputError(
            f"{path}, line 1: needs the names of the columns, got numbers ({came:.40})"
        )
    for name in header:
        if header.count(name) > 1:
            raise InputError(f"{path}, line 1: needs different names, got {name!r} twice")


def _known(path: Path, what: str, name: str, names: Sequence[str] | dict[str, np.ndarray]) -> str:
    if name not in names:
        raise InputError(f"{path}: has no {what} {short_repr(name)}{suggestion(name, names)}")
    return name


def _number(path: Path, line: int, name: str, cell: str) -> float:
    """One cell as a finite number."""
    text = cell.strip()
    if text.lower() in GAPS:
        came = f"a gap ({text})" if text else "a gap"
        raise InputError(f"{path}, line {line}: needs a number in column {name!r}, got {came}")
    if not _is_number(text):
        needed = f"{path}, line {line}: needs a number in column {name!r}"
        raise InputError(f"{needed}, got {short_repr(text)}; --columns names those to be read")
    return float(text)


def _is_number(text: str) -> bool:
    try:
        return text.isascii() and "_" not in text and math.isfinite(float(text))
    except ValueError:
        return False
