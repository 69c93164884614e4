"""R-hat, ESS and MCSE on processes whose answers are known."""

import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from scipy.signal import lfilter

from tests import console
from tests.thinning import mostly_slow
from vi_lab.results import diagnostics


def autoregressive(coefficient, chains=4, draws=20_000, seed=0):
    """Stationary AR(1) with variance one; its ESS is draws * (1 - r)/(1 + r)."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((chains, draws)) * np.sqrt(1 - coefficient**2)
    start = rng.standard_normal((chains, 1)) * coefficient
    return lfilter([1.0], [1.0, -coefficient], noise, axis=1, zi=start)[0]


@pytest.mark.parametrize("coefficient", [-0.5, 0.0, 0.5, 0.9, 0.97])
def test_an_autoregression_has_its_known_ess_and_standard_error(coefficient):
    chains = autoregressive(coefficient)
    expected = chains.size * (1 - coefficient) / (1 + coefficient)
    assert_allclose(diagnostics.ess(chains), expected, rtol=0.25)
    assert_allclose(diagnostics.mcse(chains), expected**-0.5, rtol=0.15)
    assert abs(diagnostics.rhat(chains) - 1) < 0.02


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("name", ["rhat", "ess", "mcse"])
def test_fewer_than_four_draws_have_no_diagnostic_and_it_says_so(name, count):
    function = getattr(diagnostics, name)
    draws = np.random.default_rng(0).normal(size=(2, 4, 3))
    assert np.isnan(function(draws[:, :count])).all()
    assert np.isfinite(function(draws)).all()
    assert "nan where" in function.__doc__


def test_the_standard_error_covers_the_truth_as_often_as_it_says():
    """Over many processes the mean over its standard error is a standard normal."""
    ratios = [
        draws.mean() / diagnostics.mcse(draws)
        for draws in (autoregressive(0.7, draws=500, seed=seed) for seed in range(200))
    ]
    assert 0.8 < np.std(ratios) < 1.3


def test_chains_that_disagree_are_seen():
    chains = autoregressive(0.3)
    chains[0] += 1.0
    assert diagnostics.rhat(chains) > 1.05
    wide = autoregressive(0.3)
    wide[0] *= 4.0  # the same mean: only the folded ranks show it
    assert diagnostics.rhat(wide) > 1.05


def test_trailing_axes_are_kept_and_constants_have_no_answer():
    draws = np.random.default_rng(0).standard_normal((4, 200, 2, 3))
    draws[:, :, 1, 2] = 7.0
    for function in (diagnostics.rhat, diagnostics.ess, diagnostics.mcse):
        result = function(draws)
        assert result.shape == (2, 3)
        assert np.isnan(result[1, 2])
        assert np.isfinite(np.delete(result.ravel(), 5)).all()
        assert_allclose(result[0, 1], function(draws[:, :, 0, 1]))


@pytest.mark.parametrize("shape", [(4, 300), (1, 41), (2, 4), (3, 9), (9, 5)])
def test_the_two_from_one_ranking_are_those_by_themselves(shape):
    """To the last digit; of numbers, signs (the folded ones are all the same), ties, a constant and
    chains that never move."""
    draws = np.random.default_rng(0).standard_normal((*shape, 5))
    draws[..., 1], draws[..., 2] = np.sign(draws[..., 1]), draws[..., 2].round()
    draws[..., 3], draws[..., 4] = 7.0, np.arange(shape[0])[:, None]
    both = diagnostics.rhat_and_ess(draws)
    np.testing.assert_array_equal(both, (diagnostics.rhat(draws), diagnostics.ess(draws)))


def test_wasserstein_of_a_shift_is_the_shift():
    draws = np.random.default_rng(0).standard_normal((4, 50))
    assert diagnostics.wasserstein(draws, draws + 0.3) == pytest.approx(0.3)
    assert diagnostics.wasserstein(draws, draws.ravel()[::-1]) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("sizes", [(1, 1), (1, 5), (3, 7), (40, 40), (60, 40), (800, 1000)])
def test_wasserstein_is_the_area_between_the_distribution_functions(sizes):
    """As scipy has it, over x and not over probabilities; with ties, within samples and across."""
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal(sizes[0]), 0.2 + 1.3 * rng.standard_normal(sizes[1])
    for one, two in ((a, b), (a.round(1), b.round(1)), (a, np.zeros(1))):
        assert_allclose(
            diagnostics.wasserstein(one, two), stats.wasserstein_distance(one, two), rtol=1e-12
        )


def test_the_unit_of_the_draws_does_not_matter():
    draws = autoregressive(0.9, draws=500)
    for unit in (1e-17, 1e17):
        assert_allclose(diagnostics.mcse(unit * draws), unit * diagnostics.mcse(draws), rtol=1e-9)
        assert_allclose(diagnostics.ess(unit * draws), diagnostics.ess(draws), rtol=1e-9)


def test_a_tail_of_equal_weights_is_bounded():
    log_weights = np.log(np.repeat([1.0, 2.0], [60, 140]))
    assert diagnostics.khat(log_weights) == -np.inf


LIGHT = """
import sys, numpy as np
from vi_lab.results import diagnostics
assert abs(diagnostics.rhat(np.random.default_rng(0).normal(size=(4, 500))) - 1) < 0.02
assert not {"xarray", "arviz_base", "arviz_stats", "matplotlib"} & sys.modules.keys()
"""
WHOLE = """
import arviz_stats.utils
assert "xarray" in sys.modules
"""


@pytest.mark.parametrize("then", mostly_slow(["", WHOLE]), ids=["light", "whole"])
def test_diagnostics_bring_neither_xarray_nor_a_half_of_arviz(then, tmp_path):
    """What they do not need costs a second at every start; an import of the user's stays whole,
    since nothing of theirs is left behind that it would find."""
    pytest.importorskip("xarray")
    console.run(sys.executable, "-c", LIGHT + then, cwd=tmp_path)


def test_the_smallest_runs_that_can_be_split():
    """Two chains of four that never moved, at two places: between them there is a variance."""
    still = np.array([[0.0] * 4, [1.0] * 4])
    assert diagnostics.rhat(still) == np.inf
    assert np.isnan(diagnostics.rhat(still[:, :3]))


def test_the_limit_of_khat():
    """min(1 - 1 / log10 S, 0.7): from 10**(10/3), 2,154 draws, on it is 0.7."""
    for draws, limit in ((10, 0.0), (100, 0.5), (1000, 2 / 3), (2000, 0.69707), (2200, 0.7)):
        assert diagnostics.khat_limit(draws) == pytest.approx(limit, abs=1e-5)


def test_weights_that_all_but_a_few_are_lost_beside_have_no_khat():
    """Of 100 the tail is of 20: where the 15th of them is more than e^600 below, inf."""
    weights = np.linspace(0.0, -1.0, 100)
    for lost, infinite in ((86, True), (85, False)):
        row = weights.copy()
        row[100 - lost :] -= 700.0
        assert np.isposinf(diagnostics.khat(row)) == infinite, lost
