"""The manifest and compare.json of a folder, read: all they hold is looked at before it is used."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from vi_lab.comparison.row import Row
from vi_lab.errors import ResultFileError
from vi_lab.runtime import reading

FORMAT = "vi_lab results 1"
MANIFEST = "manifest.json"
LARGEST = 2**63  # of a count or a seed


def read_folder(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The manifest and compare.json; ResultFileError where they are not what is written here."""
    return _read_manifest(folder), _read_document(folder)


def _read_manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = reading.read_json(folder / MANIFEST)
    with _written_here(folder):
        reading.refuse_other_format(folder / MANIFEST, manifest["format"], FORMAT)
        _refuse_other_manifest(manifest)
    return manifest


def _read_document(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = reading.read_json(folder / "compare.json")
    with _written_here(folder):
        _refuse_other_document(document)
    return document


@contextmanager
def _written_here(folder: Path) -> Iterator[None]:
    """ResultFileError for what a file that is looked at here lacks, or has of another kind."""
    try:
        yield
    except KeyError as error:
        raise ResultFileError(f"{folder}: its manifest or compare.json lacks {error}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise ResultFileError(
            f"{folder}: its manifest or compare.json was not written here: {error}"
        ) from None


def read_or_nothing(folder: Path) -> tuple[list[Any], list[Any], dict[str, Any], str]:
    """Of earlier runs the entries, those that are stale, and compare.json, where there are any that
    can be read; and why they cannot, where a run has left something."""
    try:
        manifest = _read_manifest(folder)
    except ResultFileError:
        left = any((folder / name).is_file() for name in (MANIFEST, "compare.json"))
        return [], [], {}, f"{MANIFEST}, which listed them, is missing or damaged" if left else ""
    try:
        document, why = _read_document(folder), ""
    except ResultFileError:
        document, why = {}, "compare.json, which had their numbers, is missing or damaged"
    return manifest["current"], manifest["stale"], document, why


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or _is_whole(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST


# A cell of a row, by the words that say in `Row` of what kind it is.
KINDS: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "float": _is_number,
    "int": _is_whole,
    "None": lambda value: value is None,
}
CELLS = {column.name: str(column.type).split(" | ") for column in fields(Row)}


def read_row(cells: Any) -> Row:
    """A row as compare.json spells it; ValueError where a cell is of another kind."""
    _require(isinstance(cells, dict) and cells.keys() <= CELLS.keys(), "a row", cells)
    spelled: dict[str, Any] = {k: math.inf if v == "inf" else v for k, v in cells.items()}
    for name, value in spelled.items():
        _require(any(KINDS[kind](value) for kind in CELLS[name]), f"{name!r} of a row", value)
    return Row(**spelled)


def _refuse_other_manifest(manifest: Any) -> None:
    """KeyError for what is missing, ValueError for what is of another kind."""
    for entry in (*_list(manifest, "current"), *_list(manifest, "stale")):
        for name in ("problem", "method"):
            _require(isinstance(entry[name], str), f"{name!r} of an entry", entry[name])
        entry["seed"], entry["budget"], entry["vi_lab"], entry["command"]
        _require_inside(_list(entry, "files"))
    _require_inside(manifest.get("files", []))


def _refuse_other_document(document: Any) -> None:
    """The same of compare.json."""
    named = {read_row(row).problem for row in _list(document, "rows")}
    for each in document.get("seeds", []):
        _require(_is_whole(each["seed"]), "'seed' of 'seeds'", each["seed"])
        for row in _list(each, "rows"):
            read_row(row)
    verdicts, problems = _dict(document, "verdicts"), _dict(document, "problems")
    _require(all(isinstance(v, str) for v in verdicts.values()), "'verdicts'", verdicts)
    _require(named == verdicts.keys(), "'verdicts' of the rows", verdicts)
    for described in problems.values():
        _require(isinstance(described, dict), "a problem", described)
        for part in ("hyperparameters", "data"):
            _dict({part: {}, **described}, part)
    _require(isinstance(document["budget"], str), "'budget'", document["budget"])
    _require(isinstance(document["interrupted"], bool), "'interrupted'", document["interrupted"])
    seed = document["seed"]
    _require(seed is None or _is_whole(seed), "'seed'", seed)


def _require_inside(files: Any) -> None:
    """Of a manifest's files that none lies elsewhere."""
    _require(isinstance(files, list), "'files'", files)
    for file in files:
        path = file["path"]
        inside = isinstance(path, str) and not Path(path).is_absolute()
        if not inside or ".." in Path(path).parts:
            raise ValueError(f"it names files outside of the folder: {str(path)[:80]!r}")


def _list(holder: Any, name: str) -> list[Any]:
    _require(isinstance(holder, dict), f"what holds {name!r}", holder)
    _require(isinstance(holder[name], list), repr(name), holder[name])
    for item in holder[name]:
        _require(isinstance(item, dict), f"an entry of {name!r}", item)
    found: list[Any] = holder[name]
    return found


def _dict(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    _require(isinstance(holder[name], dict), repr(name), holder[name])
    found: dict[str, Any] = holder[name]
    return found


def _require(fits: bool, what: str, value: Any) -> None:
    if not fits:
        raise ValueError(f"{what} is {str(value)[:80]!r}")
