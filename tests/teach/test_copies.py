"""`vi-lab notebooks DIR` copies the lessons and never writes to a file that is there."""

import json
import os

import pytest

from tests.forks import outcome
from vi_lab.cli import copies as notebooks
from vi_lab.cli.main import main

UNIX = pytest.mark.skipif(os.name == "nt", reason="limits, links and pipes as Unix has them")


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """Two lessons as they would be shipped."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    for name in ("00_one", "01_two"):
        (folder / f"{name}.ipynb").write_text(name)
    monkeypatch.setattr(notebooks, "folder", lambda: folder)
    return folder


def contents(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_lessons_are_copied_and_left_alone_the_second_time(shipped, tmp_path, capsys):
    target = tmp_path / "a" / "mine"
    assert main(["notebooks", str(target)]) == 0
    assert contents(target) == {"00_one.ipynb": "00_one", "01_two.ipynb": "01_two"}
    assert main(["notebooks", str(target)]) == 0
    assert len(contents(target)) == 2
    assert "as it is" in capsys.readouterr().out


def test_work_is_never_overwritten(shipped, tmp_path, capsys):
    target = tmp_path / "mine"
    main(["notebooks", str(target)])
    (target / "00_one.ipynb").write_text("my work")
    main(["notebooks", str(target)])
    assert contents(target)["00_one.ipynb"] == "my work"
    assert contents(target)["00_one.new.ipynb"] == "00_one"
    assert "untouched" in capsys.readouterr().out
    (target / "00_one.new.ipynb").write_text("my newer work")
    main(["notebooks", str(target)])
    main(["notebooks", str(target)])
    kept = contents(target)
    assert [kept[f"00_one{e}.ipynb"] for e in ("", ".new", ".new2")] == [
        "my work", "my newer work", "00_one",
    ]  # fmt: skip
    assert len(kept) == 4


@UNIX
def test_a_full_disk_leaves_no_half_lesson(shipped, tmp_path):
    """Which would be taken for work of one's own."""
    (shipped / "00_one.ipynb").write_bytes(bytes(5000))
    target = tmp_path / "mine"
    code = (
        "import resource, sys\nfrom pathlib import Path\nfrom vi_lab.cli import copies\n"
        "from vi_lab.cli.main import main\n"
        f"copies.folder = lambda: Path({str(shipped)!r})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    code, out, err = outcome(code, "notebooks", target, cwd=tmp_path)
    assert code == 2 and out == "" and "00_one.ipynb: File too large" in err
    assert list(target.iterdir()) == []


@UNIX
def test_what_has_the_name_of_a_lesson_and_is_no_file_is_left_alone(shipped, tmp_path):
    target = tmp_path / "mine"
    target.mkdir()
    (target / "00_one.ipynb").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(target / "01_two.ipynb")
    assert main(["notebooks", str(target)]) == 0
    assert not (tmp_path / "elsewhere").exists()
    (target / "00_one.ipynb").unlink()
    (target / "01_two.ipynb").unlink()
    assert contents(target) == {"00_one.new.ipynb": "00_one", "01_two.new.ipynb": "01_two"}


def test_a_folder_that_is_a_file_is_bad_input(shipped, tmp_path, capsys):
    (tmp_path / "file").write_text("text")
    assert main(["notebooks", str(tmp_path / "file")]) == 2
    assert "vi-lab: error" in capsys.readouterr().err


def test_json(shipped, tmp_path, capsys):
    assert main(["notebooks", str(tmp_path / "j"), "--format", "json"]) == 0
    assert [row["done"] for row in json.loads(capsys.readouterr().out)] == ["written"] * 2


def test_the_lessons_of_the_checkout_are_found():
    assert (notebooks.folder() / "01_the_identity.ipynb").is_file()
