"""Regressions of two coefficients on a grid: densities about a prior mean that is not 0."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from vi_lab import LogisticRegression, PoissonRegression, ProbitRegression, exact

X = np.array([[1.0, -1.0], [1.0, 0.3], [1.0, 2.0], [1.0, 0.9]])
MEAN, COV = np.array([1.0, -0.7]), np.array([[0.6, 0.1], [0.1, 0.4]])
MODELS = {
    "logistic": LogisticRegression(X, [0, 1, 0, 2], [1, 1, 1, 3], MEAN, COV),
    "probit": ProbitRegression(X, [0, 1, 0, 1], MEAN, COV),
    "Poisson": PoissonRegression(X, [3, 1, 0, 2], MEAN, COV),
}


def log_likelihood(name, psi):
    """sum_i log p(y_i | psi_i), (..., 4) -> (...,)."""
    if name == "logistic":
        return stats.binom.logpmf([0, 1, 0, 2], [1, 1, 1, 3], 1 / (1 + np.exp(-psi))).sum(-1)
    if name == "probit":
        return stats.norm.logcdf(psi * [-1, 1, -1, 1]).sum(-1)
    return stats.poisson.logpmf([3, 1, 0, 2], np.exp(psi)).sum(-1)


@pytest.mark.parametrize("name", MODELS)
def test_densities_are_those_of_a_plain_sum(name):
    """Over a grid of 121 x 121 nodes about the prior, which errs by less than 1e-6 here."""
    sd = COV.diagonal() ** 0.5
    axes = x, y = np.linspace(MEAN - 7 * sd, MEAN + 7 * sd, 121).T
    beta = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    log_p = log_likelihood(name, beta @ X.T) + stats.multivariate_normal.logpdf(beta, MEAN, COV)
    cell = (x[1] - x[0]) * (y[1] - y[0])
    evidence = np.log(np.exp(log_p).sum() * cell)
    density = np.exp(log_p - evidence)
    truth = exact(MODELS[name])
    (beta_name,) = truth.names
    assert_allclose(truth.log_evidence, evidence, atol=1e-6)
    assert_allclose(truth.mean(beta_name), np.tensordot(density * cell, beta, 2), atol=1e-6)
    assert_allclose(truth.log_density({beta_name: beta}), log_p - evidence, atol=1e-5)
    first, second = (beta_name, (0,)), (beta_name, (1,))
    found = truth.posterior.joint_density(first, second, x, y)
    assert_allclose(found, density, atol=1e-6)
    crossed = truth.posterior.joint_density(second, first, y, x)
    assert_allclose(crossed, density.T, atol=1e-6)
    for index, width in ((0, y[1] - y[0]), (1, x[1] - x[0])):
        single = truth.posterior.marginal_density(beta_name, (index,), axes[index])
        assert_allclose(single, density.sum(1 - index) * width, atol=1e-4)
