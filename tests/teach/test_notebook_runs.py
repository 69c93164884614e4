"""The lessons run: offline, with warnings as errors, and show what they are committed with."""

import copy
import re

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from tests.teach.notebooks import SOURCES, STRICT, code_cells, learners, numbers, tags, texts, words
from tests.teach.notebooks import worked as kept_worked
from tools.notebooks.execution import execute

EVERY_RUN = ("00",)  # the others, some seconds each, in `make slow`
RUNS = [
    pytest.param(name, marks=() if name[:2] in EVERY_RUN else pytest.mark.slow) for name in SOURCES
]
SECONDS = 15
CPU = "import time as _time\nprint('seconds', _time.process_time())"


@pytest.fixture(scope="session")
def kernel(tmp_path_factory):
    """A kernel that is offline, strict, and knows nothing of the user's settings."""
    home = tmp_path_factory.mktemp("ipython")
    startup = home / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "strict.py").write_text(STRICT, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PYTHONSTARTUP", "PYTHONWARNINGS", "MPLBACKEND"):
            patch.delenv(name, raising=False)
        patch.setenv("IPYTHONDIR", str(home))
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("OPENBLAS_NUM_THREADS", "1")
        yield


def run(notebook):
    """The notebook run anew, and the CPU seconds of its kernel."""
    again = copy.deepcopy(notebook)
    again.cells.append(nbformat.v4.new_code_cell(CPU))
    execute(again)
    clock = again.cells.pop()
    return again, float(re.search(r"seconds ([\d.]+)", clock.outputs[0].text)[1])


def assert_the_same(kept, now):
    """Words are the same, numbers agree; a cell that shows run times is tagged and left out."""
    for before, after in zip(code_cells(kept), code_cells(now), strict=True):
        if "seconds" in tags(before):
            continue
        old, new = list(texts(before)), list(texts(after))
        again = f"cell {before.id}: please run python -m tools.notebooks"
        assert list(map(words, old)) == list(map(words, new)), again
        for one, two in zip(old, new, strict=True):
            assert numbers(one) == pytest.approx(numbers(two), rel=1e-4, abs=1e-8), again


@pytest.mark.parametrize("name", RUNS)
def test_a_worked_lesson_runs_and_shows_what_it_is_committed_with(name, kernel):
    kept = kept_worked(name)
    now, seconds = run(kept)
    assert_the_same(kept, now)
    assert seconds <= SECONDS


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
def test_a_learners_lesson_runs_with_nothing_attempted(name, kernel):
    now, _ = run(learners(name))
    for cell in code_cells(now):
        for output in cell.outputs:
            assert output.output_type != "error" and output.get("name") != "stderr", cell.source
        for identity in re.findall(r'^(?:check|choose|predict)\("([^"]+)"', cell.source, re.M):
            assert f"{identity} · " in "".join(texts(cell))


def test_a_stale_output_would_be_seen():
    kept = kept_worked(next(iter(SOURCES)))
    cell = next(c for c in code_cells(kept) if any(map(numbers, texts(c))))
    stale = copy.deepcopy(kept)
    (other,) = [c for c in stale.cells if c.id == cell.id]
    for output in other.outputs:
        if output.output_type == "stream":
            output.text += "7"
        else:
            output.data["text/plain"] += "7"
    with pytest.raises(AssertionError):
        assert_the_same(kept, stale)


@pytest.mark.slow
def test_a_lesson_that_calls_out_or_warns_fails(kernel):
    refused = {
        "import socket; socket.create_connection(('192.0.2.1', 80), 1)": "no network",
        "import socket; socket.socket().connect(('192.0.2.1', 80))": "no network",
        "import urllib.request; urllib.request.urlopen('http://example.org')": "no network",
        "import warnings; warnings.warn('beware')": "UserWarning: beware",
    }
    reaches = """
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname()).close()
print("this machine")
"""
    marked = {"tags": ["raises-exception"]}
    made = [nbformat.v4.new_code_cell(text, metadata=marked) for text in [*refused, reaches]]
    *cells, last = execute(nbformat.v4.new_notebook(cells=made)).cells
    for cell, said in zip(cells, refused.values(), strict=True):
        (output,) = cell.outputs
        assert output.output_type == "error" and said in f"{output.ename}: {output.evalue}"
    assert last.outputs[0].text == "this machine\n"
    with pytest.raises(CellExecutionError):
        execute(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")]))
