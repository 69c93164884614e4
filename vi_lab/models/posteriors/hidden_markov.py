"""The truth of a hidden Markov model: forward through the steps, and back.

    forward   a_t(j) = p(z_t = j | y_1..t), in proportion to p(y_t | j) sum_i a_(t-1)(i) A(i, j);
              what it is divided by is p(y_t | y_1..t-1), and the product of these p(y)
    back      p(z_t = i | z_(t+1) = j, y_1..t) = a_t(i) A(i, j) / sum_i a_t(i) A(i, j)

(Rabiner 1989, section III.) The posterior is the product of the last a_T and of the steps back. It
is all in probabilities, scaled at every step, and knows of no message in logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.families import Distribution
from vi_lab.model import Values
from vi_lab.numerics import arithmetic, log_gamma
from vi_lab.numerics.interleaving import interleave
from vi_lab.numerics.rounding import Estimate, rounding, sum_terms


class HiddenMarkovPosterior:
    """p(z_T | y) and p(z_t | z_(t+1), y), as tables.

    Parameters
    ----------
    model : HiddenMarkov
        Of which counts, rates, transition and initial are read, and `in_blocks`.

    Attributes
    ----------
    log_evidence : Estimate
        The sum over t of log p(y_t | y_1..t-1).
    probabilities : array (T, K)
        p(z_t | y).
    """

    def __init__(self, model: Any) -> None:
        y, A, self._in_blocks = model.counts, model.transition, model.in_blocks
        self._numbers = np.arange(len(model.rates))
        log_seen = log_gamma.log_poisson(y[:, None], model.rates)
        top = log_seen.max(1)
        seen = np.exp(log_seen - top[:, None])
        filtered, log_terms = np.empty_like(seen), np.empty(len(y))
        ahead = model.initial
        for t, weights in enumerate(seen):
            joint = weights * ahead
            filtered[t], log_terms[t] = joint / joint.sum(), np.log(joint.sum()) + top[t]
            ahead = filtered[t] @ A
        self.log_evidence = sum_terms(log_terms, "forward algorithm")
        # [t, i, j] = p(z_t = i | z_(t+1) = j, y)
        joint = filtered[:-1, :, None] * A
        totals = joint.sum(1, keepdims=True)
        self.back = joint / np.where(totals > 0, totals, 1.0)
        self.probabilities = filtered
        for t in range(len(y) - 2, -1, -1):
            self.probabilities[t] = self.back[t] @ self.probabilities[t + 1]
        mean = self.probabilities @ self._numbers
        square = self.probabilities * (self._numbers - mean[:, None]) ** 2
        self.mean: Mapping[str, Any] = {"z": mean}
        self.sd: Mapping[str, Any] = {"z": np.sqrt(square.sum(1))}

    def log_density(self, values: Values) -> Any:
        z = np.asarray(values["z"])
        inside = np.asarray(np.isin(z, self._numbers).all(-1))
        z = np.where(inside[..., None], z, 0).astype(np.int64)
        steps = self.back[np.arange(len(self.back)), z[..., :-1], z[..., 1:]]
        log_p = arithmetic.log(steps).sum(-1) + arithmetic.log(self.probabilities[-1])[z[..., -1]]
        return np.where(inside, log_p, -np.inf)

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        """The probabilities of a step's states, or of how often they change."""
        if name not in ("z", "switches"):
            return None
        p = self.probabilities[index] if name == "z" else self._switches
        return (np.asarray(x)[:, None] == np.arange(len(p))) @ p

    @cached_property
    def _switches(self) -> np.ndarray:
        """p(0 changes of state | y), p(1 change), ..., (T,): by state, one step back at a time."""
        table = np.zeros((len(self._numbers), len(self.probabilities)))
        table[:, 0] = self.probabilities[-1]
        for back in self.back[::-1]:
            moved = (back - np.diag(np.diag(back))) @ table
            table = np.diag(back)[:, None] * table
            table[:, 1:] += moved[:, :-1]
        return table.sum(0)

    def joint_density(self, one: Any, two: Any, x: np.ndarray, y: np.ndarray) -> Any:
        """Of two steps: the later one's probabilities, and the steps back between them."""
        if one[0] != "z" or two[0] != "z":
            return None
        (t,), (u,) = one[1], two[1]
        table = np.diag(self.probabilities[max(t, u)])
        for step in range(max(t, u) - 1, min(t, u) - 1, -1):
            table = self.back[step] @ table
        table = table if t < u else table.T
        at_x, at_y = (np.asarray(v)[:, None] == self._numbers for v in (x, y))
        return at_x @ table @ at_y.T

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        """The last state first."""
        uniform = rng.random((n, len(self.probabilities)))
        z = np.empty(uniform.shape, np.min_scalar_type(-1 - len(self._numbers)))
        sums = self.probabilities[-1].cumsum()[:-1]
        z[:, -1] = (uniform[:, -1:] >= sums).sum(-1)
        for t in range(len(self.back) - 1, -1, -1):
            sums = self.back[t].cumsum(0)[:-1, z[:, t + 1].astype(np.int64)].T
            z[:, t] = (uniform[:, t, None] >= sums).sum(-1)
        return self._in_blocks(z)

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """E_q[log q(z_T) - log p(z_T | y)] and, of every step back,
        E_q[log q(z_t | z_(t+1)) - log p(z_t | z_(t+1), y)]."""
        p, pairs = _moments(q)
        last = p[..., -1, :]
        apart = arithmetic.difference(arithmetic.log(last), arithmetic.log(self.probabilities[-1]))
        of_last = arithmetic.times(last, apart)
        given_next = arithmetic.difference(
            arithmetic.log(pairs), arithmetic.log(p[..., 1:, None, :])
        )
        apart = arithmetic.difference(given_next, arithmetic.log(self.back))
        of_steps = arithmetic.times(pairs, apart)
        value = of_last.sum(-1) + of_steps.sum((-3, -2, -1))
        size = np.abs(of_last).sum(-1) + np.abs(of_steps).sum((-3, -2, -1))
        return Estimate(value, rounding(size) + rounding(1.0) * len(self.back), "enumeration")


def _moments(q: Mapping[str, Distribution]) -> tuple[np.ndarray, np.ndarray]:
    """q(z_t), (..., T, K), and q(z_t, z_(t+1)), (..., T-1, K, K): a product between blocks."""
    if "z" in q:
        p, pairs = q["z"].parameters.values()
        return p, pairs
    even, odd = (q[name].parameters["probabilities"] for name in ("z.even", "z.odd"))
    p = interleave(even, odd, event=1)
    return p, p[..., :-1, :, None] * p[..., 1:, None, :]
