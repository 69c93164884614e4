"""What is close enough, at its limits; and how a verdict looks."""

import numpy as np
import pytest

from vi_lab.teach.answers.reading import alike, close, close_number, place_of, read
from vi_lab.teach.answers.wording import cause
from vi_lab.teach.exercise import Verdict

WANT = np.array([[100.0, -50.0], [0.01, 0.0]])


@pytest.mark.parametrize(
    ("at", "room", "narrow"),
    [  # 1e-6 of a number, or of a thousandth of the largest; 2e-5 of the largest in float32
        ((0, 0), 1e-4, False),
        ((0, 1), 5e-5, False),
        ((1, 0), 1e-7, False),
        ((1, 1), 1e-7, False),
        ((0, 1), 2e-3 + 5e-5, True),
        ((1, 1), 2e-3 + 1e-7, True),
    ],
)
def test_numbers_are_close_up_to_their_limit(at, room, narrow):
    for sign in (1.0, -1.0):
        for share, right in ((0.99, True), (1.01, False)):
            got = WANT.copy()
            got[at] += sign * share * room
            assert close(got, WANT, 1e-6, narrow) == right


def test_one_number_is_close_up_to_its_limit():
    for want in (3.0, -3.0):
        for room, narrow in ((3e-6, False), (3e-6 + 6e-5, True)):
            for share, right in ((0.99, True), (1.01, False)):
                got = np.array([want + share * room])
                assert close(got, np.array(want), 1e-6, narrow) == right
    assert close_number(1e-12, 0.0, 1e-6) and not close_number(1.1e-12, 0.0, 1e-6)


def test_what_is_not_finite_is_close_to_its_like():
    for want in (np.inf, -np.inf, np.nan):
        for got in (np.inf, -np.inf, np.nan, 1.0):
            same = np.array_equal([got], [want], equal_nan=True)
            assert close_number(got, want, 1e-6) == same
            assert close(np.array([1.0, got]), np.array([1.0, want]), 1e-6) == same
            assert not close(np.array([2.0, got]), np.array([1.0, want]), 1e-6)


def test_one_number_may_come_in_any_shape_and_several_in_theirs():
    assert alike(np.zeros((1, 1)), np.zeros(())) and alike(np.zeros((2, 3)), np.ones((2, 3)))
    assert not alike(np.zeros(1), np.zeros(2)) and not alike(np.zeros(6), np.ones((2, 3)))


def test_the_place_of_a_part():
    parts = (1.0, [2.0, 3.0], 4.0)
    assert [place_of(part, parts) for part in parts] == [1, 2, 3]
    assert place_of(5.0, parts) == 0 and place_of(1.0, (1.0, 1.0)) == 0
    assert place_of("text", parts) == 0 and place_of(4.0, (2.0, 4.0, 4.0)) == 2


def test_why_a_number_is_not_finite():
    assert cause(np.inf) == "exp overflows, or something is divided by zero"
    assert cause(-np.inf) == "log 0" and cause(np.nan).startswith("inf − inf")


@pytest.mark.parametrize(
    ("status", "colour", "mark"), [("right", "#009E73", "✓"), ("wrong", "#D55E00", "·")]
)
def test_a_verdict_in_a_notebook(status, colour, mark):
    verdict = Verdict(status, "so it is for 3 < 4", "02.1")
    assert (
        verdict.passed == (status == "right") and str(verdict) == f"02.1 {mark} {verdict.message}"
    )
    html = verdict._repr_html_()
    assert html.startswith(f'<div style="border-left: 4px solid {colour}; padding: 0.3em 0.8em; ')
    assert html.endswith(f"<b>02.1 {mark}</b> so it is for 3 &lt; 4</div>")


def test_the_limit_itself_is_close():
    """Of numbers whose room is 1e-12, of which not a digit is rounded."""
    want = np.zeros(2)
    assert close(np.array([1e-12, 0.0]), want, 1e-6) and close_number(1e-12, 0.0, 1e-6)
    assert not close(np.array([np.nextafter(1e-12, 1.0), 0.0]), want, 1e-6)


@pytest.mark.parametrize(("value", "words"), [(None, "nothing (None)"), (..., "`...`")])
def test_what_holds_no_numbers_is_named(value, words):
    for like in (1.0, (1.0, 2.0)):
        reading = read(value, like)
        assert reading.parts is None and reading.says == words
