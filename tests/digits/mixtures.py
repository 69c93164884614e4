"""Mixtures: a sum over all labellings of what each makes of the points, one point at a time.

Given the labels each point is predicted from those before it, and each label by Polya's urn: no
sum of squares and no gamma function is shared with vi_lab.
"""

from itertools import product

import numpy as np
from mpmath import mp

from tests.digits.sweep import VALUES, Case, Total, excuse
from tests.digits.terms import (
    expected_log,
    log_normal,
    minus_kl_dirichlet,
    minus_kl_normal,
    surprise,
    urn,
)
from vi_lab import Clutter, GaussianMixture, NormalMixture


def predict_normals(labels, x, sigma, m0, s0):
    """log p(x | labels), each point predicted from those before it with its label."""
    mean, variance, terms = list(m0), [s**2 for s in s0], []
    for k, at in zip(labels, x, strict=True):
        terms.append(log_normal(at, mean[k], variance[k] + sigma**2))
        gain = variance[k] / (variance[k] + sigma**2)
        mean[k] += gain * (at - mean[k])
        variance[k] *= 1 - gain
    return terms


def normal_mixture_evidence(given):
    size = len(given["concentration"])
    m0, s0 = (np.broadcast_to(given[name], size) for name in ("m0", "s0"))
    return Total.log_sum_exp(
        [
            Total(
                urn(labels, given["concentration"]),
                predict_normals(labels, given["x"], given["sigma"], m0, s0),
            )
            for labels in product(range(size), repeat=len(given["x"]))
        ]
    )


def normal_mixture_bound(given, q):
    r, mean, sd = q["z"]["probabilities"], q["mu"]["mean"], q["mu"]["sd"]
    a = q["weights"]["concentration"]
    distance = (given["x"][:, None] - mean) ** 2 + sd**2
    log_x = -(mp.log(2 * mp.pi * given["sigma"] ** 2) + distance / given["sigma"] ** 2) / 2
    return Total(
        r * (expected_log(a) + log_x),
        surprise(r),
        *minus_kl_normal(mean, sd, given["m0"], given["s0"]),
        minus_kl_dirichlet(a, given["concentration"]),
    )


def normal_mixture(name, **inputs):
    def at(value):
        base = dict(
            x=[-1.2, 0.1, 0.9, 1.4, -0.3], sigma=1.0, m0=0.0, s0=2.0, concentration=[1.0, 1.0]
        )
        return {**base, **{key: make(value) for key, make in inputs.items()}}

    return Case(
        f"NormalMixture, {name}", NormalMixture, at, normal_mixture_evidence, normal_mixture_bound
    )


def predict_gaussians(labels, x, m0, beta0, nu0, w0_inv):
    """log p(x | labels), each point a multivariate Student's t given those before it."""
    known = {k: (np.array(m0), beta0, nu0, np.array(w0_inv)) for k in set(labels)}
    terms = []
    for k, at in zip(labels, x, strict=True):
        mean, beta, nu, w_inv = known[k]
        size, d, share = len(at), at - mean, beta / (beta + 1)
        gamma = mp.loggamma((nu + 1) / 2) - mp.loggamma((nu + 1 - size) / 2)
        inside = share * (d @ inverse(w_inv) @ d)
        terms += [
            gamma + mp.mpf(size) / 2 * mp.log(share / mp.pi),
            -mp.log(determinant(w_inv)) / 2,
            -(nu + 1) / 2 * mp.log1p(inside),
        ]
        known[k] = mean + d / (beta + 1), beta + 1, nu + 1, w_inv + share * np.outer(d, d)
    return terms


def inverse(matrix):
    return np.array((mp.matrix(matrix.tolist()) ** -1).tolist(), dtype=object)


def determinant(matrix):
    return mp.det(mp.matrix(matrix.tolist()))


def gaussian_mixture_evidence(given):
    prior = [given[name] for name in ("m0", "beta0", "nu0", "w0_inv")]
    count = int(given["n_components"])
    concentration = [given["concentration"]] * count
    return Total.log_sum_exp(
        [
            Total(urn(labels, concentration), predict_gaussians(labels, given["x"], *prior))
            for labels in product(range(count), repeat=len(given["x"]))
        ]
    )


def expected_log_det(w_inv, nu):
    size = len(w_inv)
    halves = mp.fsum(mp.digamma((nu - i) / 2) for i in range(size))
    return halves + size * mp.log(2) - mp.log(determinant(w_inv))


def minus_kl_normal_wishart(q, prior):
    """E_q[log p - log q] of a NW(m, beta, W, nu), as one term."""
    m, beta, w_inv, nu = q
    size = len(m)
    log_det, precision = expected_log_det(w_inv, nu), nu * inverse(w_inv)

    def expected(m0, beta0, w0_inv, nu0):
        d = m - m0
        normal = size * mp.log(beta0 / (2 * mp.pi)) + log_det
        normal -= beta0 * (size / beta + d @ precision @ d)
        gammas = mp.fsum(mp.loggamma((nu0 - i) / 2) for i in range(size))
        gammas += mp.mpf(size * (size - 1)) / 4 * mp.log(mp.pi) + nu0 * size / 2 * mp.log(2)
        wishart = (nu0 - size - 1) * log_det - (w0_inv * precision).sum()
        return (normal + wishart + nu0 * mp.log(determinant(w0_inv))) / 2 - gammas

    return expected(*prior) - expected(*q)


def gaussian_mixture_bound(given, q):
    r, a = q["z"]["probabilities"], q["weights"]["concentration"]
    components = [q["components"][name] for name in ("mean", "beta", "w_inv", "nu")]
    prior = [given[name] for name in ("m0", "beta0", "w0_inv", "nu0")]
    log_x, divergences = np.empty(r.shape, dtype=object), []
    for k, (m, beta, w_inv, nu) in enumerate(zip(*components, strict=True)):
        d, size = given["x"] - m, len(m)
        distance = ((d @ (nu * inverse(w_inv))) * d).sum(-1) + size / beta
        log_x[:, k] = (expected_log_det(w_inv, nu) - size * mp.log(2 * mp.pi) - distance) / 2
        divergences.append(minus_kl_normal_wishart((m, beta, w_inv, nu), prior))
    concentration = np.array([given["concentration"]] * len(a))
    return Total(
        r * expected_log(a), r * log_x, surprise(r), divergences,
        minus_kl_dirichlet(a, concentration),
    )  # fmt: skip


def gaussian_mixture(name, *, finer=False, **inputs):
    """A q of W^-1 in axes of its own, off those of the data, is `finer`."""

    def at(value):
        base = dict(
            x=[[1.0], [0.0], [0.5], [0.25]], n_components=2, concentration=1.0, m0=[0.0],
            beta0=0.01, nu0=2.0, w0_inv=[[0.1]],
        )  # fmt: skip
        return {**base, **{key: make(value) for key, make in inputs.items()}}

    return Case(
        f"GaussianMixture, {name}", GaussianMixture, at,
        gaussian_mixture_evidence, gaussian_mixture_bound, finer=finer,
    )  # fmt: skip


def clutter_evidence(given):
    """The signal's points one after another, coordinate by coordinate; the clutter's each alone."""
    points = np.reshape(given["x"], (len(given["x"]), -1))
    totals = []
    for labels in product((0, 1), repeat=len(points)):
        terms = [mp.log(given["w"] if label else 1 - given["w"]) for label in labels]
        signal = points[np.array(labels) == 0]
        for column in signal.T:
            terms += predict_normals(
                [0] * len(column), column, 1, [0], [mp.sqrt(given["prior_var"])]
            )
        terms += [log_normal(at, 0, mp.mpf(10)) for at in points[np.array(labels) == 1].ravel()]
        totals.append(Total(terms))
    return Total.log_sum_exp(totals)


def clutter_bound(given, q):
    points = np.reshape(given["x"], (len(given["x"]), -1))
    r = q["z"]["probabilities"]
    mean, sd = (np.atleast_1d(q["theta"][name]) for name in ("mean", "sd"))
    signal = -(mp.log(2 * mp.pi) + (points - mean) ** 2 + sd**2).sum(-1) / 2
    noise = log_normal(points, 0, mp.mpf(10)).sum(-1)
    return Total(
        r[:, 0] * (mp.log(1 - given["w"]) + signal), r[:, 1] * (mp.log(given["w"]) + noise),
        surprise(r), *minus_kl_normal(mean, sd, mp.mpf(0), mp.sqrt(given["prior_var"])),
    )  # fmt: skip


def clutter(name, **inputs):
    def at(value):
        base = dict(x=[0.3, 2.1, -1.4, 3.0], w=0.4, prior_var=4.0)
        return {**base, **{key: make(value) for key, make in inputs.items()}}

    return Case(f"Clutter, {name}", Clutter, at, clutter_evidence, clutter_bound)


PLANE = [[0.3, 1.0], [2.1, -0.4], [-1.4, 0.2]]
SQUARE = [[1.0, 0.3], [0.3, 2.0]]
CASES = [
    normal_mixture(
        "separation", x=lambda gap: [gap, 0.0, gap - 0.5, 0.25, -0.3], s0=lambda gap: gap
    ),
    normal_mixture("prior sharpness", s0=lambda value: 2.0 / value),
    normal_mixture("prior width", s0=lambda value: 2.0 * value),
    normal_mixture("concentration", concentration=lambda a: [a, 2.0 * a]),
    normal_mixture("small concentration", concentration=lambda a: [1.0 / a, 2.0 / a]),
    normal_mixture("noise", sigma=lambda value: 1.0 / value),
    gaussian_mixture("separation", x=lambda gap: [[gap], [0.0], [gap - 0.5], [0.25]]),
    gaussian_mixture(
        "plane, separation",
        x=lambda gap: [[gap, 0.1], [0.0, 0.3], [gap - 1.0, -0.4], [0.2, 0.0]],
        m0=lambda gap: [0.0, 0.0],
        nu0=lambda gap: 3.0,
        w0_inv=lambda gap: SQUARE,
    ),
    gaussian_mixture(
        "off the axes, separation",
        finer=True,
        x=lambda gap: [
            [0.0, 0.3],
            [0.2, 0.0],
            [0.8 * gap, 0.6 * gap + 0.1],
            [0.8 * gap - 1.0, 0.6 * gap],
        ],
        m0=lambda gap: [0.0, 0.0],
        nu0=lambda gap: 3.0,
        w0_inv=lambda gap: SQUARE,
    ),
    gaussian_mixture(
        "off the axes, offset",
        finer=True,
        x=lambda gap: (np.array(PLANE) + gap * np.array([0.8, -0.6])).tolist(),
        m0=lambda gap: [0.0, 0.0],
        nu0=lambda gap: 3.0,
        w0_inv=lambda gap: SQUARE,
    ),
    gaussian_mixture("concentration", concentration=lambda a: a),
    gaussian_mixture("degrees of freedom", nu0=lambda nu: 2.0 * nu),
    gaussian_mixture(
        "degrees of freedom and scale", nu0=lambda nu: 2.0 * nu, w0_inv=lambda nu: [[0.1 * nu]]
    ),
    gaussian_mixture("prior sharpness", beta0=lambda beta: beta),
    gaussian_mixture("prior width", beta0=lambda beta: 1.0 / beta),
    gaussian_mixture("scale", w0_inv=lambda value: [[0.1 * value]]),
    gaussian_mixture(
        "plane, degrees of freedom",
        x=lambda nu: PLANE,
        m0=lambda nu: [0.0, 0.0],
        nu0=lambda nu: 3.0 * nu,
        w0_inv=lambda nu: SQUARE,
    ),
    clutter(
        "separation", x=lambda gap: [gap, gap + 2.1, -1.4, gap - 1.0], prior_var=lambda gap: gap**2
    ),
    clutter("prior sharpness", prior_var=lambda value: 4.0 / value),
    clutter("prior width", prior_var=lambda value: 4.0 * value),
    clutter("share", w=lambda value: 0.5 / value),
    clutter(
        "plane, separation",
        x=lambda gap: [[gap, 0.2], [gap + 1.0, 0.1], [0.3, -0.4]],
        prior_var=lambda gap: gap**2,
    ),
    clutter("plane, prior sharpness", x=lambda value: PLANE, prior_var=lambda value: 4.0 / value),
]

DEGREES = "the bound is as large as the degrees of freedom: log|W0| is not in their unit"
CASES = excuse(
    CASES,
    {
        "NormalMixture, small concentration": ("Dirichlet(1e-16) draws 0 as a weight", VALUES[-1:]),
        "GaussianMixture, degrees of freedom": (DEGREES, VALUES[7:8]),
        "GaussianMixture, plane, degrees of freedom": (DEGREES, VALUES[7:8]),
    },
)
