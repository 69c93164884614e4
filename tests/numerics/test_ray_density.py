"""Averages of steps over normals, along rays: beside orthant probabilities, which are arcsines."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vi_lab.numerics import ray_density, special
from vi_lab.numerics.ray_density import Rays, find_sectors

COV = np.array([[2.0, 0.5], [0.5, 1.0]])
ROWS = np.array([[1.0, 0.3], [0.5, -1.2], [-1.0, 3.0]])


def log_phi(psi):
    return special.log_ndtr(psi).sum(-1)


def orthant(X, cov):
    """P(u > 0) of u ~ N(0, I + X cov X') in one to three dimensions (Sheppard 1899)."""
    of_u = np.eye(len(X)) + X @ cov @ X.T
    sd = np.sqrt(np.diagonal(of_u))
    angles = np.arcsin((of_u / np.outer(sd, sd))[np.triu_indices(len(X), 1)])
    return 0.5 ** len(X) + angles.sum() / (np.pi * 2.0 ** (len(X) - 1))


@pytest.mark.parametrize("width", [1e8, 1e16])
@pytest.mark.parametrize("count", [1, 3])
def test_steps_of_any_width_give_orthant_probabilities(width, count):
    rays = Rays(log_phi, ROWS[:count], np.zeros(2), width * COV)
    right = np.log(orthant(ROWS[:count], width * COV))
    assert abs(rays.log_integral - right) <= rays.error < 1e-12
    assert abs(rays.log_integral - right) < 1e-14


@pytest.mark.parametrize("width", [1e4, 1e16])
@pytest.mark.parametrize("size", [1, 2])
def test_points_and_weights_have_the_mean_of_a_skew_normal(width, size):
    """Of one row, E[beta] = S x sqrt(2/pi) / sqrt(1 + x'S x) (Azzalini 1985)."""
    x, cov = ROWS[0, :size], width * COV[:size, :size]
    rays = Rays(log_phi, x[None], np.zeros(size), cov)
    assert_allclose(rays.weights.sum(), 1.0, rtol=1e-12)
    expected = np.sqrt(2.0 / np.pi) * cov @ x / np.sqrt(1.0 + x @ cov @ x)
    assert_allclose(rays.weights @ rays.points, expected, rtol=1e-12)


@pytest.mark.parametrize("mean", [-8.0])
def test_a_prior_that_is_not_about_0_is_a_shift_of_a_score(mean):
    """With one row P(u > 0) is Phi(x'm / sqrt(1 + x'S x)), whatever the prior mean m."""
    m, x = np.array([mean, 0.5 * mean]), ROWS[0]
    rays = Rays(log_phi, x[None], m, COV)
    right = special.log_ndtr(x @ m / np.sqrt(1.0 + x @ COV @ x))
    assert abs(rays.log_integral - right) <= rays.error < 1e-9


@pytest.mark.parametrize("halvings", [1, 2])
def test_steps_that_are_halved_no_more_state_their_own_error(halvings, monkeypatch):
    """And not that of the steps that would have come next."""
    monkeypatch.setattr(ray_density, "HALVINGS", halvings)
    monkeypatch.setattr(ray_density, "FIRST_STEP", 2.0)
    rays = Rays(log_phi, ROWS[:2], np.zeros(2), 1e4 * COV)
    off = abs(rays.log_integral - np.log(orthant(ROWS[:2], 1e4 * COV)))
    assert 1e-9 < off <= rays.error <= 100 * off


def test_rows_along_one_line_have_one_ray():
    sectors = list(find_sectors(np.array([[1.0, 0.3], [-3.0, -0.9], [1e8, 3e7]])))
    assert_allclose([sector.width for sector in sectors], np.pi, rtol=1e-15)
    for sector in sectors:
        assert (sector.from_start[0] == 0.0).all() and (sector.from_end[0] == 0.0).all()


def test_too_many_rows_for_a_look_are_told(monkeypatch):
    monkeypatch.setattr(ray_density, "MOST_PREDICTORS", 10)
    rays = Rays(log_phi, ROWS, np.zeros(2), COV)
    assert rays.error == np.inf


def test_a_row_that_pins_one_coefficient_loses_nothing_of_its_sector():
    """psi_2 is N(1, 1), a part of 1e13 of its prior's width, and all directions but as narrow a
    sector are out; psi_1 is a step. Each coefficient has a row of its own: p is a product."""

    def log_p(psi):
        return special.log_ndtr(psi[..., 0]) - 0.5 * (psi[..., 1] - 1.0) ** 2

    rays = Rays(log_p, np.diag([1e3, 1e9]), np.zeros(2), np.diag([1e2, 1e8]))
    assert abs(rays.log_integral - np.log(0.5) + 0.5 * np.log1p(1e26)) <= rays.error < 1e-11
