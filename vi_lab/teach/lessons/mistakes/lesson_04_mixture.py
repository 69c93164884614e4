"""Named mistakes of lesson 04: the labels of a mixture (04.7)."""

import numpy as np
from scipy.special import digamma, gammaln, softmax


def rows(x):
    """The data as a column."""
    return x[:, None]


def shared(log_r, axis=1):
    """exp, normalised along an axis."""
    return softmax(log_r, axis=axis)


def log_weights(alpha):
    """E[log weight] under the Dirichlet."""
    return digamma(alpha) - digamma(alpha.sum())


UPDATE_Z = {
    "The means were plugged in: their variances v are missing.": lambda x, m, v, a: shared(
        log_weights(a) - (rows(x) - m) ** 2 / 2
    ),
    "You took the logarithm of the mean weight: the mean of the logarithm has a digamma.": (
        lambda x, m, v, a: shared(np.log(a / a.sum()) - ((rows(x) - m) ** 2 + v) / 2)
    ),
    "You normalised exp E[log weight] and added that: add E[log weight] itself, a logarithm.": (
        lambda x, m, v, a: shared(softmax(digamma(a)) - ((rows(x) - m) ** 2 + v) / 2)
    ),
    "You added the prior of the means, -m²/2: it is the same for every label.": lambda x, m, v, a: (
        shared(log_weights(a) - ((rows(x) - m) ** 2 + v) / 2 - m**2 / 2)
    ),
    "The weights of the components are missing.": lambda x, m, v, a: shared(
        -((rows(x) - m) ** 2 + v) / 2
    ),
    "Normalised over the data: each row must sum to one.": lambda x, m, v, a: shared(
        log_weights(a) - ((rows(x) - m) ** 2 + v) / 2, axis=0
    ),
    "The half in the exponent is missing.": lambda x, m, v, a: shared(
        log_weights(a) - ((rows(x) - m) ** 2 + v)
    ),
    "You gave components by data: transpose it.": lambda x, m, v, a: (
        shared(log_weights(a) - ((rows(x) - m) ** 2 + v) / 2).T
    ),
    "Not normalised: each row must sum to one.": lambda x, m, v, a: np.exp(
        log_weights(a) - ((rows(x) - m) ** 2 + v) / 2
    ),
    "Not normalised: digamma of the total was left out, and each row must sum to one.": (
        lambda x, m, v, a: np.exp(digamma(a) - ((rows(x) - m) ** 2 + v) / 2)
    ),
    "Normalised over the whole table: each row must sum to one.": lambda x, m, v, a: shared(
        log_weights(a) - ((rows(x) - m) ** 2 + v) / 2, axis=None
    ),
    "These are logarithms: exponentiate and normalise each row.": lambda x, m, v, a: (
        log_weights(a) - ((rows(x) - m) ** 2 + v) / 2
    ),
    "These are the logarithms of the responsibilities.": lambda x, m, v, a: np.log(
        shared(log_weights(a) - ((rows(x) - m) ** 2 + v) / 2)
    ),
    "The half belongs to v as well as to the square.": lambda x, m, v, a: shared(
        log_weights(a) - (rows(x) - m) ** 2 / 2 - v
    ),
    "The half belongs to the square as well as to v.": lambda x, m, v, a: shared(
        log_weights(a) - (rows(x) - m) ** 2 - v / 2
    ),
    "The variance was added to the log weight: it is subtracted.": lambda x, m, v, a: shared(
        log_weights(a) - ((rows(x) - m) ** 2 - v) / 2
    ),
    "v was squared: it is a variance already.": lambda x, m, v, a: shared(
        log_weights(a) - ((rows(x) - m) ** 2 + v**2) / 2
    ),
    "A standard deviation was added: v itself belongs there.": lambda x, m, v, a: shared(
        log_weights(a) - ((rows(x) - m) ** 2 + np.sqrt(v)) / 2
    ),
    "The entropy of q(mu) was added: v enters by itself alone.": lambda x, m, v, a: shared(
        log_weights(a) - ((rows(x) - m) ** 2 + v - np.log(v)) / 2
    ),
    "Not normalised: expected densities, and each row must sum to one.": lambda x, m, v, a: np.exp(
        log_weights(a) - ((rows(x) - m) ** 2 + v + np.log(2 * np.pi)) / 2
    ),
    "Divided by v: the observations have variance 1, v is that of the means.": (
        lambda x, m, v, a: shared(log_weights(a) - (rows(x) - m) ** 2 / v / 2)
    ),
    "Divided by 1 + v: the average is taken of the log density, not of the density.": (
        lambda x, m, v, a: shared(
            log_weights(a) - (rows(x) - m) ** 2 / (1 + v) / 2 - np.log(1 + v) / 2
        )
    ),
    "The squares alone in the exponent have lost their sign.": lambda x, m, v, a: shared(
        log_weights(a) + ((rows(x) - m) ** 2 + v) / 2
    ),
    "Not squared: the distance to the mean enters squared.": lambda x, m, v, a: shared(
        log_weights(a) - (np.abs(rows(x) - m) + v) / 2
    ),
    "You took a hard choice of the likeliest component.": lambda x, m, v, a: np.eye(len(m))[
        np.argmax(log_weights(a) - ((rows(x) - m) ** 2 + v) / 2, axis=1)
    ],
    "You took a hard choice of the nearest component.": lambda x, m, v, a: np.eye(len(m))[
        np.argmin(np.abs(rows(x) - m), axis=1)
    ],
    "log Gamma stands for digamma: its derivative is wanted.": lambda x, m, v, a: shared(
        gammaln(a) - ((rows(x) - m) ** 2 + v) / 2
    ),
    "alpha itself was added, not E[log weight].": lambda x, m, v, a: shared(
        a - ((rows(x) - m) ** 2 + v) / 2
    ),
    "The mean weight was added, not E[log weight].": lambda x, m, v, a: shared(
        a / a.sum() - ((rows(x) - m) ** 2 + v) / 2
    ),
    "E[log weight] multiplies: logarithms add.": lambda x, m, v, a: shared(
        log_weights(a) * -((rows(x) - m) ** 2 + v) / 2
    ),
    "alpha is one too small: digamma(alpha), not digamma(alpha - 1).": lambda x, m, v, a: shared(
        digamma(a - 1) - ((rows(x) - m) ** 2 + v) / 2
    ),
    "alpha is one too large: digamma(alpha), not digamma(alpha + 1).": lambda x, m, v, a: shared(
        digamma(a + 1) - ((rows(x) - m) ** 2 + v) / 2
    ),
    "This is the density of N(m, v) at x: the observations have variance 1.": lambda x, m, v, a: (
        shared(log_weights(a) - (rows(x) - m) ** 2 / v / 2 - np.log(v) / 2)
    ),
    "Divided by 1 + v: v is added to the square instead.": lambda x, m, v, a: shared(
        log_weights(a) - (rows(x) - m) ** 2 / (1 + v) / 2
    ),
    "E[log weight] was exponentiated: it is added as a logarithm.": lambda x, m, v, a: shared(
        np.exp(log_weights(a)) - ((rows(x) - m) ** 2 + v) / 2
    ),
    "alpha was exponentiated by its digamma, and added: add the digamma itself.": (
        lambda x, m, v, a: shared(np.exp(digamma(a)) - ((rows(x) - m) ** 2 + v) / 2)
    ),
    "You took digamma of the mean weight: subtract that of the sum.": lambda x, m, v, a: shared(
        digamma(a / a.sum()) - ((rows(x) - m) ** 2 + v) / 2
    ),
    "The logarithms were divided by their sum: exponentiate first.": lambda x, m, v, a: (
        (log_weights(a) - ((rows(x) - m) ** 2 + v) / 2)
        / np.sum(log_weights(a) - ((rows(x) - m) ** 2 + v) / 2, axis=1, keepdims=True)
    ),
    "The sign of the means is wrong: x - mu, not x + mu.": lambda x, m, v, a: shared(
        log_weights(a) - ((rows(x) + m) ** 2 + v) / 2
    ),
}
