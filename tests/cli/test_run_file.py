"""`vi-lab compare run.toml`: the same as the options, which win over it."""

import json
from math import log

import pytest

import vi_lab
from tests.console import call
from tests.faults import plainly
from tests.tables import table

RUN = """
[run]
problems = ["coal", "own.py:one"]
methods = ["exact", "cavi"]
seed = 3
budget = "quick"
jobs = 1
out = "results"
format = "json"

[set.coal]
a = [3, 4]

[set."own.py:one"]
prior = "HalfCauchy(2)"
"""
OWN = """
from vi_lab import HalfCauchy, HierarchicalNormal

def one(prior=HalfCauchy(5)):
    return HierarchicalNormal([1.0, 2.0, 3.0], 1.0, 5.0, prior)
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A folder with a run file, seen from another: writes it and calls with it; no pictures."""
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "own.py").write_text(OWN, encoding="utf-8")
    (tmp_path / "there" / "x.csv").write_text("x,y\n1,2\n2,3\n4,5\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def run(text, *words, code=0):
        (tmp_path / "there" / "run.toml").write_text(text, encoding="utf-8")
        return plainly("compare", "there/run.toml", *words, code=code)

    return run


def test_a_run_file_says_everything(run, tmp_path):
    out, _ = run(RUN)
    document = json.loads(out)
    assert [row["problem"] for row in document["rows"]] == ["coal a=[3, 4]"] * 2 + [
        "one prior=HalfCauchy(2)"
    ] * 2
    assert document["seed"] == 3
    coal = vi_lab.compare(vi_lab.problem("coal", a=(3, 4)), methods=["exact", "cavi"], rng=3)
    assert [row["elbo"] for row in document["rows"][:2]] == [row.elbo for row in coal.rows]
    written = tmp_path / "there" / "results"
    assert json.loads((written / "compare.json").read_text("utf-8")) == document
    assert (written / "coal-a=[3,4]" / "cavi.npz").exists()


def test_the_command_line_wins(run, tmp_path):
    options = ("--methods", "exact", "--seed", "5", "--set", "coal.a=2,2", "--out", "here")
    document = json.loads(run(RUN, *options)[0])
    assert [row["problem"] for row in document["rows"]] == ["coal", "one prior=HalfCauchy(2)"]
    assert document["seed"] == 5
    assert (tmp_path / "here" / "compare.json").exists()
    assert not (tmp_path / "there" / "results").exists()
    document = json.loads(run(RUN, "coal", "--methods", "exact")[0])  # what is set of others rests
    assert [row["problem"] for row in document["rows"]] == ["coal a=[3, 4]"]
    assert "log p(x)" in run(RUN, "coin", "--methods", "exact", "--format", "table")[0]


def test_own_data_in_a_run_file(run):
    text = """
        [run]
        data = "x.csv"
        columns = ["x"]
        model = "normal-gamma"
        methods = "exact"
        format = "json"
        [set]
        mu0 = 0
        kappa0 = 1
        a0 = 2
        b0 = 1
        """
    (row,) = json.loads(run(text)[0])["rows"]
    truth = vi_lab.exact(vi_lab.NormalGamma([1, 2, 4], 0, 1, 2, 1))
    assert row["log_evidence"] == truth.log_evidence
    (row,) = json.loads(run(text, "--columns", "y")[0])["rows"]
    truth = vi_lab.exact(vi_lab.NormalGamma([2, 3, 5], 0, 1, 2, 1))
    assert row["log_evidence"] == truth.log_evidence
    (row,) = json.loads(run(text.replace("[set]", "[set.normal-gamma]"))[0])["rows"]
    assert row["problem"] == "x normal-gamma"


def test_a_module_may_stand_by_itself(run):
    document = json.loads(
        run('[run]\nmodule = "own.py:one"\nmethods = "exact"\nformat = "json"')[0]
    )
    assert document["rows"][0]["problem"] == "one"


def test_a_table_is_a_value_where_there_is_one_problem(run):
    text = """
        [run]
        problems = "sprinkler"
        methods = "exact"
        format = "json"
        [set]
        parents = {rain = [], wet_grass = ["rain"]}
        tables = {rain = 0.2, wet_grass = [0.1, 0.9]}
        blocks = "none"
        """
    (row,) = json.loads(run(text)[0])["rows"]
    assert row["log_evidence"] == pytest.approx(log(0.2 * 0.9 + 0.8 * 0.1))


@table(
    ("text", "message"),
    [
        ("[run]\nproblems = [",
         "run.toml: is no TOML; Invalid value (at end of document) (line 2)"),
        ("[run]\nseed 3", "Expected '=' after a key in a key/value pair (at line 2"),
        ("[run]\nseed = 3\nseed = 4", "Cannot overwrite a value (at "),
        ("[runs]\n",
         "run.toml: has no table 'runs'; did you mean 'run'? (known: run, set) (line 1)"),
        ("run = 3", "run.toml: needs a table [run], got 3 (line 1)"),
        ("[run]\nproblem = 'coal'", "[run] has no key 'problem'; did you mean 'problems'?"),
        ("[run]\nseed = -1",
         "run.toml: [run] seed: needs a whole number of at least 0, got -1 (line 2)"),
        ("[run]\nseed = 1.5", "run.toml: [run] seed: needs a whole number, got 1.5"),
        ("[run]\nseeds = 0", "run.toml: [run] seeds: needs a whole number of at least 1, got 0"),
        ("[run]\nseeds = '20'", "run.toml: [run] seeds: needs a whole number, got '20'"),
        ("[run]\nproblems = 'coin'\nseeds = 1000000", "hours of processor time; twenty show"),
        ("[run]\njobs = 0", "run.toml: [run] jobs: needs a whole number of at least 1"),
        ("[run]\nproblems = [1]", "run.toml: [run] problems: needs a list of names, got [1]"),
        ("[run]\nproblems = 'coall'",
         "run.toml: problem: unknown name 'coall'; did you mean 'coal'?"),
        ("[run]\nproblems = 'coal'\nmethods = 'giibs'",
         "run.toml: [run] methods: unknown name 'giibs'"),
        ("[run]\nproblems = 'coal'\nformat = 'yaml'",
         "run.toml: [run] format: unknown name 'yaml' (known: table, markdown, latex, json, csv) "
         "(line 3)"),
        ("[run]\nproblems = 'coal'\nbudget = 'ful'",
         "run.toml: [run] budget: unknown name 'ful'; did you mean 'full'? (known: quick, full) "
         "(line 3)"),
        ("[run]\nproblems = 'coal'\n[set.coall]\na = 1", "problem 'coal' has no argument 'coall'"),
        ("[run]\nproblems = ['coal', 'coin']\n[set.coall]\na = 1",
         "run.toml: [set]: unknown name 'coall'; did you mean 'coal'?"),
        ("[run]\nproblems = ['coal', 'coin']\n[set]\na = 1",
         "run.toml: [set]: needs the problem too where there"),
        ("[run]\nproblems = ['coal', 'coin']\n# seed\n[set]\ncoal.a = 1979-01-01",
         "[set] coal.a: needs a TOML value, numbers parted by commas, a word, or a prior such as "
         "HalfCauchy(5), got 1979-01-01 (line 5)"),
        ("[run]\nproblems = ['coal', 'coin']\n[set.coal]\nb = 1\na = 1979-01-01", "(line 5)"),
        ("[run]\nproblems = ['coal', 'coin']\n[set]\ncoal = 3",
         "run.toml: [set] coal: needs a table, got 3 (line 4)"),
        ("[run]\ndata = 'x.csv'\nmodel = 'normal-gama'", "[run] model: unknown name 'normal-gama'"),
        ("[run]\ndata = 'x.csv'\nmodel = 'normal-gamma'",
         "run.toml: [run] model normal-gamma: needs its prior: [set] mu0=... [set] kappa0=..."),
        ("[run]\nproblems = 'coal'\n[set.coal]\naa = 1", "has no argument 'aa'; did you mean 'a'?"),
        ("[run]\nproblems = 'coal'\n[set]\na = 2026-01-01", "[set] a: needs a TOML value"),
        ("[run]\nproblems = 'eight-schools'\n[set]\ntau_prior = 'HalfCuchy(1)'",
         "run.toml: [set] tau_prior: unknown name 'HalfCuchy'"),
        ("[run]\ndata = 'none.csv'\nmodel = 'normal-gamma'\n[set]\nmu0=0\nkappa0=1\na0=1\nb0=1",
         "run.toml: [run] data: there is no file there/none.csv"),
        ("[run]\nmodule = 'none.py:f'", "problem: there is no file there/none.py"),
        ("x = \"\\q\"", "run.toml: is no TOML; Unescaped '\\' in a string (at line 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_it_is_one_line(run, text, message, tmp_path):
    before = {*tmp_path.rglob("*"), tmp_path / "there" / "run.toml"}
    out, err = run(text, "--out", "results", code=2)
    assert out == ""
    (line,) = err.splitlines()
    assert line.startswith("vi-lab: error: ") and message in line
    assert {*tmp_path.rglob("*")} == before


def test_what_the_command_line_chooses_is_not_said_of_the_file(run):
    text = "[run]\nproblems = 'coal'\n[set.coal]\na = [2, 2]"
    assert run(text, "--set", "a=1", code=2)[1] == "vi-lab: error: a: needs shape (2,), got ()\n"
    assert run(text, "coall", code=2)[1].startswith("vi-lab: error: problem: unknown name 'coall'")


def test_a_run_file_that_is_not_there_or_no_text(tmp_path):
    _, err = call("compare", "none.toml", cwd=tmp_path, code=2)
    assert err == "vi-lab: error: problem: there is no file none.toml\n"
    (tmp_path / "run.toml").write_bytes(b"\xff\xfe")
    assert "run.toml: is no TOML" in call("compare", "run.toml", cwd=tmp_path, code=2)[1]
