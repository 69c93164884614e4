"""Training: stochastic gradient ascent that can be stopped at any moment and picked up again.

What a training does depends on its data, settings and seed alone. The order of the data in an epoch
is a function of the seed and the epoch's number, and the noise comes from one generator whose state
is in every checkpoint; so a training that was killed ends in the same parameters, bit for bit, as
one that was not.
"""

from __future__ import annotations

import contextlib
import os
import time
import zlib
from dataclasses import fields
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.errors import InputError, NumericalError
from vi_lab.runtime.interrupts import CtrlC
from vi_lab.runtime.locks import locked
from vi_lab.runtime.progress import Bar
from vi_lab.vae import inputs
from vi_lab.vae.amortised_result import Amortised, Trace
from vi_lab.vae.runs.checkpoints import Checkpoints
from vi_lab.vae.training_state import Plan, Run


def fit(
    vae: Any,
    x: np.ndarray,
    plan: Plan,
    *,
    rng: Any,
    params: Any,
    checkpoint: str | os.PathLike[str] | None,
    checkpoint_seconds: float,
) -> Amortised:
    """Train from the start, or from where the newest checkpoint stands.

    Same data, settings and rng: the same numbers, whether or not it was interrupted or killed.
    Checkpoints hold everything, appear whole or not at all, and two are kept; their folder is one
    training's at a time. Ctrl-C ends the training after the step under way (a second one at once).
    No step is taken on, and no checkpoint is written of, a number that is not finite.
    """
    inputs.warn_of_grey("x", x, vae.network, stacklevel=5)
    with contextlib.nullcontext() if checkpoint is None else locked(checkpoint):
        return _fit(vae, x, plan, rng, params, checkpoint, checkpoint_seconds)


def _fit(
    vae: Any,
    x: np.ndarray,
    plan: Plan,
    rng: Any,
    params: Any,
    checkpoint: str | os.PathLike[str] | None,
    checkpoint_seconds: float,
) -> Amortised:
    """As `fit`, in a folder that is ours."""
    seed = checks.generator(rng).integers(2**63, size=2, dtype=np.int64).tolist()
    run = Run(vae, x, plan, seed, params)
    checkpoints = None
    if checkpoint is not None:
        checkpoints = Checkpoints(checkpoint, _identity(run, rng, params))
        found = checkpoints.read()
        if found is not None:
            run.restore(*found)
        if run.epoch > plan.epochs:
            raise InputError(
                f"epochs: the training in {checkpoint} has done {run.epoch} already, "
                f"got {plan.epochs}"
            )
        if found is None:
            run.save(checkpoints)  # so that a folder that cannot be written is found out now
    try:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"), CtrlC() as ctrl_c:
            _train(run, checkpoints, checkpoint_seconds, ctrl_c)
    except NumericalError as error:
        if checkpoints is None:
            raise
        raise NumericalError(f"{error}; {checkpoints.latest} holds the last good state") from None
    return Amortised(
        vae=vae,
        params={name: np.array(v, order="C") for name, v in run.layout.params(run.theta).items()},
        trace=Trace(*np.array(run.trace).reshape(-1, 3).T),
        seconds=run.seconds,
        interrupted=run.epoch < plan.epochs,
        data=x,
    )


def _train(run: Run, checkpoints: Checkpoints | None, every: float, ctrl_c: CtrlC) -> None:
    """Run to the end, or to the first Ctrl-C, and leave a checkpoint of where that was."""
    started = saved = time.perf_counter()
    before, begun, size = run.seconds, (run.epoch, run.step), run.plan.batch_size
    with Bar(run.plan.epochs - run.epoch, "epoch") as bar:
        while run.epoch < run.plan.epochs and not ctrl_c.pressed:
            order = run.order()
            while run.step < run.steps_per_epoch and not ctrl_c.pressed:
                run.advance(order[run.step * size : (run.step + 1) * size])
                now = time.perf_counter()
                run.seconds = before + now - started
                if checkpoints and now - saved >= every:
                    run.save(checkpoints)
                    saved = now
            if run.step == run.steps_per_epoch:
                run.end_epoch()
                elbo, _, kl = run.trace[-1]
                bar.step(f"ELBO {elbo:.2f}, KL {kl:.2f} nats per datum")
    if (run.epoch, run.step) != begun:
        run.save(checkpoints)


def _identity(run: Run, rng: Any, params: Any) -> dict[str, Any]:
    """What two trainings must share for one to go on where the other stopped."""
    seeded, checksum = checks.seed(rng) is not None, 0
    for first in range(0, len(run.x), inputs.ROWS):
        part = np.ascontiguousarray(run.x[first : first + inputs.ROWS])
        checksum = zlib.crc32(part.tobytes(), checksum)
    return {
        "vae": {field.name: getattr(run.vae, field.name) for field in fields(run.vae)},
        "data": {"shape": run.x.shape, "dtype": run.x.dtype.str, "crc32": checksum},
        "batch_size": run.plan.batch_size,
        "learning_rate": run.plan.learning_rate,
        "optimiser": run.plan.optimiser,
        "rng": run.seed if seeded else None,
        "params": zlib.crc32(run.theta.tobytes()) if seeded or params is not None else None,
    }
