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


def n_entries(y, rate1, rate2):
    first, second = stats.poisson.logpmf(y, rate1), stats.poisson.logpmf(y, rate2)
    return special.softmax([first[:s].sum() + second[s:].sum() for s in range(1, len(y) + 1)])


def one_year_early(y, rate1, rate2):
    first, second = stats.poisson.logpmf(y, rate1), stats.poisson.logpmf(y, rate2)
    return special.softmax([first[:s].sum() + second[s:].sum() for s in range(len(y) - 1)])


def one_year_in_both(y, rate1, rate2):
    first, second = stats.poisson.logpmf(y, rate1), stats.poisson.logpmf(y, rate2)
    return special.softmax([first[: s + 1].sum() + second[s:].sum() for s in range(1, len(y))])


def one_year_in_none(y, rate1, rate2):
    first, second = stats.poisson.logpmf(y, rate1), stats.poisson.logpmf(y, rate2)
    return special.softmax([first[:s].sum() + second[s + 1 :].sum() for s in range(1, len(y))])


def no_exp_of_the_rates(y, rate1, rate2):
    s = np.cumsum(y)[:-1]
    return special.softmax(s * np.log(rate1) + (np.sum(y) - s) * np.log(rate2))


def rates_added(y, rate1, rate2):
    counts, s = np.cumsum(y)[:-1], np.arange(1, len(y))
    log_weights = counts * np.log(rate1) + (np.sum(y) - counts) * np.log(rate2)
    return special.softmax(log_weights + s * rate1 + (len(y) - s) * rate2)


def rates_not_counted(y, rate1, rate2):
    counts = np.cumsum(y)[:-1]
    log_weights = counts * np.log(rate1) + (np.sum(y) - counts) * np.log(rate2)
    return special.softmax(log_weights - rate1 - rate2)


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


def both_from_the_old(z, eps, rho):
    sd = np.sqrt(1 - rho**2)
    return np.array([rho * z[1] + sd * eps[0], rho * z[0] + sd * eps[1]])


def in_place(z, eps, rho):
    sd = np.sqrt(1 - rho**2)
    z[0] = rho * z[1] + sd * eps[0]
    z[1] = rho * z[0] + sd * eps[1]
    return z


def second_first(z, eps, rho):
    sd = np.sqrt(1 - rho**2)
    second = rho * z[0] + sd * eps[1]
    return np.array([rho * second + sd * eps[0], second])


def the_same_noise(z, eps, rho):
    sd = np.sqrt(1 - rho**2)
    first = rho * z[1] + sd * eps[0]
    return np.array([first, rho * first + sd * eps[0]])


def noise_exchanged(z, eps, rho):
    sd = np.sqrt(1 - rho**2)
    first = rho * z[1] + sd * eps[1]
    return np.array([first, rho * first + sd * eps[0]])


def the_variance(z, eps, rho):
    first = rho * z[1] + (1 - rho**2) * eps[0]
    return np.array([first, rho * first + (1 - rho**2) * eps[1]])


def own_old_value(z, eps, rho):
    sd = np.sqrt(1 - rho**2)
    return np.array([rho * z[0] + sd * eps[0], rho * z[1] + sd * eps[1]])


def noise_of_sd_one(z, eps, rho):
    first = rho * z[1] + eps[0]
    return np.array([first, rho * first + eps[1]])


def sd_of_one_minus_rho(z, eps, rho):
    first = rho * z[1] + np.sqrt(1 - rho) * eps[0]
    return np.array([first, rho * first + np.sqrt(1 - rho) * eps[1]])


def second_given_itself(z, eps, rho):
    sd = np.sqrt(1 - rho**2)
    first = rho * z[1] + sd * eps[0]
    return np.array([first, rho * z[1] + sd * eps[1]])


def a_step_added(z, eps, rho):
    sd = np.sqrt(1 - rho**2)
    first = z[0] + rho * z[1] + sd * eps[0]
    return np.array([first, z[1] + rho * first + sd * eps[1]])


def swapped_result(z, eps, rho):
    sd = np.sqrt(1 - rho**2)
    first = rho * z[1] + sd * eps[0]
    return np.array([rho * first + sd * eps[1], first])


def by_matrices(z, eps, rho):
    sd = (1 - rho**2) ** 0.5
    return np.array([[0, rho], [0, rho**2]]) @ z + sd * np.array([[1, 0], [rho, 1]]) @ eps


def log_parts(x, means, sd):
    return -0.5 * ((np.asarray(x)[:, None] - means) / sd) ** 2


def no_shift(x, means, weights, sd):
    p = weights * stats.norm.pdf(np.asarray(x)[:, None], means, sd)
    return p / p.sum(axis=1, keepdims=True)


def hard(x, means, weights, sd):
    score = np.log(weights) + log_parts(x, means, sd)
    return np.eye(len(means))[score.argmax(axis=1)]


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


MEAN = "(np.sum(x) + kappa0 * mu0) / (len(x) + kappa0)"
SD = "1 / np.sqrt((len(x) + kappa0) * tau)"
RATE = "b0 + (np.sum((x - mu) ** 2) + kappa0 * (mu - mu0) ** 2) / 2"
SHAPE = "a0 + (len(x) + 1) / 2"

WRONG = {
    "03.1": {
        "the variance": ("rho * z_other", "1 - rho**2"),
        "sqrt(1 - rho)": ("rho * z_other", "np.sqrt(1 - rho)"),
        "sd unchanged": ("rho * z_other", "1.0"),
        "rho squared in the mean": ("rho**2 * z_other", "np.sqrt(1 - rho**2)"),
        "a minus sign": ("-rho * z_other", "np.sqrt(1 - rho**2)"),
        "sd first": ("np.sqrt(1 - rho**2)", "rho * z_other"),
        "plus in the sd": ("rho * z_other", "np.sqrt(1 + rho**2)"),
        "rho as the sd": ("rho * z_other", "rho"),
        "the other's value": ("z_other", "np.sqrt(1 - rho**2)"),
        "divided by rho": ("z_other / rho", "np.sqrt(1 - rho**2)"),
        "the precision": ("rho * z_other", "1 / (1 - rho**2)"),
        "the mean alone": "rho * z_other",
        "1 - rho": ("rho * z_other", "1 - rho"),
        "1 - |rho|": ("rho * z_other", "np.sqrt(1 - abs(rho))"),
    },
    "03.2": {
        "the variance": (MEAN, "1 / ((len(x) + kappa0) * tau)"),
        "the precision": (MEAN, "(len(x) + kappa0) * tau"),
        "root of the precision": (MEAN, "np.sqrt((len(x) + kappa0) * tau)"),
        "tau as the variance": (MEAN, "np.sqrt(tau / (len(x) + kappa0))"),
        "the mean of x": ("np.mean(x)", SD),
        "mean for sum": ("(np.mean(x) + kappa0 * mu0) / (len(x) + kappa0)", SD),
        "one datum against kappa0": ("(np.mean(x) + kappa0 * mu0) / (1 + kappa0)", SD),
        "kappa0 without tau": (
            "(tau * np.sum(x) + kappa0 * mu0) / (len(x) * tau + kappa0)",
            "1 / np.sqrt(len(x) * tau + kappa0)",
        ),
        "tau left in the mean's data": (
            "(tau * np.sum(x) + kappa0 * mu0) / (len(x) + kappa0)",
            SD,
        ),
        "kappa0 forgotten in the sd": (MEAN, "1 / np.sqrt(len(x) * tau)"),
        "tau forgotten in the sd": (MEAN, "1 / np.sqrt(len(x) + kappa0)"),
        "mu0 not weighted": ("(np.sum(x) + mu0) / (len(x) + kappa0)", SD),
        "n + 1": ("(np.sum(x) + kappa0 * mu0) / (len(x) + 1)", "1 / np.sqrt((len(x) + 1) * tau)"),
        "divided by n": ("(np.sum(x) + kappa0 * mu0) / len(x)", SD),
        "tau squared": (MEAN, "1 / (np.sqrt(len(x) + kappa0) * tau)"),
        "sd first": (
            "1 / np.sqrt((len(x) + kappa0) * tau)",
            "(np.sum(x) + kappa0 * mu0) / (len(x) + kappa0)",
        ),
        "each x by itself": (
            "(np.asarray(x) + kappa0 * mu0) / (1 + kappa0)",
            "1 / np.sqrt((1 + kappa0) * tau)",
        ),
    },
    "03.3": {
        "n halves": ("a0 + len(x) / 2", RATE),
        "no half in the rate": (SHAPE, "b0 + np.sum((x - mu) ** 2) + kappa0 * (mu - mu0) ** 2"),
        "the scale": (SHAPE, "1 / (b0 + (np.sum((x - mu) ** 2) + kappa0 * (mu - mu0) ** 2) / 2)"),
        "no half in the shape": ("a0 + len(x) + 1", RATE),
        "no prior of mu in the rate": (SHAPE, "b0 + np.sum((x - mu) ** 2) / 2"),
        "no prior of mu at all": ("a0 + len(x) / 2", "b0 + np.sum((x - mu) ** 2) / 2"),
        "kappa0 forgotten": (SHAPE, "b0 + (np.sum((x - mu) ** 2) + (mu - mu0) ** 2) / 2"),
        "sum before square": (SHAPE, "b0 + (np.sum(x - mu) ** 2 + kappa0 * (mu - mu0) ** 2) / 2"),
        "mean of squares": (SHAPE, "b0 + (np.mean((x - mu) ** 2) + kappa0 * (mu - mu0) ** 2) / 2"),
        "around the mean of x": (
            SHAPE,
            "b0 + (np.sum((x - np.mean(x)) ** 2) + kappa0 * (mu - mu0) ** 2) / 2",
        ),
        "a0 - 1 counted": ("a0 - 1 + (len(x) + 1) / 2", RATE),
        "half of the data only": (
            SHAPE,
            "b0 + np.sum((x - mu) ** 2) / 2 + kappa0 * (mu - mu0) ** 2",
        ),
        "b0 as a scale": (SHAPE, "1 / b0 + (np.sum((x - mu) ** 2) + kappa0 * (mu - mu0) ** 2) / 2"),
        "rate first": (
            "b0 + (np.sum((x - mu) ** 2) + kappa0 * (mu - mu0) ** 2) / 2",
            "a0 + (len(x) + 1) / 2",
        ),
        "half of b0 too": (SHAPE, "(b0 + np.sum((x - mu) ** 2) + kappa0 * (mu - mu0) ** 2) / 2"),
        "prior square for each datum": (
            SHAPE,
            "b0 + np.sum((x - mu) ** 2 + kappa0 * (mu - mu0) ** 2) / 2",
        ),
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
        "one entry too many": n_entries,
        "one year early": one_year_early,
        "a year in both": one_year_in_both,
        "a year in none": one_year_in_none,
        "log probabilities": "special.log_softmax(log_p_s(y, rate1, rate2))",
        "not normalised": "np.exp(log_p_s(y, rate1, rate2))",
        "divided by the largest": (
            "np.exp(log_p_s(y, rate1, rate2) - log_p_s(y, rate1, rate2).max())"
        ),
        "rates exchanged": "special.softmax(log_p_s(y, rate2, rate1))",
        "without exp(-rate)": no_exp_of_the_rates,
        "rates added": rates_added,
        "rates once": rates_not_counted,
        "first years only": ("special.softmax(np.cumsum(stats.poisson.logpmf(y, rate1))[:-1])"),
        "logs normalised": "log_p_s(y, rate1, rate2) / log_p_s(y, rate1, rate2).sum()",
        "backwards": "special.softmax(log_p_s(y, rate1, rate2))[::-1]",
        "cumulative": "np.cumsum(special.softmax(log_p_s(y, rate1, rate2)))",
        "minus the logs": "special.softmax(-log_p_s(y, rate1, rate2))",
        "the year itself": "1 + np.argmax(log_p_s(y, rate1, rate2))",
    },
    "03.5": {
        "both from the old": both_from_the_old,
        "in place": in_place,
        "second first": second_first,
        "the same noise": the_same_noise,
        "noise exchanged": noise_exchanged,
        "the variance": the_variance,
        "own old value": own_old_value,
        "only the first": ("np.array([rho * z[1] + np.sqrt(1 - rho**2) * eps[0], z[1]])"),
        "noise of sd one": noise_of_sd_one,
        "sqrt(1 - rho)": sd_of_one_minus_rho,
        "second given its own old value": second_given_itself,
        "a step added": a_step_added,
        "swapped": swapped_result,
    },
    "03.6": {
        "rho": "rho",
        "rho^4": "rho**4",
        "|rho|": "abs(rho)",
        "one minus": "1 - rho**2",
        "sd": "np.sqrt(1 - rho**2)",
        "minus": "-(rho**2)",
        "worth": "(1 - rho**2) / (1 + rho**2)",
        "twice": "2 * rho",
        "sign kept": "rho * abs(rho)",
        "rho^3": "rho**3",
        "zero": "0.0",
        "root": "np.sqrt(abs(rho))",
    },
    "03.7": {
        "over the points": ("special.softmax(np.log(weights) + log_parts(x, means, sd), axis=0)"),
        "not normalised": ("weights * stats.norm.pdf(np.asarray(x)[:, None], means, sd)"),
        "hard": hard,
        "logs": logs,
        "weights forgotten": "special.softmax(log_parts(x, means, sd), axis=1)",
        "sd not squared": (
            "special.softmax(np.log(weights) - 0.5 * (np.asarray(x)[:, None] - means) ** 2 / sd, "
            "axis=1)"
        ),
        "no half": "special.softmax(np.log(weights) + 2 * log_parts(x, means, sd), axis=1)",
        "sd forgotten": "special.softmax(np.log(weights) + log_parts(x, means, 1.0), axis=1)",
        "plus sign": "special.softmax(np.log(weights) - log_parts(x, means, sd), axis=1)",
        "transposed": "special.softmax(np.log(weights) + log_parts(x, means, sd), axis=1).T",
        "weights not logged": "special.softmax(weights + log_parts(x, means, sd), axis=1)",
        "weights once more after": (
            "special.softmax(2 * np.log(weights) + log_parts(x, means, sd), axis=1)"
        ),
        "weights over sd": (
            "special.softmax(np.log(weights) - 0.5 * ((np.asarray(x)[:, None] - means) "
            "* sd) ** 2, axis=1)"
        ),
        "normalised by everything": "special.softmax(np.log(weights) + log_parts(x, means, sd))",
        "weights after the softmax": (
            "np.asarray(weights) * special.softmax(log_parts(x, means, sd), axis=1)"
        ),
        "distance not squared": (
            "special.softmax(np.log(weights) - 0.5 * abs(np.asarray(x)[:, None] - means) / sd, "
            "axis=1)"
        ),
        "joint in logs": "np.log(weights) + stats.norm.logpdf(np.asarray(x)[:, None], means, sd)",
    },
}

# A second round: slips that lie farther off, two of them at once among them.
FAR = {
    "03.1": [
        ("rho * z_other", "np.sqrt(1 - rho**2) / 2"),
        ("rho * z_other", "(1 - rho) ** 2"),
        ("rho * z_other", "np.sqrt(abs(rho))"),
        ("rho * z_other", "rho * np.sqrt(1 - rho**2)"),
        ("(1 - rho**2) * z_other", "rho"),
        ("0.0 * z_other", "np.sqrt(1 - rho**2)"),
        ("rho * z_other", "1 - np.sqrt(rho**2)"),
        ("rho * z_other / (1 - rho**2)", "np.sqrt(1 - rho**2)"),
        ("rho * z_other", "np.sqrt(1 - 2 * rho)"),
    ],
    "03.2": [
        (
            "(x.sum() + kappa0 * mu0) / (len(x) + kappa0)",
            "1 / (np.sqrt(len(x) + kappa0) * np.sqrt(1 / tau))",
        ),
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
        ("a0 * (len(x) + 1) / 2", "b0 + 0.5 * (((x - mu) ** 2).sum() + kappa0 * (mu - mu0) ** 2)"),
        (SHAPE, "b0 * 0.5 * (((x - mu) ** 2).sum() + kappa0 * (mu - mu0) ** 2)"),
        (SHAPE, "b0 + 0.5 * (((x - mu) ** 2).sum() + (mu - mu0) ** 2 / kappa0)"),
        (SHAPE, "b0 + 0.5 * (((x - mu0) ** 2).sum() + kappa0 * (mu - mu0) ** 2)"),
        (SHAPE, "0.5 * (((x - mu) ** 2).sum() + kappa0 * (mu - mu0) ** 2)"),
        (
            "a0 + (len(x) + 1) / 2 - 1",
            "b0 + 0.5 * (((x - mu) ** 2).sum() + kappa0 * (mu - mu0) ** 2)",
        ),
        (SHAPE, "b0 + 0.5 * (np.var(x) + kappa0 * (mu - mu0) ** 2)"),
        (SHAPE, "b0 + 0.5 * ((x - mu) ** 2 + kappa0 * (mu - mu0) ** 2)"),
        ("(a0 + len(x) + 1) / 2", "b0 + 0.5 * (((x - mu) ** 2).sum() + kappa0 * (mu - mu0) ** 2)"),
        ("b0 + (len(x) + 1) / 2", "a0 + 0.5 * (((x - mu) ** 2).sum() + kappa0 * (mu - mu0) ** 2)"),
        (SHAPE, "b0 + 0.5 * np.sqrt(((x - mu) ** 2).sum() + kappa0 * (mu - mu0) ** 2)"),
    ],
    "03.4": [
        (
            "special.softmax([stats.poisson.logpmf(y[:s].sum(), rate1 * s) "
            "+ stats.poisson.logpmf(y[s:].sum(), rate2 * (len(y) - s)) for s in range(1, "
            "len(y))])"
        ),
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
            "special.softmax([stats.poisson.logpmf(y[:s], rate1).sum() "
            "+ stats.poisson.logpmf(y[s:], rate2).sum() for s in range(0, len(y) + 1)])"
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
        (
            "np.array([rho * (z[1] + np.sqrt(1 - rho**2) * eps[0]), rho * (rho * (z[1] "
            "+ np.sqrt(1 - rho**2) * eps[0]) + np.sqrt(1 - rho**2) * eps[1])])"
        ),
        "np.linalg.cholesky([[1, rho], [rho, 1]]) @ eps",
        "rho * z + np.sqrt(1 - rho**2) * eps",
        (
            "(lambda f: np.array([f, rho * f + np.sqrt(1 - f**2) * eps[1]]))(rho * z[1] "
            "+ np.sqrt(1 - rho**2) * eps[0])"
        ),
        "(lambda f: np.array([f, rho * f + eps[1]]))(rho * z[1] + np.sqrt(1 - rho**2) * eps[0])",
        "rho * z[1] + np.sqrt(1 - rho**2) * eps[0]",
    ],
    "03.6": [
        "rho**2 / (1 - rho**2)",
        "1 - abs(rho)",
        "np.log(rho**2)",
        "rho**2 / 2",
        "(1 + rho**2) / (1 - rho**2)",
        "rho**2 * (1 - rho**2)",
        "1 / rho**2",
        "2 * rho**2",
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
        (
            "(lambda p: p / p.sum(1, keepdims=True))(weights * stats.norm.pdf(x[:, None], means, "
            "np.sqrt(sd)))"
        ),
        "(lambda p: p / p.mean(1, keepdims=True))(weights * stats.norm.pdf(x[:, None], means, sd))",
        "(lambda p: p / p.sum(1, keepdims=True))(weights * stats.norm.cdf(x[:, None], means, sd))",
        "(weights * stats.norm.pdf(x[:, None], means, sd)).sum(1)",
        "(weights * stats.norm.pdf(x[:, None], means, sd)).argmax(1)",
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
