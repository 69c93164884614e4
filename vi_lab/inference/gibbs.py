"""Gibbs sampling: put t(current draw) into each complete conditional and draw from it.

    eta = block.complete_conditional(t)
    t[name] = family.stats(family.sample(rng, eta, shape))        <- CAVI differs in this line

The loop below calls `family.draw`, which does both, `sample` and `stats`.

(Geman & Geman 1984; Bishop 2006, section 11.3.) All chains move at once: they are the leading axis
of every array.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.arguments.user_models import explain_block
from vi_lab.inference.engine.noise import BufferedNoise
from vi_lab.inference.engine.sampler_run import BlockRun
from vi_lab.model import Model, Statistics, Values
from vi_lab.model_or_problem import M, ModelOrProblem, as_conjugate_model
from vi_lab.results import Draws


@public
def gibbs(
    model: ModelOrProblem[M],
    *,
    rng: Rng = None,
    chains: int = 4,
    draws: int = 1000,
    warmup: int = 500,
    keep: Sequence[str] | None = None,
) -> Draws[M]:
    """Gibbs sampling over the model's blocks, in their order, for all chains at once.

    Parameters
    ----------
    model : Model, Problem or the name of one
    rng : int, SeedSequence or Generator, optional
    chains, draws, warmup : int
        Chains, draws kept of each, sweeps thrown away first.
    keep : sequence of str, optional
        Latents to store; all by default.

    Returns
    -------
    Draws
        `.values[name]` of shape (chains, draws, ...). After Ctrl-C with the draws so far and
        `interrupted` True; during warmup there are no draws, and KeyboardInterrupt is raised.

    Raises
    ------
    NumericalError, InputError
        If a conditional breaks down or raises; the error's `.draws` holds the draws so far.
    """
    whole = as_conjugate_model(model, "Gibbs")
    run = BlockRun(whole, "Gibbs", rng=rng, chains=chains, draws=draws, warmup=warmup, keep=keep)
    return run.record(sweeps(whole, run.begin(), BufferedNoise(run.rng), run.chains))


def sweeps(model: Model, t: Statistics, rng: Any, chains: int) -> Iterator[Values]:
    """Gibbs sampling itself, without an end: a draw of every block after each sweep.

    The draws are as their families `put` them away; `family.stored` makes values of them.
    `t`, statistics (chains, ...) of the current values, and the dict that is yielded are written
    over by the next sweep. `rng` is a Generator or a BufferedNoise.
    """
    z: dict[str, Any] = {}
    name = ""
    # what the loop below needs of each block is looked up once: 6 % of a sweep of "newcomb"
    plan = [
        (
            name,
            block.complete_conditional,
            block.family.draw,  # a sample and its statistics
            (chains, *block.plates),
        )
        for name, block in model.blocks.items()
    ]
    try:
        while True:
            for name, complete_conditional, draw, shape in plan:
                eta = complete_conditional(t)
                z[name], t[name] = draw(rng, eta, shape)  # CAVI differs in this line
            yield z
    except Exception as error:
        raise explain_block(name, error) from error
