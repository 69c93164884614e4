"""Lesson 09: its samplers are what they are said to be, and its judge is fair to any test."""

import numpy as np
import pytest
from scipy import stats

from tests.tables import table
from vi_lab.results.diagnostics import khat
from vi_lab.teach import check
from vi_lab.teach.lessons.exercises.lesson_09_numbers import log_weights, mcse
from vi_lab.teach.lessons.exercises.lesson_09_samplers import MUTANTS, RIGHT, TOO_SMALL, mystery


def law_after(step, y=3, steps=30, n=20_000):
    """The p-value of rate | y ~ Gamma(2 + y, 2) after some steps from that law."""
    rng = np.random.default_rng(1)
    rate = rng.gamma(2.0 + y, 0.5, n)
    for _ in range(steps):
        rate = step(rate, np.full(n, y), rng.standard_normal(n), rng.random(n))
    return stats.kstest(rate, stats.gamma(2 + y, scale=0.5).cdf).pvalue


@pytest.mark.parametrize("step", [*RIGHT.values(), TOO_SMALL], ids=[*RIGHT, "too small"])
def test_right_samplers_keep_the_posterior(step):
    assert law_after(step) > 1e-3


@table("name", MUTANTS)
def test_mutants_do_not_keep_it_or_stand_still(name):
    assert (law_after(MUTANTS[name]) < 1e-6) == (name != "it never moves")


def test_the_mystery_is_the_proposal_that_is_not_corrected():
    """Without new / old the target is rate^(shape - 2): a gamma with one less in the shape."""
    rng = np.random.default_rng(2)
    n, y = 20_000, 4
    rate = rng.gamma(1.0 + y, 0.5, n)
    for _ in range(20):
        rate = mystery(rate, np.full(n, y), rng.standard_normal(n), rng.random(n))
    assert stats.kstest(rate, stats.gamma(1 + y, scale=0.5).cdf).pvalue > 1e-3


def joint_law_by_quantiles(step):
    """Geweke's test with another look: the ranks of the rate given each y."""
    rng = np.random.default_rng()
    n = 30_000
    old = rng.gamma(2, 1, n)
    y = rng.poisson(old)
    rate = old.copy()
    for _ in range(6):
        rate = step(rate, y, rng.standard_normal(n), rng.random(n))
    if (rate == old).mean() > 0.9:
        return False
    u = stats.gamma(2 + y, scale=0.5).cdf(rate)
    return stats.kstest(u, "uniform").pvalue > 1e-5


def posterior_moments(step):
    """One y, a long run of many chains, mean and sd of the gamma that is known."""
    rng, n = np.random.default_rng(5), 20_000
    rate, y = np.ones(n), np.full(n, 2)
    for _ in range(60):
        rate = step(rate, y, rng.standard_normal(n), rng.random(n))
    return [abs(rate.mean() - 2) < 0.03 and abs(rate.std() - 1) < 0.03].pop()


@pytest.mark.parametrize(
    "test", [joint_law_by_quantiles, pytest.param(posterior_moments, marks=pytest.mark.slow)]
)
def test_any_good_test_is_right(test):
    verdict = check("09.6", test)
    assert verdict.status == "right", verdict


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (lambda step: None, "True"),
        (lambda step: "yes", "True"),
        (lambda step: np.ones(3, bool), "True"),
        (lambda step: step(np.ones(9), np.ones(9), np.zeros(9), np.ones(9)).mean() > 0, "alive"),
        (lambda step: step(), "missing"),
    ],
)
def test_no_other_answer_is_right(test, words):
    verdict = check("09.6", test)
    assert verdict.status != "right" and words in verdict.message


def test_log_weights_upside_down_praise_a_narrow_q():
    z = 0.4 * np.random.default_rng(3).standard_normal(4000)
    log_w = log_weights(stats.norm.logpdf(z), stats.norm.logpdf(z, 0, 0.4))
    assert khat(log_w) > 0.7 > khat(-log_w)


def test_mcse_is_the_spread_of_repeated_means():
    """An AR(1) chain of n draws is worth n (1 - rho) / (1 + rho) independent ones."""
    rng, rho, n = np.random.default_rng(4), 0.8, 2000
    z = rng.standard_normal(600)
    chains = []
    for _ in range(n):
        z = rho * z + np.sqrt(1 - rho**2) * rng.standard_normal(600)
        chains.append(z)
    chains = np.array(chains).T
    errors = [mcse(chain, n * (1 - rho) / (1 + rho)) for chain in chains]
    assert np.mean(errors) == pytest.approx(chains.mean(1).std(ddof=1), rel=0.1)
