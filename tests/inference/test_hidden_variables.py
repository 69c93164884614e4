"""Samplers on mixtures, PPCA and factor analysis: label-invariant summaries, rows, joint laws."""

from types import SimpleNamespace

import numpy as np
import pytest

from tests.contract import sampler_checks
from tests.contract.hidden_variables import HIDDEN, LOADINGS
from tests.contract.sampler_checks import check_joint_distribution
from vi_lab import PPCA, FactorAnalysis, GaussianMixture, NormalMixture, exact, gibbs, ledger
from vi_lab import metropolis_hastings as metropolis
from vi_lab.model import statistics

ONE = np.zeros((3, 1))
GENERATIVE = {
    "normal mixture": NormalMixture(np.zeros(3), 0.8, (0.5, -0.5), 1.2, weights=(0.4, 0.6)),
    "normal mixture, Dirichlet": NormalMixture(np.zeros(3), 0.8, 0.0, 1.2, concentration=(1.5, 2)),
    "Gaussian mixture, 1-D": GaussianMixture(ONE, 2, (2.0, 1.5), 0.3, 0.7, 5.0, [[1.5]]),
    "Gaussian mixture, 2-D": GaussianMixture(
        np.zeros((3, 2)), 2, 2.0, (0.3, -0.2), 0.7, 6.0, [[1.0, 0.3], [0.3, 2.0]]
    ),
    "PPCA": PPCA(np.zeros((2, 3)), LOADINGS, (0.1, 0.2, 0.3), 0.5),
    "PPCA, joint": PPCA(np.zeros((2, 3)), LOADINGS, (0.1, 0.2, 0.3), 0.5, blocks="joint"),
    "factor analysis": FactorAnalysis(np.zeros((2, 3)), LOADINGS, 0.1, (0.4, 0.9, 0.6)),
}


def exactly(model, *, rng, chains, draws, **settings):
    """Independent draws of the exact posterior, in the guise of a sampler."""
    values = exact(model).sample(chains, rng=rng)
    return SimpleNamespace(values={name: value[:, None] for name, value in values.items()})


@pytest.mark.parametrize(
    ("name", "sampler", "draws"),
    [
        ("normal mixture, a weight of zero", gibbs, 2000),
        ("normal mixture, a weight of zero", metropolis, 2000),
        ("normal mixture, Dirichlet", gibbs, 2000),
        ("normal mixture, Dirichlet", metropolis, 2000),
        ("Gaussian mixture, 1-D", gibbs, 2000),
        ("Gaussian mixture, 1-D", metropolis, 2500),
        ("Gaussian mixture, 2-D", gibbs, 1500),
        ("Gaussian mixture, one component", metropolis, 2500),
    ],
)
def test_each_chain_has_the_exact_summaries(name, sampler, draws):
    sampler_checks.check_summaries(HIDDEN[name].model, sampler, draws)


@pytest.mark.parametrize("sampler", [gibbs, metropolis])
@pytest.mark.parametrize("name", ["PPCA, rotated", "PPCA, joint", "factor analysis"])
def test_each_chain_has_the_exact_moments(name, sampler):
    sampler_checks.check_moments(HIDDEN[name].model, sampler)


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


@pytest.mark.parametrize("model", GENERATIVE.values(), ids=GENERATIVE)
def test_exact_draws_keep_the_joint_distribution(model):
    """What no grid can check: draws of the exact posterior of fresh data are draws of the prior."""
    check_joint_distribution(model, exactly, draws=1, replicates=300)


@pytest.mark.parametrize("model", GENERATIVE.values(), ids=GENERATIVE)
def test_gibbs_keeps_the_joint_distribution(model):
    check_joint_distribution(model, gibbs, draws=3, replicates=400)


@pytest.mark.parametrize(
    "name", [n for n in GENERATIVE if n not in ("normal mixture", "Gaussian mixture, 1-D")]
)
def test_metropolis_keeps_the_joint_distribution(name):
    model = GENERATIVE[name]
    check_joint_distribution(model, metropolis, draws=6, step=0.7, replicates=400)


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
