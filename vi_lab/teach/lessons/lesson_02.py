"""Lesson 02, Metropolis-Hastings: may I move? The acceptance, the step, the matrix.

    A(old -> new) = min(1, p(new) q(old|new) / (p(old) q(new|old)))

(Metropolis et al. 1953; Hastings 1970; Bishop 2006, eq. 11.44.) The walk, the arrival,
and the choices and predictions are in the files beside this one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator

from vi_lab.teach.exercise import Exercise
from vi_lab.teach.lessons.lesson_02_arrival import ESS, RHAT
from vi_lab.teach.lessons.lesson_02_choices import CHOICES as CHOICES
from vi_lab.teach.lessons.lesson_02_choices import PREDICTIONS as PREDICTIONS
from vi_lab.teach.lessons.lesson_02_rates import LOG_RATES
from vi_lab.teach.lessons.lesson_02_steps import RUN, STEP

# 02.1 ------------------------------------------------------------------------------------------


def log_accept(new, old, q_back, q_forth):
    """The log of the probability with which a move from old to new is accepted.

    new = log p(new), old = log p(old), q_back = log q(old|new), q_forth = log q(new|old):
    logarithms all, and the answer is one too.
    """
    log_ratio = (new + q_back) - (old + q_forth)
    return min(0.0, log_ratio)


def accept_inputs(rng: Generator, i: int) -> tuple[Any, ...]:
    """Any four; no Hastings ratio; integers; logs far below what exp reaches; p(new) = 0."""
    new, old, q_back, q_forth = rng.normal(0, 2, 4).tolist()
    if i % 6 == 1:
        q_forth = q_back
    if i % 6 == 2:
        new, old, q_back, q_forth = (float(round(value)) for value in (new, old, q_back, q_forth))
    if i % 6 == 3:
        new, old = new - 2000, old - 2000
    if i == 4:
        new = -np.inf
    return new, old, q_back, q_forth


def of_ratios(wrong: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """A mistake in the target's log ratio p and the proposal's log ratio q."""
    return lambda new, old, q_back, q_forth: wrong(new - old, q_back - q_forth)


ACCEPT_RATIOS = {
    "The proposal densities are missing: Metropolis, not Metropolis-Hastings.": lambda p, q: min(
        0, p
    ),
    "The proposal ratio is upside down: q(old|new) stands on top.": lambda p, q: min(0, p - q),
    "The target ratio is upside down: p(new) stands on top.": lambda p, q: min(0, q - p),
    "Both ratios are upside down: this moves from new to old.": lambda p, q: min(0, -p - q),
    "A probability is at most one: min(0, .) is missing.": lambda p, q: p + q,
    "A probability, not its logarithm.": lambda p, q: np.exp(min(0, p + q)),
    "The ratio itself: min(1, .) and the logarithm are missing.": lambda p, q: np.exp(p + q),
    "Squared: each log stands here once, without a 2.": lambda p, q: min(0, 2 * (p + q)),
    "A root was taken: there is no half in the rule.": lambda p, q: min(0, (p + q) / 2),
    "A log probability is at most 0: min(0, .), not min(1, .).": lambda p, q: min(1, p + q),
    "max where min belongs: only downhill moves are in doubt.": lambda p, q: max(0, p + q),
    "The target plays no part: p(new)/p(old) is missing.": lambda p, q: min(0, q),
    "The cut comes too early: the proposal ratio goes inside it.": lambda p, q: min(0, p) + q,
    "Cut twice: min goes once, around the product.": lambda p, q: min(0, p) + min(0, q),
    "Everything is accepted: log 1 = 0, whatever the ratio is.": lambda p, q: 0.0,
    "Neither q nor min(0, .): this is the target's log ratio alone.": lambda p, q: p,
    "A probability, and the proposal densities are missing.": lambda p, q: np.exp(min(0, p)),
    "Uphill is what the whole ratio says, not p(new) > p(old) alone.": lambda p, q: (
        0.0 if p > 0 else p + q
    ),
    "Uphill moves are accepted for certain: the log is 0 there.": lambda p, q: -abs(p + q),
    "The proposal ratio is squared: each q stands there once.": lambda p, q: min(0, p + 2 * q),
    "The two log ratios are multiplied: add them.": lambda p, q: min(0, p * q),
    "The proposals are missing, and the rest is squared.": lambda p, q: 2 * min(0, p),
    "Bits: the natural logarithm is wanted.": lambda p, q: min(0, p + q) / np.log(2),
    "log10: the natural logarithm is wanted.": lambda p, q: min(0, p + q) / np.log(10),
    "The sign: the log of a probability is not above 0.": lambda p, q: -min(0, p + q),
    "Barker's rule r/(1 + r): right in the long run, but slower.": lambda p, q: (
        -np.logaddexp(0, -p - q)
    ),
}
ACCEPT_LOGS: dict[str, Callable[..., Any]] = {
    "Only the way forth: q(old|new) is missing.": lambda n, o, b, f: min(0, n - o - f),
    "Only the way back: q(new|old) is missing.": lambda n, o, b, f: min(0, n - o + b),
    "Only the way forth, and multiplied: divide by q(new|old).": lambda n, o, b, f: min(
        0, n - o + f
    ),
    "Only the way back, and divided by: q(old|new) stands on top.": lambda n, o, b, f: min(
        0, n - o - b
    ),
    "Both q are divided by: q(old|new) stands on top.": lambda n, o, b, f: min(0, n - o - b - f),
    "Logs are multiplied where densities would be: add them.": lambda n, o, b, f: np.minimum(
        0, np.multiply(n, b) - np.multiply(o, f)
    ),
    "p(old) multiplies: divide by it, its log is subtracted.": lambda n, o, b, f: min(
        0, n + o + b - f
    ),
    "The two q are multiplied: one of the two is divided by.": lambda n, o, b, f: min(
        0, n - o + b + f
    ),
    "p(old) is missing: compare both ends.": lambda n, o, b, f: min(0, n + b - f),
    "p(new) is missing: compare both ends.": lambda n, o, b, f: min(0, -o + b - f),
    "A ratio of logs: a ratio of densities is a difference of logs.": lambda n, o, b, f: np.minimum(
        0, np.divide(n + b, o + f)
    ),
    "Log densities divided: subtract them.": lambda n, o, b, f: np.minimum(
        0, np.divide(n, o) + b - f
    ),
    "exp underflows: subtract the logs before you take exp.": lambda n, o, b, f: np.log(
        np.minimum(1, np.exp(n) * np.exp(b) / (np.exp(o) * np.exp(f)))
    ),
    "A probability, and exp underflows: stay in logs.": lambda n, o, b, f: np.minimum(
        1, np.exp(n) * np.exp(b) / (np.exp(o) * np.exp(f))
    ),
}

ACCEPT = Exercise(
    id="02.1",
    title="The log of the acceptance probability",
    minutes=8,
    star=False,
    inputs=accept_inputs,
    right=log_accept,
    mistakes={name: of_ratios(f) for name, f in ACCEPT_RATIOS.items()} | ACCEPT_LOGS,
    samples=48,
    hints=(
        "A probability is a ratio that is cut off at one. In logs: a difference, cut off at 0.",
        "min(0, log p(new) + log q(old|new) - log p(old) - log q(new|old))",
        "log_ratio = (new + q_back) - ...",
    ),
    relations=False,
)

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
        "max where min belongs.": lambda pi, Q: with_stays(
            np.where(Q > 0, Q * np.maximum(1, np.minimum(ratios(pi, Q), 1e9)), 0)
        ),
        "pi_j is no ratio: compare it with pi_i.": moved(lambda pi, Q: pi + 0 * Q),
        "Barker's rule: it leaves pi as it is, but accepts less often.": moved(
            lambda pi, Q: 1 / (1 + ratios(pi, Q).T)
        ),
        "Barker's rule, without the proposals.": moved(lambda pi, Q: pi / (pi + pi[:, None])),
        "The target plays no part: pi_j / pi_i is missing.": moved(
            lambda pi, Q: ratios(np.ones(len(pi)), Q)
        ),
        "Rejections are not on the diagonal: the rows do not sum to one.": lambda pi, Q: (
            Q * np.minimum(1, ratios(pi, Q))
        ),
        "No ratio of proposals, and rejections are not on the diagonal.": lambda pi, Q: (
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
        "Transposed: rows are where you are, columns where you go.": lambda pi, Q: (
            transition_matrix(pi, Q).T
        ),
        "Everything is accepted: this is Q.": lambda pi, Q: Q,
        "Q is missing: this is the acceptance alone.": lambda pi, Q: np.minimum(1, ratios(pi, Q)),
        "Q is missing in front of the acceptance.": lambda pi, Q: with_stays(
            np.minimum(1, ratios(pi, Q))
        ),
        "Q[j, i] stands where Q[i, j] proposes the move.": lambda pi, Q: with_stays(
            Q.T * np.minimum(1, ratios(pi, Q))
        ),
        "pi_i is still in it: this is the flow, not the probability.": lambda pi, Q: (
            pi[:, None] * transition_matrix(pi, Q)
        ),
        "0/0: a move that is never proposed has probability 0.": lambda pi, Q: with_stays(
            Q * np.minimum(1, pi * Q.T / (pi[:, None] * Q))
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

EXERCISES = (ACCEPT, STEP, MATRIX, LOG_RATES, RUN, RHAT, ESS)
