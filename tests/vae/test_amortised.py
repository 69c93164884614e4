"""What a trained VAE offers: its methods, its file, its looks."""

import dataclasses
import json

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special

from tests.contract.tolerances import assert_averages
from tests.thinning import mostly_slow
from tests.vae.data import blobs
from vi_lab import InputError, ResultFileError
from vi_lab.vae import VAE, Amortised, Elbo, ScoreWarning


@pytest.fixture(scope="module", params=["bernoulli", "gaussian", "fixed noise"])
def fit(request):
    settings = {
        "bernoulli": {},
        "gaussian": {"likelihood": "gaussian"},
        "fixed noise": {"likelihood": "gaussian", "log_sd": -1.0, "dtype": "float64"},
    }[request.param]
    return VAE(6, 2, (8,), **settings).fit(blobs(), epochs=30, learning_rate=0.01, rng=0)


def test_encode_decode_reconstruct(fit):
    x = blobs(5, seed=1)
    mean, logvar = fit.encode(x)
    assert mean.shape == logvar.shape == (5, 2)
    out, _ = fit.vae.network.decode(fit.params, mean)
    expected = special.expit(out) if fit.vae.likelihood == "bernoulli" else out
    assert_allclose(fit.reconstruct(x), expected, rtol=1e-5)
    assert_allclose(fit.decode(mean), fit.reconstruct(x))
    assert fit.decode(np.zeros((3, 4, 2))).shape == (3, 4, 6)
    assert fit.decode([0.0, 0.0]).shape == (6,)
    assert fit.kl_by_latent(x).shape == (5, 2)
    assert_allclose(fit.kl_by_latent(x).sum(1), fit.elbo(x).kl)


def test_generate(fit):
    drawn = fit.generate(20_000, rng=0)
    assert drawn.shape == (20_000, 6)
    means = fit.generate(20_000, rng=1, means=True)
    if fit.vae.likelihood == "bernoulli":
        assert set(np.unique(drawn)) == {0.0, 1.0}
        assert (0 < means).all() and (means < 1).all()
    assert_averages(drawn - means, 0.0, "draws less means")
    assert (fit.generate(3, rng=5) == fit.generate(3, rng=5)).all()
    noise = drawn.var(0) - means.var(0)
    if fit.vae.likelihood == "bernoulli":
        assert_allclose(noise, (means * (1 - means)).mean(0), atol=0.02)
    else:
        log_sd = fit.params.get("decoder.log_sd", fit.vae.log_sd)
        assert_allclose(noise, np.exp(2 * log_sd), atol=0.02)


def test_elbo(fit):
    x = blobs(20, seed=2)
    value = fit.elbo(x, 300, rng=0)
    assert isinstance(value, Elbo) and value.elbo.shape == (20,)
    assert_allclose(value.elbo, value.reconstruction - value.kl)
    assert_allclose(value.elbo, fit.ledger(x).elbo, atol=0.3)
    eps = np.random.default_rng(3).standard_normal((4, 20, 2))
    params = {n: v.astype(float) for n, v in fit.params.items()}
    double = VAE(6, 2, (8,), fit.vae.likelihood, dtype="float64", log_sd=fit.vae.log_sd)
    assert_allclose(fit.elbo(x, 4, rng=3), double.elbo(params, x, eps), rtol=1e-12)
    assert_allclose(fit.elbo(x, 4, rng=3), fit.elbo(x, 4, rng=3), rtol=0)


@pytest.mark.parametrize("fit", mostly_slow(["gaussian", "bernoulli"]), indirect=True)
def test_many_draws_need_no_more_memory_and_change_nothing(fit, monkeypatch):
    x = blobs(6, seed=2)
    whole = fit.elbo(x, 10, rng=0), fit.log_evidence(x), fit.ledger(x), fit.gaps(x)
    bound = fit.importance_bound(x, 50, rng=1)
    monkeypatch.setattr("vi_lab.vae.evidence.reference_decoder.ELEMENTS", 2**7)
    parts = fit.elbo(x, 10, rng=0), fit.log_evidence(x), fit.ledger(x), fit.gaps(x)
    assert_allclose(whole[0], parts[0], rtol=1e-12)
    assert_allclose(bound, fit.importance_bound(x, 50, rng=1), rtol=1e-12)
    for one, other in zip(whole[1:], parts[1:], strict=True):
        for name in ("log_evidence", "elbo", "kl", "approximation", "amortisation", "value"):
            if hasattr(one, name):
                assert_allclose(getattr(one, name), getattr(other, name), atol=1e-7)


def test_grey_values_are_scored_with_a_warning():
    fit = VAE(6, 2, ()).fit(blobs(), epochs=1, rng=0)
    for method in (fit.elbo, fit.importance_bound):
        with pytest.warns(ScoreWarning, match="score") as caught:
            method(0.5 * blobs())
        assert len(caught) == 1 and caught[0].filename == __file__
    fit.encode(0.5 * blobs())
    fit.reconstruct(0.5 * blobs())


def test_save_and_load(fit, tmp_path):
    written = fit.save(tmp_path / "fit", seed=3)
    for path in (written, tmp_path / "fit", tmp_path / "fit.npz"):
        again = Amortised.load(path)
        assert again.vae == fit.vae
        assert list(again.params) == list(fit.params)
        for name, value in fit.params.items():
            assert again.params[name].dtype == value.dtype and (again.params[name] == value).all()
        for one, other in zip(again.trace, fit.trace, strict=True):
            assert (one == other).all()
        assert again.seconds == fit.seconds and again.interrupted is False
    record = json.loads(written.read_text())
    assert record["seed"] == 3 and record["kind"] == "Amortised" and "numpy" in record["provenance"]
    assert_allclose(again.encode(blobs()), fit.encode(blobs()), rtol=0)


@pytest.mark.parametrize("how", ["no json", "no npz", "other json", "short npz", "lost array"])
def test_a_damaged_or_foreign_file_is_refused(tmp_path, how):
    fit = VAE(6, 2, ()).fit(blobs(), epochs=1, rng=0)
    record, arrays = fit.save(tmp_path / "fit"), tmp_path / "fit.npz"
    if how == "no json":
        record.unlink()
    elif how == "no npz":
        arrays.unlink()
    elif how == "other json":
        record.write_text('{"format": "vi_lab result 1", "kind": "Draws"}')
    elif how == "short npz":
        arrays.write_bytes(arrays.read_bytes()[:100])
    else:
        with np.load(arrays) as archive:
            kept = {n: archive[n] for n in archive.files if n != "params/encoder.mean.bias"}
        np.savez(arrays, **kept)
    with pytest.raises(ResultFileError):
        Amortised.load(tmp_path / "fit")


def test_looks(fit):
    name = "bernoulli" if fit.vae.likelihood == "bernoulli" else "gaussian"
    assert repr(fit) == (
        f"<VAE 6-8-2-8-6 {name}, 30 epochs, ELBO {fit.trace.elbo[-1]:.4g} nats per datum>"
    )
    rows = fit.table()
    assert len(rows) == 12 and (rows[0]["epoch"], rows[-1]["epoch"]) == (1, 30)
    assert "<table>" in fit._repr_html_()
    assert fit.seconds > 0


def test_it_is_frozen(fit):
    with pytest.raises(dataclasses.FrozenInstanceError):
        fit.params = {}
    with pytest.raises(ValueError, match="read-only"):
        fit.trace.elbo[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        fit.data[0] = 1


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda f: f.decode(np.zeros(3)), r"z: needs a last axis of length 2, got shape \(3,\)"),
        (lambda f: f.decode([np.nan, 0]), "z: needs finite numbers, got nan"),
        (lambda f: f.gaps(np.zeros((1, 6)), k=1), "k: needs a whole number of at least 2, got 1"),
        (
            lambda f: f.gaps(np.zeros((1, 6)), draws=1),
            "draws: needs a whole number of at least 2, got 1",
        ),
    ],
)
def test_bad_input(fit, call, message):
    with pytest.raises(InputError, match=message):
        call(fit)
