"""Sections that a run keeps: the report is the same to the byte, and whatever has changed, or was
planted, is drawn anew."""

import functools
import gzip
import hashlib
import json
import shutil
from dataclasses import replace

import pytest

from tests.console import call
from tests.reports.html import Page
from vi_lab.reports import kept_sections
from vi_lab.reports.from_folder import read_folder
from vi_lab.reports.kept_sections import gather_sections, keep_section, read_section
from vi_lab.reports.page import render_report
from vi_lab.reports.sections import make_section

NAME = "coin"


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """What a run of one problem leaves."""
    folder = tmp_path_factory.mktemp("kept") / "results"
    call("compare", NAME, "--methods", "exact,cavi", "--out", str(folder), "--jobs", "1")
    return folder


@pytest.fixture
def folder(left, tmp_path):
    return shutil.copytree(left, tmp_path / "results")


def find(folder):
    """The section that is used, or None."""
    comparison, _ = read_folder(folder)
    return read_section(comparison[NAME], False)


def plant(folder, section):
    """A section in the place of the one that was kept, under its key."""
    path = folder / NAME / "section.json.gz"
    document = json.loads(gzip.decompress(path.read_bytes()))
    list_as(folder, gzip.compress(json.dumps(document | {"section": section}).encode(), 1))


def list_as(folder, content):
    """A file in the place of the section that was kept, which the manifest lists."""
    path = folder / NAME / "section.json.gz"
    path.write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (entry,) = [file for file in manifest["files"] if file["path"] == f"{NAME}/section.json.gz"]
    entry |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_it_is_what_would_be_drawn_now(left, monkeypatch):
    """The page of a run is that of its folder, with the kept section and without it."""
    comparison, described = read_folder(left)
    kept = find(left)
    assert kept == make_section(comparison[NAME]) and kept.pictures and kept.accounts
    index = (left / "index.html").read_text(encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(kept_sections, "make_section", None)  # nothing is drawn
        assert render_report(comparison, described, jobs=1) == index
    monkeypatch.setattr(kept_sections, "read_section", lambda part, brief: None)
    assert render_report(comparison, described, jobs=1) == index


def test_a_section_in_another_manner_is_drawn(left):
    comparison, _ = read_folder(left)
    assert read_section(comparison[NAME], True) is None


@pytest.mark.parametrize("file", ["cavi.npz", "cavi.json", "section.json.gz"])
def test_after_any_change_of_a_file_it_is_drawn_anew(folder, file):
    path = folder / NAME / file
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert find(folder) is None
    path.unlink()
    assert find(folder) is None
    path.symlink_to(folder)
    assert find(folder) is None


def test_after_a_change_of_what_made_it_it_is_drawn_anew(folder, monkeypatch):
    """Other sources or libraries, another problem, other rows, a method more or less."""
    comparison, _ = read_folder(folder)
    part = comparison[NAME]
    assert read_section(part, False) is not None
    assert read_section(replace(part, rows=()), False) is None
    assert read_section(replace(part, problems=()), False) is None
    other = part.problems[0].change(a=2.0)
    assert read_section(replace(part, problems=(replace(other, name=NAME),)), False) is None
    makers = kept_sections._describe_makers()
    for i in range(len(makers)):
        changed = [*makers[:i], "other", *makers[i + 1 :]]
        monkeypatch.setattr(kept_sections, "_describe_makers", lambda made=changed: made)
        assert read_section(part, False) is None
    monkeypatch.undo()
    first = next(iter(part.results.entries))
    part.results.entries.pop(first)
    assert read_section(part, False) is None


def test_an_old_folder_without_it_works(folder):
    (folder / NAME / "section.json.gz").unlink()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del manifest["files"]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert find(folder) is None
    comparison, _ = read_folder(folder)
    assert gather_sections({NAME: comparison[NAME]}, 1)[NAME].pictures


def fields(folder):
    """The kept section as JSON has it."""
    return json.loads(gzip.decompress((folder / NAME / "section.json.gz").read_bytes()))["section"]


@pytest.mark.parametrize(
    "planted",
    [
        lambda s: s[0][0].__setitem__(3, "<h1>Every method agrees</h1>"),
        lambda s: s[0][0].__setitem__(3, s[0][0][3] + "<script>alert(1)</script>"),
        lambda s: s[0][0].__setitem__(0, "main"),
        lambda s: s[0][0].__setitem__(1, ["a list"]),
        lambda s: s[0].append("text"),
        lambda s: s[3][0].__setitem__(3, "yes"),
        lambda s: s[3][0].__setitem__(1, "lines"),
        lambda s: s[4].pop(),
        lambda s: s.pop(),
    ],
)
def test_what_is_no_section_is_not_used(folder, planted):
    section = fields(folder)
    planted(section)
    plant(folder, section)
    assert find(folder) is None


def test_a_planted_section_is_refused_or_harmless(folder):
    """Every text of it that reads as markup comes out as text, even with the right key and sum."""
    section = fields(folder)
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    section[0][0][1:3] = [hostile, hostile]
    section[3][0][2] = section[3][0][0] = hostile
    section[4][1][0][0] = section[4][1][0][1][0] = hostile
    section[5] = [hostile]
    plant(folder, section)
    assert find(folder) is not None
    comparison, described = read_folder(folder)
    page = Page(render_report(comparison, described, jobs=1))
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "img" not in {tag for tag, _ in page.tags}
    assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on")]


pack = functools.partial(gzip.compress, mtime=0)  # a test has one name in every second


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no gzip",
        pack(b"{"),
        pack(b"[" * 100_000),
        pack(b'{"key": 1}'),
        pack(b"5"),
        pack(b"{}") + b"more",
        pack(bytes(kept_sections.MOST_BYTES + 1)),
    ],
)
def test_what_cannot_be_read_is_drawn_anew(folder, content):
    list_as(folder, content)
    assert find(folder) is None


def test_a_section_that_is_cut_off_is_drawn_anew(folder):
    list_as(folder, (folder / NAME / "section.json.gz").read_bytes()[:-9])
    assert find(folder) is None


def test_what_could_not_be_drawn_is_not_kept(folder):
    """Nor is a section of a result that could not be saved."""
    place = folder / NAME / "section.json.gz"
    before, section = place.read_bytes(), find(folder)
    part = read_folder(folder)[0][NAME]
    stems = {method: f"{NAME}/{method}" for _, method in part.results}
    place.unlink()
    keep_section(section._replace(trouble=("No pictures",)), part, False, folder, stems)
    keep_section(section, part, False, folder, {**stems, "gibbs": f"{NAME}/gibbs"})
    assert not place.exists()
    keep_section(section, part, False, folder, stems)
    assert place.read_bytes() == before
