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


def filled(P):
    P = P - np.diag(np.diag(P))
    return P + np.diag(1 - P.sum(axis=1))


def accepted(pi, Q):
    flow = pi[:, None] * Q
    return np.minimum(flow, flow.T) / pi[:, None]


def no_stay(pi, Q):
    A = np.minimum(1, pi * Q.T / np.where(pi[:, None] * Q > 0, pi[:, None] * Q, 1))
    return Q * A


def rows_rescaled(pi, Q):
    P = accepted(pi, Q) * (1 - np.eye(len(pi)))
    return P / P.sum(axis=1, keepdims=True)


def nan_of_zeros(pi, Q):
    A = np.minimum(1, pi[None, :] * Q.T / (pi[:, None] * Q))
    return filled(Q * A)


def acceptance_only(pi, Q):
    F = pi[:, None] * Q
    A = np.minimum(1, F.T / np.where(F > 0, F, 1))
    np.fill_diagonal(A, 0)
    np.fill_diagonal(A, 1 - A.sum(1))
    return A


def wrong_way(pi, Q):
    G = pi[:, None] * Q
    A = np.where(G.T > 0, np.minimum(1, G / np.where(G.T > 0, G.T, 1)), 1)
    return filled(Q * A)


def columns_sum(pi, Q):
    P = accepted(pi, Q) * (1 - np.eye(len(pi)))
    return P + np.diag(1 - P.sum(axis=0))


def normal_exp(pi, Q):
    A = np.minimum(1, np.exp(pi[None, :] - pi[:, None]))
    return filled(Q * A)


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


def walk(z, eps, u, step):
    out = [z]
    for e, c in zip(eps, u, strict=True):
        out.append(step_of(out[-1], e, c, step))
    return np.array(out)


def only_accepted(z, eps, u, step):
    out = []
    for e, c in zip(eps, u, strict=True):
        new = step_of(z, e, c, step)
        if new != z:
            out.append(new)
        z = new
    return np.array(out)


def keeps_proposals(z, eps, u, step):
    out = []
    for e, c in zip(eps, u, strict=True):
        out.append(z + step * e)
        z = step_of(z, e, c, step)
    return np.array(out)


def recursive(z, eps, u, step):
    if len(eps) == 0:
        return []
    z = step_of(z, eps[0], u[0], step)
    return [z, *recursive(z, eps[1:], u[1:], step)]


def parts(x, within=1, between=1):
    return x.shape[1], x.var(axis=1, ddof=within).mean(), x.mean(axis=1).var(ddof=between)


def ratio(n, W, B):
    return ((n - 1) / n * W + B) / W


def stats_module(x):
    W = fmean(variance(map(float, c)) for c in x)
    B = variance(fmean(c) for c in x)
    n = len(x[0])
    return math.sqrt((n - 1) / n + B / W)


def cov(x):
    n = x.shape[1]
    return np.sqrt(1 - 1 / n + np.cov(x.mean(1)) / np.trace(np.atleast_2d(np.cov(x))) * len(x))


def stop_at_negative(rho, n):
    total = 0
    for r in rho:
        if r < 0:
            break
        total += r
    return n / (1 + 2 * total)


def loop7(rho, n):
    tau = 1.0
    for r in reversed(rho):
        tau += r + r
    return n * tau ** (-1)


WRONG = {
    "02.1": {
        "no cap": "new + q_back - old - q_forth",
        "metropolis only": "np.minimum(0, new - old)",
        "hastings upside down": "np.minimum(0, new - old + q_forth - q_back)",
        "cap at one": "np.minimum(1, new - old + q_back - q_forth)",
        "probability itself": "np.minimum(1, np.exp(new - old + q_back - q_forth))",
        "max for min": "np.maximum(0, new - old + q_back - q_forth)",
        "reversed ratio": "np.minimum(0, old - new + q_forth - q_back)",
        "logs divided": "np.minimum(0, new * q_back / (old * q_forth))",
        "logs again": "np.log(np.minimum(1, new * q_back / (old * q_forth)))",
        "all added": "min(0, new + q_back + old + q_forth)",
        "ratio as bool": "new - old + q_back - q_forth > 0",
    },
    "02.2": {
        "coin without log": "stepped(z + step * eps, u < gain(z + step * eps, z), z)",
        "step as variance": (
            "stepped(z + step**0.5 * eps, np.log(u) < gain(z + step**0.5 * eps, z), z)"
        ),
        "old less new": "stepped(z + step * eps, np.log(u) < gain(z, z + step * eps), z)",
        "refuses": "stepped(z + step * eps, np.log(u) > gain(z + step * eps, z), z)",
        "only uphill": "max(z, z + step * eps, key=log_p)",
        "always": "z + step * eps",
        "independent": "stepped(step * eps, np.log(u) < gain(step * eps, z), z)",
        "own noise": "z + step * np.random.default_rng().normal()",
        "ratio of logs": "stepped(z + step * eps, u < log_p(z + step * eps) / log_p(z), z)",
        "both returned": ("step_of(z, eps, u, step)", "u < 0.5"),
        "no step": "stepped(z + eps, np.log(u) < gain(z + eps, z), z)",
        "minus step": "stepped(z - step * eps, np.log(u) < gain(z - step * eps, z), z)",
    },
    "02.3": {
        "no stay": no_stay,
        "metropolis ratio": "filled(Q * np.minimum(1, pi / pi[:, None]))",
        "rows rescaled": rows_rescaled,
        "transposed": "filled(accepted(pi, Q)).T",
        "nan of zeros": nan_of_zeros,
        "acceptance only": acceptance_only,
        "wrong way": wrong_way,
        "diagonal of q kept": "accepted(pi, Q)",
        "diagonal added twice": "filled(accepted(pi, Q)) + np.diag(np.diag(Q))",
        "columns sum": columns_sum,
        "normal exp": normal_exp,
        "q itself": "Q",
    },
    "02.4": {
        "no jacobian": "np.sum(1.5 * y - 1.7 * np.exp(y))",
        "jacobian subtracted": "np.sum(1.5 * y - 1.7 * np.exp(y) - y)",
        "jacobian once": "np.sum(1.5 * y - 1.7 * np.exp(y)) + y[0]",
        "y as rate": "np.sum(1.5 * np.log(y) - 1.7 * y)",
        "vector": "2.5 * y - 1.7 * np.exp(y)",
        "jacobian of rate": "np.sum(1.5 * y - 1.7 * np.exp(y) + np.exp(y))",
        "mean": "np.mean(2.5 * y - 1.7 * np.exp(y))",
        "density": "np.exp(np.sum(2.5 * y - 1.7 * np.exp(y)))",
        "jacobian factor": "np.sum((1.5 * y - 1.7 * np.exp(y)) * np.exp(y))",
        "number of rates": "np.sum(1.5 * y - 1.7 * np.exp(y)) + len(y)",
        "mean jacobian": "np.sum(1.5 * y - 1.7 * np.exp(y)) + np.mean(y)",
        "exp forgotten": "np.sum(2.5 * y - 1.7 * y)",
        "shifted constant": "np.sum(2.5 * y - 1.7 * np.exp(y)) + 3.0",
    },
    "02.5": {
        "with the start": "walk(z, eps, u, step)",
        "start and not last": "walk(z, eps, u, step)[:-1]",
        "never moves on": "np.array([step_of(z, e, c, step) for e, c in zip(eps, u, strict=True)])",
        "only accepted": only_accepted,
        "keeps proposals": keeps_proposals,
        "last state": "walk(z, eps, u, step)[-1]",
        "same noise": "walk(z, eps[:1].repeat(len(eps)), u[:1].repeat(len(u)), step)[1:]",
        "one short": "walk(z, eps[:-1], u[:-1], step)[1:]",
        "skips first": "walk(z, eps[1:], u[1:], step)",
        "swapped eps u": "walk(z, u, np.abs(eps), step)[1:]",
        "proposals cumsum": "z + step * np.cumsum(eps)",
    },
    "02.6": {
        "ddof": "np.sqrt(ratio(*parts(x, 0, 0)))",
        "mixed ddof": "np.sqrt(ratio(*parts(x, 1, 0)))",
        "no root": "ratio(*parts(x))",
        "axes swapped": "np.sqrt(ratio(*parts(x.T)))",
        "b over n twice": "np.sqrt(ratio(*parts(x)[:2], parts(x)[2] / x.shape[1]))",
        "b not divided": "np.sqrt(ratio(*parts(x)[:2], parts(x)[2] * x.shape[1]))",
        "sd for variance": (
            "np.sqrt(ratio(x.shape[1], x.std(axis=1, ddof=1).mean(), x.mean(axis=1).std(ddof=1)))"
        ),
        "total over within": "np.sqrt(x.var(ddof=1) / x.var(axis=1, ddof=1).mean())",
        "n is chains": "np.sqrt(ratio(len(x), *parts(x)[1:]))",
        "no shrink": "np.sqrt(1 + parts(x)[2] / parts(x)[1])",
        "within over all": "ratio(*parts(x)) ** (-0.5)",
        "split chains": (
            "np.sqrt(ratio(*parts(x[:, : x.shape[1] // 2 * 2].reshape(2 * len(x), -1))))"
        ),
    },
    "02.7": {
        "no two": "n / (1 + np.sum(rho))",
        "no one": "n / (2 * np.sum(rho))",
        "skips lag one": "n / (1 + 2 * np.sum(rho[1:]))",
        "multiplied": "n * (1 + 2 * np.sum(rho))",
        "positive only": "n / (1 + 2 * np.sum(rho[rho > 0]))",
        "stop at negative": stop_at_negative,
        "mean rho": "n / (1 + 2 * np.mean(rho))",
        "rounded": "round(n / (1 + 2 * np.sum(rho)))",
        "factor only": "1 + 2 * np.sum(rho)",
        "absolute": "n / (1 + 2 * np.sum(np.abs(rho)))",
        "two of all": "n / (2 * (1 + np.sum(rho)))",
        "precedence": "n / 1 + 2 * np.sum(rho)",
        "squares": "n / (1 + 2 * np.sum(rho**2))",
        "len for n": "len(rho) / (1 + 2 * np.sum(rho))",
    },
}
FAR = {
    "02.4": [
        "np.sum(2.5 * y - 1.7 * np.exp(2 * y))",
        "0.5 * np.sum(2.5 * y - 1.7 * np.exp(y)) + np.max(y)",
    ],
    "02.6": [
        "np.sqrt(ratio(*parts(x[:, x.shape[1] // 2 :])))",
        "np.sqrt((x.shape[1] - 1) / x.shape[1] + np.median(x, axis=1).var(ddof=1) / parts(x)[1])",
    ],
    "02.7": [
        "n * (1 - rho[0]) / (1 + rho[0]) + 1",
        "n / (1 + 2 * np.sum(rho * (1 - np.arange(len(rho)) / len(rho))))",
    ],
    "02.2": [
        "stepped(z + step * eps, np.log(u / 2) < gain(z + step * eps, z), z)",
    ],
    "02.3": [
        "filled(Q * np.minimum(1, (pi / pi[:, None]) ** 2))",
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
