"""A training under way: its whole state, and one step of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from vi_lab.errors import NumericalError, ResultFileError
from vi_lab.vae.fast.elbo import FastElbo
from vi_lab.vae.fast.layout import Layout
from vi_lab.vae.objective import importance_bound_and_gradients
from vi_lab.vae.optimiser import OPTIMISERS


class Plan(NamedTuple):
    """How to train."""

    epochs: int
    batch_size: int
    learning_rate: float
    optimiser: str


class Run:
    """A training under way: everything that a checkpoint holds, and one step.

    Attributes
    ----------
    theta : array
        All parameters (see layout.py).
    epoch, step : int
        Epochs done, and steps done in the one under way.
    sums : array (3,)
        ELBO, reconstruction and KL summed over the data of the epoch under way.
    trace : list of array (3,)
        Their means, an entry an epoch.
    """

    def __init__(self, vae: Any, x: np.ndarray, plan: Plan, seed: list[int], params: Any) -> None:
        self.vae, self.x, self.plan, self.seed = vae, x, plan, seed
        self.layout = Layout(vae.network)
        if params is None:
            params = vae.network.init(np.random.default_rng([*seed, 0]))
        self.theta = self.layout.flatten(params, vae.dtype)
        self.noise = np.random.default_rng([*seed, 1])
        self.optimiser = OPTIMISERS[plan.optimiser](self.theta, plan.learning_rate)
        self.epoch, self.step, self.seconds = 0, 0, 0.0
        self.sums, self.trace = np.zeros(3), list[np.ndarray]()
        self.last_finite: float | None = None
        self._gradient = np.empty_like(self.theta)
        self._fast = FastElbo(vae.network, self.theta, self._gradient, vae.beta)

    @property
    def steps_per_epoch(self) -> int:
        return math.ceil(len(self.x) / self.plan.batch_size)

    def order(self) -> np.ndarray:
        """The rows of the epoch under way, in their order."""
        return np.random.default_rng([*self.seed, 2, self.epoch]).permutation(len(self.x))

    def batches(self) -> Iterator[np.ndarray]:
        """The rows of each step that is left of the epoch under way."""
        order, size = self.order(), self.plan.batch_size
        for first in range(self.step * size, len(order), size):
            yield order[first : first + size]

    def advance(self, rows: np.ndarray) -> None:
        """One step on these rows: the bound and its gradients at fresh noise, then the move."""
        x = self.x[rows].astype(self.theta.dtype, copy=False)
        shape = (self.vae.n_importance, len(rows), self.vae.n_latent)
        eps = self.noise.standard_normal(shape, dtype=self.theta.dtype)
        bound, reconstruction, kl = self._gradients(x, eps)
        if not math.isfinite(bound):
            raise self._not_finite(f"the ELBO is {bound}", self.epoch, self.step + 1)
        self.last_finite = bound / len(rows)
        self.optimiser.step(self._gradient)
        self.sums += bound, reconstruction, kl
        self.step += 1

    def _gradients(self, x: np.ndarray, eps: np.ndarray) -> tuple[float, float, float]:
        """Summed bound, reconstruction and KL; the gradients go into self._gradient."""
        if self.vae.n_importance == 1:
            reconstruction, kl = self._fast(x, eps[0])
            return reconstruction - kl, reconstruction, kl
        value, gradients = importance_bound_and_gradients(
            self.vae.network, self.layout.params(self.theta), x, eps, self.vae.n_importance
        )
        for name, view in self.layout.params(self._gradient).items():
            view[...] = gradients[name]
        return float(value.elbo.sum()), float(value.reconstruction.sum()), float(value.kl.sum())

    def _not_finite(self, what: str, epochs: int, step: int) -> NumericalError:
        if self.last_finite is None:
            rest = "none was finite before; look at the scale of x (near 1 is best) and of params"
        else:
            rest = (
                f"the last finite ELBO was {self.last_finite:.6g} nats per datum; "
                f"try a learning_rate below {self.plan.learning_rate:g}"
            )
        return NumericalError(f"{what} in epoch {epochs + 1}, step {step}; {rest}")

    def end_epoch(self) -> None:
        """Note the means of the epoch under way; what comes next is the first step of another."""
        self.trace.append(self.sums / len(self.x))
        self.epoch, self.step, self.sums = self.epoch + 1, 0, np.zeros(3)

    def params(self) -> dict[str, np.ndarray]:
        """The parameters as they stand, by name, each a copy."""
        return {n: np.array(v, order="C") for n, v in self.layout.params(self.theta).items()}

    def means(self) -> np.ndarray:
        """ELBO, reconstruction and KL, (epochs, 3): the trace as one array."""
        return np.array(self.trace).reshape(-1, 3)

    def require_finite(self) -> None:
        """A NumericalError where the last step left a parameter that is not finite."""
        if not np.isfinite(self.theta).all():
            steps = self.epoch * self.steps_per_epoch + self.step
            epochs, before = divmod(max(steps - 1, 0), self.steps_per_epoch)
            raise self._not_finite("a parameter is no longer finite", epochs, before + 1)

    def state(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Arrays and a record: all that it takes to go on from here.

        The arrays are the training's own: the next step writes into them.
        """
        arrays = {"theta": self.theta, "sums": self.sums, "trace": self.means()}
        record = {
            "epoch": self.epoch,
            "step": self.step,
            "optimiser_steps": self.optimiser.steps,
            "seed": self.seed,
            "seconds": self.seconds,
            "noise": self.noise.bit_generator.state,
            "last_finite": self.last_finite,
        }
        return {**arrays, **self.optimiser.moments}, record

    def restore(self, arrays: dict[str, np.ndarray], record: dict[str, Any]) -> None:
        """Take up the state that `state` gave; ResultFileError for what it never gives."""
        try:
            self._refuse_other(arrays, record)
            self.theta[:] = arrays["theta"]
            self.sums[:] = arrays["sums"]
            for name, moment in self.optimiser.moments.items():
                moment[:] = arrays[name]
            self.trace = list(arrays["trace"])
            self.epoch, self.step = record["epoch"], record["step"]
            self.optimiser.steps, self.seed = record["optimiser_steps"], record["seed"]
            self.seconds, self.last_finite = record["seconds"], record["last_finite"]
            self.noise.bit_generator.state = record["noise"]
        except (KeyError, TypeError, ValueError) as error:
            raise ResultFileError(f"the checkpoint does not fit together: {error}") from None

    def _refuse_other(self, arrays: dict[str, np.ndarray], record: dict[str, Any]) -> None:
        """ValueError for arrays or counts that no state of this training has."""
        counts = [record[name] for name in ("epoch", "step", "optimiser_steps")] + record["seed"]
        if not all(type(count) is int and count >= 0 for count in counts):
            raise ValueError(f"its counts and seed are {counts}")
        if record["step"] > self.steps_per_epoch:
            raise ValueError(f"it is at step {record['step']} of {self.steps_per_epoch}")
        if not isinstance(record["seconds"], float):
            raise ValueError(f"it took {record['seconds']!r} seconds")
        if not isinstance(record["last_finite"], float | None):
            raise ValueError(f"its last ELBO is {record['last_finite']!r}")
        for name, own in self.state()[0].items():
            shape = (record["epoch"], 3) if name == "trace" else own.shape
            found = arrays[name]
            if found.shape != shape or found.dtype != own.dtype or not np.isfinite(found).all():
                needed = f"finite numbers, {own.dtype} of shape {shape}"
                raise ValueError(f"{name!r} needs {needed}, got {found.dtype} of {found.shape}")
