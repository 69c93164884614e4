"""Samplers on mixtures, PPCA and factor analysis: label-invariant summaries, rows, joint laws."""

from itertools import product

import numpy as np
import pytest

from tests.contract import sampler_checks
from tests.contract.hidden_variables import HIDDEN
from tests.thinning import mostly_slow
from vi_lab import NormalMixture, exact, gibbs, ledger
from vi_lab import metropolis_hastings as metropolis
from vi_lab.model import statistics

BOTH = ("normal mixture, a weight of zero", "normal mixture, Dirichlet", "Gaussian mixture, 1-D")
ONE_EACH = [("Gaussian mixture, 2-D", gibbs), ("Gaussian mixture, one component", metropolis)]


JUDGED = [*product(BOTH, (gibbs, metropolis)), *ONE_EACH]
WALKS = [pair for pair in JUDGED if pair[1] is metropolis][1:]  # but for a mixture: in `make slow`


@pytest.mark.parametrize(
    ("name", "sampler"), mostly_slow(JUDGED, [p for p in JUDGED if p not in WALKS], rows=True)
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
