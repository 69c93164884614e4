"""Named mistakes of lesson 06: the best encoder, its gap, its latents (06.2, 06.4, 06.6)."""

import numpy as np


def precision(W, s2):
    """I + W'W / s2"""
    return np.eye(W.shape[1]) + W.T @ W / s2


def encoder(L, W, s2, x):
    """The encoder with this precision."""
    return np.linalg.solve(L, W.T @ x / s2), 1 / np.diag(L)


def other_variance(variance):
    """A mistake in the variance alone: variance(L)."""
    return lambda W, s2, x: (
        encoder(precision(W, s2), W, s2, x)[0],
        variance(precision(W, s2)),
    )


def other_mean(mean):
    """A mistake in the mean alone: mean(L, W, s2, x)."""
    return lambda W, s2, x: (mean(precision(W, s2), W, s2, x), 1 / np.diag(precision(W, s2)))


BEST_ENCODER = {
    "sigma^2 is missing in the precision: I + W'W / s2.": lambda W, s2, x: encoder(
        precision(W, 1.0), W, s2, x
    ),
    "sigma^2 is missing throughout.": lambda W, s2, x: encoder(precision(W, 1.0), W, 1.0, x),
    "The prior is missing in the precision: I + W'W / s2.": lambda W, s2, x: encoder(
        W.T @ W / s2, W, s2, x
    ),
    "The prior is missing in the mean: this is least squares.": other_mean(
        lambda L, W, s2, x: np.linalg.solve(W.T @ W, W.T @ x)
    ),
    "The prior is missing in the variances.": lambda W, s2, x: (
        encoder(precision(W, s2), W, s2, x)[0],
        s2 / np.diag(W.T @ W),
    ),
    "These are the true variances; the nearest q has 1 / L_jj.": other_variance(
        lambda L: np.diag(np.linalg.inv(L))
    ),
    "sigma^2 is missing in the mean.": other_mean(lambda L, W, s2, x: np.linalg.solve(L, W.T @ x)),
    "The mean is multiplied by sigma^2, not divided.": other_mean(
        lambda L, W, s2, x: s2 * np.linalg.solve(L, W.T @ x)
    ),
    "Standard deviations: the variances 1 / L_jj are wanted.": other_variance(
        lambda L: 1 / np.sqrt(np.diag(L))
    ),
    "These are precisions: a variance is one over L_jj.": other_variance(np.diag),
    "The whole precision matrix came back: one over its diagonal is wanted.": other_variance(
        lambda L: L
    ),
    "The whole covariance matrix came back: one over the diagonal of L is wanted.": (
        other_variance(np.linalg.inv)
    ),
    "The variances stand in a matrix: K numbers are wanted.": other_variance(
        lambda L: np.diag(1 / np.diag(L))
    ),
    "You took log variances: variances are wanted.": other_variance(lambda L: -np.log(np.diag(L))),
    "You took log precisions: variances are wanted.": other_variance(lambda L: np.log(np.diag(L))),
    "sigma was taken for sigma^2: s2 is squared already.": lambda W, s2, x: encoder(
        precision(W, s2**2), W, s2**2, x
    ),
    "The root of s2 was taken: it is a variance.": lambda W, s2, x: encoder(
        precision(W, s2**0.5), W, s2**0.5, x
    ),
    "You took s2 W'W: the noise divides, a noisy datum says less.": lambda W, s2, x: encoder(
        precision(W, 1 / s2), W, s2, x
    ),
    "W'W + s2 I is s2 times the precision: the variances need an s2 back.": lambda W, s2, x: (
        encoder(precision(W, s2), W, s2, x)[0],
        1 / np.diag(precision(W, s2) * s2),
    ),
    "W W' stands where W'W belongs: the precision is (K, K).": lambda W, s2, x: encoder(
        np.eye(W.shape[1]) + W @ W.T / s2, W, s2, x
    ),
    "A matrix of ones stands where I belongs.": lambda W, s2, x: encoder(
        np.ones((W.shape[1],) * 2) + W.T @ W / s2, W, s2, x
    ),
    "The precision is missing in the mean: solve with I + W'W / s2.": other_mean(
        lambda L, W, s2, x: W.T @ x / s2
    ),
    "You took the projection alone: W'x is neither divided by s2 nor solved for.": other_mean(
        lambda L, W, s2, x: W.T @ x
    ),
    "The mean was solved with the diagonal of the precision: all of it is needed.": other_mean(
        lambda L, W, s2, x: W.T @ x / s2 / np.diag(L)
    ),
    "The mean was multiplied by the precision: solve with it.": other_mean(
        lambda L, W, s2, x: L @ (W.T @ x) / s2
    ),
    "The sign of the mean is wrong.": other_mean(
        lambda L, W, s2, x: -np.linalg.solve(L, W.T @ x) / s2
    ),
    "You took one variance for all: each latent has its own.": other_variance(
        lambda L: np.full(len(L), 1 / np.mean(np.diag(L)))
    ),
    "The variances are those of the noise, s2 / n of a mean: they come from L.": other_variance(
        lambda L: np.diag(np.linalg.inv(L)) ** 2
    ),
}


def log_det(A):
    """log |A|"""
    return np.linalg.slogdet(A)[1]


def log_diag(A):
    """log |diag A|"""
    return np.log(np.diag(A)).sum()


def spread(L):
    """What the trace and K leave of a KL whose q has the true variances."""
    return np.sum(np.diag(L) * np.diag(np.linalg.inv(L)) - 1)


ROTATION_GAP = {
    "The half is missing.": lambda L: log_diag(L) - log_det(L),
    "The sign is wrong: a KL is never negative.": lambda L: (log_det(L) - log_diag(L)) / 2,
    "You took the determinant, not its logarithm.": lambda L: (log_diag(L) - np.linalg.det(L)) / 2,
    "You took the variances of the other KL: q has 1 / L_jj.": lambda L: (
        (log_diag(np.linalg.inv(L)) + log_det(L)) / 2
    ),
    "This is KL(q || p) of a q with the true variances: the best q has 1 / L_jj.": lambda L: (
        (spread(L) - log_diag(np.linalg.inv(L)) - log_det(L)) / 2
    ),
    "This is KL(p || q): exchange them.": lambda L: (spread(L) - log_diag(L) + log_det(L)) / 2,
    "You took the logarithm of the trace: sum the logarithms of the diagonal.": lambda L: (
        (np.log(np.trace(L)) - log_det(L)) / 2
    ),
    "You took the diagonal itself, not its logarithm.": lambda L: (np.trace(L) - log_det(L)) / 2,
    "You took no logarithm at all.": lambda L: (np.prod(np.diag(L)) - np.linalg.det(L)) / 2,
    "The trace and K were kept: with the variances 1 / L_jj they cancel.": lambda L: (
        (log_diag(L) - log_det(L) + np.trace(L) - len(L)) / 2
    ),
    "You took one number for each latent: sum the logarithms of the diagonal first.": lambda L: (
        (np.log(np.diag(L)) - log_det(L)) / 2
    ),
    "The log-determinant is missing.": lambda L: log_diag(L) / 2,
    "The diagonal is missing.": lambda L: -log_det(L) / 2,
    "They were added: the gap is a difference.": lambda L: (log_diag(L) + log_det(L)) / 2,
    "You took a mean over the latents: a KL is a sum.": lambda L: (
        (log_diag(L) - log_det(L)) / 2 / len(L)
    ),
    "You took the ratio, not its logarithm.": lambda L: np.prod(np.diag(L)) / np.linalg.det(L),
    "You took half the ratio, not half its logarithm.": lambda L: (
        np.prod(np.diag(L)) / np.linalg.det(L) / 2
    ),
    "You took the formula of two latents: the determinant knows all pairs.": lambda L: (
        -np.log(1 - L[0, 1] ** 2 / (L[0, 0] * L[1, 1])) / 2
    ),
    "You took the root of the ratio, not its logarithm.": lambda L: np.sqrt(
        np.prod(np.diag(L)) / np.linalg.det(L)
    ),
    "You took bits: log2, nats want the natural logarithm.": lambda L: (
        (np.log2(np.diag(L)).sum() - log_det(L) / np.log(2)) / 2
    ),
    "The half belongs to both terms: it is missing before the determinant.": lambda L: (
        log_diag(L) / 2 - log_det(L)
    ),
    "The half belongs to both terms: it is missing before the diagonal.": lambda L: (
        log_diag(L) - log_det(L) / 2
    ),
    "The entries of q are those of L off the diagonal as well: the diagonal alone counts.": (
        lambda L: (np.log(L).sum() - log_det(L)) / 2
    ),
}


def floored(values):
    """Nothing below 0."""
    return np.maximum(values, 0)


def nats(e, s2):
    """What a direction carries above the noise."""
    return np.log(e / s2) / 2


USED = {
    "Not floored: a direction below the noise carries 0, not less.": nats,
    "The half is missing.": lambda e, s2: floored(np.log(e / s2)),
    "Standard deviations for variances: the ratio is eigenvalue / s2.": lambda e, s2: floored(
        np.log(np.sqrt(e) / s2) / 2
    ),
    "The root of s2 was taken: it is a variance.": lambda e, s2: floored(
        np.log(e / np.sqrt(s2)) / 2
    ),
    "sigma was taken for sigma^2: s2 is squared already.": lambda e, s2: floored(
        np.log(e / s2**2) / 2
    ),
    "Upside down: eigenvalue / s2.": lambda e, s2: floored(np.log(s2 / e) / 2),
    "The sign is wrong: eigenvalue / s2 is above one where a latent is used.": lambda e, s2: (
        np.where(e > s2, np.log(s2 / e) / 2, 0)
    ),
    "This is half log(1 + eigenvalue / s2): the eigenvalue holds the noise already.": (
        lambda e, s2: np.log1p(e / s2) / 2
    ),
    "You took half log(1 + eigenvalue / s2): the eigenvalue holds the noise already.": (
        lambda e, s2: np.where(e > s2, np.log1p(e / s2) / 2, 0)
    ),
    "The noise was subtracted from the eigenvalue: the ratio of variances counts.": lambda e, s2: (
        np.where(e > s2, np.log(np.maximum(e - s2, 1e-300) / s2) / 2, 0)
    ),
    "The noise is missing in the logarithm.": lambda e, s2: np.where(e > s2, np.log(e) / 2, 0),
    "The noise was subtracted and nothing divided: the ratio of variances counts.": lambda e, s2: (
        np.where(e > s2, np.log(np.maximum(e - s2, 1e-300)) / 2, 0)
    ),
    "Averaged: one number for each eigenvalue is wanted.": lambda e, s2: np.mean(
        floored(nats(e, s2))
    ),
    "You took half the excess, (eigenvalue - s2) / 2: the logarithm of the ratio is wanted.": (
        lambda e, s2: np.where(e > s2, (e - s2) / 2, 0)
    ),
    "Compared with the root of s2: both are variances.": lambda e, s2: np.where(
        e > np.sqrt(s2), nats(e, s2), 0
    ),
    "Compared with 1, not with the noise.": lambda e, s2: np.where(e > 1, nats(e, s2), 0),
    "You took absolute values: a direction below the noise carries 0.": lambda e, s2: (
        np.abs(np.log(e / s2)) / 2
    ),
    "The unused ones are left out: they carry 0, and stay in the array.": lambda e, s2: (
        np.log(e[e > s2] / s2) / 2
    ),
    "You took True and False: the nats are wanted.": lambda e, s2: (e > s2) * 1.0,
    "The number of used latents: the nats of each are wanted.": lambda e, s2: np.sum(e > s2),
    "Summed: one number for each eigenvalue is wanted.": lambda e, s2: np.sum(floored(nats(e, s2))),
    "You took bits: log2, nats want the natural logarithm.": lambda e, s2: floored(
        np.log2(e / s2) / 2
    ),
    "You took the ratio, not its logarithm.": lambda e, s2: np.where(e > s2, e / s2, 0),
    "You took half the ratio, not half its logarithm.": lambda e, s2: np.where(
        e > s2, e / s2 / 2, 0
    ),
    "You took nan for the unused: they carry 0.": lambda e, s2: np.where(
        e > s2, nats(e, s2), np.nan
    ),
    "You took the other way round: those below the noise were kept.": lambda e, s2: np.where(
        e > s2, 0, nats(e, s2)
    ),
    "You took twice the logarithm: half of it.": lambda e, s2: floored(2 * np.log(e / s2)),
}
