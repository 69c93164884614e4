"""Imports run one way, importing stays light, files stay short.

families -> model, results, quadrature -> models, inference -> ledger, compare, report, cli
"""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(importlib.util.find_spec("vi_lab").origin).parent
FILES = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}

# What each part may know of: itself and the parts on lower floors. A module that is not listed is
# on top, so nothing listed may import it.
FLOORS = {
    "errors": 0, "version": 0, "special": 0, "progress": 0, "tables": 0, "storage": 0,
    "interrupts": 0, "locks": 0, "doors": 1, "arrays": 1, "checks": 1, "own_model": 2,
    "diagnostics": 1, "datasets": 1, "families": 2, "model": 3, "entry": 3, "priors": 3,
    "enumeration": 3, "textbook": 3, "results": 4, "quadrature": 5, "models": 6, "inference": 6,
    "vae": 6, "labels": 6, "densities": 6, "ledger": 7, "linear_response": 7, "derivation": 7,
    "problems": 7, "lost_digits": 4, "testing": 8,
}  # fmt: skip
TOP = 8
STRANGERS = [("models", "inference"), ("inference", "models"), ("vae", "models"), ("models", "vae")]
PLOTTING = ("plots", "report", "cli")
LAZY = ("matplotlib", "scipy.special", "scipy.stats", "scipy.integrate", "scipy.optimize",
        "arviz_stats", "joblib", "arviz_base", "jupyter", "tqdm", "IPython", "jinja2")  # fmt: skip
LONGEST = 330


def part_of(file):
    """The part of the package a file belongs to: its folder, or its own name."""
    return file.split("/")[0].removesuffix(".py")


def imported(tree):
    """Every module a file imports, wherever in it, by full name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            if node.module == "vi_lab":
                yield from (f"vi_lab.{alias.name}" for alias in node.names)
            else:
                yield node.module


def parts_known(file):
    return {name.split(".")[1] for name in imported(TREES[file]) if name.startswith("vi_lab.")}


def test_the_package_is_read():
    assert len(FILES) > 20
    assert "families" in parts_known("model.py")


@pytest.mark.parametrize("file", FILES)
def test_imports_run_one_way(file):
    part = part_of(file)
    for known in parts_known(file) - {part}:
        above = FLOORS.get(known, TOP) > FLOORS.get(part, TOP)
        assert not above, f"{file} imports vi_lab.{known}, which is built upon it"
        assert (part, known) not in STRANGERS, f"{file} imports vi_lab.{known}"


@pytest.mark.parametrize("file", FILES)
def test_only_plots_know_of_matplotlib(file):
    if part_of(file) not in PLOTTING:
        assert not [name for name in imported(TREES[file]) if name.startswith("matplotlib")]


@pytest.mark.parametrize("file", FILES)
def test_nothing_is_guessed_evaluated_or_unpickled(file):
    for node in ast.walk(TREES[file]):
        name = getattr(node, "id", None) or getattr(node, "attr", None)
        assert name not in ("hasattr", "eval", "exec", "__import__"), f"{file}: {name}"
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "np.load":
            keywords = {k.arg: ast.unparse(k.value) for k in node.keywords}
            assert keywords.get("allow_pickle") == "False", f"{file}, line {node.lineno}"
    roots = {module.split(".")[0] for module in imported(TREES[file])}
    assert not roots & {"pickle", "shelve", "marshal", "dill", "cloudpickle"}, file


@pytest.mark.parametrize("file", FILES)
def test_no_error_is_swallowed(file):
    for node in ast.walk(TREES[file]):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"{file}, line {node.lineno}: a bare except"
            silent = all(isinstance(statement, ast.Pass) for statement in node.body)
            broad = isinstance(node.type, ast.Name) and node.type.id in (
                "Exception",
                "BaseException",
            )
            assert not (silent and broad), f"{file}, line {node.lineno}"


@pytest.mark.parametrize("file", FILES)
def test_files_are_short(file):
    lines = FILES[file].read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST, f"{file} has {lines} lines: two things in one?"


def test_importing_vi_lab_is_light():
    """In a fresh interpreter: whatever this test run has imported proves nothing."""
    code = f"import sys, vi_lab; print([m for m in {LAZY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_randomness_has_one_door():
    """No global random state: generators come from checks.generator or from an explicit seed."""
    for file, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "np.random":
                assert node.attr in ("default_rng", "Generator", "SeedSequence", "PCG64"), (
                    f"{file}, line {node.lineno}: {ast.unparse(node)}"
                )
