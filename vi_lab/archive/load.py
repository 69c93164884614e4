"""Results read from disk: <path>.npz for the numbers, <path>.json beside it for what they are.

Each kind of result packs and unpacks itself; here a file is looked at before that. A pair is old or
new, whatever happens in between. Nothing is ever unpickled.
"""

from __future__ import annotations

import os
from typing import Any

from vi_lab.archive.entries import check, check_arrays, check_auxiliary, check_shapes
from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.errors import ResultFileError
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.inference.engine.gaussian_response import GaussianResponse
from vi_lab.model_or_problem import ModelLike, as_given, as_model
from vi_lab.results.draws import Draws
from vi_lab.results.exact import Exact
from vi_lab.results.factorised import Factorised
from vi_lab.results.gaussian_rows import GaussianRows
from vi_lab.results.linear_response import LinearResponse
from vi_lab.results.posterior import FORMAT, Posterior
from vi_lab.runtime import reading, storage
from vi_lab.vae.vae import Amortised

# What a file calls its kind is the name of the class: a class that gets another keeps the old here.
KINDS: dict[str, type[Posterior]] = {
    "Draws": Draws,
    "Factorised": Factorised,
    "GaussianRows": GaussianRows,
    "GaussianPosterior": GaussianPosterior,
    "LinearResponse": LinearResponse,
    "GaussianResponse": GaussianResponse,
    "Exact": Exact,
    "Amortised": Amortised,
}


@public
def load(path: str | os.PathLike[str], model: ModelLike | None = None) -> Any:
    """Read back what `save` of a result or of a trained VAE wrote.

    Parameters
    ----------
    path : path with or without its suffix
    model : Model, Problem or the name of one
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
    reading.refuse_other_format(path, record.get("format"), FORMAT)
    check(path, record)
    check_arrays(path, arrays)
    try:
        kind = KINDS[record["kind"]]
        if kind is not Amortised:  # which is of any data
            _refuse_other_model(path, record, model)
        if kind is Draws and model is not None:
            check_auxiliary(path, record, model)
            check_shapes(path, arrays, model)
        return kind.unpack(record, arrays, model)
    except KeyError as error:
        raise ResultFileError(f"{path} lacks {error}") from None
    except (TypeError, AttributeError, IndexError, ValueError, ArithmeticError) as error:
        raise ResultFileError(f"{path} does not fit together: {error}") from None


def _refuse_other_model(path: Any, record: Any, model: Any) -> None:
    if model is None:
        if record["kind"] != "Draws":
            what = f"{record['kind']} for {record['model']}"
            raise ResultFileError(f"{path} holds {what}: hand in model=")
    elif (given := type(as_given(model)).__name__) != record["model"]:
        raise ResultFileError(f"{path} holds a result for {record['model']}, not {given}")
