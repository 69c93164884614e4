"""One parameter or two: chain rules of predictive densities, and integrals done by rule."""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.atlas.routes.rules import LOG_2PI, even_grid, logsumexp, panels, trapezoid
from vi_lab.numerics.rounding import Estimate, rounding
from vi_lab.numerics.special import gammaln


def normal_gamma(model: Any) -> Estimate:
    """log p(x) = sum_i log p(x_i | x_1 .. x_(i-1)), each factor a Student's t (Murphy 2007, 3.5).

    With mean m, strength k, shape a and rate b so far, the next point is t with 2 a degrees of
    freedom about m, of squared scale b (k + 1)/(a k).
    """
    m, k, a, b = model.mu0, model.kappa0, model.a0, model.b0
    terms = []
    for x in model.x:
        spread = 2.0 * b * (k + 1.0) / k
        terms.append(
            gammaln(a + 0.5)
            - gammaln(a)
            - 0.5 * np.log(np.pi * spread)
            - (a + 0.5) * np.log1p((x - m) ** 2 / spread)
        )
        b += 0.5 * k * (x - m) ** 2 / (k + 1.0)
        m, k, a = m + (x - m) / (k + 1.0), k + 1.0, a + 0.5
    return Estimate(float(sum(terms)), float(rounding(*terms)), "chain rule of Student t's")


def gaussian(model: Any) -> Estimate:
    """A normalised density integrates to one: summed over a grid, in its own coordinates."""
    precision = np.linalg.inv(model.cov)
    sd = np.sqrt(np.diag(model.cov))
    nodes, log_cell = even_grid(
        *((m - 9 * s, m + 9 * s, 401) for m, s in zip(model.mean, sd, strict=True))
    )
    d = [z - m for z, m in zip(nodes, model.mean, strict=True)]
    size = range(len(d))
    squares: Any = sum(precision[i, j] * d[i] * d[j] for i in size for j in size)
    constant = 0.5 * (len(d) * LOG_2PI + np.linalg.slogdet(model.cov)[1])
    return trapezoid(-0.5 * squares - constant, log_cell, "quadrature over z")


def change_point(model: Any) -> Estimate:
    """For each s the counts one after the other, each negative binomial given its regime's past.

    A count y after events and years summed into Gamma(a, b) has probability
    b**a / (b + 1)**(a + y) times prod_(j < y) (a + j)/(j + 1).
    """
    y = model.counts
    totals = []
    for s in range(1, len(y)):
        total = -np.log(len(y) - 1.0)
        for a, b, regime in zip(model.a, model.b, (y[:s], y[s:]), strict=True):
            for count in regime:
                j = np.arange(count)
                total += a * np.log(b) - (a + count) * np.log(b + 1.0)
                total += np.log((a + j) / (j + 1.0)).sum()
                a, b = a + count, b + 1.0
        totals.append(total)
    value = logsumexp(totals)
    return Estimate(
        value, float(rounding(value, len(y))), "chain rule of negative binomials, for every s"
    )


def coin(model: Any) -> Estimate:
    """The integral over theta by Gauss and Legendre's rule: exact for a polynomial.

    With whole shapes a and b the integrand is one, of degree n + a + b - 2. The prior's own
    normaliser is integrated by the same rule.
    """
    degree = int(np.ceil(0.5 * (model.n + model.a + model.b))) + 1
    theta, weights = panels(0.0, 1.0, 1, degree)
    prior = theta ** (model.a - 1.0) * (1.0 - theta) ** (model.b - 1.0)
    heads = int(model.x.sum())
    likelihood = theta**heads * (1.0 - theta) ** (model.n - heads)
    value = float(np.log(weights @ (prior * likelihood)) - np.log(weights @ prior))
    return Estimate(value, float(rounding(value)), "quadrature over theta")


def semi_conjugate(model: Any) -> Estimate:
    """tau integrated out by hand, mu by quadrature: the other order of integration.

    p(x | mu) = b0**a0 / Gamma(a0) Gamma(a) (2 pi)**(-n/2) (b0 + sum (x - mu)**2 / 2)**-a, with
    a = a0 + n/2.
    """
    x, n = model.x, len(model.x)
    shape = model.a0 + 0.5 * n
    (mu,), log_cell = even_grid((model.m0 - 12 * model.s0, model.m0 + 12 * model.s0, 24_001))
    rate = model.b0 + 0.5 * ((x - x.mean()) ** 2).sum() + 0.5 * n * (mu - x.mean()) ** 2
    log_prior = -0.5 * ((mu - model.m0) / model.s0) ** 2 - 0.5 * LOG_2PI - np.log(model.s0)
    constant = model.a0 * np.log(model.b0) + gammaln(shape) - gammaln(model.a0) - 0.5 * n * LOG_2PI
    return trapezoid(log_prior + constant - shape * np.log(rate), log_cell, "quadrature over mu")
