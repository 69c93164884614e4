"""Lesson 07, beyond the core path: the score function's gradient, and one step of Adam."""

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
        "The sd in the numerator: the score is eps / sd.": _scores(
            dm=lambda m, v, e: e * np.exp(v / 2)
        ),
        "The variance in the numerator: the score is eps / sd.": _scores(
            dm=lambda m, v, e: e * np.exp(v)
        ),
        "The sd is missing in dm.": _scores(dm=lambda m, v, e: e),
        "The -1 is missing in dlogvar.": _scores(dv=lambda m, v, e: 0.5 * e**2),
        "+1 where -1 belongs in dlogvar.": _scores(dv=lambda m, v, e: 0.5 * (e**2 + 1)),
        "The half is missing in dlogvar.": _scores(dv=lambda m, v, e: e**2 - 1),
        "The half is at eps² alone: ½ (eps² - 1).": _scores(dv=lambda m, v, e: 0.5 * e**2 - 1),
        "The half is at the 1 alone: ½ (eps² - 1).": _scores(dv=lambda m, v, e: e**2 - 0.5),
        "A sum over the draws, not an average.": _times(lambda f, v: len(f), lambda f, v: len(f)),
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
        "exp(f) stands where f belongs.": _of(np.exp),
        "f was squared.": _of(np.square),
        "The sign: uphill is +.": _of(np.negative),
        "The sign of dlogvar.": _scores(dv=lambda m, v, e: 0.5 * (1 - e**2)),
        "The sign of dm.": _scores(dm=lambda m, v, e: -e * np.exp(-v / 2)),
        "eps is not squared in dlogvar.": _scores(dv=lambda m, v, e: 0.5 * (e - 1)),
        "|eps| for eps² in dlogvar.": _scores(dv=lambda m, v, e: 0.5 * (np.abs(e) - 1)),
        "eps² - 1 was squared as a whole.": _scores(dv=lambda m, v, e: 0.5 * (e - 1) ** 2),
        "eps was squared in dm.": _scores(dm=lambda m, v, e: e**2 * np.exp(-v / 2)),
        "z stands where eps belongs: (z - m) / variance is eps / sd.": _scores(
            dm=lambda m, v, e: (m + np.exp(v / 2) * e) * np.exp(-v)
        ),
        "z stands where eps belongs, over the sd.": _scores(
            dm=lambda m, v, e: (m + np.exp(v / 2) * e) * np.exp(-v / 2)
        ),
        "The derivative by the variance, not by its logarithm.": _scores(
            dv=lambda m, v, e: 0.5 * (e**2 - 1) * np.exp(-v)
        ),
        "The derivative by the sd, not by the log variance.": _scores(
            dv=lambda m, v, e: (e**2 - 1) * np.exp(-v / 2)
        ),
        "sd where 1 belongs in dlogvar.": _scores(dv=lambda m, v, e: 0.5 * (e**2 - np.exp(v / 2))),
        "e^v where 1 belongs in dlogvar.": _scores(dv=lambda m, v, e: 0.5 * (e**2 - np.exp(v))),
        "e^v in front of eps² in dlogvar: eps is standard already.": _scores(
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
        "A median over the draws, not an average.": lambda f, m, v, e: (
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


def adam_inputs(rng, i):
    """The first step, a late one, tiny gradients (where 1e-8 counts), t = 3, one number, t = 2."""
    size, t = [(3, 1), (4, 40), (3, 2000), (4, 3), (1, 7), (5, 2)][i % 6]
    p, g = rng.normal(size=(2, size))
    m, s = 0.3 * rng.normal(size=size), rng.random(size) * 0.1
    if t == 1:
        m, s = np.zeros(size), np.zeros(size)
    if i % 6 == 2:
        p, g, m, s = 0.01 * p, 1e-7 * g, 1e-7 * m, 1e-14 * (0.5 + rng.random(size))
    if i % 6 == 0:
        g[0] = 0.0
    return p, g, m, s, t


def adam_step(p, g, m, s, t):
    """The parameters after step t = 1, 2, … of Adam, uphill along the gradient g.

    p, g, m, s are (n,); m and s are the means of g and of g² *before* this step. The step size is
    0.01, the decays are 0.9 and 0.999, and 1e-8 stands outside the root. p alone is returned.
    """
    m = 0.9 * m + 0.1 * g
    s = 0.999 * s + 0.001 * g**2
    m_hat = m / (1 - 0.9**t)
    s_hat = s / (1 - 0.999**t)
    return p + 0.01 * m_hat / (np.sqrt(s_hat) + 1e-8)


def adam(
    sign=1.0, step=0.01, b1=0.9, b2=0.999, eps=1e-8, inside=0.0, power=0.5, shift=0, square=2,
    fix_m=True, fix_s=True, new_m=True, new_s=True, plain=False,
):  # fmt: skip
    """Adam with a switch for each slip."""

    def run(p, g, m, s, t):
        m = b1 * m + (1 - b1) * g if new_m else m
        s = b2 * s + (1 - b2) * g**square if new_s else s
        m_hat = g if plain else m / (1 - b1 ** (t + shift) if fix_m else 1.0)
        s_hat = s / (1 - b2 ** (t + shift) if fix_s else 1.0)
        return p + sign * step * m_hat / ((s_hat + inside) ** power + eps)

    return run


def _swapped(p, g, m, s, t):
    m, s = 0.1 * m + 0.9 * g, 0.001 * s + 0.999 * g**2
    return p + 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)


def _sums(p, g, m, s, t):
    m, s = 0.9 * m + g, 0.999 * s + g**2
    return p + 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)


def _times_corrections(p, g, m, s, t):
    m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
    return p + 0.01 * (m * (1 - 0.9**t)) / (np.sqrt(s * (1 - 0.999**t)) + 1e-8)


def _linear_corrections(p, g, m, s, t):
    m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
    return p + 0.01 * (m / (1 - 0.9 * t)) / (np.sqrt(s / (1 - 0.999 * t)) + 1e-8)


def _after_root(p, g, m, s, t):
    m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
    return p + 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(s) / (1 - 0.999**t) + 1e-8)


ADAM = Exercise(
    id="07.10",
    title="one step of Adam",
    minutes=12,
    star=True,
    inputs=adam_inputs,
    right=adam_step,
    rtol=1e-6,
    relations=False,
    mistakes={
        "Downhill: the ELBO is to be climbed.": adam(sign=-1),
        "The corrections for the start are missing.": adam(fix_m=False, fix_s=False),
        "The correction for the start is missing in m.": adam(fix_m=False),
        "The correction for the start is missing in s.": adam(fix_s=False),
        "g where its square belongs.": adam(square=1),
        "The cube of g in s.": adam(square=3),
        "Plain gradient: nothing is scaled.": lambda p, g, m, s, t: p + 0.01 * g,
        "Momentum alone: nothing is divided by the root of s.": lambda p, g, m, s, t: (
            p + 0.01 * (0.9 * m + 0.1 * g) / (1 - 0.9**t)
        ),
        "g stands where its running mean m belongs: that is RMSprop.": adam(plain=True),
        "The root is missing.": adam(power=1),
        "1e-8 stands inside the root: outside here.": adam(eps=0.0, inside=1e-8),
        "1e-8 is missing.": adam(eps=0.0),
        "1e-8 squared stands inside the root.": adam(eps=0.0, inside=1e-16),
        "1e-7 for 1e-8.": adam(eps=1e-7),
        "1e-6 for 1e-8.": adam(eps=1e-6),
        "t - 1 in the corrections: t counts from 1.": adam(shift=-1),
        "t + 1 in the corrections: t counts from 1 already.": adam(shift=1),
        "The step size: 0.01, not 0.001.": adam(step=0.001),
        "The step size: 0.01, not 0.1.": adam(step=0.1),
        "The step size is missing.": adam(step=1.0),
        "The decays changed places: 0.9 is for m, 0.999 for s.": adam(b1=0.999, b2=0.9),
        "0.99 for 0.999.": adam(b2=0.99),
        "0.9 for both decays.": adam(b2=0.9),
        "0.999 for both decays.": adam(b1=0.999),
        "Old and new changed places: 0.9 keeps the old mean.": _swapped,
        "0.1 and 0.001 are missing: sums, not means.": _sums,
        "m was not updated with this gradient.": adam(new_m=False),
        "s was not updated with this gradient.": adam(new_s=False),
        "Neither m nor s was updated with this gradient.": adam(new_m=False, new_s=False),
        "Multiplied by the corrections; divide.": _times_corrections,
        "0.9 · t for 0.9 to the power t.": _linear_corrections,
        "s was corrected behind the root; correct it first.": _after_root,
        "The old p is missing: that is the step alone.": lambda p, g, m, s, t: (
            adam_step(p, g, m, s, t) - p
        ),
        "p did not move.": lambda p, g, m, s, t: p,
        "The sign of the gradient alone.": lambda p, g, m, s, t: p + 0.01 * np.sign(g),
        "The norm of g divides: every number has its own s.": lambda p, g, m, s, t: (
            p + 0.01 * g / (np.sqrt((g**2).sum()) + 1e-8)
        ),
        "m and s changed places.": lambda p, g, m, s, t: adam_step(p, g, s, m, t),
    },
    hints=(
        "First the two running means with this g in them, then their corrections, then the step.",
        "m ← 0.9 m + 0.1 g, s ← 0.999 s + 0.001 g²; divide by 1 - 0.9^t and 1 - 0.999^t.",
        "Start with m = 0.9 * m + 0.1 * g: a new array, nothing is written into m.",
    ),
)
EXERCISES = (SCORE, ADAM)
