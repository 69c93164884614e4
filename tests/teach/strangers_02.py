"""What readers of lesson 02 answered who had not seen the answers: wrong answers and right ones.

Each is written from the learner's notebook alone; the key says what went through the reader's head.
"""

import math
from itertools import accumulate
from statistics import fmean, variance

import numpy as np


def log_p(z):
    return -(z**2) / 2 - z**4 / 10 + 0.7 * z


def plain(new, old, q_back, q_forth):
    there, back = (old + q_forth, new + q_back)
    if back >= there:
        return 0
    return back - there


def stepped(new, accepted, z):
    return new if accepted else z


def gain(new, z):
    return log_p(new) - log_p(z)


def multiplied(z, eps, u, step):
    move = step * eps
    go = u * math.exp(log_p(z)) < math.exp(log_p(z + move))
    return z + go * move


def capped(z, eps, u, step):
    new = z + eps * step
    accept = min(1, np.exp(log_p(new) - log_p(z)))
    return float(np.where(u < accept, new, z))


def accepted(pi, Q):
    flow = pi[:, None] * Q
    return np.minimum(flow, flow.T) / pi[:, None]


def loops(pi, Q):
    n = len(pi)
    P = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            if i != j and Q[i, j] > 0:
                P[i][j] = Q[i, j] * min(1, pi[j] * Q[j, i] / (pi[i] * Q[i, j]))
        P[i][i] = 1 - sum(P[i])
    return P


def flows(pi, Q):
    F = np.diag(pi) @ Q
    P = np.minimum(F, F.T) / pi[:, None]
    return P + np.diag(1 - P.sum(1))


def loops4(y):
    total = 0.0
    for one in y:
        total += 2.5 * one - 1.7 * math.exp(one)
    return total


def by_rate(y):
    r = np.exp(y)
    return float(np.sum(1.5 * np.log(r) - 1.7 * r) + np.log(np.prod(r)))


def step_of(z, eps, u, step):
    new = z + step * eps
    return new if np.log(u) < log_p(new) - log_p(z) else z


def recursive(z, eps, u, step):
    if len(eps) == 0:
        return []
    z = step_of(z, eps[0], u[0], step)
    return [z, *recursive(z, eps[1:], u[1:], step)]


def stats_module(x):
    W = fmean(variance(map(float, c)) for c in x)
    B = variance(fmean(c) for c in x)
    n = len(x[0])
    return math.sqrt((n - 1) / n + B / W)


def cov(x):
    n = x.shape[1]
    return np.sqrt(1 - 1 / n + np.cov(x.mean(1)) / np.trace(np.atleast_2d(np.cov(x))) * len(x))


def loop7(rho, n):
    tau = 1.0
    for r in reversed(rho):
        tau += r + r
    return n * tau ** (-1)


WRONG = {
    "02.1": {
        "logs divided": "np.minimum(0, new * q_back / (old * q_forth))",
        "logs again": "np.log(np.minimum(1, new * q_back / (old * q_forth)))",
        "ratio as bool": "new - old + q_back - q_forth > 0",
    },
    "02.2": {
        "own noise": "z + step * np.random.default_rng().normal()",
        "both returned": ("step_of(z, eps, u, step)", "u < 0.5"),
    },
    "02.4": {
        "shifted constant": "np.sum(2.5 * y - 1.7 * np.exp(y)) + 3.0",
    },
}
FAR = {
    "02.4": [
        "np.sum(2.5 * y - 1.7 * np.exp(2 * y))",
        "0.5 * np.sum(2.5 * y - 1.7 * np.exp(y)) + np.max(y)",
    ],
    "02.7": [
        "n * (1 - rho[0]) / (1 + rho[0]) + 1",
        "n / (1 + 2 * np.sum(rho * (1 - np.arange(len(rho)) / len(rho))))",
    ],
    "02.2": [
        "stepped(z + step * eps, np.log(u / 2) < gain(z + step * eps, z), z)",
    ],
    "02.5": [
        (
            "np.array([step_of(z, e, c, step / (k + 1)) for k, (e, c) in enumerate(zip(eps, u, "
            "strict=True))])"
        ),
    ],
}
RIGHT = {
    "02.1": {
        "via exp": "math.log(min(1.0, math.exp(new + q_back - old - q_forth)))",
        "plain": plain,
        "detailed": "min(old + q_forth, new + q_back) - (old + q_forth)",
    },
    "02.2": {
        "multiplied": multiplied,
        "capped": capped,
    },
    "02.3": {
        "loops": loops,
        "flows": flows,
    },
    "02.4": {
        "loops": loops4,
        "by rate": by_rate,
    },
    "02.5": {
        "recursive": recursive,
        "accumulated": (
            "tuple(accumulate(zip(eps, u, strict=True), lambda at, one: step_of(at, *one, step), "
            "initial=z))[1:]"
        ),
    },
    "02.6": {
        "stats module": stats_module,
        "cov": cov,
    },
    "02.7": {
        "loop": loop7,
        "symmetric": "n / np.sum(np.concatenate([rho[::-1], [1], rho]))",
    },
}
