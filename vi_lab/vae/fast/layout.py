"""All parameters in one flat vector: what an optimiser moves is one array, what a reader names are
views of it.

A linear layer is one matrix of shape (in + 1, out), its bias the last row, so that one matrix
product with an input that ends in a column of ones does all of it:

    [x 1] [W']  =  x W' + b        and the product [x 1]' dy gives both gradients at once.
          [b ]

The encoder's two heads stand side by side in one such matrix. A weight under its public name is the
transposed view of its part of the matrix, of shape (out, in).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.vae.networks import Network

HEADS = ("encoder.mean", "encoder.logvar")


class Layout:
    """Where each layer lies in the flat vector.

    Attributes
    ----------
    size : int
        Elements of the flat vector.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self._places: dict[str, tuple[int, tuple[int, int]]] = {}
        start = 0
        for name, (n_out, n_in) in network.layers.items():
            if name == HEADS[1]:
                continue  # lies beside the mean's
            shape = (n_in + 1, 2 * n_out if name == HEADS[0] else n_out)
            self._places[name] = start, shape
            start += shape[0] * shape[1]
        self.size = start + network.learns_noise

    def matrices(self, flat: np.ndarray) -> dict[str, np.ndarray]:
        """Each layer's (in + 1, out) matrix, a view of `flat`; both heads as "encoder.mean"."""
        return {
            name: flat[start : start + shape[0] * shape[1]].reshape(shape)
            for name, (start, shape) in self._places.items()
        }

    def params(self, flat: np.ndarray) -> dict[str, np.ndarray]:
        """The parameters under their public names, in their order, as views of `flat`."""
        matrices = self.matrices(flat)
        heads, n_latent = matrices.pop(HEADS[0]), self.network.n_latent
        matrices[HEADS[0]], matrices[HEADS[1]] = heads[:, :n_latent], heads[:, n_latent:]
        views: dict[str, np.ndarray] = {}
        for name in self.network.layers:
            views[f"{name}.weight"] = matrices[name][:-1].T
            views[f"{name}.bias"] = matrices[name][-1]
        if self.network.learns_noise:
            views["decoder.log_sd"] = flat[-1:].reshape(())
        return views

    def flatten(self, params: Mapping[str, Any], dtype: Any) -> np.ndarray:
        """A new flat vector that holds these parameters."""
        flat = np.empty(self.size, dtype)
        for name, view in self.params(flat).items():
            view[...] = params[name]
        return flat
