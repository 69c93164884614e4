"""A problem wherever a model may stand, and a trained VAE wherever any other posterior may."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

import vi_lab
from tests.contract.tolerances import assert_averages
from tests.thinning import mostly_slow
from tests.vae.data import blobs
from tests.vae.test_decoder_model import QS, bent
from vi_lab import VAE, DecoderModel, GaussianRows, InputError, InputTypeError
from vi_lab.model_or_problem import same_model


@pytest.fixture(scope="module")
def fit():
    return VAE(6, 3, (8,)).fit(blobs(), epochs=5, rng=0)


@pytest.mark.parametrize("name", ["coal", "newcomb", "tiny-mixture"])
def test_a_problem_asked_for_twice_is_one(name):
    q, truth = vi_lab.cavi(vi_lab.problem(name), rng=0), vi_lab.exact(vi_lab.problem(name))
    assert_allclose(vi_lab.elbo(vi_lab.problem(name), q), q.elbo, rtol=1e-12)
    book = vi_lab.ledger(vi_lab.problem(name), q)
    assert book.holds
    assert_allclose(vi_lab.kl(q, vi_lab.problem(name)), book.kl, rtol=1e-10)
    assert_allclose(vi_lab.kl(q, truth), book.kl, rtol=1e-10)
    assert vi_lab.kl(truth, vi_lab.problem(name)) == 0.0
    assert_allclose(vi_lab.elbo(vi_lab.problem(name), truth), truth.log_evidence, rtol=1e-10)
    assert vi_lab.derivation(vi_lab.problem(name), q).agrees
    assert vi_lab.validate(vi_lab.problem(name)).passed
    of_itself = vi_lab.derivation(vi_lab.problem(name), truth)
    assert of_itself.agrees and max(abs(line.value) for line in of_itself) < 1e-6


@pytest.mark.parametrize("name", ["darwin", "old-faithful", "iris", "asia", "nile", "digits"])
def test_the_same_numbers_make_the_same_model(name):
    one, two = vi_lab.problem(name).model, vi_lab.problem(name).model
    assert one is not two and same_model(one, two)


def test_other_numbers_make_another_model():
    one = vi_lab.problem("correlated", rho=0.5).model
    assert not same_model(one, vi_lab.problem("correlated", rho=0.6).model)
    assert not same_model(bent(2), bent(2, seed=1)) and same_model(bent(2), bent(2))
    assert not same_model(one, vi_lab.problem("coal").model)
    assert not same_model(bent(2), DecoderModel(bent(2).fit, 1.0 - bent(2).x))


def test_a_trained_vae_is_the_encoders_q_of_the_models_data():
    model = bent(2, seed=3)
    q, book = vi_lab.amortised(model), model.fit.ledger(model.x)
    assert_allclose([vi_lab.elbo(model, model.fit), vi_lab.elbo(model, q)], q.elbo, rtol=1e-12)
    assert_allclose(vi_lab.elbo(model, model.fit), book.elbo.sum(), atol=1e-6)
    found = vi_lab.ledger(model, model.fit)
    assert found.holds
    assert_allclose(found.kl, book.kl.sum(), atol=1e-6)
    assert_allclose(vi_lab.kl(model.fit, model), found.kl, rtol=1e-10)
    assert_allclose(vi_lab.kl(model.fit, vi_lab.exact(model)), found.kl, rtol=1e-10)
    assert model.ledger(model.fit).holds
    stated = vi_lab.audit(model, bound=found.elbo, posterior=model.fit)
    assert stated.is_bound and stated.moments[0]["mean"] == q.mean("z")[0, 0]


@pytest.mark.parametrize("name", mostly_slow(QS, ("full-rank", "by hand")))
def test_the_derivation_of_gaussian_rows(name):
    """Four lines by draws of q, the fifth by quadrature; a nat of the joint's parts them."""
    model = bent(2, seed=1)
    lines = vi_lab.derivation(model, QS[name](model))
    assert lines.agrees and [line.route for line in lines][:4] == ["Monte Carlo"] * 4
    assert_allclose(lines[4].value, vi_lab.kl(QS[name](model), model), atol=1e-6)


def test_the_derivation_of_gaussian_rows_can_fail(monkeypatch):
    model = bent(2, seed=1)
    honest = DecoderModel.log_density_rows
    monkeypatch.setattr(DecoderModel, "log_density_rows", lambda m, z: honest(m, z) + 0.2)
    assert not vi_lab.derivation(model, vi_lab.gaussian_q(model, rng=0)).agrees


def test_the_kl_between_gaussian_rows():
    model = bent(2)
    one = vi_lab.amortised(model)
    two = GaussianRows.of(model, [0.3, -0.2], [[1.0, 0.4], [0.4, 0.8]])
    z, total = one.sample(20_000, rng=0)["z"], 0.0
    for row in range(model.n):
        cov = one.root[row] @ one.root[row].T
        total = total + stats.multivariate_normal(one.location[row], cov).logpdf(z[:, row])
        total = total - stats.multivariate_normal([0.3, -0.2], [[1.0, 0.4], [0.4, 0.8]]).logpdf(
            z[:, row]
        )
    assert_averages(total, vi_lab.kl(one, two), "log q/p over draws of q")


def test_a_trained_vae_speaks_of_the_data_it_was_trained_on(fit):
    mean, logvar = fit.encode(blobs())
    assert fit.names == ("z",)
    assert_allclose(fit.mean("z"), mean)
    assert_allclose(fit.sd("z") ** 2, np.exp(logvar))
    assert not fit.mean("z").flags.writeable
    z = fit.sample(4000, rng=0)["z"]
    assert z.shape == (4000, 60, 3)
    assert_averages(z, fit.mean("z"), "means")
    assert_averages((z - fit.mean("z")) ** 2, fit.sd("z") ** 2, "variances")
    assert (fit.sample(2, rng=1)["z"] == fit.sample(2, rng=1)["z"]).all()
    others = blobs(5, seed=1)
    assert_allclose(fit.given(others).mean("z"), fit.encode(others)[0])
    assert fit.mean("z").shape == (60, 3)
    assert repr(fit.given(others)) == repr(fit)


def test_many_data_are_encoded_in_parts(fit, monkeypatch):
    whole = fit.given(blobs()).mean("z")
    monkeypatch.setattr("vi_lab.vae.inputs.ROWS_CHECKED", 7)
    assert_allclose(fit.given(blobs()).mean("z"), whole, rtol=1e-12)


def test_it_goes_to_arviz(fit):
    pytest.importorskip("arviz_base")
    posterior = fit.to_datatree(7, rng=0)["posterior"]
    assert posterior["z"].shape == (1, 7, 60, 3)


def test_from_a_file_it_asks_for_data(fit, tmp_path):
    fit.save(tmp_path / "fit")
    loaded = vi_lab.load(tmp_path / "fit")
    for call in (lambda: loaded.mean("z"), lambda: loaded.sd("z"), lambda: loaded.sample(2)):
        with pytest.raises(InputError, match=r"fit\.given\(x\)\.mean"):
            call()
    assert_allclose(loaded.given(blobs()).mean("z"), fit.mean("z"))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda f: f.mean("y"), InputError, "unknown name 'y'"),
        (lambda f: f.given([[1.0]]), InputError, "needs 6 columns"),
        (lambda f: vi_lab.elbo(vi_lab.problem("coal"), f), InputError, "q: a trained VAE is a q"),
        (lambda f: vi_lab.ledger(bent(2), f), InputError, "a DecoderModel with 3 latents"),
        (lambda f: vi_lab.elbo(bent(2), vi_lab.metropolis_hastings(bent(2), draws=4, warmup=0)),
         InputTypeError, "draws have no density"),
        (lambda f: vi_lab.kl(f, f), InputTypeError, "kl.q, p. needs"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(fit, call, error, words):
    with pytest.raises(error, match=words):
        call(fit)


def test_one_is_singular():
    one = VAE(6, 2, (4,)).fit(blobs(), epochs=1, rng=0)
    assert ", 1 epoch, " in repr(one)
    assert "<Ledger of 1 datum " in repr(one.ledger(blobs(1)))
    assert "<Ledger of 2 data " in repr(one.ledger(blobs(2)))
