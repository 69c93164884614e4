"""The truth as a product of factors: of a model of one's own whose blocks stand alone."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from scipy.special import gammaln

import vi_lab
from vi_lab import Block, Exact, Factorised, Gamma, InputError, Model, exact, ledger
from vi_lab.families.gamma import GammaStats

ONE, TWO = np.array([3, 1, 4]), np.array([2, 7])


class TwoGroups(Model):
    """Counts of two groups, a rate each: rate_g ~ Gamma(2, 1), x ~ Poisson(rate_g)."""

    no_exact_because = None
    off = 0.0  # by which the one factor is wrong

    def __init__(self):
        self.blocks = {
            name: Block(Gamma(), lambda t, x=x: GammaStats(1.0 + x.sum(), -1.0 - len(x)))
            for name, x in (("one", ONE), ("two", TWO))
        }

    def log_joint(self, t):
        total = -gammaln(np.r_[ONE, TWO] + 1.0).sum()
        for name, x in (("one", ONE), ("two", TWO)):
            total = total + (1.0 + x.sum()) * t[name].log - (1.0 + len(x)) * t[name].value
        return total

    def sample_latents(self, rng, batch=()):
        return {name: rng.gamma(2.0, size=batch) for name in self.blocks}

    def exact_posterior(self):
        one = Gamma.of(2.0 + ONE.sum() + self.off, 1.0 + len(ONE))
        return Exact.product(self, one=one, two=Gamma.of(2.0 + TWO.sum(), 1.0 + len(TWO)))


def test_the_evidence_is_that_of_the_counts():
    model = TwoGroups()
    # a gamma mixture of Poissons is negative binomial, count by count
    expected = 0.0
    for x in (ONE, TWO):
        shape, rate = 2.0, 1.0
        for count in x:
            expected += stats.nbinom.logpmf(count, shape, rate / (rate + 1.0))
            shape, rate = shape + count, rate + 1.0
    truth = exact(model)
    assert_allclose(truth.log_evidence, expected, rtol=1e-13)
    assert_allclose(truth.mean("one"), (2.0 + ONE.sum()) / (1.0 + len(ONE)))
    assert ledger(model, truth).holds is True
    assert ledger(model, vi_lab.cavi(model, rng=0)).holds is True
    q = Factorised(model, one=Gamma.of(3.0, 1.0), two=Gamma.of(4.0, 2.0))
    assert ledger(model, q).holds is True
    assert ledger(model, vi_lab.gaussian_vi(model, rng=0)).holds is True


def test_a_wrong_factor_shows_in_the_ledger():
    model = TwoGroups()
    model.off = 0.5
    q = Factorised(model, one=Gamma.of(3.0, 1.0), two=Gamma.of(4.0, 2.0))
    assert ledger(model, q).holds is False


def test_blocks_that_depend_on_one_another_are_no_product():
    model = vi_lab.problem("newcomb-independent").model
    with pytest.raises(InputError, match="depends on another block"):
        Exact.product(model, mu=vi_lab.Normal.of(26.0, 1.0), tau=Gamma.of(3.0, 300.0))


def test_one_part_of_a_conditional_that_depends_on_the_rest_is_enough():
    """Of a normal given another the precision is a constant, and the mean is not."""
    model = vi_lab.CorrelatedGaussian([0.0, 0.0], [[1.0, 0.5], [0.5, 1.0]])
    with pytest.raises(InputError, match="depends on another block"):
        Exact.product(model, z0=vi_lab.Normal.of([0.0], 1.0), z1=vi_lab.Normal.of([0.0], 1.0))
