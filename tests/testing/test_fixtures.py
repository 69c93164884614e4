"""Fixtures: each target's gradient, normaliser, moments and draws by routes of their own."""

import numpy as np
import pytest

from tests.tables import table
from vi_lab import InputError, evidence
from vi_lab.errors import InputTypeError
from vi_lab.marginal_likelihood.importance import estimate_by_importance
from vi_lab.marginal_likelihood.proposals import fit_gaussian
from vi_lab.testing import fixtures

ALL = {each.name: each for each in fixtures()}


def test_there_are_about_twenty_and_the_list_makes_none():
    assert 20 <= len(ALL) <= 25
    assert all("_source" not in vars(each) for each in fixtures())
    with pytest.raises(InputError, match="did you mean 'funnel'"):
        fixtures("funel")


@table("name", ALL)
def test_a_gradient_is_the_slope_of_the_density(name):
    """Central differences at an exact draw; batches give what single points give."""
    each = ALL[name]
    y = each.sample(2, rng=1)
    assert y.shape == (2, each.dimension)
    gradient = each.gradient(y)
    some = np.linspace(0, each.dimension - 1, min(each.dimension, 4)).astype(int)
    for j in some:
        h = 1e-5 * max(1.0, abs(y[0, j]))
        step = np.zeros(each.dimension)
        step[j] = h
        slope = (each.log_density(y[0] + step) - each.log_density(y[0] - step)) / (2 * h)
        size = np.abs(gradient).max()
        assert gradient[0, j] == pytest.approx(slope, rel=2e-4, abs=1e-4 * size + 1e-6)
    np.testing.assert_allclose(each.log_density(y)[1], each.log_density(y[1]), rtol=1e-12)


@table("name", ["coin", "coal", "clutter", "challenger", "banana", "two-hills",
                                  "eight-schools-noncentred", "cars"])  # fmt: skip
def test_the_evidence_is_the_integral_of_the_density(name):
    """By importance sampling from the Gaussian of exact draws, with heavy tails."""
    each = ALL[name]
    q = fit_gaussian(each.sample(2000, rng=2)).widened(1.3)._replace(tails=4.0)
    found = estimate_by_importance(each.log_density, q, 20_000, np.random.default_rng(3))
    assert abs(found.value - each.log_evidence) < 5.0 * found.error + each.log_evidence_error
    assert found.error < 0.2


@table("name", [n for n in ALL if n not in ("tiny-mixture", "nile")])
def test_exact_draws_have_the_moments(name):
    """To five standard errors of 4,000 draws, where the fourth moment is there to tell."""
    each = ALL[name]
    latents = each.constrain(each.sample(4000, rng=4))
    assert set(latents) == set(each.names) == set(each.mean)
    for latent, draws in latents.items():
        off = np.abs(draws.mean(0) - each.mean[latent])
        spread = draws.std(0)
        assert (off < 5.0 * spread / np.sqrt(4000) + 1e-12).all(), latent
        if name not in ("funnel", "eight-schools", "eight-schools-noncentred"):
            assert np.all(np.abs(spread / each.sd[latent] - 1.0) < 0.25), latent


def test_the_density_is_that_of_vi_lab():
    """What is exported is what the lab itself weighs."""
    each = ALL["newcomb"]
    truth = evidence("newcomb", rng=0, draws=10).truth
    assert (each.log_evidence, each.log_evidence_error) == (truth.value, truth.error)
    assert truth.error > 0.0
    assert repr(ALL["funnel"]) == "<fixture 'funnel', 10 dimensions>"


def test_points_of_another_shape_are_refused():
    for y in (np.zeros(3), np.zeros((2, 1)), 0.0):
        with pytest.raises(InputTypeError, match=r"needs shape \(..., 2\)"):
            ALL["banana"].log_density(y)


def test_no_draws_are_refused():
    with pytest.raises(InputError, match="n: needs a whole number of at least 1, got 0"):
        ALL["funnel"].sample(0)
