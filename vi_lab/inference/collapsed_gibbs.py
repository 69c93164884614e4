"""Collapsed Gibbs sampling of topics: documents and topics integrated out, tokens drawn in turn.

    p(topic of a token = k | all other topics) ~ (n_dk + alpha_k) (n_kw + eta_w) / (n_k + sum eta)

with counts of the other tokens (Griffiths & Steyvers 2004, eq. 5). Dirichlets are conjugate, so
both integrals are ratios of gamma functions, of which one factor is left. theta and topics are
drawn back from their conditionals at the end of each sweep that is kept.

It is a method of one model, and not a run of `gibbs`, in which the tokens are independent given
theta and topics: here every token hangs on every other, and only the chains move together.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np

from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.inference.engine.sampler_run import BlockRun
from vi_lab.inference.engine.tokens import Tokens
from vi_lab.model import Values
from vi_lab.model_or_problem import M, ModelOrProblem, as_model_unless
from vi_lab.results import Draws


@public
def collapsed_gibbs(
    model: ModelOrProblem[M],
    *,
    rng: Rng = None,
    chains: int = 4,
    draws: int = 200,
    warmup: int = 100,
) -> Draws[M]:
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
    whole = as_model_unless(why_not_collapsed, model)
    run = BlockRun(whole, "collapsed Gibbs", rng=rng, chains=chains, draws=draws, warmup=warmup)
    # a sweep asks for the conditional of every token
    return run.record(sweeps(whole, run.rng, run.chains, run.warmup), run.model.n_tokens)


def why_not_collapsed(model: Any) -> str | None:
    """Why there are no topics to collapse, in a sentence, or None where there are."""
    reason = model.no_collapse_because
    return reason and f"collapsed Gibbs does not apply, because {reason}"


def sweeps(model: Any, rng: np.random.Generator, chains: int, warmup: int = 0) -> Iterator[Values]:
    """Collapsed Gibbs itself, without an end: z, theta and topics after each sweep past warmup."""
    tokens = Tokens(model, rng, chains)
    for sweep in count(-warmup):
        draw_tokens(tokens, rng)
        yield draw_back(model, tokens.counts(), rng) if sweep >= 0 else {}


def draw_tokens(tokens: Tokens, rng: np.random.Generator) -> None:
    """The topic of every token of every chain once, in the order of the documents."""
    in_corpus, shape = tokens.in_corpus, tokens.in_corpus.shape
    uniform = rng.random((*tokens.topics.shape[:2], 1))
    # weights summed up to each topic from a leading 0; the draw is where they pass u * total
    weights, reached = np.empty(shape), np.empty((shape[0], 1))
    sums = np.zeros((shape[0], shape[1] + 1))
    passed = np.empty(sums.shape, dtype=bool)
    up_to, total, here, before = sums[:, 1:], sums[:, -1:], passed[:, 1:], passed[:, :-1]
    in_documents, in_words = list(tokens.in_documents), list(tokens.in_words)
    places = zip(tokens.documents.tolist(), tokens.words.tolist(), strict=True)
    for (d, w), topic, u in zip(places, tokens.topics, uniform, strict=True):
        in_document, in_word = in_documents[d], in_words[w]
        in_document -= topic  # the counts of the other tokens
        in_word -= topic
        in_corpus -= topic
        np.multiply(in_document, in_word, out=weights)
        np.divide(weights, in_corpus, out=weights)
        np.add.accumulate(weights, axis=-1, out=up_to)
        np.greater(sums, np.multiply(u, total, out=reached), out=passed)
        np.not_equal(here, before, out=topic)
        in_document += topic
        in_word += topic
        in_corpus += topic


def draw_back(model: Any, z: np.ndarray, rng: np.random.Generator) -> Values:
    """All blocks: z, and theta and topics from their conditionals given z (chains, cells, K)."""
    drawn, t = {"z": z}, {"z": model.blocks["z"].family.stats(z)}
    for name in ("theta", "topics"):
        block = model.blocks[name]
        eta = block.complete_conditional(t)
        drawn[name] = block.family.sample(rng, eta, (len(z), *block.plates))
    return drawn
