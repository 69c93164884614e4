"""The committed lessons: made from their sources, within budgets, and true in their numbers."""

import ast
import base64
import io
import re
import statistics

import nbformat
import numpy as np
import pytest
from PIL import Image

from tests.tables import table
from tests.teach.notebooks import (
    CODE,
    PICTURE,
    SOURCES,
    STARRED,
    Alternatives,
    code_cells,
    code_lines,
    functions,
    html_of,
    learners,
    numbers,
    root,
    sketches,
    tags,
    texts,
    worked,
)
from tools.notebooks.expected import FORM_ALONE, SKETCHES, WITHOUT, alternative, drawn
from tools.notebooks.versions import FOLDER, METADATA, SOLUTIONS, WORKED_ALONE, make, stub_of
from vi_lab.plots import colours
from vi_lab.teach.bank import LESSONS, of_lesson
from vi_lab.teach.exercise import Exercise

AGAIN = "please run python -m tools.notebooks"
MOST_CELLS, MEDIAN, LONGEST, MOST_WORDS, MOST_KB = 30, 6, 20, 1800, 300
REFERENCE = re.compile(
    r"\b\d\d\.(?:\d+|[a-z])\b|(?i:eqs?|equations?|sections?|chapters?|figures?)\.? [\d.–, and]+"
)  # no claims
READING = 200  # words a minute

COLOURS = 256
DEFAULTS = {(31, 119, 180), (255, 127, 14), (44, 160, 44)}  # of matplotlib, not of the house
HOUSE = {
    tuple(bytes.fromhex(value[1:]))
    for value in vars(colours).values()
    if isinstance(value, str) and re.fullmatch("#[0-9A-F]{6}", value)
}

lesson = table("name", SOURCES)
course = table("name", STARRED)


# one source


@lesson
@pytest.mark.parametrize("version", [True, False], ids=["worked", "learner"])
def test_committed_notebooks_are_what_the_source_makes(name, version):
    kept = (worked if version else learners)(name)
    made = make(SOURCES[name], version)
    nbformat.validate(kept)
    assert kept.metadata == made.metadata == METADATA
    for cell, now in zip(kept.cells, made.cells, strict=True):
        here = (cell.id, cell.cell_type, cell.source, cell.metadata)
        assert here == (now.id, now.cell_type, now.source, now.metadata), AGAIN
    assert len({cell.id for cell in kept.cells}) == len(kept.cells)
    for cell in kept.cells:
        assert re.fullmatch(r"[a-z0-9-]{1,64}", cell.id)


@lesson
def test_the_learner_is_shown_no_answer(name):
    """No output but pictures of the worked notebook that are to be expected."""
    shown = {cell.id: html_of(cell) for cell in code_cells(worked(name))}
    for cell in code_cells(learners(name)):
        assert cell.execution_count is None
        if "expected" in tags(cell):
            assert html_of(cell) == shown[cell.id] and "<img" in html_of(cell), AGAIN
        else:
            assert cell.outputs == []


@lesson
def test_under_a_stub_stands_its_picture(name):
    """In a cell of its own, which stays when the stub is run."""
    stubs = {cell.id: stub_of(cell) for cell in code_cells(learners(name)) if stub_of(cell)}
    drawn = {at: exercise for at, exercise in stubs.items() if exercise.id in SKETCHES}
    assert sketches(name).keys() == drawn.keys()
    for at, cell in sketches(name).items():
        assert Alternatives(cell.source).found == [alternative(drawn[at])], AGAIN
        assert cell.cell_type == "markdown" and len(PICTURE.findall(cell.source)) == 1


@lesson
def test_every_picture_that_is_drawn_is_shown(name):
    """A notebook shows the last value of a cell, and no other."""
    for cell in code_cells(worked(name)):
        if "plots.show(" in cell.source:
            assert "plots.show(" in ast.unparse(ast.parse(cell.source).body[-1]), cell.id
            assert "<img" in html_of(cell), cell.id


@course
def test_every_picture_is_to_be_expected_or_an_answer(name):
    """The learner's version keeps each picture but those that answer what was asked before."""
    for cell in code_cells(worked(name)):
        if "<img" in html_of(cell):
            marks = {"expected", "answer"} & set(tags(cell))
            assert len(marks) == 1 or (not marks and "reveal(" in cell.source), cell.id


def test_under_every_stub_stands_what_is_expected_where_it_is_a_number():
    """And where the numbers of its axes would tell the answer it has none."""
    exercises = {t.id: t for n in LESSONS for t in of_lesson(n).values() if isinstance(t, Exercise)}
    assert sorted([*SKETCHES, *WITHOUT]) == sorted(exercises)
    for identity in SKETCHES:
        values = drawn(exercises[identity])[1]
        assert np.isfinite(values).all() and np.ptp(values, axis=1).max() > 0, identity
        told = alternative(exercises[identity]).rpartition(":")[2]
        assert (" from " in told) == (identity not in FORM_ALONE), told


# drift


@lesson
def test_the_learner_has_the_same_cells_or_stubs_of_them(name):
    full = {cell.id: cell for cell in worked(name).cells}
    for cell in code_cells(learners(name)):
        other = full[cell.id]
        if cell.source != other.source and not re.match(r"(choose|predict)\(", cell.source):
            ((stub_name, stub),) = functions(cell.source).items()
            right = functions(other.source)[stub_name]
            assert head(stub) == head(right)
            assert ast.get_docstring(stub) == ast.get_docstring(right)
            assert [ast.unparse(s) for s in stub.body[1:]] == ["..."]
    left_out = {c.id for c in full.values()} - {c.id for c in learners(name).cells}
    for identity in left_out:
        assert set(tags(full[identity])) & set(WORKED_ALONE), identity


def head(node):
    """The arguments of a function, or the bases of a class."""
    if isinstance(node, ast.FunctionDef):
        return ast.unparse(node.args)
    return [ast.unparse(base) for base in node.bases]


@course
def test_no_cell_needs_a_stub_to_be_filled(name):
    """What stands behind a stub uses the function only once `ready` has stood in for it."""
    open_stubs = set()
    for cell in code_cells(learners(name)):
        tree = ast.parse(cell.source)
        lines = re.findall(r"^(\w+(?:, \w+)*) = ready\(", cell.source, re.M)
        ready = {name for line in lines for name in line.split(", ")}
        open_stubs -= ready
        stubs = set(functions(cell.source)) if cell.source.startswith("# Exercise") else set()
        loaded = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id in open_stubs}
        assert not loaded - stubs, f"cell {cell.id} calls {loaded}, which may be a stub"
        open_stubs |= stubs


# budgets


@lesson
def test_a_lesson_fits_one_sitting(name):
    notebook = learners(name)
    cells = [code_lines(cell.source) for cell in code_cells(notebook)]
    assert len(cells) <= MOST_CELLS, len(cells)
    assert statistics.median(cells) <= MEDIAN and max(cells) <= LONGEST, sorted(cells)
    assert max(code_lines(cell.source) for cell in code_cells(worked(name))) <= LONGEST
    prose = " ".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    count = len(re.findall(r"[A-Za-z]{2,}", CODE.sub(" ", prose)))
    assert count <= MOST_WORDS, count
    assert count / READING + 0.5 * len(cells) <= 25
    for path in (FOLDER / f"{name}.ipynb", SOLUTIONS / f"{name}.ipynb"):
        assert path.stat().st_size <= MOST_KB * 1024, path.stat().st_size


@course
def test_a_lesson_has_its_parts(name):
    number, cells = name[:2], learners(name).cells
    assert LESSONS[number] == name
    assert cells[0].source.startswith(f"# Lesson {number}")
    assert cells[0].source.count("?") >= 2
    assert re.search(r"\d+ minutes", cells[0].source) and "needs" in cells[0].source.lower()
    first, *_, last = code_cells(learners(name))
    assert f"lesson {number}, vi_lab" in first.source and "__version__" in first.source
    assert last.source == f'card("{number}")'
    prose = "".join(c.source for c in cells if c.cell_type == "markdown")
    assert prose.count("<details>") >= 5
    assert "read next" in prose.lower()


@course
def test_everything_in_the_bank_is_asked_once(name):
    headers = re.findall(r'(?:exercise|choice|prediction)="([^"]+)"', SOURCES[name].read_text())
    bank = of_lesson(name[:2])
    assert sorted(headers) == sorted(bank)
    shown = "".join(cell.source for cell in code_cells(worked(name)))
    for identity in re.findall(r'prediction="([^"]+)"', SOURCES[name].read_text()):
        assert shown.index(f'predict("{identity}"') < shown.index(f'reveal("{identity}"')


# what the worked notebook shows


@lesson
def test_the_worked_notebook_is_executed_and_every_answer_is_right(name):
    cells = code_cells(worked(name))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type != "error" and output.get("name") != "stderr", AGAIN
            assert not output.get("metadata")
        for identity in re.findall(r'^(?:check|choose)\("([^"]+)"', cell.source, re.M):
            assert f"{identity} ✓" in "".join(texts(cell)), AGAIN


@lesson
def test_every_picture_has_alt_text_and_house_colours(name):
    for cell in code_cells(worked(name)):
        for output in cell.outputs:
            assert not [k for k in output.get("data", {}) if k.startswith("image/")], cell.id
    shown = {cell.id: html_of(cell) for cell in code_cells(worked(name))}
    for at, page in (shown | {c.id: c.source for c in sketches(name).values()}).items():
        for alt in Alternatives(page).found:
            assert alt is not None and len(alt) > 60, at
        for encoded in PICTURE.findall(page):
            image = Image.open(io.BytesIO(base64.b64decode(encoded)))
            assert image.mode == "P" and len(image.getcolors()) <= COLOURS, AGAIN
            used = {colour for _, colour in image.convert("RGB").getcolors(COLOURS)}
            assert not DEFAULTS & used and HOUSE & used, at


@lesson
def test_nothing_shows_where_it_ran(name):
    path = re.compile(r"(?:^|[\s'\"(<=])(?:/(?!/)[\w.-]+/[\w.-]+|[A-Za-z]:\\\\|file:)")
    for cell in code_cells(worked(name)):
        for text in texts(cell):
            shown = re.sub(r"</?\w+[^>]*>", " ", text)
            assert not path.search(shown), path.search(shown)
            assert str(root()) not in text


@lesson
def test_a_lesson_only_calls_the_package_and_writes_no_file(name):
    known = ("numpy", "matplotlib", "vi_lab", "inspect", "scipy", "math")
    for cell in code_cells(worked(name)):
        for module in re.findall(r"^\s*(?:from|import) ([\w.]+)", cell.source, re.M):
            assert module.split(".")[0] in known
        assert not re.search(r"widget|interact\(|^\s*[%!]|open\(|savefig|\.save", cell.source, re.M)


@lesson
def test_numbers_in_the_prose_are_printed_by_a_cell(name):
    """Each decimal in the text (not in formulas or code) is a shown number, rounded."""
    notebook = worked(name)
    shown = [n for c in code_cells(notebook) for t in (*texts(c), c.source) for n in numbers(t)]
    shown = np.abs(shown)
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and not cell.id.endswith("-question"):
            prose = REFERENCE.sub("", CODE.sub(" ", cell.source))
            for text in re.findall(r"(?<![\w.§])\d+\.\d+(?![\w.]*\d)", prose):
                places = len(text.split(".")[1])
                near = np.isclose(shown, float(text), rtol=0, atol=0.5001 * 10.0**-places)
                assert near.any(), f"{text} in cell {cell.id} is printed nowhere"
