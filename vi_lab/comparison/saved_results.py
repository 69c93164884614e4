"""Results of a folder, each read when it is asked for, and only if the manifest knows its files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vi_lab.archive.load import load as load_result
from vi_lab.errors import ResultFileError
from vi_lab.problems.description import as_plain
from vi_lab.problems.named import list_problems, problem
from vi_lab.problems.problem import Problem
from vi_lab.problems.written_values import read_plain
from vi_lab.results import Posterior
from vi_lab.runtime import reading


class SavedResults(Mapping[tuple[str, str], Posterior]):
    """Of (problem, method), read from a folder; nothing is read before it is asked for.

    `problems` are those that are known, by name; `others` the further files of the manifest.
    """

    def __init__(
        self,
        folder: Path,
        entries: Mapping[tuple[str, str], Any],
        problems: Mapping[str, Problem],
        others: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.folder, self.entries, self.problems = folder, entries, problems
        self.others = others

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.entries)

    def __getitem__(self, key: tuple[str, str]) -> Posterior:
        """ResultFileError where the files are not those that the rows were measured on."""
        entry = self.entries[key]
        for path in list_changed(self.folder, entry["files"]):
            raise ResultFileError(
                f"{self.folder / path} is not the file that the manifest lists: a run into this "
                "folder was cut off, or another changed it; run the problem again"
            )
        path = self.folder / entry["files"][0]["path"]
        found: Posterior = load_result(path, self.problems.get(key[0]))
        return found

    def of(self, name: str) -> SavedResults:
        """Those of one problem."""
        kept = {key: entry for key, entry in self.entries.items() if key[0] == name}
        return SavedResults(self.folder, kept, self.problems, self.others)

    def read_other(self, path: str) -> bytes | None:
        """A further file of the folder; None for one that is not as the manifest lists it."""
        try:
            content = reading.read_bytes(self.folder / path)
        except OSError:
            return None
        return content if _describe(path, content) in self.others else None


def make_again(name: str, described: Mapping[str, Any]) -> Problem | None:
    """A named problem as it was, from its description; None for what is not vi_lab's own.

    Of a user's own model or data the description has no more than words.
    """
    word = name.split(" ")[0]
    if word not in list_problems():
        return None
    item, were = problem(word), described.get("hyperparameters", {})
    are = as_plain(item.hyperparameters)
    changes = {k: read_plain(k, were[k]) for k in are if k in were and were[k] != are[k]}
    item = replace(item.change(**changes), name=name)
    alike = as_plain(item.hyperparameters) == were
    return item if alike and item.n == described.get("data", {}).get("n") else None


def fingerprint(folder: Path, path: str) -> dict[str, Any] | None:
    """A file of a folder: its size, and what tells it from any other; None where it is missing."""
    try:
        return _describe(path, reading.read_bytes(folder / path))
    except OSError:
        return None


def pick_results(results: Mapping[tuple[str, str], Posterior], name: str) -> Any:
    """Those of one problem, (problem, method) -> result; of a folder none is read for it."""
    if isinstance(results, SavedResults):
        return results.of(name)
    return {pair: result for pair, result in results.items() if pair[0] == name}


def list_changed(folder: Path, files: Iterable[Mapping[str, Any]]) -> list[str]:
    """Those of these files that are missing, or are not as a manifest lists them."""
    return [file["path"] for file in files if fingerprint(folder, file["path"]) != file]


def is_there(folder: Path, files: Iterable[Mapping[str, Any]]) -> bool:
    """Whether any of these files is, changed or not."""
    return any((folder / file["path"]).is_file() for file in files)


def _describe(path: str, content: bytes) -> dict[str, Any]:
    return {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
