"""Each layer: its backward pass against its forward pass, and its forward pass against scipy."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, special, stats

from tests.contract.tolerances import assert_averages
from tests.vae.derivatives import check_layer
from vi_lab.vae import layers


@pytest.fixture
def rng():
    return np.random.default_rng(20)


@pytest.mark.parametrize("lead", [(), (4,), (3, 4)])
def test_linear(lead, rng):
    x, weight, bias = map(rng.standard_normal, ((*lead, 5), (2, 5), 2))
    y, _ = layers.linear(x, weight, bias)
    assert_allclose(y, np.einsum("...i,oi->...o", x, weight) + bias, rtol=1e-13)
    check_layer(layers.linear, layers.linear_backward, [x, weight, bias], rng)


@pytest.mark.parametrize("name", ["tanh", "softplus", "relu"])
def test_activations(name, rng):
    forward, backward = layers.ACTIVATIONS[name]
    a = 2 * rng.standard_normal((3, 4, 5))
    a[np.abs(a) < 0.01] = 0.5  # differences would straddle the kink
    expected = {
        "tanh": np.tanh,
        "softplus": lambda a: np.logaddexp(0, a),
        "relu": lambda a: a * (a > 0),
    }[name]
    assert_allclose(forward(a)[0], expected(a), rtol=1e-14, atol=1e-300)
    check_layer(forward, backward, [a], rng)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_activations_neither_overflow_nor_lose_their_type(dtype):
    a = np.array([-1e4, -100, -1e-3, 0, 1e-3, 100, 1e4], dtype)
    for forward, backward in layers.ACTIVATIONS.values():
        h, cache = forward(a)
        slope = backward(np.ones_like(a), cache)
        assert h.dtype == slope.dtype == dtype
        assert np.isfinite(h).all()
        assert (slope >= 0).all() and (slope <= 1).all()
    assert_allclose(layers.sigmoid(a), special.expit(a), rtol=1e-6, atol=1e-40)
    assert layers.relu_backward(np.ones(1), layers.relu(np.zeros(1))[1]) == 0


def test_bernoulli_log_likelihood(rng):
    x, logits = rng.random((4, 6)), 3 * rng.standard_normal((2, 4, 6))
    x[0] = x[0] > 0.5
    value, _ = layers.bernoulli_log_likelihood(x, logits)
    p = special.expit(logits)
    assert_allclose(value, (x * np.log(p) + (1 - x) * np.log1p(-p)).sum(-1), rtol=1e-12)
    assert_allclose(value[:, 0], stats.bernoulli.logpmf(x[0], p[:, 0]).sum(-1), rtol=1e-12)
    check_layer(
        lambda logits: layers.bernoulli_log_likelihood(x, logits),
        layers.bernoulli_log_likelihood_backward,
        [logits],
        rng,
    )


def test_bernoulli_log_likelihood_of_certain_pixels():
    logits, x = np.array([800.0, -800.0]), np.array([1.0, 0.0])
    value, cache = layers.bernoulli_log_likelihood(x, logits)
    assert value == 0
    assert_allclose(layers.bernoulli_log_likelihood(1 - x, logits)[0], -1600)
    assert_allclose(layers.bernoulli_log_likelihood_backward(np.ones(()), cache), [0, 0])


@pytest.mark.parametrize("log_sd", [-1.3, 0.0, 0.8])
def test_gaussian_log_likelihood(log_sd, rng):
    x, mean = rng.standard_normal((4, 6)), rng.standard_normal((2, 4, 6))
    value, _ = layers.gaussian_log_likelihood(x, mean, log_sd)
    assert_allclose(value, stats.norm.logpdf(x, mean, np.exp(log_sd)).sum(-1), rtol=1e-12)
    check_layer(
        lambda mean, log_sd: layers.gaussian_log_likelihood(x, mean, log_sd),
        layers.gaussian_log_likelihood_backward,
        [mean, np.array(log_sd)],
        rng,
    )


def check_kl_against_integrals():
    """KL to N(0, I) of random Gaussians, coordinate by coordinate, by adaptive quadrature."""
    rng = np.random.default_rng(5)
    mean, logvar = 2 * rng.standard_normal((4, 3)), 1.5 * rng.standard_normal((4, 3))
    expected = np.zeros(4)
    for n, j in np.ndindex(4, 3):
        q = stats.norm(mean[n, j], np.exp(0.5 * logvar[n, j]))
        edges = q.mean() - 12 * q.std(), q.mean() + 12 * q.std()
        expected[n] += integrate.quad(
            lambda z, q=q: q.pdf(z) * (q.logpdf(z) - stats.norm.logpdf(z)), *edges, epsabs=1e-12
        )[0]
    assert_allclose(layers.kl_standard_normal(mean, logvar)[0], expected, rtol=1e-9)


def check_kl_against_draws():
    """KL to N(0, I) is the average over reparameterised draws of log q less log prior."""
    rng = np.random.default_rng(6)
    mean, logvar = rng.standard_normal((4, 3)), rng.standard_normal((4, 3))
    eps = np.random.default_rng(3).standard_normal((10_000, 4, 3))
    z, _ = layers.reparameterise(mean, logvar, eps)
    log_q = stats.norm.logpdf(z, mean, np.exp(0.5 * logvar)).sum(-1)
    kl, _ = layers.kl_standard_normal(mean, logvar)
    assert_averages(log_q - stats.norm.logpdf(z).sum(-1), kl, "KL")
    assert_averages(-layers.log_prior_ratio(z, logvar, eps)[0], kl, "KL by log_prior_ratio")


def test_kl(rng):
    check_kl_against_integrals()
    check_kl_against_draws()
    check_layer(
        layers.kl_standard_normal,
        layers.kl_standard_normal_backward,
        [rng.standard_normal((4, 3)), rng.standard_normal((4, 3))],
        rng,
    )


def check_sample_moments():
    """z has the mean and the variance it is asked for."""
    rng = np.random.default_rng(7)
    mean, logvar = rng.standard_normal(3), rng.standard_normal(3)
    eps = np.random.default_rng(4).standard_normal((20_000, 3))
    z, _ = layers.reparameterise(mean, logvar, eps)
    assert_averages(z, mean, "mean of z")
    assert_averages((z - mean) ** 2, np.exp(logvar), "variance of z")


def test_reparameterised_sample(rng):
    check_sample_moments()
    eps = rng.standard_normal((5, 4, 3))
    check_layer(
        lambda mean, logvar: layers.reparameterise(mean, logvar, eps),
        layers.reparameterise_backward,
        [rng.standard_normal((4, 3)), rng.standard_normal((4, 3))],
        rng,
    )


def test_log_prior_ratio(rng):
    mean, logvar, eps = map(rng.standard_normal, ((4, 3), (4, 3), (5, 4, 3)))
    z, _ = layers.reparameterise(mean, logvar, eps)
    expected = stats.norm.logpdf(z) - stats.norm.logpdf(z, mean, np.exp(0.5 * logvar))
    assert_allclose(layers.log_prior_ratio(z, logvar, eps)[0], expected.sum(-1), rtol=1e-11)
    spread = np.broadcast_to(logvar, z.shape).copy()
    check_layer(
        lambda z, logvar: layers.log_prior_ratio(z, logvar, eps),
        layers.log_prior_ratio_backward,
        [z, spread],
        rng,
    )
