"""The command line as a user meets it."""

import csv
import io
import os
import subprocess
import sys
from dataclasses import replace

import pytest

import vi_lab
from tests.console import SCRIPT, call, environment, run
from tests.faults import strict, unwritten
from tests.tables import table
from tests.test_architecture import LAZY
from tests.thinning import mostly_slow
from vi_lab.cli import main as cli
from vi_lab.cli import run_compare
from vi_lab.comparison import jobs
from vi_lab.comparison.compare import COLUMNS
from vi_lab.figures.comparison import FORMATS
from vi_lab.problems.named import list_problems

PROBLEMS = ["newcomb", "coal"]
METHODS = ["exact", "exact-draws", "metropolis-hastings", "gibbs", "cavi", "linear-response",
           "gaussian-full-rank"]  # fmt: skip
BY_NAME = {"laplace", "gaussian-mean-field", "gaussian-linear-response", "hmc"}  # and by preset
CHECK_KEYS = {
    "problem", "method", "log_evidence", "elbo", "kl", "residual", "tolerance", "holds", "routes",
}  # fmt: skip
PICTURES = {f"coal-{kind}{end}" for kind in ("marginals", "joint", "nats", "data")
            for end in (".png", ".svg")}  # fmt: skip


def timeless(rows):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A folder far from the checkout."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(scope="module")
def job(elsewhere):
    """The main job, on some of the problems: every method, results left in a folder."""
    command = ("compare", *PROBLEMS, "--format", "json", "--out", "results", "--jobs", "1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["vi-lab", *command])
        patch.setattr("vi_lab.cli.report.keep_sections", lambda *arguments: None)
        patch.setattr("vi_lab.cli.report.write_after_run", unwritten)
        for suffix in FORMATS:  # pictures are drawn, not rendered
            patch.setitem(FORMATS, suffix, lambda figure, alt, title: b"a picture")
        out, err = call(*command, cwd=elsewhere)
    return strict(out), err, elsewhere / "results"


# compare


def test_compare_measures_every_method_on_every_problem(job):
    document, err, _ = job
    rows = document["rows"]
    assert [(r["problem"], r["method"]) for r in rows] == [
        (problem, method) for problem in PROBLEMS for method in METHODS
    ]
    assert all(list(row) == list(COLUMNS) for row in rows)
    assert list(document["verdicts"]) == PROBLEMS
    assert document["budget"] == "quick"
    assert document["seed"] == 0
    assert document["interrupted"] is False
    command = f"vi-lab compare {' '.join(PROBLEMS)} --format json --out results --jobs 1"
    assert document["provenance"]["command"] == command
    assert err == "vi-lab: results are in results\n"


def test_compare_leaves_whole_results(job):
    document, _, folder = job
    assert strict((folder / "compare.json").read_text(encoding="utf-8")) == document
    written = list(csv.DictReader(io.StringIO((folder / "compare.csv").read_text("utf-8"))))
    assert [(r["problem"], r["method"]) for r in written] == [
        (r["problem"], r["method"]) for r in document["rows"]
    ]
    assert "\n- CAVI falls " in (folder / "compare.txt").read_text(encoding="utf-8")
    for row in document["rows"]:
        if row["applies"]:
            path = folder / row["problem"] / row["method"]
            result = vi_lab.load(path, vi_lab.problem(row["problem"]))
            assert strict(path.with_suffix(".json").read_text(encoding="utf-8"))["seed"] == 0
            if row["elbo"] is not None:
                assert result.elbo == row["elbo"]
    assert {path.name for path in (folder / "figures").iterdir()} > PICTURES
    assert not list(folder.rglob("*.part"))


def test_a_part_of_the_run_gives_the_same_numbers_as_the_whole(job):
    document, _, _ = job
    command = ("compare", "coal", "newcomb", "--methods", "cavi,gibbs", "--seed", "0")
    out, err = call(*command, "--format", "json")
    assert err == ""
    part = timeless(strict(out)["rows"])
    assert len(part) == 4
    whole = timeless(document["rows"])
    assert all(row in whole for row in part)
    out, _ = call(*command[:-1], "1", "--format", "json")
    other = timeless(strict(out)["rows"])
    assert [r["method"] for r in other] == [r["method"] for r in part]
    assert other != part


@pytest.mark.parametrize("words", [["exact", "cavi"], ["exact,cavi"], ["exact,", "cavi"]])
def test_methods_may_be_separated_by_spaces_or_commas(words):
    out, _ = call("compare", "coal", "--methods", *words, "--format", "csv")
    row, other = csv.DictReader(io.StringIO(out))
    assert (row["method"], other["method"]) == ("exact", "cavi")
    assert list(row) == list(COLUMNS)
    assert float(row["log_evidence"]) == pytest.approx(-176.4678989144, abs=1e-9)
    assert row["elbo"] == ""


def test_the_table_has_a_row_a_method_and_a_verdict(job):
    lines = (job[2] / "compare.txt").read_text(encoding="utf-8").splitlines()
    lines = lines[lines.index("coal") :]
    assert lines[0] == "coal"
    assert [line.split()[0] for line in lines if line.split()[0] in METHODS] == METHODS
    assert any(line.startswith("- CAVI falls") for line in lines)
    assert max(map(len, lines)) <= 120


def test_a_sweep_varies_a_problem_along_its_parameter():
    options = ("--sweep", "--methods", "exact,cavi", "--format", "json")
    out, _ = call("compare", "correlated", *options)
    rows = strict(out)["rows"]
    assert [row["problem"] for row in rows[::2]][:2] == ["correlated rho=0", "correlated rho=0.3"]
    ratios = [row["sd_ratio_min"] for row in rows[1::2]]
    correlations = (0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.99)
    assert ratios == pytest.approx([(1 - rho**2) ** 0.5 for rho in correlations])
    _, err = call("compare", "newcomb", *options, code=2)
    assert "'newcomb' has no sweep" in err


def test_a_sweep_of_everything_passes_over_what_has_none(monkeypatch, capsys):
    asked = []

    def noted(groups, *options, **more):
        asked.extend(item.name for group in groups for item in group)
        return vi_lab.compare("correlated", methods="exact"), []

    monkeypatch.setattr(run_compare.lab, "run", noted)
    assert cli.main(["compare", "--sweep"]) == 0
    assert {"correlated rho=0", "correlated", "correlated rho=0.99"} <= set(asked)
    assert not {"newcomb", "coal"} & set(asked)
    assert len(set(asked)) == len(asked)


# check


@pytest.mark.parametrize(
    "names",
    [
        ["coin", "newcomb", "coal", "sprinkler", "galaxies"],
        pytest.param([], marks=pytest.mark.slow, id="all"),
    ],
)
def test_check_keeps_a_ledger_for_every_q_of_every_problem(names):
    out, err = call("check", *names, "--format", "json", "--jobs", "1")
    entries = strict(out)
    assert err == ""
    assert {entry["problem"] for entry in entries} == set(names or list_problems())
    assert sum(entry["holds"] is True for entry in entries) >= 4 * 4
    for entry in entries:
        assert CHECK_KEYS <= entry.keys()
        assert entry["holds"] is True or (entry["holds"] is None and entry["reason"])
        if entry["holds"]:
            residual = entry["log_evidence"] - entry["elbo"] - entry["kl"]
            assert abs(residual) <= entry["tolerance"]
            assert entry["kl"] >= -entry["tolerance"]
            assert entry["residual"] == pytest.approx(residual, abs=1e-12)
            assert set(entry["routes"]) == set(entry["errors"]) == {"log_evidence", "elbo", "kl"}


def test_check_prints_the_five_lines():
    out, _ = call("check", "coin", "--steps")
    assert out.count("(1)   -E[log p(z|x)/q]") == 4
    assert out.count("(5)   -(E[log p(z,x)] - E[log q]) + log p(x)") == 4
    assert out.endswith("the ledger holds for 4 of 4 q\n")
    out, _ = call("check", "coin", "--steps", "--format", "json")
    for entry in strict(out):
        values = [line["value"] for line in entry["steps"]]
        assert values == pytest.approx([entry["kl"]] * 5, abs=1e-8)


def test_a_ledger_that_does_not_hold_ends_with_1(monkeypatch):
    """The mistake: a constant planted in a log joint, so that it is no longer normalised."""
    right = vi_lab.NormalGamma.log_joint
    monkeypatch.setattr(
        vi_lab.NormalGamma, "log_joint", lambda self, stats: right(self, stats) + 0.1
    )
    out, _ = call("check", "newcomb", "correlated", "--format", "json", code=1)
    holds = {(e["problem"], e["holds"]) for e in strict(out)}
    assert holds == {("newcomb", False), ("correlated", True)}
    out, _ = call("check", "newcomb", "correlated", code=1)
    assert "the ledger holds for 4 of 8 q: NOT for newcomb cavi start" in out


# problems


def test_problems_are_listed_with_what_applies():
    out, _ = call("problems", "--format", "json")
    listed = strict(out)
    assert [item["problem"] for item in listed] == list(list_problems())
    assert {"newcomb", "darwin", "correlated", "coal"} <= set(list_problems())
    assert all(
        list(item) == ["problem", "story", "data", "n", "latents", "methods"] for item in listed
    )
    assert listed[0]["latents"] == ["mu", "tau"]
    applying = listed[0]["methods"]
    assert [name for name in applying if name not in BY_NAME] == METHODS
    assert set(applying) == {*METHODS, *BY_NAME}
    out, _ = call("problems")
    for item in listed:
        flat = " ".join(out.split())  # long lines are wrapped
        assert item["story"] in flat and item["data"] in flat and f"(n = {item['n']})" in flat
    assert max(map(len, out.splitlines())) <= 120


# Bad input


@table(
    ("arguments", "message"),
    [
        (["compare", "coall"], "problem: unknown name 'coall'; did you mean 'coal'?"),
        (["compare", "coal", "--methods", "giibs"], "methods: unknown name 'giibs'; did you mean"),
        (["compare", "coal", "--methods", "cavi,metropolis"], "mean 'metropolis-hastings'?"),
        (["compare", "--methods", "cavi", "coal"], "problems go before --methods"),
        (["compare", "coal", "--budget", "ful"], "budget: unknown name 'ful'; did you mean 'full'"),
        (["compare", "coal", "--seed", "-1"], "--seed: needs a whole number of at least 0"),
        (["compare", "coal", "--seed", "one"], "--seed: needs a whole number of at least 0"),
        (["compare", "coal", "--format", "yaml"], "invalid choice: 'yaml'"),
        (["check", "nwcomb"], "problem: unknown name 'nwcomb'; did you mean 'newcomb'?"),
        (["check", "coal", "--stepps"], "unrecognized arguments: --stepps"),
        (["problem"], "invalid choice: 'problem'"),
        ([], "the following arguments are required: COMMAND"),
    ],
)  # fmt: skip
def test_bad_names_end_with_2_and_a_suggestion(arguments, message):
    out, err = call(*arguments, code=2)
    assert out == ""
    assert message in err and len(err.splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("a file")
    out, err = call("compare", "coal", "--methods", "exact", "--out", "taken", code=2)
    assert out == ""
    assert err.startswith("vi-lab: error: cannot write taken")
    assert (tmp_path / "taken").read_text() == "a file"


# Interrupted


def test_ctrl_c_among_the_figures_costs_no_table(monkeypatch, tmp_path):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("vi_lab.figures.comparison.save_problem_figures", interrupted)
    options = ("coal", "--methods", "exact", "--format", "json", "--out", str(tmp_path / "results"))
    out, err = call("compare", *options, code=130)
    assert len(strict(out)["rows"]) == 1
    assert strict((tmp_path / "results" / "compare.json").read_text("utf-8")) == strict(out)
    assert err.endswith("vi-lab: interrupted; 1 rows were finished and are above\n")


def test_ctrl_c_among_the_rows_leaves_a_report_of_those_that_are_finished(monkeypatch, tmp_path):
    """It says that it is not all. By a real signal: tests/runtime/test_interrupts.py."""

    def interrupted(*_):
        raise KeyboardInterrupt

    methods = (replace(m, run=interrupted) if m.name == "cavi" else m for m in jobs.METHODS)
    monkeypatch.setattr(jobs, "METHODS", tuple(methods))
    words = ("coin", "newcomb", "--methods", "exact,cavi", "--out", "results", "--jobs", "1")
    out, _ = call("compare", *words, cwd=tmp_path, code=130)
    assert "Stopped: 1 of 4 results were finished and are in results" in out
    page = (tmp_path / "results" / "index.html").read_text("utf-8")
    assert "Stopped early: 1 of 4 results were finished" in page
    assert 'id="coin"' in page and 'id="newcomb"' not in page


# Streams


@pytest.mark.skipif(os.name == "nt", reason="a closed pipe is told in another way there")
@pytest.mark.parametrize("unbuffered", mostly_slow(["", "1"]))
def test_a_reader_that_leaves_is_no_error(unbuffered, elsewhere):
    """vi-lab atlas coin | head -0"""
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run(
            [SCRIPT, "atlas", "coin"], cwd=elsewhere, env=environment(PYTHONUNBUFFERED=unbuffered),
            stdout=write_end, stderr=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip
    finally:
        os.close(write_end)
    assert (done.returncode, done.stderr) == (0, "")


# Quick to answer


def spent(*command, cwd):
    """Seconds of processor time, which others on this machine change less than those of a clock."""
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    run(*command, cwd=cwd, PYTHONDONTWRITEBYTECODE="")
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


@pytest.mark.skipif(os.name == "nt", reason="no processor times of children there")
def test_help_and_import_are_quick(elsewhere):
    """Half a second on an idle machine; here against what numpy and scipy.special alone need."""
    bare = (sys.executable, "-c", "import numpy, scipy.special")

    def quick():  # help imports vi_lab
        return spent(SCRIPT, "--help", cwd=elsewhere) < 2.5 * spent(*bare, cwd=elsewhere)

    assert quick() or quick()  # once more where the machine was busy


def test_nothing_slow_is_imported(elsewhere):
    """In a fresh interpreter: whatever this test run has imported proves nothing."""
    code = f"""
import contextlib, sys
from vi_lab.cli.main import main
for option in ("--version", "--help"):
    with contextlib.suppress(SystemExit):
        main([option])
print("loaded:", *[name for name in {LAZY} if name in sys.modules])
"""
    out, _ = run(sys.executable, "-c", code, cwd=elsewhere)
    assert out.splitlines()[-1].strip() == "loaded:"


def test_help_names_the_commands_and_their_options():
    out, _ = call("--help")
    assert all(word in out for word in ("compare", "check", "problems", "--version"))
    out, _ = call("compare", "--help")
    options = ("--methods", "--seed", "--budget", "--format", "--out", "--sweep")
    assert all(option in out for option in options)
    unbroken = "".join(out.split())  # argparse breaks lines at hyphens
    assert all(name in unbroken for name in (*list_problems(), *METHODS, *BY_NAME, "classic"))
    out, _ = call("--version")
    assert out == f"vi-lab {vi_lab.__version__}\n"
