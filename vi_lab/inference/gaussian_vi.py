"""Gaussian variational inference: the Gaussian of the highest ELBO, over real coordinates.

    y = m + L e,  e ~ N(0, I):   ELBO = E[log p(x, m + L e)] + log|L| + D/2 log(2 pi e)

The expectation is an average over fixed nodes e, so that the bound is a plain function of m and L
with a gradient (Kingma & Welling 2014, eq. 10; Kucukelbir et al. 2017, eq. 5), which L-BFGS climbs.
Of a mixture of Gaussians it is E_q[log p - log q] with nodes in each component.

The other objective asks that the slopes agree: "score" matches grad log q to grad log p under q, in
closed form from one q to the next (batch and match, Cai et al. 2024).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.inference.engine.gaussian_fit import GaussianFit
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.inference.engine.target import CENTRED
from vi_lab.model_or_problem import M, ModelOrProblem, as_model
from vi_lab.numerics.normal_mixture import NormalMixture


@public
def gaussian_vi(
    model: ModelOrProblem[M],
    *,
    covariance: str = "diagonal",
    objective: str = "kl",
    components: int = 1,
    rng: Rng = None,
    restarts: int = 8,
    parameterisation: str = CENTRED,
) -> GaussianPosterior[M]:
    """The Gaussian, or the mixture of so many, that is nearest to the posterior.

    Parameters
    ----------
    model : Model, DensityModel, Problem or the name of one
    covariance : "diagonal" or "full"
    objective : "kl" or "score"
        The ELBO on fixed nodes, or batch and match; the latter of one component.
    components : int
    rng : int, SeedSequence or Generator, optional
    restarts : int
        Starts from which modes are looked for, about which the fit begins.
    parameterisation : str
        The real coordinates: "centred", the model's own, or another that it offers.

    Returns
    -------
    GaussianPosterior
        With `.elbo`, `.elbo_error` on nodes that the fit has not seen, and `.elbo_trace`.

    Raises
    ------
    NotApplicable
        If there are no real coordinates, or too many.
    NumericalError
        If the density is not finite around any start.
    """
    fit = GaussianFit(
        as_model(model),
        f"Gaussian VI ({covariance}, {objective})",
        parameterisation,
        rng=rng,
        restarts=restarts,
        covariance=covariance,
        objective=objective,
        components=components,
    )
    if fit.objective == "kl":
        return fit.climb(elbo_and_gradient)
    return fit.repeat(match_scores, elbo_and_gradient)


def elbo_and_gradient(
    q: NormalMixture, target: Any, nodes: np.ndarray, weights: np.ndarray
) -> tuple[float, NormalMixture]:
    """The ELBO on the nodes e (N, D), and its derivatives over log w, m and L of each component.

    With r_k the share of component k in q at y, and P_k its precision,

        d/dy (-log q) = sum_k r_k P_k (y - m_k),     d log q/dm_k = r_k P_k (y - m_k),
        d log q/dL_k  = r_k (P_k (y - m_k) (L_k^-1 (y - m_k))' - L_k^-T)

    and y itself moves with m and L of the component that its node belongs to. Where E_q[log p]
    has a closed form, nodes tell the entropy alone.
    """
    y = q.place(nodes)  # (K, N, D)
    white = q.whiten(y)
    parts = q.log_parts(white)  # (K, K, N): of each component, at the nodes of each
    log_q = np.logaddexp.reduce(parts, axis=0)
    share = np.exp(parts - log_q)
    back = np.linalg.inv(q.roots)[:, None]  # L^-1
    pulled = white @ back  # P (y - m), as rows
    log_p, slope, known = target.split_expectation(q, y)
    value, slope = log_p - log_q, slope + (share[..., None] * pulled).sum(0)
    w = np.exp(q.log_weights)
    mass = w[:, None] * weights
    moved = mass[..., None] * slope
    direct = (mass * share)[..., None]  # by which -log q changes with its own parameters
    means = known.means + moved.sum(1) - (direct * pulled).sum((1, 2))
    pairs = np.swapaxes(direct * pulled, 2, 3) @ white  # by component and the nodes of each
    roots = np.swapaxes(moved, 1, 2) @ nodes - pairs.sum(1)
    roots = known.roots + roots + direct.sum((1, 2))[..., None] * np.swapaxes(back[:, 0], 1, 2)
    each = value @ weights + known.values
    logits = w * (each - w @ each) - (direct.sum((1, 2, 3)) - w)
    return float(w @ each), NormalMixture(logits, means, np.tril(roots))


def match_scores(
    mean: np.ndarray, cov: np.ndarray, y: np.ndarray, slope: np.ndarray, weights: np.ndarray,
    rate: float,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """One step of batch and match: (m, S) from nodes y (N, D) under q and the slopes there.

    With averages a, g and covariances C, G of nodes and slopes, and s = rate / (1 + rate),

        S U S + S = V,   U = rate G + s g g',   V = S0 + rate C + s (m0 - a)(m0 - a)'
        S = 2 V (1 + (1 + 4 U V)**(1/2))^-1,    m = (1 - s) m0 + s (S g + a)

    (Cai et al. 2024, eq. 8-12.) It stays where g = 0 and G = S^-1, whatever the rate.
    """
    a, g, s = weights @ y, weights @ slope, rate / (1.0 + rate)
    C, G = ((d.T * weights) @ d for d in (y - a, slope - g))
    U = rate * G + s * np.outer(g, g)
    V = cov + rate * C + s * np.outer(mean - a, mean - a)
    R = np.linalg.cholesky(V)  # with V = R R', S = 2 R (1 + (1 + 4 R'U R)**(1/2))^-1 R'
    values, vectors = np.linalg.eigh(R.T @ U @ R)
    half = R @ vectors * np.sqrt(2.0 / (1.0 + np.sqrt(1.0 + 4.0 * np.maximum(values, 0.0))))
    S = half @ half.T
    return (1.0 - s) * mean + s * (S @ g + a), S
