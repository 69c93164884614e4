"""Lesson 07, beyond the core path: the score function's gradient."""

from __future__ import annotations

import numpy as np

from vi_lab.teach.exercise import Exercise


def score_inputs(rng, i):
    """Ordinary, one draw, two draws, f far from zero, f = 0 in places, a wide q."""
    draws = [7, 1, 2, 6, 5, 9][i % 6]
    f = rng.normal(size=draws) + (50.0 if i % 6 == 3 else 1.0)
    if i % 6 == 4:
        f[::2] = 0.0
    return f, rng.normal(), rng.normal() + (2.0 if i % 6 == 5 else 0.7), rng.normal(size=draws)


def score_gradient(f, m, logvar, eps):
    """The score function's estimate of d E_q[f(z)] / d (m, logvar): two numbers.

    One latent: q = N(m, e^logvar), both numbers. f (draws,) holds the values f(z) at the draws
    z = m + sd · eps, eps (draws,); the estimate is a mean over the draws.
    """
    dm = np.mean(f * eps) * np.exp(-0.5 * logvar)
    dv = np.mean(f * (eps**2 - 1)) / 2
    return dm, dv


def _scores(dm=None, dv=None):
    """The means over the draws, with one score put wrong: functions of (m, v, eps)."""

    def wrong(f, m, v, eps):
        one = eps * np.exp(-v / 2) if dm is None else dm(m, v, eps)
        two = 0.5 * (eps**2 - 1) if dv is None else dv(m, v, eps)
        return np.mean(f * one), np.mean(f * two)

    return wrong


def _density(v, eps):
    """q at its draws."""
    return np.exp(-0.5 * (eps**2 + v)) / np.sqrt(2 * np.pi)


def _of(f_of):
    """The right rule with another f."""
    return lambda f, m, v, e: score_gradient(f_of(f), m, v, e)


def _times(a, b):
    """The right gradients times two factors of (f, v)."""

    def wrong(f, m, v, eps):
        dm, dv = score_gradient(f, m, v, eps)
        return a(f, v) * dm, b(f, v) * dv

    return wrong


def _one(f, v):
    return 1.0


def _bessel(f, v):
    return np.float64(len(f)) / (len(f) - 1)


SCORE = Exercise(
    id="07.9",
    title="the score function's gradient",
    minutes=10,
    star=True,
    inputs=score_inputs,
    right=score_gradient,
    parts=("dm", "dlogvar"),
    mistakes={
        "f is missing: the score averages to nothing.": _of(np.ones_like),
        "exp(-v) where exp(-v/2) belongs.": _scores(dm=lambda m, v, e: e * np.exp(-v)),
        "You took the sd in the numerator: the score is eps / sd.": _scores(
            dm=lambda m, v, e: e * np.exp(v / 2)
        ),
        "You took the variance in the numerator: the score is eps / sd.": _scores(
            dm=lambda m, v, e: e * np.exp(v)
        ),
        "The sd is missing in dm.": _scores(dm=lambda m, v, e: e),
        "The -1 is missing in dlogvar.": _scores(dv=lambda m, v, e: 0.5 * e**2),
        "+1 where -1 belongs in dlogvar.": _scores(dv=lambda m, v, e: 0.5 * (e**2 + 1)),
        "The half is missing in dlogvar.": _scores(dv=lambda m, v, e: e**2 - 1),
        "The half is at eps² alone: ½ (eps² - 1).": _scores(dv=lambda m, v, e: 0.5 * e**2 - 1),
        "The half is at the 1 alone: ½ (eps² - 1).": _scores(dv=lambda m, v, e: e**2 - 0.5),
        "You took a sum over the draws, not an average.": _times(
            lambda f, v: len(f), lambda f, v: len(f)
        ),
        "Divided by n - 1: a mean divides by n.": _times(_bessel, _bessel),
        "Not averaged over the draws.": lambda f, m, v, e: (
            f * e * np.exp(-v / 2),
            f * 0.5 * (e**2 - 1),
        ),
        "Two means were multiplied: average the product.": lambda f, m, v, e: (
            f.mean() * e.mean() * np.exp(-v / 2),
            f.mean() * 0.5 * (np.mean(e**2) - 1),
        ),
        "The mean of f was subtracted: a baseline from the same draws biases; not asked here.": _of(
            lambda f: f - f.mean()
        ),
        "log f stands where f belongs: grad q = q grad log q is about q alone.": _of(np.log),
        "log |f| stands where f belongs.": _of(lambda f: np.log(np.abs(f))),
        "You took the gradient of q; that of log q is wanted: without the factor q.": _scores(
            dm=lambda m, v, e: _density(v, e) * e * np.exp(-v / 2),
            dv=lambda m, v, e: _density(v, e) * 0.5 * (e**2 - 1),
        ),
        "You took log q itself; its gradients by m and by v are wanted.": _scores(
            dm=lambda m, v, e: np.log(_density(v, e)), dv=lambda m, v, e: np.log(_density(v, e))
        ),
        "eps was taken for z, and standardised again: (z - m) / sd is eps.": _scores(
            dm=lambda m, v, e: (e - m) * np.exp(-v),
            dv=lambda m, v, e: 0.5 * ((e - m) ** 2 * np.exp(-v) - 1),
        ),
        "exp(f) stands where f belongs.": _of(np.exp),
        "f was squared.": _of(np.square),
        "The sign is wrong: uphill is +.": _of(np.negative),
        "The sign of dlogvar is wrong.": _scores(dv=lambda m, v, e: 0.5 * (1 - e**2)),
        "The sign of dm is wrong.": _scores(dm=lambda m, v, e: -e * np.exp(-v / 2)),
        "eps is not squared in dlogvar.": _scores(dv=lambda m, v, e: 0.5 * (e - 1)),
        "You took |eps| for eps² in dlogvar.": _scores(dv=lambda m, v, e: 0.5 * (np.abs(e) - 1)),
        "eps² - 1 was squared as a whole.": _scores(dv=lambda m, v, e: 0.5 * (e - 1) ** 2),
        "eps was squared in dm.": _scores(dm=lambda m, v, e: e**2 * np.exp(-v / 2)),
        "z stands where eps belongs: (z - m) / variance is eps / sd.": _scores(
            dm=lambda m, v, e: (m + np.exp(v / 2) * e) * np.exp(-v)
        ),
        "z stands where eps belongs, over the sd.": _scores(
            dm=lambda m, v, e: (m + np.exp(v / 2) * e) * np.exp(-v / 2)
        ),
        "You took the derivative by the variance, not by its logarithm.": _scores(
            dv=lambda m, v, e: 0.5 * (e**2 - 1) * np.exp(-v)
        ),
        "You took the derivative by the sd, not by the log variance.": _scores(
            dv=lambda m, v, e: (e**2 - 1) * np.exp(-v / 2)
        ),
        "sd where 1 belongs in dlogvar.": _scores(dv=lambda m, v, e: 0.5 * (e**2 - np.exp(v / 2))),
        "e^v where 1 belongs in dlogvar.": _scores(dv=lambda m, v, e: 0.5 * (e**2 - np.exp(v))),
        "You took e^v in front of eps² in dlogvar: eps is standard already.": _scores(
            dv=lambda m, v, e: 0.5 * (e**2 * np.exp(v) - 1)
        ),
        "eps² was divided by the variance: eps is standard already.": _scores(
            dv=lambda m, v, e: 0.5 * (e**2 * np.exp(-v) - 1)
        ),
        "v was subtracted: the derivative of -v/2 is -½.": _scores(
            dv=lambda m, v, e: 0.5 * (e**2 - v)
        ),
        "That is the reparameterised rule with f for its slope: ½ sd eps in dlogvar.": _scores(
            dm=lambda m, v, e: np.ones_like(e), dv=lambda m, v, e: 0.5 * np.exp(v / 2) * e
        ),
        "dlogvar has ½ sd eps, which belongs to the other estimator.": _scores(
            dv=lambda m, v, e: 0.5 * np.exp(v / 2) * e
        ),
        "dm and dlogvar changed places.": lambda f, m, v, e: score_gradient(f, m, v, e)[::-1],
        "The derivative was divided by f.": _of(lambda f: 1 / f),
        "logvar was used as an sd.": _scores(dm=lambda m, v, e: e / v),
        "logvar was used as a variance.": _scores(dm=lambda m, v, e: e / np.sqrt(v)),
        "You took a median over the draws, not an average.": lambda f, m, v, e: (
            np.median(f * e) * np.exp(-v / 2),
            np.median(f * 0.5 * (e**2 - 1)),
        ),
    },
    hints=(
        "Differentiate log q(z) = -½ (z - m)² e^-v - ½ v + const by m and by v, with z held.",
        "d log q/dm = eps e^(-v/2) and d log q/dv = ½ (eps² - 1): average f times each.",
        "Start with score_m = eps * np.exp(-0.5 * logvar).",
    ),
)


EXERCISES = (SCORE,)
