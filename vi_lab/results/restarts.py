"""Where each start of CAVI ended: its bound, and whether it is another's solution renamed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.arguments.read_only import FrozenCopies, freeze_arrays
from vi_lab.numerics import arithmetic
from vi_lab.results import tables

SAME = 1e-6  # nats, or probability, below which two solutions are one


def rank_restarts(elbo: np.ndarray) -> np.ndarray:
    """Restarts by falling bound; those that differ by rounding alone in the order they started."""
    falling = np.argsort(-elbo, kind="stable")
    sorted_elbo = elbo[falling]
    scale = 1.0 + np.abs(np.where(np.isfinite(sorted_elbo), sorted_elbo, 0.0))
    before = np.concatenate([[np.inf], sorted_elbo[:-1]])
    fell = arithmetic.difference(sorted_elbo, before) < -1e-11 * scale  # -inf after -inf has not
    return falling[np.lexsort((falling, np.cumsum(fell)))]


@dataclass(frozen=True, eq=False, repr=False)
class Restarts(FrozenCopies):
    """The starts of one run of CAVI, best bound first.

    Attributes
    ----------
    start : array (R,)
        Which start it was, from 0.
    elbo : array (R,)
        The bound it reached, in nats.
    order : array (R, K) or None
        For a mixture: component `order[r, k]` of this start is component k of the best.
    apart : array (R,) or None
        For a mixture: the largest difference of a responsibility from the best's, so renamed.
    """

    start: np.ndarray
    elbo: np.ndarray
    order: np.ndarray | None = None
    apart: np.ndarray | None = None

    def __post_init__(self) -> None:
        freeze_arrays(self)

    def __len__(self) -> int:
        return len(self.start)

    def table(self) -> list[dict[str, Any]]:
        """A row for each start: its bound, what it lacks, and its names beside the best's."""
        rows: list[dict[str, Any]] = []
        for i, start in enumerate(self.start):
            below = float(self.elbo[0] - self.elbo[i])
            row: dict[str, Any] = {
                "start": int(start),
                "ELBO": f"{self.elbo[i]:.6f}",
                "below the best": below if below > SAME else 0.0,
            }
            if self.order is not None and self.apart is not None:
                row["components"] = " ".join(map(str, self.order[i]))
                row["labels differ by"] = float(self.apart[i]) if self.apart[i] > SAME else 0.0
                row["solution"] = self._kind(i)
            rows.append(row)
        return rows

    def _kind(self, i: int) -> str:
        assert self.order is not None and self.apart is not None
        if i == 0:
            return "the best"
        if self.apart[i] > SAME:
            return "another"
        renamed = (self.order[i] != np.arange(self.order.shape[1])).any()
        return "the best, renamed" if renamed else "the best"

    def __str__(self) -> str:
        return tables.text(self.table())

    def __repr__(self) -> str:
        return f"<Restarts: {len(self)}, from {self.elbo[0]:.6f} to {self.elbo[-1]:.6f} nats>"

    def _repr_html_(self) -> str:
        return tables.html(self.table(), caption=f"{len(self)} starts of CAVI")
