"""Tables: what a reader sees, in a terminal and in a notebook."""

from html.parser import HTMLParser

import numpy as np
import pytest

from vi_lab.results import tables


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (True, "yes"),
        (False, "no"),
        (3, "3"),
        ("a word", "a word"),
        (0.0, "0"),
        (1.0, "1"),
        (0.25, "0.25"),
        (26.21212, "26.2121"),
        (-176.4678989, "-176.468"),
        (0.00012345, "0.000123"),
        (12345678.0, "1.23e+07"),
        (float("inf"), "inf"),
        (np.float64(0.5), "0.5"),
    ],
)
def test_a_cell_is_short_and_honest(value, seen):
    assert tables.cell(value) == seen


def test_numbers_stand_to_the_right_and_words_to_the_left():
    table = tables.text(
        [
            {"name": "a", "number": 1.5, "written": "1,000"},
            {"name": "long name", "number": -12.25, "written": None},
        ]
    )
    assert table.splitlines() == [
        "name       number  written",
        "---------  ------  -------",
        "a             1.5    1,000",
        "long name  -12.25        –",
    ]


def test_a_wide_heading_is_broken_at_its_spaces():
    table = tables.text([{"method": "cavi", "mean error, sd": "0.0132"}])
    assert table.splitlines() == [
        "          mean",
        "        error,",
        "method      sd",
        "------  ------",
        "cavi    0.0132",
    ]


def test_rows_may_have_different_columns_and_there_may_be_none():
    assert tables.columns([{"a": 1}, {"b": 2, "a": 3}]) == ["a", "b"]
    assert tables.text([{"a": 1}, {"b": 2}]).splitlines()[-2:] == ["1  –", "–  2"]
    assert tables.text([]).strip() == ""


def test_a_long_sentence_is_wrapped_and_no_word_is_broken():
    sentence = "Metropolis-Hastings " * 20
    lines = tables.wrap(sentence).splitlines()
    assert " ".join(tables.wrap(sentence).split()) == sentence.strip()
    assert all(len(line) <= tables.LINE_WIDTH for line in lines)
    assert {word for line in lines for word in line.split()} == {"Metropolis-Hastings"}


def test_html_is_escaped_and_readable_aloud():
    class Reader(HTMLParser):
        text, tags = "", ()

        def handle_starttag(self, tag, attributes):
            self.tags = (*self.tags, (tag, *attributes))

        def handle_data(self, data):
            self.text += data

    reader = Reader()
    reader.feed(tables.html([{"<b>": "x < y & z"}], caption="a & b", note="n < 3"))
    assert reader.text == "a & b<b>x < y & zn < 3"
    tags = [tag for tag, *_ in reader.tags]
    assert tags == ["table", "caption", "thead", "tr", "th", "tbody", "tr", "td", "p"]
    assert ("th", ("scope", "col")) in reader.tags
