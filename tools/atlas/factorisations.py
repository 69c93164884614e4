"""Every way in which the models cut their q into blocks, and the best bound found for each."""

from __future__ import annotations

from inspect import signature
from typing import Any, NamedTuple

import numpy as np

from vi_lab.families import Normal
from vi_lab.inference.cavi import cavi
from vi_lab.inference.gaussian_vi import gaussian_vi
from vi_lab.models import BayesNet
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


JOINED = ("cars", "trees", "kidiq", "iris", "penguins", "nile", "hmm")
# The keywords of every other factorisation that a problem's model offers.
OTHERS: dict[str, dict[str, Any]] = {
    "correlated": {"blocks": [[0, 1]]},
    **{name: {"blocks": "joint"} for name in JOINED},
    "digits": {"covariance": "full-rank"},
    "poisson": {"covariance": "full"},
}


def cuts(name: str) -> list[Cut]:
    """The problem's own factorisation first, then every other that its model offers by keyword.

    A network of variables may be joined in any way: beside the problem's own the atlas has all
    apart, and all in one block.
    """
    model = problem(name).model
    others = [OTHERS[name]] if name in OTHERS else []
    if isinstance(model, BayesNet):
        others = [{"blocks": None}, {"blocks": [list(model.hidden)]}]
    return [Cut({}, model), *(Cut(keywords, _recut(model, keywords)) for keywords in others)]


def _recut(model: Any, keywords: dict[str, Any]) -> Any:
    """The model built once more, with these keywords; of one without blocks it is q that is cut."""
    if "blocks" not in keywords:
        return model
    if isinstance(model, BayesNet):
        return BayesNet(model.network.parents, model.network.tables, model.evidence, **keywords)
    arguments = [name for name in signature(type(model)).parameters if name not in keywords]
    return type(model)(**{name: getattr(model, name) for name in arguments}, **keywords)


def best(name: str, cut: Cut) -> Best:
    """The best bound known: of CAVI's starts, or where coordinates do not arrive, solved for."""
    if name == "digits":
        covariance = cut.keywords.get("covariance", "mean-field")
        rows = gaussian_q(cut.model, covariance=covariance, rng=SEED, restarts=5)
        return Best(rows, "gradient ascent for each image, best of 6 starts, seed 0", True)
    if not cut.model.blocks:
        covariance = cut.keywords.get("covariance", "diagonal")
        fit = gaussian_vi(cut.model, covariance=covariance, rng=SEED)
        return Best(fit, "gaussian_vi, seed 0", True)
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
