"""LinearRegressionKnownNoise beyond the contract: Occam's razor, scipy's route, awkward designs."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, special, stats

from tests.tables import table
from vi_lab import LinearRegressionKnownNoise, cavi, exact, gibbs, ledger, problem, sweep

X = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 3.0]])
Y = np.array([0.5, 1.5, 2.0])
KNOWN = dict(noise_precision=4.0, a0=2.0, b0=1.0)


def by_scipy(model):
    """log p(y) and E[exp(k u)] of u = log alpha, as a function of k: y given alpha one at a time,
    alpha by adaptive quadrature.

    Each observation given those before is normal, and turns the weights' mean and covariance.
    """

    def log_density(u):
        mean, cov = np.zeros(model.size), np.eye(model.size) * np.exp(-u)
        total = stats.gamma.logpdf(np.exp(u), model.a0, scale=1 / model.b0) + u
        for x, y in zip(model.X, model.y, strict=True):
            spread = cov @ x
            variance = x @ spread + 1 / model.noise_precision
            error = y - x @ mean
            total -= 0.5 * (error**2 / variance + np.log(2 * np.pi * variance))
            mean = mean + spread * error / variance
            cov = cov - np.outer(spread, spread) / variance
        return total

    # where the prior leaves less than 1e-12 below; further out the turning loses its digits
    grid = np.linspace(-12 if model.a0 > 1 else -27, 12, 149)
    heights = np.array([log_density(u) for u in grid])
    top, kept = heights.max(), grid[heights > heights.max() - 45]
    bends = np.linspace(kept[0] - 0.5, kept[-1] + 0.5, 9)

    def integral(k):
        def integrand(u):
            return np.exp(k * u + log_density(u) - top)

        limits = dict(epsabs=1e-11, epsrel=1e-10)
        return sum(integrate.quad(integrand, a, b, **limits)[0] for a, b in pairwise(bends))

    mass = integral(0)
    return np.log(mass) + top, lambda k: integral(k) / mass


@pytest.mark.parametrize("degree", [2, 3, 6])
def test_the_polynomial_by_the_covariance_of_its_data(degree):
    model = problem("polynomial", degree=degree).model
    log_evidence, moment = by_scipy(model)
    assert_allclose(exact(model).log_evidence, log_evidence, rtol=1e-10)
    assert_allclose(exact(model).mean("alpha"), moment(1), rtol=1e-8)


def test_the_evidence_and_the_bound_pick_the_degree_of_the_cubic():
    """Occam's razor (Bishop 2006, figure 10.9): the best fit would always be the ninth degree."""
    variants = sweep("polynomial")
    assert [v.model.size for v in variants] == list(range(1, 11))
    evidence = [exact(v).log_evidence for v in variants]
    found = [cavi(v, rng=0) for v in variants]
    bounds = [q.elbo for q in found]
    assert np.argmax(evidence) == np.argmax(bounds) == 3
    assert (np.array(bounds) < evidence).all()
    assert (np.diff(evidence[3:]) < -1).all()  # each degree too many costs a nat and more
    assert (np.diff(evidence[:4]) > 20).all()
    fits = [np.linalg.lstsq(v.model.X, v.model.y)[1] for v in variants[:9]]
    assert (np.diff(np.concatenate(fits)) < 0).all()
    assert all(ledger(v, q).holds for v, q in zip(variants, found, strict=True))


def test_what_mean_field_loses_is_the_tie_of_the_weights_to_their_precision():
    item = problem("polynomial")
    q, truth = cavi(item, rng=0), exact(item)
    assert 0 < truth.log_evidence - q.elbo < 0.05
    assert q.sd("alpha") < truth.sd("alpha")


def test_a_prior_so_vague_that_alpha_underflows_gives_finite_draws():
    model = problem("polynomial").model
    values = model.sample_latents(np.random.default_rng(0), (20_000,))
    assert (values["alpha"] > 0).all()
    assert np.isfinite(values["w"]).all()
    assert np.median(values["alpha"]) < 1e-20
    again = LinearRegressionKnownNoise(X, Y, **{**KNOWN, "a0": 0.7})
    alpha = again.sample_latents(np.random.default_rng(0), (20_000,))["alpha"]
    assert stats.kstest(alpha, stats.gamma(0.7).cdf).pvalue > 1e-6


def test_starts_are_near_whatever_the_unit():
    model = problem("polynomial").model
    far = LinearRegressionKnownNoise(model.X, 1e4 * model.y, 11.1e-8, a0=0.01, b0=0.01)
    for one in (model, far):
        starts = one.sample_initial_values(np.random.default_rng(0), (200,))
        assert (np.abs(starts["w"] - exact(one).mean("w")) < 100 * exact(one).sd("w")).all()
    assert gibbs(far, rng=0).rhat()["w"].max() < 1.02


@table(
    ("design", "y", "changed"),
    [
        (X[:1], Y[:1], {}),  # fewer observations than weights
        (np.ones((3, 2)), Y, {}),  # one column twice
        (np.zeros((3, 2)), Y, {}),  # nothing is learnt
        (X, Y, dict(noise_precision=1e4)),
        (X, Y, dict(noise_precision=1e-6)),
        (X, Y, dict(a0=0.02, b0=1e-3)),
        (X * [1.0, 1e3], Y, {}),
        (X, 10 * Y, {}),
    ],
)
def test_awkward_designs(design, y, changed):
    model = LinearRegressionKnownNoise(design, y, **{**KNOWN, **changed})
    assert_allclose(exact(model).log_evidence, by_scipy(model)[0], rtol=1e-9)
    assert ledger(model, cavi(model, rng=0)).holds


def test_data_that_say_nothing_leave_the_prior():
    truth = exact(LinearRegressionKnownNoise(np.zeros((3, 2)), Y, **KNOWN))
    expected = stats.norm.logpdf(Y, 0, 0.5).sum()
    assert_allclose(truth.log_evidence, expected, rtol=1e-12)
    assert_allclose(truth.sd("w"), stats.t.std(4, scale=np.sqrt(0.5)), rtol=1e-9)
    vague = exact(LinearRegressionKnownNoise(np.zeros((3, 2)), Y, **{**KNOWN, "a0": 0.5}))
    assert np.isinf(vague.sd("w")).all()


@pytest.mark.parametrize("a0", [1e-4, 1e-3, 0.01, 0.05, 0.5])
def test_a_weight_the_data_say_nothing_on(a0):
    """Its variance is E[1/alpha], by quadrature over v = alpha**a0, in which the tail is flat."""
    design, y = np.array([[1.0, 0, 0], [0, 1, 0]]), np.array([1.0, -1.0])
    truth = exact(LinearRegressionKnownNoise(design, y, noise_precision=1.0, a0=a0, b0=1.0))

    def density(alpha):  # without alpha**(a0 - 1): each y_i ~ N(0, 1 + 1/alpha)
        variance = (1 + alpha) / alpha if alpha else np.inf
        heights = 1 / (1 + alpha) * np.exp(-0.5 * (y @ y) / variance)
        return np.exp(-alpha) * heights  # and another alpha**1, the two roots of 1/variance

    by_v = integrate.quad(lambda v: density(v ** (1 / a0)) / a0, 0, 60**a0, epsrel=1e-11, limit=500)
    mass = integrate.quad(lambda a: a**a0 * density(a), 0, 60, epsrel=1e-11, limit=500)
    assert_allclose(truth.sd("w")[2], np.sqrt(by_v[0] / mass[0]), rtol=1e-7)


@pytest.mark.parametrize(("a0", "column"), [(0.6, 1e-10), (0.9, 1e-10), (1.1, 1e-12), (1.2, 1e-11)])
def test_a_weight_on_which_nothing_is_said_beside_one_that_is_hardly_seen(a0, column):
    """E[1/alpha] comes from far below where the density of alpha ends: below alpha = column**2,
    where that weight is seen, it falls like alpha**(a0 - 1/2) alone. By quadrature over u = log
    alpha."""
    model = LinearRegressionKnownNoise([[column, 0.0], [0.0, 0.0]], [1.0, 0.0], 1.0, a0=a0, b0=1.0)

    def log_density(u):
        log_share = special.log_expit(u - 2.0 * np.log(column))  # alpha / (alpha + column**2)
        return a0 * u - np.exp(u) + 0.5 * (log_share - np.exp(log_share))

    pieces = list(pairwise(np.linspace(2.0 * np.log(column) - 40.0 / (a0 - 0.5), 5, 60)))
    mass, inverse = (
        sum(integrate.quad(f, a, b, epsabs=0, epsrel=1e-11)[0] for a, b in pieces)
        for f in (lambda u: np.exp(log_density(u)), lambda u: np.exp(log_density(u) - u))
    )
    assert_allclose(exact(model).sd("w")[1], np.sqrt(inverse / mass), rtol=1e-8)


def test_a_rank_that_rounding_hides():
    """Two equal columns bound one direction of two, and the sds of both weights are infinite."""
    for design in ([[1, 1], [1, 1]], [[0.1, 0.3], [0.7, 2.1]], [[1e-9, 3e-9], [7e-9, 21e-9]]):
        truth = exact(LinearRegressionKnownNoise(design, [1.0, -1.0], 1.0, a0=0.01, b0=1.0))
        assert np.isinf(truth.sd("w")).all(), design
    tied = exact(LinearRegressionKnownNoise([[1, 1], [1, 1]], [1.0, -1.0], 1.0, a0=0.6, b0=1.0))
    assert np.isfinite(tied.sd("w")).all()


@pytest.mark.parametrize(
    "roundings, hidden", [(20, True), (150, True), (300, False), (4000, False)]
)
def test_as_many_roundings_as_rows_hide_a_rank(roundings, hidden):
    """Columns 1 and 1 + d, their difference d of a sign that alternates: the second of their
    singular values, in units of the first, is d / 2."""
    d = 2 * roundings * np.finfo(np.float64).eps * (-1.0) ** np.arange(200)
    design = np.stack([np.ones(200), 1.0 + d], axis=-1)
    truth = exact(LinearRegressionKnownNoise(design, np.ones(200), 1.0, a0=0.01, b0=1.0))
    assert (np.isinf(truth.sd("w")) == hidden).all()


def test_a_direction_hardly_seen():
    """The sd of a weight with a tiny column, by quadrature over u = log alpha."""
    column = 1e-7
    model = LinearRegressionKnownNoise([[column], [0.0]], [1.0, -1.0], 1.0, a0=0.7, b0=1.0)
    unit = column**2

    def weight(u):
        alpha = np.exp(u)
        log_y = 0.5 * (u - np.log(alpha + unit)) - 0.5 * alpha / (alpha + unit)
        return np.exp(0.7 * u - alpha + log_y)

    def spread(u):
        alpha = np.exp(u)
        return weight(u) * (1 / (alpha + unit) + (column / (alpha + unit)) ** 2)

    first = lambda u: weight(u) * column / (np.exp(u) + unit)  # noqa: E731
    pieces = list(pairwise(np.linspace(-110, 5, 24)))
    total, mean, square = (
        sum(integrate.quad(f, a, b, epsrel=1e-11)[0] for a, b in pieces)
        for f in (weight, first, spread)
    )
    expected = np.sqrt(square / total - (mean / total) ** 2)
    assert_allclose(exact(model).sd("w"), [expected], rtol=1e-6)


@pytest.mark.parametrize("rows", [2, 4])
def test_the_centre_is_where_weights_and_their_precision_suit_each_other(rows):
    """Of 2 rows X sees two of three directions. Conditional means in turn, by inverses."""
    X = np.array([[1.0, 0.3, -2.0], [0.5, -1.0, 0.4], [1.0, 2.0, 0.1], [-0.6, 0.2, 1.5]])[:rows]
    y = np.array([1.0, -2.0, 0.5, 3.0])[:rows]
    model = LinearRegressionKnownNoise(X, y, 2.0, 1.5, 0.7)
    alpha = 1.0
    for _ in range(500):
        cov = np.linalg.inv(2.0 * X.T @ X + alpha * np.eye(3))
        mean = 2.0 * cov @ X.T @ y
        alpha = (1.5 + 1.5) / (0.7 + 0.5 * (mean @ mean + np.trace(cov)))
    assert_allclose(model.centre, mean, rtol=1e-6)


def test_one_column_far_larger_than_the_rest_is_no_overflow():
    """An eigenvalue of X'X of such a column leaves the others no digits: 0 was taken for them."""
    X = np.array([[1.04, -1.69e11, 1.03], [1.02, -9.4e10, 0.3], [1.15, 0.0, 0.0],
                  [1.03, 8.56e10, 0.25], [1.03, 1.88e11, 1.03]])  # fmt: skip
    y = np.array([0.58, -1.08, 0.29, 1.76, -0.88])
    model = LinearRegressionKnownNoise(X, y, 4.4, 2.3, 3.5)
    assert ledger(model, cavi(model, rng=0)).holds
