"""What a result says it took is no more than who waited for it saw."""

import time

import numpy as np

import vi_lab
from tests.tables import table

COIN = vi_lab.BetaBernoulli([1, 0, 1, 1], 1.0, 1.0)
SIGNAL = vi_lab.Clutter([1.9, 2.5, 2.4], 0.1, 9.0)
PAIRS = vi_lab.GaussianMixture(np.eye(4)[:, :2], 2, 2.0, np.zeros(2), 0.1, 3.0, np.eye(2))
CHAINS = {"rng": 0, "chains": 2, "draws": 5, "warmup": 5}
CALLS = {
    "cavi": lambda: vi_lab.cavi(COIN, rng=0),
    "exact": lambda: vi_lab.exact(COIN),
    "expectation propagation": lambda: vi_lab.expectation_propagation(SIGNAL),
    "gaussian_vi": lambda: vi_lab.gaussian_vi(COIN, rng=0, restarts=1),
    "gibbs": lambda: vi_lab.gibbs(COIN, **CHAINS),
    "hmc": lambda: vi_lab.hmc(COIN, **CHAINS),
    "laplace": lambda: vi_lab.laplace(COIN, rng=0, restarts=1),
    "metropolis_hastings": lambda: vi_lab.metropolis_hastings(COIN, **CHAINS),
    "svi": lambda: vi_lab.svi(PAIRS, rng=0, epochs=1, batch_size=2),
    "a VAE": lambda: vi_lab.VAE(n_inputs=5, n_latent=1, hidden=(2,)).fit(
        np.eye(5) > 0, rng=0, epochs=1
    ),
}


@table("call", CALLS.values(), ids=CALLS)
def test_it_took_no_longer_than_the_call(call):
    before = time.perf_counter()
    result = call()
    assert 0.0 < result.seconds <= time.perf_counter() - before
