"""Lesson 03, Gibbs sampling: a Gaussian of two coordinates with unit sds and correlation rho.

    z0 | z1 ~ N(rho z1, 1 - rho^2)        and the other way round        (Bishop 2006, eq. 2.96)

A sweep draws z0 given z1, then z1 given the new z0 (Geman & Geman 1984; Bishop, section 11.3). The
normal model, the models with labels, and the choices and predictions are in the files beside.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from vi_lab.teach.exercise import Exercise
from vi_lab.teach.lessons.exercises.lesson_03_change import CHANGE
from vi_lab.teach.lessons.exercises.lesson_03_choices import CHOICES as CHOICES
from vi_lab.teach.lessons.exercises.lesson_03_choices import PREDICTIONS as PREDICTIONS
from vi_lab.teach.lessons.exercises.lesson_03_labels import LABELS
from vi_lab.teach.lessons.exercises.lesson_03_mean import MU
from vi_lab.teach.lessons.exercises.lesson_03_precision import TAU

# 03.1 ------------------------------------------------------------------------------------------


def conditional(z_other, rho):
    """Mean and sd of one coordinate given the other, where both sds are one.

    rho is their correlation. Returns (mean, sd).
    """
    return rho * z_other, np.sqrt(1 - rho**2)


def pairs(rng: Generator, i: int) -> tuple[Any, ...]:
    """Any correlation; a strong one; none; a negative one."""
    rho = (rng.uniform(0.2, 0.8), 0.99, 0.0, rng.uniform(-0.9, -0.2), 0.5, -0.97)[i % 6]
    return float(rng.normal(0, 2)), float(rho)


CONDITIONAL = Exercise(
    id="03.1",
    title="One coordinate given the other",
    minutes=6,
    star=False,
    inputs=pairs,
    right=conditional,
    mistakes={
        "A variance where an sd belongs.": lambda z, r: (r * z, 1 - r**2),
        "A precision where an sd belongs.": lambda z, r: (r * z, 1 / (1 - r**2)),
        "You took one over the sd.": lambda z, r: (r * z, (1 - r**2) ** -0.5),
        "You took sd one: the conditional is narrower than the marginal.": lambda z, r: (
            r * z,
            1.0,
        ),
        "You squared rho in the mean.": lambda z, r: (r**2 * z, (1 - r**2) ** 0.5),
        "The sign of the mean is wrong: it leans the way rho says.": lambda z, r: (
            -r * z,
            (1 - r**2) ** 0.5,
        ),
        "rho is missing in the mean.": lambda z, r: (z, (1 - r**2) ** 0.5),
        "The mean does not move with the other: rho z_other.": lambda z, r: (
            0.0,
            (1 - r**2) ** 0.5,
        ),
        "You divided the mean by rho.": lambda z, r: (np.divide(z, r), (1 - r**2) ** 0.5),
        "rho/(1 - rho^2) is off the diagonal of the precision; the mean is rho z_other.": (
            lambda z, r: (r * z / (1 - r**2), (1 - r**2) ** 0.5)
        ),
        "The mean was scaled by the sd.": lambda z, r: (
            r * z * (1 - r**2) ** 0.5,
            (1 - r**2) ** 0.5,
        ),
        "rho is not squared under the root.": lambda z, r: (r * z, np.sqrt(1 - r)),
        "rho is not squared, and the root is missing.": lambda z, r: (r * z, 1 - r),
        "You took 1 + rho^2 under the root: to know the other makes it narrower.": lambda z, r: (
            r * z,
            (1 + r**2) ** 0.5,
        ),
        "rho itself stands where the sd belongs.": lambda z, r: (r * z, r),
        "rho^2 is the share that the other explains; the sd is of what is left.": lambda z, r: (
            r * z,
            r**2,
        ),
        "You added rho: it multiplies z_other.": lambda z, r: (r + z, (1 - r**2) ** 0.5),
        "You took 1 - rho in the mean: that is what is not explained.": lambda z, r: (
            (1 - r) * z,
            (1 - r**2) ** 0.5,
        ),
        "You took |rho| in the mean: its sign says which way it leans.": lambda z, r: (
            abs(r) * z,
            (1 - r**2) ** 0.5,
        ),
        "The square stands around 1 - rho: rho alone is squared.": lambda z, r: (
            r * z,
            (1 - r) ** 2,
        ),
        "You took 1 - |rho| under the root: rho is squared.": lambda z, r: (
            r * z,
            (1 - abs(r)) ** 0.5,
        ),
        "You took 1 - |rho|: rho is squared, and a root is taken.": lambda z, r: (
            r * z,
            1 - abs(r),
        ),
        "z_other is in the sd: the width of the cut is the same at every height.": lambda z, r: (
            r * z,
            (1 - r**2) ** 0.5 * abs(z),
        ),
        "Mean and sd changed places.": lambda z, r: ((1 - r**2) ** 0.5, r * z),
        "Both are missing rho: this is the marginal.": lambda z, r: (0.0, 1.0),
    },
    hints=(
        "Cut the ellipse at the height z_other. Where is the middle of the cut, how long is it?",
        "mean rho z_other, variance 1 - rho^2",
        "mean = ...",
    ),
    parts=("mean", "sd"),
)

# 03.5 ------------------------------------------------------------------------------------------


def sweep(z, eps, rho):
    """One sweep over z (2,): z[0] given z[1] with the noise eps[0], then z[1] given the new z[0].

    eps (2,) is standard normal, both sds are one. Returns the new two; z is not changed.
    """
    sd = np.sqrt(1 - rho**2)
    first = rho * z[1] + sd * eps[0]
    second = rho * first + sd * eps[1]
    return np.array([first, second])


def sweep_inputs(rng: Generator, i: int) -> tuple[Any, ...]:
    """Any; a strong correlation; integers and equal noise; none; far out; a negative one."""
    z, eps = rng.normal(0, 1.5, 2), rng.standard_normal(2)
    if i % 6 == 2:
        z, eps = np.array([1.0, -2.0]), np.array([0.5, 0.5])
    if i % 6 == 4:
        z = 20 * z
    return z, eps, (rng.uniform(0.2, 0.8), 0.99, 0.6, 0.0, 0.4, rng.uniform(-0.9, -0.2))[i % 6]


def swept(mean: Any, sd: Any = lambda r: (1 - r**2) ** 0.5) -> Any:
    """A sweep with a wrong mean (other, itself, rho) or a wrong sd."""

    def wrong(z: Any, eps: Any, r: Any) -> Any:
        first = mean(z[1], z[0], r) + sd(r) * eps[0]
        return np.array([first, mean(first, z[1], r) + sd(r) * eps[1]])

    return wrong


def regress(other: Any, itself: Any, r: Any) -> Any:
    """The right mean."""
    return r * other


SWEEP = Exercise(
    id="03.5",
    title="One sweep",
    minutes=8,
    star=False,
    inputs=sweep_inputs,
    right=sweep,
    mistakes={
        "z[1] was drawn given the old z[0]: use the new one.": lambda z, e, r: (
            r * np.array([z[1], z[0]]) + (1 - r**2) ** 0.5 * np.asarray(e)
        ),
        "A variance where an sd belongs.": swept(regress, lambda r: 1 - r**2),
        "A precision where an sd belongs.": swept(regress, lambda r: 1 / (1 - r**2)),
        "You took sd one: the conditional is narrower than the marginal.": swept(
            regress, lambda r: 1.0
        ),
        "rho is not squared under the root.": swept(regress, lambda r: (1 - r) ** 0.5),
        "You took 1 + rho^2 under the root.": swept(regress, lambda r: (1 + r**2) ** 0.5),
        "rho stands where the sd belongs.": swept(regress, lambda r: r),
        "rho is missing in the mean.": swept(lambda other, itself, r: other),
        "You squared rho in the mean.": swept(lambda other, itself, r: r**2 * other),
        "sd and rho changed places: rho is at the other, the sd at the noise.": swept(
            lambda other, itself, r: (1 - r**2) ** 0.5 * other, lambda r: r
        ),
        "The sign of the mean is wrong.": swept(lambda other, itself, r: -r * other),
        "The mean is missing: this is the noise alone.": swept(lambda other, itself, r: 0.0),
        "You took each coordinate given itself: the mean is rho times the other.": swept(
            lambda other, itself, r: r * itself
        ),
        "z[1] was drawn given its own old value: give it the new z[0].": lambda z, e, r: np.array(
            [sweep(z, e, r)[0], r * z[1] + (1 - r**2) ** 0.5 * e[1]]
        ),
        "The noise is missing: this is the mean alone.": swept(regress, lambda r: 0.0),
        "You took a step from where it is: the conditional does not know the old value.": swept(
            lambda other, itself, r: itself + r * other
        ),
        "You divided the noise by the sd: multiply.": swept(regress, lambda r: (1 - r**2) ** -0.5),
        "You multiplied the noise by rho too: it stands on the other coordinate alone.": swept(
            regress, lambda r: r * (1 - r**2) ** 0.5
        ),
        "The sd is missing on the second noise.": lambda z, e, r: sweep(
            z, [e[0], e[1] / (1 - r**2) ** 0.5], r
        ),
        "The new values were added to the old ones.": lambda z, e, r: z + sweep(z, e, r),
        "The first alone came back.": lambda z, e, r: sweep(z, e, r)[0],
        "You took one noise for both coordinates.": lambda z, e, r: sweep(z, [e[0], e[0]], r),
        "You took the second noise for both coordinates.": lambda z, e, r: sweep(
            z, [e[1], e[1]], r
        ),
        "The noises changed places: eps[0] is for z[0].": lambda z, e, r: sweep(z, e[::-1], r),
        "The noise was subtracted: the same law, but here it is added.": lambda z, e, r: sweep(
            z, [-e[0], -e[1]], r
        ),
        "z[1] was drawn first: begin with z[0].": lambda z, e, r: sweep(z[::-1], e[::-1], r)[::-1],
        "z[1] was drawn first, with eps[0].": lambda z, e, r: sweep(z[::-1], e, r)[::-1],
        "The two came back in the other order.": lambda z, e, r: sweep(z, e, r)[::-1],
        "z[1] was not drawn.": lambda z, e, r: np.array([sweep(z, e, r)[0], z[1]]),
        "z[0] was not drawn.": lambda z, e, r: np.array(
            [z[0], r * z[0] + (1 - r**2) ** 0.5 * e[1]]
        ),
        "The first draw was given the old z[0] in place of z[1].": lambda z, e, r: sweep(
            [z[1], z[0]], e, r
        ),
        "You took two sweeps: one is asked for.": lambda z, e, r: sweep(sweep(z, e, r), e, r),
        "The first has sd one: it is drawn given z[1], not from its marginal.": lambda z, e, r: (
            np.array([r * z[1] + e[0], r * (r * z[1] + e[0]) + (1 - r**2) ** 0.5 * e[1]])
        ),
        "This is a proposal: it added noise to z, and nothing was conditioned.": lambda z, e, r: (
            np.asarray(z) + (1 - r**2) ** 0.5 * np.asarray(e)
        ),
    },
    hints=(
        "03.1 twice. Which z[0] does the second one see?",
        "z0' = rho z1 + sd eps0, then z1' = rho z0' + sd eps1, sd = sqrt(1 - rho^2)",
        "sd = np.sqrt(1 - rho**2)",
    ),
)

# 03.6 ------------------------------------------------------------------------------------------


def lag1(rho):
    """The correlation of z[0] with z[0] one sweep earlier, once the chain has arrived.

    rho may be negative. Returns one number.
    """
    return rho**2


LAG1 = Exercise(
    id="03.6",
    title="How much a sweep remembers",
    minutes=5,
    star=True,
    inputs=lambda rng, i: (pairs(rng, i)[1],),
    right=lag1,
    mistakes={
        "rho is what one half of a sweep keeps; a sweep has two.": lambda r: r,
        "|rho| is what one half of a sweep keeps; a sweep has two.": abs,
        "1 - rho^2 is what a sweep forgets.": lambda r: 1 - r**2,
        "rho^4 is two sweeps.": lambda r: r**4,
        "You took rho^3: a sweep goes over two coordinates, not three.": lambda r: r**3,
        "You took the sd of the conditional.": lambda r: (1 - r**2) ** 0.5,
        "The sign is wrong: two halves with the same sign give plus.": lambda r: -(r**2),
        "The sign follows rho; but both halves bring it, and it squares away.": lambda r: (
            r * abs(r)
        ),
        "You took twice rho: the halves multiply, they do not add.": lambda r: 2 * r,
        "You have twice too much: each half keeps rho, both keep rho times rho.": lambda r: (
            2 * r**2
        ),
        "You took half a square: the halves multiply.": lambda r: r**2 / 2,
        "rho^2/(1 - rho^2) is a ratio of variances, not a correlation.": lambda r: (
            r**2 / (1 - r**2)
        ),
        "The effective share (1 - rho^2)/(1 + rho^2) follows from it.": lambda r: (
            (1 - r**2) / (1 + r**2)
        ),
        "You took the root: a sweep squares what half of it keeps.": lambda r: abs(r) ** 0.5,
        "1 - rho is what half a sweep forgets.": lambda r: 1 - r,
        "1/(1 - rho^2) is a precision.": lambda r: 1 / (1 - r**2),
        "(1 + rho^2)/(1 - rho^2) is how many draws make an independent one.": lambda r: (
            (1 + r**2) / (1 - r**2)
        ),
        "You took rho^2/(1 + rho^2): both sds are one, there is nothing to divide by.": lambda r: (
            r**2 / (1 + r**2)
        ),
        "1 - rho^4 is what two sweeps forget.": lambda r: 1 - r**4,
        "That is the number at rho = 0.9: it depends on rho.": lambda r: 0.81,
        "You took one: that is lag 0.": lambda r: 1.0,
        "You took rho times the sd of the conditional.": lambda r: r * (1 - r**2) ** 0.5,
        "Nothing: but the draws of a chain are not independent.": lambda r: 0.0,
    },
    hints=(
        "Follow z[0] through one sweep of 03.5: what is it multiplied by, and how often?",
        "z0' = rho z1 + noise, and z1 = rho z0 + noise",
        "keep = rho  # of the first half",
    ),
)

EXERCISES = (CONDITIONAL, MU, TAU, CHANGE, SWEEP, LAG1, LABELS)
