"""A distribution over n binary variables as the table of its 2**n log probabilities.

Variable 0 changes slowest: the table's shape (2,) * n has an axis for each variable.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from vi_lab.numerics import enumeration
from vi_lab.numerics.arithmetic import times


def along_axes(table: np.ndarray, variables: list[int], count: int) -> np.ndarray:
    """A table (2,) * len(variables) as one that broadcasts to all `count` variables."""
    shape = [2 if i in variables else 1 for i in range(count)]
    return np.transpose(table, np.argsort(variables)).reshape(shape)


class BinaryTable:
    """The normalised table of these log weights.

    Parameters
    ----------
    log_weights : array (2**n,)
        Unnormalised log probabilities of all values 0 and 1, as `enumeration.labellings` lists
        them; -inf where impossible, but not everywhere.

    Attributes
    ----------
    log_normaliser : float
        The log of the sum of the weights.
    log_p, p : array (2**n,)
    """

    def __init__(self, log_weights: np.ndarray) -> None:
        self.count = len(log_weights).bit_length() - 1
        self.log_normaliser = float(np.logaddexp.reduce(log_weights))
        self.log_p = log_weights - self.log_normaliser
        self.p = np.exp(self.log_p)

    def marginals(self) -> np.ndarray:
        """P(variable = 1), shape (n,)."""
        tables = (self.p.reshape(2**i, 2, -1) for i in range(self.count))
        return np.array([table[:, 1].sum() for table in tables])

    def log_density(self, bits: np.ndarray) -> Any:
        """log p of values 0 and 1, (*batch, n) -> (*batch,)."""
        return self.log_p[enumeration.find_rows(bits, 2)]

    def sample(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Independent draws of all variables, int8 (n, count)."""
        index = enumeration.draw_rows(rng, self.p, n)
        return ((index[:, None] >> np.arange(self.count - 1, -1, -1)) & 1).astype(np.int8)

    def kl_from(self, factors: Iterable[tuple[list[int], np.ndarray]]) -> tuple[float, float]:
        """KL[q || p] and the size of its terms, for a q that is a product of tables: of q log p too
        before it was normalised.

        Parameters
        ----------
        factors : pairs (variables, log probabilities of shape (2,) * len(variables))
        """
        log_q = np.zeros((2,) * self.count)
        for variables, table in factors:
            log_q += along_axes(table, variables, self.count)
        log_q = log_q.ravel()
        q = np.exp(log_q)
        terms = times(q, log_q) - times(q, self.log_p)
        return float(terms.sum()), float(np.abs(terms).sum()) + abs(self.log_normaliser)
