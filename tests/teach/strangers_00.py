"""What readers of lesson 00 answered who had not seen the answers: wrong answers and right ones.

Each is written from the learner's notebook alone; the key says what went through the reader's head.
"""

import math
from functools import reduce

import numpy as np
from scipy import special, stats
from scipy.special import betaln, comb, gammaln


def log_before_the_sum(a):
    m = np.max(a)
    return m + np.log(np.exp(a - m)).sum()


def smallest_taken_out(a):
    m = np.min(a)
    return m + np.log(np.sum(np.exp(a - m)))


def exp_of_the_largest_added(a):
    m = np.max(a)
    return np.log(np.exp(m) + np.sum(np.exp(a - m)))


def mean_inside(a):
    m = np.max(a)
    return m + np.log(np.mean(np.exp(a - m)))


def largest_is_forgotten_in_the_exponent(a):
    m = np.max(a)
    return m + np.log(np.sum(np.exp(a)))


def halves(a):
    a = list(a)
    if len(a) == 1:
        return a[0]
    return np.logaddexp(halves(a[: len(a) // 2]), halves(a[len(a) // 2 :]))


def lse(a):
    m = np.max(a)
    return m + np.log(np.sum(np.exp(a - m)))


def step(grid):
    return grid[1] - grid[0]


def cells_in_a_loop(log_joint, grid):
    m, total = max(log_joint), 0.0
    for value in log_joint:
        total += math.exp(value - m)
    return [m + math.log(total * (grid[-1] - grid[0]) / (len(grid) - 1))][0]


def one_toss_after_another(h, t, a, b):
    for _ in range(h):
        a = a + 1
    for _ in range(t):
        b = b + 1
    return [a, b]


def foretold_one_by_one(h, t, a, b):
    total = 0.0
    for i in range(h):
        total += math.log((a + i) / (a + b + i))
    for j in range(t):
        total += math.log((b + j) / (a + b + h + j))
    return total


def datum_by_datum(x, mu, tau, mu0, kappa0, a0, b0):
    def log_normal(value, mean, precision):
        return 0.5 * math.log(precision / math.tau) - precision * (value - mean) ** 2 / 2

    total = a0 * math.log(b0) - math.lgamma(a0) + (a0 - 1) * math.log(tau) - b0 * tau
    total += log_normal(mu, mu0, kappa0 * tau)
    for value in x:
        total += log_normal(float(value), mu, tau)
    return np.array([total])[0]


def newcomb(**swap):
    """The log joint with one of its pieces replaced."""
    pieces = {
        "likelihood": lambda x, mu, tau: stats.norm.logpdf(x, mu, tau**-0.5).sum(),
        "mean": lambda mu, tau, mu0, k: stats.norm.logpdf(mu, mu0, 1 / np.sqrt(k * tau)),
        "precision": lambda tau, a0, b0: stats.gamma.logpdf(tau, a0, scale=1 / b0),
    } | swap

    def log_joint(x, mu, tau, mu0, kappa0, a0, b0):
        total = pieces["likelihood"](x, mu, tau) + pieces["mean"](mu, tau, mu0, kappa0)
        return total + pieces["precision"](tau, a0, b0)

    return log_joint


WRONG = {
    "00.1": {
        "the prior without its constant": (
            "(a - 1 + h) * np.log(theta) + (b - 1 + t) * np.log(1 - theta)"
        ),
        "a + h, not a + h - 1": (
            "(a + h) * np.log(theta) + (b + t) * np.log(1 - theta) - betaln(a, b)"
        ),
        "orders counted": "stats.beta.logpdf(theta, a, b) + stats.binom.logpmf(h, h + t, theta)",
        "log1p(theta) for the tails": (
            "(a - 1 + h) * np.log(theta) + (b - 1 + t) * np.log1p(theta) - betaln(a, b)"
        ),
        "the likelihood without log": (
            "stats.beta.logpdf(theta, a, b) + theta**h * (1 - theta) ** t"
        ),
        "heads and tails exchanged": (
            "(a - 1 + t) * np.log(theta) + (b - 1 + h) * np.log(1 - theta) - betaln(a, b)"
        ),
        "the joint, no log": "stats.beta.pdf(theta, a, b) * theta**h * (1 - theta) ** t",
        "the posterior, normalised": "stats.beta.logpdf(theta, a + h, b + t)",
        "the constant added": (
            "(a - 1 + h) * np.log(theta) + (b - 1 + t) * np.log(1 - theta) + betaln(a, b)"
        ),
    },
    "00.2": {
        "as it stands": "np.log(np.exp(a).sum())",
        "not added back": "np.log(np.exp(a - np.max(a)).sum())",
        "log before the sum": log_before_the_sum,
        "the smallest taken out": smallest_taken_out,
        "exp of the largest inside": exp_of_the_largest_added,
        "mean inside": mean_inside,
        "the largest left in the exponent": largest_is_forgotten_in_the_exponent,
        "only the largest": np.max,
        "one number for each entry": "np.max(a) + np.log(np.exp(a - np.max(a)))",
        "the largest subtracted again": "lse(a) - 2 * np.max(a)",
        "softmax": "special.softmax(a)",
    },
    "00.3": {
        "no step": "lse(log_joint)",
        "divided by the step": "lse(log_joint) - np.log(step(grid))",
        "the step, not its log": "lse(log_joint) + step(grid)",
        "an average over the points": "lse(log_joint) - np.log(len(grid))",
        "no shift": "np.log(np.exp(log_joint).sum() * step(grid))",
        "logs integrated": "np.trapezoid(log_joint, grid)",
        "n cells in n - 1 gaps": "lse(log_joint) + np.log((grid[-1] - grid[0]) / len(grid))",
        "no log in the end": "np.exp(lse(log_joint)) * step(grid)",
        "the step times the log": "step(grid) * lse(log_joint)",
        "the whole width": "lse(log_joint) + np.log(grid[-1] - grid[0])",
    },
    "00.4": {
        "heads to b": ("a + t", "b + h"),
        "exponents": ("a + h - 1", "b + t - 1"),
        "heads and all tosses": ("a + h", "a + b + h + t"),
        "its mean": "(a + h) / (a + b + h + t)",
        "the prior forgotten": ("h + 1", "t + 1"),
        "times": ("a * h", "b * t"),
        "all tosses to b": ("a + h", "b + h + t"),
        "counts alone": ("h", "t"),
        "returned the wrong way round": ("b + t", "a + h"),
    },
    "00.5": {
        "the prior's constant forgotten": "betaln(a + h, b + t)",
        "constant added": "betaln(a + h, b + t) + betaln(a, b)",
        "counts without the prior": "betaln(h + 1, t + 1) - betaln(a, b)",
        "orders counted": "betaln(a + h, b + t) - betaln(a, b) + np.log(comb(h + t, h))",
        "prior over posterior": "betaln(a, b) - betaln(a + h, b + t)",
        "no log": "special.beta(a + h, b + t) / special.beta(a, b)",
        "heads and tails exchanged": "betaln(a + t, b + h) - betaln(a, b)",
        "exponents put into B": "betaln(a + h - 1, b + t - 1) - betaln(a, b)",
        "a ratio of logs": "betaln(a + h, b + t) / betaln(a, b)",
        "the denominator of B forgotten": (
            "gammaln(a + h) + gammaln(b + t) - gammaln(a) - gammaln(b)"
        ),
        "B of a sum with the wrong sign": (
            "gammaln(a + h) + gammaln(b + t) + gammaln(a + b + h + t) - betaln(a, b)"
        ),
        "at the prior's mean": "h * np.log(a / (a + b)) + t * np.log(b / (a + b))",
    },
    "00.8": {
        "sd 1/tau": newcomb(likelihood=lambda x, mu, tau: stats.norm.logpdf(x, mu, 1 / tau).sum()),
        "tau as the variance": newcomb(
            likelihood=lambda x, mu, tau: stats.norm.logpdf(x, mu, np.sqrt(tau)).sum()
        ),
        "no sum over x": newcomb(likelihood=lambda x, mu, tau: stats.norm.logpdf(x, mu, tau**-0.5)),
        "mean over x": newcomb(
            likelihood=lambda x, mu, tau: stats.norm.logpdf(x, mu, tau**-0.5).mean()
        ),
        "b0 as a scale": newcomb(
            precision=lambda tau, a0, b0: stats.gamma.logpdf(tau, a0, scale=b0)
        ),
        "Gamma without Gamma(a0)": newcomb(
            precision=lambda tau, a0, b0: a0 * np.log(b0) + (a0 - 1) * np.log(tau) - b0 * tau
        ),
        "Gamma without b0^a0": newcomb(
            precision=lambda tau, a0, b0: (a0 - 1) * np.log(tau) - b0 * tau - gammaln(a0)
        ),
        "tau^a0": newcomb(
            precision=lambda tau, a0, b0: (
                a0 * np.log(b0) + a0 * np.log(tau) - b0 * tau - gammaln(a0)
            )
        ),
        "prior precision kappa0": newcomb(
            mean=lambda mu, tau, mu0, k: stats.norm.logpdf(mu, mu0, k**-0.5)
        ),
        "prior sd 1/(kappa0 tau)": newcomb(
            mean=lambda mu, tau, mu0, k: stats.norm.logpdf(mu, mu0, 1 / (k * tau))
        ),
        "prior variance kappa0/tau": newcomb(
            mean=lambda mu, tau, mu0, k: stats.norm.logpdf(mu, mu0, np.sqrt(k / tau))
        ),
        "no prior of mu": newcomb(mean=lambda mu, tau, mu0, k: 0.0),
        "no prior of tau": newcomb(precision=lambda tau, a0, b0: 0.0),
        "no half in the square": newcomb(
            likelihood=lambda x, mu, tau: (
                len(x) / 2 * np.log(tau / (2 * np.pi)) - tau * ((x - mu) ** 2).sum()
            )
        ),
        "sum squared": newcomb(
            likelihood=lambda x, mu, tau: (
                len(x) / 2 * np.log(tau / (2 * np.pi)) - tau / 2 * (x - mu).sum() ** 2
            )
        ),
        "2 pi forgotten in the data": newcomb(
            likelihood=lambda x, mu, tau: len(x) / 2 * np.log(tau) - tau / 2 * ((x - mu) ** 2).sum()
        ),
        "constant of one datum": newcomb(
            likelihood=lambda x, mu, tau: (
                0.5 * np.log(tau / (2 * np.pi)) - tau / 2 * ((x - mu) ** 2).sum()
            )
        ),
        "log kappa0 forgotten": newcomb(
            mean=lambda mu, tau, mu0, k: (
                0.5 * np.log(tau / (2 * np.pi)) - k * tau / 2 * (mu - mu0) ** 2
            )
        ),
    },
}

# A second round: slips that lie farther off, two of them at once among them.
FAR = {
    "00.1": [
        (
            "(a - 1 + h) * np.log(theta) + (b - 1 + t) * np.log(1 - theta) "
            "- np.log(special.beta(a, b)) * 2"
        ),
        "stats.beta.logpdf(theta, a, b) + h * np.log(theta) - t * np.log(1 - theta)",
        "stats.beta.logpdf(theta, a, b) + h * theta + t * (1 - theta)",
        "(h + t) * (stats.beta.logpdf(theta, a, b)) + h * np.log(theta) + t * np.log(1 - theta)",
        "stats.beta.logpdf(theta, a, b) + (h * np.log(theta) + t * np.log(1 - theta)) / (h + t)",
        "stats.beta.logpdf(theta, a, b) + np.log(h * theta + t * (1 - theta))",
        "stats.beta.logpdf(theta, a, b) * (h * np.log(theta) + t * np.log(1 - theta))",
        (
            "(a - 1) * np.log(theta) + (b - 1) * np.log(1 - theta) - special.beta(a, b) + h "
            "* np.log(theta) + t * np.log(1 - theta)"
        ),
    ],
    "00.2": [
        "np.log(np.exp(a - np.max(a))).sum()",
        "np.max(a) * np.log(np.sum(np.exp(a)))",
        "np.max(a) - np.log(np.sum(np.exp(a - np.max(a))))",
        "np.max(a) + np.log(np.sum(np.exp(np.max(a) - a)))",
        "np.max(a) + np.log1p(np.sum(np.exp(a - np.max(a))))",
        "np.log(np.max(a) + np.sum(np.exp(a - np.max(a))))",
        "np.abs(a).max() + np.log(np.sum(np.exp(a - np.abs(a).max())))",
        "a[0] + np.log(np.sum(np.exp(a - a[0])))",
    ],
    "00.3": [
        "np.log(np.sum(np.exp(log_joint - np.max(log_joint))) * (grid[1] - grid[0]))",
        (
            "np.max(log_joint) + np.log(np.mean(np.exp(log_joint - np.max(log_joint))) "
            "* (grid[1] - grid[0]))"
        ),
        "np.max(log_joint) + np.log(np.sum(np.exp(log_joint - np.max(log_joint))) * grid[0])",
        "special.logsumexp(log_joint + grid)",
        "special.logsumexp(log_joint) + len(grid) * np.log(grid[1] - grid[0])",
        "special.logsumexp(log_joint * (grid[1] - grid[0]))",
        "np.max(log_joint) + np.sum(np.exp(log_joint - np.max(log_joint))) * (grid[1] - grid[0])",
        "np.max(log_joint) * (grid[1] - grid[0])",
    ],
    "00.4": [
        ("a + h + t", "b + h + t"),
        ("a + h - 1", "b + t"),
        ("a + h / (h + t)", "b + t / (h + t)"),
        ("a + b + h", "a + b + t"),
        ("a - h", "b - t"),
        ("h + t", "a + b"),
    ],
    "00.5": [
        "betaln(a + h, b + t) - betaln(h + 1, t + 1)",
        "betaln(a, b) + h * np.log(a / (a + b))",
        "betaln(h, t) - betaln(a, b)",
        "betaln(a + h, b + t) - 2 * betaln(a, b)",
        "betaln(a + t, b + h)",
        "betaln(a + h, b + t) / 2 - betaln(a, b)",
        "betaln(a + h, a + b + h + t) - betaln(a, a + b)",
        "special.beta(a + h, b + t) - special.beta(a, b)",
        "(h + t) * np.log(0.5)",
        "np.log(betaln(a + h, b + t) / betaln(a, b))",
    ],
    "00.8": [
        (
            "stats.norm.logpdf(x, mu, tau**-0.5).sum() + stats.norm.logpdf(mu, mu0, (kappa0 "
            "* tau) ** -0.5) + stats.gamma.logpdf(tau, a0, b0)"
        ),
        (
            "stats.norm.logpdf(x, mu, tau**-0.5).sum() * stats.norm.logpdf(mu, mu0, (kappa0 "
            "* tau) ** -0.5) * stats.gamma.logpdf(tau, a0, scale=1 / b0)"
        ),
        (
            "stats.norm.logpdf(x, mu0, tau**-0.5).sum() + stats.norm.logpdf(mu, mu0, (kappa0 "
            "* tau) ** -0.5) + stats.gamma.logpdf(tau, a0, scale=1 / b0)"
        ),
        (
            "stats.norm.logpdf(x, mu, tau**-0.5).sum() + stats.norm.logpdf(mu, mu0, "
            "(tau) ** -0.5) + stats.gamma.logpdf(tau, a0, scale=1 / b0)"
        ),
        (
            "stats.norm.logpdf(x, mu, tau**-0.5).sum() + len(x) * stats.norm.logpdf(mu, mu0, "
            "(kappa0 * tau) ** -0.5) + stats.gamma.logpdf(tau, a0, scale=1 / b0)"
        ),
        (
            "stats.norm.logpdf(x, mu, tau**-0.5).sum() + stats.norm.logpdf(mu, mu0, (kappa0 "
            "* tau) ** -0.5) - stats.gamma.logpdf(tau, a0, scale=1 / b0)"
        ),
        (
            "stats.norm.logpdf(x, mu, tau**-0.5).sum() + stats.norm.logpdf(mu, mu0, (kappa0 "
            "* tau) ** -0.5) + stats.gamma.pdf(tau, a0, scale=1 / b0)"
        ),
        (
            "-0.5 * tau * ((x - mu) ** 2).sum() - 0.5 * kappa0 * tau * (mu - mu0) ** 2 + (a0 "
            "- 1) * np.log(tau) - b0 * tau"
        ),
        (
            "(len(x) + 1) / 2 * np.log(tau) - 0.5 * tau * ((x - mu) ** 2).sum() - 0.5 * kappa0 "
            "* tau * (mu - mu0) ** 2 + (a0 - 1) * np.log(tau) - b0 * tau"
        ),
        (
            "np.exp(stats.norm.logpdf(x, mu, tau**-0.5).sum() + stats.norm.logpdf(mu, mu0, "
            "(kappa0 * tau) ** -0.5) + stats.gamma.logpdf(tau, a0, scale=1 / b0))"
        ),
        (
            "np.log(stats.norm.pdf(x, mu, tau**-0.5).sum()) + stats.norm.logpdf(mu, mu0, "
            "(kappa0 * tau) ** -0.5) + stats.gamma.logpdf(tau, a0, scale=1 / b0)"
        ),
    ],
}

RIGHT = {
    "00.1": {
        "scipy": (
            "stats.beta.logpdf(theta, a, b) + stats.bernoulli.logpmf([1] * h + [0] * t, "
            "theta).sum()"
        ),
    },
    "00.2": {
        "two by two": (
            "reduce(lambda s, v: max(s, v) + math.log1p(math.exp(-abs(s - v))), list(a))"
        ),
        "halves": halves,
        "scipy": special.logsumexp,
    },
    "00.3": {
        "a loop": cells_in_a_loop,
    },
    "00.4": {
        "one toss after another": one_toss_after_another,
        "an array": "np.add([h, t], [a, b]).astype(np.float32)",
    },
    "00.5": {
        "foretold one by one": foretold_one_by_one,
        "prior times likelihood over posterior": (
            "stats.beta.logpdf(0.3, a, b) + h * np.log(0.3) + t * np.log(0.7) "
            "- stats.beta.logpdf(0.3, a + h, b + t)"
        ),
    },
    "00.8": {
        "datum by datum": datum_by_datum,
    },
}
