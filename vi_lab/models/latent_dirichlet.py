"""Documents as mixtures of topics, topics as distributions over words.

    topics_k ~ Dirichlet(eta)            k = 1..K, over the V words
    theta_d  ~ Dirichlet(alpha)          d = 1..D, over the K topics
    for every token of document d:       a topic ~ Categorical(theta_d), then a word of that topic

(Blei, Ng & Jordan 2003; Pritchard, Stephens & Donnelly 2000.) Tokens of one word in one document
are exchangeable, so what is kept of their topics is how many have each: z is a count for every
topic in every cell, a pair of document and word that occurs. Nothing is ever of the size of
tokens x topics. The evidence is that of the words as a sequence: no multinomial coefficient.

The names of topics mean nothing; what can be compared is the words a document is expected to have.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.axes import name_axes
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import refuse_if
from vi_lab.families import Dirichlet, DirichletStats, Multinomial, MultinomialStats
from vi_lab.model import Batch, Block, ModelWithPriors, Statistics, Values
from vi_lab.models.posteriors.latent_dirichlet import LatentDirichletPosterior
from vi_lab.numerics import enumeration
from vi_lab.numerics.arithmetic import times
from vi_lab.numerics.group_sums import GroupSums
from vi_lab.results import Exact

SUMMARISED_DOCUMENTS = 4  # whose expected words are a summary
INITIAL_CONCENTRATION = 10.0  # of the topics that chains and restarts begin with


class LatentDirichletAllocation(ModelWithPriors):
    """Topics of words in documents.

    Parameters
    ----------
    counts : array (D, V)
        How often each word is in each document.
    n_topics : int
        K.
    alpha : float or array (K,)
        Dirichlet prior of each document's topics.
    eta : float or array (V,)
        Dirichlet prior of each topic's words.

    Latents: `theta` (D, K), `z` (cells, K), the tokens of each topic in every cell with a count
    (`documents` and `words` say which), and `topics` (K, V). Exact to 2**20 labellings of the
    tokens: 20 tokens at K = 2.
    """

    latents_fit_fresh_data = False  # other words are other cells
    no_collapse_because = None
    data_names = ("counts",)
    axes = name_axes(theta="document topic", z="cell topic", topics="topic word")

    @public
    def __init__(self, counts: Reals, n_topics: int, alpha: Reals, eta: Reals) -> None:
        self.counts = checks.count_table("counts", counts)
        self.n_documents, self.n_words = self.counts.shape
        self.n_topics = checks.integer("n_topics", n_topics, 1)
        self.alpha = checks.positives("alpha", checks.vector("alpha", alpha, self.n_topics))
        self.eta = checks.positives("eta", checks.vector("eta", eta, self.n_words))
        self.documents, self.words = np.nonzero(self.counts)
        in_cells = self.counts[self.documents, self.words]
        refuse_if(not len(in_cells), "counts: needs at least one word, got zeros alone")
        self.n_tokens = int(in_cells.sum())
        self._by_document = GroupSums(self.documents, self.n_documents)
        self._by_word = GroupSums(self.words, self.n_words)
        cells = Multinomial(self.n_topics, in_cells)
        theta, topics = Dirichlet.of(self.alpha), Dirichlet.of(self.eta)
        # z leads, so that a sweep begins with what the sampled theta and topics say of every word
        self.blocks = {
            "z": Block(cells, self._z_given_rest, plates=(len(in_cells),)),
            "theta": Block(
                theta.family, self._theta_given_z, plates=(self.n_documents,), prior=theta
            ),
            "topics": Block(
                topics.family, self._topics_given_z, plates=(self.n_topics,), prior=topics
            ),
        }
        self.no_exact_because = None
        if enumeration.refusal(self.n_tokens, self.n_topics):
            self.no_exact_because = (
                f"it would visit all {self.n_topics}^{self.n_tokens} labellings of "
                f"{self.n_tokens:,} tokens, above the limit of 2^20 (20 tokens at K = 2); Gibbs "
                "and CAVI still apply"
            )
        self.costly = self.no_exact_because is not None

    def log_likelihood(self, stats: Statistics) -> Any:
        """log p(words, z | theta, topics)"""
        log_words = self._log_words(stats["theta"].log, stats["topics"].log)
        return times(stats["z"].counts, log_words).sum((-2, -1))

    def log_prior_given(self, stats: Statistics) -> Any:
        """log p(z | theta)"""
        log_theta = np.take(stats["theta"].log, self.documents, axis=-2)
        return times(stats["z"].counts, log_theta).sum((-2, -1))

    def _log_words(self, log_theta: Any, log_topics: Any) -> Any:
        """log theta_dk + log topics_kw at every cell, (*batch, cells, K)."""
        found = np.take(log_theta, self.documents, axis=-2)
        return found + np.take(np.swapaxes(log_topics, -1, -2), self.words, axis=-2)

    def _z_given_rest(self, stats: Statistics) -> MultinomialStats:
        """A token's topic has log weight log theta_dk + log topics_kw."""
        return MultinomialStats(self._log_words(stats["theta"].log, stats["topics"].log))

    def _theta_given_z(self, stats: Statistics) -> DirichletStats:
        """Dirichlet(alpha + tokens of each topic in the document)."""
        return DirichletStats(self.alpha - 1.0 + self._by_document.sum(stats["z"].counts))

    def _topics_given_z(self, stats: Statistics) -> DirichletStats:
        """Dirichlet(eta + tokens of the topic of each word)."""
        per_word = self._by_word.sum(stats["z"].counts)
        return DirichletStats(self.eta - 1.0 + np.swapaxes(per_word, -1, -2))

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        blocks = self.blocks
        prior = DirichletStats(self.alpha - 1.0), DirichletStats(self.eta - 1.0)
        theta = blocks["theta"].family.sample(rng, prior[0], (*batch, self.n_documents))
        topics = blocks["topics"].family.sample(rng, prior[1], (*batch, self.n_topics))
        eta = MultinomialStats(np.log(theta)[..., self.documents, :])
        z = blocks["z"].family.sample(rng, eta, (*batch, len(self.documents)))
        return {"z": z, "theta": theta, "topics": topics}

    def sample_initial_values(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """Documents that mix all topics alike, topics that differ a little, z given these.

        A prior draw at a small eta gives most words nearly no probability in most topics, and no
        sweep of CAVI would take it back.
        """
        blocks, shape = self.blocks, (*batch, self.n_topics)
        spread = DirichletStats(np.full(self.n_words, INITIAL_CONCENTRATION - 1.0))
        topics = blocks["topics"].family.sample(rng, spread, shape)
        theta = np.full((*batch, self.n_documents, self.n_topics), 1.0 / self.n_topics)
        eta = MultinomialStats(self._log_words(np.log(theta), np.log(topics)))
        z = blocks["z"].family.sample(rng, eta, (*batch, len(self.documents)))
        return {"z": z, "theta": theta, "topics": topics}

    def sample_data(self, rng: np.random.Generator, values: Values) -> LatentDirichletAllocation:
        """Fresh words for the tokens of each topic; they fall into cells of their own."""
        per_topic = self._by_document.sum(np.asarray(values["z"], np.float64)).astype(np.int64)
        counts = rng.multinomial(per_topic, values["topics"]).sum(-2)
        return LatentDirichletAllocation(counts, self.n_topics, self.alpha, self.eta)

    def summaries(self, latents: Values) -> dict[str, Any]:
        """The word probabilities theta @ topics of a few documents: no topic is named."""
        if "theta" not in latents or "topics" not in latents:
            return {}
        last = min(SUMMARISED_DOCUMENTS, self.n_documents)
        some = np.linspace(0, self.n_documents - 1, last).round().astype(int)
        return {"expected_words": np.asarray(latents["theta"])[..., some, :] @ latents["topics"]}

    def exact_posterior(self) -> Exact:
        """Every labelling of the tokens, those with the same counts together."""
        enumeration.announce(self.n_tokens, self.n_topics)
        return Exact.of(self, LatentDirichletPosterior(self.counts, self.alpha, self.eta))
