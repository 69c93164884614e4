"""What only lesson 08 has: a climb is judged by where it ends."""

import numpy as np
import pytest
from scipy.differentiate import derivative

from tests.teach.unusual_08 import CLIMBS
from vi_lab.teach import check
from vi_lab.teach.lessons.exercises.climbing_08 import Picture


@pytest.mark.parametrize("climb", CLIMBS, ids=lambda climb: climb.__name__)
def test_other_ways_up_are_right(climb):
    verdict = check("08.3", climb)
    assert verdict.passed, verdict


@pytest.mark.parametrize("seed", range(3))
def test_the_slope_is_that_of_the_elbo_and_its_curvature_is_as_promised(seed):
    picture = Picture(seed)
    at = np.array(picture.start).ravel()

    def along(direction):
        return lambda h: np.vectorize(
            lambda one: picture.elbo(*(at + one * direction).reshape(2, 2))
        )(h)

    for direction in np.eye(4):
        found = derivative(along(direction), 0.0, initial_step=0.1).df
        assert abs(found - np.concatenate(picture.slope(*picture.start)) @ direction) < 1e-7
    slopes = [
        np.concatenate(picture.slope(*(np.array(picture.best).ravel() + e).reshape(2, 2)))
        for e in 1e-5 * np.eye(4)
    ]
    curvature = np.linalg.eigvalsh(-np.array(slopes) / 1e-5)
    assert 0.4 < curvature.min() and curvature.max() < 2.0


def test_no_result_and_changed_arguments_are_said():
    def in_place(m, logvar, gradient):
        m += 1.0
        return m, logvar

    assert check("08.3", lambda m, logvar, gradient: None).status == "not attempted"
    assert check("08.3", in_place).status == "wrote"
    assert check("08.3", lambda m, logvar, gradient: m).status == "shape"
    assert check("08.3", lambda m, logvar, gradient: 1 / 0).status == "raised"
