"""A training on a machine: it can be stopped at any moment and picked up again.

The steps are those of training.py. Here stands what goes on around them: the lock on the folder,
the checkpoints and when they are written, the clock, the line of progress, and Ctrl-C.
"""

from __future__ import annotations

import os
import time
import zlib
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.errors import InputError, NumericalError
from vi_lab.runtime.interrupts import CtrlC
from vi_lab.runtime.locks import lock_folder
from vi_lab.runtime.progress import Bar
from vi_lab.vae import inputs
from vi_lab.vae.runs.checkpoints import Checkpoints
from vi_lab.vae.training import steps
from vi_lab.vae.training_state import Plan, Run


def run_training(
    vae: Any,
    x: np.ndarray,
    plan: Plan,
    *,
    rng: Any,
    params: Any,
    checkpoint: str | os.PathLike[str] | None,
    checkpoint_seconds: float,
) -> Run:
    """Train from the start, or from where the newest checkpoint stands.

    Same data, settings and rng: the same numbers, whether or not it was interrupted or killed.
    Checkpoints hold everything, appear whole or not at all, and two are kept; their folder is one
    training's at a time. Ctrl-C ends the training after the step under way (a second one at once).
    No step is taken on, and no checkpoint is written of, a number that is not finite.
    """
    inputs.warn_of_grey("x", x, vae.network, stacklevel=5)
    with nullcontext() if checkpoint is None else lock_folder(checkpoint):
        seed = checks.generator(rng).integers(2**63, size=2, dtype=np.int64).tolist()
        run = Run(vae, x, plan, seed, params)
        checkpoints = None if checkpoint is None else _resume(run, checkpoint, rng, params)
        try:
            _train(run, checkpoints, checkpoint_seconds)
        except NumericalError as error:
            if checkpoints is None:
                raise
            kept = f"{checkpoints.latest} holds the last good state"
            raise NumericalError(f"{error}; {kept}") from None
    return run


def _resume(run: Run, folder: str | os.PathLike[str], rng: Any, params: Any) -> Checkpoints:
    """Take up the newest state in the folder; where there is none, write the first."""
    checkpoints = Checkpoints(folder, _identity(run, rng, params))
    found = checkpoints.read()
    if found is None:
        _save(run, checkpoints)  # so that a folder that cannot be written is found out now
        return checkpoints
    run.restore(*found)
    if run.epoch > run.plan.epochs:
        raise InputError(
            f"epochs: the training in {folder} has done {run.epoch} already, got {run.plan.epochs}"
        )
    return checkpoints


def _train(run: Run, checkpoints: Checkpoints | None, every: float) -> None:
    """Run to the end, or to the first Ctrl-C, and leave a checkpoint of where that was."""
    started = saved = time.perf_counter()
    before, begun = run.seconds, (run.epoch, run.step)
    with (
        np.errstate(over="ignore", invalid="ignore", divide="ignore"),  # `Run.advance` looks itself
        CtrlC() as ctrl_c,
        Bar(run.plan.epochs - run.epoch, "epoch") as bar,
    ):
        for _ in ctrl_c.until_pressed(steps(run)):
            now = time.perf_counter()
            run.seconds = before + now - started
            if checkpoints and now - saved >= every:
                _save(run, checkpoints)
                saved = now
            if run.step == 0:
                elbo, _, kl = run.trace[-1]
                bar.step(f"ELBO {elbo:.2f}, KL {kl:.2f} nats per datum")
        if (run.epoch, run.step) != begun:
            _save(run, checkpoints)


def _save(run: Run, checkpoints: Checkpoints | None) -> None:
    """Write a checkpoint, if there is anywhere to, of a state that is finite."""
    run.require_finite()
    if checkpoints is not None:
        checkpoints.write(*run.state())


def _identity(run: Run, rng: Any, params: Any) -> dict[str, Any]:
    """What two trainings must share for one to go on where the other stopped."""
    seeded, checksum = checks.seed(rng) is not None, 0
    for part in inputs.parts(run.x):
        checksum = zlib.crc32(np.ascontiguousarray(part).tobytes(), checksum)
    return {
        "vae": asdict(run.vae),
        "data": {"shape": run.x.shape, "dtype": run.x.dtype.str, "crc32": checksum},
        "batch_size": run.plan.batch_size,
        "learning_rate": run.plan.learning_rate,
        "optimiser": run.plan.optimiser,
        "rng": run.seed if seeded else None,
        "params": zlib.crc32(run.theta.tobytes()) if seeded or params is not None else None,
    }
