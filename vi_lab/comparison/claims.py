"""Another tool's posterior as it comes: draws, stated moments, or a result of vi_lab."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.block_values import initial_values
from vi_lab.comparison.other_draws import as_mapping
from vi_lab.comparison.reference import (
    REFERENCE_DRAWS,
    estimate_errors,
    find_moments,
    pick_coordinates,
    summarise,
)
from vi_lab.errors import InputError
from vi_lab.results import Draws, Posterior, diagnostics
from vi_lab.runtime import reading

WELL_MIXED = 1.01  # R-hat (Vehtari et al. 2021) of whole runs; diagnostics.MIXED is for short ones
COARSE = 0.15  # sds of the Monte Carlo error of a mean, from which on "right" says little
FEWEST = 4  # draws of a chain, of which an error can be told
Shapes = dict[str, tuple[int, ...]]


def read_posterior(path: Path) -> dict[str, Any]:
    """Draws from an npz file, or means and sds (or draws) from JSON: {"mu": [26.2, 1.3]}."""
    if path.suffix != ".json":
        return reading.read_npz(path)
    stated = reading.read_json(path)
    if not isinstance(stated, dict) or not all(isinstance(v, list) for v in stated.values()):
        raise InputError(f"{path}: needs an object with [mean, sd] by latent, got {stated!r:.80}")
    return stated


class Claim:
    """Mean and sd of the coordinates of one summary, with the noise they carry, (P,) each."""

    rhat: float | None = None  # the worst of chains that were given as such

    def __init__(self, mean: Any, sd: Any, mean_noise: Any = 0.0, sd_noise: Any = 0.0) -> None:
        self.mean, self.sd = np.atleast_1d(mean), np.atleast_1d(sd)
        self.mean_noise = np.broadcast_to(mean_noise, self.mean.shape)
        self.sd_noise = np.broadcast_to(sd_noise, self.mean.shape)


def read_claims(model: Any, posterior: Any, rng: np.random.Generator) -> dict[str, Claim]:
    """Moments of every summary that the posterior speaks of; InputError where it does not fit."""
    if isinstance(posterior, Posterior):
        posterior = posterior.for_model(model)
    if isinstance(posterior, Draws):
        return _claim_from_chains(summarise(model, posterior.values, 2))
    if isinstance(posterior, Posterior):
        latents = posterior.sample(REFERENCE_DRAWS, rng=rng)
        chains = {n: v[None] for n, v in summarise(model, latents, 1).items()}
        claims = _claim_from_chains(chains)
        stated = {name: find_moments(posterior, name, len(c.mean)) for name, c in claims.items()}
        return claims | {n: Claim(*moments) for n, moments in stated.items() if moments}
    posterior = as_mapping(posterior)
    checks.require(
        isinstance(posterior, Mapping) and len(posterior) > 0,
        "posterior: needs a mapping from latents to draws or to (mean, sd), or a result of vi_lab",
        posterior,
    )
    of_latents, of_summaries = _read_shapes(model)
    for name in posterior:
        checks.one_of("posterior", name, of_latents | of_summaries)
    shapes = of_latents | of_summaries
    pairs = {name: value for name, value in posterior.items() if _is_pair(value, shapes[name])}
    draws = {name: value for name, value in posterior.items() if name not in pairs}
    claims = _claim_from_moments(pairs, shapes)
    if draws:
        claims |= _claim_from_draws(model, draws, of_latents, of_summaries)
    return claims


def find_doubts(claims: Mapping[str, Claim], reference: Any) -> list[str]:
    """Why draws that are within their noise of the truth are not known to be right."""
    doubts = []
    rhat = max(claim.rhat or 1.0 for claim in claims.values())
    if rhat > WELL_MIXED:
        doubts.append(f"its chains have not mixed: R-hat {rhat:.3f}")
    noise, name = max((_find_noise(claim, reference.sd[z]), z) for z, claim in claims.items())
    if noise > COARSE:
        told = f"the mean of {name} has a Monte Carlo error of {noise:.2g} sd"
        doubts.append(f"its draws are too few to tell: {told}")
    return doubts


def _find_noise(claim: Claim, sd: np.ndarray) -> float:
    """The largest Monte Carlo error of the draws' means, in true standard deviations."""
    return float(np.max(claim.mean_noise / np.where(sd > 0, sd, np.inf), initial=0.0))


def _is_pair(value: Any, shape: tuple[int, ...]) -> bool:
    """(mean, sd), also as [mean, sd], which is what JSON has; an array is draws, and so is a list
    of two lists of draws, which are two chains."""
    if not isinstance(value, list) or len(value) != 2:
        return isinstance(value, tuple)
    chains = all(isinstance(part, list) for part in value) and _depth(value[0]) > len(shape)
    return not chains


def _depth(value: Any) -> int:
    """Lists within lists, along the first of each."""
    return 1 + _depth(value[0]) if isinstance(value, list) and value else 0


def _claim_from_chains(chains: Mapping[str, np.ndarray]) -> dict[str, Claim]:
    """Draws with their noise."""
    claims = {}
    for name, draws in chains.items():
        flat = draws.reshape(-1, draws.shape[-1])
        claims[name] = Claim(flat.mean(0), flat.std(0), *estimate_errors(draws))
        if len(draws) > 1:
            claims[name].rhat = float(np.nanmax([1.0, *diagnostics.rhat(draws)]))
    return claims


def _claim_from_draws(
    model: Any, posterior: Mapping[str, Any], of_latents: Shapes, of_summaries: Shapes
) -> dict[str, Claim]:
    """Of latents by their summaries; of what is a summary alone as it is."""
    shapes = of_summaries | of_latents
    latents: dict[str, Any] = {}
    alone: dict[str, Any] = {}
    count = None
    for name, value in posterior.items():
        draws = _read_chains(name, checks.real_array(name, value), shapes[name])
        total = draws.shape[0] * draws.shape[1]
        if total <= 2:
            raise InputError(
                f"posterior: needs more than two draws of {name}, or a pair (mean, sd) that is no "
                f"array, got an array of {total}"
            )
        if count not in (None, draws.shape[:2]):
            needed, came = (
                " × ".join(map(str, each if each[0] > 1 else each[1:]))
                for each in (count, draws.shape[:2])
            )
            raise InputError(f"posterior: needs {needed} draws of {name} too, got {came}")
        (latents if name in of_latents else alone)[name], count = draws, draws.shape[:2]
    summaries = summarise(model, latents, 2) if latents else {}
    summaries |= {name: pick_coordinates(draws, 2) for name, draws in alone.items()}
    return _claim_from_chains(summaries)


def _read_chains(name: str, draws: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Draws as (chains, n, *shape); what comes without chains is one."""
    lead = draws.ndim - len(shape)
    short = lead == 2 and draws.shape[1] < FEWEST
    if lead not in (1, 2) or draws.shape[lead:] != shape or short:
        raise InputError(
            f"posterior: needs draws of {name} of shape {_write('n', *shape)}, got {draws.shape}; "
            f"chains, {_write('chains', 'n', *shape)}, need at least {FEWEST} draws each"
        )
    return draws if lead == 2 else draws[None]


def _write(*axes: Any) -> str:
    """A shape some of whose sizes have names, as Python writes one."""
    return f"({', '.join(map(str, axes))}{',' * (len(axes) == 1)})"


def _claim_from_moments(posterior: Mapping[str, Any], shapes: Shapes) -> dict[str, Claim]:
    claims = {}
    for name, value in posterior.items():
        if len(value) != 2:
            raise InputError(f"posterior: needs (mean, sd) of {name}, got {len(value)} numbers")
        moments = []
        for what, number in zip(("mean", "sd"), value, strict=True):
            array = checks.real_array(f"{what} of {name}", number)
            if array.shape != shapes[name]:
                raise InputError(
                    f"posterior: needs a {what} of {name} of shape {shapes[name]}, "
                    f"got {array.shape}"
                )
            moments.append(pick_coordinates(array, 0))
        if (moments[1] < 0).any():
            raise InputError(f"posterior: needs an sd of {name} of at least 0")
        claims[name] = Claim(*moments)
    return claims


def _read_shapes(model: Any) -> tuple[Shapes, Shapes]:
    """The shape of every latent, and of every summary, read off a start."""
    latents = model.latents(initial_values(model, np.random.default_rng(0), 1))
    both = latents, model.summaries(latents)
    of_latents, of_summaries = ({n: np.shape(v)[1:] for n, v in part.items()} for part in both)
    return of_latents, of_summaries
