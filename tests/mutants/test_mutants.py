"""The tool that plants mistakes: what it plants, where, and that it tells caught from survived."""

import ast

import pytest

from tests.places import ROOT
from tools.mutants import trial
from tools.mutants.generator import Mutant, list_changes, list_files, list_mutants, plant
from tools.mutants.lists import list_by_hand, read_equivalent
from tools.mutants.raises import list_unreached

SOURCE = '''"""1 + 1 in a docstring."""
POINTS, LOWEST = 64, -1e9
NODES = {1: 24, 2: 10}
MOST: int = 2**20
TERM = 1.5 / k
def f(a: int = 3, *, axis: "1 + 1" = -1) -> "2 < 3":
    é = np.sum(a - 2 * axis, axis=axis)  # 1 + 1
    if a < axis and not zip(é, strict=True):
        assert a <= MOST and é.T - POINTS > f(np.random.default_rng(7), rng=8)
        raise ValueError(f"{a + 1}")
    return np.sqrt(np.maximum(f(a, é), 1e-9)).reshape(-1)
'''
PLANTED = {
    "f(a: int = 4, *", "f(a: int = 2, *", "= (1)) ->", "= -2) ->", "= -0) ->",
    "np.sum(a + 2 * axis, ", "np.sum((a), ", "np.sum(a - 2 / axis", "np.sum(a - (2), ",
    "np.sum(a - (axis), ", "a - 3 * axis", "a - 1 * axis", "np.mean(", "2 * axis)  #",
    "a <= axis", "axis or not", "and (zip(é, strict=True))", "return (np.maximum(", "reshape((1))",
    "a <= MOST or é", "é.T + POINTS >", "(é.T) > f(", "default_rng(7))", "np.minimum(f", "f(é, a)",
    "3.0 / k", "1.5 * k", "TERM = (1.5)",
}  # fmt: skip


def test_every_kind_of_mistake_is_planted_once(tmp_path):
    (tmp_path / "f.py").write_text(SOURCE, encoding="utf-8")
    mutants = list_mutants(tmp_path, "f.py")
    found = [{part for part in PLANTED if part in m.after} for m in mutants]
    assert all(len(parts) == 1 for parts in found), [
        m.changed() for m, parts in zip(mutants, found, strict=True) if len(parts) != 1
    ]
    assert set.union(*found) == PLANTED and len(mutants) == len(PLANTED)
    assert all(len(gone) == len(come) == 1 for gone, come in map(Mutant.changed, mutants))


def test_the_rooms_have_files_and_each_is_read():
    files = list_files(ROOT)
    assert len(files) > 200
    assert len(list_mutants(ROOT, "vi_lab/families/gamma.py")) > 100


def test_the_list_by_hand_is_long_and_fits_the_files():
    """`list_by_hand` itself refuses what a file no longer has."""
    mutants = list_by_hand(ROOT)
    assert len(mutants) >= 150
    for mutant in mutants:
        assert ast.parse(mutant.after) and mutant.after != mutant.before


def mutants_of_lines(file, lines):
    """The keys of the mutants of a file that change one of these lines."""
    source = (ROOT / file).read_text(encoding="utf-8")
    stripped = [line.strip() for line in source.splitlines()]
    for change in list_changes(ROOT, file):
        if stripped[source.encode()[: change.start].count(b"\n")] in lines:
            mutant = plant(ROOT, file, change)
            yield mutant and mutant.key()


def test_every_equivalent_mutant_is_still_one_of_its_file():
    known = read_equivalent()
    by_hand = {mutant.key() for mutant in list_by_hand(ROOT) if known}
    for file in {file for file, _, _ in known}:
        there = {key for key in known if key[0] == file}
        gone = there - by_hand - set(mutants_of_lines(file, {old for _, old, _ in there}))
        assert not gone, f"no mutant any more: {gone}"
    assert all(len(reason.split()) > 3 for reason in known.values())


BEFORE = "def half(z):\n    return z / 2\n"
TESTS = """
import pytest
from halved.halves import half

def test_of_none():
    assert half(0) == 0

def test_of_two():
    assert half(2) == 1

@pytest.mark.parametrize("z", [half(8), half(4)])
def test_named_by_what_it_gives(z):
    assert z > half(4) - 1
"""


def tried(folder, after, test):
    """The outcome of one mutant of a small package, which is then as it was."""
    (folder / "halved").mkdir(exist_ok=True)
    (folder / "halved" / "__init__.py").touch()
    (folder / "test_halves.py").write_text(TESTS)
    mutant = Mutant("halved/halves.py", 2, "by hand", BEFORE, after)
    outcome, words = trial.try_mutant(folder, mutant, [f"test_halves.py::{test}"])
    print(outcome, words)  # shown where a test fails
    assert (folder / "halved" / "halves.py").read_text() == BEFORE
    return outcome


@pytest.mark.slow
def test_a_trial_tells_a_caught_mistake_from_one_that_survives(tmp_path, monkeypatch):
    monkeypatch.setattr(trial, "PRELOAD", [])
    monkeypatch.setenv("PYTEST_ADDOPTS", "--numprocesses 2")  # as `make slow` has it
    wrong = BEFORE.replace("/ 2", "/ 3")
    assert tried(tmp_path, BEFORE, "test_of_two") == trial.SURVIVED
    assert tried(tmp_path, wrong, "test_of_two") == trial.CAUGHT
    assert tried(tmp_path, wrong, "test_of_none") == trial.SURVIVED
    with pytest.raises(RuntimeError, match="tests that are gone"):
        tried(tmp_path, wrong, "test_of_three")
    assert tried(tmp_path, wrong, "test_named_by_what_it_gives[4.0]") == trial.SURVIVED
    less = BEFORE.replace("z / 2", "-z - 3")
    assert tried(tmp_path, less, "test_named_by_what_it_gives[4.0]") == trial.CAUGHT
    mutant = Mutant("halved/halves.py", 2, "by hand", BEFORE, wrong)
    with pytest.raises(RuntimeError, match="refused its arguments"):
        trial.try_mutant(tmp_path, mutant, ["--no-such-option"])
    assert trial.try_mutant(tmp_path, mutant, []) == (trial.UNTRIED, "")


@pytest.mark.slow
def test_an_endless_loop_is_caught(tmp_path, monkeypatch):
    monkeypatch.setattr(trial, "PRELOAD", [])
    monkeypatch.setattr(trial, "MOST", 10)
    endless = BEFORE.replace("return", "while True: ")
    assert tried(tmp_path, endless, "test_of_two") == trial.CAUGHT


def test_a_raise_that_no_test_comes_to_is_listed(tmp_path):
    (tmp_path / "vi_lab").mkdir()
    text = "def f(a):\n    if a:\n        raise ValueError(a)\n    raise KeyError\n"
    (tmp_path / "vi_lab" / "f.py").write_text(text, encoding="utf-8")
    run = {"vi_lab/f.py": [1, 2, 4]}
    assert list(list_unreached(tmp_path, run.get)) == [("vi_lab/f.py", 3, "raise ValueError(a)")]
