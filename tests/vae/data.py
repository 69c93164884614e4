"""Data for the tests of VAEs."""

import numpy as np

from vi_lab.datasets import load_iris


def iris():
    """The four measurements, (150, 4), in cm."""
    return np.stack([*load_iris().data.values()][:4], axis=-1)


def blobs(n=60, seed=0):
    """Small binary pictures with two prototypes, (n, 6)."""
    rng = np.random.default_rng(seed)
    prototypes = np.array([[0.9, 0.9, 0.9, 0.1, 0.1, 0.1], [0.1, 0.2, 0.1, 0.9, 0.8, 0.9]])
    return (rng.random((n, 6)) < prototypes[rng.integers(2, size=n)]).astype(np.float64)
