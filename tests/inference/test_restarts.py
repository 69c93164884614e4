"""The list of CAVI's restarts: matched up to a relabelling, with the bounds they reached."""

from itertools import permutations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vi_lab import ChangePoint, Factorised, NormalMixture, cavi, exact, load, problem
from vi_lab.results.restarts import Restarts, rank_restarts

X = np.array([-3.1, -2.7, -2.2, 0.1, 0.4, 2.6, 3.0, 3.3])


@pytest.fixture(scope="module")
def mixture():
    model = NormalMixture(X, sigma=0.6, m0=0, s0=3, concentration=(1, 1, 1))
    return cavi(model, rng=3, restarts=40)


def responsibilities(q):
    return np.asarray(q.mean("z"))


def single(q, start):
    """The same start as a run of its own: what the list says of it is then seen directly."""
    starts = q.model.sample_initial_values(np.random.default_rng(3), (40,))
    alone = {name: value[start] for name, value in starts.items()}
    model = NormalMixture(X, sigma=0.6, m0=0, s0=3, concentration=(1, 1, 1))
    model.sample_initial_values = lambda rng, batch=(): {
        k: np.broadcast_to(v, batch + np.shape(v)) for k, v in alone.items()
    }
    return cavi(model, rng=0, restarts=1)


def test_best_first_with_every_start_once(mixture):
    listed = mixture.restarts
    assert len(listed) == 40 and listed.elbo[0] == pytest.approx(mixture.elbo, abs=1e-9)
    assert (np.diff(listed.elbo) < 1e-9).all()
    assert_array_equal(np.sort(listed.start), np.arange(40))
    assert_array_equal(listed.elbo, mixture.elbo_trace[-1][listed.start])


def test_orders_and_distances_are_those_of_brute_force(mixture):
    listed, best = mixture.restarts, responsibilities(mixture)
    for i in (0, 1, 7, 20, 39):
        alone = single(mixture, listed.start[i])
        assert alone.elbo == pytest.approx(listed.elbo[i], abs=1e-8)
        found = responsibilities(alone)
        overlap = {p: (found[:, p] * best).sum() for p in permutations(range(3))}
        chosen = tuple(listed.order[i])
        assert overlap[chosen] == pytest.approx(max(overlap.values()), abs=1e-9)
        assert_allclose(listed.apart[i], np.abs(found[:, chosen] - best).max(), atol=1e-6)


def test_rounding_does_not_decide_the_order():
    bounds = np.array([-5.0 - 1e-13, -4.0, -5.0, -np.inf, -5.0 + 1e-13, -4.0 + 1e-12, -np.inf])
    assert rank_restarts(bounds).tolist() == [1, 5, 0, 2, 4, 3, 6]


def test_a_renamed_solution_is_told_from_another(mixture):
    rows = mixture.restarts.table()
    kinds = [row["solution"] for row in rows]
    assert kinds[0] == "the best" and {"the best, renamed", "another"} <= set(kinds)
    for row, kind in zip(rows, kinds, strict=True):
        assert (row["below the best"] > 1e-6) <= (kind == "another")
    assert "the best, renamed" in str(mixture.restarts)
    assert "the best, renamed" in mixture.restarts._repr_html_()
    assert repr(mixture.restarts).startswith("<Restarts: 40, from -")
    assert "<caption>40 starts of CAVI</caption>" in mixture.restarts._repr_html_()


def test_without_labels_the_bounds_alone():
    counts = [0] * 12 + [9] * 3 + [0] * 12 + [9] * 5
    q = cavi(ChangePoint(counts, a=(1, 1), b=(1, 1)), rng=0, restarts=50)
    assert len(q.optima) > 1 and q.elbo < exact(q.model).log_evidence
    reached = q.elbo_trace[-1]
    assert q.optima_counts.sum() == len(reached) == 50
    for bound, count in zip(q.optima, q.optima_counts, strict=True):
        assert (np.abs(reached - bound) < 1e-5).sum() == count
    listed = q.restarts
    assert listed.order is None and listed.apart is None
    assert list(listed.table()[0]) == ["start", "ELBO", "below the best"]
    assert listed.table()[-1]["below the best"] > 1e-6


def test_a_q_made_by_hand_is_its_only_start():
    q = cavi(problem("newcomb"), rng=0)
    by_hand = Factorised(q.model, **q.q)
    assert len(by_hand.restarts) == 1
    assert by_hand.restarts.elbo[0] == pytest.approx(q.elbo)


def test_the_list_is_saved(mixture, tmp_path):
    mixture.save(tmp_path / "q")
    again = load(tmp_path / "q", mixture.model).restarts
    for field in ("start", "elbo", "order", "apart"):
        assert_array_equal(getattr(again, field), getattr(mixture.restarts, field))


def test_labels_that_differ_by_rounding_do_not_differ():
    order = np.array([[0, 1], [0, 1], [1, 0], [1, 0]])
    found = Restarts(np.arange(4), -np.arange(4.0), order, np.array([0.0, 0.9e-6, 0.9e-6, 2e-6]))
    assert [row["labels differ by"] for row in found.table()] == [0.0, 0.0, 0.0, 2e-6]
    assert [row["below the best"] for row in found.table()] == [0.0, 1.0, 2.0, 3.0]
    kinds = ["the best", "the best", "the best, renamed", "another"]
    assert [row["solution"] for row in found.table()] == kinds
