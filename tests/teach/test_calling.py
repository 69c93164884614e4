"""What a call does to its arguments, and what is kept of what it raises."""

import numpy as np

from tests.tables import table
from vi_lab.teach.answers.calling import copied, text_of, unchanged

ONE = np.array([1.0, -2.0, 0.0, np.nan, np.inf])


@table(
    ("now", "before", "same"),
    [
        (ONE.copy(), ONE, True),
        (ONE * (1 + 2e-15), ONE, True),  # moved and put back, but for rounding
        (ONE * (1 + 1e-12), ONE, False),
        (ONE + 1e-12, ONE, False),
        (ONE[::-1].copy(), ONE, False),
        (ONE[:4], ONE, False),
        (ONE.astype(np.float32), ONE, False),
        (np.arange(3), np.arange(3), True),
        (np.arange(3) + 1, np.arange(3), False),
        (2, 2, True),
        (2, 3, False),
        (float("nan"), float("nan"), True),
        ([1, 2], [1, 2], True),
        ([1], [1, 2], False),
        (np.sin, np.cos, True),  # a function cannot be changed by a call
    ],
)
def test_what_is_unchanged(now, before, same):
    assert unchanged(now, before) is same


def test_long_texts_of_errors_are_cut():
    assert text_of(ValueError("a" * 300)) == "a" * 200
    assert text_of(ValueError("short")) == "short"


def test_a_function_that_is_handed_in_is_that_very_one():
    """One that counts its calls, say, of which a copy would count for itself."""

    class Counting:
        def __call__(self):
            return 1

    function, row, words = Counting(), np.ones(2), ["a"]
    assert copied(function) is function and copied(2.5) == 2.5
    assert copied(row) is not row and copied(words) is not words and copied(words) == words
