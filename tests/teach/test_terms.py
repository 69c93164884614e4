"""Which terms of a formula an answer has left out or turned: the fewest that explain it."""

import numpy as np

from vi_lab.teach.relations.terms import alike_terms


def test_of_two_explanations_the_one_of_fewer_terms_is_given():
    """The fifth term is the sum of the four before it: it alone was left out."""
    four = np.random.default_rng(0).normal(size=(4, 9))
    columns = np.vstack([four, four.sum(0)])
    assert alike_terms(columns, -columns[4], 1e-9) == {4: -1.0}
    assert alike_terms(columns, -2.0 * columns[[0, 2]].sum(0), 1e-9) == {0: -2.0, 2: -2.0}
    assert alike_terms(columns, np.ones(9), 1e-9) is None
