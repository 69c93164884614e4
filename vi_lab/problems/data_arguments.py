"""Which arguments of each model are its data, and which columns of a table feed them.

Columns are taken in the order in which they are named: first one for each argument that is a
column, then all that are left for the one that takes several. What is no data is a hyperparameter.
"""

from __future__ import annotations

import inspect
from typing import Any

from vi_lab import models
from vi_lab.vae.evidence.decoder_model import DecoderModel

COLUMN = "a column"  # (n,)
POINTS = "one or more columns"  # (n,) of one, (n, D) of more
ROWS = "columns"  # (n, D)
DESIGN = "columns beside a 1"  # (n, 1 + P): the intercept leads
NO_TABLE = "no table"

DATA: dict[type, dict[str, str]] = {
    models.BayesNet: {"evidence": NO_TABLE},
    models.BetaBernoulli: {"x": COLUMN},
    models.ChangePoint: {"counts": COLUMN},
    models.Clutter: {"x": POINTS},
    models.CorrelatedGaussian: {},
    models.FactorAnalysis: {"x": ROWS},
    models.GaussianMixture: {"x": ROWS},
    models.HiddenMarkov: {"counts": COLUMN},
    models.HierarchicalNormal: {"y": COLUMN, "sigma": COLUMN},
    models.HierarchicalNormalExpanded: {"y": COLUMN, "sigma": COLUMN},
    models.Ising: {},
    models.IsingDenoising: {"image": ROWS},
    models.LatentDirichletAllocation: {"counts": ROWS},
    models.LinearRegression: {"y": COLUMN, "X": DESIGN},
    models.LinearRegressionKnownNoise: {"y": COLUMN, "X": DESIGN},
    models.LocalLevel: {"y": COLUMN},
    models.LogisticRegression: {"successes": COLUMN, "trials": COLUMN, "X": DESIGN},
    models.NormalGamma: {"x": COLUMN},
    models.NormalMixture: {"x": COLUMN},
    models.NormalSemiConjugate: {"x": COLUMN},
    models.PoissonRegression: {"counts": COLUMN, "X": DESIGN},
    models.PPCA: {"x": ROWS},
    models.ProbitRegression: {"y": COLUMN, "X": DESIGN},
    DecoderModel: {"decoder": NO_TABLE, "x": ROWS},
}


def name_hyperparameters(kind: type) -> tuple[str, ...]:
    """The arguments of a model's constructor that are not its data, in their order."""
    return tuple(n for n in inspect.signature(kind).parameters if n not in DATA.get(kind, {}))


def find_hyperparameters(model: Any) -> dict[str, Any]:
    """What a model keeps under the names of its constructor's arguments, without its data.

    Of a class of a user's own, data are what `data_names` names, or else all that has no default.
    """
    kind, kept = type(model), getattr(model, "__dict__", {})
    try:
        parameters = inspect.signature(kind).parameters
    except ValueError:  # of what is written in C
        return {}
    data = DATA.get(kind)
    if data is None:
        given = [n for n, one in parameters.items() if one.default is inspect.Parameter.empty]
        data = dict.fromkeys(getattr(model, "data_names", ()) or given, "")
    return {name: kept[name] for name in parameters if name in kept and name not in data}
