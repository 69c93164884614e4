"""Another tool's posterior as it comes: draws, stated moments, or a result of vi_lab."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.arrays import refuse_lazy
from vi_lab.arguments.block_values import initial_values
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

FEWEST = 4  # draws of a chain, of which an error can be told
COORDINATE = re.compile(r"(.+?)\[([\d,\s]+)\]")  # theta[0, 1]
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
    pairs = {name: value for name, value in posterior.items() if _is_pair(value)}
    draws = {name: value for name, value in posterior.items() if name not in pairs}
    claims = _claim_from_moments(pairs, of_latents | of_summaries)
    if draws:
        claims |= _claim_from_draws(model, draws, of_latents, of_summaries)
    return claims


def as_mapping(posterior: Any) -> Any:
    """Draws by latent out of what others keep them in; anything else as it is.

    A DataFrame has a column a coordinate, "theta[0]" or "theta[0, 1]", and may have `chain` and
    `draw`; a DataTree or InferenceData of ArviZ has its group `posterior`, (chain, draw, ...).
    """
    if isinstance(posterior, Mapping):
        variables = getattr(posterior.get("posterior"), "data_vars", None)
        return posterior if variables is None else _read_variables(variables)
    inner = getattr(posterior, "posterior", posterior)
    variables = getattr(inner, "data_vars", None)
    if variables is not None:
        return _read_variables(variables)
    refuse_lazy("posterior", posterior)
    if getattr(posterior, "columns", None) is not None:
        return _read_frame(posterior)
    return posterior


def _read_variables(variables: Any) -> dict[str, np.ndarray]:
    return {str(name): np.asarray(variables[name]) for name in variables}


def _read_frame(frame: Any) -> dict[str, np.ndarray]:
    """The columns of each latent side by side, in the order of their indices."""
    columns: dict[str, dict[tuple[int, ...], np.ndarray]] = {}
    for column in frame.columns:
        match = COORDINATE.fullmatch(str(column))
        name, index = (match[1], match[2]) if match else (str(column), "")
        place = tuple(int(i) for i in index.split(",") if i.strip())
        columns.setdefault(name, {})[place] = np.asarray(frame[column])
    chains = columns.pop("chain", None)
    columns.pop("draw", None)
    found = {}
    for name, parts in columns.items():
        shape = tuple(max(i) + 1 for i in zip(*parts, strict=True)) if () not in parts else ()
        needed = set(np.ndindex(shape))
        if parts.keys() != needed:
            raise InputError(f"posterior: the columns of {name} are not all its coordinates")
        stacked = np.stack([parts[i] for i in np.ndindex(shape)], axis=-1)
        found[name] = stacked.reshape(-1, *shape)
    if chains is None:
        return found
    return {name: _by_chain(draws, next(iter(chains.values()))) for name, draws in found.items()}


def _by_chain(draws: np.ndarray, chain: np.ndarray) -> np.ndarray:
    """Draws (n, ...) as (chains, n / chains, ...)."""
    labels, counts = np.unique(chain, return_counts=True)
    if (counts != counts[0]).any():
        raise InputError(f"posterior: needs as many draws of each chain, got {counts.tolist()}")
    return np.stack([draws[chain == label] for label in labels])


def _is_pair(value: Any) -> bool:
    """(mean, sd), also as [mean, sd], which is what JSON has; an array is draws."""
    return isinstance(value, tuple) or (isinstance(value, list) and len(value) == 2)


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
            f"posterior: needs draws of {name} of shape {('n', *shape)}, got {draws.shape}; "
            f"chains, {('chains', 'n', *shape)}, need at least {FEWEST} draws each"
        )
    return draws if lead == 2 else draws[None]


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
