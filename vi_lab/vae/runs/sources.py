"""What a VAE on the command line learns from and is measured on: data split, scaled, binarised.

A Bernoulli likelihood is a probability of zeros and ones alone. So grey pictures are binarised by
one rule, stated wherever it was used: a value is 1 where it is at least half the largest among the
rows to learn from, else 0.
"""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import short_repr
from vi_lab.datasets import load_digits, load_fashion, load_observations
from vi_lab.datasets.observations import Observations
from vi_lab.errors import InputError
from vi_lab.vae import inputs

NAMED = ("digits", "fashion")
HELD_OUT_SHARE = 10  # one row in so many is held out where a file sets none apart


class DataSplit(NamedTuple):
    """Rows to learn from and rows held out.

    Attributes
    ----------
    train : array (n, d)
    train_labels : array (n,) or None
    held_out, held_out_labels : the same of the rows that no training sees
        Binary under a Bernoulli likelihood, always.
    shape : (int, int) or None
        Height and width where a row is a picture.
    rule : str
        What was done to the values of the file, in a sentence.
    """

    train: np.ndarray
    train_labels: np.ndarray | None
    held_out: np.ndarray
    held_out_labels: np.ndarray | None
    shape: tuple[int, int] | None
    rule: str


def load_split(source: str | os.PathLike[str], likelihood: str, grey: bool = False) -> DataSplit:
    """Data by name ("digits", "fashion") or from a file or folder, ready for a likelihood.

    Where the source sets no rows apart for testing, a tenth is held out, chosen by a shuffle that
    is the same every time.

    Parameters
    ----------
    source : str or path
        What is no name is a path, as for `load_observations`.
    likelihood : "bernoulli" or "gaussian"
    grey : bool
        Bernoulli only: learn from grey levels divided by the largest. What is trained on them is a
        score; the rows held out are binarised all the same.

    Raises
    ------
    InputError, ResultFileError
        If the data are not there, are damaged, or do not suit the likelihood.
    """
    if grey and likelihood != "bernoulli":
        raise InputError(
            f"grey: only a Bernoulli likelihood binarises, not {short_repr(likelihood)}"
        )
    found = _hold_out(_load_observations(source))
    test = np.asarray(found.test)
    _refuse_not_finite(found.x)
    _refuse_not_finite(test)
    if likelihood == "bernoulli":
        train, held_out, rule = _binarise(found.x, test, grey)
    else:
        train, held_out, rule = _scale(found.x, test)
    return DataSplit(train, found.labels, held_out, found.test_labels, found.shape, rule)


def _load_observations(source: str | os.PathLike[str]) -> Observations:
    if source == "digits":
        data = load_digits().data
        return Observations(data["images"], data["labels"], None, None, (8, 8))
    if source == "fashion":
        train, test = load_fashion("train").data, load_fashion("t10k").data
        pairs = train["images"], train["labels"], test["images"], test["labels"]
        return Observations(*pairs, (28, 28))
    return load_observations(source)


def _hold_out(found: Observations) -> Observations:
    """The rows the source sets apart, or a tenth of them."""
    if found.test is not None:
        return found
    n = len(found.x)
    if n < 2:
        raise InputError(f"data: needs two rows at least, one of them to hold out, got {n}")
    shuffled = np.random.default_rng(0).permutation(n)
    last = max(n // HELD_OUT_SHARE, 1)
    test, train = np.sort(shuffled[:last]), np.sort(shuffled[last:])
    labels = found.labels
    parts = (None, None) if labels is None else (labels[train], labels[test])
    return Observations(found.x[train], parts[0], found.x[test], parts[1], found.shape)


def _refuse_not_finite(x: np.ndarray) -> None:
    if not (np.isfinite(x.min()) and np.isfinite(x.max())):
        checks.real_array("data", x)  # raises, saying where


def _binarise(x: np.ndarray, test: np.ndarray, grey: bool) -> tuple[np.ndarray, np.ndarray, str]:
    lowest, largest = min(x.min(), test.min()), x.max()
    if lowest < 0 or largest == 0:
        raise InputError(
            "data: a Bernoulli likelihood needs grey levels from 0, the largest above 0, got "
            f"{float(lowest):g} to {float(largest):g}; use --likelihood gaussian"
        )
    if inputs.binary(x) and inputs.binary(test):
        return x.astype(bool, copy=False), test.astype(bool, copy=False), "0 or 1 as they came"
    half = float(largest) / 2
    rule = f"1 where the value is at least {half:g}, half the largest, else 0"
    if not grey:
        return x >= half, test >= half, rule
    levels = x.astype(np.float32) / np.float32(largest)
    return levels, test >= half, f"grey levels over {float(largest):g}; held out: {rule}"


def _scale(x: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray, str]:
    """Whole numbers are levels of a scale, real ones are measurements."""
    if x.dtype.kind == "f":
        return x, test, "as they came"
    largest = np.float32(max(float(x.max()), -float(x.min()), 1.0))
    one, two = (part.astype(np.float32) / largest for part in (x, test))
    return one, two, f"divided by {float(largest):g}"
