"""A model of a user's own by its file and name: compare, check, audit, validate and problems."""

import json
import os
import pickle
import shlex
import sys
import warnings

import numpy as np
import pytest

import vi_lab
from tests.console import call
from tests.forks import outcome
from vi_lab import ResultFileError
from vi_lab.cli import main as cli
from vi_lab.figures.comparison import FORMATS
from vi_lab.problems.from_file import is_spec, load_problem
from vi_lab.runtime import reading

MODELS = '''
"""Models of my own."""
import sys
from dataclasses import dataclass

import numpy as np
from vi_lab import ChangePoint, HalfCauchy, HierarchicalNormal, NormalGamma, Problem
from beside import COUNTS

print("the file is imported")
flights = NormalGamma([1.0, 2.0], 0.0, 1.0, 2.0, 3.0)
known = Problem("my own", story="two numbers", data="made up", n=2, model=flights)
number = 3
name = "coal"


def two_groups(a=2.0, b=1):
    """Counts of two groups.

    Of which there are six.
    """
    print("the function is called")
    return ChangePoint(COUNTS, a=(a, a), b=(b, b))


def with_prior(prior=HalfCauchy(5)):
    return HierarchicalNormal([1.0, 2.0, 3.0], 1.0, 5.0, prior)


def told(**anything):
    return Problem("told", story="", data="", n=0, model=two_groups(**anything))


@dataclass
class Density:
    """A density alone, which inherits from nothing."""

    dimension: int = 2

    def log_density(self, z):
        return -0.5 * (z**2).sum(-1)

    def sample_latents(self, rng, batch=()):
        return {"z": 3 * rng.standard_normal((*batch, self.dimension))}


class Talks(NormalGamma):
    """It says when it is asked."""

    def __init__(self):
        super().__init__([1.0, 2.0], 0.0, 1.0, 2.0, 3.0)

    def log_joint(self, stats):
        print("asked")
        return super().log_joint(stats)

    def latents(self, values):
        print("rearranged")
        return super().latents(values)


class Wrong(NormalGamma):
    """Its log joint is not what its conditionals are made of."""

    def __init__(self):
        super().__init__([1.0, 2.0], 0.0, 1.0, 2.0, 3.0)

    def log_joint(self, stats):
        return super().log_joint(stats) + 0.1 * stats["mu"].value


def nothing():
    pass


def a_name():
    return "coal"


def fails():
    return 1 / 0


def refused():
    return ChangePoint([1, 2], a=3, b=(1, 1))


def leaves():
    sys.exit(3)


def needs(a, b, c=1):
    return flights


def former():
    flights.__dict__["sample_starts"] = None
    return flights
'''


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder with the file, and one beside it that it imports; the working directory."""
    (tmp_path / "my_models.py").write_text(MODELS, encoding="utf-8")
    (tmp_path / "beside.py").write_text("COUNTS = [1, 2, 3, 4, 9, 8]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    before = list(sys.path)
    yield tmp_path
    assert sys.path == before
    sys.modules.pop("beside", None)


def test_what_is_a_file_of_ones_own():
    assert all(map(is_spec, ("m.py:f", "m.py", "a/b.py:f", r"C:\a\b.py:f", "m.py:")))
    assert not any(map(is_spec, ("coal", "run.toml", "m.pyx", "py:f", "")))


def rows(*words):
    out, err = call(*words, "--format", "json")
    return json.loads(out)["rows"], err


def test_a_model_a_problem_a_function_and_a_class():
    words = [f"my_models.py:{name}" for name in ("flights", "known", "two_groups", "Density")]
    found, err = rows("compare", *words, "--methods", "exact,metropolis-hastings")
    assert [row["problem"] for row in found[::2]] == ["flights", "my own", "two_groups", "Density"]
    assert [row["applies"] for row in found] == [True] * 8
    truth = vi_lab.exact(vi_lab.ChangePoint([1, 2, 3, 4, 9, 8], (2, 2), (1, 1)))
    assert found[4]["log_evidence"] == truth.log_evidence
    # what is printed meanwhile is no part of the JSON; the file is imported once
    assert err.splitlines() == ["the file is imported", "the function is called"]


def test_arguments_are_set_and_the_name_says_so():
    found, _ = rows("compare", "my_models.py:two_groups", "--set", "a=3", "--methods", "exact")
    truth = vi_lab.exact(vi_lab.ChangePoint([1, 2, 3, 4, 9, 8], (3, 3), (1, 1)))
    assert found[0]["problem"] == "two_groups a=3"
    assert found[0]["log_evidence"] == truth.log_evidence
    settings = ["--set", "my_models.py:told.b=2", "--set", "coin.a=3",
                "--set", "my_models.py:with_prior.prior=InverseGamma(2, 3)"]  # fmt: skip
    words = ["my_models.py:told", "my_models.py:with_prior", "coin"]
    found, _ = rows("compare", *words, *settings, "--methods", "exact")
    assert [row["problem"] for row in found] == [
        "told b=2", "with_prior prior=InverseGamma(2, 3)", "coin a=3"
    ]  # fmt: skip


def test_check_audit_problems_and_validate():
    out, _ = call("check", "my_models.py:two_groups", "coin", "--format", "json")
    assert {e["problem"]: e["holds"] for e in json.loads(out)} == {
        "two_groups": True, "coin": True
    }  # fmt: skip
    out, _ = call("audit", "my_models.py:flights", "--bound", "-1", code=1)
    assert "not a bound" in out
    out, _ = call("problems", "my_models.py:two_groups", "--set", "a=3")
    assert "story    Counts of two groups\n" in out and "prior    a = 3, b = 1\n" in out
    assert "data     n = 6" in out.replace("(n = 6)", "n = 6")
    out, _ = call("validate", "my_models.py:two_groups")
    assert out.startswith("validation of ChangePoint: passed\n")
    assert out.endswith("-> All 9 findings agree.\n")
    out, _ = call("validate", "my_models.py:Wrong", code=1)
    assert out.startswith("validation of Wrong: FAILED\n")
    assert "complete conditional mu: it is not the log joint's" in out
    out, _ = call("validate", "my_models.py:Wrong", "--format", "json", code=1)
    report = json.loads(out)
    assert report["passed"] is False and len(report["rows"]) == 9


def test_another_process_makes_it_again(folder):
    """By its program: the module has a name that nobody else knows."""
    one = load_problem("my_models.py:two_groups", {"a": 3})
    (folder / "one.pickle").write_bytes(pickle.dumps(one))
    code = (
        "import pathlib, pickle; one = pickle.loads(pathlib.Path('one.pickle').read_bytes()); "
        "print(one.name, one.model.a)"
    )
    made = "two_groups a=3 [3. 3.]\n"
    assert outcome(code, cwd=folder) == (0, made, "")  # what the file prints was shown once


def test_jobs_are_shared_out(monkeypatch):
    words = ("compare", "my_models.py:two_groups", "coin", "--methods", "gibbs", "--format", "json")
    alone = json.loads(call(*words, "--jobs", "1")[0])["rows"]

    def here(function, job):
        raise AssertionError("no worker could do it")

    monkeypatch.setattr("vi_lab.runtime.parallel._do_here", here)
    out, _ = call(*words, "--jobs", "2")
    shared = json.loads(out)["rows"]
    for row in (*alone, *shared):
        row.pop("seconds")
    assert alone == shared


def test_results_are_left_in_a_folder(folder, monkeypatch):
    for suffix in (".png", ".svg"):  # drawn, not rendered
        monkeypatch.setitem(FORMATS, suffix, lambda figure, alt, title: b"a picture")
    call("compare", "my_models.py:two_groups", "--methods", "exact,cavi", "--out", "results",
         "--set", "a=3")  # fmt: skip
    loaded = vi_lab.load(
        "results/two_groups-a=3/cavi", load_problem("my_models.py:two_groups", {"a": 3}).model
    )
    assert loaded.elbo < 0
    assert (folder / "results/figures/two_groups-a=3-nats.png").exists()


BROKEN = {
    "raises.py": ("x = 1\ny = 1 / 0\n", "line 2: importing it raised ZeroDivisionError: division"),
    "syntax.py": ("x = 1\ndef f(:\n", "line 2: is no Python; invalid syntax"),
    "leaves.py": ("import sys\nsys.exit('bye')\n", "line 2: importing it ended the program"),
    "needs.py": ("import no_such_module\n", "ModuleNotFoundError: No module named"),
    "empty.py": ("", "has no 'f'"),
    "odd.py": (
        "class Odd(BaseException):\n    pass\n\n\nraise Odd('x')\n",
        "line 5: importing it raised Odd: x",
    ),
    "null.py": ("x = 1\0\n", "null bytes"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_imported_is_one_line(name, folder):
    text, message = BROKEN[name]
    (folder / name).write_text(text, encoding="utf-8")
    out, err = call("compare", f"{name}:f", "--out", "results", code=2)
    assert out == "" and message in err.splitlines()[-1]
    assert err.splitlines()[-1].startswith(f"vi-lab: error: {name}")
    assert not (folder / "results").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("nothing", "nothing() needs to return a model or a problem, got None"),
        ("a_name", "a_name() needs to return a model or a problem, got 'coal'"),
        ("fails", "my_models.py, line 81: fails() raised ZeroDivisionError: division by zero"),
        ("refused", "refused() raised a: needs shape (2,), got ()"),
        ("leaves", "leaves() ended the program (SystemExit)"),
        ("needs", "needs() needs arguments: --set a=... --set b=..."),
        ("number", "number needs to be a model or a problem, or a function that makes one, got 3"),
        ("name", "name needs to be a model or a problem, or a function that makes one"),
        ("two_grops", "has no 'two_grops'; did you mean 'two_groups'?"),
        ("former", "defines sample_starts, which is now called sample_initial_values"),
        ("", "needs a name, as in my_models.py:NAME (flights, known, two_groups"),
        ("flights --set a=2", "--set: flights is made already; write a function whose arguments"),
        ("two_groups --set c=2", "--set: two_groups() has no argument 'c'"),
        ("nothing --set c=2", "--set: nothing() has no argument 'c'; it takes none"),
        ("two_groups --set a=-1", "two_groups() raised a: needs numbers above 0, got -1 at index"),
    ],
)
def test_what_makes_no_model_is_one_line(words, message, folder):
    name, *options = words.split() or [""]
    for command in ("compare", "check", "audit", "validate", "problems"):
        more = ["--bound", "-1"] if command == "audit" else []
        out, err = call(command, f"my_models.py:{name}", *more, *options, code=2)
        assert out == ""
        (line,) = [line for line in err.splitlines() if "error" in line]
        assert message in line, line


def test_a_file_in_which_nothing_is_made_says_so(tmp_path):
    (tmp_path / "empty.py").write_text("import math\n_hidden = 3\n")
    with pytest.raises(vi_lab.InputError, match=r"as in empty.py:NAME \(nothing is there\)"):
        load_problem(f"{tmp_path}/empty.py:", {})


def test_a_file_of_another_name_is_imported_through_a_link(tmp_path):
    """As it is now: byte code beside it may be of what was there in the same nanosecond."""
    (place := tmp_path / "place").mkdir()
    (link := place / "mine.py").symlink_to("kept")
    for number in "12":
        (place / "kept").write_text(f"import vi_lab\nm = vi_lab.BetaBernoulli([1], {number}, 1)")
        os.utime(place / "kept", ns=(0, 0))
        assert load_problem(f"{link}:m", {}).model.a == float(number)
    assert sorted(os.listdir(place)) == ["kept", "mine.py"]


def test_a_file_is_read_once_and_its_problem_travels_as_it_was(tmp_path, monkeypatch):
    """What is written over it meanwhile, or removed, changes no number, in no process."""
    file = tmp_path / "mine.py"
    text = "import vi_lab\n\ndef m(a=1.0):\n    return vi_lab.BetaBernoulli([1], {}, a)\n"
    file.write_text(text.format(1.0))
    read = reading.read_bytes

    def read_and_change(path, most):
        content = read(path, most)
        file.write_text(text.format(2.0))
        return content

    monkeypatch.setattr(reading, "read_bytes", read_and_change)
    first = load_problem(f"{file}:m", {"a": 3.0})
    sent = pickle.dumps(first)
    file.unlink()
    code = f"import pickle; one = pickle.loads({sent!r}); print(one.name, one.model.a, one.model.b)"
    assert (first.model.a, first.model.b) == (1.0, 3.0)
    assert outcome(code, cwd=tmp_path) == (0, "m a=3 1.0 3.0\n", "")


LEAKS = """
import os, warnings
import numpy as np
import vi_lab
os.chdir(os.path.dirname(__file__))
warnings.simplefilter("error")
np.seterr(all="raise")
np.set_printoptions(precision=1)
m = vi_lab.NormalGamma([1.0, 2.0, 4.0], 0.0, 1.0, 2.0, 3.0)
"""


def test_what_a_file_sets_for_the_whole_process_is_put_back(tmp_path):
    """Files are written where they are said to be, and numbers too small for a double are 0."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "mine.py").write_text(LEAKS)
    before = np.geterr(), np.get_printoptions(), warnings.filters[:]
    out, _ = call("replay", "deep/mine.py:m", "--out", "replay.html")
    assert "replay.html" in out
    assert (tmp_path / "replay.html").exists() and os.listdir(tmp_path / "deep") == ["mine.py"]
    assert (np.geterr(), np.get_printoptions(), warnings.filters[:]) == before


def test_a_file_is_imported_from_a_folder_that_is_gone(tmp_path):
    (tmp_path / "mine.py").write_text("import vi_lab\nm = vi_lab.BetaBernoulli([1], 1, 1)\n")
    code = (
        "import os, sys; from vi_lab.problems.from_file import load_problem\n"
        "os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')\n"
        "print(load_problem(sys.argv[1] + ':m', {}).model.n)"
    )
    assert outcome(code, tmp_path / "mine.py", cwd=tmp_path) == (0, "1\n", "")


def test_what_is_no_file_is_not_imported(tmp_path):
    (tmp_path / "mine.py").symlink_to("/dev/null")
    with (tmp_path / "large.py").open("wb") as file:
        file.truncate(2**40)  # a hole, of no block
    with pytest.raises(ResultFileError, match="it is no regular file"):
        load_problem(f"{tmp_path}/mine.py:m", {})
    with pytest.raises(ResultFileError, match="are more than the"):
        load_problem(f"{tmp_path}/large.py:m", {})


def test_no_file_and_no_problem():
    assert "there is no file nowhere.py" in call("compare", "nowhere.py:f", code=2)[1]
    assert "problem: needs one, or your own data" in call("validate", code=2)[1]
    assert "problem: needs one, or your own data" in call("audit", "--bound", "-1", code=2)[1]


def test_what_to_do_next_names_it_again():
    """The words of the last lines are a command that works."""
    out, _ = call("compare", "my_models.py:two_groups", "--set", "a=3", "--methods", "cavi")
    (line,) = [line for line in out.splitlines() if line.startswith("Next")]
    words = shlex.split(line.split("  is log")[0])
    assert words[1:3] == ["vi-lab", "check"]
    assert "two_groups a=3  cavi " in call(*words[2:])[0]
    out, _ = call("compare", "coal", "--set", "a=3,4", "--methods", "cavi")
    assert "vi-lab check coal --set 'a=[3, 4]'" in out


@pytest.mark.parametrize(
    "words",
    [
        "compare my_models.py:Talks --methods cavi",
        "compare my_models.py:Talks coin --methods cavi --jobs 2",
        "check my_models.py:Talks",
        "audit my_models.py:Talks --bound -9",
        "validate my_models.py:Talks",
        "problems my_models.py:Talks",
    ],
)
def test_what_a_model_prints_is_no_part_of_the_results(words, capfd):
    assert cli.main([*words.split(), "--format", "json"]) == 0
    told = capfd.readouterr()
    json.loads(told.out)
    assert "asked" in told.err or "rearranged" in told.err or "--jobs" in words
