"""The folder of a training on the command line: what it is of, its checkpoints, what came of it.

run.json          the data and the settings; written first, and never changed
checkpoints/      see checkpoints.py
fit.npz, .json    the trained VAE, once the training has ended or Ctrl-C has
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vi_lab.errors import ResultFileError
from vi_lab.runtime import reading, storage
from vi_lab.vae.runs.checkpoints import refuse_other_training
from vi_lab.vae.runs.sources import DataSplit, load_split
from vi_lab.vae.vae import Amortised

FORMAT = "vi_lab vae run 1"
RUN, FIT, CHECKPOINTS = "run.json", "fit", "checkpoints"


def claim(folder: Path, settings: Mapping[str, Any], data: DataSplit) -> bool:
    """Make the folder that of this training; whether it was so already.

    Raises ResultFileError where it is that of another, naming the setting that differs.
    """
    wanted = storage.plain({**settings, "rule": data.rule, "held_out": _checksum(data.held_out)})
    path = folder / RUN
    if not path.exists():
        provenance = storage.provenance()
        storage.write_json(path, {"format": FORMAT, "settings": wanted, "provenance": provenance})
        return False
    refuse_other_training(folder, _settings(path)[0], wanted)
    return True


def open_run(folder: Path) -> tuple[Amortised, DataSplit, dict[str, Any]]:
    """The trained VAE of a folder, its data, and its settings.

    Raises ResultFileError where there is no training, where none has ended, or where the data are
    no longer those it was trained on.
    """
    path = folder / RUN
    if not path.exists():
        raise ResultFileError(f"{folder} holds no training of `vi-lab vae train` (no {RUN})")
    settings, command = _settings(path)
    if not (folder / f"{FIT}.json").exists():
        raise ResultFileError(
            f"the training in {folder} has not ended; the same command resumes it: {command}"
        )
    fit = Amortised.load(folder / FIT)
    source = os.fsdecode(settings["data"].encode())  # as the locale spells paths
    data = load_split(source, fit.vae.likelihood, settings["grey"])
    if _checksum(data.held_out) != settings["held_out"]:
        raise ResultFileError(f"{settings['data']} is not the data that {folder} was trained on")
    return fit, data, settings


def _settings(path: Path) -> tuple[dict[str, Any], str]:
    """The settings of a run.json, and the command that made it."""
    record = reading.read_json(path)
    try:
        reading.refuse_other_format(path, record["format"], FORMAT)
        settings: dict[str, Any] = dict(record["settings"])
        for name, kind in {"data": str, "grey": bool, "held_out": int}.items():
            if type(settings[name]) is not kind:
                raise TypeError(name)
        settings["data"].encode()  # half a letter is of no path
        return settings, str(record["provenance"]["command"])
    except (KeyError, TypeError, ValueError):
        raise ResultFileError(f"{path} is not of a training of `vi-lab vae train`") from None


def _checksum(x: np.ndarray) -> int:
    return zlib.crc32(np.ascontiguousarray(x).tobytes())
