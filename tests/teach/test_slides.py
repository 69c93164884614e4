"""Every slide has a cell, a function, a test that exists, and a place in a lesson.

And the test of a line of the derivation fails when that line is broken.
"""

import ast
from importlib import import_module

import numpy as np
import pytest

import vi_lab as vl
from tests.planted.source import plant
from tests.tables import table
from tests.teach.notebooks import code_lines, learners, root
from tools.notebooks.slides import PAGE, SLIDES, page
from vi_lab.identity import derivation as module
from vi_lab.teach.bank import find

PROBLEM = vl.problem("newcomb")
BROKEN = {  # what stands in a line, and what a slip makes of it
    1: ("average(-(log_posterior - log_q))", "average(-(log_posterior + log_q))"),
    2: ("-(log_joint - (log_q + evidence))", "-(log_joint + (log_q + evidence))"),
    3: ("three.value + of_evidence.value", "three.value - of_evidence.value"),
    4: ("four.value + evidence", "four.value - evidence"),
    5: ("evidence - bound.value", "evidence + bound.value"),
}

every_slide = table("slide", SLIDES, ids=lambda slide: str(slide.number))
every_line = pytest.mark.parametrize("line", BROKEN)


def a_q(mean=25.0):
    """A q that is not the posterior, nor CAVI's."""
    gamma = vl.Gamma.of(shape=20, rate=2000)
    return vl.Factorised(PROBLEM, mu=vl.Normal.of(mean=mean, sd=2), tau=gamma)


def assert_line_is_the_kl(derivation, line):
    q = a_q()
    expected = vl.kl(q, vl.exact(PROBLEM))
    assert derivation(PROBLEM, q)[line - 1].value == pytest.approx(expected, rel=1e-9)


@every_line
def test_a_line_of_the_derivation_is_the_kl(line):
    assert_line_is_the_kl(vl.derivation, line)


@every_line
def test_that_test_fails_when_the_line_is_broken(line):
    broken = plant(module, *BROKEN[line])
    for number in BROKEN:
        if number == line:
            with pytest.raises(AssertionError):
                assert_line_is_the_kl(broken["derivation"], number)
        else:
            assert_line_is_the_kl(broken["derivation"], number)


def test_minimising_kl_is_maximising_the_bound():
    means = np.linspace(22, 30, 41)
    q = a_q(means)
    bound, distance = vl.elbo(PROBLEM, q), vl.kl(q, vl.exact(PROBLEM))
    assert np.argmax(bound) == np.argmin(distance)
    np.testing.assert_allclose(bound + distance, vl.exact(PROBLEM).log_evidence, rtol=1e-10)


# the table


def test_there_are_fourteen_in_order_and_the_page_is_the_table():
    assert [slide.number for slide in SLIDES] == list(range(1, 15))
    assert PAGE.read_text(encoding="utf-8") == page(), "please run python -m tools.notebooks"


@every_slide
def test_a_slide_has_a_function_a_test_and_exercises(slide):
    owner, _, name = slide.function.rpartition(".")
    assert callable(getattr(import_module(owner), name))
    file, _, test = slide.test.partition("::")
    tree = ast.parse((root() / file).read_text(encoding="utf-8"))
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert test in defined
    for identity in slide.exercises:
        assert find(identity) is not None, identity
    for place in slide.places:
        lesson, _, cell = place.partition("#")
        assert cell in {c.id for c in learners(lesson).cells}, place


@every_slide
def test_a_slide_is_shown_and_run_in_one_short_cell(slide):
    cells = {cell.id: cell for cell in learners("lecture").cells}
    shown, run = cells[slide.cell], cells[f"{slide.cell}-run"]
    assert shown.source.startswith(f"## {slide.number}. ")
    assert shown.metadata["slideshow"] == {"slide_type": "slide"}
    assert run.metadata["slideshow"] == {"slide_type": "-"}
    assert code_lines(run.source) <= 6


def test_the_lecture_has_nothing_but_its_slides():
    wanted = [name for slide in SLIDES for name in (slide.cell, f"{slide.cell}-run")]
    assert [cell.id for cell in learners("lecture").cells][2:] == wanted
