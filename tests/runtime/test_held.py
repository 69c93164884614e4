"""A folder that is held: whatever becomes of its name, nothing is written outside of it."""

import os

import pytest

from tests.faults import PLAIN, contents
from tests.forks import outcome
from vi_lab import ResultFileError
from vi_lab.runtime import held, storage
from vi_lab.runtime.held import HELD, hold, hold_alike

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
WRITERS = {
    "bytes": lambda path: storage.write_bytes(path, b"new"),
    "new": lambda path: storage.write_new(path, b"new"),
    "pair": lambda path: storage.write_pair(path, {"a": [1.0]}, {}),
    "place": storage.require_place,
    "killed": lambda path: storage.clear(path.parent),
}


@pytest.fixture
def places(tmp_path):
    """A folder to hold, and one outside of it where a file waits that a killed writer left."""
    for name in ("results", "outside", "outside/inner"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".it.0123abcd.part").write_text("a part")
    return tmp_path / "results", tmp_path / "outside"


def swap(folder, outside):
    """A link takes the folder's place."""
    folder.rename(folder.with_name("gone"))
    folder.symlink_to(outside)


@pytest.mark.parametrize("walks", [True, False])
@pytest.mark.parametrize("inner", ["it", "inner/it", "other/it"])
@pytest.mark.parametrize("name", WRITERS)
def test_nothing_is_written_through_a_link_that_took_its_place(
    name, inner, walks, places, monkeypatch
):
    """Nor made, nor removed; on a system that opens no file from a folder neither."""
    folder, outside = places
    monkeypatch.setattr(held, "CAN_WALK", walks)
    before = contents(outside)
    with hold(folder):
        swap(folder, outside)
        try:
            WRITERS[name](folder / inner)
        except ResultFileError as error:
            assert "results was removed or replaced" in str(error)
        else:
            assert name == "killed"
    assert contents(outside) == before and HELD == {}


def test_nor_through_one_that_takes_it_after_the_look(places, monkeypatch):
    folder, outside = places
    before = contents(outside)
    monkeypatch.setattr(held, "is_still", lambda holder: swap(folder, outside) or True)
    with hold(folder), pytest.raises(ResultFileError, match="results was removed or replaced"):
        storage.write_bytes(folder / "it", b"new")
    assert contents(outside) == before


def test_nor_through_a_link_inside_of_it(places):
    folder, outside = places
    before = contents(outside)
    (folder / "inner").symlink_to(outside)
    with hold(folder), pytest.raises(ResultFileError, match="inner is a link, or no folder"):
        storage.write_bytes(folder / "inner" / "it", b"new")
    assert contents(outside) == before


def test_what_is_under_way_ends_in_the_folder_itself(places, monkeypatch):
    """The link comes between a file and its name."""
    folder, outside = places
    before = contents(outside)
    replace = os.replace

    def swap_and_replace(*arguments, **more):
        swap(folder, outside)
        replace(*arguments, **more)

    monkeypatch.setattr(os, "replace", swap_and_replace)
    with hold(folder):
        storage.write_bytes(folder / "deep" / "er" / "it", b"new")
    assert (folder.with_name("gone") / "deep" / "er" / "it").read_bytes() == b"new"
    assert contents(outside) == before


def test_a_process_that_works_for_another_holds_what_that_holds(places):
    folder, outside = places
    with hold(folder):
        sent = dict(HELD)
    swap(folder, outside)
    try:
        hold_alike(sent)
        with pytest.raises(ResultFileError, match="results was removed or replaced"):
            storage.write_bytes(folder / "it", b"new")
    finally:
        hold_alike({})
    storage.write_bytes(folder / "it", b"new")  # which is a link that somebody means
    assert (outside / "it").read_bytes() == b"new"


SWAPPED = """
import os
from vi_lab.cli import compare as lab
run = lab.run
def swap_and_run(*arguments, **more):
    os.rename("results", "gone")
    os.symlink("outside", "results")
    return run(*arguments, **more)
lab.run = swap_and_run
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_comparison_writes_nothing_through_a_link_that_took_its_folders_place(jobs, tmp_path):
    """By processes of its own neither; the rows are printed, and the last line says why."""
    (tmp_path / "outside").mkdir()
    words = ("compare", "coin", "newcomb", "--methods", "exact,gibbs", "--out", "results")
    code = f"{PLAIN}{SWAPPED}sys.exit(main())"
    found, out, err = outcome(code, *words, "--jobs", jobs, cwd=tmp_path)
    told = "results was removed or replaced while it was written into; run it again"
    assert (found, err) == (2, f"vi-lab: error: {told}\n")
    assert out.count("\ngibbs") == 2
    assert os.listdir(tmp_path / "outside") == []
