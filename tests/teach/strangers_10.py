"""What readers of lesson 10 answered who had not seen the answers: wrong answers and right ones.

Each is written from the learner's notebook alone; the key says what went through the reader's head.
"""

import math
from types import SimpleNamespace

import numpy as np
from scipy import integrate, special, stats
from scipy.special import gammaln

from vi_lab import Block, Factorised, Gamma, Model, elbo, kl
from vi_lab.families import GammaStats


def of_group(y, rate, a, b):
    """The log joint of one group."""
    counts = np.sum(y) * np.log(rate) - len(y) * rate - np.sum(gammaln(y + 1))
    return counts + a * np.log(b) - gammaln(a) + (a - 1) * np.log(rate) - b * rate


def both(y1, y2, rate1, rate2, a, b):
    return of_group(y1, rate1, a, b) + of_group(y2, rate2, a, b)


def by_scipy(y1, y2, rate1, rate2, a, b):
    data = [*stats.poisson.logpmf(y1, rate1), *stats.poisson.logpmf(y2, rate2)]
    return math.fsum([*data, *stats.gamma.logpdf([rate1, rate2], a, scale=1 / b)])


def multiplied_out(y1, y2, rate1, rate2, a, b):
    """Right: posterior times evidence, for each group."""
    total = 0.0
    for y, rate in ((y1, rate1), (y2, rate2)):
        total += stats.gamma.logpdf(rate, a + np.sum(y), scale=1 / (b + np.size(y)))
        total += in_turn(y, a, b)
    return [total]


def in_turn(y, a, b):
    """Right: each count given those before it."""
    total = 0.0
    for count in y:
        total += stats.nbinom.logpmf(count, a, b / (b + 1))
        a, b = a + count, b + 1
    return total


def sum_and_split(y, a, b):
    """Right: the sum is negative binomial, the split of it multinomial."""
    y, n = np.asarray(y), len(y)
    of_sum = stats.nbinom.logpmf(y.sum(), a, b / (b + n))
    return of_sum + stats.multinomial.logpmf(y, y.sum(), np.full(n, 1 / n))


def joint_over_posterior(y, a, b):
    """Right: Bayes' rule at one rate."""
    return of_group(y, 1.0, a, b) - stats.gamma.logpdf(1.0, a + np.sum(y), scale=1 / (b + len(y)))


def by_quad(y, a, b):
    """Right: the integral over the logarithm of the rate."""
    peak = np.log((a + np.sum(y)) / (b + len(y)))
    top = of_group(y, np.exp(peak), a, b) + peak
    value, _ = integrate.quad(
        lambda u: np.exp(of_group(y, np.exp(u), a, b) + u - top),
        peak - 40 / a,
        peak + 12,
        points=[peak],
        limit=500,
        epsabs=0,
        epsrel=1e-11,
    )
    return top + np.log(value)


def one_by_one(y, a, b):
    for count in y:
        a, b = a + count, b + 1
    return [a, b]


class Page(Model):
    """The page that the lesson asks for, its steps one by one, so that one can be wrong."""

    def __init__(self, y1, y2, a, b):
        super().__init__()
        self.y = {"rate1": np.asarray(y1), "rate2": np.asarray(y2)}
        self.a, self.b = a, b
        self.blocks = {name: Block(Gamma(), self.rule(name)) for name in self.y}

    def rule(self, name):
        return lambda stats: self.natural(self.y[name])

    def natural(self, y):
        return GammaStats(self.a + y.sum() - 1, -(self.b + len(y)))

    def of(self, stats, name):
        y, log, value = self.y[name], stats[name].log, stats[name].value
        prior = self.a * np.log(self.b) - gammaln(self.a) + (self.a - 1) * log - self.b * value
        return prior + y.sum() * log - len(y) * value - gammaln(y + 1).sum()

    def log_joint(self, stats):
        return self.of(stats, "rate1") + self.of(stats, "rate2")

    def sample_latents(self, rng, batch=()):
        return {name: rng.gamma(self.a, 1 / self.b, batch) for name in self.y}


class NotMinusOne(Page):
    def natural(self, y):
        return GammaStats(self.a + y.sum(), -(self.b + len(y)))


class RatePositive(Page):
    def natural(self, y):
        return GammaStats(self.a + y.sum() - 1, self.b + len(y))


class RateAsScale(Page):
    def natural(self, y):
        return GammaStats(self.a + y.sum() - 1, -1 / (self.b + len(y)))


class OneDatum(Page):
    def natural(self, y):
        return GammaStats(self.a + y.sum() - 1, -(self.b + 1))


class MeanForSum(Page):
    def natural(self, y):
        return GammaStats(self.a + y.mean() - 1, -(self.b + len(y)))


class NoPriorInConditionals(Page):
    def natural(self, y):
        return GammaStats(y.sum(), -1.0 * len(y))


class GroupsExchanged(Page):
    def rule(self, name):
        other = "rate2" if name == "rate1" else "rate1"
        return lambda stats: self.natural(self.y[other])


class OneGroupTwice(Page):
    def rule(self, name):
        return lambda stats: self.natural(self.y["rate1"])


class LikelihoodAlone(Page):
    def of(self, stats, name):
        y = self.y[name]
        return y.sum() * stats[name].log - len(y) * stats[name].value - gammaln(y + 1).sum()


class PriorAlone(Page):
    def of(self, stats, name):
        log, value = stats[name].log, stats[name].value
        return self.a * np.log(self.b) - gammaln(self.a) + (self.a - 1) * log - self.b * value


class OneGroupInTheJoint(Page):
    def log_joint(self, stats):
        return self.of(stats, "rate1")


class LogOfTheValue(Page):
    """The log of the mean in the place of the statistic log."""

    def of(self, stats, name):
        seen = {name: SimpleNamespace(log=np.log(stats[name].value), value=stats[name].value)}
        return super().of(seen, name)


class PriorOfScaleB(Page):
    def sample_latents(self, rng, batch=()):
        return {name: rng.gamma(self.a, self.b, batch) for name in self.y}


class NoBatch(Page):
    def sample_latents(self, rng, batch=()):
        return {name: rng.gamma(self.a, 1 / self.b) for name in self.y}


class OneRateForBoth(Page):
    def sample_latents(self, rng, batch=()):
        rate = rng.gamma(self.a, 1 / self.b, batch)
        return {name: rate for name in self.y}


class OtherNames(Page):
    def __init__(self, y1, y2, a, b):
        super().__init__(y1, y2, a, b)
        self.blocks = {f"group{i}": block for i, block in enumerate(self.blocks.values())}


class OneBlock(Page):
    def __init__(self, y1, y2, a, b):
        super().__init__(y1, y2, a, b)
        del self.blocks["rate2"]


class NoDraws(Page):
    sample_latents = None


class Unfinished(Model):
    """Right names, nothing in them."""


class WithoutConstants(Page):
    """Right for validate, which cannot see a constant."""

    def of(self, stats, name):
        y = self.y[name]
        power, rate = self.a + y.sum() - 1, self.b + len(y)
        return power * stats[name].log - rate * stats[name].value


class InOneGo(Model):
    """Right: everything written out, no helper."""

    def __init__(self, y1, y2, a, b):
        super().__init__()
        self.y1, self.y2, self.a, self.b = y1, y2, a, b
        eta1 = GammaStats(a + sum(y1) - 1, -b - len(y1))
        eta2 = GammaStats(a + sum(y2) - 1, -b - len(y2))
        self.blocks = {
            "rate1": Block(Gamma(), lambda stats: eta1),
            "rate2": Block(Gamma(), lambda stats: eta2),
        }
        self.constant = sum(
            a * math.log(b) - math.lgamma(a) - sum(math.lgamma(c + 1) for c in y) for y in (y1, y2)
        )

    def log_joint(self, stats):
        total = self.constant
        for name, y in (("rate1", self.y1), ("rate2", self.y2)):
            total = total + (self.a + sum(y) - 1) * stats[name].log
            total = total - (self.b + len(y)) * stats[name].value
        return total

    def sample_latents(self, rng, batch=()):
        rates = rng.gamma(self.a, 1 / self.b, (2, *batch))
        return {"rate1": rates[0], "rate2": rates[1]}


def posterior(model, name):
    return Gamma.of(model.a + np.sum(model.y[name]), model.b + len(model.y[name]))


def log_p(model):
    return sum(in_turn(y, model.a, model.b) for y in model.y.values())


def bound(model, q1, q2):
    return elbo(model, Factorised(model, rate1=q1, rate2=q2))


def both_kls(model, q1, q2):
    return kl(q1, posterior(model, "rate1")) + kl(q2, posterior(model, "rate2"))


def of_three(change):
    """An answer made of the right three numbers, changed."""
    return lambda model, q1, q2: change(log_p(model), bound(model, q1, q2), both_kls(model, q1, q2))


def reversed_kl(model, q1, q2):
    there = kl(posterior(model, "rate1"), q1) + kl(posterior(model, "rate2"), q2)
    return log_p(model), bound(model, q1, q2), there


def to_the_prior(model, q1, q2):
    prior = Gamma.of(model.a, model.b)
    return log_p(model), bound(model, q1, q2), kl(q1, prior) + kl(q2, prior)


def one_evidence(model, q1, q2):
    first = in_turn(model.y["rate1"], model.a, model.b)
    return first, bound(model, q1, q2), both_kls(model, q1, q2)


def posteriors_exchanged(model, q1, q2):
    there = kl(q1, posterior(model, "rate2")) + kl(q2, posterior(model, "rate1"))
    return log_p(model), bound(model, q1, q2), there


def n_forgotten(model, q1, q2):
    there = sum(
        kl(q, Gamma.of(model.a + np.sum(y), model.b + 1))
        for q, y in zip((q1, q2), model.y.values(), strict=True)
    )
    return log_p(model), bound(model, q1, q2), there


def no_factorials(model, q1, q2):
    lost = sum(gammaln(y + 1).sum() for y in model.y.values())
    return log_p(model) + lost, bound(model, q1, q2), both_kls(model, q1, q2)


def by_hand(model, q1, q2):
    """Right: three routes without a function of the package."""
    top, entropy, apart = 0.0, 0.0, 0.0
    for q, y in zip((q1, q2), model.y.values(), strict=True):
        c, d = q.parameters["shape"], q.parameters["rate"]
        A, B = model.a + np.sum(y), model.b + len(y)
        own = stats.gamma(c, scale=1 / d).entropy()
        top, entropy = top + sum_and_split(y, model.a, model.b), entropy + own
        log_rate = special.digamma(c) - np.log(d)
        apart -= own + A * np.log(B) - gammaln(A) + (A - 1) * log_rate - B * c / d
    return [top, expected_log_joint(model, q1, q2) + entropy, apart]


def expected_log_joint(model, q1, q2):
    """The model's own log joint at the averages of q."""
    return float(
        model.log_joint(
            {
                name: GammaStats(
                    special.digamma(q.parameters["shape"]) - np.log(q.parameters["rate"]),
                    q.parameters["shape"] / q.parameters["rate"],
                )
                for name, q in (("rate1", q1), ("rate2", q2))
            }
        )
    )


WRONG = {
    "10.2": {
        "the sum in both": ("a + np.sum(y)", "b + np.sum(y)"),
        "the mean alone": "(a + np.sum(y)) / (b + len(y))",
    },
    "10.4": {
        "the shape, not less one": NotMinusOne,
        "minus forgotten": RatePositive,
        "a scale": RateAsScale,
        "one datum": OneDatum,
        "a mean": MeanForSum,
        "conditionals without the prior": NoPriorInConditionals,
        "groups exchanged": GroupsExchanged,
        "one group twice": OneGroupTwice,
        "a log joint without the prior": LikelihoodAlone,
        "a log joint without the data": PriorAlone,
        "one group in the log joint": OneGroupInTheJoint,
        "log of the value": LogOfTheValue,
        "draws of another prior": PriorOfScaleB,
        "draws without a batch": NoBatch,
        "one rate for both": OneRateForBoth,
        "other names": OtherNames,
        "one block": OneBlock,
        "no draws": NoDraws,
        "no constants": WithoutConstants,
        "nothing written": Unfinished,
    },
    "10.5": {
        "a KL by subtraction": of_three(lambda top, low, apart: (top, low, top - low)),
        "an ELBO by subtraction": of_three(lambda top, low, apart: (top, top - apart, apart)),
        "an evidence by addition": of_three(lambda top, low, apart: (low + apart, low, apart)),
        "the KL the other way": reversed_kl,
        "the KL to the prior": to_the_prior,
        "one group's KL": (
            "log_p(model)",
            "bound(model, q1, q2)",
            'kl(q1, posterior(model, "rate1"))',
        ),
        "one group's evidence": one_evidence,
        "posteriors exchanged": posteriors_exchanged,
        "blocks exchanged": ("log_p(model)", "bound(model, q2, q1)", "both_kls(model, q1, q2)"),
        "n forgotten": n_forgotten,
        "no factorials": no_factorials,
        "another order": of_three(lambda top, low, apart: (top, apart, low)),
        "minus the ELBO": of_three(lambda top, low, apart: (top, -low, apart)),
        "minus the KL": of_three(lambda top, low, apart: (top, low, -apart)),
        "two numbers": of_three(lambda top, low, apart: (low, apart)),
        "p(y), no log": of_three(lambda top, low, apart: (np.exp(top), low, apart)),
    },
}

RIGHT = {
    "10.1": {
        "scipy": by_scipy,
        "posterior times evidence": multiplied_out,
        "terms": both,
    },
    "10.2": {
        "one by one": one_by_one,
        "an array": "np.add([a, b], [np.sum(y), np.size(y)])",
    },
    "10.3": {
        "each given those before": in_turn,
        "sum and split": sum_and_split,
        "Bayes at one": joint_over_posterior,
        "an integral": by_quad,
    },
    "10.4": {
        "helpers": Page,
        "in one go": InOneGo,
    },
    "10.5": {
        "the package's": of_three(lambda *three: three),
        "by hand": by_hand,
    },
}

FAR = {
    "10.1": [
        "by_scipy(y1, y2, rate1, rate2, a, 1 / b) / 2",
    ],
    "10.2": [
        ("a * np.sum(y)", "b * len(y)"),
        ("a + np.sum(y) + 1", "b + len(y) + 1"),
        ("np.mean(y)", "np.var(y)"),
    ],
    "10.3": [
        "gammaln(a + np.sum(y)) - gammaln(a)",
    ],
    "10.5": [
        of_three(lambda top, low, apart: (top, low, 0.0)),
        of_three(lambda top, low, apart: (top, top, apart)),
        of_three(lambda top, low, apart: (top / 2, low / 2, apart / 2)),
        of_three(lambda top, low, apart: (-top, -low, -apart)),
        of_three(lambda top, low, apart: top - low - apart),
    ],
}
