"""Priors of the variance tau**2 of a hierarchy: what a model needs of them, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.families import Distribution
from vi_lab.families import InverseGamma as InverseGammaFamily
from vi_lab.numerics import special


@dataclass(frozen=True, init=False)
class HalfCauchy:
    """tau ~ HalfCauchy(scale): p(tau) = 2 / (pi scale (1 + tau**2 / scale**2)), tau > 0.

    The same as tau**2 | rate ~ InverseGamma(1/2, rate) with rate ~ Gamma(1/2, 1/scale**2), whose
    1/rate is the auxiliary inverse gamma variable of Wand et al. (2011, result 5).
    """

    scale: float

    @public
    def __init__(self, scale: float) -> None:
        object.__setattr__(self, "scale", checks.positive("scale", scale))

    @property
    def log_location(self) -> float:
        """log tau**2 where the prior has its middle."""
        return float(2.0 * np.log(self.scale))

    def log_density(self, s: Any) -> Any:
        """log p(s) for s = log tau**2: the density of tau times dtau/ds = tau / 2."""
        odds = s - self.log_location
        return 0.5 * odds - np.log(np.pi) - np.logaddexp(0.0, odds)

    def moment_limit(self, groups: int) -> float:
        """E[tau**(2 k) | y] is finite for k below this: the posterior falls like
        tau**-(groups + 2)."""
        return 0.5 * (groups + 1.0)


@dataclass(frozen=True, init=False)
class InverseGamma:
    """tau**2 ~ InverseGamma(a0, b0), of shape a0 and scale b0.

    `InverseGamma.of(shape, scale)` is a distribution, to make a q by hand.
    """

    a0: float
    b0: float

    @public
    def __init__(self, a0: float, b0: float) -> None:
        object.__setattr__(self, "a0", checks.positive("a0", a0))
        object.__setattr__(self, "b0", checks.positive("b0", b0))

    @staticmethod
    @public
    def of(shape: Any, scale: Any) -> Distribution:
        """InverseGamma(shape, scale) as a distribution; both broadcast to (*batch, *plates)."""
        return InverseGammaFamily.of(shape=shape, scale=scale)

    @property
    def log_location(self) -> float:
        """log tau**2 where the prior has its middle."""
        return float(np.log(self.b0 / self.a0))

    def log_density(self, s: Any) -> Any:
        """log p(s) for s = log tau**2."""
        log_normaliser = special.gammaln(self.a0) - self.a0 * np.log(self.b0)
        with np.errstate(over="ignore"):  # exp(-s) = inf is a density of 0
            return -self.a0 * s - self.b0 * np.exp(-s) - log_normaliser

    def moment_limit(self, groups: int) -> float:
        """E[tau**(2 k) | y] is finite for k below this."""
        return self.a0 + 0.5 * groups
