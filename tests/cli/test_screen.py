"""What `vi-lab compare` shows: a summary of many, details by name or asked for, what is next."""

import io
import json

import pytest

from tests.comparison.test_summary import ROWS
from tests.console import call
from vi_lab.cli import screen
from vi_lab.cli.screen import Shown, print_last_lines, print_rows
from vi_lab.comparison.compare import Comparison
from vi_lab.comparison.row import Row

VERDICTS = dict.fromkeys(dict.fromkeys(row.problem for row in ROWS), "A verdict.")
MADE = Comparison(tuple(ROWS), VERDICTS, {}, "quick")


def print_comparison(comparison, how):
    """As the command does it, which writes a report in between."""
    print_last_lines(comparison, how, print_rows(comparison, how))


def shown(capsys, comparison=MADE, **more):
    how = {"details": False, "quiet": False, "total": 0, "seconds": 24.2, "out": None, **more}
    print_comparison(comparison, Shown(**how))
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def plain_place(monkeypatch, tmp_path):
    """A folder without lessons; a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(screen.shutil, "which", lambda name: f"/bin/{name}")


def test_many_problems_end_with_a_summary_and_the_next_steps(capsys, tmp_path):
    out = shown(capsys, out=tmp_path / "results")
    lines = out.splitlines()
    assert lines[0] == "7 problems, 12 results in 24 s (quick budget, seed 0)"
    assert lines[2].split() == "nats short of log p(x) least sd".split()
    assert "Metropolis-Hastings agrees" not in out and "log joints" not in out
    assert f"Results  {tmp_path / 'results'}/" in lines
    assert lines[-2].split()[:5] == ["Next", "vi-lab", "compare", "stuck", "--verbose"]
    assert "make notebooks" not in out
    (tmp_path / "Makefile").touch()
    (tmp_path / "notebooks").mkdir()
    assert shown(capsys).splitlines()[-1].split()[:2] == ["make", "notebooks"]


def test_no_more_than_forty_lines_for_twenty_seven_problems(capsys, tmp_path):
    (tmp_path / "Makefile").touch()
    (tmp_path / "notebooks").mkdir()
    rows = [Row(f"problem-{i}", "cavi", True, elbo=-1.0 - i, gap=1.0 + i, gap_error=1e-9,
                converged=i > 0, sd_ratio_min=0.5) for i in range(27)]  # fmt: skip
    rows.append(Row("problem-3", "gibbs", True, rhat=2.0))
    many = Comparison(tuple(rows), {row.problem: "." for row in rows}, {}, "quick")
    lines = shown(capsys, many, out=tmp_path.relative_to(tmp_path)).splitlines()
    assert len(lines) <= 40 and max(map(len, lines)) <= 80


@pytest.mark.parametrize("details", [False, True])
@pytest.mark.parametrize("name", ["\x1b[2Jgone", "a\u202eb", "two\nlines", "n" * 10_000])
def test_a_name_neither_moves_the_cursor_nor_fills_the_screen(name, details, capsys):
    row = Row(name, "cavi", True, elbo=-1.0, gap=0.5, gap_error=1e-9, converged=True)
    for rows in ([row], [row, Row("b", "cavi", True, elbo=-1.0)]):
        made = Comparison(tuple(rows), {each.problem: "." for each in rows}, {}, "quick")
        lines = shown(capsys, made, details=details).splitlines()
        assert not {"\x1b", "\u202e", "lines"} & {*"".join(lines), *lines}
        words = [line for line in lines if "vi-lab" not in line]  # commands are not cut
        assert all(len(line) <= 80 for line in words)


def test_details_come_before_the_summary(capsys):
    out = shown(capsys, details=True)
    assert out.index("log p(x)") < out.index("7 problems")
    assert "- gibbs: broke down: overflow" in out


def test_quiet_leaves_the_last_lines(capsys, tmp_path):
    lines = shown(capsys, quiet=True, details=True, out=tmp_path / "r").splitlines()
    assert lines[0].startswith("7 problems, 12 results")
    assert [line.split()[0] for line in lines[1:] if line] == ["No", "1", "A", "Results"]


def test_after_ctrl_c_it_says_how_much_was_finished(capsys, tmp_path):
    cut = Comparison(tuple(ROWS), VERDICTS, {}, "quick", interrupted=True)
    last = shown(capsys, cut, total=163, out=tmp_path.relative_to(tmp_path) / "results")
    assert last.endswith("Stopped: 12 of 163 results were finished and are in results.\n")
    last = shown(capsys, cut, total=163).splitlines()[-1]
    assert last == "Stopped: 12 of 163 results were finished."
    nothing = Comparison((), {}, {}, "quick", interrupted=True)
    assert shown(capsys, nothing, total=3) == "Stopped: 0 of 3 results were finished.\n"


@pytest.mark.parametrize(
    ("variables", "terminal", "coloured"),
    [({}, True, True), ({}, False, False), ({"NO_COLOR": "1"}, True, False),
     ({"TERM": "dumb"}, True, False)],
)  # fmt: skip
def test_colour_is_for_terminals_that_want_it(variables, terminal, coloured, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    stream = io.StringIO()
    stream.isatty = lambda: terminal
    monkeypatch.setattr("sys.stdout", stream)
    print_comparison(MADE, Shown(True, False, 0, 1.0, None))
    assert ("\033[" in stream.getvalue()) is coloured
    assert "\033[31mMH; CAVI stopped\033[0m" in stream.getvalue() or not coloured


def test_without_a_command_of_its_name_the_program_says_how_it_was_called(capsys, monkeypatch):
    monkeypatch.setattr(screen.shutil, "which", lambda name: None)
    monkeypatch.setattr("sys.argv", ["/somewhere/vi_lab/__main__.py"])
    assert "python -m vi_lab compare stuck --verbose" in shown(capsys)


def test_formats_have_the_same_rows():
    options = ("compare", "coal", "--methods", "exact,cavi")
    markdown, _ = call(*options, "--format", "markdown")
    latex, _ = call(*options, "--format", "latex")
    rows = json.loads(call(*options, "--format", "json")[0])["rows"]
    head, rule, *body = markdown.splitlines()
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in body]
    assert [c[:3] for c in cells] == [
        ["coal", "exact", f"{rows[0]['log_evidence']:.6f}"],
        ["coal", "cavi", f"{rows[1]['elbo']:.6f}"],
    ]
    assert head.count("|") == rule.count("|") == body[0].count("|")
    lines = latex.splitlines()
    assert lines[0] == r"\begin{tabular}{llrrrrrrrrrr}" and lines[-1] == r"\end{tabular}"
    assert lines[4].startswith(f"coal & exact & {rows[0]['log_evidence']:.6f} & 0 $\\pm$ ")


def test_one_problem_has_its_table_and_a_bullet_a_method():
    out, _ = call("compare", "coal", "--methods", "exact,gibbs,cavi")
    lines = out.splitlines()
    assert lines[0] == "coal" and max(map(len, lines)) <= 80
    assert [line[:8] for line in lines if line.startswith("- ")] == ["- Gibbs ", "- CAVI f"]
    assert "Next" in out and "best q" not in out


def test_quiet_and_verbose_exclude_each_other():
    _, err = call("compare", "coal", "-q", "-v", code=2)
    assert "not allowed with" in err


def test_tables_for_documents_end_their_last_line():
    for text, start in ((MADE.to_markdown(), "|"), (MADE.to_latex(), "\\begin{tabular}")):
        assert text.startswith(start) and text.endswith("\n") and not text.endswith("\n\n")
