"""What every model promises, as plain functions of one case: tests and planted mistakes use both.

The statistics at which a log joint and its conditionals are probed are random numbers that no value
of the latents could have (a square below the square of the mean, a negative precision, weights of
labels that do not sum to one): what only looks affine gives itself away there.
"""

from itertools import product

import numpy as np
from numpy.testing import assert_allclose

from tests.contract.family_checks import assert_slopes, differentiated, single
from tests.contract.values import at, event_shapes, parts
from vi_lab.inference.engine.block_target import RealTarget
from vi_lab.inference.engine.target import is_discrete
from vi_lab.model import log_density, log_joint_collapsed, statistics


def random_statistics(case, rng, batch=()):
    """Non-realisable statistics of every block; those of impossible labels are 0 come what may."""
    stats = {
        name: block.family.Stats(
            *(rng.standard_normal(batch + block.plates + s) for s in block.family.stat_shapes)
        )
        for name, block in case.model.blocks.items()
    }
    for name, possible in case.possible.items():
        fields = stats[name]
        each = possible if isinstance(possible, tuple) else (possible,) * len(fields)
        stats[name] = type(fields)(*(f * p for f, p in zip(fields, each, strict=True)))
    return stats


def packed(block, eta, batch=()):
    """Natural parameters at their full shape as one array (*batch, n), matrices symmetrised."""
    fields = []
    for field, shape in zip(eta, block.family.stat_shapes, strict=True):
        full = np.broadcast_to(field, batch + block.plates + shape)
        if len(shape) == 2:
            full = 0.5 * (full + np.swapaxes(full, -1, -2))
        fields.append(full.reshape(*batch, -1))
    return np.concatenate(fields, axis=-1)


def units(block):
    """Every unit statistic of a block, on a leading axis: (numbers, *plates, *event)."""
    sizes = [block.plates + shape for shape in block.family.stat_shapes]
    total = sum(int(np.prod(size)) for size in sizes)
    fields, first = [], 0
    for size in sizes:
        count = int(np.prod(size))
        unit = np.zeros((total, count))
        unit[first : first + count] = np.eye(count)
        fields.append(unit.reshape(total, *size))
        first += count
    return block.family.Stats(*fields)


def check_affine(case):
    """Along each block's statistics, the others held, the log joint is a straight line."""
    model, rng = case.model, np.random.default_rng(1)
    for name in model.blocks:
        one, two = random_statistics(case, rng, (20,)), random_statistics(case, rng, (20,))
        two = {**one, name: two[name]}
        f_one, f_two = model.log_joint(one), model.log_joint(two)
        assert f_one.shape == (20,)
        for share in (-0.7, 0.4, 2.3):
            between = {
                **one,
                name: type(one[name])(
                    *((1 - share) * a + share * b
                      for a, b in zip(one[name], two[name], strict=True))
                ),
            }  # fmt: skip
            scale = 1 + np.abs(f_one).max() + np.abs(f_two).max()
            assert_allclose(
                model.log_joint(between), (1 - share) * f_one + share * f_two,
                rtol=0, atol=1e-12 * scale, err_msg=f"not affine in the statistics of {name!r}",
            )  # fmt: skip


def check_conditionals(case):
    """eta_b = log_joint(t_b = e_j) - log_joint(t_b = 0), exactly and for every j, constants too."""
    model, rng = case.model, np.random.default_rng(2)
    for name, block in model.blocks.items():
        unit = units(block)
        count = len(unit[0])
        for _ in range(3):
            stats = random_statistics(case, rng)
            repeated = {
                other: type(t)(*(np.broadcast_to(f, (count, *f.shape)) for f in t))
                for other, t in stats.items()
            }
            nought = type(unit)(*(np.zeros_like(field[0]) for field in unit))
            at_nought = model.log_joint({**stats, name: nought})
            slopes = model.log_joint({**repeated, name: unit}) - at_nought
            expected = packed(block, _unpacked(block, slopes))
            found = packed(block, block.complete_conditional(stats))
            assert_allclose(
                found, expected, rtol=1e-11, atol=1e-11 * (1 + abs(at_nought)),
                err_msg=f"the conditional of {name!r} is not the slope of the log joint",
            )  # fmt: skip


def _unpacked(block, numbers):
    sizes = [block.plates + shape for shape in block.family.stat_shapes]
    ends = np.cumsum([int(np.prod(size)) for size in sizes])
    parts = np.split(numbers, ends[:-1])
    return block.family.Stats(*(p.reshape(size) for p, size in zip(parts, sizes, strict=True)))


def check_conditionals_ignore_their_own_block(case):
    """Poison: with nan in a block's own statistics its conditional is what it was."""
    model, rng = case.model, np.random.default_rng(3)
    for name, block in model.blocks.items():
        stats = random_statistics(case, rng, (2,))
        poison = type(stats[name])(*(np.full_like(field, np.nan) for field in stats[name]))
        clean = packed(block, block.complete_conditional(stats), (2,))
        poisoned = packed(block, block.complete_conditional({**stats, name: poison}), (2,))
        assert np.array_equal(clean, poisoned), f"the conditional of {name!r} reads its own entry"


def check_log_joint(case):
    """The log joint at random values is the density that scipy.stats makes of the story."""
    values = case.model.sample_latents(np.random.default_rng(4), (50,))
    found = log_density(case.model, values)
    assert found.shape == (50,)
    assert_allclose(found, case.log_joint(values), rtol=1e-11, atol=1e-10)


def check_collapse(case):
    """Each block summed or integrated out, against a sum over points of the scipy.stats density."""
    model = case.model
    values = model.sample_latents(np.random.default_rng(5), (3,))
    for name, block in model.blocks.items():
        stats = statistics(model, values)
        # the block's own statistics are gone: nothing may read them
        stats[name] = block.family.Stats(*(np.full_like(f, np.nan) for f in stats[name]))
        found = np.broadcast_to(log_joint_collapsed(model, stats, (name,), (3,)), (3,))
        for k in range(3):
            expected = case.without(name, {other: at(z, k) for other, z in values.items()})
            assert_allclose(found[k], expected, rtol=1e-10, atol=1e-9, err_msg=f"without {name!r}")


def check_batch(case):
    """Three members at once are three members one at a time."""
    model = case.model
    stats = random_statistics(case, np.random.default_rng(6), (3,))
    joint = model.log_joint(stats)
    assert joint.shape == (3,)
    for k in range(3):
        alone = {name: single(t, k) for name, t in stats.items()}
        assert_allclose(joint[k], model.log_joint(alone), rtol=1e-12, atol=1e-12)
        for name, block in model.blocks.items():
            batched = packed(block, block.complete_conditional(stats), (3,))[k]
            one = packed(block, block.complete_conditional(alone))
            assert_allclose(batched, one, rtol=1e-12, atol=1e-12, err_msg=name)
    # two leading axes are as good as one
    twice = {n: type(t)(*(np.stack([f, f]) for f in t)) for n, t in stats.items()}
    assert_allclose(model.log_joint(twice), np.stack([joint, joint]), rtol=1e-12)


def check_real_gradient(case):
    """The gradient in real coordinates, discrete blocks summed out, is that of the log density, in
    every parameterisation, batch (3,) and (); far out there is none, and nothing raises."""
    model = case.model
    if is_discrete(model) or model.independent_rows is not None:
        return
    for change in (None, *model.parameterisations.values()):
        target = RealTarget(model, change)
        y = target.start(np.random.default_rng(8), 3)
        found = target.gradient(y)
        assert found.shape == y.shape
        slopes = differentiated(target.log_density, y)
        assert_slopes(found, slopes, "the gradient in real coordinates")
        assert_allclose(target.gradient(y[1]), found[1], rtol=1e-11, atol=1e-11)
        far = np.concatenate([y[:1], np.full_like(y[:1], 1e200), np.full_like(y[:1], -1e200)])
        assert_allclose(target.gradient(far)[0], found[0], rtol=1e-11, atol=1e-11)
        there, density = target.gradient(far), target.log_density(far)
        assert np.isfinite(density[0]) and not np.isnan(density).any()
        assert (np.isfinite(there) | np.isnan(there)).all()
        for point, alone in zip(far, density, strict=True):
            assert_allclose(target.log_density(point), alone, rtol=1e-12)


def check_starts(case):
    """Draws from the prior and starts: separate, of the right shape, the same for the same seed."""
    model = case.model
    for draw, batch in product(
        (model.sample_latents, model.sample_initial_values), ((), (4,), (2, 3), (2, 0))
    ):
        values, again = (draw(np.random.default_rng(7), batch) for _ in range(2))
        assert values.keys() == model.blocks.keys()
        for name, block in model.blocks.items():
            shapes = [batch + block.plates + shape for shape in event_shapes(block.family)]
            assert [np.shape(array) for array in parts(values[name])] == shapes, name
            assert all(map(np.array_equal, parts(values[name]), parts(again[name]))), name
            assert np.all(block.family.in_support(values[name])), name
        assert np.isfinite(log_density(model, values)).all()
    values = model.sample_latents(np.random.default_rng(7), (4,))
    for name, block in model.blocks.items():
        if not block.family.discrete and block.family.real_shape != (0,):
            for array in parts(values[name]):
                rows = array.reshape(4, -1)
                assert len(np.unique(rows, axis=0)) == 4, f"{name}: draws are shared"


FOR_ALL = (
    check_affine, check_conditionals, check_conditionals_ignore_their_own_block, check_log_joint,
    check_collapse, check_batch, check_real_gradient, check_starts,
)  # fmt: skip
