"""Lesson 02: on a few states the whole walk is a matrix.

P_ij = Q_ij min(1, pi_j Q_ji / (pi_i Q_ij)) off the diagonal, and on it what is left of the row
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator

from vi_lab.teach.exercise import Exercise

# 02.3 ------------------------------------------------------------------------------------------


def transition_matrix(pi, Q):
    """The matrix P of Metropolis-Hastings: P[i, j] is the probability to go from i to j.

    pi (n,): probabilities of the states. Q (n, n): Q[i, j] proposes j from i; it may hold zeros.
    Rows of P sum to one.
    """
    flow = pi[:, None] * Q  # mass that would go from i to j if all were accepted
    P = np.minimum(flow, flow.T) / pi[:, None]
    np.fill_diagonal(P, 0.0)
    return P + np.diag(1.0 - P.sum(axis=1))


def matrix_inputs(rng: Generator, i: int) -> tuple[Any, ...]:
    """2 to 6 states: any Q, a walk with zeros, a symmetric Q, equal states, one-way proposals."""
    n = (4, 5, 3, 2, 6, 4)[i % 6]
    pi, Q = rng.dirichlet(np.ones(n)) + 0.01, rng.dirichlet(np.ones(n), n)
    if i % 6 == 1:  # a walk on a line; at its ends it may stay
        near = np.eye(n, k=1) + np.eye(n, k=-1)
        near[0, 0] = near[-1, -1] = 1.0
        Q = near * rng.uniform(0.5, 1.5, (n, n))
    if i % 6 == 2:
        Q = np.full((n, n), 1.0)
    if i % 6 == 3:
        pi = np.ones(n)
    if i % 6 == 5:
        Q = Q * (np.eye(n, k=1) == 0)
    return pi / pi.sum(), Q / Q.sum(axis=1, keepdims=True)


def ratios(pi: Any, Q: Any) -> Any:
    """pi_j Q_ji / (pi_i Q_ij), and 0 where neither way is ever proposed."""
    forth, back = pi[:, None] * Q, (pi[:, None] * Q).T
    return np.divide(back, forth, out=np.where(back > 0, np.inf, 0.0), where=forth > 0)


def with_stays(moves: Any) -> Any:
    """Moves off the diagonal, and on it what is left of each row."""
    P = moves * (1 - np.eye(len(moves)))
    return P + np.diag(1 - P.sum(1))


def moved(accepted: Any) -> Callable[..., Any]:
    """Q with another acceptance probability (pi, Q) -> (n, n)."""
    return lambda pi, Q: with_stays(Q * np.minimum(1, accepted(pi, Q)))


def flows_out(pi: Any, Q: Any) -> Any:
    """The moves off the diagonal, and nothing on it."""
    return transition_matrix(pi, Q) * (1 - np.eye(len(pi)))


def rows_to_one(moves: Any) -> Any:
    """Rows divided by their sums."""
    return moves / moves.sum(1, keepdims=True)


def kept(Q: Any, A: Any) -> Any:
    """What each row loses by rejection."""
    return (Q * (1 - A)).sum(1)


MATRIX = Exercise(
    id="02.3",
    title="The transition matrix",
    minutes=12,
    star=False,
    inputs=matrix_inputs,
    right=transition_matrix,
    mistakes={
        "The ratio of the proposals is missing: Metropolis, not Hastings.": moved(
            lambda pi, Q: pi / pi[:, None]
        ),
        "The ratio of the proposals is upside down.": moved(
            lambda pi, Q: pi / pi[:, None] * ratios(1 + 0 * pi, Q).T
        ),
        "The ratio of the targets is upside down.": moved(
            lambda pi, Q: pi[:, None] / pi * ratios(1 + 0 * pi, Q)
        ),
        "Both ratios are upside down.": moved(lambda pi, Q: ratios(pi, Q).T),
        "Upside down, and the proposals are missing: pi_j / pi_i.": moved(
            lambda pi, Q: pi[:, None] / pi
        ),
        "You took max where min belongs.": lambda pi, Q: with_stays(
            np.where(Q > 0, Q * np.maximum(1, np.minimum(ratios(pi, Q), 1e9)), 0)
        ),
        "pi_j is no ratio: compare it with pi_i.": moved(lambda pi, Q: pi + 0 * Q),
        "You took Barker's rule: it leaves pi as it is, but accepts less often.": moved(
            lambda pi, Q: 1 / (1 + ratios(pi, Q).T)
        ),
        "You took Barker's rule, without the proposals.": moved(
            lambda pi, Q: pi / (pi + pi[:, None])
        ),
        "The target plays no part: pi_j / pi_i is missing.": moved(
            lambda pi, Q: ratios(np.ones(len(pi)), Q)
        ),
        "Rejections are not on the diagonal: the rows do not sum to one.": lambda pi, Q: (
            Q * np.minimum(1, ratios(pi, Q))
        ),
        "The ratio of proposals is missing, and rejections off the diagonal.": lambda pi, Q: (
            Q * np.minimum(1, pi / pi[:, None])
        ),
        "The diagonal is empty: who is rejected stays.": lambda pi, Q: (
            Q * np.minimum(1, ratios(pi, Q)) * (1 - np.eye(len(pi)))
        ),
        "Rows were divided by their sum: what is rejected goes on the diagonal.": lambda pi, Q: (
            (Q * np.minimum(1, ratios(pi, Q)))
            / (Q * np.minimum(1, ratios(pi, Q))).sum(1, keepdims=True)
        ),
        "Q[i, i] was lost: whoever proposes to stay, stays too.": lambda pi, Q: (
            Q * np.minimum(1, ratios(pi, Q)) * (1 - np.eye(len(pi)))
            + np.diag(kept(Q, np.minimum(1, ratios(pi, Q))))
        ),
        "min(1, .) is missing: a probability is at most one.": lambda pi, Q: with_stays(
            np.where(Q > 0, Q * np.where(np.isinf(ratios(pi, Q)), 0, ratios(pi, Q)), 0)
        ),
        "You transposed it: rows are where you are, columns where you go.": lambda pi, Q: (
            transition_matrix(pi, Q).T
        ),
        "Everything is accepted: this is Q.": lambda pi, Q: Q,
        "Q is missing: this is the acceptance alone.": lambda pi, Q: np.minimum(1, ratios(pi, Q)),
        "Q is missing in front of the acceptance.": lambda pi, Q: with_stays(
            np.minimum(1, ratios(pi, Q))
        ),
        "Q is missing in front of the acceptance, and moves that nobody proposes get some.": (
            lambda pi, Q: with_stays(
                np.minimum(1, np.where(Q > 0, ratios(pi, Q), (pi[:, None] * Q).T))
            )
        ),
        "The ratio of the targets is squared, and that of the proposals is missing.": moved(
            lambda pi, Q: (pi / pi[:, None]) ** 2
        ),
        "Q[j, i] stands where Q[i, j] proposes the move.": lambda pi, Q: with_stays(
            Q.T * np.minimum(1, ratios(pi, Q))
        ),
        "pi_i is still in it: this is the flow, not the probability.": lambda pi, Q: (
            pi[:, None] * transition_matrix(pi, Q)
        ),
        "You left the flow undivided by pi_i, and rejections off the diagonal.": lambda pi, Q: (
            np.minimum(pi[:, None] * Q, (pi[:, None] * Q).T)
        ),
        "You put what each column lost on the diagonal: it is what each row lost.": lambda pi, Q: (
            Q * np.minimum(1, ratios(pi, Q))
            + np.diag((Q * (1 - np.minimum(1, ratios(pi, Q)))).sum(0))
        ),
        "You accepted moves that have no way back: their ratio is 0.": moved(
            lambda pi, Q: np.where(Q.T == 0, 1, ratios(pi, Q))
        ),
        "0/0: a move that is never proposed has probability 0.": lambda pi, Q: with_stays(
            Q * np.minimum(1, pi * Q.T / (pi[:, None] * Q))
        ),
        "The diagonal was emptied, and rows divided by their sum: who is rejected stays.": (
            lambda pi, Q: rows_to_one(flows_out(pi, Q))
        ),
        "Q[i, i] stands there twice: 1 less the moves holds it already.": lambda pi, Q: (
            transition_matrix(pi, Q) + np.diag(np.diag(Q))
        ),
        "The columns sum to one: the rows should.": lambda pi, Q: (
            transition_matrix(pi, Q) + np.diag(flows_out(pi, Q).sum(1) - flows_out(pi, Q).sum(0))
        ),
        "You took exp(pi_j - pi_i): pi holds probabilities, no logs.": moved(
            lambda pi, Q: np.exp(pi - pi[:, None])
        ),
        "What is rejected was spread over the row.": lambda pi, Q: (
            Q * np.minimum(1, ratios(pi, Q))
            + kept(Q, np.minimum(1, ratios(pi, Q)))[:, None] / len(pi)
        ),
    },
    hints=(
        "Off the diagonal: propose, then accept. On it: whatever is left of the row.",
        "P_ij = Q_ij min(1, pi_j Q_ji / (pi_i Q_ij)) = min(pi_i Q_ij, pi_j Q_ji) / pi_i",
        "flow = pi[:, None] * Q",
    ),
)
