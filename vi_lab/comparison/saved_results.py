"""Results of a folder, each read when it is asked for, and only if the manifest knows its files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vi_lab.archive.load import load as load_result
from vi_lab.errors import ResultFileError
from vi_lab.problems.named import list_problems, problem
from vi_lab.results import Posterior
from vi_lab.runtime import reading


class SavedResults(Mapping[tuple[str, str], Posterior]):
    """Of (problem, method), read from a folder; nothing is read before it is asked for."""

    def __init__(self, folder: Path, entries: Mapping[tuple[str, str], Any]) -> None:
        self.folder, self.entries = folder, entries

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.entries)

    def __getitem__(self, key: tuple[str, str]) -> Posterior:
        """ResultFileError where the files are not those that the rows were measured on."""
        entry = self.entries[key]
        for file in entry["files"]:
            if fingerprint(self.folder, file["path"]) != file:
                raise ResultFileError(
                    f"{self.folder / file['path']} is not the file that the manifest lists: a run "
                    "into this folder was cut off, or another changed it; run the problem again"
                )
        path = self.folder / entry["files"][0]["path"]
        model = problem(key[0]) if key[0] in list_problems() else None
        found: Posterior = load_result(path, model)
        return found

    def of(self, name: str) -> SavedResults:
        """Those of one problem."""
        kept = {key: entry for key, entry in self.entries.items() if key[0] == name}
        return SavedResults(self.folder, kept)


def fingerprint(folder: Path, path: str) -> dict[str, Any] | None:
    """A file of a folder: its size, and what tells it from any other; None where it is missing."""
    try:
        content = reading.read_bytes(folder / path)
    except OSError:
        return None
    return {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
