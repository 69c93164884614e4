"""Sections of a report that a run leaves beside its results, so that a report only assembles them.

A kept section is used where it is, to the byte, what would be drawn now: of the same results, by
the same sources and libraries, in the same manner. Otherwise it is as good as not there, and so is
one that is cut off, changed or planted. A folder may come from anywhere: text of a section is
escaped as all text of a page is, and its pictures must be drawings and nothing else.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from vi_lab.comparison.compare import Comparison
from vi_lab.comparison.folder import place_section
from vi_lab.comparison.saved_results import SavedResults, fingerprint, list_changed
from vi_lab.datasets import files as bundled
from vi_lab.model_or_problem import as_given, as_model
from vi_lab.problems.description import as_plain
from vi_lab.problems.problem import Problem
from vi_lab.reports.drawings import require_drawing
from vi_lab.reports.moments import Moments
from vi_lab.reports.sections import Account, Picture, Section, list_traced, make_section
from vi_lab.reports.words import fragment
from vi_lab.runtime import reading, storage
from vi_lab.runtime.parallel import processes, run_jobs

PROBLEM_SECONDS = 0.6  # about how long a problem's section takes
MANY = 10  # problems, above which traces are of those alone that did not arrive
MOST_BYTES = 2**24  # of a section, unpacked
LIBRARIES = ("matplotlib", "contourpy", "arviz-stats")  # that draw, beside those of `provenance`


def gather_sections(parts: Mapping[str, Comparison], jobs: int | None) -> dict[str, Section]:
    """The section of each problem, of comparisons of one problem each.

    One that was kept where there is one, the others drawn here or in other processes.
    """
    brief = len(parts) > MANY
    found = {name: read_section(part, brief) for name, part in parts.items()}
    sections = {name: section for name, section in found.items() if section is not None}
    missing = [name for name in parts if name not in sections]
    workers = processes(jobs, [PROBLEM_SECONDS] * len(missing))
    each = [(parts[name], brief) for name in missing]
    run_jobs(make_section, each, workers, lambda i, made: sections.update({missing[i]: made}))
    return sections


def keep_section(
    section: Section, part: Comparison, brief: bool, folder: Path, stems: Mapping[str, str]
) -> None:
    """Leave a section in the folder that holds the results it was made of.

    `stems` are where these lie, by method and without a suffix. What could not be read or drawn is
    tried again each time: a section with trouble is not kept.
    """
    (name,) = part.verdicts
    files = {
        method: [fingerprint(folder, f"{stem}{end}") for end in (".npz", ".json")]
        for method, stem in stems.items()
    }
    if section.trouble or not all(map(all, files.values())):
        return
    key = _make_key(part, brief, folder, files)
    content = json.dumps({"key": key, "section": section}).encode()
    storage.write_bytes(folder / place_section(name), gzip.compress(content, 6, mtime=0))


def read_section(part: Comparison, brief: bool) -> Section | None:
    """The section that a run kept of a comparison of one problem; None where none can be used."""
    results = part.results
    if not isinstance(results, SavedResults):
        return None
    files = {method: entry["files"] for (_, method), entry in results.entries.items()}
    if list_changed(results.folder, chain(*files.values())):
        return None
    (name,) = part.verdicts
    content = results.read_other(place_section(name))
    if content is None:
        return None
    try:
        document = json.loads(_unpack(content))
        made_now = document["key"] == _make_key(part, brief, results.folder, files)
        return _read_section(document["section"], name) if made_now else None
    except (zlib.error, ParseError, ValueError, TypeError, KeyError, OSError, RecursionError):
        return None


def _make_key(
    part: Comparison, brief: bool, folder: Path, files: Mapping[str, Sequence[Any]]
) -> str:
    """Of all that a section depends on; ResultFileError where a result's words cannot be read.

    `files` are the fingerprints of the numbers and the words of each result, by method. The seconds
    it took are in no section, and so the same run leaves the same bytes.
    """
    results = []
    for method, (numbers, words) in sorted(files.items()):
        said = dict(reading.read_json(folder / words["path"])) | {"seconds": None}
        results.append([method, numbers["sha256"], said])
    problems = {item.name: _describe(item) for item in part.problems if item.name in part.verdicts}
    traced = sorted(list_traced(part.rows, brief))
    made_of = [[*part.verdicts], problems, results, traced, brief, _describe_makers()]
    return hashlib.sha256(json.dumps(storage.plain(made_of)).encode()).hexdigest()


def _describe(item: Problem) -> list[Any]:
    """What a problem is: of one's own model, which a folder does not know, as far as it is said."""
    kind = type(as_given(as_model(item.model)))
    return [kind.__module__, kind.__qualname__, as_plain(item.hyperparameters), item.n]


@functools.cache
def _describe_makers() -> list[Any]:
    """The libraries that compute and draw, and every source and data file of vi_lab's own."""
    about = {key: value for key, value in storage.provenance().items() if key != "command"}
    digest = hashlib.sha256()
    package = Path(__file__).parents[1]
    for path in sorted([*package.rglob("*.py"), *bundled.folder().iterdir()]):
        if path.is_file():
            digest.update(path.read_bytes())
    return [about, [version(library) for library in LIBRARIES], digest.hexdigest()]


def _unpack(content: bytes) -> bytes:
    """What was compressed; ValueError for what is cut off, goes on or is too large."""
    reader = zlib.decompressobj(wbits=31)  # gzip
    found = reader.decompress(content, MOST_BYTES)
    if not reader.eof or reader.unused_data:
        raise ValueError(f"no whole gzip file of up to {MOST_BYTES:,} bytes")
    return found


def _read_section(fields: Any, name: str) -> Section:
    """A section as JSON has it; ValueError or TypeError for what is none, or of another problem."""
    pictures, traces, vae, accounts, moments, trouble = _list(fields)
    return Section(
        pictures=tuple(_read_picture(one, fragment(name)) for one in _list(pictures)),
        traces=tuple(_read_picture(one, fragment(name)) for one in _list(traces)),
        vae=tuple(_read_picture(one, "all") for one in _list(vae)),
        accounts=tuple(map(_read_account, _list(accounts))),
        moments=None if moments is None else _read_moments(moments),
        trouble=_texts(trouble),
    )


def _read_picture(fields: Any, prefix: str) -> Picture:
    picture = Picture(*_texts(fields))
    if picture.svg:
        require_drawing(picture.svg, picture.id)
    if not picture.id.startswith(f"{prefix}-"):
        raise ValueError(f"{picture.id!r} does not begin with {prefix!r}")
    return picture


def _read_account(fields: Any) -> Account:
    method, lines, sentence, holds = _list(fields)
    if holds is not None and not isinstance(holds, bool):
        raise TypeError("a ledger holds, does not, or cannot be told")
    numbers = [(title, value, route) for title, value, route in map(_texts, _list(lines))]
    return Account(_text(method), tuple(numbers), _text(sentence), holds)


def _read_moments(fields: Any) -> Moments:
    methods, lines, notes = _list(fields)
    pairs = [(_text(coordinate), _texts(cells)) for coordinate, cells in map(_list, _list(lines))]
    return Moments(_texts(methods), tuple(pairs), _texts(notes))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(_text, _list(value)))
