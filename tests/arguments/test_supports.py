"""The values that a user's discrete family lists: looked at before anything is summed over them."""

from typing import NamedTuple

import numpy as np
import pytest
from numpy.testing import assert_allclose

import vi_lab
from tests.tables import table
from vi_lab import Block, Family, InputError, Model, NotApplicable


class DieStats(NamedTuple):
    value: np.ndarray


class Die(Family):
    """p(z | eta) is proportional to exp(eta z) on 1 ... 6."""

    Stats = DieStats
    stat_shapes = DieStats(())
    discrete = True
    dtype = np.dtype(np.int8)
    sides = support = np.arange(1, 7)

    def stats(self, z):
        return DieStats(np.asarray(z, dtype=float))

    def log_partition(self, eta):
        return np.log(np.exp(np.multiply.outer(eta.value, self.sides)).sum(-1))

    def probabilities(self, eta):
        weights = np.exp(np.multiply.outer(eta.value, self.sides))
        return weights / weights.sum(-1, keepdims=True)

    def expected_stats(self, eta):
        return DieStats(self.probabilities(eta) @ self.sides)

    def sample(self, rng, eta, shape):
        above = rng.random((*shape, 1)) > self.probabilities(eta).cumsum(-1)
        return (1 + above.sum(-1)).astype(self.dtype)

    def natural(self, tilt):
        return DieStats(np.asarray(tilt))

    def parameters(self, eta):
        return {"tilt": np.asarray(eta.value)}

    def mean(self, eta):
        return self.probabilities(eta) @ self.sides

    def sd(self, eta):
        return np.sqrt(self.probabilities(eta) @ self.sides**2 - self.mean(eta) ** 2)

    def in_support(self, z):
        return np.isin(z, self.sides)


class Dice(Model):
    """Two dice, log p(one, two) = one two / 10 + one / 5."""

    def __init__(self, family):
        self.blocks = {
            "one": Block(family, lambda t: DieStats(0.1 * t["two"].value + 0.2)),
            "two": Block(family, lambda t: DieStats(0.1 * t["one"].value)),
        }

    def log_joint(self, stats):
        one, two = stats["one"].value, stats["two"].value
        return 0.1 * one * two + 0.2 * one

    def sample_latents(self, rng, batch=()):
        return {name: rng.integers(1, 7, batch) for name in self.blocks}


def listing(support):
    return Dice(type("Own", (Die,), {"support": support})())


def raises(self):
    raise RuntimeError("mine")


SAID = r"^([\w.]+\(\): )?model: support of the family of block 'one' needs to be"
ONCE = SAID + r" an array of all .*, \(values\), or None"
WRONG = {
    "a list": ([1, 2, 3, 4, 5, 6], ONCE),
    "a number": (6, ONCE),
    "a method": (lambda self: np.arange(1, 7), ONCE),
    "a column": (np.arange(1, 7)[:, None], ONCE),
    "none": (np.arange(0), ONCE),
    "one twice": (np.array([1, 1, 2, 3, 4, 5, 6]), ONCE),
    "complex": (np.arange(1, 7) + 0j, ONCE),
    "masked": (np.ma.masked_array(np.arange(1, 7), [0, 0, 0, 0, 0, 1]), ONCE),
    "text": (np.array(list("123456")), ONCE),
    "raises": (property(raises), "support of the family of block 'one' raised RuntimeError"),
    "half of them": (np.arange(1, 4), "needs to be all values: those listed have a probability of"),
    "nought too": (np.arange(0, 7), "has values for which in_support is False"),
}
METHODS = {
    "gibbs": lambda m: vi_lab.gibbs(m, rng=0, chains=2, draws=4),
    "metropolis_hastings": lambda m: vi_lab.metropolis_hastings(m, rng=0, chains=2, draws=4),
    "cavi": lambda m: vi_lab.cavi(m, rng=0),
    "exact": vi_lab.exact,
}


@table(("support", "said"), list(WRONG.values()), ids=WRONG)
def test_a_list_of_values_that_is_none_or_not_whole_is_refused(support, said):
    for run in METHODS.values():
        with pytest.raises(InputError, match=said):
            run(listing(support))


def test_any_order_and_type_of_numbers_will_do():
    one, two = np.ix_(Die.sides, Die.sides)
    log_joint = 0.1 * one * two + 0.2 * one
    for support in (Die.sides, Die.sides[::-1], Die.sides.astype(float)):
        truth = vi_lab.exact(listing(support))
        assert_allclose(truth.log_evidence, np.log(np.exp(log_joint).sum()), rtol=1e-13)
        assert_allclose(truth.mean("one"), (np.exp(log_joint - truth.log_evidence) * one).sum())


def test_values_without_a_list_are_said_to_have_none():
    model = listing(None)
    with pytest.raises(NotApplicable, match="there is no list of the values of 'one' to sum over"):
        vi_lab.exact(model)
    assert vi_lab.cavi(model, rng=0).converged
