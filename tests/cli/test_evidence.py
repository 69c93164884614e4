"""`vi-lab evidence`: estimates over seeds against the exact log p(x)."""

import pytest

from tests.console import call
from tests.faults import strict
from vi_lab import evidence
from vi_lab.cli.evidence import write_text
from vi_lab.marginal_likelihood.weighing import sum_up, weigh
from vi_lab.problems.named import problem


def test_a_row_for_each_problem_and_method():
    words = ("evidence", "coin", "ising", "--methods", "importance,prior", "--seeds", "3")
    out, _ = call(*words, "--format", "json", "--jobs", "1")
    rows = strict(out)
    assert [(r["problem"], r["method"]) for r in rows] == [
        (p, m) for p in ("coin", "ising") for m in ("importance", "prior")
    ]
    coin = rows[0]
    assert coin["seeds"] == 3 and len(coin["off"]) == 3 and coin["missed"] is False
    assert coin["bias"] == pytest.approx(sum(coin["off"]) / 3)
    assert "every latent is discrete" in rows[2]["reason"] and rows[2]["mean"] is None
    text, _ = call(*words, "--jobs", "1")
    assert "ising importance: every latent is discrete" in " ".join(text.split())


@pytest.mark.parametrize("width", [80, 100])
def test_a_table_fits_the_terminal_and_keeps_its_errors(width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    rows = weigh([problem("newcomb-independent")], ["importance", "harmonic"], 2, jobs=1)
    text = write_text(rows)
    assert max(map(len, text.splitlines())) <= width
    assert all(heading in text for heading in ("± sd", "stated", "real", "holds"))
    assert ("seconds" in text) == (width == 100)
    assert "the harmonic mean cannot know its error" in " ".join(text.split())


def test_the_numbers_do_not_depend_on_what_else_is_run():
    (one,) = weigh([problem("coin")], ["smc"], 2)
    both = weigh([problem("coin"), problem("coal")], ["importance", "smc"], 2, jobs=1)
    assert both[1].off == one.off


def test_a_stated_error_that_is_missed_by_five_of_itself_ends_with_1():
    """The evidence of one naming of a mixture, taken for all."""
    words = ("evidence", "tiny-mixture", "--methods", "importance", "--seeds", "1", "--jobs", "1")
    out, _ = call(*words, code=1)
    assert "NO" in out and "namings of the components" in " ".join(out.split())


def test_where_there_is_no_truth_nothing_is_missed():
    found = evidence("coin", rng=0)
    row = sum_up("mine", "importance", None, [found, found])
    assert row.missed is None and row.bias is None and row.mean == found.value
