"""Data for the tests of VAEs."""

import csv
from pathlib import Path

import numpy as np


def digits(path, threshold=7):
    """The 8x8 digits of an npz file, binarised: (1797, 64), 0 or 1."""
    with np.load(path, allow_pickle=False) as archive:
        return (archive["images"] > threshold).astype(np.float64)


def iris(path):
    """The four measurements of a csv file, (150, 4), in cm."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return np.array([[float(value) for value in row[:4]] for row in rows])


def blobs(n=60, seed=0):
    """Small binary pictures with two prototypes, (n, 6)."""
    rng = np.random.default_rng(seed)
    prototypes = np.array([[0.9, 0.9, 0.9, 0.1, 0.1, 0.1], [0.1, 0.2, 0.1, 0.9, 0.8, 0.9]])
    return (rng.random((n, 6)) < prototypes[rng.integers(2, size=n)]).astype(np.float64)
