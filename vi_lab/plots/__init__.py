"""Axes-level pictures: `ax=None` in, matplotlib `Axes` out, each with a text alternative.

    from vi_lab import plots

    plots.show(plots.marginal([exact(model), cavi(model)], "mu"))

Every function draws on the axes it is given, or on a figure of its own that pyplot knows nothing
of, so nothing is shown, kept or restyled behind your back. `show` turns the result into a Picture
with alt text for a notebook; `ax.figure.savefig(...)` writes a file. A method has the same colour,
line and marker in all of them (`STYLE`).
"""

from vi_lab.plots.bounds import balance, elbo_trace
from vi_lab.plots.chain_traces import chains
from vi_lab.plots.change_points import change_point
from vi_lab.plots.comparisons import cost_accuracy, dots
from vi_lab.plots.decoded import latent_posterior
from vi_lab.plots.evidence_dots import evidence
from vi_lab.plots.joints import joint
from vi_lab.plots.latents import latent_means
from vi_lab.plots.marginals import marginal
from vi_lab.plots.mixtures import bound_over, co_assignment, components, symmetry_gap
from vi_lab.plots.nats_account import account
from vi_lab.plots.picture import Picture, png_bytes, show, svg_bytes
from vi_lab.plots.predictive_bands import predictive
from vi_lab.plots.style import STYLE, alt_text, describe, house_style, panels, style_of
from vi_lab.plots.sweeps import rho_of, sweep_ess, sweep_gap, sweep_sd
from vi_lab.plots.topic_words import topics
from vi_lab.plots.vae import encoded, vae_trace
from vi_lab.plots.vae_pictures import manifold, reconstructions, samples
from vi_lab.plots.view import View
from vi_lab.plots.waterfalls import gap_waterfall

__all__ = [
    "account",
    "balance",
    "elbo_trace",
    "marginal",
    "joint",
    "chains",
    "change_point",
    "predictive",
    "components",
    "co_assignment",
    "bound_over",
    "symmetry_gap",
    "latent_means",
    "latent_posterior",
    "topics",
    "sweep_gap",
    "sweep_sd",
    "sweep_ess",
    "rho_of",
    "dots",
    "cost_accuracy",
    "reconstructions",
    "samples",
    "manifold",
    "encoded",
    "vae_trace",
    "gap_waterfall",
    "evidence",
    "panels",
    "show",
    "Picture",
    "png_bytes",
    "svg_bytes",
    "alt_text",
    "describe",
    "STYLE",
    "style_of",
    "house_style",
    "View",
]
