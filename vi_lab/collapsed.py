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

from vi_lab import checks
from vi_lab.entry import as_model
from vi_lab.errors import NotApplicable
from vi_lab.interrupts import CtrlC
from vi_lab.models import LatentDirichletAllocation
from vi_lab.progress import progress
from vi_lab.results import Cost, Draws


@checks.clear_keywords
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
    if not isinstance(model, LatentDirichletAllocation):
        raise NotApplicable(
            "collapsed Gibbs does not apply, because it is written for LatentDirichletAllocation; "
            "gibbs applies to every model with complete conditionals"
        )
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
        settings={"chains": chains, "draws": draws, "warmup": warmup},
        interrupted=ctrl_c.pressed,
    )


class Tokens:
    """The topic of every token in every chain, and the counts that follow."""

    def __init__(
        self, model: LatentDirichletAllocation, rng: np.random.Generator, chains: int
    ) -> None:
        self.model, self.rng, self.chains = model, rng, chains
        in_cells = model.counts[model.documents, model.words].astype(np.int64)
        self.cells = np.repeat(np.arange(len(in_cells)), in_cells)
        self.documents, self.words = model.documents[self.cells], model.words[self.cells]
        self.topics = rng.integers(model.n_topics, size=(len(self.cells), chains))
        # the priors are in the counts from the start: n_dk + alpha_k, n_kw + eta_w, n_k + sum eta
        shape = (chains, model.n_documents, model.n_topics)
        self.in_documents = np.tile(model.alpha, (*shape[:2], 1))
        self.in_words = np.tile(model.eta[:, None], (chains, 1, model.n_topics))
        chain = np.broadcast_to(np.arange(chains), self.topics.shape)
        np.add.at(self.in_documents, (chain, self.documents[:, None], self.topics), 1.0)
        np.add.at(self.in_words, (chain, self.words[:, None], self.topics), 1.0)
        self.of_topics = self.in_words.sum(1)

    def sweep(self) -> None:
        """Every token of every chain once, in the order of the documents."""
        chain = np.arange(self.chains)
        uniform = self.rng.random(self.topics.shape)
        for token, (d, w) in enumerate(zip(self.documents, self.words, strict=True)):
            in_document, in_word = self.in_documents[:, d], self.in_words[:, w]
            old = chain, self.topics[token]
            for counts in (in_document, in_word, self.of_topics):
                counts[old] -= 1.0
            sums = (in_document * in_word / self.of_topics).cumsum(-1)
            reached = uniform[token] * sums[:, -1]
            self.topics[token] = (reached[:, None] >= sums).sum(-1)
            new = chain, self.topics[token]
            for counts in (in_document, in_word, self.of_topics):
                counts[new] += 1.0

    def counts(self) -> np.ndarray:
        """z, the tokens of each topic in every cell, (chains, cells, K)."""
        z = np.zeros((self.chains, len(self.model.documents), self.model.n_topics), np.int64)
        chain = np.broadcast_to(np.arange(self.chains), self.topics.shape)
        np.add.at(z, (chain, self.cells[:, None], self.topics), 1)
        return z
