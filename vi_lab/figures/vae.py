"""The pictures that `vi-lab vae plot` leaves, as PNG and SVG, for any trained VAE.

What has no picture (rows that are no pictures, a manifold of many latents) is left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from vi_lab import plots
from vi_lab.figures import comparison as figures
from vi_lab.figures.layout import Drawing
from vi_lab.vae import Amortised
from vi_lab.vae.runs.sources import DataSplit


def save_vae_figures(
    fit: Amortised, data: DataSplit, folder: str | os.PathLike[str], *, n: int = 30, rng: Any = 0
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

    def drawing(draw: Callable[[], Any]) -> Callable[[], Drawing]:
        def drawn() -> Drawing:
            ax = draw()
            return ax.figure, ax.get_title(loc="left")

        return drawn

    jobs = [(Path(folder) / name, drawing(draw)) for name, draw in _jobs(fit, data, n, rng)]
    figures.write(jobs)
    return figures.list_files(jobs)


def _jobs(
    fit: Amortised, data: DataSplit, n: int, rng: Any
) -> Iterator[tuple[str, Callable[[], Any]]]:
    x, shape = data.held_out, data.shape
    if shape is not None:
        yield "reconstructions", lambda: plots.reconstructions(fit, x, shape=shape)
        yield "samples", lambda: plots.samples(fit, rng=rng, shape=shape)
        if fit.vae.n_latent <= 2:
            yield "manifold", lambda: plots.manifold(fit, shape=shape)
    yield "latents", lambda: plots.encoded(fit, x, data.held_out_labels)
    if len(fit.trace.elbo):
        yield "trace", lambda: plots.vae_trace(fit)
    yield "gaps", lambda: plots.gap_waterfall(fit.gaps(x[:n], rng=rng))
