"""Named mistakes of lesson 06: the two forms of one bound (06.1)."""

from functools import partial

import numpy as np
from scipy.stats import multivariate_normal

LOG_2PI = np.log(2 * np.pi)


def terms(x, m, v, s2):
    """log p(x|z), log p(z) and -log q(z), each averaged over q, and KL(q || p(z))."""
    log_x = -len(x) / 2 * np.log(2 * np.pi * s2) - np.sum((x - m) ** 2 + v) / (2 * s2)
    log_z = -LOG_2PI / 2 - (m**2 + v) / 2
    return log_x, log_z, (LOG_2PI + 1 + np.log(v)) / 2, (m**2 + v - 1 - np.log(v)) / 2


def two(first=(1, 0, 0, -1), second=(1, 1, 1, 0)):
    """Both forms with other weights of the four terms; without any the right ones."""
    return lambda *given: (np.dot(first, terms(*given)), np.dot(second, terms(*given)))


right = two()


def off(extra, where):
    """Both right forms, and extra(x, m, v, s2) added to the first, the second or each of them."""
    return lambda *given: tuple(
        form + k * extra(*given) for form, k in zip(right(*given), where, strict=True)
    )


both_off, first_off, second_off = (partial(off, where=w) for w in ((1, 1), (1, 0), (0, 1)))


def kl_to_posterior(x, m, v, s2):
    """KL(q || p(z|x))"""
    variance = 1 / (1 + len(x) / s2)
    mean = variance * np.sum(x) / s2
    return (((m - mean) ** 2 + v) / variance - 1 - np.log(v / variance)) / 2


def evidence(x, m, v, s2):
    """log p(x)"""
    cov = np.ones((len(x), len(x))) + s2 * np.eye(len(x))
    return multivariate_normal.logpdf(x, np.zeros(len(x)), cov)


TWO_WAYS = {
    "The KL is to the prior p(z); to the posterior, the gap to log p(x), it is another.": (
        lambda *given: (terms(*given)[0] - kl_to_posterior(*given), right(*given)[1])
    ),
    "The KL was added in the first form: it is what q costs.": two((1, 0, 0, 1)),
    "The KL is missing in the first form: this is the reconstruction alone.": two((1, 0, 0, 0)),
    "You counted the entropy twice in the second form.": two(second=(1, 1, 2, 0)),
    "You counted the entropy twice: it is inside the KL of the first form already.": two(
        (1, 0, 1, -1)
    ),
    "You counted the prior twice: it is inside the KL of the first form already.": two(
        (1, 1, 0, -1)
    ),
    "The entropy is missing in the second form.": two(second=(1, 1, 0, 0)),
    "The sign of the entropy is wrong: -E[log q] adds it.": two(second=(1, 1, -1, 0)),
    "The prior is missing in the second form.": two(second=(1, 0, 1, 0)),
    "The sign of the prior in the second form is wrong.": two(second=(1, -1, 1, 0)),
    "The likelihood is missing in both.": two((0, 0, 0, -1), (0, 1, 1, 0)),
    "You took minus the ELBO, twice: a loss.": two((-1, 0, 0, 1), (-1, -1, -1, 0)),
    "The two parts of the first form came back, not their difference.": two(
        (1, 0, 0, 0), (0, 0, 0, 1)
    ),
    "The second form has the KL once more.": two(second=(1, 1, 1, -1)),
    "This is log p(x) itself: q plays no part.": lambda *given: (evidence(*given),) * 2,
    "The mean was plugged into the likelihood: v is missing in E[(x - z)^2].": both_off(
        lambda x, m, v, s2: len(x) * v / (2 * s2)
    ),
    "You counted v once in the likelihood; it counts once for every datum.": both_off(
        lambda x, m, v, s2: (len(x) - 1) * v / (2 * s2)
    ),
    "2 pi is missing in the likelihood.": both_off(lambda x, m, v, s2: len(x) / 2 * LOG_2PI),
    "You counted log(2 pi s2) once; it counts once for every datum.": both_off(
        lambda x, m, v, s2: (len(x) - 1) / 2 * np.log(2 * np.pi * s2)
    ),
    "log s2 is missing in the likelihood.": both_off(lambda x, m, v, s2: len(x) / 2 * np.log(s2)),
    "s2 was taken for a standard deviation.": lambda x, m, v, s2: right(x, m, v, s2**2),
    "The root of s2 was taken: it is a variance.": lambda x, m, v, s2: right(x, m, v, np.sqrt(s2)),
    "v was taken for a standard deviation.": lambda x, m, v, s2: right(x, m, v**2, s2),
    "The half before the squares of the likelihood is missing.": both_off(
        lambda x, m, v, s2: -np.sum((x - m) ** 2 + v) / (2 * s2)
    ),
    "The half before log(2 pi s2) is missing.": both_off(
        lambda x, m, v, s2: -len(x) / 2 * np.log(2 * np.pi * s2)
    ),
    "You took a mean over the data: a log likelihood is a sum.": both_off(
        lambda x, m, v, s2: terms(x, m, v, s2)[0] * (1 / len(x) - 1)
    ),
    "The squares are not divided by s2.": both_off(
        lambda x, m, v, s2: np.sum((x - m) ** 2 + v) * (1 / s2 - 1) / 2
    ),
    "The half is missing in the KL.": first_off(lambda *given: -terms(*given)[3]),
    "The -1 is missing in the KL.": first_off(lambda *given: -0.5),
    "The sign of log v in the KL is wrong.": first_off(lambda x, m, v, s2: -np.log(v)),
    "log v is missing in the KL.": first_off(lambda x, m, v, s2: -np.log(v) / 2),
    "m^2 is missing in the KL.": first_off(lambda x, m, v, s2: m**2 / 2),
    "v is missing in the KL.": first_off(lambda x, m, v, s2: v / 2),
    "v was taken for a standard deviation in the KL's logarithm.": first_off(
        lambda x, m, v, s2: np.log(v) / 2
    ),
    "This is KL(p(z) || q) in the first form: exchange them.": first_off(
        lambda x, m, v, s2: terms(x, m, v, s2)[3] - ((1 + m**2) / v - 1 + np.log(v)) / 2
    ),
    "The mean was plugged into the prior: E[z^2] = m^2 + v.": second_off(lambda x, m, v, s2: v / 2),
    "m^2 is missing in the prior: E[z^2] = m^2 + v.": second_off(lambda x, m, v, s2: m**2 / 2),
    "2 pi is missing in the prior.": second_off(lambda *given: LOG_2PI / 2),
    "2 pi is missing in the entropy.": second_off(lambda *given: -LOG_2PI / 2),
    "The e is missing in the entropy: it is half a nat more.": second_off(lambda *given: -0.5),
    "v was squared in the entropy: it is a variance.": second_off(
        lambda x, m, v, s2: np.log(v) / 2
    ),
    "The half before the square is missing in the prior.": second_off(
        lambda x, m, v, s2: -(m**2 + v) / 2
    ),
}
