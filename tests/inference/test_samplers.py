"""Gibbs and Metropolis-Hastings against the truth, chain by chain; what every Draws promises."""

import copy

import numpy as np
import pytest

from tests.contract import sampler_checks
from tests.contract.hidden_variables import HIDDEN
from tests.contract.models import KNOWN, MODELS, VARIANTS
from tests.contract.sampler_checks import started
from tests.contract.tolerances import assert_chains
from tests.tables import table
from vi_lab import exact, gibbs, metropolis_hastings
from vi_lab.inference.engine import record
from vi_lab.inference.engine.target import why_no_moves

SAMPLERS = {"gibbs": gibbs, "metropolis": metropolis_hastings}


def pairs(cases, slow=()):
    """Every case with every sampler that moves it."""
    return [
        pytest.param(
            *(case, sampler), id=f"{name}-{method}",
            marks=[pytest.mark.slow] * (name in slow or f"{name}-{method}" in slow),
        )
        for name, case in cases.items()
        for method, sampler in SAMPLERS.items()
        if method == "gibbs" or not why_no_moves(case.model)
    ]  # fmt: skip


# where labels are constant, nothing moves
MOVING = pairs(
    {name: case for name, case in MODELS.items() if "one component" not in name}, VARIANTS
)
# the names of mixtures mean nothing: their summaries are in test_hidden_variables.py; moments of
# heavy tails are in the tests of their models
NAMED = {n: c for n, c in KNOWN.items() if not (n in HIDDEN and c.labels) and not c.heavy}
MIX_SLOWLY = {"known mixture-gibbs": 2500, "known mixture-metropolis": 6000,
              "clutter-gibbs": 3000, "local level-metropolis": 6000,
              "Bayes net, an or-metropolis": 3000,
              "hidden Markov, joint-metropolis": 6000}  # fmt: skip
# walk as others do, by real coordinates or by single labels
SIMILAR = [f"{name}-metropolis" for name in ("topics", "logistic regression", "local level",
                                             "Bayes net", "clutter")]  # fmt: skip


@pytest.mark.parametrize(("case", "sampler"), pairs(NAMED, (*VARIANTS, *SIMILAR)))
def test_each_chain_has_the_exact_moments(case, sampler, request):
    longer = MIX_SLOWLY.get(request.node.callspec.id)
    sampler_checks.check_moments(case.model, sampler, longer)


CHAIN_CHECKS = (
    sampler_checks.check_chains_part,
    sampler_checks.check_chains_are_independent,
    sampler_checks.check_seeds,
)


@pytest.mark.parametrize("check", CHAIN_CHECKS, ids=lambda check: check.__name__)
@table(("case", "sampler"), MOVING)
def test_chains(case, sampler, check):
    check(case.model, sampler)


@table(("case", "sampler"), MOVING)
def test_shapes_types_and_ranges(case, sampler):
    model = case.model
    result = sampler(model, rng=0, chains=3, draws=40, warmup=25)
    shown = model.latents(model.sample_latents(np.random.default_rng(0), (3, 40)))
    assert list(result.values) == list(model.sources)
    assert set(shown) == set(model.sources)
    for name, value in result.values.items():
        assert value.shape == shown[name].shape
        assert not value.flags.writeable
        if name in model.blocks:
            assert value.dtype == model.blocks[name].family.dtype
    assert result.acceptance_rate.shape == (3,)
    assert ((result.acceptance_rate >= 0) & (result.acceptance_rate <= 1)).all()
    assert result.seconds > 0
    assert result.settings["draws"] == 40


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
def test_one_draw_of_one_chain_without_warmup(sampler):
    result = sampler(MODELS["change point"].model, rng=0, chains=1, draws=1, warmup=0)
    assert result.values["rates"].shape == (1, 1, 2)
    assert "1 chain × 1 draw:" in repr(result)
    assert result.values["s"].shape == (1, 1)
    assert np.isnan(result.rhat()["s"])  # nothing to compare


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
def test_keep_stores_the_named_latents_alone_and_changes_no_number(sampler):
    model, size = MODELS["change point"].model, dict(rng=3, chains=2, draws=20, warmup=5)
    everything, kept = sampler(model, **size), sampler(model, keep=["rates"], **size)
    assert list(kept.values) == ["rates"]
    assert kept.names == ("rates",)
    assert np.array_equal(kept.values["rates"], everything.values["rates"])


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
def test_keep_knows_a_latent_made_of_two_blocks(sampler):
    model = MODELS["split vector"].model
    assert sampler(model, rng=0, draws=10, warmup=0, keep=["z"]).values["z"].shape == (4, 10, 4)


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
def test_auxiliary_blocks_are_in_no_table(sampler):
    result = sampler(MODELS["student location"].model, rng=0, draws=50, warmup=10)
    assert result.names == ("mu",)
    assert result.values["w"].shape == (4, 50, 2)
    assert list(result.rhat()) == ["mu"]


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
@pytest.mark.parametrize("name", ["normal-gamma", "correlated"])
def test_chains_forget_where_they_started(name, sampler):
    """Eight starts, each six posterior sds from the middle, in all directions: one answer."""
    model = MODELS[name].model
    truth, corners = exact(model), np.array([[i, j] for i in (-6, 6) for j in (-6, 6)] * 2)
    twin = copy.copy(model)

    def far(rng, batch=()):
        values = {}
        for k, latent in enumerate(truth.names):
            side = corners[:, k].reshape(-1, *np.shape(truth.mean(latent)))
            far_out = truth.mean(latent) + side * truth.sd(latent)
            values[latent] = np.abs(far_out) if latent == "tau" else far_out
        return values

    twin.sample_latents = far
    result = sampler(twin, rng=20, chains=8, draws=4000)
    for latent in truth.names:
        assert_chains(result.values[latent], truth.mean(latent), latent)
        assert np.all(result.rhat()[latent] < 1.05)


def test_starts_are_those_of_the_model():
    model = MODELS["normal-gamma"].model
    values = {"mu": np.array(3.0), "tau": np.array(0.7)}
    frozen = metropolis_hastings(started(model, values), rng=0, draws=5, warmup=0, step=1e-9)
    assert np.allclose(frozen.values["mu"], 3.0, atol=1e-7)
    assert np.allclose(frozen.values["tau"], 0.7, atol=1e-7)


def test_progress_is_of_warmup_and_draws(monkeypatch):
    totals = []

    def progress(items, label, total=None):
        totals.append((label, total, len(items)))
        return items

    monkeypatch.setattr(record, "progress", progress)
    gibbs("coin", rng=0, draws=7, warmup=5)
    assert totals == [("gibbs", 12, 12)]
