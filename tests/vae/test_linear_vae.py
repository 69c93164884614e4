"""The linear VAE is PPCA: its maximum, its gap, and the rotation that costs one.

Of iris lesson 6 shows the same in numbers: what turning latents costs, and where training ends.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.thinning import mostly_slow
from tests.vae.data import iris
from vi_lab import cavi, exact
from vi_lab.models import PPCA
from vi_lab.vae import VAE, Amortised, Trace

NO_TRACE = Trace(*np.empty((3, 0)))


def best_linear(W, mu, sigma2):
    """The linear VAE with this decoder, and the best diagonal Gaussian for its encoder.

    The posterior's precision is L = I + W'W / sigma2 and its mean L^-1 W'(x - mu) / sigma2 (Bishop
    2006, eq. 12.41-12.42); of all diagonal Gaussians the one with variances 1 / L_ii is nearest.
    """
    size, q = W.shape
    vae = VAE(size, q, (), "gaussian", dtype="float64")
    precision = np.eye(q) + W.T @ W / sigma2
    gain = np.linalg.solve(precision, W.T) / sigma2
    params = {
        "encoder.mean.weight": gain,
        "encoder.mean.bias": -gain @ mu,
        "encoder.logvar.weight": np.zeros((q, size)),
        "encoder.logvar.bias": -np.log(np.diag(precision)),
        "decoder.out.weight": W.copy(),
        "decoder.out.bias": mu.copy(),
        "decoder.log_sd": np.array(0.5 * np.log(sigma2)),
    }
    return Amortised(vae, params, NO_TRACE)


def at_maximum_likelihood(model):
    """The linear VAE whose decoder is PPCA's."""
    return best_linear(model.W, model.mu, model.sigma2)


def synthetic(n=500, seed=0):
    """Data of a known linear Gaussian model, and that model."""
    rng = np.random.default_rng(seed)
    W = np.array([[2.0, 0.3], [-1.0, 1.0], [0.5, -1.5], [1.0, 1.0], [0.2, 0.1]])
    mu = np.array([1.0, -2.0, 0.0, 3.0, 0.5])
    x = rng.standard_normal((n, 2)) @ W.T + mu + 0.5 * rng.standard_normal((n, 5))
    return x, PPCA(x, W, mu, 0.25)


@pytest.mark.parametrize("rotation", mostly_slow([0.5, 0.0]))
def test_at_the_maximum_the_gap_is_that_of_the_rotation(rotation):
    x, _ = synthetic(60)
    model = PPCA.maximum_likelihood(x, 2, rotation=rotation)
    fit = at_maximum_likelihood(model)
    assert_allclose(fit.log_evidence(x).value.sum(), exact(model).log_evidence, rtol=1e-10)
    gaps, book = fit.gaps(x), fit.ledger(x)
    precision = np.eye(2) + model.W.T @ model.W / model.sigma2
    cost = 0.5 * (np.log(np.diag(precision)).sum() - np.linalg.slogdet(precision)[1])
    assert (cost < 1e-12) == (rotation == 0)
    assert_allclose(gaps.approximation, cost, atol=1e-8)
    assert_allclose(gaps.amortisation, 0, atol=1e-8)
    assert_allclose(book.kl, cost, atol=1e-8)
    assert_allclose(book.elbo.sum(), cavi(model, rng=0).elbo, rtol=1e-9)


def trained(x, q, stages, rng=0):
    """A linear VAE trained in stages: (learning rate, epochs, copies of x in a batch).

    It starts at the data's mean. Many copies make less noisy gradients, as more draws would.
    """
    vae = VAE(x.shape[1], q, (), "gaussian", dtype="float64")
    params = vae.init(rng=rng)
    params["decoder.out.bias"] = x.mean(0)
    params["encoder.mean.bias"] = -params["encoder.mean.weight"] @ x.mean(0)
    params["encoder.logvar.weight"] *= 0
    for rate, epochs, copies in stages:
        fit = vae.fit(
            np.tile(x, (copies, 1)),
            epochs=epochs,
            batch_size=copies * len(x),
            learning_rate=rate,
            params=params,
            rng=rng,
        )
        params = fit.params
    return fit


def test_training_on_data_of_a_known_model_recovers_its_evidence():
    x, model = synthetic()
    fit = trained(x, 2, [(1e-2, 1500, 1), (1e-3, 500, 4)])
    maximum = exact(PPCA.maximum_likelihood(x, 2)).log_evidence
    truth = exact(model).log_evidence
    found = fit.log_evidence(x).value.sum()
    assert truth - 1 < maximum - 0.5 < found < maximum + 1e-7
    # twice the gain of fitting over knowing is chi-squared, one degree a parameter
    assert 0 < maximum - truth < 20
    assert abs(np.exp(fit.params["decoder.log_sd"]) - 0.5) < 0.03
    drawn = fit.generate(200_000, rng=1)
    cov = model.W @ model.W.T + 0.25 * np.eye(5)
    assert_allclose(drawn.mean(0), x.mean(0), atol=0.05)
    assert_allclose(np.cov(drawn.T), np.cov(x.T), atol=0.15)
    assert_allclose(np.cov(x.T), cov, atol=0.8)


@pytest.mark.slow  # lesson 6 trains the same, and shows the KL of each latent
@pytest.mark.parametrize(("noise", "used"), [(0.1, 2), (1.0, 1), (10.0, 0)])
def test_of_iris_as_many_latents_are_used_as_directions_rise_above_the_noise(noise, used):
    x = iris()
    values = np.linalg.eigvalsh(np.cov(x.T, ddof=0))[::-1]
    assert min((values > noise).sum(), 2) == used
    vae = VAE(4, 2, (), "gaussian", dtype="float64", log_sd=0.5 * np.log(noise))
    x = x - x.mean(0)
    fit = vae.fit(x, epochs=3000, learning_rate=5e-3, rng=0)
    kl = fit.kl_by_latent(x).mean(0)
    # a direction of variance l leaves its latent the variance noise / l: a KL of log(l / noise) / 2
    expected = 0.5 * np.log(np.maximum(values[:2] / noise, 1.0))
    assert_allclose(np.sort(kl)[::-1], expected, atol=0.1)
    assert ((kl > 0.05).sum()) == used
