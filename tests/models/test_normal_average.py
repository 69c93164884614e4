"""Averages of log(1 + exp psi) and log cosh(psi/2) over normals, narrow and wide side by side."""

import numpy as np
from mpmath import mp

from vi_lab.models.posteriors.normal_average import average_log_cosh, average_softplus

MEAN = np.array([0.3, -1.0, 2.5, -3e4, 4e7])
SD = np.array([0.5, 1499.0, 1501.0, 2e4, 1e7])
AWAY = (0, 1, 4, 12, 40)  # from the kink


def average(f, mean, sd):
    """E f by Gauss-Legendre rules between cuts at the kink and at sds of the normal."""
    m, s = mp.mpf(float(mean)), mp.mpf(float(sd))
    cuts = sorted({m + k * s for k in range(-9, 10)} | {k * d for k in (-1, 1) for d in AWAY})
    return mp.quad(lambda x: f(x) * mp.npdf(x, m, s), [c for c in cuts if abs(c - m) <= 9 * s])


def softplus(x):
    return max(x, 0) + mp.log1p(mp.exp(-abs(x)))


def test_averages_of_any_width_are_those_of_an_adaptive_rule():
    for found, f in (
        (average_softplus, softplus),
        (average_log_cosh, lambda x: softplus(x) - x / 2 - mp.log(2)),
    ):
        for value, error, mean, sd in zip(*found(MEAN, SD), MEAN, SD, strict=True):
            with mp.workdps(30):
                off = abs(mp.mpf(float(value)) - average(f, mean, sd))
            assert off <= float(error) + 1e-13 * float(value)  # a sum of 1e5 terms is rounded
            assert error <= 1e-11 * max(1.0, abs(mean), sd)
