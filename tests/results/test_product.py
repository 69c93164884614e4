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


class ThreeRates(Model):
    """A count of each of three places, one block of rates: rate_j ~ Gamma(2, 1)."""

    no_exact_because = None
    counts = np.array([0, 3, 11])

    def __init__(self):
        given = GammaStats(1.0 + self.counts, np.full(3, -2.0))
        self.blocks = {"rate": Block(Gamma(), lambda t: given, plates=(3,))}

    def log_joint(self, t):
        each = (1.0 + self.counts) * t["rate"].log - 2.0 * t["rate"].value
        return (each - gammaln(self.counts + 1.0)).sum(-1)

    def sample_latents(self, rng, batch=()):
        return {"rate": rng.gamma(2.0, size=(*batch, 3))}

    def exact_posterior(self):
        return Exact.product(self, rate=Gamma.of(2.0 + self.counts, np.full(3, 2.0)))


def test_along_plates_densities_and_divergences_are_summed():
    model = ThreeRates()
    truth, right = exact(model), [stats.gamma(2.0 + x, scale=0.5) for x in model.counts]
    expected = stats.nbinom.logpmf(model.counts, 2, 0.5).sum()
    assert_allclose(truth.log_evidence, expected, rtol=1e-13)
    z = np.random.default_rng(1).gamma(2.0, size=(2, 5, 3))
    densities = sum(p.logpdf(z[..., j]) for j, p in enumerate(right))
    assert_allclose(truth.log_density({"rate": z}), densities, rtol=1e-12)
    grid = np.exp(np.arange(-30.0, 5.0, 0.01))  # even in log z
    for shapes in ([1.0, 2.0, 3.0], [[1.0, 2.0, 3.0], [4.0, 1.5, 9.0]]):  # one q, and two at once
        shapes, rates = np.array(shapes), 1.5
        q = Factorised(model, rate=Gamma.of(shapes, np.full(shapes.shape, rates)))
        kls = np.zeros(shapes.shape)
        for where, shape in np.ndenumerate(shapes):
            one, p = stats.gamma(shape, scale=1 / rates), right[where[-1]]
            log_q = one.logpdf(grid)
            kls[where] = (np.exp(log_q) * (log_q - p.logpdf(grid)) * grid).sum() * 0.01
        found = truth.posterior.kl_from(q.q)
        assert_allclose(found.value, kls.sum(-1), rtol=1e-7)
        assert (np.asarray(found.error) >= 1e-15 * kls.sum(-1)).all() and np.all(
            found.error < 1e-10
        )
        if shapes.ndim == 1:
            assert ledger(model, q).holds is True


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
