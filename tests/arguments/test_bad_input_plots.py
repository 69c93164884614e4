"""Plain pictures of what only looks bad."""

import numpy as np
import pytest

import vi_lab
from tests.fuzz.material import CHANGE
from vi_lab import InputError, plots

NARROW = [1.0, 1.0]


@pytest.mark.filterwarnings("error")
def test_what_is_all_at_one_place_has_a_picture():
    """Equal limits of an axis are a warning of matplotlib's."""
    draws = plots.chains(vi_lab.gibbs(CHANGE, rng=0, draws=50), "s", first=1)
    for ax in (
        draws,
        plots.balance(NARROW, NARROW, NARROW, 2.0),
        plots.symmetry_gap([0.0], [0.0], 1),
        plots.balance([1.0, 2.0], [1e20, 1e20], [0.0, 0.0], 1e20),
    ):
        assert plots.show(ax).png
        assert np.ptp(ax.get_xlim()) > 0 and np.ptp(ax.get_ylim()) > 0


@pytest.mark.filterwarnings("error")
def test_words_that_are_no_mathtext_are_refused_when_drawn():
    ax = plots.balance([1.0, 2.0], NARROW, NARROW, 2.0, label="$\\frac{$")
    with pytest.raises(InputError, match="figure: cannot be drawn"):
        plots.show(ax)


def test_a_sum_that_is_not_the_evidence_stays_in_the_picture():
    ax = plots.balance([1.0, 2.0], [0.0, 0.0], [600.0, 601.0], 1.0)
    assert ax.get_ylim()[1] > 601.0


def test_a_density_of_whole_numbers_is_smoothed_like_any_other():
    """Draws of another method may not be whole; the steps between whole ones were no floats."""
    grid = np.linspace(-2.0, 6.0, 401)
    density = plots.View(vi_lab.exact(CHANGE)).density("s", grid)
    assert abs(np.trapezoid(density, grid) - 1.0) < 0.3
