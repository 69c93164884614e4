"""Outside the support the density of every truth is 0, whichever number of a value lies there."""

import numpy as np
import pytest

from tests.contract.models import KNOWN
from tests.families.test_markov_chain import Edge
from tests.tables import table
from vi_lab import HiddenMarkov, exact

POSITIVE = ("tau", "tau2", "alpha", "rates", "weights")
OURS = {n: case for n, case in KNOWN.items() if type(case.model).__module__.startswith("vi_lab")}


@table("name", OURS)
def test_one_number_outside_makes_a_density_of_0(name):
    """Of three draws the middle one has a number that none can have: beyond all, not above 0, or no
    label."""
    model = OURS[name].model
    truth = exact(model)
    drawn = model.latents(truth.posterior.sample(np.random.default_rng(0), 3))
    right = truth.log_density(drawn)
    assert np.isfinite(right).all()
    for latent, value in drawn.items():
        whole = np.issubdtype(value.dtype, np.integer)
        wrong = [99, -99] if whole else [np.inf, -np.inf]
        for number in wrong + [-1.0, 0.0] * (latent in POSITIVE):
            moved = np.array(value, np.int64 if whole else np.float64)
            moved.reshape(3, -1)[1, -1] = number
            found = truth.log_density({**drawn, latent: moved})
            assert np.isneginf(found[1]), (latent, number)
            np.testing.assert_array_equal(found[[0, 2]], right[[0, 2]])


@pytest.mark.parametrize("u", [0.0, 1.0 - 2.0**-53])
def test_no_uniform_number_draws_an_impossible_path(u):
    """Where sums of probabilities are met to the last digit, at either end."""
    transition = [[0.0, 1.0, 0.0], [0.0, 0.5, 0.5], [0.0, 0.5, 0.5]]
    model = HiddenMarkov([1, 0, 2, 1], [1.0, 2.0, 3.0], transition, [0.0, 0.5, 0.5], blocks="joint")
    truth = exact(model)
    z = truth.posterior.sample(Edge(u), 3)["z"]
    assert np.isfinite(truth.log_density({"z": z})).all()
