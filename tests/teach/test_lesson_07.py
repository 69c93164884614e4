"""Lesson 07: the score's gradient is right on average; points that hide mistakes hide many."""

import numpy as np
import pytest

from vi_lab.teach.blindness import invisible
from vi_lab.teach.lessons.exercises.lesson_07_score import score_gradient


def test_the_score_gradient_is_the_gradient_of_the_expectation():
    """E over eps by Gauss-Hermite nodes, against a complex step of the same quadrature of f(z)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    f = lambda z: np.sin(z) + 0.3 * z**3  # noqa: E731
    m, v, h = 0.4, -0.7, 1e-30

    def expectation(m, v):
        return np.sum(weights * f(m + np.exp(v / 2) * nodes))

    values = len(nodes) * weights * f(m + np.exp(v / 2) * nodes)  # a weighted mean as a plain one
    want = expectation(m + 1j * h, v).imag / h, expectation(m, v + 1j * h).imag / h
    assert score_gradient(values, m, v, nodes) == pytest.approx(want, rel=1e-9)


def test_at_the_prior_most_mistakes_of_the_kl_are_invisible():
    hidden, known = invisible("07.5", *np.zeros((2, 3, 2)))
    assert hidden > known / 2
    some = np.random.default_rng(0).standard_normal((2, 4, 3))
    assert invisible("07.5", *some)[0] == 5  # the smallest fudges and the clips
