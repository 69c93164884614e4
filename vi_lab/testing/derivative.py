"""A gradient written by hand against differences that share none of its algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.user_models import explain
from vi_lab.errors import InputError
from vi_lab.testing.joint import ask, function
from vi_lab.testing.report import PointReport

COMPLEX_LIMIT, CENTRAL_LIMIT = 1e-11, 1e-6
TINY = 1e-200  # the complex step: no difference is taken, so none is lost


@public
def gradient(
    f: Callable[[np.ndarray], Any],
    gradient: Callable[[np.ndarray], Any],
    x: Any,
    *,
    complex_step: bool = True,
    name: str = "the gradient",
) -> PointReport:
    """Is the gradient the derivative of f at x?

    By the complex step, df/dx_i = Im f(x + i h e_i) / h with h = 1e-200: f is expanded about x and
    the error is of order h**2, with no difference of near-equal numbers (Squire & Trapp 1998).
    And by central differences extrapolated once, (4 D(h) - D(2h)) / 3 with D(h) = (f(x + h e_i) -
    f(x - h e_i)) / 2h and h = eps**(1/5) of each coordinate: error of order h**4 and rounding of
    eps / h. Errors are relative to the largest entry of the gradient.

    Parameters
    ----------
    f : callable
        An array of x's shape -> a number.
    gradient : callable
        The same -> an array of x's shape.
    x : array
        Where nothing is special: zeros and ones hide signs and factors.
    complex_step : bool
        Whether f is analytic and takes complex numbers (no abs, maximum, or comparison).
    name : str

    Returns
    -------
    PointReport
        `statistic` in units of the limits, 1e-11 (complex step) and 1e-6 (central).
    """
    complex_step = checks.boolean("complex_step", complex_step)
    x = np.array(checks.real_array("x", x))
    function("f", f), function("gradient", gradient)
    try:
        answer = gradient(x.copy())
    except Exception as raised:
        raise explain("the gradient", raised) from raised
    analytic = checks.numbers("gradient", answer).astype(np.float64)
    if analytic.shape != x.shape:
        raise InputError(f"gradient: needs to return shape {x.shape}, got {analytic.shape}")
    routes = {"central difference": (ask("f", _central, f, x), CENTRAL_LIMIT)}
    if complex_step:
        routes["complex step"] = (ask("f", _complex, f, x), COMPLEX_LIMIT)
    points = {}
    for route, (numeric, limit) in routes.items():
        scale = max(float(np.abs(numeric).max()), float(np.abs(analytic).max()), 1e-12)
        error = np.abs(analytic - numeric) / (scale * limit)
        points[route] = np.where(np.isnan(error), np.inf, error).ravel()
    worst = max(float(p.max()) for p in points.values())
    route = max(points, key=lambda key: points[key].max())
    where = np.unravel_index(int(points[route].argmax()), x.shape)
    passed = worst <= 1.0
    sentence = (
        f"All {x.size} entries agree with {' and '.join(routes)}."
        if passed
        else f"Entry {tuple(map(int, where))} is {analytic[where]:.6g}, the {route} "
        f"{routes[route][0][where]:.6g}."
    )
    rows = tuple({"route": key, "worst, in limits": float(p.max())} for key, p in points.items())
    return PointReport(
        f"derivative of {name}", passed, worst, 1.0, sentence, 0.0, rows, points, "limits"
    )


def _complex(f: Callable[[np.ndarray], Any], x: np.ndarray) -> np.ndarray:
    found = np.empty_like(x)
    for index in np.ndindex(x.shape):
        moved = x.astype(np.complex128)
        moved[index] += 1j * TINY
        found[index] = np.imag(f(moved)) / TINY
    return found


def _central(f: Callable[[np.ndarray], Any], x: np.ndarray) -> np.ndarray:
    found = np.empty_like(x)
    for index in np.ndindex(x.shape):
        h = np.finfo(np.float64).eps ** 0.2 * max(1.0, abs(float(x[index])))

        def slope(step: float, index: Any = index) -> float:
            up, down = x.copy(), x.copy()
            up[index] += step
            down[index] -= step
            return float(f(up) - f(down)) / (up[index] - down[index])

        found[index] = (4.0 * slope(h) - slope(2.0 * h)) / 3.0
    return found
