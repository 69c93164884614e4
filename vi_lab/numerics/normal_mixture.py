"""A mixture of K normals in R^D by weights, means and the roots L of the covariances L L'."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.numerics.arithmetic import LOG_2PI


class NormalMixture(NamedTuple):
    """log_weights (K,), means (K, D), roots (K, D, D) lower triangular."""

    log_weights: np.ndarray
    means: np.ndarray
    roots: np.ndarray

    def whiten(self, y: Any) -> np.ndarray:
        """L_k^-1 (y - m_k) of every component, (*batch, D) -> (K, *batch, D)."""
        back = np.linalg.inv(self.roots)
        return np.stack([(y - m) @ b.T for m, b in zip(self.means, back, strict=True)])

    def log_parts(self, white: np.ndarray) -> np.ndarray:
        """log w_k + log N_k at whitened points, (K, *batch)."""
        size = self.means.shape[-1]
        log_det = np.log(np.diagonal(self.roots, axis1=-2, axis2=-1)).sum(-1)
        level = self.log_weights - log_det - 0.5 * size * LOG_2PI
        return level.reshape(-1, *(1,) * (white.ndim - 2)) - 0.5 * (white * white).sum(-1)

    def log_density(self, y: Any) -> Any:
        """(*batch, D) -> (*batch,)"""
        return np.logaddexp.reduce(self.log_parts(self.whiten(y)), axis=0)

    @property
    def entropy_of_one(self) -> float | None:
        """log|2 pi e L L'|/2 of a single component; of more there is no closed form."""
        if len(self.means) > 1:
            return None
        log_det = np.log(np.diagonal(self.roots[0])).sum()
        return float(log_det + 0.5 * self.means.shape[-1] * (LOG_2PI + 1.0))

    def place(self, nodes: np.ndarray) -> np.ndarray:
        """m_k + L_k e at nodes e of a standard normal, (..., N, D) -> (..., K, N, D)."""
        return self.means[:, None] + nodes[..., None, :, :] @ np.swapaxes(self.roots, -1, -2)

    def moved(self, origin: Any, scale: Any) -> NormalMixture:
        """That of origin + scale y, where y has this one."""
        roots = np.asarray(scale)[:, None] * self.roots
        return NormalMixture(self.log_weights, origin + scale * self.means, roots)

    def sample(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """n draws, (n, D)."""
        which = rng.choice(len(self.means), n, p=np.exp(self.log_weights))
        noise = rng.standard_normal((n, self.means.shape[-1]))
        draws = self.means[which]
        for k, root in enumerate(self.roots):
            own = which == k if len(self.roots) > 1 else slice(None)  # without a copy
            draws[own] += noise[own] @ root.T
        return draws
