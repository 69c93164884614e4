"""Data that are not bundled: Fashion-MNIST where its Debian package put it, and files you name.

>>> from vi_lab.datasets import load_observations
>>> load_observations("mnist.npz").x.shape  # doctest: +SKIP
(60000, 784)

Nothing is downloaded, and nothing is ever unpickled.
"""

import hashlib
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vi_lab.arguments.checks import one_of
from vi_lab.arguments.checks import path as checked_path
from vi_lab.arguments.public import public
from vi_lab.arguments.read_only import close
from vi_lab.datasets.dataset import Columns, Dataset
from vi_lab.datasets.idx import read_idx
from vi_lab.errors import InputError, refuse_if
from vi_lab.runtime import reading

Array = np.ndarray | None  # None where the file has no such part
FASHION = Path("/usr/share/datasets/fashion-mnist")  # of the Debian package
PARTS = {"train": "60,000 to learn from", "t10k": "10,000 to test on"}
# names of arrays in an npz: rows, their labels, rows to test on, their labels
NAMES = (
    ("images", "labels", "test_images", "test_labels"),
    ("x_train", "y_train", "x_test", "y_test"),
    ("x", "y", "x_test", "y_test"),
)


class Observations(NamedTuple):
    """What a file holds, as it is there.

    Attributes
    ----------
    x : array (n, d)
        One observation a row.
    labels : array (n,) or None
    test, test_labels : the same of the rows kept for testing, or None
        Where the file sets such rows apart.
    shape : (int, int) or None
        Rows and columns of a picture, where an observation is one; height times width is d.
    """

    x: np.ndarray
    labels: np.ndarray | None
    test: np.ndarray | None
    test_labels: np.ndarray | None
    shape: tuple[int, int] | None


@public
def load_fashion(part: str = "train", folder: str | os.PathLike[str] | None = None) -> Dataset:
    """Fashion-MNIST (Xiao, Rasul & Vollgraf 2017): `images` (n, 784), `labels` (n,), both uint8.

    Not bundled: the files are those of the Debian package dataset-fashion-mnist, as they are
    installed, gzipped or plain.

    Parameters
    ----------
    part : "train" or "t10k"
        The 60,000 pictures to learn from, or the 10,000 to test on.
    folder : path, optional
        Where the files lie, if not where the package puts them.

    Raises
    ------
    InputError
        If the files are not there (it says how to get them), or are damaged.
    """
    one_of("part", part, PARTS)
    folder = FASHION if folder is None else checked_path("folder", folder)
    if _idx_file(folder, part, "images") is None:
        raise InputError(
            f"fashion: Fashion-MNIST is not bundled, and {folder} has no {part}-images-idx3-ubyte; "
            "apt-get install dataset-fashion-mnist puts it there (Debian, Ubuntu), or name files "
            "of your own with --data PATH (in Python load_observations)"
        )
    path, images, labels = _idx_pair(folder, part)
    if labels is None:
        raise InputError(f"{folder}: has no {part}-labels-idx1-ubyte beside the images")
    images, labels = close(images), close(labels)
    return Dataset(
        name="fashion",
        title=f"Fashion-MNIST: articles of clothing, 28 by 28 pixels, {PARTS[part]}",
        data=Columns({"images": images.reshape(len(images), -1), "labels": labels}),
        units=Columns({"images": "grey level, 0 to 255", "labels": "kind of article, 0 to 9"}),
        source="Xiao, Rasul & Vollgraf (2017), Zalando; Debian package dataset-fashion-mnist",
        licence="MIT",
        sha256=hashlib.sha256(reading.read_whole(path)).hexdigest(),
    )


@public
def load_observations(path: str | os.PathLike[str]) -> Observations:
    """Read data from an IDX file, an npz file, or a folder of IDX files named as those of MNIST.

    Parameters
    ----------
    path : path
        An IDX file of pictures (n, height, width) or rows (n, d), gzipped or plain, with its labels
        beside it if its name has images-idx3 in it; an npz with an array `images`, `x` or `x_train`
        (n, d) or (n, height, width) and, if you like, `labels`, `y` or `y_train` (n,), and with
        `test_...` or `x_test`, `y_test` rows to test on; or a folder of train-images-idx3-ubyte,
        train-labels-idx1-ubyte and their t10k- counterparts.

    Raises
    ------
    InputError, ResultFileError
        If there is nothing, or it is damaged, or its arrays do not fit together.
    """
    path = checked_path("path", path)
    if path.is_dir():
        if _idx_file(path, "train", "images") is None:
            raise InputError(f"data: the folder {path} has no train-images-idx3-ubyte (or .gz)")
        parts = [part for part in PARTS if _idx_file(path, part, "images") is not None]
        return _fit(path, *(array for part in parts for array in _idx_pair(path, part)[1:]))
    if path.suffix == ".npz":
        return _read_npz(path, reading.read_npz(path))
    beside = path.with_name(path.name.replace("images-idx3", "labels-idx1"))
    has_labels = beside != path and beside.exists()
    return _fit(path, read_idx(path), read_idx(beside) if has_labels else None)


def _idx_file(folder: Path, part: str, what: str) -> Path | None:
    """The IDX file of a part's images or labels, plain or gzipped; None where there is neither."""
    stem = f"{part}-{what}-idx{3 if what == 'images' else 1}-ubyte"
    paths = folder / stem, folder / f"{stem}.gz"
    return next((path for path in paths if path.exists()), None)


def _idx_pair(folder: Path, part: str) -> tuple[Path, np.ndarray, np.ndarray | None]:
    """The file of the images, the images, and their labels where there are any."""
    images, labels = (_idx_file(folder, part, what) for what in ("images", "labels"))
    assert images is not None
    return images, read_idx(images), None if labels is None else read_idx(labels)


def _read_npz(path: Path, arrays: Mapping[str, np.ndarray]) -> Observations:
    for names in NAMES:
        if names[0] in arrays:
            return _fit(path, *(arrays.get(name) for name in names))
    wanted, came = (", ".join(map(repr, names)) for names in ([n[0] for n in NAMES], arrays))
    raise InputError(f"{path}: needs one of the arrays {wanted}, got {came or 'none'}")


def _fit(
    path: Path, x: Array, labels: Array, test: Array = None, test_labels: Array = None
) -> Observations:
    """Pictures as rows, and every array checked against the others."""
    rows, tests = _rows(path, x), None if test is None else _rows(path, test)
    if tests is not None and tests.shape[1] != rows.shape[1]:
        numbers = f"{tests.shape[1]} numbers, the others {rows.shape[1]}"
        raise InputError(f"{path}: the rows to test on have {numbers}")
    for one, array in ((labels, rows), (test_labels, tests)):
        if one is not None and (array is None or one.shape != (len(array),)):
            n = 0 if array is None else len(array)
            raise InputError(f"{path}: needs one label for each of {n} rows, got shape {one.shape}")
    assert x is not None
    return Observations(rows, labels, tests, test_labels, _picture(x))


def _rows(path: Path, x: Array) -> np.ndarray:
    """Observations (n, d) of (n, d) or (n, height, width)."""
    if x is None or x.ndim not in (2, 3) or x.size == 0:
        got = "none" if x is None else f"shape {x.shape}"
        raise InputError(f"{path}: needs an array (n, d) or (n, height, width), got {got}")
    refuse_if(x.dtype.kind not in "biuf", f"{path}: needs real numbers, got an array of {x.dtype}")
    return x.reshape(len(x), -1)


def _picture(x: np.ndarray) -> tuple[int, int] | None:
    """Height and width: those of the file, or of a square of at least five by five."""
    if x.ndim == 3:
        return int(x.shape[1]), int(x.shape[2])
    side = math.isqrt(x.shape[1])
    return (side, side) if side >= 5 and side * side == x.shape[1] else None
