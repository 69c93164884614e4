"""The pictures that `vi-lab compare --out` leaves, as PNG and SVG, for any comparison.

What a comparison does not hold, or what has no picture (labels, long vectors), is left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from vi_lab import data_figures, hidden_figures, plots, storage
from vi_lab.compare import Comparison, compare, stream
from vi_lab.datasets import load_coal
from vi_lab.entry import why_no_exact
from vi_lab.inference import cavi
from vi_lab.interrupts import larger_job
from vi_lab.ledger import ledger
from vi_lab.models import ChangePoint
from vi_lab.pairs import taught_by
from vi_lab.problems import sweep
from vi_lab.progress import progress
from vi_lab.results import Exact, Factorised, LinearResponse
from vi_lab.workers import shared

INCHES = 1.6  # of a figure's width for an entry of its legend
PANELS = 6  # coordinates in one figure
JOINT = ("correlated", "eight-schools", "trees")
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
        "s": "s, last year before the change (1 is 1851)",
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

Drawing = tuple[Any, str]  # a figure and its title
Job = tuple[str, Callable[[], Drawing]]  # a file name without suffix, and how to draw it


def save_figures(comparison: Comparison, folder: str | os.PathLike[str]) -> list[Path]:
    """Draw a comparison: marginals, joint and nats of each problem, and a summary of all.

    Parameters
    ----------
    comparison : Comparison
    folder : path
        Made where it does not exist. Each file appears whole or not at all.

    Returns
    -------
    list of Path
        A PNG and an SVG of each figure, in the order of drawing. Both hold a description in words.
    """
    jobs = [*_of_problems(comparison), *_of_all(comparison)]
    return _drawn(jobs, folder)


def save_problem_figures(
    comparison: Comparison, folder: str | os.PathLike[str], brief: bool = False
) -> None:
    """Of `save_figures`, those of each problem by itself, drawn in this process.

    `brief` is for many problems at once: half as many marginals, none of a problem that has
    pictures of its own, two latents at once only where that shows what nothing else does, and the
    account of nats without the trace of the restarts.
    """
    jobs = _of_problems(comparison, brief)
    write([(Path(folder) / _file_name(name), draw) for name, draw in jobs])


def save_overall_figures(comparison: Comparison, folder: str | os.PathLike[str]) -> list[Path]:
    """Of `save_figures`, those of all problems together."""
    return _drawn(list(_of_all(comparison)), folder)


def _drawn(jobs: list[Job], folder: str | os.PathLike[str]) -> list[Path]:
    files = [(Path(folder) / _file_name(name), draw) for name, draw in jobs]

    def draw(job: int) -> None:
        write([files[job]])

    _, stopped = shared(len(files), draw)
    if stopped:
        raise KeyboardInterrupt
    return files_of(files)


def files_of(jobs: list[tuple[Path, Callable[[], Drawing]]]) -> list[Path]:
    """What `write` leaves: a file of each format for each job."""
    return [_suffixed(stem, suffix) for stem, _ in jobs for suffix in FORMATS]


@larger_job()
def write(jobs: list[tuple[Path, Callable[[], Drawing]]]) -> None:
    """Draw each and write it in every format, with its title and a description in words."""
    for stem, draw in progress(jobs, "figures"):
        figure, title = draw()
        alt = plots.alt_text(figure)
        for suffix, as_bytes in FORMATS.items():
            storage.write_bytes(_suffixed(stem, suffix), as_bytes(figure, alt, title))
            figure.set_layout_engine("none")  # laid out once is enough


def _file_name(name: str) -> str:
    return name.replace(" ", "-").replace("/", "-")


def _suffixed(stem: Path, suffix: str) -> Path:
    return stem.with_name(stem.name + suffix)


def _of_problems(comparison: Comparison, brief: bool = False) -> Iterator[Job]:
    for name in comparison.verdicts:
        results = {
            m: r
            for (p, m), r in comparison.results.items()
            if p == name and not isinstance(r, LinearResponse)  # two moments have no picture
        }
        if results:
            yield from _of_problem(name, results, comparison.seed, brief)


def _of_all(comparison: Comparison) -> Iterator[Job]:
    yield from hidden_figures.of_comparison(list(comparison.verdicts))
    measured = [row for row in comparison.rows if row.wasserstein]
    if measured:
        yield "summary", lambda: _summary(comparison)
        yield "cost-accuracy", lambda: _cost(comparison)
    along = {plots.rho_of(comparison, row) for row in comparison.rows if row.applies}
    if None not in along and len(along) > 2:
        yield "sweep", lambda: _sweep(comparison)
    elif "correlated" in comparison.verdicts:
        rows = [row for row in comparison.rows if row.problem == "correlated"]
        ran = [row.method for row in rows if row.method in ("cavi", "gibbs")]
        if ran:
            yield (
                "correlated-sweep",
                lambda: _sweep(compare(sweep("correlated"), methods=ran, rng=comparison.seed)),
            )


def _of_problem(name: str, results: dict[str, Any], seed: int, brief: bool) -> Iterator[Job]:
    views = {method: plots.View(result) for method, result in results.items()}
    first = next(iter(views.values()))
    shown = first.coordinates[: PANELS // 2 if brief else PANELS]
    words = {coordinate: _in_words(name, coordinate) for coordinate in shown}
    own = [*hidden_figures.of_problem(name, results), *data_figures.of_problem(name, results)]
    if shown and not (brief and own):
        yield f"{name}-marginals", lambda: _marginals(name, views, words)
    if not brief or name in JOINT:
        pair = taught_by(name, views.get("exact", first))
        if pair:
            said = {coordinate: _in_words(name, coordinate) for coordinate in pair}
            yield f"{name}-joint", lambda: _joint(name, views, pair, said)
    optimum = results.get("cavi")
    if isinstance(optimum, Factorised):
        yield f"{name}-nats", lambda: _nats(name, optimum, seed, brief)
    yield from own
    if isinstance(first.result.model, ChangePoint):
        yield f"{name}-data", lambda: _data(name, views)


def _in_words(problem: str, coordinate: str) -> str:
    """A coordinate as a reader knows it; a variant of a problem has the problem's words."""
    known = {**NAMES, **WORDS.get(problem.split()[0], {})}
    latent = coordinate.split("[")[0]
    return known.get(coordinate, known.get(latent, "{}")).format(coordinate)


def _marginals(name: str, views: dict[str, Any], words: dict[str, str]) -> Drawing:
    """One panel a coordinate."""
    columns = min(len(words), 3)
    rows = -(-len(words) // columns)
    figure, axes = plots.panels(rows, columns, size=(max(4.0 * columns, 6.0), 0.9 + 3.0 * rows))
    for ax, (coordinate, label) in zip(axes.flat, words.items(), strict=False):
        plots.marginal(views, coordinate, label=label, legend=False, ax=ax)
    return _finished(figure, axes, len(words), f"{name}: the posterior of each latent or summary")


def _joint(name: str, views: dict[str, Any], pair: list[str], words: dict[str, str]) -> Drawing:
    """One panel a method, the exact density behind each."""
    exact = {m: v for m, v in views.items() if isinstance(v.result, Exact)}
    others = {m: v for m, v in views.items() if m not in (*exact, "exact-draws")} or views
    figure, axes = plots.panels(
        1,
        len(others),
        size=(max(4.0 * len(others), 5.2), 4.0),
        layout="compressed",
        sharex=True,
        sharey=True,
    )
    for ax, (method, view) in zip(axes.flat, others.items(), strict=True):
        plots.joint(
            {**exact, method: view},
            *pair,
            labels=(words[pair[0]], words[pair[1]]),
            legend=False,
            ax=ax,
        )
        ax.set_title(plots.style_of(method).label, loc="left")
        ax.label_outer()
    title = f"{name}: two latents at once" + (" (grey: exact, 50 % and 90 %)" if exact else "")
    return _finished(figure, axes, len(others), title, legend=False)


def _nats(name: str, optimum: Factorised, seed: int, brief: bool) -> Drawing:
    """The account of nats over the first sweeps; not in brief, also the trace of all restarts."""
    model = optimum.model
    if why_no_exact(model):
        figure, axes = plots.panels(1, 1)
        plots.elbo_trace(optimum, ax=axes[0, 0])
        return _finished(figure, axes, 1, f"{name}: the bound, sweep by sweep", legend=False)
    start = int(stream(seed, name, "figures").integers(2**63))
    ledgers = {
        f"{k} sweep{'s' * (k > 1)}": ledger(model, cavi(model, rng=start, max_sweeps=k, tol=0))
        for k in SWEEPS
    }
    best = ledger(model, optimum)
    ledgers["optimum" if optimum.converged else f"{len(optimum.elbo_trace):,} sweeps"] = best
    panels = 1 if brief else 2
    figure, axes = plots.panels(1, panels, size=(5.5 * panels, 4.2))
    plots.account(ledgers, ax=axes[0, 0])
    if not brief:
        plots.elbo_trace(optimum, log_evidence=best.log_evidence, ax=axes[0, 1])
    return _finished(figure, axes, panels, f"{name}: every nat accounted for", legend=False)


def _data(name: str, views: dict[str, Any]) -> Drawing:
    """The counts, their rate and the time of the change; the methods that have a density."""
    some = {m: v for m, v in views.items() if m != "exact-draws"}
    known = name == "coal"
    start = int(load_coal().data["year"][0]) if known else 1
    words = {"unit": "year", "events": "disasters"} if known else {}
    ax = plots.change_point(some, start=start, **words)
    return ax.figure, f"{name}: the data and the change"


def _summary(comparison: Comparison) -> Drawing:
    """Error, confidence and cost of every method on every problem."""
    columns = ("wasserstein", "sd_ratio_min", "evaluations")
    size = (12.0, 1.7 + 0.42 * len(comparison.verdicts))
    figure, axes = plots.panels(1, 3, size=size, sharey=True)
    for ax, column in zip(axes.flat, columns, strict=True):
        plots.dots(comparison, column, legend=False, ax=ax)
    return _finished(figure, axes, 3, "Every method on every problem")


def _cost(comparison: Comparison) -> Drawing:
    """A panel a problem: what was spent, how near the truth it came."""
    names = [
        n
        for n in comparison.verdicts
        if any(r.problem == n and r.wasserstein for r in comparison.rows)
    ]
    rows = -(-len(names) // 5)
    columns = -(-len(names) // rows)
    figure, axes = plots.panels(
        rows, columns, size=(max(2.5 * columns, 6.0), 1.2 + 2.4 * rows), sharex=True, sharey=True
    )
    for i, (ax, name) in enumerate(zip(axes.flat, names, strict=False)):
        plots.cost_accuracy(comparison, name, legend=False, ax=ax)
        lowest = i + columns >= len(names)  # of its column
        height = ax.get_ylabel()
        ax.set(xlabel="evaluations" if lowest else "", ylabel="")
        ax.tick_params(labelbottom=lowest)
    with plots.house_style():
        figure.supylabel(height, fontsize=10)
    title = "What a method costs (log joints and conditionals evaluated), and how near it comes"
    return _finished(figure, axes, len(names), title)


def _sweep(comparison: Comparison) -> Drawing:
    """What correlation does to mean field and to Gibbs sampling, beside the formulas."""
    ran = {row.method for row in comparison.rows if row.applies}
    draw = [
        *([plots.sweep_gap, plots.sweep_sd] if "cavi" in ran else []),
        *([plots.sweep_ess] if "gibbs" in ran else []),
    ]
    figure, axes = plots.panels(1, len(draw), size=(max(3.8 * len(draw), 5.0), 3.8))
    for ax, function in zip(axes.flat, draw, strict=True):
        function(comparison, ax=ax)
    return _finished(figure, axes, len(draw), "What correlation costs", legend=False)


def _finished(figure: Any, axes: Any, used: int, title: str, legend: bool = True) -> Drawing:
    """The figure with its title, one legend for all panels, and no empty panel."""
    for ax in axes.flat[used:]:
        ax.remove()
    with plots.house_style():
        figure.suptitle(title, x=0.01, ha="left", fontsize=12)
        if legend:
            entries: dict[str, Any] = {}
            for ax in axes.flat[:used]:
                handles, labels = ax.get_legend_handles_labels()
                entries |= dict(zip(labels, handles, strict=True))
            order = [style.label for style in plots.STYLE.values()]
            labels = sorted(entries, key=lambda e: order.index(e) if e in order else len(order))
            if labels:
                figure.legend(
                    [entries[e] for e in labels],
                    labels,
                    loc="outside lower center",
                    ncols=max(min(len(labels), int(figure.get_figwidth() / INCHES)), 1),
                )
    return figure, title
