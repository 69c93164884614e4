"""The picture of a predictive check: what the model would draw beside what was observed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.errors import refuse_if
from vi_lab.model_or_problem import as_model
from vi_lab.plots import colours
from vi_lab.plots.style import axes_level

LOW, HIGH = 0.055, 0.945  # of the band: 89 % of the data sets
MOST_WHOLE = 60  # values of whole numbers that get a bin each
BINS, TAIL = 24, 0.005  # of real numbers, and what is left outside on each side


class Shares(NamedTuple):
    """The share of values in each bin: of the observed ones, and of every drawn data set."""

    edges: np.ndarray
    observed: np.ndarray
    drawn: np.ndarray  # (data sets, bins)


@axes_level()
def predictive(
    draws: Mapping[str, Any],
    model: Any,
    name: str | None = None,
    *,
    label: str | None = None,
    legend: bool = True,
    ax: Any = None,
) -> str:
    """The histogram of the data, and where those of data sets that the model draws lie.

    Parameters
    ----------
    draws : dict of str to array (n, *shape of the data)
        From `posterior_predictive` of a posterior, or `prior_predictive` of a model.
    model : Model, Problem or the name of one
        The data are its own.
    name : str, optional
        Which data, where there are several; by default the first.
    label : str, optional
        The quantity in words, with its unit.
    """
    checks.require(
        isinstance(draws, Mapping) and bool(draws), "draws: needs a dict of draws", draws
    )
    name = next(iter(draws)) if name is None else checks.one_of("name", name, draws)
    model = as_model(model)
    data = model.read_data(model)
    observed = checks.real_array(name, data[checks.one_of("draws", name, data)])
    drawn = checks.real_array(name, draws[name])
    refuse_if(
        drawn.shape[1:] != observed.shape,
        f"draws: {name} needs shape (n, *{observed.shape}), got {drawn.shape}",
    )
    shares = _count(observed.ravel(), drawn.reshape(len(drawn), -1))
    low, middle, high = np.quantile(shares.drawn, [LOW, 0.5, HIGH], axis=0)
    ax.stairs(high, shares.edges, baseline=low, fill=True, color=colours.PALE)
    ax.stairs(middle, shares.edges, baseline=None, color=colours.BLUE, linewidth=1.6)
    centres = 0.5 * (shares.edges[1:] + shares.edges[:-1])
    ax.plot(centres, shares.observed, "o", color=colours.BLACK, markersize=4.5)
    ax.set(xlabel=label or name, ylabel="share of the data", ylim=(0, None))
    if legend:
        band = f"{100 * (HIGH - LOW):.0f} % of {len(drawn)} data sets drawn"
        ax.legend(handles=ax.patches + ax.lines, labels=[band, "their median", "observed"])
    outside = int(((shares.observed < low) | (shares.observed > high)).sum())
    return (
        f"{label or name}: the observed values in {len(centres)} bins, beside {len(drawn)} data "
        f"sets that the model draws. In {outside} of the bins the observed share lies outside of "
        f"what {100 * (HIGH - LOW):.0f} % of the data sets have."
    )


def _count(observed: np.ndarray, drawn: np.ndarray) -> Shares:
    """Whole numbers get a bin each, real ones bins of one width over most of what is there."""
    both = np.concatenate([observed, drawn.ravel()])
    low, high = both.min(), both.max()
    if (both == np.round(both)).all() and high - low < MOST_WHOLE:
        edges = np.arange(low - 0.5, high + 1.0)
    else:
        low, high = np.quantile(drawn, [TAIL, 1.0 - TAIL])
        low, high = min(low, observed.min()), max(high, observed.max())
        edges = np.linspace(low, high if high > low else low + 1.0, BINS + 1)
    # what lies outside of all bins counts among all values, and in no bin
    shares = [np.histogram(values, edges)[0] / len(values) for values in (observed, *drawn)]
    return Shares(edges, shares[0], np.array(shares[1:]))
