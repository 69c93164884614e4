"""Every public name has a page in the API reference, and a docstring that Sphinx can read."""

import importlib
import pkgutil

import vi_lab
from tools.site.docstrings import escape, to_rst
from tools.site.reference import ROOMS, public_names, write_pages


def test_every_public_name_has_a_page(tmp_path):
    write_pages(tmp_path / "api")
    files = {path.stem for path in (tmp_path / "api").glob("*.rst")}
    names = public_names()
    assert {one.page for one in names} | {"index"} == files
    assert {one.name for one in names if one.room == "vi_lab"} == set(vi_lab.__all__)
    index = (tmp_path / "api" / "index.rst").read_text(encoding="utf-8")
    for one in names:
        assert f":doc:`{one.name} <{one.page}>`" in index


def test_a_page_says_what_it_is_about(tmp_path):
    write_pages(tmp_path / "api")
    text = (tmp_path / "api" / "vi_lab.cavi.rst").read_text(encoding="utf-8")
    assert text.startswith("vi_lab.cavi\n===========\n") and ".. autofunction:: cavi" in text
    assert ".. autoclass:: Exact" in (tmp_path / "api" / "vi_lab.Exact-class.rst").read_text(
        "utf-8"
    )


def test_no_two_pages_are_one_file_where_case_does_not_count():
    pages = {one.page for one in public_names()}
    assert len({page.lower() for page in pages}) == len(pages)


def test_every_room_with_public_names_is_in_the_reference():
    inside = [m.name for m in pkgutil.iter_modules(vi_lab.__path__, "vi_lab.") if m.ispkg]
    listed = {name for name in inside if "__all__" in vars(importlib.import_module(name))}
    assert listed <= set(ROOMS), "a new room: tell ROOMS in tools/site/reference.py of it"


def test_signs_of_formulas_stand_for_themselves():
    assert (
        escape("KL[q || p] of (*batch, n_) and `a*b`")
        == r"KL[q \|\| p] of (\*batch, n\_) and `a*b`"
    )
    assert escape("x_1, max_sweeps") == "x_1, max_sweeps"


def test_an_indented_paragraph_is_a_formula_above_the_sections_alone():
    lines = [
        "Sentence.",
        "",
        "    p(x) = |J|",
        "",
        "Parameters",
        "----------",
        "x : *",
        "    A |.",
        "",
    ]
    rst = to_rst(lines)
    assert rst[:6] == ["Sentence.", "", "::", "", "        p(x) = |J|", ""]
    assert rst[6:] == ["Parameters", "----------", r"x : \*", r"    A \|.", ""]


def test_examples_are_left_alone():
    assert ">>> a | b" in to_rst(["Text.", "", ">>> a | b", "3*"])
    assert "3*" in to_rst(["Text.", "", ">>> a | b", "3*"])
