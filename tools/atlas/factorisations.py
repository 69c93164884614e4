"""Every way in which the models cut their q into blocks, and the best bound found for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from vi_lab.families import Normal
from vi_lab.inference.cavi import cavi
from vi_lab.models import PPCA, BayesNet, CorrelatedGaussian, FactorAnalysis
from vi_lab.problems.named import problem
from vi_lab.results import Factorised
from vi_lab.vae import gaussian_q

STARTS = 20  # of CAVI, unless said otherwise below
MORE_STARTS = {"galaxies": 100}
SEED = 0


class Cut(NamedTuple):
    """One factorisation: the keywords that choose it, and the model cut that way."""

    keywords: dict[str, Any]
    model: Any


class Best(NamedTuple):
    """The best q found, and how."""

    q: Any
    search: str
    converged: bool


def cuts(name: str) -> list[Cut]:
    """The problem's own factorisation first, then every other that its model offers by keyword.

    A network of variables may be joined in any way: beside the problem's own the atlas has all
    apart, and all in one block.
    """
    model = problem(name).model
    own = Cut({}, model)
    return [own, *OTHERS[name](model)] if name in OTHERS else [own]


def _correlated(model: Any) -> list[Cut]:
    keywords = {"blocks": [[0, 1]]}
    return [Cut(keywords, CorrelatedGaussian(model.mean, model.cov, **keywords))]


def _joint_problem(name: str) -> Callable[[Any], list[Cut]]:
    return lambda model: [Cut({"blocks": "joint"}, problem(name, blocks="joint").model)]


def _iris(model: Any) -> list[Cut]:
    return [Cut({"blocks": "joint"}, PPCA(model.x, model.W, model.mu, model.sigma2, "joint"))]


def _penguins(model: Any) -> list[Cut]:
    joined = FactorAnalysis(model.x, model.W, model.mu, model.psi, "joint")
    return [Cut({"blocks": "joint"}, joined)]


def _network(model: Any) -> list[Cut]:
    net = model.network.parents, model.network.tables, model.evidence
    every: list[Any] = [None, [list(model.hidden)]]
    return [Cut({"blocks": blocks}, BayesNet(*net, blocks=blocks)) for blocks in every]


def _digits(model: Any) -> list[Cut]:
    return [Cut({"covariance": "full-rank"}, model)]


OTHERS: dict[str, Callable[[Any], list[Cut]]] = {
    "correlated": _correlated,
    "cars": _joint_problem("cars"),
    "trees": _joint_problem("trees"),
    "kidiq": _joint_problem("kidiq"),
    "iris": _iris,
    "penguins": _penguins,
    "nile": _joint_problem("nile"),
    "sprinkler": _network,
    "asia": _network,
    "digits": _digits,
}


def best(name: str, cut: Cut) -> Best:
    """The best bound known: of CAVI's starts, or where coordinates do not arrive, solved for."""
    if name == "digits":
        covariance = cut.keywords.get("covariance", "mean-field")
        rows = gaussian_q(cut.model, covariance=covariance, rng=SEED, restarts=5)
        return Best(rows, "gradient ascent for each image, best of 6 starts, seed 0", True)
    if name == "trees" and not cut.keywords:
        return Best(_along_the_ridge(cut.model), "fixed point of CAVI, solved for", True)
    starts = MORE_STARTS.get(name, STARTS)
    q = cavi(cut.model, rng=SEED, restarts=starts)
    return Best(q, f"CAVI, best of {starts} starts, seed {SEED}", bool(q.converged))


def _along_the_ridge(model: Any) -> Factorised:
    """The optimum of a block a coefficient from that of one block for all.

    Both have the same means and q(tau); a coefficient's variance is that given the others,
    1/(E[tau] P_jj), P = V0^-1 + X'X. Coordinate ascent would need more than 10,000 sweeps.
    """
    joint = cavi(problem("trees", blocks="joint"), rng=SEED, restarts=STARTS)
    precision = np.diag(np.linalg.inv(model.V0) + model.X.T @ model.X)
    tau = joint.q["tau"]
    sd = (tau.mean * precision) ** -0.5
    apart = {
        f"beta.{j}": Normal.of(mean=m, sd=s)
        for j, (m, s) in enumerate(zip(joint.mean("beta"), sd, strict=True))
    }
    return Factorised(model, **apart, tau=tau)
