"""Collapsed Gibbs sampling of topics: documents and topics integrated out, tokens drawn in turn.

    p(topic of a token = k | all other topics) ~ (n_dk + alpha_k) (n_kw + eta_w) / (n_k + sum eta)

with counts of the other tokens (Griffiths & Steyvers 2004, eq. 5). Dirichlets are conjugate, so
both integrals are ratios of gamma functions, of which one factor is left. theta and topics are
drawn back from their conditionals at the end of each sweep that is kept.

It is a method of one model, and not a run of `gibbs`, in which the tokens are independent given
theta and topics: here every token hangs on every other, and only the chains move together.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.errors import NotApplicable
from vi_lab.model_or_problem import as_model
from vi_lab.models import LatentDirichletAllocation
from vi_lab.results import Cost, Draws
from vi_lab.runtime.interrupts import CtrlC
from vi_lab.runtime.progress import progress


@public
def collapsed_gibbs(
    model: Any, *, rng: Any = None, chains: int = 4, draws: int = 200, warmup: int = 100
) -> Draws:
    """Collapsed Gibbs sampling of a LatentDirichletAllocation.

    Parameters
    ----------
    model : LatentDirichletAllocation, or a problem that holds one
    rng : int, SeedSequence or Generator, optional
    chains, draws, warmup : int
        Chains, sweeps kept of each, sweeps thrown away first. A sweep draws every token once.

    Returns
    -------
    Draws
        `theta`, `z` and `topics`, as `gibbs` has them; after Ctrl-C the draws so far.
    """
    model = as_model(model)
    reason = why_not_collapsed(model)
    if reason:
        raise NotApplicable(reason)
    chains = checks.integer("chains", chains, 1)
    draws = checks.integer("draws", draws, 1)
    warmup = checks.integer("warmup", warmup, 0)
    generator = checks.generator(rng)
    started = time.perf_counter()

    tokens = Tokens(model, generator, chains)
    blocks = model.blocks
    values = {n: b.family.empty((draws, chains, *b.plates)) for n, b in blocks.items()}
    sweeps = progress(range(-warmup, draws), "collapsed gibbs", warmup + draws)
    with CtrlC() as ctrl_c:
        for sweep in ctrl_c.until_pressed(sweeps):
            tokens.sweep()
            if sweep < 0:
                continue
            drawn = {"z": tokens.counts()}
            t = {"z": blocks["z"].family.stats(drawn["z"])}
            for name in ("theta", "topics"):
                block = blocks[name]
                eta = block.complete_conditional(t)
                drawn[name] = block.family.sample(generator, eta, (chains, *block.plates))
            for name, value in drawn.items():
                values[name][sweep] = value
    if ctrl_c.done <= warmup:
        raise KeyboardInterrupt

    return Draws(
        model=model,
        method="collapsed Gibbs",
        values={n: np.moveaxis(a[: ctrl_c.done - warmup], 0, 1) for n, a in values.items()},
        acceptance_rate=np.ones(chains),
        cost=Cost(complete_conditionals=chains * ctrl_c.done * model.n_tokens),
        seconds=time.perf_counter() - started,
        settings={
            "chains": chains,
            "draws": draws,
            "warmup": warmup,
            "seed": checks.seed(rng),
        },
        interrupted=ctrl_c.pressed,
    )


def why_not_collapsed(model: Any) -> str | None:
    """Why there are no topics to collapse, in a sentence, or None where there are."""
    if isinstance(model, LatentDirichletAllocation):
        return None
    return (
        "collapsed Gibbs does not apply, because it integrates the Dirichlets out of a "
        "LatentDirichletAllocation and counts its tokens; gibbs applies to every model with "
        "complete conditionals"
    )


class Tokens:
    """The topic of every token in every chain, and the counts that follow.

    A topic is kept as an indicator, a row of K zeros and a one: what is taken out of the counts of
    its document, its word and its topic, and put back.
    """

    def __init__(
        self, model: LatentDirichletAllocation, rng: np.random.Generator, chains: int
    ) -> None:
        self.rng, self.chains = rng, chains
        in_cells = model.counts[model.documents, model.words].astype(np.int64)
        self._cells = np.append(0, np.cumsum(in_cells[:-1]))  # the first token of each
        self.documents = np.repeat(model.documents, in_cells)
        self.words = np.repeat(model.words, in_cells)
        topics = rng.integers(model.n_topics, size=(len(self.documents), chains))
        self.topics = (topics[..., None] == np.arange(model.n_topics)).astype(np.float64)
        # the priors are in the counts from the start: n_dk + alpha_k, n_kw + eta_w, n_k + sum eta
        width = (chains, model.n_topics)
        self.in_documents = np.tile(model.alpha, (model.n_documents, chains, 1))
        self.in_words = np.tile(model.eta[:, None, None], (1, *width))
        np.add.at(self.in_documents, self.documents, self.topics)
        np.add.at(self.in_words, self.words, self.topics)
        self.of_topics = self.in_words.sum(0)

    def sweep(self) -> None:
        """Every token of every chain once, in the order of the documents."""
        of_topics, shape = self.of_topics, self.of_topics.shape
        uniform = self.rng.random((*self.topics.shape[:2], 1))
        # weights summed up to each topic from a leading 0; the draw is where they pass u * total
        weights, reached = np.empty(shape), np.empty((self.chains, 1))
        sums = np.zeros((self.chains, shape[-1] + 1))
        passed = np.empty(sums.shape, dtype=bool)
        up_to, total, here, before = sums[:, 1:], sums[:, -1:], passed[:, 1:], passed[:, :-1]
        in_documents, in_words = list(self.in_documents), list(self.in_words)
        places = zip(self.documents.tolist(), self.words.tolist(), strict=True)
        for (d, w), topic, u in zip(places, self.topics, uniform, strict=True):
            in_document, in_word = in_documents[d], in_words[w]
            in_document -= topic
            in_word -= topic
            of_topics -= topic
            np.multiply(in_document, in_word, out=weights)
            np.divide(weights, of_topics, out=weights)
            np.add.accumulate(weights, axis=-1, out=up_to)
            np.greater(sums, np.multiply(u, total, out=reached), out=passed)
            np.not_equal(here, before, out=topic)
            in_document += topic
            in_word += topic
            of_topics += topic

    def counts(self) -> np.ndarray:
        """z, the tokens of each topic in every cell, (chains, cells, K)."""
        in_cells = np.add.reduceat(self.topics, self._cells, axis=0)
        return np.moveaxis(in_cells, 0, 1).astype(np.int64)
