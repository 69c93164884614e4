"""Geweke's test of every sampler: from a draw of the joint, steps towards the posterior keep it."""

from types import SimpleNamespace

import numpy as np
import pytest

from tests.contract.hidden_variables import LOADINGS
from tests.contract.models import MODELS
from tests.contract.sampler_checks import check_joint_distribution
from vi_lab import (
    PPCA,
    ChangePoint,
    FactorAnalysis,
    GaussianMixture,
    HalfCauchy,
    HiddenMarkov,
    HierarchicalNormal,
    HierarchicalNormalExpanded,
    InverseGamma,
    LocalLevel,
    LogisticRegression,
    NormalGamma,
    NormalMixture,
    ProbitRegression,
    exact,
    gibbs,
    metropolis_hastings,
)

TWO, THREE, ROWS = np.zeros(2), np.zeros(3), np.zeros((2, 3))
SIMPLE = {
    "normal-gamma": NormalGamma([0.0], mu0=1.0, kappa0=0.5, a0=1.5, b0=2.0),
    "change point": ChangePoint(np.zeros(6), a=(3, 4), b=(1, 1.5)),
    **{n: MODELS[n].model for n in ("poisson rate", "known mixture", "student location")},
}
HIDDEN = {
    "normal mixture": NormalMixture(THREE, 0.8, (0.5, -0.5), 1.2, weights=(0.4, 0.6)),
    "normal mixture, Dirichlet": NormalMixture(THREE, 0.8, 0.0, 1.2, concentration=(1.5, 2)),
    "Gaussian mixture, 1-D": GaussianMixture(THREE[:, None], 2, (2.0, 1.5), 0.3, 0.7, 5.0, [[1.5]]),
    "Gaussian mixture, 2-D": GaussianMixture(
        np.zeros((3, 2)), 2, 2.0, (0.3, -0.2), 0.7, 6.0, [[1.0, 0.3], [0.3, 2.0]]
    ),
    "PPCA": PPCA(ROWS, LOADINGS, (0.1, 0.2, 0.3), 0.5),
    "PPCA, joint": PPCA(ROWS, LOADINGS, (0.1, 0.2, 0.3), 0.5, blocks="joint"),
    "factor analysis": FactorAnalysis(ROWS, LOADINGS, 0.1, (0.4, 0.9, 0.6)),
}
HIERARCHIES = {
    "half-Cauchy": HierarchicalNormal(TWO, [0.7, 1.1], 1.3, HalfCauchy(1.2)),
    "inverse gamma": HierarchicalNormal(TWO, [0.7, 1.1], 1.3, InverseGamma(3, 4)),
}
STRUCTURED = {
    "local level": LocalLevel(THREE, q=0.5, r=0.8, m0=1, v0=0.6),
    "local level, joint": LocalLevel(THREE, q=0.5, r=0.8, m0=1, v0=0.6, blocks="joint"),
    "logistic regression": LogisticRegression(
        [[1.0, -0.5], [1.0, 1.2]], [0, 0], [1, 3], (0.3, -0.2), np.eye(2)
    ),
    "hidden Markov": HiddenMarkov(np.zeros(4), (0.5, 2.0), ((0.7, 0.3), (0.4, 0.6)), (0.2, 0.8)),
    "hidden Markov, joint": HiddenMarkov(
        np.zeros(4), (0.5, 2.0), ((0.7, 0.3), (0.0, 1.0)), (0.2, 0.8), blocks="joint"
    ),
    "probit regression": ProbitRegression(
        [[1.0, -0.5], [1.0, 1.2]], [0, 0], (0.3, -0.2), np.eye(2)
    ),
    "expanded": HierarchicalNormalExpanded(TWO, [0.7, 1.1], 1.3, HalfCauchy(1.2)),
    **HIERARCHIES,
}


def exactly(model, *, rng, chains, draws, **settings):
    """Independent draws of the exact posterior, in the guise of a sampler."""
    values = exact(model).sample(chains, rng=rng)
    return SimpleNamespace(values={name: value[:, None] for name, value in values.items()})


def metropolis(model, step=0.7, **settings):
    return metropolis_hastings(model, step=step, **settings)


def discrete(model, **settings):
    return metropolis(model, step=None, **settings)


def noncentred(model, **settings):
    return metropolis(model, step=0.6, parameterisation="noncentred", **settings)


SETTINGS = {
    gibbs: dict(draws=6, replicates=300), metropolis: dict(draws=6, replicates=300),
    discrete: dict(draws=8, replicates=300), noncentred: dict(draws=6, replicates=300),
    # what no grid can check: draws of the exact posterior of fresh data are draws of the prior
    exactly: dict(draws=1, replicates=200),
}  # fmt: skip
FEWER = dict(replicates=150)  # of the hidden variables, whose every replicate is dear
MOVED = [
    *((gibbs, name, model) for name, model in (SIMPLE | HIDDEN | STRUCTURED).items()),
    *((exactly, name, model) for name, model in HIDDEN.items()),
    *((noncentred, name, model) for name, model in HIERARCHIES.items()),
    *((metropolis, name, model) for name, model in (SIMPLE | HIDDEN).items()
      if name not in ("known mixture", "normal mixture", "Gaussian mixture, 1-D")),
    (discrete, "known mixture", SIMPLE["known mixture"]),
]  # fmt: skip


# of each of these another form is here: a prior, a dimension, blocks cut otherwise
VARIANTS = ("normal mixture", "Gaussian mixture, 1-D", "PPCA", "inverse gamma", "local level")
# and these move as others do, and have their exact moments or summaries in test_samplers.py or
# test_hidden_variables.py, which see a smaller mistake
SIMILAR = {
    gibbs: ("known mixture", "student location", "expanded", "half-Cauchy", "change point",
            "logistic regression", "probit regression", "hidden Markov", "Gaussian mixture, 2-D"),
    metropolis: ("change point", "student location", "Gaussian mixture, 2-D",
                 "normal mixture, Dirichlet"),
    exactly: ("normal mixture, Dirichlet",),
}  # fmt: skip
CASES = [
    pytest.param(
        *(sampler, model), id=f"{sampler.__name__}-{name}",
        marks=[pytest.mark.slow] * (name in VARIANTS or name in SIMILAR.get(sampler, ())),
    )
    for sampler, name, model in MOVED
]  # fmt: skip


@pytest.mark.parametrize(("sampler", "model"), CASES)
def test_the_joint_distribution_is_kept(sampler, model):
    fewer = FEWER if model in HIDDEN.values() else {}
    check_joint_distribution(model, sampler, **SETTINGS[sampler] | fewer)
