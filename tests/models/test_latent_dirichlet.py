"""Topics: a tiny corpus against an urn over all labellings, the bars against what made them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special

from tests.contract.discrete import urn
from tests.contract.tolerances import assert_averages, assert_chains
from vi_lab import (
    LatentDirichletAllocation,
    NotApplicable,
    cavi,
    collapsed_gibbs,
    exact,
    expected_words,
    gibbs,
    held_out_score,
    ledger,
    matched_topics,
    metropolis_hastings,
)
from vi_lab.datasets import load_lda_bars
from vi_lab.model import statistics
from vi_lab.problems.named import problem

COUNTS = np.array([[2, 0, 1], [0, 3, 1], [0, 0, 0], [1, 0, 1]])
ALPHA, ETA = np.array([0.4, 1.8]), np.array([0.2, 0.8, 3.0])  # far from symmetric
TINY = LatentDirichletAllocation(COUNTS, 2, ALPHA, ETA)


def test_the_truth_is_polyas_urn_over_every_labelling():
    log_p, _, *after = (np.array(v) for v in zip(*urn(COUNTS, ALPHA, ETA), strict=True))
    theta, topics = (a / a.sum(-1, keepdims=True) for a in after)
    truth = exact(TINY)
    assert_allclose(truth.log_evidence, special.logsumexp(log_p), rtol=1e-13)
    assert truth.route == "enumeration of 512 labellings"
    expected = np.tensordot(special.softmax(log_p), theta @ topics, 1)
    assert_allclose(expected_words(truth), expected, rtol=1e-12)
    # a document without words has the prior's mean
    assert_allclose(truth.mean("theta")[2], ALPHA / ALPHA.sum(), rtol=1e-12)


def test_a_permutation_of_documents_or_words_changes_no_evidence():
    rows, columns = [3, 0, 2, 1], [2, 0, 1]
    turned = LatentDirichletAllocation(COUNTS[rows][:, columns], 2, ALPHA, ETA[columns])
    assert_allclose(exact(turned).log_evidence, exact(TINY).log_evidence, rtol=1e-13)


def test_one_topic_is_one_multinomial():
    """K = 1: the words are one Dirichlet-multinomial, and mean field loses nothing."""
    model = LatentDirichletAllocation(COUNTS, 1, 0.3, ETA)
    n = COUNTS.sum(0)
    expected = special.gammaln(ETA.sum()) - special.gammaln((ETA + n).sum())
    expected += (special.gammaln(ETA + n) - special.gammaln(ETA)).sum()
    assert_allclose(exact(model).log_evidence, expected, rtol=1e-12)
    assert_allclose(cavi(model, rng=0).elbo, expected, rtol=1e-12)


def test_each_chain_of_collapsed_gibbs_has_the_exact_moments():
    truth = exact(TINY)
    draws = collapsed_gibbs(TINY, rng=1, chains=4, draws=2500, warmup=200)
    for name in ("z", "theta", "topics"):
        assert draws.values[name].shape == (4, 2500, *truth.mean(name).shape)
        assert_chains(draws.values[name], truth.mean(name), name)
        squares = (draws.values[name] - truth.mean(name)) ** 2
        assert_chains(squares, truth.sd(name) ** 2, f"variance of {name}")
    assert_allclose(expected_words(draws), expected_words(truth), atol=0.02)


def test_collapsed_gibbs_draws_chains_apart_and_by_their_seed():
    one, two, three = (
        collapsed_gibbs(TINY, rng=s, chains=3, draws=40, warmup=0) for s in (5, 5, 6)
    )
    for name, value in one.values.items():
        assert np.array_equal(value, two.values[name])
        assert not np.array_equal(value, three.values[name])
        assert not np.array_equal(value[0], value[1])
    assert (one.values["z"].sum(-1) == COUNTS[TINY.documents, TINY.words]).all()


def test_collapsed_gibbs_leaves_the_posterior_as_it_is():
    """One sweep from exact draws of the topics of tokens: the counts keep their law."""
    truth, chains = exact(TINY), 4000
    one = collapsed_gibbs(TINY, rng=2, chains=chains, draws=1, warmup=30)
    assert_averages(one.values["z"][:, 0], truth.mean("z"), "z of independent chains")


def test_metropolis_hastings_applies_to_few_dimensions_alone():
    assert metropolis_hastings(TINY, rng=0, draws=10).values["topics"].shape == (4, 10, 2, 3)
    with pytest.raises(NotApplicable, match="D is 2,040, above the limit of 500"):
        metropolis_hastings(problem("bars"))


def test_above_the_limit_the_reason_says_what_still_applies():
    many = LatentDirichletAllocation([[11, 10]], 2, 1.0, 1.0)
    with pytest.raises(NotApplicable, match=r"2\^21.*limit.*Gibbs and CAVI still apply"):
        exact(many)
    assert ledger(many, cavi(many, rng=0)).holds is None
    assert exact(LatentDirichletAllocation([[10, 10]], 2, 1.0, 1.0)).log_evidence < 0


def test_cells_hold_the_sums_of_their_tokens():
    """A corpus of 2,000 tokens in four cells is no larger than one of four tokens."""
    model = LatentDirichletAllocation([[600, 400], [500, 500]], 3, 0.5, 0.5)
    assert model.blocks["z"].plates == (4,)
    z = gibbs(model, rng=0, draws=50).values["z"]
    assert z.shape == (4, 50, 4, 3)
    assert z.dtype == np.int16
    values = model.sample_latents(np.random.default_rng(0), (2,))
    stats = statistics(model, values)
    theta = model.blocks["theta"].complete_conditional(stats).log + 1 - model.alpha
    assert_allclose(theta[1, 0], values["z"][1, :2].sum(0))
    topics = model.blocks["topics"].complete_conditional(stats).log + 1 - model.eta
    assert_allclose(topics[1, :, 1], values["z"][1, 1::2].sum(0))


def test_fresh_words_come_from_the_topics_of_the_tokens():
    topics = np.array([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])
    z = np.stack([np.zeros(6, int), TINY.counts[TINY.documents, TINY.words]], axis=-1)
    z[:2] = z[:2, ::-1]  # document 0 has its three tokens from topic 0
    fresh = TINY.sample_data(np.random.default_rng(0), {"z": z, "topics": topics})
    assert_allclose(fresh.counts[0], [3, 0, 0])
    assert_allclose(fresh.counts.sum(1), COUNTS.sum(1))
    assert (fresh.counts[1:, 0] == 0).all()


def halves(counts, rng):
    kept = rng.binomial(counts.astype(int), 0.5)
    return kept, counts - kept


@pytest.mark.slow
def test_the_bars_are_found_and_words_held_out_are_foreseen():
    """Gibbs, collapsed Gibbs and CAVI on half of the tokens; scored on the other half."""
    bars = load_lda_bars().data
    train, held_out = halves(bars["counts"], np.random.default_rng(0))
    best = held_out_of_the_truth(bars["theta"] @ bars["topics"], held_out)
    model = LatentDirichletAllocation(train, 10, alpha=0.5, eta=0.1)
    results = {
        "CAVI": cavi(model, rng=1, restarts=1, max_sweeps=100, tol=0),
        "Gibbs": gibbs(model, rng=1, chains=2, draws=40, warmup=120),
        "collapsed": collapsed_gibbs(model, rng=1, chains=2, draws=4, warmup=12),
    }
    flat = held_out_of_the_truth(np.full((200, 25), 1 / 25), held_out)
    for name, result in results.items():
        score = held_out_score(result, held_out)
        assert flat + 0.55 * (best - flat) < score < best, (name, score, best, flat)
    chain = results["Gibbs"].values["topics"][0].mean(0)
    order = matched_topics(chain, bars["topics"])
    assert sorted(order) == list(range(10))
    close = np.abs(chain[order] - bars["topics"]).sum(1) / 2 < 0.3
    assert close.sum() >= 7  # total variation of matched topics


def held_out_of_the_truth(words, counts):
    return float((counts * np.log(words)).sum() / counts.sum())


def test_topics_are_matched_up_to_a_permutation():
    topics = load_lda_bars().data["topics"]
    shuffle = np.random.default_rng(0).permutation(10)
    order = matched_topics(topics[shuffle], topics)
    assert_allclose(topics[shuffle][order], topics)


def test_latents_of_the_prior_have_its_moments():
    """Dirichlets of ALPHA and ETA, and the shares of tokens those of their document; each summary
    is the sum over topics written out."""
    n = 4000
    z = TINY.sample_latents(np.random.default_rng(3), (n,))
    for name, a in (("theta", ALPHA), ("topics", ETA)):
        mean = a / a.sum()
        variance = mean * (1 - mean) / (a.sum() + 1)
        values = z[name].reshape(n, -1, len(a))
        assert_allclose(values.mean(0), np.tile(mean, (values.shape[1], 1)), atol=0.03)
        assert_allclose(values.var(0), np.tile(variance, (values.shape[1], 1)), rtol=0.15)
    tokens = np.asarray(z["z"], float).sum((0, 1))
    assert_allclose(tokens / tokens.sum(), ALPHA / ALPHA.sum(), atol=0.03)
    found = TINY.summaries({"theta": z["theta"][:2], "topics": z["topics"][:2]})["expected_words"]
    for s, d, w in np.ndindex(2, len(COUNTS), COUNTS.shape[1]):
        by_hand = sum(z["theta"][s, d, k] * z["topics"][s, k, w] for k in range(2))
        assert found[s, d, w] == pytest.approx(by_hand, rel=1e-12)


def test_fresh_words_fall_into_other_cells():
    """So that latents of these data do not fit those."""
    fresh = TINY.sample_data(
        np.random.default_rng(2), TINY.sample_latents(np.random.default_rng(1))
    )
    assert len(fresh.documents) != len(TINY.documents) and not TINY.latents_fit_fresh_data
