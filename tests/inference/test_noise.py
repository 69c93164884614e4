"""Buffered noise has the law of its generator, and hands out each number once."""

import numpy as np
import pytest

from tests.contract.tolerances import assert_law
from tests.tables import table
from vi_lab.inference.engine.noise import BufferedNoise

DRAWS = {
    "normal": (lambda noise, shape: noise.standard_normal(shape), "norm"),
    "uniform": (lambda noise, shape: noise.random(shape), "uniform"),
    "gamma": (lambda noise, shape: noise.standard_gamma(1.0, shape), "expon"),
    "gamma of an array": (lambda noise, shape: noise.standard_gamma(np.array(1.0), shape), "expon"),
}


@pytest.mark.parametrize(("draw", "law"), DRAWS.values(), ids=DRAWS)
@table("shape", [(), (4,), (2, 3), (70_000,)], ids=str)
def test_the_law_over_many_blocks_and_no_number_twice(draw, law, shape):
    noise = BufferedNoise(np.random.default_rng(0))
    calls = 3 if shape == (70_000,) else 1500
    drawn = np.stack([draw(noise, shape) for _ in range(calls)])
    assert drawn.shape == (calls, *shape)
    assert len(np.unique(drawn)) == drawn.size
    assert_law(drawn.ravel(), law, "buffered draws")


def test_what_was_handed_out_is_the_callers_to_write_into():
    noise = BufferedNoise(np.random.default_rng(1))
    first = noise.standard_normal((3,))
    second = noise.standard_normal((3,))
    kept = second.copy()
    first[:] = 0.0
    assert np.array_equal(second, kept)


def test_two_shapes_and_two_gammas_do_not_mix():
    noise = BufferedNoise(np.random.default_rng(2))
    for _ in range(600):
        assert noise.standard_normal((2,)).shape == (2,)
        assert noise.standard_normal((5,)).shape == (5,)
    small, large = (
        np.mean([noise.standard_gamma(a, (10,)) for _ in range(600)]) for a in (2.0, 50.0)
    )
    assert abs(small - 2) < 0.2 < 1 < abs(large - 2)


@pytest.mark.parametrize("method", ["standard_normal", "random", "standard_gamma"])
def test_by_a_count_or_one_at_a_time_it_draws_as_a_generator_does(method):
    """As a family may, where as many are drawn as lie in a tail; by the names of NumPy's."""
    noise, rng = BufferedNoise(np.random.default_rng(3)), np.random.default_rng(3)
    first = (2.5,) if method == "standard_gamma" else ()
    for size in (3, np.int64(2), None, [2, 2]):
        drawn = getattr(noise, method)(*first, size=size)
        np.testing.assert_array_equal(drawn, getattr(rng, method)(*first, size=size))
