"""Training: repeatable, stoppable, resumable; it says where it failed and keeps what was good."""

import os
import subprocess
import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.faults import killed
from tests.thinning import mostly_slow
from tests.vae.data import blobs
from vi_lab import InputError, NumericalError, ResultFileError
from vi_lab.vae import VAE, Amortised, CheckpointWarning, ScoreWarning
from vi_lab.vae import training_state as run
from vi_lab.vae.runs.checkpoints import Checkpoints
from vi_lab.vae.training import steps

VAE_6 = VAE(6, 2, (8,))
SETTINGS = dict(epochs=6, batch_size=16, learning_rate=0.01, rng=7)


def same(one, other):
    """Bit for bit the same parameters and trace."""
    assert list(one.params) == list(other.params)
    for name, value in one.params.items():
        assert value.dtype == other.params[name].dtype
        assert (value == other.params[name]).all(), name
    for mine, theirs in zip(one.trace, other.trace, strict=True):
        assert (mine == theirs).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
@pytest.mark.parametrize("settings", mostly_slow([{}, {"n_importance": 3}, {"beta": 0.5}]))
def test_training_climbs_and_is_repeatable(dtype, likelihood, settings):
    vae = VAE(6, 2, (8,), likelihood, dtype=dtype, **settings)
    fit = vae.fit(blobs(), **SETTINGS | {"epochs": 40})
    assert isinstance(fit, Amortised) and not fit.interrupted
    assert fit.trace.elbo.shape == (40,)
    assert fit.trace.elbo[-5:].mean() > fit.trace.elbo[:5].mean() + 0.1
    if not settings.get("n_importance"):
        assert_allclose(fit.trace.elbo, fit.trace.reconstruction - fit.trace.kl, rtol=1e-12)
    assert {v.dtype for v in fit.params.values()} == {np.dtype(dtype)}
    assert fit.params["encoder.mean.bias"].shape == (2,)
    same(fit, vae.fit(blobs(), **SETTINGS | {"epochs": 40}))
    other = vae.fit(blobs(), **SETTINGS | {"epochs": 40, "rng": 8})
    assert not (other.params["encoder.mean.weight"] == fit.params["encoder.mean.weight"]).all()


def test_the_type_of_the_data_makes_no_difference():
    x = blobs()
    fit = VAE_6.fit(x, **SETTINGS)
    for kind in (bool, np.uint8, np.float32, np.int64):
        same(fit, VAE_6.fit(x.astype(kind), **SETTINGS))
    same(fit, VAE_6.fit(np.asfortranarray(x), **SETTINGS))
    same(fit, VAE_6.fit(x.tolist(), **SETTINGS))


def test_neither_data_nor_parameters_are_written_to():
    x, params = blobs(), VAE_6.init(rng=0)
    kept, before = x.copy(), {n: v.copy() for n, v in params.items()}
    fit = VAE_6.fit(x, params=params, **SETTINGS)
    assert (x == kept).all() and all((params[n] == before[n]).all() for n in params)
    with pytest.raises(ValueError, match="read-only"):
        fit.params["encoder.mean.bias"][0] = 1
    with pytest.raises(TypeError):
        fit.params["encoder.mean.bias"] = 1


def test_given_parameters_are_where_training_starts():
    start = VAE_6.init(rng=3)
    fit = VAE_6.fit(blobs(), params=start, **SETTINGS | {"epochs": 1, "learning_rate": 1e-9})
    for name, value in start.items():
        assert_allclose(fit.params[name], value, atol=1e-6)


def test_a_batch_larger_than_the_data_is_all_of_it():
    same(
        VAE_6.fit(blobs(), **SETTINGS | {"batch_size": 60}),
        VAE_6.fit(blobs(), **SETTINGS | {"batch_size": 1000}),
    )


@pytest.mark.parametrize("last", [0, 3, 4, 5])  # four steps an epoch
def test_the_steps_are_a_loop_that_can_be_left_and_taken_up(last):
    def begin():
        plan = run.Plan(epochs=3, batch_size=16, learning_rate=0.01, optimiser="adam")
        return run.Run(VAE_6, blobs(), plan, seed=[1, 2], params=None)

    whole, left, taken_up = begin(), begin(), begin()
    seen = [(at.epoch, at.step) for at in steps(whole)]
    assert seen[:5] == [(0, 1), (0, 2), (0, 3), (1, 0), (1, 1)] and seen[-1] == (3, 0)
    for rows in [*left.batches()][:last]:  # with 4 left after an epoch's steps, before its end
        left.advance(rows)
    if last == 5:
        left.end_epoch()
    taken_up.restore(*left.state())
    assert len([*steps(taken_up)]) == len(seen) - last + (last >= 4)
    assert (taken_up.theta == whole.theta).all() and (taken_up.means() == whole.means()).all()


@pytest.mark.parametrize("every", [0.0, 1000.0])
def test_checkpoints_change_nothing_and_two_are_kept(tmp_path, every):
    fit = VAE_6.fit(blobs(), **SETTINGS)
    kept = VAE_6.fit(blobs(), **SETTINGS, checkpoint=tmp_path / "run", checkpoint_seconds=every)
    same(fit, kept)
    assert len(list((tmp_path / "run").iterdir())) == 2
    same(fit, VAE_6.fit(blobs(), **SETTINGS, checkpoint=tmp_path / "run"))  # done already


@pytest.mark.parametrize("settings", [{}, {"n_importance": 2}, {"likelihood": "gaussian"}])
@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
def test_more_epochs_go_on_where_the_last_stood(tmp_path, optimiser, settings):
    vae = VAE(6, 2, (8,), **settings)
    whole = vae.fit(blobs(), **SETTINGS, optimiser=optimiser)
    for epochs in (1, 3, 6):
        parts = vae.fit(
            blobs(), **SETTINGS | {"epochs": epochs}, optimiser=optimiser, checkpoint=tmp_path
        )
    same(whole, parts)
    with pytest.raises(InputError, match=r"epochs: .* has done 6 already, got 5"):
        vae.fit(blobs(), **SETTINGS | {"epochs": 5}, optimiser=optimiser, checkpoint=tmp_path)


def test_killed_and_resumed_is_bit_for_bit_the_same(tmp_path):
    """kill -9 while the sixth checkpoint gets its name, and once more while the next ninth does."""
    np.save(tmp_path / "x.npy", blobs())
    code = f"""
import numpy
from vi_lab.vae import VAE
main = lambda _: VAE(6, 2, (8,)).fit(
    numpy.load("x.npy"), **{SETTINGS}, checkpoint="run", checkpoint_seconds=0.0)
"""
    for number, newest in ((6, 5), (9, 13)):
        killed("replace", number, cwd=tmp_path, before=code)
        assert max((tmp_path / "run").glob("checkpoint-*.npz")).stem.endswith(f"{newest:06d}")
    same(
        VAE_6.fit(blobs(), **SETTINGS), VAE_6.fit(blobs(), **SETTINGS, checkpoint=tmp_path / "run")
    )


def damage(path, how):
    whole = path.read_bytes()
    if how == "truncated":
        path.write_bytes(whole[: len(whole) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "flipped":
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :])
    return path.read_bytes()


@pytest.mark.parametrize("how", ["truncated", "empty", "flipped"])
def test_a_damaged_checkpoint_is_reported_kept_and_passed_over(tmp_path, how):
    whole = VAE_6.fit(blobs(), **SETTINGS)
    VAE_6.fit(blobs(), **SETTINGS | {"epochs": 4}, checkpoint=tmp_path, checkpoint_seconds=0)
    newest = max(tmp_path.iterdir())
    left = damage(newest, how)
    with pytest.warns(CheckpointWarning, match=f"{newest.name} .* resuming from checkpoint-0000"):
        resumed = VAE_6.fit(blobs(), **SETTINGS, checkpoint=tmp_path, checkpoint_seconds=0)
    same(whole, resumed)
    assert newest.read_bytes() == left
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(("epoch", "step", "of"), [(2, 1, (2, 1)), (2, 0, (1, 4)), (0, 1, (0, 1))])
def test_a_broken_parameter_is_of_the_step_that_ended(epoch, step, of):
    """Epochs that were whole before it, and its number in its own, of four steps each."""
    told = []

    def note(what, *place):
        told.append(place)
        return NumericalError(what)

    state = SimpleNamespace(theta=np.array([np.nan]), epoch=epoch, step=step, steps_per_epoch=4)
    state._not_finite = note
    with pytest.raises(NumericalError, match="a parameter is no longer finite"):
        run.Run.require_finite(state)
    assert told == [of]


def test_checkpoints_are_numbered_from_one_and_the_last_two_kept(tmp_path):
    checkpoints = Checkpoints(tmp_path / "training", {"seed": 1})
    for count in range(1, 5):
        checkpoints.write({"theta": np.array([float(count)])}, {"epoch": count})
        names = sorted(path.name for path in (tmp_path / "training").iterdir())
        numbers = range(max(count - 1, 1), count + 1)
        assert names == [f"checkpoint-{number:06d}.npz" for number in numbers]


def test_where_every_checkpoint_is_damaged_nothing_is_overwritten(tmp_path):
    VAE_6.fit(blobs(), **SETTINGS, checkpoint=tmp_path)
    for path in tmp_path.iterdir():
        damage(path, "truncated")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ResultFileError, match=r"no checkpoint in .* can be read"):
        VAE_6.fit(blobs(), **SETTINGS, checkpoint=tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


OTHERS = {
    "data": (VAE_6, {"x": blobs(seed=1)}),
    "vae": (VAE(6, 2, (9,)), {}),
    "batch_size": (VAE_6, {"batch_size": 15}),
    "learning_rate": (VAE_6, {"learning_rate": 0.02}),
    "optimiser": (VAE_6, {"optimiser": "sgd"}),
    "rng": (VAE_6, {"rng": 8}),
    "params": (VAE_6, {"params": VAE_6.init(rng=0)}),
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_checkpoint_of_another_training_is_refused(tmp_path, what):
    VAE_6.fit(blobs(), **SETTINGS, checkpoint=tmp_path)
    vae, change = OTHERS[what]
    arguments = {"x": blobs(), **SETTINGS, **change}
    with pytest.raises(ResultFileError, match=f"of another training: its {what} is") as caught:
        vae.fit(**arguments, checkpoint=tmp_path)
    if isinstance(change.get(what), int | float | str) and what != "rng":  # theirs, then ours
        given = {"optimiser": "adam", **SETTINGS}[what]
        theirs = f"its {what} is {given}, here it is {change[what]};"
        assert theirs in str(caught.value)


def test_a_foreign_file_in_the_place_of_a_checkpoint_is_refused(tmp_path):
    np.savez(tmp_path / "checkpoint-000001.npz", theta=np.zeros(3))
    with pytest.raises(ResultFileError, match="can be read"):
        VAE_6.fit(blobs(), **SETTINGS, checkpoint=tmp_path)
    pickled = tmp_path / "other" / "checkpoint-000001.npz"
    pickled.parent.mkdir()
    np.savez(pickled, allow_pickle=True, record=np.array([{}], dtype=object))
    with pytest.raises(ResultFileError, match="plain arrays: it holds Python objects, which are"):
        VAE_6.fit(blobs(), **SETTINGS, checkpoint=pickled.parent)
    pickled.write_bytes(b"not an archive")
    with pytest.raises(ResultFileError, match="plain arrays: it does not begin as one"):
        VAE_6.fit(blobs(), **SETTINGS, checkpoint=pickled.parent)


def test_a_place_that_cannot_be_written_is_found_out_before_training(tmp_path, monkeypatch):
    monkeypatch.setattr(run.Run, "advance", lambda *_: pytest.fail("trained"))
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ResultFileError):
            VAE_6.fit(blobs(), **SETTINGS, checkpoint=path)


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_a_training_that_diverges_says_where_and_keeps_the_last_good_state(tmp_path, likelihood):
    vae = VAE(6, 2, (8,), likelihood)
    settings = SETTINGS | {"epochs": 500, "learning_rate": 30.0, "optimiser": "sgd"}
    place = r"epoch \d+, step \d+; the last finite ELBO was -[\d.e+]+ nats per datum; try a lear"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(NumericalError, match=place):
            vae.fit(blobs(), **settings)
        with pytest.raises(NumericalError, match=r"checkpoint-\d+.npz holds the last good state"):
            vae.fit(blobs(), **settings, checkpoint=tmp_path, checkpoint_seconds=0)
    kept = max(tmp_path.iterdir())
    with np.load(kept) as archive:
        assert all(np.isfinite(archive[name]).all() for name in ("theta", "sums", "trace"))


def test_a_first_step_that_is_not_finite():
    params = {n: v * 1e30 for n, v in VAE_6.init(rng=0).items()}
    with pytest.raises(NumericalError, match="epoch 1, step 1; none was finite before"):
        VAE_6.fit(blobs(), **SETTINGS, params=params)


def test_grey_values_are_warned_of_once():
    with pytest.warns(ScoreWarning, match="score .* binarise") as caught:
        VAE_6.fit(0.9 * blobs(), **SETTINGS)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    VAE(6, 2, (8,), "gaussian").fit(0.9 * blobs(), **SETTINGS)


def test_progress_shows_the_elbo_and_the_kl(monkeypatch):
    shown = []
    monkeypatch.setattr("vi_lab.runtime.progress.Bar.step", lambda self, label: shown.append(label))
    fit = VAE_6.fit(blobs(), **SETTINGS)
    assert len(shown) == 6
    assert shown[-1] == f"ELBO {fit.trace.elbo[-1]:.2f}, KL {fit.trace.kl[-1]:.2f} nats per datum"


MEMORY = """
import re
from pathlib import Path
import numpy as np
from vi_lab.vae import VAE
x = (np.random.default_rng(0).random((60_000, 784), dtype=np.float32) < 0.3).astype(np.float32)
VAE(784, 20, (400,)).fit(x, epochs=1, batch_size=128, rng=0)
print(int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024)
"""  # ru_maxrss would hold what the process took of which this is a fork


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_sixty_thousand_pictures_need_less_than_600_megabytes():
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, env=environment, check=True
    )
    assert float(done.stdout) < 600


def test_the_bound_that_was_finite_last_is_per_datum():
    plan = run.Plan(epochs=1, batch_size=16, learning_rate=0.01, optimiser="adam")
    state = run.Run(VAE_6, blobs(), plan, seed=[1, 2], params=None)
    state._gradients = lambda x, eps: (-2.5 * len(x), 0.0, 0.0)
    for rows in (np.arange(16), np.arange(5)):
        state.advance(rows)
        assert state.last_finite == -2.5
    assert "the last finite ELBO was -2.5 nats per datum" in str(state._not_finite("x", 0, 3))


def test_a_heading_names_the_layers_there_and_back():
    fit = VAE(6, 2, (5, 3), dtype="float64").fit(blobs(), epochs=1, rng=0)
    assert "6-5-3-2-3-5-6 bernoulli, 1 epoch, ELBO -" in repr(fit)


def test_a_checkpoint_holds_numbers_alone(tmp_path):
    """An array of objects would be a pickle, which runs code when it is read."""
    checkpoints = Checkpoints(tmp_path, {"seed": 1})
    with pytest.raises(ValueError, match="allow_pickle"):
        checkpoints.write({"theta": np.array([object()])}, {"epoch": 1})
    assert not list(tmp_path.iterdir())
