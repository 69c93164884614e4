"""What readers of lesson 04 answered who had not seen the answers: wrong answers and right ones.

Each is written from the learner's notebook alone; the key says what went through the reader's head.
"""

import math

import numpy as np
from scipy import special, stats
from scipy.special import digamma, gammaln

LOG_2PI = np.log(2 * np.pi)


def mean_of_p(table, q_other):
    p = np.exp(table) @ q_other
    return p / p.sum()


def most_likely_row(table, q_other):
    score = np.asarray(table) @ q_other
    return np.eye(len(score))[score.argmax()]


def no_shift(table, q_other):
    p = np.exp(np.asarray(table) @ q_other)
    return p / p.sum()


def linear_in_logs(table, q_other):
    score = np.asarray(table) @ q_other
    return score / score.sum()


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
    e_log=lambda s, r: digamma(s) - np.log(r),
    e_tau=lambda s, r: s / r,
    squares=squares_of,
    prior_square=lambda m, v, mu0: (m - mu0) ** 2 + v,
    log_2pi=LOG_2PI,
    of_kappa=lambda k: 0.5 * np.log(k),
    of_gamma=lambda a0, b0: a0 * np.log(b0) - gammaln(a0),
    power=lambda a0: a0 - 1,
    entropy_mu=lambda v: 0.5 * np.log(2 * np.pi * np.e * v),
    entropy_tau=lambda s, r: s - np.log(r) + gammaln(s) + (1 - s) * digamma(s),
    half=0.5,
):
    """The ELBO with one of its pieces replaced."""

    def elbo(x, m, v, shape, rate, mu0, kappa0, a0, b0):
        n, log_tau, tau = len(x), e_log(shape, rate), e_tau(shape, rate)
        data = 0.5 * n * (log_tau - log_2pi) - half * tau * squares(x, m, v)
        prior_mu = 0.5 * (log_tau - log_2pi) + of_kappa(kappa0)
        prior_mu -= 0.5 * kappa0 * tau * prior_square(m, v, mu0)
        prior_tau = of_gamma(a0, b0) + power(a0) * log_tau - b0 * tau
        return data + prior_mu + prior_tau + entropy_mu(v) + entropy_tau(shape, rate)

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


def score(x, m, v, of_alpha, half=0.5, of_v=None):
    x, m, v = np.asarray(x)[:, None], np.asarray(m), np.asarray(v)
    spread = v if of_v is None else of_v(v)
    return of_alpha - half * ((x - m) ** 2 + spread)


def e_log_weights(alpha):
    return digamma(alpha) - digamma(np.sum(alpha))


def right_z(x, m, v, alpha):
    return special.softmax(score(x, m, v, e_log_weights(alpha)), axis=1)


def predictive(x, m, v, alpha):
    x, m, v = np.asarray(x)[:, None], np.asarray(m), np.asarray(v)
    p = np.exp(e_log_weights(alpha)) * stats.norm.pdf(x, m, np.sqrt(1 + v))
    return p / p.sum(axis=1, keepdims=True)


def of_variance_v(x, m, v, alpha):
    x, m, v = np.asarray(x)[:, None], np.asarray(m), np.asarray(v)
    logs = e_log_weights(alpha) + stats.norm.logpdf(x, m, np.sqrt(v))
    return special.softmax(logs, axis=1)


def no_shift_z(x, m, v, alpha):
    p = np.exp(score(x, m, v, e_log_weights(alpha)))
    return p / p.sum(axis=1, keepdims=True)


def tau_step(shape=None, rate=None):
    """The step in q(tau) with one of its two answers replaced."""

    def update_tau(x, m, v, mu0, kappa0, a0, b0):
        known = locals()
        squares = squares_of(x, m, v) + kappa0 * ((m - mu0) ** 2 + v)
        s = a0 + (len(x) + 1) / 2 if shape is None else shape(**known)
        return s, b0 + squares / 2 if rate is None else rate(**known)

    return update_tau


def mu_step(mean=None, variance=None):
    """The step in q(mu) with one of its two answers replaced."""

    def update_mu(x, E_tau, mu0, kappa0):
        n = len(x)
        m = (
            (np.sum(x) + kappa0 * mu0) / (n + kappa0)
            if mean is None
            else mean(x, E_tau, mu0, kappa0)
        )
        v = 1 / ((n + kappa0) * E_tau) if variance is None else variance(x, E_tau, mu0, kappa0)
        return m, v

    return update_mu


WRONG = {
    "04.0": {
        "average of p": mean_of_p,
        "no normaliser": "np.exp(np.asarray(log_joint_table) @ q_other)",
        "q ignored": "special.softmax(np.mean(log_joint_table, axis=1))",
        "sum over the columns": "special.softmax(np.sum(log_joint_table, axis=1))",
        "the logs": "special.log_softmax(np.asarray(log_joint_table) @ q_other)",
        "linear in logs": linear_in_logs,
        "the best row": most_likely_row,
        "at the mode": ("special.softmax(np.asarray(log_joint_table)[:, np.argmax(q_other)])"),
        "the marginal": ("special.softmax(special.logsumexp(log_joint_table, axis=1))"),
        "not summed": "special.softmax(np.asarray(log_joint_table) * q_other, axis=0)",
        "over the rows": (
            "special.softmax(np.asarray(log_joint_table).T @ np.ones(len(log_joint_table)))"
        ),
        "average of log q too": (
            "special.softmax((np.asarray(log_joint_table) - np.log(q_other)) "
            "@ np.ones(len(q_other)))"
        ),
        "p times q": (
            "special.softmax(special.logsumexp(np.asarray(log_joint_table) + np.log(q_other), "
            "axis=1))"
        ),
        "minus": "special.softmax(-(np.asarray(log_joint_table) @ q_other))",
        "the average itself": "np.asarray(log_joint_table) @ q_other",
    },
    "04.1": {
        "log of the mean": "np.log(shape / rate)",
        "plus log rate": "digamma(shape) + np.log(rate)",
        "psi of the mean": "digamma(shape / rate)",
        "gammaln": "gammaln(shape) - np.log(rate)",
        "no rate": "digamma(shape)",
        "psi twice": "digamma(shape) - digamma(rate)",
        "divided by the rate": "digamma(shape) / rate",
        "psi of the rate": "np.log(shape) - digamma(rate)",
        "shape - 1": "digamma(shape - 1) - np.log(rate)",
        "shape + 1": "digamma(shape + 1) - np.log(rate)",
        "trigamma": "special.polygamma(1, shape) - np.log(rate)",
        "arguments exchanged": "digamma(rate) - np.log(shape)",
        "rate, not its log": "digamma(shape) - rate",
        "log of psi": "np.log(digamma(shape) / rate)",
        "exp": "np.exp(digamma(shape)) / rate",
        "second order": "np.log(shape / rate) - 1 / (2 * shape)",
    },
    "04.2": {
        "no v": "(x - m) ** 2",
        "v squared": "(x - m) ** 2 + v**2",
        "root of v": "(x - m) ** 2 + np.sqrt(v)",
        "minus v": "(x - m) ** 2 - v",
        "summed": "np.sum((x - m) ** 2) + len(x) * v",
        "v once in a sum": "np.sum((x - m) ** 2) + v",
        "mean": "np.mean((x - m) ** 2) + v",
        "twice v": "(x - m) ** 2 + 2 * v",
        "v inside": "(x - m + v) ** 2",
        "standardised": "(x - m) ** 2 / v",
        "times v": "(x - m) ** 2 * v",
        "no cross term": "x**2 + m**2 + v",
        "cross term once": "x**2 - x * m + m**2 + v",
        "square forgotten": "(x - m) + v",
        "plus m": "(x + m) ** 2 + v",
        "v spread over n": "(x - m) ** 2 + v / len(x)",
        "second moment": "m**2 + v",
        "half": "0.5 * ((x - m) ** 2 + v)",
        "1 + v": "(x - m) ** 2 + 1 / v",
        "v only": "np.full(np.shape(x), v)",
    },
    "04.3": {
        "the sd": mu_step(variance=lambda x, t, mu0, k: 1 / np.sqrt((len(x) + k) * t)),
        "the precision": mu_step(variance=lambda x, t, mu0, k: (len(x) + k) * t),
        "kappa0 forgotten in v": mu_step(variance=lambda x, t, mu0, k: 1 / (len(x) * t)),
        "E_tau as a variance": mu_step(variance=lambda x, t, mu0, k: t / (len(x) + k)),
        "E_tau forgotten in v": mu_step(variance=lambda x, t, mu0, k: 1 / (len(x) + k)),
        "one datum": mu_step(variance=lambda x, t, mu0, k: 1 / ((1 + k) * t)),
        "v of the prior": mu_step(variance=lambda x, t, mu0, k: 1 / (k * t)),
        "sum of variances": mu_step(variance=lambda x, t, mu0, k: 1 / (len(x) * t) + 1 / (k * t)),
        "half": mu_step(variance=lambda x, t, mu0, k: 0.5 / ((len(x) + k) * t)),
        "the mean of x": mu_step(mean=lambda x, t, mu0, k: np.mean(x)),
        "mean for sum": mu_step(mean=lambda x, t, mu0, k: (np.mean(x) + k * mu0) / (len(x) + k)),
        "mean against kappa0": mu_step(mean=lambda x, t, mu0, k: (np.mean(x) + k * mu0) / (1 + k)),
        "mu0 not weighted": mu_step(mean=lambda x, t, mu0, k: (np.sum(x) + mu0) / (len(x) + k)),
        "E_tau left in m": mu_step(
            mean=lambda x, t, mu0, k: t * (np.sum(x) + k * mu0) / (len(x) + k)
        ),
        "not divided": mu_step(mean=lambda x, t, mu0, k: np.sum(x) + k * mu0),
        "linear term": mu_step(mean=lambda x, t, mu0, k: t * (np.sum(x) + k * mu0)),
        "minus the prior": mu_step(mean=lambda x, t, mu0, k: (np.sum(x) - k * mu0) / (len(x) + k)),
        "half way": mu_step(mean=lambda x, t, mu0, k: (np.mean(x) + mu0) / 2),
        "kappa0 without E_tau": (
            "(E_tau * np.sum(x) + kappa0 * mu0) / (len(x) * E_tau + kappa0)",
            "1 / (len(x) * E_tau + kappa0)",
        ),
        "v first": "mu_step()(x, E_tau, mu0, kappa0)[::-1]",
    },
    "04.4": {
        "n halves": tau_step(shape=lambda x, a0, **_: a0 + len(x) / 2),
        "no half in the shape": tau_step(shape=lambda x, a0, **_: a0 + len(x) + 1),
        "a0 - 1": tau_step(shape=lambda x, a0, **_: a0 - 1 + (len(x) + 1) / 2),
        "a0 forgotten": tau_step(shape=lambda x, **_: (len(x) + 1) / 2),
        "the exponent": tau_step(shape=lambda x, a0, **_: a0 + (len(x) - 1) / 2),
        "point": tau_step(
            rate=lambda x, m, v, mu0, kappa0, b0, **_: (
                b0 + (np.sum((x - m) ** 2) + kappa0 * (m - mu0) ** 2) / 2
            )
        ),
        "v once": tau_step(
            rate=lambda x, m, v, mu0, kappa0, b0, **_: (
                b0 + (np.sum((x - m) ** 2) + v + kappa0 * ((m - mu0) ** 2 + v)) / 2
            )
        ),
        "no v in the prior's square": tau_step(
            rate=lambda x, m, v, mu0, kappa0, b0, **_: (
                b0 + (squares_of(x, m, v) + kappa0 * (m - mu0) ** 2) / 2
            )
        ),
        "no v in the data": tau_step(
            rate=lambda x, m, v, mu0, kappa0, b0, **_: (
                b0 + (np.sum((x - m) ** 2) + kappa0 * ((m - mu0) ** 2 + v)) / 2
            )
        ),
        "v in the prior not weighted": tau_step(
            rate=lambda x, m, v, mu0, kappa0, b0, **_: (
                b0 + (squares_of(x, m, v) + kappa0 * (m - mu0) ** 2 + v) / 2
            )
        ),
        "kappa0 forgotten": tau_step(
            rate=lambda x, m, v, mu0, kappa0, b0, **_: (
                b0 + (squares_of(x, m, v) + (m - mu0) ** 2 + v) / 2
            )
        ),
        "no prior of mu": tau_step(
            rate=lambda x, m, v, mu0, kappa0, b0, **_: b0 + squares_of(x, m, v) / 2
        ),
        "no half in the rate": tau_step(
            rate=lambda x, m, v, mu0, kappa0, b0, **_: (
                b0 + squares_of(x, m, v) + kappa0 * ((m - mu0) ** 2 + v)
            )
        ),
        "half of the data only": tau_step(
            rate=lambda x, m, v, mu0, kappa0, b0, **_: (
                b0 + squares_of(x, m, v) / 2 + kappa0 * ((m - mu0) ** 2 + v)
            )
        ),
        "b0 forgotten": tau_step(
            rate=lambda x, m, v, mu0, kappa0, b0, **_: (
                (squares_of(x, m, v) + kappa0 * ((m - mu0) ** 2 + v)) / 2
            )
        ),
        "b0 as a scale": tau_step(
            rate=lambda x, m, v, mu0, kappa0, b0, **_: (
                1 / b0 + (squares_of(x, m, v) + kappa0 * ((m - mu0) ** 2 + v)) / 2
            )
        ),
        "v squared": tau_step(
            rate=lambda x, m, v, mu0, kappa0, b0, **_: (
                b0 + (squares_of(x, m, v**2) + kappa0 * ((m - mu0) ** 2 + v**2)) / 2
            )
        ),
        "minus v": tau_step(
            rate=lambda x, m, v, mu0, kappa0, b0, **_: (
                b0 + (squares_of(x, m, -v) + kappa0 * ((m - mu0) ** 2 - v)) / 2
            )
        ),
        "mean of squares": tau_step(
            rate=lambda x, m, v, mu0, kappa0, b0, **_: (
                b0 + (np.mean((x - m) ** 2) + v + kappa0 * ((m - mu0) ** 2 + v)) / 2
            )
        ),
        "the scale": lambda *args: (
            tau_step()(*args)[0],
            1 / tau_step()(*args)[1],
        ),
        "rate first": lambda *args: tau_step()(*args)[::-1],
        "mean and rate": lambda *args: (
            tau_step()(*args)[0] / tau_step()(*args)[1],
            tau_step()(*args)[1],
        ),
    },
    "04.5": {
        "log of the mean": elbo_of(e_log=lambda s, r: np.log(s / r)),
        "E[log tau] with plus": elbo_of(e_log=lambda s, r: digamma(s) + np.log(r)),
        "tau is a scale": elbo_of(e_tau=lambda s, r: s * r),
        "point in the data": elbo_of(squares=lambda x, m, v: np.sum((x - m) ** 2)),
        "v once": elbo_of(squares=lambda x, m, v: np.sum((x - m) ** 2) + v),
        "point in the prior": elbo_of(prior_square=lambda m, v, mu0: (m - mu0) ** 2),
        "2 pi forgotten": elbo_of(log_2pi=0.0),
        "log kappa0 forgotten": elbo_of(of_kappa=lambda k: 0.0),
        "log kappa0 whole": elbo_of(of_kappa=np.log),
        "Gamma's constant forgotten": elbo_of(of_gamma=lambda a0, b0: 0.0),
        "b0^a0 forgotten": elbo_of(of_gamma=lambda a0, b0: -gammaln(a0)),
        "Gamma(a0) forgotten": elbo_of(of_gamma=lambda a0, b0: a0 * np.log(b0)),
        "a0, not a0 - 1": elbo_of(power=lambda a0: a0),
        "entropy of mu subtracted": elbo_of(
            entropy_mu=lambda v: -0.5 * np.log(2 * np.pi * np.e * v)
        ),
        "entropy of mu forgotten": elbo_of(entropy_mu=lambda v: 0.0),
        "entropy of mu without e": elbo_of(entropy_mu=lambda v: 0.5 * np.log(2 * np.pi * v)),
        "v as a sd": elbo_of(entropy_mu=lambda v: 0.5 * np.log(2 * np.pi * np.e) + np.log(v)),
        "entropy of tau forgotten": elbo_of(entropy_tau=lambda s, r: 0.0),
        "entropy of tau with scale": elbo_of(
            entropy_tau=lambda s, r: s + np.log(r) + gammaln(s) + (1 - s) * digamma(s)
        ),
        "entropy of tau subtracted": elbo_of(
            entropy_tau=lambda s, r: -(s - np.log(r) + gammaln(s) + (1 - s) * digamma(s))
        ),
        "(s - 1) psi": elbo_of(
            entropy_tau=lambda s, r: s - np.log(r) + gammaln(s) + (s - 1) * digamma(s)
        ),
        "no half": elbo_of(half=1.0),
    },
    "04.6": {
        "the diagonal": np.diag,
        "one over the diagonal": "1 / np.diag(cov)",
        "the precisions": "np.diag(np.linalg.inv(cov))",
        "the inverse": np.linalg.inv,
        "sds": "1 / np.sqrt(np.diag(np.linalg.inv(cov)))",
        "eigenvalues": np.linalg.eigvalsh,
        "entry by entry": "np.diag(1 / np.asarray(cov))",
        "two coordinates": pairs_only,
        "a matrix": "np.diag(1 / np.diag(np.linalg.inv(cov)))",
        "squares": "1 / np.diag(np.linalg.inv(cov)) ** 2",
        "means of rows": "1 / np.sum(np.linalg.inv(cov), axis=1)",
        "all the same": "np.linalg.eigvalsh(cov)[0] * np.ones(len(cov))",
        "relative": "1 / np.diag(np.linalg.inv(cov)) / np.diag(cov)",
        "cholesky": "np.diag(np.linalg.cholesky(cov)) ** 2",
    },
    "04.7": {
        "no v": (
            "special.softmax(score(x, m, v, e_log_weights(alpha), of_v=lambda v: 0 * v), axis=1)"
        ),
        "log of the mean weight": "special.softmax(score(x, m, v, np.log(alpha)), axis=1)",
        "weights forgotten": "special.softmax(score(x, m, v, 0), axis=1)",
        "plus v": (
            "special.softmax(score(x, m, v, e_log_weights(alpha), of_v=lambda v: -v), axis=1)"
        ),
        "over the points": "special.softmax(score(x, m, v, e_log_weights(alpha)), axis=0)",
        "divided by v": of_variance_v,
        "predictive": predictive,
        "no half": "special.softmax(score(x, m, v, e_log_weights(alpha), half=1.0), axis=1)",
        "no half on v": (
            "special.softmax(score(x, m, v, e_log_weights(alpha), of_v=lambda v: 2 * v), axis=1)"
        ),
        "v squared": (
            "special.softmax(score(x, m, v, e_log_weights(alpha), of_v=lambda v: v**2), axis=1)"
        ),
        "root of v": "special.softmax(score(x, m, v, e_log_weights(alpha), of_v=np.sqrt), axis=1)",
        "weights, not their logs": (
            "special.softmax(score(x, m, v, np.asarray(alpha) / np.sum(alpha)), axis=1)"
        ),
        "psi with plus": "special.softmax(score(x, m, v, -digamma(alpha)), axis=1)",
        "gammaln": "special.softmax(score(x, m, v, gammaln(alpha)), axis=1)",
        "psi(alpha - 1)": "special.softmax(score(x, m, v, digamma(np.asarray(alpha) + 1)), axis=1)",
        "transposed": "right_z(x, m, v, alpha).T",
        "logs": "np.log(right_z(x, m, v, alpha))",
        "not normalised": (
            "np.exp(score(x, m, v, e_log_weights(alpha)) - 0.5 * np.log(2 * np.pi))"
        ),
        "hard": "np.eye(len(m))[score(x, m, v, e_log_weights(alpha)).argmax(axis=1)]",
        "1 - v": "special.softmax(score(x, m, v, e_log_weights(alpha)) + 0.5 * np.log(v), axis=1)",
    },
}

# A second round: slips that lie farther off, two of them at once among them.
FAR = {
    "04.0": [
        "(lambda p: p / p.sum())(np.exp(log_joint_table @ q_other).cumsum())",
        "(lambda p: p / p.sum())(np.exp(log_joint_table) @ np.log(q_other))",
        "special.softmax(log_joint_table @ (1 - q_other))",
        "special.softmax(log_joint_table @ q_other) * (len(log_joint_table))",
        "special.softmax((log_joint_table * q_other).mean(1))",
        (
            "special.softmax(log_joint_table @ q_other - q_other @ np.log(q_other) "
            "* np.arange(len(log_joint_table)))"
        ),
        "special.softmax(log_joint_table @ np.sqrt(q_other))",
        "special.softmax(log_joint_table.max(1))",
        "(lambda p: p / p.max())(np.exp(log_joint_table @ q_other))",
        "special.softmax(log_joint_table @ q_other[::-1])",
    ],
    "04.1": [
        "digamma(shape) - 1 / rate",
        "shape / rate * np.log(shape / rate)",
        "np.log(shape) + np.log(rate)",
        "gammaln(shape) / rate",
        "shape * (digamma(shape) - np.log(rate))",
        "-(digamma(shape) - np.log(rate))",
        "digamma(shape) * np.log(rate)",
        "digamma(shape) - rate * np.log(rate)",
        "np.log((shape - 1) / rate)",
        "digamma(shape + rate) - digamma(rate)",
    ],
    "04.2": [
        "((x - m) + np.sqrt(v)) ** 2",
        "(x - m) ** 2 + x.var()",
        "x**2 + m**2 + v + 2 * x * m",
        "(x - m) ** 2 * (1 + v)",
        "(x - m) ** 2 + m * v",
        "(x.mean() - m) ** 2 + v",
        "(x - m) ** 2 + len(x) * v",
        "x**2 - m**2 + v",
        "np.sqrt((x - m) ** 2 + v)",
        "(x - v) ** 2 + m",
    ],
    "04.3": [
        ("(x.sum() + kappa0 * mu0) / (len(x) + kappa0)", "E_tau / (len(x) * kappa0)"),
        ("(x.sum() + kappa0 * mu0) / (len(x) + kappa0)", "1 / ((len(x) * kappa0) * E_tau)"),
        ("(x.sum() + kappa0 * mu0) / len(x)", "1 / ((len(x) + kappa0) * E_tau)"),
        (
            "(x.sum() + kappa0 * mu0) / ((len(x) + kappa0) * E_tau)",
            "1 / ((len(x) + kappa0) * E_tau)",
        ),
        ("(x.sum() + kappa0 * mu0) / (len(x) + 1)", "1 / ((len(x) + 1) * E_tau)"),
        ("(x.sum() + kappa0 * mu0) / (len(x) + kappa0)", "1 / ((len(x) + kappa0) * E_tau**2)"),
        ("(x.sum() + mu0 / kappa0) / (len(x) + 1 / kappa0)", "1 / ((len(x) + 1 / kappa0) * E_tau)"),
        ("mu0", "1 / ((len(x) + kappa0) * E_tau)"),
        (
            "(kappa0 * x.mean() + len(x) * mu0) / (len(x) + kappa0)",
            "1 / ((len(x) + kappa0) * E_tau)",
        ),
        ("(x.sum() + kappa0 * mu0) / (len(x) + kappa0)", "x.var() / len(x)"),
    ],
    "04.4": [
        (
            "a0 + (len(x) + 1) / 2",
            "b0 + 0.5 * ((x - m) ** 2 + v).sum() + 0.5 * kappa0 * (m - mu0) ** 2 + v",
        ),
        ("a0 + len(x) / 2", "b0 + 0.5 * ((x - m) ** 2 + v).sum()"),
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
            (
                "b0 + 0.5 * (((x - m) ** 2 + np.sqrt(v)).sum() + kappa0 * ((m - mu0) ** 2 "
                "+ np.sqrt(v)))"
            ),
        ),
        (
            "a0 + (len(x) + 1) / 2",
            "b0 + 0.5 * ((x.sum() - m) ** 2 + v + kappa0 * ((m - mu0) ** 2 + v))",
        ),
        (
            "a0 + (len(x) + 1) / 2",
            "b0 + 0.5 * (((x - mu0) ** 2 + v).sum() + kappa0 * ((m - mu0) ** 2 + v))",
        ),
        (
            "a0 + (len(x) + 1) / 2",
            "b0 + 0.5 * (((x - m) ** 2 + v).sum() + ((m - mu0) ** 2 + v) / kappa0)",
        ),
        (
            "a0 + 0.5 * len(x) + 1",
            "b0 + 0.5 * (((x - m) ** 2 + v).sum() + kappa0 * ((m - mu0) ** 2 + v))",
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
        "np.diag(np.linalg.pinv(cov)) ** -0.5",
    ],
    "04.7": [
        (
            "special.softmax(digamma(alpha) - digamma(alpha.sum()) - 0.5 * ((x[:, None] "
            "- m) ** 2 + v) * v, 1)"
        ),
        (
            "special.softmax(digamma(alpha) - digamma(alpha.sum()) - 0.5 * (x[:, None] "
            "- m) ** 2 / (v), 1)"
        ),
        (
            "special.softmax(digamma(alpha) / digamma(alpha.sum()) - 0.5 * ((x[:, None] "
            "- m) ** 2 + v), 1)"
        ),
        "special.softmax(digamma(alpha / alpha.sum()) - 0.5 * ((x[:, None] - m) ** 2 + v), 1)",
        "special.softmax(alpha - 0.5 * ((x[:, None] - m) ** 2 + v), 1)",
        "special.softmax(np.log(alpha) - 0.5 * (x[:, None] - m) ** 2, 1)",
        "special.softmax(digamma(alpha) - 0.5 * ((x[:, None] - m) ** 2 + v.sum()), 1)",
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
