"""Residuals of linear equations with twice the digits (Ogita, Rump & Oishi 2005).

What is left of y - X beta where the two nearly cancel is rounding, unless the products and the sums
hand on what they round away: a * b = p + e and a + b = s + e hold exactly in four doubles.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

REFINEMENTS = 3  # of a mean
SPLITTER = 2.0**27 + 1.0  # cuts the 53 bits of a double into two halves


def subtract_product(y: np.ndarray, X: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """y - X beta, (n,): good to a rounding of itself and the square of one of its terms."""
    return subtract_terms(y, zip(X.T, beta, strict=True))


def subtract_terms(y: np.ndarray, terms: Iterable[tuple[Any, Any]]) -> np.ndarray:
    """y - sum of products a b, which broadcast to it; as good as `subtract_product`."""
    total, lost = np.array(y, np.float64), np.zeros(np.shape(y))
    for a, b in terms:
        product, missed = _multiply(a, b)
        total, rounded = _add(total, -product)
        lost += rounded - missed
    return total + lost


def subtract_products(a: Any, b: Any, c: Any, d: Any) -> Any:
    """a b - c d, good to a few roundings of itself, however nearly the two cancel."""
    (one, lost), (two, missed) = _multiply(a, b), _multiply(c, d)
    return (one - two) + (lost - missed)


def complete_square(
    X: np.ndarray, y: np.ndarray, m0: np.ndarray, prior: np.ndarray, precision: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The posterior mean of the coefficients of a regression, and m0 and y about it.

    `prior` is V0^-1 and `precision` V0^-1 + X'X. Newton's step towards the mean is taken again and
    again from where the last one ended: residuals with twice the digits then give the mean, and
    what is left, to the last digit.
    """
    centre = m0
    for _ in range(REFINEMENTS):
        d0, residual = m0 - centre, subtract_product(y, X, centre)
        centre = centre + np.linalg.solve(precision, prior @ d0 + X.T @ residual)
    return centre, m0 - centre, subtract_product(y, X, centre)


def _multiply(a: Any, b: Any) -> tuple[Any, Any]:
    """a * b, and what it rounded away (Dekker 1971)."""
    product = a * b
    (high_a, low_a), (high_b, low_b) = _split(a), _split(b)
    rest = ((high_a * high_b - product) + high_a * low_b + low_a * high_b) + low_a * low_b
    return product, rest


def _split(a: Any) -> tuple[Any, Any]:
    """Two halves of so few bits each that products of halves are exact (Veltkamp 1968)."""
    wide = SPLITTER * a
    high = wide - (wide - a)
    return high, a - high


def _add(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """a + b, and what it rounded away (Knuth)."""
    total = a + b
    moved = total - a
    return total, (a - (total - moved)) + (b - moved)
