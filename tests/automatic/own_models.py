"""Three models of one's own, without a line of posterior code."""

from itertools import pairwise

import numpy as np
from scipy.special import gammaln, log_ndtr
from scipy.stats import norm

from vi_lab import Block, Categorical, Gamma, Model
from vi_lab.families import CategoricalStats, GammaStats


class TwoGroups(Model):
    """scale ~ Gamma(1, 1), rate_g ~ Gamma(2, scale), counts_gi ~ Poisson(rate_g)."""

    counts = np.array([[3, 5, 4], [9, 12, 8]])

    def __init__(self):
        self.total, self.n = self.counts.sum(1), self.counts.shape[1]
        self.blocks = {"rate": Block(Gamma(), self.rate_given, plates=(2,)),
                       "scale": Block(Gamma(), self.scale_given)}  # fmt: skip

    def log_joint(self, t):
        rate, scale = t["rate"], t["scale"]
        each = (self.total + 1) * rate.log - (self.n + scale.value[..., None]) * rate.value
        return each.sum(-1) + 4 * scale.log - scale.value - gammaln(self.counts + 1).sum()

    def rate_given(self, t):
        return GammaStats(self.total + 1.0, -self.n - t["scale"].value[..., None])

    def scale_given(self, t):
        return GammaStats(4.0, -1.0 - t["rate"].value.sum(-1))

    def sample_latents(self, rng, batch=()):
        scale = rng.gamma(1.0, size=batch)
        return {"scale": scale, "rate": rng.gamma(2.0, size=(*batch, 2)) / scale[..., None]}


class Probit:
    """z ~ N(0, 4 I), y_i = sign(x_i' z + noise)."""

    dimension = 2
    X = np.array([[1.0, -1.0], [1.0, -0.2], [1.0, 0.3], [1.0, 1.1], [1.0, 0.5]])
    y = np.array([-1.0, 1.0, -1.0, 1.0, 1.0])

    def log_density(self, z):
        return log_ndtr(self.y * (z @ self.X.T)).sum(-1) - (z * z).sum(-1) / 8 - np.log(8 * np.pi)

    def sample_latents(self, rng, batch=()):
        return {"z": 2.0 * rng.standard_normal((*batch, 2))}


class Switching(Model):
    """A state of two, which stays with probability 0.8 or 0.7, seen through noise ten times."""

    y = np.array([0.1, -0.3, 0.4, 2.1, 1.7, 2.5, 0.2, -0.5, 0.3, 1.9])
    A = np.log([[0.8, 0.2], [0.3, 0.7]])

    def __init__(self, steps=10):
        self.n, self.y = steps, np.resize(self.y, steps)
        first = np.arange(steps)[:, None] == 0
        self.seen = norm.logpdf(self.y[:, None], [0.0, 2.0]) + np.log(0.5) * first
        self.blocks = {
            f"z{i}": Block(Categorical(2), lambda t, i=i: self.given(t, i)) for i in range(steps)
        }

    def log_joint(self, t):
        z = [t[f"z{i}"].indicator for i in range(self.n)]
        steps = sum(((one @ self.A) * two).sum(-1) for one, two in pairwise(z))
        return steps + sum(z[i] @ self.seen[i] for i in range(self.n))

    def given(self, t, i):
        before = t[f"z{i - 1}"].indicator @ self.A if i else 0.0
        after = t[f"z{i + 1}"].indicator @ self.A.T if i < self.n - 1 else 0.0
        return CategoricalStats(self.seen[i] + before + after)

    def sample_latents(self, rng, batch=()):
        return {name: rng.integers(2, size=batch) for name in self.blocks}
