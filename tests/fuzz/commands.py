"""The command line with options of every kind: an exit code of 0, 1 or 2, and one clear line.

Each command runs in a folder of its own, which is gone afterwards.
"""

import contextlib
import functools
import io
import itertools
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

import vi_lab
from vi_lab.cli import main as cli

# no "--" among them: after it `check` has no problem, which is all of them, and minutes
ODD = [
    "", " ", "-", "-1", "0", "1", "1.5", "1e400", "nan", "inf", "-inf", "1e-300", "abc", "None",
    "True", "9" * 30, "9" * 5000, "٣", "½", "\udcff", "a\nb", "a\0b", "x" * 5000, "ß±−", "%s",
    "<b>", "{}", "../..", ".", "~", "1,2", ",", "nan,1", "coin", "exact", "--format",
    "--out", "--seed", "/dev/null", "/nowhere/at/all",
]  # fmt: skip
FILES = {
    "tiny.npz": dict(x=np.arange(48).reshape(12, 4) % 3 / 2.0),
    "bits.npz": dict(images=np.arange(120).reshape(30, 2, 2) % 7 % 2, labels=np.arange(30) % 3),
    "one.npz": dict(x=np.ones((1, 2))),
    "nan.npz": dict(x=np.full((3, 2), np.nan)),
    "words.npz": dict(x=np.array([["a", "b"]])),
    "flat.npz": dict(x=np.arange(3.0)),
    "draws.npz": dict(theta=np.linspace(0.1, 0.9, 50)),
    "other.npz": dict(moo=np.zeros((3, 2))),
}
TEXTS = {
    "empty.npz": b"",
    "zip.npz": b"PK\x03\x04",
    "theta.json": b'{"theta": [0.5, 0.1]}',
    "list.json": b"[1]",
    "nan.json": b'{"theta": [NaN, 1e999]}',
    "deep.json": b"[" * 5000,
    "mine.csv": b"x,y\n1,2\n0,3\n1,1\n",
    "gaps.csv": b"x,y\n1,2\n0\n,1\n",
    "own.py": b"from vi_lab import BetaBernoulli\nprint('hello')\nthree = 3\n"
    b"def coin(a=1, b=1):\n    return BetaBernoulli([1, 0, 1], a, b)\n"
    b"def none():\n    pass\n",
    "raises.py": b"1 / 0\n",
    "coin.toml": b"[run]\nproblems = 'coin'\nmethods = 'exact'\n[set.coin]\na = 2\n",
    "odd.toml": b"[run]\nproblem = 'coin'\n",
    "no.toml": b"[run\n",
    "idx": b"\x00\x00\x08\x03" + b"\x00" * 12,
}
FOLDERS = {"run": "broken", "compared": "spoilt"}  # what has run, and the same with wrong JSON
EVERY_FILE = " ".join(f"@/{name}" for name in (*FILES, *TEXTS, "none"))
LARGE = "1000000000"
# right values of every place and option; a switch has none
VALUES = {
    "PROBLEM": "coin coin correlated coall",
    "OWN": "@/own.py:coin @/own.py:coin @/own.py:three @/own.py:none @/own.py @/raises.py:f",
    "FILE": "@/coin.toml @/coin.toml @/odd.toml @/no.toml @/none.toml @",
    "RUN": "@/run @/run @/run @/broken @/none @",
    "BROKEN": "@/broken @/none @",
    "SET": "digitz fashion",
    "--set": "a=2 b=0.5 a=2,2 a=HalfCauchy(2) aa=1 a coin.a=2 coall.a=2 a=nan a=[[1] =",
    "--mine": "@/mine.csv @/mine.csv @/gaps.csv @/tiny.npz @/none.csv @",
    "--columns": "x x x,y y,x z , x,x",
    "--model": "beta-bernoulli beta-bernoulli ising beta",
    "--methods": "exact exact,exact-draws exact,exact exat",
    "--estimators": "importance prior,importance importanc ,",
    "--seed": "0 1 7",
    "--format": "table json csv",
    "--budget": "quick slow",
    "--sweep": "",
    "--steps": "",
    "--bound": "-9.5 -10 0",
    "--posterior": EVERY_FILE,
    "--write": "@/atlas.json @",
    "--data": f"{EVERY_FILE} @/run",
    "--out": "@/new @/new/er @/run @/tiny.npz @/tiny.npz/x",
    "--results": "@/tiny.npz @/tiny.npz/x /nowhere/at/all /dev/null",
    "--compared": "@/compared @/compared @/spoilt @/run @/none @",
    "--few": "1 3",
    "--epochs": "1 2",
    "--latent": f"1 2 {LARGE}",
    "--hidden": f"3 none 2,2 {LARGE}",
    "--likelihood": "bernoulli gaussian poisson",
    "--grey": "",
    "--activation": "tanh relu softplus cos",
    "--beta": "1 0.5 1e300",
    "--importance": f"1 3 {LARGE}",
    "--batch-size": f"1 100 {LARGE}",
    "--learning-rate": "0.001 1 1e300",
    "--dtype": "float32 float64 float16",
    "--n": f"1 2 {LARGE}",
    "--draws": "1 2",
}
ALIASES = {
    "--results": "--out",
    "--compared": "--results",
    "--few": "--importance",
    "--mine": "--data",
    "--estimators": "--methods",
}  # a milliard of draws is work, no hang
# the words, the places and options that are always there, and a few of those behind the bar
COMMANDS = [
    "compare PROBLEM --methods | --seed --format --budget --sweep --set",
    "compare OWN --methods=exact | --format --set --seed",
    "compare FILE --methods=exact | --format --set --seed --budget",
    "compare --mine --columns --model --set=a=1 --set=b=1 --methods=exact | --format --set",
    "compare coin --methods=exact --results | --seed",
    "check PROBLEM | --seed --format --steps --set",
    "check OWN | --seed --format --set",
    "validate OWN | --seed --format --set",
    "validate PROBLEM | --seed --format --set --mine --model",
    "audit PROBLEM | --bound --posterior --seed --format --set --mine --model",
    "atlas PROBLEM | --format --write",
    "replay PROBLEM --methods=cavi --out | --seed --format",
    "report PROBLEM --compared | --out --seed --format --budget --set",
    "report --compared --out | --format --mine --model",
    "problems | --format",
    "problems OWN PROBLEM | --format --set",
    "vae train --data --out --epochs | --seed --latent --hidden --likelihood --grey --activation "
    "--beta --importance --batch-size --learning-rate --dtype",
    "vae train SET --data --out | --seed",
    "vae evaluate RUN | --n --few --draws --seed --format",
    "vae gaps RUN | --n --seed --format",
    "vae plot BROKEN --out | --n",
    "evidence PROBLEM --estimators --seeds=1 | --seed --format --set",
]


@functools.cache
def material():
    """A folder of files to read, a training and a comparison that have run; removed when Python
    ends."""
    folder = tempfile.TemporaryDirectory()
    here = Path(folder.name)
    for name, arrays in FILES.items():
        np.savez(here / name, **arrays)
    for name, text in TEXTS.items():
        (here / name).write_bytes(text)
    quiet = io.StringIO()
    words = ["vae", "train", "--data", str(here / "bits.npz"), "--out", str(here / "run")]
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        assert cli.main([*words, "--epochs", "1", "--hidden", "3", "--latent", "1"]) == 0
        words = ["compare", "coin", "--methods", "exact", "--jobs", "1"]
        assert cli.main([*words, "--out", str(here / "compared")]) == 0
    for whole, broken in FOLDERS.items():
        shutil.copytree(here / whole, here / broken)
        for path in (here / broken).glob("*.json"):
            path.write_text(json.dumps({"class": 1}))
    return folder


def answered(words):
    """Run one command in a folder of its own; InputError with what it says where it refuses."""
    out, err = io.StringIO(), io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name in {*FILES, *TEXTS, *FOLDERS, *FOLDERS.values()}:
            source, wanted = Path(material().name, name), f"@/{name}"
            if any(word.startswith(wanted) for word in words):
                (shutil.copytree if source.is_dir() else shutil.copy)(source, Path(folder, name))
        said = [folder + word[1:] if word.startswith("@") else word for word in words]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = cli.main(said)
            except SystemExit as end:  # argparse: a wrong option, --help, --version
                code = end.code
    lines = err.getvalue().splitlines()
    assert code in (0, 1, 2), f"exit code {code}"
    assert "Traceback" not in err.getvalue(), err.getvalue()
    if code != 2:
        assert out.getvalue().strip(), "says nothing"
        return
    assert not out.getvalue(), out.getvalue()
    errors = [
        i for i, line in enumerate(lines) if line.startswith("vi-lab") and ": error: " in line
    ]
    assert errors == [len(lines) - 1], lines  # one line, and nothing after it
    raise vi_lab.InputError(lines[-1].replace(folder, ""))


def seldom(odd, right):
    return st.integers(0, 19).flatmap(lambda k: odd if k < 1 else right)


@functools.cache
def part(token):
    """The words of a place or an option; now and then an odd value, or an option alone."""
    if not VALUES.get(token):
        return st.just([token])
    value = seldom(st.sampled_from(ODD), st.sampled_from(VALUES[token].split()))
    if not token.startswith("--"):
        return value.map(lambda v: [v])
    option = ALIASES.get(token, token)
    return seldom(st.just([option]), value.map(lambda v: [option, v]))


def command(line):
    """The words, a few of the options, and now and then something odd."""
    always, options = (half.split() for half in line.split("|"))
    few = st.lists(st.sampled_from(options), max_size=4, unique=True)
    odd = seldom(st.sampled_from([*ODD, "-h", "--version"]).map(lambda w: [w]), st.just([]))
    parts = few.flatmap(lambda some: st.tuples(*map(part, [*always, *some]), odd))
    return parts.map(lambda found: list(itertools.chain(*found)))


START = st.sampled_from([*ODD, "vae", "train", "audit", "-h", "--version"])
LINES = st.one_of(*map(command, COMMANDS), st.lists(START, max_size=3))
commands = st.builds(functools.partial, st.just(answered), LINES)
