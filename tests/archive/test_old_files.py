"""Results saved by an earlier vi_lab come back, each kind of them: its files are in `old/`.

`old/expected.json` is what that version said of each before it saved it.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.tables import table
from vi_lab import Amortised, DecoderModel, NormalGamma, NormalMixture, load
from vi_lab.archive.load import KINDS

OLD = Path(__file__).parent / "old"
EXPECTED = json.loads((OLD / "expected.json").read_text(encoding="utf-8"))
NORMAL = NormalGamma([1.0, 2.0, 4.0], mu0=0.0, kappa0=1.0, a0=2.0, b0=1.0)
MIXTURE = NormalMixture(
    [-2.0, -1.5, 1.0, 2.5], sigma=1.0, m0=[-1.0, 1.0], s0=[2.0, 2.0], concentration=[1.0, 1.0]
)
DATA = (np.random.default_rng(0).random((8, 4)) < 0.4).astype(float)


def model_of(name):
    if name == "gaussian_rows":
        return DecoderModel(load(OLD / "amortised"), DATA[:3])
    return {"mixture": MIXTURE, "amortised": None}.get(name, NORMAL)


def test_every_kind_is_here():
    new = {"GaussianPosterior", "GaussianResponse"}  # no earlier version had them
    assert {entry["kind"] for entry in EXPECTED.values()} == set(KINDS) - new
    assert all(name == kind.__name__ for name, kind in KINDS.items())


@table("name", EXPECTED)
def test_a_result_saved_by_an_earlier_version_comes_back(name):
    expected, result = EXPECTED[name], load(OLD / name, model_of(name))
    assert type(result).__name__ == expected["kind"]
    assert repr(result) == expected["repr"]
    if isinstance(result, Amortised):  # its data are not saved
        result = result.given(DATA)
    for moment, by_latent in (("mean", expected["mean"]), ("sd", expected["sd"])):
        for latent, value in by_latent.items():
            found = getattr(result, moment)(latent)
            np.testing.assert_allclose(found, value, rtol=1e-9, atol=1e-12, err_msg=latent)


def test_what_is_noted_of_an_earlier_run_comes_back():
    draws, q = load(OLD / "metropolis"), load(OLD / "mixture", MIXTURE)
    assert draws.settings["seed"] == 7 and draws.settings["step"].shape == (2,)
    assert draws.cost.density_evaluations == 54
    assert (q.seed, q.converged, q.elbo_trace.shape[1]) == (7, True, 3)
    assert q.matching[0].shape == (3, 2)


@pytest.mark.parametrize("name", EXPECTED)
def test_saved_again_it_is_the_same(name, tmp_path):
    """The same arrays and entries, but for what tells of the program that wrote them."""
    load(OLD / name, model_of(name)).save(tmp_path / name)
    before, after = (
        json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        for folder in (OLD, tmp_path)
    )
    kept = before.keys() - {"provenance", "crc32", "seed"}
    assert after.keys() - before.keys() == {"arrays"}
    assert before.keys() <= after.keys()
    for entry in kept - {"elbo", "log_evidence", "log_evidence_error"}:
        assert after[entry] == before[entry], entry
    with np.load(OLD / f"{name}.npz") as old, np.load(tmp_path / f"{name}.npz") as new:
        assert new.files == old.files
        for array in old.files:
            np.testing.assert_allclose(new[array], old[array], rtol=1e-9, err_msg=array)
