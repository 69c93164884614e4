"""The pictures of models with hidden variables: mixtures, PPCA, factor analysis, decoders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from vi_lab import plots
from vi_lab.figures.layout import WIDEST, Drawing, Job, add_title, arrange, finish, label_outer
from vi_lab.inference.cavi import cavi
from vi_lab.inference.exact import exact
from vi_lab.model_or_problem import model_behind
from vi_lab.models import PPCA, FactorAnalysis, GaussianMixture
from vi_lab.plots.decoded import write_gap
from vi_lab.plots.mixtures import TOGETHER
from vi_lab.problems.named import problem, sweep
from vi_lab.results import Draws, Exact, Factorised, GaussianRows
from vi_lab.vae.evidence.decoder_model import DecoderModel

SWEEPS = (1, 3, 10)  # of CAVI, at which the components are drawn
RESTARTS = 10
DATA = 6  # whose posteriors are drawn
WAITS = ("eruption, standardised", "wait after it, standardised")


def list_problem_jobs(name: str, results: dict[str, Any]) -> Iterator[Job]:
    """What one problem's results show of its hidden variables."""
    model = model_behind(next(iter(results.values())))
    optimum = results.get("cavi")
    if "z" in model.nominal:
        kept = {m: r for m, r in results.items() if _has_labels(r)}
        yield f"{name}-co-assignment", lambda: _co_assignment(name, kept)
    if isinstance(model, GaussianMixture) and model.size == 2 and optimum is not None:
        yield f"{name}-components", lambda: _components(name, model)
    truth = results.get("exact")
    if isinstance(model, PPCA | FactorAnalysis) and model.q > 1 and isinstance(truth, Exact):
        yield f"{name}-latents", lambda: _latents(name, truth, optimum)
    if isinstance(model, DecoderModel) and model.dimension == 2 and isinstance(truth, Exact):
        yield f"{name}-posteriors", lambda: _posteriors(name, truth, results)


def _has_labels(result: Any) -> bool:
    """Whether its labels are at hand: a Gaussian has summed them out, draws may not keep them."""
    if isinstance(result, Draws):
        return "z" in result.values
    return isinstance(result, Exact | Factorised)


def list_sweep_jobs(name: str) -> Iterator[Job]:
    """What takes more runs than a comparison holds: sweeps over K and over separation."""
    if name == "old-faithful":
        yield "old-faithful-choice", _choice
    if name == "tiny-mixture":
        yield "tiny-mixture-symmetry", _symmetry


def _co_assignment(name: str, results: dict[str, Any]) -> Drawing:
    """A matrix a method, side by side, with one bar for all."""
    rows, columns, size = arrange(len(results), 2.4, 2.8, beside=1.1)
    shared: Any = {"sharex": True, "sharey": True, "layout": "compressed"}
    figure, axes = plots.panels(rows, columns, size=size, **shared)
    for ax, (method, result) in zip(axes.flat, results.items(), strict=False):
        plots.co_assignment(result, label=plots.style_of(method).label, bar=False, ax=ax)
    label_outer(axes, len(results))
    for ax in axes.flat[len(results) :]:
        ax.set_visible(False)  # its place in the layout is kept
    with plots.house_style():
        image = axes.flat[0].images[0]
        figure.colorbar(image, ax=list(axes.flat), shrink=0.8, label=TOGETHER)
    return add_title(figure, f"{name}: which points share a component, under every method")


def _components(name: str, model: GaussianMixture) -> Drawing:
    """The components after chosen sweeps, from one start."""
    stops = [*SWEEPS, None]
    rows, columns, size = arrange(len(stops), 4.0, 3.4)
    figure, axes = plots.panels(rows, columns, size=size, sharex=True, sharey=True)
    for ax, stop in zip(axes.flat, stops, strict=True):
        q = cavi(model, rng=4, **({} if stop is None else {"max_sweeps": stop, "tol": 0}))
        plots.components(q, labels=WAITS if name.startswith("old-faithful") else ("", ""), ax=ax)
        ax.set_title(f"{stop} sweep{'s' * (stop > 1)}" if stop else "optimum", loc="left")
    label_outer(axes, len(stops))
    return add_title(figure, f"{name}: responsibilities and components as CAVI goes")


def _latents(name: str, truth: Exact, q: Factorised | None) -> Drawing:
    ax = plots.latent_means(truth, q)
    return add_title(ax.figure, f"{name}: hidden coordinates, exact and mean field")


def _posteriors(name: str, truth: Exact, results: dict[str, Any]) -> Drawing:
    """A panel a datum, from the one whose posterior is nearest a Gaussian to the farthest."""
    qs = {m: r for m, r in results.items() if isinstance(r, GaussianRows)}
    evidence = truth.model.truth.value
    gaps = {m: evidence - q.elbo_rows.value for m, q in qs.items()}
    best = qs[min(gaps, key=lambda m: gaps[m].sum())] if gaps else None
    order = (
        np.arange(len(evidence)) if best is None else np.argsort(evidence - best.elbo_rows.value)
    )
    rows = order[np.linspace(0, len(order) - 1, min(DATA, len(order))).round().astype(int)]
    down, across, size = arrange(len(rows), 2.75, 2.9)
    figure, axes = plots.panels(down, across, size=size)
    for ax, row in zip(axes.flat, rows, strict=False):
        plots.latent_posterior(truth, qs, int(row), legend=False, ax=ax)
        short = "" if best is None else f"\nbest q {write_gap(truth.model, best, int(row))}"
        ax.set_title(f"datum {row}{short}", loc="left")
    title = f"{name}: posteriors of two latents (50 % and 90 %), q beside them"
    return finish(figure, axes, len(rows), title)


def _choice() -> Drawing:
    """The ELBO over K beside the exact evidence at K = 1, and pruning at a small concentration."""
    variants = sweep("old-faithful")
    ks = [item.model.n_components for item in variants]
    bounds = [cavi(item, rng=0, restarts=RESTARTS).elbo for item in variants]
    figure, axes = plots.panels(1, 2, size=(WIDEST, 3.8))
    known = {1.0: exact(variants[0]).log_evidence}
    plots.bound_over(ks, bounds, log_evidence=known, ax=axes[0, 0])
    axes[0, 0].set_title("The true ELBO over K", loc="left")
    sparse = problem("old-faithful", n_components=6, concentration=1e-3)
    plots.components(cavi(sparse, rng=0, restarts=RESTARTS), labels=WAITS, ax=axes[0, 1])
    axes[0, 1].set_title("Six components, concentration 0.001", loc="left")
    return add_title(figure, "old-faithful: how many components?")


def _symmetry() -> Drawing:
    variants = sweep("tiny-mixture")
    apart = [variants[0].sweep[1][i] for i in range(len(variants))]  # type: ignore[index]
    bounds = [cavi(item, rng=0, restarts=RESTARTS).elbo for item in variants]
    gaps = [exact(v).log_evidence - bound for v, bound in zip(variants, bounds, strict=True)]
    ax = plots.symmetry_gap(apart, gaps, copies=2)
    return add_title(ax.figure, "tiny-mixture: a gap that is symmetry, not error")
