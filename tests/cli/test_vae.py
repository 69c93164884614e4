"""`vi-lab vae` as a user meets it: train, interrupt, resume, evaluate, gaps, plot."""

import os
import signal
import sys

import numpy as np
import pytest

from tests.console import call
from tests.faults import contents, strict
from tests.forks import start
from tests.tables import table
from tests.test_readme import table_below
from tests.vae.data import blobs
from tests.waiting import until
from vi_lab.datasets import observations
from vi_lab.vae import Amortised
from vi_lab.vae.runs.sources import load_split

RUN = ("vae", "epochs", "interrupted", "data", "rule", "held_out")
MEANS = ("elbo", "reconstruction", "kl", "elbo_there", "iwae", "log_evidence")
SMALL = ("--data", "my.npz", "--hidden", "5", "--epochs", "3", "--batch-size", "9")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a small npz of binary rows and labels."""
    monkeypatch.chdir(tmp_path)
    np.savez("my.npz", x=blobs(), y=np.arange(60) % 3)
    return tmp_path


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The digits, trained by a command; the folder above, what it printed."""
    folder = tmp_path_factory.mktemp("trained")
    command = ("vae", "train", "digits", "--epochs", "5", "--hidden", "30", "--out", "run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["vi-lab", *command])
        return folder, *call(*command, cwd=folder)


# train


def test_train_prints_the_trace_and_leaves_the_result(trained):
    folder, out, err = trained
    fit = Amortised.load(folder / "run" / "fit")
    assert out.startswith("VAE 64-30-2-30-64 bernoulli, 5 epochs, ELBO ")
    header, _, *rows = out.splitlines()[2:]
    assert header.split() == ["epoch", "elbo", "reconstruction", "kl"] and len(rows) == 5
    last = np.array(rows[-1].split(), float)
    assert last[1] == pytest.approx(fit.trace.elbo[-1], abs=1e-3)
    assert "1,618 rows (179 held out), 1 where the value is at least 8, half the largest" in err
    assert "the result is in run; next: vi-lab vae evaluate run" in err
    record = strict((folder / "run" / "run.json").read_text("utf-8"))
    assert record["settings"]["data"] == "digits" and record["settings"]["hidden"] == [30]
    assert record["provenance"]["command"].startswith("vi-lab vae train digits --epochs 5")


def test_the_same_command_resumes_and_more_epochs_go_on(here):
    train = ("vae", "train", *SMALL, "--out", "one")
    call(*train)
    first = Amortised.load("one/fit")
    _, err = call(*train)
    again = Amortised.load("one/fit")
    assert all(np.array_equal(first.params[name], again.params[name]) for name in first.params)
    assert "resuming the training in one" in err
    call(*train, "--epochs", "7")
    call("vae", "train", *SMALL, "--epochs", "7", "--out", "two")
    one, two = Amortised.load("one/fit"), Amortised.load("two/fit")
    assert len(one.trace.elbo) == 7
    assert all(np.array_equal(one.params[name], two.params[name]) for name in one.params)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to another process")
def test_ctrl_c_keeps_the_state_and_the_same_command_resumes(here):
    main = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from vi_lab.cli.main import main
from vi_lab.vae.training_state import Run
def noted(self, end=Run.end_epoch):
    end(self)
    if self.epoch == 5:
        open("five epochs", "w").close()
Run.end_epoch = noted
sys.exit(main())
"""
    command = (main, "vae", "train", *SMALL)

    def interrupted(epochs, out):
        """Start it, press Ctrl-C after five epochs; exit code, stdout, stderr."""
        process = start(*command, "--epochs", epochs, "--out", out, cwd=here)
        until((here / "five epochs").exists, process, "five epochs")
        process.send_signal(signal.SIGINT)
        return (*process.communicate(), process.returncode)

    out, err, code = interrupted("100000", "run")
    assert code == 130, err
    assert "Traceback" not in err
    assert "of 100000; the state is kept in run, and the same command resumes it" in err
    fit = Amortised.load(here / "run" / "fit")
    done = len(fit.trace.elbo)
    assert fit.interrupted and 5 <= done < 100_000
    assert f"{done} epochs" in out and "interrupted" in out.splitlines()[0]
    # evaluate works on what there is, and the rest is as if nothing had happened
    document, _ = call("vae", "evaluate", "run", "--format", "json")
    assert strict(document)["interrupted"] is True
    more = str(done + 2)
    _, err = call("vae", "train", *SMALL, "--epochs", more, "--out", "run")
    assert "resuming the training in run" in err
    call("vae", "train", *SMALL, "--epochs", more, "--out", "whole")
    one, two = (Amortised.load(here / name / "fit") for name in ("run", "whole"))
    assert not one.interrupted
    assert all(np.array_equal(one.params[name], two.params[name]) for name in one.params)


def test_before_the_end_there_is_nothing_to_evaluate(here, monkeypatch):
    def killed(*rest, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr("vi_lab.vae.VAE.fit", killed)
    call("vae", "train", *SMALL, "--out", "run", code=130)
    _, err = call("vae", "evaluate", "run", code=2)
    assert "has not ended; the same command resumes it" in err


def test_grey_levels_are_learnt_with_a_warning_and_measured_binary(here):
    np.savez("grey.npz", x=np.random.default_rng(0).random((40, 6)))
    train = ("vae", "train", "--data", "grey.npz", "--hidden", "none", "--epochs", "2")
    out, err = call(*train, "--grey", "--out", "run")
    assert "VAE 6-2-6 bernoulli" in out
    assert "vi-lab: warning: x: has values between 0 and 1" in err
    assert err.count("\n") == 3
    call("vae", "gaps", "run", "--n", "2")


# evaluate and gaps


def explained():
    """The keys that the README explains."""
    rows = table_below("## The JSON of vae evaluate and vae gaps")
    return {key.strip("` ") for keys, _ in rows for key in keys.split(",")}


def test_evaluate_gives_numbers_for_programs(trained):
    folder = trained[0]
    options = ("--n", "20", "--importance", "2000", "--format", "json")
    out, err = call("vae", "evaluate", "run", *options, cwd=folder)
    document = strict(out)
    assert err == ""
    assert set(document) == {
        *RUN, *MEANS, "k", "active_units", "latents", "seed", "provenance"
    } <= explained()  # fmt: skip
    for name in MEANS:
        mean = document[name]
        assert list(mean) == ["mean", "standard_error", "error", "n", "route"]
        assert mean["n"] == (179 if name in ("elbo", "reconstruction", "kl") else 20)
    assert document["held_out"] == 179 and document["k"] == 2000 and document["epochs"] == 5
    fit = Amortised.load(folder / "run" / "fit")
    truth = fit.log_evidence(load_split("digits", "bernoulli").held_out[:20]).value.mean()
    assert document["log_evidence"]["mean"] == pytest.approx(truth, abs=1e-9)
    assert document["elbo_there"]["mean"] < truth
    assert document["iwae"]["mean"] == pytest.approx(truth, abs=0.02)
    assert document["elbo"]["mean"] == pytest.approx(
        document["reconstruction"]["mean"] - document["kl"]["mean"]
    )
    assert sum(latent["kl"] for latent in document["latents"]) == pytest.approx(
        document["kl"]["mean"]
    )


def test_evaluate_prints_a_table(trained):
    out, _ = call("vae", "evaluate", "run", "--n", "5", cwd=trained[0])
    for words in ("log p(x) of these", "IWAE of these, k = 100", "2 of 2 latents are active"):
        assert words in out


def test_gaps_add_up(trained):
    out, _ = call("vae", "gaps", "run", "--n", "4", "--format", "json", cwd=trained[0])
    document = strict(out)
    keys = {*RUN, "n", "route", "mean", "rows", "seed", "provenance"}
    assert set(document) == keys == explained() - {*MEANS, "k", "active_units", "latents"}
    assert document["n"] == len(document["rows"]) == 4 and document["route"] == "quadrature"
    for row in [*document["rows"], document["mean"]]:
        parts = ("elbo", "approximation", "amortisation", "residual")
        assert row["log_evidence"] == pytest.approx(sum(row[part] for part in parts), abs=1e-12)
        assert abs(row["residual"]) <= row["error"] < 1e-6
        assert row["approximation"] > 0 and row["amortisation"] > 0
    for name, value in document["mean"].items():
        assert value == pytest.approx(np.mean([row[name] for row in document["rows"]]))
    assert [row["row"] for row in document["rows"]] == [0, 1, 2, 3]
    table, _ = call("vae", "gaps", "run", "--n", "4", cwd=trained[0])
    assert f"{document['rows'][3]['log_evidence']:.4f}"[:-1] in table.splitlines()[-4]
    assert table.splitlines()[-3].startswith("mean")


# plot


def test_plot_leaves_pictures_with_descriptions(trained):
    folder = trained[0]
    out, _ = call("vae", "plot", "run", "--n", "3", cwd=folder)
    names = ("reconstructions", "samples", "manifold", "latents", "trace", "gaps")
    wanted = [f"{name}{suffix}" for name in names for suffix in (".png", ".svg")]
    assert [line.split(os.sep)[-1] for line in out.splitlines()] == wanted
    pictures = folder / "run" / "figures"
    assert sorted(path.name for path in pictures.iterdir()) == sorted(wanted)
    for name in names:
        png = (pictures / f"{name}.png").read_bytes()
        assert png.startswith(b"\x89PNG") and b"Description\0" in png and b"Title\0" in png
        svg = (pictures / f"{name}.svg").read_text("utf-8")
        assert 'role="img" aria-label="' in svg


def test_pictures_are_not_drawn_through_a_link(tmp_path):
    """Found out before anything is read; what --out names may be a link."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "figures").symlink_to("../elsewhere")
    _, err = call("vae", "plot", "run", cwd=tmp_path, code=2)
    assert err == "vi-lab: error: cannot write run/figures: it is a link; remove it\n"
    _, err = call("vae", "plot", "run", "--out", "run/figures", cwd=tmp_path, code=2)
    assert "holds no training" in err and not list((tmp_path / "elsewhere").iterdir())


def test_of_rows_that_are_no_pictures_the_rest_is_drawn(here):
    call("vae", "train", *SMALL, "--latent", "3", "--importance", "2", "--out", "run")
    _, err = call("vae", "plot", "run", "--out", "pictures", "--n", "2")
    assert "the data are no pictures" in err
    assert sorted(path.name for path in (here / "pictures").glob("*.png")) == [
        "gaps.png", "latents.png", "trace.png"
    ]  # fmt: skip


# bad input


@table(
    ("options", "message"),
    [
        ([], "data: needs either digits or fashion, or --data PATH, got neither"),
        (["digits", "--data", "my.npz"], "or --data PATH, got both"),
        (["digit"], "data: unknown name 'digit'; did you mean 'digits'?"),
        (["--data", "absent.npz"], "absent.npz: No such file"),
        (["--data", "absent"], "absent: cannot be read"),
        (["--data", "text.txt"], "text.txt: is no IDX file"),
        (["digits", "--latent", "two"], "argument --latent: invalid int value: 'two'"),
        (["digits", "--hidden", "20,x"], "argument --hidden: needs sizes such as 200 or 400,200"),
        (["digits", "--hidden", "0"], "argument --hidden: needs sizes"),
        (["digits", "--learning-rate", "0"], "learning_rate: needs a number above 0"),
        (["digits", "--beta", "-1"], "beta: needs"),
        (["digits", "--beta", "2", "--importance", "5"], "beta: needs 1 with n_importance > 1"),
        (["digits", "--likelihood", "bernouli"], "did you mean 'bernoulli'?"),
        (["digits", "--likelihood", "gaussian", "--grey"], "grey: only a Bernoulli"),
        (["digits", "--seed", "-1"], "argument --seed: needs a whole number of at least 0"),
    ],
)
def test_bad_input_ends_with_2_and_one_error(here, options, message):
    (here / "text.txt").write_text("1,2,3")
    out, err = call("vae", "train", *options, "--out", "run", code=2)
    assert out == ""
    assert message in err and err.count("error:") == 1
    assert not (here / "run").exists()


def test_where_fashion_is_absent_the_command_says_how_to_get_it(here, monkeypatch):
    monkeypatch.setattr(observations, "FASHION", here)
    _, err = call("vae", "train", "fashion", "--out", "run", code=2)
    assert "apt-get install dataset-fashion-mnist" in err


def test_another_training_is_not_overwritten(here):
    call("vae", "train", *SMALL, "--out", "run")
    before = contents(here)
    for changed, name in ((["--latent", "3"], "n_latent"), (["--seed", "1"], "seed")):
        _, err = call("vae", "train", *SMALL, *changed, "--out", "run", code=2)
        assert f"run is of another training: its {name} is" in err
    assert before == contents(here)
    np.savez("my.npz", x=1 - blobs())
    assert "is not the data that run was trained on" in call("vae", "evaluate", "run", code=2)[1]


def test_a_folder_of_something_else_is_refused(here):
    _, err = call("vae", "evaluate", ".", code=2)
    assert "holds no training of `vi-lab vae train`" in err
    (here / "run.json").write_text('{"format": "mine"}')
    assert "is not a vi_lab vae run" in call("vae", "gaps", ".", code=2)[1]


def test_training_that_leaves_the_numbers_says_so(here):
    np.savez("far.npz", x=np.random.default_rng(0).standard_normal((40, 3)) * 1e200)
    train = ("vae", "train", "--data", "far.npz", "--likelihood", "gaussian", "--out", "run")
    assert "the ELBO is" in call(*train, code=2)[1]
