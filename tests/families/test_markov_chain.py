"""A chain of states in one block: quantiles of each step, from a list of every path."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vi_lab import Distribution, InputError, MarkovChain
from vi_lab.families.markov_chain import MarkovChainStats


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
