"""Sentences that no other test comes to: of commands, files, studies, trainings and pictures."""

import ast
import json
import os
import sys
import zlib

import numpy as np
import pytest

import vi_lab
from tests.console import call
from tests.tables import table
from tests.vae.data import blobs
from vi_lab import (
    VAE,
    BetaBernoulli,
    DensityModel,
    InputError,
    InputTypeError,
    NotApplicable,
    NumericalError,
    ResultFileError,
)
from vi_lab.adapters.walked import import_extra
from vi_lab.comparison.reference import find_exact
from vi_lab.inference.expectation_propagation import expectation_propagation
from vi_lab.numerics.cells import integrate
from vi_lab.numerics.plane_density import Grid
from vi_lab.plots.vae import encoded
from vi_lab.runtime import storage
from vi_lab.studies import cluster, store
from vi_lab.studies.cases import find_case
from vi_lab.studies.comparison_measure import measure_row
from vi_lab.studies.measure import Measure, RowKey
from vi_lab.teach.slips import formulas
from vi_lab.vae import Amortised


class Ragged:
    """Labels that raise as they are read."""

    def __array__(self, *arguments, **keywords):
        raise RuntimeError("no labels today")


class Line(DensityModel):
    """A density of one coordinate, with what a test changes of it."""

    dimension = 1

    def __init__(self, z=None, log_density=None):
        self.z, self.given = z, log_density

    def log_density(self, z):
        return -0.5 * (z**2).sum(-1) if self.given is None else self.given(z)

    def sample_latents(self, rng, batch=()):
        return {"z": rng.normal(size=(*batch, 1)) if self.z is None else self.z}


class BreaksDown(BetaBernoulli):
    """A model whose own truth has no digits, and whose sites raise."""

    no_sites_because = None

    def exact_posterior(self):
        raise NumericalError("no digits are left")

    def sites(self):
        raise KeyError("prior")


def fit(**changes):
    return VAE(blobs().shape[1], 2, (3,)).fit(blobs(), **{"epochs": 1, "rng": 0, **changes})


def run_short(model):
    return vi_lab.metropolis_hastings(model, rng=0, draws=5, warmup=5)


def divide(*_):
    raise ZeroDivisionError("by nought")


def nil(z):
    return np.full(len(z), -np.inf)


def whole(z):
    return np.where((z == np.round(z)).all(-1), 0.0, -np.inf)


# What is called, and the error with its words.
CALLS = {
    "a tool that is missing": (
        lambda: import_extra("no_such_tool.infer", "no_such_tool"),
        NotApplicable,
        r"no_such_tool\.infer is not installed: pip install no_such_tool$",
    ),
    "starts of another shape": (
        lambda: vi_lab.exact(Line(z=np.zeros((3, 2)))),
        InputError,
        r"sample_latents: needs z of shape \(\d+, 1\), gave \(3, 2\)",
    ),
    "a density without its axis": (
        lambda: vi_lab.exact(Line(log_density=lambda z: 0.0)),
        InputError,
        r"log_density: needs shape .*, gave \(\)",
    ),
    "a density that raises": (
        lambda: run_short(Line(log_density=divide)),
        InputError,
        "the log density at the start raised ZeroDivisionError",
    ),
    "a truth that breaks down": (
        lambda: find_exact(BreaksDown([0, 1], 1.0, 1.0)),
        NumericalError,
        "no digits are left",
    ),
    "sites that raise": (
        lambda: expectation_propagation(BreaksDown([0, 1], 1.0, 1.0)),
        InputError,
        "model: its sites raised KeyError",
    ),
    "a plane without mass": (
        lambda: Grid(nil, np.zeros(1), np.eye(1)),
        NumericalError,
        "the density to integrate is -inf at its highest",
    ),
    "a density of whole numbers alone": (
        lambda: integrate(whole, np.arange(8.0)[:, None]),
        NumericalError,
        "no walk from its starts moves",
    ),
    "a density of one number alone": (
        lambda: integrate(lambda z: np.where((z == 0).all(-1), 0.0, -np.inf), np.zeros((8, 1))),
        NumericalError,
        r"the density to integrate sums to exp\(-inf\)",
    ),
    "labels that raise": (
        lambda: encoded(fit(), blobs(), labels=Ragged()),
        InputTypeError,
        "labels: needs one label a row; .*no labels today",
    ),
    "a row that does not apply": (
        lambda: measure_row(RowKey("coin", "collapsed-gibbs", "quick", 0)),
        NotApplicable,
        "it integrates the Dirichlets out",
    ),
    "data of a model that draws none": (
        lambda: find_case("ising@1"),
        NotApplicable,
        "ising: its model draws no data; Ising has no data to draw",
    ),
    "a formula of another kind": (
        lambda: formulas.value_of(ast.parse("lambda: 0", mode="eval").body, {}),
        formulas.Unknown,
        "lambda: 0",
    ),
    "a place of another kind": (
        lambda: formulas.assign(ast.parse("a.b = 0").body[0].targets[0], 0, {}),
        formulas.Unknown,
        "a.b",
    ),
}  # fmt: skip


@table("name", CALLS)
def test_each_has_its_sentence(name):
    called, kind, words = CALLS[name]
    with pytest.raises(kind, match=words):
        called()


def test_a_cluster_needs_dask(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NotApplicable, match=r"pip install distributed$"):
        cluster.run_on_cluster(divide, [()], "tcp://127.0.0.1:1", lambda *_: None)


def test_the_atlas_is_made_elsewhere():
    for option in ("--recompute", "--write"):
        assert "became `make atlas`" in call("atlas", option, code=2)[1]


def test_columns_of_unequal_length(tmp_path):
    np.savez(tmp_path / "my.npz", a=np.ones(3), b=np.ones(4), y=np.zeros(3))
    words = ("--data", "my.npz", "--columns", "y,a,b", "--model", "linear-regression")
    prior = [word for name in ("m0", "V0", "a0", "b0") for word in ("--set", f"{name}=1")]
    _, err = call("compare", *words, *prior, cwd=tmp_path, code=2)
    assert "--columns: need one shape (n,), got a of shape (3,), b of shape (4,)" in err


@pytest.mark.parametrize(
    "text", ["raise KeyboardInterrupt", "def f():\n    raise KeyboardInterrupt"]
)
def test_ctrl_c_in_a_users_file_is_ctrl_c(text, tmp_path):
    (tmp_path / "my.py").write_text(text)
    assert "interrupted" in call("problems", "my.py:f", cwd=tmp_path, code=130)[1]


# Files


def test_a_table_needs_a_name_and_a_store_a_folder(tmp_path):
    odd = Measure("a b", {}, lambda key: (), (), ())
    with pytest.raises(InputError, match="measure: needs a name that a table may have, got 'a b'"):
        with store.open_store(tmp_path, odd):
            pass
    with pytest.raises(ResultFileError, match=r"cannot open .*: unable to open database file"):
        with store.open_store(tmp_path / "none", odd):
            pass


def test_a_rename_that_fails_is_said(tmp_path, monkeypatch):
    replace = os.replace

    def fail(source, target, **more):
        if str(target).endswith("it.npz"):
            raise OSError(5, "Input/output error")
        replace(source, target, **more)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(ResultFileError, match=r"cannot write .*it\.npz: Input/output error"):
        storage.write_pair(tmp_path / "it", {"a": np.ones(2)}, {})


def test_an_archive_of_other_arrays_than_its_record_says(tmp_path):
    vi_lab.cavi("coin", rng=0).save(tmp_path / "it")
    with np.load(tmp_path / "it.npz") as file:
        np.savez(tmp_path / "it.npz", more=np.ones(1), **file)
    record = json.loads((tmp_path / "it.json").read_text())
    record["crc32"] = zlib.crc32((tmp_path / "it.npz").read_bytes())
    (tmp_path / "it.json").write_text(json.dumps(record))
    with pytest.raises(ResultFileError, match=r"it holds .*'more'.*, not \["):
        vi_lab.load(tmp_path / "it")


def change_record(path, change):
    """A JSON file with something else in it."""
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


def change_checkpoint(path, change, **arrays):
    """A checkpoint with other arrays or another record in it."""
    with np.load(path) as file:
        held = dict(file)
    record = json.loads(str(held.pop("record")))
    change(record)
    np.savez(path, record=np.array(json.dumps(record)), **held | arrays)


def test_a_checkpoint_that_was_changed_is_refused(tmp_path):
    for change, arrays, words in (
        (lambda record: record.update(identity=[]), {}, "is no checkpoint of a vi_lab VAE"),
        (lambda record: record.pop("epoch"), {}, "does not fit together: 'epoch'"),
        (lambda record: None, {"theta": np.zeros(3)}, "the checkpoint does not fit together"),
        (lambda record: None, {"theta": np.array(0.5)}, "'theta' needs finite numbers"),
        (lambda record: None, {"trace": np.zeros((7, 3))}, "'trace' needs finite numbers"),
        (lambda record: None, {"sums": np.full(3, np.nan)}, "'sums' needs finite numbers"),
        (lambda record: None, {"sums": np.zeros(3, complex)}, "'sums' needs finite .* complex128"),
        (lambda record: record.update(epoch=True), {}, "its counts and seed are \\[True"),
        (lambda record: record.update(optimiser_steps=-1), {}, "its counts and seed are"),
        (lambda record: record.update(seed=["x"]), {}, "its counts and seed are"),
        (lambda record: record.update(step=10**9), {}, "it is at step 1000000000 of"),
        (lambda record: record.update(seconds="long"), {}, "it took 'long' seconds"),
        (lambda record: record.update(last_finite="far"), {}, "its last ELBO is 'far'"),
        (lambda record: record.update(noise=[]), {}, "the checkpoint does not fit together"),
    ):
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        fit(checkpoint=folder)
        for path in folder.glob("*.npz"):
            change_checkpoint(path, change, **arrays)
        with pytest.raises(ResultFileError, match=words):
            fit(checkpoint=folder)


def test_a_training_that_was_changed_is_refused(tmp_path):
    np.savez(tmp_path / "my.npz", x=blobs())
    words = ("--data", "my.npz", "--hidden", "3", "--epochs", "1", "--out", "run")
    call("vae", "train", *words, cwd=tmp_path)
    with np.load(tmp_path / "run" / "fit.npz") as file:
        arrays = dict(file)
    record = json.loads((tmp_path / "run" / "fit.json").read_text())
    for change in (np.array(0.5), np.zeros((1, 1)), np.zeros(0)):
        storage.write_pair(tmp_path / "changed", {**arrays, "trace/kl": change}, record)
        with pytest.raises(ResultFileError, match="its trace needs a number an epoch"):
            Amortised.load(tmp_path / "changed")
    change_record(tmp_path / "run" / "fit.json", lambda record: record.pop("vae"))
    with pytest.raises(ResultFileError, match=r"does not fit together: 'vae'"):
        Amortised.load(tmp_path / "run" / "fit")
    path = tmp_path / "run" / "run.json"
    whole = path.read_text()
    for change in (
        lambda record: record["settings"].pop("grey"),
        lambda record: record["settings"].update(data=1.5),
        lambda record: record["settings"].update(data="\ud800"),
        lambda record: record["settings"].update(held_out="x"),
        lambda record: record.update(settings=["data", "grey", "held_out"]),
        lambda record: record.update(provenance=None),
    ):
        change_record(path, change)
        for command in (("evaluate", "run"), ("train", *words)):
            _, err = call("vae", *command, cwd=tmp_path, code=2)
            assert "run.json is not of a training of `vi-lab vae train`" in err
        path.write_text(whole)
