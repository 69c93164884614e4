"""What docs/promises.md promises, each promise held while the real fault happens."""

import locale
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

import vi_lab
from tests.console import call, environment, run
from tests.faults import (
    PLAIN,
    VI_LAB,
    contents,
    held,
    killed,
    leftovers,
    plainly,
    strict,
    timeless,
)  # fmt: skip
from tests.forks import outcome
from tests.thinning import mostly_slow
from tests.vae.data import blobs
from vi_lab import cavi
from vi_lab.vae import Amortised

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a fault as Linux has it")
SLOW = pytest.mark.slow
UNIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals and limits")
COMPARE = ("compare", "correlated", "newcomb", "--methods", "exact", "--out", "results")
TRAIN = ("vae", "train", "--data", "my.npz", "--hidden", "5", "--batch-size", "9", "--out", "run")
SHORT = (*TRAIN, "--epochs", "3")
SAVED = ["correlated", "newcomb"]  # in this order


@pytest.fixture
def here(tmp_path):
    """A folder with data to train on."""
    np.savez(tmp_path / "my.npz", x=blobs())
    return tmp_path


def results(folder):
    """Every result of COMPARE that is there; a file that cannot be read raises."""
    found = {}
    for problem in SAVED:
        path = folder / "results" / problem / "exact"
        if path.with_suffix(".json").exists():
            found[problem] = vi_lab.load(path, vi_lab.problem(problem))
    return found


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A comparison, done once."""
    folder = tmp_path_factory.mktemp("finished")
    plainly(*COMPARE, cwd=folder)
    assert len(results(folder)) == len(SAVED)
    assert leftovers(folder) == []
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A training of SHORT, done once."""
    folder = tmp_path_factory.mktemp("trained")
    np.savez(folder / "my.npz", x=blobs())
    plainly(*SHORT, cwd=folder)
    return folder


@pytest.fixture
def again(trained, tmp_path):
    """The folder of that training, which is put back as it was."""
    shutil.copytree(trained / "run", tmp_path / "kept")
    yield trained
    shutil.rmtree(trained / "run")
    shutil.copytree(tmp_path / "kept", trained / "run")


@pytest.fixture
def earlier(finished, tmp_path):
    """A folder with the results of an earlier run, that of seed 0."""
    shutil.copytree(finished / "results", tmp_path / "results")
    return tmp_path


# kill -9


@UNIX
@pytest.mark.parametrize(("number", "whole"), [pytest.param(1, 0, marks=SLOW), (8, 1)])
def test_kill_9_during_a_comparison_loses_nothing(number, whole, tmp_path):
    """At the first byte of the first result; in the middle of the second, when one is whole."""
    killed("fsync", number, *COMPARE, cwd=tmp_path)
    assert sorted(name.rpartition(".")[2] for name in leftovers(tmp_path)) == ["lock", "part"]
    assert list(results(tmp_path)) == SAVED[:whole]
    plainly(*COMPARE, cwd=tmp_path)
    assert leftovers(tmp_path) == []
    assert list(results(tmp_path)) == SAVED
    document = strict((tmp_path / "results" / "compare.json").read_text("utf-8"))
    assert document["interrupted"] is False and len(document["rows"]) == len(SAVED)


@UNIX
@pytest.mark.parametrize("number", [pytest.param(1, marks=SLOW), 2, pytest.param(3, marks=SLOW)])
def test_kill_9_while_a_result_is_replaced_leaves_the_old_or_the_new(number, tmp_path):
    """Before the new arrays count, before the new JSON does, before its arrays have their name."""
    old, new = (cavi(vi_lab.problem("newcomb"), rng=seed, restarts=2) for seed in (0, 1))
    old.save(tmp_path / "cavi", seed=0)
    code = """
from vi_lab import cavi, problem
main = lambda _: cavi(problem("newcomb"), rng=1, restarts=2).save("cavi", seed=1)
"""
    killed("replace", number, cwd=tmp_path, before=code)
    found = vi_lab.load(tmp_path / "cavi", vi_lab.problem("newcomb"))
    seed = strict((tmp_path / "cavi.json").read_text("utf-8"))["seed"]
    assert seed == (number == 3)
    np.testing.assert_array_equal(found.elbo_trace, (old, new)[seed].elbo_trace)
    assert not np.array_equal(old.elbo_trace, new.elbo_trace)


@UNIX
@pytest.mark.parametrize(
    ("call", "number"),
    [pytest.param("fsync", 1, marks=SLOW), ("replace", 2), pytest.param("fsync", 5, marks=SLOW)],
)
def test_kill_9_during_training_loses_nothing(call, number, here, trained):
    """While run.json is written, the first checkpoint, the last; the same command does the rest."""
    killed(call, number, *SHORT, cwd=here)
    assert leftovers(here)
    for path in (here / "run").rglob("checkpoint-*.npz"):
        with np.load(path, allow_pickle=False) as archive:
            assert {"theta", "record"} <= set(archive.files)
    plainly(*SHORT, cwd=here)
    assert leftovers(here) == []
    one, two = (Amortised.load(folder / "run" / "fit") for folder in (here, trained))
    assert all(np.array_equal(one.params[name], two.params[name]) for name in one.params)


# Two writers


@UNIX
@pytest.mark.parametrize("command", mostly_slow([COMPARE, SHORT]))
def test_two_processes_do_not_write_into_one_folder(command, here):
    process = held("replace", 3, *command, cwd=here)
    before = contents(here)
    try:
        out, err = plainly(*command, cwd=here, code=2)
        assert out == "" and err.count("error:") == 1 and "Traceback" not in err
        assert f"{command[-1] if command is COMPARE else 'run'} is busy, used by pid " in err
        assert f"pid {process.pid};" in err
        assert contents(here) == before
    finally:
        process.kill()
        process.communicate()
    plainly(*command, cwd=here)  # the lock died with its owner
    assert leftovers(here) == []


# A full disk


# What a process does first: no file of its may grow beyond so many bytes.
LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
"""


def fails(*command, cwd, size):
    """Run a command whose files may not grow; its one error, and what it printed."""
    code, out, err = outcome(LIMITED.format(size=size) + VI_LAB, *command, cwd=cwd)
    assert code == 2, err
    errors = [line for line in err.splitlines() if "training in" not in line]
    assert len(errors) == 1 and errors[0].startswith("vi-lab: error: cannot write "), err
    return errors[0], out


@UNIX
def test_a_full_disk_ends_a_comparison_with_one_error(earlier):
    before = contents(earlier)
    error, out = fails(*COMPARE, "--seed", "1", "--format", "json", cwd=earlier, size=400)
    assert "exact.npz.next: File too large (and 2 more)" in error
    assert [row["problem"] for row in strict(out)["rows"]] == SAVED  # no row is lost
    assert contents(earlier) == before
    assert list(results(earlier)) == SAVED


@UNIX
def test_a_full_disk_ends_a_training_with_one_error(again):
    before = contents(again)
    more = (*TRAIN, "--epochs", "6")
    error, out = fails(*more, cwd=again, size=2_000)
    assert "checkpoint-" in error and out == ""
    assert contents(again) == before
    plainly(*more, cwd=again)
    assert len(Amortised.load(again / "run" / "fit").trace.elbo) == 6


@LINUX
def test_a_full_file_system_ends_with_one_error(tmp_path):
    """A file system of 60 kB, in a name space of mounts that ends with the test."""
    compare = ("compare", "correlated", "--methods", "exact", "--out", "results")
    plainly(*compare, cwd=tmp_path)
    script = f"""
mount -t tmpfs -o size=60k none . && cd "$PWD" && cp -r ../results . || exit 77
sha256sum results/correlated/* >before
head -c 1M /dev/zero >filler 2>/dev/null
'{sys.executable}' -c '{VI_LAB}' {" ".join(compare)}
code=$?
sha256sum --quiet --check before && find . -name '.*.part'
exit $code
"""
    folder = tmp_path / "small"
    folder.mkdir()
    if shutil.which("unshare") is None:
        pytest.skip("no unshare")
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script], cwd=folder, capture_output=True, timeout=280,
        env=environment(PYTHONDONTWRITEBYTECODE="1"), encoding="utf-8",
    )  # fmt: skip
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("this process may not mount")
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith("vi-lab: error: cannot write results")
    assert done.stderr.endswith("No space left on device\n")


# Files that are damaged or somebody else's


@pytest.mark.parametrize("damage", ["truncated", "foreign", "pickled", "none of them whole"])
def test_a_damaged_training_is_one_error_and_nothing_is_deleted(damage, again):
    fit, command = again / "run" / "fit.npz", ("vae", "evaluate", "run")
    if damage == "truncated":
        fit.write_bytes(fit.read_bytes()[:-100])
    elif damage == "foreign":
        np.savez(fit, a=np.arange(3))
    elif damage == "pickled":
        np.savez(fit, a=np.array([{}], dtype=object))
    else:
        command = (*TRAIN, "--epochs", "6")
        for path in (again / "run" / "checkpoints").iterdir():
            path.write_bytes(path.read_bytes()[:-100])
    before = contents(again)
    out, err = plainly(*command, cwd=again, code=2)
    assert out == "" and err.count("vi-lab: error: ") == 1 and "Traceback" not in err
    assert contents(again) == before


# Where the machine lacks something


DRAW = ("compare", "coin", "--methods", "exact", "--out", "results")
MAIN = "from vi_lab.cli.main import main; assert main() == 0"


@pytest.fixture(scope="module", params=mostly_slow(["a file's", "unset"]))
def homeless(request, tmp_path_factory):
    """A comparison with its pictures, without a home, a display and a folder for matplotlib."""
    folder = tmp_path_factory.mktemp("homeless")
    (folder / "file").touch()
    nowhere = str(folder / "file" / "below")
    variables = dict.fromkeys(
        ("HOME", "USERPROFILE", "DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND", "XDG_CONFIG_HOME",
         "XDG_CACHE_HOME"),
    )  # fmt: skip
    variables["MPLCONFIGDIR"] = nowhere
    if request.param != "unset":
        variables |= {"HOME": nowhere, "MPLCONFIGDIR": None}
    code, out, err = outcome(MAIN, *DRAW, cwd=folder, **variables)
    assert code == 0, err
    return folder, out, err


def test_neither_a_home_nor_a_display_nor_matplotlibs_folder_is_needed(homeless):
    folder, out, err = homeless
    assert "exact" in out and "Results  results/" in out
    assert "Traceback" not in err and "vi-lab: error" not in err
    assert list((folder / "results" / "figures").glob("*.png"))
    assert (folder / "file").read_bytes() == b""


@pytest.fixture
def commas(tmp_path):
    """A folder with a locale of decimal commas, made for this test."""
    if shutil.which("localedef") is None:
        pytest.skip("no localedef to make a locale with")
    numbers = 'LC_NUMERIC\ndecimal_point ","\nthousands_sep "."\ngrouping 3;3\nEND LC_NUMERIC\n'
    (tmp_path / "source").write_text(numbers, encoding="ascii")
    made = ["localedef", "-c", "-i", tmp_path / "source", "-f", "UTF-8", tmp_path / "commas.UTF-8"]
    done = subprocess.run(made, capture_output=True)
    if not (tmp_path / "commas.UTF-8" / "LC_NUMERIC").exists():
        pytest.skip(f"localedef has no sources: {done.stderr.decode(errors='replace')}")
    return tmp_path


@LINUX
def test_decimal_commas_of_the_locale_stay_out(commas, homeless, tmp_path, monkeypatch):
    """In this process, whose command is given the words of the other one's."""
    monkeypatch.setattr(sys, "argv", ["-c", *DRAW])
    monkeypatch.setenv("LOCPATH", str(commas))
    before = locale.setlocale(locale.LC_NUMERIC)
    locale.setlocale(locale.LC_NUMERIC, "commas.UTF-8")
    try:
        assert locale.localeconv()["decimal_point"] == "," and locale.str(0.5) == "0,5"
        out, _ = call(*DRAW, cwd=tmp_path)
    finally:
        locale.setlocale(locale.LC_NUMERIC, before)
    assert "-13.609667" in out
    here, there = timeless(tmp_path / "results"), timeless(homeless[0] / "results")
    assert [path for path in here if here[path] != there.get(path)] == []
    assert here.keys() == there.keys()
    written = {".json", ".npz", ".csv", ".txt", ".png", ".svg", ".html", ".gz"}
    assert {p.suffix for p in here} == written


ASCII = dict(PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", LC_ALL="C", LANG="C")


IN_TURN = """
words = sys.argv[1:]
while words:
    end = words.index(";")
    sys.argv[1:], words = words[:end], words[end + 1 :]
    assert main() == 0
"""


def in_ascii(*commands, cwd):
    """What they print, in one process of a locale that knows ASCII alone."""
    words = [word for command in commands for word in (*command, ";")]
    return run(sys.executable, "-c", PLAIN + IN_TURN, *words, cwd=cwd, **ASCII)[0]


def in_this_one(*commands, cwd):
    return "".join(plainly(*command, cwd=cwd)[0] for command in commands)


@pytest.mark.parametrize("run_all", [in_this_one, pytest.param(in_ascii, marks=UNIX)])
def test_paths_with_spaces_and_other_letters(run_all, here):
    """In a locale that knows these letters, and in one that knows ASCII alone."""
    folder = here / "Ergebnisse für µ ± 日本"
    folder.mkdir()
    shutil.copy(here / "my.npz", folder / "Zahlen – ü.npz")
    options = ("--methods", "exact", "--out", folder / "ein Ordner µ")
    data = ("--data", folder / "Zahlen – ü.npz", "--hidden", "5", "--epochs", "2")
    measured = ("vae", "evaluate", folder / "lauf µ", "--n", "3", "--format", "json")
    train = ("vae", "train", *data, "--out", folder / "lauf µ")
    out = run_all(("compare", "coal", *options), train, measured, cwd=here)
    assert "Results  " in out and "exact" in out
    document = strict((folder / "ein Ordner µ" / "compare.json").read_text("utf-8"))
    if run_all is in_ascii:  # elsewhere the command is this test run's own
        assert document["provenance"]["command"].endswith("für µ ± 日本/ein Ordner µ")
    found = vi_lab.load(folder / "ein Ordner µ" / "coal" / "exact", vi_lab.problem("coal"))
    assert found.log_evidence == document["rows"][0]["log_evidence"]
    evaluated = strict(out[out.index("\n{") :])
    assert evaluated["epochs"] == 2
    assert strict(plainly(*measured, cwd=here)[0])["elbo"] == evaluated["elbo"]


@UNIX
def test_a_terminal_of_ascii_alone_gets_every_table(tmp_path):
    code = "import sys; from vi_lab.cli.main import main; sys.exit(max(map(main, {})))"
    compared = ["compare", "coal", "--methods", "exact"]
    commands = (["check", "newcomb", "--steps"], compared, [*compared, "--format", "json"])
    out, err = run(sys.executable, "-c", code.format(commands), cwd=tmp_path, **ASCII)
    assert out.isascii() and "newcomb" in out and err == ""
    assert "0 ? 2e-11" in out  # 0 ± 2e-11
    assert len(strict(out[out.index("\n{") :])["rows"]) == 1
