"""A study: every row once, the same whoever computes it, and there after a kill."""

import os
import re
import shutil
import sqlite3
from contextlib import closing
from functools import partial

import pytest

import vi_lab
from tests.console import call
from tests.forks import outcome
from tests.places import ROOT
from tests.studies.rows import double, measure_of, noted
from vi_lab import ResultFileError
from vi_lab.errors import ViLabError
from vi_lab.studies.cases import find_case, list_cases
from vi_lab.studies.running import list_keys, run_missing
from vi_lab.studies.store import open_store
from vi_lab.studies.study import study

DOUBLE = measure_of(double, shown=("twice",))


def run(out, measure=DOUBLE, problems="coal", methods="double", **more):
    return study(problems=problems, methods=methods, measure=measure, out=out, **more)


def numbers(rows):
    """Rows without the seconds that they took."""
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def begun(folder):
    """How often each row was begun."""
    return {int(path.name): path.stat().st_size for path in folder.iterdir()}


def test_every_row_is_there_in_its_parts_and_an_error_is_a_row(tmp_path):
    made = run(tmp_path, methods=["double", "nothing", "broken"], seeds=[5, 2], jobs=1)
    rows = list(made.rows())
    assert [(r["method"], r["seed"], r["part"]) for r in rows] == [
        ("broken", 2, 0), ("broken", 5, 0), ("double", 2, 0), ("double", 2, 1),
        ("double", 5, 0), ("double", 5, 1), ("nothing", 2, 0), ("nothing", 5, 0),
    ]  # fmt: skip
    assert rows[2]["twice"] == 4 and rows[3]["twice"] is None and rows[2]["budget"] == "small"
    assert (rows[0]["status"], rows[0]["error"]) == ("raised", "ValueError: a row of two lines")
    assert (rows[6]["status"], rows[6]["error"]) == ("does not apply", "nothing is done")
    assert made.planned == 6 and not made.interrupted
    (line,) = made.table()
    assert (line["number"], line["rows"], line["median"]) == ("twice", 2, 7.0)
    assert "2 rows raised" in made.text() and "a row of two lines (2 rows)" in made.text()
    frame = made.to_pandas()
    assert frame.loc[("coal", "double", "small", 5, 0), "twice"] == 10
    again = vi_lab.read_study(tmp_path)
    assert (again.measure, again.planned) == ("twice", 6)


def test_no_row_is_computed_twice(tmp_path):
    notes = tmp_path / "notes"
    notes.mkdir()
    measure = measure_of(partial(noted, notes, False))
    run(tmp_path, measure, seeds=2, jobs=1)
    run(tmp_path, measure, seeds=4, jobs=1)
    assert begun(notes) == dict.fromkeys(range(4), 1)


def test_rows_are_the_same_in_two_processes(tmp_path):
    two = run(tmp_path / "two", measure_of(double, seconds=100.0), seeds=3, jobs=2)
    assert numbers(two.rows()) == numbers(run(tmp_path / "one", seeds=3, jobs=1).rows())


@pytest.mark.slow  # a process that dies takes the others with it, and all begin again
def test_rows_are_the_same_in_many_processes_though_one_is_killed(tmp_path):
    notes = tmp_path / "notes"
    notes.mkdir()
    measure = measure_of(partial(noted, notes, True), seconds=100.0)
    many = run(tmp_path / "many", measure, seeds=8, jobs=2)
    assert begun(notes)[3] == 2  # it was killed once
    assert numbers(many.rows()) == numbers(run(tmp_path / "one", seeds=8, jobs=1).rows())


def test_after_kill_9_of_everything_the_same_study_goes_on(tmp_path):
    out, notes = tmp_path / "out", tmp_path / "notes"
    notes.mkdir()
    main = "import runpy; runpy.run_module('tests.studies.rows', run_name='__main__')"
    command = (main, out, notes, 6)
    assert outcome(*command, cwd=ROOT)[0] == -9
    kept = list(vi_lab.read_study(out).rows())
    assert [row["seed"] for row in kept if row["part"] == 0] == [0, 1, 2]
    assert outcome(*command, cwd=ROOT) == (0, "", "")
    assert begun(notes) == {0: 1, 1: 1, 2: 1, 3: 2, 4: 1, 5: 1}
    rows = list(vi_lab.read_study(out).rows())
    assert rows[: len(kept)] == kept  # the very same, seconds too
    assert numbers(rows) == numbers(run(tmp_path / "whole", seeds=6, jobs=1).rows())


def test_ctrl_c_keeps_what_is_finished(tmp_path):
    def stop(answer):
        if answer.key.seed == 2:
            raise KeyboardInterrupt

    made = run(tmp_path, seeds=9, jobs=1, on_row=stop)
    assert made.interrupted and len(list(made.rows())) == 2 * 3
    assert not run(tmp_path, seeds=9, jobs=1).interrupted


def test_comparison_is_what_compare_finds(tmp_path):
    """Many seeds of `compare` are a study too: to the last digit."""
    made = study(problems="newcomb", methods=["cavi", "laplace"], seeds=[3], out=tmp_path, jobs=1)
    rows = {row["method"]: row for row in made.rows()}
    for row in vi_lab.compare("newcomb", methods=["cavi", "laplace"], rng=3).rows:
        for name in ("elbo", "gap", "kl", "mean_error", "sd_ratio_min", "wasserstein"):
            assert rows[row.method][name] == getattr(row, name)


def test_drawn_data_hang_on_the_name_alone():
    assert list_cases(["coal", "newcomb@3-5", "newcomb@4"]) == (
        "coal", "newcomb@3", "newcomb@4", "newcomb@5")  # fmt: skip
    first, other = find_case("newcomb@3"), find_case("newcomb@4")
    find_case.cache_clear()
    again = find_case("newcomb@3")
    assert first.latents == again.latents and first.latents != other.latents
    assert (first.problem.model.x == again.problem.model.x).all()
    assert len(first.problem.model.x) == len(find_case("newcomb").problem.model.x)


@pytest.mark.parametrize(
    "wrong, told",
    [
        (dict(problems="cola"), "problems: unknown name 'cola'; did you mean 'coal'?"),
        (dict(problems="cola@3"), "did you mean 'coal'?"),
        (dict(problems="coal@9-3"), "needs a range of 1 to 1,000,000 data sets"),
        (dict(methods="duble"), "methods: unknown name 'duble'; did you mean 'double'?"),
        (dict(budgets="tiny"), "budgets: unknown name 'tiny'"),
        (dict(seeds=0), "seeds: needs a whole number of at least 1"),
        (dict(seeds=[]), "seeds: needs at least one"),
        (dict(measure="comparsion"), "did you mean 'comparison'?"),
        (dict(jobs=0), "jobs: needs a whole number"),
        (dict(on_row=lambda: None), "on_row: needs a function of (row), got <function"),
        (dict(on_row=lambda row, more: None), "missing a required argument: 'more'"),
    ],
)
def test_unknown_names_are_told(tmp_path, wrong, told):
    with pytest.raises(ViLabError, match=re.escape(told)):
        run(tmp_path / "new", **wrong)
    assert not (tmp_path / "new").exists()


def change(out, statement):
    with closing(sqlite3.connect(out / "study.sqlite")) as store, store:
        store.execute(statement)


@pytest.mark.parametrize(
    "statement, told",
    [
        ("UPDATE info SET value = '0' WHERE name = 'schema'", "is of schema 0"),
        ("UPDATE info SET value = '0.0.1' WHERE name = 'vi_lab'", "was made by vi_lab 0.0.1"),
        ("ALTER TABLE twice RENAME COLUMN word TO words", "other columns of twice (word, words)"),
        ("DROP TABLE info", "is no store of a study"),
    ],
)
def test_another_store_is_refused(tmp_path, statement, told):
    run(tmp_path, seeds=1, jobs=1)
    change(tmp_path, statement)
    with pytest.raises(ResultFileError, match=re.escape(told)):
        run(tmp_path, seeds=2, jobs=1)


def test_what_is_no_database_is_refused(tmp_path):
    (tmp_path / "study.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(ResultFileError, match="file is not a database"):
        vi_lab.read_study(tmp_path)
    with pytest.raises(ResultFileError, match="holds no study"):
        vi_lab.read_study(tmp_path / "nowhere")


@pytest.mark.parametrize("beside", ["", "-wal", "-shm", "-journal"])
def test_a_store_that_is_a_link_or_a_pipe_is_refused(beside, tmp_path):
    """SQLite would make what a link leads to, and write over what has another name elsewhere."""
    (tmp_path / "file").write_bytes(b"mine")
    makers = {
        "link": lambda path: path.symlink_to(tmp_path / "victim"),
        "hard link": lambda path: os.link(tmp_path / "file", path),
        "pipe": os.mkfifo,
        "folder": os.mkdir,
    }
    for name, make in makers.items():
        (folder := tmp_path / name).mkdir()
        make(folder / f"study.sqlite{beside}")
        with pytest.raises(ResultFileError, match=f"sqlite{beside}: it is a link, or no file"):
            run(folder, jobs=1)
    assert not (tmp_path / "victim").exists() and (tmp_path / "file").read_bytes() == b"mine"


def test_a_full_disk_is_told_and_what_is_finished_stays(tmp_path):
    run(tmp_path, seeds=1, jobs=1)

    with open_store(tmp_path, DOUBLE) as store:
        (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
        store._connection.execute(f"PRAGMA max_page_count = {pages + 1}")  # no more room than that
        with pytest.raises(ResultFileError, match="full; rows that are finished are kept"):
            keys = list_keys(["coal"], ["double"], ["small"], range(150))
            run_missing(store, DOUBLE, keys, 1, None, None)
    kept = [row["seed"] for row in vi_lab.read_study(tmp_path).rows() if row["part"] == 0]
    assert kept == list(range(len(kept))) and 1 < len(kept) < 150
    assert len(list(run(tmp_path, seeds=150, jobs=1).rows())) == 300


def test_from_the_command_line(tmp_path):
    file = tmp_path / "small.toml"
    file.write_text('[study]\nproblems = ["newcomb"]\nmethods = ["cavi"]\nseeds = 2\nout = "in"\n')
    out, _ = call("study", file, "--jobs", "1")
    assert "2 rows done" in out and "gap" in out
    again, _ = call("study", "report", tmp_path / "in")
    assert again == out
    assert '"measure": "comparison"' in call("study", file, "--format", "json")[0]
    shutil.rmtree(tmp_path / "in")


@pytest.mark.parametrize(
    "line, told",
    [
        ('problems = ["coal", "cola"]', "did you mean 'coal'? (known: "),
        ('methods = ["gibs"]', "did you mean 'gibbs'?"),
        ('method = ["gibbs"]', "[study] has no key 'method'; did you mean 'methods'?"),
        ('measure = "compare"', "did you mean 'comparison'?"),
        ("seeds = 0", "[study] seeds: needs a whole number of at least 1"),
        ("problems = 3", "problems: needs a list of names"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(tmp_path, line, told):
    file = tmp_path / "small.toml"
    file.write_text(f"# a study\n[study]\n{line}\n")
    _, err = call("study", file, code=2)
    assert told in err and err.rstrip().endswith("(line 3)")
    assert [path.name for path in tmp_path.iterdir()] == ["small.toml"]


def test_what_a_file_needs_is_told(tmp_path):
    file = tmp_path / "small.toml"
    file.write_text("[study]\n")
    assert "[study] needs problems" in call("study", file, code=2)[1]
    assert "there is no file" in call("study", tmp_path / "none.toml", code=2)[1]
    assert "needs one file" in call("study", "report", code=2)[1]
