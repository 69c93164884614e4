"""Files that came from anywhere, read whole: regular files alone, of a size that was looked at.

A device has no end, a pipe may wait for ever, and an archive of a megabyte may unpack to many
gigabytes: each is one error, before anything is read or unpacked. Nothing is ever unpickled.
"""

from __future__ import annotations

import io
import json
import os
import stat
import zipfile
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.errors import ResultFileError

MOST_BYTES = 2**31  # of a file
# Of what an archive unpacks to: so many bytes in any case, and so many for each of its own.
MOST_UNPACKED, MOST_RATIO = 2**28, 100
LONGEST_HEADER = 10_000  # bytes before an array that say what it is: NumPy's own limit

Layout = Mapping[str, Any]  # by name: [dtype, [shape]]


def read_bytes(path: str | os.PathLike[str], most: int = MOST_BYTES) -> bytes:
    """The content of a regular file.

    Raises
    ------
    FileNotFoundError
    ResultFileError
        Where it is no regular file, cannot be read, is larger than `most`, or changes meanwhile.
    """
    how = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    wrong = ResultFileError(f"cannot read {path}: it is no regular file")
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # some devices do things once they are opened
            raise wrong
        with os.fdopen(os.open(path, how), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise wrong
            if found.st_size > most:
                size = f"{found.st_size:,} bytes are more than the {most:,}"
                raise ResultFileError(f"cannot read {path}: its {size} that are read")
            content = file.read(found.st_size + 1)
            after = os.fstat(file.fileno())
    except (FileNotFoundError, ResultFileError):
        raise
    except (OSError, ValueError) as error:  # a NUL in the name
        words = getattr(error, "strerror", None) or error
        raise ResultFileError(f"cannot read {path}: {words}") from None
    if content is None or (not found.st_size and content):  # of the kernel's, as in /proc
        raise wrong
    whole = len(content) == found.st_size == after.st_size
    if not whole or found.st_mtime_ns != after.st_mtime_ns:
        raise ResultFileError(f"cannot read {path}: it changed while it was read")
    return content


def read_whole(path: str | os.PathLike[str], most: int = MOST_BYTES) -> bytes:
    """The same; one that is not there is a ResultFileError too."""
    try:
        return read_bytes(path, most)
    except FileNotFoundError as error:
        raise ResultFileError(f"cannot read {path}: {error.strerror}") from None


def read_json(path: str | os.PathLike[str]) -> Any:
    """Read JSON in which no key stands twice; ResultFileError where the file is no such."""
    raw = read_whole(path)
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_different_keys)
    except (ValueError, RecursionError) as error:  # brackets within brackets without end
        raise ResultFileError(f"{path} is not a whole JSON file: {error}") from None


def _different_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {twice!r} stands in it twice")
    return found


def read_npz(path: str | os.PathLike[str], layout: Layout | None = None) -> dict[str, np.ndarray]:
    """Read every array of an npz, never unpickling; ResultFileError where that fails.

    Parameters
    ----------
    path : path
    layout : mapping of str to [dtype, shape], optional
        What the arrays must be; by default any whose size is not out of proportion.
    """
    content = read_whole(path)
    try:
        _look_before_unpacking(content, layout)
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        if not all(isinstance(array, np.ndarray) for array in arrays.values()):
            raise ValueError("it holds files that are no arrays")
    except Exception as error:  # zip, zlib, header: a damaged archive can raise almost anything
        words = str(error)
        if not content.startswith(b"PK"):
            words = "it does not begin as one"
        elif "max_header_size" in words:  # NumPy's advice is to load it all the same
            words = f"an array's header is longer than {LONGEST_HEADER:,} bytes"
        elif "pickle" in words:
            words = "it holds Python objects, which are never unpickled"
        raise ResultFileError(f"{path} is not a whole npz file of plain arrays: {words}") from None
    return arrays


def _look_before_unpacking(content: bytes, layout: Layout | None) -> None:
    """ValueError where an archive says of itself that it must not be unpacked."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        names = [member.filename.removesuffix(".npy") for member in members]
        if len(set(names)) < len(names):
            raise ValueError(f"{Counter(names).most_common(1)[0][0]!r} stands in it twice")
        unpacked = sum(member.file_size for member in members)
        if layout is None:
            if unpacked > max(MOST_UNPACKED, MOST_RATIO * len(content)):
                raise ValueError(f"{len(content):,} bytes would unpack to {unpacked:,}")
            return
        if set(names) != layout.keys():
            raise ValueError(f"it holds {sorted(names)}, not {sorted(layout)}")
        for member, name in zip(members, names, strict=True):
            with archive.open(member) as file:
                found = describe(*_read_header(file))
            if found != layout[name]:
                raise ValueError(f"{name!r} is {found}, not {layout[name]}")


def _read_header(file: Any) -> tuple[np.dtype, tuple[int, ...]]:
    numpy = np.lib.format
    first = numpy.read_magic(file)[0] == 1
    read = numpy.read_array_header_1_0 if first else numpy.read_array_header_2_0
    shape, _, dtype = read(file, max_header_size=LONGEST_HEADER)
    return dtype, shape


def describe(dtype: np.dtype, shape: tuple[int, ...]) -> list[Any]:
    """What an array is, as JSON may hold it: its dtype and its shape."""
    return [dtype.str, list(shape)]


def refuse_other_format(path: Any, found: Any, known: str) -> None:
    """ResultFileError where a file does not call itself what is read here, as "vi_lab result 1"."""
    kind, _, version = known.rpartition(" ")
    name, _, number = str(found).rpartition(" ")
    if found == known:
        return
    if name == kind and number.isdecimal() and int(number) > int(version):
        raise ResultFileError(f"{path} was made by a newer vi_lab: its format is {found!r}")
    raise ResultFileError(f"{path} is not a {kind}")
