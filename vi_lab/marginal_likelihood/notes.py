"""What can be known to be wrong with an estimate without knowing the truth, in sentences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from vi_lab.inference.engine.differentiation import far_out
from vi_lab.marginal_likelihood.namings import Namings, find_shortfall
from vi_lab.marginal_likelihood.weights import ROUNDING, Weighed
from vi_lab.results import diagnostics

NOTICED = 0.05  # nats that namings not seen are said from


def describe(method: str, run: Any, weighed: Weighed, khat: float | None) -> tuple[str, ...]:
    """Sentences without an end: of the tail of the weights, of chains, of namings."""
    notes = []
    if "drawn" in vars(run) and run.drawn.rhat > diagnostics.MIXED:
        notes.append(
            f"the chains have not mixed (R-hat {run.drawn.rhat:.3g}): what rests on them may be "
            "wrong by what they have not seen, of which the error knows nothing"
        )
    if method == "harmonic":
        notes.append(
            "the harmonic mean cannot know its error: its weights are large where no draw of the "
            "posterior is, so that it comes out too high, and steadily so"
        )
    elif khat is not None and weighed.error > ROUNDING:  # of equal weights no tail is to be seen
        notes.extend(_describe_tail(method, khat, len(np.asarray(weighed.log_weights))))
    if weighed.start is not None:
        notes.extend(_describe_start(weighed.start))
    return (*notes, *_describe_namings(run, weighed, method))


def _describe_tail(method: str, khat: float, draws: int) -> list[str]:
    """What the k-hat is worth at so many draws (Vehtari et al. 2024, section 3.2.4)."""
    limit = diagnostics.khat_limit(draws)
    if not khat > limit:
        return []
    tail = int(min(0.2 * draws, 3.0 * math.sqrt(draws)))  # the weights that it is fitted to
    noise = (1.0 + khat) / math.sqrt(tail)  # of the largest likelihood; Smith 1987
    who = {
        "reciprocal": "the Gaussian of the draws is wider than the posterior somewhere",
        "prior": "hardly a draw of the prior is where the likelihood is",
    }.get(method, "q is narrower than the posterior somewhere")
    return [
        f"k-hat {khat:.2f} ± {noise:.2f}, of the {tail} largest of {draws:,} weights, is above "
        f"{limit:.2f}, up to which a mean of so many can be relied on: {who}, and "
        "neither the value nor its error is to be trusted"
    ]


def _describe_start(log_weights: np.ndarray) -> list[str]:
    """Of a path that begins where it does not cover the posterior."""
    khat, limit = float(diagnostics.khat(log_weights)), diagnostics.khat_limit(len(log_weights))
    if not khat > limit:
        return []
    return [
        f"the Gaussian that its path begins at is narrower than the posterior somewhere (k-hat "
        f"{khat:.2f}, above {limit:.2f}): what lies there is found as far as the moves go, and "
        "its error knows nothing of it"
    ]


@far_out
def _describe_namings(run: Any, weighed: Weighed, method: str) -> list[str]:
    """Labels that are mere names, and points that keep to one naming of them."""
    namings = Namings(run.model)
    if namings.count == 1:
        return []
    name = f"{namings.classes}! = {namings.count:,} namings of the components"
    if method == "chib":
        return [f"its mean is over all {name}"] if namings.label else []
    if weighed.points is None:
        return []
    y, log_weights = weighed.points
    namings = Namings(run.model, run.target.values(y[:5], np.random.default_rng(0)))
    if namings.count == 1:
        return []
    if len(namings.orders) < namings.count:
        most = math.log(namings.count)
        return [f"there are {name}: whatever keeps to one of them misses {most:.3g} nats"]
    short = find_shortfall(run.target, namings, y, log_weights)
    if short < NOTICED:
        return []
    return [
        f"it keeps to some of the {name}: over all of them log p(x) is {short:.3f} nats higher "
        f"(ln {namings.classes}! is {math.log(namings.count):.3f})"
    ]
