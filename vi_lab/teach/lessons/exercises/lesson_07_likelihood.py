"""Lesson 07: the Bernoulli likelihood of a picture from its logits."""

from __future__ import annotations

import numpy as np

from vi_lab.teach.exercise import Exercise

SMALL = ("1e-4", "1e-5", "1e-6", "1e-7", "1e-8", "1e-9", "1e-10", "1e-12", "1e-15")


def picture_inputs(rng, i):
    """Zeros and ones and logits: ordinary, one picture, logits of ±900 that fit or do not,
    and the logits near which a clip would show."""
    rows, pixels = [(4, 5), (1, 4), (3, 3), (2, 6), (3, 4), (5, 1)][i % 6]
    x = (rng.random((rows, pixels)) < 0.5) * 1.0
    logits = 2 * rng.normal(size=(rows, pixels))
    if i % 6 == 2:
        x[0, :2], logits[0, :2] = (1.0, 0.0), (900.0, -900.0)
    if i % 6 == 3:
        x[1, :2], logits[1, :2] = (1.0, 0.0), (-900.0, 40.0)
    if i % 6 == 4:
        x[2, :2], logits[2, :2] = (0.0, 1.0), (900.0, 30.0)
    if i % 6 == 5:
        x[:], logits[:, 0] = 1.0, [-14.0, -18.0, -20.5, -23.0, -27.5]
    return x, logits


def bernoulli_log_likelihood(x, logits):
    """log p(x|z) of each picture, shape (rows,), in nats.

    x and logits are (rows, pixels); x is 0 or 1, p = sigmoid(logits). A logit may be 900 or -900.
    """
    return (x * logits - np.logaddexp(0, logits)).sum(axis=-1)


def sigmoid(a):
    return np.exp(-np.logaddexp(0, -a))


def _naive(a):
    return 1 / (1 + np.exp(-a))


def _clipped(eps):
    def wrong(x, logits):
        p = np.clip(sigmoid(logits), eps, 1 - eps)
        return (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(-1)

    return wrong


def _added(eps):
    def wrong(x, logits):
        p = sigmoid(logits)
        return (x * np.log(p + eps) + (1 - x) * np.log(1 - p + eps)).sum(-1)

    return wrong


def _unsquashed(eps):
    def wrong(x, logits):
        p = np.clip(logits, eps, 1 - eps)
        return (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(-1)

    return wrong


def _clipped_logits(most):
    return lambda x, logits: _each(x, np.clip(logits, -most, most)).sum(-1)


def _log_zero(x, logits):
    p = _naive(logits)
    return x * np.log(p) + (1 - x) * np.log(1 - p)


def _log_zero_chosen(x, logits):
    p = _naive(logits)
    return np.where(x == 1, np.log(p), np.log(1 - p)).sum(-1)


def _each(x, logits):
    return x * logits - np.logaddexp(0, logits)


LIKELIHOOD = Exercise(
    id="07.3",
    title="log p(x|z) from logits",
    minutes=10,
    star=False,
    inputs=picture_inputs,
    right=bernoulli_log_likelihood,
    mistakes={
        "x was taken for a sign: it is 0 or 1, not -1 or 1.": lambda x, z: (
            -np.logaddexp(0, -x * z).sum(-1)
        ),
        "You took a softmax over the pixels: each is a coin of its own.": lambda x, z: (
            x * (z - np.logaddexp.reduce(z, axis=-1, keepdims=True))
        ).sum(-1),
        "You took a mean over the pixels: a log likelihood is a sum.": lambda x, z: _each(
            x, z
        ).mean(-1),
        "Minus: that is a loss, not a log likelihood.": lambda x, z: -_each(x, z).sum(-1),
        "Minus, and a mean over the pixels: that is a loss.": lambda x, z: -_each(x, z).mean(-1),
        "Summed over the rows too: one number for each picture.": lambda x, z: _each(x, z).sum(),
        "You took a mean over everything: one number for each picture.": lambda x, z: _each(
            x, z
        ).mean(),
        "Summed over the rows, not over the pixels.": lambda x, z: _each(x, z).sum(0),
        "Not summed: the pixels of a picture add up.": _each,
        "log 0: work with the logits, not with the probabilities.": lambda x, z: _log_zero(
            x, z
        ).sum(-1),
        "log 0 is -inf: work with the logits; log p = l - log(1 + e^l).": _log_zero_chosen,
        "log 0 was made a 0: nan_to_num hides the pixel that does not fit.": lambda x, z: (
            np.nan_to_num(_log_zero(x, z)).sum(-1)
        ),
        **{
            f"A clip at {eps} hides log 0: that changes the likelihood.": _clipped(float(eps))
            for eps in SMALL
        },
        **{
            f"{eps} inside the logarithm: that changes the likelihood.": _added(float(eps))
            for eps in SMALL[:-1]
        },
        **{
            f"You took the logits for probabilities, with a clip at {eps}.": _unsquashed(float(eps))
            for eps in ("1e-3", *SMALL)
        },
        **{
            f"The logits were clipped at ±{most}: 900 is 900.": _clipped_logits(most)
            for most in (20, 30, 50, 100, 500, 700)
        },
        "A floor of 1e-300 hides log 0: a logit of 900 is worth 900 nats.": lambda x, z: (
            x * np.log(np.maximum(_naive(z), 1e-300))
            + (1 - x) * np.log(np.maximum(1 - _naive(z), 1e-300))
        ).sum(-1),
        "exp overflows at a logit of 900: take the larger out first.": lambda x, z: (
            x * z - np.log(1 + np.exp(z))
        ).sum(-1),
        "exp overflows at a logit of -900: take the larger out first.": lambda x, z: (
            (x - 1) * z - np.log(1 + np.exp(-z))
        ).sum(-1),
        "You took only the pixels that are on: 1 - x has its term too.": lambda x, z: (
            -(x * np.logaddexp(0, -z)).sum(-1)
        ),
        "You took only the pixels that are off: x has its term too.": lambda x, z: (
            -((1 - x) * np.logaddexp(0, z)).sum(-1)
        ),
        "You took logits for probabilities: log of a negative number.": lambda x, z: (
            x * np.log(z) + (1 - x) * np.log(1 - z)
        ).sum(-1),
        "You took the squared error, not the Bernoulli likelihood.": lambda x, z: (
            (x - sigmoid(z)) ** 2
        ).sum(-1),
        "You took minus the squared error, not the Bernoulli likelihood.": lambda x, z: (
            -((x - sigmoid(z)) ** 2).sum(-1)
        ),
        "You took minus half the squared error: that is a Gaussian.": lambda x, z: (
            -0.5 * ((x - sigmoid(z)) ** 2).sum(-1)
        ),
        "You took the absolute error, not the Bernoulli likelihood.": lambda x, z: (
            -np.abs(x - sigmoid(z)).sum(-1)
        ),
        "2 x - 1 stands where x belongs.": lambda x, z: _each(2 * x - 1, z).sum(-1),
        "exp is missing: log(1 + l).": lambda x, z: (x * z - np.log1p(z)).sum(-1),
        "You took the squared error of the logits: not even probabilities.": lambda x, z: (
            -0.5 * ((x - z) ** 2).sum(-1)
        ),
        "x and 1 - x changed places.": lambda x, z: _each(1 - x, z).sum(-1),
        "The sign inside is wrong: log(1 + e^-l) stands where log(1 + e^l) belongs.": lambda x, z: (
            x * z - np.logaddexp(0, -z)
        ).sum(-1),
        "You took x l + log(1 + e^l): the logarithm is subtracted.": lambda x, z: (
            x * z + np.logaddexp(0, z)
        ).sum(-1),
        "log(1 + e^l) is missing: it normalises.": lambda x, z: (x * z).sum(-1),
        "x l is missing.": lambda x, z: -np.logaddexp(0, z).sum(-1),
        "You took the likelihood, not its logarithm.": lambda x, z: np.exp(_each(x, z).sum(-1)),
        "You took a sum of probabilities: the logarithm is missing.": lambda x, z: (
            x * sigmoid(z) + (1 - x) * sigmoid(-z)
        ).sum(-1),
        "You took log of the summed probability: the pixels' logarithms add.": lambda x, z: np.log(
            (x * sigmoid(z) + (1 - x) * sigmoid(-z)).sum(-1)
        ),
        "You took tanh(l) for tanh(l/2): p = (1 + tanh(l/2)) / 2.": lambda x, logits: (
            bernoulli_log_likelihood(x, 2 * logits)
        ),
        "The sigmoid was taken twice.": lambda x, z: _each(x, sigmoid(z)).sum(-1),
        "The other half has its sign turned: + (1 - x) log(1 - p).": lambda x, z: (
            -x * np.logaddexp(0, -z) + (1 - x) * np.logaddexp(0, z)
        ).sum(-1),
        "The pixels' probabilities, not the logarithms, were averaged.": lambda x, z: np.log(
            np.exp(_each(x, z)).mean(-1)
        ),
        "You took log(1 + e^-|l|) alone: max(0, l) was taken out and is missing.": lambda x, z: (
            x * z - np.logaddexp(0, -np.abs(z))
        ).sum(-1),
        "max(0, l) is not log(1 + e^l).": lambda x, z: (x * z - np.maximum(0, z)).sum(-1),
        "The pixels were multiplied: logarithms add.": lambda x, z: _each(x, z).prod(-1),
        "You took the largest pixel alone.": lambda x, z: _each(x, z).max(-1),
        "You took log(1 + e^l) once for a picture, not once for each pixel.": lambda x, z: (
            (x * z).sum(-1) - np.logaddexp(0, z.sum(-1))
        ),
        "(1 - x) stands at log(1 + e^l): it belongs to both terms.": lambda x, z: (
            x * z - (1 - x) * np.logaddexp(0, z)
        ).sum(-1),
        "You took e^l for log(1 + e^l): that is a Poisson.": lambda x, z: (x * z - np.exp(z)).sum(
            -1
        ),
        "You took bits, not nats.": lambda x, z: _each(x, z).sum(-1) / np.log(2),
    },
    hints=(
        "log p = l - log(1 + e^l) and log(1 - p) = -log(1 + e^l): put both into the Bernoulli.",
        "Σ_d x_d l_d - log(1 + e^(l_d)); np.logaddexp(0, l) is the logarithm without overflow.",
        "Start with log_one_plus = np.logaddexp(0, logits).",
    ),
)


EXERCISES = (LIKELIHOOD,)
