"""Lesson 07: a draw of z as a function of noise, and the gradient that goes back through it."""

from __future__ import annotations

from functools import partial

import numpy as np

from vi_lab.teach.exercise import Exercise


def noise_inputs(rng, i):
    """Ordinary, one draw, one row, square in all three, one latent, large."""
    draws, rows, latents = [(5, 4, 3), (1, 3, 2), (4, 1, 2), (3, 3, 3), (2, 4, 1), (6, 2, 3)][i % 6]
    m, logvar = rng.normal(size=(2, rows, latents)) * (3.0 if i % 6 == 5 else 1.0)
    return m, logvar, rng.normal(size=(draws, rows, latents))


def reparameterise(m, logvar, eps):
    """Draws of z ~ N(m, e^logvar) from eps ~ N(0, I).

    m and logvar are (rows, latents); eps and z are (draws, rows, latents).
    """
    return m + np.exp(0.5 * logvar) * eps


def _full(m, eps):
    return np.broadcast_to(m, eps.shape)


SAMPLE = Exercise(
    id="07.7",
    title="z from noise",
    minutes=6,
    star=False,
    inputs=noise_inputs,
    right=reparameterise,
    mistakes={
        "A variance where an sd belongs: the half is missing.": lambda m, v, e: m + np.exp(v) * e,
        "logvar was used as an sd.": lambda m, v, e: m + v * e,
        "The noise is missing: the mean alone.": lambda m, v, e: m,
        "The noise is missing: the mean for each draw.": lambda m, v, e: _full(m, e),
        "You took the root of a log variance: exp comes first.": lambda m, v, e: m + np.sqrt(v) * e,
        "You took the root of |logvar|: exp comes first.": lambda m, v, e: (
            m + np.sqrt(np.abs(v)) * e
        ),
        "The mean was scaled too.": lambda m, v, e: (m + e) * np.exp(v / 2),
        "The mean alone was scaled.": lambda m, v, e: m * np.exp(v / 2) + e,
        "You took precision: exp(-v/2) is one over the sd.": lambda m, v, e: m + np.exp(-v / 2) * e,
        "You took precision: exp(-v) is one over the variance.": lambda m, v, e: m + np.exp(-v) * e,
        "You took one noise for all draws.": lambda m, v, e: m + np.exp(v / 2) * e[0],
        "You took one noise for all the draws: the first.": lambda m, v, e: (
            m + np.exp(v / 2) * _full(e[0], e)
        ),
        "You took one noise for all rows.": lambda m, v, e: m + np.exp(v / 2) * e[:, :1],
        "You took one noise for all latents.": lambda m, v, e: m + np.exp(v / 2) * e[..., :1],
        "You took an average over the draws: each draw is wanted.": lambda m, v, e: (
            m + np.exp(v / 2) * e.mean(0)
        ),
        "You took a sum over the draws: each draw is wanted.": lambda m, v, e: (
            m + np.exp(v / 2) * e
        ).sum(0),
        "You took e^(2v): logvar is the log of the variance, not of its root.": lambda m, v, e: (
            m + np.exp(2 * v) * e
        ),
        "The half is there twice: e^(v/4).": lambda m, v, e: m + np.exp(v / 4) * e,
        "½ e^v is not e^(v/2).": lambda m, v, e: m + 0.5 * np.exp(v) * e,
        "The mean is missing.": lambda m, v, e: np.exp(v / 2) * e,
        "eps is missing: that is one sd above the mean.": lambda m, v, e: (
            m + _full(np.exp(v / 2), e)
        ),
        "eps was subtracted: the same law, another draw; add it.": lambda m, v, e: (
            m - np.exp(v / 2) * e
        ),
        "The mean was subtracted.": lambda m, v, e: np.exp(v / 2) * e - m,
        "The sd is missing: its value is not 1.": lambda m, v, e: m + e,
        "The sd was added, not multiplied.": lambda m, v, e: m + np.exp(v / 2) + e,
        "Mean and sd changed places.": lambda m, v, e: np.exp(v / 2) + m * e,
        "m and logvar changed places.": lambda m, v, e: v + np.exp(m / 2) * e,
        "The noise was multiplied by the mean too.": lambda m, v, e: m * np.exp(v / 2) * e,
        "eps stands in the exponent.": lambda m, v, e: m + np.exp(v / 2 * e),
        "The mean stands in the exponent too: that is log-normal.": lambda m, v, e: np.exp(
            m + np.exp(v / 2) * e
        ),
        "eps was squared.": lambda m, v, e: m + np.exp(v / 2) * e**2,
        "You took |eps|: z may lie below the mean.": lambda m, v, e: m + np.exp(v / 2) * np.abs(e),
        "Divided by the sd: that is standardising, the way back.": lambda m, v, e: (
            (e - m) * np.exp(-v / 2)
        ),
        "log1p(e^v) is no variance: logvar is a log variance.": lambda m, v, e: (
            m + np.sqrt(np.logaddexp(0, v)) * e
        ),
        "softplus(v) is no sd: logvar is a log variance.": lambda m, v, e: (
            m + np.logaddexp(0, v) * e
        ),
        "The exp is missing: v/2 is a log sd.": lambda m, v, e: m + 0.5 * v * e,
        "Divided by the noise.": lambda m, v, e: m + np.exp(v / 2) / e,
        "The noise was subtracted from the sd.": lambda m, v, e: m + np.exp(v / 2) - e,
        "You took e^(v/2) / 2: one half is enough.": lambda m, v, e: m + 0.5 * np.exp(v / 2) * e,
        "You took 2 e^(v/2).": lambda m, v, e: m + 2 * np.exp(v / 2) * e,
        "You took the sd of |v|: v may be negative, its exp is not.": lambda m, v, e: (
            m + np.exp(np.abs(v) / 2) * e
        ),
        "The mean was subtracted from the noise.": lambda m, v, e: np.exp(v / 2) * (e - m),
        "eps was made to have mean zero first: it is random as it is.": lambda m, v, e: (
            m + np.exp(v / 2) * (e - e.mean(0))
        ),
    },
    hints=(
        "z has mean m and variance e^v; eps has mean 0 and variance 1.",
        "z = m + sd · eps, and sd is the root of e^v.",
        "Start with sd = np.exp(0.5 * logvar).",
    ),
)


def noise_back_inputs(rng, i):
    """The noise of 07.7 with a gradient for each draw of z."""
    _, logvar, eps = noise_inputs(rng, i)
    return rng.normal(size=eps.shape), logvar, eps


def reparameterise_backward(dz, logvar, eps):
    """The gradients (dm, dlogvar), each (rows, latents), of all draws together.

    dz (draws, rows, latents) is the gradient of z = m + sd · eps; logvar is (rows, latents).
    """
    dm = dz.sum(axis=0)
    dv = (dz * 0.5 * np.exp(0.5 * logvar) * eps).sum(axis=0)
    return dm, dv


def _dv(rule):
    """The right dm, and a wrong rule for dlogvar summed over the draws."""
    return lambda dz, v, e: (dz.sum(0), rule(dz, v, e).sum(0))


def _dm(rule):
    """A wrong rule for dm, and the right dlogvar."""
    return lambda dz, v, e: (rule(dz, v, e), _parts(dz, v, e)[1])


def _terms(dz, v, e):
    return dz, dz * 0.5 * np.exp(v / 2) * e


def _parts(dz, v, e, axis=0):
    """The terms summed, over the draws or over other axes."""
    return tuple(term.sum(axis) for term in _terms(dz, v, e))


def _scaled(a, b):
    """The right gradients times a and b."""
    return lambda dz, v, e: (a(dz) * _parts(dz, v, e)[0], b(dz) * _parts(dz, v, e)[1])


def _one(dz):
    return 1.0


def _share(dz):
    return 1.0 / len(dz)


SAMPLE_BACKWARD = Exercise(
    id="07.8",
    title="z from noise, backward",
    minutes=10,
    star=False,
    inputs=noise_back_inputs,
    right=reparameterise_backward,
    parts=("dm", "dlogvar"),
    mistakes={
        "The half is missing in dlogvar.": _dv(lambda dz, v, e: dz * np.exp(v / 2) * e),
        "The half is there twice in dlogvar.": _scaled(_one, lambda dz: 0.5),
        "The noise is missing in dlogvar.": _dv(lambda dz, v, e: dz * 0.5 * np.exp(v / 2)),
        "exp(v) where exp(v/2) belongs.": _dv(lambda dz, v, e: dz * 0.5 * np.exp(v) * e),
        "exp(v) where ½ exp(v/2) belongs.": _dv(lambda dz, v, e: dz * np.exp(v) * e),
        "You took exp(-v/2): one over the sd, or the derivative by the variance.": _dv(
            lambda dz, v, e: dz * 0.5 * np.exp(-v / 2) * e
        ),
        "You took exp(v/4): the half in the exponent twice.": _dv(
            lambda dz, v, e: dz * 0.5 * np.exp(v / 4) * e
        ),
        "The sd is missing in dlogvar.": _dv(lambda dz, v, e: dz * 0.5 * e),
        "You took an average over the draws: the gradients of draws add.": _scaled(_share, _share),
        "dm is an average over the draws: the gradients of draws add.": _scaled(_share, _one),
        "dlogvar is an average over the draws: the gradients of draws add.": _scaled(_one, _share),
        "Not summed over the draws, which share m and logvar.": _terms,
        "dm was not summed over the draws.": _dm(lambda dz, v, e: dz),
        "dlogvar was not summed over the draws.": lambda dz, v, e: (
            dz.sum(0),
            _terms(dz, v, e)[1],
        ),
        "Summed over the rows, not over the draws.": partial(_parts, axis=1),
        "Summed over the latents, not over the draws.": partial(_parts, axis=2),
        "Summed over the rows too: each row has its own m and logvar.": partial(
            _parts, axis=(0, 1)
        ),
        "You took the first draw alone.": lambda dz, v, e: _terms(dz[0], v, e[0]),
        "dz is missing in dlogvar.": _dv(lambda dz, v, e: 0.5 * np.exp(v / 2) * e),
        "dz is missing in dm: that is the number of draws.": _dm(
            lambda dz, v, e: np.full(v.shape, float(len(dz)))
        ),
        "dz is missing in dm: that is one for each latent.": _dm(lambda dz, v, e: np.ones(v.shape)),
        "dz was summed before it met its noise.": lambda dz, v, e: (
            dz.sum(0),
            dz.sum(0) * 0.5 * np.exp(v / 2) * e.sum(0),
        ),
        "dz was summed before it met its noise, whose mean was taken.": lambda dz, v, e: (
            dz.sum(0),
            dz.sum(0) * 0.5 * np.exp(v / 2) * e.mean(0),
        ),
        "You took the derivative by the sd, not by the log variance.": _dv(lambda dz, v, e: dz * e),
        "You multiplied dm by the sd: dz/dm = 1.": _dm(
            lambda dz, v, e: (dz * np.exp(v / 2)).sum(0)
        ),
        "You multiplied dm by the noise: dz/dm = 1.": _dm(lambda dz, v, e: (dz * e).sum(0)),
        "You have a half too many in dm: dz/dm = 1.": _scaled(lambda dz: 0.5, _one),
        "dm and dlogvar changed places.": lambda dz, v, e: _parts(dz, v, e)[::-1],
        "The sign of dlogvar is wrong.": _scaled(_one, lambda dz: -1.0),
        "The sign of dm is wrong.": _scaled(lambda dz: -1.0, _one),
        "Both signs are wrong.": _scaled(lambda dz: -1.0, lambda dz: -1.0),
        "logvar was used as an sd.": _dv(lambda dz, v, e: dz * 0.5 * v * e),
        "v is there twice: the derivative of e^(v/2) is ½ e^(v/2).": _dv(
            lambda dz, v, e: dz * 0.5 * v * np.exp(v / 2) * e
        ),
        "eps was squared in dlogvar.": _dv(lambda dz, v, e: dz * 0.5 * np.exp(v / 2) * e**2),
        "That is the score function's rule: ½ (eps² - 1).": _dv(
            lambda dz, v, e: dz * 0.5 * (e**2 - 1)
        ),
    },
    hints=(
        "Differentiate z = m + e^(v/2) eps by m and by v. All draws share m and v.",
        "dm = Σ_draws dz; dv = Σ_draws dz · ½ e^(v/2) · eps.",
        "Start with noise = np.exp(0.5 * logvar) * eps; dz/dlogvar is half of it.",
    ),
)
EXERCISES = (SAMPLE, SAMPLE_BACKWARD)
