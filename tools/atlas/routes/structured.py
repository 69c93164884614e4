"""Latents with a structure: planes of two unknowns, and one normal for a whole series."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tools.atlas.routes.rules import LOG_2PI, by_panels, even_grid, logsumexp, trapezoid
from vi_lab.numerics.rounding import Estimate, rounding
from vi_lab.numerics.special import gammaln, log_ndtr


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
    y, n = model.successes, model.trials
    ways = (gammaln(n + 1.0) - gammaln(y + 1.0) - gammaln(n - y + 1.0)).sum()

    def log_rows(odds: Any, i: int) -> Any:
        return y[i] * odds - n[i] * np.logaddexp(0.0, odds)

    return _two_coefficients(model, log_rows, float(ways), box)


def probit(model: Any, box: list[tuple[float, float]]) -> Estimate:
    """As `logistic`: a row is log Phi of its score, or of minus that."""

    def log_rows(score: Any, i: int) -> Any:
        return log_ndtr(score if model.y[i] else -score)

    return _two_coefficients(model, log_rows, 0.0, box)


def poisson(model: Any, box: list[tuple[float, float]]) -> Estimate:
    """As `logistic`: a row is y log rate - rate."""

    def log_rows(log_rate: Any, i: int) -> Any:
        return model.counts[i] * log_rate - np.exp(log_rate)

    constant = -float(gammaln(model.counts + 1.0).sum())
    return _two_coefficients(model, log_rows, constant, box)


def _two_coefficients(
    model: Any, log_rows: Callable[[Any, int], Any], constant: float, box: list[tuple[float, float]]
) -> Estimate:
    """Of a normal prior and rows, one after the other, that see their linear predictor."""
    precision = np.linalg.inv(model.prior_cov)
    constant = constant - LOG_2PI - 0.5 * np.linalg.slogdet(model.prior_cov)[1]

    def log_joint(one: Any, two: Any) -> Any:
        d = one - model.prior_mean[0], two - model.prior_mean[1]
        squares = precision[0, 0] * d[0] ** 2 + 2.0 * precision[0, 1] * d[0] * d[1]
        total = constant - 0.5 * (squares + precision[1, 1] * d[1] ** 2)
        for i, x in enumerate(model.X):
            total = total + log_rows(x[0] * one + x[1] * two, i)
        return total

    return by_panels(log_joint, box, 40, "Gauss-Legendre panels over beta")


def paths(model: Any) -> Estimate:
    """All paths of the states one by one, half of the chain at a time: no step is summed out.

    The weights of a path are those of its first half, of the step between, and of its second half.
    """
    K, middle = len(model.rates), model.n // 2
    halves = []
    for begin, end in ((0, middle), (middle, model.n)):
        z = np.indices((K,) * (end - begin)).reshape(end - begin, -1)
        log_p = np.log(model.transition[z[:-1], z[1:]]).sum(0)
        for t, states in enumerate(z, begin):
            rate, y = model.rates[states], model.counts[t]
            log_p = log_p + y * np.log(rate) - rate - gammaln(y + 1.0)
        halves.append((z, log_p))
    (first, log_first), (second, log_second) = halves
    log_first = log_first + np.log(model.initial[first[0]])
    between = np.log(model.transition[first[-1][:, None], second[0]])
    value = logsumexp(log_first[:, None] + between + log_second)
    return Estimate(value, float(rounding(value)), f"enumeration of {K**model.n:,} paths")


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
