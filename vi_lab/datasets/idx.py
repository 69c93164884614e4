"""IDX, the format of MNIST and its likes: a magic number, the sizes, then the numbers, big-endian.

    bytes 0-1   zero
    byte  2     the type of the numbers (TYPES)
    byte  3     the number of axes
    4 per axis  its length
    the rest    the numbers, last axis fastest

(LeCun, Cortes & Burges, yann.lecun.com/exdb/mnist.) Plain or gzipped; told apart by their bytes,
not by their names.
"""

import gzip
import io
import math
import os
import zlib

import numpy as np

from vi_lab.errors import InputError, refuse_if
from vi_lab.runtime import reading

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP, DENSEST = b"\x1f\x8b", 1032  # deflate packs no more than so many bytes into one


def read_idx(path: str | os.PathLike[str]) -> np.ndarray:
    """The array of an IDX file, in the number type of the file and this machine's byte order.

    Raises InputError, naming the file, where it is missing, is no IDX file, ends too early or goes
    on after its last number.
    """
    try:
        raw = reading.read_bytes(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    if not raw.startswith(GZIP):
        return _parse(path, io.BytesIO(raw), len(raw), 1)
    try:
        with gzip.open(io.BytesIO(raw)) as file:
            return _parse(path, file, len(raw), DENSEST)
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path}: is not a whole gzip file ({error})") from None


def _parse(
    path: str | os.PathLike[str], file: io.BytesIO | gzip.GzipFile, size: int, densest: int
) -> np.ndarray:
    """Header, numbers, and nothing after them; of a file of this size, in which a byte holds at
    the most so many."""
    magic = file.read(4)
    kind = TYPES.get(magic[2]) if len(magic) == 4 and magic[:2] == b"\0\0" else None
    if kind is None or magic[3] == 0:
        raise InputError(f"{path}: is no IDX file (it begins with {magic.hex(' ') or 'nothing'})")
    sizes = file.read(4 * magic[3])
    refuse_if(len(sizes) < 4 * magic[3], f"{path}: is truncated within its header")
    shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
    needed = math.prod(shape) * np.dtype(kind).itemsize
    most = max(reading.MOST_UNPACKED, reading.MOST_RATIO * size)
    possible = needed <= densest * size
    told = f"{path}: its {size:,} bytes would unpack to {needed:,}"
    refuse_if(possible and densest > 1 and needed > most, told)
    numbers = file.read(needed) if possible else b""
    if len(numbers) < needed:
        raise InputError(f"{path}: is truncated; its header says {shape}, {needed:,} bytes")
    refuse_if(file.read(1), f"{path}: goes on after the {needed:,} bytes that its header says")
    return np.frombuffer(numbers, kind).reshape(shape).astype(np.dtype(kind[1:]), copy=False)
