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


def kl_to_the_posterior(x, m, v, s2):
    fit, prior, entropy, _ = pieces(x, m, v, s2)
    var = 1 / (1 + len(x) / s2)
    mean = var * np.sum(x) / s2
    kl = 0.5 * (v / var + (m - mean) ** 2 / var - 1 + np.log(var / v))
    return fit - kl, fit + prior + entropy


def kl_the_other_way(x, m, v, s2):
    fit, prior, entropy, _ = pieces(x, m, v, s2)
    return fit - 0.5 * ((1 + m**2) / v - 1 + np.log(v)), fit + prior + entropy


def one_log_for_all(x, m, v, s2):
    _, prior, entropy, kl = pieces(x, m, v, s2)
    fit = -0.5 * (LOG_2PI + np.log(s2)) - 0.5 * np.sum((x - m) ** 2 + v) / s2
    return two_forms(fit, prior, entropy, kl)


def plugged_in(x, m, v, s2):
    _, prior, entropy, kl = pieces(x, m, v, s2)
    return two_forms(np.sum(stats.norm.logpdf(x, m, s2**0.5)), prior, entropy, kl)


def v_once(x, m, v, s2):
    _, prior, entropy, kl = pieces(x, m, v, s2)
    fit = -0.5 * np.sum(LOG_2PI + np.log(s2) + (x - m) ** 2 / s2) - 0.5 * v / s2
    return two_forms(fit, prior, entropy, kl)


def scipy_takes_sds(x, m, v, s2):
    _, prior, entropy, kl = pieces(x, m, v, s2)
    fit = np.sum(stats.norm.logpdf(x, m, s2)) - 0.5 * len(x) * v / s2**2
    return two_forms(fit, prior, entropy, kl)


def a_mean_over_data(x, m, v, s2):
    fit, prior, entropy, kl = pieces(x, m, v, s2)
    return two_forms(fit / len(x), prior, entropy, kl)


def no_v_in_the_prior(x, m, v, s2):
    fit, _, entropy, kl = pieces(x, m, v, s2)
    return two_forms(fit, -0.5 * (LOG_2PI + m**2), entropy, kl)


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


def log_normal(C, x, D=None, half=0.5, sign=1):
    """The log density of N(0, C), with what somebody may get wrong."""
    D = len(x) if D is None else D
    logdet = np.linalg.slogdet(C)[1]
    return -half * (D * LOG_2PI + sign * logdet + x @ np.linalg.solve(C, x))


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
        "the KL of the ledger": kl_to_the_posterior,
        "the KL from the prior to q": kl_the_other_way,
        "the KL added": of_parts(lambda f, p, h, kl: (f + kl, f + p + h)),
        "E[log q] added": of_parts(lambda f, p, h, kl: (f - kl, f + p - h)),
        "the entropy twice": of_parts(lambda f, p, h, kl: (f - kl, f + p + 2 * h)),
        "the entropy left out": of_parts(lambda f, p, h, kl: (f - kl, f + p)),
        "the prior left out": of_parts(lambda f, p, h, kl: (f - kl, f + h)),
        "no KL": of_parts(lambda f, p, h, kl: (f, f + p + h)),
        "one logarithm for all data": one_log_for_all,
        "z plugged in": plugged_in,
        "the variance once": v_once,
        "scipy with a variance": scipy_takes_sds,
        "a mean over the data": a_mean_over_data,
        "no variance in the prior": no_v_in_the_prior,
        "losses": of_parts(lambda f, p, h, kl: (kl - f, -f - p - h)),
        "the KL twice its size": of_parts(lambda f, p, h, kl: (f - 2 * kl, f + p + h)),
        "one number": of_parts(lambda f, p, h, kl: f - kl),
    },
    "06.2": {
        "the true variances": of_encoder(lambda L, m, v, W, s2, x: (m, np.diag(np.linalg.inv(L)))),
        "precisions": of_encoder(lambda L, m, v, W, s2, x: (m, 1 / v)),
        "sds": of_encoder(lambda L, m, v, W, s2, x: (m, np.sqrt(v))),
        "log variances": of_encoder(lambda L, m, v, W, s2, x: (m, np.log(v))),
        "the whole covariance": of_encoder(lambda L, m, v, W, s2, x: (m, np.linalg.inv(L))),
        "each latent as if alone": of_encoder(lambda L, m, v, W, s2, x: (v * (W.T @ x) / s2, v)),
        "no noise in the mean": of_encoder(
            lambda L, m, v, W, s2, x: (np.linalg.solve(L, W.T @ x), v)
        ),
        "least squares: no prior": of_encoder(lambda L, m, v, W, s2, x: (np.linalg.pinv(W) @ x, v)),
        "no prior in the variance": of_encoder(lambda L, m, v, W, s2, x: (m, 1 / (1 / v - 1))),
        "PPCA's M for L": of_encoder(lambda L, m, v, W, s2, x: (m, v / s2)),
        "s for s2": "encoder_parts(W, np.sqrt(s2), x)[1:]",
        "s2 squared": "encoder_parts(W, s2**2, x)[1:]",
        "L, not its inverse": of_encoder(lambda L, m, v, W, s2, x: (L @ W.T @ x / s2, v)),
        "variance first": of_encoder(lambda L, m, v, W, s2, x: (v, m)),
        "the mean alone": of_encoder(lambda L, m, v, W, s2, x: m),
    },
    "06.3": {
        "2 pi once": of_covariance(lambda C, x, W, s2: log_normal(C, x, D=1)),
        "2 pi for each latent": of_covariance(lambda C, x, W, s2: log_normal(C, x, W.shape[1])),
        "no 2 pi": of_covariance(lambda C, x, W, s2: log_normal(C, x, D=0)),
        "no half": of_covariance(lambda C, x, W, s2: log_normal(C, x, half=1)),
        "the determinant above": of_covariance(lambda C, x, W, s2: log_normal(C, x, sign=-1)),
        "the whole log determinant": of_covariance(lambda C, x, W, s2: log_normal(C, x, sign=2)),
        "s2 added to each entry": "log_normal(W @ W.T + s2, x)",
        "noise of sd s2": "log_normal(covariance(W, s2**2), x)",
        "sigma for its square": "log_normal(covariance(W, s2**0.5), x)",
        "no inverse": of_covariance(
            lambda C, x, W, s2: -0.5 * (len(x) * LOG_2PI + logdet(C) + x @ C @ x)
        ),
        "the square added": of_covariance(
            lambda C, x, W, s2: -0.5 * (len(x) * LOG_2PI + logdet(C) - x @ np.linalg.solve(C, x))
        ),
        "a density": of_covariance(lambda C, x, W, s2: np.exp(log_normal(C, x))),
        "bits": of_covariance(lambda C, x, W, s2: log_normal(C, x) / np.log(2)),
        "the determinant itself": of_covariance(
            lambda C, x, W, s2: (
                -0.5 * (len(x) * LOG_2PI + np.linalg.det(C) + x @ np.linalg.solve(C, x))
            )
        ),
        "the noise alone": "stats.norm.logpdf(x, 0, s2**0.5).sum()",
        "measurements apart": of_covariance(
            lambda C, x, W, s2: stats.norm.logpdf(x, 0, np.sqrt(np.diag(C))).sum()
        ),
    },
    "06.4": {
        "no half": "np.log(np.diag(L)).sum() - logdet(L)",
        "the sign": "0.5 * (logdet(L) - np.log(np.diag(L)).sum())",
        "determinants": "0.5 * (np.prod(np.diag(L)) - np.linalg.det(L))",
        "a ratio, no logarithm": "0.5 * np.prod(np.diag(L)) / np.linalg.det(L)",
        "the true variances in q": "0.5 * (np.log(np.diag(np.linalg.inv(L))).sum() + logdet(L))",
        "no log determinant": "0.5 * np.log(np.diag(L)).sum()",
        "a mean over the latents": "0.5 * (np.log(np.diag(L)).mean() - logdet(L) / len(L))",
        "bits": "0.5 * (np.log2(np.diag(L)).sum() - logdet(L) / np.log(2))",
        "the first correlation alone": "-0.5 * np.log(1 - L[0, 1] ** 2 / (L[0, 0] * L[1, 1]))",
        "two halves": "0.25 * (np.log(np.diag(L)).sum() - logdet(L))",
        "plus the log determinant": "0.5 * (np.log(np.diag(L)).sum() + logdet(L))",
    },
    "06.6": {
        "no half": "np.log(np.maximum(eigenvalues / s2, 1))",
        "all of them": "0.5 * np.log(eigenvalues / s2)",
        "the size of the logarithm": "0.5 * np.abs(np.log(eigenvalues / s2))",
        "upside down": "np.where(eigenvalues > s2, 0.5 * np.log(s2 / eigenvalues), 0.0)",
        "bits": "0.5 * np.log2(np.maximum(eigenvalues / s2, 1))",
        "which, not how much": "eigenvalues > s2",
        "how many": "int(np.sum(eigenvalues > s2))",
        "the sum": "np.sum(0.5 * np.log(np.maximum(eigenvalues / s2, 1)))",
        "a channel's capacity": "0.5 * np.log1p(eigenvalues / s2)",
        "only those in use": "0.5 * np.log(eigenvalues[eigenvalues > s2] / s2)",
        "the noise taken off": (
            "np.where(eigenvalues > s2, 0.5 * np.log(np.maximum(eigenvalues - s2, 1e-300) / s2), "
            "0.0)"
        ),
        "s for s2": "0.5 * np.log(np.maximum(eigenvalues / np.sqrt(s2), 1))",
        "s2 squared": "0.5 * np.log(np.maximum(eigenvalues / s2**2, 1))",
        "those not in use": "np.where(eigenvalues <= s2, 0.5 * np.log(eigenvalues / s2), 0.0)",
        "the variance, no noise": "np.where(eigenvalues > s2, 0.5 * np.log(eigenvalues), 0.0)",
        "above one, not above the noise": (
            "np.where(eigenvalues > 1, 0.5 * np.log(eigenvalues / s2), 0.0)"
        ),
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
        "two_forms(*pieces(x, m, v**2, s2))",
        "two_forms(*pieces(x, m, v, s2**0.5))",
        of_parts(lambda f, p, h, kl: (f - kl, kl)),
    ],
    "06.2": [
        of_encoder(lambda L, m, v, W, s2, x: (W.T @ x, v)),
        of_encoder(lambda L, m, v, W, s2, x: (m, np.ones(len(m)))),
        of_encoder(lambda L, m, v, W, s2, x: (m, np.full(len(m), s2))),
        of_encoder(lambda L, m, v, W, s2, x: (m, 1 / L.sum(1))),
        of_encoder(lambda L, m, v, W, s2, x: (0 * m, v)),
    ],
    "06.3": [
        "log_normal(W @ W.T + np.eye(len(W)), x)",
        "log_normal(s2 * W @ W.T + np.eye(len(W)), x)",
        of_covariance(lambda C, x, W, s2: log_normal(np.linalg.inv(C), x)),
        of_covariance(lambda C, x, W, s2: -0.5 * x @ np.linalg.solve(C, x)),
        of_covariance(lambda C, x, W, s2: np.linalg.slogdet(C)[1]),
    ],
    "06.4": [
        "0.5 * (np.trace(L) - logdet(L))",
        "0.5 * np.sum((L - np.diag(np.diag(L))) ** 2)",
        "np.log(np.diag(L)).sum()",
        "np.sqrt(np.abs(of_correlations(L)))",
        "0.5 * (np.trace(np.linalg.inv(L)) - len(L))",
    ],
    "06.6": [
        "np.where(eigenvalues > s2, eigenvalues - s2, 0.0)",
        "np.where(eigenvalues > s2, 0.5 * np.log(eigenvalues / s2) - 0.5, 0.0)",
        "np.sqrt(np.maximum(eigenvalues - s2, 0))",
        "np.where(eigenvalues > s2, eigenvalues / s2, 0.0)",
        "0.5 * np.log(eigenvalues)",
    ],
}
