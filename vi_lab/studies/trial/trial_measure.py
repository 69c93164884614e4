"""A fit on trial: its charges by the truth, and what each diagnostic says without it."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments.streams import spawn_stream
from vi_lab.comparison.reference import find_moments, pick_coordinates
from vi_lab.identity.divergence import kl_estimate
from vi_lab.inference.exact import exact
from vi_lab.results import Draws
from vi_lab.studies.cases import find_case
from vi_lab.studies.cost_measure import find_truth
from vi_lab.studies.measure import Measure, RowKey
from vi_lab.studies.trial.charges import (
    CHARGES,
    MOST_EVIDENCE,
    MOST_KL,
    charge_moments,
    misses_mode,
)
from vi_lab.studies.trial.classifier import classify
from vi_lab.studies.trial.fits import FITS, run_fit
from vi_lab.studies.trial.scores import (
    SIZES,
    STEIN_DRAWS,
    score_chains,
    score_climb,
    score_response,
    score_restarts,
    score_stein,
    score_weights,
)

MODE_DRAWS, TWO_SAMPLE, RANKED = 4_000, 500, 99
RANKS = "ranks"


class Court(NamedTuple):
    """What is known of a case: the exact posterior and draws of it, (n, P) by latent."""

    posterior: Any
    draws: Mapping[str, np.ndarray]


@functools.lru_cache(maxsize=2)
def open_court(problem: str) -> Court:
    """The exact posterior of a case; NotApplicable where there is none."""
    truth = find_truth(problem)
    posterior = exact(truth.model)
    drawn = posterior.sample(MODE_DRAWS, rng=spawn_stream(0, problem, "court"))
    return Court(posterior, {n: pick_coordinates(drawn[n], 1) for n in truth.moments})


def try_fit(key: RowKey) -> Sequence[Mapping[str, Any]]:
    """One fit: the charges it is guilty of, and the scores."""
    truth, court = find_truth(key.problem), open_court(key.problem)
    rng = spawn_stream(key.seed, key.problem, key.method)
    result = run_fit(key.method, truth.model, rng)
    if isinstance(result, Draws):
        row = _try_draws(result, truth, court, rng)
    else:
        row = _try_density(result, truth, court, rng)
    latents = find_case(key.problem).latents
    if latents is not None:
        row[RANKS] = json.dumps(_rank(result, truth.model, latents, list(court.draws), rng))
    return [row]


def _try_density(q: Any, truth: Any, court: Court, rng: np.random.Generator) -> dict[str, Any]:
    weights, evidence = score_weights(q, rng)
    own = q.sample(MODE_DRAWS, rng=rng)
    coordinates = {name: pick_coordinates(own[name], 1) for name in court.draws}
    found = {
        name: find_moments(q, name, len(sd)) or _moments(coordinates[name])
        for name, (_, sd) in truth.moments.items()
    }
    kl = float(kl_estimate(q, court.posterior).value)
    off = evidence - court.posterior.log_evidence
    return {
        "kl": kl,
        "guilty_kl": kl > MOST_KL,
        "evidence_off": off,
        "guilty_evidence": abs(off) > MOST_EVIDENCE,
        **charge_moments(found, truth.moments),
        **_share(q, own, coordinates, court),
        **weights,
        **score_climb(q),
        **score_restarts(q),
        **score_response(q),
    }


def _try_draws(draws: Draws, truth: Any, court: Court, rng: np.random.Generator) -> dict[str, Any]:
    chains = {name: pick_coordinates(draws.values[name], 2) for name in court.draws}
    coordinates = {name: c.reshape(-1, c.shape[-1]) for name, c in chains.items()}
    found = {name: _moments(c) for name, c in coordinates.items()}
    own = {
        name: array.reshape(-1, *array.shape[2:]) for name, array in draws.values.items()
    }  # chain by chain
    return {
        **charge_moments(found, truth.moments),
        **_share(draws, own, coordinates, court),
        **score_chains(draws, chains),
    }


def _share(
    result: Any, own: Mapping[str, Any], coordinates: Mapping[str, np.ndarray], court: Court
) -> dict[str, Any]:
    """What draws of any fit are asked: modes, Stein discrepancy, classifier."""
    together = np.concatenate(list(coordinates.values()), axis=1)
    right = np.concatenate(list(court.draws.values()), axis=1)
    size = min(TWO_SAMPLE, len(together))
    few, some = _spread(len(together), STEIN_DRAWS), _spread(len(together), size)
    return {
        "guilty_mode": misses_mode(right, together),
        **score_stein(result, {name: array[few] for name, array in own.items()}),
        "classifier": classify(together[some], right[:size]),
    }


def _spread(n: int, size: int) -> np.ndarray:
    """Even steps through n draws."""
    return np.linspace(0, n - 1, min(n, size)).round().astype(int)


def _moments(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return draws.mean(0), draws.std(0)


def _rank(
    result: Any, model: Any, latents: Any, names: Sequence[str], rng: np.random.Generator
) -> list[int]:
    """Of the latents the data were drawn with, how many of some draws of the fit are below each."""
    true = model.latents(latents)
    drawn = result.sample(RANKED, rng=rng)
    below = [(pick_coordinates(drawn[n], 1) < pick_coordinates(true[n], 0)).sum(0) for n in names]
    return [int(count) for count in np.concatenate(below)]


SCORES = {
    **{f"khat_{size}": f"k-hat of {size:,} importance weights" for size in SIZES},
    "log_weight_sd": "standard deviation of 4,000 log weights, nats",
    "weight_ess": "effective share of 4,000 weights",
    "plateau_last": "what the last step of the climb gained, nats",
    "plateau_relative": "the same over |ELBO|",
    "plateau_median": "the median of the last ten relative gains",
    "restarts_apart": "share of restarts below the best optimum",
    "response": "largest |log| ratio of linear response's sd to q's own",
    "rhat": "largest R-hat over the latents' coordinates",
    "ess_bulk": "smallest bulk effective sample size",
    "ess_tail": "smallest tail effective sample size",
    "stein": "kernel Stein discrepancy, squared, of 300 draws",
    "classifier": "share of held-out draws told apart from exact ones by a logistic regression",
}
TRIAL = Measure(
    name="trial",
    columns={
        "kl": "KL[q || p], nats",
        "mean_error": "worst error of a posterior mean, exact sds",
        "sd_ratio_min": "smallest ratio of an sd to the exact one",
        "sd_ratio_max": "largest such ratio",
        "evidence_off": "log p(x) by importance sampling from q, 4,000 draws, less the exact one",
        **{f"guilty_{charge}": f"whether it is guilty of {charge}" for charge in CHARGES},
        **SCORES,
        RANKS: "of the latents that the data were drawn with, how many of 99 draws of the fit "
        "are below each coordinate: JSON",
    },
    parts=try_fit,
    methods=tuple(FITS),
    budgets=("trial",),
    seconds=0.5,
    shown=("kl", "mean_error", "sd_ratio_min", "sd_ratio_max"),
)
