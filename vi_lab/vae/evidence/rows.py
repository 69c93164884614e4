"""Data under a network whose parameters are known: what all evidence in this room is about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.arguments.read_only import read_only
from vi_lab.vae.evidence.reference_decoder import Decoder
from vi_lab.vae.networks import Network, Params


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of data, and the network that models them.

    Attributes
    ----------
    network : Network
    params : mapping of str to array
        In float64.
    x : array (n, n_inputs)
    """

    network: Network
    params: Params
    x: np.ndarray

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, some: Any) -> Rows:
        """Some of the rows: a slice, or their numbers."""
        return replace(self, x=self.x[some])

    @property
    def dimension(self) -> int:
        """The number of latents."""
        return self.network.n_latent

    @cached_property
    def decoder(self) -> Decoder:
        """The decoder once more, by formulas of its own."""
        return Decoder(self.network, self.params)

    @cached_property
    def encoded(self) -> np.ndarray:
        """The encoder's means and log variances, side by side (n, 2 d)."""
        return read_only(np.concatenate(self.network.encode(self.params, self.x)[0], axis=1))
