"""Gaussians near a singular one along no axis, in uneven units, with a q whose sweeps may not have
settled: numbers and stated errors against 60 digits."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from tests.digits.normals import CASES, PARTS, correlated_elbo, correlated_evidence, parted
from tests.digits.sweep import MOST_TIMES, Case, run
from tests.thinning import mostly_slow
from vi_lab import cavi
from vi_lab.identity.identity_check import random_q


def covariance(rng, size, digits, kind):
    """Eigenvalues down to 10**-digits, one or all but one or evenly, about axes at random."""
    axes = np.linalg.qr(rng.normal(size=(size, size)))[0]
    small = np.linspace(0.0, 1.0, size) if kind == "even" else np.eye(size)[0]
    values = 10.0 ** (-digits * (1.0 - small if kind == "all but one" else small))
    units = 10.0 ** rng.uniform(-3, 3, size)
    cov = (axes * values) @ axes.T * np.outer(units, units)
    return 0.5 * (cov + cov.T)


@pytest.mark.parametrize("kind", mostly_slow(["even", "one", "all but one"]))
@pytest.mark.parametrize("digits", mostly_slow([8, 5, 10, 11]))
def test_a_nearly_singular_gaussian_states_what_its_kl_may_have_lost(kind, digits, monkeypatch):
    rng = np.random.default_rng(digits)
    for size in (2, 3, 5):
        cov, whole = covariance(rng, size, digits, kind), list(range(size))
        for parts in ([[i] for i in whole], [whole], [whole[:-1], whole[-1:]]):
            monkeypatch.setitem(PARTS, "here", parts)
            given = dict(mean=np.zeros(size), cov=cov, blocks="here")
            case = Case("near", parted, lambda _, g=given: g, correlated_evidence, correlated_elbo)
            outcome = run(case, digits)
            assert outcome.true["kl"] <= outcome.stated["kl"]
            assert outcome.stated["kl"] <= MOST_TIMES * max(
                outcome.true["kl"], outcome.rounding["kl"]
            )
            assert outcome.holds is not False


def test_a_q_far_from_a_nearly_singular_gaussian_is_told_how_far(monkeypatch):
    """It is thousands of sds off along the narrow axes, where the last digits of the precision are
    many nats: one that is the inverse of the covariance, to its own digits, has lost them."""
    monkeypatch.setitem(PARTS, "here", [[0], [1], [2], [3]])
    for digits in (10, 13):
        cov = covariance(np.random.default_rng(0), 4, digits, "all but one")
        given = dict(mean=np.zeros(4), cov=cov, blocks="here")
        for seed in range(2):
            fit = partial(random_q, rng=np.random.default_rng(seed))
            oracles = correlated_evidence, correlated_elbo
            case = Case("far", parted, lambda _, g=given: g, *oracles, fit=fit)
            outcome = run(case, digits)
            assert all(outcome.true[name] <= outcome.stated[name] for name in outcome.true)
            assert outcome.holds is not False


@pytest.mark.parametrize("blocks", ["joint", "coordinates"])
@pytest.mark.parametrize("kind", ["cavi", "start", "random"])
def test_a_regression_whose_prior_is_nearly_singular_keeps_its_word(blocks, kind):
    """Its precision and root are not those of an inverse of V0 to the digits of V0, of which the
    narrow axis has few; q stands at the optimum, after a sweep, or anywhere."""
    fits = {
        "cavi": None,
        "start": partial(cavi, rng=3, max_sweeps=1, tol=0),
        "random": partial(random_q, rng=np.random.default_rng(3)),
    }
    kinds = {case.name: case for case in CASES}
    for apart in (1e-6, 1e-10, 2e-13):
        V0 = 1000.0 * np.array([[1.0, 1.0 - apart], [1.0 - apart, 1.0]])
        given = kinds[f"regression, {blocks}: far"].inputs(1.0) | {"V0": V0, "a0": 0.5}
        for m0 in (0.0, -28543.14):
            given["m0"] = np.full(2, m0)
            case = replace(
                kinds[f"regression, {blocks}: far"], inputs=lambda _, g=given: g, fit=fits[kind]
            )
            outcome = run(case, apart)
            assert all(outcome.true[name] <= outcome.stated[name] for name in outcome.true)
            assert outcome.holds is not False
