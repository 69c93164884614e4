"""What a user installs is complete: a wheel in an empty environment, and the editable install."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from configparser import ConfigParser
from importlib import metadata
from pathlib import Path

import pytest

import vi_lab
from tests import console

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ConfigParser()
CONFIG.read(ROOT / "setup.cfg", encoding="utf-8")
VERSION = CONFIG["metadata"]["version"]
LOAD_ALL = """
import vi_lab
from vi_lab.datasets import files, list_datasets, load
for name in list_datasets():
    assert len(load(name)) > 0
print(vi_lab.__file__, files.folder(), sep="\\n")
"""
LIST_PROBLEMS = """
from vi_lab.cli.main import main
main(["problems"])
"""


def run(*command, cwd):
    """What a command prints, far from the checkout."""
    return console.run(*command, cwd=cwd, PYTHONWARNINGS=None)[0]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory, elsewhere):
    """A wheel built, with no network, from a copy that holds only what goes into one."""
    source = tmp_path_factory.mktemp("source")
    for name in ("setup.cfg", "setup.py", "MANIFEST.in", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("vi_lab", "data", "notebooks"):
        # Left-over build folders and bytecode must not decide what is in the wheel.
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation")
    run(*build, "--outdir", target, source, cwd=elsewhere)
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The interpreter of an environment that holds the wheel and, without network, our numpy."""
    environment = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=environment)
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    # A line in a .pth file adds a folder, but does not read the .pth files in it: the libraries
    # are found, the editable vi_lab of the test environment is not.
    ours = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    theirs = run(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=environment
    )
    Path(theirs.strip(), "libraries.pth").write_text("\n".join(ours), encoding="utf-8")
    pip = (python, "-m", "pip", "install", "--disable-pip-version-check")  # pip is a library too
    bare = ("--no-index", "--no-deps", "--ignore-installed", "--no-compile")
    run(*pip, *bare, wheel, cwd=environment)
    return python


def test_the_wheel_holds_every_file_of_the_package_and_the_data(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    expected = set()
    for folder, package in (("vi_lab", "vi_lab"), ("data", "vi_lab/_data")):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                expected.add(f"{package}/{path.relative_to(ROOT / folder).as_posix()}")
    lessons = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert "01_the_identity.ipynb" in lessons
    expected |= {f"vi_lab/_notebooks/{name}" for name in lessons}
    assert {
        "vi_lab/py.typed",
        "vi_lab/_data/coal_disasters.csv",
        "vi_lab/_data/README.md",
    } < expected
    # Both ways: nothing missing (a subpackage not listed in setup.cfg), nothing else (the tests).
    about = {name for name in inside if name.startswith(f"vi_lab-{VERSION}.dist-info/")}
    assert inside - about == expected
    assert f"vi_lab-{VERSION}.dist-info/licenses/LICENSE" in about


def test_the_wheel_works_in_an_empty_environment_from_another_folder(installed, elsewhere):
    out = run(installed, "-W", "error", "-c", LOAD_ALL + LIST_PROBLEMS, cwd=elsewhere)
    code, data, *listed = out.splitlines()
    assert Path(code).is_relative_to(installed.parents[1])
    assert Path(data).is_relative_to(installed.parents[1])
    assert any(line.startswith("coal ") for line in listed)
    command = installed.with_name("vi-lab" + installed.suffix)
    run(command, "notebooks", "lessons", cwd=elsewhere)
    copied = Path(elsewhere, "lessons", "01_the_identity.ipynb")
    assert copied.read_bytes() == (ROOT / "notebooks" / copied.name).read_bytes()
    shutil.rmtree(copied.parent)


def test_the_editable_install_works_from_another_folder(elsewhere):
    """The environment of these tests is one: `make test` makes it, else pip install -e '.[dev]'."""
    code, data = run(sys.executable, "-W", "error", "-c", LOAD_ALL, cwd=elsewhere).splitlines()
    assert Path(code) == ROOT / "vi_lab" / "__init__.py"
    assert Path(data) == ROOT / "data"


USER = """
import vi_lab

q = vi_lab.cavi(vi_lab.problem("coal"))
reveal_type(q)
evidence: int = vi_lab.exact(vi_lab.problem("coal")).log_evidence
"""


@pytest.mark.slow  # what it needs is held: py.typed in the wheel, and an install by a plain path
def test_a_type_checker_sees_the_types_from_another_folder(elsewhere):
    (elsewhere / "mine.py").write_text(USER, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--cache-dir", os.devnull, "mine.py"]
    found = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True).stdout
    assert 'Revealed type is "vi_lab.results.factorised.Factorised[' in found
    assert 'expression has type "float", variable has type "int"' in found
    assert "Found 1 error" in found


def test_an_editable_install_is_a_plain_path():
    """An import hook in its place would be dark to pyright, which follows paths alone."""
    places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    lines = {
        line
        for place in places
        for file in Path(place).glob("__editable__*vi_lab*.pth")
        for line in file.read_text(encoding="utf-8").split()
    }
    assert lines == {str(ROOT)}


def test_one_version_everywhere():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.*)$", citation, flags=re.M)[1] == VERSION
    assert vi_lab.__version__ == metadata.version("vi_lab") == VERSION
