"""Stan on the lab's problems: NUTS and Pathfinder, by an interpreter without a compiler (stanli).

stanli has Pathfinder as a start of its chains: it fits one Gaussian along the path of an optimiser
(Zhang, Carpenter, Gelman & Vehtari 2022) and draws a start of each chain from it. Chains that take
one step of next to no length leave these draws as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.adapters.walked import CHAINS, DRAWS, WARMUP, Walked, import_extra
from vi_lab.arguments import checks
from vi_lab.arguments.block_values import put_back
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.export.stan_program import stan
from vi_lab.model_or_problem import ModelLike
from vi_lab.results import Draws

METHODS = ("nuts", "pathfinder")
STARTS = 1000  # draws of Pathfinder's Gaussian
STILL = {
    "warmup": 0, "samples": 1, "max_depth": 1, "adapt_engaged": False, "metric": "unit_e",
    "step_size": 1e-9, "parallel_chains": 1,
}  # fmt: skip


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
    """Draws of Stan's NUTS, or of its Pathfinder, on the program that `vi_lab.export.stan` has.

    Parameters
    ----------
    problem : Model, Problem or the name of one
    method : "nuts" or "pathfinder"
    rng : int, SeedSequence or Generator, optional
    chains, draws, warmup : int
        Of NUTS.

    Raises
    ------
    NotApplicable
        Without stanli, with the line that installs it; where there is no program.
    """
    walked = Walked(problem, "Stan", METHODS, method)
    program, stanli = stan(walked.model), import_extra("stanli", "stanli")
    generator = checks.generator(rng)
    seed = int(generator.integers(1, 2**31))
    model = stanli.Model(stan_code=program.code, data=program.data, seed=seed)
    if method == "nuts":
        size = chains, draws
        fit = model.sample(chains=chains, seed=seed, warmup=warmup, samples=draws, refresh=0)
    else:
        size = 4, STARTS // 4
        fit = model.sample(chains=STARTS, seed=seed, pathfinder_init={}, refresh=0, **STILL)
    return walked.draws(_read(walked, fit, size), generator, checks.seed(rng))


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
    return walked.target.to_real(put_back(walked.model, latents))


def _column(name: str, index: tuple[int, ...]) -> str:
    """As Stan writes it: theta of one number, theta.1 of the first of several."""
    return ".".join([name, *(str(i + 1) for i in index)])
