"""Lesson 10: `validate` and the log joint judge a model, a planted constant judges a ledger."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
from scipy.stats import gamma, kstest

from vi_lab.families import Gamma, GammaStats
from vi_lab.identity.bound import elbo
from vi_lab.identity.divergence import kl
from vi_lab.identity.ledger import Ledger
from vi_lab.identity.ledger import ledger as ledger_of
from vi_lab.model import Model, statistics
from vi_lab.results import Factorised
from vi_lab.teach.exercise import Exercise
from vi_lab.teach.lessons.exercises.lesson_10_evidence import log_evidence
from vi_lab.teach.lessons.exercises.lesson_10_group import rate_given
from vi_lab.teach.lessons.exercises.lesson_10_model import TwoGroups
from vi_lab.testing.validation import validate

Y1, Y2, A, B = (3, 5, 4, 2, 6), (7, 9, 6, 8), 2.0, 1.5
NO_MODEL = "A model is wanted: the class TwoGroups(Model), which takes y1, y2, a, b."
LOST = "validate passes, but a constant is missing in the log joint: only the ledger sees it."
DRAWS = "The draws of {} are not of its prior: NumPy's gamma takes a shape and a scale, 1/b."
TIED = "Both rates are one draw: each is drawn by itself."
OTHER = "validate passes: the parts agree with one another, but this is not the model of 10.1."


def judge_model(answer: Any) -> tuple[str, str]:
    """What `validate` finds; and whether log joint and draws are those of the story."""
    model = answer if isinstance(answer, Model) else answer(Y1, Y2, A, B)
    if not isinstance(model, Model):
        return "wrong", NO_MODEL
    report = validate(model)
    failed = [row for row in report.rows if not row["passed"]]
    if failed:
        return "named", say(failed[0])
    if isinstance(answer, Model):
        return "right", "Right: validate passes."
    if set(model.blocks) != {"rate1", "rate2"}:
        return "wrong", f"Blocks rate1 and rate2 are wanted; it has {', '.join(model.blocks)}."
    rates = {name: np.array([0.5, 1.0, 3.0, 7.0]) for name in model.blocks}
    off = model.log_joint(statistics(model, rates))
    off = off - PAGE.log_joint(statistics(PAGE, rates))
    if np.ptp(off) > 1e-9:
        return "named", OTHER
    if np.abs(off).max() > 1e-9:
        return "named", LOST
    draws = model.sample_latents(np.random.default_rng(10), (2000,))
    for name in model.blocks:
        if kstest(draws[name], gamma(A, scale=1 / B).cdf).pvalue < 1e-9:
            return "named", DRAWS.format(name)
    if abs(np.corrcoef(draws["rate1"], draws["rate2"])[0, 1]) > 0.2:
        return "named", TIED
    return "right", "Right: validate passes."


def say(row: Any) -> str:
    """A sentence for the first finding of `validate` that failed."""
    block = row["block"]
    sentences = {
        "complete conditional": f"The conditional of {block} has drifted from the log joint.",
        "conditional without its own statistics": f"The conditional of {block} reads its own.",
        "log joint along the statistics": f"The log joint is not affine in {block}.",
    }
    return sentences.get(row["check"], f"validate, {row['check']}: {row['finding']}.")


PAGE = TwoGroups(Y1, Y2, A, B)


class Drifted(TwoGroups):
    def conditional(self, y):
        shape, rate = rate_given(y, self.a, self.b)
        return lambda stats: GammaStats(shape - 1 - np.array_equal(y, self.y["rate2"]), -rate)


class Constantless(TwoGroups):
    def log_joint(self, stats):
        return super().log_joint(stats) - 2 * self.a * np.log(self.b)


class WithoutPrior(TwoGroups):
    def conditional(self, y):
        return lambda stats: GammaStats(np.sum(y) - 0.0, -len(y) - 0.0)

    def log_joint(self, stats):
        prior = [(self.a - 1) * log - self.b * value for log, value in stats.values()]
        return super().log_joint(stats) - sum(prior)


class OfScale(TwoGroups):
    def sample_latents(self, rng, batch=()):
        return {name: rng.gamma(self.a, self.b, batch) for name in self.blocks}


class Tied(TwoGroups):
    def sample_latents(self, rng, batch=()):
        return dict.fromkeys(self.blocks, rng.gamma(self.a, 1 / self.b, batch))


class Bent(TwoGroups):
    def log_joint(self, stats):
        return super().log_joint(stats) + np.exp(stats["rate2"].log) - stats["rate2"].value


MODEL = Exercise(
    id="10.4",
    title="a model that validate passes",
    minutes=20,
    star=False,
    inputs=lambda rng, i: (Y1, Y2, A, B),
    right=TwoGroups,
    judge=judge_model,
    mistakes={
        "The conditional of rate2 has drifted from the log joint.": Drifted,
        "The log joint is not affine in rate2.": Bent,
        LOST: Constantless,
        OTHER: WithoutPrior,
        DRAWS.format("rate1"): OfScale,
        TIED: Tied,
    },
    hints=(
        "Your log joint of 10.1 in terms of log and value; your conditional of 10.2 as it is.",
        "A gamma has the natural parameters (shape - 1, -rate): GammaStats(shape - 1, -rate).",
        "Start with self.blocks: a Block(Gamma(), function of stats) for each rate.",
    ),
)


def three_numbers(model, q1, q2):
    """(log p(y), ELBO, KL to the posterior) of q = q1 q2, in nats, each by a route of its own.

    model is a TwoGroups: its counts are model.y["rate1"] and model.y["rate2"], its prior model.a
    and model.b. q1 and q2 are Gammas of the package: its elbo and kl know them.
    """
    evidence = sum(log_evidence(y, model.a, model.b) for y in model.y.values())
    bound = elbo(model, Factorised(model, rate1=q1, rate2=q2))
    posterior = [Gamma.of(*rate_given(y, model.a, model.b)) for y in model.y.values()]
    return evidence, bound, kl(q1, posterior[0]) + kl(q2, posterior[1])


class Planted(TwoGroups):
    """The same model with one nat too many in its log joint."""

    def log_joint(self, stats):
        return super().log_joint(stats) + 1.0


Q1, Q2 = Gamma.of(30.0, 8.0), Gamma.of(20.0, 3.0)
SUBTRACTED = (
    "The KL was had by subtraction: with a constant planted in the log joint it still fits."
)
ADDED = "log p(y) was had by addition: with a constant planted in the log joint it still fits."
UNTOUCHED = (
    "The ELBO was had by subtraction: a constant planted in the log joint does not reach it."
)
TURNED = "That is KL(posterior || q): the other way round."
TO_PRIOR = "That is the KL to the prior; the identity has the KL to the posterior."


def judge_ledger(answer: Any) -> tuple[str, str]:
    """Are the three numbers right, and do they part when one nat is planted in the log joint?"""
    if isinstance(answer, Ledger):
        return judge_result(answer)
    if isinstance(answer, Model) or (inspect.isclass(answer) and issubclass(answer, Model)):
        return judge_truth(answer)
    want = np.array(three_numbers(PAGE, Q1, Q2))
    got = np.ravel(np.array(answer(PAGE, Q1, Q2), float))
    if got.size != 3:
        return "shape", f"Three numbers are wanted, {got.size} came back."
    planted = np.ravel(np.array(answer(Planted(Y1, Y2, A, B), Q1, Q2), float))
    if not np.allclose(got, want, rtol=1e-9):
        return "named", describe(got, want)
    moved = np.abs(planted - got) > 0.5
    if moved[2]:
        return "named", SUBTRACTED
    if moved[0]:
        return "named", ADDED
    return ("right", "Right: the ledger holds.") if moved[1] else ("named", UNTOUCHED)


def describe(got: Any, want: Any) -> str:
    """Which of the three numbers is off, and what it is instead."""
    posterior = [Gamma.of(*rate_given(np.array(y), A, B)) for y in (Y1, Y2)]
    turned = kl(posterior[0], Q1) + kl(posterior[1], Q2)
    prior = Gamma.of(A, B)
    if np.isclose(got[2], turned, rtol=1e-9):
        return TURNED
    if np.isclose(got[2], kl(Q1, prior) + kl(Q2, prior), rtol=1e-9):
        return TO_PRIOR
    names = ("log p(y)", "the ELBO", "the KL")
    off = [name for name, g, w in zip(names, got, want, strict=True) if not np.isclose(g, w)]
    residual = got[0] - got[1] - got[2]
    holds = "The sum holds" if abs(residual) < 1e-6 else f"It does not hold, by {residual:.4f} nats"
    return f"{holds}: {' and '.join(off)} {'is' if len(off) == 1 else 'are'} not right."


def judge_result(found: Ledger) -> tuple[str, str]:
    """A ledger of the package that was handed in."""
    if found.residual is None or not found.holds or abs(found.residual) > 1e-8:
        return "wrong", f"It does not hold: {found!r}"
    return "right", "Right: the ledger holds."


def judge_truth(answer: Any) -> tuple[str, str]:
    """A model with a truth of its own: its ledger holds, and breaks when a constant is planted."""
    model = answer if isinstance(answer, Model) else answer(Y1, Y2, A, B)
    first = next(iter(model.blocks))
    q = {name: Q1 if name == first else Q2 for name in model.blocks}
    status, message = judge_result(ledger_of(model, Factorised(model, **q)))
    if status != "right":
        return status, message
    original = model.log_joint
    model.log_joint = lambda stats: original(stats) + 1.0  # type: ignore[method-assign]
    try:
        broken = ledger_of(model, Factorised(model, **q))
    finally:
        del model.log_joint
    if broken.residual is not None and abs(broken.residual) < 0.5:
        return "named", SUBTRACTED
    return "right", message


def _changed(which, how):
    """The three numbers with one of them made in another way from (numbers, model, q1, q2)."""

    def wrong(model, q1, q2):
        numbers = list(three_numbers(model, q1, q2))
        numbers[which] = how(numbers, model, q1, q2)
        return tuple(numbers)

    return wrong


def _turned(numbers, model, q1, q2):
    one, two = (Gamma.of(*rate_given(y, model.a, model.b)) for y in model.y.values())
    return kl(one, q1) + kl(two, q2)


def _to_prior(numbers, model, q1, q2):
    prior = Gamma.of(model.a, model.b)
    return kl(q1, prior) + kl(q2, prior)


LEDGER = Exercise(
    id="10.5",
    title="a ledger that holds",
    minutes=15,
    star=False,
    inputs=lambda rng, i: (PAGE, Q1, Q2),
    right=three_numbers,
    judge=judge_ledger,
    mistakes={
        SUBTRACTED: _changed(2, lambda n, model, q1, q2: n[0] - n[1]),
        ADDED: _changed(0, lambda n, model, q1, q2: n[1] + n[2]),
        UNTOUCHED: _changed(1, lambda n, model, q1, q2: n[0] - n[2]),
        TURNED: _changed(2, _turned),
        TO_PRIOR: _changed(2, _to_prior),
    },
    hints=(
        "log p(y): 10.3, once for each group. The posterior's two gammas: 10.2.",
        "elbo(model, q) with q = Factorised(model, rate1=q1, rate2=q2); KLs of blocks add up.",
        "Start with the evidence: the sum of log_evidence(y, model.a, model.b) over both y.",
    ),
)

EXERCISES = (MODEL, LEDGER)
