"""Parts of the exact tests by hand: what is worst, who wrote into what, what a shape is called."""

import numpy as np
import pytest
from scipy import stats

from vi_lab import InputError
from vi_lab.testing import untouched
from vi_lab.testing.calibration import _row
from vi_lab.testing.finding import fail, find, find_worst


def test_the_worst_is_measured_in_what_rounding_may_do_to_the_numbers():
    """1e-9 of 1 + |one| + |two|: of 1, of 20 and of 10."""
    one, two = np.array([0.0, 9.0, -9.0]), np.array([0.0, -10.0, 0.0])
    found = find_worst(np.array([3e-9, 5e-9, 1e-9]), one, two, "it bends")
    assert found.limits == pytest.approx(3.0)
    assert (found.off, found.allowed) == (3e-9, pytest.approx(1e-9))
    assert found.words == "it bends, off by 3e-09 nats at the worst"
    assert find_worst(np.array([0.0, 5e-8, 0.0]), one, two, "").allowed == pytest.approx(2e-8)
    assert find_worst(np.zeros(3), one, two, "it bends").words == ""
    for strange in (np.nan, np.inf):
        assert find_worst(np.array([1.0, strange, 1.0]), one, two, "").limits == np.inf
    assert fail("no").limits == np.inf


def test_what_raises_is_found_by_its_words():
    def run():
        raise ValueError("I am not ready")

    found = find("the log joint", "mu", run)
    assert (found.check, found.block, found.limits) == ("the log joint", "mu", np.inf)
    assert found.words == "ValueError: I am not ready"


class Writes:
    def log_density(self, z):
        z[0, 0] = 1.0
        return z.sum(-1)

    def gradient(self, z):
        return 2.0 * z


def test_a_density_that_writes_is_found_and_nan_is_no_change():
    z = np.array([[np.nan, 0.0], [2.0, 3.0]])
    with pytest.raises(InputError, match="the log density writes into the z it is handed"):
        untouched.log_density(Writes(), z)
    assert np.isnan(z[0, 0])
    assert np.array_equal(untouched.gradient(Writes(), z), 2.0 * z, equal_nan=True)


@pytest.mark.parametrize(
    ("shift", "scale", "words"),
    [
        (0.0, 1.0, set()),
        (0.6, 1.0, {"too low"}),
        (-0.6, 1.0, {"too high"}),
        (0.0, 1.6, {"too narrow"}),
        (0.0, 0.6, {"too wide"}),
    ],
)
def test_the_shape_of_ranks_is_called_by_its_name(shift, scale, words):
    """Ranks of a q that lies below the truth are high; of one that is narrow, at both ends."""
    scores = stats.norm.ppf((np.arange(200) + 0.5) / 200)
    row = _row("mu", stats.norm.cdf(shift + scale * scores), 0.1)
    said = " ".join(str(value) for value in row.values())
    names = ("too low", "too high", "too narrow", "too wide")
    assert {name for name in names if name in said} == words, said
