"""Averages under a factorised q: right to rounding, with an honest error, where they can be."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special

from vi_lab import Categorical, Gamma, MultivariateNormal, Normal
from vi_lab.identity.quadrature import MONTE_CARLO, Nodes, _count_nodes, _trapezoid


@pytest.mark.parametrize("sd", [1e-3, 1.0, 1e4])
@pytest.mark.parametrize("mean", [0.0, 7.0, -1e5])
def test_normal_moments(mean, sd):
    nodes = Nodes({"z": Normal.of(mean=mean, sd=sd)})
    z = (nodes.values["z"] - mean) / sd
    lost = 1e-16 * abs(mean) / sd  # digits that z itself cannot hold
    for power, expected in ((0, 1), (1, 0), (2, 1), (4, 3), (6, 15)):
        estimate = nodes.average(z**power)
        assert abs(estimate.value - expected) < 10 * estimate.error + 100 * lost
        assert estimate.error < 1e-10 + 100 * lost
        assert estimate.route == "quadrature"


@pytest.mark.parametrize("shape", [0.3, 1.0, 20.0, 1e4])
@pytest.mark.parametrize("rate", [1e-3, 50.0])
def test_gamma_moments(shape, rate):
    nodes = Nodes({"z": Gamma.of(shape=shape, rate=rate)})
    z = nodes.values["z"]
    log_mean = special.psi(shape) - np.log(rate)
    for integrand, expected in ((z**0, 1.0), (z, shape / rate), (np.log(z), log_mean)):
        estimate = nodes.average(integrand)
        assert_allclose(estimate.value, expected, rtol=1e-8)
        assert abs(estimate.value - expected) <= 2 * estimate.error + (1e-11 + 5e-15 * shape) * abs(
            expected
        )


def test_a_vector_a_gamma_and_labels_together():
    cov = np.array([[2.0, 0.7], [0.7, 1.0]])
    q = {
        "v": MultivariateNormal.of(mean=[1.0, -1.0], cov=cov),
        "g": Gamma.of(shape=3.0, rate=1.0),
        "s": Categorical.of([0.2, 0.0, 0.8], first=4),
    }
    nodes = Nodes(q)
    v, g, s = (nodes.values[name] for name in "vgs")
    assert nodes.route == "quadrature"
    estimate = nodes.average((v[..., 0] - 1) * (v[..., 1] + 1) * g * s)
    assert_allclose(estimate.value, 0.7 * 3 * 5.6, rtol=1e-6)
    assert abs(estimate.value - 0.7 * 3 * 5.6) < 2 * estimate.error


def test_each_plate_is_an_axis():
    q = {
        "g": Gamma.of(shape=[2.0, 3.0], rate=[1.0, 4.0]),
        "s": Categorical.of([[0.5, 0.5], [0.1, 0.9]]),
    }
    nodes = Nodes(q)
    g, s = nodes.values["g"], nodes.values["s"]
    estimate = nodes.average(g[..., 0] * s[..., 0] + 10 * g[..., 1] * s[..., 1])
    assert_allclose(estimate.value, 2 * 0.5 + 10 * 0.75 * 0.9, rtol=1e-10)


def test_labels_alone_are_enumerated():
    nodes = Nodes({"a": Categorical.of([0.25, 0.75]), "b": Categorical.of([0.5, 0.5], first=3)})
    assert nodes.route == "enumeration"
    estimate = nodes.average(nodes.values["a"] * nodes.values["b"])
    assert estimate.value == pytest.approx(0.75 * 3.5)


def test_a_sum_states_a_share_of_its_terms_sizes():
    """Of whatever sign: E|f| is 2 where E f is 0.5."""
    nodes = Nodes({"a": Categorical.of([0.25, 0.75])})
    found = nodes.average(np.array([5.0, -1.0]) + 0 * nodes.values["a"])
    assert found.value == pytest.approx(0.5)
    assert found.error == pytest.approx(1e-13 * 2.0, rel=1e-3)


def test_what_q_rules_out_counts_for_nothing():
    nodes = Nodes({"a": Categorical.of([0.5, 0.5, 0.0])})
    integrand = np.array([1.0, 3.0, np.inf])
    assert nodes.average(integrand).value == 2.0
    assert nodes.average(np.array([1.0, 3.0, np.nan])).value == 2.0


def test_a_kink_is_confessed_in_the_error():
    nodes = Nodes({"z": Normal.of(mean=0.1, sd=1.0)})
    estimate = nodes.average(np.abs(nodes.values["z"]))
    truth = np.sqrt(2 / np.pi) * np.exp(-0.005) + 0.1 * special.erf(0.1 / np.sqrt(2))
    assert 1e-8 < abs(estimate.value - truth) < 10 * estimate.error


def test_many_coordinates_are_sampled_with_a_standard_error():
    nodes = Nodes({"z": Normal.of(mean=np.zeros(8), sd=1.0)}, rng=5)
    assert nodes.route == "Monte Carlo"
    estimate = nodes.average((nodes.values["z"] ** 2).sum(-1))
    assert_allclose(estimate.error, np.sqrt(16 / MONTE_CARLO), rtol=0.1)
    assert abs(estimate.value - 8) < 6 * estimate.error
    again = Nodes({"z": Normal.of(mean=np.zeros(8), sd=1.0)}, rng=5)
    assert np.array_equal(again.values["z"], nodes.values["z"])


@pytest.mark.parametrize("plates", [1, 3])
@pytest.mark.parametrize(
    ("integrand", "true"),
    [
        (lambda z: np.abs(z).sum(-1), np.sqrt(2 / np.pi)),  # a kink at a node and one between
        (lambda z: np.abs(z - 0.3).sum(-1), 0.8335225),
        (lambda z: np.cos(5 * z).sum(-1), np.exp(-12.5)),
        (lambda z: np.logaddexp(0.0, 8 * z).sum(-1), None),
        (lambda z: 1e6 * (z**2).sum(-1), 1e6),
    ],
)
def test_a_coarse_rule_states_at_least_its_error(integrand, true, plates):
    """Each of the plates has the same integral; the reference is scipy's, in one dimension."""
    from scipy.integrate import quad

    def at(z):
        return integrand(np.array([z])) * np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)

    reference = quad(at, -12, 12, points=(0.0, 0.3), epsabs=1e-14, epsrel=1e-13, limit=500)[0]
    assert true is None or reference == pytest.approx(true, rel=1e-6, abs=1e-12)
    nodes = Nodes({"z": Normal.of(mean=np.zeros(plates), sd=1.0)})
    found = nodes.average(integrand(nodes.values["z"]))
    off = abs(found.value - plates * reference)
    assert off <= found.error + 1e-12 * abs(reference)
    assert found.error <= 1e3 * max(off, 1e-12 * plates * max(1.0, abs(reference)))


def test_the_share_that_a_node_loses_is_a_rounding_of_the_farthest_in_sds():
    """And of the terms of the log density in the middle: for N(0, 1), of its log(2 pi)/2 alone."""
    eps = np.finfo(float).eps
    lost = _trapezoid(Normal.of(0.0, 1.0), 33).lost / eps
    assert 10.0 <= lost - 0.5 * np.log(2 * np.pi) <= 11.1  # e**-50 of the density is 10 sds off
    far = _trapezoid(Normal.of(1e6, 1.0), 33).lost / eps
    assert 1e6 <= far <= 1e6 + 12 or 0.5e12 <= far <= 2.1e12  # with or without a centre


def test_labels_are_enumerated_while_their_combinations_are_few():
    """40 are, 40**10 are not, though 10 axes are no more than an array may have."""
    few, many = (Categorical.of(np.full((n, 40), 1 / 40)) for n in (1, 10))
    assert _count_nodes({"a": few}) == 1 and _count_nodes({"a": many}) is None
    one = Normal.of(0.0, 1.0)
    alone, beside = _count_nodes({"z": one}), _count_nodes({"z": one, "a": few})
    assert _count_nodes({"a": many, "z": one}) is None and 0 < beside <= alone
