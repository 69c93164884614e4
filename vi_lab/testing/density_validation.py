"""What `validate` asks of a model that offers its log density alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from vi_lab.arguments.public import short_repr
from vi_lab.arguments.user_models import is_density
from vi_lab.inference.engine.differentiation import choose_derivative
from vi_lab.testing.finding import Finding, fail, find, find_worst
from vi_lab.testing.untouched import gradient, log_density

STATES = 32  # starts that are looked at
SLOPES = 1e-6  # of the largest, by which a gradient may differ from differences of its density


def validate_density(model: Any, rng: np.random.Generator) -> Iterator[Finding]:
    found = find("log density", "", partial(_log_density, model, rng))
    yield found
    offers = getattr(model, "gradient", None) is not None and model.independent_rows is None
    if offers and found.limits <= 1.0:
        yield find("gradient", "", partial(_gradient, model, rng))


def _log_density(model: Any, rng: np.random.Generator) -> Finding:
    """A finite number for each start, and the same for one start as for many."""
    lead = () if model.independent_rows is None else (model.independent_rows,)
    z = np.asarray(model.sample_latents(rng, (STATES,))["z"])
    if z.shape != (STATES, *lead, model.dimension):
        return fail(f"z has shape {z.shape}; needs {(STATES, *lead, model.dimension)}")
    given = log_density(model, z)
    if not is_density(given):
        return fail(f"of {STATES} starts it is {short_repr(given)}; needs real numbers")
    found = np.asarray(given)
    if found.shape != (STATES,) or not np.isfinite(found).all():
        return fail(
            f"of {STATES} starts it has shape {found.shape} and is finite at "
            f"{int(np.isfinite(found).sum())}; needs a finite number for each"
        )
    alone = np.array([float(np.squeeze(log_density(model, z[i : i + 1]))) for i in range(3)])
    off = np.abs(alone - found[:3])
    return find_worst(off, alone, alone, "one start at a time it is another")


def _gradient(model: Any, rng: np.random.Generator) -> Finding:
    """What a density offers as its gradient against a complex step or differences of it."""
    z = np.asarray(model.sample_latents(rng, (STATES,))["z"], dtype=np.float64)
    found = np.asarray(gradient(model, z))
    if found.shape != z.shape:
        return fail(f"of z of shape {z.shape} it has shape {found.shape}; needs the same")
    differentiate = choose_derivative(model.log_density, z)
    slope = differentiate(model.log_density, z)
    off = np.abs(found - slope)
    off = np.where(np.isfinite(slope) & ~np.isfinite(off), np.inf, off)
    state, worst = np.unravel_index(int(np.nanargmax(off)), off.shape)
    allowed = SLOPES * (1.0 + float(np.nanmax(np.abs(slope[state]))))
    route = differentiate.__name__.replace("_", " ")
    words = (
        f"its coordinate {worst} is {found[state, worst]:.6g} where the slope of the log density "
        f"is {slope[state, worst]:.6g} ({route})"
    )
    return Finding(float(off[state, worst]), allowed, words)
