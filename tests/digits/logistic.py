"""Logistic regression with one coefficient: Gauss-Legendre rules at 60 digits about the mode."""

from itertools import pairwise

import numpy as np
from mpmath import mp
from mpmath.calculus.quadrature import GaussLegendre

from tests.digits.sweep import Case, Total, excuse, loggamma
from vi_lab import LogisticRegression

DEPTH = 60  # nats below the top at which an integral ends
RUNG = 16
PRECISE = mp.mpf(10) ** -18  # of an integral, as a share of about 1
LEGENDRE = GaussLegendre(mp).calc_nodes(4, 200)  # 24 nodes and weights, to 200 bits


def rows(given):
    x = given["X"][:, 0]
    n = np.broadcast_to(given["trials"], x.shape)
    y = given["successes"]
    return x, y, n, loggamma(n + 1) - loggamma(y + 1) - loggamma(n - y + 1)


def integrate(terms, derivatives, at, narrow):
    """log of the integral of exp of the sum of some terms, which is concave.

    `derivatives` gives its slope and minus its curvature; the mode is looked for from `at`. Each
    side of it, as far as the integrand is above exp(-DEPTH), is cut where it is `narrow` from the
    mode, about as wide as a step of the integrand may be, RUNG times as far, and so on; and what is
    between is halved until the rule on a half agrees with that on the whole.
    """
    mode, sd = find_mode(derivatives, at)
    top = mp.fsum(terms(mode))

    def height(beta):
        return mp.exp(mp.fsum(terms(beta)) - top)

    total = mp.mpf(0)
    for side in (-1, 1):
        reach = sd
        while height(mode + side * reach) > mp.exp(-DEPTH):
            reach *= 2
        cuts = [mp.mpf(0), min(sd, narrow, reach)]
        while RUNG * cuts[-1] < reach:
            cuts.append(RUNG * cuts[-1])
        for low, high in pairwise([*cuts, reach]):
            total += halve(lambda d, side=side: height(mode + side * d), low, high, sd)
    found = Total(top, mp.log(total))
    found.largest = max(map(abs, terms(mode)))
    return found


def find_mode(derivatives, at):
    """The mode, to a thousandth of its standard deviation, and that: by bisection."""
    slope, curvature = derivatives(at)
    side = mp.sign(slope)
    step, near = 1 / mp.sqrt(curvature), at
    while side * slope > 0:
        near, at = at, at + side * step
        step *= 2
        slope, curvature = derivatives(at)
    while abs(at - near) * mp.sqrt(curvature) > mp.mpf(10) ** -3:
        middle = (at + near) / 2
        slope, curvature = derivatives(middle)
        near, at = (middle, at) if side * slope > 0 else (near, middle)
    return at, 1 / mp.sqrt(curvature)


def halve(function, low, high, sd):
    """The integral by Gauss-Legendre rules on parts that are halved while that changes anything."""

    def rule(a, b):
        half = (b - a) / 2
        return half * mp.fsum(w * function(a + half * (1 + x)) for x, w in LEGENDRE)

    parts, total = [(low, high, rule(low, high))], mp.mpf(0)
    while parts:
        a, b, whole = parts.pop()
        middle = (a + b) / 2
        halves = [(a, middle, rule(a, middle)), (middle, b, rule(middle, b))]
        both = halves[0][2] + halves[1][2]
        if abs(both - whole) < sd * PRECISE:
            total += both
        else:
            parts += halves
    return total


def evidence(given):
    x, y, n, ways = rows(given)
    m0, v0 = given["prior_mean"], given["prior_cov"][0, 0]

    def terms(beta):
        psi = x * beta
        softplus = np.array([mp.log1p(mp.exp(-abs(p))) + max(p, 0) for p in psi])
        prior = -(mp.log(2 * mp.pi * v0) + (beta - m0) ** 2 / v0) / 2
        return [*(ways + y * psi - n * softplus), prior]

    def derivatives(beta):
        p = 1 / (1 + np.array([mp.exp(-v) for v in x * beta]))
        return (x * (y - n * p)).sum() - (beta - m0) / v0, (n * p * (1 - p) * x**2).sum() + 1 / v0

    found = integrate(terms, derivatives, m0, 1 / abs(x).max())
    found.largest = max(found.largest, *map(abs, [*ways, *(n * mp.log(2))]))
    return found


def bound(given, q):
    x, y, n, ways = rows(given)
    m, v = q["beta"]["mean"][0], q["beta"]["cov"][0, 0]
    m0, v0 = given["prior_mean"], given["prior_cov"][0, 0]
    c = q["omega"]["tilt"]
    omega = np.array([n_i * (mp.tanh(t / 2) / (2 * t) if t else mp.mpf(1) / 4)
                      for n_i, t in zip(n, c, strict=True)])  # fmt: skip
    cosh = np.array([mp.log(mp.cosh(t / 2)) for t in c])
    psi2 = x**2 * (m**2 + v)
    return Total(
        ways, (y - n / 2) * x * m, -n * mp.log(2), -n * cosh, (c**2 - psi2) / 2 * omega,
        (mp.log(v / v0) + 1 - (v + (m - m0) ** 2) / v0) / 2,
    )  # fmt: skip


BASE = dict(X=[[1.0], [0.5], [-0.7]], successes=[2, 1, 1], trials=[3, 2, 3], prior_mean=0.0,
            prior_cov=[[4.0]])  # fmt: skip
TRIALS = tuple(float(f"{v:.3g}") for v in np.geomspace(1, 1e12, 13))


def case(name, values=None, **inputs):
    def at(value):
        return {**BASE, **{key: make(value) for key, make in inputs.items()}}

    found = Case(f"LogisticRegression, {name}", LogisticRegression, at, evidence, bound)
    return found if values is None else Case(**{**vars(found), "values": values})


CASES = [
    case("prior sharpness", prior_cov=lambda v: [[4.0 / v]]),
    case("prior width", prior_cov=lambda v: [[4.0 * v]]),
    case("trials", TRIALS, trials=lambda v: [round(3 * v), round(2 * v), round(3 * v)],
         successes=lambda v: [round(2 * v), round(v), round(v)]),
    case("sharp prior far away", prior_mean=lambda v: 1.0, prior_cov=lambda v: [[4.0 / v]]),
    case("design", X=lambda v: [[v], [0.5 * v], [-0.7 * v]]),
]  # fmt: skip

TRIED = "the likelihood of so many trials is so large that its rounding is above 1e-6 nats"
CASES = excuse(CASES, {"LogisticRegression, trials": (TRIED, TRIALS[10:12])})
