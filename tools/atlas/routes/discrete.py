"""Sums over discrete latents, one variable at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.models.posteriors.kac_ward import log_partition_without_field
from vi_lab.numerics.rounding import Estimate, rounding


def ising(model: Any) -> Estimate:
    value = _log_partition(model.J, model.h)
    return Estimate(value, float(rounding(value)), "elimination spin by spin")


def denoising(model: Any) -> Estimate:
    """The picture's log Z by elimination, the prior's by Kac and Ward's determinant."""
    log_flip, log_stay = np.log(model.flip_prob), np.log1p(-model.flip_prob)
    field = 0.5 * (log_stay - log_flip) * model.image
    terms = (
        _log_partition(model.J, field),
        -log_partition_without_field(model.image.shape, model.J),
        0.5 * model.image.size * (log_flip + log_stay),
    )
    route = "elimination spin by spin, the prior by Kac and Ward's determinant"
    return Estimate(float(sum(terms)), float(rounding(*terms)), route)


def _log_partition(J: float, field: np.ndarray) -> float:
    """log Z of a free lattice by summing its spins out one after the other, column by column.

    What is kept is a table over the last spin of every row, an axis of two values each; the spin
    that comes replaces its left neighbour there: the two are coupled, with the one above too, and
    then the left one is summed over.
    """
    rows, columns = field.shape
    spins = np.array([-1.0, 1.0])
    coupling = np.exp(J * np.outer(spins, spins))
    table, log_scale = np.ones((2,) * rows), 0.0
    for j in range(columns):
        for i in range(rows):
            if j:  # sum the left neighbour out
                table = np.moveaxis(np.tensordot(table, coupling, axes=([i], [0])), -1, i)
            shape = [1] * rows
            shape[i] = 2
            table = table * np.exp(field[i, j] * spins).reshape(shape)
            if i:
                shape[i - 1] = 2
                table = table * coupling.reshape(shape)
            top = float(table.max())
            table, log_scale = table / top, log_scale + np.log(top)
    return float(np.log(table.sum()) + log_scale)


def network(model: Any) -> Estimate:
    """Variable elimination: the tables multiplied and summed over in the best order found.

    Each variable's table has an axis for itself and one for each parent; the evidence picks
    entries of it (Dechter 1999; `numpy.einsum` looks for the order).
    """
    parents, tables = model.network.parents, model.network.tables
    axis = {name: i for i, name in enumerate(parents)}
    operands: list[Any] = []
    for name, of in parents.items():
        one = np.asarray(tables[name], dtype=np.float64)
        both = np.stack([1.0 - one, one], axis=-1)
        names = (*of, name)
        picked = tuple(model.evidence.get(n, slice(None)) for n in names)
        operands += [both[picked], [axis[n] for n in names if n not in model.evidence]]
    value = float(np.log(np.einsum(*operands, [], optimize="greedy")))
    return Estimate(value, float(rounding(value)), "variable elimination")
