"""The density of the log of a gamma variable, against 60 digits."""

import numpy as np
import pytest
from mpmath import mp
from scipy import stats

from tests.tables import table
from vi_lab.numerics import line_density
from vi_lab.numerics.line_density import Line, log_gamma_of_log


@table("rate", [1e-16, 0.3, 1.0, 3.0, 1e16])
@pytest.mark.parametrize("shape", [1e-8, 0.5, 2.0, 1e8])
def test_the_log_of_a_gamma_variable_keeps_its_digits(shape, rate):
    top = np.log(shape / rate)
    log_density = log_gamma_of_log(shape, rate)
    for y in (top - 1.0, top - 1e-3, top, top + 1e-3, top + 1.0, 0.0, 0.5, -0.9):
        with mp.workdps(60):
            a, b, z = mp.mpf(shape), mp.mpf(rate), mp.mpf(float(y))
            terms = [a * mp.log(b) - mp.loggamma(a), a * z, -b * mp.exp(z)]
            right = float(sum(terms))
            slope = float(abs(a - b * mp.exp(z)))  # by which a rounding of y moves it
        allowed = 1e-15 * (10.0 * (1.0 + abs(right)) + slope * (10.0 + abs(y)))
        assert abs(float(log_density(y)) - right) <= allowed


def test_draws_follow_the_straight_pieces_of_each_cell(monkeypatch):
    """Of few and wide cells, so that a slope within one that is wrong shows; the law by a sum."""
    monkeypatch.setattr(line_density, "DRAW_CELLS", 5)
    line = Line(lambda y: -0.5 * y**2 / 30.0, 0.0, 0.0, 5.5)
    draws = line.sample(np.random.default_rng(3), 20_000)
    ends = np.linspace(line.nodes[0], line.nodes[-1], 6)
    x = np.linspace(ends[0], ends[-1], 50_001)
    heights = np.interp(x, ends, np.exp(line.log_density(ends)))
    below = np.cumsum(heights) / heights.sum()
    assert stats.kstest(draws, lambda y: np.interp(y, x, below)).pvalue > 1e-3
