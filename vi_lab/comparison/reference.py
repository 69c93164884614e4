"""What a comparison measures against: the exact posterior, or a long run said to be one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.inference.exact import exact
from vi_lab.inference.gibbs import gibbs
from vi_lab.model_or_problem import as_model
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
    mean, sd, error : dict of str to array (P,)
        Moments, analytic where known, and the Monte Carlo error of the mean, 0 where it is exact.
    draws : dict of str to array (draws, P)
    rhat : float or None
        The largest R-hat of a long run: above 1.01 it is no reference either.
    """

    def __init__(self, model: Any, rng: np.random.Generator) -> None:
        self.exact: Exact | None = None
        self.rhat: float | None = None
        if model.no_exact_because is None:
            self.source = "exact"
            self.exact = exact(model)
            latents = self.exact.sample(REFERENCE_DRAWS, rng=rng)
            chains = {n: v[None] for n, v in summarise(model, latents, 1).items()}
        else:
            self.source = "long run"
            run = gibbs(model, rng=rng, chains=LONG_CHAINS, draws=LONG_DRAWS, warmup=LONG_WARMUP)
            chains = summarise(model, run.values, 2)
            self.rhat = float(
                np.nanmax(np.concatenate([diagnostics.rhat(c) for c in chains.values()]))
            )
        self.draws = {name: c.reshape(-1, c.shape[-1]) for name, c in chains.items()}
        self.mean, self.sd, self.error = {}, {}, {}
        for name, draws in self.draws.items():
            moments = find_moments(self.exact, name)
            if moments is not None:
                self.mean[name], self.sd[name] = moments
                self.error[name] = np.zeros(draws.shape[1:])
            else:
                self.mean[name], self.sd[name] = draws.mean(0), draws.std(0)
                self.error[name] = np.nan_to_num(diagnostics.mcse(chains[name]), nan=0.0)


def find_moments(result: Posterior | None, name: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Closed-form mean and sd of a summary that is a latent, (P,) each; None for draws."""
    if result is None or isinstance(result, Draws) or name not in result.names:
        return None
    return pick_coordinates(result.mean(name), 0), pick_coordinates(result.sd(name), 0)


def has_reference(model: Any) -> bool:
    """Whether there is anything to measure against: an exact posterior, or a long run of Gibbs."""
    model = as_model(model)
    if model.no_exact_because is None:
        return True
    return model.why_not_conjugate("Gibbs") is None and not model.costly
