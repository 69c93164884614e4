"""Means and standard deviations of latents over weighted nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.numerics.arithmetic import map_parts


def weigh_moments(
    weights: np.ndarray, moments: Mapping[str, tuple[Any, Any]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Means and sds by latent under weights (N,) that sum to 1.

    `moments` has the mean at each node, (N, ...), and the variance there; None where it is 0. The
    variance in all is that of the means and the mean of the variances.
    """
    means, sds = {}, {}
    for name, (mean, variance) in moments.items():
        # about the first node: what is the same at all of them is that, to the last digit
        first = map_parts(lambda a: a[0], mean)
        off = _average(weights, map_parts(lambda a, b: a - b, mean, first))
        means[name] = map_parts(lambda a, b: a + b, first, off)
        spread = _average(weights, map_parts(lambda a, b: (a - b) ** 2, mean, means[name]))
        total = spread if variance is None else spread + _average(weights, variance)
        sds[name] = map_parts(np.sqrt, total)
    return means, sds


def _average(weights: np.ndarray, value: Any) -> Any:
    return map_parts(lambda a: np.tensordot(weights, a, 1), value)
