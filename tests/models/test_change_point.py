"""ChangePoint on the coal data: the truth by a loop over s that is written from the story."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from vi_lab import ChangePoint, cavi, exact, kl, ledger
from vi_lab.problems.named import problem

MODEL = problem("coal").model


def log_weights(y, a, b):
    """log p(y, s) for each s, a count at a time: negative binomial given the regime's past."""
    result = []
    for s in range(1, len(y)):
        total = -np.log(len(y) - 1)
        for i, regime in enumerate((y[:s], y[s:])):
            shape, rate = a[i], b[i]
            for count in regime:
                total += stats.nbinom.logpmf(count, shape, rate / (rate + 1))
                shape, rate = shape + count, rate + 1
        result.append(total)
    return np.array(result)


def test_the_coal_posterior():
    weights = log_weights(MODEL.counts, MODEL.a, MODEL.b)
    truth = exact(MODEL)
    assert_allclose(truth.log_evidence, np.logaddexp.reduce(weights), rtol=1e-11)
    p = np.exp(weights - np.logaddexp.reduce(weights))
    s = np.arange(1, MODEL.n)
    assert_allclose(truth.mean("s"), p @ s, rtol=1e-9)
    assert_allclose(truth.sd("s"), np.sqrt(p @ (s - p @ s) ** 2), rtol=1e-8)
    # Carlin, Gelfand & Smith (1992): a change near 1890, about three a year before, one after
    assert 1850 + s[np.argmax(p)] == 1891
    assert_allclose(truth.mean("rates"), [3.1, 0.95], atol=0.1)
    assert 0 < kl(cavi(MODEL, rng=0, restarts=5), truth) < 1


def test_two_times_have_one_change():
    model = ChangePoint([3, 0], a=(1, 2), b=(1, 1))
    truth = exact(model)
    assert truth.mean("s") == 1.0
    assert truth.sd("s") == 0.0
    expected = stats.nbinom.logpmf(3, 1, 0.5) + stats.nbinom.logpmf(0, 2, 0.5)
    assert_allclose(truth.log_evidence, expected)
    assert_allclose(cavi(model, rng=0).elbo, expected)  # nothing is left to couple


@pytest.mark.parametrize("counts", [np.zeros(5), np.full(5, 10**6), [0, 0, 0, 10**9, 10**9]])
@pytest.mark.filterwarnings("ignore:rounding hides")  # of a bound as large as the counts
def test_extreme_counts(counts):
    model = ChangePoint(counts, a=(1, 1), b=(1, 1))
    assert_allclose(
        exact(model).log_evidence,
        np.logaddexp.reduce(log_weights(np.asarray(counts), (1, 1), (1, 1))),
        rtol=1e-6,
    )
    assert ledger(model, cavi(model, rng=0, restarts=3)).holds


def test_s_is_the_last_time_of_the_first_regime():
    data = MODEL.sample_data(np.random.default_rng(0), {"s": 3, "rates": np.array([1e5, 1e-9])})
    assert (data.counts[:3] > 9e4).all()
    assert (data.counts[3:] == 0).all()
    starts = MODEL.sample_latents(np.random.default_rng(0), (20_000,))["s"]
    assert (starts.min(), starts.max()) == (1, MODEL.n - 1)
