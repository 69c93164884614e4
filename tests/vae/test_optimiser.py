"""SGD and Adam against the textbook, written out one number at a time."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.vae.oracles import small_vae
from vi_lab.vae import objective, optimiser
from vi_lab.vae.training_state import Plan, Run


class SlowAdam:
    """Kingma & Ba 2015, algorithm 1, for one number; uphill."""

    def __init__(self, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8):
        self.rate, self.beta1, self.beta2, self.eps = learning_rate, beta1, beta2, eps
        self.m = self.v = 0.0
        self.t = 0

    def step(self, gradient):
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * gradient
        self.v = self.beta2 * self.v + (1 - self.beta2) * gradient**2
        m_hat = self.m / (1 - self.beta1**self.t)
        v_hat = self.v / (1 - self.beta2**self.t)
        return self.rate * m_hat / (math.sqrt(v_hat) + self.eps)


class SlowSGD:
    def __init__(self, learning_rate):
        self.rate = learning_rate

    def step(self, gradient):
        return self.rate * gradient


SLOW = {"adam": SlowAdam, "sgd": SlowSGD}


@pytest.mark.parametrize("name", SLOW)
def test_a_trajectory_is_the_textbooks(name):
    rng = np.random.default_rng(0)
    theta = rng.standard_normal(7)
    expected, slow = theta.tolist(), [SLOW[name](0.01) for _ in theta]
    fast = optimiser.OPTIMISERS[name](theta, 0.01)
    for _ in range(300):
        gradient = rng.standard_normal(7) * 10.0 ** np.arange(-9, 5, 2)
        expected = [x + s.step(g) for x, s, g in zip(expected, slow, gradient, strict=True)]
        fast.step(gradient.copy())
        assert_allclose(theta, expected, rtol=1e-12, atol=1e-13)
    assert fast.steps == 300


def test_adam_in_blocks_is_adam(monkeypatch):
    rng = np.random.default_rng(1)
    gradients = rng.standard_normal((10, 300))
    ends = []
    for block in (2**16, 100, 1):
        monkeypatch.setattr(optimiser, "BLOCK", block)
        theta = np.zeros(300)
        adam = optimiser.Adam(theta, 0.1)
        for gradient in gradients:
            adam.step(gradient.copy())
        ends.append(theta)
    assert (ends[0] == ends[1]).all() and (ends[0] == ends[2]).all()


@pytest.mark.parametrize("name", SLOW)
@pytest.mark.parametrize(
    "settings",
    [{}, {"likelihood": "gaussian"}, {"beta": 2.0}, {"n_importance": 3}, {"hidden": (4, 3)}],
)
def test_training_is_the_slow_step_repeated(name, settings):
    """Same start, order of data and noise: the same parameters to 1e-10, fast path or not."""
    vae = small_vae(**settings)
    x = (np.random.default_rng(2).random((10, 6)) < 0.5).astype(float)
    plan = Plan(epochs=3, batch_size=4, learning_rate=0.01, optimiser=name)
    run = Run(vae, x, plan, seed=[1, 2], params=None)
    noise = np.random.default_rng([1, 2, 1])
    params = {n: v.copy() for n, v in run.layout.params(run.theta).items()}
    slow = {n: [SLOW[name](0.01) for _ in range(v.size)] for n, v in params.items()}
    for _ in range(plan.epochs):
        order = run.order()
        assert sorted(order) == list(range(10))
        for first in range(0, 10, 4):
            rows = order[first : first + 4]
            eps = noise.standard_normal((vae.n_importance, len(rows), 2))
            run.advance(rows)
            if vae.n_importance > 1:
                _, gradients = objective.importance_bound_and_gradients(
                    vae.network, params, x[rows], eps, vae.n_importance
                )
            else:
                _, gradients = objective.elbo_and_gradients(
                    vae.network, params, x[rows], eps, vae.beta
                )
            for n, value in params.items():
                flat = np.ravel(gradients[n]).tolist()
                moved = [s.step(g) for s, g in zip(slow[n], flat, strict=True)]
                params[n] = value + np.reshape(moved, value.shape)
        run.end_epoch()
    for n, value in run.layout.params(run.theta).items():
        assert_allclose(value, params[n], rtol=1e-10, atol=1e-10, err_msg=n)
