"""The pictures of all problems of a comparison together, and of a problem along its sweep."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from vi_lab import plots
from vi_lab.comparison.compare import Comparison, compare
from vi_lab.figures.layout import Drawing, Job, arrange, finish
from vi_lab.problems.named import sweep


def list_comparison_jobs(comparison: Comparison, brief: bool) -> Iterator[Job]:
    """A summary, a panel a problem of cost against accuracy, and what a sweep shows."""
    measured = [row for row in comparison.rows if row.wasserstein]
    if measured:
        yield "summary", lambda: _summary(comparison)
        if not brief:
            yield "cost-accuracy", lambda: _cost(comparison)
    if len(_list_correlations(comparison)) > 2:
        yield "sweep", lambda: _sweep(comparison)


def _list_correlations(comparison: Comparison) -> set[float]:
    """Those of a comparison of variants of `correlated`; of any other none, without a look at the
    results behind the first."""
    along = set()
    for row in comparison.rows:
        if row.applies:
            rho = plots.rho_of(comparison, row)
            if rho is None:
                return set()
            along.add(rho)
    return along


def list_sweep_jobs(name: str, methods: Collection[str], seed: int) -> Iterator[Job]:
    """`correlated` along its sweep, which takes more runs than a comparison holds."""
    ran = [method for method in ("gibbs", "cavi") if method in methods]
    if name == "correlated" and ran:
        yield f"{name}-sweep", lambda: _sweep(compare(sweep(name), methods=ran, rng=seed))


def _summary(comparison: Comparison) -> Drawing:
    """Nats short, error, confidence and cost of every method on every problem."""
    short = ("gap",) if any(row.gap for row in comparison.rows) else ()
    columns = (*short, "wasserstein", "sd_ratio_min", "evaluations")
    height = 0.8 + 0.25 * len(comparison.verdicts)
    rows, across, size = arrange(len(columns), 3.3, height, beside=1.6, above=1.2)
    figure, axes = plots.panels(rows, across, size=size, sharey=True)
    for ax, column in zip(axes.flat, columns, strict=False):
        plots.dots(comparison, column, legend=False, ax=ax)
    return finish(figure, axes, len(columns), "Every method on every problem")


def _cost(comparison: Comparison) -> Drawing:
    """A panel a problem: what was spent, how near the truth it came."""
    measured = {row.problem for row in comparison.rows if row.wasserstein}
    names = [name for name in comparison.verdicts if name in measured]
    rows, columns, (width, tall) = arrange(len(names), 2.7, 2.4, above=1.2)
    size = max(width, 6.0), tall
    figure, axes = plots.panels(rows, columns, size=size, sharex=True, sharey=True)
    for i, (ax, name) in enumerate(zip(axes.flat, names, strict=False)):
        plots.cost_accuracy(comparison, name, legend=False, ax=ax)
        ax.set_title(name)
        lowest = i + columns >= len(names)  # of its column
        height = ax.get_ylabel()
        ax.set(xlabel="evaluations" if lowest else "", ylabel="")
        ax.tick_params(labelbottom=lowest)
    with plots.house_style():
        figure.supylabel(height, fontsize=10)
    title = "Each mark is a method: how far it is from the truth after so many evaluations"
    return finish(figure, axes, len(names), title)


def _sweep(comparison: Comparison) -> Drawing:
    """What correlation does to mean field and to Gibbs sampling, beside the formulas."""
    ran = {row.method for row in comparison.rows if row.applies}
    pictures = {plots.sweep_gap: "cavi", plots.sweep_sd: "cavi", plots.sweep_ess: "gibbs"}
    drawn = [picture for picture, method in pictures.items() if method in ran]
    rows, columns, (width, tall) = arrange(len(drawn), 4.1, 3.4)
    figure, axes = plots.panels(rows, columns, size=(max(width, 5.0), tall))
    for ax, picture in zip(axes.flat, drawn, strict=False):
        picture(comparison, ax=ax)
    return finish(figure, axes, len(drawn), "What correlation costs", legend=False)
