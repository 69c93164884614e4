"""Named mistakes of lesson 06: log p(x) of the linear model (06.3)."""

import numpy as np

from vi_lab.teach.lessons.mistakes.lesson_06_encoder import log_det, log_diag, precision

LOG_2PI = np.log(2 * np.pi)


def normal(log_det, quadratic, size):
    """-1/2 (D log 2 pi + log det + quadratic)"""
    return -(size * LOG_2PI + log_det + quadratic) / 2


def covariance(W, s2):
    """C = W W' + s2 I"""
    return W @ W.T + s2 * np.eye(len(W))


def form(C, x):
    """x' C^-1 x"""
    return x @ np.linalg.solve(C, x)


def with_covariance(parts):
    """A mistake in what becomes of C = W W' + s2 I: parts(log det C, x' C^-1 x, D)."""

    def wrong(W, s2, x):
        C = covariance(W, s2)
        return parts(log_det(C), form(C, x), len(x))

    return wrong


right_evidence = with_covariance(normal)

LOG_EVIDENCE = {
    "2 pi is missing.": with_covariance(lambda d, q, n: -(d + q) / 2),
    "You took 2 pi once, not once for every dimension.": with_covariance(
        lambda d, q, n: normal(d, q, 1)
    ),
    "The half is missing.": with_covariance(lambda d, q, n: 2 * normal(d, q, n)),
    "The half is missing in front of the log-determinant.": with_covariance(
        lambda d, q, n: normal(2 * d, q, n)
    ),
    "The half is missing in front of the quadratic form.": with_covariance(
        lambda d, q, n: normal(d, 2 * q, n)
    ),
    "The half is missing in front of log 2 pi.": with_covariance(
        lambda d, q, n: normal(d, q, 2 * n)
    ),
    "The sign of the log-determinant is wrong.": with_covariance(lambda d, q, n: normal(-d, q, n)),
    "The sign of the quadratic form is wrong.": with_covariance(lambda d, q, n: normal(d, -q, n)),
    "The sign of all is wrong: minus log p(x).": with_covariance(lambda d, q, n: -normal(d, q, n)),
    "The log-determinant is missing.": with_covariance(lambda d, q, n: normal(0, q, n)),
    "The quadratic form is missing.": with_covariance(lambda d, q, n: normal(d, 0, n)),
    "You have a half too many in front of the log-determinant.": with_covariance(
        lambda d, q, n: normal(d / 2, q, n)
    ),
    "K, the number of latents, stands before log 2 pi: x has D dimensions.": lambda W, s2, x: (
        right_evidence(W, s2, x) + (len(x) - W.shape[1]) * LOG_2PI / 2
    ),
    "You took the noise alone in the quadratic form: W W' is missing there.": lambda W, s2, x: (
        normal(log_det(covariance(W, s2)), x @ x / s2, len(x))
    ),
    "You took the variances alone in the quadratic form: C is not diagonal.": lambda W, s2, x: (
        normal(
            log_det(covariance(W, s2)),
            np.sum(x**2 / np.diag(covariance(W, s2))),
            len(x),
        )
    ),
    "The determinant of W'W + s2 I, which is (K, K): C is (D, D).": lambda W, s2, x: (
        right_evidence(W, s2, x) + (len(x) - W.shape[1]) * np.log(s2) / 2
    ),
    "I stands where s2 I belongs, in the log-determinant.": lambda W, s2, x: (
        right_evidence(W, s2, x) + (log_det(covariance(W, s2)) - log_det(covariance(W, 1))) / 2
    ),
    "You took the determinant, not its logarithm.": with_covariance(
        lambda d, q, n: normal(np.exp(d), q, n)
    ),
    "This is a density, not its logarithm.": with_covariance(
        lambda d, q, n: np.exp(normal(d, q, n))
    ),
    "You took the mean over the dimensions: a log density is a sum.": with_covariance(
        lambda d, q, n: normal(d, q, n) / n
    ),
    "sigma was taken for sigma^2: s2 is squared already.": lambda W, s2, x: right_evidence(
        W, s2**2, x
    ),
    "The root of s2 was taken: it is a variance.": lambda W, s2, x: right_evidence(W, s2**0.5, x),
    "The noise is missing from the quadratic form: W W' alone stands there.": lambda W, s2, x: (
        right_evidence(W, s2, x) - (form(W @ W.T, x) - form(covariance(W, s2), x)) / 2
    ),
    "The noise is missing from the log-determinant: W W' alone stands there.": lambda W, s2, x: (
        right_evidence(W, s2, x) - (log_det(W @ W.T) - log_det(covariance(W, s2))) / 2
    ),
    "The noise is missing: x has the covariance W W' + s2 I.": lambda W, s2, x: normal(
        log_det(W @ W.T), form(W @ W.T, x), len(x)
    ),
    "You took the noise alone: W W' is missing in the covariance.": lambda W, s2, x: normal(
        len(x) * np.log(s2), x @ x / s2, len(x)
    ),
    "You took the measurements one by one: W W' ties them, C is not diagonal.": lambda W, s2, x: (
        normal(
            np.sum(np.log(np.diag(covariance(W, s2)))),
            np.sum(x**2 / np.diag(covariance(W, s2))),
            len(x),
        )
    ),
    "I stands where s2 I belongs.": lambda W, s2, x: right_evidence(W, 1.0, x),
    "The covariance stands in the quadratic form: its inverse belongs there.": lambda W, s2, x: (
        normal(
            log_det(covariance(W, s2)),
            x @ covariance(W, s2) @ x,
            len(x),
        )
    ),
    "s2 multiplies W W' too: only the noise has it.": lambda W, s2, x: right_evidence(
        W * np.sqrt(s2), s2, x
    ),
    "s2 was added to every entry: the noise is on the diagonal alone.": lambda W, s2, x: normal(
        log_det(W @ W.T + s2), form(W @ W.T + s2, x), len(x)
    ),
    "This is log p(x | z = 0) at the mean of the prior, plus nothing for its spread.": (
        lambda W, s2, x: normal(0.0, x @ x / s2, len(x))
    ),
    "This is the ELBO of the best diagonal q, the rotation gap below log p(x).": (
        lambda W, s2, x: (
            right_evidence(W, s2, x) - (log_diag(precision(W, s2)) - log_det(precision(W, s2))) / 2
        )
    ),
}
