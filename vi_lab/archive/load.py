"""Results on disk: <path>.npz for the numbers, <path>.json beside it for what they are.

A pair is old or new, whatever happens in between. Nothing is ever unpickled.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import singledispatch
from pathlib import Path
from typing import Any

import numpy as np

from vi_lab.archive.entries import check, check_auxiliary
from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.errors import ResultFileError
from vi_lab.families import Distribution
from vi_lab.model_or_problem import as_model
from vi_lab.results.draws import Draws
from vi_lab.results.exact import Exact
from vi_lab.results.factorised import Factorised
from vi_lab.results.gaussian_rows import GaussianRows
from vi_lab.results.linear_response import LinearResponse
from vi_lab.results.posterior import Cost, Posterior
from vi_lab.runtime import storage

FORMAT = "vi_lab result 1"

# readers of the kinds that stand alone, with no model: each is entered where the kind is defined,
# which is built upon this part and so cannot be known to it
STANDALONE: dict[str, Callable[[Any], Any]] = {}


def save(result: Posterior, path: str | os.PathLike[str], seed: Any = None) -> Path:
    """Write <path>.npz and <path>.json; each appears whole or not at all.

    Parameters
    ----------
    path : path without a suffix (a .npz or .json suffix is taken off)
    seed : anything JSON can hold, optional
        The seed to note beside the versions and the command; the run's own where it is not given.
    """
    path = checks.path("path", path)
    arrays, record = _pack(result)
    return storage.write_pair(
        path,
        arrays,
        {
            "format": FORMAT,
            "kind": type(result).__name__,
            "method": result.method,
            "model": type(result.model).__name__,
            "seconds": result.seconds,
            "seed": record.get("settings", {}).get("seed") if seed is None else seed,
            **record,
            "provenance": storage.provenance(),
        },
    )


@public
def load(path: str | os.PathLike[str], model: Any = None) -> Any:
    """Read back what `save` wrote, a result or a trained VAE.

    Parameters
    ----------
    path : path with or without its suffix
    model : Model or Problem
        Needed for Factorised, GaussianRows and Exact, which are densities over its latents; Draws
        and a trained VAE stand alone.

    Raises
    ------
    ResultFileError
        If either file is missing, damaged, not vi_lab's, or belongs to another model.
    """
    model = None if model is None else as_model(model)
    path = checks.path("path", path)
    arrays, record = storage.read_pair(path)
    if record.get("format") != FORMAT:
        raise ResultFileError(f"{path} is not a vi_lab result")
    check(path, record)
    if record.get("kind") in STANDALONE:
        return STANDALONE[record["kind"]](path)
    try:
        _refuse_other_model(path, record, model)
        if model is not None and record["kind"] == "Draws":
            check_auxiliary(path, record, model)
        return READERS[record["kind"]](record, arrays, model)
    except KeyError as error:
        raise ResultFileError(f"{path} lacks {error}") from None
    except (TypeError, AttributeError, IndexError, ValueError) as error:
        raise ResultFileError(f"{path} does not fit together: {error}") from None


def _refuse_other_model(path: Any, record: Any, model: Any) -> None:
    if model is None:
        if record["kind"] != "Draws":
            raise ResultFileError(
                f"{path} holds {record['kind']} for {record['model']}: hand in model="
            )
    elif type(model).__name__ != record["model"]:
        raise ResultFileError(
            f"{path} holds a result for {record['model']}, not {type(model).__name__}"
        )


@singledispatch
def _pack(result: Posterior) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arrays of a result and what else is needed to make it again."""
    raise NotImplementedError(type(result).__name__)


@_pack.register
def _(result: Draws) -> tuple[dict[str, Any], dict[str, Any]]:
    arrays = {f"values/{name}": array for name, array in result.values.items()}
    arrays["acceptance_rate"] = result.acceptance_rate
    record = {
        "cost": result.cost._asdict(),
        "settings": result.settings,
        "nominal": result.nominal,
        "auxiliary": result.auxiliary,
        "interrupted": result.interrupted,
    }
    return arrays, record


@_pack.register
def _(result: Factorised) -> tuple[dict[str, Any], dict[str, Any]]:
    arrays = {
        f"eta/{name}/{field}": value
        for name, factor in result.q.items()
        for field, value in factor.eta._asdict().items()
    }
    arrays["elbo_trace"] = result.elbo_trace
    if result.matching is not None:
        arrays["matching/order"], arrays["matching/apart"] = result.matching
    return arrays, {
        "cost": result.cost._asdict(),
        "elbo": result.elbo,
        "converged": result.converged,
        "interrupted": result.interrupted,
        "settings": {"seed": result.seed},
    }


@_pack.register
def _(result: LinearResponse) -> tuple[dict[str, Any], dict[str, Any]]:
    arrays, record = _pack(result.q)
    arrays |= {f"index/{name}": where for name, where in result.index.items()}
    return arrays | {"cov": result.cov}, record | {"method of q": result.q.method}


@_pack.register
def _(result: GaussianRows) -> tuple[dict[str, Any], dict[str, Any]]:
    arrays = {"location": result.location, "root": result.root}
    return arrays, {"cost": result.cost._asdict(), "elbo": result.elbo}


@_pack.register
def _(result: Exact) -> tuple[dict[str, Any], dict[str, Any]]:
    arrays = {f"mean/{name}": value for name, value in result.posterior.mean.items()}
    arrays |= {f"sd/{name}": value for name, value in result.posterior.sd.items()}
    return arrays, {
        "log_evidence": result.log_evidence,
        "route": result.route,
        "log_evidence_error": result.log_evidence_error,
    }


def _draws(record: Any, arrays: Any, model: Any) -> Draws:
    values = {k.removeprefix("values/"): v for k, v in arrays.items() if k.startswith("values/")}
    # JSON has lists where a sampler notes arrays (its step, its proposal)
    settings = {k: np.array(v) if isinstance(v, list) else v for k, v in record["settings"].items()}
    return Draws(
        model=model,
        method=record["method"],
        values=values,
        acceptance_rate=arrays["acceptance_rate"],
        cost=Cost(**record["cost"]),
        seconds=record["seconds"],
        settings=settings,
        nominal=record["nominal"],
        auxiliary=tuple(record["auxiliary"]),
        interrupted=record["interrupted"],
    )


def _factorised(record: Any, arrays: Any, model: Any) -> Factorised:
    factors = {
        name: Distribution(
            block.family,
            block.family.Stats(
                *(arrays[f"eta/{name}/{field}"] for field in block.family.Stats._fields)
            ),
        )
        for name, block in model.blocks.items()
    }
    q = Factorised.fitted(
        model,
        factors,
        method=record["method"],
        elbo_trace=arrays["elbo_trace"],
        converged=record["converged"],
        matching=(
            (arrays["matching/order"], arrays["matching/apart"])
            if "matching/order" in arrays
            else None
        ),
        cost=Cost(**record["cost"]),
        seconds=record["seconds"],
        interrupted=record["interrupted"],
        seed=record.get("settings", {}).get("seed"),  # not in files of before
    )
    _refuse_other_number("ELBO", record["elbo"], q.elbo)
    return q


def _linear_response(record: Any, arrays: Any, model: Any) -> LinearResponse:
    q = _factorised(record | {"method": record["method of q"]}, arrays, model)
    index = {k.removeprefix("index/"): v for k, v in arrays.items() if k.startswith("index/")}
    return LinearResponse(q, arrays["cov"], index, record["seconds"])


def _gaussian_rows(record: Any, arrays: Any, model: Any) -> GaussianRows:
    q = GaussianRows(
        model,
        arrays["location"],
        arrays["root"],
        method=record["method"],
        cost=Cost(**record["cost"]),
        seconds=record["seconds"],
    )
    _refuse_other_number("ELBO", record["elbo"], q.elbo)
    return q


def _exact(record: Any, arrays: Any, model: Any) -> Exact:
    """The posterior is a function of the model: it is made again, and must be the one saved."""
    again = model.exact_posterior()
    _refuse_other_number("log evidence", record["log_evidence"], again.log_evidence)
    return replace(again, seconds=record["seconds"])


READERS: dict[str, Callable[[Any, Any, Any], Posterior]] = {
    "Draws": _draws,
    "Factorised": _factorised,
    "GaussianRows": _gaussian_rows,
    "LinearResponse": _linear_response,
    "Exact": _exact,
}


def _refuse_other_number(name: str, saved: Any, again: Any) -> None:
    """The number in the file must come out again with the model at hand."""
    if np.shape(saved) != np.shape(again) or not np.allclose(saved, again, rtol=1e-9, atol=1e-9):
        raise ResultFileError(
            f"the file's {name} {saved} is not this model's {again}: other data or other priors"
        )
