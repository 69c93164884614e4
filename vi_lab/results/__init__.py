"""Results speak one language: Exact, Draws, Factorised, GaussianRows.

Each has .mean(name), .sd(name), .sample(n, rng=), .seconds, a short repr, a table in a notebook,
.save(path) and .to_datatree(). They are frozen.
"""

from vi_lab.numerics.rounding import Estimate, cancelled, rounding
from vi_lab.results.draws import Draws
from vi_lab.results.exact import Exact
from vi_lab.results.factorised import Factorised
from vi_lab.results.gaussian_rows import GaussianRows
from vi_lab.results.linear_response import LinearResponse
from vi_lab.results.posterior import Cost, Posterior
from vi_lab.results.restarts import Restarts

__all__ = [
    "Cost",
    "Draws",
    "Estimate",
    "Exact",
    "Factorised",
    "GaussianRows",
    "LinearResponse",
    "Posterior",
    "Restarts",
    "cancelled",
    "rounding",
]
