"""A q of several numbers, in one block or cut into a block for each."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from vi_lab.families import Distribution


def coordinate_moments(factors: Iterable[Distribution]) -> tuple[np.ndarray, np.ndarray]:
    """Mean (..., P) and covariance (..., P, P) of a q of P numbers, however it is cut."""
    each = [factor.parameters for factor in factors]
    if "cov" in each[0]:
        return each[0]["mean"], each[0]["cov"]
    mean, sd = (np.stack([parameters[k] for parameters in each], axis=-1) for k in ("mean", "sd"))
    return mean, (sd**2)[..., None] * np.eye(mean.shape[-1])
