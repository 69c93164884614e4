"""Prior sampling: the likelihood, averaged over the prior, as the definition says.

    p(x) = integral of p(x | z) p(z) dz ~ (1/n) sum p(x | z_i),   z_i ~ p(z)                     (1)

It is importance sampling with q the prior (Robert & Casella 2004, section 3.3). Of data that say
much, hardly a draw of the prior falls where the likelihood is: one weight in thousands is the sum,
and the k-hat of the weights is far above what any number of draws allows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments.block_values import prior_values
from vi_lab.arguments.user_models import evaluate_log_joint
from vi_lab.marginal_likelihood.weights import Weighed, log_mean
from vi_lab.model import log_joint_collapsed, statistics


def estimate_by_prior(
    model: Any, summed_out: tuple[str, ...], n: int, rng: np.random.Generator
) -> Weighed:
    """log p(x) from n draws of the prior of a model whose `log_prior` is known.

    summed_out : the blocks whose labels and auxiliaries p(x | z) is a sum over
    """
    values = prior_values(model, rng, n)
    log_weights = evaluate_log_likelihood(model, summed_out, values, (n,))
    return Weighed(*log_mean(log_weights), n, log_weights)


def evaluate_log_likelihood(
    model: Any, summed_out: tuple[str, ...], values: Any, batch: tuple[int, ...]
) -> np.ndarray:
    """log p(x | z) = log p(x, z) - log p(z) of the blocks that are not summed out, (*batch,)."""
    stats = statistics(model, values)
    log_joint = log_joint_collapsed(model, stats, summed_out, batch)
    log_prior = log_prior_collapsed(model, stats, summed_out, batch)
    return np.broadcast_to(log_joint - log_prior, batch)


def log_prior_collapsed(
    model: Any, stats: Any, summed_out: tuple[str, ...], batch: tuple[int, ...]
) -> Any:
    """log p(z) of the blocks that are not summed out, (*batch,).

    The log probability of labels is linear in their statistics, and these sum to one: at 0 nothing
    is left of them. What was added for conjugacy the data do not touch, so that its conditional is
    that of the prior, and its log partition is the integral, as in `log_joint_collapsed`.
    """
    blocks = {name: model.blocks[name] for name in summed_out}
    emptied = {**stats, **{name: block.zeros for name, block in blocks.items()}}
    total = evaluate_log_joint(model.log_prior, emptied, batch, "log_prior")
    for block in blocks.values():
        if block.auxiliary:
            log_partition = block.family.log_partition(block.complete_conditional(emptied))
            total = total + block.sum_over_plates(log_partition, batch)
    return total
