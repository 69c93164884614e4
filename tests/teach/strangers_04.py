"""What readers of lesson 04 answered who had not seen the answers: wrong answers and right ones.

Each is written from the learner's notebook alone; the key says what went through the reader's head.
"""

import math

import numpy as np
from scipy import special, stats
from scipy.special import digamma, gammaln

LOG_2PI = np.log(2 * np.pi)


def no_shift(table, q_other):
    p = np.exp(np.asarray(table) @ q_other)
    return p / p.sum()


def geometric_mean(log_joint_table, q_other):
    table = np.asarray(log_joint_table, dtype=float)
    score = np.einsum("c,rc->r", q_other, table)
    return 1 / np.exp(score[None, :] - score[:, None]).sum(axis=1)


def climbing(shape, rate):
    total = -math.log(rate)
    while shape < 12:
        total -= 1 / shape
        shape += 1
    s = 1 / shape**2
    series = s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s / 132))))
    return total + math.log(shape) - 0.5 / shape - series


def by_hermite(x, m, v):
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    mu = m + np.sqrt(v) * nodes
    return ((np.asarray(x)[..., None] - mu) ** 2) @ weights / weights.sum()


def one_datum_after_another(x, E_tau, mu0, kappa0):
    mean, precision = mu0, kappa0 * E_tau
    for value in x:
        mean = (precision * mean + E_tau * value) / (precision + E_tau)
        precision += E_tau
    return [mean, 1 / precision]


def a_gain(x, E_tau, mu0, kappa0):
    gain = len(x) / (len(x) + kappa0)
    return np.array([mu0 + gain * (np.mean(x) - mu0), gain / (len(x) * E_tau)])


def squares_of(x, m, v):
    return np.sum((x - m) ** 2) + len(x) * v


def elbo_of(
    of_kappa=lambda k: 0.5 * np.log(k),
    entropy_tau=lambda s, r: s - np.log(r) + gammaln(s) + (1 - s) * digamma(s),
):
    """The ELBO with one of its pieces replaced."""

    def elbo(x, m, v, shape, rate, mu0, kappa0, a0, b0):
        n, log_tau, tau = len(x), digamma(shape) - np.log(rate), shape / rate
        data = 0.5 * n * (log_tau - LOG_2PI) - 0.5 * tau * squares_of(x, m, v)
        prior_mu = 0.5 * (log_tau - LOG_2PI) + of_kappa(kappa0)
        prior_mu -= 0.5 * kappa0 * tau * ((m - mu0) ** 2 + v)
        prior_tau = a0 * np.log(b0) - gammaln(a0) + (a0 - 1) * log_tau - b0 * tau
        entropy_mu = 0.5 * np.log(2 * np.pi * np.e * v)
        return data + prior_mu + prior_tau + entropy_mu + entropy_tau(shape, rate)

    return elbo


def schur(cov):
    cov, variances = np.asarray(cov, dtype=float), []
    for j in range(len(cov)):
        rest = [i for i in range(len(cov)) if i != j]
        block = cov[np.ix_(rest, rest)]
        variances.append(cov[j, j] - cov[j, rest] @ np.linalg.solve(block, cov[rest, j]))
    return variances


def pairs_only(cov):
    cov = np.asarray(cov)
    return np.diag(cov) * (1 - (cov[0, 1] ** 2) / (cov[0, 0] * cov[1, 1]))


def score(x, m, v, of_alpha):
    x, m, v = np.asarray(x)[:, None], np.asarray(m), np.asarray(v)
    return of_alpha - 0.5 * ((x - m) ** 2 + v)


def e_log_weights(alpha):
    return digamma(alpha) - digamma(np.sum(alpha))


def no_shift_z(x, m, v, alpha):
    p = np.exp(score(x, m, v, e_log_weights(alpha)))
    return p / p.sum(axis=1, keepdims=True)


def mean_of_mu(x, mu0, kappa0):
    return (np.sum(x) + kappa0 * mu0) / (len(x) + kappa0)


WRONG = {
    "04.0": {
        "not summed": "special.softmax(np.asarray(log_joint_table) * q_other, axis=0)",
        "over the rows": (
            "special.softmax(np.asarray(log_joint_table).T @ np.ones(len(log_joint_table)))"
        ),
    },
    "04.2": {
        "square forgotten": "(x - m) + v",
        "second moment": "m**2 + v",
    },
    "04.3": {
        "half": ("mean_of_mu(x, mu0, kappa0)", "0.5 / ((len(x) + kappa0) * E_tau)"),
        "minus the prior": ("mean_of_mu(x, -mu0, kappa0)", "1 / ((len(x) + kappa0) * E_tau)"),
    },
    "04.5": {
        "log kappa0 whole": elbo_of(of_kappa=np.log),
        "(s - 1) psi": elbo_of(
            entropy_tau=lambda s, r: s - np.log(r) + gammaln(s) + (s - 1) * digamma(s)
        ),
    },
    "04.6": {
        "two coordinates": pairs_only,
    },
    "04.7": {
        "psi with plus": "special.softmax(score(x, m, v, -digamma(alpha)), axis=1)",
    },
}

# A second round: slips that lie farther off, two of them at once among them.
FAR = {
    "04.0": [
        "(lambda p: p / p.sum())(np.exp(log_joint_table @ q_other).cumsum())",
        "(lambda p: p / p.sum())(np.exp(log_joint_table) @ np.log(q_other))",
        "special.softmax(log_joint_table @ (1 - q_other))",
        "special.softmax(log_joint_table @ q_other) * (len(log_joint_table))",
        (
            "special.softmax(log_joint_table @ q_other - q_other @ np.log(q_other) "
            "* np.arange(len(log_joint_table)))"
        ),
        "special.softmax(log_joint_table @ np.sqrt(q_other))",
        "special.softmax(log_joint_table.max(1))",
        "special.softmax(log_joint_table @ q_other[::-1])",
    ],
    "04.1": [
        "digamma(shape) - 1 / rate",
        "shape / rate * np.log(shape / rate)",
        "np.log(shape) + np.log(rate)",
        "gammaln(shape) / rate",
        "shape * (digamma(shape) - np.log(rate))",
        "digamma(shape) * np.log(rate)",
        "digamma(shape) - rate * np.log(rate)",
        "digamma(shape + rate) - digamma(rate)",
    ],
    "04.2": [
        "((x - m) + np.sqrt(v)) ** 2",
        "(x - m) ** 2 * (1 + v)",
        "(x - m) ** 2 + m * v",
        "(x.mean() - m) ** 2 + v",
        "(x - v) ** 2 + m",
    ],
    "04.3": [
        ("(x.sum() + kappa0 * mu0) / (len(x) + kappa0)", "E_tau / (len(x) * kappa0)"),
        ("(x.sum() + kappa0 * mu0) / (len(x) + kappa0)", "1 / ((len(x) * kappa0) * E_tau)"),
        (
            "(x.sum() + kappa0 * mu0) / ((len(x) + kappa0) * E_tau)",
            "1 / ((len(x) + kappa0) * E_tau)",
        ),
        ("(x.sum() + kappa0 * mu0) / (len(x) + 1)", "1 / ((len(x) + 1) * E_tau)"),
        ("(x.sum() + kappa0 * mu0) / (len(x) + kappa0)", "1 / ((len(x) + kappa0) * E_tau**2)"),
        ("mu0", "1 / ((len(x) + kappa0) * E_tau)"),
        ("(x.sum() + kappa0 * mu0) / (len(x) + kappa0)", "x.var() / len(x)"),
    ],
    "04.4": [
        (
            "a0 + (len(x) + 1) / 2",
            "b0 + 0.5 * ((x - m) ** 2 + v).sum() + 0.5 * kappa0 * (m - mu0) ** 2 + v",
        ),
        (
            "a0 + (len(x) + 1) / 2",
            "b0 + 0.5 * ((x - m) ** 2).sum() * v + 0.5 * kappa0 * ((m - mu0) ** 2 + v)",
        ),
        (
            "a0 + (len(x) + 1) / 2",
            "b0 + 0.5 * (((x - m) ** 2).sum() / v + kappa0 * (m - mu0) ** 2 / v)",
        ),
        (
            "a0 + (len(x) + 1) / 2",
            "b0 + 0.5 * ((x.sum() - m) ** 2 + v + kappa0 * ((m - mu0) ** 2 + v))",
        ),
        ("a0 + (len(x) + 1) / 2", "b0 + 0.5 * ((x - m) ** 2 + v + kappa0 * ((m - mu0) ** 2 + v))"),
    ],
    "04.6": [
        "np.diag(np.linalg.inv(cov)) / np.diag(cov)",
        "np.diag(cov) - 1 / np.diag(np.linalg.inv(cov))",
        "np.diag(cov) ** 2 / np.diag(cov @ cov)",
        "np.linalg.det(cov) / np.diag(cov)",
        "1 / np.linalg.eigvalsh(cov)",
        "1 / np.diag(np.linalg.inv(np.linalg.cholesky(cov)))",
        "1 / np.diag(np.linalg.inv(cov)).sum()",
        "1 / np.abs(np.linalg.inv(cov)).sum(1)",
    ],
    "04.7": [
        (
            "special.softmax(digamma(alpha) - digamma(alpha.sum()) - 0.5 * ((x[:, None] "
            "- m) ** 2 + v) * v, 1)"
        ),
        (
            "special.softmax(digamma(alpha) / digamma(alpha.sum()) - 0.5 * ((x[:, None] "
            "- m) ** 2 + v), 1)"
        ),
        "special.softmax(np.log(alpha) - 0.5 * (x[:, None] - m) ** 2, 1)",
        (
            "(lambda p: p / p.sum(1, keepdims=True))(alpha / alpha.sum() * stats.norm.pdf(x[:, "
            "None], m, np.sqrt(1 + v)))"
        ),
        "(lambda p: p / p.sum(1, keepdims=True))(alpha * stats.norm.pdf(x[:, None], m))",
        "special.softmax(digamma(alpha) * -0.5 * ((x[:, None] - m) ** 2 + v), 1)",
        "special.softmax(digamma(alpha) - 0.5 * ((x[:, None] - m) + v) ** 2, 1)",
    ],
}

RIGHT = {
    "04.0": {
        "one over a sum": geometric_mean,
        "no shift": no_shift,
    },
    "04.1": {
        "climbing": climbing,
        "loggamma of scipy": "float(special.polygamma(0, np.float64(shape))) + math.log(1 / rate)",
    },
    "04.2": {
        "by Hermite": by_hermite,
        "a list": "[t * t - 2 * t * m + (m * m + v) for t in x]",
    },
    "04.3": {"one datum after another": one_datum_after_another, "a gain": a_gain},
    "04.6": {
        "Schur": schur,
        "solve": "[1 / np.linalg.solve(cov, e)[j] for j, e in enumerate(np.eye(len(cov)))]",
    },
    "04.7": {
        "no shift": no_shift_z,
        "without psi of the sum": "special.softmax(score(x, m, v, digamma(alpha)), axis=1)",
    },
}
