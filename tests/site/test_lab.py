"""What the lab promises, without a browser: requirements that Pyodide meets, a right lock."""

import builtins
import configparser
import hashlib
import json
import zipfile

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import vi_lab
from tests.places import ROOT
from tools.lab import lock
from tools.lab.lessons import first_cell, write_lessons

CONFIG = configparser.ConfigParser()
CONFIG.read(ROOT / "setup.cfg", encoding="utf-8")
REQUIRED = [Requirement(line) for line in CONFIG["options"]["install_requires"].split("\n")[1:]]


def test_vi_lab_asks_for_nothing_that_pyodide_has_not():
    extract = lock.read_extract()
    offered = extract["packages"] | extract["added"]
    assert len(REQUIRED) > 5
    for one in REQUIRED:
        assert one.specifier.contains(offered[lock.normal(one.name)]), f"{one}"
    assert SpecifierSet(CONFIG["options"]["python_requires"]).contains(extract["python"])


def test_what_is_promised_of_the_lock_is_what_npm_installs():
    package = json.loads((ROOT / "tools/lab/package.json").read_text(encoding="utf-8"))
    assert package["dependencies"]["pyodide"] == lock.read_extract()["version"]


def wheel(folder, name, requires=()):
    """A wheel of one file."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0"]
    lines += [f"Requires-Dist: {one}" for one in requires]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}-1.0.dist-info/METADATA", "\n".join(lines) + "\n")
    return path


def test_the_lock_names_our_wheels_by_their_own_checksums_and_the_rest_at_the_cdn(tmp_path):
    known = {"file_name": "six-0.9-py3-none-any.whl", "version": "0.9", "sha256": "0"}
    far = {"file_name": "numpy-2.whl", "version": "2", "sha256": "1"}
    ours = wheel(tmp_path, "vi_lab", ["numpy>=2.0", 'jinja2>=3.1; extra == "report"', "six"])
    six = wheel(tmp_path, "six")
    packages = {"six": dict(known), "numpy": dict(far)}
    made = lock.complete({"packages": packages}, [ours, six])["packages"]
    assert made["vi-lab"]["depends"] == ["numpy", "six"]
    assert made["vi-lab"]["imports"] == ["vi_lab"]
    assert made["vi-lab"]["sha256"] == hashlib.sha256(ours.read_bytes()).hexdigest()
    assert made["six"]["file_name"] == six.name and made["six"]["version"] == "1.0"
    assert made["six"]["sha256"] == hashlib.sha256(six.read_bytes()).hexdigest()
    version = lock.read_extract()["version"]
    assert (
        made["numpy"]["file_name"]
        == f"https://cdn.jsdelivr.net/pyodide/v{version}/full/numpy-2.whl"
    )


def run(cell, capsys):
    exec(cell["source"], {})
    return capsys.readouterr().out


@pytest.mark.parametrize(("change", "sentence"), [
    ("", "and this lesson is current"),
    ("version", "was made for another vi_lab (0.0.1;"),
])  # fmt: skip
def test_the_first_cell_says_whether_a_copy_is_current(change, sentence, capsys):
    cell = first_cell("00_the_integral.ipynb", b"")
    if change:
        cell["source"] = cell["source"].replace(f'"{vi_lab.__version__}"', '"0.0.1"')
    assert sentence in run(cell, capsys)


def test_the_first_cell_knows_an_old_lesson_of_the_same_version(tmp_path, monkeypatch, capsys):
    kept = tmp_path / "_notebooks"
    kept.mkdir()
    (kept / "00.ipynb").write_bytes(b"the lesson")
    monkeypatch.setattr("importlib.resources.files", lambda _: tmp_path)
    assert "is current" in run(first_cell("00.ipynb", b"the lesson"), capsys)
    assert "delete 00.ipynb" in run(first_cell("00.ipynb", b"as it was before"), capsys)


def test_the_first_cell_says_in_words_that_numpy_did_not_come(monkeypatch, capsys):
    real = builtins.__import__

    def without_numpy(name, *rest):
        if name == "vi_lab":
            raise ModuleNotFoundError("No module named 'numpy'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_numpy)
    said = run(first_cell("00_the_integral.ipynb", b""), capsys)
    assert said.startswith("NumPy could not be downloaded (cdn.jsdelivr.net was not reached).")


def test_every_lesson_of_the_lab_begins_with_that_cell(tmp_path):
    names = write_lessons(ROOT / "notebooks", tmp_path / "lessons")
    assert names == sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    for name in names:
        cells = json.loads((tmp_path / "lessons" / name).read_text(encoding="utf-8"))["cells"]
        original = json.loads((ROOT / "notebooks" / name).read_text(encoding="utf-8"))["cells"]
        assert "run this first" in cells[0]["source"] and cells[1:] == original
