"""Kernels with a frozen step: how many runs are looked at."""

import numpy as np
import pytest

import vi_lab
from vi_lab.testing import HamiltonianSteps, frozen_steps


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
