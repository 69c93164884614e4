"""Hidden variables of each observation, summed or integrated out another way."""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.atlas.routes.rules import LOG_2PI, add_up, even_grid, logsumexp, panels, trapezoid
from vi_lab.numerics.rounding import Estimate, rounding

BACKGROUND = 10.0  # variance of the clutter (Minka 2001)


def clutter(model: Any) -> Estimate:
    """Every one of the 2**n labellings; given one, theta is integrated out by hand.

    The k points of the signal are N(0, I + v 1 1'), v the prior's variance: log det is
    log(1 + k v), and the squares are sum x**2 - v (sum x)**2 / (1 + k v). A point more doubles
    the lists of counts, sums and weights.
    """
    v = model.prior_var
    count, total, log_rest = np.zeros(1), np.zeros(1), np.zeros(1)
    for x in model.x:
        signal = np.log1p(-model.w) - 0.5 * (LOG_2PI + x**2)
        background = np.log(model.w) - 0.5 * (LOG_2PI + np.log(BACKGROUND) + x**2 / BACKGROUND)
        count = np.concatenate([count + 1.0, count])
        total = np.concatenate([total + x, total])
        log_rest = np.concatenate([log_rest + signal, log_rest + background])
    spread = 1.0 + count * v
    value = logsumexp(log_rest - 0.5 * np.log(spread) + 0.5 * v * total**2 / spread)
    return Estimate(value, float(rounding(value)), f"enumeration of {len(count):,} labellings")


def two_normals(model: Any) -> Estimate:
    """Labels summed out point by point; both means and the weight by quadrature.

    Under a uniform prior the likelihood is a polynomial in the weight, of degree n, for which
    Gauss and Legendre's rule is exact.
    """
    if not (model.n_components == 2 and (model.concentration == 1.0).all()):
        raise AssertionError("two components under a uniform prior of the weight")
    reach, count = 8.5, 451
    (one, two), log_cell = even_grid(
        *((m - reach * s, m + reach * s, count) for m, s in zip(model.m0, model.s0, strict=True))
    )
    log_prior: Any = 0.0
    for mu, m, s in zip((one, two), model.m0, model.s0, strict=True):
        log_prior = log_prior - 0.5 * ((mu - m) / s) ** 2 - np.log(s) - 0.5 * LOG_2PI
    weights, rule = panels(0.0, 1.0, 1, model.n // 2 + 2)
    average: Any = 0.0
    for p, share in zip(weights, rule, strict=True):
        product: Any = 1.0
        for x in model.x:
            heights = (np.exp(-0.5 * ((x - mu) / model.sigma) ** 2) for mu in (one, two))
            product = product * (p * next(heights) + (1.0 - p) * next(heights))
        average = average + share * product
    constant = -model.n * (0.5 * LOG_2PI + np.log(model.sigma))
    with np.errstate(divide="ignore"):
        log_density = log_prior + np.log(average) + constant
    return trapezoid(log_density, log_cell, "quadrature over both means and the weight")


def linear_gaussian(model: Any) -> Estimate:
    """p(x_n) = integral of N(z; 0, I) N(x_n; W z + mu, Psi) dz on a plane of z, row by row.

    The grid of a row is laid about the least-squares z of that row and the prior, wide enough for
    any Gaussian no wider than the prior.
    """
    if model.q != 2:
        raise AssertionError("two hidden coordinates")
    residual = model.x - model.mu
    found = []
    for row in residual:
        design = np.vstack([model.W / np.sqrt(model.psi)[:, None], np.eye(2)])
        target = np.concatenate([row / np.sqrt(model.psi), np.zeros(2)])
        centre = np.linalg.lstsq(design, target, rcond=None)[0]
        scale = np.linalg.svd(design, compute_uv=False)
        _, _, axes = np.linalg.svd(design, full_matrices=False)
        (u, v), log_cell = even_grid(
            (-9.0 / scale[0], 9.0 / scale[0], 61), (-9.0 / scale[1], 9.0 / scale[1], 61)
        )
        z = [centre[i] + u * axes[0, i] + v * axes[1, i] for i in (0, 1)]
        log_density: Any = -LOG_2PI - 0.5 * (z[0] ** 2 + z[1] ** 2)
        for w, x, psi in zip(model.W, row, model.psi, strict=True):
            log_density = log_density - 0.5 * (LOG_2PI + np.log(psi))
            log_density = log_density - 0.5 * (x - w[0] * z[0] - w[1] * z[1]) ** 2 / psi
        found.append(trapezoid(log_density, log_cell, ""))
    return add_up(found, "quadrature over z, row by row")


def decoder(model: Any) -> Estimate:
    """log p(x_n) under a tanh decoder of one hidden layer, on one fixed grid for all images.

    The square [-8, 8]**2 is not cut down to where any posterior lies; the decoder is written out
    from its weights.
    """
    p = {name: np.asarray(value, np.float64) for name, value in model.params.items()}
    count = 401
    (one, two), log_cell = even_grid((-8.0, 8.0, count), (-8.0, 8.0, count))
    blocks = []
    for line in one:  # a line of the grid at a time
        z = np.stack(np.broadcast_arrays(line, two[0]), axis=-1)
        hidden = np.tanh(z @ p["decoder.0.weight"].T + p["decoder.0.bias"])
        logits = hidden @ p["decoder.out.weight"].T + p["decoder.out.bias"]
        log_off = -np.logaddexp(0.0, logits).sum(-1)
        log_prior = -LOG_2PI - 0.5 * (z**2).sum(-1)
        blocks.append(model.x @ logits.T + log_off + log_prior)
    heights = np.stack(blocks, axis=1)  # (images, lines, points)
    found = [trapezoid(height, log_cell, "") for height in heights]
    return add_up(found, "quadrature over z on one grid for all images")
