"""The topic of every token of a corpus, and the counts that follow."""

from __future__ import annotations

from typing import Any

import numpy as np


class Tokens:
    """The topic of every token in every chain, and the counts that follow.

    A topic is kept as an indicator, a row of K zeros and a one: what is taken out of the counts of
    its document, its word and its topic, and put back. The priors are in the counts from the start.

    Attributes
    ----------
    documents, words : int array (tokens,)
        Where each token stands.
    topics : array (tokens, chains, K)
        Indicators, drawn at random to begin with.
    in_documents, in_words : array (D, chains, K), (V, chains, K)
        n_dk + alpha_k and n_kw + eta_w.
    in_corpus : array (chains, K)
        n_k + sum eta.
    """

    def __init__(self, model: Any, rng: np.random.Generator, chains: int) -> None:
        in_cells = model.counts[model.documents, model.words].astype(np.intp)
        self._cells = np.append(0, np.cumsum(in_cells[:-1]))  # the first token of each
        self.documents = np.repeat(model.documents, in_cells)
        self.words = np.repeat(model.words, in_cells)
        topics = rng.integers(model.n_topics, size=(len(self.documents), chains))
        self.topics = (topics[..., None] == np.arange(model.n_topics)).astype(np.float64)
        width = (chains, model.n_topics)
        self.in_documents = np.tile(model.alpha, (model.n_documents, chains, 1))
        self.in_words = np.tile(model.eta[:, None, None], (1, *width))
        np.add.at(self.in_documents, self.documents, self.topics)
        np.add.at(self.in_words, self.words, self.topics)
        self.in_corpus = self.in_words.sum(0)

    def counts(self) -> np.ndarray:
        """z, the tokens of each topic in every cell, (chains, cells, K)."""
        in_cells = np.add.reduceat(self.topics, self._cells, axis=0)
        return np.moveaxis(in_cells, 0, 1).astype(np.int64)
