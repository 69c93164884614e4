"""A fourth round: lessons 01 to 04 and 07 from the learner's notebooks alone, and slips elsewhere.

Five wrong answers at least, and a right one of an unusual form, were written for every exercise of
these lessons before a hint; then a few slips for each exercise of the others. Each is the text of
an expression in the arguments that the exercise names; the key says what went through the head.
"""

import numpy as np
from scipy import special

import vi_lab as vl
from tests.teach.strangers_third import changed, log_p

LOG_2PI = np.log(2 * np.pi)
softplus, expit = np.logaddexp, special.expit
betaln, gammaln, digamma, lse = special.betaln, special.gammaln, special.digamma, special.logsumexp


def darwin(mean=20.9, sd=9.0, shape=10.0, rate=10_000.0):
    """A q for Darwin's plants."""
    model = vl.problem("darwin").model
    return vl.Factorised(
        model, mu=vl.Normal.of(mean=mean, sd=sd), tau=vl.Gamma.of(shape=shape, rate=rate)
    )


LINES = (
    "(lambda E, p: (-E(np.log(joint / p / q)), -E(np.log(joint / (q * p))),"
    " -E(np.log(joint / q)) + E(np.log(p)), -E(np.log(joint) - np.log(q)) + np.log(p),"
    " -(E(np.log(joint)) - E(np.log(q))) + np.log(p)))(lambda f: np.sum(q * f), np.sum(joint))"
)
NORMALS = "0.5 * (np.log(v2 / v1) + (v1 + (m1 - m2) ** 2) / v2 - 1)"
MATCHED = "(w @ m, np.sqrt(w @ (m**2 + s**2) - (w @ m) ** 2))"
LINEAR = "(dy @ W, dy.T @ x, dy.sum(0))"
LIKELIHOOD = "(x * logits - softplus(0, logits)).sum(1)"
KL = "0.5 * (m**2 + np.exp(logvar) - logvar - 1).sum(1)"
KL_BACK = "(dy[:, None] * m, 0.5 * dy[:, None] * (np.exp(logvar) - 1))"
DRAWN_BACK = "(dz.sum(0), (dz * eps).sum(0) * 0.5 * np.exp(logvar / 2))"
SCORE = "(np.mean(f * eps) * np.exp(-logvar / 2), np.mean(f * 0.5 * (eps**2 - 1)))"
ADAM = (
    "p + 0.01 * (0.9 * m + 0.1 * g) / (1 - 0.9**t)"
    " / (np.sqrt((0.999 * s + 0.001 * g**2) / (1 - 0.999**t)) + 1e-8)"
)

WRONG = {
    "01.1": {
        "the log ratio averaged under p": "np.sum(p * np.log(q / p))",
        "the divergence as a distance, both ways at once": "np.sum((q - p) * np.log(q / p))",
        "an average, so np.mean": "np.mean(q * np.log(q / p))",
        "log of a ratio is a ratio of logs": "np.sum(q * np.log(q) / np.log(p))",
        "the log forgotten": "np.sum(q * q / p)",
        "log(q - p) of the absolute difference": "np.sum(q * np.log(abs(q - p)))",
    },
    "01.2": changed(
        LINES,
        line_1_without_its_minus=("(-E(np.log(joint / p / q))", "(E(np.log(joint / p / q))"),
        line_2_without_brackets=("joint / (q * p)", "joint / q * p"),
        line_3_p_without_its_log=("E(np.log(p))", "E(p)"),
        line_4_q_weighs_the_first_term_only=(
            "-E(np.log(joint) - np.log(q))",
            "-(E(np.log(joint)) - np.sum(np.log(q)))",
        ),
        line_5_the_bracket_was_not_kept=("(E(np.log(joint)) - E", "(E(np.log(joint)) + E"),
        expectations_are_means=("np.sum(q * f)", "np.mean(q * f)"),
        q_made_to_sum_to_one=("np.sum(q * f)", "np.sum(q * f) / np.sum(q)"),
    ),
    "01.3": {
        "each average under its own": "np.sum(joint * np.log(joint)) - np.sum(q * np.log(q))",
        "plain means": "np.mean(np.log(joint)) - np.mean(np.log(q))",
        "the joint itself": "np.sum(q * joint) - np.sum(q * np.log(q))",
        "q weighs the first term only": "np.sum(q * np.log(joint)) - np.sum(np.log(q))",
        "both in bits": "np.sum(q * np.log2(joint / q))",
        "the ratio turned": "np.sum(q * np.log(q / joint))",
        "not weighted at all": "np.sum(np.log(joint / q))",
    },
    "01.4": {
        "the sd outside the log": "0.5 * np.log(2 * np.pi * np.e) * sd",
        "log sd twice": "0.5 * np.log(2 * np.pi * np.e) + 2 * np.log(sd)",
        "no square": "0.5 * (1 + np.log(2 * np.pi * sd))",
        "pi without its 2": "0.5 * np.log(np.pi * np.e * sd**2)",
        "the 1 without the half": "0.5 * np.log(2 * np.pi * sd**2) + 1",
        "minus the half of the square": "0.5 * np.log(2 * np.pi * sd**2) - 0.5",
    },
    "01.5": changed(
        NORMALS,
        means_added=("m1 - m2", "m1 + m2"),
        distance_not_squared=("(m1 - m2) ** 2", "(m1 - m2)"),
        divided_by_its_own_variance=(") / v2 - 1", ") / v1 - 1"),
        own_variance_forgotten=("v1 + (m1", "0 + (m1"),
        the_one_added=("- 1)", "+ 1)"),
        half_in_front_of_the_log_alone=("0.5 * (np.log(v2 / v1) +", "(0.5 * np.log(v2 / v1) +"),
        the_other_variance_on_top=("(v1 + (m1", "(v2 + (m1"),
        one_variance_left_out_of_the_log=("np.log(v2 / v1)", "np.log(v2)"),
    ),
    "01.7": changed(
        MATCHED,
        sd_is_the_variance=("s**2", "s"),
        raw_second_moment=(" - (w @ m) ** 2", ""),
        mean_not_squared=("(w @ m) ** 2", "(w @ m)"),
        independent_parts=("w @ (m**2 + s**2) - (w @ m) ** 2", "w**2 @ s**2"),
        mean_of_the_means=("(w @ m, ", "(m.mean(), "),
        sds_added=(
            "np.sqrt(w @ (m**2 + s**2) - (w @ m) ** 2)",
            "np.sqrt(w @ s**2) + np.sqrt(w @ (m - w @ m) ** 2)",
        ),
    ),
    "01.9": {
        "the scale for the rate": lambda: darwin(rate=1 / 10_000),
        "the sd of the data, not of their mean": lambda: darwin(sd=37.0),
        "the prior's mean": lambda: darwin(mean=0.0),
        "tau as wide as its prior": lambda: darwin(shape=2.0, rate=500.0),
        "the variance where the sd belongs": lambda: darwin(sd=81.0),
    },
    "07.1": {
        "W transposed once more": "(dy @ W.T, dy.T @ x, dy.sum(0))",
        "one number for all biases": "(dy @ W, dy.T @ x, dy.sum())",
        "sums first, then the product": "(dy @ W, np.outer(dy.sum(0), x.sum(0)), dy.sum(0))",
        "the bias summed along its own axis": "(dy @ W, dy.T @ x, dy.sum(1))",
        "in the order of the formula": "(dy.T @ x, dy @ W, dy.sum(0))",
        "the bias is added, so one": "(dy @ W, dy.T @ x, np.ones(dy.shape[1]))",
        "dx without W": "(dy, dy.T @ x, dy.sum(0))",
    },
    "07.2": {
        "plus in the slope": "dh * (1 + np.tanh(a) ** 2)",
        "the hyperbolic secant, not squared": "dh / np.cosh(a)",
        "forward again": "dh * np.tanh(a)",
        "divided by the slope": "dh / (1 - np.tanh(a) ** 2)",
        "the square inside": "dh * (1 - np.tanh(a**2))",
        "the arguments the other way round": "a * (1 - np.tanh(dh) ** 2)",
        "slope of tanh at dh": "dh * (1 - np.tanh(dh) ** 2)",
    },
    "07.3": {
        "both terms added": "(x * logits + softplus(0, logits)).sum(1)",
        "softplus of the other side": "(x * logits - softplus(0, -logits)).sum(1)",
        "the sign of an on pixel": "-softplus(0, (2 * x - 1) * logits).sum(1)",
        "the peak alone": "(x * logits - np.maximum(0, logits)).sum(1)",
        "over the wrong axis": "(x * logits - softplus(0, logits)).sum(0)",
        "the peak not added back": "(x * logits - np.log1p(np.exp(-abs(logits)))).sum(1)",
        "on and off changed places": "((1 - x) * logits - softplus(0, logits)).sum(1)",
        "a term for on pixels only": "(x * (logits - softplus(0, logits))).sum(1)",
    },
    "07.4": {
        "p - x": "dy[:, None] * (expit(logits) - x)",
        "the logits for the probabilities": "dy[:, None] * (x - logits)",
        "the sign inside": "dy[:, None] * (x - expit(-logits))",
        "dy reaches x alone": "dy[:, None] * x - expit(logits)",
        "only the pixels that are on": "dy[:, None] * x * (1 - expit(logits))",
        "dy along the wrong axis": "(dy * (x - expit(logits)).T)",
        "dy summed first": "dy.sum() * (x - expit(logits))",
    },
    "07.5": changed(
        KL,
        variance_squared=("np.exp(logvar)", "np.exp(logvar) ** 2"),
        plus_logvar=("- logvar", "+ logvar"),
        times_for_plus=("m**2 + np.exp", "m**2 * np.exp"),
        the_one_without_the_half=("- 1)", "- 2)"),
        over_the_rows=("sum(1)", "sum(0)"),
        variance_subtracted=("+ np.exp(logvar)", "- np.exp(logvar)"),
        m_not_squared=("m**2", "abs(m)"),
        exp_left_out_as_logvar_it_stays=("np.exp(logvar) - logvar", "logvar - np.exp(logvar)"),
    ),
    "07.6": changed(
        KL_BACK,
        m_not_differentiated=("* m,", "* m**2 / 2,"),
        two_from_the_square=("* m,", "* 2 * m,"),
        sign_of_dv=("(np.exp(logvar) - 1)", "(1 - np.exp(logvar))"),
        sd_for_variance=("np.exp(logvar)", "np.exp(logvar / 2)"),
        no_dy_in_dv=("0.5 * dy[:, None]", "0.5"),
        logvar_not_differentiated=("- 1)", "- logvar)"),
        dm_by_the_variance=("* m,", "* m * np.exp(logvar),"),
    ),
    "07.7": {
        "minus the noise, it is symmetric": "m - np.exp(logvar / 2) * eps",
        "twice for half": "m + np.exp(2 * logvar) * eps",
        "the half outside": "m + 0.5 * np.exp(logvar) * eps",
        "noise squared": "m + np.exp(logvar / 2) * eps**2",
        "log for exp": "m + np.log(abs(logvar) / 2) * eps",
        "the noise not scaled": "m + eps",
        "the scale added": "m + np.exp(logvar / 2) + eps",
        "mean and noise together": "(m + eps) * np.exp(logvar / 2)",
    },
    "07.8": changed(
        DRAWN_BACK,
        two_for_a_half=("0.5 * np", "2 * np"),
        sums_apart=("(dz * eps).sum(0)", "dz.sum(0) * eps.sum(0)"),
        scale_in_dm=("(dz.sum(0),", "(dz.sum(0) * np.exp(logvar / 2),"),
        noise_in_dm=("(dz.sum(0),", "((dz * eps).sum(0),"),
        minus=("0.5 * np", "-0.5 * np"),
        precision=("np.exp(logvar / 2)", "np.exp(-logvar / 2)"),
        logvar_itself=("np.exp(logvar / 2)", "logvar"),
    ),
    "07.9": changed(
        SCORE,
        f_reaches_the_square_only=("f * 0.5 * (eps**2 - 1)", "f * 0.5 * eps**2 - 0.5"),
        averages_apart=("np.mean(f * eps)", "np.mean(f) * np.mean(eps)"),
        sign_of_the_second=("(eps**2 - 1)", "(1 - eps**2)"),
        log_of_f=("np.mean(f * eps)", "np.mean(np.log(abs(f)) * eps)"),
        noise_not_squared=("eps**2", "eps"),
        an_sd_in_the_second_too=("0.5 * (eps**2 - 1)", "0.5 * (eps**2 - 1) * np.exp(-logvar / 2)"),
        by_the_sd=("0.5 * (eps**2 - 1)", "(eps**2 - 1) * np.exp(-logvar / 2)"),
        with_f_centred=("np.mean(f * eps)", "np.mean((f - f.mean()) * eps)"),
    ),
    "07.10": changed(
        ADAM,
        old_and_new_changed_places=("0.9 * m + 0.1 * g", "0.1 * m + 0.9 * g"),
        one_step_late=("0.9**t", "0.9 ** (t + 1)"),
        inside_the_root=(
            "(1 - 0.999**t)) + 1e-8)",
            "(1 - 0.999**t) + 1e-8))",
        ),
        means_of_before=("(0.9 * m + 0.1 * g)", "m"),
        corrected_outside_the_root=("/ (1 - 0.999**t)) + 1e-8)", ") / (1 - 0.999**t) + 1e-8)"),
        tenfold_step=("0.01 *", "0.1 *"),
        the_step_alone=("p + 0.01", "0.01"),
        s_not_corrected=(" / (1 - 0.999**t)", ""),
        m_not_corrected=(" / (1 - 0.9**t)", ""),
        corrected_by_t=("0.9**t", "0.9*t"),
    ),
}

COIN = "(h + a - 1) * np.log(theta) + (t + b - 1) * np.log(1 - theta) - betaln(a, b)"
GRID = "lse(log_joint) + np.log(grid[1] - grid[0])"
RATE_TERM = "a0 * np.log(b0) - gammaln(a0) + (a0 - 1) * np.log(tau) - b0 * tau"
NEWCOMB = (
    "-0.5 * tau * np.sum((x - mu) ** 2) + 0.5 * len(x) * (np.log(tau) - LOG_2PI)"
    " - 0.5 * kappa0 * tau * (mu - mu0) ** 2 + 0.5 * (np.log(kappa0) + np.log(tau) - LOG_2PI) + "
) + RATE_TERM
KERNEL = (
    "(lambda A: A + np.diag(1 - A.sum(1)))"
    "(np.minimum(Q, Q.T * pi / pi[:, None]) * (1 - np.eye(len(pi))))"
)
RHAT = (
    "(lambda n, W, B: np.sqrt(((n - 1) / n * W + B) / W))"
    "(x.shape[1], x.var(1, ddof=1).mean(), x.mean(1).var(ddof=1))"
)
MU = "((x.sum() + kappa0 * mu0) / (len(x) + kappa0), 1 / np.sqrt((len(x) + kappa0) * tau))"
TAU = "(a0 + len(x) / 2 + 0.5, b0 + 0.5 * np.sum((x - mu) ** 2) + 0.5 * kappa0 * (mu - mu0) ** 2)"
YEARS = (
    "(lambda L: np.exp(L - lse(L)))(np.array([y[:s].sum() * np.log(rate1) - s * rate1"
    " + y[s:].sum() * np.log(rate2) - (len(y) - s) * rate2 for s in range(1, len(y))]))"
)
SWEEP = (
    "(lambda first: np.array([first, rho * first + np.sqrt(1 - rho**2) * eps[1]]))"
    "(rho * z[1] + np.sqrt(1 - rho**2) * eps[0])"
)
LABELS = (
    "(lambda R: R / R.sum(1, keepdims=True))"
    "(weights * np.exp(-0.5 * ((x[:, None] - means) / sd) ** 2))"
)
FACTOR = "(lambda L: np.exp(L - lse(L)))(log_joint_table @ q_other)"
V_OF_MU = "((x.sum() + kappa0 * mu0) / (len(x) + kappa0), 1 / (E_tau * (len(x) + kappa0)))"
V_OF_TAU = (
    "(a0 + (len(x) + 1) / 2, b0 + 0.5 * (np.sum((x - m) ** 2) + len(x) * v)"
    " + 0.5 * kappa0 * ((m - mu0) ** 2 + v))"
)
VALUE = (
    "0.5 * (len(x) + 1) * (digamma(shape) - np.log(rate) - LOG_2PI) + 0.5 * np.log(kappa0)"
    " - 0.5 * shape / rate * (np.sum((x - m) ** 2) + len(x) * v + kappa0 * ((m - mu0) ** 2 + v))"
    " + a0 * np.log(b0) - gammaln(a0) + (a0 - 1) * (digamma(shape) - np.log(rate))"
    " - b0 * shape / rate + 0.5 * np.log(2 * np.pi * np.e * v)"
    " + shape - np.log(rate) + gammaln(shape) + (1 - shape) * digamma(shape)"
)
POINTS = (
    "(lambda L: np.exp(L - lse(L, axis=1, keepdims=True)))"
    "(digamma(alpha) - 0.5 * ((x[:, None] - m) ** 2 + v))"
)
FIRST = "np.sum(-0.5 * (LOG_2PI + np.log(s2)) - 0.5 * ((x - m) ** 2 + v) / s2)"
ENCODER = (
    "(lambda P: (np.linalg.solve(P, W.T @ x), s2 / np.diag(P)))(W.T @ W + s2 * np.eye(W.shape[1]))"
)
MARGINAL = (
    "(lambda C: -0.5 * (x @ np.linalg.solve(C, x) + np.linalg.slogdet(2 * np.pi * C)[1]))"
    "(W @ W.T + s2 * np.eye(len(x)))"
)
GROUPS = (
    "np.sum(y1 * np.log(rate1) - rate1 - gammaln(y1 + 1))"
    " + np.sum(y2 * np.log(rate2) - rate2 - gammaln(y2 + 1))"
    " + 2 * (a * np.log(b) - gammaln(a))"
    " + (a - 1) * (np.log(rate1) + np.log(rate2)) - b * (rate1 + rate2)"
)
COUNTS = (
    "a * np.log(b) - gammaln(a) + gammaln(a + y.sum()) - (a + y.sum()) * np.log(b + len(y))"
    " - gammaln(y + 1).sum()"
)

WRONG |= {
    "00.1": changed(
        COIN,
        tails_with_theta=("np.log(1 - theta)", "np.log(theta)"),
        one_minus_one_kept=("(t + b - 1)", "(t + b)"),
        constant_added=("- betaln", "+ betaln"),
        prior_counts_twice=("(h + a - 1)", "(h + 2 * a - 1)"),
    ),
    "00.2": {
        "no peak": "np.log(np.sum(np.exp(a)))",
        "peak subtracted at the end": "np.log(np.sum(np.exp(a - a.max()))) - a.max()",
        "the log inside": "a.max() + np.sum(np.log(np.exp(a - a.max())))",
        "peak twice": "2 * a.max() + np.log(np.sum(np.exp(a - a.max())))",
    },
    "00.3": changed(
        GRID,
        width_not_in_logs=("np.log(grid[1] - grid[0])", "(grid[1] - grid[0])"),
        width_divides=("+ np.log", "- np.log"),
        the_whole_length=("grid[1] - grid[0]", "grid[-1] - grid[0]"),
        every_second_point=("lse(log_joint)", "lse(log_joint[::2])"),
    ),
    "00.4": {
        "heads to b": "(a + t, b + h)",
        "minus one as in the density": "(a + h - 1, b + t - 1)",
        "the data alone": "(h, t)",
    },
    "00.5": {
        "prior on top": "betaln(a, b) - betaln(a + h, b + t)",
        "one too many": "betaln(a + h + 1, b + t + 1) - betaln(a, b)",
        "not logs": "np.exp(betaln(a + h, b + t) - betaln(a, b))",
        "heads alone": "betaln(a + h, b) - betaln(a, b)",
    },
    "00.8": changed(
        NEWCOMB,
        precision_of_one_datum=("0.5 * len(x) * (np.log(tau)", "0.5 * (np.log(tau)"),
        prior_of_mu_without_kappa=("- 0.5 * kappa0 * tau", "- 0.5 * tau"),
        scale_for_rate=("- b0 * tau", "- tau / b0"),
        gamma_s_sign=("- gammaln(a0)", "+ gammaln(a0)"),
        a0_without_minus_one=("(a0 - 1)", "a0"),
    ),
    "02.1": {
        "the maximum": "max(0.0, new - old + q_back - q_forth)",
        "forth added": "min(0.0, new - old + q_back + q_forth)",
        "new and old": "min(0.0, old - new + q_back - q_forth)",
        "cut at one": "min(1.0, new - old + q_back - q_forth)",
    },
    "02.2": {
        "a plain ratio of logs": "(lambda n: n if np.log(u) < log_p(n) / log_p(z) else z)"
        "(z + step * eps)",
        "rejects to the proposal's mirror": "(lambda n: n if np.log(u) < log_p(n) - log_p(z)"
        " else -z)(z + step * eps)",
        "minus the noise": "(lambda n: n if np.log(u) < log_p(n) - log_p(z) else z)"
        "(z - step * eps)",
        "root of the step": "(lambda n: n if np.log(u) < log_p(n) - log_p(z) else z)"
        "(z + np.sqrt(step) * eps)",
    },
    "02.3": changed(
        KERNEL,
        ratio_upside_down=("pi / pi[:, None]", "pi[:, None] / pi"),
        back_not_turned=("Q.T * pi", "Q * pi"),
        nothing_stays=("A + np.diag(1 - A.sum(1))", "A"),
        columns_sum_to_one=("A.sum(1)", "A.sum(0)"),
    ),
    "02.4": {
        "rate and its power": "np.sum(1.5 * y - 1.7 * y) + np.sum(y)",
        "jacobian subtracted": "np.sum(1.5 * y - 1.7 * np.exp(y)) - np.sum(y)",
        "jacobian as it is": "np.sum(1.5 * y - 1.7 * np.exp(y)) + np.sum(np.exp(y))",
        "1.7 forgotten": "np.sum(1.5 * y - np.exp(y)) + np.sum(y)",
    },
    "02.6": changed(
        RHAT,
        one_n_too_many=("(n - 1) / n * W", "(n - 1) * W"),
        over_b=("+ B) / W", "+ B) / B"),
        no_root=("np.sqrt(((n - 1) / n * W + B) / W)", "((n - 1) / n * W + B) / W"),
        sds_averaged=("x.var(1, ddof=1).mean()", "x.std(1, ddof=1).mean() ** 2"),
        one_n_plus=("(n - 1) / n", "(n + 1) / n"),
    ),
    "02.7": {
        "minus": "n / (1 - 2 * np.sum(rho))",
        "squares": "n / (1 + 2 * np.sum(rho**2))",
        "positive ones alone": "n / (1 + 2 * np.sum(np.abs(rho)))",
        "half": "n / (1 + np.sum(rho) / 2)",
    },
    "03.1": {
        "rho of the sd": "(rho * z_other, np.sqrt(1 - rho))",
        "one minus": "((1 - rho) * z_other, np.sqrt(1 - rho**2))",
        "divided": "(z_other / rho, np.sqrt(1 - rho**2))",
        "plus": "(rho * z_other, np.sqrt(1 + rho**2))",
    },
    "03.2": changed(
        MU,
        prior_mean_not_weighted=("kappa0 * mu0", "mu0"),
        kappa_missing_below=("/ (len(x) + kappa0), 1", "/ len(x), 1"),
        tau_outside=("np.sqrt((len(x) + kappa0) * tau)", "(np.sqrt(len(x) + kappa0) * tau)"),
        n_minus_one=("np.sqrt((len(x) + kappa0)", "np.sqrt((len(x) - 1 + kappa0)"),
    ),
    "03.3": changed(
        TAU,
        half_of_the_prior=("0.5 * kappa0", "kappa0"),
        minus_a_half=("/ 2 + 0.5", "/ 2 - 0.5"),
        prior_not_squared=("(mu - mu0) ** 2", "abs(mu - mu0)"),
        sum_then_square=("np.sum((x - mu) ** 2)", "np.sum(x - mu) ** 2"),
    ),
    "03.4": changed(
        YEARS,
        second_rate_over_all=("(len(y) - s) * rate2", "len(y) * rate2"),
        signs_of_lengths=("- s * rate1", "+ s * rate1"),
        first_rate_twice=("np.log(rate2)", "np.log(rate1)"),
        divided_by_the_largest=("L - lse(L)", "L - L.max()"),
    ),
    "03.5": changed(
        SWEEP,
        rho_not_squared=("rho**2) * eps[1]", "rho) * eps[1]"),
        noise_taken_off=("+ np.sqrt(1 - rho**2) * eps[1]", "- np.sqrt(1 - rho**2) * eps[1]"),
        second_order=("eps[0])", "eps[1])"),
        wider=("(1 - rho**2) * eps[0]", "(1 + rho**2) * eps[0]"),
    ),
    "03.6": {"the root": "np.sqrt(abs(rho))", "twice": "2 * rho", "rest": "1 - rho"},
    "03.7": changed(
        LABELS,
        distances_not_squared=("** 2", ""),
        weights_added=("weights *", "weights +"),
        plus_in_the_exponent=("-0.5", "0.5"),
        over_the_data=("sum(1, keepdims=True)", "sum(0)"),
    ),
    "04.0": changed(
        FACTOR,
        mean_over_states=("log_joint_table @ q_other", "log_joint_table.mean(1)"),
        log_of_the_mean=("log_joint_table @ q_other", "np.log(np.exp(log_joint_table) @ q_other)"),
        not_exponentiated=("np.exp(L - lse(L))", "L - lse(L)"),
        largest_one=("np.exp(L - lse(L))", "np.exp(L - L.max())"),
    ),
    "04.1": {
        "rate as scale": "digamma(shape) + np.log(rate)",
        "mode": "np.log((shape - 1) / rate)",
        "next digamma": "digamma(shape + 1) - np.log(rate)",
        "quotient": "digamma(shape) / np.log(rate)",
    },
    "04.2": {
        "minus": "(x - m) ** 2 - v",
        "root": "(x - m) ** 2 + np.sqrt(v)",
        "summed": "np.sum((x - m) ** 2 + v)",
        "signs": "(x + m) ** 2 + v",
    },
    "04.3": changed(
        V_OF_MU,
        precision=("1 / (E_tau * (len(x) + kappa0))", "E_tau * (len(x) + kappa0)"),
        sd=("1 / (E_tau * (len(x) + kappa0))", "(E_tau * (len(x) + kappa0)) ** -0.5"),
        mean_by_n_alone=("/ (len(x) + kappa0), 1", "/ len(x), 1"),
        tau_divides=("1 / (E_tau *", "E_tau / (1 *"),
    ),
    "04.4": changed(
        V_OF_TAU,
        v_without_n=("len(x) * v", "v"),
        n_minus_one=("(len(x) + 1) / 2", "(len(x) - 1) / 2"),
        kappa_at_v_missing=("kappa0 * ((m - mu0) ** 2 + v)", "(kappa0 * (m - mu0) ** 2 + v)"),
        b0_minus=("b0 + 0.5", "b0 - 0.5"),
    ),
    "04.5": changed(
        VALUE,
        entropy_halved=(
            "0.5 * np.log(2 * np.pi * np.e * v)",
            "0.25 * np.log(2 * np.pi * np.e * v)",
        ),
        entropy_of_tau_turned=("+ gammaln(shape)", "- gammaln(shape)"),
        kappa_forgotten=(" + 0.5 * np.log(kappa0)", ""),
        rate_over_shape=("- b0 * shape / rate", "- b0 * rate / shape"),
        n_alone=("0.5 * (len(x) + 1)", "0.5 * len(x)"),
    ),
    "04.6": {
        "covariances": "np.linalg.inv(cov)[0]",
        "diagonal inverted": "np.diag(np.linalg.inv(cov))",
        "a root": "np.sqrt(1 / np.diag(np.linalg.inv(cov)))",
    },
    "04.7": changed(
        POINTS,
        log_of_alpha=("digamma(alpha)", "np.log(alpha)"),
        v_taken_off=("** 2 + v", "** 2 - v"),
        v_not_halved=("0.5 * ((x[:, None] - m) ** 2 + v)", "(0.5 * (x[:, None] - m) ** 2 + v)"),
        alpha_itself=("digamma(alpha)", "alpha"),
    ),
    "05.1": {
        "shape plus one": "(shape + 1, -rate)",
        "order": "(-rate, shape - 1)",
        "inverse": "(shape - 1, -1 / rate)",
        "plus": "(shape - 1, rate)",
    },
    "05.3": {
        "a mean": "lse(log_weights, axis=-1) - np.log(log_weights.shape[-1])",
        "a product": "log_weights.sum(-1)",
        "other axis": "lse(log_weights, axis=0)",
        "weights": "np.exp(lse(log_weights, axis=-1))",
    },
    "06.2": changed(
        ENCODER,
        prior_scaled_the_other_way=("s2 * np.eye", "1 / s2 * np.eye"),
        noise_added_to_the_mean=("W.T @ x)", "W.T @ x / s2)"),
        precision=("s2 / np.diag(P)", "np.diag(P) / s2"),
        marginal_variance=("s2 / np.diag(P)", "s2 * np.diag(np.linalg.inv(P))"),
    ),
    "06.3": changed(
        MARGINAL,
        half_of_the_square_alone=(
            "-0.5 * (x @ np.linalg.solve(C, x) +",
            "-(0.5 * x @ np.linalg.solve(C, x) +",
        ),
        not_inverted=("np.linalg.solve(C, x)", "C @ x"),
        determinant_subtracted=("+ np.linalg.slogdet", "- np.linalg.slogdet"),
        squared_noise=("s2 * np.eye", "s2**2 * np.eye"),
    ),
    "06.4": {
        "sum of logs of the diagonal alone": "0.5 * np.sum(np.log(np.diag(L)))",
        "plus": "0.5 * (np.sum(np.log(np.diag(L))) + np.linalg.slogdet(L)[1])",
        "inverse": "0.5 * (np.sum(np.log(np.diag(np.linalg.inv(L)))) - np.linalg.slogdet(L)[1])",
        "twice": "np.sum(np.log(np.diag(L))) - np.linalg.slogdet(L)[1]",
    },
    "06.6": {
        "turned": "np.maximum(0, 0.5 * np.log(s2 / eigenvalues))",
        "one more": "0.5 * np.log(1 + eigenvalues / s2)",
        "negative ones kept": "0.5 * np.log(eigenvalues / s2)",
        "sd": "np.maximum(0, 0.5 * np.log(eigenvalues / np.sqrt(s2)))",
    },
    "08.1": {
        "plus log K": "lse(log_w) + np.log(len(log_w))",
        "K itself": "lse(log_w) - len(log_w)",
        "K minus one": "lse(log_w) - np.log(len(log_w) - 1)",
        "median": "np.median(log_w)",
    },
    "08.2": {
        "turned": "(elbo - elbo_star, elbo_star - log_evidence)",
        "whole first": "(log_evidence - elbo, log_evidence - elbo_star)",
        "whole second": "(elbo_star - elbo, log_evidence - elbo)",
    },
    "08.4": {
        "half a cell": "lse(log_joint) + 2 * np.log(h / 2)",
        "side": "lse(log_joint) + np.log(h)",
        "minus": "lse(log_joint) - 2 * np.log(h)",
        "h plain": "lse(log_joint) + h * h",
    },
    "08.6": {
        "n minus one": "np.std(x, ddof=1) / np.sqrt(len(x) - 1)",
        "variance": "np.var(x, ddof=1) / len(x)",
        "times": "np.std(x, ddof=1) * np.sqrt(len(x))",
    },
    "09.2": {
        "added": "log_p + log_q",
        "squared": "2 * (log_p - log_q)",
        "less the largest": "(log_p - log_q) - np.max(log_p - log_q)",
    },
    "09.3": {
        "ess minus one": "np.std(draws, ddof=1) / np.sqrt(ess - 1)",
        "length besides": "np.std(draws, ddof=1) / np.sqrt(ess * len(draws))",
        "turned": "np.sqrt(ess) / np.std(draws, ddof=1)",
    },
    "10.1": changed(
        GROUPS,
        one_prior=("2 * (a * np.log(b)", "1 * (a * np.log(b)"),
        factorials_added=("- gammaln(y2 + 1)", "+ gammaln(y2 + 1)"),
        rates_counted_once=("- rate1 - gammaln", "- gammaln"),
        scale=("- b * (rate1", "- 1 / b * (rate1"),
        a_for_a_minus_one=("(a - 1)", "a"),
    ),
    "10.3": changed(
        COUNTS,
        n_forgotten=("np.log(b + len(y))", "np.log(b + 1)"),
        mean_for_sum=("gammaln(a + y.sum())", "gammaln(a + y.mean())"),
        factorial_of_the_sum=("gammaln(y + 1).sum()", "gammaln(y.sum() + 1)"),
        power_of_b=("a * np.log(b)", "np.log(b)"),
    ),
}


def walk(z, eps, u, step, anew=lambda z, start: z):
    """The states of a walk; `anew` says where each proposal starts."""
    start, states = z, []
    for noise, coin in zip(eps, u, strict=True):
        new = anew(z, start) + step * noise
        z = new if np.log(coin) < log_p(new) - log_p(z) else z
        states.append(z)
    return np.array(states)


def moves_alone(z, eps, u, step):
    """The states to which it moved, the last one repeated to make up the number."""
    states = walk(z, eps, u, step)
    moved = states[np.append(True, np.diff(states) != 0)]
    return np.append(moved, np.full(len(eps) - len(moved), moved[-1]))


MORE = {
    "02.1": {"a smooth step": "-np.log1p(np.exp(-(new - old + q_back - q_forth)))"},
    "02.2": {
        "the comparison": "(lambda n: n if np.log(u) > log_p(n) - log_p(z) else z)(z + step * eps)"
    },
    "02.3": {
        "the proposal not multiplied": "(lambda A: A + np.diag(1 - A.sum(1)))"
        "(np.minimum(1, pi / pi[:, None]) * (1 - np.eye(len(pi))))"
    },
    "02.4": {"the sum inside": "np.sum(1.5 * y) - 1.7 * np.exp(np.sum(y)) + np.sum(y)"},
    "02.5": {
        "the start kept, the end left": lambda z, eps, u, step: (
            np.append(z, walk(z, eps, u, step)[:-1])
        ),
        "moves alone": moves_alone,
        "one coin": lambda z, eps, u, step: walk(z, eps, u[0] + 0 * u, step),
        "always from the start": lambda z, eps, u, step: (
            walk(z, eps, u, step, lambda z, start: start)
        ),
        "all accepted": lambda z, eps, u, step: z + step * np.cumsum(eps),
        "the last state": lambda z, eps, u, step: walk(z, eps, u, step)[-1],
    },
    "02.7": {"twice the whole": "n / (2 + 2 * np.sum(rho))"},
    "03.1": {"a variance": "(rho * z_other, 1 - rho**2)"},
    "03.2": {"tau on the mean too": MU.replace("kappa0 * mu0)", "kappa0 * tau * mu0)", 1)},
    "03.3": {"a mean of the squares": TAU.replace("np.sum", "np.mean")},
    "03.4": {"logs of counts": YEARS.replace("y[:s].sum()", "np.log(y[:s] + 1).sum()")},
    "03.5": {"z[0] given itself": SWEEP.replace("rho * z[1]", "rho * z[0]")},
    "03.6": {"a third power": "rho**3", "an absolute value": "abs(rho)"},
    "03.7": {"sd not squared": LABELS.replace("(x[:, None] - means) / sd) ** 2",
                                              "(x[:, None] - means)) ** 2 / sd")},
    "04.0": {"not divided": FACTOR.replace("L - lse(L)", "L")},
    "04.1": {"mean of the inverse": "-np.log((shape - 1) / rate)"},
    "04.2": {"v squared": "(x - m) ** 2 + v**2"},
    "04.3": {"n once": V_OF_MU.replace("(len(x) + kappa0))", "(1 + kappa0))")},
    "04.4": {"v twice": V_OF_TAU.replace("len(x) * v", "2 * len(x) * v")},
    "04.6": {
        "eigenvalues": "np.linalg.eigvalsh(cov)",
        "one minus the correlation": "np.diag(cov) * (1 - cov[0, 1] ** 2)",
    },
    "04.7": {"the sign of the distance": POINTS.replace("- 0.5 *", "+ 0.5 *")},
}  # fmt: skip
for identity, answers in MORE.items():
    WRONG[identity] = {**WRONG.get(identity, {}), **answers}

RIGHT = {
    "01.1": {"the log of a product of powers": "-np.log(np.prod((p / q) ** q))"},
    "01.2": {
        "in a loop, as a list": "[sum(-a * np.log(j / a / joint.sum()) for a, j in zip(q, joint)),"
        " -q @ np.log(joint / (q * joint.sum())), -q @ np.log(joint / q) + q.sum() *"
        " np.log(joint.sum()), q @ np.log(q / joint) + np.log(joint.sum()),"
        " np.log(joint.sum()) - (q @ np.log(joint) - q @ np.log(q))]"
    },
    "01.3": {"scipy's relative entropy": "-special.rel_entr(q, joint).sum()"},
    "01.4": {"term by term": "np.log(sd) + np.log(np.sqrt(2 * np.pi)) + 0.5"},
    "01.5": {
        "of a ratio of variances": "(lambda r, d: (r - np.log(r) - 1 + d * d) / 2)"
        "(v1 / v2, (m1 - m2) / np.sqrt(v2))"
    },
    "01.7": {
        "np.average and np.hypot": "(lambda M:"
        " (M, np.sqrt(np.average(np.hypot(s, m - M) ** 2, weights=w))))(np.average(m, weights=w))"
    },
    "01.9": {"what CAVI finds": lambda: vl.cavi("darwin", rng=1)},
    "02.1": {"half of a difference": "(lambda d: (d - abs(d)) / 2)(new - old + q_back - q_forth)"},
    "02.2": {
        "a boolean as a factor": "z + step * eps * (u < np.exp(log_p(z + step * eps) - log_p(z)))"
    },
    "02.3": {"the smaller flow": KERNEL},
    "02.4": {"one power": "np.sum(2.5 * y - 1.7 * np.exp(y))"},
    "02.5": {"states collected": walk},
    "02.6": {
        "the ratio alone": "np.sqrt(1 - 1 / x.shape[1]"
        " + np.cov(x.mean(1)) / np.mean(np.diag(np.cov(x))))"
    },
    "02.7": {"lag 0 halved": "n / np.sum(2 * np.append(0.5, rho))"},
    "03.1": {"an angle": "(rho * z_other, np.sin(np.arccos(rho)))"},
    "03.2": {
        "np.average": "(np.average(np.append(x, mu0), weights=np.append(np.ones(len(x)), kappa0)),"
        " (tau * (kappa0 + x.size)) ** -0.5)"
    },
    "03.3": {
        "np.dot": "[a0 + (x.size + 1) / 2, b0 + (np.dot(x - mu, x - mu)"
        " + kappa0 * (mu - mu0) ** 2) / 2]"
    },
    "03.4": {
        "products": "(lambda p: p / p.sum())(np.array([rate1 ** y[:s].sum() * np.exp(-s * rate1)"
        " * float(rate2) ** y[s:].sum() * np.exp(s * rate2)"
        " for s in range(1, y.size)]))"
    },
    "03.5": {
        "as a list": "(lambda c, a: [a, rho * a + c * eps[1]])"
        "((1 - rho * rho) ** 0.5, rho * z[1] + (1 - rho * rho) ** 0.5 * eps[0])"
    },
    "03.6": {"a product": "rho * rho"},
    "03.7": {"weights of plain densities": LABELS},
    "04.0": {"a softmax of a sum": "special.softmax((log_joint_table * q_other).sum(1))"},
    "04.1": {"SciPy's psi": "special.psi(shape) + np.log(1 / rate)"},
    "04.2": {"multiplied out": "x * x - 2 * x * m + m * m + v"},
    "04.3": {
        "from the prior": "(mu0 + (x - mu0).sum() / (x.size + kappa0),"
        " 1 / E_tau / (x.size + kappa0))"
    },
    "04.4": {
        "one sum": "(a0 + x.size / 2 + 0.5, b0 + (((x - m) ** 2 + v).sum()"
        " + kappa0 * (v + (m - mu0) ** 2)) / 2)"
    },
    "04.5": {"in another order": VALUE},
    "04.6": {
        "a column at a time": "[1 / np.linalg.solve(cov, e)[k]"
        " for k, e in enumerate(np.eye(len(cov)))]"
    },
    "04.7": {"softmax without the sum of alpha": POINTS},
    "07.1": {
        "einsum": "(np.einsum('ro,oi->ri', dy, W), np.einsum('ro,ri->oi', dy, x),"
        " np.ones(len(dy)) @ dy)"
    },
    "07.2": {"cosh": "dh / np.cosh(a) ** 2"},
    "07.3": {
        "log sigmoid of the signed logit": "special.log_expit(np.where(x > 0.5, logits, -logits))"
        ".sum(1)"
    },
    "07.4": {"a row at a time": "[d * (r - expit(l)) for d, r, l in zip(dy, x, logits)]"},
    "07.5": {"expm1": "(np.expm1(logvar) - logvar + m * m) @ np.full(m.shape[1], 0.5)"},
    "07.6": {"a diagonal matrix": "(np.diag(dy) @ m, np.diag(dy) @ np.expm1(logvar) / 2)"},
    "07.7": {"a root": "np.sqrt(np.exp(logvar)) * eps + m"},
    "07.8": {
        "einsum": "(np.add.reduce(dz),"
        " np.einsum('drk,drk,rk->rk', dz, eps, np.exp(logvar / 2)) / 2)"
    },
    "07.9": {
        "as dot products": "(f @ eps / len(f) / np.exp(logvar / 2),"
        " f @ ((eps - 1) * (eps + 1)) / (2 * len(f)))"
    },
    "07.10": {
        "both corrections in front": "p + 0.01 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)"
        " * (m + (g - m) / 10)"
        " / (np.sqrt(s + (g * g - s) / 1000) + 1e-8 * np.sqrt(1 - 0.999**t))"
    },
}
