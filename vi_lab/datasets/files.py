"""The bundled files, from bytes to named arrays; nothing is ever unpickled."""

import csv
import io
from importlib import resources
from pathlib import Path

import numpy as np


def folder() -> Path:
    """The folder of the bundled files: inside an installed package, beside it in a checkout."""
    package = Path(str(resources.files("vi_lab")))
    inside = package / "_data"
    return inside if inside.is_dir() else package.parent / "data"


def content(file: str) -> bytes:
    """The bytes of a bundled file."""
    return folder().joinpath(file).read_bytes()


def read_csv(raw: bytes) -> dict[str, np.ndarray]:
    """The columns of a table with one header line, as text, each of shape (rows,)."""
    header, *rows = csv.reader(raw.decode("utf-8").splitlines())
    cells = zip(*rows, strict=True)
    return {name: np.array(column) for name, column in zip(header, cells, strict=True)}


def read_npz(raw: bytes) -> dict[str, np.ndarray]:
    """The arrays of an npz archive, as they are."""
    with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
