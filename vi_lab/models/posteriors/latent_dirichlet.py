"""The exact posterior of topics in a corpus of a few tokens: a weight for every z.

Given z, documents and topics are Dirichlet; what is left is the sum over z, in which each counts
as often as there are labellings of the tokens with its counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.families import Distribution
from vi_lab.model import Values
from vi_lab.models.posteriors.mixed_moments import Given, MixedMoments
from vi_lab.numerics import densities, enumeration, log_gamma, special
from vi_lab.numerics.arithmetic import log, times
from vi_lab.numerics.mixed_densities import column, mix_betas
from vi_lab.numerics.rounding import Estimate, rounding, sum_one_by_one


def compositions(total: int, parts: int) -> np.ndarray:
    """All ways to write a number as an ordered sum of so many counts, (ways, parts)."""
    if parts == 1:
        return np.array([[total]])
    rows = [
        np.column_stack([np.full(len(rest), first), rest])
        for first in range(total + 1)
        for rest in [compositions(total - first, parts - 1)]
    ]
    return np.concatenate(rows)


class LatentDirichletPosterior(MixedMoments):
    """p(z | words) as a table, theta_d | z ~ Dirichlet, topics_k | z ~ Dirichlet.

    Parameters
    ----------
    counts : array (D, V)
    alpha : array (K,)
    eta : array (V,)

    Attributes
    ----------
    log_evidence : Estimate
    z : int array (Z, cells, K)
        Every z, a cell being a document and word that occurs.
    log_weights, weights : array (Z,)
        p(z | words).
    theta : array (Z, D, K)
    topics : array (Z, K, V)
        The Dirichlet parameters given each z.
    """

    def __init__(self, counts: np.ndarray, alpha: np.ndarray, eta: np.ndarray) -> None:
        documents, words = np.nonzero(counts)
        in_cells, n_topics = counts[documents, words].astype(np.int64), len(alpha)
        options = [compositions(int(n), n_topics) for n in in_cells]
        self._numbers = [{tuple(row): i for i, row in enumerate(o.tolist())} for o in options]
        index = np.indices([len(o) for o in options]).reshape(len(options), -1)
        self.z = np.stack([o[i] for o, i in zip(options, index, strict=True)], axis=1)
        in_documents = np.zeros((len(self.z), len(counts), n_topics))
        in_words = np.zeros((len(self.z), len(eta), n_topics))
        for cell, (d, w) in enumerate(zip(documents, words, strict=True)):
            in_documents[:, d] += self.z[:, cell]
            in_words[:, w] += self.z[:, cell]
        self.theta = alpha + in_documents
        self.topics = eta + np.swapaxes(in_words, -1, -2)
        self.log_h = (
            special.gammaln(self.z.sum(-1) + 1.0) - special.gammaln(self.z + 1.0).sum(-1)
        ).sum(-1)
        ratios = [
            log_gamma.log_beta_ratio(before, after - before).sum(-1)
            for after, before in ((self.theta, alpha), (self.topics, eta))
        ]
        log_weights, n_tokens = self.log_h + sum(ratios), int(in_cells.sum())
        total = np.logaddexp.reduce(log_weights)
        self.log_weights = log_weights - total
        self.weights = np.exp(self.log_weights)
        self.sizes = np.abs(self.log_h) + sum(np.abs(ratio) for ratio in ratios)
        route = enumeration.cost(n_tokens, n_topics)
        self.log_evidence = Estimate(total, rounding(total, self.weights @ self.sizes), route)

    def _weigh(self) -> tuple[np.ndarray, Given]:
        given: dict[str, tuple[np.ndarray, Any]] = {"z": (self.z.astype(np.float64), 0.0)}
        for name, a in (("theta", self.theta), ("topics", self.topics)):
            total = a.sum(-1, keepdims=True)
            given[name] = a / total, a * (total - a) / (total**2 * (total + 1.0))
        return self.weights, given

    def log_density(self, values: Values) -> Any:
        z = np.asarray(values["z"])
        batch = z.shape[:-2]
        rows = [self._row(one) for one in z.reshape(-1, *z.shape[-2:])]
        index = np.array([0 if row is None else row for row in rows]).reshape(batch)
        valid = np.array([row is not None for row in rows]).reshape(batch)
        value = self.log_weights[index] - self.log_h[index]
        value = value + densities.log_dirichlet(values["theta"], self.theta[index]).sum(-1)
        value = value + densities.log_dirichlet(values["topics"], self.topics[index]).sum(-1)
        return np.where(valid, value, -np.inf)

    def _row(self, z: np.ndarray) -> int | None:
        """The row of one z (cells, K) in the table; None where it is no z."""
        row = 0
        for numbers, cell in zip(self._numbers, z.tolist(), strict=True):
            if tuple(cell) not in numbers:
                return None
            row = row * len(numbers) + numbers[tuple(cell)]
        return row

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        """The probabilities of a count; a share of a Dirichlet is a beta given z. None of what is
        made of several."""
        if name == "z":
            return (x == column(self.z, index)[:, None]).T @ self.weights
        if name not in ("theta", "topics"):
            return None
        a = column(getattr(self, name), index[:-1])
        share = a[:, index[-1]]
        return mix_betas(self.weights, x, share, a.sum(-1) - share) if a.shape[1] > 1 else None

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        index = enumeration.draw_rows(rng, self.weights, n)
        draws = {"z": self.z[index]}
        for name, a in (("theta", self.theta), ("topics", self.topics)):
            gammas = rng.standard_gamma(a[index])
            draws[name] = gammas / gammas.sum(-1, keepdims=True)
        return draws

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """sum_z q(z) [ log q(z)/p(z|x) + KL of theta given z + KL of topics given z ]."""
        probabilities = q["z"].parameters["probabilities"]
        a = {name: q[name].parameters["concentration"] for name in ("theta", "topics")}
        batch = np.broadcast_shapes(*(v.shape[:-2] for v in (probabilities, *a.values())))

        def divergence(index: tuple[int, ...]) -> tuple[float, float]:
            p = np.broadcast_to(probabilities, batch + probabilities.shape[-2:])[index]
            log_q = self.log_h + times(self.z, log(p)).sum((-2, -1))
            weights = np.exp(log_q)
            terms = times(weights, log_q) - times(weights, self.log_weights)
            for name, exact in (("theta", self.theta), ("topics", self.topics)):
                one = np.broadcast_to(a[name], batch + a[name].shape[-2:])[index]
                terms = terms + weights * densities.kl_dirichlet(one, exact).sum(-1)
            sizes = weights @ self.sizes + self.weights @ self.sizes
            return terms.sum(), np.abs(terms).sum() + sizes

        return sum_one_by_one(divergence, batch, "enumeration")
