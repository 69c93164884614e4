"""The estimators by name: what each needs, what it is given where nobody says, and its size."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments.block_values import put_back
from vi_lab.arguments.public import require
from vi_lab.density_model import BaseModel
from vi_lab.errors import NotApplicable, NumericalError, refuse_if
from vi_lab.inference.engine.block_target import (
    find_collapsed_blocks,
    refuse_dependent_blocks,
)
from vi_lab.inference.engine.differentiation import far_out
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.inference.engine.target import CENTRED, choose_target, is_discrete
from vi_lab.inference.gaussian_vi import gaussian_vi
from vi_lab.inference.laplace import laplace
from vi_lab.inference.metropolis_hastings import metropolis_hastings
from vi_lab.marginal_likelihood.ais import estimate_by_ais
from vi_lab.marginal_likelihood.bridge import estimate_by_bridge
from vi_lab.marginal_likelihood.chib import estimate_by_chib
from vi_lab.marginal_likelihood.importance import estimate_by_importance
from vi_lab.marginal_likelihood.namings import Namings
from vi_lab.marginal_likelihood.posterior_draws import PosteriorDraws, thin
from vi_lab.marginal_likelihood.prior import estimate_by_prior
from vi_lab.marginal_likelihood.proposals import (
    ExactPosterior,
    Factors,
    Gaussian,
    fit_gaussian,
)
from vi_lab.marginal_likelihood.reciprocal_and_harmonic import (
    estimate_by_harmonic_mean,
    estimate_by_reciprocal,
)
from vi_lab.marginal_likelihood.smc import estimate_by_smc
from vi_lab.marginal_likelihood.weights import Weighed
from vi_lab.model_or_problem import same_model
from vi_lab.results import Draws, Exact, Factorised

CHAINS, MOVES, TEMPERATURES = 4, 5, 100
WIDER = 1.5  # sds of the Gaussian that a path begins at, in those of the posterior's
HEAVIER = 5.0  # degrees of freedom of the t that finds what a q with lighter tails has not seen
FITTED = 4000  # draws of a q, from which it is taken for a Gaussian
MOST_ORDINATES = 10**7  # densities that Chib's mean over namings may ask for
SIZES = {
    "importance": 10_000, "bridge": 2_500, "chib": 2_500, "smc": 1_000, "ais": 200,
    "prior": 10_000, "reciprocal": 2_500, "harmonic": 2_500,
}  # fmt: skip


def draw_posterior(model: Any, draws: int, rng: np.random.Generator) -> Draws:
    """What estimators rest on where no draws are handed in."""
    return metropolis_hastings(model, rng=rng, chains=CHAINS, draws=draws)


def fit_posterior(model: Any, rng: np.random.Generator) -> GaussianPosterior:
    """The Gaussian of Laplace, or where there is no mode of VI, where no q is handed in."""
    try:
        return laplace(model, rng=rng)
    except NumericalError:
        return gaussian_vi(model, covariance="full", rng=rng)


class Run:
    """One run of an estimator on one model: what it rests on, made where it was not handed in.

    Attributes
    ----------
    size : int
        Independent draws, draws a chain, particles or runs.
    tails : float or None
        Degrees of freedom of the tails of a Gaussian q.
    """

    def __init__(
        self, model: Any, result: Any, size: int, tails: float | None, rng: np.random.Generator
    ) -> None:
        self.model, self.result, self.size, self.tails, self.rng = model, result, size, tails, rng
        self.made: Any = None  # what was run because nothing was handed in

    @cached_property
    def target(self) -> Any:
        """The log density over real coordinates, those of the Gaussian where one was handed in.

        Made when it is asked for: draws of the prior need no coordinates.
        """
        gaussian = isinstance(self.result, GaussianPosterior)
        return choose_target(self.model, self.result.parameterisation if gaussian else CENTRED)

    @cached_property
    def log_density(self) -> Callable[[np.ndarray], np.ndarray]:
        return far_out(self.target.log_density)

    @cached_property
    def basis(self) -> Any:
        """What q is made of: what was handed in, or a Gaussian."""
        if self.result is not None:
            wanted = "result: needs a q with a density, as of laplace, gaussian_vi, cavi or exact, "
            known = GaussianPosterior | Factorised | Exact | Draws
            require(isinstance(self.result, known), f"{wanted}or Draws, which one is fitted to",
                    self.result)  # fmt: skip
            refuse_if(not same_model(self.result.model, self.model), "result: is of another model")
            return self.result
        self.made = fit_posterior(self.model, self.rng)
        return self.made

    @cached_property
    def q(self) -> Any:
        """The density over y that is drawn from: that of `basis`, or with tails a Gaussian."""
        basis = self.basis
        if self.tails is None and isinstance(basis, Factorised):
            refuse_if(basis.batch, f"result: needs a single q, got a batch {basis.batch}")
            return Factors(self.target, basis.q)
        if self.tails is None and isinstance(basis, Exact):
            return ExactPosterior(self.target, basis)
        return self.gaussian._replace(tails=self.tails)

    @cached_property
    def gaussian(self) -> Gaussian:
        """That of `basis`, or one fitted to draws of it."""
        basis = self.basis
        if isinstance(basis, GaussianPosterior):
            return Gaussian(basis.mixture)
        if isinstance(basis, Draws):
            return fit_gaussian(self.drawn.y)
        blocks = put_back(self.model, basis.sample(FITTED, rng=self.rng))
        return fit_gaussian(self.target.to_real(blocks))

    @cached_property
    def drawn(self) -> PosteriorDraws:
        """The draws handed in, or four chains of Metropolis-Hastings."""
        if self.result is None:
            self.made = draw_posterior(self.model, self.size, self.rng)
            return PosteriorDraws(self.model, self.target, self.made)
        return PosteriorDraws(self.model, self.target, self.result)

    def begin_wide(self) -> Gaussian:
        return self.gaussian._replace(tails=self.tails).widened(WIDER)


def _importance(run: Run) -> Weighed:
    heavier = None
    if run.tails is None and Namings(run.model).count == 1:  # which namings are unseen a note says
        heavier = run.gaussian._replace(tails=HEAVIER)
    return estimate_by_importance(run.log_density, run.q, run.size, run.rng, heavier)


def _bridge(run: Run) -> Weighed:
    return estimate_by_bridge(run.log_density, run.drawn.y, run.rng)


def _smc(run: Run) -> Weighed:
    return estimate_by_smc(run.log_density, run.begin_wide(), run.size, MOVES, run.rng)


def _ais(run: Run) -> Weighed:
    return estimate_by_ais(run.log_density, run.begin_wide(), run.size, TEMPERATURES, run.rng)


def _prior(run: Run) -> Weighed:
    """Where all latents are discrete none is summed out: they need not be independent."""
    summed_out: tuple[str, ...] = ()
    if not is_discrete(run.model):
        refuse_dependent_blocks(run.model)
        summed_out = find_collapsed_blocks(run.model)
    return far_out(estimate_by_prior)(run.model, summed_out, run.size, run.rng)


def _reciprocal(run: Run) -> Weighed:
    return estimate_by_reciprocal(run.log_density, run.drawn.y)


def _harmonic(run: Run) -> Weighed:
    model, drawn = run.model, run.drawn
    summed_out = find_collapsed_blocks(model)
    return far_out(estimate_by_harmonic_mean)(model, summed_out, drawn.values, drawn.shape)


def _chib(run: Run) -> Weighed:
    model, values = run.model, run.drawn.values
    namings = Namings(model, thin(values, 5))
    asked = namings.count * run.drawn.shape[0] * run.drawn.shape[1]
    refuse_if(
        len(namings.orders) < namings.count or asked > MOST_ORDINATES,
        f"Chib's method does not apply, because its mean is over all {namings.classes}! namings of "
        "the components, which are too many",
        NotApplicable,
    )
    moved = tuple(run.target.moved)
    star = run.drawn.find_high_point()
    return far_out(estimate_by_chib)(model, moved, values, star, namings, run.rng)


class Estimator(NamedTuple):
    """How an estimator is run, why it may not apply, and what it is called."""

    run: Callable[[Run], Weighed]
    why_not: Callable[[Any], str | None]
    route: str


def why_no_coordinates(model: Any) -> str | None:
    """Why nothing is weighed over real coordinates, as a clause; None where it is."""
    if is_discrete(model):
        return "every latent is discrete: there are no real coordinates"
    if model.independent_rows is not None:
        return "its rows are independent: log p(x) is a sum over them, which `vae.evidence` has"
    return None


def why_no_conditionals(model: Any) -> str | None:
    reason = why_no_coordinates(model) or model.why_not_conjugate("Chib's method")
    if reason:
        return reason.removeprefix("Chib's method does not apply, because ")
    moved = tuple(choose_target(model).moved)
    if len(moved) > 2:
        blocks = ", ".join(moved)
        return f"it takes up to two blocks that are not summed out, and here are {blocks}"
    return None


def why_no_prior(model: Any) -> str | None:
    if not model.generative:
        return "there is no prior to draw from"
    known = getattr(model.log_prior, "__func__", None) is not BaseModel.log_prior
    reason: str = model.no_log_prior_because
    return None if known else reason


def _needs_both(model: Any) -> str | None:
    return why_no_coordinates(model) or why_no_prior(model)


ESTIMATORS = {
    "importance": Estimator(_importance, why_no_coordinates, "importance sampling"),
    "bridge": Estimator(_bridge, why_no_coordinates, "bridge sampling"),
    "chib": Estimator(_chib, why_no_conditionals, "Chib's method"),
    "smc": Estimator(_smc, why_no_coordinates, "sequential Monte Carlo"),
    "ais": Estimator(_ais, why_no_coordinates, "annealed importance sampling"),
    "prior": Estimator(_prior, why_no_prior, "prior sampling"),
    "reciprocal": Estimator(_reciprocal, why_no_coordinates, "reciprocal importance sampling"),
    "harmonic": Estimator(_harmonic, _needs_both, "the harmonic mean of the likelihood"),
}
