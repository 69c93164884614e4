"""Lesson 07: the Bernoulli likelihood of a picture, backward."""

from __future__ import annotations

import numpy as np

from vi_lab.teach.exercise import Exercise
from vi_lab.teach.lessons.exercises.lesson_07_likelihood import picture_inputs, sigmoid


def backward_inputs(rng, i):
    """The pictures of 07.3 with a gradient for each row."""
    x, logits = picture_inputs(rng, i)
    return rng.normal(size=len(x)), x, logits


def bernoulli_backward(dy, x, logits):
    """The gradient of the logits, (rows, pixels), from dy (rows,), that of the log likelihood.

    x and logits are (rows, pixels); x is 0 or 1, a logit may be 900 or -900.
    """
    p = np.exp(-np.logaddexp(0, -logits))
    return dy[:, None] * (x - p)


def _back(rule):
    """dy times a rule for each pixel."""
    return lambda dy, x, z: dy[:, None] * rule(x, z)


BACKWARD = Exercise(
    id="07.4",
    title="log p(x|z), backward",
    minutes=8,
    star=False,
    inputs=backward_inputs,
    right=bernoulli_backward,
    mistakes={
        "You took a softmax over the pixels: each is a coin of its own, with its sigmoid.": _back(
            lambda x, z: x - np.exp(z - np.logaddexp.reduce(z, axis=-1, keepdims=True))
        ),
        "The sign is wrong: what is there minus what was expected.": _back(
            lambda x, z: sigmoid(z) - x
        ),
        "You have p (1 - p) too many: it cancels against the logarithm's 1/p.": _back(
            lambda x, z: (x - sigmoid(z)) * sigmoid(z) * sigmoid(-z)
        ),
        "dy went along the pixels: dy[:, None] has one number a row.": lambda dy, x, z: (
            dy * (x - sigmoid(z))
        ),
        "dy is missing.": lambda dy, x, z: x - sigmoid(z),
        "You took a mean over the pixels: the log likelihood is a sum.": _back(
            lambda x, z: (x - sigmoid(z)) / x.shape[1]
        ),
        "Divided by the number of rows: each picture has its own.": _back(
            lambda x, z: (x - sigmoid(z)) / len(x)
        ),
        "Divided by rows times pixels: nothing is averaged here.": _back(
            lambda x, z: (x - sigmoid(z)) / x.size
        ),
        "The sigmoid is missing: x minus the logit.": _back(lambda x, z: x - z),
        "The sign inside the sigmoid is wrong: that is 1 - p.": _back(lambda x, z: x - sigmoid(-z)),
        "You took x + p: what was expected is subtracted.": _back(lambda x, z: x + sigmoid(z)),
        "x and 1 - x changed places.": _back(lambda x, z: 1 - x - sigmoid(z)),
        "You took the derivative by p: the logits are what went in.": _back(
            lambda x, z: x / sigmoid(z) - (1 - x) / sigmoid(-z)
        ),
        "dy was summed: each row has its own.": lambda dy, x, z: dy.sum() * (x - sigmoid(z)),
        "dy was averaged: each row has its own.": lambda dy, x, z: dy.mean() * (x - sigmoid(z)),
        "2 x - 1 stands where x belongs.": _back(lambda x, z: 2 * x - 1 - sigmoid(z)),
        "dy is at x alone: bracket missing.": lambda dy, x, z: dy[:, None] * x - sigmoid(z),
        "dy is at p alone.": lambda dy, x, z: x - dy[:, None] * sigmoid(z),
        "dy was added: the chain rule multiplies.": lambda dy, x, z: dy[:, None] + x - sigmoid(z),
        "Divided by dy.": lambda dy, x, z: (x - sigmoid(z)) / dy[:, None],
        "You took only the pixels that are on.": _back(lambda x, z: x * sigmoid(-z)),
        "You took only the pixels that are off.": _back(lambda x, z: -(1 - x) * sigmoid(z)),
        "The other half has its sign turned.": _back(
            lambda x, z: x * sigmoid(-z) + (1 - x) * sigmoid(z)
        ),
        "You took p (1 - p) alone: the derivative of the sigmoid.": _back(
            lambda x, z: sigmoid(z) * sigmoid(-z)
        ),
        "You have twice the gradient: the derivative of a square is not needed here.": _back(
            lambda x, z: 2 * (x - sigmoid(z))
        ),
        "log(1 + e^l) stands where its derivative belongs.": _back(
            lambda x, z: x - np.logaddexp(0, z)
        ),
        "log p stands where p belongs: exp is missing.": _back(
            lambda x, z: x + np.logaddexp(0, -z)
        ),
        "1 / p stands where p belongs.": _back(lambda x, z: x - np.exp(np.logaddexp(0, -z))),
        "e^l stands where the sigmoid belongs.": _back(lambda x, z: x - np.exp(z)),
        "p was squared.": _back(lambda x, z: x - sigmoid(z) ** 2),
        "You took x / p: a difference, not a quotient.": _back(lambda x, z: x / sigmoid(z)),
        "The difference was multiplied by the logit.": _back(lambda x, z: (x - sigmoid(z)) * z),
        "tanh stands where the sigmoid belongs.": _back(lambda x, z: x - np.tanh(z)),
        "p is missing.": _back(lambda x, z: x),
        "x is missing.": _back(lambda x, z: -sigmoid(z)),
        "You took x times p: a difference, not a product.": _back(lambda x, z: x * sigmoid(z)),
        "You took the square of the difference: that is an error, not its gradient.": _back(
            lambda x, z: (x - sigmoid(z)) ** 2
        ),
        "p was rounded to 0 or 1.": _back(lambda x, z: x - (z > 0)),
        "Summed over the pixels: each logit has its own gradient.": lambda dy, x, z: (
            dy * (x - sigmoid(z)).sum(1)
        ),
        "Summed over the rows: each row has its own logits.": lambda dy, x, z: (
            dy @ (x - sigmoid(z))
        ),
        "exp overflows: e^l / (1 + e^l) is nan at 900; use e^-l or both.": _back(
            lambda x, z: x - np.exp(z) / (1 + np.exp(z))
        ),
    },
    hints=(
        "Differentiate x l - log(1 + e^l) by l. What is the derivative of log(1 + e^l)?",
        "d/dl log(1 + e^l) = sigmoid(l), so each pixel has dy (x - sigmoid(l)).",
        "dy has one number a row: dy[:, None] gives it an axis for the pixels.",
    ),
)

EXERCISES = (BACKWARD,)
