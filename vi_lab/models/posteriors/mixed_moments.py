"""Means and spreads of a posterior that is simple given what was summed or integrated out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.arguments.read_only import close_all

Given = Mapping[str, tuple[Any, Any]]  # latent -> its mean and variance at each value, (M, ...)


class MixedMoments(ABC):
    """The laws of total expectation and of total variance, over the M values of what was summed out
    (labellings, a change point, the nodes of a quadrature):

        E[z] = E[E[z | v]]        Var[z] = E[Var[z | v]] + Var[E[z | v]]
    """

    @abstractmethod
    def _weigh(self) -> tuple[np.ndarray, Given]:
        """The probabilities (M,) of the values, and the moments of the latents given each."""

    @cached_property
    def _moments(self) -> dict[str, tuple[Any, Any]]:
        return close_all(self.find_moments())

    def find_moments(self) -> dict[str, tuple[Any, Any]]:
        """Mean and sd of each latent; a sd is infinite where any variance is."""
        found = {}
        weights, given = self._weigh()
        for name, (values, variances) in given.items():
            mean = np.tensordot(weights, values, axes=1)
            endless = np.isinf(variances).any(0)
            total = np.where(endless, 0.0, variances + (values - mean) ** 2)
            sd = np.sqrt(np.tensordot(weights, total, axes=1))
            found[name] = mean, np.where(endless, np.inf, sd)
        return found

    @property
    def mean(self) -> Mapping[str, Any]:
        return {name: mean for name, (mean, _) in self._moments.items()}

    @property
    def sd(self) -> Mapping[str, Any]:
        return {name: sd for name, (_, sd) in self._moments.items()}
