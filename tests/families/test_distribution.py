"""A distribution at a look: up to six numbers of a parameter, and of more the shape."""

import numpy as np

from vi_lab import Categorical, Dirichlet, Gamma
from vi_lab.families.family import Family, _sum_event_axes


def test_up_to_six_numbers_are_shown():
    six = np.array([[0.25, 0.5, 0.25], [0.0, 1.0, 0.0]])
    shown = repr(Categorical.of(probabilities=six)).replace(" ", "")
    assert shown == "Categorical(probabilities=[[0.25,0.5,0.25],[0.,1.,0.]])"
    seven = Categorical.of(probabilities=np.full(7, 1 / 7))
    assert repr(seven) == "Categorical(probabilities=array(7,))"


def test_the_covariance_of_one_number_is_its_variance():
    """A matrix of one number for each of a batch; of several numbers the family has to say it."""
    q = Gamma.of(shape=[2.0, 8.0], rate=[1.0, 4.0])
    np.testing.assert_allclose(q.family.covariance(q.eta), [[[2.0]], [[0.5]]])
    several = Dirichlet.of([1.0, 2.0])
    assert Family.covariance(several.family, several.eta) is None


def test_a_statistic_left_to_broadcast_is_summed_over_all_its_axes():
    """One number beside an event of two counts twice, for each of three."""
    given = np.array([[1.0], [2.0], [3.0]])
    assert _sum_event_axes(given, (2,)).tolist() == [2.0, 4.0, 6.0]
    assert _sum_event_axes(np.float64(5.0), (2, 3)) == 30.0
    assert _sum_event_axes(np.ones((4, 2)), (2,)).tolist() == [2.0] * 4
