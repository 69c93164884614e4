"""Moments over nodes, of numbers whose moments are known."""

import numpy as np

from vi_lab.inference.engine.weighted_moments import weigh_moments


def test_what_is_the_same_at_all_nodes_is_that_to_the_last_digit():
    """However the weights' sum is rounded: seven sevenths are short of 1."""
    weights = np.full(7, 1 / 7) * (1 - 2e-16)
    assert weights @ np.ones(7) != 1.0
    means, sds = weigh_moments(weights, {"s": (np.ones((7, 2)), None)})
    assert (means["s"] == 1.0).all() and (sds["s"] == 0.0).all()


def test_a_mean_far_from_0_keeps_the_digits_of_its_distances():
    mean = 1e9 + np.array([[-2.0], [0.0], [2.0]])
    means, sds = weigh_moments(np.array([0.25, 0.5, 0.25]), {"mu": (mean, np.ones((3, 1)))})
    assert means["mu"] == [1e9] and sds["mu"] == np.sqrt([3.0])
