"""A run of expectation propagation: when it has settled, what it ends in, where it breaks down."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.user_models import explain
from vi_lab.errors import ConvergenceWarning, NotApplicable, NumericalError, refuse_if
from vi_lab.inference.engine.differentiation import far_out
from vi_lab.inference.engine.gaussian_fit import GaussianFit
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.inference.engine.target import CENTRED, choose_target
from vi_lab.numerics.normal_mixture import NormalMixture
from vi_lab.numerics.sites import Sites
from vi_lab.results.posterior import Cost

METHOD = "EP"
STARTS = 4  # from which a mode is looked for, to hold the estimate against
ASTRAY = 0.5  # nats below a bound from which an estimate of log p(x) is told to be wrong


class SiteState(NamedTuple):
    """q after a sweep: mean (D,), cov (D, D), and the log evidence that the sites give."""

    mean: np.ndarray
    cov: np.ndarray
    log_evidence: float


class SiteRun:
    """One run on a model's sites."""

    def __init__(self, model: Any, *, damping: Any, max_sweeps: Any, tol: Any) -> None:
        self._started, self.model = time.perf_counter(), model
        self.damping = checks.positive("damping", damping)
        refuse_if(self.damping > 1, f"damping: needs at most 1, got {self.damping:g}")
        self.max_sweeps = checks.integer("max_sweeps", max_sweeps, 1)
        self.tol = checks.non_negative("tol", tol)
        reason = model.no_sites_because
        refuse_if(reason, f"{METHOD} does not apply, because {reason}", NotApplicable)
        try:
            self.sites = Sites(*model.sites())
        except Exception as error:
            raise explain("its sites", error) from error
        size, given = choose_target(model).dimension, np.shape(self.sites.directions)
        fits = len(given) == 2 and given[1] == size
        refuse_if(not fits, f"sites: directions need shape (N, {size}), have {given}")

    @far_out
    def until_settled(self, sweeps: Iterator[SiteState]) -> GaussianPosterior:
        """Sweeps until q stands still; ConvergenceWarning where it does not in time."""
        before, settled, count = next(sweeps), False, 1
        for count, state in enumerate(sweeps, 2):
            variances = np.diagonal(state.cov)
            numbers = np.concatenate([state.mean, variances, [state.log_evidence]])
            if not np.isfinite(numbers).all() or variances.min() <= 0:
                raise NumericalError(
                    f"{METHOD}: after {count} sweeps q has no positive variance, or none that is "
                    f"finite; try a smaller damping than {self.damping:g}"
                )
            sds = np.sqrt(variances)
            moved = np.abs(state.mean - before.mean) + np.abs(sds - np.diagonal(before.cov) ** 0.5)
            before, settled = state, bool((moved <= self.tol * sds).all())
            if settled or count >= self.max_sweeps:
                break
        if not settled and self.tol:
            message = f"{METHOD} has not converged in {count} sweeps; try a smaller damping"
            # at the line that called the method: far_out, this, the method, its door
            warnings.warn(message, ConvergenceWarning, stacklevel=5)
        below = self._find_below(before.log_evidence) if settled else 0.0
        if below > ASTRAY:
            message = (
                f"{METHOD} estimates a log p(x) {below:.2g} nats below a bound, the ELBO of the "
                "Gaussian at the mode: its sites have settled elsewhere, as they may where the "
                "prior is very vague; try laplace or gaussian_vi"
            )
            warnings.warn(message, ConvergenceWarning, stacklevel=5)
        settings = {
            "damping": self.damping,
            "sweeps": count,
            "converged": settled,
            "below_bound": below,
        }
        evaluations = count * len(self.sites.directions)
        return GaussianPosterior(
            self.model,
            _one_gaussian(before.mean, np.linalg.cholesky(before.cov)),
            METHOD,
            log_evidence_estimate=before.log_evidence,
            cost=Cost(evaluations, evaluations),
            seconds=time.perf_counter() - self._started,
            settings=settings,
        )

    def _find_below(self, log_evidence: float) -> float:
        """Nats by which an estimate of log p(x) lies below a bound: moments of all tilted densities
        may agree with a q that misses the posterior, which no look at the sites would tell."""
        try:
            fit = GaussianFit(self.model, METHOD, CENTRED, rng=0, restarts=STARTS)
            top = fit.find_highest_mode()
        except NumericalError:  # there is no mode
            return 0.0
        at_mode = GaussianPosterior(self.model, _one_gaussian(top.y, top.root), METHOD)
        return max(0.0, at_mode.elbo - at_mode.elbo_error - log_evidence)


def _one_gaussian(mean: np.ndarray, root: np.ndarray) -> NormalMixture:
    return NormalMixture(np.zeros(1), mean[None], root[None])
