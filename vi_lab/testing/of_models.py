"""The joint distribution and the samplers of a generative vi_lab model, as `rank_test` takes them.

theta is a dict of block values and data is the model that holds them, so that a sampler needs no
other argument than these two. What is run is the code that `gibbs`, `metropolis_hastings`, `hmc`,
`exact` and `cavi` run.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from vi_lab.density_model import BaseModel
from vi_lab.errors import NotApplicable
from vi_lab.inference.cavi import cavi
from vi_lab.inference.engine.noise import BufferedNoise
from vi_lab.inference.engine.record import record_sweeps
from vi_lab.inference.gibbs import sweeps
from vi_lab.model import Model, Values, statistics
from vi_lab.model_or_problem import ModelLike, as_conjugate_model, as_given
from vi_lab.results.exact import find_truth
from vi_lab.testing.joint import Joint

FEW = 3  # coordinates of a long block that are looked at
SHORT = 4  # steps of a path for which blocks of noise, hundreds of sweeps each, are a waste


def joint_of(model: ModelLike) -> Joint:
    """The joint distribution of a generative model and its data.

    Quantities: up to three coordinates of each block, the log joint, and the log density of each
    block given the rest and the data, which ties the blocks to one another and to the data.
    """
    model = as_conjugate_model(model, "Simulating from the prior")
    if not simulates(model):
        reason = (
            "has no data to draw"
            if model.latents_fit_fresh_data
            else "has latents whose shape hangs on its data"
        )
        raise NotApplicable(
            f"Simulating from the prior does not apply: {type(as_given(model)).__name__} {reason}"
        )
    return Joint(model.sample_latents, lambda rng, theta: model.sample_data(rng, theta), _look)


def simulates(model: Model) -> bool:
    """Whether the model draws from its prior, and data for what was drawn."""
    return not why_not_simulated(model)


def why_not_simulated(model: Model) -> str:
    """Why no data can be drawn anew for latents from the prior; nothing where they can."""
    if not model.generative:
        return "the model has no prior to draw from (`generative` is False)"
    if not model.latents_fit_fresh_data:
        return "fresh data would have latents of another shape (`latents_fit_fresh_data` is False)"
    if getattr(model.sample_data, "__func__", None) is BaseModel.sample_data:
        return "the model has no `sample_data`"
    return ""


def _look(states: Sequence[Values], data: Model) -> dict[str, np.ndarray]:
    values = {name: _stack([state[name] for state in states]) for name in data.blocks}
    return look_at(values, len(states), data)


def look_at(values: Values, count: int, data: Model) -> dict[str, np.ndarray]:
    """The quantities of block values (count, ...)."""
    t = statistics(data, values)
    found = {"log joint": np.broadcast_to(data.log_joint(t), (count,))}
    for name, block in data.blocks.items():
        arrays = _parts(values[name])
        flat = np.concatenate([np.reshape(a, (count, -1)) for a in arrays], axis=-1)
        size = flat.shape[-1]
        for i in np.unique(np.linspace(0, size - 1, min(size, FEW)).round().astype(int)):
            found[f"{name}[{i}]" if size > 1 else name] = flat[:, i]
        given = block.family.log_density(values[name], block.complete_conditional(t))
        found[f"log p({name} | rest)"] = np.reshape(
            block.sum_over_plates(given, (count,)), (count,)
        )
    return found


def gibbs_steps(rng: np.random.Generator, theta: Values, data: Model, steps: int) -> list[Values]:
    """The next sweeps of `gibbs` over the blocks in their order."""
    return one_chain(_sweeps(rng, theta, data, steps, 1), steps, 0)


def gibbs_steps_back(
    rng: np.random.Generator, theta: Values, data: Model, steps: int
) -> list[Values]:
    """The time reversal of `gibbs_steps`: sweeps over the blocks in the opposite order.

    Drawing a block from its conditional is reversible, and the reversal of a product of reversible
    kernels is their product in the opposite order.
    """
    twin = copy.copy(data)
    twin.blocks = dict(reversed(data.blocks.items()))
    return gibbs_steps(rng, theta, twin, steps)


def gibbs_pair(
    rng: np.random.Generator, theta: Values, data: Model, steps: int
) -> tuple[Values, Values]:
    """The last states of two chains of one run of `gibbs` from theta."""
    values = _sweeps(rng, theta, data, steps, 2)
    return one_chain(values, steps, 0)[-1], one_chain(values, steps, 1)[-1]


def _sweeps(
    rng: np.random.Generator, theta: Values, data: Model, steps: int, chains: int
) -> dict[str, Any]:
    """Block values (steps, chains, ...)."""
    noise = BufferedNoise(rng) if steps > SHORT else rng
    t = statistics(data, repeat(theta, chains))
    record, _ = record_sweeps(data, sweeps(data, t, noise, chains), chains, steps)
    return {name: data.blocks[name].family.stored(store) for name, store in record.items()}


def exact_steps(rng: np.random.Generator, theta: Values, data: Model, steps: int) -> list[Values]:
    """Independent draws of the exact posterior: a sampler like others, and its own reversal."""
    values = find_truth(data).posterior.sample(rng, steps)
    return _states(values, steps)


def cavi_draws(rng: np.random.Generator, data: Model, count: int) -> list[Values]:
    """Draws of the q that `cavi` fits to the data."""
    q = cavi(data, rng=rng).q
    values = {name: factor.sample(count, rng=rng) for name, factor in q.items()}
    return _states(values, count)


def one_chain(values: dict[str, Any], steps: int, chain: int) -> list[Values]:
    """One chain of block values (steps, chains, ...) as a list of states."""
    return _states(map_arrays(lambda a: a[:, chain], values), steps)


def _states(values: dict[str, Any], count: int) -> list[Values]:
    """Block values (count, ...) as a list of states."""
    return [map_arrays(itemgetter(i), values) for i in range(count)]


def repeat(theta: Values, chains: int) -> dict[str, Any]:
    """Block values for so many chains, all alike."""
    return map_arrays(lambda a: np.repeat(np.asarray(a)[None], chains, axis=0), theta)


def _stack(values: Sequence[Any]) -> Any:
    """Values of one block, stacked along a new first axis; a value may be a tuple of arrays."""
    if isinstance(values[0], tuple):
        return type(values[0])(*(np.stack(part) for part in zip(*values, strict=True)))
    return np.stack(values)


def _parts(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, tuple) else (value,)


def map_arrays(function: Callable[[Any], Any], values: Values) -> dict[str, Any]:
    """Block values with each of their arrays put through a function."""
    return {
        name: type(value)(*map(function, value)) if isinstance(value, tuple) else function(value)
        for name, value in values.items()
    }
