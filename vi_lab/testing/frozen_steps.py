"""Samplers of real coordinates with frozen settings, as `rank_test` and `joint_test` take them."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.types import Rng
from vi_lab.inference import discrete_metropolis
from vi_lab.inference.engine.hamiltonian_run import HamiltonianWalk
from vi_lab.inference.engine.noise import BufferedNoise
from vi_lab.inference.engine.random_walk import RandomWalk
from vi_lab.inference.engine.record import record_sweeps
from vi_lab.inference.engine.target import choose_target, is_discrete
from vi_lab.inference.hmc import hmc, transitions
from vi_lab.inference.metropolis_hastings import metropolis_hastings
from vi_lab.model import Model, Values
from vi_lab.results.exact import find_truth
from vi_lab.testing.of_models import joint_of, look_at, map_arrays, one_chain, repeat

COARSE = 2.0  # steps of the leapfrog, in those that `hmc` settles on
LEAST_RUNS, MOST_NUMBERS = 400, 2**20  # runs at once, and the numbers that they are


class Steps(ABC):
    """A sampler of real coordinates with frozen settings: `steps` and `pair` as the tests take
    them."""

    def steps(
        self, rng: np.random.Generator, theta: Values, data: Model, steps: int
    ) -> list[Values]:
        """The next steps from theta; collapsed blocks are drawn back at each."""
        return one_chain(self._walk(rng, theta, data, steps, 1), steps, 0)

    def pair(
        self, rng: np.random.Generator, theta: Values, data: Model, steps: int
    ) -> tuple[Values, Values]:
        """The last states of two chains of one run from theta."""
        values = self._walk(rng, theta, data, steps, 2)
        return one_chain(values, steps, 0)[-1], one_chain(values, steps, 1)[-1]

    @abstractmethod
    def _walk(
        self, rng: np.random.Generator, theta: Values, data: Model, steps: int, chains: int
    ) -> dict[str, Any]:
        """Block values (steps, chains, ...)."""


@dataclass(frozen=True)
class MetropolisSteps(Steps):
    """Random-walk Metropolis with a frozen proposal.

    Attributes
    ----------
    cholesky : array (D, D) or None
        Of the proposal's covariance in real coordinates; None where every latent is discrete.
    """

    cholesky: np.ndarray | None

    @classmethod
    def tuned(cls, model: Any, rng: Rng = None) -> MetropolisSteps:
        """The proposal that `metropolis_hastings` settles on for one fresh set of data."""
        generator = checks.generator(rng)
        _, fresh = joint_of(model).draw(generator)
        if is_discrete(fresh):
            return cls(None)
        pilot = metropolis_hastings(fresh, rng=generator, chains=2, draws=1, warmup=400).settings
        return cls(pilot["proposal_cholesky"] * float(np.mean(pilot["step"])))

    def _walk(
        self, rng: np.random.Generator, theta: Values, data: Model, steps: int, chains: int
    ) -> dict[str, Any]:
        if self.cholesky is None:
            start = repeat(theta, chains)
            moves = discrete_metropolis.sweeps(data, start, BufferedNoise(rng))
            record, _ = record_sweeps(data, (z for z, _, _ in moves), chains, steps)
            return {n: data.blocks[n].family.stored(store) for n, store in record.items()}
        target = _target_from(repeat(theta, chains), data)
        walk = RandomWalk(target, chains, rng)
        walk.cholesky = self.cholesky
        return _path(target, walk.run(steps, "metropolis")[0], rng)


@dataclass(frozen=True)
class HamiltonianSteps(Steps):
    """Hamiltonian Monte Carlo with a frozen mass and a frozen step.

    Its trajectories are short and coarse, of up to `longest` leapfrog steps of which many are
    rejected: a kernel that leaves the posterior as it is does so at any step, and one with a
    mistake in it shows the mistake where the energy is not kept.

    Attributes
    ----------
    cholesky : array (D, D)
        Of the inverse mass in real coordinates.
    step : float
    longest : int
    """

    cholesky: np.ndarray
    step: float
    longest: int = 3

    @classmethod
    def tuned(cls, model: Any, rng: Rng = None) -> HamiltonianSteps:
        """The mass that `hmc` settles on for the model's own data, and COARSE times the step."""
        pilot = hmc(model, rng=rng, chains=4, draws=1, warmup=100).settings
        return cls(pilot["proposal_cholesky"], COARSE * float(np.mean(pilot["step"])))

    def _walk(
        self, rng: np.random.Generator, theta: Values, data: Model, steps: int, chains: int
    ) -> dict[str, Any]:
        return self._walk_from(repeat(theta, chains), data, steps, chains, rng)

    def _walk_from(
        self, start: Values, data: Model, steps: int, chains: int, rng: np.random.Generator
    ) -> dict[str, Any]:
        target = _target_from(start, data)
        walk = HamiltonianWalk(target, chains, rng, transitions)
        walk.cholesky, walk.longest = self.cholesky, self.longest
        walk.step[:] = self.step
        return _path(target, walk.run(steps, "hmc")[0], rng)

    def move_exact_draws(
        self, model: Model, runs: int, steps: int, rng: np.random.Generator
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """What is looked at of the ends of as many runs that begin at draws of the known posterior,
        and of other such draws, (runs,) each; of fewer where a state is of many numbers."""
        numbers = sum(block.size * block.family.numbers for block in model.blocks.values())
        runs = max(LEAST_RUNS, min(runs, MOST_NUMBERS // numbers))
        start, fresh = (find_truth(model).posterior.sample(rng, runs) for _ in range(2))
        ends = map_arrays(itemgetter(-1), self._walk_from(start, model, steps, runs, rng))
        return look_at(ends, runs, model), look_at(fresh, runs, model)


def _target_from(start: Values, data: Model) -> Any:
    """The density of the data, whose chains start at these block values (chains, ...)."""
    twin = copy.copy(data)
    twin.sample_initial_values = lambda rng, batch=(): dict(start)  # type: ignore[method-assign]
    return choose_target(twin)


def _path(target: Any, way: np.ndarray, rng: np.random.Generator) -> dict[str, Any]:
    """Real coordinates (steps, chains, D) as block values (steps, chains, ...)."""
    values = target.values(np.swapaxes(way, 0, 1), rng)
    return map_arrays(lambda a: a.swapaxes(0, 1), values)
