"""Kernels with a frozen step: how many runs are looked at."""

import numpy as np
import pytest

import vi_lab
from vi_lab.families import GammaStats
from vi_lab.testing import HamiltonianSteps, MetropolisSteps, frozen_steps
from vi_lab.testing.frozen_steps import Steps
from vi_lab.testing.of_models import gibbs_pair, map_arrays


@pytest.mark.parametrize(
    ("most", "runs"), [(2**20, 700), (500, 500), (30, frozen_steps.LEAST_RUNS)]
)
def test_of_large_states_fewer_runs_are_moved_but_never_few(most, runs, monkeypatch):
    """A coin's state is one number."""
    monkeypatch.setattr(frozen_steps, "MOST_NUMBERS", most)
    model = vi_lab.problem("coin").model
    steps = HamiltonianSteps(np.array([[0.5]]), 0.4)
    ends, fresh = steps.move_exact_draws(model, 700, 2, np.random.default_rng(0))
    assert {np.shape(v) for v in (*ends.values(), *fresh.values())} == {(runs,)}
    assert np.ptp(ends["theta"]) > 0 and not np.array_equal(ends["theta"], fresh["theta"])


def test_a_pair_are_two_chains_from_one_start():
    """Each the end of its own steps: of 100 pairs the two are uncorrelated given the start."""
    model = vi_lab.problem("coin").model
    theta = {"theta": np.array(0.4)}
    for pair in (HamiltonianSteps(np.array([[0.5]]), 0.4).pair,
                 MetropolisSteps(np.array([[0.5]])).pair, gibbs_pair):  # fmt: skip
        rng = np.random.default_rng(0)
        ends = [pair(rng, theta, model, 3) for _ in range(100)]
        one, two = (np.array([float(end[k]["theta"]) for end in ends]) for k in (0, 1))
        assert one.std() > 0 and two.std() > 0
        assert abs(np.corrcoef(one, two)[0, 1]) < 0.5


def test_a_trajectory_has_the_step_and_the_length_that_it_is_given():
    """Where energy is kept, a state moves by the step and by how many there are of it."""
    model, theta = vi_lab.problem("coin").model, {"theta": np.array(0.4)}

    def moved(step, longest):
        walk = HamiltonianSteps(np.array([[1.0]]), step, longest)
        ends = [walk.steps(np.random.default_rng(i), theta, model, 1)[0] for i in range(40)]
        return np.mean([abs(float(end["theta"]) - 0.4) for end in ends])

    near = moved(1e-4, 1)
    assert moved(1e-3, 1) == pytest.approx(10 * near, rel=0.1)
    assert 20 * near < moved(1e-4, 100) < 100 * near


class Counted(Steps):
    """Whose states say after which step they are, and of which chain."""

    def _walk(self, rng, theta, data, steps, chains):
        return {
            "theta": theta["theta"] + 10.0 * np.arange(1, steps + 1)[:, None] + np.arange(chains)
        }


def test_a_path_has_every_step_and_a_pair_the_last_of_two_chains():
    start = {"theta": 100.0}
    assert [state["theta"] for state in Counted().steps(None, start, None, 3)] == [110, 120, 130]
    assert [state["theta"] for state in Counted().pair(None, start, None, 3)] == [130, 131]


def test_each_array_of_a_value_is_put_through_a_function():
    """Of a pair its two, and it stays a pair."""
    pair = GammaStats(np.ones(2), np.full(2, 3.0))
    found = map_arrays(np.negative, {"one": np.arange(2.0), "two": pair})
    np.testing.assert_array_equal(found["one"], [0.0, -1.0])
    assert type(found["two"]) is GammaStats
    np.testing.assert_array_equal(found["two"], [[-1.0, -1.0], [-3.0, -3.0]])
