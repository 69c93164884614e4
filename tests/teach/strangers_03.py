"""What readers of lesson 03 answered who had not seen the answers: wrong answers and right ones.

Each is written from the learner's notebook alone; the key says what went through the reader's head.
"""

import math

import numpy as np
from scipy import special, stats


def by_the_precision(z_other, rho):
    precision = np.linalg.inv([[1, rho], [rho, 1]])
    return [-precision[0, 1] * z_other / precision[0, 0], precision[0, 0] ** -0.5]


def one_datum_after_another(x, tau, mu0, kappa0):
    mean, precision = mu0, kappa0 * tau
    for value in x:
        mean = (precision * mean + tau * value) / (precision + tau)
        precision += tau
    return [mean, math.sqrt(1 / precision)]


def a_gain(x, tau, mu0, kappa0):
    gain = len(x) / (len(x) + kappa0)
    return np.array([mu0 + gain * (np.mean(x) - mu0), np.sqrt(gain / (len(x) * tau))])


def log_p_s(y, rate1, rate2):
    """Log weights of s = 1..n-1, a year after the other."""
    n = len(y)
    first, second = stats.poisson.logpmf(y, rate1), stats.poisson.logpmf(y, rate2)
    return np.array([first[:s].sum() + second[s:].sum() for s in range(1, n)])


def ratio_after_ratio(y, rate1, rate2):
    weight, weights = 1.0, []
    for count in y[:-1]:
        weight = weight * (rate1 / rate2) ** int(count) * math.exp(rate2 - rate1)
        weights.append(weight)
    return [w / sum(weights) for w in weights]


def softmax_of_a_list(y, rate1, rate2):
    logs = [
        sum(stats.poisson.logpmf(c, rate1 if i < s else rate2) for i, c in enumerate(y))
        for s in range(1, len(y))
    ]
    m = max(logs)
    return [math.exp(v - m) / sum(math.exp(w - m) for w in logs) for v in logs]


def in_place(z, eps, rho):
    sd = np.sqrt(1 - rho**2)
    z[0] = rho * z[1] + sd * eps[0]
    z[1] = rho * z[0] + sd * eps[1]
    return z


def log_parts(x, means, sd):
    return -0.5 * ((np.asarray(x)[:, None] - means) / sd) ** 2


def no_shift(x, means, weights, sd):
    p = weights * stats.norm.pdf(np.asarray(x)[:, None], means, sd)
    return p / p.sum(axis=1, keepdims=True)


def logs(x, means, weights, sd):
    return special.log_softmax(np.log(weights) + log_parts(x, means, sd), axis=1)


def each_pair(x, means, weights, sd):
    rows = []
    for value in x:
        score = [
            math.log(w) - ((value - m) / sd) ** 2 / 2 for m, w in zip(means, weights, strict=True)
        ]
        best = max(score)
        total = sum(math.exp(s - best) for s in score)
        rows.append([math.exp(s - best) / total for s in score])
    return rows


def one_over_a_sum(x, means, weights, sd):
    score = np.log(weights) + log_parts(x, means, sd)
    return 1 / np.exp(score[:, None, :] - score[:, :, None]).sum(axis=2)


def logits(x, means, weights, sd):
    x, means = np.asarray(x), np.asarray(means)
    slope, bias = means / sd**2, np.log(weights) - means**2 / (2 * sd**2)
    return special.softmax(np.outer(x, slope) + bias, axis=1)


RATE = "b0 + (np.sum((x - mu) ** 2) + kappa0 * (mu - mu0) ** 2) / 2"
SHAPE = "a0 + (len(x) + 1) / 2"

WRONG = {
    "03.1": {
        "divided by rho": ("z_other / rho", "np.sqrt(1 - rho**2)"),
        "the mean alone": "rho * z_other",
    },
    "03.3": {
        "no square of the prior": (
            SHAPE,
            "b0 + (np.sum((x - mu) ** 2) + kappa0 * abs(mu - mu0)) / 2",
        ),
        "kappa0 in the shape": ("a0 + (len(x) + kappa0) / 2", RATE),
        "the exponent, minus": (
            SHAPE,
            "b0 - (np.sum((x - mu) ** 2) + kappa0 * (mu - mu0) ** 2) / 2",
        ),
    },
    "03.4": {
        "first years only": ("special.softmax(np.cumsum(stats.poisson.logpmf(y, rate1))[:-1])"),
    },
    "03.5": {
        "in place": in_place,
    },
}

# A second round: slips that lie farther off, two of them at once among them.
FAR = {
    "03.1": [
        ("rho * z_other", "np.sqrt(1 - rho**2) / 2"),
        ("rho * z_other", "np.sqrt(abs(rho))"),
        ("rho * z_other", "rho * np.sqrt(1 - rho**2)"),
        ("(1 - rho**2) * z_other", "rho"),
        ("rho * z_other", "np.sqrt(1 - 2 * rho)"),
    ],
    "03.2": [
        ("(x.sum() * kappa0 + mu0) / (len(x) + kappa0)", "1 / np.sqrt((len(x) + kappa0) * tau)"),
        ("(x.sum() + kappa0 * mu0) / (len(x) * kappa0)", "1 / np.sqrt((len(x) * kappa0) * tau)"),
        (
            "(x.sum() + mu0 / kappa0) / (len(x) + 1 / kappa0)",
            "1 / np.sqrt((len(x) + 1 / kappa0) * tau)",
        ),
        ("(x.sum() + kappa0 * mu0) / (len(x) + kappa0)", "1 / np.sqrt(len(x) * tau + kappa0)"),
        (
            "(x.sum() + kappa0 * mu0) / (len(x) - 1 + kappa0)",
            "1 / np.sqrt((len(x) - 1 + kappa0) * tau)",
        ),
        ("(x.sum() + kappa0 * mu0) / (len(x) + kappa0)", "np.sqrt((len(x) + kappa0) / tau)"),
        ("np.median(x)", "1 / np.sqrt((len(x) + kappa0) * tau)"),
        (
            "(kappa0 * x.mean() + len(x) * mu0) / (len(x) + kappa0)",
            "1 / np.sqrt((len(x) + kappa0) * tau)",
        ),
    ],
    "03.3": [
        (SHAPE, "b0 + 0.5 * (np.var(x) + kappa0 * (mu - mu0) ** 2)"),
        (SHAPE, "b0 + 0.5 * ((x - mu) ** 2 + kappa0 * (mu - mu0) ** 2)"),
        ("b0 + (len(x) + 1) / 2", "a0 + 0.5 * (((x - mu) ** 2).sum() + kappa0 * (mu - mu0) ** 2)"),
    ],
    "03.4": [
        (
            "special.softmax([stats.expon.logpdf(y[:s], scale=1 / rate1).sum() "
            "+ stats.expon.logpdf(y[s:], scale=1 / rate2).sum() for s in range(1, len(y))])"
        ),
        (
            "special.softmax([stats.poisson.logpmf(y[:s], rate1).mean() "
            "+ stats.poisson.logpmf(y[s:], rate2).mean() for s in range(1, len(y))])"
        ),
        (
            "special.softmax([stats.poisson.logpmf(y[s - 1], rate1) + stats.poisson.logpmf(y[s], "
            "rate2) for s in range(1, len(y))])"
        ),
        (
            "special.softmax([stats.poisson.pmf(y[:s], rate1).prod() * stats.poisson.pmf(y[s:], "
            "rate2).prod() for s in range(1, len(y))])"
        ),
        (
            "(lambda w: w / w.sum())(np.array([stats.poisson.pmf(y[:s], rate1).sum() "
            "+ stats.poisson.pmf(y[s:], rate2).sum() for s in range(1, len(y))]))"
        ),
        (
            "special.softmax([stats.poisson.logpmf(y[:s], rate1).sum() "
            "- stats.poisson.logpmf(y[s:], rate2).sum() for s in range(1, len(y))])"
        ),
        (
            "special.softmax([stats.norm.logpdf(y[:s], rate1).sum() + stats.norm.logpdf(y[s:], "
            "rate2).sum() for s in range(1, len(y))])"
        ),
        "np.full(len(y) - 1, 1 / (len(y) - 1))",
    ],
    "03.5": [
        (
            "np.array([rho * z[1] + np.sqrt(1 - rho**2) * eps[0], rho * (rho * z[1]) "
            "+ np.sqrt(1 - rho**2) * eps[1]])"
        ),
        (
            "np.array([rho * z[1] + np.sqrt(1 - rho**2) * eps[0], rho * (rho * z[1] "
            "+ np.sqrt(1 - rho**2) * eps[0])])"
        ),
        "np.linalg.cholesky([[1, rho], [rho, 1]]) @ eps",
        (
            "(lambda f: np.array([f, rho * f + np.sqrt(1 - f**2) * eps[1]]))(rho * z[1] "
            "+ np.sqrt(1 - rho**2) * eps[0])"
        ),
    ],
    "03.6": [
        "1 - abs(rho)",
        "np.log(rho**2)",
        "rho**2 * (1 - rho**2)",
        "1 / rho**2",
    ],
    "03.7": [
        "(lambda p: p / p.sum(1, keepdims=True))(weights + stats.norm.pdf(x[:, None], means, sd))",
        (
            "(lambda p: p / p.sum(1, keepdims=True))(stats.norm.logpdf(x[:, None], means, sd) "
            "* weights)"
        ),
        (
            "(lambda p: p / p.sum(1, keepdims=True))(weights * stats.norm.pdf(x[:, None], means, "
            "sd**2))"
        ),
        "(lambda p: p / p.mean(1, keepdims=True))(weights * stats.norm.pdf(x[:, None], means, sd))",
        (
            "(lambda p: p / p.sum(1, keepdims=True))(weights[::-1] * stats.norm.pdf(x[:, None], "
            "means, sd))"
        ),
        "(lambda p: p / p.sum(1, keepdims=True))(weights / abs(x[:, None] - means))",
    ],
}

RIGHT = {
    "03.1": {
        "by the precision": by_the_precision,
        "sine of an angle": "[rho * z_other, math.sin(math.acos(rho))]",
        "a product": ("z_other * rho", "((1 - rho) * (1 + rho)) ** 0.5"),
    },
    "03.2": {"one datum after another": one_datum_after_another, "a gain": a_gain},
    "03.4": {
        "ratio after ratio": ratio_after_ratio,
        "softmax of a list": softmax_of_a_list,
        "no shift": "np.exp(log_p_s(y, rate1, rate2)) / np.exp(log_p_s(y, rate1, rate2)).sum()",
    },
    "03.6": {
        "powers": "math.pow(rho, 2)",
        "one minus a product": "1 - (1 - rho) * (1 + rho)",
    },
    "03.7": {
        "each pair": each_pair,
        "one over a sum": one_over_a_sum,
        "logits": logits,
        "no shift": no_shift,
    },
}
