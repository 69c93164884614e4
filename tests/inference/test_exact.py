"""The exact posterior as a method: what it says it took."""

import copy
from dataclasses import replace

from tests.contract.models import MODELS
from vi_lab import exact


def test_a_truth_worked_out_before_says_what_it_cost_then():
    model = copy.copy(MODELS["normal-gamma"].model)
    truth = model.exact_posterior()
    model.exact_posterior = lambda: replace(truth, seconds=60.0)
    assert exact(model).seconds == 60.0
    model.exact_posterior = lambda: truth
    assert 0.0 < exact(model).seconds < 60.0
