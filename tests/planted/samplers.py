"""Mistakes in samplers, and in what a sampler relies on."""

import copy
from dataclasses import replace

import numpy as np

import vi_lab.inference.engine.target
import vi_lab.inference.hmc as hamiltonian
from tests.planted.source import plant
from vi_lab import Block, gibbs
from vi_lab.inference.engine.random_walk import RandomWalk
from vi_lab.model import log_joint_collapsed


def stale(model):
    """Gibbs that updates every block from the statistics at the start of the sweep."""
    snapshot = {}
    first = next(iter(model.blocks))

    def conditional_of(name, block):
        def conditional(t):
            if name == first:
                snapshot.update(t)
            return block.complete_conditional(dict(snapshot))

        return conditional

    twin = copy.copy(model)
    twin.blocks = {
        name: Block(block.family, conditional_of(name, block), block.plates, block.auxiliary)
        for name, block in model.blocks.items()
    }
    return twin


def opposite_chains(model, **settings):
    """Two chains off in opposite directions: pooled, they are right."""
    result = gibbs(model, **settings)
    values = {name: np.array(value) for name, value in result.values.items()}
    shift = 0.5 * values["mu"].std()
    values["mu"][0] += shift
    values["mu"][1] -= shift
    return replace(result, values=values)


def copied_chain(model, **settings):
    """The last chain is the first one again."""
    result = gibbs(model, **settings)
    values = {name: np.array(value) for name, value in result.values.items()}
    for value in values.values():
        value[-1] = value[0]
    return replace(result, values=values)


def fresh_entropy(model, *, rng, **settings):
    return gibbs(model, rng=None, **settings)


class NoJacobianInTarget(vi_lab.inference.engine.target.RealTarget):
    def log_density(self, y):
        _, stats, _ = self._unpack(y)
        return log_joint_collapsed(self.model, stats, self.collapsed, y.shape[:-1])


def ones(block):
    """What zero_statistics is not."""
    return block.family.Stats(*(np.ones(block.plates + s) for s in block.family.stat_shapes))


NOISE = RandomWalk.noise


def one_decision_for_all(walk, steps, label):
    """Every row of every chain is accepted or rejected by one and the same random number."""
    for begin, jumps, exponentials in NOISE(walk, steps, label):
        yield begin, jumps, np.repeat(exponentials[:, :1], walk.chains, axis=1)


class RowsOfTheWrongChain(vi_lab.inference.engine.target.RowTarget):
    """Walkers are the chains times the rows; here they are read as the rows times the chains."""

    def values(self, y, rng):
        by_row = y.reshape(self.rows, -1, *y.shape[1:])
        values, _, _ = self._unpack(np.moveaxis(by_row, 0, 2))
        return values


def mistaken_trajectories(right, wrong):
    """The lesson's `transitions` with one line of it changed."""
    return plant(hamiltonian, right, wrong)["transitions"]


TRAJECTORIES = {
    "the last half of a leapfrog step lost": (
        "p = p + 0.5 * e * np.where(e > 0, pull @ L, 0.0)", "pass"),
    "the kinetic energy left out of the acceptance": (
        "ratio = log_q - 0.5 * (p * p).sum(-1) - energy", "ratio = log_q - log_p"),
    "a trajectory along the slope of the state before": (
        "slope = np.where(accept[:, None], pull, slope)", "pass"),
    "the momentum kept, its sign not turned at a rejection": (
        "p = rng.standard_normal(y.shape)",
        "p = p if 'p' in locals() else rng.standard_normal(y.shape)"),
    "every trajectory accepted": (
        "accept = -rng.standard_exponential(len(y)) < ratio", "accept = ratio > -np.inf"),
    "one momentum for all chains": (
        "p = rng.standard_normal(y.shape)",
        "p = np.repeat(rng.standard_normal((1, y.shape[1])), len(y), axis=0)"),
}  # fmt: skip
