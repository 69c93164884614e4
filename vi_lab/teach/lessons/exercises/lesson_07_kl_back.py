"""Lesson 07: the gradient of the KL of a Gaussian q to the standard normal prior."""

from __future__ import annotations

import numpy as np

from vi_lab.teach.exercise import Exercise
from vi_lab.teach.lessons.exercises.lesson_07_kl import kl_inputs


def kl_backward_inputs(rng, i):
    """The Gaussians of 07.5 with a gradient for each row."""
    m, logvar = kl_inputs(rng, i)
    return rng.normal(size=len(m)), m, logvar


def kl_backward(dy, m, logvar):
    """The gradients (dm, dlogvar) of the KL to the prior, each (rows, latents).

    dy (rows,) is the gradient of the KL of each row; m and logvar are (rows, latents).
    """
    dm = dy[:, None] * m
    dv = dy[:, None] * 0.5 * (np.exp(logvar) - 1)
    return dm, dv


def _both(dm, dv):
    """dy times two rules for each latent."""
    return lambda dy, m, v: (dy[:, None] * dm(m, v), dy[:, None] * dv(m, v))


def _dm(m, v):
    return m


def _dv(m, v):
    return 0.5 * (np.exp(v) - 1)


KL_BACKWARD = Exercise(
    id="07.6",
    title="KL, backward",
    minutes=6,
    star=False,
    inputs=kl_backward_inputs,
    right=kl_backward,
    parts=("dm", "dlogvar"),
    mistakes={
        "The half is missing in dlogvar.": _both(_dm, lambda m, v: np.exp(v) - 1),
        "You have a half too many in dm: the square's 2 takes it.": _both(
            lambda m, v: 0.5 * m, _dv
        ),
        "You took 2 m: the half in front of the square is missing in dm.": _both(
            lambda m, v: 2 * m, _dv
        ),
        "The half is missing in both.": _both(lambda m, v: 2 * m, lambda m, v: np.exp(v) - 1),
        "The -1 is missing in dlogvar.": _both(_dm, lambda m, v: 0.5 * np.exp(v)),
        "The half is at e^v alone: ½ (e^v - 1).": _both(_dm, lambda m, v: 0.5 * np.exp(v) - 1),
        "The half is at the 1 alone: ½ (e^v - 1).": _both(_dm, lambda m, v: np.exp(v) - 0.5),
        "dy is missing.": lambda dy, m, v: (m, _dv(m, v)),
        "dy was summed: each row has its own.": lambda dy, m, v: (
            dy.sum() * m,
            dy.sum() * _dv(m, v),
        ),
        "dy is missing in dm.": lambda dy, m, v: (m, dy[:, None] * _dv(m, v)),
        "dy is missing in dlogvar.": lambda dy, m, v: (dy[:, None] * m, _dv(m, v)),
        "You took the derivative by the variance, not by its logarithm.": _both(
            _dm, lambda m, v: 0.5 * (1 - np.exp(-v))
        ),
        "You took the derivative by the sd, not by the log variance.": _both(
            _dm, lambda m, v: np.exp(v / 2) - np.exp(-v / 2)
        ),
        "You took the derivative by the log sd, not by the log variance: e^2v.": _both(
            _dm, lambda m, v: np.exp(2 * v) - 1
        ),
        "You took e^(2v): the variance was squared.": _both(
            _dm, lambda m, v: 0.5 * (np.exp(2 * v) - 1)
        ),
        "exp(v/2) is the sd; the variance belongs here.": _both(
            _dm, lambda m, v: 0.5 * (np.exp(v / 2) - 1)
        ),
        "You took v e^(v - 1) for the derivative of e^v: that is the rule of a power.": _both(
            _dm, lambda m, v: 0.5 * (v * np.exp(v - 1) - 1)
        ),
        "The exp is missing in dlogvar.": _both(_dm, lambda m, v: 0.5 * (v - 1)),
        "You took e^-v: a precision where the variance belongs.": _both(
            _dm, lambda m, v: 0.5 * (np.exp(-v) - 1)
        ),
        "dm and dlogvar changed places.": _both(_dv, _dm),
        "The sign of dlogvar is wrong.": _both(_dm, lambda m, v: 0.5 * (1 - np.exp(v))),
        "The sign of dm is wrong.": _both(lambda m, v: -m, _dv),
        "Both signs are wrong: this is the gradient of -KL.": _both(
            lambda m, v: -m, lambda m, v: -_dv(m, v)
        ),
        "+1 where -1 belongs.": _both(_dm, lambda m, v: 0.5 * (np.exp(v) + 1)),
        "m is missing in dm.": _both(lambda m, v: np.ones_like(m), _dv),
        "m² is the KL's own term; its derivative is wanted.": _both(lambda m, v: m**2, _dv),
        "½ m² is the KL's own term; its derivative is wanted.": _both(lambda m, v: 0.5 * m**2, _dv),
        "dlogvar is the KL itself: ½ (m² + e^v - 1 - v) was not differentiated.": _both(
            _dm, lambda m, v: 0.5 * (m**2 + np.exp(v) - 1 - v)
        ),
        "v was not differentiated: its derivative is 1.": _both(
            _dm, lambda m, v: 0.5 * (np.exp(v) - v)
        ),
        "v was not differentiated: -1 - v stayed.": _both(
            _dm, lambda m, v: 0.5 * (np.exp(v) - 1 - v)
        ),
        "m² does not depend on v: it is in dlogvar.": _both(
            _dm, lambda m, v: 0.5 * (m**2 + np.exp(v) - 1)
        ),
        "You took the gradients of KL(prior||q): the other way round.": _both(
            lambda m, v: m * np.exp(-v), lambda m, v: 0.5 * (1 - (1 + m**2) * np.exp(-v))
        ),
        "You divided dm by the variance: the prior's variance is 1.": _both(
            lambda m, v: m * np.exp(-v), _dv
        ),
        "You multiplied dm by the sd.": _both(lambda m, v: m * np.exp(v / 2), _dv),
        "You took a mean over the latents: a KL adds up.": _both(
            lambda m, v: m / m.shape[1], lambda m, v: _dv(m, v) / m.shape[1]
        ),
        "Divided by the number of rows: dy has that already.": _both(
            lambda m, v: m / len(m), lambda m, v: _dv(m, v) / len(m)
        ),
        "logvar was used as a variance.": _both(_dm, lambda m, v: 0.5 * (1 - 1 / v)),
        "Summed over the latents: each has its own gradient.": lambda dy, m, v: (
            dy * m.sum(1),
            dy * _dv(m, v).sum(1),
        ),
        "Summed over the rows: each has its own gradient.": lambda dy, m, v: (
            dy @ m,
            dy @ _dv(m, v),
        ),
    },
    hints=(
        "Differentiate ½ (m² + e^v - 1 - v) by m, then by v.",
        "By m it is m; by v it is ½ (e^v - 1); the chain rule multiplies both by dy.",
        "dy has one number a row: dy[:, None] gives it an axis for the latents.",
    ),
)

EXERCISES = (KL_BACKWARD,)
