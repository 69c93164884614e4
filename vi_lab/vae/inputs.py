"""What users hand to a VAE, checked at the door: data, parameters, noise. Messages as in checks.py.

Data may be large, so nothing here copies them unless something is wrong with them.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.arrays import describe_first
from vi_lab.errors import InputError, InputTypeError, ViLabError
from vi_lab.vae.networks import Network

ROWS_CHECKED = 4096  # rows looked at together


class ScoreWarning(ViLabError, UserWarning):
    """A Bernoulli "log likelihood" of grey values is a score: it does not normalise."""


def data(name: str, value: Any, network: Network) -> np.ndarray:
    """Observations (n, n_inputs) as an array of numbers, not copied; from 0 to 1 for a Bernoulli.
    Pictures (n, height, width) are flattened.

    Raises InputTypeError for what is not real numbers, InputError for a wrong shape, no row, NaN,
    an infinity, or a value outside [0, 1] under a Bernoulli likelihood.
    """
    rows = flatten_images(checks.numbers(name, value, 2), network.n_inputs)
    if rows.ndim > 2:
        each, inputs = math.prod(rows.shape[1:]), network.n_inputs
        needed = f"{name}: needs pictures of {inputs} numbers, one for each input of the network"
        raise InputError(f"{needed}, got {each} in shape {rows.shape}")
    x = _numbers(name, rows, 2)
    if x.shape[1] != network.n_inputs:
        needed = f"{network.n_inputs} columns, one for each input of the network"
        raise InputError(f"{name}: needs {needed}, got shape {x.shape}")
    if network.likelihood == "bernoulli" and x.dtype != bool and (x.min() < 0 or x.max() > 1):
        raise InputError(
            f"{name}: needs values from 0 to 1 for a Bernoulli likelihood, got "
            f"{describe_first(x, (x < 0) | (x > 1))}; divide grey levels by the largest of "
            'their scale, or use likelihood="gaussian"'
        )
    return x


def flatten_images(x: np.ndarray, size: int) -> np.ndarray:
    """Pictures (n, height, width, ...) of `size` numbers as rows (n, size); others as they are."""
    pictures = x.ndim > 2 and np.prod(x.shape[1:]) == size
    return x.reshape(len(x), size) if pictures else x


def _numbers(name: str, value: Any, ndim: int) -> np.ndarray:
    """A finite array of real numbers with `ndim` axes and at least one element, not copied."""
    array = checks.numbers(name, value, ndim)
    if array.ndim == ndim and array.size and np.isfinite([array.min(), array.max()]).all():
        return array
    return checks.real_array(name, value, ndim)  # raises, saying what is wrong


def binary(x: np.ndarray) -> bool:
    """Whether every value is 0 or 1."""
    if x.dtype == bool:
        return True
    return all(bool(((part == 0) | (part == 1)).all()) for part in parts(x))


def parts(x: np.ndarray, rows: int | None = None) -> list[np.ndarray]:
    """The data, some rows at a time."""
    size = rows or ROWS_CHECKED
    return [x[first : first + size] for first in range(0, len(x), size)]


def warn_of_grey(name: str, x: np.ndarray, network: Network, stacklevel: int) -> None:
    """A ScoreWarning where a Bernoulli likelihood meets values between 0 and 1; `stacklevel` counts
    the frames up to the user's."""
    if network.likelihood == "bernoulli" and not binary(x):
        warnings.warn(
            f"{name}: has values between 0 and 1, of which the Bernoulli log likelihood is a score "
            "and no log probability (it does not normalise); binarise, e.g. x > 0.5, wherever a "
            "number is called a log evidence",
            ScoreWarning,
            stacklevel=stacklevel,
        )


def refuse_grey(name: str, x: np.ndarray, network: Network, what: str) -> None:
    """An InputError where a Bernoulli likelihood meets values between 0 and 1."""
    if network.likelihood == "bernoulli" and not binary(x):
        row, column = (int(i) for i in np.argwhere((x != 0) & (x != 1))[0])
        raise InputError(
            f"{name}: {what} needs values 0 and 1 under a Bernoulli likelihood, which is no "
            f"probability of {x[row, column]:g} (at index {(row, column)}); binarise first, "
            "e.g. x > 0.5"
        )


def params(
    network: Network, value: Any, dtype: Any, complex_step: bool = False
) -> dict[str, np.ndarray]:
    """Every parameter by name, of the right shape, finite, as `dtype`.

    With `complex_step` complex arrays are let through as they are: a complex step through the
    objective is how a derivative is checked to the last digit.
    """
    if not isinstance(value, Mapping):
        raise InputTypeError(f"params: needs a dict of arrays by name, got {type(value).__name__}")
    for name in value:
        checks.one_of("params", name, network.shapes)
    found: dict[str, np.ndarray] = {}
    for name, shape in network.shapes.items():
        if name not in value:
            raise InputError(f"params: needs {name!r} of shape {shape}, which is missing")
        if complex_step and np.iscomplexobj(value[name]):
            array = np.asarray(value[name])
        else:
            array = checks.real_array(f"params[{name!r}]", value[name]).astype(dtype)
        if array.shape != shape:
            raise InputError(f"params[{name!r}]: needs shape {shape}, got {array.shape}")
        found[name] = array
    return found


def noise(value: Any, batch: int, n_latent: int, dtype: Any, k: int = 1) -> np.ndarray:
    """Standard normal noise (n_draws, batch, n_latent) as `dtype`, n_draws a multiple of k."""
    eps = _numbers("eps", value, 3)
    if eps.shape[1:] != (batch, n_latent):
        needed = f"(n_draws, {batch}, {n_latent}): draws, rows of x, latents"
        raise InputError(f"eps: needs shape {needed}; got {eps.shape}")
    if len(eps) % k:
        needed = f"eps: needs a multiple of n_importance = {k} draws along its first axis"
        raise InputError(f"{needed}, got {len(eps)}")
    return eps.astype(dtype, copy=False)


def points(value: Any, n_latent: int) -> np.ndarray:
    """Latent points (..., n_latent), finite float64."""
    z = checks.real_array("z", value)
    if z.ndim == 0 or z.shape[-1] != n_latent:
        raise InputError(f"z: needs a last axis of length {n_latent}, got shape {z.shape}")
    return z
