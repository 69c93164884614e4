"""LocalLevel on the Nile: filter and smoother against the dense normal, and the gap that grows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from vi_lab import InputError, LocalLevel, cavi, exact, gibbs, ledger
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


def with_gaps(blocks="joint"):
    y = np.array([np.nan, 1.0, 2.5, np.nan, np.nan, 0.5, np.nan])
    return LocalLevel(y, q=0.7, r=0.4, m0=0.3, v0=2.0, blocks=blocks)


def dense_with_gaps(model):
    """Mean and covariance of x, and of what was seen: no recursion, no precision."""
    times = np.arange(model.n)
    cov = model.v0 + model.q * np.minimum.outer(times, times)
    seen = np.isfinite(model.y)
    return (
        np.full(model.n, model.m0),
        cov,
        seen,
        cov[np.ix_(seen, seen)] + model.r * np.eye(seen.sum()),
    )


@pytest.mark.parametrize("blocks", ["joint", "even-odd"])
def test_a_gap_is_no_observation(blocks):
    """Against the conditional of one multivariate normal."""
    model = with_gaps(blocks)
    mean, cov, seen, of_y = dense_with_gaps(model)
    truth = exact(model)
    y = model.y[seen]
    assert truth.log_evidence == pytest.approx(
        stats.multivariate_normal.logpdf(y, mean[seen], of_y), abs=1e-12
    )
    gain = np.linalg.solve(of_y, cov[seen]).T
    assert_allclose(truth.mean("x"), mean + gain @ (y - mean[seen]), rtol=1e-12)
    variance = np.diag(cov - gain @ cov[seen])
    assert_allclose(truth.sd("x"), np.sqrt(variance), rtol=1e-12)
    q = cavi(model, rng=0)
    assert ledger(model, q).holds
    assert (q.elbo == pytest.approx(truth.log_evidence, abs=1e-10)) == (blocks == "joint")
    again = model.sample_data(
        np.random.default_rng(0), model.sample_latents(np.random.default_rng(1))
    )
    np.testing.assert_array_equal(np.isnan(again.y), np.isnan(model.y))
    draws = gibbs(model, rng=0, draws=4000)
    assert_allclose(draws.mean("x"), truth.mean("x"), atol=0.1)


def test_gaps_alone_are_no_data():
    with pytest.raises(InputError, match="needs an observation, got gaps alone"):
        LocalLevel([np.nan, np.nan], 1.0, 1.0, 0.0, 1.0)
    with pytest.raises(InputError, match="finite numbers, got inf"):
        LocalLevel([np.nan, np.inf], 1.0, 1.0, 0.0, 1.0)
