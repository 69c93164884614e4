"""Regressions by the joint distribution of their responses, the coefficients never named."""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.atlas.routes.rules import LOG_2PI, even_grid, trapezoid
from vi_lab.numerics.rounding import Estimate, rounding
from vi_lab.numerics.special import gammaln


def student(model: Any) -> Estimate:
    """All of y at once is a multivariate Student's t (Bishop 2006, eq. 2.162).

    2 a0 degrees of freedom about X m0, of scale (b0/a0) S with S = I + X V0 X'.
    """
    n, a, b = model.n, model.a0, model.b0
    root = np.linalg.cholesky(np.eye(n) + model.X @ model.V0 @ model.X.T)
    white = np.linalg.solve(root, model.y - model.X @ model.m0)
    squares = float(white @ white) / (2.0 * b)
    terms = (
        gammaln(a + 0.5 * n),
        -gammaln(a),
        -0.5 * n * (LOG_2PI + np.log(b)),
        -np.log(np.diag(root)).sum(),
        -(a + 0.5 * n) * np.log1p(squares),
    )
    return Estimate(float(sum(terms)), float(rounding(*terms)), "multivariate Student t of y")


def known_noise(model: Any) -> Estimate:
    """Given alpha, y ~ N(0, I/noise_precision + X X'/alpha); then quadrature over log alpha.

    In the eigenvectors of X X', of the size of the data and not of the weights, the covariance is
    diagonal. Eigenvalues that are zero but for rounding count as such.
    """
    values, vectors = np.linalg.eigh(model.X @ model.X.T)
    kept = values > values[-1] * len(values) * np.finfo(np.float64).eps
    values, squares = np.where(kept, values, 0.0), (vectors.T @ model.y) ** 2
    (u,), log_cell = even_grid((-60.0, 12.0, 4001))
    variance = 1.0 / model.noise_precision + np.exp(-u)[:, None] * values
    log_y = -0.5 * (LOG_2PI + np.log(variance) + squares / variance).sum(-1)
    a, b = model.a0, model.b0
    log_prior = a * np.log(b) - gammaln(a) + a * u - b * np.exp(u)
    return trapezoid(log_prior + log_y, log_cell, "quadrature over alpha, y normal given it")
