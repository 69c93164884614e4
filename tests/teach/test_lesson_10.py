"""Lesson 10: whatever form a model or a ledger comes in, the judges are fair to it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import vi_lab as vl
from vi_lab.families import GammaStats
from vi_lab.teach import check
from vi_lab.teach.lessons.exercises.lesson_10_judges import SUBTRACTED, Y1, Y2, A, B, describe
from vi_lab.teach.lessons.exercises.lesson_10_model import (
    SharedPrior,
    TwoGammas,
    TwoGroups,
    with_truth,
)


class Plain(vl.Model):
    """The same model, another hand: no loops, and other names."""

    def __init__(self, first, second, shape, rate):
        self.first, self.second, self.shape, self.rate = map(np.array, (first, second, shape, rate))
        gamma = vl.Gamma()
        self.blocks = {"rate2": vl.Block(gamma, self.two), "rate1": vl.Block(gamma, self.one)}

    def one(self, stats):
        return GammaStats(self.shape - 1 + self.first.sum(), -self.rate - self.first.size)

    def two(self, stats):
        return GammaStats(self.shape - 1 + self.second.sum(), -self.rate - self.second.size)

    def log_joint(self, stats):
        parts = [(stats["rate1"], self.first), (stats["rate2"], self.second)]
        prior = vl.Gamma.of(float(self.shape), float(self.rate))
        constant = prior.log_density(1.0) + self.rate
        return sum(
            constant
            + (self.shape - 1) * t.log
            - self.rate * t.value
            + (y[:, None] * np.atleast_1d(t.log)).sum(0).reshape(np.shape(t.log))
            - y.size * t.value
            - sum(float(np.log(np.arange(1, count + 1)).sum()) for count in y)
            for t, y in parts
        )

    def sample_latents(self, rng, batch=()):
        one, two = rng.standard_gamma(self.shape, (2, *batch)) / self.rate
        return {"rate2": two, "rate1": one}


MODELS = {
    "another class": Plain,
    "a function": lambda y1, y2, a, b: Plain(y1, y2, a, b),
    "with its truth": with_truth(TwoGroups),
    "a model of one's own": SharedPrior(Y1, Y2, A),
    "an instance": TwoGroups(Y1, Y2, A, B),
}


@pytest.mark.parametrize("answer", MODELS.values(), ids=MODELS)
def test_a_model_in_any_form_is_right(answer):
    assert check("10.4", answer).status == "right"


@pytest.mark.parametrize("answer", [lambda *data: None, lambda *data: 3.0, TwoGammas, "TwoGroups"])
def test_what_is_no_model_is_not_right(answer):
    verdict = check("10.4", answer)
    assert verdict.status != "right" and verdict.message


def test_draws_that_are_not_of_the_prior_are_named_though_validate_passes():
    class Scaled(TwoGroups):
        def sample_latents(self, rng, batch=()):
            return {name: 2 * value for name, value in super().sample_latents(rng, batch).items()}

    verdict = check("10.4", Scaled)
    assert verdict.status == "named" and "not of its prior" in verdict.message


class ByDifference(with_truth(TwoGroups)):
    """A truth whose KL is log p(y) - ELBO."""

    def exact_posterior(self):
        truth = super().exact_posterior()
        model = self

        class Posterior(TwoGammas):
            def kl_from(self, q):
                value = truth.log_evidence - vl.elbo(model, vl.Factorised(model, **q))
                return vl.results.Estimate(value, 1e-12, "closed form")

        truth.posterior.__class__ = Posterior
        return truth


def test_a_truth_of_ones_own_is_judged_by_a_planted_constant():
    assert check("10.5", with_truth(TwoGroups)).status == "right"
    verdict = check("10.5", ByDifference)
    assert (verdict.status, verdict.message) == ("named", SUBTRACTED)


def test_a_ledger_of_the_package_is_judged_too():
    model = with_truth(TwoGroups)(Y1, Y2, A, B)
    assert check("10.5", vl.ledger(model, vl.cavi(model, rng=0))).status == "right"


@pytest.mark.parametrize("moved", [-2e-8, 2e-8])
def test_a_ledger_that_is_off_by_less_than_it_allows_is_still_wrong(moved):
    """Here all three numbers are known to rounding, on whichever side they differ."""
    model = with_truth(TwoGroups)(Y1, Y2, A, B)
    found = vl.ledger(model, vl.cavi(model, rng=0))
    assert check("10.5", replace(found, residual=0.4 * moved)).status == "right"
    assert check("10.5", replace(found, residual=moved)).status == "wrong"
    for none in (replace(found, holds=False), vl.Ledger.without_truth("no truth is known")):
        assert check("10.5", none).status == "wrong"


def numbers_as_arrays(model, q1, q2):
    """Right, by sampling-free sums of another order."""
    q = vl.Factorised(model, rate1=q1, rate2=q2)
    truth = vl.exact(with_truth(TwoGroups)(*model.y.values(), model.a, model.b))
    return np.array([truth.log_evidence, q.elbo, truth.posterior.kl_from(q.q).value])


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (numbers_as_arrays, "right"),
        (lambda model, q1, q2: numbers_as_arrays(model, q1, q2)[:2], "shape"),
        (lambda model, q1, q2: np.add(numbers_as_arrays(model, q1, q2), [0, 1, -1]), "named"),
    ],
)
def test_three_numbers_in_any_form(answer, status):
    assert check("10.5", answer).status == status


def test_whether_the_sum_holds_is_said_of_the_three_numbers():
    """log p(y) = ELBO + KL, of numbers that are none of the known mistakes."""
    want = (-10.0, -12.5, 2.5)
    assert describe((-10.0, -11.0, 1.0), want).startswith("The sum holds: the ELBO")
    off = describe((-10.0, -12.5, 3.5), want)
    assert off == "It does not hold, by -1.0000 nats: the KL is not right."


def test_the_worked_model_is_the_joint_density_of_its_story():
    """scipy's log densities of b, of each rate given b, and of the counts given the rates."""
    b, rates, a = 1.7, np.array([3.5, 9.0]), 2.5
    model = SharedPrior(Y1, Y2, a)
    want = stats.expon.logpdf(b) + stats.gamma.logpdf(rates, a, scale=1.0 / b).sum()
    want += sum(
        stats.poisson.logpmf(y, rate).sum() for y, rate in zip((Y1, Y2), rates, strict=True)
    )
    given = {"b": b, "rate1": rates[0], "rate2": rates[1]}
    found = model.log_joint({name: GammaStats(np.log(z), z) for name, z in given.items()})
    assert float(found) == pytest.approx(want, rel=1e-12)
