"""What the exact posterior of a model is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from vi_lab.arguments.public import public
from vi_lab.numerics.rounding import Estimate


class PosteriorDensity(Protocol):
    """The normalised posterior in its own form, as a model file writes it.

    None of these may be got from the log joint minus the log evidence: that would be the identity
    used to prove itself.

    A posterior may also have, for pictures, the densities of single numbers and of two together:

        marginal_density(name, index, x) -> (n,)             at points x (n,)
        joint_density(one, two, x, y) -> (x points, y points), one and two being (name, index)

    of its latents and of its model's summaries; probabilities where they are discrete; None where
    neither a closed form nor quadrature gives them. One whose `marginal_density` takes seconds to
    be integrated, for many numbers, says `marginals_are_slow`: its quantiles are those of draws.
    One over real coordinates may have `average_log_density(mixture)`, E_q[log p(z | x)] under a
    NormalMixture q as an Estimate, for the KL from a Gaussian whose nodes would miss a part of it.
    One whose `mean` takes seconds says `moments_are_slow`: no repr asks for it.
    """

    @property
    def mean(self) -> Mapping[str, Any]:
        """Posterior means by latent (and of summaries where they have a closed form)."""

    @property
    def sd(self) -> Mapping[str, Any]:
        """Posterior standard deviations by latent."""

    @public
    def log_density(self, values: Mapping[str, Any]) -> Any:
        """log p(z | x) at latents, shape (*batch,)."""

    def sample(self, rng: np.random.Generator, n: int) -> Mapping[str, Any]:
        """n joint draws of the block values, each (n, ...)."""

    def kl_from(self, q: Any) -> Estimate:
        """KL[q || p(z | x)] in nats for a q that factorises over the blocks (its Distributions by
        block), shape (*batch,); of a model of independent rows, for GaussianRows."""
