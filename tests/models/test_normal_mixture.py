"""NormalMixture: what its own file promises beyond the contract."""

import numpy as np
import pytest

import vi_lab
from vi_lab import NormalMixture, NotApplicable, cavi, exact, gibbs, ledger, problem, sweep

X = np.array([-2.0, -1.1, 0.4, 1.9])


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
    draws = gibbs(problem("tiny-mixture"), rng=3, draws=1500)
    np.testing.assert_allclose(vi_lab.co_assignment(draws), together, atol=0.05)
    np.testing.assert_allclose(np.diag(vi_lab.co_assignment(cavi(problem("tiny-mixture")))), 1)


def test_enumeration_refuses_with_its_reason():
    with pytest.raises(NotApplicable, match=r"6\^82.*limit of 1,048,576.*CAVI still apply"):
        exact(problem("galaxies"))


def test_enumeration_says_its_cost_before_it_starts(capsys):
    exact(NormalMixture(np.linspace(-2, 2, 17), 1, 0, 3, weights=(0.5, 0.5)))
    assert "enumerating 131,072 labellings" in capsys.readouterr().err
