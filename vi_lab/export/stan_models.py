"""The Stan program of each kind of model: its data, and its log joint written again.

Labels and auxiliaries are summed out, as methods that walk in real coordinates have them; positive
numbers are walked in by their logs, shares by their log odds, as Stan does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from vi_lab import models
from vi_lab.models.priors import HalfCauchy


class Written(NamedTuple):
    """A program. Its data are attributes of the model, but for those that are `own`.

    Attributes
    ----------
    data, parameters : str
        Declarations.
    log_joint : str
        Lines of the model block.
    called : dict of str to str
        What the model calls data that it calls otherwise.
    own : dict
        Data that the model does not have, by name.
    """

    data: str
    parameters: str
    log_joint: str
    called: Mapping[str, str] = MappingProxyType({})
    own: Mapping[str, Any] = MappingProxyType({})


NORMAL_GAMMA = Written(
    "int n; vector[n] x; real mu0; real kappa0; real a0; real b0;",
    "real mu; real<lower=0> tau;",
    """target += gamma_lpdf(tau | a0, b0);
target += normal_lpdf(mu | mu0, inv_sqrt(kappa0 * tau));
target += normal_lpdf(x | mu, inv_sqrt(tau));""",
)
NORMAL_SEMI_CONJUGATE = Written(
    "int n; vector[n] x; real m0; real s0; real a0; real b0;",
    "real mu; real<lower=0> tau;",
    """target += gamma_lpdf(tau | a0, b0);
target += normal_lpdf(mu | m0, s0);
target += normal_lpdf(x | mu, inv_sqrt(tau));""",
)
BETA_BERNOULLI = Written(
    "int n; array[n] int x; real a; real b;",
    "real<lower=0, upper=1> theta;",
    "target += beta_lpdf(theta | a, b);\ntarget += bernoulli_lpmf(x | theta);",
)
CHANGE_POINT = Written(
    "int n; array[n] int counts; vector[2] a; vector[2] b;",
    "vector<lower=0>[2] rates;",
    """target += gamma_lpdf(rates | a, b);
vector[n - 1] log_p;
for (s in 1 : n - 1) {
  log_p[s] = -log(n - 1) + poisson_lpmf(counts[1 : s] | rates[1])
             + poisson_lpmf(counts[s + 1 : n] | rates[2]);
}
target += log_sum_exp(log_p);""",
)
CLUTTER = Written(
    "int n; int d; array[n] vector[d] x; real w; real prior_var; real background;",
    "vector[d] theta;",
    """target += normal_lpdf(theta | 0, sqrt(prior_var));
for (i in 1 : n) {
  target += log_mix(w, normal_lpdf(x[i] | 0, sqrt(background)), normal_lpdf(x[i] | theta, 1));
}""",
    called={"d": "size", "x": "points"},
)
LINEAR_REGRESSION = Written(
    "int n; int d; matrix[n, d] X; vector[n] y; vector[d] m0; cov_matrix[d] V0; real a0; real b0;",
    "vector[d] beta; real<lower=0> tau;",
    """target += gamma_lpdf(tau | a0, b0);
target += multi_normal_lpdf(beta | m0, V0 / tau);
target += normal_lpdf(y | X * beta, inv_sqrt(tau));""",
    called={"d": "size"},
)
LINEAR_REGRESSION_KNOWN_NOISE = Written(
    "int n; int d; matrix[n, d] X; vector[n] y; real noise_precision; real a0; real b0;",
    "vector[d] w; real<lower=0> alpha;",
    """target += gamma_lpdf(alpha | a0, b0);
target += normal_lpdf(w | 0, inv_sqrt(alpha));
target += normal_lpdf(y | X * w, inv_sqrt(noise_precision));""",
    called={"d": "size"},
)
PROBIT_REGRESSION = Written(
    "int n; int d; matrix[n, d] X; array[n] int y; vector[d] prior_mean; cov_matrix[d] prior_cov;",
    "vector[d] beta;",
    """target += multi_normal_lpdf(beta | prior_mean, prior_cov);
for (i in 1 : n) {
  target += std_normal_lcdf((2 * y[i] - 1) * (X[i] * beta) |);
}""",
    called={"d": "size"},
)
POISSON_REGRESSION = Written(
    "int n; int d; matrix[n, d] X; array[n] int counts; vector[d] prior_mean; "
    "cov_matrix[d] prior_cov;",
    "vector[d] z;",
    """target += multi_normal_lpdf(z | prior_mean, prior_cov);
target += poisson_log_lpmf(counts | X * z);""",
    called={"d": "dimension"},
)


def _logistic_regression(m: Any) -> Written:
    ways = "" if m.binomial_coefficients else " - sum(lchoose(trials, successes))"
    return Written(
        "int n; int d; matrix[n, d] X; array[n] int successes; array[n] int trials; "
        "vector[d] prior_mean; cov_matrix[d] prior_cov;",
        "vector[d] beta;",
        f"""target += multi_normal_lpdf(beta | prior_mean, prior_cov);
target += binomial_logit_lpmf(successes | trials, X * beta){ways};""",
        called={"d": "size"},
    )


def _hierarchical_normal(m: Any) -> Written:
    prior, own = m.tau_prior, {}
    if isinstance(prior, HalfCauchy):
        given, own["scale"] = "real scale;", prior.scale
        # of tau**2: the density of tau, folded, times dtau/dtau2
        tau2 = "log(2) + cauchy_lpdf(sqrt(tau2) | 0, scale) - log(2) - 0.5 * log(tau2)"
    else:
        given, tau2 = "real a0; real b0;", "inv_gamma_lpdf(tau2 | a0, b0)"
        own |= dict(a0=prior.a0, b0=prior.b0)
    return Written(
        f"int n; vector[n] y; vector[n] sigma; real mu_sd; {given}",
        "vector[n] theta; real mu; real<lower=0> tau2;",
        f"""target += normal_lpdf(mu | 0, mu_sd);
target += {tau2};
target += normal_lpdf(theta | mu, sqrt(tau2));
target += normal_lpdf(y | theta, sigma);""",
        own=own,
    )


def _local_level(m: Any) -> Written:
    seen = m._seen.nonzero()[0]
    return Written(
        "int n; int seen; array[seen] int when; vector[seen] y; real q; real r; real m0; real v0;",
        "vector[n] x;",
        """target += normal_lpdf(x[1] | m0, sqrt(v0));
target += normal_lpdf(x[2 : n] | x[1 : n - 1], sqrt(q));
target += normal_lpdf(y | x[when], sqrt(r));""",
        own=dict(seen=len(seen), when=seen + 1, y=m.y[seen]),
    )


def _normal_mixture(m: Any) -> Written:
    free = m.concentration is not None
    return Written(
        "int n; int k; vector[n] x; real sigma; vector[k] m0; vector[k] s0; "
        + ("vector[k] concentration;" if free else "simplex[k] weights;"),
        "vector[k] mu;" + " simplex[k] weights;" * free,
        "target += normal_lpdf(mu | m0, s0);\n"
        + "target += dirichlet_lpdf(weights | concentration);\n" * free
        + """for (i in 1 : n) {
  vector[k] log_p = log(weights);
  for (j in 1 : k) {
    log_p[j] += normal_lpdf(x[i] | mu[j], sigma);
  }
  target += log_sum_exp(log_p);
}""",
        called={"k": "n_components"},
    )


def _correlated_gaussian(m: Any) -> Written:
    places = [(name, k + 1, i + 1) for name, part in m.parts.items() for k, i in enumerate(part)]
    return Written(
        "int d; vector[d] m; cov_matrix[d] V;",
        " ".join(f"vector[{len(part)}] {name};" for name, part in m.parts.items()),
        "vector[d] z;\n"
        + "".join(f"z[{i}] = {name}[{k}];\n" for name, k, i in places)
        + "target += multi_normal_lpdf(z | m, V);",
        called={"m": "mean", "V": "cov"},
        own={"d": len(m.mean)},
    )


# by kind of model its program, or where that depends on more than the kind what writes it
PROGRAMS: dict[type, Written | Callable[[Any], Written]] = {
    models.NormalGamma: NORMAL_GAMMA,
    models.NormalSemiConjugate: NORMAL_SEMI_CONJUGATE,
    models.BetaBernoulli: BETA_BERNOULLI,
    models.ChangePoint: CHANGE_POINT,
    models.Clutter: CLUTTER,
    models.LinearRegression: LINEAR_REGRESSION,
    models.LinearRegressionKnownNoise: LINEAR_REGRESSION_KNOWN_NOISE,
    models.LogisticRegression: _logistic_regression,
    models.ProbitRegression: PROBIT_REGRESSION,
    models.PoissonRegression: POISSON_REGRESSION,
    models.HierarchicalNormal: _hierarchical_normal,
    models.LocalLevel: _local_level,
    models.NormalMixture: _normal_mixture,
    models.CorrelatedGaussian: _correlated_gaussian,
}
