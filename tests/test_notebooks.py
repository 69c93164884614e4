"""The lessons: each runs from top to bottom, offline, and still shows what it is committed with."""

import importlib.util
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parents[1]
SPEC = importlib.util.spec_from_file_location("execute", ROOT / "notebooks" / "execute.py")
execute = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(execute)

LESSONS = {path.stem: path for path in execute.lessons()}

# Run by IPython before the first cell: nothing but this machine can be reached, and a warning is an
# error. The kernel's own channels are not Python sockets.
STRICT = """
import socket
import warnings

HERE = ("127.0.0.1", "::1", "localhost")


def refuse(name):
    original = getattr(socket.socket, name)

    def checked(self, address, *rest):
        if self.family != getattr(socket, "AF_UNIX", None) and address[0] not in HERE:
            raise OSError(f"no network in a lesson: {address}")
        return original(self, address, *rest)

    setattr(socket.socket, name, checked)


def look_up(host, *rest, **more):
    if host not in (*HERE, None):
        raise OSError(f"no network in a lesson: {host}")
    return original(host, *rest, **more)


original = socket.getaddrinfo
socket.getaddrinfo = look_up
refuse("connect")
refuse("connect_ex")
warnings.simplefilter("error")
warnings.filterwarnings("default", module="ipykernel")  # its own affairs, when it shuts down
"""

NUMBER = re.compile(r"(?<![\w.])[-−+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?", re.I)
CODE = re.compile(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|<pre>.*?</pre>", re.S)


@pytest.fixture(scope="session")
def kernel(tmp_path_factory):
    """Keywords for a kernel that is offline, strict, and knows nothing of the user's settings."""
    home = tmp_path_factory.mktemp("ipython")
    startup = home / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "strict.py").write_text(STRICT, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PYTHONSTARTUP", "PYTHONWARNINGS", "MPLBACKEND"):
            patch.delenv(name, raising=False)
        patch.setenv("IPYTHONDIR", str(home))
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        yield {}


@pytest.fixture(scope="session", params=LESSONS)
def lesson(request, kernel):
    """A lesson as it is committed, and as it runs now."""
    path = LESSONS[request.param]
    return nbformat.read(path, as_version=4), execute.execute(path, **kernel)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


class Alternatives(HTMLParser):
    """The alt text of every image (None where one has none)."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.found.append(dict(attributes).get("alt"))


def texts(cell):
    """What a cell shows, as text: streams, plain text, and HTML without the bytes of pictures."""
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.text
        for kind, content in sorted(output.get("data", {}).items()):
            if kind == "text/html":
                yield unescape(re.sub(r'src="data:image/png;base64,[^"]*"', "", content))
            elif kind.startswith("text/"):
                yield content


def numbers(text):
    return [float(n.replace(",", "").replace("−", "-")) for n in NUMBER.findall(text)]


def words(text):
    """Everything but the numbers; how far they are indented is a matter of their signs."""
    return NUMBER.sub("#", text).split()


# how it runs


def test_there_are_lessons():
    assert list(LESSONS) == ["02_one_log_joint"]


def test_a_lesson_runs_without_errors_and_warnings(lesson):
    _, now = lesson
    for cell in code_cells(now):
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text


def assert_the_same(kept, now):
    """Words are the same, numbers agree; a cell that shows run times is tagged and left out."""
    for before, after in zip(code_cells(kept), code_cells(now), strict=True):
        assert before.source == after.source
        if "seconds" in before.metadata.get("tags", []):
            continue
        old, new = list(texts(before)), list(texts(after))
        again = f"cell {before.id}: please run python notebooks/execute.py"
        assert list(map(words, old)) == list(map(words, new)), again
        for one, two in zip(old, new, strict=True):
            assert numbers(one) == pytest.approx(numbers(two), rel=1e-4, abs=1e-8), again


def test_a_lesson_shows_what_it_is_committed_with(lesson):
    assert_the_same(*lesson)


@pytest.mark.parametrize(("old", "new"), [("0.007126", "0.007128"), ("holds", "HOLDS")])
def test_a_stale_output_would_be_seen(lesson, old, new):
    kept, now = lesson
    if old not in nbformat.writes(kept):
        pytest.skip("not in this lesson")
    with pytest.raises(AssertionError):
        assert_the_same(nbformat.reads(nbformat.writes(kept).replace(old, new), 4), now)


def test_every_picture_has_alt_text(lesson):
    pictures = 0
    for notebook in lesson:
        for cell in code_cells(notebook):
            for output in cell.outputs:
                data = output.get("data", {})
                assert not [kind for kind in data if kind.startswith("image/")], cell.source
                for alt in Alternatives(data.get("text/html", "")).found:
                    pictures += 1
                    assert alt is not None and len(alt) > 60, cell.source
    assert pictures >= 10


def test_nothing_shows_where_it_ran(lesson):
    path = re.compile(r"(?:^|[\s'\"(<=])(?:/(?!/)[\w.-]+/[\w.-]+|[A-Za-z]:\\\\|file:)")
    for notebook in lesson:
        for cell in code_cells(notebook):
            for text in texts(cell):
                shown = re.sub(r"</?\w+[^>]*>", " ", text)
                assert not path.search(shown), path.search(shown)
                assert str(ROOT) not in text and str(Path.home()) not in text


# how it is kept


def test_a_lesson_is_committed_executed_and_bare(lesson):
    kept, now = lesson
    nbformat.validate(kept)
    assert kept.metadata == now.metadata == execute.METADATA
    cells = code_cells(kept)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in kept.cells:
        assert set(cell.metadata) <= {"tags"}
        assert re.fullmatch(r"[a-z0-9-]{1,64}", cell.id)
        for output in cell.get("outputs", []):
            assert not output.get("metadata")
    assert len({cell.id for cell in kept.cells}) == len(kept.cells)


def test_a_lesson_is_in_short_steps(lesson):
    """A question before each surprise; no cell longer than what fits on a screen."""
    kept, _ = lesson
    for cell in kept.cells:
        assert cell.source.count("\n") < 32, cell.source
    assert sum("**Question.**" in cell.source for cell in kept.cells) >= 5
    assert kept.cells[0].source.startswith("# Lesson")


def test_a_lesson_only_calls_the_package(lesson):
    kept, _ = lesson
    known = ("numpy", "matplotlib", "vi_lab", "inspect")
    for cell in code_cells(kept):
        for name in re.findall(r"^\s*(?:from|import) ([\w.]+)", cell.source, re.M):
            assert name.split(".")[0] in known
        assert not re.search(r"widget|interact\(|^\s*[%!]", cell.source, re.M)


def test_numbers_in_the_prose_are_printed_by_a_cell(lesson):
    """Each decimal in the text (not in formulas or code) is a shown number, rounded."""
    kept, _ = lesson
    shown = [n for c in code_cells(kept) for t in (*texts(c), c.source) for n in numbers(t)]
    shown = np.abs(shown)
    for cell in kept.cells:
        if cell.cell_type == "markdown":
            prose = CODE.sub(" ", cell.source)
            for text in re.findall(r"(?<![\w.])\d+\.\d+(?![\w.]*\d)", prose):
                places = len(text.split(".")[1])
                near = np.isclose(shown, float(text), rtol=0, atol=0.5001 * 10.0**-places)
                assert near.any(), f"{text} in cell {cell.id} is printed nowhere"


# the fence holds


def run_cells(tmp_path, kernel, sources, tags):
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": tags}) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "probe.ipynb")
    return execute.execute(tmp_path / "probe.ipynb", **kernel).cells


def test_a_lesson_that_calls_out_or_warns_fails(tmp_path, kernel):
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
    *cells, last = run_cells(tmp_path, kernel, [*refused, reaches], ["raises-exception"])
    for cell, words in zip(cells, refused.values(), strict=True):
        (output,) = cell.outputs
        assert output.output_type == "error" and words in f"{output.ename}: {output.evalue}"
    assert last.outputs[0].text == "this machine\n"
    with pytest.raises(CellExecutionError):
        run_cells(tmp_path, kernel, refused, [])
