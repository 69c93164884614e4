"""Paths that no file has, at the command line: one clear line and exit code 2."""

import contextlib

import pytest

from vi_lab import InputError, load
from vi_lab.cli import main as cli


@pytest.mark.parametrize("path", ["x" * 5000, "a\nb", "a\0b"])
@pytest.mark.parametrize(
    "words",
    [
        ["vae", "evaluate", "PATH"],
        ["vae", "train", "--data", "PATH", "--out", "PATH"],
        ["audit", "coin", "--posterior", "PATH"],
    ],
)
def test_a_path_that_cannot_be_is_one_line(words, path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main([path if word == "PATH" else word for word in words]) == 2
    told = capsys.readouterr()
    (line,) = told.err.splitlines()
    assert line.startswith("vi-lab: error: ") and not told.out
    assert not list(tmp_path.iterdir())


def test_brackets_without_end_are_a_damaged_file(tmp_path, capsys):
    (tmp_path / "deep.json").write_text("[" * 5000)
    assert cli.main(["audit", "coin", "--posterior", str(tmp_path / "deep.json")]) == 2
    assert "is not a whole JSON file" in capsys.readouterr().err


def test_a_full_disk_is_one_line(monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vi_lab.cli.check._check", full)
    assert cli.main(["check", "coin"]) == 2
    assert "No space left on device" in capsys.readouterr().err


def test_a_null_character_is_named():
    with pytest.raises(InputError, match="path: needs a path, and none holds a null character"):
        load("a\0b")


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        (["check", "coin", "--seed"], "needs a whole number of at least 0"),
        (["compare", "coin", "--seeds"], "seeds: "),
        (["vae", "train", "--out", "x", "--hidden"], "needs sizes such as 200"),
    ],
)
def test_more_digits_than_python_reads_are_no_number(words, needed, capsys):
    with contextlib.suppress(SystemExit):  # argparse's own
        assert cli.main([*words, "9" * 5000]) == 2
    told = capsys.readouterr()
    assert needed in told.err and "invalid" not in told.err and not told.out
