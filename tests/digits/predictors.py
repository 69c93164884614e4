"""Probit and Poisson regression with one coefficient, and logistic of separated data: the rules of
`logistic` at 60 digits."""

from dataclasses import replace

import numpy as np
from mpmath import mp

from tests.digits import logistic
from tests.digits.logistic import integrate
from tests.digits.sweep import VALUES, Case, Total, each, excuse, loggamma
from tests.digits.terms import minus_kl_normal
from vi_lab import PoissonRegression, ProbitRegression, gaussian_vi

FAR = -100


def prior_of(given):
    return given["prior_mean"], given["prior_cov"][0, 0]


def log_prior(given, at):
    m0, v0 = prior_of(given)
    return -(mp.log(2 * mp.pi * v0) + (at - m0) ** 2 / v0) / 2


# -- yes or no ------------------------------------------------------------------------------------


def tail(a):
    """|a| Phi(a)/phi(a) far below 0: 1 - 1/a**2 + 3/a**4 - 15/a**6 + ..."""
    terms = [mp.mpf(1)]
    for k in range(1, 40):
        terms.append(-terms[-1] * (2 * k - 1) / a**2)
    return mp.fsum(terms)


@each
def log_phi(a):
    if a > FAR:
        return mp.log(mp.erfc(-a / mp.sqrt(2)) / 2)
    return -(a**2) / 2 - mp.log(-a * mp.sqrt(2 * mp.pi)) + mp.log(tail(a))


@each
def hazard(a):
    """phi(a) / Phi(a)"""
    return mp.npdf(a) / mp.erfc(-a / mp.sqrt(2)) * 2 if a > FAR else -a / tail(a)


def toward(given):
    return np.where(given["y"] > 0, 1, -1) * given["X"][:, 0]


def probit_evidence(given):
    x, (m0, v0) = toward(given), prior_of(given)

    def derivatives(beta):
        lam = hazard(x * beta)
        return (x * lam).sum() - (beta - m0) / v0, (x**2 * lam * (x * beta + lam)).sum() + 1 / v0

    def terms(beta):
        return [*log_phi(x * beta), log_prior(given, beta)]

    return integrate(terms, derivatives, m0, 1 / abs(x).max())


def probit_bound(given, q):
    """E log N(w; psi, 1), -KL of beta, and the entropy of N(mean, variance) above 0, all in terms
    of lam = phi/Phi."""
    x, (m0, v0) = toward(given), prior_of(given)
    m, v = q["beta"]["mean"][0], q["beta"]["cov"][0, 0]
    mean, variance = q["w"]["mean"], q["w"]["variance"]
    sd = each(mp.sqrt)(variance)
    a = mean / sd
    lam = hazard(a)
    w, square = sd * (a + lam), variance * (1 + a * (a + lam))
    psi, psi2 = x * m, x**2 * (m**2 + v)
    log_2pi = mp.log(2 * mp.pi)
    entropy = [each(mp.log)(sd) + (log_2pi + 1) / 2, log_phi(a), -a * lam / 2]
    return Total(
        -log_2pi / 2 * np.ones(len(x)), -square / 2, w * psi, -psi2 / 2, *entropy,
        *minus_kl_normal(m, mp.sqrt(v), m0, mp.sqrt(v0)),
    )  # fmt: skip


# -- counts ---------------------------------------------------------------------------------------


def poisson_evidence(given):
    x, y, (m0, v0) = given["X"][:, 0], given["counts"], prior_of(given)

    def terms(z):
        return [*(y * x * z), *-each(mp.exp)(x * z), *-loggamma(y + 1), log_prior(given, z)]

    def derivatives(z):
        rate = each(mp.exp)(x * z)
        return (x * (y - rate)).sum() - (z - m0) / v0, (x**2 * rate).sum() + 1 / v0

    return integrate(terms, derivatives, m0, 1 / abs(x).max())


def poisson_bound(given, q):
    """E exp(psi) of psi ~ N(x m, x**2 v) is that of a lognormal."""
    x, y, (m0, v0) = given["X"][:, 0], given["counts"], prior_of(given)
    m, v = q["z"]["mean"][0], q["z"]["root"][0, 0] ** 2
    rates = each(mp.exp)(x * m + x**2 * v / 2)
    return Total(
        y * x * m, -rates, -loggamma(y + 1), *minus_kl_normal(m, mp.sqrt(v), m0, mp.sqrt(v0))
    )


def fit_gaussian(model):
    return gaussian_vi(model, rng=0)


X = [[1.0], [0.5], [-0.7]]
PRIOR = dict(prior_mean=0.0, prior_cov=[[4.0]])
YES = (ProbitRegression, dict(X=X, y=[1, 0, 1], **PRIOR), probit_evidence, probit_bound)
RATE = (PoissonRegression, dict(X=X, counts=[3, 1, 2], **PRIOR), poisson_evidence, poisson_bound)
SEPARATED, NONE = [1, 1, 0], [0, 0, 0]
COUNTS = tuple(float(f"{v:.3g}") for v in np.geomspace(1, 1e15, 13))


def case(name, model, base, evidence, bound, values=None, **inputs):
    def at(value):
        return {**base, **{key: make(value) for key, make in inputs.items()}}

    more = {} if values is None else {"values": values, "thin": values[-1:]}
    if model is PoissonRegression:
        more["fit"] = fit_gaussian
    return Case(f"{model.__name__}, {name}", model, at, evidence, bound, **more)


CASES = [
    case("prior sharpness", *YES, prior_cov=lambda v: [[4.0 / v]]),
    case("prior width", *YES, prior_cov=lambda v: [[4.0 * v]]),
    case("sharp prior far away", *YES, prior_mean=lambda v: 1.0, prior_cov=lambda v: [[4.0 / v]]),
    case("prior against the data", *YES, prior_mean=lambda v: v),
    case("design", *YES, X=lambda v: [[v], [0.5 * v], [-0.7 * v]]),
    case("separated, prior width", *YES, y=lambda v: SEPARATED, prior_cov=lambda v: [[4.0 * v]]),
    case("separated, design", *YES, y=lambda v: SEPARATED, X=lambda v: [[v], [v / 2], [-0.7 * v]]),
    case("small design", *YES, X=lambda v: [[1 / v], [0.5 / v], [-0.7 / v]]),
    case("prior sharpness", *RATE, prior_cov=lambda v: [[4.0 / v]]),
    case("prior width", *RATE, prior_cov=lambda v: [[4.0 * v]]),
    case("sharp prior far away", *RATE, prior_mean=lambda v: 1.0, prior_cov=lambda v: [[4.0 / v]]),
    case("counts", *RATE, COUNTS, counts=lambda v: [round(3 * v), round(v), round(2 * v)]),
    case("design", *RATE, X=lambda v: [[v], [0.5 * v], [-0.7 * v]]),
    case("small design", *RATE, X=lambda v: [[1 / v], [0.5 / v], [-0.7 / v]]),
    case("separated, prior width", *RATE, counts=lambda v: NONE, X=lambda v: [[1.0], [0.5], [0.7]],
         prior_cov=lambda v: [[4.0 * v]]),
    replace(logistic.case("separated, prior width", successes=lambda v: [3, 2, 0],
                          prior_cov=lambda v: [[4.0 * v]]), thin=()),
    replace(logistic.case("separated, design", successes=lambda v: [3, 2, 0],
                          X=lambda v: [[v], [v / 2], [-0.7 * v]]), thin=()),
]  # fmt: skip

LAST = "the last digit of beta moves a predictor by more than a thousandth of a score's width"
CANCELS = "of the bound k psi cancels with n log cosh(psi/2), of half the size of a predictor each"
STALLS = "the climb to the best Gaussian stalls in a bent valley, and says so"
CASES = excuse(
    CASES,
    {
        "ProbitRegression, separated, design": (LAST, VALUES[11:]),
        "LogisticRegression, separated, design": (CANCELS, VALUES[7:]),
        "PoissonRegression, separated, prior width": (STALLS, VALUES[9:]),
    },
)
