"""The mistakes of lesson 01 about normals: entropy, KL, moments."""

import numpy as np

from vi_lab.teach.lessons.solutions.lesson_01 import entropy_normal, kl_normals, moment_match


def normals(half=0.5, log=0.5, one=0.5, square=lambda d, v1, v2: d**2 / v2, ratio=1.0):
    """The KL of two normals with its terms at liberty."""
    return lambda m1, v1, m2, v2: (
        log * ratio * np.log(v2 / v1) + half * (v1 / v2 + square(m1 - m2, v1, v2)) - one
    )


def cross_entropy(m1, v1, m2, v2):
    """-E_q[log p]"""
    return 0.5 * np.log(2 * np.pi * v2) + (v1 + (m1 - m2) ** 2) / (2 * v2)


ENTROPY = {
    "The variance stands outside the logarithm.": lambda sd: 0.5 * np.log(2 * np.pi * np.e) * sd**2,
    "The variance is added: inside the logarithm it multiplies.": lambda sd: (
        0.5 * np.log(2 * np.pi * np.e + sd**2)
    ),
    "This is log sd alone.": lambda sd: np.log(sd),
    "You added the sd: its logarithm is added.": lambda sd: 0.5 * np.log(2 * np.pi * np.e) + sd,
    "sd stands where the variance belongs.": lambda sd: 0.5 * np.log(2 * np.pi * np.e * sd),
    "The half is missing.": lambda sd: np.log(2 * np.pi * np.e * sd**2),
    "The e is missing: E[(z - m)²] / v is one, not zero.": lambda sd: (
        0.5 * np.log(2 * np.pi * sd**2)
    ),
    "The sign is wrong: an entropy is minus an average of log q.": lambda sd: -entropy_normal(sd),
    "You took the log density at its peak: average it, and change the sign.": lambda sd: (
        -0.5 * np.log(2 * np.pi * sd**2)
    ),
    "2 pi is missing.": lambda sd: 0.5 * np.log(np.e * sd**2),
    "The 2 of 2 pi is missing.": lambda sd: 0.5 * np.log(np.pi * np.e * sd**2),
    "The sd plays no part.": lambda sd: 0.5 * np.log(2 * np.pi * np.e) + 0 * sd,
    "The variance is upside down: a wider normal has more entropy.": lambda sd: (
        0.5 * np.log(2 * np.pi * np.e / sd**2)
    ),
    "These are bits: nats want the natural logarithm.": lambda sd: entropy_normal(sd) / np.log(2),
    "You have a half too much: E[(z - m)²] / (2 v) is a half.": lambda sd: entropy_normal(sd) + 0.5,
    "The logarithm is missing.": lambda sd: np.sqrt(2 * np.pi * np.e) * sd,
    "The pi of 2 pi is missing.": lambda sd: 0.5 * np.log(2 * np.e * sd**2),
    "The sign of the half is wrong: E[(z - m)²] / (2 v) is added.": lambda sd: (
        entropy_normal(sd) - 1
    ),
    "The square is missing at sd, and the half is gone.": lambda sd: np.log(2 * np.pi * np.e * sd),
}

KL_NORMALS = {
    "You took the difference of the squares: it is the square of the difference.": (
        lambda m1, v1, m2, v2: 0.5 * (np.log(v2 / v1) + (v1 + m1**2 - m2**2) / v2 - 1)
    ),
    "The sign of the whole quotient is wrong.": normals(half=-0.5, one=-0.5),
    "You took the distance without its sign: square it.": normals(
        square=lambda d, v1, v2: abs(d) / v2
    ),
    "v1 + distance is squared: only the distance is.": lambda m1, v1, m2, v2: (
        0.5 * (np.log(v2 / v1) + (v1 + m1 - m2) ** 2 / v2 - 1)
    ),
    "The logarithm of the quotient is the difference of the logarithms.": (
        lambda m1, v1, m2, v2: (
            kl_normals(m1, v1, m2, v2) + 0.5 * (np.log(v2) / np.log(v1 + 1e-9) - np.log(v2 / v1))
        )
    ),
    "You added the entropy of q: KL is the cross-entropy less the entropy.": (
        lambda m1, v1, m2, v2: cross_entropy(m1, v1, m2, v2) + entropy_normal(np.sqrt(v1))
    ),
    "You added E_q[log p] to E_q[log q]: it is subtracted.": lambda m1, v1, m2, v2: (
        -cross_entropy(m1, v1, m2, v2) - entropy_normal(np.sqrt(v1))
    ),
    "You took the cross-entropy alone: E_q[log q] is missing.": cross_entropy,
    "You took E_q[log q] alone: E_q[log p] is missing.": lambda m1, v1, m2, v2: (
        -entropy_normal(np.sqrt(v1)) + 0 * (m1 + m2 + v2)
    ),
    "This is KL[p || q].": lambda m1, v1, m2, v2: kl_normals(m2, v2, m1, v1),
    "Standard deviations stand where variances belong.": lambda m1, v1, m2, v2: kl_normals(
        m1, np.sqrt(v1), m2, np.sqrt(v2)
    ),
    "v was squared: the arguments are variances.": lambda m1, v1, m2, v2: kl_normals(
        m1, v1**2, m2, v2**2
    ),
    "The half is missing.": normals(1.0, 1.0, 1.0),
    "The half is missing in front of the logarithm.": normals(log=1.0),
    "The half stands in front of the logarithm alone.": normals(1.0, 0.5, 1.0),
    "The -1 is missing.": normals(one=0.0),
    "The -1 is not halved.": normals(one=1.0),
    "The sign of the 1 is wrong.": normals(one=-0.5),
    "The ratio in the logarithm is upside down.": normals(ratio=-1.0),
    "The logarithm is missing.": normals(ratio=0.0),
    "The half is missing in front of the squared distance.": normals(
        square=lambda d, v1, v2: 2 * d**2 / v2
    ),
    "The ratio of the sds stands where that of the variances belongs.": (
        lambda m1, v1, m2, v2: kl_normals(m1, v1, m2, v2) + 0.5 * (np.sqrt(v1 / v2) - v1 / v2)
    ),
    "It is divided by v1 + v2: under q, (z - m2)² is divided by v2 alone.": (
        lambda m1, v1, m2, v2: 0.5 * (np.log(v2 / v1) + (v1 + (m1 - m2) ** 2) / (v1 + v2) - 1)
    ),
    "The squared distance is not divided by v2.": normals(square=lambda d, v1, v2: d**2),
    "You divided the squared distance by v1.": normals(square=lambda d, v1, v2: d**2 / v1),
    "You divided the distance by v2 before you squared it.": normals(
        square=lambda d, v1, v2: (d / v2) ** 2
    ),
    "The distance is not squared.": normals(square=lambda d, v1, v2: d / v2),
    "The means play no part.": normals(square=lambda d, v1, v2: 0.0),
    "You subtracted the squared distance: it is added.": normals(
        square=lambda d, v1, v2: -(d**2) / v2
    ),
    "You added the means: their distance is a difference.": lambda m1, v1, m2, v2: kl_normals(
        m1, v1, -m2, v2
    ),
    "v1 / v2 is missing: q has a width of its own.": lambda m1, v1, m2, v2: (
        kl_normals(m1, v1, m2, v2) - v1 / v2 / 2
    ),
    "v1 / v2 - 1 is missing: under q, (z - m2)² averages to v1 + (m1 - m2)².": (
        lambda m1, v1, m2, v2: 0.5 * (np.log(v2 / v1) + (m1 - m2) ** 2 / v2)
    ),
    "v1 / v2 is upside down.": lambda m1, v1, m2, v2: (
        kl_normals(m1, v1, m2, v2) + (v2 / v1 - v1 / v2) / 2
    ),
    "The sign is wrong.": lambda m1, v1, m2, v2: -kl_normals(m1, v1, m2, v2),
}

MOMENT_MATCH = {
    "The order is wrong: the mean first, then the sd.": lambda w, m, s: moment_match(w, m, s)[::-1],
    "The spread is about the plain mean: take it about the weighted one.": lambda w, m, s: (
        np.sum(w * m),
        np.sqrt(np.sum(w * (s**2 + (m - np.mean(m)) ** 2))),
    ),
    "The two sds are added: variances add, then the root.": lambda w, m, s: (
        np.sum(w * m),
        np.sqrt(np.sum(w * s**2)) + np.sqrt(np.sum(w * (m - np.sum(w * m)) ** 2)),
    ),
    "You summed the variances without weights.": lambda w, m, s: (
        np.sum(w * m),
        np.sqrt(np.sum(s**2)),
    ),
    "The spread between the components is missing.": lambda w, m, s: (
        np.sum(w * m),
        np.sqrt(np.sum(w * s**2)),
    ),
    "You averaged the sds: variances average, and the means spread.": lambda w, m, s: (
        np.sum(w * m),
        np.sum(w * s),
    ),
    "You did not weigh the spread of the means: average it by w.": lambda w, m, s: (
        np.sum(w * m),
        np.sqrt(np.sum(w * s**2) + np.var(m)),
    ),
    "You added an average sd to the sd of the means: variances add, then the root.": (
        lambda w, m, s: (
            np.sum(w * m),
            np.sum(w * s) + np.sqrt(np.sum(w * (m - np.sum(w * m)) ** 2)),
        )
    ),
    "You combined them by precision, as measurements of one thing: these are parts of a mixture.": (
        lambda w, m, s: (np.sum(w * m / s**2) / np.sum(w / s**2), np.sum(w / s**2) ** -0.5)
    ),
    "You gave a variance: an sd is wanted.": lambda w, m, s: (
        moment_match(w, m, s)[0],
        moment_match(w, m, s)[1] ** 2,
    ),
    "You took the heaviest component: that is what the other KL may do.": lambda w, m, s: (
        m[np.argmax(w)],
        s[np.argmax(w)],
    ),
    "The weights play no part.": lambda w, m, s: moment_match(0 * w + 1 / len(w), m, s),
    "The widths of the components are missing.": lambda w, m, s: (
        np.sum(w * m),
        np.sqrt(np.sum(w * m**2) - np.sum(w * m) ** 2),
    ),
    "The mean squared is not subtracted.": lambda w, m, s: (
        np.sum(w * m),
        np.sqrt(np.sum(w * (s**2 + m**2))),
    ),
    "Precisions were averaged: the variance is an average of squares.": lambda w, m, s: (
        np.sum(w * m),
        np.sum(w / s**2) ** -0.5,
    ),
    "The weights are squared: this is no sum of independent parts.": lambda w, m, s: (
        np.sum(w * m),
        np.sqrt(np.sum(w**2 * s**2)),
    ),
    "sds were added to squares: square them first.": lambda w, m, s: (
        np.sum(w * m),
        np.sqrt(np.abs(np.sum(w * (s + m**2)) - np.sum(w * m) ** 2)),
    ),
}
