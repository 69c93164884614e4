"""Mixtures without names: what two points' labels have in common, and matching of components."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.errors import InputError
from vi_lab.results import Draws, Exact, Factorised

KINDS = (Exact, Draws, Factorised)


@public
def co_assignment(result: Exact | Draws | Factorised) -> np.ndarray:
    """P(z_i = z_j | x) for every pair of points, shape (N, N), under any result of a mixture.

    The names of components mean nothing, and an exact posterior under exchangeable priors gives
    every point every name equally; whether two points share one is what is left to compare.
    """
    checks.require(isinstance(result, KINDS), "result: needs Exact, Draws or Factorised", result)
    if isinstance(result, Exact):
        checks.one_of("co_assignment", "co_assignment", result.posterior.mean)
        matrix = np.array(result.mean("co_assignment"))
    elif isinstance(result, Factorised):
        # labels are independent under q: sum_k q(z_i = k) q(z_j = k)
        _needs_labels(result.model.nominal)
        responsibilities = np.asarray(result.mean("z"))
        matrix = responsibilities @ responsibilities.T
    else:
        _needs_labels(result.nominal if "z" in result.values else {})
        z = result.values["z"]
        z = z.reshape(-1, z.shape[-1])
        matrix = np.zeros((z.shape[-1],) * 2)
        for label in range(int(z.max()) + 1):
            here = (z == label).astype(np.float32)
            matrix += here.T @ here
        matrix /= len(z)
    np.fill_diagonal(matrix, 1.0)
    return matrix


def _needs_labels(nominal: Mapping[str, int]) -> None:
    if "z" not in nominal:  # the z of PPCA are numbers, not labels
        raise InputError("result: needs a mixture's labels z, which this result does not hold")
