"""Results speak one language: Exact, Draws, Factorised, GaussianRows.

Each has .mean(name), .sd(name), .quantile(name, p), .interval(name), .summary(), .sample(n, rng=),
.seconds, a short repr, a table in a notebook, .save(path), .to_datatree() and .to_pandas(). They
are frozen.
"""

from vi_lab.numerics.rounding import Estimate as Estimate
from vi_lab.numerics.rounding import bound_cancellation as bound_cancellation
from vi_lab.numerics.rounding import rounding as rounding
from vi_lab.results.draws import Draws as Draws
from vi_lab.results.exact import Exact as Exact
from vi_lab.results.factorised import Factorised as Factorised
from vi_lab.results.gaussian_rows import GaussianRows as GaussianRows
from vi_lab.results.linear_response import LinearResponse as LinearResponse
from vi_lab.results.marginals import Marginal as Marginal
from vi_lab.results.posterior import Cost as Cost
from vi_lab.results.posterior import Posterior as Posterior
from vi_lab.results.quantiles import Interval as Interval
from vi_lab.results.restarts import Restarts as Restarts
from vi_lab.results.summary import Summary as Summary
