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

import time
from collections.abc import Collection
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.user_models import evaluate_log_joint, initial_values
from vi_lab.errors import NumericalError
from vi_lab.inference.engine.noise import BufferedNoise
from vi_lab.inference.engine.record import handed_over, latents_of, refuse_absurd
from vi_lab.inference.engine.target import CENTRED
from vi_lab.inference.gibbs import path
from vi_lab.model import Block, Model, Values, statistics
from vi_lab.results import Cost, Draws
from vi_lab.runtime.interrupts import CtrlC

REST = 0.25


def flips(model: Model, rng: Any, chains: int, draws: int, warmup: int, keep: set[str]) -> Draws:
    """What `metropolis_hastings` returns of a model whose every block has a finite support.

    `keep` are the blocks to store. `.acceptance_rate` (chains,) is that of the proposals after
    warmup, which adapts nothing and is thrown away. After Ctrl-C with the draws so far.
    """
    generator = checks.generator(rng)
    started = time.perf_counter()
    refuse_absurd(model, keep, chains, draws)
    values = initial_values(model, generator, chains)
    moves = {n: Moves(block, values[n], warmup) for n, block in model.blocks.items()}

    def kept(record: dict[str, Any], count: int, interrupted: bool = False) -> Draws:
        proposed = sum(move.proposed for move in moves.values())
        accepted = sum(move.accepted for move in moves.values())
        return Draws(
            model=model,
            method="Metropolis-Hastings",
            values=latents_of(model, record, count),
            acceptance_rate=np.asarray(accepted / np.maximum(proposed, 1)),
            cost=Cost(chains, chains * (warmup + count) * len(moves)),
            seconds=time.perf_counter() - started,
            settings={
                "chains": chains,
                "draws": draws,
                "warmup": warmup,
                "seed": checks.seed(rng),
                "parameterisation": CENTRED,
                "rest": REST,
            },
            interrupted=interrupted,
        )

    with CtrlC() as ctrl_c, handed_over(kept):
        record = flipped(model, generator, values, chains, draws, warmup, keep, ctrl_c, moves)
        if ctrl_c.done <= warmup:
            raise KeyboardInterrupt
        return kept(record, ctrl_c.done - warmup, ctrl_c.pressed)


def flipped(
    model: Model,
    rng: np.random.Generator,
    values: Values,
    chains: int,
    draws: int,
    warmup: int,
    keep: Collection[str],
    ctrl_c: CtrlC | None = None,
    moves: dict[str, Moves] | None = None,
) -> dict[str, Any]:
    """The sweeps: `gibbs.path`, with a move of every site in the place of a draw.

    NumericalError where a chain starts at an impossible value.
    """
    log_p = np.broadcast_to(
        evaluate_log_joint(model, statistics(model, values), (chains,)), (chains,)
    )
    if not np.isfinite(log_p).all():
        chain = int(np.argmin(np.isfinite(log_p)))
        raise NumericalError(
            f"chain {chain} starts where the log joint is {log_p[chain]}; it needs to be finite"
        )
    if moves is None:
        moves = {n: Moves(block, values[n], warmup) for n, block in model.blocks.items()}
    noise = BufferedNoise(rng)
    draw_of = {name: move.draw for name, move in moves.items()}
    return path(model, noise, values, chains, draws, warmup, keep, ctrl_c, draw_of)


class Moves:
    """Where the sites of one block are, chain by chain, and how often they moved after warmup.

    Attributes
    ----------
    at : int array (chains, *plates)
        The values, as places in the family's support.
    proposed, accepted : array (chains,)
    """

    def __init__(self, block: Block, values: Any, warmup: int) -> None:
        self.family, self.left = block.family, warmup
        self.support = np.asarray(self.family.support)
        event = tuple(range(-len(self.family.event_shape), 0))
        same = np.expand_dims(values, -1 - len(event)) == self.support
        self.at = (same.all(event) if event else same).argmax(-1)
        self.t = self.family.stats(self.support[self.at])
        self.sites = tuple(range(1, self.at.ndim))
        self.proposed = np.zeros(len(self.at))
        self.accepted = np.zeros(len(self.at))

    def draw(self, noise: Any, eta: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
        """The block's next values and their statistics, for `gibbs.path`; shape (chains, *plates).

        One uniform u a site: below REST it stays; what is above, stretched to (0, 1), picks one of
        the others. Another one accepts where log u' < the change of the log joint.
        """
        others = len(self.support) - 1
        uniform = (noise.random(shape) - REST) / (1.0 - REST)
        tried = uniform >= 0.0 if others else np.zeros(shape, dtype=bool)
        steps = np.where(tried, 1 + (np.maximum(uniform, 0.0) * others).astype(np.int64), 0)
        there = (self.at + steps) % len(self.support)
        change = self.family.inner(eta, self.family.stats(self.support[there]))
        change = change - self.family.inner(eta, self.t)
        if not (change < np.inf).all():  # nan, or better by infinitely much than the possible
            raise FloatingPointError("the change of the log joint at a proposal is not a number")
        accept = tried & (noise.random(shape) < np.exp(np.minimum(change, 0.0)))
        np.copyto(self.at, there, where=accept)
        z = self.support[self.at]
        self.t = self.family.stats(z)
        self.left -= 1
        if self.left < 0:
            self.proposed += tried.sum(self.sites)
            self.accepted += accept.sum(self.sites)
        return z, self.t
