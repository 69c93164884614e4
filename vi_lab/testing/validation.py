"""Is a model of your own put together right? Its parts held against one another.

    conditional   log p(x, z') - log p(x, z) = log p(z'_b | rest) - log p(z_b | rest)   for z' and z
                  that differ in block b alone: no constant is left to hide behind
    natural       eta_b = log_joint(t_b = e_j) - log_joint(t_b = 0): which number of it is wrong
    gradient      that a density offers, against differences of it: which coordinate is wrong
    affine        along t_b, the others held, the log joint is a straight line: CAVI needs it
    expectation   E_q[log p(x, z)] is the log joint at E_q[t], against draws of q

None of them may write into the statistics that it is handed: the other blocks need these.
A mistake made alike in the log joint and in the conditionals (an off-by-one) is consistent, and
passes; `vi_lab.testing.standard_battery` and a log joint written a second time find those.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.block_values import initial_values
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.identity.identity_check import random_q
from vi_lab.model import Model, Statistics, statistics
from vi_lab.model_or_problem import ModelLike, as_given, as_model
from vi_lab.results import Factorised
from vi_lab.results.centring import move_to_values
from vi_lab.testing.density_validation import validate_density
from vi_lab.testing.finding import RELATIVE, Finding, fail, find, find_worst, title
from vi_lab.testing.report import PointReport
from vi_lab.testing.untouched import conditional, log_joint, log_joint_rows

STATES = 32  # pairs of states that differ in one block
QS = 4  # random q whose expectations are looked at
DRAWS = 4000  # of a random q, as long as they hold at most so many numbers
MOST_NUMBERS = 2**20
SHARE = 0.4  # of the line between two statistics, where the log joint is looked at
SIGMAS = 7.0  # standard errors within which their mean must be: 3e-12 where it is normal
LOOKED_AT = 400  # numbers in a natural parameter that are looked at one by one


@public
def validate(model: ModelLike, *, rng: Rng = 0) -> PointReport:
    """Do a model's log joint, conditionals, starts and expectations agree with one another?

    Parameters
    ----------
    model : Model, DensityModel, DensityRows, Problem or the name of one
    rng : int, SeedSequence or Generator
        The same findings for the same seed.

    Returns
    -------
    PointReport
        `passed`; `sentence` names the block that is worst off and by how many nats; `rows` have
        every finding. Nothing the model raises gets out: it is a finding.

    >>> import vi_lab
    >>> vi_lab.validate(vi_lab.NormalGamma([1.0, 2.0], 0.0, 0.5, 3.0, 2.0)).passed
    True
    """
    model = as_model(model)
    generator = checks.generator(rng)
    parts = _validate_blocks if model.blocks else validate_density
    with np.errstate(all="ignore"):  # nan and inf are found, and said, here
        found = list(parts(model, generator))
    worst = max(found, key=lambda f: f.limits)
    passed = worst.limits <= 1.0
    name = type(as_given(model)).__name__
    if passed:
        sentence = f"All {len(found)} findings agree."
    else:
        failed = [f for f in found if f.limits > 1.0]
        # the first to fail is the cause more often than the largest: what follows rests upon it
        sentence = "; ".join(f"{title(f)}: {f.words}" for f in failed[:2]) + "."
        if len(failed) > 2:
            sentence += f" {len(failed) - 2} more in the table."
    rows = tuple(
        {
            "check": f.check,
            "block": f.block,
            "off by": f.off,
            "allowed": f.allowed,
            "passed": f.limits <= 1.0,
            "finding": f.words,
        }
        for f in found
    )
    points = {title(f): np.array([f.limits]) for f in found}
    return PointReport(
        f"validation of {name}", passed, worst.limits, 1.0, sentence, 1e-9, rows, points, "limits"
    )


def _validate_blocks(model: Model, rng: np.random.Generator) -> Iterator[Finding]:
    for check, look in (("starts", _starts), ("log joint", _log_joint)):
        found = find(check, "", partial(look, model, rng))
        yield found
        if found.limits > 1.0:  # the others rest upon these
            return
    for name in model.blocks:
        for check, look_at in (
            ("complete conditional", _conditional),
            ("conditional without its own statistics", _blind),
            ("log joint along the statistics", _affine),
        ):
            yield find(check, name, partial(look_at, model, rng, name))
    yield find("expected log joint", "", partial(_expectation, model, rng))
    if model.independent_rows is not None:
        yield find("log joint by rows", "", partial(_rows, model, rng))


def _starts(model: Any, rng: np.random.Generator) -> Finding:
    """Shapes and support of starts, of draws alone and in batches."""
    initial_values(model, rng, 3)
    for batch in ((), (3,), (2, 3)):
        values = model.sample_latents(rng, batch)
        if set(values) != set(model.blocks):
            return fail(
                f"sample_latents gives {', '.join(values)}; needs {', '.join(model.blocks)}"
            )
        t = statistics(model, values)
        for name, block in model.blocks.items():
            for field, shape in zip(t[name], block.family.stat_shapes, strict=True):
                if np.shape(field) != batch + block.plates + shape:
                    return fail(
                        f"block {name!r} of a batch {batch} has statistics of shape "
                        f"{np.shape(field)}; needs {batch + block.plates + shape}"
                    )
    return Finding(0.0, 1.0)


def _log_joint(model: Model, rng: np.random.Generator) -> Finding:
    """A finite number for each state, and the same for one state as for many."""
    t = statistics(model, model.sample_latents(rng, (STATES,)))
    found = np.asarray(log_joint(model, t))
    if found.shape != (STATES,):
        return fail(f"of {STATES} states has shape {found.shape}; needs ({STATES},)")
    if not np.isfinite(found).all():
        bad = int(np.argmin(np.isfinite(found)))
        return fail(f"is {found[bad]:g} at a draw of the prior")
    alone = np.array([float(log_joint(model, _member(t, i))) for i in range(3)])
    off = np.abs(alone - found[:3])
    return find_worst(off, found[:3], found[:3], "one state at a time it is another")


def _member(t: Statistics, index: Any) -> Statistics:
    return {name: type(s)(*(np.asarray(f)[index] for f in s)) for name, s in t.items()}


def _conditional(model: Model, rng: np.random.Generator, name: str) -> Finding:
    """Differences of the log joint against differences of the conditional's log density."""
    block = model.blocks[name]
    values = dict(model.sample_latents(rng, (STATES,)))
    t = statistics(model, values)
    eta = conditional(model, name, t)
    moved = block.family.sample(rng, eta, (STATES, *block.plates))
    other = {**t, name: block.family.stats(moved)}
    joint = [np.asarray(log_joint(model, s)) for s in (t, other)]
    given = [
        block.sum_over_plates(block.family.log_density(z, eta), (STATES,))
        for z in (values[name], moved)
    ]
    off = np.abs((joint[1] - joint[0]) - (given[1] - given[0]))
    one, two = (np.abs(a) + np.abs(b) for a, b in (joint, given))
    found = find_worst(off, one, two, "it is not the log joint's")
    if found.limits > 1:
        return found._replace(words=found.words + _slopes(model, t, name))
    return found


def _slopes(model: Model, t: Statistics, name: str) -> str:
    """Which number of the natural parameter is off most, at the first state."""
    block, stats = model.blocks[name], _member(t, 0)
    shapes = [block.plates + shape for shape in block.family.stat_shapes]
    sizes = [int(np.prod(shape)) for shape in shapes]
    if sum(sizes) > LOOKED_AT:
        return ""
    many = (sum(sizes),)
    repeated = {
        key: type(s)(*(np.broadcast_to(f, many + np.shape(f)) for f in s))
        for key, s in stats.items()
    }
    parts = np.split(np.eye(sum(sizes)), np.cumsum(sizes)[:-1], axis=1)
    unit = type(stats[name])(
        *(part.reshape(many + shape) for part, shape in zip(parts, shapes, strict=True))
    )
    nought = type(unit)(*(np.zeros(shape) for shape in shapes))
    slope = log_joint(model, {**repeated, name: unit}) - log_joint(model, {**stats, name: nought})
    eta = conditional(model, name, stats)
    found = [np.broadcast_to(e, shape).ravel() for e, shape in zip(eta, shapes, strict=True)]
    fields = [field for field, size in zip(eta._fields, sizes, strict=True) for _ in range(size)]
    flat = np.concatenate(found)
    worst = int(np.argmax(np.abs(flat - slope)))
    return (
        f"; its natural parameter {fields[worst]!r} is {flat[worst]:.6g} where the slope of the "
        f"log joint is {slope[worst]:.6g}"
    )


def _blind(model: Model, rng: np.random.Generator, name: str) -> Finding:
    """With nan in its own statistics a conditional is what it was."""
    t = statistics(model, model.sample_latents(rng, (3,)))
    poison = type(t[name])(*(np.full(np.shape(f), np.nan) for f in t[name]))
    clean, poisoned = (conditional(model, name, s) for s in (t, {**t, name: poison}))
    same = all(np.array_equal(a, b) for a, b in zip(clean, poisoned, strict=True))
    return Finding(0.0, 1.0) if same else fail("it reads its own")


def _affine(model: Model, rng: np.random.Generator, name: str) -> Finding:
    """The log joint between two statistics of one block, against the line through its ends."""
    one, two = (statistics(model, model.sample_latents(rng, (STATES,))) for _ in range(2))
    mixed = {key: _mix(one[key], two[key], 0.5) for key in one}  # no z's; means over q are such
    low, high, found = (
        np.asarray(log_joint(model, {**mixed, name: t}))
        for t in (one[name], two[name], _mix(one[name], two[name], SHARE))
    )
    off = np.abs(found - ((1 - SHARE) * low + SHARE * high))
    return find_worst(off, low, high, "it is no straight line, so not affine")


def _mix(one: Any, two: Any, share: float) -> Any:
    """A point of the line between two statistics of a block."""
    pairs = zip(one, two, strict=True)
    return type(one)(*((1 - share) * np.asarray(a) + share * np.asarray(b) for a, b in pairs))


def _expectation(model: Model, rng: np.random.Generator) -> Finding:
    """The log joint at E_q[t] against its mean over draws of a few q far from any optimum.

    The worst of them: a narrow q does not tell a square's mean from its mean's square.
    """
    return max(
        (_expect_at(model, random_q(model, rng), rng) for _ in range(QS)),
        key=lambda finding: finding.limits,
    )


def _expect_at(model: Model, q: Factorised, rng: np.random.Generator) -> Finding:
    model, _, t = move_to_values(model, q)
    expected = float(log_joint(model, t))
    numbers = sum(block.size * block.family.numbers for block in model.blocks.values())
    count = max(100, min(DRAWS, MOST_NUMBERS // numbers))
    draws = {name: factor.sample(count, rng=rng) for name, factor in q.q.items()}
    joint = np.asarray(log_joint(model, statistics(model, draws)))
    off = abs(float(joint.mean()) - expected)
    allowed = SIGMAS * float(joint.std()) / np.sqrt(count) + RELATIVE * (1.0 + abs(expected))
    words = f"E_q[log joint] is {joint.mean():.6g} over draws, {expected:.6g} at E_q[t]"
    return Finding(off, allowed, words)


def _rows(model: Model, rng: np.random.Generator) -> Finding:
    t = statistics(model, model.sample_latents(rng, (STATES,)))
    rows, joint = np.asarray(log_joint_rows(model, t)), np.asarray(log_joint(model, t))
    if rows.shape != (STATES, model.independent_rows):
        wanted = (STATES, model.independent_rows)
        return fail(f"log_joint_rows has shape {rows.shape}; needs {wanted}")
    off = np.abs(rows.sum(-1) - joint)
    return find_worst(off, joint, joint, "rows do not sum to it")
