"""What every sampler promises, as plain functions of (model, sampler): tests and mistakes use both.

A sampler is a function (model, rng=, chains=, draws=, warmup=) -> Draws.
"""

import copy

import numpy as np
from numpy.testing import assert_array_equal

from tests.contract.tolerances import (
    assert_averages,
    assert_chains,
    assert_chains_agree,
    assert_uncorrelated,
)
from tests.contract.values import block_values, columns, mapped
from vi_lab import exact, gibbs
from vi_lab.inference.engine.target import is_discrete
from vi_lab.model import log_density, statistics


def started(model, values):
    """The same model, whose every chain starts at these block values."""
    twin = copy.copy(model)

    def sample_latents(rng, batch=()):
        return {
            name: mapped(lambda a: np.array(np.broadcast_to(a, (*batch, *np.shape(a)))), value)
            for name, value in values.items()
        }

    twin.sample_latents = twin.sample_initial_values = sample_latents
    return twin


def draws_of(model, sampler):
    """How many each chain needs: a random walk in real coordinates mixes more slowly."""
    return 1000 if sampler is gibbs or is_discrete(model) else 2500


def check_moments(model, sampler, draws=None, chains=6):
    """Each chain has the exact means, variances and (between neighbours) covariances.

    Many short chains rather than a few long ones: a sweep costs hardly more for them.
    """
    truth, draws = exact(model), draws or draws_of(model, sampler)
    result = sampler(model, rng=11, chains=chains, draws=draws, warmup=300)
    for name in (*truth.names, *(name for name, b in model.blocks.items() if b.auxiliary)):
        values = result.values[name]
        if name in model.nominal:
            values = (values[..., None] == np.arange(model.nominal[name])).astype(float)
            assert_chains(values, truth.mean(name), name)
            continue
        assert_chains(values, truth.mean(name), f"mean of {name}")
        squares = (values - truth.mean(name)) ** 2
        assert_chains(squares, truth.sd(name) ** 2, f"variance of {name}")
    # the covariance of two latents, which each alone would not show: against exact draws
    columns = [np.asarray(result.values[n]).reshape(chains, draws, -1)[..., 0] for n in truth.names]
    if len(columns) > 1 and not model.nominal:
        reference = truth.sample(30_000, rng=12)
        one, two = (reference[n].reshape(30_000, -1)[:, 0].astype(float) for n in truth.names[:2])
        expected = np.mean((one - one.mean()) * (two - two.mean()))
        product = (columns[0] - one.mean()) * (columns[1] - two.mean())
        assert_chains(product, expected, "covariance of the first two latents")


def check_summaries(model, sampler, draws=None, chains=6, least_ess=50):
    """Each chain has the means of every label-invariant summary, and of its square.

    The names of components mean nothing, so a chain that never exchanges them is no worse for it.
    The truth is an average over exact draws, whose own standard error is allowed for.
    """
    draws = draws or draws_of(model, sampler)
    reference = model.summaries(exact(model).sample(30_000, rng=12))
    result = sampler(model, rng=11, chains=chains, draws=draws, warmup=500)
    found = model.summaries(result.values)
    assert found.keys() == reference.keys()
    for name, value in found.items():
        centre = reference[name].mean(0)
        for power in (1, 2):
            chains, truth = (np.abs(v - centre) ** power if power > 1 else v
                             for v in (value, reference[name]))  # fmt: skip
            assert_chains_agree(chains, truth, f"{name} to the power {power}", least_ess)


def check_rows_are_independent(model, sampler):
    """Within one chain no row moves or stays because another does.

    Two rows' moves are independent given the data: whether row i moved is uncorrelated with
    whether row j did, and so is where they went.
    """
    z = np.asarray(sampler(model, rng=21, chains=2, draws=3000, warmup=300).values["z"])
    for chain in z[..., 0]:
        moved = (np.diff(chain, axis=0) != 0).astype(float)
        assert 0.05 < moved.mean() < 0.95
        assert_uncorrelated(moved, "whether the rows of one chain move")


def check_chains_part(model, sampler):
    """Chains that start as one are all different soon after: no draw is shared between them."""
    values = model.sample_latents(np.random.default_rng(13))
    result = sampler(started(model, values), rng=14, chains=5, draws=12, warmup=100)
    for name, value in result.values.items():
        few = value.dtype.kind in "iu"  # labels may agree by chance, not always all of them
        path = value[:, 0 if few else -1 :].reshape(5, -1).astype(float)
        same = [(i, j) for i in range(5) for j in range(i) if np.array_equal(path[i], path[j])]
        assert len(same) < 10 if few else not same, f"{name}: chains {same} move as one"


def check_chains_are_independent(model, sampler):
    """Over many one-step runs from equal starts, the draws of two chains are uncorrelated."""
    values = model.sample_latents(np.random.default_rng(15))
    result = sampler(started(model, values), rng=16, chains=2000, draws=1, warmup=0)
    name, value = next(iter(result.values.items()))
    halves = value[:, 0].reshape(2000, -1)[:, 0].reshape(1000, 2).astype(float)
    centred = halves - halves.mean()
    assert np.ptp(centred) > 0
    assert_averages(centred[:, 0] * centred[:, 1], 0.0, f"covariance of two chains in {name!r}")


def check_seeds(model, sampler):
    """The same seed gives the same numbers, however it is passed; another seed gives others."""
    size = dict(chains=2, draws=30, warmup=20)
    one, two, three, four = (
        sampler(model, rng=rng, **size)
        for rng in (5, np.random.default_rng(5), np.random.SeedSequence(5), 6)
    )
    for name, value in one.values.items():
        assert_array_equal(value, two.values[name])
        assert_array_equal(value, three.values[name])
    assert any(not np.array_equal(v, four.values[n]) for n, v in one.values.items())


def check_joint_distribution(model, sampler, replicates=600, **settings):
    """Geweke's (2004) test, as independent replicates so that its null distribution is known.

    Draw latents z from the prior and data x given z; then take a few steps towards p(z | x) from z
    itself, in a few chains. If the steps leave the posterior invariant, (z', x) is distributed as
    (z, x) is: every bounded function g(z', x) - g(z, x) averages to nought over the replicates.
    """
    rng = np.random.default_rng(17)
    before, after = [], []
    for _ in range(replicates):
        values = model.sample_latents(rng)
        fresh = model.sample_data(rng, values)
        result = sampler(started(fresh, values), rng=rng, chains=6, warmup=0, **settings)
        one = {n: mapped(lambda a: np.asarray(a)[None], v) for n, v in values.items()}
        last = {n: v[:, -1] for n, v in result.values.items()}
        before.append(_features(fresh, one))
        after.append(_features(fresh, block_values(fresh, last)))
    before, after = np.array(before), np.array(after)  # (replicates, 1 or 6, features)
    centre, scale = before.mean((0, 1)), before.std((0, 1)) + 1e-12
    before, after = (np.tanh((f - centre) / scale) for f in (before, after))
    one, two = np.triu_indices(before.shape[-1])
    before, after = (
        np.concatenate([f, f[..., one] * f[..., two]], axis=-1).mean(1) for f in (before, after)
    )
    assert_averages(after - before, 0.0, "joint distribution")


def _features(model, values):
    """Every coordinate of z; the log joint and each block's log density given the rest, (n, ...).

    The last are the sharpest: they tie the blocks to one another and to the data.
    """
    parts = [log_density(model, values)[:, None]]
    n, t = len(parts[0]), statistics(model, values)
    for name, block in model.blocks.items():
        parts.append(columns(values[name], block.family).reshape(n, -1))
        given = block.family.log_density(values[name], block.complete_conditional(t))
        parts.append(np.reshape(block.sum_over_plates(given, (n,)), (n, 1)))
    return np.concatenate(parts, axis=1)
