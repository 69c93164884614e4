"""The second routes: independent of the models, right away from the named problems, honest."""

import ast
import copy
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import tools.atlas.routes
from tests.tables import table
from tools.atlas.routes import SECOND, discrete, hidden, regressions, simple, structured
from tools.atlas.routes.rules import by_panels, even_grid, trapezoid
from vi_lab import (
    BayesNet,
    BetaBernoulli,
    ChangePoint,
    Clutter,
    CorrelatedGaussian,
    FactorAnalysis,
    HalfCauchy,
    HiddenMarkov,
    HierarchicalNormal,
    Ising,
    IsingDenoising,
    LinearRegression,
    LinearRegressionKnownNoise,
    LocalLevel,
    LogisticRegression,
    NormalGamma,
    NormalMixture,
    NormalSemiConjugate,
    PoissonRegression,
    ProbitRegression,
    exact,
    list_problems,
    problem,
)

FOLDER = Path(tools.atlas.routes.__file__).parent
RNG = np.random.default_rng(5)
X = np.array([1.3, -0.4, 2.2, 0.9, 5.0])
DESIGN = np.stack([np.ones(5), [0.0, 1.0, 2.0, 4.0, 7.0]], axis=-1)

# other data and other hyperparameters than the problems', symmetric in nothing
MODELS = {
    "normal-gamma": (simple.normal_gamma, NormalGamma(X, mu0=-1, kappa0=0.3, a0=1.5, b0=0.7)),
    "gaussian": (simple.gaussian, CorrelatedGaussian([1, -2], [[2.0, -0.6], [-0.6, 0.5]])),
    "change point": (simple.change_point, ChangePoint([5, 0, 2, 7, 1], a=(2, 0.5), b=(0.5, 3))),
    "coin": (simple.coin, BetaBernoulli([1, 1, 0, 1], a=2, b=5)),
    "semi-conjugate": (simple.semi_conjugate, NormalSemiConjugate(X, m0=0, s0=2, a0=3, b0=4)),
    "regression": (
        regressions.student,
        LinearRegression(DESIGN, X, [1, -1], [[2.0, 0.3], [0.3, 1.0]], a0=1.5, b0=0.8),
    ),
    "known noise": (
        regressions.known_noise,
        LinearRegressionKnownNoise(DESIGN, X, noise_precision=0.6, a0=2, b0=3),
    ),
    "clutter": (hidden.clutter, Clutter(X, w=0.2, prior_var=7)),
    "two normals": (
        hidden.two_normals,
        NormalMixture(X, 0.8, m0=(0.5, -0.5), s0=(2.0, 1.5), concentration=(1, 1)),
    ),
    "factor analysis": (
        hidden.linear_gaussian,
        FactorAnalysis(
            RNG.normal(size=(4, 3)),
            [[1.0, 0.2], [-0.5, 0.9], [0.3, 0.4]],
            mu=[0.1, -0.2, 0.3],
            psi=[0.3, 1.2, 0.7],
        ),
    ),
    "hierarchy": (
        structured.hierarchical,
        HierarchicalNormal(X, [0.5, 1, 2, 0.7, 1.5], mu_sd=3, tau_prior=HalfCauchy(1.5)),
    ),
    "logistic": (
        SECOND["bioassay"],
        LogisticRegression(
            [[1, -0.5], [1, 0.1], [1, 0.8]],
            [1, 2, 4],
            [4, 3, 5],
            prior_mean=[0.3, 1.0],
            prior_cov=[[1.0, 0.2], [0.2, 2.0]],
        ),
    ),
    "probit": (
        partial(structured.probit, box=[(-7.0, 8.0), (-9.0, 11.0)]),
        ProbitRegression(
            [[1, -0.5], [1, 0.1], [1, 0.8]], [0, 1, 1], [0.3, 1.0], [[1.0, 0.2], [0.2, 0.5]]
        ),
    ),
    "poisson": (
        partial(structured.poisson, box=[(-0.6, 2.8), (-2.6, 2.4)]),
        PoissonRegression(
            [[1, -0.5], [1, 0.1], [1, 0.8]], [6, 5, 4], [0.9, -0.2], [[0.02, 0.0], [0.0, 0.05]]
        ),
    ),
    "paths": (
        structured.paths,
        HiddenMarkov([0, 2, 5, 1], [1, 4, 2], 0.1 + 0.7 * np.eye(3), [0.2, 0.5, 0.3]),
    ),
    "level": (structured.local_level, LocalLevel(X, q=0.4, r=1.7, m0=0.5, v0=3)),
    "ising": (discrete.ising, Ising(-0.7, RNG.normal(size=(3, 5)))),
    "denoising": (
        discrete.denoising,
        IsingDenoising(np.where(RNG.random((3, 4)) < 0.5, -1, 1), J=0.6, flip_prob=0.2),
    ),
    "network": (
        discrete.network,
        BayesNet(
            {"a": (), "b": ("a",), "c": ("a",), "d": ("c", "b")},
            {"a": 0.3, "b": (0.2, 0.7), "c": (0.6, 0.1), "d": ((0.1, 0.4), (0.35, 0.9))},
            {"d": 1, "b": 0},
        ),
    ),
}


@table("name", MODELS)
def test_away_from_the_named_problems_the_routes_agree_too(name):
    route, model = MODELS[name]
    truth, second = exact(model), route(model)
    assert_allclose(second.value, truth.log_evidence, rtol=1e-10, atol=1e-10)
    assert abs(second.value - truth.log_evidence) <= second.error + truth.log_evidence_error


def test_every_problem_with_an_evidence_has_a_second_route():
    known = [n for n in list_problems() if problem(n).model.no_exact_because is None]
    assert sorted(SECOND) == sorted(known)


def test_routes_know_nothing_of_what_they_check():
    """Their imports, and the attributes they ask a model for, are those of data and priors."""
    forbidden = {"log_joint", "exact_posterior", "blocks", "posterior", "log_density_rows"}
    forbidden |= {"complete_conditional", "truth", "summaries", "log_partition", "board"}
    for path in FOLDER.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module.startswith(("vi_lab.", "tools.")):
                allowed = (
                    "tools.atlas.routes",
                    "vi_lab.results",
                    "vi_lab.numerics",
                    "vi_lab.results.diagnostics",
                )
                # a determinant, which the first route of `denoise` does without
                assert node.module.startswith((*allowed, "vi_lab.models.posteriors.kac_ward")), path
            if isinstance(node, ast.Attribute):
                assert node.attr not in forbidden, f"{path}: {node.attr}"
                assert not node.attr.startswith("_"), f"{path}: {node.attr}"


@pytest.mark.parametrize("name", ["newcomb", "coal", "eight-schools", "nile", "asia"])
def test_a_mistake_in_the_model_is_noticed(name, monkeypatch):
    """Planted: what one route believes of the data or the prior is off by a little."""
    model = copy.copy(problem(name).model)
    before = SECOND[name](model)
    hyperparameter = {"newcomb": "b0", "nile": "r", "eight-schools": "mu_sd"}.get(name)
    if hyperparameter:
        monkeypatch.setattr(model, hyperparameter, getattr(model, hyperparameter) * (1 + 1e-6))
    elif name == "coal":
        monkeypatch.setattr(model, "b", np.asarray(model.b) * (1 + 1e-6))
    else:
        model.network.tables["smoking"] = np.asarray(0.5 + 1e-6)
    assert abs(SECOND[name](model).value - before.value) > 1e-9


def test_the_rules_know_their_error():
    """A normal in two dimensions, by grids fine and coarse: off by no more than they say."""
    for count in (9, 13, 25, 101):
        (x, y), log_cell = even_grid((-9, 8, count), (-7, 9, count))
        found = trapezoid(-0.5 * (x**2 + y**2) - np.log(2 * np.pi), log_cell, "rule")
        assert abs(found.value) <= found.error
    assert found.error < 1e-12
    for panels in (2, 6, 40):
        found = by_panels(
            lambda x, y: -0.5 * (x**2 + y**2) - np.log(2 * np.pi),
            [(-9.0, 8.0), (-8.5, 9.0)], panels, "rule",
        )  # fmt: skip
        assert abs(found.value) <= max(found.error, 1e-12)
    assert found.error < 1e-12
