"""Priors of the variance tau**2 of a hierarchy: what a model needs of them, and no more."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public, short_repr
from vi_lab.errors import InputTypeError
from vi_lab.families import Distribution, GammaStats
from vi_lab.families import InverseGamma as InverseGammaFamily
from vi_lab.numerics.line_density import log_gamma_of_log


@dataclass(frozen=True, init=False)
class HalfCauchy:
    """tau ~ HalfCauchy(scale): p(tau) = 2 / (pi scale (1 + tau**2 / scale**2)), tau > 0.

    The same as tau**2 | rate ~ InverseGamma(1/2, rate) with rate ~ Gamma(1/2, 1/scale**2), whose
    1/rate is the auxiliary inverse gamma variable of Wand et al. (2011, result 5).
    """

    scale: float
    shape: ClassVar[float] = 0.5  # of tau**2 given the rate
    no_expansion_because: ClassVar[None] = None

    @public
    def __init__(self, scale: float) -> None:
        object.__setattr__(self, "scale", checks.positive("scale", scale))

    @cached_property
    def prior_rate(self) -> float:
        """1/scale**2, the rate of the gamma prior of the auxiliary rate."""
        return self.scale**-2.0

    @property
    def log_location(self) -> float:
        """log tau**2 where the prior has its middle."""
        return float(2.0 * np.log(self.scale))

    def log_density(self, s: Any) -> Any:
        """log p(s) for s = log tau**2: the density of tau times dtau/ds = tau / 2."""
        odds = s - self.log_location
        return 0.5 * odds - np.log(np.pi) - np.logaddexp(0.0, odds)

    def scale_at(self, tau2: float) -> float:
        """The mean of the auxiliary rate given tau2: the scale of tau2 given it."""
        return 1.0 / (self.prior_rate + 1.0 / tau2)

    def moment_limit(self, groups: int) -> float:
        """E[tau**(2 k) | y] is finite for k below this: the posterior falls like
        tau**-(groups + 2)."""
        return 0.5 * (groups + 1.0)

    def sample(self, rng: np.random.Generator, batch: tuple[int, ...]) -> dict[str, Any]:
        """tau2 and its rate, (*batch,) each."""
        rate = rng.standard_gamma(0.5, batch) / self.prior_rate
        return {"tau2": rate / rng.standard_gamma(0.5, batch), "rate": rate}


@dataclass(frozen=True, init=False)
class InverseGamma:
    """tau**2 ~ InverseGamma(a0, b0), of shape a0 and scale b0.

    `InverseGamma.of(shape, scale)` is a distribution, to make a q by hand.
    """

    a0: float
    b0: float
    no_expansion_because: ClassVar[str] = (
        "tau as a normal variable times the root of an inverse gamma one is half-Cauchy, and this "
        "model has an InverseGamma prior of tau**2"
    )

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
    def shape(self) -> float:
        """The shape a0 of tau**2, by the name that both priors share."""
        return self.a0

    @cached_property
    def scale_statistics(self) -> GammaStats:
        """log b0 and b0, in the form of the auxiliary rate's statistics."""
        return GammaStats(np.log(self.b0), self.b0)

    @property
    def log_location(self) -> float:
        """log tau**2 where the prior has its middle."""
        return float(np.log(self.b0 / self.a0))

    def log_density(self, s: Any) -> Any:
        """log p(s) for s = log tau**2: 1/tau**2, of log -s, is Gamma(a0, b0)."""
        return log_gamma_of_log(self.a0, self.b0)(np.negative(s))

    def scale_at(self, tau2: float) -> float:
        """The scale of tau2, whatever tau2 is."""
        return self.b0

    def moment_limit(self, groups: int) -> float:
        """E[tau**(2 k) | y] is finite for k below this."""
        return self.a0 + 0.5 * groups

    def sample(self, rng: np.random.Generator, batch: tuple[int, ...]) -> dict[str, Any]:
        """tau2, (*batch,)."""
        return {"tau2": self.b0 / rng.standard_gamma(self.a0, batch)}


def require_prior(name: str, value: Any, *kinds: type) -> Any:
    """The prior itself; InputTypeError unless it is of one of these kinds."""
    if not isinstance(value, kinds):
        needed = " or ".join(f"{k.__name__}({', '.join(f.name for f in fields(k))})" for k in kinds)
        raise InputTypeError(f"{name}: needs {needed} of vi_lab, got {short_repr(value)}")
    return value
