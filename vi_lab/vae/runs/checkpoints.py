"""Checkpoints of a training: each a file that is whole or absent, and the last two are kept.

A checkpoint is one npz: the arrays of the state, and as text a JSON record that says whose state it
is and holds the generator's. Nothing is ever unpickled. Files are numbered; a file that cannot be
read is reported, never touched, and the one before it is used.
"""

from __future__ import annotations

import io
import json
import os
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vi_lab.errors import ResultFileError, ViLabError
from vi_lab.runtime import reading, storage

FORMAT = "vi_lab vae checkpoint 1"
NAME = re.compile(r"checkpoint-(\d{6,})\.npz")
KEPT = 2


class CheckpointWarning(ViLabError, UserWarning):
    """A checkpoint could not be read; an older one is used."""


class Checkpoints:
    """The checkpoints of one training in a folder.

    Parameters
    ----------
    folder : path
        Made if it is missing.
    identity : mapping
        What makes the training this one; a checkpoint with another identity is refused. An entry
        that is None here is unknown, and not compared.
    """

    def __init__(self, folder: str | os.PathLike[str], identity: Mapping[str, Any]) -> None:
        self.folder = Path(folder)
        self.identity = storage.plain(identity)
        self._good: list[Path] = []  # whole ones, oldest first: the only files ever deleted

    @property
    def latest(self) -> Path | None:
        """The newest whole checkpoint, once `read` or `write` has seen one."""
        return self._good[-1] if self._good else None

    def read(self) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
        """Arrays and record of the newest whole checkpoint; None where the folder has none at all.

        Raises ResultFileError where none can be read, or one is of another training.
        """
        newest = None
        damaged: list[ResultFileError] = []
        for path in self._files()[::-1]:
            try:
                arrays, record = _load(path)
            except ResultFileError as error:
                damaged.append(error)
                continue
            known = {name: value for name, value in self.identity.items() if value is not None}
            refuse_other_training(path, record["identity"], known)
            self._good.insert(0, path)
            if newest is None:
                newest = arrays, record
                for damage in damaged:
                    # level 6 is the caller of VAE.fit
                    words = f"{damage}; resuming from {path.name} instead"
                    warnings.warn(words, CheckpointWarning, stacklevel=6)
        if newest is None and damaged:
            raise ResultFileError(
                f"{damaged[0]}; no checkpoint in {self.folder} can be read, so nothing was resumed "
                "(to start afresh, name another folder)"
            )
        return newest

    def write(self, arrays: Mapping[str, np.ndarray], record: Mapping[str, Any]) -> None:
        """Add a checkpoint, then delete all but the last two whole ones."""
        files = self._files()
        number = 1 + (int(NAME.fullmatch(files[-1].name)[1]) if files else 0)  # type: ignore[index]
        text = json.dumps(storage.plain({"format": FORMAT, "identity": self.identity, **record}))
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, record=np.array(text), **arrays)
        path = storage.write_bytes(self.folder / f"checkpoint-{number:06d}.npz", buffer.getvalue())
        self._good.append(path)
        while len(self._good) > KEPT:
            self._good.pop(0).unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        """Every checkpoint file, whole or not, by number."""
        numbered = (
            (int(match[1]), path)
            for path in (self.folder.iterdir() if self.folder.exists() else ())
            if (match := NAME.fullmatch(path.name))
        )
        return [path for _, path in sorted(numbered)]


def refuse_other_training(path: Path, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
    """A ResultFileError that names the first of our entries that differs in theirs."""
    for name, value in ours.items():
        if theirs.get(name) != value:
            raise ResultFileError(
                f"{path} is of another training: its {name} is {theirs.get(name)}, here it is "
                f"{value}; use the same settings, or another folder"
            )


def _load(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    arrays = reading.read_npz(path)
    try:
        record = json.loads(str(arrays.pop("record")[()]))
        reading.refuse_other_format(path, record["format"], FORMAT)
        if not isinstance(record["identity"], dict):
            raise KeyError("identity")
    except (KeyError, TypeError, ValueError):
        raise ResultFileError(f"{path} is no checkpoint of a vi_lab VAE") from None
    return arrays, record
