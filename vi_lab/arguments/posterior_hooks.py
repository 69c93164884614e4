"""The exact posterior that a user's own model brings: looked at once, as it is asked for.

What a method or a table meets later could not say whose it is; and a log density that is one number
for all states would broadcast, silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.arguments.model_hooks import shape_of_z
from vi_lab.arguments.ownership import is_ours
from vi_lab.arguments.public import require, short_repr
from vi_lab.arguments.user_models import explain, is_real, read_density
from vi_lab.errors import InputError, refuse_if

STATES = 3  # that are drawn to look at the others
WHOSE = "of the exact posterior"


def look_at_posterior(model: Any, posterior: Any) -> None:
    """InputError where the draws of a user's posterior, its density there or its moments are none,
    or of another shape, or its own code raises."""
    if is_ours(posterior):
        return
    drawn = _read_mapping(
        "sample", ask_posterior(posterior, "sample", np.random.default_rng(0), STATES)
    )
    for name, shape in _list_shapes(model).items():
        if name not in drawn and name in model.auxiliary:
            continue
        require(name in drawn, f"model: sample {WHOSE} needs {name!r}", drawn, InputError)
        if shape is not None:
            _require_shape("sample", name, drawn[name], (STATES, *shape))
    shown = model.latents({n: v for n, v in drawn.items() if n not in model.auxiliary})
    read_density(
        ask_posterior(posterior, "log_density", shown), (STATES,), f"model: log_density {WHOSE}"
    )
    if getattr(posterior, "moments_are_slow", False):
        return
    for hook in ("mean", "sd"):
        moments = _read_mapping(hook, ask_posterior(posterior, hook))
        for name, value in shown.items():
            labels = name in model.nominal  # whose mean is a probability for each class
            if labels and hook == "sd":
                continue
            require(name in moments, f"model: {hook} {WHOSE} needs {name!r}", moments, InputError)
            classes = (model.nominal[name],) if labels else ()
            _require_shape(hook, name, moments[name], (*np.shape(value)[1:], *classes))


def ask_posterior(posterior: Any, hook: str, *asked: Any) -> Any:
    """What a posterior gives as `hook(*asked)`, or has by that name; a user's own code that raises
    is named."""
    try:
        found = getattr(posterior, hook)
        return found(*asked) if asked else found
    except Exception as error:
        if is_ours(posterior):
            raise
        raise explain(f"{hook} {WHOSE}", error) from error


def read_divergence(posterior: Any, q: Any) -> Any:
    """KL[q || posterior], an Estimate: InputError where a user's gives something else."""
    found = ask_posterior(posterior, "kl_from", q)
    stated = isinstance(found, tuple) and len(found) == 3 and all(map(is_real, found[:2]))
    needed = f"model: kl_from {WHOSE} needs an Estimate of value, error and route"
    require(is_ours(posterior) or stated, needed, found, InputError)
    return found


def read_curve(posterior: Any, hook: str, asked: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    """Densities of a marginal or a joint at points, of that shape; None where there are none."""
    if getattr(posterior, hook, None) is None:
        return None
    found = ask_posterior(posterior, hook, *asked)
    if found is None or is_ours(posterior):
        return found
    return read_density(found, shape, f"model: {hook} {WHOSE}")


def _list_shapes(model: Any) -> dict[str, Any]:
    """The shape of one value of each block, None of a pair of arrays; or of z alone."""
    if not model.blocks:
        return {"z": shape_of_z(model)}
    pairs = {n: getattr(b.family.event_shape, "_fields", None) for n, b in model.blocks.items()}
    return {
        name: None if pairs[name] else (*block.plates, *block.family.event_shape)
        for name, block in model.blocks.items()
    }


def _read_mapping(hook: str, found: Any) -> Mapping[str, Any]:
    require(isinstance(found, Mapping), f"model: {hook} {WHOSE} needs a dict", found, InputError)
    mapping: Mapping[str, Any] = found
    return mapping


def _require_shape(hook: str, name: str, value: Any, shape: tuple[int, ...]) -> None:
    what = f"model: {hook} {WHOSE}: {short_repr(name)}"
    require(is_real(value), f"{what} needs real numbers", value, InputError)
    refuse_if(np.shape(value) != shape, f"{what} needs shape {shape}, gave {np.shape(value)}")
    refuse_if(not np.isfinite(value).all(), f"{what} needs finite numbers")
