"""Where chains and restarts begin: over-dispersed, and within reach of the data.

A draw from the prior is a good start as long as the prior is tame. Under a weak one it is none:
of Gamma(0.001, 0.001) half the draws are 0 to the last digit of a double, and a prior whose scale
is not that of the data starts so far out that no warmup comes back. So there is one rule, for a
precision or a rate t that has shape a and rate b a priori and is about Gamma(c, d) given the data:

    tame    a >= 1, and a/b within a factor FAR of c/d: starts are draws from the prior
    else    Gamma(s, s d/c), s = max(1, c/WIDER**2): the mean that the data give t, and WIDER times
            their spread of log t, or that of an exponential variable, whichever is less

A location is started WIDER sds about where the data leave it, where t is not tame or its prior
variance is more than FAR times what the data leave of it. R-hat asks that starts lie further apart
than the posterior does, and they do.
"""

from __future__ import annotations

from typing import Any

import numpy as np

FAR = 1e4
WIDER = 3.0


def tame(shape: Any, rate: Any, shape_given_data: Any, rate_given_data: Any) -> bool:
    """Whether prior draws of these gamma variables are fit starts; numbers or arrays."""
    ratio = np.log(shape) - np.log(rate) - np.log(shape_given_data) + np.log(rate_given_data)
    return bool(np.all(np.asarray(shape) >= 1.0) and np.all(np.abs(ratio) <= np.log(FAR)))


def widened(rng: np.random.Generator, shape: Any, rate: Any, lead: tuple[int, ...]) -> Any:
    """Draws (lead) about the mean of Gamma(shape, rate), further apart than its own."""
    wide = np.maximum(1.0, np.asarray(shape) / WIDER**2)
    return rng.standard_gamma(wide, lead) / wide * (shape / rate)
