"""Mistakes in families."""

import numpy as np

from vi_lab import Categorical, Dirichlet, Gamma, Normal, NormalWishart
from vi_lab.families import NormalStats


class NoJacobian(Gamma):
    def from_real(self, y):
        return (*super().from_real(y)[:2], 0.0)


class PullbackWithoutJacobian(Gamma):
    def stats_pullback(self, y, stats, eta):
        return super().stats_pullback(y, stats, eta) - 1.0


class DirichletPullbackOfItsOwnCoordinateAlone(Dirichlet):
    """d log pi_k/dy_j is -pi_j for every other k, too."""

    def stats_pullback(self, y, stats, eta):
        return ((eta.log + 1.0) * (1.0 - np.exp(stats.log)))[..., :-1]


class PrecisionPullbackWithoutTheLogs(NormalWishart):
    """The diagonal of L is there by its logs."""

    def stats_pullback(self, y, stats, eta):
        slopes = super().stats_pullback(y, stats, eta)
        slopes[..., self.size] /= np.exp(y[..., self.size])
        return slopes


class OneDrawForAll(Gamma):
    """Draws as many as eta has and lets them stand for the rest: right while eta has every axis."""

    def sample(self, rng, eta, shape):
        draws = super().sample(rng, eta, self.lead_shape(eta))
        return np.array(np.broadcast_to(draws, shape))


class RateForScale(Gamma):
    def sample(self, rng, eta, shape):
        return super().sample(rng, eta, shape) * eta.value**2


class WritesToEta(Gamma):
    def sample(self, rng, eta, shape):
        np.negative(eta.value, out=eta.value, where=eta.value > 0)
        np.multiply(eta.value, 1 + 1e-9, out=eta.value)
        return super().sample(rng, eta, shape)


class SdForVariance(Normal):
    def expected_stats(self, eta):
        variance = -0.5 / eta.square
        mean = eta.value * variance
        return NormalStats(mean, mean**2 + np.sqrt(variance))


class EntropySign(Normal):
    def entropy(self, eta, expected=None):
        return super().entropy(eta, expected) - 1.0  # log(2 pi v)/2 - 1/2


class PicksTheImpossible(Categorical):
    def sample(self, rng, eta, shape):
        sums = np.exp(eta.indicator).cumsum(-1)
        uniform = rng.random((*shape, 1)) * sums[..., -1:]
        return (uniform > sums[..., :-1]).sum(-1) + self.support[0]  # > where >= is needed


class DirichletWithoutJacobian(Dirichlet):
    def from_real(self, y):
        z, stats, log_jacobian = super().from_real(y)
        return z, stats, np.zeros_like(log_jacobian)


class DirichletJacobianOfAllButTheLast(Dirichlet):
    """The determinant is the product of all K probabilities, not of the first K - 1."""

    def from_real(self, y):
        z, stats, _ = super().from_real(y)
        return z, stats, stats.log[..., :-1].sum(-1)


class BartlettOffByOne(NormalWishart):
    """Chi-squares of nu - 1, nu - 2, ... degrees where nu, nu - 1, ... are right."""

    def sample(self, rng, eta, shape):
        return super().sample(rng, eta._replace(log_det=eta.log_det - 0.5), shape)


class MeanWithoutBeta(NormalWishart):
    """mu | Lambda drawn with precision Lambda, beta forgotten."""

    def sample(self, rng, eta, shape):
        z = super().sample(rng, eta, shape)
        centre = self.parameters(eta)["mean"]
        beta = np.asarray(-2.0 * eta.quadratic)
        return z._replace(mean=centre + (z.mean - centre) * np.sqrt(beta)[..., None])
