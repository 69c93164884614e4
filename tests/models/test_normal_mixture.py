"""NormalMixture: what its own file promises beyond the contract."""

import numpy as np
import pytest
from scipy import stats

import vi_lab
from vi_lab import (
    InputError,
    NormalMixture,
    NotApplicable,
    cavi,
    exact,
    gibbs,
    ledger,
    problem,
    sweep,
)

X = np.array([-2.0, -1.1, 0.4, 1.9])


def brute_log_evidence(x, sigma, m0, s0, weights, nodes=801, width=12.0):
    """Two means integrated on a grid of the mixture density itself: no label is ever named."""
    grids = [np.linspace(m - width, m + width, nodes) for m in m0]
    step = [g[1] - g[0] for g in grids]
    one, two = np.meshgrid(*grids, indexing="ij")
    log_p = stats.norm.logpdf(one, m0[0], s0[0]) + stats.norm.logpdf(two, m0[1], s0[1])
    for point in x:
        log_p = log_p + np.log(
            weights[0] * stats.norm.pdf(point, one, sigma)
            + weights[1] * stats.norm.pdf(point, two, sigma)
        )
    return np.log(np.exp(log_p).sum() * step[0] * step[1])


def test_evidence_by_quadrature_over_the_means():
    model = NormalMixture(X, sigma=0.8, m0=(0.5, -0.5), s0=(2.0, 1.5), weights=(0.3, 0.7))
    brute = brute_log_evidence(X, 0.8, (0.5, -0.5), (2.0, 1.5), (0.3, 0.7))
    assert exact(model).log_evidence == pytest.approx(brute, abs=1e-9)


def test_evidence_with_unknown_weights_averages_the_known_ones():
    """Dirichlet(2, 3) weights: a one-dimensional integral of the evidences with given weights."""
    nodes, weight = np.polynomial.legendre.leggauss(40)
    p, weight = 0.5 * (nodes + 1), 0.5 * weight
    given = [exact(NormalMixture(X, 1, 0, 3, weights=(q, 1 - q))).log_evidence for q in p]
    expected = np.log(np.sum(weight * stats.beta.pdf(p, 2, 3) * np.exp(given)))
    model = NormalMixture(X, 1, 0, 3, concentration=(2, 3))
    assert exact(model).log_evidence == pytest.approx(expected, abs=1e-9)


def test_the_gap_tends_to_log_two_as_the_halves_part():
    """Symmetry, not error: a separated posterior has K! copies and q sits in one (K = 2)."""
    gaps = []
    for item in sweep("tiny-mixture"):
        q = cavi(item, rng=0, restarts=10)
        gaps.append(exact(item).log_evidence - q.elbo)
        assert ledger(item, q).holds
    assert gaps[-1] == pytest.approx(np.log(2), abs=1e-9)
    assert (np.diff(gaps) < 0).all() and gaps[0] > 1.5  # and not where the halves overlap


def test_distinct_means_leave_no_symmetry_to_pay_for():
    x = problem("tiny-mixture").model.x * 4
    one = NormalMixture(x, 1, m0=(-8, 8), s0=1, weights=(0.5, 0.5))
    both = NormalMixture(x, 1, m0=0, s0=8, weights=(0.5, 0.5))
    assert exact(one).log_evidence - cavi(one, rng=0).elbo < 1e-3
    gap = exact(both).log_evidence - cavi(both, rng=0, restarts=10).elbo
    assert gap == pytest.approx(np.log(2), abs=1e-3)


def test_an_empty_component_changes_the_count_of_copies():
    """Three components, two of them filled: K!/m! = 3!/1! labelled copies of what is left."""
    x = np.array([-9.2, -8.9, -9.1, -8.8, 9.0, 8.7, 9.3, 9.1])
    gaps = []
    for concentration in (1e-3, 1e-5):
        model = NormalMixture(x, 1, m0=0, s0=6, concentration=(concentration,) * 3)
        gaps.append(exact(model).log_evidence - cavi(model, rng=0, restarts=20).elbo)
    assert gaps[1] == pytest.approx(np.log(6), abs=1e-2)
    assert abs(gaps[1] - np.log(6)) < abs(gaps[0] - np.log(6))


def test_a_weight_of_zero_is_a_component_that_is_not_there():
    two = NormalMixture(X, 1, 0, 3, weights=(0.4, 0.6))
    three = NormalMixture(X, 1, 0, 3, weights=(0.4, 0.6, 0.0))
    assert exact(three).log_evidence == pytest.approx(exact(two).log_evidence, abs=1e-12)
    q = cavi(three, rng=1, restarts=5)
    assert q.mean("z")[:, 2].max() == 0 and np.isfinite(q.elbo)
    assert ledger(three, q).holds
    assert (gibbs(three, rng=2, draws=50, warmup=10).values["z"] < 2).all()


def test_co_assignment_survives_where_names_do_not():
    truth = exact(problem("tiny-mixture"))
    np.testing.assert_allclose(truth.mean("z"), 0.5, atol=1e-12)
    together = vi_lab.co_assignment(truth)
    assert together[0, 1] > 0.9 and together[0, -1] < 0.25
    draws = gibbs(problem("tiny-mixture"), rng=3, draws=5000)
    np.testing.assert_allclose(vi_lab.co_assignment(draws), together, atol=0.05)
    np.testing.assert_allclose(np.diag(vi_lab.co_assignment(cavi(problem("tiny-mixture")))), 1)


def test_enumeration_refuses_with_its_reason():
    with pytest.raises(NotApplicable, match=r"6\^82.*limit of 1,048,576.*CAVI still apply"):
        exact(problem("galaxies"))


def test_enumeration_says_its_cost_before_it_starts(capsys):
    exact(NormalMixture(np.linspace(-2, 2, 17), 1, 0, 3, weights=(0.5, 0.5)))
    assert "enumerating 131,072 labellings" in capsys.readouterr().err


@pytest.mark.parametrize("shift", [1e3, 1e6, 1e8])
def test_data_far_from_the_origin_keep_their_digits(shift):
    here = NormalMixture(X, 1, 0, 3, concentration=(1, 1))
    there = NormalMixture(X + shift, 1, shift, 3, concentration=(1, 1))
    assert exact(there).log_evidence == pytest.approx(exact(here).log_evidence, abs=1e-6)
    assert cavi(there, rng=0, restarts=8).elbo == pytest.approx(
        cavi(here, rng=0, restarts=8).elbo, abs=1e-6
    )


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        (dict(concentration=(1, 1), weights=(0.5, 0.5)), "exactly one of the two"),
        (dict(), "exactly one of the two"),
        (dict(weights=(0.5, 0.6)), "weights: needs numbers that sum to one"),
        (dict(weights=(1.5, -0.5)), "weights: needs numbers from 0"),
        (dict(concentration=(1,) * 9), "concentration: needs at most one component for each of"),
        (dict(weights=(0.125,) * 8), "weights: needs at most one component for each of the"),
        (dict(concentration=(1, 0)), "concentration: needs numbers above 0"),
        (dict(concentration=(1, 1), m0=(1, 2, 3)), "m0: needs a number or shape"),
        (dict(concentration=(1, 1), s0=0), "s0: needs numbers above 0"),
        (dict(concentration=(1, 1), sigma=-1), "sigma: needs a number above 0"),
    ],
)
def test_bad_input(keywords, words):
    with pytest.raises(InputError, match=words):
        NormalMixture(X, **{"sigma": 1, "m0": 0, "s0": 3, **keywords})
