"""Logistic regression with one coefficient: a trapezoidal rule at 60 digits about the mode."""

import numpy as np
from mpmath import mp

from tests.digits.sweep import Case, Total, excuse, loggamma
from vi_lab import LogisticRegression

STEP, REACH = mp.mpf(1) / 4, 40  # standard deviations


def rows(given):
    x = given["X"][:, 0]
    n = np.broadcast_to(given["trials"], x.shape)
    y = given["successes"]
    return x, y, n, loggamma(n + 1) - loggamma(y + 1) - loggamma(n - y + 1)


def evidence(given):
    x, y, n, ways = rows(given)
    m0, v0 = given["prior_mean"], given["prior_cov"][0, 0]

    def terms(beta):
        psi = x * beta
        softplus = np.array([mp.log1p(mp.exp(-abs(p))) + max(p, 0) for p in psi])
        prior = -(mp.log(2 * mp.pi * v0) + (beta - m0) ** 2 / v0) / 2
        return [*(ways + y * psi - n * softplus), prior]

    at = m0
    for _ in range(200):
        p = 1 / (1 + np.array([mp.exp(-v) for v in x * at]))
        slope = (x * (y - n * p)).sum() - (at - m0) / v0
        curvature = (n * p * (1 - p) * x**2).sum() + 1 / v0
        step = slope / curvature
        at += max(min(step, mp.mpf(1)), mp.mpf(-1))
        if abs(step) < mp.mpf(10) ** -50:
            break
    h = STEP / mp.sqrt(curvature)
    count = int(REACH / STEP)
    heights = [Total(terms(at + h * k)) for k in range(-count, count + 1)]
    found = Total.log_sum_exp([Total(height.value, mp.log(h)) for height in heights])
    found.largest = max(abs(term) for term in [*ways, *terms(at), *(n * mp.log(2))])
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
CASES = excuse(CASES, {"LogisticRegression, trials": (TRIED, TRIALS[9:12])})
