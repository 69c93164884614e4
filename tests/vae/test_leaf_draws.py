"""Draws by rejection from cells that adapt: no point of a cell is above what it is drawn from."""

import numpy as np
import pytest

import vi_lab
from tests.vae.test_narrow_features import plant, steepened
from vi_lab import DecoderModel
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
