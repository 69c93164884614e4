"""Samplers on mixtures, PPCA and factor analysis: label-invariant summaries, rows, joint laws."""

from contextlib import nullcontext
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest

from tests.contract import sampler_checks
from tests.contract.hidden_variables import HIDDEN
from tests.thinning import mostly_slow
from vi_lab import (
    Block,
    Categorical,
    Model,
    Normal,
    NormalMixture,
    NotApplicable,
    evidence,
    exact,
    gibbs,
    hmc,
    laplace,
    ledger,
)
from vi_lab import metropolis_hastings as metropolis
from vi_lab.inference.engine import block_target
from vi_lab.model import statistics

BOTH = ("normal mixture, a weight of zero", "normal mixture, Dirichlet", "Gaussian mixture, 1-D")
ONE_EACH = [("Gaussian mixture, 2-D", gibbs), ("Gaussian mixture, one component", metropolis)]


JUDGED = [*product(BOTH, (gibbs, metropolis)), *ONE_EACH]
WALKS = [pair for pair in JUDGED if pair[1] is metropolis][1:]  # but for a mixture: in `make slow`
LIKE_2D = ("Gaussian mixture, 1-D", gibbs)


@pytest.mark.parametrize(
    ("name", "sampler"),
    mostly_slow(JUDGED, [p for p in JUDGED if p not in (*WALKS, LIKE_2D)], rows=True),
)
def test_each_chain_has_the_exact_summaries(name, sampler):
    longer = 4000 if sampler is metropolis and name.startswith("Gaussian") else None
    sampler_checks.check_summaries(HIDDEN[name].model, sampler, longer)


@pytest.mark.parametrize("name", ["PPCA, rotated", "PPCA, joint", "factor analysis"])
def test_each_row_is_judged_by_itself(name):
    sampler_checks.check_rows_are_independent(HIDDEN[name].model, metropolis)


def test_rows_and_chains_are_put_back_where_they_belong():
    """A walk that hardly moves leaves every row of every chain where it started."""
    model = HIDDEN["PPCA, rotated"].model
    starts = {}

    def sample_initial_values(rng, batch=()):
        starts.update(model.sample_latents(rng, batch))
        return starts

    twin = sampler_checks.started(model, model.sample_latents(np.random.default_rng(0)))
    twin.sample_initial_values = sample_initial_values
    values = metropolis(twin, rng=1, chains=5, draws=3, warmup=0, step=1e-9).values["z"]
    expected = np.stack([starts["z.0"], starts["z.1"]], axis=-1)
    assert values.shape == (5, 3, 4, 2)
    assert np.allclose(values, expected[:, None], atol=1e-7)


def test_the_terms_of_the_rows_add_up_to_the_log_joint():
    for name in ("PPCA, rotated", "PPCA, joint", "factor analysis"):
        model = HIDDEN[name].model
        t = statistics(model, model.sample_latents(np.random.default_rng(1), (3,)))
        rows = model.log_joint_rows(t)
        assert rows.shape == (3, 4)
        assert np.allclose(rows.sum(-1), model.log_joint(t), rtol=1e-13)


def test_exact_draws_at_a_small_concentration_have_a_density():
    """The gamma draw behind a weight is then often the double 0, whose log is no number."""
    model = NormalMixture([-9.0, 8.0, 9.0], 1.0, 0.0, 6.0, concentration=(1e-3,) * 3)
    truth = exact(model)
    draws = truth.sample(2000, rng=0)
    assert (draws["weights"] > 0).all()
    assert np.isfinite(truth.log_density(draws)).all()
    assert ledger(model, truth).holds


@pytest.mark.parametrize(
    "wrong", [-np.eye(2), np.zeros((2, 2)), [[1, 0.5], [0.2, 1]], np.full((2, 2), np.inf)],
    ids=["negative", "nought", "skew", "infinite"],
)  # fmt: skip
def test_the_exact_density_outside_its_support_is_nought(wrong):
    truth = exact(HIDDEN["Gaussian mixture, 2-D"].model)
    latents = truth.sample(3, rng=0)
    precisions = np.array(latents["precisions"])
    precisions[1, 0] = wrong
    found = truth.log_density({**latents, "precisions": precisions})
    assert np.isfinite(found[[0, 2]]).all()
    assert found[1] == -np.inf


class TwoStates(Model):
    """mu ~ N(0, 1); two labels that prefer to be alike; x_t ~ N(mu + 2 z_t - 1, 1/2)."""

    x = (-0.9, 1.2)

    def __init__(self, together):
        self.coupling = together * np.eye(2)
        labels = {f"z{t}": Block(Categorical(2), lambda s, t=t: self.state(s, t)) for t in (0, 1)}
        self.blocks = {"mu": Block(Normal(), self.mean), **labels}

    def mean(self, s):
        centre = sum(self.x[t] - (2.0 * s[f"z{t}"][0][..., 1] - 1.0) for t in (0, 1))
        return Normal.Stats(2.0 * centre, -2.5 + 0.0 * centre)

    def fit(self, s, t):
        m, square = s["mu"]
        off = (self.x[t] - c for c in (-1.0, 1.0))
        return np.stack([-(d * d - 2.0 * d * m + square) for d in off], axis=-1)

    def state(self, s, t):
        return Categorical.Stats(self.fit(s, t) + s[f"z{1 - t}"][0] @ self.coupling)

    def log_joint(self, s):
        z = [s[f"z{t}"][0] for t in (0, 1)]
        fit = sum((z[t] * self.fit(s, t)).sum(-1) for t in (0, 1))
        return -0.5 * s["mu"][1] + fit + np.einsum("...i,ij,...j->...", z[0], self.coupling, z[1])

    def sample_latents(self, rng, batch=()):
        labels = {f"z{t}": rng.integers(0, 2, size=batch) for t in (0, 1)}
        return {"mu": rng.standard_normal(batch), **labels}


def test_labels_that_depend_on_each_other_are_not_summed_out_one_by_one():
    for method in (metropolis, hmc, laplace, evidence):
        with pytest.raises(NotApplicable, match="'z0' and 'z1' each by itself"):
            method(TwoStates(2.0), rng=0)
    apart, truth = TwoStates(0.0), exact(TwoStates(0.0))
    found = evidence(apart, rng=0)
    assert abs(found.value - truth.log_evidence) < 5.0 * found.error


@pytest.mark.parametrize("knows", [False, True])
def test_a_block_that_is_nan_without_the_rest_depends_on_no_other_for_that(knows, monkeypatch):
    """0 times an infinite number of a third block is nan with the other block and without it."""

    def conditional(stats):
        return (np.array([np.nan, 1.0 + knows * stats["u"]]),)

    block = SimpleNamespace(complete_conditional=conditional)
    model = SimpleNamespace(blocks={"u": SimpleNamespace(complete_conditional=lambda stats: ()),
                                    "z": block})  # fmt: skip
    monkeypatch.setattr(block_target, "find_collapsed_blocks", lambda model: ("u", "z"))
    monkeypatch.setattr(block_target, "initial_values", lambda *given: None)
    monkeypatch.setattr(block_target, "statistics", lambda *given: {"u": 2.0, "z": 3.0})
    monkeypatch.setattr(block_target, "zero_statistics", lambda block: 0.0)
    with pytest.raises(NotApplicable, match="depend on each other") if knows else nullcontext():
        block_target.refuse_dependent_blocks(model)
