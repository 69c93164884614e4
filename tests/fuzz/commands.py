"""The command line with options of every kind: an exit code of 0, 1 or 2, and one clear line.

Each command runs in a folder of its own, which is gone afterwards.
"""

import contextlib
import functools
import io
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
LARGE = "1000000000"
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
    "idx": b"\x00\x00\x08\x03" + b"\x00" * 12,
}


@functools.cache
def material():
    """A folder of files to read, and a training that has run; removed when Python ends."""
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
    shutil.copytree(here / "run", here / "broken")
    for path in (here / "broken").glob("*.json"):
        path.write_text(json.dumps({"class": 1}))
    return folder


def seldom(odd, right):
    return st.integers(0, 19).flatmap(lambda k: odd if k < 1 else right)


def value(*right):
    """What follows an option: mostly right."""
    return seldom(st.sampled_from(ODD), st.sampled_from(right))


def option(name, *right):
    """An option and its value; now and then the option alone."""
    whole = value(*right).map(lambda v: [name, v])
    return seldom(st.just([name]), whole)


def switch(name):
    return st.just([name])


def command(words, *parts, **some):
    """The words, all of the parts, a few of the options, and now and then something odd."""
    options = st.lists(st.sampled_from(sorted(some)), max_size=4, unique=True).flatmap(
        lambda names: st.tuples(*(some[name] for name in names))
    )
    odd = seldom(st.sampled_from([*ODD, "-h", "--version"]).map(lambda w: [w]), st.just([]))
    return st.tuples(st.tuples(*parts), options, odd).map(
        lambda p: [*words, *(w for part in (*p[0], *p[1], p[2]) for w in part)]
    )


def place(*right):
    return value(*right).map(lambda v: [v])


seed = option("--seed", "0", "1", "7")
data = option("--data", *(f"@/{name}" for name in (*FILES, *TEXTS, "run", "none")))
runs = place("@/run", "@/run", "@/run", "@/broken", "@/none", "@")
tables = option("--format", "table", "json", "csv")
out = option("--out", "@/new", "@/new/er", "@/run", "@/tiny.npz", "@/tiny.npz/x")
COMMANDS = {
    "compare": command(
        ["compare"],
        place("coin", "coin", "correlated", "coall"),
        option("--methods", "exact", "exact,exact-draws", "exact,exact", "exat"),
        seed=seed,
        format=tables,
        budget=option("--budget", "quick", "slow"),
        sweep=switch("--sweep"),
    ),
    "compare out": command(
        ["compare", "coin", "--methods", "exact"],
        option("--out", "@/tiny.npz", "@/tiny.npz/x", "/nowhere/at/all", "/dev/null"),
        seed=seed,
    ),
    "check": command(
        ["check"], place("coin", "coall"), seed=seed, format=tables, steps=switch("--steps")
    ),
    "audit": command(
        ["audit"],
        place("coin", "coin", "coall"),
        bound=option("--bound", "-9.5", "-10", "0"),
        posterior=option("--posterior", *(f"@/{name}" for name in (*FILES, *TEXTS, "none"))),
        seed=seed,
        format=tables,
    ),
    "atlas": command(
        ["atlas"],
        place("coin", "coall"),
        format=tables,
        write=option("--write", "@/atlas.json", "@"),
    ),
    "problems": command(["problems"], format=tables),
    "train": command(
        ["vae", "train"],
        data,
        out,
        option("--epochs", "1", "2"),
        seed=seed,
        latent=option("--latent", "1", "2", LARGE),
        hidden=option("--hidden", "3", "none", "2,2", LARGE),
        likelihood=option("--likelihood", "bernoulli", "gaussian", "poisson"),
        grey=switch("--grey"),
        activation=option("--activation", "tanh", "relu", "softplus", "cos"),
        beta=option("--beta", "1", "0.5", "1e300"),
        importance=option("--importance", "1", "3", LARGE),
        batch_size=option("--batch-size", "1", "100", LARGE),
        learning_rate=option("--learning-rate", "0.001", "1", "1e300"),
        dtype=option("--dtype", "float32", "float64", "float16"),
    ),
    "train by name": command(["vae", "train"], place("digitz", "fashion"), data, out, seed=seed),
    "evaluate": command(
        ["vae", "evaluate"],
        runs,
        n=option("--n", "1", "2", LARGE),
        importance=option("--importance", "1", "3"),
        draws=option("--draws", "1", "2"),
        seed=seed,
        format=tables,
    ),
    "gaps": command(
        ["vae", "gaps"], runs, n=option("--n", "1", "2", LARGE), seed=seed, format=tables
    ),
    "plot": command(["vae", "plot"], place("@/broken", "@/none", "@"), out, n=option("--n", "1")),
    "words": st.lists(
        st.sampled_from([*ODD, "vae", "compare", "train", "audit", "-h", "--version"]), max_size=3
    ).filter(lambda words: "compare" not in words and "check" not in words),
}


def answered(words):
    """Run one command in a folder of its own; InputError with what it says where it refuses."""
    out, err = io.StringIO(), io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name in {*FILES, *TEXTS, "run", "broken"}:
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
    assert len(errors) == 1, lines
    if lines[errors[0]].startswith("vi-lab: error: ") and lines[0][:6] != "usage:":
        assert errors == [len(lines) - 1], lines  # one line, and nothing after it
        raise vi_lab.InputError(lines[-1].replace(folder, ""))
    raise vi_lab.InputError(lines[errors[0]][:200])


@st.composite
def commands(draw):
    words = draw(COMMANDS[draw(st.sampled_from(list(COMMANDS)))])

    def run():
        answered(words)

    run.__doc__ = f"{' '.join(words[:2])}({words!r})"
    return run
