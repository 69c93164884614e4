"""Progress: silent where nobody watches, one plain line where somebody does."""

import io
from contextlib import redirect_stderr

import pytest

from vi_lab import gibbs, problem
from vi_lab.runtime import progress as module
from vi_lab.runtime.progress import Bar, progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def every_step_is_shown(monkeypatch):
    """tqdm redraws ten times a second at most; here each step counts."""
    monkeypatch.setitem(module.STYLE, "mininterval", 0)


def test_a_pipe_gets_the_items_themselves_and_no_text():
    items = range(3)
    with redirect_stderr(io.StringIO()) as pipe:
        assert progress(items, "label") is items
        with Bar(total=2, unit="row") as bar:
            bar.step("one")
    assert pipe.getvalue() == ""


def test_a_terminal_sees_nothing_of_a_short_job():
    with redirect_stderr(Terminal()) as terminal:
        assert list(progress(range(1000), "label", 1000)) == list(range(1000))
        gibbs(problem("newcomb"), rng=0, draws=50)
    assert terminal.getvalue() == ""


def test_a_terminal_sees_a_plain_line_of_a_long_job(monkeypatch):
    monkeypatch.setitem(module.STYLE, "delay", 1e-9)
    with redirect_stderr(Terminal()) as terminal:
        assert list(progress(range(3), "gibbs", 3)) == [0, 1, 2]
    assert "gibbs: " in terminal.getvalue()
    assert "3/3" in terminal.getvalue()
    assert terminal.getvalue().isascii()


def test_a_bar_says_which_step_is_done_and_clears_its_line():
    with redirect_stderr(Terminal()) as terminal, Bar(total=2, unit="row") as bar:
        bar.step("coal gibbs")
        bar.step("coal cavi")
    shown = terminal.getvalue()
    assert "2/2" in shown
    assert "coal cavi" in shown
    assert shown.isascii()
    assert_cleared(shown)


def test_a_bar_is_cleared_when_its_job_is_interrupted():
    with redirect_stderr(Terminal()) as terminal, pytest.raises(KeyboardInterrupt):
        with Bar(total=2, unit="row") as bar:
            bar.step("coal gibbs")
            raise KeyboardInterrupt
    assert_cleared(terminal.getvalue())


def assert_cleared(shown):
    """What comes last is a line of blanks and a return to its start."""
    *_, last, end = shown.split("\r")
    assert end == ""
    assert last.isspace()
