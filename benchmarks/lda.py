"""Topics of 2,000 documents of 100 words from a vocabulary of 100, K = 20: seconds a sweep.

A sweep of CAVI updates every document, topic and cell once, and evaluates the bound; one of Gibbs
draws them; one of collapsed Gibbs draws every token. An iteration of scikit-learn's batch updates
goes round each document until it settles, and updates the topics once. Seconds are the difference
of a long run and a short one. The score is the mean log probability, in nats a token, of another
100 words of each document, after the seconds that stand beside it.
"""

import warnings

import _common as common
import numpy as np

import vi_lab

DOCUMENTS, WORDS, TOPICS, REPEATS = 2000, 100, 20, 2
ALPHA, ETA = 0.1, 0.1


def corpus(rng):
    """Words to learn from, words held out, and the probabilities of both, all (D, V)."""
    topics = rng.dirichlet(np.full(WORDS, ETA), TOPICS)
    p = rng.dirichlet(np.full(TOPICS, ALPHA), DOCUMENTS) @ topics
    return rng.multinomial(WORDS, p), rng.multinomial(WORDS, p), p


def cavi(model, counts, sweeps):
    q = vi_lab.cavi(model, rng=0, max_sweeps=sweeps, tol=0.0)
    return vi_lab.expected_words(q)


def gibbs(model, counts, sweeps):
    draws = vi_lab.gibbs(
        model, rng=0, chains=1, draws=5, warmup=sweeps - 5, keep=["theta", "topics"]
    )
    return vi_lab.expected_words(draws)


def collapsed(model, counts, sweeps):
    draws = vi_lab.collapsed_gibbs(model, rng=0, chains=1, draws=1, warmup=sweeps - 1)
    return vi_lab.expected_words(draws)


def scikit_learn(model, counts, sweeps):
    from sklearn.decomposition import LatentDirichletAllocation

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is told not to converge
        fit = LatentDirichletAllocation(
            TOPICS, doc_topic_prior=ALPHA, topic_word_prior=ETA, max_iter=sweeps, random_state=0,
            learning_method="batch",
        ).fit(counts)  # fmt: skip
    topics = fit.components_ / fit.components_.sum(1, keepdims=True)
    return fit.transform(counts) @ topics


def main():
    """Every method, in turn; the long run is the one that is scored."""
    print(__doc__.splitlines()[0])
    train, held_out, p = corpus(np.random.default_rng(0))
    model = vi_lab.LatentDirichletAllocation(train, TOPICS, ALPHA, ETA)
    runs = {"CAVI": (cavi, 10, 60), "Gibbs": (gibbs, 10, 60), "collapsed Gibbs": (collapsed, 1, 3)}
    if not common.module_is_absent("sklearn"):
        runs["scikit-learn, batch"] = (scikit_learn, 2, 12)
    words = {}

    def job(name, run, few, many):
        def seconds():
            spent = {}
            for sweeps in (few, many):
                started = common.time.process_time()
                words[name] = run(model, train, sweeps)
                spent[sweeps] = common.time.process_time() - started
            return (spent[many] - spent[few]) / (many - few)

        return seconds

    jobs = {name: job(name, *arguments) for name, arguments in runs.items()}
    rows = [
        {
            "method": name,
            "cells": len(model.documents),
            "seconds a sweep": round(min(spent), 4),
            "sweeps scored": runs[name][2],
            "seconds for them": round(min(spent) * runs[name][2], 1),
            "score": round(float((held_out * np.log(words[name])).sum() / held_out.sum()), 4),
            "score of the truth": round(float((held_out * np.log(p)).sum() / held_out.sum()), 4),
        }
        for name, spent in common.in_turn(REPEATS, jobs).items()
    ]
    common.report("lda", rows)


if __name__ == "__main__":
    main()
