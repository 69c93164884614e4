"""What a second round of readers answered: other slips, other forms.

Each is written from the learner's notebook alone; the key says what went through the reader's head.
"""

import decimal
import fractions
import functools
import math

import numpy as np
from scipy import integrate, linalg, signal, special, stats

LOG_2PI = np.log(2 * np.pi)


# --- 00


def coin_joint(theta, h, t, a, b):
    return (a + h - 1) * np.log(theta) + (b + t - 1) * np.log1p(-theta) - special.betaln(a, b)


def one_by_one_coin(h, t, a, b):
    """Right: by recursion, a toss at a time."""
    if h:
        return math.log(a / (a + b)) + one_by_one_coin(h - 1, t, a + 1, b)
    if t:
        return math.log(b / (a + b)) + one_by_one_coin(h, t - 1, a, b + 1)
    return 0.0


def at_midpoints(log_joint, grid):
    """Right: cells between the points, each at the mean height of its ends."""
    top = np.max(log_joint)
    heights = np.exp(log_joint - top)
    return top + np.log(np.sum((heights[1:] + heights[:-1]) / 2 * np.diff(grid)))


def newcomb(x, mu, tau, mu0, kappa0, a0, b0, **changed):
    """The log joint as a sum of named terms, some of them changed."""
    n = len(x)
    terms = {
        "data": n / 2 * (np.log(tau) - LOG_2PI) - tau / 2 * np.sum((x - mu) ** 2),
        "mean": (np.log(kappa0 * tau) - LOG_2PI - kappa0 * tau * (mu - mu0) ** 2) / 2,
        "precision": a0 * np.log(b0) - special.gammaln(a0) + (a0 - 1) * np.log(tau) - b0 * tau,
    }
    return sum((terms | changed).values())


def of_newcomb(name, change):
    return lambda x, mu, tau, mu0, kappa0, a0, b0: newcomb(
        x, mu, tau, mu0, kappa0, a0, b0, **{name: change(x, mu, tau, mu0, kappa0, a0, b0)}
    )


# --- 01


def lines(q, joint, **changed):
    evidence = joint.sum()
    made = {
        "one": -np.sum(q * np.log(joint / evidence / q)),
        "two": -np.sum(q * np.log(joint / (q * evidence))),
        "three": -np.sum(q * np.log(joint / q)) + np.sum(q) * np.log(evidence),
        "four": -np.sum(q * (np.log(joint) - np.log(q))) + np.log(evidence),
        "five": -(np.sum(q * np.log(joint)) - np.sum(q * np.log(q))) + np.log(evidence),
    }
    made |= {name: change(q, joint, evidence) for name, change in changed.items()}
    return tuple(made.values())


def of_lines(**changed):
    return lambda q, joint: lines(q, joint, **changed)


def one_state_after_another(q, joint):
    """Right: five sums in one loop."""
    evidence, sums = math.fsum(joint), [0.0] * 5
    for a, b in zip(map(float, q), map(float, joint), strict=True):
        sums[0] -= a * math.log(b / evidence / a)
        sums[1] -= a * math.log(b / a / evidence)
        sums[2] += a * (math.log(evidence) - math.log(b / a))
        sums[3] -= a * (math.log(b) - math.log(a))
        sums[4] -= a * math.log(b) - a * math.log(a)
    return sums[0], sums[1], sums[2], sums[3] + math.log(evidence), sums[4] + math.log(evidence)


def normals(m1, v1, m2, v2):
    return 0.5 * (np.log(v2 / v1) + (v1 + (m1 - m2) ** 2) / v2 - 1)


# --- 02


def log_p(z):
    return -(z**2) / 2 - z**4 / 10 + 0.7 * z


def step_of(z, eps, u, step):
    new = z + step * eps
    return new if np.log(u) < log_p(new) - log_p(z) else z


def chain_of(z, eps, u, step):
    states = []
    for e, coin in zip(eps, u, strict=True):
        z = step_of(z, e, coin, step)
        states.append(z)
    return states


def matrix_of(pi, Q):
    flow = pi[:, None] * Q
    P = np.minimum(flow, flow.T) / pi[:, None]
    np.fill_diagonal(P, 0)
    return P + np.diag(1 - P.sum(1))


def r_hat(x):
    n = x.shape[1]
    within = np.mean(np.var(x, axis=1, ddof=1))
    between = np.var(np.mean(x, axis=1), ddof=1)
    return np.sqrt(((n - 1) / n * within + between) / within)


# --- 03


def given_tau(x, tau, mu0, kappa0):
    precision = (len(x) + kappa0) * tau
    return tau * (np.sum(x) + kappa0 * mu0) / precision, precision**-0.5


def given_mu(x, mu, mu0, kappa0, a0, b0):
    squares = np.sum((x - mu) ** 2) + kappa0 * (mu - mu0) ** 2
    return a0 + (len(x) + 1) / 2, b0 + squares / 2


def log_weights_of_s(y, rate1, rate2):
    s, counts = np.arange(1, len(y)), np.cumsum(y)[:-1]
    before = counts * np.log(rate1) - s * rate1
    return before + (np.sum(y) - counts) * np.log(rate2) - (len(y) - s) * rate2


def two_pieces(z, eps, rho):
    """Right: a triangular map of the noise."""
    sd = math.sqrt(1 - rho**2)
    return z[1] * np.array([rho, rho**2]) + sd * np.array([[1, 0], [rho, 1]]) @ eps


def shares(x, means, weights, sd):
    return special.softmax(np.log(weights) - (x[:, None] - means) ** 2 / (2 * sd**2), axis=1)


# --- 04


def tau_step(x, m, v, mu0, kappa0, a0, b0, extra=0.0):
    n = len(x)
    squares = np.sum((x - m) ** 2) + n * v + kappa0 * ((m - mu0) ** 2 + v) + extra
    return a0 + (n + 1) / 2, b0 + squares / 2


def bound(x, m, v, shape, rate, mu0, kappa0, a0, b0, **changed):
    n, log_tau, tau = len(x), special.digamma(shape) - np.log(rate), shape / rate
    terms = {
        "data": n / 2 * (log_tau - LOG_2PI) - tau / 2 * (np.sum((x - m) ** 2) + n * v),
        "mean": (np.log(kappa0) + log_tau - LOG_2PI - kappa0 * tau * ((m - mu0) ** 2 + v)) / 2,
        "precision": a0 * np.log(b0) - special.gammaln(a0) + (a0 - 1) * log_tau - b0 * tau,
        "of mu": (1 + LOG_2PI + np.log(v)) / 2,
        "of tau": stats.gamma(shape, scale=1 / rate).entropy(),
    }
    return sum((terms | changed).values())


def of_bound(name, change):
    def answer(x, m, v, shape, rate, mu0, kappa0, a0, b0):
        value = change(x, m, v, shape, rate, mu0, kappa0, a0, b0)
        return bound(x, m, v, shape, rate, mu0, kappa0, a0, b0, **{name: value})

    return answer


def mixture_step(x, m, v, alpha):
    logs = special.digamma(alpha) - special.digamma(np.sum(alpha))
    return special.softmax(logs - ((x[:, None] - m) ** 2 + v) / 2, axis=1)


def peeled(cov):
    """Right: what is left of each variance when the others are regressed out."""
    left = []
    for j in range(len(cov)):
        rest = [k for k in range(len(cov)) if k != j]
        if not rest:
            left.append(float(cov[0, 0]))
            continue
        slope = np.linalg.lstsq(cov[np.ix_(rest, rest)], cov[rest, j])[0]
        left.append(float(cov[j, j] - cov[j, rest] @ slope))
    return left


# --- 05, 06


def units(t):
    return np.eye(len(t))


def evidence_of(cov, x):
    return stats.multivariate_normal.logpdf(x, np.zeros(len(x)), cov)


# --- 07


def layer(dy, x, W):
    return dy @ W, dy.T @ x, dy.sum(0)


def log_bernoulli(x, logits):
    return (x * logits - np.logaddexp(0, logits)).sum(1)


def kl_rows(m, logvar):
    return (m**2 + np.exp(logvar) - 1 - logvar).sum(1) / 2


def score(f, m, logvar, eps):
    return np.mean(f * eps) * np.exp(-logvar / 2), np.mean(f * (eps**2 - 1)) / 2


def adam(p, g, m, s, t):
    m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
    return p + 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)


WRONG = {
    "00.1": {
        "log2": (
            "(a + h - 1) * np.log2(theta) + (b + t - 1) * np.log2(1 - theta) - special.betaln(a, "
            "b) / np.log(2)"
        ),
        "minus": lambda *given: -coin_joint(*given),
        "a tail's log is minus a head's": (
            "(a + h - 1) * np.log(theta) - (b + t - 1) * np.log(theta) - special.betaln(a, b)"
        ),
    },
    "00.2": {
        "logs of logs": "np.log(np.sum(a))",
        "base ten": "special.logsumexp(a) / np.log(10)",
        "with log n": "special.logsumexp(a) + np.log(len(a))",
        "all but the first": "special.logsumexp(a[1:]) if len(a) > 1 else -np.inf",
        "minus": "-special.logsumexp(a)",
    },
    "00.3": {
        "Simpson's thirds": "special.logsumexp(log_joint) + np.log((grid[1] - grid[0]) / 3)",
        "moment of the grid": (
            "special.logsumexp(log_joint, b=np.abs(grid)) + np.log(grid[1] - grid[0])"
        ),
        "the highest alone": "np.max(log_joint) + np.log(grid[1] - grid[0])",
    },
    "00.4": {
        "differences": ("a + h - t", "b + t - h"),
        "a share": ("a + h / (h + t + 1e-300)", "b + t / (h + t + 1e-300)"),
        "b twice": ("b + h", "b + t"),
    },
    "00.5": {
        "the prior's constant twice": "special.betaln(a + h, b + t) - 2 * special.betaln(a, b)",
        "bits": "(special.betaln(a + h, b + t) - special.betaln(a, b)) / np.log(2)",
    },
    "00.8": {
        "n, not half of it": of_newcomb(
            "data",
            lambda x, mu, tau, *_: (
                len(x) * (np.log(tau) - LOG_2PI) - tau / 2 * np.sum((x - mu) ** 2)
            ),
        ),
        "minus": lambda *given: -newcomb(*given),
        "the prior of mu at x": of_newcomb(
            "mean",
            lambda x, mu, tau, mu0, kappa0, a0, b0: (
                (np.log(kappa0 * tau) - LOG_2PI - kappa0 * tau * np.mean((x - mu0) ** 2)) / 2
            ),
        ),
        "a0 - 1 on b0": of_newcomb(
            "precision",
            lambda x, mu, tau, mu0, kappa0, a0, b0: (
                (a0 - 1) * np.log(b0) - special.gammaln(a0) + (a0 - 1) * np.log(tau) - b0 * tau
            ),
        ),
        "a0 and b0 exchanged": "newcomb(x, mu, tau, mu0, kappa0, b0, a0)",
    },
    "01.1": {
        "a running sum": "np.cumsum(q * np.log(q / p))",
    },
    "01.7": {
        "the plain spread of the means": ("w @ m", "np.sqrt(w @ s**2 + np.var(m))"),
        "n - 1": (
            "w @ m",
            "np.sqrt((w @ (s**2 + (m - w @ m) ** 2)) * len(m) / max(len(m) - 1, 1e-300))",
        ),
        "the median mean": ("np.median(m)", "np.sqrt(w @ (s**2 + (m - w @ m) ** 2))"),
    },
    "01.2": {
        "line two multiplies q outside": of_lines(
            two=lambda q, joint, e: -np.sum(np.log(joint / (q * e)))
        ),
        "line three without its last": of_lines(
            three=lambda q, joint, e: -np.sum(q * np.log(joint / q))
        ),
        "line four with a mean": of_lines(
            four=lambda q, joint, e: -np.mean(q * (np.log(joint) - np.log(q))) + np.log(e)
        ),
    },
    "01.3": {
        "the entropy twice": "np.sum(q * np.log(joint)) - 2 * np.sum(q * np.log(q))",
        "ratios, no logs": "np.sum(q * joint / q)",
        "bits": "np.sum(q * np.log2(joint / q))",
    },
    "01.4": {
        "variance doubled": "0.5 * np.log(2 * np.pi * np.e * 2 * sd**2)",
        "a constant of one": "1 + np.log(sd)",
    },
    "01.5": {
        "a density's constant": "normals(m1, v1, m2, v2) + LOG_2PI / 2",
    },
    "02.1": {
        "cap at minus one": "min(-1.0, new - old + q_back - q_forth)",
    },
    "02.3": {
        "halves": (
            "np.diag(1 - 0.5 * (matrix_of(pi, Q) * (1 - np.eye(len(pi)))).sum(1)) + 0.5 "
            "* matrix_of(pi, Q) * (1 - np.eye(len(pi)))"
        ),
        "pi in each row": "np.tile(pi, (len(pi), 1))",
    },
    "02.4": {
        "a running sum": "np.cumsum(2.5 * y - 1.7 * np.exp(y))",
    },
    "02.5": {
        "backwards": "chain_of(z, eps, u, step)[::-1]",
        "every other state": "chain_of(z, eps, u, step)[::2]",
        "which moved": "list(np.diff([z, *chain_of(z, eps, u, step)]) != 0)",
    },
    "03.1": {
        "rho and sd of the sum": ("rho * z_other", "math.sqrt(2 + 2 * rho)"),
        "half": ("rho * z_other / 2", "math.sqrt(1 - rho**2)"),
        "log sd": ("rho * z_other", "0.5 * math.log(1 - rho**2)"),
    },
    "03.2": {
        "kappa0 squared": "given_tau(x, tau, mu0, kappa0**2)",
        "n - 1": ("given_tau(x, tau, mu0, kappa0)[0]", "((len(x) - 1 + kappa0) * tau) ** -0.5"),
    },
    "03.3": {
        "the mean for mu": "given_mu(x, x.mean(), mu0, kappa0, a0, b0)",
        "a0 and b0 exchanged": "given_mu(x, mu, mu0, kappa0, b0, a0)",
    },
    "03.4": {
        "the odds": (
            "special.softmax(log_weights_of_s(y, rate1, rate2)) / (1 "
            "- special.softmax(log_weights_of_s(y, rate1, rate2)))"
        ),
        "sorted": "np.sort(special.softmax(log_weights_of_s(y, rate1, rate2)))",
        "halved logs": "special.softmax(log_weights_of_s(y, rate1, rate2) / 2)",
        "counts of the years": "special.softmax(log_weights_of_s(np.ones_like(y), rate1, rate2))",
    },
    "03.5": {
        "rounded": "np.round(two_pieces(z, eps, rho), 3)",
        "a tuple of states old and new": ("z", "two_pieces(z, eps, rho)"),
    },
    "03.6": {
        "rho by sd": "rho / math.sqrt(1 - rho**2)",
        "log": "2 * math.log(abs(rho))",
    },
    "03.7": {
        "x scaled twice": "shares(x, means, weights, sd**2)",
    },
    "04.0": {
        "the root": "special.softmax(log_joint_table @ q_other / 2)",
        "a column of the table": "special.softmax(log_joint_table[:, 0])",
        "log normaliser": "special.logsumexp(log_joint_table @ q_other)",
    },
    "04.1": {
        "the log of the mode": "np.log(np.abs(shape - 1) / rate)",
    },
    "04.2": {
        "a variance over two": "(x - m) ** 2 + v / 2",
        "the mean of x for each": "(np.mean(x) - m) ** 2 + v + 0 * x",
        "cumulated": "np.cumsum((x - m) ** 2 + v)",
    },
    "04.3": {
        "log variance": (
            "(np.sum(x) + kappa0 * mu0) / (len(x) + kappa0)",
            "-np.log((len(x) + kappa0) * E_tau)",
        ),
        "n - 1": (
            "(np.sum(x) + kappa0 * mu0) / (len(x) + kappa0)",
            "1 / ((len(x) - 1 + kappa0) * E_tau)",
        ),
        "squares of x": (
            "(np.sum(x**2) + kappa0 * mu0) / (len(x) + kappa0)",
            "1 / ((len(x) + kappa0) * E_tau)",
        ),
        "the median": (
            "(len(x) * np.median(x) + kappa0 * mu0) / (len(x) + kappa0)",
            "1 / ((len(x) + kappa0) * E_tau)",
        ),
    },
    "04.4": {
        "n v twice": "tau_step(x, m, v, mu0, kappa0, a0, b0, len(x) * v)",
        "v as a precision": "tau_step(x, m, 1 / v, mu0, kappa0, a0, b0)",
    },
    "04.5": {
        "the digits of a mean tau in the prior": of_bound(
            "precision",
            lambda x, m, v, s, r, mu0, k, a0, b0: stats.gamma.logpdf(s / r, a0, scale=1 / b0),
        ),
    },
    "04.6": {
        "halved": "0.5 / np.diag(np.linalg.inv(cov))",
        "in reverse": "(1 / np.diag(np.linalg.inv(cov)))[::-1]",
        "their product": "np.prod(1 / np.diag(np.linalg.inv(cov)))",
        "diagonal less the largest tie": (
            "np.diag(cov) - np.max(np.abs(cov - np.diag(np.diag(cov))), axis=1)"
        ),
        "logs": "-np.log(np.diag(np.linalg.inv(cov)))",
    },
    "04.7": {
        "x itself, no mean": "mixture_step(x, 0 * m, v, alpha)",
        "shares": "mixture_step(x, m, v, alpha).mean(0)",
    },
    "07.1": {
        "dx by x": ("(dy @ W) * x", "dy.T @ x", "dy.sum(0)"),
        "half": "tuple(part / 2 for part in layer(dy, x, W))",
    },
    "07.2": {
        "log of the slope": "dh * np.log(1 - np.tanh(a) ** 2)",
        "means over rows": "(dh * (1 - np.tanh(a) ** 2)).mean(0)",
    },
    "07.3": {
        "twice": "2 * log_bernoulli(x, logits)",
        "the first pixel": "log_bernoulli(x[:, :1], logits[:, :1])",
    },
    "07.5": {
        "the log of the sum": "np.log(kl_rows(m, logvar) + 1)",
    },
    "07.6": {
        "halves": ("dy[:, None] * m / 2", "dy[:, None] * (np.exp(logvar) - 1) / 4"),
        "dy squared": ("dy[:, None] ** 2 * m", "dy[:, None] ** 2 * (np.exp(logvar) - 1) / 2"),
        "the m of one": ("dy[:, None] * (m - 1)", "dy[:, None] * (np.exp(logvar) - 1) / 2"),
    },
    "07.7": {
        "base two": "m + 2 ** (logvar / 2) * eps",
    },
    "07.9": {
        "z for eps": "score(f, m, logvar, m + np.exp(logvar / 2) * eps)",
    },
    "05.1": {"the shape itself": ("shape", "-rate"), "one over": ("shape - 1", "-1 / rate")},
    "05.2": {
        "a hundredth of a step": lambda f, t, e: [f(t + u / 100, e) - f(t, e) for u in units(t)],
    },
    "05.3": {
        "K, not its logarithm": "special.logsumexp(log_weights, axis=-1) - log_weights.shape[-1]",
    },
    "06.2": {
        "a root of the noise in the mean": lambda W, s2, x: (
            np.linalg.solve(np.eye(W.shape[1]) + W.T @ W / s2, W.T @ x / s2**0.5),
            1 / (1 + np.sum(W**2, 0) / s2),
        ),
        "the square of a sum": lambda W, s2, x: (
            np.linalg.solve(np.eye(W.shape[1]) + W.T @ W / s2, W.T @ x / s2),
            1 / (1 + np.sum(W, 0) ** 2 / s2),
        ),
    },
    "06.3": {
        "noise as a precision": lambda W, s2, x: evidence_of(W @ W.T + np.eye(len(x)) / s2, x),
    },
    "06.6": {
        "the noise as a floor": "0.5 * np.log(np.maximum(eigenvalues, s2))",
    },
    "08.2": {"the whole gap second": ("elbo_star - elbo", "log_evidence - elbo")},
    "08.4": {
        "the root of h": "special.logsumexp(log_joint) + np.log(h) / 2",
    },
    "08.6": {
        "n squared": "np.std(x, ddof=1) / len(x) ** 2",
    },
    "09.3": {
        "n - 1 twice": "np.std(draws, ddof=1) / np.sqrt(len(draws) - 1)",
    },
    "09.5": {"above": "claim > log_evidence + error", "far below": "claim + error <= log_evidence"},
    "10.2": {
        "n in both": ("a + len(y)", "b + len(y)"),
        "n taken away": ("a + np.sum(y)", "b - len(y)"),
    },
    "10.3": {
        "each by all": "stats.nbinom.logpmf(y, a, b / (b + len(y))).sum()",
    },
}

RIGHT = {
    "00.1": {
        "a matrix of one": lambda *given: np.matrix([[coin_joint(*given)]]),
        "decimals": "decimal.Decimal(float(coin_joint(theta, h, t, a, b)))",
    },
    "00.2": {
        "reduce": "functools.reduce(np.logaddexp, a)",
        "sorted": "np.max(a) + math.log(math.fsum(math.exp(v - np.max(a)) for v in sorted(a)))",
    },
    "00.3": {
        "cells between": at_midpoints,
        "Riemann from the left": "special.logsumexp(log_joint[:-1]) + np.log(grid[1] - grid[0])",
    },
    "00.4": {
        "one array": "np.array([[a + h, b + t]])[0]",
        "fractions": (
            "[fractions.Fraction(float(a)) + int(h), fractions.Fraction(float(b)) + int(t)]"
        ),
    },
    "00.5": {
        "by recursion": one_by_one_coin,
        "rising factorials": (
            "np.log(a + np.arange(h)).sum() + np.log(b + np.arange(t)).sum() - np.log(a + b "
            "+ np.arange(h + t)).sum()"
        ),
    },
    "00.8": {
        "a column": lambda *given: np.array([[newcomb(*given)]]),
        "a normal of all": (
            "stats.norm.logpdf([*x, mu0], mu, [*(0 * x + tau**-0.5), (kappa0 "
            "* tau) ** -0.5]).sum() + stats.gamma.logpdf(tau, a0, scale=1 / b0)"
        ),
    },
    "01.1": {
        "scipy": stats.entropy,
        "an Einstein sum": 'np.einsum("i,i", q, np.log(q) - np.log(p))',
    },
    "01.7": {
        "weighted cov": (
            "[np.average(m, weights=w), np.sqrt(np.average(s**2 + m**2, weights=w) "
            "- np.average(m, weights=w) ** 2)]"
        ),
    },
    "01.2": {
        "in one loop": one_state_after_another,
        "a list": "[*lines(q, joint)]",
    },
    "01.3": {
        "longdouble": "np.sum(q.astype(np.longdouble) * np.log(joint.astype(np.longdouble) / q))",
        "xlogy": "special.xlogy(q, joint).sum() - special.xlogy(q, q).sum()",
    },
    "01.4": {
        "half of all": "(LOG_2PI + 1) / 2 + math.log(sd)",
        "a float32": "np.float32(0.5 * np.log(2 * np.pi * np.e * sd**2))",
    },
    "01.5": {
        "rel of logs": "-0.5 * np.log(v1 / v2) + 0.5 * (v1 / v2 - 1) + 0.5 * (m2 - m1) ** 2 / v2",
    },
    "02.1": {
        "clip": "np.clip(new + q_back - old - q_forth, None, 0)",
        "minus relu": lambda *f: -max(0.0, f[1] + f[3] - f[0] - f[2]),
    },
    "02.2": {
        "where": "np.where(np.log(u) < log_p(z + step * eps) - log_p(z), z + step * eps, z)",
        "a mixture": "z + step * eps * (np.log(u) + log_p(z) < log_p(z + step * eps))",
    },
    "02.3": {
        "a matrix": "np.matrix(matrix_of(pi, Q))",
        "Fortran order": "np.asfortranarray(matrix_of(pi, Q))",
    },
    "02.4": {
        "a dot": "2.5 * y @ np.ones(len(y)) - 1.7 * np.sum(np.exp(y))",
        "gamma densities": (
            "stats.loggamma.logpdf(y + np.log(1.7), 2.5).sum() + len(y) "
            "* (special.gammaln(2.5) - 2.5 * np.log(1.7))"
        ),
    },
    "02.5": {
        "a buffer": "np.fromiter(chain_of(z, eps, u, step), float)",
        "a tuple": "tuple(chain_of(z, eps, u, step))",
    },
    "02.6": {
        "a column for each chain": "r_hat(np.asarray(x.T).T)",
        "as a sum": "(1 - 1 / x.shape[1] + x.mean(1).var(ddof=1) / x.var(1, ddof=1).mean()) ** 0.5",
    },
    "02.7": {
        "by fsum": "n / (1 + 2 * math.fsum(rho))",
        "a filter": "n / signal.lfilter([1], [1, -1], [1, *(2 * rho)])[-1]",
    },
    "03.1": {
        "scipy's regression": "np.array([rho * z_other, (1 + rho) ** 0.5 * (1 - rho) ** 0.5])",
    },
    "03.2": {
        "a generator made a list": lambda *given: list(v for v in given_tau(*given)),
        "a structured pair": lambda *given: np.array(given_tau(*given), dtype=object),
    },
    "03.3": {"longdouble": lambda *given: np.array(given_mu(*given), np.longdouble)},
    "03.4": {
        "softmax": "special.softmax(log_weights_of_s(y, rate1, rate2))",
        "differences": (
            "np.diff(np.cumsum([0.0, *special.softmax(log_weights_of_s(y, rate1, rate2))]))"
        ),
    },
    "03.5": {
        "a triangular map": two_pieces,
        "two arrays of one": "list(two_pieces(z, eps, rho).reshape(2, 1)[:, 0])",
    },
    "03.6": {
        "a fraction": "fractions.Fraction(float(rho)) ** 2",
    },
    "03.7": {
        "Fortran order": lambda *given: np.asfortranarray(shares(*given)),
        "logs first": (
            "np.exp(special.log_softmax(stats.norm.logpdf(x[:, None], means, sd) "
            "+ np.log(weights), axis=1))"
        ),
    },
    "04.0": {
        "an outer power": (
            "np.exp((log_joint_table * q_other).sum(1) - special.logsumexp((log_joint_table "
            "* q_other).sum(1)))"
        ),
        "an Einstein sum": 'special.softmax(np.einsum("ij,j->i", log_joint_table, q_other))',
    },
    "04.1": {
        "a derivative": "special.polygamma(0, shape) - math.log(rate)",
        "an integral": (
            "integrate.quad(lambda u: (1 / (1 - u) * (1 - u ** (shape - 1))) "
            "if u < 1 else shape - 1, 0, 1)[0] - np.euler_gamma - np.log(rate) "
            "if shape > 2 else special.psi(shape) - np.log(rate)"
        ),
    },
    "04.2": {
        "a norm": "np.linalg.norm([x - m, 0 * x + np.sqrt(v)], axis=0) ** 2",
    },
    "04.3": {
        "a dictionary's values": (
            'list({"m": (np.sum(x) + kappa0 * mu0) / (len(x) + kappa0), "v": 1 / ((len(x) '
            "+ kappa0) * E_tau)}.values())"
        ),
    },
    "04.4": {"an array": lambda *given: np.asarray(tau_step(*given))[:, None]},
    "04.5": {
        "negative loss": lambda *given: 0.0 - (-bound(*given)),
    },
    "04.6": {
        "regressions": peeled,
        "a triangular factor": "1 / np.sum(linalg.inv(np.linalg.cholesky(cov)) ** 2, 0)",
    },
    "04.7": {
        "log softmax": (
            "np.exp(special.log_softmax(special.psi(alpha) - 0.5 * (np.subtract.outer(x, "
            "m) ** 2 + v), axis=-1))"
        ),
    },
    "07.1": {
        "lists": "[part.tolist() for part in layer(dy, x, W)]",
        "float32": lambda *given: tuple(part.astype(np.float32) for part in layer(*given)),
    },
    "07.2": {
        "through h": "dh * (1 - np.tanh(a)) * (1 + np.tanh(a))",
        "complex step": "dh * np.imag(np.tanh(a + 1e-20j)) / 1e-20",
    },
    "07.3": {
        "softplus of a sign": "-np.logaddexp(0, (1 - 2 * x) * logits).sum(-1)",
    },
    "07.4": {
        "transposed twice": "(dy * (x - special.expit(logits)).T).T",
        "diagonal": "np.diag(dy) @ (x - special.expit(logits))",
    },
    "07.5": {
        "sums apart": "0.5 * ((m**2).sum(1) + np.exp(logvar).sum(1) - m.shape[1] - logvar.sum(1))",
        "a column of rows": (
            "np.array([kl_rows(a[None], b[None]).item() for a, b in zip(m, logvar, strict=True)])"
        ),
    },
    "07.6": {
        "stacked": "np.stack([dy[:, None] * m, dy[:, None] * np.expm1(logvar) / 2])",
    },
    "07.7": {
        "broadcast": "m[None] + np.sqrt(np.exp(logvar))[None] * eps",
        "a list of draws": "[m + np.exp(logvar / 2) * e for e in eps]",
    },
    "07.8": {
        "by z": ("np.add.reduce(dz)", "np.add.reduce(0.5 * dz * eps * np.exp(0.5 * logvar))"),
    },
    "07.9": {
        "an average": (
            (
                "np.average(eps, weights=None if False else f * 0 + 1) * 0 + score(f, m, logvar, "
                "eps)[0]"
            ),
            "score(f, m, logvar, eps)[1]",
        ),
        "a matrix": "np.stack([eps * np.exp(-logvar / 2), (eps**2 - 1) / 2]) @ f / len(f)",
    },
    "07.10": {
        "a list": lambda *given: adam(*given).tolist(),
    },
}
