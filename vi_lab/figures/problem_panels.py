"""The panels of one problem: the posterior of every method over the exact one, and traces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from vi_lab import plots
from vi_lab.figures.comparison import first_year, in_words
from vi_lab.figures.pairs import choose_pair
from vi_lab.figures.panels import HEIGHT, Draw, Panel, cut, draw_panel
from vi_lab.figures.structured import draw_level
from vi_lab.model_or_problem import model_behind
from vi_lab.models import PPCA, FactorAnalysis, GaussianMixture, IsingDenoising, LocalLevel
from vi_lab.plots.tiles import tiles
from vi_lab.results import Draws, Factorised, GaussianRows, Posterior
from vi_lab.vae.evidence.decoder_model import DecoderModel

COORDINATES = 3  # of a problem, each of which has a panel
POINTS, TRACED = 200, 100  # draws in a joint panel; of each chain in a trace
HIGHEST = 4.0  # peaks of the exact density, above which a curve is cut off
LETTERS = 40  # of a label
DIGIT = 3  # whose posterior is drawn: a datum of the digits
BARS, CURVE = (0.12, 0.12, 0.86, 0.84), (0.06, 0.12, 0.9, 0.84)  # axes with no words beside them


def draw_problem(name: str, views: Mapping[str, plots.View], traced: Set[str]) -> list[Panel]:
    """The panels of one problem: marginals, two latents at once, what only it has; traces of the
    methods that are `traced`. `views` are of method to result."""
    if not views:
        return []
    jobs = [*_list_posteriors(name, views), *_list_traces(views, traced)]
    return [draw_panel(panel, title, draw, size) for panel, title, draw, size in jobs]


def _list_posteriors(name: str, views: Mapping[str, plots.View]) -> Iterator[tuple[Any, ...]]:
    results = {method: view.result for method, view in views.items()}
    first = next(iter(views.values()))
    model = model_behind(first.result)
    for i, coordinate in enumerate(first.coordinates[:COORDINATES]):
        title = in_words(name, coordinate)
        yield f"marginal-{i}", title, _marginal(name, views, coordinate), HEIGHT
    pair = choose_pair(name, views.get("exact", first))
    if pair:
        title = f"{pair[0]} and {pair[1]} at once, 50 % and 90 %"
        yield "joint", title, _joint(name, views, pair), 1.2 * HEIGHT
    yield from _list_own(model, results)


def _list_own(model: Any, results: Mapping[str, Posterior]) -> Iterator[tuple[Any, ...]]:
    """Of latents that are a path, labels, pixels or a datum's own: the truth and the best known."""
    some = {m: results[m] for m in ("exact", "cavi", "gibbs") if m in results}
    truth: Any = results.get("exact")
    if isinstance(model, LocalLevel):
        for method, result in some.items():
            title = f"The level, ± 2 sd, {plots.style_of(method).label}"
            yield f"level-{method}", title, _level(model, method, result), HEIGHT
    if isinstance(model, IsingDenoising):
        yield "seen", "The picture that was seen", _pixels(model, model.image), HEIGHT
        for method, result in some.items():
            title = f"Mean of each pixel, {plots.style_of(method).label}"
            yield f"pixels-{method}", title, _pixels(model, result.mean("x")), HEIGHT
    optimum: Any = results.get("cavi")
    if isinstance(model, GaussianMixture) and model.size == 2 and isinstance(optimum, Factorised):
        title = "Responsibilities and components at CAVI's optimum"
        yield "components", title, lambda ax: plots.components(optimum, ax=ax), 1.2 * HEIGHT
    if isinstance(model, PPCA | FactorAnalysis) and model.q > 1 and "exact" in results:
        draw = _bare(lambda ax: plots.latent_means(truth, optimum, ax=ax))
        yield "latents", "Hidden coordinates of each datum", draw, 1.2 * HEIGHT
    qs = {m: r for m, r in results.items() if isinstance(r, GaussianRows)}
    if isinstance(model, DecoderModel) and model.dimension == 2 and "exact" in results:
        draw = _bare(lambda ax: plots.latent_posterior(truth, qs, DIGIT, legend=False, ax=ax))
        yield "datum", f"Both latents of datum {DIGIT}, 50 % and 90 %", draw, 1.2 * HEIGHT


def _list_traces(views: Mapping[str, plots.View], traced: Set[str]) -> Iterator[tuple[Any, ...]]:
    """The chains of a sampler through the first coordinate, and CAVI's climb."""
    truth = views["exact"].result if "exact" in views else None
    for method, view in views.items():
        if method in traced - {"exact-draws"} and isinstance(view.result, Draws):
            if not view.coordinates:
                continue
            first = view.coordinates[0]
            title = f"{plots.style_of(method).label}: {first}, {TRACED} draws of each chain"
            yield f"trace-{method}", title, _chains(view.result, first, truth), HEIGHT
    optimum = views["cavi"].result if "cavi" in views and "cavi" in traced else None
    if isinstance(optimum, Factorised) and len(optimum.elbo_trace):
        draw = _bare(lambda ax: plots.elbo_trace(optimum, ax=ax))
        yield "trace-cavi", "CAVI: the ELBO, sweep by sweep", draw, HEIGHT


def _bare(picture: Callable[[Any], Any]) -> Draw:
    """A picture without its title and its legend, which the page has."""

    def draw(ax: Any) -> None:
        picture(ax)
        ax.set_title("")
        if ax.get_legend():
            ax.get_legend().remove()

    return draw


def _label(name: str, coordinate: str) -> str:
    return cut(in_words(name, coordinate), LETTERS)


def _marginal(name: str, views: Mapping[str, Any], coordinate: str) -> Draw:
    start = first_year() - 1 if (name, coordinate) == ("coal", "s") else 0

    def draw(ax: Any) -> None:
        label = _label(name, coordinate)
        plots.marginal(views, coordinate, label=label, legend=False, first=start, ax=ax)
        bars = bool(ax.patches)  # of whole numbers
        ax.set(xlabel="", ylabel="")  # the title says the one, the page the other
        ax.set_position(BARS if bars else CURVE)
        if not bars:
            _keep_truth_in_sight(ax)
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=bars))

    return draw


def _keep_truth_in_sight(ax: Any) -> None:
    """The exact density takes a quarter of the height or more: what is higher is cut off."""
    peaks = {line.get_label(): float(line.get_ydata().max()) for line in ax.lines}
    top = HIGHEST * peaks.get(plots.STYLE["exact"].label, 0.0)
    if 0 < top < ax.get_ylim()[1]:
        ax.set_ylim(0, top)
        note = "higher curves are cut off"
        ax.annotate(note, (0.99, 0.98), xycoords="axes fraction", ha="right", va="top")
        plots.describe(ax, f"Above {HIGHEST:g} times the exact peak {note}.")


def _joint(name: str, views: Mapping[str, Any], pair: Sequence[str]) -> Draw:
    """Densities alone; where there is none but the truth's, the draws of a sampler over it."""
    solid = {m: v for m, v in views.items() if not isinstance(v.result, Draws)}
    if set(solid) <= {"exact"}:
        solid |= dict([(m, v) for m, v in views.items() if m not in (*solid, "exact-draws")][:1])

    def draw(ax: Any) -> None:
        labels = (_label(name, pair[0]), _label(name, pair[1]))
        plots.joint(solid or dict(views), *pair, labels=labels, legend=False, ax=ax)
        for line in ax.lines:
            x, y = line.get_data()
            step = max(1, len(x) // POINTS)
            line.set(data=(x[::step], y[::step]), rasterized=False)

    return draw


def _chains(draws: Draws, coordinate: str, truth: Posterior | None) -> Draw:
    def draw(ax: Any) -> None:
        plots.chains(draws, coordinate, first=TRACED, truth=truth, ax=ax)
        lines = [line for line in ax.lines if len(line.get_xdata()) > 2]
        for i, line in enumerate(lines):
            line.set(color=plots.style_of(draws.method).colour, rasterized=False)
            line.set(alpha=1.0 - 0.7 * i / max(1, len(lines) - 1), linewidth=0.9)
        ax.set_title("", loc="right")
        ax.set_title("")

    return draw


def _level(model: LocalLevel, method: str, result: Posterior) -> Draw:
    def draw(ax: Any) -> None:
        draw_level(ax, model, method, result)
        ax.set_title("", loc="left")

    return draw


def _pixels(model: IsingDenoising, image: Any) -> Draw:
    def draw(ax: Any) -> None:
        shown = np.asarray(image, np.float64)
        tiles(ax, shown.reshape(1, 1, -1), model.image.shape, -1.0, 1.0)
        size = " by ".join(map(str, model.image.shape))
        plots.describe(ax, f"{size} pixels, from −1 to 1, mean {shown.mean():.3f}.")

    return draw
