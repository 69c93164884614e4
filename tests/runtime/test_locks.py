"""A folder has one writer at a time, and a dead one holds nobody up."""

import errno
import os
import re

import pytest

from tests.forks import outcome, start
from tests.vae.data import blobs
from vi_lab import ResultFileError
from vi_lab.runtime.locks import NAME, lock_folder
from vi_lab.vae import VAE

OWNER = """
import sys
from vi_lab.runtime.locks import lock_folder
with lock_folder(sys.argv[1]):
    print("mine", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def owner(tmp_path):
    """Another process that has the folder `results`, until it reads a line."""
    with start(OWNER, tmp_path / "results", cwd=tmp_path) as process:
        assert process.stdout.readline() == "mine\n"
        yield process
        process.kill()


def test_a_folder_is_held_by_one_at_a_time(owner, tmp_path):
    folder = tmp_path / "results"
    busy = re.escape(f"{folder} is busy, used by pid {owner.pid}; ")
    with pytest.raises(ResultFileError, match=busy), lock_folder(folder):
        pytest.fail("two at once")
    with pytest.raises(ResultFileError, match=busy):
        VAE(6, 2, (8,)).fit(blobs(), epochs=1, rng=0, checkpoint=folder)
    assert os.listdir(folder) == [NAME]
    with lock_folder(tmp_path / "other"):
        pass
    owner.stdin.write("\n")
    owner.stdin.flush()
    assert owner.wait() == 0
    with lock_folder(folder):
        assert (folder / NAME).read_text() == f"{os.getpid()}\n"


def test_a_lock_whose_owner_was_killed_is_nobodys(owner, tmp_path):
    owner.kill()
    owner.wait()
    folder = tmp_path / "results"
    assert (folder / NAME).read_text() == f"{owner.pid}\n"
    with lock_folder(folder):
        assert (folder / NAME).read_text() == f"{os.getpid()}\n"
        with (
            pytest.raises(ResultFileError, match=f"used by pid {os.getpid()};"),
            lock_folder(folder),
        ):
            pytest.fail("two at once")
    assert not (folder / NAME).exists()


def test_what_killed_writers_left_is_removed_and_nothing_else(tmp_path):
    kept = ("result.npz", ".result.part", "a.part", ".a.npz.abcdefg.part", "result.npz.next")
    parts = (".result.npz.ab_12xyz.part", ".compare.json.00000000.part")
    for folder in (tmp_path, tmp_path / "inner", tmp_path / "elsewhere"):
        folder.mkdir(exist_ok=True)
        for name in (*kept, *parts):
            (folder / name).touch()
    with lock_folder(tmp_path, "inner", "absent"):
        pass
    for folder in (tmp_path, tmp_path / "inner"):
        assert {path.name for path in folder.iterdir() if path.is_file()} == set(kept)
    assert len(list((tmp_path / "elsewhere").iterdir())) == len(kept) + len(parts)


def test_a_folder_in_which_nothing_was_put_is_removed_again(tmp_path):
    with pytest.raises(ValueError, match="bad"), lock_folder(tmp_path / "a" / "b"):
        raise ValueError("bad")
    assert list(tmp_path.iterdir()) == []
    with lock_folder(tmp_path / "a" / "b"):
        (tmp_path / "a" / "file").touch()
    assert os.listdir(tmp_path / "a") == ["file"]


@pytest.mark.skipif(os.name == "nt", reason="Windows removes no folder with an open file")
@pytest.mark.parametrize("how", ["removed", "a link", "a file", "another folder"])
def test_a_folder_that_went_away_meanwhile_is_told(how, tmp_path):
    """What was written is not where it is said to be; a lock that is another's stays."""
    (folder := tmp_path / "results").mkdir()
    (other := tmp_path / "other").mkdir()
    (other / NAME).write_text("another's")
    with (
        pytest.raises(ResultFileError, match="results was removed or replaced while it was"),
        lock_folder(folder),
    ):
        (folder / "written").write_text("here")
        folder.rename(tmp_path / "gone")
        if how == "a link":
            folder.symlink_to("other")
        elif how == "a file":
            folder.write_text("mine")
        elif how == "another folder":
            folder.mkdir()
    assert (other / NAME).read_text() == "another's"
    with pytest.raises(KeyError), lock_folder(tmp_path / "new"):  # and an error stays what it is
        (tmp_path / "new").rename(tmp_path / "newer")
        raise KeyError


@pytest.mark.skipif(os.name == "nt", reason="limits as Unix has them")
def test_without_room_for_a_process_id_nothing_is_left(tmp_path):
    code = (
        "import resource, sys\nfrom vi_lab.runtime.locks import lock_folder\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "try:\n    with lock_folder(sys.argv[1]):\n        pass\n"
        "except OSError as error:\n    sys.exit(9 if 'File too large' in str(error) else 8)\n"
    )
    assert outcome(code, tmp_path / "a" / "b", cwd=tmp_path)[0] == 9
    assert not (tmp_path / "a").exists()


def test_a_file_in_its_place_is_named(tmp_path):
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        words = r"^cannot write .*file.*: .*file is a file, and a folder is needed$"
        with pytest.raises(ResultFileError, match=words), lock_folder(folder):
            pytest.fail("held")
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
@pytest.mark.parametrize("made", ["symbolic", "dangling", "hard", "pipe", "folder"])
def test_a_lock_that_is_no_file_of_its_own_is_one_error(tmp_path, made):
    """What a link leads to is neither written over nor made."""
    folder, victim = tmp_path / "results", tmp_path / "victim"
    folder.mkdir()
    if made != "dangling":
        victim.write_text("precious")
    if made in ("symbolic", "dangling"):
        (folder / NAME).symlink_to("../victim")
    elif made == "hard":
        os.link(victim, folder / NAME)
    elif made == "pipe":
        os.mkfifo(folder / NAME)
    else:
        (folder / NAME).mkdir()
    for use in (
        lambda: lock_folder(folder).__enter__(),
        lambda: VAE(6, 2, (8,)).fit(blobs(), epochs=1, rng=0, checkpoint=folder),
    ):
        with pytest.raises(ResultFileError, match=r"^cannot write .*results: ") as caught:
            use()
        assert made == "folder" or f"its {NAME} is a link, or no file; remove it" in str(caught)
    assert os.listdir(folder) == [NAME]
    assert not victim.exists() if made == "dangling" else victim.read_text() == "precious"


def test_without_locks_in_the_whole_of_python_none_is_taken(tmp_path):
    """As in a browser: no fcntl, and filelock warns of it."""
    code = """
import sys
for name in [name for name in sys.modules if name.startswith(("filelock", "vi_lab.runtime.locks"))]:
    del sys.modules[name]
sys.modules["fcntl"] = None
from vi_lab.runtime.locks import lock_folder
with lock_folder(sys.argv[1]), lock_folder(sys.argv[1]): print("in")
"""
    assert outcome(code, tmp_path / "results", cwd=tmp_path) == (0, "in\n", "")
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="fcntl is of Unix")
def test_where_a_file_system_has_no_locks_none_is_taken(tmp_path, monkeypatch):
    import fcntl

    def refuse(number):
        def flock(*arguments):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(fcntl, "flock", flock)

    refuse(errno.ENOLCK)
    with lock_folder(tmp_path / "results"):
        pass
    refuse(errno.EIO)
    with pytest.raises(ResultFileError, match="Input/output"), lock_folder(tmp_path / "results"):
        pytest.fail("held")
