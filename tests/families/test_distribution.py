"""A distribution at a look: up to six numbers of a parameter, and of more the shape."""

import numpy as np
import pytest

from vi_lab import (
    Categorical,
    Dirichlet,
    Distribution,
    Gamma,
    Multinomial,
    MultivariateNormal,
    Normal,
    NormalWishart,
    TruncatedNormal,
)
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


TEXTBOOK = {
    Normal: (lambda m: dict(mean=m[..., 0], sd=0.5), lambda m: m[..., 0]),
    TruncatedNormal: (lambda m: dict(mean=m[..., 0], variance=0.25), lambda m: m[..., 0]),
    MultivariateNormal: (lambda m: dict(mean=m, cov=np.eye(2)), lambda m: m),
    NormalWishart: (
        lambda m: dict(mean=m, beta=np.ones(m.shape[:-1]), w_inv=np.eye(2), nu=np.array(4.0)),
        lambda m: m,
    ),
}


@pytest.mark.parametrize("own", [True, False], ids=["of each", "of the plates"])
@pytest.mark.parametrize("kind", TEXTBOOK, ids=lambda kind: kind.__name__)
def test_one_of_a_batch_is_taken_with_its_own_centre(kind, own):
    """A batch of two, of three plates each; centres are one of each, or the same for both."""
    rng = np.random.default_rng(0)
    means = 50.0 + rng.normal(size=(2, 3, 2))
    textbook, as_event = TEXTBOOK[kind]
    family = kind.about(as_event(means.round() if own else means[0].round()))
    q = Distribution(family, family.natural(**textbook(means)))
    for at in range(2):
        taken = q.take((at,), (2, 3))
        np.testing.assert_allclose(taken.parameters["mean"], as_event(means)[at], rtol=1e-12)
        centre = as_event(means.round())[at] if own else family.centre
        np.testing.assert_array_equal(taken.family.centre, centre)


@pytest.mark.parametrize(("total", "kind"), [(127, np.int8), (128, np.int16), ([3, 128], np.int16)])
def test_counts_take_the_smallest_integer_type_that_holds_the_largest(total, kind):
    q = Multinomial.of(total, [0.0, 1.0])
    assert q.family.dtype == kind and q.sample(2, rng=0).max() == np.max(total)
