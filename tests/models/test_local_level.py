"""LocalLevel on the Nile: filter and smoother against the dense normal, and the gap that grows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.contract.sampler_checks import check_joint_distribution
from vi_lab import InputError, InputTypeError, LocalLevel, cavi, exact, gibbs, ledger
from vi_lab.problems.named import problem, sweep

NILE = problem("nile").model
START = dict(q=1469.1, r=15098.5, m0=1000, v0=250_000)


def dense(model):
    """The normal of all levels at once, and what conditioning on all of y makes of it."""
    size = model.n
    prior = model.v0 + model.q * np.minimum.outer(np.arange(size), np.arange(size))
    marginal = prior + model.r * np.eye(size)
    gain = np.linalg.solve(marginal, prior)
    log_evidence = stats.multivariate_normal.logpdf(model.y, np.full(size, model.m0), marginal)
    return log_evidence, model.m0 + (model.y - model.m0) @ gain, prior - prior @ gain


def test_the_nile_by_the_dense_normal():
    log_evidence, mean, cov = dense(NILE)
    truth = exact(NILE)
    assert_allclose(truth.log_evidence, log_evidence, rtol=1e-12)
    assert_allclose(truth.mean("x"), mean, rtol=1e-10)
    assert_allclose(truth.sd("x"), np.sqrt(np.diag(cov)), rtol=1e-10)
    at = np.array([mean, NILE.y, np.linspace(700, 1100, NILE.n)])
    expected = stats.multivariate_normal.logpdf(at, mean, cov)
    assert_allclose(truth.log_density({"x": at}), expected, rtol=1e-9)


def test_durbin_and_koopman():
    """The filter's steady state (2012, section 2.11), and their diffuse log likelihood."""
    predicted = 0.5 * (NILE.q + np.sqrt(NILE.q**2 + 4 * NILE.q * NILE.r))
    assert_allclose(exact(NILE).sd("x")[-1] ** 2, predicted - NILE.q, rtol=1e-8)
    diffuse = LocalLevel(NILE.y, **{**START, "v0": 1e12})
    # a diffuse log likelihood (their section 2.9) has no term for the first year
    first = stats.norm.logpdf(NILE.y[0], 1000, np.sqrt(1e12 + NILE.r))
    assert_allclose(exact(diffuse).log_evidence - first, -632.54, atol=0.01)


def test_the_gap_grows_with_the_years_and_a_chain_closes_it():
    gaps = []
    for item in sweep("nile"):
        q = cavi(item.model, rng=0)
        book = ledger(item.model, q)
        assert book.holds
        gaps.append(book.kl)
    assert (np.diff(gaps) > 0).all()
    # each year adds as much as the one before: a rate, of about 0.22 nats a year
    assert_allclose((gaps[-1] - gaps[-2]) / 50, (gaps[-2] - gaps[-3]) / 30, rtol=0.01)
    joint = problem("nile", blocks="joint").model
    chain = cavi(joint, rng=0)
    assert ledger(joint, chain).kl < 1e-9
    assert_allclose(chain.mean("x"), exact(joint).mean("x"), rtol=1e-12)
    assert_allclose(chain.sd("x"), exact(joint).sd("x"), rtol=1e-10)
    # cutting the chain takes conditional sds for marginal ones
    assert (cavi(NILE, rng=0).sd("x") < 0.6 * exact(NILE).sd("x")).all()


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("blocks", ["even-odd", "joint"])
def test_short_chains(size, blocks):
    model = LocalLevel(NILE.y[:size], **START, blocks=blocks)
    assert_allclose(exact(model).log_evidence, dense(model)[0], rtol=1e-12)
    assert ledger(model, cavi(model, rng=0)).holds


def test_data_far_from_the_origin_lose_no_digits():
    near = LocalLevel([0.0, 1.0, -1.0, 0.5], q=1, r=1, m0=0, v0=4)
    far = LocalLevel(np.array([0.0, 1.0, -1.0, 0.5]) + 2.0**20, q=1, r=1, m0=2.0**20, v0=4)
    assert_allclose(exact(far).log_evidence, exact(near).log_evidence, rtol=1e-9)
    assert_allclose(cavi(far, rng=0).elbo, cavi(near, rng=0).elbo, rtol=1e-9)
    assert ledger(far, cavi(far, rng=0)).holds


@pytest.mark.parametrize("blocks", ["even-odd", "joint"])
def test_gibbs_keeps_the_joint_distribution(blocks):
    model = LocalLevel(np.zeros(3), q=0.5, r=0.8, m0=1, v0=0.6, blocks=blocks)
    check_joint_distribution(model, gibbs, draws=2, replicates=600)


def test_bad_input():
    for change, error, words in (
        (dict(y=[1.0]), InputError, "y: .*two times"),
        (dict(y=[1.0, np.nan]), InputError, "y: .*nan at index 1"),
        (dict(q=0), InputError, "q: .*above 0, got 0"),
        (dict(r=-1), InputError, "r: .*above 0, got -1"),
        (dict(v0=0), InputError, "v0: .*above 0"),
        (dict(m0=np.inf), InputError, "m0: .*finite"),
        (dict(q="1"), InputTypeError, "q: .*'1'"),
        (dict(blocks="join"), InputError, "blocks: unknown name 'join'; did you mean 'joint'"),
        (dict(Q=1), InputTypeError, "no argument 'Q'"),
    ):
        with pytest.raises(error, match=words):
            LocalLevel(**{"y": [1.0, 2.0], **START, **change})
    with pytest.raises(InputError, match=r"n: .*at most the 100 years"):
        problem("nile", n=101)
