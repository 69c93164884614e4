"""Bridge sampling: draws of the posterior and draws of q meet half-way.

For any h, both sides being integrals of p(x, y) q(y) h(y),

    p(x) = E_q[p(x, y) h(y)] / E_p(y|x)[q(y) h(y)]                                               (1)

(Meng & Wong 1996, eq. 2.2). Of independent draws, n1 of the posterior and n2 of q, the error is
least with h = 1 / (s1 p(y | x) + s2 q(y)), s = n / (n1 + n2) (their theorem 1). It holds p(x),
which is what is asked for: so, with l = p(x, y) / q(y), one repeats

    r <- (1/n2) sum_q l / (s1 l + s2 r)  /  (1/n1) sum_p 1 / (s1 l + s2 r)                       (2)

(eq. 4.1) until it stands still, and p(x) is r. Draws of a chain count as their effective number in
s1. q is the Gaussian of the first half of each chain, and the second half is weighed: one that was
fitted to the very draws would seem nearer than it is (Overstall & Forster 2010). The error is

    var_q[f] / (n2 E_q[f]**2) + var_p[g] / (n1_eff E_p[g]**2)                                    (3)

f and g being the terms of (2), g with its autocorrelation (Fruehwirth-Schnatter 2004, eq. 4.8). It
knows nothing of a mode that no chain has seen.
"""

from __future__ import annotations

import numpy as np

from vi_lab.marginal_likelihood.importance import LogDensity
from vi_lab.marginal_likelihood.proposals import fit_gaussian, halves
from vi_lab.marginal_likelihood.weights import Weighed, log_mean, log_mean_of_chains
from vi_lab.results import diagnostics

MOST_STEPS, STILL = 1000, 1e-12  # steps of (2), and the move of log r below which it stands still


def estimate_by_bridge(
    log_density: LogDensity, draws: np.ndarray, rng: np.random.Generator
) -> Weighed:
    """log p(x) from draws of the posterior, (chains, draws, D), and as many of a Gaussian."""
    first, y = halves(draws)
    q = fit_gaussian(first)
    n = y.shape[0] * y.shape[1]
    log_l = np.asarray(log_density(y) - q.log_density(y))  # (chains, draws / 2)
    drawn = q.sample(rng, n)
    log_l_of_q = np.asarray(log_density(drawn) - q.log_density(drawn))

    n_eff = np.median(diagnostics.ess(y))
    log_s1, log_s2 = np.log([n_eff, n]) - np.log(n_eff + n)
    log_r = np.median(log_l)
    for _ in range(MOST_STEPS):
        log_f = log_l_of_q - np.logaddexp(log_s1 + log_l_of_q, log_s2 + log_r)
        log_g = -np.logaddexp(log_s1 + log_l, log_s2 + log_r)
        (upper, error_f), (lower, _) = log_mean(log_f), log_mean(log_g.ravel())
        before, log_r = log_r, upper - lower
        if abs(log_r - before) < STILL:
            break
    error = np.hypot(error_f, log_mean_of_chains(log_g)[1])
    return Weighed(float(log_r), float(error), 2 * n, points=(y.reshape(n, -1), 0.0))
