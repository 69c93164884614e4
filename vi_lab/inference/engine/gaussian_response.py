"""The linear response of a Gaussian q, from the second derivatives of its bound.

    F(phi)    the ELBO over phi = (m, log diag L and, of a full covariance, L below it)
    M(phi)    E_q[z], with what is summed out at its mean given y

Push the log joint by <s, z>: the optimum of F + <s, M> moves by d phi = (-F'')^-1 M'^T ds, M' =
d M / d phi, and what q says of z moves with it,

    Cov(z) = d E_q[z] / d s = M' (-F'')^-1 M'^T + E_q[Cov(z | y)]

(Giordano, Broderick & Jordan 2018, theorem 1.) The last term is that of what is summed out: its
conditional is pushed as well. Of a diagonal q of a Gaussian posterior this is the true covariance.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.errors import NotApplicable, refuse_if
from vi_lab.inference.engine.density_target import ScaledTarget
from vi_lab.inference.engine.differentiation import far_out
from vi_lab.inference.engine.gaussian_fit import POINTS, choose_nodes
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.inference.engine.response_blocks import block_diagonal
from vi_lab.inference.engine.response_checks import why_many_modes
from vi_lab.inference.gaussian_vi import elbo_and_gradient
from vi_lab.model_or_problem import M, M_co
from vi_lab.numerics.arithmetic import indicator_covariance
from vi_lab.numerics.normal_mixture import NormalMixture
from vi_lab.results import LinearResponse

MOST_PARAMETERS = 200  # of q: so many derivatives are differenced
STEP = 1e-3  # of the differences, in standard deviations of q
STILL = 1e-2  # nats that a step of Newton's may still gain at an optimum


class GaussianResponse(LinearResponse[M_co]):
    """The linear response of a `GaussianPosterior`."""

    @classmethod
    def unpack(cls, record: Any, arrays: Any, model: Any) -> Any:
        return cls._unpack_with(GaussianPosterior, record, arrays, model)


class BoundNearOptimum:
    """The bound, its gradient and the means of the latents near q, in units of q's sds."""

    def __init__(self, q: GaussianPosterior[Any]) -> None:
        self.q, (self.origin,), (root,) = q, q.mixture.means, q.mixture.roots
        self.dimension = size = len(root)
        self.scale = np.sqrt((root**2).sum(-1))
        self.target = ScaledTarget(q.target, self.origin, self.scale)
        self.nodes = choose_nodes(size, POINTS, np.random.default_rng(0))
        self.below = np.tril_indices(size if np.tril(root, -1).any() else 0, -1)
        root = root / self.scale[:, None]
        self.phi = np.concatenate([np.zeros(size), np.log(np.diagonal(root)), root[self.below]])

    def place(self, phi: np.ndarray) -> NormalMixture:
        size = self.dimension
        root = np.diag(np.exp(phi[size : 2 * size]))
        root[self.below] = phi[2 * size :]
        return NormalMixture(np.zeros(1), phi[None, :size], root[None])

    def slope(self, phi: np.ndarray) -> np.ndarray:
        """F' (P,)"""
        q = self.place(phi)
        points, weights, _ = self.nodes
        _, slope = elbo_and_gradient(q, self.target, points[0], weights)
        logs = np.diagonal(slope.roots[0]) * np.diagonal(q.roots[0])
        return np.concatenate([slope.means[0], logs, slope.roots[0][self.below]])

    def moments(self, phi: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray, Any]]:
        """By block, flat: E_q[z] (C,), the covariance (C, C) that it has given y, and its shape."""
        points, weights, _ = self.nodes
        y = self.origin + self.scale * self.place(phi).place(points)[0, 0]
        found = {}
        for name, (mean, variance) in self.q.target.moments(y).items():
            flat = _flatten(mean)
            if name in self.q.model.nominal:
                inner = np.tensordot(weights, indicator_covariance(mean), 1)  # (*plates, K, K)
                inner = block_diagonal(*inner.reshape(-1, *inner.shape[-2:]))
            elif variance is None:
                inner = np.zeros((flat.shape[1], flat.shape[1]))
            else:
                inner = np.diag(weights @ _flatten(variance))
            found[name] = weights @ flat, inner, mean
        return found

    def means(self, phi: np.ndarray) -> np.ndarray:
        return np.concatenate([mean for mean, _, _ in self.moments(phi).values()])

    def differentiate(self, function: Any) -> np.ndarray:
        """The derivatives of a function of phi at q, a column for each parameter."""
        steps = STEP * np.eye(len(self.phi))
        columns = [function(self.phi + h) - function(self.phi - h) for h in steps]
        return np.stack(columns, axis=-1) / (2.0 * STEP)


@far_out
def respond(q: GaussianPosterior[M]) -> GaussianResponse[M]:
    """The means of q with the covariances of its linear response."""
    _refuse_no_response(q)
    bound = BoundNearOptimum(q)
    curvature = -bound.differentiate(bound.slope)
    curvature = 0.5 * (curvature + curvature.T)
    slope = bound.slope(bound.phi)
    gain = 0.5 * slope @ np.linalg.solve(curvature, slope)
    refuse_if(
        not (np.linalg.eigvalsh(curvature)[0] > 0 and gain <= STILL),
        "linear response does not apply, because q is no optimum of the ELBO: it is "
        f"{len(slope)} numbers, from which a step of Newton's method leads {gain:.2g} nats higher",
        NotApplicable,
    )
    moments = bound.moments(bound.phi)
    moved = bound.differentiate(bound.means)
    cov = moved @ np.linalg.solve(curvature, moved.T)
    cov += block_diagonal(*(inner for _, inner, _ in moments.values()))
    places, begin = {}, 0
    for name, (mean, _, shape) in moments.items():
        places[name] = _unflatten(np.arange(begin, begin + len(mean)), shape)
        begin += len(mean)
    model: Any = q.model
    return GaussianResponse(q, 0.5 * (cov + cov.T), dict(model.latents(places)))


def why_no_gaussian_response(model: Any, parameters: int) -> str | None:
    """Why there is no linear response of a Gaussian with so many parameters, as a clause."""
    if parameters > MOST_PARAMETERS:
        return (
            f"it differences {parameters:,} derivatives of the bound, each an average over nodes, "
            f"above the limit of {MOST_PARAMETERS}"
        )
    return why_many_modes(model)


def _refuse_no_response(q: GaussianPosterior[Any]) -> None:
    """Refuse a mixture of Gaussians, what is not fitted, and a model that has no response."""
    components, size = q.mixture.means.shape
    full = np.tril(q.mixture.roots[0], -1).any()
    reason = why_no_gaussian_response(q.model, size * (size + 3) // 2 if full else 2 * size)
    if components > 1:
        reason = "it corrects the spread of one Gaussian, and q has several"
    elif q.log_evidence_estimate is not None:
        reason = f"{q.method} climbs no ELBO: it is the optimum of one that responds"
    refuse_if(reason, f"linear response does not apply, because {reason}", NotApplicable)


def _flatten(value: Any) -> np.ndarray:
    """(N, ...), or several of them, -> (N, C)"""
    parts = value if isinstance(value, tuple) else (value,)
    return np.concatenate([np.reshape(part, (len(part), -1)) for part in parts], axis=-1)


def _unflatten(flat: np.ndarray, like: Any) -> Any:
    """(C,) in the shape of one of (N, ...)"""
    if not isinstance(like, tuple):
        return flat.reshape(like.shape[1:])
    cuts = np.cumsum([part[0].size for part in like])[:-1]
    parts = zip(np.split(flat, cuts), like, strict=True)
    return type(like)(*(each.reshape(part.shape[1:]) for each, part in parts))
