"""CAVI: known optima, restarts at once or singly, and a fall of the bound."""

import copy
import re
import warnings
from itertools import islice, pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.contract.models import MODELS, RHO, THREE
from tests.contract.sampler_checks import started
from tests.planted.models import with_conditional
from tests.tables import table
from vi_lab import (
    Beta,
    BetaBernoulli,
    ChangePoint,
    ConvergenceWarning,
    CorrelatedGaussian,
    Distribution,
    Factorised,
    HalfCauchy,
    HierarchicalNormal,
    InputError,
    LinearRegressionKnownNoise,
    LocalLevel,
    LogisticRegression,
    NormalGamma,
    NumericalError,
    cavi,
    datasets,
    elbo,
    kl,
    ledger,
)
from vi_lab.inference.cavi import sweep_gain, sweeps
from vi_lab.inference.engine.climb import Climb, distance
from vi_lab.model import statistics


def bishop(x, mu0, kappa0, a0, b0):
    """The fixed point of Bishop (2006) 10.26-10.30, as scalars: (m, v, a, b) of q(mu), q(tau)."""
    n = len(x)
    m = (kappa0 * mu0 + x.sum()) / (kappa0 + n)
    a = a0 + (n + 1) / 2
    squares = ((x - m) ** 2).sum() + kappa0 * (m - mu0) ** 2
    # b = b0 + (squares + (kappa0 + n) v)/2 with v = b / (a (kappa0 + n)): linear in b
    b = (b0 + squares / 2) / (1 - 1 / (2 * a))
    return m, b / (a * (kappa0 + n)), a, b


@pytest.mark.parametrize("n", [1, 2, 15, 400])
def test_normal_gamma_reaches_the_fixed_point_of_the_textbook(n):
    x = np.random.default_rng(n).normal(3, 2, n)
    prior = dict(mu0=1.0, kappa0=0.3, a0=2.0, b0=5.0)
    q = cavi(NormalGamma(x, **prior), rng=0)
    m, v, a, b = bishop(x, **prior)
    assert_allclose(q.mean("mu"), m, rtol=1e-10)
    assert_allclose(q.sd("mu") ** 2, v, rtol=1e-9)
    assert_allclose(q.q["tau"].parameters["shape"], a, rtol=1e-12)
    assert_allclose(q.q["tau"].parameters["rate"], b, rtol=1e-9)


SCALES = np.array([1e-4, 1e4])
COVARIANCES = {
    "3-D": THREE, "badly scaled": np.outer(SCALES, SCALES) * RHO,
    **{f"rho {rho}": np.array([[1, rho], [rho, 1]]) for rho in (0.0, 0.5, 0.9, -0.9, 0.99)},
}  # fmt: skip


@pytest.mark.parametrize("cov", COVARIANCES.values(), ids=COVARIANCES)
def test_correlated_gaussian_has_the_known_answer(cov):
    """Means exact, variances 1/P_ii, gap half the log of prod P_ii / det P (Bishop 10.1.2)."""
    model = CorrelatedGaussian([1.0, -2.0, 0.5][: len(cov)], cov)
    q = cavi(model, rng=0, max_sweeps=5000)
    precision = np.linalg.inv(cov)
    for i in range(len(cov)):
        assert_allclose(q.mean(f"z{i}"), [model.mean[i]], atol=1e-9 * cov[i][i] ** 0.5)
        assert_allclose(q.sd(f"z{i}"), [precision[i, i] ** -0.5], rtol=1e-12)
    gap = 0.5 * (np.log(np.diag(precision)).sum() - np.linalg.slogdet(precision)[1])
    assert_allclose(-q.elbo, gap, rtol=1e-8, atol=1e-9)
    if len(cov) == 2:
        rho = cov[0][1] / np.sqrt(cov[0][0] * cov[1][1])
        assert_allclose(-q.elbo, -0.5 * np.log(1 - rho**2), rtol=1e-8, atol=1e-9)
    assert ledger(model, q).holds


def test_change_point_solves_its_own_equations():
    """The fixed point, by scalar code: weights of s from E[log rate], E[rate] and back."""
    from scipy.special import digamma, softmax

    y, a, b = MODELS["change point"].model.counts, np.array([3.0, 4]), np.array([1.0, 1.5])
    q = cavi(ChangePoint(y, a=a, b=b), rng=0, restarts=5)
    shape, rate = q.q["rates"].parameters["shape"], q.q["rates"].parameters["rate"]
    log_rate, mean = digamma(shape) - np.log(rate), shape / rate
    n = len(y)
    score = [
        sum(y[t] * log_rate[int(t >= s)] - mean[int(t >= s)] for t in range(n)) for s in range(1, n)
    ]
    weights = softmax(score)
    assert_allclose(q.q["s"].mean, weights @ np.arange(1, n), rtol=1e-8)
    early = np.array([weights[t:].sum() for t in range(n)])  # P(s > t), the first regime at t
    assert_allclose(shape, np.add(a, [y @ early, y @ (1 - early)]), rtol=1e-8)
    assert_allclose(rate, np.add(b, [early.sum(), (1 - early).sum()]), rtol=1e-8)


@pytest.mark.parametrize("name", ["change point", "correlated, blocks of 3-D", "student location"])
def test_restarts_at_once_are_restarts_one_by_one(name):
    model = MODELS[name].model
    starts = model.sample_latents(np.random.default_rng(3), (4,))
    together = copy.copy(model)
    together.sample_latents = lambda rng, batch=(): starts
    trace = cavi(together, restarts=4, max_sweeps=7, tol=0).elbo_trace
    for k in range(4):
        alone = started(model, {name: value[k] for name, value in starts.items()})
        single = cavi(alone, restarts=1, max_sweeps=7, tol=0).elbo_trace
        shared = min(len(single), len(trace))
        assert_allclose(trace[:shared, k], single[:shared, 0], rtol=1e-12, atol=1e-12)


def test_stopping_early_is_confessed():
    with pytest.warns(ConvergenceWarning, match=r"^CAVI has not converged: sweep 3, .*max_sweeps"):
        q = cavi(CorrelatedGaussian([0, 0], [[1, 0.99], [0.99, 1]]), rng=0, max_sweeps=3)
    assert q.converged is False
    assert q.elbo_trace.shape == (3, 1)


def test_a_wrong_conditional_is_caught_by_the_falling_bound():
    """Not every mistake makes it fall (the contract's probe finds those); this one does."""
    model = NormalGamma([1.0, 4.0, 2.0, 2.5], mu0=0, kappa0=0.5, a0=2, b0=3)
    wrong = with_conditional(model, "tau", lambda eta, t: eta._replace(value=0.3 * eta.value))
    with pytest.raises(NumericalError, match=r"the ELBO fell by .* nats in sweep"):
        cavi(wrong, rng=0, restarts=20)
    cavi(model, rng=0, restarts=20)


def scripted(shapes):
    """Sweeps of a coin whose q is Beta(shape, 3) in turn, for each restart its own."""

    def sweeps(model, t, batch):
        for each in shapes:
            q = Beta.of(each, 3.0)
            yield {"theta": q.eta}, {"theta": q.expected_stats}, model_bound(each)

    return sweeps


COIN = BetaBernoulli([1, 0, 1, 1, 0, 1, 1], 1.0, 1.0)  # whose posterior is Beta(6, 3)


def model_bound(shapes):
    return np.array([elbo(COIN, Factorised(COIN, theta=Beta.of(a, 3.0))) for a in shapes])


def test_the_restart_that_fell_farthest_is_named_with_its_sweep_and_its_nats():
    climb = Climb(COIN, "CAVI", rng=0, restarts=4, max_sweeps=9, tol=1e-10)
    shapes = [[4.0] * 4, [5.0] * 4, [6.0, 4.5, 4.0, 4.6]]
    fallen = kl(Beta.of(4.0, 3.0), Beta.of(6.0, 3.0)) - kl(Beta.of(5.0, 3.0), Beta.of(6.0, 3.0))
    words = (
        f"^the ELBO fell by {fallen:.3g} nats in sweep 3 of restart 2, and rounding takes at most "
    )
    with pytest.raises(NumericalError, match=words) as caught:
        climb.run(scripted(shapes), COIN.sample_latents(np.random.default_rng(0), (4,)))
    most = float(re.search("at most (.*?);", str(caught.value))[1])
    assert 0 < most < 1e-10


def test_what_the_last_sweep_gained_is_said_and_which_were_not_enough():
    climb = Climb(COIN, "Mine", rng=0, restarts=2, max_sweeps=3, tol=1e-10)
    shapes = [[4.0, 4.0], [4.5, 4.2], [5.5, 4.3], [6.0, 6.0]]
    gained = model_bound([5.5])[0] - model_bound([4.5])[0]
    words = f"^Mine has not converged: sweep 3, the last of max_sweeps, gained {gained:.2g} nats, "
    with pytest.warns(ConvergenceWarning, match=words + "more than tol=1e-10; raise max_sweeps"):
        q = climb.run(scripted(shapes), COIN.sample_latents(np.random.default_rng(0), (2,)))
    assert q.restarts.start[0] == 0 and q.elbo_trace.shape == (3, 2)


ROUNDED = {
    "a ridge": lambda: CorrelatedGaussian([0, 0], [[1, 1 - 1e-9], [1 - 1e-9, 1]]),
    "steps far below the noise": lambda: LocalLevel([5, 7, 4, 6, 5, 8, 3], 1e-8, 1, 0, 1e6),
    "a tiny scale": lambda: HierarchicalNormal([1, 2, 3], 1, 5, HalfCauchy(1e-6)),
    "far from the origin": lambda: LinearRegressionKnownNoise(
        np.stack([np.ones(20), np.arange(20.0)], 1), 1e3 + np.sin(np.arange(20)), 1.0, 1.0, 1.0
    ),
    "a prior that leaves no room": lambda: LogisticRegression(
        np.sin(np.arange(60.0)).reshape(30, 2), np.arange(30) % 2, 1, 0, prior_cov=1e-7 * np.eye(2)
    ),
}


@pytest.mark.parametrize("name", ROUNDED)
def test_a_bound_that_rounding_moves_is_no_mistake_of_the_model(name):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        q = cavi(ROUNDED[name](), rng=0, max_sweeps=300)
    said = [str(w.message) for w in caught]
    assert all("rounding hides" in words or "not converged" in words for words in said)
    falls = np.diff(q.elbo_trace[:, 0])
    if falls.min(initial=0.0) < -1e-6:
        assert any("rounding hides" in words for words in said)
    assert np.isfinite(q.elbo)


def test_a_bound_of_millions_of_nats_hides_no_gain():
    """One outlier: a share of 1e-11 of the bound is 4e-3 nats, and so far from the end it gains
    1.8e-6 a sweep; 8e-5 nats are left."""
    y = np.random.default_rng(0).normal(size=20)
    y[10] = 3e4
    model, left = LocalLevel(y, q=0.01, r=1.0, m0=0.0, v0=1.0), {}
    for most in (1200, 20_000):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            q = cavi(model, rng=0, max_sweeps=most)
        said = [str(w.message) for w in caught]
        left[most] = q
        warned = any("not converged" in words for words in said)
        assert q.converged is not warned
        assert warned is (most == 1200)
    assert left[20_000].elbo - left[1200].elbo > 1e-6


@pytest.mark.parametrize("rho", [0.5, 1 - 1e-9])
def test_a_mistake_still_shows_where_rounding_moves_the_bound(rho):
    model = CorrelatedGaussian([0, 0], [[1, rho], [rho, 1]])
    wrong = with_conditional(model, "z0", lambda eta, t: type(eta)(-9.0 * eta[0], eta[1]))
    sentence = r"fell by .* rounding takes at most .* disagree, and validate\(\) names it"
    with pytest.raises(NumericalError, match=sentence):
        cavi(wrong, rng=0, restarts=5)


LEDGERS = ["normal-gamma", "change point", "normal mixture", "Gaussian mixture, 2-D", "local level",
           "logistic regression", "hierarchy, half-Cauchy", "topics", "Ising"]  # fmt: skip


@table("name", LEDGERS)
def test_a_sweep_gains_the_divergence_of_the_old_factors_from_the_new(name):
    """Two routes to the gain: the difference of two bounds, and sum_b KL[q_b old || q_b new]."""
    model = MODELS[name].model
    starts = model.sample_initial_values(np.random.default_rng(1), (3,))
    largest = 0.0
    for before, after in pairwise(islice(sweeps(model, statistics(model, starts), (3,)), 9)):
        gain = sweep_gain(model, before[0], after[0], (3,))
        assert gain.shape == (3,) and (gain > -1e-12).all()
        assert_allclose(gain, after[2] - before[2], atol=1e-10 * (1 + np.abs(after[2]).max()))
        assert (gain <= distance(model, before[:2], after[:2], (3,)) ** 2 + 1e-9).all()
        largest = max(largest, gain.max())
    assert largest > 1e-4  # something was there to be gained


def test_without_a_batch_a_learner_can_look_at_each_sweep():
    model = MODELS["change point"].model
    start = model.sample_latents(np.random.default_rng(0))
    eta, t, bound = next(sweeps(model, statistics(model, start), ()))
    assert list(eta) == list(t) == list(model.blocks)
    q = {name: Distribution(block.family, eta[name]) for name, block in model.blocks.items()}
    assert bound == pytest.approx(Factorised(model, **q).elbo, abs=1e-10)
    again = cavi(started(model, start), max_sweeps=1, tol=0)
    assert bound == pytest.approx(again.elbo, abs=1e-10)


@pytest.mark.parametrize("far", [0.0, 1e6])
def test_far_from_the_origin_q_stands_still_where_the_bound_still_wobbles(far):
    """At 1e6 rounding moves the bound up and down; how far q moved knows that it has arrived."""
    x = datasets.load_newcomb().data["deviation_ns"]
    q = cavi(NormalGamma(x + far, mu0=20 + far, kappa0=0.1, a0=2, b0=50), rng=0, restarts=3)
    assert q.converged and len(q.elbo_trace) < 20


def test_a_mistake_that_shows_once_is_not_hidden_by_its_replay():
    """Where the sweep run again does not fail, the error that came is what is said."""
    model, calls = MODELS["normal-gamma"].model, []

    def once(eta, stats):
        calls.append(1)
        if len(calls) == 3:
            raise KeyError("weights")
        return eta

    with pytest.raises(InputError, match="a sweep raised KeyError: 'weights'") as caught:
        cavi(with_conditional(model, "tau", once), rng=0)
    assert isinstance(caught.value.__cause__, KeyError)
