"""The pictures of problems whose latents are pictures themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from vi_lab import plots
from vi_lab.datasets import load_lda_bars
from vi_lab.models import LatentDirichletAllocation
from vi_lab.plots.topics import FOUND, total_variation
from vi_lab.problems import problem
from vi_lab.results import Draws
from vi_lab.topics import held_out_score

Drawing = tuple[Any, str]
Job = tuple[str, Callable[[], Drawing]]


def of_problem(name: str, results: dict[str, Any]) -> Iterator[Job]:
    """What one problem's results look like beside what was hidden."""
    model = next(iter(results.values())).model
    if isinstance(model, LatentDirichletAllocation) and name == "bars":
        yield f"{name}-topics", lambda: _topics(name, results)


def _topics(name: str, results: dict[str, Any]) -> Drawing:
    """The bars, and below them what each method makes of them, with its held-out score."""
    corpus, held_out = load_lda_bars().data, problem(name).held_out
    truth = corpus["topics"]
    figure, axes = plots.panels(len(results) + 1, 1, size=(8.4, 1.35 * len(results) + 1.9))
    plots.topics(truth, truth, shape=(5, 5), label="The truth", ax=axes[0, 0])
    best = (held_out * np.log(corpus["theta"] @ truth)).sum() / held_out.sum()
    axes[0, 0].set_title(f"the truth: held-out score {best:.3f} nats a word", loc="left")
    for ax, (method, result) in zip(axes.flat[1:], results.items(), strict=True):
        chains = _by_chain(result)
        words = plots.style_of(method).label
        plots.topics(chains[0], truth, shape=(5, 5), label=words, ax=ax)
        found = [f"{(total_variation(chain, truth) < FOUND).sum()}" for chain in chains]
        of = f" (its chains: {', '.join(found)})" if len(found) > 1 else ""
        title = (
            f"{words}: {found[0]} of {len(truth)} bars found{of}, held-out score "
            f"{held_out_score(result, held_out):.3f} nats a word"
        )
        ax.set_title(title, loc="left")
        plots.describe(ax, f"{title}.")
    title = f"{name}: the topics, matched with the true ones"
    with plots.house_style():
        figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    return figure, title


def _by_chain(result: Any) -> list[np.ndarray]:
    """The mean topics of each chain, which has names of its own; of a density its only ones."""
    if isinstance(result, Draws):
        return list(result.values["topics"].mean(1))
    return [np.asarray(result.mean("topics"))]
