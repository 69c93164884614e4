"""Distances against scipy.stats, limits against simulation."""

import numpy as np
import pytest
from scipy import stats

from tests.tables import table
from tests.testing.examples import SEMI, forward, palindrome
from vi_lab import InputError
from vi_lab.testing import chains_test, joint_test, limits, rank_test, repeated, vsbc
from vi_lab.testing.rank import rank
from vi_lab.testing.report import report_two_samples


def test_distances_against_scipy():
    rng = np.random.default_rng(0)
    u, v = rng.random(57) ** 1.3, rng.integers(0, 5, 57).astype(float)
    w = rng.integers(1, 6, 57).astype(float)
    assert limits.from_uniform(u) == pytest.approx(stats.kstest(u, "uniform").statistic)
    assert limits.measure_distance(v, w) == pytest.approx(stats.ks_2samp(v, w).statistic)
    assert np.abs(limits.curve_from_uniform(u)).max() <= limits.from_uniform(u) + 1e-12
    assert np.abs(limits.curve_between(v, w)).max() == pytest.approx(limits.measure_distance(v, w))


def test_limits_hold():
    """At alpha = 0.1 no more than a tenth of right samples are beyond the limit, and some are."""
    rng, trials = np.random.default_rng(1), 2000
    error = 5 * np.sqrt(0.1 * 0.9 / trials)
    one = [limits.from_uniform(rng.random(40)) > limits.one_sample(40, 0.1) for _ in range(trials)]
    two = [
        limits.measure_distance(rng.random(40), rng.random(40)) > limits.two_samples(40, 0.1)
        for _ in range(trials)
    ]
    assert 0.05 < np.mean(one) < 0.1 + error
    assert 0 < np.mean(two) < 0.1 + error


def test_the_limit_of_the_default_size():
    assert limits.one_sample(4000, 5e-9) == pytest.approx(0.0498, abs=1e-4)
    assert limits.one_sample(4000, 5e-9, 6) > limits.one_sample(4000, 5e-9)


@pytest.mark.parametrize(
    ("test", "samples"), [(rank_test, 1), (joint_test, 2), (chains_test, 2), (vsbc, 1)]
)
def test_the_rate_of_false_alarms_is_shared_by_all_quantities(test, samples):
    """Massart's limit of one sample, Wei and Dudley's of two, each for alpha / m."""
    n, alpha = 200, 1e-3
    runs = {
        chains_test: lambda rng, theta, x, steps: [forward(rng, theta, x) for _ in range(2)],
        vsbc: lambda rng, x, draws: [SEMI.prior(rng) for _ in range(draws)],
    }
    run = runs.get(test, repeated(palindrome))
    more = {"exact": True} if test is vsbc else {}
    report = test(SEMI, run, replicates=n, alpha=alpha, rng=0, **more)
    m = len(report.rows)
    assert m == (6 if test is joint_test else 3) and report.alpha == alpha
    one, two = np.log(2 * m / alpha) / (2 * n), (1 + np.log(m / alpha)) / n
    assert report.limit == pytest.approx(np.sqrt(one if samples == 1 else two))
    assert all(row["limit"] == report.limit for row in report.rows)
    assert report.statistic == max(row["distance"] for row in report.rows)
    assert report.passed == (report.statistic <= report.limit)


def test_ties_are_broken_at_random():
    rng = np.random.default_rng(2)
    values = np.array([1.0, 0.5, 1.0, 1.0 + 1e-14, 3.0])  # one below, two tied but for rounding
    ranks = np.bincount([rank(rng, values) for _ in range(6000)], minlength=5)
    assert ranks[0] == ranks[4] == 0
    assert np.abs(ranks[1:4] - 2000).max() < 5 * np.sqrt(6000 * (1 / 3) * (2 / 3))
    assert rank(rng, np.array([-np.inf, 0.0, 1.0])) == 0
    assert rank(rng, np.array([np.inf, 0.0, 1.0])) == 2


@pytest.mark.parametrize("alpha", [0.0, -0.1, 1.0, 5.0])
@table("test", [rank_test, joint_test, chains_test, vsbc])
def test_alpha_is_a_rate(test, alpha):
    with pytest.raises(InputError, match="alpha: needs"):
        test(SEMI, repeated(forward), alpha=alpha, replicates=30)


def test_two_samples_need_more_replicates_than_one():
    """As many as one sample needs are too few for two."""
    few = next(n for n in range(1, 100) if limits.one_sample(n, 0.01, 1) <= limits.WIDEST)
    assert limits.two_samples(few, 0.01, 1) > limits.WIDEST
    sample = {"z": np.arange(few) / few}
    with pytest.raises(InputError, match="replicates: needs at least"):
        report_two_samples("test", sample, sample, 0.01, "right", "wrong")


def test_a_step_of_an_empirical_distribution_is_taken_where_it_stands():
    """P(u <= g): at a point of the sample the sample counts."""
    curve = limits.curve_from_uniform(limits.GRID[[50, 100]])
    at = np.array([0, 49, 50, 99, 100, 200])
    np.testing.assert_allclose(curve[at] + limits.GRID[at], [0.0, 0.0, 0.5, 0.5, 1.0, 1.0])
