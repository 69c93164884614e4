"""What readers of the learner's notebooks alone answered, before a hint: lessons 01 and 07.

Each is the text of an expression in the arguments that the exercise names; the key says what went
through the reader's head.
"""

import numpy as np
from scipy import linalg, special

import vi_lab as vl
from tests.teach.strangers_third import changed

LOG_2PI = np.log(2 * np.pi)
softplus, expit = np.logaddexp, special.expit


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
