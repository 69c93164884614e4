"""Latents with a structure: planes of two unknowns, and one normal for a whole series."""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.atlas.routes.rules import LOG_2PI, by_panels, even_grid, trapezoid
from vi_lab.numerics.rounding import Estimate, rounding
from vi_lab.numerics.special import gammaln


def hierarchical(model: Any) -> Estimate:
    """A plane of (mu, log tau), on which y_j ~ N(mu, sigma_j**2 + tau**2); the half-Cauchy as such.

    No conditional of mu is used, nor tau's square.
    """
    scale = model.tau_prior.scale
    (mu, log_tau), log_cell = even_grid(
        (-9.0 * model.mu_sd, 9.0 * model.mu_sd, 601), (-38.0, 16.0, 1801)
    )
    tau = np.exp(log_tau)
    log_density = -0.5 * ((mu / model.mu_sd) ** 2 + LOG_2PI) - np.log(model.mu_sd)
    log_density = (
        log_density + np.log(2.0 / (np.pi * scale)) - np.log1p((tau / scale) ** 2) + log_tau
    )
    for y, sigma in zip(model.y, model.sigma, strict=True):
        variance = sigma**2 + tau**2
        log_density = log_density - 0.5 * (LOG_2PI + np.log(variance) + (y - mu) ** 2 / variance)
    return trapezoid(log_density, log_cell, "quadrature over mu and log tau")


def logistic(model: Any, box: list[tuple[float, float]]) -> Estimate:
    """Gauss-Legendre panels on a fixed box, ten posterior sds and more on every side.

    No mode, no whitening, no even grid.
    """
    precision, y, n = np.linalg.inv(model.prior_cov), model.successes, model.trials
    constant = -LOG_2PI - 0.5 * np.linalg.slogdet(model.prior_cov)[1]
    constant += (gammaln(n + 1.0) - gammaln(y + 1.0) - gammaln(n - y + 1.0)).sum()

    def log_joint(one: Any, two: Any) -> Any:
        d = one - model.prior_mean[0], two - model.prior_mean[1]
        squares = precision[0, 0] * d[0] ** 2 + 2.0 * precision[0, 1] * d[0] * d[1]
        total = constant - 0.5 * (squares + precision[1, 1] * d[1] ** 2)
        for x, successes, trials in zip(model.X, y, n, strict=True):
            odds = x[0] * one + x[1] * two
            total = total + successes * odds - trials * np.logaddexp(0.0, odds)
        return total

    return by_panels(log_joint, box, 40, "Gauss-Legendre panels over beta")


def local_level(model: Any) -> Estimate:
    """All of y at once: normal about m0, of covariance v0 + q min(s, t) (steps from 0) + r I."""
    steps = np.arange(model.n)
    cov = model.v0 + model.q * np.minimum.outer(steps, steps) + model.r * np.eye(model.n)
    root = np.linalg.cholesky(cov)
    white = np.linalg.solve(root, model.y - model.m0)
    terms = (
        -0.5 * model.n * LOG_2PI,
        -np.log(np.diag(root)).sum(),
        -0.5 * float(white @ white),
    )
    return Estimate(float(sum(terms)), float(rounding(*terms)), "one normal of all years")
