"""Averages under a Gaussian q: all points, their spread, and every error that a KL has."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

import vi_lab
from vi_lab import GaussianPosterior, PoissonRegression, exact, laplace
from vi_lab.inference.engine import ascent, gaussian_posterior
from vi_lab.inference.engine.density_target import Expectations, Expecting
from vi_lab.numerics.normal_mixture import NormalMixture
from vi_lab.numerics.rounding import Estimate


def a_gaussian():
    """Of a Poisson regression, whose E_q[log p] is known."""
    model = PoissonRegression([[1.0, 0.5], [1.0, -0.5], [1.0, 1.0]], [2, 0, 3], 0.0, np.eye(2))
    return laplace(model, rng=0)


def test_a_kl_by_averages_of_their_own_has_the_errors_of_both(monkeypatch):
    """-H[q] - E_q[log p(z|x)], of a truth that has the latter."""
    q = a_gaussian()
    monkeypatch.setattr(GaussianPosterior, "_entropies", lambda _: (0, Estimate(1.5, 0.25, "")))
    own = SimpleNamespace(average_log_density=lambda mixture: Estimate(-4.0, 0.5, "nodes"))
    assert q.kl_from(SimpleNamespace(posterior=own)) == (4.0 - 1.5, 0.75, "nodes")


def test_a_bound_by_a_known_average_has_the_error_of_the_entropy(monkeypatch):
    """Each of the growing numbers of nodes its own, and the roundings of what is known."""
    q, growing = a_gaussian(), (Estimate(1.5, 0.25, "few"), Estimate(1.25, 0.125, "more"))
    monkeypatch.setattr(GaussianPosterior, "_entropies", lambda *_: growing)
    for known in (-3.0, 1e12):
        vars(q)["_known_average"] = known
        for found, entropy in zip(q._average_log_ratio(), growing, strict=True):
            assert (found.value, found.route) == (entropy.value + known, entropy.route)
            assert entropy.error < found.error < entropy.error + 1e-13 * abs(known)


def test_a_kl_by_nodes_has_what_they_miss_and_what_the_truth_does_not_know():
    q = a_gaussian()

    truth, nodes = exact(q.model), q._average_for_kl(q.target.log_density).value

    def found(known=0.0, unsure=0.0):
        """The KL where E_q[log p] is known to be by so much another than nodes say."""
        vars(q)["_known_average"] = nodes + known
        return q.kl_from(
            SimpleNamespace(
                posterior=None,  # without an average of its own
                log_density=truth.log_density,
                log_evidence_error=truth.log_evidence_error + unsure,
            )
        )

    one = found()
    assert one.value == pytest.approx(q.kl_from(truth).value, abs=1e-9) and one.error < 1e-9
    assert found(unsure=0.5).error == pytest.approx(one.error + 0.5)
    for missed in (-0.25, 0.25):
        assert found(known=missed) == (one.value, pytest.approx(one.error + 0.25), one.route)
    assert found(known=1e-8).error == one.error  # which nodes are moved by as they are rounded


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_an_average_has_all_of_its_points_and_their_mirrors(dimension):
    """A constant is itself, and y its mean, however many points are taken: to rounding."""
    rng = np.random.default_rng(dimension)
    roots = np.tril(rng.normal(size=(2, dimension, dimension))) + 2.0 * np.eye(dimension)
    mixture = NormalMixture(np.log([0.3, 0.7]), rng.normal(size=(2, dimension)), roots)
    q = GaussianPosterior(vi_lab.problem("coin").model, mixture, "by hand")
    mean = np.array([0.3, 0.7]) @ mixture.means
    wild = 1e3 * rng.normal(size=dimension)  # so that all counts are gone through

    def found(function):
        return [estimate.value for estimate in q._averages_over(function)]

    assert_allclose(found(lambda y: 1.0 + 0.0 * y[..., 0]), 1.0, rtol=1e-13)
    many = found(lambda y: y @ wild)
    assert_allclose(many, mean @ wild, rtol=1e-11)
    jumps = found(lambda y: 1e3 * (y[..., 0] > 0.1) + 1.0 * (y[..., 0] > 0.3))
    assert len(jumps) == (1 if dimension < 3 else 4)


def test_the_spread_of_scrambles_is_the_error_of_their_mean():
    standard = NormalMixture(np.zeros(1), np.zeros((1, 3)), np.eye(3)[None])
    q = GaussianPosterior(vi_lab.problem("coin").model, standard, "by hand")
    values = []

    def function(y):
        found = np.abs(y).max(-1) ** 1.5
        values.append(found.sum((-2, -1)))  # of each scramble, (rules,)
        return found

    first = q._averages_over(function, gaussian_posterior.GROWING[:1])[0]
    means = np.sum(values, axis=0) / (2 * gaussian_posterior.GROWING[0])
    assert first.value == pytest.approx(means.mean(), rel=1e-12)
    assert first.error == pytest.approx(stats.sem(means), rel=1e-6)


def test_a_curvature_and_by_how_much_two_steps_of_it_are_apart():
    """Of a slope -(a y + b y**3): a + 3 b y**2, and over steps of h and 2 h by h**2 b and 4 h**2 b
    more."""
    a, b, y, h = 2.0, 0.5, np.array([0.3, -1.2]), np.array([0.1, 0.2])
    target = SimpleNamespace(gradient=lambda y: -(a * y + b * y**3))
    precision, apart = ascent._difference_slopes(target, y, h)
    assert_allclose(precision, np.diag(a + 3.0 * b * y**2), atol=1e-12)
    assert_allclose(apart, np.diag(3.0 * b * h**2), atol=1e-12)


@pytest.mark.parametrize("sd", [1e-3, 1e-2, 1.0, 1e2])
def test_a_curvature_is_measured_by_steps_of_its_own_sd(sd):
    """Of -log cosh(y / sd), which bends by 1 / sd**2 at 0 and is straight far out."""
    target = SimpleNamespace(gradient=lambda y: -np.tanh(y / sd) / sd)
    precision, step = ascent.measure_curvature(target, np.zeros(1))
    assert_allclose(step, [3e-3 * sd], rtol=1e-3)
    assert_allclose(precision, [[sd**-2.0]], rtol=1e-6)


def test_what_is_not_finite_lies_below_every_start():
    """However low that is: an ascent to the right ends before the edge."""

    def function(x, height):
        inside = x[0] <= 1.0
        return (
            (height + 100.0 * x[0], np.array([100.0])) if inside else (np.nan, np.full(1, np.nan))
        )

    for height in (0.0, -1e8, -1e12):
        (end,) = ascent.climb(lambda x, height=height: function(x, height), np.zeros(1))
        assert 0.0 <= end <= 1.0


class Parabola(Expecting):
    """log p(y) = -y^2/2: under N(m, s^2) its mean is -(m^2 + s^2)/2."""

    def expect(self, q):
        m, s = q.means, q.roots
        return Expectations(-0.5 * (m[:, 0] ** 2 + s[:, 0, 0] ** 2), -m, -s)


def test_known_slopes_are_those_of_the_mean_over_components():
    q = NormalMixture(np.log([0.2, 0.8]), np.array([[1.0], [-2.0]]), np.array([[[0.5]], [[3.0]]]))

    def mean(q):
        return np.exp(q.log_weights) @ Parabola().expect(q).values

    zero, flat, known = Parabola().split_expectation(q, np.zeros((1, 1)))
    assert zero == flat == 0.0 and known.values.shape == (2,)
    for k in range(2):
        step = 1e-6 * np.eye(2)[k]
        up, down = (q._replace(means=q.means + s * step[:, None]) for s in (1, -1))
        assert_allclose(known.means[k], (mean(up) - mean(down)) / 2e-6, rtol=1e-8)
        up, down = (q._replace(roots=q.roots + s * step[:, None, None]) for s in (1, -1))
        assert_allclose(known.roots[k], (mean(up) - mean(down)) / 2e-6, rtol=1e-8)


def test_nodes_are_not_kept_once_the_averages_are_there():
    """They may be a hundred megabytes."""
    q = vi_lab.gaussian_vi("clutter", rng=0)
    again = GaussianPosterior(q.model, q.mixture, q.method)
    _ = again.first_nodes, again.more_nodes
    assert {"first_nodes", "more_nodes"} <= vars(again).keys()
    again.take_averages()
    assert not {"first_nodes", "more_nodes"} & vars(again).keys()
