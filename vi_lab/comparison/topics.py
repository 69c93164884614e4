"""Topics without names: what words a document is expected to have, and a matching of topics."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import InputError
from vi_lab.models import LatentDirichletAllocation
from vi_lab.numerics.assignment import match_components
from vi_lab.results import Draws, Exact, Factorised, Posterior

KINDS = (Exact, Draws, Factorised)


@public
def expected_words(result: Posterior) -> np.ndarray:
    """E[theta @ topics], the probability of each word in each document, shape (D, V).

    Parameters
    ----------
    result : Exact, Draws or Factorised of a LatentDirichletAllocation
        Draws average the product over draws, so that chains may name their topics as they like.
    """
    known = isinstance(getattr(result, "model", None), LatentDirichletAllocation)
    checks.require(known, "result: needs a result of LatentDirichletAllocation", result)
    checks.require(isinstance(result, KINDS), "result: needs Exact, Draws or Factorised", result)
    if isinstance(result, Factorised):
        # under q theta and topics are independent
        return np.asarray(result.mean("theta")) @ np.asarray(result.mean("topics"))
    if isinstance(result, Exact):
        # given z theta and topics are independent
        posterior: Any = result.posterior
        theta, topics = (a / a.sum(-1, keepdims=True) for a in (posterior.theta, posterior.topics))
        return np.tensordot(posterior.weights, theta @ topics, axes=1)
    chains: Any = result  # Draws, as was required
    theta, topics = (
        np.asarray(chains.values[checks.one_of("result", name, chains.values)])
        for name in ("theta", "topics")
    )
    theta, topics = (a.reshape(-1, *a.shape[2:]) for a in (theta, topics))
    # one product for all draws and topics together
    rows = np.moveaxis(theta, 0, 1).reshape(theta.shape[1], -1)
    return rows @ topics.reshape(-1, topics.shape[-1]) / len(theta)


@public
def held_out_score(result: Posterior, counts: Reals) -> float:
    """The mean log probability, in nats a token, of words that were held out of the documents.

    Parameters
    ----------
    result : Exact, Draws or Factorised of a LatentDirichletAllocation
    counts : array (D, V)
        The words held out of the same documents (document completion; Wallach et al. 2009).
    """
    expected = expected_words(result)
    counts = checks.count_table("counts", counts)
    if counts.shape != expected.shape:
        raise InputError(f"counts: needs shape {expected.shape}, got {counts.shape}")
    if not counts.any():
        raise InputError("counts: needs at least one word, got zeros alone")
    return float((counts * np.log(expected)).sum() / counts.sum())


@public
def matched_topics(topics: Reals, reference: Reals) -> np.ndarray:
    """The permutation that brings topics (K, V) closest to a reference: topics[order].

    By the linear assignment that maximises the overlap sum_w topics_kw reference_jw.
    """
    topics = checks.real_array("topics", topics, 2)
    reference = checks.real_array("reference", reference, 2)
    if topics.shape != reference.shape:
        raise InputError(
            f"topics: needs the reference's shape {reference.shape}, got {topics.shape}"
        )
    return match_components(topics.T, reference.T)
