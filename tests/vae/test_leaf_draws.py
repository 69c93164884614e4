"""Draws by rejection from cells that adapt: no point of a cell is above what it is drawn from."""

import numpy as np
import pytest
from scipy import integrate, stats

import vi_lab
from tests.vae.test_evidence import make_up
from tests.vae.test_narrow_features import plant, steepened
from vi_lab import DecoderModel
from vi_lab.vae.evidence import cell_rules
from vi_lab.vae.evidence.leaf_draws import LeafDraws


@pytest.mark.parametrize(
    "made",
    [plant(0), plant(1, "gaussian"), plant(2, activation="relu"),
     steepened(6, 1, (5,), "bernoulli", "softplus"), steepened(4, 2, (5,), "bernoulli", "tanh")],
)  # fmt: skip
def test_the_bound_of_a_cell_is_above_all_of_it(made):
    """At its corners, where its nodes do not reach, and at points anywhere in it."""
    fit, x = made
    posterior = vi_lab.exact(DecoderModel(fit, x[:1])).posterior
    leaf = LeafDraws(posterior.decoder, x[0], posterior.truth.low[0], posterior.truth.high[0])
    d, inside = fit.vae.n_latent, np.random.default_rng(0).random((6, fit.vae.n_latent))
    for share in np.concatenate([np.zeros((1, d)), np.ones((1, d)), inside]):
        height = leaf._log_joint(leaf._corners + leaf._sides * share)
        assert (height <= leaf._bound + 1e-9).all()


def test_within_one_large_cell_draws_have_the_law_of_the_posterior(monkeypatch):
    """Or two halves: where in it a draw stands is for the coin to tell."""
    monkeypatch.setattr(cell_rules, "FINEST", 1e3)
    monkeypatch.setattr(cell_rules, "USABLE", 1e3)
    fit, x = make_up(1, likelihood="bernoulli", activation="tanh")
    posterior = vi_lab.exact(DecoderModel(fit, x[:1])).posterior
    mean, sd = posterior.mean["z"][0], posterior.sd["z"][0]
    low, high = mean - 1.5 * sd, mean + sd  # within which the law is the posterior's, cut off
    leaf = LeafDraws(posterior.decoder, x[0], low, high)
    assert len(leaf._corners) <= 2
    grid = np.linspace(low[0], high[0], 4001)
    heights = np.exp(posterior.log_density_row(0, grid[:, None]))
    below = integrate.cumulative_trapezoid(heights, grid, initial=0.0)
    draws = leaf.sample(np.random.default_rng(0), 4000)[:, 0]
    assert stats.kstest(np.interp(draws, grid, below / below[-1]), "uniform").pvalue > 1e-4
