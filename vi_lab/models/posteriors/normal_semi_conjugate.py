"""The exact posterior of a normal whose mean and precision are independent a priori."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.models.posteriors.normals_given_precision import NormalsGivenPrecision
from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.line_density import Line, log_scale


def integrate_mean_out(model: Any) -> NormalsGivenPrecision:
    """The posterior and its log evidence: mu is integrated out given tau, tau = e**y on a line.

    With S = sum (x - mean)**2, d = mean - m0 and r = n s0**2 tau, the data given tau have

        log p(x|tau) = n/2 log(tau/2pi) - log(1 + r)/2 - tau [S + n d**2/(1 + r)]/2

    and mu | tau, x ~ N(m0 + d r/(1 + r), s0**2/(1 + r)). The slope of the density of y lies
    between those of two gammas (n d**2 counted in full and one half observation less, or
    neither), so its modes lie between theirs.
    """
    x, m0, a0, b0 = model.x, model.m0, model.a0, model.b0
    n, origin = len(x), x[0]  # no digit is lost to an offset that data and prior share
    mean = (x - origin).mean()
    squares, d, variance = ((x - origin - mean) ** 2).sum(), mean - (m0 - origin), model.s0**2

    def log_density(y: np.ndarray) -> np.ndarray:
        tau = np.exp(y)
        r = n * variance * tau
        log_prior = a0 * np.log(b0) - special.gammaln(a0) + a0 * y - b0 * tau
        fit = squares + n * d**2 / (1.0 + r)
        return log_prior + 0.5 * (n * (y - LOG_2PI) - np.log1p(r) - tau * fit)

    shape = a0 + 0.5 * n
    low = np.log((shape - 0.5) / (b0 + 0.5 * squares + 0.5 * n * d**2))
    high = np.log(shape / (b0 + 0.5 * squares))
    line = Line(log_density, float(low), float(high), log_scale(shape))
    return NormalsGivenPrecision(
        ("tau", "mu"),
        line,
        location=lambda t: (origin + (mean - d / (1.0 + n * variance * t)))[..., None],
        precision=lambda t: (1.0 / variance + n * t)[..., None],
    )
