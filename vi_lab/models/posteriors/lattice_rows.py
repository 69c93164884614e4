"""The exact posterior of an Ising lattice of any length as a chain of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.arguments.read_only import close_all
from vi_lab.models.posteriors.ising import IsingPosterior
from vi_lab.models.posteriors.lattice import Checkerboard
from vi_lab.models.posteriors.transfer_matrix import Rows
from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import times
from vi_lab.runtime.progress import announce

SLOW = 2**12  # starts times states of a row, from which moments take a second
COUNTED = 2**22  # states of a row times starts times counts, up to which spins up are counted
ANNOUNCED_SIDE = 10  # spins on the shorter side of a torus above which the cost is said beforehand


class LatticePosterior(IsingPosterior):
    """p(x) as a chain of rows: p(last) prod_i p(row i | row i + 1), each from the forward sums.

        p(s_i | s_{i+1}) = alpha_i(s_i) K(s_i, s_{i+1}) / sum_s alpha_i(s) K(s, s_{i+1})

    On a torus all of it is given row 0, and p(row 0) stands in front.
    """

    kl_route = "transfer matrix"

    def __init__(self, board: Checkerboard, J: float, h: np.ndarray) -> None:
        super().__init__(board, J, h)
        self._turned = h.shape[1] > h.shape[0]
        self.rows = Rows(h.T if self._turned else h, J, board.periodic)
        self.route = f"transfer matrix over rows of {self.rows.length} spins"
        if board.periodic and self.rows.length > ANNOUNCED_SIDE:
            announce(
                f"the transfer matrix of a torus goes through {2**self.rows.length:,} "
                "states of its first row, up to a minute"
            )
        # the weight of each start and all that follows, (starts,)
        self._log_starts = np.concatenate(
            [
                np.logaddexp.reduce(self.rows.forward(starts)[-1] + self.rows.close(starts), -1)
                for starts in self.rows.chunk_starts()
            ]
        )
        self._log_z = float(np.logaddexp.reduce(self._log_starts))
        self.log_z_less_ground = self._log_z - abs(J) * board.edge_count

    @cached_property
    def mean(self) -> Mapping[str, Any]:
        """E[x] and E[x x'] of neighbours, by the forward and backward sums of every row."""
        rows = self.rows
        occupied = np.zeros((rows.count, 2**rows.length))
        between = np.zeros((rows.count if rows.periodic else rows.count - 1, rows.length))
        for starts in rows.chunk_starts():
            share = np.exp(self._log_starts[starts] - self._log_z)
            messages = rows.forward(starts)
            after = None
            for i, log_beta in rows.backward(starts):
                occupied[i] += np.exp(messages[i] + log_beta - self._log_z).sum(0)
                if after is not None:
                    between[i] += share @ rows.average_pairs(messages[i], after)
                after = rows.log_w[i] + log_beta
            if rows.periodic:  # the last row's product with row 0, which is held fixed
                last = np.exp(messages[-1] + rows.close(starts) - self._log_z)
                between[-1] += (rows.spins[starts] * (last @ rows.spins)).sum(0)
        x = occupied @ rows.spins
        following = rows.spins * np.roll(rows.spins, -1, axis=1)
        within = occupied @ (following if rows.periodic else following[:, :-1])
        means = {"x": x, "edges_right": within, "edges_down": between}
        if self._turned:
            means = {"x": x.T, "edges_right": between.T, "edges_down": within.T}
        return close_all({name: value for name, value in means.items() if value.size})

    @property
    def moments_are_slow(self) -> bool:
        """Where a row has thousands of states."""
        return self.rows.starts * 2**self.rows.length > SLOW

    def count_up(self) -> np.ndarray | None:
        """The forward sums once more, apart for each number of spins that are up so far."""
        rows, n = self.rows, self.rows.count * self.rows.length
        if rows.starts * 2**rows.length * (n + 1) > COUNTED:
            return None
        up = (rows.spins > 0).sum(-1)  # of each state of a row
        states, found = np.arange(len(up)), np.zeros(n + 1)
        for start in range(rows.starts):
            held = states == start if rows.periodic else states >= 0
            message = np.zeros((n + 1, len(up)))
            message[up, states] = held
            scale = -self._log_z  # the log of what the messages were divided by
            for i, log_w in enumerate(rows.log_w):
                if i:
                    message, scale = rows.couple(message), scale + rows.length * abs(self.J)
                    passed = np.zeros_like(message)
                    for more in range(rows.length + 1):
                        passed[more:, up == more] = message[: n + 1 - more, up == more]
                    message = passed
                message = message * np.exp(log_w - log_w.max())
                scale += log_w.max() + np.log(message.max())
                message /= message.max()
            found += message @ np.exp(rows.close(np.array([start]))[0] + scale)
        return found

    def _log_p(self, up: np.ndarray) -> np.ndarray:
        rows = self.rows
        state = rows.number(np.swapaxes(up, -1, -2) if self._turned else up)  # (P, M)
        total = np.zeros(len(state))
        for starts in rows.chunk_starts():
            here = np.isin(state[:, 0], starts) if rows.periodic else slice(None)
            which = state[here, 0] - starts[0] if rows.periodic else 0
            total[here] = self._log_chain(starts, which, state[here])
        return total

    def _log_chain(self, starts: Any, which: Any, state: np.ndarray) -> np.ndarray:
        """log p of rows in these states (P, M), whose start is the `which`-th of `starts`."""
        rows, messages = self.rows, self.rows.forward(starts)
        log_starts = self._log_starts[starts]
        total = log_starts[which] - self._log_z if rows.periodic else np.zeros(len(state))
        last = messages[-1] + rows.close(starts)
        total = total + last[which, state[:, -1]] - log_starts[which]
        for i in range(1 if rows.periodic else 0, rows.count - 1):
            down = rows.pass_on(messages[i])
            joined = self.J * (rows.spins[state[:, i]] * rows.spins[state[:, i + 1]]).sum(-1)
            total += messages[i][which, state[:, i]] + joined - down[which, state[:, i + 1]]
        return total

    def _draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Joint draws: the last row, then each row given the one after it."""
        rows = self.rows
        weights = np.exp(self._log_starts - self._log_z)
        first = np.sort(rng.choice(len(weights), size=n, p=weights / weights.sum()))
        state = np.empty((n, rows.count), dtype=np.int64)
        possible = np.unique(first)
        for begin in range(0, len(possible), rows.at_once):
            starts = possible[begin : begin + rows.at_once]
            here = np.isin(first, starts)
            state[here] = self._draw_rows(rng, starts, np.searchsorted(starts, first[here]))
        # draws come out sorted by their start
        x = rng.permutation(rows.spins[state].astype(np.int8))
        return np.swapaxes(x, -1, -2) if self._turned else x

    def _draw_rows(self, rng: np.random.Generator, starts: Any, which: np.ndarray) -> np.ndarray:
        """The states of all rows, (n, M), of draws with these starts."""
        rows, messages = self.rows, self.rows.forward(starts)
        state = np.empty((len(which), rows.count), dtype=np.int64)
        log_last = messages[-1] + rows.close(starts)
        last = np.exp(log_last - log_last.max(-1, keepdims=True)).cumsum(-1)
        last /= last[:, -1:]
        # one list of all starts' cumulated probabilities, each moved up by one from the one before
        steps = (last + np.arange(len(last))[:, None]).ravel()
        found = np.searchsorted(steps, rng.random(len(which)) + which, side="right")
        state[:, -1] = found - which * last.shape[1]
        for i in range(rows.count - 2, -1, -1):
            state[:, i] = rows.draw_previous(rng, messages[i], which, state[:, i + 1])
        return state

    def _kl_from_field(self, field: np.ndarray) -> tuple[float, float]:
        """E_q[log q] less the chain's expected log conditionals, row by row."""
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
        for starts in rows.chunk_starts():
            messages = rows.forward(starts)
            log_starts = self._log_starts[starts]
            share = states[0][starts] if rows.periodic else np.ones(1)
            chain = log_starts - self._log_z if rows.periodic else np.zeros(1)
            chain = chain + (messages[-1] + rows.close(starts)) @ states[-1] - log_starts
            for i in range(1 if rows.periodic else 0, rows.count - 1):
                after = rows.pass_on(messages[i]) @ states[i + 1]
                chain = chain + messages[i] @ states[i] - after + self.J * (m[i] @ m[i + 1])
            total -= share @ chain
            size += share @ (np.abs(messages[-1]) @ states[-1])
        return float(total), float(size)
