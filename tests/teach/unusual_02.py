"""Right answers to lesson 02 in forms that a learner may well choose."""

import math
import statistics

import numpy as np
from scipy.special import xlogy

from vi_lab.teach.lessons.exercises.lesson_02_steps import log_p


def accept_by_cases(new, old, q_back, q_forth):
    if new + q_back >= old + q_forth:
        return 0
    return new - old + q_back - q_forth


def step_of_density(z, eps, u, step):
    def p(z):
        return math.exp(-z * z / 2 - z**4 / 10 + 0.7 * z)

    there = z + eps * step
    if u * p(z) < p(there):
        z = there
    return z


def step_by_array(z, eps, u, step):
    return np.where(np.log(u) >= log_p(z + step * eps) - log_p(z), z, z + step * eps)


def matrix_by_loops(pi, Q):
    n = len(pi)
    P = [[0.0] * n for _ in range(n)]
    for i in range(n):
        stay = 1.0
        for j in range(n):
            if j != i and Q[i][j]:
                P[i][j] = float(Q[i][j] * min(1, pi[j] * Q[j][i] / pi[i] / Q[i][j]))
                stay -= P[i][j]
        P[i][i] = stay
    return P


def matrix_of_rejections(pi, Q):
    with np.errstate(divide="ignore", invalid="ignore"):
        A = np.nan_to_num(np.minimum(1, (pi * Q.T) / (pi[:, None] * Q)))
    P = Q * A
    return np.asfortranarray(P + np.diag((Q - P).sum(1)))


def run_in_place(z, eps, u, step):
    chain = np.empty((len(eps), 1))[:, 0]
    for t in range(len(eps)):
        new = z + step * eps[t]
        z = new if math.log(u[t]) < log_p(new) - log_p(z) else z
        chain[t] = z
    return chain


def rhat_by_loops(x):
    rows = [list(map(float, row)) for row in x]
    n = len(rows[0])
    W = statistics.fmean(statistics.variance(row) for row in rows)
    B = n * statistics.variance(statistics.fmean(row) for row in rows)
    return math.sqrt(((n - 1) * W / n + B / n) / W)


UNUSUAL = {
    "02.1": [
        accept_by_cases,
        lambda new, old, back, forth: np.minimum(np.zeros(1), [new - old + back - forth]),
        lambda new, old, back, forth: -max(0, old - new + forth - back),
        lambda new, old, back, forth: (
            float(np.log(min(1.0, math.exp(new - old + back - forth))))
            if np.isfinite(new)
            else -math.inf
        ),
    ],
    "02.2": [
        step_of_density,
        step_by_array,
        lambda z, eps, u, step: z + step * eps * (np.log(u) < log_p(z + step * eps) - log_p(z)),
        lambda z, eps, u, step: np.array([z, z + step * eps])[
            int(-np.log(u) > log_p(z) - log_p(z + step * eps))
        ],
    ],
    "02.3": [matrix_by_loops, matrix_of_rejections],
    "02.4": [
        lambda y: sum(2.5 * math.log(r) - 1.7 * r for r in np.exp(y)),
        lambda y: np.array([xlogy(1.5, np.exp(y)).sum() - 1.7 * np.exp(y).sum() + y.sum()]),
        lambda y: float(np.dot(y, np.full(len(y), 2.5)) - 1.7 * np.exp(y) @ np.ones(len(y))),
    ],
    "02.5": [
        run_in_place,
        lambda z, eps, u, step: [
            z := step_of_density(z, a, b, step) for a, b in zip(eps, u, strict=True)
        ],
    ],
    "02.6": [
        rhat_by_loops,
        lambda x: np.sqrt(
            1 - 1 / x.shape[1] + np.var(x.mean(1), ddof=1) / np.var(x, axis=1, ddof=1).mean()
        ),
    ],
    "02.7": [
        lambda rho, n: n / (1 + 2 * sum(map(float, rho))),
        lambda rho, n: np.array(n) / np.concatenate([rho[::-1], [1], rho]).sum(),
    ],
}
