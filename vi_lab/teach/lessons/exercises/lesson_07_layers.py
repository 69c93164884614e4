"""Lesson 07, first half: the backward rules of the layers and of the Bernoulli likelihood.

Each rule is d objective / d input from d objective / d output, by the chain rule; the oracle of all
is a complex step, which differentiates without knowing the rule.
"""

from __future__ import annotations

import numpy as np

from vi_lab.teach.exercise import Exercise


def linear_inputs(rng, i):
    """Tall, one row, square, one output, one input, wide."""
    rows, n_in, n_out = [(4, 3, 2), (1, 3, 2), (3, 3, 3), (5, 2, 1), (2, 1, 3), (3, 2, 4)][i % 6]
    return (
        rng.normal(size=(rows, n_out)),
        rng.normal(size=(rows, n_in)),
        rng.normal(size=(n_out, n_in)),
    )


def linear_backward(dy, x, W):
    """The gradients (dx, dW, db) of y = x W' + b.

    dy (rows, out) is the gradient of y, x (rows, in), W (out, in).
    """
    dx = dy @ W
    dW = dy.T @ x
    db = dy.sum(axis=0)
    return dx, dW, db


def _linear(dx=None, dW=None, db=None):
    """The rule with one part put wrong, each part a function of (dy, x, W)."""

    def wrong(dy, x, W):
        right = linear_backward(dy, x, W)
        own = (dx, dW, db)
        return tuple(r if f is None else f(dy, x, W) for f, r in zip(own, right, strict=True))

    return wrong


def _all_over_rows(dy, x, W):
    return tuple(part / len(dy) for part in linear_backward(dy, x, W))


def _no_sum(dy, x, W):
    return dy[:, :, None] * x[:, None, :]


LINEAR = Exercise(
    id="07.1",
    title="linear layer, backward",
    minutes=8,
    star=False,
    inputs=linear_inputs,
    right=linear_backward,
    parts=("dx", "dW", "db"),
    mistakes={
        "dW is an average over the rows: their gradients add.": _linear(
            dW=lambda dy, x, W: dy.T @ x / len(dy)
        ),
        "db is an average over the rows: their gradients add.": _linear(
            db=lambda dy, x, W: dy.mean(0)
        ),
        "dW and db are averages over the rows: gradients add.": _linear(
            dW=lambda dy, x, W: dy.T @ x / len(dy), db=lambda dy, x, W: dy.mean(0)
        ),
        "All three are averages over the rows: gradients add.": _all_over_rows,
        "You divided dx by the number of rows: each row of x has its own.": _linear(
            dx=lambda dy, x, W: dy @ W / len(dy)
        ),
        "db was not summed over the rows, which share b.": _linear(db=lambda dy, x, W: dy),
        "dW was not summed over the rows, which share W.": _linear(dW=_no_sum),
        "db was summed over the outputs: sum over the rows.": _linear(
            db=lambda dy, x, W: dy.sum(1)
        ),
        "db is one number: each output has its own bias.": _linear(db=lambda dy, x, W: dy.sum()),
        "db keeps an axis of rows: b is (out,).": _linear(
            db=lambda dy, x, W: dy.sum(0, keepdims=True)
        ),
        "W is transposed in dx: it is (out, in) as it stands.": _linear(
            dx=lambda dy, x, W: dy @ W.T
        ),
        "dy is missing in db: that is one for each output.": _linear(
            db=lambda dy, x, W: np.ones(len(W))
        ),
        "dW is transposed: it has the shape of W, (out, in).": _linear(
            dW=lambda dy, x, W: x.T @ dy
        ),
        "dW: the rows were summed before they were multiplied.": _linear(
            dW=lambda dy, x, W: np.outer(dy.sum(0), x.sum(0))
        ),
        "dW: means over the rows were multiplied; multiply first, then sum.": _linear(
            dW=lambda dy, x, W: np.outer(dy.mean(0), x.mean(0))
        ),
        "dy is missing in dW: that is the sum of x.": _linear(
            dW=lambda dy, x, W: np.ones_like(dy).T @ x
        ),
        "x is missing in dW.": _linear(dW=lambda dy, x, W: dy.T @ np.ones_like(x)),
        "dW has W where x belongs.": _linear(dW=lambda dy, x, W: dy.sum(0)[:, None] * W),
        "dy is missing in db: that is the number of rows.": _linear(
            db=lambda dy, x, W: np.full(dy.shape[1], float(len(dy)))
        ),
        "dy is missing in dx.": _linear(dx=lambda dy, x, W: np.ones_like(dy) @ W),
        "dW was divided by the number of outputs: nothing is averaged here.": _linear(
            dW=lambda dy, x, W: dy.T @ x / dy.shape[1] if dy.shape[1] > 1 else dy.T @ x
        ),
        "W was added to dW: that is a step, not a gradient.": _linear(
            dW=lambda dy, x, W: dy.T @ x + W
        ),
        "db has dx summed over the rows.": _linear(db=lambda dy, x, W: (dy @ W).sum(0)),
        "dx was summed over the rows: each row of x has its own gradient.": _linear(
            dx=lambda dy, x, W: (dy @ W).sum(0)
        ),
        "You put dW first; the order is dx, dW, db.": lambda dy, x, W: (
            dy.T @ x,
            dy @ W,
            dy.sum(0),
        ),
        "You put db before dW; the order is dx, dW, db.": lambda dy, x, W: (
            dy @ W,
            dy.sum(0),
            dy.T @ x,
        ),
        "You turned the order round; it is dx, dW, db.": lambda dy, x, W: (
            dy.sum(0),
            dy.T @ x,
            dy @ W,
        ),
        "The sign is wrong: uphill is +.": lambda dy, x, W: tuple(
            -g for g in linear_backward(dy, x, W)
        ),
    },
    hints=(
        "Write one number of y as a sum: y_o = Σ_i x_i W_oi + b_o. What does each input touch?",
        "dx_i = Σ_o dy_o W_oi, dW_oi = Σ_rows dy_o x_i, db_o = Σ_rows dy_o.",
        "Start with dx = dy @ W: (rows, out) times (out, in).",
    ),
)


def tanh_inputs(rng, i):
    """Ordinary, one row, saturated, square, tiny, one unit."""
    shape = [(4, 3), (1, 5), (3, 4), (3, 3), (2, 3), (4, 1)][i % 6]
    scale = [1.0, 1.0, 2.5, 2.0, 0.1, 1.0][i % 6]
    return rng.normal(size=shape), scale * rng.normal(size=shape)


def tanh_backward(dh, a):
    """The gradient of a, from that of h = tanh(a); both (rows, units)."""
    h = np.tanh(a)
    return dh * (1 - h**2)


def _sigmoid(a):
    return np.exp(-np.logaddexp(0, -a))


TANH = Exercise(
    id="07.2",
    title="tanh, backward",
    minutes=5,
    star=False,
    inputs=tanh_inputs,
    right=tanh_backward,
    mistakes={
        "The square is missing: tanh' = 1 - tanh².": lambda dh, a: dh * (1 - np.tanh(a)),
        "a was taken for tanh(a): it is what went in.": lambda dh, a: dh * (1 - a**2),
        "tanh was applied twice.": lambda dh, a: dh * (1 - np.tanh(np.tanh(a)) ** 2),
        "You took the derivative alone: dh is missing.": lambda dh, a: 1 - np.tanh(a) ** 2,
        "That is the derivative of the sigmoid.": lambda dh, a: dh * _sigmoid(a) * _sigmoid(-a),
        "That is the sigmoid's rule, h (1 - h), with tanh put in.": lambda dh, a: (
            dh * np.tanh(a) * (1 - np.tanh(a))
        ),
        "The sigmoid stands where tanh belongs.": lambda dh, a: dh * (1 - _sigmoid(a) ** 2),
        "The sign is wrong: 1 - tanh², not tanh² - 1.": lambda dh, a: dh * (np.tanh(a) ** 2 - 1),
        "You took 1 + tanh²: the sign of the square.": lambda dh, a: dh * (1 + np.tanh(a) ** 2),
        "The 1 is missing: tanh' = 1 - tanh².": lambda dh, a: dh * np.tanh(a) ** 2,
        "The 1 is missing, and the sign stayed.": lambda dh, a: -dh * np.tanh(a) ** 2,
        "The square stands outside: (1 - tanh)² is not 1 - tanh².": lambda dh, a: (
            dh * (1 - np.tanh(a)) ** 2
        ),
        "The derivative was squared.": lambda dh, a: dh * (1 - np.tanh(a) ** 2) ** 2,
        "You took the root of the derivative: 1 / cosh is squared.": lambda dh, a: dh / np.cosh(a),
        "The square stands inside: tanh(a²).": lambda dh, a: dh * (1 - np.tanh(a**2)),
        "That is the way forward: dh tanh(a).": lambda dh, a: dh * np.tanh(a),
        "dh stands where the 1 belongs: bracket missing.": lambda dh, a: dh - np.tanh(a) ** 2,
        "dh went into the square: (dh tanh)².": lambda dh, a: 1 - (dh * np.tanh(a)) ** 2,
        "Divided where to multiply: this is the inverse's rule.": lambda dh, a: (
            dh / (1 - np.tanh(a) ** 2)
        ),
        "The bracket is missing, and a sign: dh - 1 + tanh².": lambda dh, a: (
            dh - (1 - np.tanh(a) ** 2)
        ),
        "You have tanh once too many: its derivative alone.": lambda dh, a: (
            dh * np.tanh(a) * (1 - np.tanh(a) ** 2)
        ),
        "You took sinh for tanh.": lambda dh, a: dh * (1 - np.sinh(a) ** 2),
        "1 / (1 + a²) is the derivative of arctan.": lambda dh, a: dh / (1 + a**2),
        "That is the derivative of the softplus.": lambda dh, a: dh * _sigmoid(a),
        "You took 2 - 2 tanh²: the 2 is too much.": lambda dh, a: 2 * dh * (1 - np.tanh(a) ** 2),
        "-2 tanh (1 - tanh²) is the second derivative.": lambda dh, a: (
            -2 * dh * np.tanh(a) * (1 - np.tanh(a) ** 2)
        ),
        "dh was added: the chain rule multiplies.": lambda dh, a: dh + 1 - np.tanh(a) ** 2,
        "tanh was applied to dh, not to a.": lambda dh, a: a * (1 - np.tanh(dh) ** 2),
        "You took tanh of dh · a: the derivative is at a.": lambda dh, a: (
            dh * (1 - np.tanh(dh * a) ** 2)
        ),
        "You took tan for tanh.": lambda dh, a: dh * (1 - np.tan(a) ** 2),
        "That is the rule of the ReLU.": lambda dh, a: dh * (a > 0),
        "dh was passed on unchanged.": lambda dh, a: dh,
        "dh tanh' was multiplied by a.": lambda dh, a: dh * a * (1 - np.tanh(a) ** 2),
    },
    hints=(
        "What is the derivative of tanh, and at which point?",
        "tanh'(a) = 1 - tanh(a)², and the chain rule multiplies by dh.",
        "Start with h = np.tanh(a): a is what went in.",
    ),
)
EXERCISES = (LINEAR, TANH)
