"""PyMC on the lab's problems: NUTS, and ADVI with a diagonal or a full Gaussian.

The log density is an operation of PyTensor that calls it, with its gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.adapters.walked import CHAINS, DRAWS, FITTED, WARMUP, Walked, import_extra
from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.model_or_problem import ModelLike
from vi_lab.results import Draws

FITS = {"advi": "advi", "fullrank-advi": "fullrank_advi"}
METHODS = ("nuts", *FITS)
STEPS = 20_000  # of ADVI


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
    """Draws of PyMC's NUTS, or of the q that its ADVI ends in.

    Parameters
    ----------
    problem : Model, Problem or the name of one
    method : "nuts", "advi" or "fullrank-advi"
    rng : int, SeedSequence or Generator, optional
    chains, draws, warmup : int
        Of NUTS.

    Raises
    ------
    NotApplicable
        Without PyMC, with the line that installs it; without real coordinates.
    """
    walked = Walked(problem, "PyMC", METHODS, method)
    pm = import_extra("pymc", "pymc")
    generator = checks.generator(rng)
    seed = int(generator.integers(2**31))
    start = walked.start(generator, chains)
    with np.errstate(all="ignore"), pm.Model():
        y = pm.Flat("y", shape=walked.dimension)
        pm.Potential("log_p", wrap_for_pytensor(walked)(y))
        if method == "nuts":
            found = pm.sample(
                draws, tune=warmup, chains=chains, cores=1, random_seed=seed, progressbar=False,
                compute_convergence_checks=False, initvals=[{"y": row} for row in start],
            )  # fmt: skip
            path = np.asarray(found.posterior["y"])
        else:
            fit = pm.fit(
                STEPS, method=FITS[method], random_seed=seed, progressbar=False,
                start={"y": start[0]},
            )  # fmt: skip
            drawn = fit.sample(FITTED, random_seed=seed).posterior["y"]
            path = np.asarray(drawn).reshape(4, -1, walked.dimension)
    return walked.draws(path, generator, checks.seed(rng))


def wrap_for_pytensor(walked: Any) -> Any:
    """log_density(y) as an operation of PyTensor."""
    graph, ops = import_extra("pytensor.tensor", "pymc"), import_extra("pytensor.graph", "pymc")

    class Slope(ops.Op):  # type: ignore[name-defined]
        itypes, otypes = [graph.dvector], [graph.dvector]

        def perform(self, node: Any, inputs: Any, outputs: Any) -> None:
            outputs[0][0] = np.asarray(walked.gradient(inputs[0]), dtype=np.float64)

    slope = Slope()

    class LogDensity(ops.Op):  # type: ignore[name-defined]
        itypes, otypes = [graph.dvector], [graph.dscalar]

        def perform(self, node: Any, inputs: Any, outputs: Any) -> None:
            outputs[0][0] = np.array(walked.log_density(inputs[0]), dtype=np.float64)

        def grad(self, inputs: Any, above: Any) -> Any:
            return [above[0] * slope(inputs[0])]

    return LogDensity()
