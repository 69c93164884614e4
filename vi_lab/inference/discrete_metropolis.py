"""Metropolis-Hastings where every latent is discrete: propose another value, site by site.

    propose   another value of one site (one plate of one block), each of the others as likely
    accept    with probability min(1, p(x, z') / p(x, z))

(Metropolis et al. 1953.) The log joint is affine in the statistics of the site's block,
log p(x, z) = <eta, t(z_b)> + what does not depend on z_b, eta its complete conditional, so

    log p(x, z') - log p(x, z) = sum over plates i of <eta_i, t(z'_i)> - <eta_i, t(z_i)>

needs no normaliser and is a sum of one term a plate: the plates of a block are independent given
the rest. So each is moved and judged by its own term, all at once, and the law of the block given
the rest is left as it is, as by one move after the other. A sweep takes the blocks in their order.

With two values the other one is the only proposal. Where all of them are accepted, as without a
field, two sites would change in step for ever, and half of their joint values never be seen. So
each site sits a sweep out with probability REST.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from vi_lab.arguments.user_models import explain_block
from vi_lab.inference.engine.discrete_run import DiscreteRun, find_places, refuse_nan
from vi_lab.inference.engine.noise import BufferedNoise
from vi_lab.model import Model, Values
from vi_lab.results import Draws

REST = 0.25


def discrete_metropolis(model: Model, **asked: Any) -> Draws:
    """What `metropolis_hastings` returns of a model whose every block has a finite support.

    `.acceptance_rate` (chains,) is that of the proposals after warmup, which adapts nothing and is
    thrown away. After Ctrl-C with the draws so far.
    """
    run = DiscreteRun(model, settings={"rest": REST}, **asked)
    moves = sweeps(model, run.initial_values(), BufferedNoise(run.rng))
    return run.record(run.count(moves))


def sweeps(
    model: Model, values: Values, rng: Any
) -> Iterator[tuple[Values, np.ndarray, np.ndarray]]:
    """Metropolis itself, without an end: the value of every block after each sweep, and of how many
    sites of each chain another value was proposed, and accepted.

    `values` (chains, ...) is where it starts; `rng` is a Generator or a BufferedNoise.
    """
    supports = {name: np.asarray(block.family.support) for name, block in model.blocks.items()}
    at = {name: find_places(block.family, values[name]) for name, block in model.blocks.items()}
    z = {name: supports[name][at[name]] for name in at}
    t = {name: block.family.stats(z[name]) for name, block in model.blocks.items()}
    name = ""
    try:
        while True:
            proposed: Any = 0
            accepted: Any = 0
            for name, block in model.blocks.items():
                family, here, support = block.family, at[name], supports[name]
                eta = block.complete_conditional(t)
                there, tried = propose(here, len(support), rng)
                t_there = family.stats(support[there])
                change = refuse_nan(family.inner(eta, t_there) - family.inner(eta, t[name]))
                accept = tried & (rng.random(here.shape) < np.exp(np.minimum(change, 0.0)))
                np.copyto(here, there, where=accept)
                z[name] = support[here]
                t[name] = family.stats(z[name])
                sites = tuple(range(1, here.ndim))
                proposed, accepted = proposed + tried.sum(sites), accepted + accept.sum(sites)
            yield z, proposed, accepted
    except Exception as error:
        raise explain_block(name, error) from error


def propose(at: np.ndarray, size: int, rng: Any) -> tuple[np.ndarray, np.ndarray]:
    """Another place of each site in a list of so many values, or the same; and which sites try.

    One uniform u a site: below REST it stays; what is above, stretched to (0, 1), picks one of the
    others.
    """
    uniform = (rng.random(at.shape) - REST) / (1.0 - REST)
    tried = (uniform >= 0.0) & (size > 1)
    steps = np.where(tried, 1 + (np.maximum(uniform, 0.0) * (size - 1)).astype(np.int64), 0)
    return (at + steps) % size, tried
