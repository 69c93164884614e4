"""Where a step changes nothing: linear maps against the solution of their equations, and steps that
would never come to rest by themselves."""

import numpy as np
import pytest

from vi_lab.inference.engine.fixed_point import find_fixed_point


def linear(radius, size, rng):
    """x -> A x + b with eigenvalues within a radius, and where it stands still."""
    A = rng.standard_normal((size, size))
    A *= radius / np.abs(np.linalg.eigvals(A)).max()
    b = rng.standard_normal(size)
    return lambda x: A @ x + b, np.linalg.solve(np.eye(size) - A, b)


@pytest.mark.parametrize("radius", [0.5, 0.99, 3.0])  # repeating the last only leads away
def test_a_linear_map_stands_still_after_as_many_steps_as_it_has_dimensions(radius):
    step, rest = linear(radius, 4, np.random.default_rng(1))
    asked = []
    x, image = find_fixed_point(lambda x: asked.append(x) or step(x), np.zeros(4), 1e-9, 50)
    assert np.allclose(x, rest, rtol=0, atol=1e-7) and np.abs(image - x).max() < 1e-9
    assert len(asked) <= 12  # by repeating a map of radius 0.99 it takes 2,000


def test_a_mixture_that_leads_out_of_bounds_is_given_up_for_the_plain_step():
    def step(x):  # its mixtures overshoot below 0, where it has no value
        assert len(seen) < 400
        seen.append(x[0])
        return np.sqrt(x) if x[0] > 0 else np.full_like(x, np.nan)

    seen = []
    x, image = find_fixed_point(step, np.array([1e-12]), 1e-10, 400)
    assert min(seen) < 0 and abs(x[0] - 1) < 1e-8 and np.isfinite(image).all()


def test_a_plain_step_that_leads_nowhere_is_handed_back():
    for nowhere in (np.nan, np.inf):
        x, image = find_fixed_point(lambda x, v=nowhere: x + v, np.ones(2), 1e-8, 9)
        assert (x == 1).all() and not np.isfinite(image).any()
    x, image = find_fixed_point(lambda x: x + 1, np.ones(2), 1e-8, 9)
    assert np.abs(image - x).max() >= 1
