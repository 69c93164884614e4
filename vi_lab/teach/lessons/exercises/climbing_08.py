"""Exercise 08.3: a climb is judged in nats, and a wrong one named by where it ends.

Three pictures of eight pixels, two latents, a linear decoder:

    z ~ N(0, I),   x_d ~ Bernoulli(sigmoid(w_d' z + b_d)),   q = N(m, diag e^logvar)

E_q is a sum over 8 x 8 Gauss-Hermite nodes, so that the ELBO and its slope are plain functions.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from scipy.optimize import minimize

NEAR = 1e-3  # nats below the best that are allowed
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(8)
EPS = np.stack(np.meshgrid(NODES, NODES), axis=-1).reshape(-1, 2)
SHARES = np.outer(WEIGHTS, WEIGHTS).ravel() / WEIGHTS.sum() ** 2


class Picture:
    """One picture: the ELBO of a q, its slope, where to start, and the best there is."""

    def __init__(self, seed):
        generator = np.random.default_rng([8, seed])
        self.w, self.b = 0.55 * generator.standard_normal((8, 2)), generator.standard_normal(8)
        self.x = (generator.random(8) < 0.6) * 1.0
        self.start = generator.normal(0.0, 1.2, 2), generator.uniform(0.8, 1.4, 2) * (-1) ** seed
        self.asked = []  # where the gradient was asked for
        best = minimize(
            lambda q: -self.elbo(q[:2], q[2:]), np.zeros(4), jac=self._downhill, tol=1e-10
        )
        self.best, self.highest = (best.x[:2], best.x[2:]), -best.fun

    def elbo(self, m, logvar):
        """The ELBO in nats."""
        logits = (m + np.exp(logvar / 2) * EPS) @ self.w.T + self.b
        log_x = np.sum(self.x * logits - np.logaddexp(0, logits), axis=1)
        return SHARES @ log_x - np.sum(m**2 + np.exp(logvar) - 1 - logvar) / 2

    def slope(self, m, logvar):
        """The derivatives of the ELBO by m and by logvar."""
        noise = np.exp(logvar / 2) * EPS
        logits = (m + noise) @ self.w.T + self.b
        dz = (self.x - 1 / (1 + np.exp(-logits))) @ self.w
        return SHARES @ dz - m, SHARES @ (dz * noise) / 2 - (np.exp(logvar) - 1) / 2

    def gradient(self, m, logvar):
        """The slope, for the learner; where it is asked for is kept."""
        self.asked.append(np.array([m, logvar], float))
        return self.slope(*self.asked[-1])

    def _downhill(self, q):
        return -np.concatenate(self.slope(q[:2], q[2:]))


def ascend(m, logvar, gradient, steps=1000, step=0.1, of_m=1.0, of_logvar=1.0, prior=0.0):
    """Gradient ascent, with what a mistake changes: `prior` more copies of it."""
    for _ in range(steps):
        dm, dlogvar = gradient(m, logvar)
        dm, dlogvar = dm - prior * m, dlogvar - prior * (np.exp(logvar) - 1) / 2
        m, logvar = m + step * of_m * dm, logvar + step * of_logvar * dlogvar
    return m, logvar


def after_one_gradient(m, logvar, gradient):
    """Many steps along the slope at the start."""
    dm, dlogvar = gradient(m, logvar)
    return m + 0.5 * dm, logvar + 0.5 * dlogvar


def started(m, logvar, gradient):
    """The gradient is asked, and nothing is kept."""
    for _ in range(2):
        gradient(m, logvar)
    return m, logvar


def unasked(m, logvar, gradient):
    """Without the gradient."""
    return m * 0.5, logvar * 0.5


def slopes_exchanged(m, logvar, gradient):
    """Each climbs along the other's slope."""
    return ascend(m, logvar, lambda *q: gradient(*q)[::-1], steps=40)


def result_changed(change):
    """A right climb whose result is then changed."""
    return lambda m, logvar, gradient: change(*ascend(m, logvar, gradient))


NEVER = "The gradient was never asked."
STILL = "Nothing moved: keep the new m and logvar, and hand them back."
NO_M = "m was not moved."
NO_LOGVAR = "logvar was not moved."
ONCE = "The gradient was asked once: it changes along the way, so ask again at every step."
DOWN = "Downhill: the gradient points up, add it."
DOWN_LOGVAR = "logvar goes downhill, m does not: add both."
TWICE = "You counted the prior twice: the slope of the ELBO holds it already."
WITHOUT = "The prior is missing: this is the peak of the likelihood's part alone."
VARIANCE = "A variance came back: its logarithm is wanted."
SD = "A standard deviation came back: the logarithm of the variance is wanted."
EXCHANGED = "m and logvar changed places in what comes back."
SLOPES = "The slope came back: return m and logvar."
CROSSED = "The slopes changed places: gradient gives dm first, then dlogvar."
SHORT = "Uphill, but it stopped more than 0.001 nats below the best: take more steps."
LONG = "The steps are too long: the climb overshoots and ends below where it started."

CLIMB: dict[str, Callable[..., Any]] = {
    NEVER: unasked,
    STILL: started,
    NO_M: lambda m, v, slope: ascend(m, v, slope, of_m=0.0),
    NO_LOGVAR: lambda m, v, slope: ascend(m, v, slope, of_logvar=0.0),
    ONCE: after_one_gradient,
    DOWN: lambda m, v, slope: ascend(m, v, slope, steps=4, of_m=-1.0, of_logvar=-1.0),
    DOWN_LOGVAR: lambda m, v, slope: ascend(m, v, slope, steps=40, of_logvar=-1.0),
    TWICE: lambda m, v, slope: ascend(m, v, slope, prior=1.0),
    WITHOUT: lambda m, v, slope: ascend(m, v, slope, prior=-1.0),
    VARIANCE: result_changed(lambda m, logvar: (m, np.exp(logvar))),
    SD: result_changed(lambda m, logvar: (m, np.exp(logvar / 2))),
    EXCHANGED: result_changed(lambda m, logvar: (logvar, m)),
    SLOPES: lambda m, v, slope: slope(*ascend(m, v, slope)),
    CROSSED: slopes_exchanged,
    SHORT: lambda m, v, slope: ascend(m, v, slope, steps=5),
    LONG: lambda m, v, slope: ascend(m, v, slope, step=6.0, steps=3),
}


@cache
def three_pictures():
    """The pictures on which a climb is judged, with the best q of each."""
    return tuple(Picture(seed) for seed in range(3))


def judge(answer):
    """Right within 0.001 nats of the best on all three pictures, or the sentence of what is not."""
    pictures, ends = three_pictures(), []
    for picture in pictures:
        picture.asked = []
        given = [part.copy() for part in picture.start]
        result = answer(*given, picture.gradient)
        if result is None or result is ...:
            return "not attempted", "Nothing comes back yet. (Is the `return` missing?)"
        if any(np.any(a != b) for a, b in zip(given, picture.start, strict=True)):
            return "wrote", "Your function changes the arrays it was given: work on copies."
        end = np.asarray(result, float)
        if end.size != 4:
            return "shape", "Two arrays of two numbers are wanted: return m, logvar."
        ends.append(end.reshape(2, 2))
    short = [p.highest - p.elbo(*end) for p, end in zip(pictures, ends, strict=True)]
    if all(below <= NEAR for below in short):
        return "right", "Right."
    return "named", describe(pictures, ends)


def describe(pictures, ends):
    """The sentence that fits the ends of the climbs on all pictures."""
    cases = list(zip(pictures, ends, strict=True))
    if all(not p.asked for p in pictures):
        return NEVER
    moved = np.array([np.abs(end - np.array(p.start)).max(axis=1) > 1e-12 for p, end in cases])
    if not moved.any():
        return STILL
    if not moved[:, 0].any():
        return NO_M
    if not moved[:, 1].any():
        return NO_LOGVAR
    if all(len(p.asked) == 1 for p in pictures):
        return ONCE
    for sentence, place in PLACES.items():
        if all(np.abs(end - place(p)).max() < 0.02 for p, end in cases):
            return sentence
    if all(
        np.linalg.norm(p.slope(*end)[0] + end[0]) < 0.2 * np.linalg.norm(end[0])
        and np.all(end[1] < p.best[1])
        for p, end in cases
    ):
        return WITHOUT
    steps = [(p.asked[1] - p.start, np.array(p.slope(*p.start))) for p in pictures]
    if all(parallel(step, slope[::-1]) and not parallel(step, slope) for step, slope in steps):
        return CROSSED
    first = np.array([np.sum(step * slope, axis=1) for step, slope in steps])
    if np.all(first < 0):
        return DOWN
    if np.all(first[:, 1] < 0):
        return DOWN_LOGVAR
    if all(p.elbo(*end) >= p.elbo(*p.start) for p, end in cases):
        return SHORT
    return LONG


def parallel(step, slope):
    """Whether a step goes along a slope, up to a part in a thousand."""
    along = np.sum(step * slope)
    return along > 0.999 * np.linalg.norm(step) * np.linalg.norm(slope)


PLACES = {
    SLOPES: lambda p: np.zeros((2, 2)),
    TWICE: lambda p: np.array(ascend(p.start[0], p.start[1], p.slope, prior=1.0)),
    VARIANCE: lambda p: np.array([p.best[0], np.exp(p.best[1])]),
    SD: lambda p: np.array([p.best[0], np.exp(p.best[1] / 2)]),
    EXCHANGED: lambda p: np.array(p.best[::-1]),
}
