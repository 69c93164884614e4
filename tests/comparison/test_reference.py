"""What a comparison measures against: the exact answer, or a long run that says it is one."""

import copy

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.contract.hidden_variables import HIDDEN
from tests.contract.models import MODELS
from tests.contract.tolerances import normal_limit
from tests.thinning import mostly_slow
from vi_lab import GaussianMixture, NormalMixture, cavi, compare, exact, gibbs
from vi_lab.comparison import reference
from vi_lab.comparison.metrics import measure
from vi_lab.comparison.reference import (
    Reference,
    find_moments,
    has_reference,
    pick_coordinates,
    summarise,
)
from vi_lab.problems import methods


def without_truth():
    """A mixture small enough for enumeration that says it has no exact answer."""
    model = HIDDEN["normal mixture"].model
    twin = copy.copy(model)
    twin.no_exact_because = "we pretend"
    return twin


ALONE = [
    NormalMixture([1.0], sigma=1, m0=0, s0=1, concentration=[1.0]),
    GaussianMixture([[1.0, 2.0]], 1, 1, m0=[0, 0], beta0=1, nu0=3, w0_inv=np.eye(2)),
]


@pytest.mark.parametrize("model", mostly_slow(ALONE))
def test_a_single_observation_has_no_pairs_to_compare(model, monkeypatch):
    monkeypatch.setitem(methods.BUDGETS, "quick", methods.Budget(2, 200, 200, 3))
    truth = Reference(model, np.random.default_rng(0))
    assert "co_assignment" not in truth.draws and len(truth.draws) > 1
    rows = compare(model, rng=0).rows
    assert len(rows) > 3 and all(row.reason is None for row in rows if row.method != "exact-draws")


def test_exact_where_there_is_an_exact_answer():
    truth = Reference(HIDDEN["normal mixture"].model, np.random.default_rng(0))
    assert truth.source == "exact"
    assert truth.rhat is None
    assert truth.exact is not None
    assert {len(d) for d in truth.draws.values()} == {reference.REFERENCE_DRAWS}


@pytest.mark.parametrize("name", ["PPCA, rotated", "normal-gamma", "change point"])
def test_closed_form_moments_where_they_are_known(name):
    model = MODELS[name].model
    truth, posterior = Reference(model, np.random.default_rng(0)), exact(model)
    for latent in set(posterior.names) & set(truth.mean):
        assert_allclose(truth.mean[latent], np.ravel(posterior.mean(latent)), rtol=1e-14)
        assert_allclose(truth.sd[latent], np.ravel(posterior.sd(latent)), rtol=1e-14)
        assert (truth.error[latent] == 0).all()
        draws = truth.draws[latent]
        off = np.abs(draws.mean(0) - truth.mean[latent]) / (draws.std(0) / np.sqrt(len(draws)))
        assert off.max() < normal_limit(draws.shape[1])


def test_what_has_no_closed_form_has_an_error():
    truth = Reference(HIDDEN["normal mixture"].model, np.random.default_rng(0))
    for name in ("sorted_mu", "density"):
        draws = truth.draws[name]
        assert_allclose(truth.mean[name], draws.mean(0))
        assert_allclose(truth.error[name], draws.std(0) / np.sqrt(len(draws)), rtol=0.1)


def test_a_long_run_says_that_it_is_one(monkeypatch):
    monkeypatch.setattr(reference, "LONG_DRAWS", 500)
    monkeypatch.setattr(reference, "LONG_WARMUP", 100)
    model = without_truth()
    truth = Reference(model, np.random.default_rng(0))
    assert truth.source == "long run"
    assert truth.exact is None
    assert 0.99 < truth.rhat < 1.05
    known = Reference(HIDDEN["normal mixture"].model, np.random.default_rng(1))
    for name, mean in truth.mean.items():
        assert (truth.error[name] > 0).all(), name
        error = np.hypot(truth.error[name], known.error[name])
        assert (np.abs(mean - known.mean[name]) < normal_limit(40) * error).all(), name
    row = measure("x", "gibbs", gibbs(model, rng=2, draws=300), truth, np.random.default_rng(3))
    assert row.reference == "long run"
    row = measure("x", "cavi", cavi(model, rng=2), truth, np.random.default_rng(3))
    assert (row.reference, row.gap, row.log_evidence) == ("long run", None, None)


def test_the_reference_of_the_exact_answer_is_exact():
    model = HIDDEN["normal mixture"].model
    truth = Reference(model, np.random.default_rng(0))
    q = cavi(model, rng=0, restarts=3)
    row = measure("x", "cavi", q, truth, np.random.default_rng(1))
    assert row.reference == "exact"
    assert row.gap == pytest.approx(exact(model).log_evidence - q.elbo)


def test_analytic_moments_are_for_latents_of_a_density_alone():
    model = HIDDEN["PPCA, rotated"].model
    draws = gibbs(model, rng=0, draws=5, warmup=0)
    assert find_moments(draws, "z") is None
    assert find_moments(None, "z") is None
    assert find_moments(exact(model), "no such") is None
    mean, sd = find_moments(cavi(model, rng=0), "z")
    assert mean.shape == sd.shape == (8,)


def test_picked_looks_at_evenly_spaced_coordinates():
    assert pick_coordinates(np.arange(12).reshape(3, 4), 1).shape == (3, 4)
    assert pick_coordinates(np.float64(3.0), 0).tolist() == [3.0]
    found = pick_coordinates(np.arange(100), 0)
    assert (len(found), found[0], found[-1]) == (reference.COORDINATES, 0, 99)
    assert (np.diff(found) > 3).all()
    values = {"mu": np.zeros((5, 2)), "z": np.zeros((5, 4), int)}
    shapes = {n: v.shape for n, v in
              summarise(HIDDEN["normal mixture"].model, values, 1).items()}  # fmt: skip
    assert shapes == {"occupied": (5, 1), "co_assignment": (5, 6), "sorted_mu": (5, 2),
                      "density": (5, 7)}  # fmt: skip


def test_has_reference():
    class Plain:
        dimension = 9

        def log_density(self, z):
            return -0.5 * (z**2).sum(-1)

        def sample_latents(self, rng, batch=()):
            return {"z": rng.standard_normal((*batch, 1))}

    assert has_reference(HIDDEN["normal mixture"].model)
    assert has_reference(without_truth())
    assert not has_reference(Plain())
