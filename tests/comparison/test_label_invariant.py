"""Mixtures without names: co-assignment under every result, and matching of components."""

from itertools import permutations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.contract.hidden_variables import HIDDEN
from tests.contract.models import MODELS
from tests.contract.tolerances import assert_averages
from tests.contract.truth_checks import posterior_points
from vi_lab import (
    InputError,
    InputTypeError,
    NormalMixture,
    cavi,
    co_assignment,
    exact,
    gibbs,
    metropolis_hastings,
)
from vi_lab.numerics.assignment import match_components

MIXTURES = [name for name in HIDDEN if "mixture" in name]
CASE = HIDDEN["normal mixture, Dirichlet"]


def test_exact_co_assignment_is_a_sum_over_the_posterior():
    values, _, weights, _ = posterior_points(CASE)
    z = values["z"]
    expected = np.tensordot(weights, z[:, :, None] == z[:, None, :], 1)
    assert_allclose(co_assignment(exact(CASE.model)), expected, atol=1e-12)


@pytest.mark.parametrize("name", MIXTURES)
def test_exact_co_assignment_is_that_of_exact_draws(name):
    truth = exact(HIDDEN[name].model)
    z = truth.sample(20_000, rng=0)["z"]
    assert_averages(z[:, :, None] == z[:, None, :], co_assignment(truth), name)
    together = truth.mean("co_assignment")
    assert_allclose(truth.sd("co_assignment"), np.sqrt(together * (1 - together)))


@pytest.mark.parametrize("sampler", [gibbs, metropolis_hastings])
def test_co_assignment_of_draws_counts_them(sampler):
    result = sampler(CASE.model, rng=0, chains=3, draws=200, warmup=50)
    z = result.values["z"].reshape(-1, 3)
    expected = [[np.mean(z[:, i] == z[:, j]) for j in range(3)] for i in range(3)]
    found = co_assignment(result)
    assert_allclose(found, expected, rtol=1e-12)
    found[0, 0] = 7  # the caller's own
    assert co_assignment(result)[0, 0] == 1


@pytest.mark.parametrize("name", MIXTURES)
def test_co_assignment_of_a_factorised_q_is_that_of_its_draws(name):
    q = cavi(HIDDEN[name].model, rng=0)
    z = q.sample(20_000, rng=1)["z"]
    found = co_assignment(q)
    assert_averages(z[:, :, None] == z[:, None, :], found, name)
    assert_allclose(np.diag(found), 1.0)
    assert_allclose(found, found.T)


def test_relabelling_changes_nothing():
    x = np.array([-2.0, -1.0, 1.5])
    here = NormalMixture(x, 1.0, (-1.0, 2.0), 1.0, weights=(0.3, 0.7))
    there = NormalMixture(x, 1.0, (2.0, -1.0), 1.0, weights=(0.7, 0.3))
    assert_allclose(co_assignment(exact(here)), co_assignment(exact(there)), atol=1e-14)


@pytest.mark.parametrize("name", ["PPCA, rotated", "PPCA, joint", "factor analysis"])
@pytest.mark.parametrize("method", [exact, cavi, gibbs])
def test_the_z_of_ppca_are_numbers_not_labels(method, name):
    with pytest.raises(InputError, match=r"co_assignment|a mixture's labels z"):
        co_assignment(method(HIDDEN[name].model))


def test_results_without_labels_are_refused():
    model = MODELS["normal-gamma"].model
    for method in (exact, cavi, gibbs):
        with pytest.raises(InputError):
            co_assignment(method(model))
    kept = gibbs(CASE.model, rng=0, draws=5, warmup=0, keep=["mu"])
    with pytest.raises(InputError, match="a mixture's labels z"):
        co_assignment(kept)
    with pytest.raises(InputTypeError, match="needs Exact, Draws or Factorised"):
        co_assignment(np.eye(2))


def test_a_vector_without_labels_in_it_is_refused():
    """Draws (chains, draws, D) of a vector called z have the shape of labels and are none."""
    draws = gibbs(MODELS["split vector"].model, rng=0, draws=5, warmup=0)
    assert draws.values["z"].ndim == 3
    with pytest.raises(InputError, match="a mixture's labels z"):
        co_assignment(draws)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_matching_undoes_a_permutation(size):
    rng = np.random.default_rng(size)
    reference = rng.dirichlet(np.full(size, 0.2), size=30)
    for order in permutations(range(size)):
        found = match_components(reference[:, list(order)], reference)
        assert_allclose(reference[:, list(order)][:, found], reference)


def test_matching_maximises_the_overlap():
    rng = np.random.default_rng(0)
    one, two = (rng.dirichlet(np.ones(3), size=10) for _ in range(2))
    best = max(permutations(range(3)), key=lambda order: (one[:, list(order)] * two).sum())
    assert tuple(match_components(one, two)) == best


def test_matching_needs_the_same_shape():
    with pytest.raises(InputError, match=r"needs the reference's shape \(4, 3\), got \(4, 2\)"):
        match_components(np.ones((4, 2)), np.ones((4, 3)))
