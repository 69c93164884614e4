"""The transfer matrix of an Ising lattice: sums over all states of its rows, one row at a time.

With s_i the i-th of M rows, of L spins, the weight of a state is a chain,

    prod_i w_i(s_i) * prod_i K(s_i, s_{i+1})

    w_i(s) = exp(J sum_j s_j s_{j+1} + sum_j h_ij s_j)          K(s, s') = exp(J sum_j s_j s'_j)

so everything follows from the forward sums alpha_i(s), of all weight up to row i, and the backward
sums beta_i(s), of all weight after it (Kramers & Wannier 1941; Baxter 1982, chapter 2). K is a
product over columns: it is applied to a few columns at a time, and 4**L is never met. Where the
lattice is closed, the same is done for every state of row 0 held fixed.

A row's states are numbered with the spin of column 0 as the slowest bit, 0 for -1 and 1 for +1.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vi_lab.numerics import enumeration

MOST_SPINS_FREE, MOST_SPINS_TORUS = 16, 12  # on the shorter side
MOST_NATS = 300.0  # that the weights of one row and its neighbour may span: e**-600 is a double
MESSAGE_SIZE = 2**17  # numbers in one message while the starts of a torus are gone through
COLUMNS_AT_ONCE = 4  # columns to which K is applied in one matrix product


def refusal(h: np.ndarray, J: float, periodic: bool) -> str | None:
    """Why the transfer matrix cannot do this lattice, or None."""
    shorter = min(h.shape)
    limit = MOST_SPINS_TORUS if periodic else MOST_SPINS_FREE
    if shorter > limit:
        edge = "round a torus" if periodic else "with free edges"
        return (
            f"the transfer matrix {edge} is limited to {limit} spins on the shorter side, and this "
            f"lattice is {h.shape[0]} x {h.shape[1]}; Gibbs and CAVI still apply"
        )
    span = 4.0 * abs(J) * shorter + 2.0 * np.abs(h).sum(1 if h.shape[1] == shorter else 0).max()
    if span > MOST_NATS:
        return (
            f"the weights of a row span {span:.0f} nats, above the limit of {MOST_NATS:.0f} to "
            "which doubles hold the sums of the transfer matrix; Gibbs and CAVI still apply"
        )
    return None


class Rows:
    """The chain of rows of a lattice h (M, L), with the shorter side along a row.

    Messages are logs of shape (C, 2**L), a row for each start. On a torus the starts are the states
    of row 0, held fixed in turn; with free edges there is one, the whole of row 0.

    Attributes
    ----------
    starts : int
        How many there are.
    at_once : int
        How many are taken together.
    """

    def __init__(self, h: np.ndarray, J: float, periodic: bool) -> None:
        self.J, self.periodic = J, periodic
        self.count, self.length = h.shape
        self.starts = 2**self.length if periodic else 1
        self.at_once = max(1, MESSAGE_SIZE // 2**self.length)
        self.spins = 2.0 * enumeration.labellings(self.length, 2) - 1.0  # (2**L, L)
        within = (self.spins[:, :-1] * self.spins[:, 1:]).sum(-1)
        if periodic:
            within += self.spins[:, -1] * self.spins[:, 0]
        self.log_w = h @ self.spins.T + J * within  # (M, 2**L)
        # K of one column, and of the columns that go together, over its largest element
        self._alike, self._unlike = np.exp(J - abs(J)), np.exp(-J - abs(J))
        self._kernels = []
        for first in range(0, self.length, COLUMNS_AT_ONCE):
            kernel: np.ndarray = np.ones((1, 1))
            for _ in range(first, min(first + COLUMNS_AT_ONCE, self.length)):
                one = [[self._alike, self._unlike], [self._unlike, self._alike]]
                kernel = np.kron(kernel, one)
            self._kernels.append(kernel)

    def number(self, up: np.ndarray) -> np.ndarray:
        """The number of each row's state, from whether each spin is up: (..., L) -> (...)."""
        return enumeration.find_rows(up, 2)

    def chunk_starts(self) -> Iterator[np.ndarray]:
        """All starts, so many at a time."""
        for first in range(0, self.starts, self.at_once):
            yield np.arange(first, min(self.starts, first + self.at_once))

    def forward(self, starts: np.ndarray) -> list[np.ndarray]:
        """log alpha_i for every row: the weight of all rows up to i that end in each state."""
        log_alpha = self.log_w[:1]
        if self.periodic:
            here = starts[:, None] == np.arange(2**self.length)
            log_alpha = np.where(here, log_alpha, -np.inf)
        messages = [log_alpha]
        for i in range(1, self.count):
            messages.append(self.pass_on(messages[-1]) + self.log_w[i])
        return messages

    def backward(self, starts: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """(i, log beta_i) from the last row to the first: the weight of all rows after i."""
        log_beta = self.close(starts)
        for i in range(self.count - 1, -1, -1):
            yield i, log_beta
            if i:
                log_beta = self.pass_on(self.log_w[i] + log_beta)

    def close(self, starts: np.ndarray) -> np.ndarray:
        """log K from the last row back to row 0; nothing with free edges."""
        if not self.periodic:
            return np.zeros((1, 2**self.length))
        return self.J * (self.spins[starts] @ self.spins.T)

    def pass_on(self, log_message: np.ndarray) -> np.ndarray:
        """log sum_s exp(log message(s)) K(s, s'), for every s'."""
        top = log_message.max(-1, keepdims=True)
        message = self.couple(np.exp(log_message - top))
        return np.log(message) + (top + self.length * abs(self.J))

    def couple(self, message: np.ndarray) -> np.ndarray:
        """sum_s message(s) K(s, s') over the largest K, for messages of either sign."""
        shape = message.shape
        inner = 2**self.length
        for kernel in self._kernels:
            inner //= len(kernel)
            if inner == 1:
                message = message.reshape(-1, len(kernel)) @ kernel
            else:
                message = kernel @ message.reshape(-1, len(kernel), inner)
        return message.reshape(shape)

    def exchange(self, message: np.ndarray, column: int) -> np.ndarray:
        """Sum out one spin of this row and put in that of the next, over the largest K."""
        parts = message.reshape(len(message), 2**column, 2, -1)
        down, up = parts[:, :, 0], parts[:, :, 1]
        result = np.empty_like(parts)
        np.multiply(down, self._alike, out=result[:, :, 0])
        result[:, :, 0] += self._unlike * up
        np.multiply(up, self._alike, out=result[:, :, 1])
        result[:, :, 1] += self._unlike * down
        return result.reshape(message.shape)

    def exchange_columns(self, log_message: np.ndarray) -> list[np.ndarray]:
        """The message with the first 0, 1, ..., L - 1 columns exchanged, each up to a factor."""
        message = np.exp(log_message - log_message.max(-1, keepdims=True))
        steps = [message]
        for j in range(self.length - 1):
            steps.append(self.exchange(steps[-1], j))
        return steps

    def average_pairs(self, log_alpha: np.ndarray, log_after: np.ndarray) -> np.ndarray:
        """E[s_j s'_j] of a row and the next for every column, (C, L), given the sums outside.

        Parameters
        ----------
        log_alpha, log_after : log alpha_i and log w_{i+1} beta_{i+1}
        """
        alpha = np.exp(log_alpha - log_alpha.max(-1, keepdims=True))
        after = np.exp(log_after - log_after.max(-1, keepdims=True))
        total = np.einsum("cs,cs->c", self.couple(alpha), after)
        found = np.empty((len(after), self.length))
        for j in range(self.length):
            spin = self.spins[:, j]
            found[:, j] = np.einsum("cs,s,cs->c", self.couple(alpha * spin), spin, after) / total
        return found

    def draw_previous(
        self, rng: np.random.Generator, log_alpha: np.ndarray, which: np.ndarray, state: np.ndarray
    ) -> np.ndarray:
        """A draw of row i given each state of row i + 1, spin by spin from the last column.

        `which` (n,) is each draw's start, a row of the message.
        """
        steps = self.exchange_columns(log_alpha)
        for j in range(self.length - 1, -1, -1):
            bit = 1 << (self.length - 1 - j)
            next_up = (state & bit) > 0
            down = steps[j][which, state & ~bit] * np.where(next_up, self._unlike, self._alike)
            up = steps[j][which, state | bit] * np.where(next_up, self._alike, self._unlike)
            is_up = rng.random(len(state)) * (up + down) < up
            state = np.where(is_up, state | bit, state & ~bit)
        return state
