"""What readers of lesson 06 answered who had not seen the answers: wrong answers and right ones.

Each is written from the learner's notebook alone; the key says what went through the reader's head.
"""

import math

import numpy as np
from scipy import integrate, linalg, special, stats

LOG_2PI = np.log(2 * np.pi)


def pieces(x, m, v, s2):
    """E[log p(x|z)], E[log p(z)], the entropy of q and KL(q || prior)."""
    fit = -0.5 * np.sum(LOG_2PI + np.log(s2) + ((x - m) ** 2 + v) / s2)
    prior = -0.5 * (LOG_2PI + m**2 + v)
    return fit, prior, 0.5 * (1 + LOG_2PI + np.log(v)), 0.5 * (m**2 + v - 1 - np.log(v))


def two_forms(fit, prior, entropy, kl):
    return fit - kl, fit + prior + entropy


def of_parts(change):
    """An answer that puts the right pieces together in a way of its own."""
    return lambda x, m, v, s2: change(*pieces(x, m, v, s2))


def by_nodes(x, m, v, s2):
    """Right: both forms by Gauss-Hermite nodes, exact for squares."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(6)
    z, w = m + np.sqrt(v) * nodes, weights / weights.sum()
    fit = stats.norm.logpdf(np.asarray(x)[:, None], z, np.sqrt(s2)).sum(0)
    q, prior = stats.norm.logpdf(z, m, np.sqrt(v)), stats.norm.logpdf(z)
    return [w @ fit - w @ (q - prior), w @ (fit + prior) - w @ q]


def encoder_parts(W, s2, x):
    L = np.eye(W.shape[1]) + W.T @ W / s2
    return L, np.linalg.solve(L, W.T @ x / s2), 1 / np.diag(L)


def of_encoder(change):
    def answer(W, s2, x):
        return change(*encoder_parts(W, s2, x), W, s2, x)

    return answer


def climbed(W, s2, x):
    """Right: the updates of mean field, a latent after the other, many times."""
    K = W.shape[1]
    v = np.array([1 / (1 + W[:, k] @ W[:, k] / s2) for k in range(K)])
    m = np.zeros(K)
    for _ in range(20_000):
        old = m.copy()
        for k in range(K):
            m[k] = v[k] * W[:, k] @ (x - W @ m + W[:, k] * m[k]) / s2
        if np.max(np.abs(m - old)) < 1e-14:
            break
    return m, v


def by_the_gain(W, s2, x):
    """Right: the mean from the covariance of x, D by D."""
    mean = W.T @ np.linalg.solve(W @ W.T + s2 * np.eye(len(W)), x)
    return [list(mean), [s2 / (s2 + column @ column) for column in W.T]]


def by_least_squares(W, s2, x):
    """Right: the prior as K more data that say 0."""
    K = W.shape[1]
    rows = np.vstack([W / np.sqrt(s2), np.eye(K)])
    mean = np.linalg.lstsq(rows, np.concatenate([x / np.sqrt(s2), np.zeros(K)]))[0]
    return mean, 1 / np.sum(rows**2, axis=0)


def covariance(W, s2):
    return W @ W.T + s2 * np.eye(len(W))


def log_normal(C, x):
    """The log density of N(0, C)."""
    return -0.5 * (len(x) * LOG_2PI + np.linalg.slogdet(C)[1] + x @ np.linalg.solve(C, x))


def of_covariance(change):
    return lambda W, s2, x: change(covariance(W, s2), x, W, s2)


def one_after_another(W, s2, x):
    """Right: each measurement given those before it."""
    mean, S, total = np.zeros(W.shape[1]), np.eye(W.shape[1]), 0.0
    for w, value in zip(W, x, strict=True):
        spread = w @ S @ w + s2
        total += stats.norm.logpdf(value, w @ mean, math.sqrt(spread))
        gain = S @ w / spread
        mean = mean + gain * (value - w @ mean)
        S = S - np.outer(gain, w @ S)
    return total


def by_bayes(W, s2, x):
    """Right: joint over posterior at z = 0."""
    L = np.eye(W.shape[1]) + W.T @ W / s2
    mean = np.linalg.solve(L, W.T @ x / s2)
    joint = stats.norm.logpdf(x, 0, np.sqrt(s2)).sum() + stats.norm.logpdf(0) * len(L)
    return joint - stats.multivariate_normal.logpdf(0 * mean, mean, np.linalg.inv(L))


def logdet(A):
    return np.linalg.slogdet(A)[1]


def in_full(L):
    """Right: the KL of two normals with one mean, nothing cancelled by hand."""
    S = np.diag(1 / np.diag(L))
    return 0.5 * (np.trace(L @ S) - len(L) - logdet(S) - logdet(L))


def of_correlations(L):
    """Right: minus half the log determinant of the scaled precision."""
    d = np.sqrt(np.diag(L))
    return -np.log(np.diag(np.linalg.cholesky(L / np.outer(d, d)))).sum()


def in_a_loop(eigenvalues, s2):
    nats = []
    for value in eigenvalues:
        nats.append(math.log(value / s2) / 2 if value > s2 else 0.0)
    return nats


WRONG = {
    "06.1": {
        "one number": of_parts(lambda f, p, h, kl: f - kl),
    },
    "06.2": {
        "variance first": of_encoder(lambda L, m, v, W, s2, x: (v, m)),
        "the mean alone": of_encoder(lambda L, m, v, W, s2, x: m),
    },
    "06.3": {
        "bits": of_covariance(lambda C, x, W, s2: log_normal(C, x) / np.log(2)),
    },
    "06.4": {
        "two halves": "0.25 * (np.log(np.diag(L)).sum() - logdet(L))",
    },
}

RIGHT = {
    "06.1": {
        "two integrals by nodes": by_nodes,
        "an array": "np.array(two_forms(*pieces(np.asarray(x), m, v, s2)))",
    },
    "06.2": {
        "mean-field updates": climbed,
        "a gain, in lists": by_the_gain,
        "the prior as data": by_least_squares,
    },
    "06.3": {
        "scipy": "stats.multivariate_normal(cov=covariance(W, s2), allow_singular=True).logpdf(x)",
        "one measurement after another": one_after_another,
        "Bayes at nought": by_bayes,
        "Cholesky": (
            "stats.norm.logpdf(linalg.solve_triangular(c := np.linalg.cholesky(covariance(W, "
            "s2)), x, lower=True)).sum() - np.log(np.diag(c)).sum()"
        ),
    },
    "06.4": {
        "the whole KL": in_full,
        "correlations of the precision": of_correlations,
        "eigenvalues": "0.5 * (np.log(np.diagonal(L)) - np.log(np.linalg.eigvalsh(L))).sum()",
    },
    "06.6": {
        "a loop": in_a_loop,
        "an area": (
            "[integrate.quad(lambda u: 0.5 / u, s2, max(s2, value), limit=200, "
            "epsabs=1e-13)[0] for value in eigenvalues]"
        ),
        "relu": "special.xlogy(0.5, np.clip(np.asarray(eigenvalues) / s2, 1, None))",
    },
}

FAR = {
    "06.1": [
        of_parts(lambda f, p, h, kl: (f - h, f + p + h)),
        of_parts(lambda f, p, h, kl: (f - kl, f - kl + p)),
        of_parts(lambda f, p, h, kl: (f - kl, kl)),
    ],
    "06.2": [
        of_encoder(lambda L, m, v, W, s2, x: (m, np.ones(len(m)))),
        of_encoder(lambda L, m, v, W, s2, x: (m, np.full(len(m), s2))),
        of_encoder(lambda L, m, v, W, s2, x: (m, 1 / L.sum(1))),
        of_encoder(lambda L, m, v, W, s2, x: (0 * m, v)),
    ],
    "06.3": [
        "log_normal(s2 * W @ W.T + np.eye(len(W)), x)",
        of_covariance(lambda C, x, W, s2: log_normal(np.linalg.inv(C), x)),
        of_covariance(lambda C, x, W, s2: -0.5 * x @ np.linalg.solve(C, x)),
        of_covariance(lambda C, x, W, s2: np.linalg.slogdet(C)[1]),
    ],
    "06.4": [
        "0.5 * np.sum((L - np.diag(np.diag(L))) ** 2)",
        "np.log(np.diag(L)).sum()",
        "np.sqrt(np.abs(of_correlations(L)))",
        "0.5 * (np.trace(np.linalg.inv(L)) - len(L))",
    ],
    "06.6": [
        "np.where(eigenvalues > s2, eigenvalues - s2, 0.0)",
        "np.where(eigenvalues > s2, 0.5 * np.log(eigenvalues / s2) - 0.5, 0.0)",
        "np.sqrt(np.maximum(eigenvalues - s2, 0))",
        "0.5 * np.log(eigenvalues)",
    ],
}
