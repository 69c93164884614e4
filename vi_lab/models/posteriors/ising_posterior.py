"""The exact posterior of an Ising lattice: a table where it is small, else its transfer matrix."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.families import Distribution
from vi_lab.model import Values
from vi_lab.models.posteriors.binary_table import BinaryTable
from vi_lab.models.posteriors.lattice import Checkerboard, edges
from vi_lab.models.posteriors.transfer_matrix import Rows
from vi_lab.numerics import enumeration, special
from vi_lab.numerics.arithmetic import times
from vi_lab.numerics.rounding import Estimate, rounding

ENUMERATED = 16  # spins up to which every state is visited
ANNOUNCED = 10  # spins on the shorter side of a torus above which the cost is said beforehand


def each_q(board: Checkerboard, q: Mapping[str, Distribution]) -> tuple[tuple[int, ...], Any]:
    """The batch shape of a q over both colours, and its fields on the lattice, (*batch, H, W)."""
    even, odd = (q[name].parameters["field"] for name in ("x.even", "x.odd"))
    fields = board.joined(even, odd)
    return fields.shape[:-2], fields


def is_state(x: np.ndarray) -> Any:
    """Whether every spin of x (*batch, H, W) is -1 or +1."""
    return (np.abs(x) == 1).all((-2, -1))


class EnumeratedLattice:
    """All 2**(H W) states of a small lattice, in a table."""

    def __init__(self, board: Checkerboard, J: float, h: np.ndarray) -> None:
        self.board = board
        states = 2.0 * enumeration.labellings(h.size, 2) - 1.0
        products = edges(states.reshape(-1, *h.shape), board.periodic)
        energy = sum(p.sum((-2, -1)) for p in products.values())
        self.table = BinaryTable(J * energy + states @ h.ravel())
        self.log_z = self.table.log_normaliser

    @cached_property
    def mean(self) -> Mapping[str, Any]:
        shape = self.board.shape
        states = 2.0 * enumeration.labellings(self.table.count, 2) - 1.0
        states = states.reshape(-1, *shape)
        products = edges(states, self.board.periodic)
        return {
            name: np.tensordot(self.table.p, value, axes=1)
            for name, value in {"x": states, **products}.items()
        }

    @property
    def sd(self) -> Mapping[str, Any]:
        return {name: _sd(mean) for name, mean in self.mean.items()}

    def log_density(self, values: Values) -> Any:
        x = np.asarray(values["x"])
        bits = (x > 0).reshape(*x.shape[:-2], -1)
        return np.where(is_state(x), self.table.log_density(bits), -np.inf)

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        x = (2 * self.table.sample(rng, n) - 1).astype(np.int8).reshape(n, *self.board.shape)
        return dict(zip(("x.even", "x.odd"), self.board.split(x), strict=True))

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """sum_x q(x) log q(x)/p(x) over all states."""
        batch, fields = each_q(self.board, q)
        found = [self._kl_one(fields[index].ravel()) for index in np.ndindex(batch)]
        values, sizes = np.array(found).T.reshape(2, *batch)
        return Estimate(values, rounding(sizes), "enumeration")

    def _kl_one(self, field: np.ndarray) -> tuple[float, float]:
        log_p = special.log_expit(2.0 * field[:, None] * np.array([-1.0, 1.0]))
        return self.table.kl_from(([i], row) for i, row in enumerate(log_p))


class LatticePosterior:
    """p(x) as a chain of rows: p(last) prod_i p(row i | row i + 1), each from the forward sums.

        p(s_i | s_{i+1}) = alpha_i(s_i) K(s_i, s_{i+1}) / sum_s alpha_i(s) K(s, s_{i+1})

    On a torus all of it is given row 0, and p(row 0) stands in front.
    """

    def __init__(self, board: Checkerboard, J: float, h: np.ndarray) -> None:
        self.board, self.J = board, J
        self._turned = h.shape[1] > h.shape[0]
        self.rows = Rows(h.T if self._turned else h, J, board.periodic)
        if board.periodic and self.rows.length > ANNOUNCED:
            print(
                f"vi_lab: the transfer matrix of a torus goes through {2**self.rows.length:,} "
                "states of its first row, up to a minute",
                file=sys.stderr,
            )
        # the weight of each start and all that follows, (starts,)
        self._log_starts = np.concatenate(
            [
                np.logaddexp.reduce(self.rows.forward(starts)[-1] + self.rows.closing(starts), -1)
                for starts in self.rows.chunks()
            ]
        )
        self.log_z = float(np.logaddexp.reduce(self._log_starts))

    @cached_property
    def mean(self) -> Mapping[str, Any]:
        """E[x] and E[x x'] of neighbours, by the forward and backward sums of every row."""
        rows = self.rows
        occupied = np.zeros((rows.count, 2**rows.length))
        between = np.zeros((rows.count if rows.periodic else rows.count - 1, rows.length))
        for starts in rows.chunks():
            share = np.exp(self._log_starts[slice(None) if starts is None else starts] - self.log_z)
            messages = rows.forward(starts)
            after = None
            for i, log_beta in rows.backward(starts):
                occupied[i] += np.exp(messages[i] + log_beta - self.log_z).sum(0)
                if after is not None:
                    between[i] += share @ rows.pairs(messages[i], after)
                after = rows.log_w[i] + log_beta
            if starts is not None:  # the last row's product with row 0, which is held fixed
                last = np.exp(messages[-1] + rows.closing(starts) - self.log_z)
                between[-1] += (rows.spins[starts] * (last @ rows.spins)).sum(0)
        x = occupied @ rows.spins
        following = rows.spins * np.roll(rows.spins, -1, axis=1)
        within = occupied @ (following if rows.periodic else following[:, :-1])
        means = {"x": x, "edges_right": within, "edges_down": between}
        if self._turned:
            means = {"x": x.T, "edges_right": between.T, "edges_down": within.T}
        return {name: value for name, value in means.items() if value.size}

    @property
    def sd(self) -> Mapping[str, Any]:
        return {name: _sd(mean) for name, mean in self.mean.items()}

    def log_density(self, values: Values) -> Any:
        x = np.asarray(values["x"])
        batch, rows = x.shape[:-2], self.rows
        turned = np.swapaxes(x, -1, -2) if self._turned else x
        turned = np.where(turned > 0, 1, -1).reshape(-1, rows.count, rows.length)
        state = rows.index_of(turned)  # (P, M)
        total = np.zeros(len(state))
        for starts in rows.chunks():
            here = slice(None) if starts is None else np.isin(state[:, 0], starts)
            which = 0 if starts is None else state[here, 0] - starts[0]
            total[here] = self._log_chain(starts, which, state[here])
        return np.where(is_state(x), total.reshape(batch), -np.inf)

    def _log_chain(self, starts: Any, which: Any, state: np.ndarray) -> np.ndarray:
        """log p of rows in these states (P, M), whose start is the `which`-th of `starts`."""
        rows, messages = self.rows, self.rows.forward(starts)
        log_starts = self._log_starts if starts is None else self._log_starts[starts]
        total = log_starts[which] - self.log_z if rows.periodic else np.zeros(len(state))
        last = messages[-1] + rows.closing(starts)
        total = total + last[which, state[:, -1]] - log_starts[which]
        for i in range(1 if rows.periodic else 0, rows.count - 1):
            down = rows.through(messages[i])
            joined = self.J * (rows.spins[state[:, i]] * rows.spins[state[:, i + 1]]).sum(-1)
            total += messages[i][which, state[:, i]] + joined - down[which, state[:, i + 1]]
        return total

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        """Joint draws: the last row, then each row given the one after it."""
        rows = self.rows
        weights = np.exp(self._log_starts - self.log_z)
        first = np.sort(rng.choice(len(weights), size=n, p=weights / weights.sum()))
        state = np.empty((n, rows.count), dtype=np.int64)
        step = 1 if not rows.periodic else max(1, 2**17 // 2**rows.length)
        possible = np.unique(first)
        for begin in range(0, len(possible), step):
            starts = possible[begin : begin + step] if rows.periodic else None
            here = np.isin(first, possible[begin : begin + step])
            which = np.searchsorted(possible[begin : begin + step], first[here])
            state[here] = self._draw(rng, starts, which)
        # draws come out sorted by their start
        x = rng.permutation(rows.spins[state].astype(np.int8))
        if self._turned:
            x = np.swapaxes(x, -1, -2)
        return dict(zip(("x.even", "x.odd"), self.board.split(x), strict=True))

    def _draw(self, rng: np.random.Generator, starts: Any, which: np.ndarray) -> np.ndarray:
        """The states of all rows, (n, M), of draws with these starts."""
        rows, messages = self.rows, self.rows.forward(starts)
        state = np.empty((len(which), rows.count), dtype=np.int64)
        log_last = messages[-1] + rows.closing(starts)
        last = np.exp(log_last - log_last.max(-1, keepdims=True)).cumsum(-1)
        last /= last[:, -1:]
        # one list of all starts' cumulated probabilities, each moved up by one from the one before
        steps = (last + np.arange(len(last))[:, None]).ravel()
        found = np.searchsorted(steps, rng.random(len(which)) + which, side="right")
        state[:, -1] = found - which * last.shape[1]
        for i in range(rows.count - 2, -1, -1):
            state[:, i] = rows.previous(rng, messages[i], which, state[:, i + 1])
        return state

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """E_q[log q] less the chain's expected log conditionals, row by row."""
        batch, fields = each_q(self.board, q)
        found = [self._kl_one(fields[index]) for index in np.ndindex(batch)]
        values, sizes = np.array(found).T.reshape(2, *batch)
        return Estimate(values, rounding(sizes), "transfer matrix")

    def _kl_one(self, field: np.ndarray) -> tuple[float, float]:
        rows = self.rows
        field = field.T if self._turned else field
        log_q = special.log_expit(2.0 * field[..., None] * np.array([-1.0, 1.0]))  # (M, L, 2)
        up = special.expit(2.0 * field)
        entropy = -times(np.exp(log_q), log_q).sum()
        m = up - special.expit(-2.0 * field)
        # q of every state of every row, (M, 2**L)
        states = np.ones((rows.count, 1))
        for j in range(rows.length):
            states = (states[..., None] * np.exp(log_q[:, j])[:, None]).reshape(rows.count, -1)
        total, size = -entropy, abs(entropy)
        for starts in rows.chunks():
            messages = rows.forward(starts)
            log_starts = self._log_starts if starts is None else self._log_starts[starts]
            share = np.ones(1) if starts is None else states[0][starts]
            chain = log_starts - self.log_z if rows.periodic else np.zeros(1)
            chain = chain + (messages[-1] + rows.closing(starts)) @ states[-1] - log_starts
            for i in range(1 if rows.periodic else 0, rows.count - 1):
                after = rows.through(messages[i]) @ states[i + 1]
                chain = chain + messages[i] @ states[i] - after + self.J * (m[i] @ m[i + 1])
            total -= share @ chain
            size += share @ (np.abs(messages[-1]) @ states[-1])
        return float(total), float(size)


def _sd(mean: np.ndarray) -> np.ndarray:
    """Of a variable that is -1 or +1."""
    return np.sqrt(np.maximum(1.0 - mean**2, 0.0))
