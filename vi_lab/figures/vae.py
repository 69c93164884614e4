"""The pictures that `vi-lab vae plot` leaves, as PNG and SVG, for any trained VAE.

What has no picture (rows that are no pictures, a manifold of many latents) is left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vi_lab import plots
from vi_lab.arguments.types import Rng
from vi_lab.figures import comparison as figures
from vi_lab.figures.layout import Drawing, Job
from vi_lab.vae import Amortised
from vi_lab.vae.runs.sources import DataSplit


def save_vae_figures(
    fit: Amortised, data: DataSplit, folder: str | os.PathLike[str], *, n: int = 30, rng: Rng = 0
) -> list[Path]:
    """Draw a trained VAE on its held-out data.

    Parameters
    ----------
    fit : Amortised
    data : DataSplit
    folder : path
        Made where it does not exist. Each file appears whole or not at all.
    n : int
        Rows in the waterfall of gaps.

    Returns
    -------
    list of Path
        A PNG and an SVG of each figure, in the order of drawing.
    """
    return figures.write(_list_jobs(fit, data, n, rng), folder)


def _list_jobs(fit: Amortised, data: DataSplit, n: int, rng: Any) -> Iterator[Job]:
    x, shape = data.held_out, data.shape
    if shape is not None:
        yield "reconstructions", lambda: _draw(plots.reconstructions(fit, x, shape=shape))
        yield "samples", lambda: _draw(plots.samples(fit, rng=rng, shape=shape))
        if fit.vae.n_latent <= 2:
            yield "manifold", lambda: _draw(plots.manifold(fit, shape=shape))
    yield "latents", lambda: _draw(plots.encoded(fit, x, data.held_out_labels))
    if len(fit.trace.elbo):
        yield "trace", lambda: _draw(plots.vae_trace(fit))
    yield "gaps", lambda: _draw(plots.gap_waterfall(fit.gaps(x[:n], rng=rng)))


def _draw(ax: Any) -> Drawing:
    return ax.figure, ax.get_title(loc="left")
