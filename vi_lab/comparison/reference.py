"""What a comparison measures against: the exact posterior, or a long run said to be one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.arguments.block_values import initial_values
from vi_lab.automatic.find import brings_posterior, why_no_truth
from vi_lab.errors import LostDigits, NumericalError
from vi_lab.identity.bound import evidence_estimate
from vi_lab.inference.exact import exact
from vi_lab.inference.gibbs import gibbs
from vi_lab.model_or_problem import as_model
from vi_lab.models.posteriors.mixture_summaries import pick_pairs
from vi_lab.numerics.agreement import judge
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import Draws, Exact, Posterior, diagnostics

REFERENCE_DRAWS = 10_000  # exact draws behind every Wasserstein distance
LONG_CHAINS, LONG_DRAWS, LONG_WARMUP = 20, 1_500, 500  # where there is no exact answer
COORDINATES = 24  # of a summary with more coordinates, this many evenly spaced ones are looked at


def pick_coordinates(array: Any, lead: int) -> np.ndarray:
    """(*lead, ...) -> (*lead, P): the coordinates of a summary that are looked at, as floats."""
    flat = np.asarray(array)
    flat = flat.reshape(*flat.shape[:lead], -1)
    size = flat.shape[-1]
    index = np.linspace(0, size - 1, min(size, COORDINATES)).round().astype(int)
    return flat[..., index].astype(np.float64)


def summarise(model: Any, latents: Mapping[str, Any], lead: int) -> dict[str, np.ndarray]:
    """Every summary of draws with `lead` leading axes, as (*lead, P).

    One without coordinates, as the pairs of a single observation, is left out.
    """
    found = model.summaries(latents).items()
    return {name: pick_coordinates(v, lead) for name, v in found if 0 not in np.shape(v)[lead:]}


class Reference:
    """Moments and draws of every summary's coordinates, and where they come from.

    Attributes
    ----------
    source : "exact" or "long run"
    exact : Exact or None
        None where the reference is a long Gibbs run.
    evidence : Estimate or None
        log p(x) of an exact reference.
    lost_digits : str or None
        Why an exact reference is none: its log p(x) has lost its digits, and its weights with it,
        or its draws have.
    mean, sd, error, sd_error : dict of str to array (P,)
        Moments, analytic where known, and their Monte Carlo standard errors, 0 where they are
        exact.
    draws : dict of str to array (draws, P)
    rhat : float or None
        The largest R-hat of a long run: above 1.01 it is no reference either.
    """

    def __init__(self, model: Any, rng: np.random.Generator) -> None:
        self.rhat: float | None = None
        self.evidence: Estimate | None = None
        self.lost_digits: str | None = None
        initial_values(model, np.random.default_rng(0), 1)  # what a user's model gives is looked at
        self.exact = find_exact(model)
        if self.exact is not None:
            self.source = "exact"
            self.evidence = evidence_estimate(self.exact)
            rows = model.independent_rows or 1
            self.lost_digits = judge(0.0, {"log p(x)": self.evidence}, rows).reason
            try:
                latents = self.exact.sample(REFERENCE_DRAWS, rng=rng)
                chains = {n: v[None] for n, v in summarise(model, latents, 1).items()}
            except LostDigits as error:
                chains, self.lost_digits = {}, self.lost_digits or f"lost digits: {error}"
        else:
            self.source = "long run"
            run = gibbs(model, rng=rng, chains=LONG_CHAINS, draws=LONG_DRAWS, warmup=LONG_WARMUP)
            chains = summarise(model, run.values, 2)
            rhats = np.concatenate([[np.nan], *(diagnostics.rhat(c) for c in chains.values())])
            self.rhat = None if np.isnan(rhats).all() else float(np.nanmax(rhats))
        self.draws = {name: c.reshape(-1, c.shape[-1]) for name, c in chains.items()}
        self.mean, self.sd, self.error, self.sd_error = {}, {}, {}, {}
        for name, draws in self.draws.items():
            moments = find_moments(self.exact, name, draws.shape[-1])
            self.error[name] = self.sd_error[name] = np.zeros(draws.shape[1:])
            if moments is None:
                moments = draws.mean(0), draws.std(0)
                self.error[name], self.sd_error[name] = estimate_errors(chains[name])
            self.mean[name], self.sd[name] = moments

    @cached_property
    def varies(self) -> dict[str, np.ndarray]:
        """Coordinates whose sd is worth a ratio, (P,) of bool each: not those that nearly always
        hold one value, such as whether two points far apart share a component, whose sd hangs on a
        few draws in a thousand."""
        seldom_alike = {
            name: (draws == np.median(draws, axis=0)).mean(0) < 0.99
            for name, draws in self.draws.items()
        }
        return {name: varied & np.isfinite(self.sd[name]) for name, varied in seldom_alike.items()}


def find_exact(model: Any) -> Exact | None:
    """The exact posterior, None where there is none; NumericalError where that of the model breaks
    down, and there is no long run to take its place."""
    if why_no_truth(model) is not None:
        return None
    try:
        return exact(model)
    except NumericalError:
        if brings_posterior(model) or model.why_not_conjugate("Gibbs"):
            raise
        return None


def find_moments(
    result: Posterior | None, name: str, size: int | None = None
) -> tuple[np.ndarray, np.ndarray] | None:
    """Closed-form mean and sd of a summary, (size,) each; None where only draws have them.

    Of a latent, and of what else an exact posterior knows of the same size.
    """
    if isinstance(result, Exact) and name in result.posterior.mean.keys() & result.posterior.sd:
        moments = result.posterior.mean[name], result.posterior.sd[name]
        if name == "co_assignment":  # a matrix, of which the summary is the pairs
            moments = pick_pairs(moments[0]), pick_pairs(moments[1])
    elif result is None or isinstance(result, Draws) or name not in result.names:
        return None
    else:
        moments = result.mean(name), result.sd(name)
    mean, sd = (pick_coordinates(moment, 0) for moment in moments)
    return (mean, sd) if size in (None, len(mean)) else None


def estimate_errors(chains: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Monte Carlo standard errors of the mean and the sd of draws (chains, draws, P), (P,) each.

    Of a normal's sd it is that of the mean / sqrt(2). Heavy tails make it larger, as their kurtosis
    says: var[s^2] is about (E[scaled^4] - 1) sd^4 / ESS.
    """
    flat = chains.reshape(-1, chains.shape[-1])
    sd = flat.std(0)
    noise = np.nan_to_num(diagnostics.mcse(chains), nan=0.0)
    scaled = (flat - flat.mean(0)) / np.where(sd > 0, sd, 1.0)
    excess = np.maximum((scaled**4).mean(0) - 1.0, 2.0)
    return noise, noise * np.sqrt(excess) / 2.0


def has_reference(model: Any) -> bool:
    """Whether there is anything to measure against: an exact posterior, or a long run of Gibbs."""
    model = as_model(model)
    if why_no_truth(model) is None:
        return True
    return model.why_not_conjugate("Gibbs") is None and not model.costly
