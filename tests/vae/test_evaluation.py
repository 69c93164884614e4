"""A trained VAE on held-out data: every mean against the same number had in another way."""

import numpy as np
import pytest

from tests.vae.data import blobs
from tests.vae.test_linear_vae import at_maximum_likelihood, synthetic
from vi_lab import exact
from vi_lab.errors import InputError
from vi_lab.models import PPCA
from vi_lab.vae import VAE
from vi_lab.vae.runs.evaluation import Evaluation, Latent, Mean, _mean, evaluate


def test_of_ppca_at_its_maximum_everything_is_known():
    """There q is the posterior, so the ELBO, the bound of k draws and log p(x) are one number."""
    x, _ = synthetic(60)
    model = PPCA.maximum_likelihood(x, 2)
    found = evaluate(at_maximum_likelihood(model), x, n=60, k=7, draws=400, rng=0)
    truth = exact(model).log_evidence / 60
    assert found.log_evidence.mean == pytest.approx(truth, abs=1e-9)
    assert found.log_evidence.n == found.iwae.n == found.elbo_there.n == found.elbo.n == 60
    assert found.iwae.mean == pytest.approx(truth, abs=1e-9)  # its weights are all equal
    assert found.elbo.mean == pytest.approx(truth, abs=0.02)
    assert found.elbo_there == found.elbo
    # mean of the KL and of the posterior means, from the precision of Bishop 2006, eq. 12.41
    precision = np.eye(2) + model.W.T @ model.W / model.sigma2
    means = np.linalg.solve(precision, model.W.T @ (x - model.mu).T).T / model.sigma2
    variances = 1 / np.diag(precision)
    kl = 0.5 * (means**2 + variances - 1 - np.log(variances)).mean(0)
    assert [latent.kl for latent in found.latents] == pytest.approx(kl)
    assert found.kl.mean == pytest.approx(kl.sum())
    assert found.kl.route == "closed form" and found.reconstruction.route == found.elbo.route
    assert found.elbo.route == found.elbo_there.route == "Monte Carlo, 400 draws of q"
    assert found.iwae.route == "Monte Carlo, 7 draws of q"
    assert [latent.activity for latent in found.latents] == pytest.approx(means.var(0))
    assert found.active_units == 2


def test_a_latent_that_is_not_used_is_not_active():
    x = blobs()
    fit = VAE(6, 3, (4,)).fit(x, epochs=3, rng=0)
    params = {name: np.array(value) for name, value in fit.params.items()}
    for head in ("mean", "logvar"):
        params[f"encoder.{head}.weight"][1] = params[f"encoder.{head}.bias"][1] = 0
    params["encoder.mean.weight"][[0, 2]] *= 20
    fit = type(fit)(fit.vae, params, fit.trace)
    found = evaluate(fit, x, n=5, k=5, rng=0)
    assert [latent.active for latent in found.latents] == [True, False, True]
    assert found.latents[1].kl == 0 and found.active_units == 2
    assert "importance sampling" in found.log_evidence.route and found.log_evidence.error > 0
    assert found.iwae.n == 5 and found.elbo.n == 60


def test_each_mean_has_its_name():
    means = [Mean(float(k), None, None, 10 * k, "") for k in range(1, 7)]
    found = Evaluation(*means, latents=(Latent(0.5, 2.0, True), Latent(0.1, 0.0, False)), k=8)
    assert found.means() == dict(zip(
        ["ELBO", "reconstruction", "KL", "ELBO of 60", "IWAE of these, k = 8", "log p(x) of these"],
        means, strict=True,
    ))  # fmt: skip
    document = found.to_dict()
    keys = ("elbo", "reconstruction", "kl", "elbo_there", "iwae", "log_evidence")
    assert [document[key]["mean"] for key in keys] == [1, 2, 3, 4, 5, 6]
    assert (document["k"], document["active_units"]) == (8, 1)
    assert document["latents"][1] == {"kl": 0.1, "activity": 0.0, "active": False}


def test_a_mean_has_the_spread_over_data_and_the_mean_of_their_errors():
    found = _mean(np.array([1.0, 2.0, 6.0]), "a route", np.array([0.1, 0.2, 0.6]))
    assert (found.mean, found.n, found.route) == (3.0, 3, "a route")
    assert found.standard_error == pytest.approx(np.sqrt((4 + 1 + 9) / 2 / 3))
    assert found.error == pytest.approx(0.3)
    assert _mean(np.array([1.0, 2.0]), "", np.array([0.1, np.inf])).error is None
    alone = _mean(np.array([1.0]), "")
    assert (alone.standard_error, alone.error) == (None, None)


def test_bad_input_is_refused():
    fit = VAE(6, 2, (4,)).fit(blobs(), epochs=1, rng=0)
    with pytest.raises(InputError, match="x: a log evidence needs values 0 and 1"):
        evaluate(fit, np.full((4, 6), 0.3))
    with pytest.raises(InputError, match="x: needs an array"):
        evaluate(fit, [[0] * 6])
    for wrong in ("n", "k", "draws"):
        with pytest.raises(InputError, match=f"{wrong}: needs a whole number of at least 1"):
            evaluate(fit, blobs(), **{wrong: 0})


def test_one_draw_has_no_spread():
    """The errors of averages over draws are their spread: two are the fewest."""
    fit = VAE(6, 2, (4,)).fit(blobs(), epochs=1, rng=0)
    for call in (lambda: fit.log_evidence(blobs(), k=1), lambda: fit.gaps(blobs(), k=1)):
        with pytest.raises(InputError, match="k: needs a whole number of at least 2, got 1"):
            call()
    with pytest.raises(InputError, match="draws: needs a whole number of at least 2, got 1"):
        fit.gaps(blobs(), draws=1)


def test_the_error_of_a_mean_is_that_of_each_however_many_there_are():
    """All data are off by 0.2, so their mean is; copies of them are as far off."""
    values, errors = np.array([-3.0, -5.0, -4.0]), np.full(3, 0.2)
    for copies in (1, 4):
        mean = _mean(np.tile(values, copies), "quadrature", np.tile(errors, copies))
        assert mean.error == pytest.approx(0.2) and mean.mean == pytest.approx(-4.0)
