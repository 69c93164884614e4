"""What every sampler promises, as plain functions of (model, sampler): tests and mistakes use both.

A sampler is a function (model, rng=, chains=, draws=, warmup=) -> Draws.
"""

import copy

import numpy as np
from numpy.testing import assert_array_equal

from tests.contract.tolerances import assert_averages, assert_chains
from vi_lab import exact
from vi_lab.model import log_density, statistics


def started(model, values):
    """The same model, whose every chain starts at these block values."""
    twin = copy.copy(model)

    def sample_latents(rng, batch=()):
        return {
            name: np.array(np.broadcast_to(value, (*batch, *np.shape(value))))
            for name, value in values.items()
        }

    twin.sample_latents = twin.sample_starts = sample_latents
    return twin


def check_moments(model, sampler, draws=6000):
    """Each chain has the exact means, variances and (between neighbours) covariances."""
    truth = exact(model)
    result = sampler(model, rng=11, chains=4, draws=draws, warmup=1000)
    for name in truth.names:
        values = result.values[name]
        if name in model.nominal:
            values = (values[..., None] == np.arange(model.nominal[name])).astype(float)
            assert_chains(values, truth.mean(name), name)
            continue
        assert_chains(values, truth.mean(name), f"mean of {name}")
        squares = (values - truth.mean(name)) ** 2
        assert_chains(squares, truth.sd(name) ** 2, f"variance of {name}")
    # the covariance of two latents, which each alone would not show: against exact draws
    columns = [np.asarray(result.values[n]).reshape(4, draws, -1)[..., 0] for n in truth.names]
    if len(columns) > 1 and not model.nominal:
        reference = truth.sample(200_000, rng=12)
        one, two = (reference[n].reshape(200_000, -1)[:, 0].astype(float) for n in truth.names[:2])
        expected = np.mean((one - one.mean()) * (two - two.mean()))
        product = (columns[0] - one.mean()) * (columns[1] - two.mean())
        assert_chains(product, expected, "covariance of the first two latents")


def check_chains_part(model, sampler):
    """Chains that start as one are all different soon after: no draw is shared between them."""
    values = model.sample_latents(np.random.default_rng(13))
    result = sampler(started(model, values), rng=14, chains=5, draws=12, warmup=0)
    for name, value in result.values.items():
        last = value[:, -1].reshape(5, -1).astype(float)
        same = [(i, j) for i in range(5) for j in range(i) if np.array_equal(last[i], last[j])]
        few = value.dtype.kind in "iu"  # labels may agree by chance, not always all of them
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


def check_joint_distribution(model, sampler, replicates=1000, **settings):
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
        before.append(_features(fresh, {n: np.asarray(v)[None] for n, v in values.items()}))
        after.append(_features(fresh, {n: v[:, -1] for n, v in result.values.items()}))
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
    n = len(next(iter(values.values())))
    parts = [np.reshape(value, (n, -1)).astype(float) for value in values.values()]
    parts.append(log_density(model, values)[:, None])
    t = statistics(model, values)
    for name, block in model.blocks.items():
        given = block.family.log_density(values[name], block.complete_conditional(t))
        parts.append(np.reshape(block.over_plates(given, (n,)), (n, 1)))
    return np.concatenate(parts, axis=1)
