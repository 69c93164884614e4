"""Bounds and gaps by Monte Carlo, for any number of latents, each with its standard error."""

from __future__ import annotations

import numpy as np

from vi_lab.numerics.arithmetic import log
from vi_lab.vae import layers, objective
from vi_lab.vae.evidence.gaps import Gaps, best_gaussian
from vi_lab.vae.evidence.importance import LogEvidence
from vi_lab.vae.evidence.reference_decoder import ELEMENTS
from vi_lab.vae.networks import Network, Params
from vi_lab.vae.objective import Elbo


def sampled_elbo(
    network: Network, params: Params, x: np.ndarray, n_draws: int, rng: np.random.Generator
) -> Elbo:
    """The ELBO by so many draws, a few at a time."""
    draws = _draws_at_a_time(network, len(x))
    total = np.zeros((3, len(x)))
    for first in range(0, n_draws, draws):
        count = min(draws, n_draws - first)
        eps = rng.standard_normal((count, len(x), network.n_latent))
        total += count / n_draws * np.stack(objective.elbo(network, params, x, eps))
    return Elbo(*total)


def importance(
    network: Network, params: Params, x: np.ndarray, k: int, rng: np.random.Generator
) -> np.ndarray:
    """log of the mean of k weights p(x, z) / q(z|x), z ~ q the encoder's, (n,)."""
    draws, n = _draws_at_a_time(network, len(x)), len(x)
    top, total = np.full(n, -np.inf), np.zeros(n)
    for first in range(0, k, draws):
        eps = rng.standard_normal((min(draws, k - first), n, network.n_latent))
        terms, _ = objective.forward(network, params, x, eps)
        log_w = terms.log_likelihood + terms.log_ratio
        new = np.maximum(top, log_w.max(0))
        total = np.exp(top - new) * total + np.exp(log_w - new).sum(0)
        top = new
    return log(total / k) + top


def _draws_at_a_time(network: Network, n: int) -> int:
    return max(ELEMENTS // (n * max(network.n_inputs, *network.hidden, 1)), 1)


def sample_gaps(
    network: Network,
    params: Params,
    x: np.ndarray,
    q: np.ndarray,
    draws: int,
    rng: np.random.Generator,
    evidence: LogEvidence,
) -> Gaps:
    """Each climb over draws of its own; q and q* judged on fresh ones, the same for both.

    The approximation gap is what remains of log p(x): no route of its own is known here.
    """
    shape = draws, len(x), network.n_latent
    weights = np.full(draws, 1.0 / draws)
    best = best_gaussian(network, params, x, q, rng.standard_normal(shape), weights)
    eps = rng.standard_normal(shape)
    bound, error = _average_elbo(network, params, x, q, eps)
    best_bound, best_error = _average_elbo(network, params, x, best, eps)
    return Gaps(
        log_evidence=evidence.value,
        elbo=bound,
        approximation=evidence.value - best_bound,
        amortisation=best_bound - bound,
        residual=None,
        error=np.sqrt(evidence.error**2 + error**2 + best_error**2),
        route=f"{evidence.route}; {draws} draws for each ELBO; approximation gap by subtraction",
        khat=evidence.khat,
    )


def _average_elbo(
    network: Network, params: Params, x: np.ndarray, q: np.ndarray, eps: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The ELBO of each datum's q over these draws, and its standard error."""
    mean, logvar = np.split(q, 2, axis=1)
    log_likelihood = np.empty(eps.shape[:2])
    for i, noise in enumerate(eps):
        z, _ = layers.reparameterise(mean, logvar, noise)
        out, _ = network.decode(params, z)
        log_likelihood[i] = network.log_likelihood(params, x, out)[0]
    kl, _ = layers.kl_standard_normal(mean, logvar)
    return log_likelihood.mean(0) - kl, log_likelihood.std(0, ddof=1) / np.sqrt(len(eps))
