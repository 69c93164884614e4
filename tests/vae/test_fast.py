"""The fast path is the clear one: every likelihood, activation, depth, precision and batch size."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.tables import table
from vi_lab.vae import VAE, layers, objective
from vi_lab.vae.fast import inplace
from vi_lab.vae.fast.elbo import FastElbo
from vi_lab.vae.fast.layout import Layout


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "likelihood, log_sd", [("bernoulli", None), ("gaussian", None), ("gaussian", -0.4)]
)
@table("activation, hidden", product(layers.ACTIVATIONS, [(), (5,), (6, 4)]))
def test_the_fast_path_is_the_clear_one(likelihood, log_sd, activation, hidden, dtype):
    rng = np.random.default_rng(0)
    network = VAE(7, 3, hidden, likelihood, activation, log_sd=log_sd).network
    layout = Layout(network)
    params = {n: v + 0.2 * rng.standard_normal(v.shape) for n, v in network.init(rng).items()}
    theta = layout.flatten(params, dtype)
    gradient = np.full_like(theta, np.nan)  # every number must be written
    fast = FastElbo(network, theta, gradient, beta=1.7)
    before = theta.copy()
    for batch in (9, 4, 9, 1):
        x = rng.random((batch, 7)).astype(dtype)
        eps = rng.standard_normal((1, batch, 3)).astype(dtype)
        reconstruction, kl = fast(x, eps[0])
        expected, gradients = objective.elbo_and_gradients(network, params, x, eps, beta=1.7)
        tolerance = dict(rtol=1e-12) if dtype == "float64" else dict(rtol=2e-5)
        assert_allclose(reconstruction, expected.reconstruction.sum(), **tolerance)
        assert_allclose(kl, expected.kl.sum(), **tolerance)
        atol = 1e-13 if dtype == "float64" else 2e-6
        for name, view in layout.params(gradient).items():
            assert_allclose(view, gradients[name], atol=atol, **tolerance, err_msg=name)
    assert (theta == before).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_logits_neither_overflow_nor_vanish(dtype):
    logits = np.array([[-1e4, -90, -1.0, 0.0, 1.0, 90, 1e4]], dtype)
    for x in (np.zeros_like(logits), np.ones_like(logits)):
        out, d_out, scratch = logits.copy(), np.empty_like(logits), np.empty_like(logits)
        total = inplace.bernoulli(x, out, d_out, scratch)
        value, cache = layers.bernoulli_log_likelihood(x, logits)
        assert_allclose(total, value.sum(), rtol=1e-6)
        expected = layers.bernoulli_log_likelihood_backward(np.ones(1), cache)
        assert_allclose(d_out, expected, atol=1e-7)


@pytest.mark.parametrize("name", inplace.ACTIVATIONS)
def test_activations_in_place(name):
    forward, backward = inplace.ACTIVATIONS[name]
    slow, slow_backward = layers.ACTIVATIONS[name]
    a = np.array([-800.0, -30.0, -1e-3, 0.0, 1e-3, 2.0, 30.0, 800.0])
    h, cache = slow(a)
    found = a.copy()
    forward(found)
    assert_allclose(found, h, rtol=1e-14, atol=1e-300)
    dh = np.linspace(1, 2, len(a))
    expected = slow_backward(dh, cache)
    backward(dh, found)
    assert_allclose(dh, expected, rtol=1e-12, atol=1e-15)
