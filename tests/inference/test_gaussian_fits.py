"""Gaussian fits beside what the ledger cannot see: a grid, densities that no Gaussian fits, limits,
further problems.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

import vi_lab
from tests.inference import test_gaussian_vi
from tests.inference.test_gaussian_vi import FITS, Nowhere
from tests.thinning import mostly_slow
from vi_lab import (
    GaussianPosterior,
    InputError,
    NotApplicable,
    NumericalError,
    PoissonRegression,
    exact,
    gaussian_vi,
    laplace,
    ledger,
)
from vi_lab.inference.engine import ascent
from vi_lab.inference.engine.gaussian_fit import GaussianFit
from vi_lab.inference.engine.target import choose_target
from vi_lab.model_or_problem import as_model
from vi_lab.numerics.normal_mixture import NormalMixture


def bound_on_a_grid(model, mixture):
    """E_q[log p - log q] by the midpoint rule and scipy's normals: no node is placed."""
    target, axis = choose_target(model), np.linspace(-4.0, 5.0, 250)
    y = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    parts = [w * stats.multivariate_normal.pdf(y, m, L @ L.T)
             for w, m, L in zip(np.exp(mixture.log_weights), mixture.means, mixture.roots,
                                strict=True)]  # fmt: skip
    q = np.sum(parts, 0)
    value = q * (target.log_density(y) - np.log(np.where(q > 0, q, 1.0)))
    return value.sum() * (axis[1] - axis[0]) ** 2


def a_mixture():
    roots = np.array([[[0.6, 0.0], [0.5, 0.4]], [[0.5, 0.0], [-0.3, 0.5]]])
    return NormalMixture(np.log([0.3, 0.7]), np.array([[1.0, 0.2], [1.4, -0.3]]), roots)


# The ledger is blind to these: ELBO and KL are averages over the same nodes of the same log q, and
# log p - log q + log q - log p(z|x) is one number whatever q is.
BLIND = {
    "L for its transpose where nodes are placed": (
        "place", lambda self, e: self.means[:, None] + e[..., None, :, :] @ self.roots),
    "every node about one component": (
        "place", lambda self, e: np.repeat(
            (self.means[:, None] + e[..., None, :, :] @ np.swapaxes(self.roots, -1, -2))[
                ..., :1, :, :], 2, -3)),
    "the likeliest component for the mixture": (
        "log_density", lambda self, y: self.log_parts(self.whiten(y)).max(0)),
    "one component's density for the mixture's": (
        "log_density", lambda self, y: self.log_parts(self.whiten(y))[0] - self.log_weights[0]),
}  # fmt: skip


def test_the_bound_of_a_mixture_is_that_of_a_grid():
    model = vi_lab.problem("coal").model
    q = GaussianPosterior(model, a_mixture(), "by hand")
    assert q.elbo_error < 8e-3  # nodes of one component see the kinks that the others leave
    assert_allclose(q.elbo, bound_on_a_grid(model, a_mixture()), rtol=0, atol=q.elbo_error)


@pytest.mark.parametrize("mistake", BLIND.values(), ids=BLIND)
def test_what_the_ledger_cannot_see_the_grid_does(mistake, monkeypatch):
    monkeypatch.setattr(NormalMixture, *mistake)
    with pytest.raises(AssertionError):
        test_the_bound_of_a_mixture_is_that_of_a_grid()


def test_a_curvature_counted_twice_is_seen(monkeypatch):
    honest = ascent._difference_slopes

    def twice(*asked):
        precision, apart = honest(*asked)
        return 2.0 * precision, apart

    monkeypatch.setattr(ascent, "_difference_slopes", twice)
    with pytest.raises(AssertionError):
        test_gaussian_vi.test_a_gaussian_posterior_is_found_to_the_last_digits()


class Wall(Nowhere):
    """Nothing below 0, and the top at the edge of a normal."""

    def log_density(self, z):
        return np.where(z[..., 0] > 0, -0.5 * (z**2).sum(-1) + z[..., 0] / 2, -np.inf)

    def sample_latents(self, rng, batch=()):
        return {"z": np.abs(rng.standard_normal((*batch, 2)))}


class Endless(Nowhere):
    """It rises without end along the first coordinate."""

    def log_density(self, z):
        return z[..., 0] - 0.5 * z[..., 1] ** 2


class Broken(Nowhere):
    def log_density(self, z):
        raise RuntimeError("no such file")


def test_densities_that_no_gaussian_fits_are_told_apart():
    assert laplace(Wall(), rng=1).elbo == -np.inf  # it says so
    for objective in ("kl", "score"):
        words = {"covariance": "full", "objective": objective, "rng": 1}
        with pytest.raises(NotApplicable, match="reaches to where the density is 0"):
            gaussian_vi(Wall(), **words)
        with pytest.raises(NumericalError, match="there is no optimum: q runs away"):
            gaussian_vi(Endless(), **words)
    with pytest.raises(NotApplicable, match="there is no mode"):
        laplace(Endless(), rng=1)
    for fit in FITS:
        with pytest.raises(InputError, match="log density at the start raised RuntimeError: no"):
            fit(Broken())


@pytest.mark.parametrize(("method", "numbers"), [
    ("laplace", "2,040 real"), ("gaussian-mean-field", "4,080 numbers"),
    ("gaussian-full-rank", "2,083,860 numbers"), ("hmc", "D is 2,040"),
])  # fmt: skip
def test_above_the_limit_a_row_says_what_it_would_cost(method, numbers):
    """2 D of a diagonal Gaussian, D + D (D + 1) / 2 of a full one."""
    (row,) = vi_lab.compare("bars", methods=method, rng=0).rows
    assert not row.applies and numbers in row.reason and "above" in row.reason


FURTHER = ("kidiq", "darwin", "bioassay", "cars", "polynomial", "beetles", "trees", "nile")


@pytest.mark.parametrize("name", mostly_slow(FURTHER, 2))
def test_on_further_problems_a_covariance_never_costs(name):
    problem = vi_lab.problem(name)
    full, diagonal = (gaussian_vi(problem, covariance=c, rng=1) for c in ("full", "diagonal"))
    noise = 5 * (full.elbo_error + diagonal.elbo_error)
    gaps = [exact(problem).log_evidence - q.elbo for q in (full, diagonal)]
    assert -noise < gaps[0] <= gaps[1] + noise
    assert ledger(problem, full).holds is True and ledger(problem, diagonal).holds is True


@pytest.mark.slow
def test_scores_that_match_on_eight_schools_are_below_the_best_bound():
    """1.500 nats: no optimum of the ELBO, which is 1.281, and nearer to it than the diagonal."""
    problem = vi_lab.problem("eight-schools")
    q = gaussian_vi(problem, covariance="full", objective="score", rng=1)
    gap = exact(problem).log_evidence - q.elbo
    assert abs(gap - 1.500) < 0.01 + 4 * q.elbo_error and gap > 1.281


def unseen(prior_sd):
    """Counts that are all 0: under the prior alone nothing ends where the rates fall to 0."""
    X = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]])
    return PoissonRegression(X, np.zeros(4, int), np.zeros(2), prior_sd**2 * np.eye(2))


@pytest.mark.parametrize("prior_sd", [1.0, 3.0])
def test_scores_match_where_one_step_after_another_swings_about_the_match(prior_sd):
    """Under q the slopes have mean 0 and the covariance that is q's precision, on a grid."""
    q = gaussian_vi(unseen(prior_sd), covariance="full", objective="score", rng=1)
    ((mean,), (root,)) = q.mixture.means, q.mixture.roots
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    nodes = np.stack(np.meshgrid(points, points), -1).reshape(-1, 2)
    w = np.outer(weights, weights).ravel() / (2 * np.pi)
    slopes = q.target.gradient(mean + nodes @ root.T) @ root  # in units of q
    assert np.allclose(w @ slopes, 0, atol=1e-6)
    assert np.allclose((slopes.T * w) @ slopes, np.eye(2), atol=1e-5)


@pytest.mark.parametrize("covariance", mostly_slow(["full", "diagonal"]))
def test_where_no_scores_match_it_is_said(covariance):
    with pytest.raises(NumericalError, match=r"runs away or collapses, .* objective='kl'"):
        gaussian_vi(unseen(10.0), covariance=covariance, objective="score", rng=1)


class Corner(Nowhere):
    def log_density(self, z):
        return -np.abs(z).sum(-1)


class OwnCorner(Corner):
    def gradient(self, z):
        return -np.sign(z)


def test_a_corner_is_no_mode_to_who_sees_its_gradient():
    with pytest.raises(NotApplicable, match="there is no mode"):
        laplace(OwnCorner(), rng=1)
    assert_allclose(laplace(Corner(), rng=1).mixture.roots[0], 0.025 * np.eye(2), atol=1e-3)


@pytest.mark.parametrize(("slope", "units"), [
    ([1e9, -1e-9, 2.0], [1e-9, 1e9, 0.5]), ([1e9, 0.0, -np.inf], [1e-9, 1.0, 1.0]),
    ([1e9, np.nan, 4.0], [1e-9, 1.0, 0.25]), ([2.0, 0.0, -0.5], None),
])  # fmt: skip
def test_a_top_is_looked_for_once_more_in_units_of_the_slope(slope, units, monkeypatch):
    """Where a slope is 0 or none there is no unit; where all are moderate, no other look."""
    seen = []
    monkeypatch.setattr(ascent, "_find_mode", lambda target, start: (None, start))
    monkeypatch.setattr(ascent, "ScaledTarget", lambda *given: seen.append(given[2].tolist()))
    target = SimpleNamespace(gradient=lambda y: np.array([slope]))
    assert ascent.find_mode(target, np.zeros(3))[0] is None
    assert seen == ([] if units is None else [pytest.approx(units)])


@pytest.mark.parametrize(("covariance", "scales"), [("full", 3), ("diagonal", 2)])
def test_a_gaussian_is_as_many_numbers_as_its_moments(covariance, scales):
    """Its weight, D of the mean, and D (D + 1) / 2 of the covariance or D of the sds, for D = 2."""
    model = vi_lab.problem("coal").model
    fit = GaussianFit(model, "gaussian", "centred", rng=0, restarts=1, covariance=covariance)
    root = np.array([[0.5, 0.0], [0.3 * (covariance == "full"), 2.0]])
    packed = fit._pack_q(NormalMixture(np.zeros(1), np.array([[3.0, -1.0]]), root[None]))
    assert packed.shape == (1 + 2 + scales,)
    again = fit._unpack(packed, 1)
    assert_allclose(again.roots[0], root)
    assert_allclose(again.means[0], [3.0, -1.0])


class FarData(Nowhere):
    """The mean of data at 3e5 and -3e5: log densities of -4.5e12, whose last digit is 1e-3 nats."""

    dimension = 1
    x = np.repeat([3e5, -3e5 + 100.0], 50)

    def log_density(self, z):
        """Summed down the data, which rounds otherwise for one point than for several."""
        return -0.5 * ((self.x.reshape(-1, *(1,) * (z.ndim - 1)) - z[..., 0]) ** 2).sum(0)

    def sample_latents(self, rng, batch=()):
        return {"z": 1e3 * rng.standard_normal((*batch, 1))}


def test_what_rounds_a_log_density_is_no_rise():
    """A climb that ends at the same top may stand a last digit higher: that is no density without
    a top, although the digit is more than any fixed number of nats."""
    q = laplace(FarData(), rng=0)
    assert_allclose(q.mixture.means, 50.0)
    assert_allclose(q.mixture.roots, 0.1)


class Height(Nowhere):
    """The log density is the first coordinate."""

    def log_density(self, z):
        return z[..., 0]


@pytest.mark.parametrize("low", [0.0, -1e12])
@pytest.mark.parametrize(("top", "rise", "rises"), [
    (0.0, 9e-7, False), (0.0, 1.2e-6, True), (1e6, 0.9, False), (1e6, 1.2, True),
    (-1e6, 0.9, False), (-1e6, 1.2, True),
])  # fmt: skip
def test_how_far_a_climb_may_end_above_a_top_goes_by_the_highest_alone(
    top, rise, rises, low, monkeypatch
):
    """By 1e-6 of a nat and of its height, both where a mode is asked for and where a fit begins."""
    fit = GaussianFit(as_model(Height()), "laplace", "centred", rng=0, restarts=2)
    fit.starts = np.zeros((2, 2))
    mode = ascent.Mode(np.array([top, 0.0]), top, np.eye(2))
    ends = np.array([[top + low, 0.0], [top + rise, 3.0]])
    monkeypatch.setattr(fit, "_find_modes", lambda: ([mode], ends))
    monkeypatch.setattr(fit, "_begin_at_starts", lambda objective: "at starts")
    begin = fit._begin(lambda *given: (np.inf, None))
    if rises:
        with pytest.raises(NotApplicable, match=r"still rises, or is flat, at \[.* 3"):
            fit.find_highest_mode()
        assert begin == "at starts"
    else:
        assert fit.find_highest_mode() is mode
        assert_allclose(begin[0], mode.y)


@pytest.mark.parametrize("scale", [1.0, 1e-3])
@pytest.mark.parametrize(("below", "begins"), [(199.0, True), (201.0, False)])
def test_a_fit_begins_at_a_mode_whose_q_is_not_too_far_below_it(below, begins, scale, monkeypatch):
    """By 100 nats for each of two coordinates, in units of what is about the mode."""
    fit = GaussianFit(as_model(Height()), "laplace", "centred", rng=0, restarts=1)
    mode = ascent.Mode(np.zeros(2), 5.0, np.eye(2) / scale**2)
    monkeypatch.setattr(fit, "_find_modes", lambda: ([mode], np.zeros((1, 2))))
    elsewhere = []
    monkeypatch.setattr(fit, "_begin_at_starts", elsewhere.append)
    fit._begin(lambda *given: (5.0 + 2.0 * np.log(scale) - below, None))
    assert (elsewhere == []) is begins
