"""Densities that a gradient method cannot follow: one error each, that says what is wrong."""

import numpy as np
import pytest

from tests.thinning import mostly_slow
from vi_lab import (
    ConvergenceWarning,
    DensityModel,
    NoMode,
    NotApplicable,
    gaussian_vi,
    hmc,
    laplace,
)
from vi_lab.errors import InputError, NumericalError
from vi_lab.inference.engine import random_walk
from vi_lab.inference.engine.record import _broken_sweeps as broken_sweeps
from vi_lab.inference.engine.unbounded import find_unbounded


class Density(DensityModel):
    dimension = 2

    def __init__(self, log_density, gradient=None, start=None, dimension=2):
        self.asked, self.start, self.dimension = log_density, start, dimension
        if gradient is not None:
            self.gradient = gradient

    def log_density(self, z):
        return self.asked(z)

    def sample_latents(self, rng, batch=()):
        drawn = rng.standard_normal((*batch, self.dimension))
        return {"z": drawn if self.start is None else np.broadcast_to(self.start, drawn.shape)}


def normal(z):
    return -0.5 * (z**2).sum(-1)


def half(z):
    return np.where(z[..., 0] > 0, normal(z), -np.inf)


def fail(z):
    raise ZeroDivisionError("of its own")


def full(model, rng):
    return gaussian_vi(model, covariance="full", rng=rng)


def nan_far_out(z):
    return np.where(np.abs(z).max(-1) > 1.5, np.nan, normal(z))


def ridge(z):
    return -0.5 * (z[..., 0] - z[..., 1]) ** 2


def rising(z):
    return z[..., 0] - 0.5 * z[..., 1] ** 2


METHODS = {"laplace": laplace, "gaussian_vi": gaussian_vi, "hmc": hmc, "full": full}
FITS = ("laplace", "gaussian_vi")
BAD = [
    (Density(rising), ("laplace",), NoMode, "there is no mode"),
    (Density(rising), ("gaussian_vi",), NumericalError, "no optimum"),
    (Density(lambda z: -(z[..., 0] ** 2)), FITS, NumericalError, "no mode|no optimum"),
    (Density(lambda z: -(z**4).sum(-1)), ("laplace",), NoMode, "no mode"),
    (Density(lambda z: -(z[..., 0] ** 4) - z[..., 1] ** 2), ("laplace",), NoMode, "no mode"),
    (Density(lambda z: -(z**6).sum(-1)), ("laplace",), NoMode, "no mode"),
    (Density(ridge), ("laplace",), NoMode, "no mode"),
    (Density(half, start=[-1.0, 0.0]), METHODS, NumericalError, "finite"),
    (Density(lambda z: np.nan * z[..., 0]), METHODS, NumericalError, "finite"),
    (Density(lambda z: np.inf + z[..., 0]), METHODS, NumericalError, "finite"),
    (Density(normal, lambda z: np.nan * z), FITS, NumericalError, "gradient is not finite"),
    (Density(normal, lambda z: z[..., 0]), METHODS, InputError, "gradient: needs shape"),
    (Density(normal, fail), METHODS, InputError, "the gradient.*of its own"),
    (Density(normal, dimension=400), FITS, NotApplicable, "400 real coordinates.*numbers to fit"),
    (Density(normal, dimension=600), ("hmc",), NotApplicable, "D is 600, above the limit"),
]


CASES = [(model, name, *rest) for model, names, *rest in BAD for name in names]
ENDLESS = (Density(ridge), "full", NumericalError, "no optimum: q runs away")


@pytest.mark.parametrize(
    ("model", "method", "error", "words"), mostly_slow([*CASES, ENDLESS], CASES, rows=True)
)
def test_it_is_refused_in_a_sentence(model, method, error, words):
    with pytest.raises(error, match=words):
        METHODS[method](model, rng=0)


def test_a_bound_that_is_no_number_is_told():
    with pytest.raises(NumericalError, match="Laplace: the ELBO is nan"):
        laplace(Density(nan_far_out), rng=0)
    with pytest.raises(NotApplicable, match="0 or not a number"):
        gaussian_vi(Density(nan_far_out), rng=0)


IMPROPER = {
    "flat": lambda z: 0.0 * z.sum(-1),
    "rising": rising,
    "a ridge": ridge,
    "a bowl upside down": lambda z: -normal(z),
}


@pytest.mark.parametrize("improper", mostly_slow(IMPROPER))
def test_chains_that_run_away_say_so(improper):
    with pytest.warns(ConvergenceWarning, match="the chains run away from their starts") as said:
        found = hmc(Density(IMPROPER[improper]), rng=0, draws=200, warmup=200)
    assert said[0].filename == __file__
    assert found.settings["unbounded"] in (0, 1)


@pytest.mark.parametrize(
    "proper",
    mostly_slow(
        [
            lambda z: normal(z / 1e4),
            lambda z: -np.log1p(z**2).sum(-1),
            lambda z: ridge(z) + normal(z / 200),
        ],
        1,
    ),
)
def test_wide_densities_are_not_taken_for_such(proper):
    """However narrow the starts are: E[(y - c) d log p/dy] is -1 under each."""
    found = hmc(Density(proper), rng=0, draws=250, warmup=350)
    assert "unbounded" not in found.settings


def test_the_states_before_an_error_are_counted_by_their_moves():
    """Two chains of three coordinates: the one moves in its last alone, at two of three steps."""
    start = np.zeros((2, 3))
    path = np.zeros((4, 2, 3))
    path[0:, 0, 2], path[2:, 0, 2], path[1:, 1] = 1.0, 2.0, 5.0
    kept, moves = random_walk._states_before(path, start, 3)
    np.testing.assert_array_equal(kept, path[:3])
    assert moves.tolist() == [2, 1]
    assert random_walk._states_before(path, start, 0) is None


def test_the_first_chain_that_starts_nowhere_is_named():
    for bad in (-np.inf, np.inf, np.nan):
        log_p = np.array([5.0, 1.0, bad, -np.inf])
        with pytest.raises(NumericalError, match=f"^chain 2 starts at place 2 is {bad}; it needs"):
            random_walk.refuse_impossible(log_p, lambda chain: f"at place {chain}")
    random_walk.refuse_impossible(np.array([5.0, -1e300]), fail)


def test_the_sweep_that_broke_first_is_found_in_every_kind_of_record():
    """Draws of a block are an array, of a plate of Gaussians also a tuple of arrays."""
    whole, pair = np.zeros((5, 2, 3)), (np.zeros((5, 2)), np.zeros((5, 2, 2)))
    record = {"a": whole, "b": pair}
    assert broken_sweeps(record, 5) == []
    pair[1][3, 1, 0] = np.nan
    assert broken_sweeps(record, 5) == [(3, "b")]
    assert broken_sweeps(record, 3) == [] == broken_sweeps(record, -1)
    whole[3, 0, 2] = np.inf
    assert broken_sweeps(record, 5) == [(3, "a")]  # of two in one sweep the first
    whole[1, 1, 1] = np.nan
    assert broken_sweeps(record, 5) == [(1, "a")]


def test_chains_from_one_place_have_a_spread_of_one():
    """Where all starts are one, how far is far is told in units of the coordinates."""
    rng, starts = np.random.default_rng(0), np.full((4, 2), 3.0)
    for width, found in ((20.0, (None,)), (2000.0, (0, 1))):
        path = starts + width * rng.uniform(-1.0, 1.0, (50, 4, 2))
        assert find_unbounded(starts, path, np.zeros_like) in found


STARTS = np.array([[1.0, 2.0, 1.0], [-1.0, -2.0, -1.0]])  # of spreads 1, 2 and 1


def swing(*ends):
    """Both chains go to one end and back to the other, along a line."""
    return np.stack([sign * np.ones((2, 1)) * np.array(ends) for sign in [1.0, -1.0] * 20])


@pytest.mark.parametrize(
    ("ends", "named"),
    [((0, 0, 150), 2), ((0, 250, 0), 1), ((150, 0, 0), 0), ((9, 300, 110), 1), ((30, 9, 150), 2),
     ((0, 0, 99), None), ((0, 199, 0), None), ((0, 201, 0), 1)],
)  # fmt: skip
def test_the_coordinate_that_is_named_is_the_first_that_ran_away(ends, named):
    """Of a flat density: more than 100 times the spread of the starts, along each by its own."""
    assert find_unbounded(STARTS, swing(*ends), np.zeros_like) == named


@pytest.mark.parametrize(("pull", "named"), [(0.49, 2), (0.51, None), (1.0, None), (-1.0, 2)])
def test_a_density_that_pulls_back_by_half_of_what_it_should_is_felt(pull, named):
    """E[(y - c) d log p/dy] = -pull, without noise: each point of a swing has the same."""
    path = swing(0, 0, 150)
    assert find_unbounded(STARTS, path, lambda y: -pull * y / 150.0**2) == named


def test_of_two_blocks_that_broke_in_one_sweep_the_first_is_the_cause():
    lost = np.array([[0.0], [np.nan], [0.0]])
    assert broken_sweeps({"tau": lost, "mu": lost.copy()}, 3) == [(1, "tau")]
