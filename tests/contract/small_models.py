"""Models of a few lines with awkward shapes, dropped into the same contract as the real ones."""

import numpy as np
from scipy import special, stats

from tests.contract.oracles import log_q, nodes_under
from vi_lab import Block, Categorical, Gamma, InputError, Model, MultivariateNormal, Normal
from vi_lab.families import CategoricalStats, GammaStats, MultivariateNormalStats, NormalStats
from vi_lab.numerics.arithmetic import times
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import Exact


class Tabulated:
    """A posterior of one block, by scipy.stats and sums; the KL by quadrature under q."""

    def __init__(self, name, log_density, draw, mean, sd):
        self.name, self._log_density, self._draw = name, log_density, draw
        self.mean, self.sd = {name: mean}, {name: sd}

    def log_density(self, values):
        return self._log_density(np.asarray(values[self.name]))

    def sample(self, rng, n):
        return {self.name: self._draw(rng, n)}

    def kl_from(self, q):
        values, weights = nodes_under(q)
        terms = weights * (log_q(q, values) - self.log_density(values))
        return Estimate(float(terms.sum()), 1e-9 * float(np.abs(terms).sum()), "quadrature")


class PoissonRate(Model):
    """rate ~ Gamma(a, b); y_i ~ Poisson(rate). Its one conditional has no batch axis."""

    no_exact_because = None

    def __init__(self, y, a, b):
        self.y, self.a, self.b = np.asarray(y), a, b
        self.blocks = {"rate": Block(Gamma(), self.conditional)}

    def log_joint(self, stats):
        rate = stats["rate"]
        prior = self.a * np.log(self.b) - special.gammaln(self.a)
        prior = prior + (self.a - 1) * rate.log - self.b * rate.value
        data = self.y.sum() * rate.log - len(self.y) * rate.value
        return prior + data - special.gammaln(self.y + 1).sum()

    def conditional(self, stats):
        return GammaStats(self.a - 1 + self.y.sum(), -self.b - float(len(self.y)))

    def sample_latents(self, rng, batch=()):
        return {"rate": rng.gamma(self.a, 1 / self.b, batch)}

    def sample_data(self, rng, values):
        return PoissonRate(rng.poisson(values["rate"], len(self.y)), self.a, self.b)

    def exact_posterior(self):
        """The evidence one observation at a time: each is negative binomial given those before."""
        a, b, evidence = self.a, self.b, 0.0
        for y in self.y:
            evidence += stats.nbinom.logpmf(y, a, b / (b + 1))
            a, b = a + y, b + 1
        p = stats.gamma(a, scale=1 / b)
        posterior = Tabulated(
            "rate", p.logpdf, lambda rng, n: p.rvs(n, random_state=rng), p.mean(), p.std()
        )
        return Exact(self, float(evidence), 1e-12, "closed form", posterior)


class KnownMixture(Model):
    """z_i ~ Categorical(weights); x_i ~ N(centres[z_i], 1). Plates, no batch axis."""

    no_exact_because = None

    def __init__(self, x, weights, centres):
        self.x, self.weights, self.centres = np.asarray(x), np.asarray(weights), np.asarray(centres)
        with np.errstate(divide="ignore"):
            prior = np.log(self.weights)
        self.table = prior + stats.norm.logpdf(self.x[:, None], self.centres)
        family = Categorical(len(self.weights))
        self.blocks = {"z": Block(family, self.conditional, plates=self.x.shape)}

    def log_joint(self, stats):
        return times(stats["z"].indicator, self.table).sum((-2, -1))

    def conditional(self, stats):
        return CategoricalStats(self.table)

    def sample_latents(self, rng, batch=()):
        return {"z": rng.choice(len(self.weights), size=(*batch, *self.x.shape), p=self.weights)}

    def sample_data(self, rng, values):
        x = rng.normal(self.centres[values["z"]], 1.0)
        return KnownMixture(x, self.weights, self.centres)

    def exact_posterior(self):
        p = special.softmax(self.table, axis=1)
        labels = np.arange(len(self.x))

        def log_density(z):
            with np.errstate(divide="ignore"):
                return np.log(p)[labels, z].sum(-1)

        def draw(rng, n):
            return np.stack([rng.choice(p.shape[1], size=n, p=row) for row in p], axis=-1)

        evidence = special.logsumexp(self.table, axis=1).sum()
        posterior = Tabulated("z", log_density, draw, p, None)
        return Exact(self, float(evidence), 1e-12, "enumeration", posterior)


class StudentLocation(Model):
    """mu ~ N(0, s^2); w_i ~ Gamma(nu/2, nu/2), auxiliary; x_i ~ N(mu, 1/w_i): Student's t."""

    no_exact_because = "the posterior of a Student location has no closed form"

    def __init__(self, x, s, nu):
        self.x, self.s, self.nu = np.asarray(x), s, nu
        self.blocks = {
            "mu": Block(Normal(), self.mu_given_w),
            "w": Block(Gamma(), self.w_given_mu, plates=self.x.shape, auxiliary=True),
        }

    def log_joint(self, stats):
        mu, w, half = stats["mu"], stats["w"], 0.5 * self.nu
        prior = -0.5 * mu.square / self.s**2 - 0.5 * np.log(2 * np.pi * self.s**2)
        weights = half * np.log(half) - special.gammaln(half) + (half - 1) * w.log - half * w.value
        data = 0.5 * (w.log - np.log(2 * np.pi) - w.value * self.squares(mu))
        return prior + (weights + data).sum(-1)

    def squares(self, mu):
        value, square = np.asarray(mu.value)[..., None], np.asarray(mu.square)[..., None]
        return self.x**2 - 2 * self.x * value + square

    def mu_given_w(self, stats):
        w = stats["w"].value
        return NormalStats(w @ self.x, -0.5 * (w.sum(-1) + self.s**-2.0))

    def w_given_mu(self, stats):
        half = 0.5 * self.nu
        return GammaStats(half - 0.5, -half - 0.5 * self.squares(stats["mu"]))

    def sample_latents(self, rng, batch=()):
        w = rng.gamma(0.5 * self.nu, 2 / self.nu, (*batch, *self.x.shape))
        return {"mu": rng.normal(0, self.s, batch), "w": w}

    def sample_data(self, rng, values):
        return StudentLocation(rng.normal(values["mu"], values["w"] ** -0.5), self.s, self.nu)


class SplitVector(Model):
    """z ~ N(0, cov) in 4-D, as the blocks `z.even` and `z.odd` of the one latent `z`."""

    generative = False
    no_exact_because = "it is not written down"

    def __init__(self, cov):
        self.precision = np.linalg.inv(cov)
        self.log_normaliser = 0.5 * np.linalg.slogdet(2 * np.pi * np.asarray(cov))[1]
        self.blocks = {
            "z.even": Block(MultivariateNormal(2), lambda stats: self.given(stats, 0)),
            "z.odd": Block(MultivariateNormal(2), lambda stats: self.given(stats, 1)),
        }

    def log_joint(self, stats):
        even, odd, p = stats["z.even"], stats["z.odd"], self.precision
        own = (p[::2, ::2] * even.outer).sum((-2, -1)) + (p[1::2, 1::2] * odd.outer).sum((-2, -1))
        between = ((even.value @ p[::2, 1::2]) * odd.value).sum(-1)
        return -0.5 * own - between - self.log_normaliser

    def given(self, stats, odd):
        other = stats["z.even" if odd else "z.odd"].value
        own = slice(odd, None, 2)
        pull = -other @ self.precision[slice(1 - odd, None, 2), own]
        return MultivariateNormalStats(pull, -0.5 * self.precision[own, own])

    def sample_latents(self, rng, batch=()):
        return {name: 2 * rng.standard_normal((*batch, 2)) for name in self.blocks}

    def latents(self, values):
        if len(values) < 2:
            raise InputError("z needs both of its blocks")
        return {"z": np.stack([values["z.even"], values["z.odd"]], -1).reshape(
            *np.shape(values["z.even"])[:-1], 4)}  # fmt: skip
