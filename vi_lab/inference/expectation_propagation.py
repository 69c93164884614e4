"""Expectation propagation: every factor of the likelihood is replaced by a Gaussian that has its
moments where the others put it.

    p(x, y) = N(y; prior) prod_i exp f_i(s_i)  ~  N(y; prior) prod_i exp(nu_i s_i - tau_i s_i**2/2)

    cavity   q without site i:     1/v_i = 1/var_q(s_i) - tau_i,   m_i/v_i = mean_q/var_q - nu_i
    tilted   N(s; m_i, v_i) exp f_i(s), with moments M_i, V_i by quadrature about its mode
    site     tau_i = 1/V_i - 1/v_i,   nu_i = M_i/V_i - m_i/v_i                   q takes M_i and V_i

(Minka 2001, section 3.2; Rasmussen & Williams 2006, algorithm 3.5.) Each step minimises KL[tilted
|| q], where variational inference minimises KL[q || p]: q covers the mass instead of seeking a
mode. Its log p(x) is an estimate and no bound; the ELBO of its q is one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vi_lab.arguments.public import public
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.inference.engine.site_run import SiteRun, SiteState
from vi_lab.model_or_problem import M, ModelOrProblem, as_model
from vi_lab.numerics.sites import Sites, tilted_moments


@public
def expectation_propagation(
    model: ModelOrProblem[M], *, damping: float = 0.7, max_sweeps: int = 500, tol: float = 1e-9
) -> GaussianPosterior[M]:
    """The Gaussian whose moments agree with those of every tilted density.

    Parameters
    ----------
    model : Model, DensityModel, Problem or the name of one
        That names its factors in `sites`, as `Clutter` and `LogisticRegression` do.
    damping : float
        The share of each step that is taken, above 0 and at most 1: all sites move at once.
    max_sweeps : int
    tol : float
        Sweeps stop when no mean of q moves by more than `tol` of its sd, and no sd by more.

    Returns
    -------
    GaussianPosterior
        With `.log_evidence_estimate`, and the `.elbo` of q, which is a bound where that is none;
        `.settings["converged"]`, `["sweeps"]` and `["below_bound"]`, the nats by which that
        estimate lies below a bound, the ELBO of the Gaussian at the mode.

    Raises
    ------
    NotApplicable
        If the model does not name its factors.
    NumericalError
        If q has no positive variance any more.

    Warns
    -----
    ConvergenceWarning
        If `max_sweeps` sweeps were not enough (unless `tol` is 0): EP need not converge. Or if it
        has, to a q that misses the posterior: the estimate lies half a nat below a bound.
    """
    run = SiteRun(as_model(model), damping=damping, max_sweeps=max_sweeps, tol=tol)
    return run.until_settled(sweeps(run.sites, run.damping))


def sweeps(sites: Sites, damping: float) -> Iterator[SiteState]:
    """EP itself, without an end: mean and covariance of q, and log p(x) as it has it.

    With Phi(m, V) = m' V^-1 m/2 + log|V|/2, and Z_i the mass of tilted density i,

        log p(x) ~ Phi(q) - Phi(prior) + sum_i [ log Z_i + Phi(m_i, v_i) - Phi(mean_q, var_q) ]
    """
    A, precision0 = sites.directions, np.linalg.inv(sites.prior_cov)
    shift0 = precision0 @ sites.prior_mean
    nu = tau = np.zeros(len(A))
    while True:
        cov = np.linalg.inv(precision0 + (A.T * tau) @ A)
        mean = cov @ (shift0 + nu @ A)
        M, V = A @ mean, np.einsum("ni,ij,nj->n", A, cov, A)  # of each s_i under q
        proper = V * tau < 1.0  # a site whose cavity has no variance waits for the others
        v = 1.0 / np.where(proper, 1.0 / V - tau, 1.0 / V)  # the cavity
        m = v * (M / V - nu)
        log_z, tilted_mean, tilted_variance = tilted_moments(sites.log_likelihood, m, v)
        log_p = log_z.sum() + (m**2 / v + np.log(v) - M**2 / V - np.log(V)).sum() / 2
        log_p += (mean @ (shift0 + nu @ A) + np.linalg.slogdet(cov)[1]) / 2
        log_p -= (sites.prior_mean @ shift0 + np.linalg.slogdet(sites.prior_cov)[1]) / 2
        yield SiteState(mean, cov, float(log_p))
        step = damping * proper
        tau = tau + step * (1.0 / tilted_variance - 1.0 / v - tau)
        nu = nu + step * (tilted_mean / tilted_variance - m / v - nu)
