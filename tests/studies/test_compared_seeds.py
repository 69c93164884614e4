"""`compare --seeds --out` is a study: the rows of every seed by itself, kept, and not run again."""

from dataclasses import asdict

import vi_lab
from tests.console import call
from tests.faults import strict
from vi_lab.comparison.row import Row
from vi_lab.problems.named import as_problems, problem
from vi_lab.studies.compared_seeds import is_named
from vi_lab.studies.comparison_measure import COMPARISON, read_row, spell_row
from vi_lab.studies.measure import RowKey
from vi_lab.studies.store import open_store

MINE = "from vi_lab.models import NormalGamma\nmine = NormalGamma([{}, 2.0, 4.0], 0, 1, 1, 1)\n"


def timeless(rows):
    return [{k: v for k, v in asdict(row).items() if k != "seconds"} for row in rows]


def test_every_seed_is_a_run_of_its_own_and_stays(tmp_path):
    options = ("compare", "newcomb", "--methods", "gibbs,laplace,ep", "--seed", "5", "--jobs", "1")
    out = tmp_path / "out"
    call(*options, "--seeds", "2", "--out", out)
    found = vi_lab.load(out).by_seed
    assert list(found) == [5, 6]
    for seed, rows in found.items():
        alone = vi_lab.compare("newcomb", methods=["gibbs", "laplace", "ep"], rng=seed)
        assert timeless(rows) == timeless(alone.rows)
    # one row is lost, and a seed more is asked for: the others are the very same, seconds too
    with open_store(out, COMPARISON) as store:
        store.remove("comparison", [RowKey("newcomb", "gibbs", "quick", 6)])
    call(*options, "--seeds", "3", "--out", out)
    again = vi_lab.load(out).by_seed
    assert list(again) == [5, 6, 7] and again[6][1] == found[6][1]
    assert timeless(again[6]) == timeless(found[6]) and again[6][0] != found[6][0]
    text, _ = call("study", "report", out, "--format", "json")
    assert len(strict(text)["rows"]) == 9


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
