"""A chain of states in one block: quantiles of each step, from a list of every path."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.contract.models import MODELS
from vi_lab import Distribution, InputError, MarkovChain, cavi
from vi_lab.families.markov_chain import MarkovChainStats
from vi_lab.results.factor_densities import find_density

E = np.array([0.0, 1.0, 1.0, 0.0])


def test_a_quantile_is_the_first_state_at_which_the_marginal_reaches_p():
    rng = np.random.default_rng(0)
    family = MarkovChain(4, 3)
    eta = MarkovChainStats(rng.normal(size=3), rng.normal(size=(3, 3, 3)))
    paths = np.array(list(product(range(3), repeat=4)))
    weights = np.exp(
        [eta.first[z[0]] + sum(eta.pair[t, z[t], z[t + 1]] for t in range(3)) for z in paths]
    )
    weights /= weights.sum()
    q = Distribution(family, eta)
    for p in (0.01, 0.2, 0.5, 0.8, 0.99):
        for step in range(4):
            reached = np.cumsum([weights[paths[:, step] == k].sum() for k in range(3)])
            assert family.quantile(eta, p)[step] == np.argmax(reached >= p), (p, step)
    assert_allclose(q.mean, weights @ paths)


def test_one_pair_below_zero_is_refused_though_all_sums_are_right():
    pairs = [[[0.6, -0.1], [-0.1, 0.6]]]
    with pytest.raises(InputError, match="pairs: needs probabilities of at least 0"):
        MarkovChain.of(np.full((2, 2), 0.5), pairs=pairs)


class Edge:
    """A generator whose uniform numbers are all the same."""

    def __init__(self, u):
        self.u = u

    def random(self, shape):
        return np.full(shape, self.u)


@pytest.mark.parametrize("u", [0.0, 1.0 - 2.0**-53])
def test_an_impossible_state_is_drawn_by_no_uniform_number(u):
    """Neither as the first nor as a later one, where the sum before it is met to the last digit."""
    chain = MarkovChain.of([[0, 0.5, 0.5, 0]] * 3, pairs=[0.25 * np.outer(E, E)] * 2)
    drawn = chain.family.sample(Edge(u), chain.eta, (5,))
    assert drawn.tolist() == [[1 if u == 0 else 2] * 3] * 5


@pytest.mark.parametrize(("states", "kind"), [(128, np.int8), (129, np.int16)])
def test_states_take_the_smallest_integer_type(states, kind):
    assert MarkovChain(2, states).dtype == kind


def test_values_are_listed_while_they_are_few():
    """1,024 paths are, of which each is one; 1,025 and more are not."""
    assert MarkovChain(10, 2).support.shape == (1024, 10)
    assert MarkovChain(2, 32).support.shape == (1024, 2)
    assert MarkovChain(2, 33).support is None and MarkovChain(11, 2).support is None


def test_the_density_of_a_step_is_the_share_of_draws_in_each_state():
    """Of the chain that CAVI fits to each of two series, in either of them."""
    case = MODELS["hidden Markov, joint"]
    q = cavi(case.model, rng=0)
    draws = q.sample(20_000, rng=1)["z"]
    for index in np.ndindex(draws.shape[1:]):
        found = find_density(case.model, q.q, ("z", index), np.array([0.0, 1.0, 0.5, 9.0]))
        shares = [(draws[:, *index] == k).mean() for k in (0, 1)]
        np.testing.assert_allclose(found[:2], shares, atol=0.02)
        assert (found[2:] == 0.0).all()
