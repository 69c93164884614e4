"""Bounds and gaps by Monte Carlo, for any number of latents, each with its standard error."""

from __future__ import annotations

import numpy as np

from vi_lab.numerics.agreement import judge, refuse_impossible
from vi_lab.numerics.arithmetic import log
from vi_lab.numerics.rounding import Estimate
from vi_lab.vae import layers, objective
from vi_lab.vae.evidence.gaps import Gaps, climb
from vi_lab.vae.evidence.importance import LogEvidence
from vi_lab.vae.evidence.rows import Rows
from vi_lab.vae.objective import Elbo


def sampled_elbo(rows: Rows, n_draws: int, rng: np.random.Generator) -> Elbo:
    """The ELBO by so many draws, a few at a time."""
    draws = _draws_at_a_time(rows)
    total = np.zeros((3, len(rows)))
    for first in range(0, n_draws, draws):
        count = min(draws, n_draws - first)
        eps = rng.standard_normal((count, len(rows), rows.dimension))
        found = objective.elbo(rows.network, rows.params, rows.x, eps)
        total += count / n_draws * np.stack(found)
    return Elbo(*total)


def importance(rows: Rows, k: int, rng: np.random.Generator) -> np.ndarray:
    """log of the mean of k weights p(x, z) / q(z|x), z ~ q the encoder's, (n,)."""
    draws, n = _draws_at_a_time(rows), len(rows)
    top, total = np.full(n, -np.inf), np.zeros(n)
    for first in range(0, k, draws):
        eps = rng.standard_normal((min(draws, k - first), n, rows.dimension))
        terms, _ = objective.forward(rows.network, rows.params, rows.x, eps)
        log_w = terms.log_likelihood + terms.log_ratio
        new = np.maximum(top, log_w.max(0))
        total = np.exp(top - new) * total + np.exp(log_w - new).sum(0)
        top = new
    return log(total / k) + top


def _draws_at_a_time(rows: Rows) -> int:
    return max(rows.decoder.points // len(rows), 1)


def sample_gaps(rows: Rows, draws: int, rng: np.random.Generator, evidence: LogEvidence) -> Gaps:
    """Each climb over draws of its own; q and q* judged on fresh ones, the same for both.

    The approximation gap is what remains of log p(x): no route of its own is known here.
    NumericalError where one is below 0 by more than five standard errors.
    """
    shape = draws, len(rows), rows.dimension
    weights = np.full(draws, 1.0 / draws)
    best = climb(rows, rows.encoded, rng.standard_normal(shape), weights).q
    eps = rng.standard_normal(shape)
    bound, error = _average_elbo(rows, rows.encoded, eps)
    best_bound, best_error = _average_elbo(rows, best, eps)
    worse = best_bound < bound  # no q* is worse than q, whatever came of the climb
    best_bound, best_error = np.where(worse, (bound, error), (best_bound, best_error))
    numbers = {
        "log p(x)": Estimate(evidence.value, evidence.error, evidence.route),
        "the ELBO": Estimate(best_bound, best_error, "Monte Carlo"),
    }
    refuse_impossible("the approximation gap", judge(evidence.value - best_bound, numbers))
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


def _average_elbo(rows: Rows, q: np.ndarray, eps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ELBO of each datum's q over these draws, and its standard error."""
    mean, logvar = np.split(q, 2, axis=1)
    log_likelihood = np.empty(eps.shape[:2])
    for i, noise in enumerate(eps):
        z, _ = layers.reparameterise(mean, logvar, noise)
        out, _ = rows.network.decode(rows.params, z)
        log_likelihood[i] = rows.network.log_likelihood(rows.params, rows.x, out)[0]
    kl, _ = layers.kl_standard_normal(mean, logvar)
    return log_likelihood.mean(0) - kl, log_likelihood.std(0, ddof=1) / np.sqrt(len(eps))
