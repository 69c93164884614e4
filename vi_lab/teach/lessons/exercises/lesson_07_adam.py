"""Lesson 07, beyond the core path: one step of Adam."""

from __future__ import annotations

import numpy as np

from vi_lab.teach.exercise import Exercise


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


def _linear_without_sign(p, g, m, s, t):
    m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
    return p + 0.01 * (m / (1 - 0.9 * t)) / (np.sqrt(s / abs(1 - 0.999 * t)) + 1e-8)


def _means(of_m, of_s):
    """Adam with other running means: functions of (m, g) and of (s, g)."""

    def run(p, g, m, s, t):
        m, s = of_m(m, g), of_s(s, g)
        return p + 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)

    return run


def _m(m, g):
    return 0.9 * m + 0.1 * g


def _s(s, g):
    return 0.999 * s + 0.001 * g**2


def _corrected(of_m, of_s):
    """Adam with other corrections for the start: functions of t."""

    def run(p, g, m, s, t):
        return p + 0.01 * _m(m, g) / of_m(t) / (np.sqrt(_s(s, g) / of_s(t)) + 1e-8)

    return run


def _m_hat(m, g, t):
    return _m(m, g) / (1 - 0.9**t)


def _s_hat(s, g, t):
    return _s(s, g) / (1 - 0.999**t)


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
        "|g| where g² belongs.": _means(_m, lambda s, g: 0.999 * s + 0.001 * np.abs(g)),
        "The decays are 0.9 and 0.999, not 0.1 and 0.001: in the corrections too.": adam(
            b1=0.1, b2=0.001
        ),
        "You took the cube of g in s.": adam(square=3),
        "You took plain gradient: nothing is scaled.": lambda p, g, m, s, t: p + 0.01 * g,
        "You took momentum alone: nothing is divided by the root of s.": lambda p, g, m, s, t: (
            p + 0.01 * (0.9 * m + 0.1 * g) / (1 - 0.9**t)
        ),
        "g stands where its running mean m belongs: that is RMSprop.": adam(plain=True),
        "The root is missing.": adam(power=1),
        "1e-8 stands inside the root: outside here.": adam(eps=0.0, inside=1e-8),
        "1e-8 is missing.": adam(eps=0.0),
        "1e-8 squared stands inside the root.": adam(eps=0.0, inside=1e-16),
        "1e-7 for 1e-8.": adam(eps=1e-7),
        "1e-6 for 1e-8.": adam(eps=1e-6),
        "You took t - 1 in the corrections: t counts from 1.": adam(shift=-1),
        "You took t + 1 in the corrections: t counts from 1 already.": adam(shift=1),
        "You took the step size 0.001; it is 0.01.": adam(step=0.001),
        "You took the step size 0.1; it is 0.01.": adam(step=0.1),
        "The step size is missing.": adam(step=1.0),
        "The decays changed places: 0.9 is for m, 0.999 for s.": adam(b1=0.999, b2=0.9),
        "You took 0.99 for 0.999.": adam(b2=0.99),
        "You took 0.9 for both decays.": adam(b2=0.9),
        "You took 0.999 for both decays.": adam(b1=0.999),
        "Old and new changed places: 0.9 keeps the old mean.": _swapped,
        "0.1 and 0.001 are missing: sums, not means.": _sums,
        "m was not updated with this gradient.": adam(new_m=False),
        "s was not updated with this gradient.": adam(new_s=False),
        "Neither m nor s was updated with this gradient.": adam(new_m=False, new_s=False),
        "Multiplied by the corrections; divide.": _times_corrections,
        "You took 0.9 · t for 0.9 to the power t.": _linear_corrections,
        "You took 0.9 · t for 0.9 to the power t, and abs hides the sign.": _linear_without_sign,
        "s was corrected behind the root; correct it first.": _after_root,
        "The old p is missing: that is the step alone.": lambda p, g, m, s, t: (
            adam_step(p, g, m, s, t) - p
        ),
        "p did not move.": lambda p, g, m, s, t: p,
        "You took the sign of the gradient alone.": lambda p, g, m, s, t: p + 0.01 * np.sign(g),
        "The norm of g divides: every number has its own s.": lambda p, g, m, s, t: (
            p + 0.01 * g / (np.sqrt((g**2).sum()) + 1e-8)
        ),
        "g is missing in m.": _means(lambda m, g: 0.9 * m, _s),
        "The old m is missing.": _means(lambda m, g: 0.1 * g, _s),
        "g² is missing in s.": _means(_m, lambda s, g: 0.999 * s),
        "The old s is missing.": _means(_m, lambda s, g: 0.001 * g**2),
        "You took minus 0.1 g in m.": _means(lambda m, g: 0.9 * m - 0.1 * g, _s),
        "You took minus 0.001 g² in s.": _means(_m, lambda s, g: 0.999 * s - 0.001 * g**2),
        "0.1 is missing at g: a sum, not a mean.": _means(lambda m, g: 0.9 * m + g, _s),
        "0.001 is missing at g²: a sum, not a mean.": _means(_m, lambda s, g: 0.999 * s + g**2),
        "0.9 is missing at m.": _means(lambda m, g: m + 0.1 * g, _s),
        "0.999 is missing at s.": _means(_m, lambda s, g: s + 0.001 * g**2),
        "In m alone old and new changed places.": _means(lambda m, g: 0.1 * m + 0.9 * g, _s),
        "In s alone old and new changed places.": _means(_m, lambda s, g: 0.001 * s + 0.999 * g**2),
        "You took 0.1 for 0.001 at g²: the weights of s are 0.999 and 0.001.": _means(
            _m, lambda s, g: 0.999 * s + 0.1 * g**2
        ),
        "You took 0.01 for 0.001 at g²: the weights of s are 0.999 and 0.001.": _means(
            _m, lambda s, g: 0.999 * s + 0.01 * g**2
        ),
        "The new m was squared for s, not g.": lambda p, g, m, s, t: (
            p + 0.01 * _m_hat(m, g, t) / (np.sqrt(_s_hat(s, _m(m, g), t)) + 1e-8)
        ),
        "You took 1 + 0.9^t for 1 - 0.9^t.": _corrected(
            lambda t: 1 + 0.9**t, lambda t: 1 - 0.999**t
        ),
        "You took 1 + 0.999^t for 1 - 0.999^t.": _corrected(
            lambda t: 1 - 0.9**t, lambda t: 1 + 0.999**t
        ),
        "You took 0.9^t for 1 - 0.9^t and so on.": _corrected(lambda t: 0.9**t, lambda t: 0.999**t),
        "Powers of t left out: 1 - 0.9 and 1 - 0.999.": _corrected(lambda t: 0.1, lambda t: 0.001),
        "0.9 corrects both.": _corrected(lambda t: 1 - 0.9**t, lambda t: 1 - 0.9**t),
        "0.999 corrects both.": _corrected(lambda t: 1 - 0.999**t, lambda t: 1 - 0.999**t),
        "The corrections changed places.": _corrected(lambda t: 1 - 0.999**t, lambda t: 1 - 0.9**t),
        "1e-8 stands beside the root of s that is not yet corrected.": lambda p, g, m, s, t: (
            p + 0.01 * _m_hat(m, g, t) * np.sqrt(1 - 0.999**t) / (np.sqrt(_s(s, g)) + 1e-8)
        ),
        "You took 0.99 for 0.9.": adam(b1=0.99),
        "The roots were averaged: s is a mean of squares.": lambda p, g, m, s, t: (
            p + 0.01 * _m_hat(m, g, t) / (0.999 * np.sqrt(s) + 0.001 * np.abs(g) + 1e-8)
        ),
        "p was shrunk by 1 %: no decay of weights here.": lambda p, g, m, s, t: (
            adam_step(p, g, m, s, t) - 0.01 * p
        ),
        "1e-8 was subtracted.": adam(eps=-1e-8),
        "1e-8 was added to the numerator.": lambda p, g, m, s, t: (
            p + 0.01 * (_m_hat(m, g, t) + 1e-8) / np.sqrt(_s_hat(s, g, t))
        ),
        "The root was taken twice.": adam(power=0.25),
        "Multiplied by the root; divide.": lambda p, g, m, s, t: (
            p + 0.01 * _m_hat(m, g, t) * np.sqrt(_s_hat(s, g, t))
        ),
        "m was squared.": lambda p, g, m, s, t: (
            p + 0.01 * _m_hat(m, g, t) ** 2 / (np.sqrt(_s_hat(s, g, t)) + 1e-8)
        ),
        "The step was divided by the root of t.": lambda p, g, m, s, t: (
            p + 0.01 / np.sqrt(t) * _m_hat(m, g, t) / (np.sqrt(_s_hat(s, g, t)) + 1e-8)
        ),
        "p was multiplied, not added.": lambda p, g, m, s, t: (
            p * 0.01 * _m_hat(m, g, t) / (np.sqrt(_s_hat(s, g, t)) + 1e-8)
        ),
        "The sign of the whole is wrong: minus p too.": lambda p, g, m, s, t: (
            -adam_step(p, g, m, s, t)
        ),
        "|g| divides: s is its running mean square.": lambda p, g, m, s, t: (
            p + 0.01 * _m_hat(m, g, t) / (np.abs(g) + 1e-8)
        ),
        "m and s changed places.": lambda p, g, m, s, t: adam_step(p, g, s, m, t),
    },
    hints=(
        "First the two running means with this g in them, then their corrections, then the step.",
        "m ← 0.9 m + 0.1 g, s ← 0.999 s + 0.001 g²; divide by 1 - 0.9^t and 1 - 0.999^t.",
        "Start with m = 0.9 * m + 0.1 * g: a new array, nothing is written into m.",
    ),
)

EXERCISES = (ADAM,)
