"""The panels of a page that are of no one problem: what accuracy costs, and the VAE's nats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vi_lab import plots
from vi_lab.comparison.compare import Comparison
from vi_lab.comparison.row import judge_gap
from vi_lab.figures.panels import HEIGHT, MARGINS, Panel, cut, draw_panel
from vi_lab.identity.waterfall import BARS
from vi_lab.model_or_problem import same_model
from vi_lab.numerics.agreement import DIFFERS
from vi_lab.plots import colours
from vi_lab.results import GaussianRows, Posterior
from vi_lab.vae import Amortised, Gaps
from vi_lab.vae.evidence.decoder_model import DecoderModel
from vi_lab.vae.evidence.per_datum_ledger import divide_gap
from vi_lab.vae.runs.pretrained import load_held_out_digits, load_pretrained

LETTERS = 19  # of a problem beside its line


def draw_cost(comparison: Comparison, labelled: Sequence[str]) -> Panel | None:
    """Error against evaluations of every method on every problem; labels at the worst marks."""
    rows = [
        (r, (r.density_evaluations or 0) + (r.complete_conditionals or 0), r.wasserstein)
        for r in comparison.rows
        if r.wasserstein and np.isfinite(r.wasserstein)
    ]
    points = [(r, cost, error) for r, cost, error in rows if cost]
    floor = [error for r, _, error in rows if r.method == "exact-draws"]
    if not points:
        return None

    def draw(ax: Any) -> None:
        for method in dict.fromkeys(r.method for r, *_ in points):
            style = plots.style_of(method)
            some = [(cost, error) for r, cost, error in points if r.method == method]
            ax.plot(*zip(*some, strict=True), **style.dots(6, markeredgecolor="white"))
        if floor:
            look = plots.style_of("exact-draws")
            ax.axhline(float(np.median(floor)), **look.pen)
        for r, cost, error in points:
            if f"{r.problem} {r.method}" in labelled:
                ax.annotate(r.problem, (cost, error), (5, 3), textcoords="offset points")
        ax.set(xscale="log", yscale="log")
        ax.margins(x=0.14)  # room for names
        ax.set(xlabel="log joints and conditionals evaluated", ylabel="worst W1, posterior sds")
        ax.grid(True, which="major")
        row, cost, error = max(points, key=lambda point: point[2])
        plots.describe(
            ax,
            f"{len(points)} results, each a mark at its cost and its worst Wasserstein-1 distance; "
            f"the farthest off is {plots.style_of(row.method).label} on {row.problem}, "
            f"{error:.3g} sds after {cost:,} evaluations.",
        )

    return draw_panel("cost", "What accuracy costs", draw, 1.3 * HEIGHT)


def draw_waterfalls(comparison: Comparison) -> Panel | None:
    """A line a problem: how far below log p(x) each restriction of q leads, in nats."""
    rows: list[Any] = [
        row
        for row in comparison.rows
        if row.method in BARS and row.gap is not None and judge_gap(row).word == DIFFERS
    ]
    names = sorted(
        {r.problem for r in rows}, key=lambda n: max(r.gap for r in rows if r.problem == n)
    )
    if not names:
        return None

    def draw(ax: Any) -> None:
        for place, name in enumerate(names):
            found = [row.gap for row in rows if row.problem == name]
            ax.plot([min(found), max(found)], [place] * 2, color=colours.GREY, linewidth=1)
        for method in (name for name in BARS if any(r.method == name for r in rows)):
            some = [(r.gap, names.index(r.problem)) for r in rows if r.method == method]
            look = plots.style_of(method).dots(6, markeredgecolor="white")
            ax.plot(*zip(*some, strict=True), **look)
        ax.set(xscale="log", xlabel="nats short of log p(x)", ylim=(-0.6, len(names) - 0.4))
        ax.set_yticks(range(len(names)), [cut(name, LETTERS) for name in names])
        ax.grid(False, axis="y")
        worst = max(rows, key=lambda row: row.gap)
        plots.describe(
            ax,
            f"{len(rows)} bounds on {len(names)} problems, each a mark at its distance from "
            f"log p(x); the farthest is {plots.style_of(worst.method).label} on {worst.problem}, "
            f"{worst.gap:.3g} nats.",
        )

    height = 0.6 + 0.19 * len(names)
    margins = {**MARGINS, "left": 0.41, "bottom": 0.45 / height, "top": 1 - 0.05 / height}
    return draw_panel("waterfalls", "From log p(x) down", draw, height, margins)


def draw_vae(results: Mapping[str, Posterior]) -> list[Panel]:
    """The bundled VAE on digits it never saw: what comes back, and where its nats go.

    `results` are those of the problem `digits` by method, which know most of it.
    """
    fit, digits = load_pretrained(), load_held_out_digits()

    def rebuild(ax: Any) -> None:
        plots.reconstructions(fit, digits.x, shape=(8, 8), ax=ax)
        ax.set_title("")

    def waterfall(ax: Any) -> None:
        plots.gap_waterfall(_find_gaps(fit, digits.x, results), ax=ax)
        ax.set_title("")
        ax.set_xticks(range(4), ["ELBO", "amorti-\nsation", "approxi-\nmation", "log p(x)"])
        ax.set_ylabel("")

    return [
        draw_panel("vae-rebuilt", "Data above, what comes back below", rebuild, 0.7),
        draw_panel("vae-gaps", "From the ELBO up to log p(x)", waterfall, 1.2 * HEIGHT),
    ]


def _find_gaps(fit: Amortised, x: np.ndarray, results: Mapping[str, Posterior]) -> Gaps:
    """The gaps of a VAE on these data: out of results of it on just these, or else anew."""
    truth, q, best = (results.get(m) for m in ("exact", "amortised", "gaussian-mean-field"))
    model = None if truth is None else truth.model
    if (
        isinstance(model, DecoderModel)
        and isinstance(q, GaussianRows)
        and isinstance(best, GaussianRows)
        and same_model(model, DecoderModel(fit, x))
        and (best.elbo_rows.value >= q.elbo_rows.value).all()
    ):
        kl = model.posterior.kl_rows(best)
        return divide_gap(model.truth, q.elbo_rows, best.elbo_rows, kl)
    return fit.gaps(x, rng=0)
