"""Matching the components of two mixtures: names mean nothing, overlap does."""

from __future__ import annotations

import numpy as np

from vi_lab.arguments import checks
from vi_lab.errors import InputError


def match_restarts(responsibilities: np.ndarray, best: int) -> tuple[np.ndarray, np.ndarray]:
    """Each restart's components in the order of the best's, and how far its labels are then.

    Parameters
    ----------
    responsibilities : array (R, N, K)
    best : int

    Returns
    -------
    order : array (R, K)
    apart : array (R,)
        The largest difference of a responsibility from the best restart's: 0 for the same solution.
    """
    reference = responsibilities[best]
    order = np.array([match_components(found, reference) for found in responsibilities])
    apart = [
        np.abs(found[:, names] - reference).max()
        for found, names in zip(responsibilities, order, strict=True)
    ]
    return order, np.array(apart)


def match_components(responsibilities: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """The permutation of components that brings responsibilities (N, K) closest to a reference.

    Returns an index array `order` (K,): responsibilities[:, order] is the best match, by the linear
    assignment that maximises the overlap sum_n r_nk s_nj.
    """
    from scipy.optimize import linear_sum_assignment

    responsibilities = checks.real_array("responsibilities", responsibilities, 2)
    reference = checks.real_array("reference", reference, 2)
    came, needed = responsibilities.shape, "responsibilities: needs the reference's shape"
    checks.require(came == reference.shape, f"{needed} {reference.shape}", came, InputError)
    _, order = linear_sum_assignment(-reference.T @ responsibilities)
    return order
