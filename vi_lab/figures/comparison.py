"""The pictures that `vi-lab compare --out` leaves, as PNG and SVG, for any comparison.

What a comparison does not hold, or what has no picture (labels, long vectors), is left out.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.ticker import MaxNLocator

from vi_lab import plots
from vi_lab.arguments.streams import spawn_stream
from vi_lab.automatic.find import why_no_truth
from vi_lab.comparison.compare import Comparison
from vi_lab.datasets import load_coal
from vi_lab.figures import hidden, overview, structured
from vi_lab.figures.layout import Drawing, Job, add_title, arrange, finish, label_outer
from vi_lab.figures.measured_once import measure_once
from vi_lab.figures.pairs import choose_pair
from vi_lab.identity.ledger import ledger
from vi_lab.identity.waterfall import stack
from vi_lab.inference.cavi import cavi
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.models import ChangePoint
from vi_lab.plots.differences import draw_differences, draw_prior
from vi_lab.plots.view import list_views, views_of
from vi_lab.results import Exact, Factorised
from vi_lab.runtime import file_names, storage
from vi_lab.runtime.interrupts import run_as_one_job
from vi_lab.runtime.parallel import processes, run_jobs
from vi_lab.runtime.progress import progress

PROBLEM_SECONDS = 2.5  # about how long a problem's figures take, all of them
LINE = 30  # letters of a label below a panel
PANELS = 6  # coordinates in one figure
EXAMPLES = ("correlated", "eight-schools", "trees")  # of what a picture shows, in a brief run
SWEEPS = (1, 2, 3)  # of CAVI, whose accounts stand beside that of its optimum

# what the latents of the named problems are, with their units
WORDS = {
    "newcomb": {
        "mu": "mu, mean passage time minus 24,800 ns",
        "tau": "tau, precision of one time, 1/ns²",
    },
    "darwin": {
        "mu": "mu, mean difference of heights, inch/8",
        "tau": "tau, precision of a difference, (8/inch)²",
    },
    "coal": {
        "s": "s, last year before the change",
        "rates[0]": "rates[0], disasters a year up to s",
        "rates[1]": "rates[1], disasters a year after s",
    },
    "galaxies": {"sorted_mu": "{}, means in rising order, 1,000 km/s"},
}
# summaries that several models share
NAMES = {
    "occupied": "occupied, components with any data",
    "sorted_mu": "{}, means in rising order",
    "sorted_means": "{}, means in rising order",
    "density": "{}, the mixture at a point",
}

FORMATS = {".png": plots.png_bytes, ".svg": plots.svg_bytes}


def save_figures(
    comparison: Comparison, folder: str | os.PathLike[str], *, jobs: int | None = None
) -> list[Path]:
    """Draw a comparison: marginals, joint and nats of each problem, and a summary of all.

    Parameters
    ----------
    comparison : Comparison
    folder : path
        Made where it does not exist. Each file appears whole or not at all.
    jobs : int, optional
        Processes, which share the problems. By default the cores there are, but this one alone
        where starting others would take longer than drawing.

    Returns
    -------
    list of Path
        A PNG and an SVG of each figure, in the order of drawing. Both hold a description in words.
    """
    file_names.refuse_shared(comparison.verdicts)
    found: dict[int, list[Path]] = {}
    parts = [(comparison[name], folder) for name in comparison.verdicts]
    workers = processes(jobs, [PROBLEM_SECONDS] * len(parts))
    run_jobs(save_problem_figures, parts, workers, found.__setitem__)
    written = [path for number in sorted(found) for path in found[number]]
    return written + save_overall_figures(comparison, folder)


def save_problem_figures(
    comparison: Comparison,
    folder: str | os.PathLike[str],
    brief: bool = False,
    views: Mapping[tuple[str, str], plots.View] | None = None,
) -> list[Path]:
    """Of `save_figures`, those of each problem by itself, drawn in this process.

    `brief` is for many problems at once, whose nats the summary has side by side: the pictures a
    problem has of its own, or else half as many marginals, and none that takes runs along a sweep;
    of EXAMPLES also two latents at once and the account of nats. `views` are those of the results,
    where others need them too.
    """
    views = list_views(comparison.results) if views is None else views
    return write(_list_problem_jobs(comparison, brief, views), folder)


def save_overall_figures(
    comparison: Comparison, folder: str | os.PathLike[str], brief: bool = False
) -> list[Path]:
    """Of `save_figures`, those of all problems together, drawn in this process.

    In brief without cost-accuracy, a panel a problem of what the summary has in columns.
    """
    return write(overview.list_comparison_jobs(comparison, brief), folder)


@run_as_one_job()
def write(jobs: Iterable[Job], folder: str | os.PathLike[str]) -> list[Path]:
    """Draw each and write it in every format, with its title and a description in words."""
    written = []
    for name, draw in progress(list(jobs), "figures"):
        with plots.house_style():
            figure, title = draw()
            measure_once(figure)
            alt = plots.alt_text(figure)
            for suffix, as_bytes in FORMATS.items():
                path = Path(folder) / (file_names.file_name(name) + suffix)
                written.append(storage.write_bytes(path, as_bytes(figure, alt, title)))
                figure.set_layout_engine("none")  # laid out once is enough
    return written


def _list_problem_jobs(
    comparison: Comparison, brief: bool, views: Mapping[tuple[str, str], plots.View]
) -> Iterator[Job]:
    for name in comparison.verdicts:
        own = views_of(name, views)
        if own:
            yield from _list_jobs(name, own, comparison.seed, brief)


def _list_jobs(name: str, views: dict[str, plots.View], seed: int, brief: bool) -> Iterator[Job]:
    results: dict[str, Any] = {method: view.result for method, view in views.items()}
    first = next(iter(views.values()))
    own = [job for room in (hidden, structured) for job in room.list_problem_jobs(name, results)]
    shown = () if brief and own else first.coordinates[: PANELS // 2 if brief else PANELS]
    if shown:
        yield f"{name}-marginals", lambda: _marginals(name, views, shown)
    if not brief or name in EXAMPLES:
        pair = choose_pair(name, views.get("exact", first))
        if pair:
            yield f"{name}-joint", lambda: _joint(name, views, pair)
        optimum = results.get("cavi")
        if isinstance(optimum, Factorised):
            yield f"{name}-nats", lambda: _nats(name, optimum, seed, results)
    yield from own
    if not brief:
        yield from hidden.list_sweep_jobs(name)
        yield from overview.list_sweep_jobs(name, results, seed)
    if isinstance(first.result.model, ChangePoint):
        yield f"{name}-data", lambda: _data(name, views)


def in_words(problem: str, coordinate: str) -> str:
    """A coordinate as a reader knows it; a variant of a problem has the problem's words."""
    known = {**NAMES, **WORDS.get(problem.split()[0], {})}
    latent = coordinate.split("[")[0]
    return known.get(coordinate, known.get(latent, "{}")).format(coordinate)


def _marginals(name: str, views: dict[str, Any], shown: Sequence[str]) -> Drawing:
    """A panel a coordinate, with its prior; below it how far each method is off the truth."""
    rows, columns, (width, height) = arrange(len(shown), 2.75 if len(shown) > 2 else 4.0, 2.9)
    truth = views.get("exact")
    below = truth is not None and not any(truth.is_smoothed(c) for c in shown) and len(views) > 1
    shares = [3, 1] if below else [1]
    figure, axes = plots.panels(
        rows * len(shares), columns, size=(max(width, 5.0), height), height_ratios=shares * rows
    )
    upper, lower = axes[:: len(shares)], axes[1 :: len(shares)]
    for i, coordinate in enumerate(shown):
        label = textwrap.fill(in_words(name, coordinate), LINE)
        first = first_year() - 1 if (name, coordinate) == ("coal", "s") else 0
        ax = plots.marginal(
            views, coordinate, label=label, legend=False, first=first, ax=upper.flat[i]
        )
        bars = bool(ax.patches)  # of whole numbers
        ax.xaxis.set_major_locator(MaxNLocator(4, integer=bars))
        draw_prior(ax, next(iter(views.values())), coordinate)
        if below:
            draw_differences(views, coordinate, first=first, ax=lower.flat[i])
            lower.flat[i].set_xlabel(label)
            lower.flat[i].sharex(ax)
            ax.set_xlabel("")
            ax.tick_params(labelbottom=False)
    for rest in (upper.flat[len(shown) :], lower.flat[len(shown) :] if below else ()):
        for ax in rest:
            ax.remove()
    title = f"{name}: the posterior of each latent or summary"
    title += ", and how far off each method is, in % of the peak" * below
    return finish(figure, axes, axes.size, title)


def _joint(name: str, views: dict[str, Any], pair: list[str]) -> Drawing:
    """One panel a method, the exact density behind each."""
    exact = {m: v for m, v in views.items() if isinstance(v.result, Exact)}
    others = {m: v for m, v in views.items() if m not in (*exact, "exact-draws")} or views
    labels = in_words(name, pair[0]), in_words(name, pair[1])
    rows, columns, (width, height) = arrange(len(others), 2.75, 2.75)
    size, shared = (max(width, 5.2), height), {"sharex": True, "sharey": True}
    figure, axes = plots.panels(rows, columns, size=size, layout="compressed", **shared)
    for ax, (method, view) in zip(axes.flat, others.items(), strict=False):
        plots.joint({**exact, method: view}, *pair, labels=labels, legend=False, ax=ax)
        ax.set_title(textwrap.fill(plots.style_of(method).label, LINE - 6), loc="left")
    label_outer(axes, len(others))
    title = f"{name}: two latents at once"
    for view in exact.values():
        drawn = " draws, smoothed" if view.is_smoothed(*pair) else ""
        title += f" (grey: exact{drawn}, 50 % and 90 %)"
    return finish(figure, axes, len(others), title, legend=False)


def _nats(name: str, optimum: Factorised, seed: int, results: dict[str, Any]) -> Drawing:
    """The account of nats over the first sweeps, the trace of all restarts, and where Gaussians
    were fitted what each restriction of q costs."""
    model = optimum.model
    if why_no_truth(model):
        return add_title(plots.elbo_trace(optimum).figure, f"{name}: the bound, sweep by sweep")
    start = int(spawn_stream(seed, name, "figures").integers(2**63))
    ledgers = {
        f"{k} sweep{'s' * (k > 1)}": ledger(model, cavi(model, rng=start, max_sweeps=k, tol=0))
        for k in SWEEPS
    }
    best = ledger(model, optimum)
    ledgers["optimum" if optimum.converged else f"{len(optimum.elbo_trace):,} sweeps"] = best
    fitted = any(isinstance(result, GaussianPosterior) for result in results.values())
    figure, axes = plots.panels(2 + fitted, 1, size=(6.4, 3.8 * (2 + fitted)))
    plots.account(ledgers, ax=axes[0, 0])
    plots.elbo_trace(optimum, log_evidence=best.log_evidence, ax=axes[1, 0])
    if fitted:
        plots.gap_waterfall(stack(model, results), ax=axes[2, 0])
    return finish(figure, axes, len(axes), f"{name}: every nat accounted for", legend=False)


def first_year() -> int:
    """The calendar year of coal's first count."""
    return int(load_coal().data["year"][0])


def _data(name: str, views: dict[str, Any]) -> Drawing:
    """The counts, their rate and the time of the change; the methods that have a density."""
    some = {m: v for m, v in views.items() if m != "exact-draws"}
    known = name == "coal"
    start = first_year() if known else 1
    words = {"unit": "year", "events": "disasters"} if known else {}
    ax = plots.change_point(some, start=start, **words)
    return ax.figure, f"{name}: the data and the change"
