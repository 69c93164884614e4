"""The truth: a normalised posterior in its own form, with its log evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from vi_lab import checks
from vi_lab.errors import InputError, InputTypeError
from vi_lab.families import Distribution
from vi_lab.results.base import Estimate, Posterior, refuse_nominal, unwrapped


class PosteriorDensity(Protocol):
    """The normalised posterior in its own form, as a model file writes it.

    None of these may be got from the log joint minus the log evidence: that would be the identity
    used to prove itself.
    """

    mean: Mapping[str, Any]
    sd: Mapping[str, Any]

    def log_density(self, values: Mapping[str, Any]) -> Any:
        """log p(z | x) at latents, shape (*batch,)."""

    def sample(self, rng: np.random.Generator, n: int) -> Mapping[str, Any]:
        """n joint draws of the block values, each (n, ...)."""

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """KL[q || p(z | x)] in nats for a q that factorises over the blocks, shape (*batch,)."""


@dataclass(frozen=True, eq=False, repr=False)
class Exact(Posterior):
    """The truth: log evidence, the normalised posterior, its moments and independent draws.

    Attributes
    ----------
    log_evidence : float
        log p(x) in nats.
    log_evidence_error : float
        Its numerical error.
    route : str
        How it was had: closed form, enumeration or quadrature.
    posterior : PosteriorDensity
    """

    model: Any
    log_evidence: float
    log_evidence_error: float
    route: str
    posterior: PosteriorDensity
    seconds: float = 0.0
    method: str = "exact"

    @property
    def names(self) -> tuple[str, ...]:
        latents = self.model.sources
        return tuple(name for name in self.posterior.mean if name in latents)

    def mean(self, name: str) -> Any:
        checks.known("name", name, self.posterior.mean)
        return unwrapped(self.posterior.mean[name])

    def sd(self, name: str) -> Any:
        checks.known("name", name, self.posterior.mean)
        refuse_nominal(self._nominal(), name)
        return unwrapped(self.posterior.sd[name])

    def log_density(self, values: Mapping[str, Any]) -> Any:
        """log p(z | x) in nats at latents by name, shape (*batch,); -inf outside the support."""
        if not isinstance(values, Mapping):
            raise InputTypeError(f"values: needs a dict of latents by name, got {values!r}")
        for name in values:
            checks.known("values", name, self.names)
        for name in self.names:
            if name not in values:
                raise InputError(f"values: needs every latent ({', '.join(self.names)}), "
                                 f"got {', '.join(values) or 'none'}")
        result = self.posterior.log_density({k: np.asarray(v) for k, v in values.items()})
        return unwrapped(result)

    @checks.clear_keywords
    def sample(self, n: int, *, rng: Any = None) -> dict[str, np.ndarray]:
        n = checks.integer("n", n, 1)
        return self.model.latents(self.posterior.sample(checks.generator(rng), n))

    def _heading(self) -> str:
        return f"exact, {self.route}: log evidence {self.log_evidence:.10g}"
