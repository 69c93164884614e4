"""What is no density, no parameter and no family of the same kind: each with one clear error."""

import numpy as np
import pytest

from tests.tables import table
from vi_lab import (
    Beta,
    Categorical,
    Dirichlet,
    Gamma,
    GaussianChain,
    InputError,
    InputTypeError,
    MarkovChain,
    Multinomial,
    MultivariateNormal,
    Normal,
    NormalWishart,
    NumericalError,
    PolyaGamma,
    Spin,
    TruncatedNormal,
)
from vi_lab.families import InverseGamma

# natural parameters outside of the family's, and what the error says
NO_DENSITY = [
    (Gamma(), (-1.0, -1.0), "shape > 0 and rate > 0"),
    (Gamma(), (1.0, 2.0), "shape > 0 and rate > 0, got 2, -2; .* rescale the data"),
    (Gamma(), (np.nan, -1), "shape > 0 and rate > 0"),
    (Beta(), (-1.0, 0.0), "a > 0 and b > 0"),
    (Beta(), (1.0, -1.5), "a > 0 and b > 0"),
    (Beta(), (np.nan, 0), "a > 0 and b > 0"),
    (Dirichlet(2), (np.array([-1.5, 0.0]),), "not positive"),
    *((Normal(), (1.0, square), "precision is not positive") for square in (0.0, 0.5, np.nan)),
    *((MultivariateNormal(2), (np.zeros(2), outer), "a precision matrix")
      for outer in (np.zeros((2, 2)), np.eye(2), np.full((2, 2), np.nan))),
    *((Categorical(3), (indicator,), "every label has probability zero")
      for indicator in (np.full(3, -np.inf), np.array([0.0, np.nan, 1.0]))),
    (GaussianChain(3), (np.zeros(3), np.full(3, -0.5), np.full(2, 0.8)), "pivot 2"),
    (PolyaGamma(1), (0.3,), "negative square"),
    *((Multinomial(2, 3), (counts,), "every label has probability zero")
      for counts in (np.full(2, -np.inf), np.array([np.nan, 0.0]))),
    (Spin(), (np.nan,), "the field of a spin"),
    *((TruncatedNormal(), (1.0, square), "a precision > 0, got") for square in (0.0, 0.5, np.nan)),
    *((MarkovChain(2, 2), (first, pair), "every path has probability zero")
      for first, pair in ((np.full(2, -np.inf), np.zeros((1, 2, 2))),
                          (np.zeros(2), np.full((1, 2, 2), -np.inf)))),
]  # fmt: skip


@pytest.mark.parametrize("function", ["log_partition", "expected_stats", "entropy", "mean", "sd"])
@table(("family", "eta", "words"), NO_DENSITY)
def test_what_is_no_density_is_refused(family, eta, words, function):
    if isinstance(family, Categorical | MarkovChain) and function == "sd":
        return  # labels are names, whatever their probabilities
    with pytest.raises(NumericalError, match=words):
        getattr(family, function)(family.Stats(*eta))


# one good natural parameter, a bad one beside it, and the number that is at fault
ONE_OF_TWO = [
    (Gamma(), (1.0, -3.0), (-1.5, -4.0), "a gamma .* got -0.5, 3"),
    (Gamma(), (1.0, -3.0), (0.0, 0.25), "a gamma .* got 1, -0.25"),
    (Beta(), (1.0, 2.0), (-1.5, 3.0), "a beta .* got -0.5, 3"),
    (Beta(), (1.0, 2.0), (2.0, -1.5), "a beta .* got 2, -0.5"),
    (InverseGamma(), (-2.0, -3.0), (-0.5, -4.0), "an inverse gamma .* got -0.5, 3"),
    (InverseGamma(), (-2.0, -3.0), (-2.0, 0.25), "an inverse gamma .* got 1, -0.25"),
    (Dirichlet(2), ([0.0, 2.0],), ([-1.5, 0.0],), "is not positive: -0.5"),
    (Normal(), (1.0, -0.5), (1.0, 0.25), "is not positive: -0.5"),
    (MultivariateNormal(2), (np.zeros(2), -np.eye(2)), (np.zeros(2), np.eye(2)), "a precision"),
    (MultivariateNormal(2), (np.zeros(2), -np.eye(2)), (np.zeros(2), np.full((2, 2), np.nan)),
     "a precision"),
    (Categorical(3), (np.zeros(3),), (np.full(3, -np.inf),), "every label has probability zero"),
    (Multinomial(2, 3), (np.zeros(2),), (np.full(2, -np.inf),), "every label has probability zero"),
    (GaussianChain(3), (np.zeros(3), np.full(3, -0.5), np.full(2, 0.1)),
     (np.zeros(3), np.full(3, -0.5), np.full(2, 0.8)), "pivot 2"),
    (PolyaGamma(1), (-0.3,), (0.25,), "negative square: -0.5"),
    (Spin(), (0.3,), (np.inf,), "the field of a spin"),
    (TruncatedNormal(), (1.0, -0.5), (1.0, 0.25), "a precision > 0, got -0.5"),
    (MarkovChain(2, 2), (np.zeros(2), np.zeros((1, 2, 2))),
     (np.full(2, -np.inf), np.zeros((1, 2, 2))), "every path has probability zero"),
]  # fmt: skip


@pytest.mark.parametrize("bad_at", [0, 1])
@table(("family", "good", "bad", "words"), ONE_OF_TWO)
def test_one_that_is_no_density_in_a_batch_is_refused_with_its_number(
    family, good, bad, words, bad_at
):
    pair = [(good, bad), (bad, good)][1 - bad_at]
    eta = family.Stats(*(np.stack(np.broadcast_arrays(*both)) for both in zip(*pair, strict=True)))
    with pytest.raises(NumericalError, match=words):
        family.mean(eta)


COV, W_INV = [[2.0, 0.6], [0.6, 0.5]], [[2.0, 0.6], [0.6, 0.5]]
WISHART = dict(mean=[0.0, 0.0], beta=1.0, w_inv=W_INV, nu=4.0)
CHAIN = dict(mean=[0, 0], variance=[1, 1], covariance=[0.1])
BAD = [
    (Dirichlet, dict(concentration=[1.0, 0.0]), "concentration"),
    (Dirichlet, dict(concentration=[1.0, -2.0]), "concentration"),
    (Categorical, dict(probabilities=[0.5, 0.5 + 1e-7]), "sum to one, got sum 1.0000001"),
    (Categorical, dict(probabilities=[1.2, -0.2]), "non-negative numbers .* minimum -0.2"),
    (NormalWishart, WISHART | dict(nu=1.0), r"nu: needs numbers above D - 1 = 1"),
    (GaussianChain, CHAIN | dict(covariance=[1.0]), "covariance: .* between -1 and 1, got 1"),
    (GaussianChain, CHAIN | dict(covariance=[0.1, 0.1]), "covariance: .* length 1"),
    (GaussianChain, CHAIN | dict(variance=[1, 1, 1]), "variance: .* length 2"),
    # one of several
    (Categorical, dict(probabilities=[[0.5, 0.5], [0.5, 0.7]]), "sum 1.2 and minimum 0.5"),
    (Categorical, dict(probabilities=[[0.5, 0.7], [0.5, 0.5]]), "sum 1.2 and minimum 0.5"),
    (Multinomial, dict(total=3, probabilities=[[0.5, 0.5], [0.5, 0.5 + 1e-7]]), "sum to one"),
    (Multinomial, dict(total=3, probabilities=[[1.2, -0.2], [0.5, 0.5]]), "non-negative"),
    (Multinomial, dict(total=[3, -2], probabilities=[0.5, 0.5]), "whole numbers from 0, got -2"),
    (Multinomial, dict(total=[1, 2.5], probabilities=[0.5, 0.5]), "whole numbers from 0, got 2.5"),
    (PolyaGamma, dict(trials=[3, 0], tilt=1.0), "trials: needs whole numbers from 1"),
    (PolyaGamma, dict(trials=[3, 2.5], tilt=1.0), "trials: needs whole numbers from 1"),
    (GaussianChain, CHAIN | dict(variance=[1, -2]), "variance: .* above 0, got -2"),
    (GaussianChain, CHAIN | dict(variance=[0, 1]), "variance: .* above 0, got 0"),
    (GaussianChain, dict(mean=[0, 0, 0], variance=[1, 1, 4], covariance=[0.5, -3.0]),
     "covariance: .* got 1.5"),
    (MultivariateNormal, dict(mean=[0, 0], cov=[COV, -np.eye(2)]), "cov: needs"),
    (NormalWishart, WISHART | dict(w_inv=[W_INV, -np.eye(2)]), "w_inv: needs"),
    (MarkovChain, dict(probabilities=[[1.5, -0.5], [1.5, -0.5]], pairs=[[[2, -0.5], [-0.5, 0]]]),
     "at least 0"),
    (MarkovChain, dict(probabilities=[[0.5, 0.5], [0.5, 0.5]], pairs=[[[0.6, -0.1], [-0.1, 0.6]]]),
     "at least 0"),
    (MarkovChain, dict(probabilities=[[0.5, 0.5], [0.2, 0.8]], pairs=[[[0.25] * 2] * 2]),
     "as their sums, off by 0.3"),
    (MarkovChain, dict(probabilities=[[0.2, 0.8], [0.5, 0.5]], pairs=[[[0.25] * 2] * 2]),
     "as their sums, off by 0.3"),
    (MarkovChain, dict(probabilities=[[0.5, 0.5], [0.5, 0.5 + 1e-7]], pairs=[[[0.25] * 2] * 2]),
     "as their sums, off by 1e-07"),
    # of several, another number of each
    (MultivariateNormal, dict(mean=[[0, 0]] * 3, cov=[COV] * 2),
     r"mean, cov: .* broadcast, got \(3, 2\), \(2, 2, 2\)"),
    (GaussianChain, CHAIN | dict(covariance=[[0.1]] * 3, mean=[[0, 0]] * 2),
     r"broadcast, got \(2, 2\), \(2,\), \(3, 1\)"),
    (NormalWishart, WISHART | dict(beta=[1, 2], nu=[4, 5, 6]),
     r"broadcast, got \(2,\), \(2,\), \(2, 2\), \(3,\)"),
    (NormalWishart, WISHART | dict(mean=[[0, 0]] * 3, w_inv=[W_INV] * 2), "broadcast, got"),
    (MarkovChain, dict(probabilities=[[[0.5, 0.5]] * 2] * 3, pairs=[[[[0.25] * 2] * 2]] * 2),
     r"broadcast, got \(3, 2, 2\), \(2, 1, 2, 2\)"),
]  # fmt: skip


@table(("family", "parameters", "words"), BAD)
def test_bad_parameters(family, parameters, words):
    with pytest.raises(InputError, match=words):
        family.of(**parameters)


@pytest.mark.parametrize(
    "q",
    [
        Normal.of(mean=[-1e13, 1e13], sd=1.0),
        MultivariateNormal.of(mean=[[0.0, 0.0], [1e13, 1e13]], cov=COV),
        GaussianChain.of(mean=[0.0, 1e13], variance=[1.0, 1.0], covariance=[0.5]),
    ],
    ids=lambda q: type(q.family).__name__,
)
def test_means_too_far_apart_for_a_density_are_told(q):
    with pytest.raises(NumericalError, match=r"a mean lies .*e\+1[23] standard deviations from"):
        q.log_density([0.0, 0.0])


@pytest.mark.parametrize(
    ("family", "other", "error", "words"),
    [
        (Normal(), MultivariateNormal.of([0.0], [[1.0]]), InputTypeError,
         "needs a Normal, got MultivariateNormal"),
        (Gamma(), Normal.of(1, 1), InputTypeError, "needs a Gamma, got Normal"),
        (MultivariateNormal(3), MultivariateNormal.of([0.0, 0.0], COV), InputError,
         r"needs mean \(\.\.\., 3\)"),
        (PolyaGamma(2), PolyaGamma.of(3, 1.0), InputError, "trials: needs the family's own"),
    ],
)  # fmt: skip
def test_no_other_family_is_adopted(family, other, error, words):
    with pytest.raises(error, match=words):
        family.adopt(other)
