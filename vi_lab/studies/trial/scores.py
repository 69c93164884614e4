"""The defendants: what users look at without a truth, as numbers of one fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.errors import NotApplicable, NumericalError
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.inference.engine.target import choose_target
from vi_lab.inference.linear_response import linear_response
from vi_lab.marginal_likelihood.weights import log_mean
from vi_lab.results import Draws, Factorised, diagnostics
from vi_lab.studies.trial.stein import stein_discrepancy

SIZES = (1_000, 4_000, 100_000)  # draws behind a k-hat
USUAL = 4_000  # of them, from which the other numbers of the weights come
STEIN_DRAWS = 300
LAST = 10  # sweeps or steps that the plateau looks back over


def find_log_weights(q: Any, n: int, rng: np.random.Generator) -> np.ndarray:
    """log p(x, z) - log q(z) at n draws of q, (n,): latents without auxiliary ones.

    Of a Gaussian in real coordinates: latents that are summed out there have one and the same
    conditional in q and in p.
    """
    if isinstance(q, GaussianPosterior):
        y = q.mixture.sample(rng, n)
        return np.asarray(q.target.log_density(y) - q.mixture.log_density(y))
    latents = q.sample(n, rng=rng)
    y, blocks, target = to_real(q.model, latents)
    log_joint = target.log_density(y) + target.log_measure(y, blocks)
    return np.asarray(log_joint - _factor_density(q, blocks, n))


def _factor_density(q: Factorised, blocks: Mapping[str, Any], n: int) -> Any:
    """log q(z), (n,), the sum of those of the factors; auxiliary ones are left out."""
    total: Any = np.zeros(n)
    for name, block in q.model.blocks.items():
        if not block.auxiliary:
            log_q = q.q[name].log_density(blocks[name])
            total = total + block.sum_over_plates(log_q, (n,))
    return total


def to_real(model: Any, latents: Mapping[str, Any]) -> tuple[np.ndarray, Mapping[str, Any], Any]:
    """Real coordinates (n, D) of draws of the latents, their blocks, and the target over them."""
    target: Any = choose_target(model)
    blocks = model.block_values(latents)
    return target.to_real(blocks), blocks, target


def score_weights(q: Any, rng: np.random.Generator) -> tuple[dict[str, float], float]:
    """k-hats, spread and effective size of importance weights; and log p(x) by USUAL of them."""
    log_weights = find_log_weights(q, max(SIZES), rng)
    found = {f"khat_{size}": float(diagnostics.khat(log_weights[:size])) for size in SIZES}
    usual = log_weights[:USUAL]
    shares = np.exp(usual - np.logaddexp.reduce(usual))
    found["log_weight_sd"] = float(usual.std())
    found["weight_ess"] = float(1.0 / (shares**2).sum() / USUAL)
    return found, log_mean(usual)[0]


def score_climb(q: Any) -> dict[str, float]:
    """Whether the bound has come to rest, by three rules; of the restart that is returned.

    plateau_last: what the last step gained, in nats; plateau_relative: the same over |ELBO|;
    plateau_median: the median of the last ten relative gains (Kucukelbir et al. 2017, section 2.6,
    as Stan's ADVI stops).
    """
    trace = np.asarray(q.elbo_trace, dtype=float)
    if trace.ndim == 2:
        trace = trace[:, int(np.argmax(trace[-1]))] if trace.size else np.empty(0)
    if len(trace) < 2:
        return {}
    gains = np.abs(np.diff(trace))
    relative = gains / np.maximum(np.abs(trace[1:]), 1e-300)
    return {
        "plateau_last": float(gains[-1]),
        "plateau_relative": float(relative[-1]),
        "plateau_median": float(np.median(relative[-LAST:])),
    }


def score_restarts(q: Any) -> dict[str, float]:
    """The share of restarts that ended below the best optimum."""
    if not isinstance(q, Factorised):
        return {}
    counts = np.asarray(q.optima_counts)
    return {"restarts_apart": float(1.0 - counts[0] / counts.sum())}


def score_response(q: Any) -> dict[str, float]:
    """The largest |log| of a ratio of linear response's sd to q's own."""
    if not isinstance(q, Factorised):
        return {}
    try:
        response = linear_response(q)
    except (NotApplicable, NumericalError):
        return {}
    names = [name for name in response.names if name not in q.model.nominal]
    ratios = [np.ravel(response.sd(name)) / np.ravel(q.sd(name)) for name in names]
    return {"response": float(np.abs(np.log(np.concatenate(ratios))).max())}


def score_chains(draws: Draws, chains: Mapping[str, np.ndarray]) -> dict[str, float]:
    """The worst coordinate's R-hat, bulk and tail ESS, of latents (chains, draws, P)."""
    together = np.concatenate(list(chains.values()), axis=-1)
    return {
        "rhat": float(np.nanmax(diagnostics.rhat(together))),
        "ess_bulk": float(np.nanmin(diagnostics.ess(together))),
        "ess_tail": float(np.nanmin(diagnostics.tail_ess(together))),
    }


def score_stein(result: Any, latents: Mapping[str, Any]) -> dict[str, float]:
    """The kernel Stein discrepancy of some draws, in real coordinates."""
    y, _, target = to_real(result.model, latents)
    return {"stein": stein_discrepancy(y, target.gradient(y))}
