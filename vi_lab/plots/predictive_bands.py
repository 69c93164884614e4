"""The picture of a predictive check: what the model would draw beside what was observed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.types import Reals
from vi_lab.errors import refuse_if
from vi_lab.model_or_problem import ModelLike, as_model
from vi_lab.plots import colours
from vi_lab.plots.style import axes_level

LOW, HIGH = 0.055, 0.945  # of the band: 89 % of the data sets
MOST_WHOLE = 60  # values of whole numbers that get a bin each
BINS, TAIL = 24, 0.005  # of real numbers, and what is left outside on each side


@axes_level()
def predictive(
    draws: Mapping[str, Any],
    model: ModelLike,
    name: str | None = None,
    *,
    x: Reals | None = None,
    label: str | None = None,
    legend: bool = True,
    ax: Any = None,
) -> str:
    """The data, and where data sets lie that the model draws: as histograms, or one by one.

    Parameters
    ----------
    draws : dict of str to array (n, *shape of the data)
        From `posterior_predictive` of a posterior, or `prior_predictive` of a model.
    model : Model, Problem or the name of one
        The data are its own.
    name : str, optional
        Which data, where there are several; by default the first.
    x : array of the shape of the data, optional
        Where each observation stands, as a year or a covariate: then each is drawn there, beside
        its own interval. For data that are no sample of one distribution.
    label : str, optional
        The quantity in words, with its unit.
    """
    checks.require(
        isinstance(draws, Mapping) and bool(draws), "draws: needs a dict of draws", draws
    )
    name = next(iter(draws)) if name is None else checks.one_of("name", name, draws)
    whole = as_model(model)
    data = whole.read_data(whole)
    observed = checks.numbers(name, data[checks.one_of("draws", name, data)])
    drawn = checks.numbers(name, draws[name])
    refuse_if(
        drawn.shape[1:] != observed.shape,
        f"draws: {name} needs shape (n, *{observed.shape}), got {drawn.shape}",
    )
    there = ~np.isnan(observed)  # a series may have gaps
    observed, drawn = observed[there], checks.real_array(name, drawn[:, there])
    if x is None:
        ax.set(xlabel=label or name, ylabel="share of the data")
        parts, outside = _draw_shares(ax, observed, drawn)
        ax.set_ylim(0, None)
    else:
        places = checks.real_array("x", x)
        refuse_if(places.shape != there.shape, f"x: needs shape {there.shape}, got {places.shape}")
        ax.set(xlabel="x", ylabel=label or name)
        parts, outside = _draw_each(ax, places[there], observed, drawn)
    if legend:
        band = f"{100 * (HIGH - LOW):.0f} % of {len(drawn)} data sets drawn"
        ax.legend(handles=parts, labels=[band, "their median", "observed"])
    what = f"in {len(outside)} bins" if x is None else "one by one"
    share = "bins the observed share" if x is None else f"{len(outside)} the observed value"
    return (
        f"{label or name}: the observed values {what}, beside {len(drawn)} data sets that the "
        f"model draws. In {int(outside.sum())} of the {share} lies outside of what "
        f"{100 * (HIGH - LOW):.0f} % of the data sets have."
    )


def _draw_shares(ax: Any, observed: np.ndarray, drawn: np.ndarray) -> tuple[list[Any], np.ndarray]:
    """The share of values in each bin; the band, median and data, and which lie outside."""
    edges = _choose_edges(observed, drawn)
    # what lies outside of all bins counts among all values, and in no bin
    shares = np.array([np.histogram(v, edges)[0] / len(v) for v in (observed, *drawn)])
    low, middle, high = np.quantile(shares[1:], [LOW, 0.5, HIGH], axis=0)
    band = ax.stairs(high, edges, baseline=low, fill=True, color=colours.PALE)
    median = ax.stairs(middle, edges, baseline=None, color=colours.BLUE, linewidth=1.6)
    centres = 0.5 * (edges[1:] + edges[:-1])
    (points,) = ax.plot(centres, shares[0], "o", color=colours.BLACK, markersize=4.5)
    return [band, median, points], (shares[0] < low) | (shares[0] > high)


def _draw_each(
    ax: Any, x: np.ndarray, observed: np.ndarray, drawn: np.ndarray
) -> tuple[list[Any], np.ndarray]:
    """Each observation at its x, beside its own interval; the parts, and which lie outside."""
    low, middle, high = np.quantile(drawn, [LOW, 0.5, HIGH], axis=0)
    band = ax.vlines(x, low, high, color=colours.PALE, linewidth=4)
    (median,) = ax.plot(x, middle, "_", color=colours.BLUE, markersize=7, markeredgewidth=1.6)
    (points,) = ax.plot(x, observed, "o", color=colours.BLACK, markersize=4)
    return [band, median, points], (observed < low) | (observed > high)


def _choose_edges(observed: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Whole numbers get a bin each, real ones bins of one width over most of what is there."""
    both = np.concatenate([observed, drawn.ravel()])
    low, high = both.min(), both.max()
    if (both == np.round(both)).all() and high - low < MOST_WHOLE:
        return np.arange(low - 0.5, high + 1.0)
    low, high = np.quantile(drawn, [TAIL, 1.0 - TAIL])
    low, high = min(low, observed.min()), max(high, observed.max())
    return np.linspace(low, high if high > low else low + 1.0, BINS + 1)
