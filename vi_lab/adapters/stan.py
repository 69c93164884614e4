"""Stan on the lab's problems: NUTS, by an interpreter that needs no compiler (stanli)."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.adapters.walked import CHAINS, DRAWS, WARMUP, Walked, import_extra
from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.errors import NotApplicable, refuse_if
from vi_lab.export.stan_program import stan
from vi_lab.model_or_problem import ModelLike
from vi_lab.results import Draws

METHODS = ("nuts", "pathfinder")


@public
def run(
    problem: ModelLike,
    method: str = "nuts",
    *,
    rng: Rng = None,
    chains: int = CHAINS,
    draws: int = DRAWS,
    warmup: int = WARMUP,
) -> Draws:
    """Draws of Stan's NUTS from the program that `vi_lab.export.stan` writes.

    Parameters
    ----------
    problem : Model, Problem or the name of one
    method : "nuts" or "pathfinder"
    rng : int, SeedSequence or Generator, optional
    chains, draws, warmup : int

    Raises
    ------
    NotApplicable
        Without stanli, with the line that installs it; where there is no program, and of
        "pathfinder", which stanli has as a start of its chains alone.
    """
    walked = Walked(problem, "Stan", METHODS, method)
    alone = "stanli has Pathfinder as a start of its chains alone, and no draws of it"
    refuse_if(method == "pathfinder", f"Stan's Pathfinder does not apply, because {alone}",
              NotApplicable)  # fmt: skip
    program, stanli = stan(walked.model), import_extra("stanli", "stan")
    generator = checks.generator(rng)
    seed = int(generator.integers(1, 2**31))
    model = stanli.Model(stan_code=program.code, data=program.data, seed=seed)
    fit = model.sample(chains=chains, seed=seed, warmup=warmup, samples=draws, refresh=0)
    return walked.draws(_read(walked, fit, (chains, draws)), generator, checks.seed(rng))


def _read(walked: Any, fit: Any, size: tuple[int, int]) -> np.ndarray:
    """The draws of all parameters, by the names that the program gives them, as y."""
    values = walked.target.moments(np.zeros((1, walked.dimension)))
    moved = {n: np.shape(values[n][0])[1:] for n in walked.target.moved}
    shapes = walked.model.latents({n: np.zeros(shape) for n, shape in moved.items()})
    latents = {}
    for name, like in shapes.items():
        columns = [_column(name, index) for index in np.ndindex(np.shape(like))]
        drawn = [np.asarray(fit.draws(column)).reshape(size) for column in columns]
        latents[name] = np.stack(drawn, axis=-1).reshape(*size, *np.shape(like))
    return walked.target.to_real(walked.model.block_values(latents))


def _column(name: str, index: tuple[int, ...]) -> str:
    """As Stan writes it: theta of one number, theta.1 of the first of several."""
    return ".".join([name, *(str(i + 1) for i in index)])
