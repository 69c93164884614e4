"""The pictures of problems whose latents are pictures themselves, or a path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from vi_lab import plots
from vi_lab.comparison.topics import held_out_score
from vi_lab.datasets import load_ising_glyphs, load_lda_bars
from vi_lab.figures.layout import Drawing, Job, add_title, arrange, label_outer
from vi_lab.models import IsingDenoising, LatentDirichletAllocation, LocalLevel
from vi_lab.plots.tiles import tiles
from vi_lab.plots.topic_words import FOUND, total_variation
from vi_lab.problems.named import problem
from vi_lab.results import Draws


def list_problem_jobs(name: str, results: dict[str, Any]) -> Iterator[Job]:
    """What one problem's results look like beside what was hidden."""
    model = next(iter(results.values())).model
    if isinstance(model, LatentDirichletAllocation) and name == "bars":
        yield f"{name}-topics", lambda: _topics(name, results)
    if isinstance(model, IsingDenoising):
        yield f"{name}-pictures", lambda: _draw_denoised(name, model, results)
    if isinstance(model, LocalLevel):
        yield f"{name}-level", lambda: _level(name, model, results)


def _topics(name: str, results: dict[str, Any]) -> Drawing:
    """The bars, and below them what each method makes of them, with its held-out score."""
    corpus, held_out = load_lda_bars().data, problem(name).held_out
    truth = corpus["topics"]
    figure, axes = plots.panels(len(results) + 1, 1, size=(8.4, 1.35 * len(results) + 1.9))
    plots.topics(truth, truth, shape=(5, 5), label="The truth", ax=axes[0, 0])
    best = (held_out * np.log(corpus["theta"] @ truth)).sum() / held_out.sum()
    axes[0, 0].set_title(f"the truth: held-out score {best:.3f} nats a word", loc="left")
    for ax, (method, result) in zip(axes.flat[1:], results.items(), strict=True):
        # the mean topics of each chain, which has names of its own; of a density its only ones
        means = result.values["topics"].mean(1) if isinstance(result, Draws) else None
        chains = [np.asarray(result.mean("topics"))] if means is None else list(means)
        words = plots.style_of(method).label
        plots.topics(chains[0], truth, shape=(5, 5), label=words, ax=ax)
        found = [f"{(total_variation(chain, truth) < FOUND).sum()}" for chain in chains]
        of = f" (its chains: {', '.join(found)})" if len(found) > 1 else ""
        score = f"held-out score {held_out_score(result, held_out):.3f} nats a word"
        title = f"{words}: {found[0]} of {len(truth)} bars found{of}, {score}"
        ax.set_title(title, loc="left")
        plots.describe(ax, f"{title}.")
    return add_title(figure, f"{name}: the topics, matched with the true ones")


def _draw_denoised(name: str, model: IsingDenoising, results: dict[str, Any]) -> Drawing:
    """What was seen, what it was made of where that is known, and each method's mean of x."""
    pictures = {"seen": model.image.astype(np.float64)}
    glyphs = load_ising_glyphs().data
    for label, image in glyphs.items():
        if "_noisy" in label and np.array_equal(image, model.image):
            pictures["true"] = glyphs[label.split("_noisy")[0]].astype(np.float64)
    kept = {m: r for m, r in results.items() if m != "exact-draws"}
    pictures |= {plots.style_of(m).label: np.asarray(r.mean("x")) for m, r in kept.items()}
    rows, columns, size = arrange(len(pictures), 2.6, 2.8, above=0.4)
    figure, axes = plots.panels(rows, columns, size=size)
    figure.get_layout_engine().set(h_pad=0.12)  # type: ignore[union-attr, call-arg]
    for ax in axes.flat[len(pictures) :]:
        ax.remove()
    for ax, (label, image) in zip(axes.flat, pictures.items(), strict=False):
        tiles(ax, image.reshape(1, 1, -1), model.image.shape, -1.0, 1.0)
        ax.set_title(label, loc="left")
        words = f"{label}: {image.shape[0]} by {image.shape[1]} pixels, mean {image.mean():.3f}"
        if "true" in pictures:
            wrong = int((np.sign(image) != pictures["true"]).sum())
            words += f", {wrong} of them on the wrong side of 0"
            ax.set_xlabel(f"{wrong} pixels wrong")
        plots.describe(ax, f"{words}.")
    return add_title(figure, f"{name}: the picture seen, and the mean of each pixel")


def _level(name: str, model: LocalLevel, results: dict[str, Any]) -> Drawing:
    """The measurements, and the level: mean and two sds, a panel a method."""
    kept = {m: r for m, r in results.items() if m != "exact-draws"}
    rows, columns, size = arrange(len(kept), 4.1, 2.8)
    figure, axes = plots.panels(rows, columns, size=size, sharex=True, sharey=True)
    for ax, (method, result) in zip(axes.flat, kept.items(), strict=False):
        draw_level(ax, model, method, result)
    label_outer(axes, len(kept))
    for ax in axes.flat[len(kept) :]:
        ax.remove()
    return add_title(figure, f"{name}: the level behind the measurements, ± 2 sd")


def draw_level(ax: Any, model: LocalLevel, method: str, result: Any) -> None:
    """The measurements as points, and one method's mean of the level with two sds about it."""
    ((unit, along),) = model.axes["x"].items()
    times = np.arange(1, model.n + 1) if along is None else np.asarray(along)
    style = plots.style_of(method)
    mean, sd = np.asarray(result.mean("x")), np.asarray(result.sd("x"))
    ax.plot(times, model.y, ".", color="#9A9A9A", markersize=4)
    ax.fill_between(times, mean - 2 * sd, mean + 2 * sd, color=style.colour, alpha=0.25)
    ax.plot(times, mean, color=style.colour)
    ax.set_title(f"{style.label}: mean sd {sd.mean():.3g}", loc="left")
    ax.set_xlabel(unit)
    words = f"{style.label}: {model.n} measurements as points, the mean of the level as a line "
    words += f"from {mean[0]:.4g} to {mean[-1]:.4g}, two sds about it; "
    plots.describe(ax, f"{words}mean sd {sd.mean():.3g}.")
