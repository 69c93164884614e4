"""Exact means and sds, and where none are known those of a long run that says so."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.inference.gibbs import gibbs
from vi_lab.results import Exact, diagnostics

WHOLE = 100  # numbers up to which an array is written whole
SOME = 24  # of a larger one, this many evenly spaced

RUNS: dict[str, dict[str, Any]] = {
    "galaxies": dict(chains=20, draws=4000, warmup=500),
    "old-faithful": dict(chains=20, draws=1500, warmup=500),
    "bars": dict(chains=4, draws=1000, warmup=1000, keep=["theta", "topics"]),
}
SEED = 0


def exact_moments(truth: Exact) -> dict[str, Any]:
    """Of every latent (and summary) that the exact posterior knows, but auxiliaries."""
    found = {}
    for name, mean in truth.posterior.mean.items():
        if name in truth.model.auxiliary:
            continue
        entry = {**_place(mean), "mean": _show(mean), "sd": None}
        if name not in truth.model.nominal:
            entry["sd"] = _show(truth.posterior.sd[name])
        found[name] = entry
    return {"route": truth.route, "latents": found}


def long_run(name: str, model: Any) -> dict[str, Any]:
    """A long Gibbs run's summaries, with the Monte Carlo standard errors of their means."""
    settings = RUNS[name]
    run = gibbs(model, rng=SEED, **settings)
    summaries, worst = {}, 0.0
    for key, values in model.summaries(run.values).items():
        values = np.asarray(values, np.float64)
        flat = values.reshape(*values.shape[:2], -1)[..., _index(values.shape[2:])]
        worst = max(worst, float(np.nan_to_num(diagnostics.rhat(flat), nan=1.0).max()))
        summaries[key] = {
            **_place(values[0, 0]),
            "mean": flat.mean((0, 1)).tolist(),
            "sd": flat.std((0, 1)).tolist(),
            "error": np.nan_to_num(diagnostics.mcse(flat), nan=0.0).tolist(),
        }
    kept = {key: value for key, value in settings.items() if key != "keep"}
    return {"kind": "long Gibbs run", **kept, "seed": SEED, "rhat": worst, "summaries": summaries}


def _index(shape: tuple[int, ...]) -> np.ndarray:
    """Which numbers of a flattened array are shown."""
    size = int(np.prod(shape))
    count = size if size <= WHOLE else SOME
    return np.linspace(0, size - 1, count).round().astype(int)


def _place(array: Any) -> dict[str, Any]:
    shape = np.shape(array)
    whole = np.prod(shape) <= WHOLE
    return {"shape": list(shape), "index": None if whole else _index(shape).tolist()}


def _show(array: Any) -> list[float | None]:
    flat = np.asarray(array, np.float64).ravel()[_index(np.shape(array))]
    return [float(v) if np.isfinite(v) else None for v in flat]
