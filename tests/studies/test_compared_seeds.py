"""`compare --seeds --out` is a study: the rows of every seed by itself, kept, and not run again."""

from dataclasses import asdict, replace

import pytest

import vi_lab
from tests.console import call
from tests.faults import strict
from vi_lab.comparison.compare import plan
from vi_lab.comparison.row import Row
from vi_lab.problems.named import as_problems, problem
from vi_lab.studies.compared_seeds import is_named, study_seeds
from vi_lab.studies.comparison_measure import COMPARISON, read_row, spell_row
from vi_lab.studies.measure import RowKey
from vi_lab.studies.store import open_store

MINE = "from vi_lab.models import NormalGamma\nmine = NormalGamma([{}, 2.0, 4.0], 0, 1, 1, 1)\n"


def timeless(rows):
    return [{k: v for k, v in asdict(row).items() if k != "seconds"} for row in rows]


def seeds_of(out, seeds):
    """Rows by seed, from 5 on, of two methods of which one draws."""
    work = replace(plan(["gibbs", "laplace"], "quick", 5), keep=False)
    groups, first = [[problem("newcomb")]], []
    by_seed, ending = study_seeds(groups, work, seeds, out, 1, lambda row, _: first.append(row))
    assert not ending.interrupted and by_seed[5] == first
    return by_seed


def test_every_seed_is_a_run_of_its_own_and_stays(tmp_path):
    found = seeds_of(tmp_path, 2)
    assert list(found) == [5, 6]
    for seed, rows in found.items():
        alone = vi_lab.compare("newcomb", methods=["gibbs", "laplace"], rng=seed)
        assert timeless(rows) == timeless(alone.rows)
    # one row is lost, and a seed more is asked for: the others are the very same, seconds too
    with open_store(tmp_path, COMPARISON) as store:
        store.remove("comparison", [RowKey("newcomb", "gibbs", "quick", 6)])
    again = seeds_of(tmp_path, 3)
    assert list(again) == [5, 6, 7] and again[6][1] == found[6][1]
    assert timeless(again[6]) == timeless(found[6]) and again[6][0] != found[6][0]


@pytest.mark.slow  # the pictures of a folder
def test_the_folder_of_a_run_is_the_folder_of_its_study(tmp_path):
    out = tmp_path / "out"
    call("compare", "newcomb", "--methods", "laplace", "--seeds", "3", "--out", out)
    assert list(vi_lab.load(out).by_seed) == [0, 1, 2]
    text, _ = call("study", "report", out, "--format", "json")
    assert len(strict(text)["rows"]) == 3


@pytest.mark.slow
def test_a_model_of_ones_own_is_computed_anew(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ("compare", "mine.py:mine", "--methods", "exact", "--seeds", "2", "--out", "out")
    evidence = []
    for number in (1.0, 1.5):
        (tmp_path / "mine.py").write_text(MINE.format(number))
        call(*options)
        evidence += [rows[0].log_evidence for rows in vi_lab.load("out").by_seed.values()]
    assert evidence[0] == evidence[1] != evidence[2] == evidence[3]


def test_a_row_survives_the_store_and_a_name_says_what_it_is():
    row = Row("p", "cavi", True, holds=False, converged=True, elbo=-1.5, seconds=0.25)
    keys = {"problem": "p", "method": "cavi"}
    assert read_row({**spell_row(row), **keys}) == row
    assert is_named(problem("coal")) and is_named(problem("correlated", rho=0.5))
    assert not any(map(is_named, as_problems({"coal 2": "coal", "mine": "newcomb"})))
