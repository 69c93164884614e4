"""What a third round of readers answered: one slip each, and right answers in forms of their own.

Each is the text of an expression in the arguments that the exercise names; the key says what went
through the reader's head.
"""

import decimal
import fractions
import math
import statistics

import numpy as np
from scipy import integrate, linalg, special, stats

LOG_2PI = np.log(2 * np.pi)
betaln, digamma, gammaln, lse = special.betaln, special.digamma, special.gammaln, special.logsumexp


def log_p(z):
    return -(z**2) / 2 - z**4 / 10 + 0.7 * z


def normal(x, mean, sd):
    return stats.norm.logpdf(x, mean, sd)


def gamma(x, shape, rate):
    return stats.gamma.logpdf(x, shape, scale=1 / rate)


def softmax(logs, axis=None):
    return np.exp(logs - lse(logs, axis=axis, keepdims=axis is not None))


def changed(text, **edits):
    """The text once for each edit (old, new)."""
    found = {}
    for thought, (old, new) in edits.items():
        assert old in text, (thought, old)
        found[thought.replace("_", " ")] = text.replace(old, new, 1)
    return found


NEWCOMB = (
    "normal(x, mu, tau**-0.5).sum() + normal(mu, mu0, (kappa0 * tau) ** -0.5) + gamma(tau, a0, b0)"
)
CHANGE = (
    "softmax(np.array([np.sum(y[:s]) * np.log(rate1) - s * rate1 + np.sum(y[s:]) * np.log(rate2)"
    " - (len(y) - s) * rate2 for s in range(1, len(y))]))"
)
MIXTURE = "softmax(np.log(weights) - 0.5 * ((x[:, None] - means) / sd) ** 2, 1)"
UPDATE_Z = "softmax(digamma(alpha) - digamma(alpha.sum()) - ((x[:, None] - m) ** 2 + v) / 2, 1)"
PPCA = (
    "(lambda L: (np.linalg.inv(L) @ W.T @ x / s2, 1 / np.diag(L)))"
    "(np.eye(W.shape[1]) + W.T @ W / s2)"
)
MARGINAL = (
    "(lambda C: -0.5 * (len(x) * LOG_2PI + np.log(np.linalg.det(C)) + x @ np.linalg.inv(C) @ x))"
    "(W @ W.T + s2 * np.eye(len(x)))"
)
GAP = "0.5 * np.log(np.prod(np.diag(L)) / np.linalg.det(L))"
KL = "0.5 * np.sum(np.square(m) + np.exp(logvar) - logvar - 1, axis=1)"
SCORE = "((f * eps).mean() / np.exp(logvar / 2), (f * (eps * eps - 1)).mean() / 2)"
ADAM = (
    "p + 0.01 * (0.9 * m + 0.1 * g) / (1 - 0.9**t)"
    " / (np.sqrt((0.999 * s + 0.001 * g * g) / (1 - 0.999**t)) + 1e-8)"
)
GROUPS = (
    "gamma(rate1, a, b) + gamma(rate2, a, b) + stats.poisson.logpmf(y1, rate1).sum()"
    " + stats.poisson.logpmf(y2, rate2).sum()"
)
COUNTS = (
    "a * np.log(b) - gammaln(a) + gammaln(a + y.sum()) - (a + y.sum()) * np.log(b + len(y))"
    " - gammaln(y + 1).sum()"
)
TWO_WAYS = (
    "(-len(x) / 2 * np.log(2 * np.pi * s2) - (((x - m) ** 2).sum() + len(x) * v) / (2 * s2)"
    " - 0.5 * (m**2 + v - np.log(v) - 1),"
    " -len(x) / 2 * np.log(2 * np.pi * s2) - (((x - m) ** 2).sum() + len(x) * v) / 2 / s2"
    " - 0.5 * LOG_2PI - (m**2 + v) / 2 + (1 + np.log(2 * np.pi * v)) / 2)"
)
ELBO = (
    "(lambda T, E: len(x) / 2 * (E - LOG_2PI) - T / 2 * (((x - m) ** 2).sum() + len(x) * v)"
    " + (E + np.log(kappa0) - LOG_2PI) / 2 - T * kappa0 / 2 * ((m - mu0) ** 2 + v)"
    " + a0 * np.log(b0) - gammaln(a0) + (a0 - 1) * E - b0 * T + (1 + np.log(2 * np.pi * v)) / 2"
    " + stats.gamma.entropy(shape, scale=1 / rate))(shape / rate, digamma(shape) - np.log(rate))"
)
TAU = "(a0 + (len(x) + 1) / 2, b0 + 0.5 * (((x - mu) ** 2).sum() + kappa0 * (mu - mu0) ** 2))"
Q_TAU = (
    "(a0 + (len(x) + 1) / 2,"
    " b0 + 0.5 * (((x - m) ** 2).sum() + len(x) * v + kappa0 * ((m - mu0) ** 2 + v)))"
)
RHAT = (
    "(lambda W, B, n: np.sqrt(((n - 1) / n * W + B / n) / W))"
    "(x.var(axis=1, ddof=1).mean(), x.shape[1] * x.mean(axis=1).var(ddof=1), x.shape[1])"
)

WRONG = {
    "00.1": changed(
        "(h + a - 1) * np.log(theta) + (t + b - 1) * np.log(1 - theta) - betaln(a, b)",
        one_minus_forgotten=("np.log(1 - theta)", "np.log(theta)"),
        minus_one_of_b_forgotten=("(t + b - 1)", "(t + b)"),
        plus_instead_of_minus=("(h + a - 1)", "(h - a - 1)"),
        beta_swapped_with_data=("betaln(a, b)", "betaln(h + 1, t + 1)"),
        tails_twice=("(t + b - 1)", "(2 * t + b - 1)"),
    ),
    "00.2": {
        "the peak of the absolute values": "np.max(a) + np.log(np.sum(np.exp(np.abs(a) * -1)))",
        "the peak added inside": "np.log(np.sum(np.exp(a - a.max())) + a.max())",
        "no logarithm": "a.max() + np.sum(np.exp(a - a.max()))",
        "base two": "a.max() + np.log2(np.sum(np.exp(a - a.max())))",
        "log1p": "a.max() + np.log1p(np.sum(np.exp(a - a.max())))",
    },
    "00.3": changed(
        "lse(log_joint) + np.log(grid[1] - grid[0])",
        subtracts_the_width=("+ np.log", "- np.log"),
        half_a_cell=("grid[1] - grid[0]", "(grid[1] - grid[0]) / 2"),
        two_cells=("grid[1]", "grid[2]"),
        the_last_point=("grid[1] - grid[0]", "grid[-1]"),
        the_mean=("lse(log_joint)", "np.mean(log_joint)"),
    ),
    "00.4": {
        "tosses for tails": "(a + h, b + h + t)",
        "minus one twice": "(a + h - 1, b + t - 1)",
        "prior once": "(a + h, t)",
        "crossed": "(b + h, a + t)",
        "mean of the posterior": "(a + h) / (a + b + h + t)",
    },
    "00.5": changed(
        "betaln(a + h, b + t) - betaln(a, b)",
        crossed=("betaln(a + h, b + t)", "betaln(a + t, b + h)"),
        h_alone=("b + t", "b"),
        ratio=(" - ", " / "),
        ones=("betaln(a, b)", "betaln(1, 1)"),
        exponential=("betaln(a + h", "special.beta(a + h"),
    ),
    "00.8": changed(
        NEWCOMB,
        variance_as_sd=("tau**-0.5", "tau**-1.0"),
        kappa_forgotten=("(kappa0 * tau)", "(tau)"),
        tau_forgotten=("(kappa0 * tau)", "(kappa0)"),
        scale=("gamma(tau, a0, b0)", "gamma(tau, a0, 1 / b0)"),
        mean_of_the_logs=(".sum()", ".mean()"),
        prior_about_zero=("mu, mu0", "mu, 0"),
        prior_of_tau_forgotten=(" + gamma(tau, a0, b0)", ""),
    ),
    "01.1": {
        "divided the other way": "np.sum(q * np.log(p / q))",
        "weights of p": "np.sum(p * np.log(q / p))",
        "a difference of probabilities": "np.sum(q * (np.log(q) - p))",
        "log base ten": "np.sum(q * np.log10(q / p))",
        "a mean": "np.mean(q * np.log(q / p))",
        "both weights": "np.sum(q * p * np.log(q / p))",
    },
    "01.3": {
        "the entropy twice": "np.sum(q * np.log(joint)) - 2 * np.sum(q * np.log(q))",
        "a product": "np.sum(q * np.log(joint)) * -np.sum(q * np.log(q))",
        "no logarithm of q": "np.sum(q * np.log(joint)) - np.sum(q * q)",
        "maximum": "np.max(np.log(joint / q))",
        "log of the sum": "np.log(np.sum(joint)) - np.sum(q * np.log(q))",
        "mean of the log ratio": "np.mean(np.log(joint / q))",
    },
    "01.4": changed(
        "0.5 * np.log(2 * np.pi * sd**2) + 0.5",
        variance_of_sd_forgotten=("sd**2", "sd"),
        cube=("sd**2", "sd**3"),
        minus=("+ 0.5", "- 0.5"),
        one=("+ 0.5", "+ 1"),
        log_two=("0.5 * np.log", "0.5 * np.log2"),
        half_forgotten=("0.5 * np", "np"),
    ),
    "01.5": changed(
        "np.log(np.sqrt(v2 / v1)) + (v1 + (m1 - m2) ** 2) / (2 * v2) - 0.5",
        root_forgotten=("np.sqrt(v2 / v1)", "v2 / v1"),
        upside_down=("v2 / v1", "v1 / v2"),
        two_forgotten=("(2 * v2)", "v2"),
        plus_a_half=("- 0.5", "+ 0.5"),
        sum_of_means=("m1 - m2", "m1 + m2"),
        other_variance=("(2 * v2)", "(2 * v1)"),
    ),
    "01.7": changed(
        "((w * m).sum(), np.sqrt((w * s**2).sum() + (w * (m - (w * m).sum()) ** 2).sum()))",
        no_root=("np.sqrt", ""),
        about_the_plain_mean=("(m - (w * m).sum())", "(m - m.mean())"),
        squares_forgotten=("s**2", "s"),
        minus=("+ (w", "- (w"),
        weights_forgotten=("(w * s**2)", "(s**2)"),
        plain_mean=("((w * m).sum(),", "(m.mean(),"),
    ),
    "02.1": changed(
        "min(0.0, new - old + q_back - q_forth)",
        maximum=("min", "max"),
        backwards=("new - old", "old - new"),
        both_added=("- q_forth", "+ q_forth"),
        one_for_nought=("0.0", "1.0"),
        old_forgotten=("- old ", ""),
        product=("q_back - q_forth", "q_back * q_forth"),
    ),
    "02.2": changed(
        "z + step * eps if u < np.exp(log_p(z + step * eps) - log_p(z)) else z",
        greater=("u <", "u >"),
        sum_of_logs=("- log_p(z)", "+ log_p(z)"),
        no_exponential=("np.exp", ""),
        half_a_step=("z + step * eps if", "z + step * eps / 2 if"),
        stays_at_zero=("else z", "else 0.0"),
        the_proposal_is_subtracted=("log_p(z + step", "log_p(z - step"),
        one_minus_u=("u <", "1 - u <"),
    ),
    "02.3": changed(
        "(lambda F: (lambda M: M + np.diag(1 - M.sum(1)))"
        "((1 - np.eye(len(pi))) * np.minimum(F, F.T) / pi[:, None]))(pi[:, None] * Q)",
        columns=("M.sum(1)", "M.sum(0)"),
        maximum=("np.minimum", "np.maximum"),
        no_rest=(" + np.diag(1 - M.sum(1))", ""),
        flows=(" / pi[:, None]))", "))"),
        averages=("M.sum(1)", "M.mean(1)"),
    ),
    "02.4": changed(
        "np.sum(1.5 * y - 1.7 * np.exp(y)) + y.sum()",
        subtracts=("+ y.sum()", "- y.sum()"),
        mean=("+ y.sum()", "+ y.mean()"),
        length=("+ y.sum()", "+ len(y)"),
        exponential_forgotten=("np.exp(y)", "y"),
        rate_one=("1.7 * ", ""),
        exponential_of_the_jacobian=("+ y.sum()", "+ np.exp(y).sum()"),
    ),
    "02.6": changed(
        RHAT,
        other_ddof=("axis=1, ddof=1", "axis=1, ddof=0"),
        b_not_divided=("B / n", "B"),
        n_over=("(n - 1) / n", "n / (n - 1)"),
        minus=("W + B / n", "W - B / n"),
        root_forgotten=("np.sqrt", ""),
        draws_are_chains=("x.shape[1] * ", "x.shape[0] * "),
    ),
    "02.7": changed(
        "n / (1 + 2 * rho.sum())",
        minus=("1 + 2", "1 - 2"),
        three=("2 * rho", "3 * rho"),
        mean=("rho.sum()", "rho.mean()"),
        squares=("rho.sum()", "(rho**2).sum()"),
        product=("n / ", "n * "),
        positive_part=("rho.sum()", "np.maximum(rho, 0).sum()"),
    ),
    "03.1": changed(
        "(rho * z_other, (1 - rho**2) ** 0.5)",
        sum=("1 - rho**2", "1 + rho**2"),
        power=("0.5", "2"),
        square_forgotten=("rho**2", "rho"),
        added=("rho * z", "rho + z"),
        minus=("rho * z", "-rho * z"),
        inverse=("0.5", "-0.5"),
    ),
    "03.2": changed(
        "((kappa0 * mu0 + x.sum()) / (kappa0 + len(x)), (tau * (kappa0 + len(x))) ** -0.5)",
        sd_upside_down=("-0.5", "0.5"),
        variance=("-0.5", "-1.0"),
        mean_for_sum=("x.sum()", "x.mean()"),
        times=("(kappa0 + len(x)),", "(kappa0 * len(x)),"),
        tau_alone_with_kappa=("(tau * (kappa0 + len(x)))", "(tau * kappa0 + len(x))"),
        divided_by_kappa=("kappa0 * mu0", "mu0 / kappa0"),
        minus=("+ x.sum()", "- x.sum()"),
    ),
    "03.3": changed(
        TAU,
        n_minus_one=("len(x) + 1", "len(x) - 1"),
        n=("(len(x) + 1) / 2", "len(x) / 2"),
        half_forgotten=("0.5 * ((", "(("),
        half_of_data_alone=("0.5 * (((x - mu) ** 2).sum()", "(0.5 * ((x - mu) ** 2).sum()"),
        square_of_the_sum=("((x - mu) ** 2).sum()", "(x - mu).sum() ** 2"),
        kappa_twice=("kappa0 *", "kappa0**2 *"),
        inverse_b=("b0 +", "1 / b0 +"),
    ),
    "03.4": changed(
        CHANGE,
        lengths_changed_places=("- s * rate1", "- (len(y) - s) * rate1"),
        first_rate_twice=("np.log(rate2)", "np.log(rate1)"),
        no_logarithm=("* np.log(rate2)", "* rate2"),
        plus=("- s * rate1", "+ s * rate1"),
        one_too_many=("np.sum(y[s:])", "np.sum(y[s - 1:])"),
        all_of_it=("np.sum(y[:s])", "np.sum(y)"),
    ),
    "03.5": {
        "the variance": "(lambda a: [a, rho * a + (1 - rho**2) * eps[1]])"
        "(rho * z[1] + (1 - rho**2) * eps[0])",
        "the same noise": "(lambda a: [a, rho * a + np.sqrt(1 - rho**2) * eps[0]])"
        "(rho * z[1] + np.sqrt(1 - rho**2) * eps[0])",
        "the old one": "rho * z[::-1] + np.sqrt(1 - rho**2) * eps",
        "no root of the second": "(lambda a: [a, rho * a + (1 - rho**2) * eps[1]])"
        "(rho * z[1] + np.sqrt(1 - rho**2) * eps[0])",
        "minus": "(lambda a: [a, rho * a - np.sqrt(1 - rho**2) * eps[1]])"
        "(rho * z[1] + np.sqrt(1 - rho**2) * eps[0])",
    },
    "03.6": {
        "one lag": "rho",
        "cubed": "rho**3",
        "minus": "-(rho**2)",
        "one minus": "1 - rho**2",
        "root": "abs(rho) ** 0.5",
    },
    "03.7": changed(
        MIXTURE,
        axis=(", 1)", ", 0)"),
        no_logarithm=("np.log(weights)", "weights"),
        minus=("np.log(weights) - ", "np.log(weights) + "),
        half=("0.5 * ", ""),
        square=("** 2", "** 1"),
        sd_multiplies=(" / sd", " * sd"),
        root_of_sd=(" / sd", " / np.sqrt(sd)"),
    ),
    "04.0": changed(
        "softmax(np.sum(log_joint_table * q_other, axis=1))",
        mean=("np.sum(", "np.mean("),
        added=("* q_other", "+ q_other"),
        not_weighted=(" * q_other", ""),
        logs=("softmax", ""),
        squares=("q_other,", "q_other**2,"),
        the_joint=("log_joint_table", "np.exp(log_joint_table)"),
    ),
    "04.1": changed(
        "digamma(shape) - np.log(rate)",
        plus=(" - ", " + "),
        exchanged=("digamma(shape) - np.log(rate)", "digamma(rate) - np.log(shape)"),
        logarithms=("digamma", "np.log"),
        one_less=("digamma(shape)", "digamma(shape - 1)"),
        no_logarithm=("np.log(rate)", "rate"),
        quotient=(" - ", " / "),
    ),
    "04.2": changed(
        "(x - m) ** 2 + v",
        minus=("+ v", "- v"),
        sum=("x - m", "x + m"),
        root=("+ v", "+ v**0.5"),
        square_forgotten=(" ** 2", ""),
        mean_of_all=("(x - m) ** 2", "np.mean((x - m) ** 2)"),
        product=("+ v", "* v"),
    ),
    "04.3": changed(
        "((kappa0 * mu0 + x.sum()) / (kappa0 + len(x)), 1 / (E_tau * (kappa0 + len(x))))",
        mean=("x.sum()", "x.mean()"),
        precision=("1 / (E_tau", "(E_tau"),
        kappa_alone=("E_tau * (kappa0 + len(x))", "E_tau * kappa0 + len(x)"),
        n_minus_one=("(kappa0 + len(x)),", "(kappa0 + len(x) - 1),"),
        divided=("E_tau * (", "1 / E_tau * ("),
        squared=("1 / (E_tau", "1 / (E_tau**2"),
        no_kappa=("kappa0 * mu0", "mu0"),
    ),
    "04.4": changed(
        Q_TAU,
        no_v=(" + len(x) * v", ""),
        v_once=("len(x) * v", "v"),
        n_alone=("(len(x) + 1) / 2", "len(x) / 2"),
        minus=("+ len(x) * v", "- len(x) * v"),
        kappa_alone=("kappa0 * ((m - mu0) ** 2 + v)", "kappa0 * (m - mu0) ** 2 + v"),
        half=("0.5 * (", "("),
        sd=("len(x) * v", "len(x) * np.sqrt(v)"),
    ),
    "04.5": changed(
        ELBO,
        no_v=(" + len(x) * v", ""),
        kappa_forgotten=(" + np.log(kappa0)", ""),
        gamma_forgotten=(" - gammaln(a0)", ""),
        a0=("(a0 - 1)", "a0"),
        scale=("b0 * T", "T / b0"),
        entropy=("(1 + np.log(2 * np.pi * v)) / 2", "np.log(2 * np.pi * v) / 2"),
        log_of_the_mean=("digamma(shape)", "np.log(shape)"),
        scale_of_q=("scale=1 / rate", "scale=rate"),
    ),
    "04.6": changed(
        "1 / np.diag(np.linalg.inv(cov))",
        precision=("1 / ", ""),
        root=("1 / np.diag(", "1 / np.sqrt(np.diag("),
        twice=("np.linalg.inv(cov)", "np.linalg.inv(np.linalg.inv(cov))"),
        half=("1 / ", "0.5 / "),
        squared=("np.diag(np.linalg.inv(cov))", "np.diag(np.linalg.inv(cov)) ** 2"),
    ) | {"root": "1 / np.sqrt(np.diag(np.linalg.inv(cov)))"},
    "04.7": changed(
        UPDATE_Z,
        axis=(", 1)", ", 0)"),
        no_v=(" + v", ""),
        sum=("digamma(alpha.sum())", "digamma(alpha).sum() * 0 + alpha"),
        half=(" / 2", ""),
        plus=(") - ((x", ") + ((x"),
        logs=("digamma(alpha) -", "np.log(alpha) -"),
        minus=(" + v", " - v"),
    ),
    "05.1": {
        "signs": "(1 - shape, rate)",
        "plus one": "(shape + 1, -rate)",
        "order": "(-rate, shape - 1)",
        "scale": "(shape - 1, -1 / rate)",
        "plus": "(shape - 1, rate)",
    },
    "05.2": {
        "twice": "[log_joint(t + 2 * u, e) - log_joint(t, e) for u in np.eye(len(t))]",
        "down": "[log_joint(t - u, e) - log_joint(t, e) for u in np.eye(len(t))]",
        "no difference": "[log_joint(t + u, e) for u in np.eye(len(t))]",
        "from nothing": "[log_joint(u, e) for u in np.eye(len(t))]",
        "a ratio": "[log_joint(t + u, e) / log_joint(t, e) for u in np.eye(len(t))]",
    },
    "05.3": changed(
        "lse(log_weights, axis=-1)",
        first_axis=("axis=-1", "axis=0"),
        kept=("axis=-1", "axis=-1, keepdims=True"),
        mean=("lse", "np.mean"),
        exponential=("lse(log_weights, axis=-1)", "np.exp(lse(log_weights, axis=-1))"),
        minus=("lse", "-lse"),
        all_of_it=(", axis=-1", ""),
    ),
    "06.1": changed(
        TWO_WAYS,
        half_forgotten=("0.5 * (m**2 + v", "(m**2 + v"),
        v_once=("len(x) * v", "v"),
        plus=("- 0.5 * (m**2", "+ 0.5 * (m**2"),
        log_forgotten=("np.log(v)", "v"),
        noise_forgotten=("/ (2 * s2)", "/ 2"),
        one_forgotten=("(1 + np.log(2 * np.pi * v)) / 2", "np.log(2 * np.pi * v) / 2"),
        prior_forgotten=(" - (m**2 + v) / 2", ""),
    ),
    "06.2": changed(
        PPCA,
        no_prior=("np.eye(W.shape[1]) + ", ""),
        noise_multiplies=("W.T @ W / s2", "W.T @ W * s2"),
        noise_forgotten_in_mean=("W.T @ x / s2", "W.T @ x"),
        inverse_forgotten=("1 / np.diag(L)", "np.diag(L)"),
        true_variances=("1 / np.diag(L)", "np.diag(np.linalg.inv(L))"),
        sd=("1 / np.diag(L)", "np.diag(L) ** -0.5"),
    ),
    "06.3": changed(
        MARGINAL,
        plus=("-0.5", "0.5"),
        latents=("len(x) * LOG_2PI", "W.shape[1] * LOG_2PI"),
        no_log=("np.log(np.linalg.det(C))", "np.linalg.det(C)"),
        no_inverse=("x @ np.linalg.inv(C) @ x", "x @ C @ x"),
        half_forgotten=("-0.5 *", "-1 *"),
        sd=("s2 * np.eye", "np.sqrt(s2) * np.eye"),
        noise_one=("s2 * np.eye", "np.eye"),
    ),
    "06.4": changed(
        GAP,
        upside_down=(
            "np.prod(np.diag(L)) / np.linalg.det(L)",
            "np.linalg.det(L) / np.prod(np.diag(L))",
        ),
        half_forgotten=("0.5 * ", ""),
        no_log=("np.log", ""),
        sum=("np.prod", "np.sum"),
        product=(" / np", " * np"),
    ),
    "06.6": changed(
        "np.where(eigenvalues > s2, np.log(eigenvalues / s2) / 2, 0)",
        half_forgotten=(" / 2", ""),
        one_more=("np.log(eigenvalues / s2)", "np.log(1 + eigenvalues / s2)"),
        the_other_way=("eigenvalues > s2", "eigenvalues < s2"),
        difference=("eigenvalues / s2", "eigenvalues - s2"),
        ones=(", 0)", ", 1)"),
        noise_squared=("/ s2)", "/ s2**2)"),
    ),
    "07.1": {
        "average": "(dy @ W, dy.T @ x / len(dy), dy.sum(0))",
        "rows of db": "(dy @ W, dy.T @ x, dy.sum(1))",
        "transposed": "(dy @ W, x.T @ dy, dy.sum(0))",
        "x twice": "(dy @ W, 2 * dy.T @ x, dy.sum(0))",
        "db forgotten": "(dy @ W, dy.T @ x)",
        "minus": "(-(dy @ W), dy.T @ x, dy.sum(0))",
    },
    "07.2": changed(
        "dh * (1 - np.tanh(a) ** 2)",
        plus=("1 - ", "1 + "),
        no_square=(" ** 2", ""),
        divided=("dh * ", "dh / "),
        no_tanh=("np.tanh(a)", "a"),
        dh_forgotten=("dh * ", ""),
        cosine=("np.tanh(a)", "np.cosh(a)"),
    ),
    "07.3": changed(
        "np.sum(x * logits - np.logaddexp(0, logits), axis=1)",
        mean=("np.sum", "np.mean"),
        axis=("axis=1", "axis=0"),
        plus=(" - np.logaddexp", " + np.logaddexp"),
        softplus_of_minus=("np.logaddexp(0, logits)", "np.logaddexp(0, -logits)"),
        one=("np.logaddexp(0", "np.logaddexp(1"),
        off_pixels=("x * logits", "(1 - x) * logits"),
        no_sum=("np.sum(x * logits - np.logaddexp(0, logits), axis=1)",
                "x * logits - np.logaddexp(0, logits)"),
    ),
    "07.4": changed(
        "dy[:, None] * (x - special.expit(logits))",
        sign=("x - ", "x + "),
        tanh=("special.expit", "np.tanh"),
        no_sigmoid=("special.expit(logits)", "logits"),
        dy_forgotten=("dy[:, None] * ", ""),
        averaged=("dy[:, None] * ", "dy[:, None] / x.shape[1] * "),
        minus_logits=("expit(logits)", "expit(-logits)"),
    ),
    "07.5": changed(
        KL,
        half_forgotten=("0.5 * ", ""),
        plus=("- logvar", "+ logvar"),
        one_forgotten=(" - 1", ""),
        half_logvar=("np.exp(logvar)", "np.exp(logvar / 2)"),
        rows=("axis=1", "axis=0"),
        mean=("np.sum", "np.mean"),
        no_square=("np.square(m)", "m"),
        plus_one=(" - 1", " + 1"),
    ),
    "07.6": changed(
        "(dy[:, None] * m, dy[:, None] * (np.exp(logvar) - 1) / 2)",
        half_forgotten=(" / 2", ""),
        one_forgotten=(" - 1", ""),
        sd=("np.exp(logvar)", "np.exp(logvar / 2)"),
        dy_forgotten=("(dy[:, None] * m", "(m"),
        minus=("(dy[:, None] * m", "(-dy[:, None] * m"),
        minus_logvar=("np.exp(logvar)", "np.exp(-logvar)"),
    ),
    "07.7": changed(
        "m + np.sqrt(np.exp(logvar)) * eps",
        variance=("np.sqrt(np.exp(logvar))", "np.exp(logvar)"),
        minus=("m + ", "m - "),
        no_exponential=("np.exp(logvar)", "np.abs(logvar)"),
        no_noise=(" * eps", ""),
        precision=("np.exp(logvar)", "np.exp(-logvar)"),
        added=(" * eps", " + eps"),
    ),
    "07.8": changed(
        "(dz.sum(0), (dz * eps).sum(0) * np.exp(logvar / 2) / 2)",
        half_forgotten=("/ 2) / 2)", "/ 2))"),
        mean=("(dz.sum(0)", "(dz.mean(0)"),
        variance=("np.exp(logvar / 2)", "np.exp(logvar)"),
        no_noise=("(dz * eps).sum(0)", "dz.sum(0)"),
        noise_twice=("dz * eps)", "dz * eps**2)"),
        not_summed=("(dz * eps).sum(0)", "(dz * eps)"),
    ),
    "07.9": changed(
        SCORE,
        no_minus_one=("eps * eps - 1", "eps * eps"),
        half_forgotten=(".mean() / 2)", ".mean())"),
        variance=("np.exp(logvar / 2)", "np.exp(logvar)"),
        times=("/ np.exp", "* np.exp"),
        sum=("(f * eps).mean()", "(f * eps).sum()"),
        plus=("eps * eps - 1", "eps * eps + 1"),
    ),
    "07.10": changed(
        ADAM,
        down=("p + ", "p - "),
        no_start=(" / (1 - 0.9**t)", ""),
        no_start_of_s=(" / (1 - 0.999**t)", ""),
        no_square=("g * g", "g"),
        step=("0.01 *", "0.1 *"),
        shares_exchanged=("0.9 * m + 0.1 * g", "0.1 * m + 0.9 * g"),
        no_root=("np.sqrt(", "("),
    ),
    "08.1": changed(
        "lse(log_w) - np.log(len(log_w))",
        plus=(" - np", " + np"),
        no_logarithm=("np.log(len(log_w))", "len(log_w)"),
        one_less=("len(log_w))", "len(log_w) + 1)"),
        largest=("lse(", "np.max("),
        quotient=(" - np.log(len(log_w))", " / len(log_w)"),
        mean=("lse(", "np.mean("),
    ),
    "08.2": {
        "exchanged": "(log_evidence - elbo_star, elbo_star - elbo)",
        "signs": "(elbo - elbo_star, elbo_star - log_evidence)",
        "from the start": "(elbo_star - elbo, log_evidence - elbo)",
        "the sum": "log_evidence - elbo",
        "one sign": "(elbo_star - elbo, elbo_star - log_evidence)",
    },
    "08.4": changed(
        "lse(log_joint) + 2 * np.log(h)",
        minus=(" + 2", " - 2"),
        once=("2 * ", ""),
        no_logarithm=("2 * np.log(h)", "h**2"),
        mean=("lse(", "np.mean("),
        largest=("lse(", "np.max("),
        half=("2 * np", "0.5 * np"),
    ),
    "08.6": changed(
        "np.std(x, ddof=1) / len(x) ** 0.5",
        plain=(", ddof=1", ""),
        no_root=(" ** 0.5", ""),
        variance=("np.std", "np.var"),
        times=(" / len", " * len"),
        one_less=("len(x) **", "(len(x) - 1) **"),
    ),
    "09.1": changed(
        "np.sum(draws < theta)",
        above=("<", ">"),
        mean=("np.sum", "np.mean"),
        values=("np.sum(draws < theta)", "np.sum(draws[draws < theta])"),
        plus_one=(" < theta)", " < theta) + 1"),
        half=(" < theta)", " < theta) / 2"),
    ),
    "09.2": changed(
        "log_p - log_q",
        sum=(" - ", " + "),
        quotient=(" - ", " / "),
        reversed=("log_p - log_q", "log_q - log_p"),
        not_logs=("log_p - log_q", "np.exp(log_p - log_q)"),
        averaged=("log_p - log_q", "(log_p - log_q).mean()"),
    ),
    "09.3": changed(
        "np.std(draws, ddof=1) / np.sqrt(ess)",
        plain=(", ddof=1", ""),
        no_root=("np.sqrt(ess)", "ess"),
        draws=("np.sqrt(ess)", "np.sqrt(len(draws))"),
        variance=("np.std", "np.var"),
        times=(" / np", " * np"),
    ),
    "09.5": changed(
        "claim <= log_evidence + error",
        minus=("+ error", "- error"),
        no_error=(" + error", ""),
        above=("<=", ">="),
        strictly=("<=", "<"),
        twice=("+ error", "+ 2 * error"),
    ),
    "10.1": changed(
        GROUPS,
        one_prior=(" + gamma(rate2, a, b)", ""),
        crossed=("gamma(rate1, a, b)", "gamma(rate1, b, a)"),
        mean=(".sum()", ".mean()"),
        other_rate=("(y2, rate2)", "(y2, rate1)"),
        scale=("gamma(rate1, a, b)", "gamma(rate1, a, 1 / b)"),
        no_data=(" + stats.poisson.logpmf(y2, rate2).sum()", ""),
    ),
    "10.2": {
        "one datum": "(a + y.sum(), b + 1)",
        "mean": "(a + y.mean(), b + len(y))",
        "scale": "(a + y.sum(), 1 / (b + len(y)))",
        "minus one": "(a + y.sum() - 1, b + len(y))",
        "exchanged": "(b + len(y), a + y.sum())",
        "product": "(a + y.sum(), b * len(y))",
    },
    "10.3": changed(
        COUNTS,
        one_datum=("np.log(b + len(y))", "np.log(b + 1)"),
        no_factorials=(" - gammaln(y + 1).sum()", ""),
        plus=("- gammaln(a)", "+ gammaln(a)"),
        not_raised=("a * np.log(b)", "np.log(b)"),
        product=("b + len(y)", "b * len(y)"),
        mean=("gammaln(a + y.sum())", "gammaln(a + y.mean())"),
    ),
}  # fmt: skip

RIGHT = {
    "00.1": {
        "0-d": "np.array(stats.beta.logpdf(theta, a, b) + stats.binom.logpmf(h, h + t, theta)"
        " - np.log(special.binom(h + t, h)))",
    },
    "00.2": {"a list of logaddexp": "np.logaddexp.reduce(np.sort(a))", "one entry": "[lse(a)]"},
    "00.4": {"an array": "np.array([a, b]) + [h, t]", "a list": "[h + a, t + b]"},
    "00.5": {
        "a product of chances": "sum(math.log((a + i) / (a + b + i)) for i in range(h))"
        " + sum(math.log((b + j) / (a + b + h + j)) for j in range(t))"
    },
    "01.1": {
        "scipy": "stats.entropy(q, p)",
        "a loop": "sum(u * (math.log(u) - math.log(v)) for u, v in zip(q, p))",
    },
    "01.3": {"fsum": "math.fsum(u * math.log(j / u) for u, j in zip(q, joint))"},
    "01.4": {
        "scipy": "stats.norm.entropy(scale=sd)",
        "from logs": "math.log(sd) + (1 + LOG_2PI) / 2",
    },
    "01.7": {
        "weights of numpy": "(np.average(m, weights=w),"
        " np.sqrt(np.average(m**2 + s**2, weights=w) - np.average(m, weights=w) ** 2))"
    },
    "02.1": {"clip": "np.clip(new + q_back - old - q_forth, None, 0)"},
    "02.3": {
        "a diagonal that is put right in the end": "(lambda M: M + np.diag(1 - M.sum(1)))"
        "(np.minimum(pi[:, None] * Q, (pi[:, None] * Q).T) / pi[:, None])",
    },
    "02.4": {"a dot product": "np.dot(np.ones(len(y)), 2.5 * y - 1.7 * np.exp(y))"},
    "02.6": {
        "statistics": "math.sqrt((x.shape[1] - 1) / x.shape[1] + statistics.variance("
        "[statistics.fmean(c) for c in x])"
        " / statistics.fmean([statistics.variance(c) for c in x]))"
    },
    "03.1": {"an array": "np.array([rho * z_other, math.sqrt((1 - rho) * (1 + rho))])"},
    "03.2": {
        "precisions": "[(tau * kappa0 * mu0 + tau * sum(x)) / (tau * kappa0 + tau * len(x)),"
        " math.sqrt(1 / (tau * kappa0 + tau * len(x)))]"
    },
    "03.5": {
        "a tuple": "(rho * z[1] + np.sqrt(1 - rho**2) * eps[0],"
        " rho * (rho * z[1] + np.sqrt(1 - rho**2) * eps[0]) + np.sqrt(1 - rho**2) * eps[1])"
    },
    "03.6": {
        "a fraction": "fractions.Fraction(rho) ** 2",
        "a decimal": "decimal.Decimal(rho) ** 2",
    },
    "03.7": {"lists": MIXTURE + ".tolist()"},
    "04.0": {"a product": "special.softmax(np.einsum('ij,j->i', log_joint_table, q_other))"},
    "04.1": {"polygamma": "special.polygamma(0, shape) - np.log(rate)"},
    "04.6": {"a solve": "1 / np.diag(linalg.cho_solve(linalg.cho_factor(cov), np.eye(len(cov))))"},
    "05.1": {"a row": "np.array([[shape - 1, -rate]])[0]", "integers": "[shape - 1, -1 * rate]"},
    "05.2": {
        "a loop": "[log_joint(t + np.eye(len(t))[k], e) - log_joint(t, e) for k in range(len(t))]"
    },
    "06.3": {"scipy": "stats.multivariate_normal.logpdf(x, None, W @ W.T + s2 * np.eye(len(x)))"},
    "06.6": {"a loop": "[max(0.0, math.log(v / s2) / 2) for v in eigenvalues]"},
    "07.1": {
        "einsum": "[np.einsum('ro,oi->ri', dy, W), np.einsum('ro,ri->oi', dy, x),"
        " np.ones(len(dy)) @ dy]"
    },
    "07.2": {"cosh": "dh / np.cosh(a) ** 2"},
    "07.3": {
        "expit": "np.where(x == 1, special.log_expit(logits), special.log_expit(-logits)).sum(-1)"
    },
    "07.5": {"single precision": "np.float32(0.5 * (m**2 + np.exp(logvar) - 1 - logvar).sum(1))"},
    "07.7": {"broadcast": "m[None] + np.exp(logvar[None] / 2) * eps"},
    "08.1": {"reduce": "np.logaddexp.reduce(log_w) - np.log(log_w.size)"},
    "08.2": {"an array": "np.diff([elbo, elbo_star, log_evidence])"},
    "08.6": {
        "scipy": "stats.sem(x)",
        "statistics": "statistics.stdev(x.tolist()) / math.sqrt(len(x))",
    },
    "09.1": {
        "sorted": "np.searchsorted(np.sort(draws), theta)",
        "a float": "float(sum(d < theta for d in draws))",
    },
    "09.2": {"a list": "[p - q for p, q in zip(log_p, log_q)]"},
    "09.5": {"a number": "1 if claim - error <= log_evidence else 0"},
    "10.2": {"an array": "np.array([a, b]) + [y.sum(), y.size]"},
}
