"""BetaBernoulli beyond the contract: the coin, other routes to its evidence, extreme tosses."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, special, stats

from vi_lab import BetaBernoulli, cavi, exact, ledger, problem


def test_the_coin_by_counting_and_by_the_binomial():
    """Under a flat prior every number of heads among n has probability 1/(n + 1)."""
    truth = exact(problem("coin"))
    expected = -np.log(21 * special.comb(20, 14, exact=True))
    assert_allclose(truth.log_evidence, expected, rtol=1e-13)
    area, _ = integrate.quad(lambda t: t**14 * (1 - t) ** 6, 0, 1, epsabs=0, epsrel=1e-13)
    assert_allclose(truth.log_evidence, np.log(area), rtol=1e-13)
    assert_allclose(truth.mean("theta"), 15 / 22, rtol=1e-14)
    assert_allclose(truth.sd("theta"), stats.beta.std(15, 7), rtol=1e-12)


@pytest.mark.parametrize(
    ("heads", "tails", "a", "b"),
    [(1, 0, 2, 3), (0, 50, 1, 1), (100_000, 3, 1, 1), (5, 5, 1e-3, 1e-3), (7, 2, 1e6, 1e6)],
)
def test_extreme_tosses_and_priors(heads, tails, a, b):
    model = BetaBernoulli(np.repeat([1, 0], [heads, tails]), a=a, b=b)
    expected = stats.betabinom.logpmf(heads, heads + tails, a, b)
    expected -= np.log(special.comb(heads + tails, heads))
    assert_allclose(exact(model).log_evidence, expected, rtol=1e-9)
    q = cavi(model, rng=0)
    assert ledger(model, q).holds
    assert_allclose(q.mean("theta"), (a + heads) / (a + b + heads + tails), rtol=1e-12)


def test_the_order_of_the_tosses_does_not_matter():
    one, two = BetaBernoulli([1, 0, 1, 0], 2, 3), BetaBernoulli([True, True, False, False], 2, 3)
    assert exact(one).log_evidence == exact(two).log_evidence
