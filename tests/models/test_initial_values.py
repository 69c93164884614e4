"""Starts under weak priors and odd scales: within reach of the data, further apart than the truth.

What the methods find from there is held to the exact posterior.
"""

import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose

import vi_lab
from tests.tables import table
from tests.thinning import mostly_slow
from vi_lab import ChangePoint, LinearRegression, NormalGamma, NormalSemiConjugate
from vi_lab.families import Gamma
from vi_lab.model import statistics
from vi_lab.models.initial_values import draw_overdispersed, move_near, prior_suffices

X = np.random.default_rng(5).normal(size=20)
FEW = np.array([100.0, -100.0])


def normal_gamma(a=1.0, scale=1.0, shift=0.0, kappa0=1.0, matched=True):
    return NormalGamma(X * scale + shift, 0, kappa0, a, a * scale**2 if matched else a)


WEAK = {
    "gamma(0.001)": normal_gamma(1e-3, kappa0=1e-3),
    "gamma(0.01)": normal_gamma(1e-2, kappa0=1e-3),
    "gamma(0.1)": normal_gamma(1e-1, kappa0=1e-3),
    "another scale": normal_gamma(scale=1e5, matched=False),
    "another place": normal_gamma(shift=1e6, kappa0=1e-12),
    "semi-conjugate": NormalSemiConjugate(X, 0, 10, 1e-3, 1e-3),
    "in conflict": NormalSemiConjugate(FEW + 50, 0, 1, 1e-3, 1e-3),
    "no events": ChangePoint([0] * 5, a=(0.01, 5), b=(100, 1e-3)),
    "one column": LinearRegression(np.ones((2, 1)), [1.0, 2.0], 0, np.eye(1), 1e-3, 1e-3),
}
WIDE = {"gigantic": normal_gamma(scale=1e5), "tiny": normal_gamma(scale=1e-8)} | WEAK


@table("name", WEAK)
def test_starts_lie_further_apart_than_the_posterior_and_not_absurdly_so(name):
    model = WEAK[name]
    starts = model.latents(model.sample_initial_values(np.random.default_rng(0), (4000,)))
    truth = vi_lab.exact(model).sample(4000, rng=1)
    for latent in starts.keys() - {"s"}:
        positive = latent in ("tau", "rates")
        one, two = (np.log(v[latent]) if positive else v[latent] for v in (starts, truth))
        assert np.isfinite(one).all(), latent
        if name == "no events":  # rate 1 has a shape of 0.01: starts keep off its endless tail
            one, two = one[:, 1:], two[:, 1:]
        spreads = [np.subtract(*np.quantile(v, (0.84, 0.16), axis=0)) for v in (one, two)]
        assert np.all(spreads[0] > 0.9 * spreads[1]), latent
        far = np.quantile(np.abs(one - np.median(two, axis=0)), 0.99, axis=0)
        assert np.all(far < 30 * spreads[1]), latent


@pytest.mark.parametrize(
    "name", mostly_slow(WIDE, ("gigantic", "tiny", "in conflict", "no events", "one column"))
)
def test_every_method_finds_the_truth(name):
    model = WIDE[name]
    truth = vi_lab.exact(model)
    q = vi_lab.cavi(model, rng=0)
    assert q.converged and q.elbo <= truth.log_evidence
    chains = vi_lab.gibbs(model, rng=0), vi_lab.metropolis_hastings(model, rng=0, warmup=2000)
    for draws in chains:
        assert (draws.acceptance_rate > 0.1).all(), draws.method
        latent = "s" if name == "no events" else "tau"
        each = draws.values[latent].mean(1)  # chain by chain
        assert np.all(np.abs(each - truth.mean(latent)) < 0.5 * truth.sd(latent)), draws.method


def test_starts_under_a_prior_that_suffices_are_draws_from_it():
    for name in ("newcomb", "darwin", "coal", "newcomb-independent"):
        model = vi_lab.problem(name).model
        draws, starts = (
            draw(np.random.default_rng(3), (5,))
            for draw in (model.sample_latents, model.sample_initial_values)
        )
        assert all(np.array_equal(draws[block], starts[block]) for block in draws), name


def test_the_rule():
    assert prior_suffices(1.0, 2.0, 5.0, 9.0)
    assert not prior_suffices(0.99, 2.0, 5.0, 9.0)
    assert not prior_suffices(1.0, 2e5, 5.0, 9.0) and not prior_suffices(1.0, 2e-5, 5.0, 9.0)
    assert not prior_suffices([1.0, 0.5], 1.0, 1.0, 1.0)
    draws = draw_overdispersed(np.random.default_rng(0), 90.0, 45.0, (100_000,))
    assert abs(draws.mean() - 2.0) < 0.01
    assert abs(draws.var() - 10.0 / 5.0**2) < 0.02  # Gamma(10, 5)


def test_a_gamma_draw_is_never_zero():
    gamma = Gamma.of(shape=1e-3, rate=1.0)
    draws = gamma.sample(1000, rng=0)
    assert (draws > 0).all() and np.isfinite(np.log(draws)).all()
    # half of them are below what a double holds: P(z < t) = t**0.001, nearly
    assert abs((draws == draws.min()).mean() - np.finfo(float).tiny ** 1e-3) < 0.06


@table("name", WEAK)
def test_a_rate_or_precision_starts_about_its_conditional_given_the_rest_of_the_start(name):
    """Or about that at the middle of the posterior, where a model starts there."""
    model, seen = WEAK[name], []

    def note(rng, shape, rate, lead):
        seen.append((shape, rate))
        return draw_overdispersed(rng, shape, rate, lead)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[type(model).__module__], "draw_overdispersed", note)
        values = model.sample_initial_values(np.random.default_rng(0), (5,))
    drawn = "rates" if "rates" in model.blocks else "tau"
    if isinstance(model, NormalGamma | LinearRegression):
        (other,) = set(model.blocks) - {drawn}
        values[other] = np.broadcast_to(model.centre, (5, *model.blocks[other].family.event_shape))
    block = model.blocks[drawn]
    right = block.family.parameters(block.complete_conditional(statistics(model, values)))
    (shape, rate), whole = *seen, (5, *block.plates)
    for found, key in ((shape, "shape"), (rate, "rate")):
        assert_allclose(
            np.broadcast_to(found, whole), np.broadcast_to(right[key], whole), rtol=1e-9
        )


@table("name", WEAK)
def test_a_check_under_a_weak_prior(name):
    assert all(entry.ledger.holds for entry in vi_lab.check(WEAK[name], rng=0))
    assert vi_lab.ledger(WEAK[name], vi_lab.exact(WEAK[name])).holds


def test_groups_begin_within_reach_of_the_data():
    """Within 1e4 times the sum of the largest sd and the data's range from their mean, and the
    groups with mu."""
    y, sigma = np.array([1.0, 3.0]), np.array([2.0, 1.0])
    mu = np.array([0.0, 1e9, -1e9, 40_001.0])
    theta = mu[:, None] + np.array([1.0, -2.0, 4.0])
    moved = move_near({"mu": mu, "theta": theta, "tau2": 5.0}, y, sigma)
    assert moved["mu"].tolist() == [0.0, 40_002.0, -39_998.0, 40_001.0] and moved["tau2"] == 5.0
    assert_allclose(moved["theta"] - moved["mu"][:, None], [[1.0, -2.0, 4.0]] * 4, atol=1e-6)
