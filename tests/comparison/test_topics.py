"""What is said of topics without their names, against sums written out."""

import numpy as np
import pytest

from vi_lab import matched_topics
from vi_lab.comparison import topics
from vi_lab.comparison.topics import held_out_score


def test_a_score_is_a_mean_over_tokens(monkeypatch):
    """Three documents, of which one has no word held out; a word that comes twice counts twice."""
    words = np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7], [0.3, 0.3, 0.4]])
    monkeypatch.setattr(topics, "expected_words", lambda result: words)
    score = held_out_score(None, [[2, 0, 1], [0, 0, 0], [0, 3, 0]])
    tokens = [0.5, 0.5, 0.25, 0.3, 0.3, 0.3]
    assert score == pytest.approx(np.log(tokens).mean(), rel=1e-12)


def test_topics_in_the_order_of_a_cycle_of_three():
    """The order is not its own inverse: topics[order] is the reference, and not the other way."""
    reference = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
    assert matched_topics(reference[[1, 2, 0]], reference).tolist() == [2, 0, 1]
