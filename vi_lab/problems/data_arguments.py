"""Which arguments of each model are its data; the others are hyperparameters."""

from __future__ import annotations

import inspect

from vi_lab import models
from vi_lab.vae.evidence.decoder_model import DecoderModel

DATA: dict[type, tuple[str, ...]] = {
    models.BayesNet: ("evidence",),
    models.BetaBernoulli: ("x",),
    models.ChangePoint: ("counts",),
    models.Clutter: ("x",),
    models.CorrelatedGaussian: (),
    models.FactorAnalysis: ("x",),
    models.GaussianMixture: ("x",),
    models.HierarchicalNormal: ("y", "sigma"),
    models.HierarchicalNormalExpanded: ("y", "sigma"),
    models.Ising: (),
    models.IsingDenoising: ("image",),
    models.LatentDirichletAllocation: ("counts",),
    models.LinearRegression: ("X", "y"),
    models.LinearRegressionKnownNoise: ("X", "y"),
    models.LocalLevel: ("y",),
    models.LogisticRegression: ("X", "successes", "trials"),
    models.NormalGamma: ("x",),
    models.NormalMixture: ("x",),
    models.NormalSemiConjugate: ("x",),
    models.PPCA: ("x",),
    DecoderModel: ("decoder", "x"),
}


def name_hyperparameters(kind: type) -> tuple[str, ...]:
    """The arguments of a model's constructor that are not its data, in their order."""
    return tuple(n for n in inspect.signature(kind).parameters if n not in DATA.get(kind, ()))
