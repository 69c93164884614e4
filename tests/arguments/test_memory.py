"""What would not fit is refused, and nothing is refused for want of knowing."""

import os

import numpy as np
import pytest

import vi_lab
from vi_lab.arguments import memory
from vi_lab.arguments.memory import memory_limit, require_memory
from vi_lab.errors import InputError


@pytest.mark.parametrize("pages", [-1, 0])
def test_a_system_that_does_not_say_how_much_memory_it_has_counts_as_having_two_gib(
    pages, monkeypatch
):
    """WebAssembly answers so: without this nothing is drawn in a browser."""
    answers = {"SC_PAGE_SIZE": 65536, "SC_PHYS_PAGES": pages}
    monkeypatch.setattr(os, "sysconf", answers.__getitem__, raising=False)
    assert memory_limit() == 2**30
    require_memory("figure", "its picture", 1000)
    with pytest.raises(InputError, match="would take 8 GiB, above the limit of 1 GiB"):
        require_memory("figure", "its picture", 2**30)


COIN = vi_lab.BetaBernoulli([1, 0, 1, 1], 1.0, 1.0)
NORMALS = vi_lab.NormalMixture([-2.0, -1.9, 2.1], 0.5, [0.0, 0.0], [3.0, 3.0], [1.0, 1.0])
TWO = vi_lab.CorrelatedGaussian([0.0, 0.0], [[1.0, 0.4], [0.4, 1.0]])
RUN = {"rng": 0, "chains": 3, "draws": 5}
RUNS = {  # numbers that are held: (draws, chains) of each stored number; the longer of two paths
    "gibbs": (lambda: vi_lab.gibbs(COIN, **RUN, warmup=1), 15),
    "draws of a walk": (lambda: vi_lab.metropolis_hastings(TWO, **RUN, warmup=8), 30),
    "warmup of a walk": (lambda: vi_lab.metropolis_hastings(TWO, **RUN, warmup=20), 60),
    "restarts, of two statistics": (lambda: vi_lab.cavi(COIN, rng=0, restarts=3), 4 * 3 * 2),
}


def fit():
    """A VAE of five inputs and two latents that holds three data."""
    x = np.eye(5)[:3] > 0
    trained = vi_lab.VAE(n_inputs=5, n_latent=2, hidden=(2,)).fit(x, rng=0, epochs=1)
    return vi_lab.DecoderModel(trained, x)


SAMPLES = {  # of seven draws
    "a distribution": (lambda: vi_lab.Normal.of(mean=np.zeros(3), sd=1.0), 3),
    "one of vectors": (lambda: vi_lab.MultivariateNormal.of(mean=np.zeros(2), cov=np.eye(2)), 2),
    "the truth": (lambda: vi_lab.exact(NORMALS), 10),  # labels count as probabilities
    "chains": (lambda: vi_lab.gibbs(NORMALS, **RUN, warmup=1), 7),
    "a Gaussian": (lambda: vi_lab.laplace(TWO, rng=0, restarts=1), 2),
    "rows": (lambda: vi_lab.gaussian_q(fit()), 6),
    "an encoder's q": (lambda: fit().fit.given(np.eye(5)[:3] > 0), 6),
}


def assert_limit(call, numbers, monkeypatch):
    """That many doubles fit, and where one of their bytes is wanting they do not."""
    monkeypatch.setattr(memory, "memory_limit", lambda: 8 * numbers)
    call()
    monkeypatch.setattr(memory, "memory_limit", lambda: 8 * numbers - 1)
    with pytest.raises(InputError, match="would take"):
        call()


@pytest.mark.parametrize("name", RUNS)
def test_a_run_needs_the_memory_that_it_holds(name, monkeypatch):
    assert_limit(*RUNS[name], monkeypatch)


@pytest.mark.parametrize("name", SAMPLES)
def test_draws_need_the_memory_that_they_take(name, monkeypatch):
    make, each = SAMPLES[name]
    result = make()
    assert_limit(lambda: result.sample(7, rng=0), 7 * each, monkeypatch)


def test_new_data_need_the_memory_that_they_take(monkeypatch):
    q = fit().fit.given(np.eye(5)[:3] > 0)
    assert_limit(lambda: q.posterior_predictive(7, rng=0), 7 * 3 * 5, monkeypatch)
