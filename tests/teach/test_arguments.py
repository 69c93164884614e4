"""Arguments that are moved, to see whether an answer depends on them."""

import numpy as np
from numpy.testing import assert_array_equal

from vi_lab.teach.relations.arguments import more, moves


def test_whole_numbers_stay_whole_and_others_move_a_little():
    assert more(3) == 4 and isinstance(more(3), int)
    assert more(np.int64(3)) == 4 and isinstance(more(np.int64(3)), np.integer)
    assert more(2.0) == 2.251 and more(0.0) == 0.001
    assert_array_equal(more(np.array([5, 5, 5])), [6, 5, 6])
    assert_array_equal(more(np.array([[2.0, 2.0], [0.0, 8.0]])), [[2.251, 2.0], [0.001, 8.0]])


def test_each_is_moved_alone_a_little_and_to_where_it_was_before():
    """Not to one of another shape."""
    inputs = [(1.0, np.zeros(2)), (2.0, np.ones(3)), (4.0, np.full(3, 9.0))]
    found = list(moves(inputs, 0))
    assert [after[0] for _, after in found] == [1.126, 4.0, 2.251, 1.0, 4.501, 2.0]
    for before, after in found:
        assert_array_equal(before[1], after[1])
    shapes = [after[1].tolist() for _, after in moves(inputs, 1)]
    assert shapes == [[0.001, 0.0], [1.126, 1.0, 1.126], [10.126, 9.0, 10.126], [1.0, 1.0, 1.0]]
