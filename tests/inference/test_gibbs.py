"""Gibbs: what it costs, and arithmetic that fails inside a block names the block."""

from itertools import islice

import numpy as np
import pytest

from tests.contract.models import MODELS
from tests.planted.models import with_conditional
from vi_lab import NumericalError, gibbs
from vi_lab.families import CategoricalStats, NormalStats
from vi_lab.inference.engine.noise import BufferedNoise
from vi_lab.inference.gibbs import sweeps
from vi_lab.model import statistics


def test_conditionals_are_counted_and_nothing_is_rejected():
    result = gibbs(MODELS["change point"].model, rng=0, chains=3, draws=7, warmup=4)
    assert result.cost == (0, 3 * 11 * 2, 0)
    assert (result.acceptance_rate == 1).all()


def test_a_label_that_nothing_can_be_names_the_block():
    model = MODELS["change point"].model
    broken = with_conditional(model, "s", lambda eta, t: CategoricalStats(np.full((4, 7), -np.inf)))
    with pytest.raises(NumericalError, match="block 's': "):
        gibbs(broken, rng=0)


def test_a_precision_below_zero_names_the_block():
    model = MODELS["normal-gamma"].model
    broken = with_conditional(model, "mu", lambda eta, t: NormalStats(0.0, +0.5 * t["tau"].value))
    with pytest.raises(NumericalError, match="block 'mu': "):
        gibbs(broken, rng=0)


def test_a_conditional_without_a_batch_axis_still_moves_each_chain_by_itself():
    draws = gibbs(MODELS["poisson rate"].model, rng=0, chains=4, draws=50, warmup=0).values["rate"]
    assert len(np.unique(draws)) == 200


def test_one_sweep_more_of_warmup_shifts_the_chain_by_one():
    model = MODELS["normal-gamma"].model
    early, late = (
        gibbs(model, rng=1, chains=2, draws=20, warmup=warmup).values["mu"] for warmup in (3, 4)
    )
    assert np.array_equal(early[:, 1:], late[:, :-1])


def test_the_sweeps_of_a_notebook_are_the_draws_of_gibbs():
    model, generator = MODELS["normal-gamma"].model, np.random.default_rng(3)
    t = statistics(model, model.sample_initial_values(generator, (2,)))
    each = islice(sweeps(model, t, BufferedNoise(generator), 2), 5)
    kept = np.stack([z["mu"].copy() for z in each], axis=1)
    seen = model.blocks["mu"].family.stored(kept)
    assert np.array_equal(seen, gibbs(model, rng=3, chains=2, draws=5, warmup=0).values["mu"])
