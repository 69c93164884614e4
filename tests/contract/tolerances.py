"""How far a Monte Carlo estimate may lie from the truth: its own standard errors, and no more.

A test that makes k comparisons allows each the quantile at which all k together raise a false alarm
once in a million runs. Seeds are fixed besides, so a test that passes today passes tomorrow.
"""

import numpy as np
from scipy import stats

from vi_lab.results import diagnostics

FALSE_ALARM = 1e-6
DEGREES = 30  # of freedom granted to the standard error of a Markov chain


def normal_limit(comparisons):
    """Standard errors allowed to each of so many comparisons of averages of independent draws."""
    return stats.norm.isf(FALSE_ALARM / 2 / comparisons)


def chain_limit(comparisons):
    """The same for a Markov chain, whose standard error is itself an estimate: Student's t."""
    return stats.t.isf(FALSE_ALARM / 2 / comparisons, DEGREES)


def assert_averages(draws, expected, what):
    """Averages over the first axis of independent draws equal what is expected, coordinate-wise."""
    draws = np.asarray(draws, dtype=float)
    expected = np.broadcast_to(expected, draws.shape[1:])
    error = draws.std(0, ddof=1) / np.sqrt(len(draws))
    off = np.abs(draws.mean(0) - expected)
    limit = normal_limit(max(expected.size, 1))
    slack = 1e-12 * (1 + np.abs(expected))  # what is constant has no standard error
    assert (off <= limit * error + slack).all(), (
        f"{what}: off by {np.max(off / (error + slack)):.1f} standard errors of {limit:.1f} allowed"
    )


def assert_law(draws, cdf, what, comparisons=1):
    """Kolmogorov and Smirnov: independent scalar draws follow a continuous distribution."""
    p_value = stats.kstest(draws, cdf).pvalue
    assert p_value > FALSE_ALARM / comparisons, f"{what}: Kolmogorov-Smirnov p = {p_value:.2g}"


def assert_uncorrelated(draws, what):
    """Columns of (n, k) independent rows are independent of one another, by correlation."""
    n, k = draws.shape
    correlation = np.corrcoef(draws, rowvar=False)[np.triu_indices(k, 1)]
    worst = np.abs(correlation).max() * np.sqrt(n)
    assert worst <= normal_limit(len(correlation)), f"{what}: correlated at {worst:.1f} s.e."


def assert_chains(values, expected, what, least_ess=50, spread=0.0):
    """Each chain (chains, draws, ...) on its own averages to what is expected, and all together do.

    A chain that hardly moves has a wide error bar and would pass; so it must also have moved. The
    average over all chains has the smallest error bar, and sees a bias that hides in each. `spread`
    is the standard error of what is expected, where that is an estimate too.
    """
    values = np.asarray(values, dtype=float)
    expected = np.broadcast_to(expected, values.shape[2:])
    limit = chain_limit((len(values) + 1) * max(expected.size, 1))
    varied = np.ptp(values, axis=1) > 0
    apart = np.moveaxis(values, 0, 1)[None]  # (1, draws, chains, ...): each chain by itself
    error = diagnostics.mcse(apart)
    ess = (values.std(axis=1) / error) ** 2
    if not (ess > least_ess).all():  # of the mean; that of the bulk is dearer
        ess = np.maximum(ess, diagnostics.ess(apart))
    off = np.abs(values.mean(1) - expected) / np.hypot(error, spread)
    for number in range(len(values)):
        assert varied[number].all(), f"{what}: chain {number} never moved"
        least, worst = np.min(ess[number]), np.max(off[number])
        assert least > least_ess, f"{what}: chain {number} has ESS {least:.0f}"
        assert worst <= limit, (
            f"{what}: chain {number} is off by {worst:.1f} standard errors of {limit:.1f}"
        )
    together = np.hypot(np.sqrt(np.sum(error**2, axis=0)) / len(values), spread)
    worst = np.max(np.abs(values.mean((0, 1)) - expected) / together)
    assert worst <= limit, f"{what}: all chains are off by {worst:.1f} s.e. of {limit:.1f}"


def assert_chains_agree(values, reference, what, least_ess=50):
    """Each chain (chains, draws, ...) averages to what independent draws (n, ...) average to."""
    values, reference = (np.asarray(v, dtype=float) for v in (values, reference))
    expected, spread = reference.mean(0), reference.std(0, ddof=1) / np.sqrt(len(reference))
    if not spread.any():
        assert np.allclose(values, expected, rtol=1e-12, atol=1e-12), f"{what}: is no constant"
        return
    assert_chains(values, expected, what, least_ess, spread)
