"""Where chains and restarts begin: over-dispersed, and within reach of the data.

Draws from the prior are good initial values as long as the prior is neither weak nor on another
scale than the data. Of Gamma(0.001, 0.001) half the draws are 0 to the last digit of a double, and
from a prior on another scale they lie so far out that no warmup comes back. So there is one rule,
for a precision or a rate t that is Gamma(a, b) a priori and about Gamma(c, d) given the data:

    the prior suffices    where a >= 1 and a/b is within a factor MAX_PRIOR_RATIO of c/d:
                          draws from the prior
    otherwise             Gamma(s, s d/c), s = max(1, c/OVERDISPERSION**2): the mean that the data
                          give t, and OVERDISPERSION times their spread of log t, or that of an
                          exponential variable, whichever is less

A location begins OVERDISPERSION sds about where the data leave it, where the prior of t does not
suffice or its own prior variance is more than MAX_PRIOR_RATIO times what the data leave of it.
R-hat asks that chains begin further apart than the posterior is wide, and they do.
"""

from __future__ import annotations

from typing import Any

import numpy as np

MAX_PRIOR_RATIO = 1e4
OVERDISPERSION = 3.0  # posterior standard deviations
MOST_SDS = 1e4  # of the data, from their mean to that of groups at a start


def prior_suffices(
    shape: Any, rate: Any, shape_given_data: Any, rate_given_data: Any, spread: float = 1.0
) -> bool:
    """Whether prior draws of these gamma variables are fit to begin with; numbers or arrays.

    `spread` is the prior variance of a location beside them over what the data leave of it.
    """
    ratio = np.log(shape) - np.log(rate) - np.log(shape_given_data) + np.log(rate_given_data)
    within = np.abs(ratio) <= np.log(MAX_PRIOR_RATIO)
    near = np.all(within) and spread <= MAX_PRIOR_RATIO
    return bool(np.all(np.asarray(shape) >= 1.0) and near)


def draw_overdispersed(
    rng: np.random.Generator, shape: Any, rate: Any, lead: tuple[int, ...]
) -> Any:
    """Draws (lead) about the mean of Gamma(shape, rate), further apart than its own."""
    wide = np.maximum(1.0, np.asarray(shape) / OVERDISPERSION**2)
    return rng.standard_gamma(wide, lead) / wide * (shape / rate)


def move_near(values: dict[str, Any], y: np.ndarray, sigma: np.ndarray) -> dict[str, Any]:
    """The values with mu (*batch,), and with it theta (*batch, J), within MOST_SDS of the data.

    Farther off, the squares of their distances have no digit left of the variance of theta.
    """
    reach, middle = MOST_SDS * (sigma.max() + np.ptp(y)), y.mean()
    nearer = np.clip(values["mu"], middle - reach, middle + reach)
    theta = values["theta"] + np.asarray(nearer - values["mu"])[..., None]
    return {**values, "theta": theta, "mu": nearer}
