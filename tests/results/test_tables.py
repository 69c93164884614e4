"""Tables: what a reader sees, in a terminal and in a notebook."""

from html.parser import HTMLParser

import numpy as np

from tests.tables import table
from vi_lab.results import tables


@table(
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


WIDE = [
    {"method": "metropolis-hastings-noncentred", "log p(x)": "-176.467899", "W1": 0.5, "s": "1.25"},
    {"method": "cavi", "log p(x)": "-176.538337", "W1": 0.25, "s": "0.01"},
]


def test_in_a_narrow_place_costs_go_first_then_words_are_broken_and_no_number_is():
    whole = tables.text(WIDE)
    assert tables.text(WIDE, len(whole.splitlines()[0]), ["s", "W1"]) == whole
    less = tables.text(WIDE, 40, ["s", "W1"])  # the words can still give way: nothing goes
    assert max(map(len, less.splitlines())) <= 40
    assert less.splitlines()[0].split() == ["method", "log", "p(x)", "W1", "s"]
    least = tables.text(WIDE, 26, ["s", "W1"])
    assert max(map(len, least.splitlines())) <= 26
    assert least.splitlines()[0].split() == ["method", "log", "p(x)"]
    for text in (less, least):
        assert "-176.467899" in text and "-176.538337" in text
    named = "".join(line[: line.index("  ")] for line in least.splitlines()[2:-1] if "  " in line)
    assert "metropolis-" in named


def test_what_cannot_fit_is_whole_all_the_same():
    assert "-176.467899" in tables.text(WIDE, 5, ["s", "W1"])


def test_markdown_and_latex_are_escaped():
    rows = [{"a|b": "x_1 & 50 % \\ {y}", "n": "1,000"}, {"a|b": "<b>*", "n": "-2.5 ± 1e-09"}]
    assert tables.markdown(rows).splitlines() == [
        "| a\\|b | n |",
        "| --- | ---: |",
        "| x\\_1 & 50 % \\\\ {y} | 1,000 |",
        "| \\<b\\>\\* | -2.5 ± 1e-09 |",
    ]
    assert tables.latex(rows).splitlines() == [
        r"\begin{tabular}{lr}",
        r"\hline",
        r"a$|$b & n \\",
        r"\hline",
        r"x\_1 \& 50 \% \textbackslash{} \{y\} & 1,000 \\",
        r"$<$b$>$* & -2.5 $\pm$ 1e-09 \\",
        r"\hline",
        r"\end{tabular}",
    ]
