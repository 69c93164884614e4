"""Sheets of pictures from a trained VAE: data and reconstructions, samples, the manifold."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from scipy.special import ndtri

from vi_lab.arguments import checks
from vi_lab.arguments.types import Rng
from vi_lab.errors import InputError, NotApplicable
from vi_lab.plots.style import axes_level, number
from vi_lab.plots.tiles import picture_shape, tiles
from vi_lab.plots.vae import first_rows, require_trained
from vi_lab.vae import Amortised

COLUMNS = 12  # data beside their reconstructions
MOST_TILES = 200  # pictures along a side
OUTERMOST = 0.02  # probability of the standard normal beyond the ends of the manifold


@axes_level(size=(8.4, 1.9))
def reconstructions(fit: Amortised, x: Any, *, shape: Any = None, ax: Any = None) -> str:
    """Pictures above their reconstructions E[x|z] at the mean of q(z|x).

    Parameters
    ----------
    fit : Amortised
    x : array (n, n_inputs)
        The first twelve are drawn.
    shape : (int, int), optional
        Height and width of a picture; None is square.
    """
    shape = _shape(fit, shape)
    some = first_rows(x, COLUMNS)
    made = fit.reconstruct(some)
    some = some.astype(np.float64)
    _tiles(ax, fit, np.stack([some, made]), shape)
    ax.set_yticks([0.5, 1.5], ["x", "E[x|z]"])
    ax.set_title("Data above, what comes back through the latents below")
    apart = float(np.abs(some - made).mean())
    return (
        f"{len(some)} pictures in a row and below each its reconstruction; on average a value of "
        f"the reconstruction is {number(apart)} from that of the picture."
    )


@axes_level(size=(5.6, 5.6))
def samples(
    fit: Amortised, *, side: int = 8, rng: Rng = 0, shape: Any = None, ax: Any = None
) -> str:
    """New pictures: E[x|z] at draws of z from the prior, `side` by `side` of them."""
    shape, side = _shape(fit, shape), checks.integer("side", side, 1, MOST_TILES)
    made = fit.generate(side * side, rng=rng, means=True)
    _tiles(ax, fit, made.reshape(side, side, -1), shape)
    ax.set_title("Made up: E[x|z] at draws of z from the prior")
    return (
        f"{side} by {side} new pictures, each the mean of the decoder at a draw of z from N(0, I); "
        f"their mean value is {number(float(made.mean()))}."
    )


@axes_level(size=(6.4, 6.4))
def manifold(fit: Amortised, *, side: int = 17, shape: Any = None, ax: Any = None) -> str:
    """E[x|z] over a grid of z: equally probable steps of N(0, 1) along one or two latents.

    (Kingma & Welling 2014, figure 4.) NotApplicable for more than two latents.
    """
    shape, side = _shape(fit, shape), checks.integer("side", side, 2, MOST_TILES)
    if fit.vae.n_latent > 2:
        raise NotApplicable(
            f"a manifold is drawn of one or two latents; this VAE has {fit.vae.n_latent}"
        )
    steps = ndtri(np.linspace(OUTERMOST, 1 - OUTERMOST, side))
    if fit.vae.n_latent == 1:
        z, rows = steps[:, None], 1
    else:
        z = np.stack(np.meshgrid(steps, steps[::-1]), axis=-1).reshape(-1, 2)  # z[1] runs upwards
        rows = side
    _tiles(ax, fit, fit.decode(z).reshape(rows, side, -1), shape)
    shown = np.unique(np.linspace(0, side - 1, 5).astype(int))
    words = [f"{steps[i]:.1f}".replace("-", "−") for i in shown]
    ax.set_xticks(shown + 0.5, words)
    if rows > 1:
        ax.set_yticks(side - shown - 0.5, words)
    title = "E[x|z] along the latents, in equally probable steps"
    ax.set(xlabel="z[0]", ylabel="z[1]" if rows > 1 else "", title=title)
    return (
        f"{rows} by {side} pictures E[x|z] on a grid of z from {steps[0]:.2f} to {steps[-1]:.2f} "
        f"along each of {fit.vae.n_latent} latents; from one end of z[0] to the other a value "
        f"changes by {number(_change(fit, steps))} on average."
    )


def _change(fit: Amortised, steps: np.ndarray) -> float:
    """Mean absolute difference of E[x|z] between the ends of the first latent, the others at 0."""
    ends = np.zeros((2, fit.vae.n_latent))
    ends[:, 0] = steps[0], steps[-1]
    one, two = fit.decode(ends)
    return float(np.abs(one - two).mean())


def _shape(fit: Any, shape: Any) -> tuple[int, int]:
    """Height and width of a picture."""
    require_trained(fit)
    d = fit.vae.n_inputs
    side = round(d**0.5)
    if shape is None and side * side != d:
        raise InputError(f"shape: needs height times width to be {d}, got no square")
    return picture_shape((side, side) if shape is None else shape, d)


def _tiles(ax: Axes, fit: Amortised, pictures: np.ndarray, shape: tuple[int, int]) -> None:
    """Probabilities from 0 to 1; of a normal likelihood, from the lowest to the highest value."""
    grey = fit.vae.likelihood == "gaussian"
    low, high = (float(pictures.min()), float(pictures.max())) if grey else (0.0, 1.0)
    tiles(ax, pictures, shape, low, high)
