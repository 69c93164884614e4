"""The exact posterior of a normal whose mean and precision are independent a priori."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.models.posteriors.normals_given_precision import NormalsGivenPrecision
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.line_density import Line, bracket, log_gamma_of_log, log_scale


def integrate_mean_out(model: Any) -> NormalsGivenPrecision:
    """The posterior and its log evidence: mu is integrated out given tau, tau = e**y on a line.

    With S = sum (x - mean)**2, d = mean - m0 and r = n s0**2 tau, the data given tau have

        log p(x|tau) = n/2 log(tau/2pi) - log(1 + r)/2 - tau [S + n d**2/(1 + r)]/2

    and mu | tau, x ~ N(m0 + d r/(1 + r), s0**2/(1 + r)). The slope of the density of y is 0 where

        tau = [a0 + (n - 1)/2 + 1/(2 (1 + r))] / [b0 + S/2 + n d**2/2/(1 + r)**2]
    """
    x, m0, a0, b0 = model.x, model.m0, model.a0, model.b0
    n, first = len(x), float(x[0])  # no digit is lost to an offset that data and prior share
    mean = (x - first).mean()
    squares, d, variance = ((x - first - mean) ** 2).sum(), mean - (m0 - first), model.s0**2
    least, rate, apart = a0 + 0.5 * (n - 1), b0 + 0.5 * squares, 0.5 * n * d**2
    low, high = bracket(
        lambda tau: least + 0.5 / (1.0 + n * variance * tau),
        lambda tau: rate + apart / (1.0 + n * variance * tau) ** 2,
        least / (rate + apart),
        (least + 0.5) / rate,
    )
    log_prior = log_gamma_of_log(a0, b0 * low)

    def log_density(y: np.ndarray) -> np.ndarray:
        tau = low * np.exp(y)
        r = n * variance * tau
        fit = tau * squares + n * d**2 * tau / (1.0 + r)
        return log_prior(y) + 0.5 * (n * (y + np.log(low) - LOG_2PI) - np.log1p(r) - fit)

    at_prior = n * variance * low < 1.0  # mu is nearer to m0 than to the data, and counted from it
    return NormalsGivenPrecision(
        ("tau", "mu"),
        Line(log_density, 0.0, float(np.log(high / low)), log_scale(a0 + 0.5 * n)),
        location=lambda t: (mean * (not at_prior) + d * _share(n * variance * t, at_prior))[
            ..., None
        ],
        precision=lambda t: (1.0 / variance + n * t)[..., None],
        unit=low,
        origin=m0 if at_prior else first,
    )


def _share(r: Any, of_data: bool) -> Any:
    """The share r/(1 + r) of the way from m0 to the mean of x, or less what is left of it."""
    return r / (1.0 + r) if of_data else -1.0 / (1.0 + r)
