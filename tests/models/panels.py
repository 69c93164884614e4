"""Gauss and Legendre's rule on a fixed box: no mode, no whitening, no even grid."""

import numpy as np
from numpy.testing import assert_allclose

from vi_lab import exact


def panels(low, high, count=16, degree=12):
    """Gauss and Legendre's rule on each of many panels."""
    x, w = np.polynomial.legendre.leggauss(degree)
    edges = np.linspace(low, high, count + 1)
    half = 0.5 * np.diff(edges)[:, None]
    return (edges[:-1, None] + half * (1 + x)).ravel(), (half * w).ravel()


def check_truth_by_panels(model, box, log_joint):
    """The truth of two coefficients beta against the rule; log_joint takes (P, D) -> (P,)."""
    (x0, w0), (x1, w1) = (panels(*box) for box in box)
    beta = np.stack(np.meshgrid(x0, x1, indexing="ij"), -1).reshape(-1, 2)
    mass = np.outer(w0, w1).ravel() * np.exp(log_joint(model, beta))
    truth = exact(model)
    assert_allclose(truth.log_evidence, np.log(mass.sum()), rtol=1e-10)
    assert truth.log_evidence_error < 1e-10
    p = mass / mass.sum()
    assert_allclose(truth.mean("beta"), p @ beta, rtol=1e-9)
    assert_allclose(truth.sd("beta"), np.sqrt(p @ (beta - p @ beta) ** 2), rtol=1e-9)
    at = truth.sample(50, rng=0)["beta"]
    expected = log_joint(model, at) - np.log(mass.sum())
    assert_allclose(truth.log_density({"beta": at}), expected, atol=1e-9)
