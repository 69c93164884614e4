"""Stochastic variational inference: with all rows a sweep of CAVI, with some of them its bound."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose

import vi_lab
import vi_lab.inference.svi as lesson
from tests.planted.source import plant
from vi_lab import GaussianMixture, InputError, NotApplicable, cavi, elbo, svi
from vi_lab.inference.cavi import sweeps
from vi_lab.inference.engine.minibatch_run import MinibatchRun
from vi_lab.model import statistics


def blobs(n=1200, seed=0):
    rng = np.random.default_rng(seed)
    centres = np.array([[-4.0, 0.0], [4.0, 1.0], [0.0, 6.0]])
    x = centres[rng.integers(3, size=n)] + rng.standard_normal((n, 2))
    return GaussianMixture(x, 3, 2.0, np.zeros(2), 0.1, 3.0, np.eye(2))


def begin(model, seed=1):
    return statistics(model, model.sample_initial_values(np.random.default_rng(seed), (1,)))


def check_that_all_rows_are_a_sweep(steps):
    """Three steps of rate 1 are three sweeps, to 1e-12."""
    model = blobs(300)
    rows = [np.arange(model.rows)] * 3
    stepped = steps(model, begin(model), rows, [1.0, 1.0, 1.0])
    swept = sweeps(model, begin(model), (1,))
    for _ in rows:
        (eta, t), (full, expected, _) = next(stepped), next(swept)
        for name in eta:
            for one, two in zip(
                [*eta[name], *t[name]], [*full[name], *expected[name]], strict=True
            ):
                assert_allclose(one, two, rtol=1e-12, atol=1e-12 * np.abs(two).max())


def check_that_minibatches_are_unbiased(steps):
    """From one state, the mean of eta_hat over the parts of the data is that of all of them."""
    model, (parts, size) = blobs(300), (10, 30)
    (first, _) = next(steps(model, begin(model), [np.arange(300)], [1.0]))
    found = []
    for k in range(parts):
        walk = steps(model, begin(model), [np.arange(300), np.arange(k * size, (k + 1) * size)],
                     [1.0, 0.3])  # fmt: skip
        next(walk)
        found.append(next(walk)[0])
    both = steps(model, begin(model), [np.arange(300)] * 2, [1.0, 1.0])
    next(both)
    second, _ = next(both)
    for name in ("weights",):  # its eta_hat is made of the labels of this very step alone
        for one, two, *each in zip(
            first[name], second[name], *(f[name] for f in found), strict=True
        ):
            assert_allclose(np.mean(each, axis=0), 0.7 * one + 0.3 * two, rtol=1e-10)


@pytest.mark.parametrize(
    "check", [check_that_all_rows_are_a_sweep, check_that_minibatches_are_unbiased]
)
def test_the_steps(check):
    check(lesson.steps)


MISTAKES = {
    "a minibatch not scaled by N/n": ("p + scale * (f - p)", "p + (f - p)"),
    "the prior scaled with the data": ("p + scale * (f - p)", "scale * f"),
    "the rate on the old": ("(1.0 - r_now) * old + r_now", "r_now * old + (1.0 - r_now)"),
    "the old forgotten": ("(1.0 - r_now) * old + ", ""),
    "labels of the minibatch before": ("if name not in model.row_blocks:", "if True:"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_seen(mistake):
    steps = plant(lesson, *mistake)["steps"]
    with pytest.raises((AssertionError, AttributeError, vi_lab.ViLabError)):
        check_that_all_rows_are_a_sweep(steps)
        check_that_minibatches_are_unbiased(steps)


def test_it_reaches_the_bound_of_cavi():
    model = blobs()
    q, best = svi(model, batch_size=100, rng=4, epochs=20), cavi(model, rng=4, restarts=3)
    assert best.elbo - 1e-3 * model.rows < q.elbo <= best.elbo + 1e-6
    assert_allclose(elbo(model, q), q.elbo, rtol=1e-12)
    assert_allclose(np.sort(q.mean("weights")), np.sort(best.mean("weights")), atol=0.01)
    assert q.converged is None and q.method == "SVI"


@pytest.mark.parametrize("start", [1, 6])
def test_it_leaves_a_cluster_that_two_components_share(start):
    """From these starts CAVI needs up to 761 sweeps. With rates (k + 1)**-0.6 and no step with all
    rows at last SVI ended 1.8e-3 and 4.7e-2 nats a datum below it."""
    model = blobs()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vi_lab.ConvergenceWarning)
        best = cavi(model, rng=start)
    assert svi(model, batch_size=100, rng=start).elbo > best.elbo - 1e-3 * model.rows


def test_the_rates():
    """1, then half where k = delay and forgetting = 1; with all rows at last 1 again."""
    run = MinibatchRun(blobs(300), batch_size=100, rng=0, epochs=2, delay=2.0, forgetting=1.0)
    sizes = [len(rows) for rows, _ in zip(run.minibatches(), range(9), strict=False)]
    rates = [r for r, _ in zip(run.rates(), range(9), strict=False)]
    assert run.total == 9 and sizes == [100] * 6 + [300] * 3
    assert_allclose(rates, [1, 2 / 3, 1 / 2, 2 / 5, 1 / 3, 2 / 7, 1, 1, 1], rtol=1e-15)
    assert (
        MinibatchRun(blobs(300), batch_size=300, rng=0, epochs=2, delay=1, forgetting=1).total == 2
    )


def test_the_same_seed_gives_the_same_q():
    one, two = (svi(blobs(), batch_size=200, rng=7, epochs=2) for _ in range(2))
    assert one.elbo == two.elbo and one.elbo != svi(blobs(), batch_size=200, rng=8, epochs=2).elbo


def test_what_it_refuses():
    with pytest.raises(NotApplicable, match="SVI does not apply, because it needs a model that"):
        svi("coal", batch_size=10)
    with pytest.raises(InputError, match="batch_size: needs at most all 272 rows, got 273"):
        svi("old-faithful", batch_size=273)
    for settings in ({"epochs": 0}, {"delay": 0.5}, {"forgetting": 0.5}, {"forgetting": 1.5}):
        with pytest.raises(InputError, match=next(iter(settings))):
            svi("old-faithful", batch_size=50, **settings)
