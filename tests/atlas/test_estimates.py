"""Estimated evidences: both routes against enumeration, their parts against scipy.stats."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.thinning import mostly_slow
from tools.atlas.estimates import PLANS, estimate_evidence
from tools.atlas.routes import estimates_filter, estimates_importance
from tools.atlas.routes.estimates_components import MeansAndPrecisions, NormalMeans
from vi_lab import GaussianMixture, NormalMixture, atlas, exact, problem

RNG = np.random.default_rng(3)
PLANE = np.concatenate(
    [
        RNG.normal(size=(4, 2)),
        RNG.normal(size=(5, 2)) @ np.array([[1.0, 0.5], [0.0, 0.6]]) + [2.0, -1.5],
    ]
)
W0_INV = np.array([[1.2, 0.3], [0.3, 0.8]])
MODELS = {
    "tiny-mixture": problem("tiny-mixture").model,
    "three normals": NormalMixture(
        [1.3, -0.4, 2.2, 0.9, 5.0, 4.1, -1.0],
        0.8,
        m0=(0.5, -0.5, 3.0),
        s0=(2.0, 1.5, 1.0),
        concentration=(0.7, 1.0, 2.5),
    ),
    "plane": GaussianMixture(PLANE, 2, 1.5, m0=(0.5, -0.3), beta0=0.7, nu0=3.4, w0_inv=W0_INV),
    "unequal concentrations": GaussianMixture(
        PLANE, 2, (0.8, 3.0), m0=(0.5, -0.3), beta0=0.7, nu0=3.4, w0_inv=W0_INV
    ),
    "line": GaussianMixture(PLANE[:, :1], 2, 1.0, m0=0.0, beta0=0.5, nu0=2.0, w0_inv=[[0.9]]),
}


def weighted(model, **more):
    settings = dict(rng=1, conditionals=100, draws=4000) | more
    plane = isinstance(model, GaussianMixture)
    parts = (MeansAndPrecisions if plane else NormalMeans)(model)
    return estimates_importance.estimate(parts, model, **settings)


def filtered(model, **more):
    settings = dict(rng=1, replicates=16, particles=500) | more
    plane = isinstance(model, GaussianMixture)
    urn = estimates_filter.StudentUrn if plane else estimates_filter.NormalUrn
    return estimates_filter.estimate(urn, model, **settings)


def off(estimate, model):
    """How many of its standard errors an estimate is away from the truth."""
    return abs(estimate.value - exact(model).log_evidence) / estimate.error


@pytest.mark.parametrize("name", MODELS)
def test_importance_sampling_finds_what_enumeration_finds(name):
    estimate, khat = weighted(MODELS[name])
    assert off(estimate, MODELS[name]) < 4
    assert 0 < estimate.error < 0.03
    assert khat < 0.7


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("fewest", [0.5, 2.0], ids=["seldom renewed", "renewed at every point"])
def test_the_particle_filter_finds_what_enumeration_finds(name, fewest, monkeypatch):
    monkeypatch.setattr(estimates_filter, "FEWEST", fewest)
    estimate = filtered(MODELS[name])
    assert off(estimate, MODELS[name]) < 4
    assert 0 < estimate.error < 0.03


@pytest.mark.parametrize("route", mostly_slow(["filtered", "weighted"]))
def test_the_errors_are_as_large_as_they_say(route):
    """Twelve seeds: the mean square of value less truth, by the stated errors, is about 1."""
    model = MODELS["plane"]
    if route == "weighted":
        scores = [
            off(weighted(model, rng=s, conditionals=50, draws=500)[0], model) for s in range(12)
        ]
    else:
        scores = [
            off(filtered(model, rng=s, replicates=12, particles=60), model) for s in range(12)
        ]
    mean_square = np.mean(np.square(scores))
    assert 4.4 / 12 < mean_square < 2.5  # chi-squares of 12 degrees: 1 in 40 below, 1 in 360 above


def test_a_forgotten_number_of_namings_is_noticed(monkeypatch):
    """Planted: 1/K! left out of the proposal's density."""
    monkeypatch.setattr(estimates_importance, "lgamma", lambda size: 0.0)
    assert off(weighted(MODELS["plane"])[0], MODELS["plane"]) > 20


def test_a_wrong_density_of_the_prior_is_noticed(monkeypatch):
    """Planted: the means' normalising constant lacks beta, in the prior and in the proposal."""
    honest = MeansAndPrecisions.coefficients

    def coefficients(self, posterior):
        constant, rest = honest(self, posterior)
        return constant - 0.5 * self.size * np.log(posterior.beta), rest

    monkeypatch.setattr(MeansAndPrecisions, "coefficients", coefficients)
    assert off(weighted(MODELS["plane"])[0], MODELS["plane"]) > 20


def test_wrong_degrees_of_freedom_are_noticed(monkeypatch):
    """Planted: a t of nu degrees in place of nu + 1 - D; and it is no longer normalised either."""
    honest = estimates_filter.StudentUrn.__init__

    def init(self, model, particles):
        honest(self, model, particles)
        self.half = self.half + 0.5 * (model.size - 1)

    monkeypatch.setattr(estimates_filter.StudentUrn, "__init__", init)
    assert off(filtered(MODELS["plane"]), MODELS["plane"]) > 20


def test_particles_are_renewed_about_as_often_as_their_weights_say():
    share = np.array([0.0, 3.0, 1.0, 0.5, 0.0, 0.1, 7.0, 0.0])
    expected = share / share.sum() * len(share)
    times = [
        np.bincount(estimates_filter.systematic(share, np.random.default_rng(s)), minlength=8)
        for s in range(2000)
    ]
    assert (np.abs(times - expected) < 1).all()
    assert_allclose(np.mean(times, axis=0), expected, atol=0.05)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_the_permanent_is_the_sum_over_all_namings(size):
    log_each = RNG.normal(scale=3.0, size=(size, size, 2, 3))
    terms = [
        sum(log_each[k, j] for k, j in enumerate(naming))
        for naming in itertools.permutations(range(size))
    ]
    expected = np.logaddexp.reduce(terms, axis=0)
    assert_allclose(estimates_importance.log_permanent(log_each), expected, rtol=1e-12)


LABELS = np.eye(2)[[0, 0, 1, 0, 1, 1, 1, 0, 1]][None]


def test_the_densities_given_labels_are_those_of_scipy():
    """Dirichlet, Wishart and normal, at a draw, from sums written out point by point."""
    model = MODELS["unequal concentrations"]
    parts = MeansAndPrecisions(model)
    posteriors = estimates_importance.Posteriors(
        model.concentration + LABELS.sum(-2), parts.given(LABELS)
    )
    w = np.array([[0.3, 0.7]])
    mean = np.array([[[0.2, -0.1], [1.5, -1.0]]])  # from the centre of the data
    precision = np.array([[[1.0, 0.2], [0.2, 2.0]], [[3.0, -0.5], [-0.5, 1.0]]])[None]
    features = np.concatenate([np.log(w)[..., None], parts.features((mean, precision))], axis=-1)
    constant, log_each = estimates_importance.log_densities(parts, posteriors, features)
    ours = constant[0] + np.trace(log_each)[0, 0]

    theirs = stats.dirichlet.logpdf(w[0], [0.8 + 4, 3.0 + 5])
    for k in range(2):
        x = PLANE[LABELS[0, :, k] == 1]
        n, middle = len(x), x.mean(0)
        beta, d = 0.7 + n, middle - model.m0
        w_inv = W0_INV + (x - middle).T @ (x - middle) + 0.7 * n / beta * np.outer(d, d)
        at = mean[0, k] + PLANE.mean(0)
        theirs += stats.wishart.logpdf(precision[0, k], 3.4 + n, np.linalg.inv(w_inv))
        theirs += stats.multivariate_normal.logpdf(
            at, (0.7 * model.m0 + n * middle) / beta, np.linalg.inv(beta * precision[0, k])
        )
    assert_allclose(ours, theirs, rtol=1e-12)
    log_x = parts.log_likelihood((mean, precision))[0]
    for k in range(2):
        at, cov = mean[0, k] + PLANE.mean(0), np.linalg.inv(precision[0, k])
        assert_allclose(log_x[:, k], stats.multivariate_normal.logpdf(PLANE, at, cov), rtol=1e-12)


def test_draws_have_the_moments_of_their_posterior():
    parts = MeansAndPrecisions(MODELS["plane"])
    posterior = parts.given(np.repeat(LABELS, 40_000, axis=0))
    mean, precision = parts.draw(np.random.default_rng(0), posterior)
    w = np.linalg.inv(posterior.w_inv[0])
    assert_allclose(precision.mean(0), posterior.nu[0][:, None, None] * w, atol=0.05)
    freedom = posterior.nu[0] - 3.0
    cov = posterior.w_inv[0] / (posterior.beta[0] * freedom)[:, None, None]
    assert_allclose(mean.mean(0), posterior.mean[0], atol=0.02)
    assert_allclose(mean.var(0), np.diagonal(cov, axis1=-2, axis2=-1), rtol=0.05)


def test_the_normals_posterior_is_bayes_rule_on_a_grid():
    model = MODELS["three normals"]
    labels = np.eye(3)[[0, 1, 2, 0, 2, 2, 1]][None]
    posterior = NormalMeans(model).given(labels)
    grid = np.linspace(-12.0, 12.0, 20_001)
    for k in range(3):
        log_p = stats.norm.logpdf(grid, model.m0[k], model.s0[k])
        for x in model.x[labels[0, :, k] == 1]:
            log_p = log_p + stats.norm.logpdf(x, grid, model.sigma)
        p = np.exp(log_p - log_p.max())
        p /= p.sum()
        assert_allclose(posterior.mean[0, k] + model.x.mean(), p @ grid, rtol=1e-9)
        assert_allclose(posterior.variance[0, k], p @ grid**2 - (p @ grid) ** 2, rtol=1e-7)


@pytest.mark.parametrize("name", ["plane", "three normals"])
def test_predictive_densities_are_ratios_of_integrals(name):
    """After some points, one after another: of scipy's t, or of a normal vector's two densities."""
    model = MODELS[name]
    plane = name == "plane"
    urn = (estimates_filter.StudentUrn if plane else estimates_filter.NormalUrn)(model, 2)
    seen, new = model.x[:4], model.x[4]
    for x in seen:
        urn.put(x, np.eye(model.n_components, dtype=bool)[[1, 0]])  # first particle: component 1
    found = urn.log_predictive(new)
    n = len(seen)
    if plane:
        beta, nu, middle = 0.7 + n, 3.4 + n, seen.mean(0)
        d = middle - model.m0
        w_inv = W0_INV + (seen - middle).T @ (seen - middle) + 0.7 * n / beta * np.outer(d, d)
        at = (0.7 * model.m0 + n * middle) / beta
        shape = w_inv * (beta + 1) / (beta * (nu - 1))
        expected = stats.multivariate_t.logpdf(new, at, shape, df=nu - 1)
        empty = stats.multivariate_t.logpdf(new, model.m0, W0_INV * 1.7 / (0.7 * 2.4), df=2.4)
    else:
        m, v = model.m0[1], model.s0[1] ** 2
        joint = [
            stats.multivariate_normal.logpdf(x, np.full(len(x), m), v + 0.64 * np.eye(len(x)))
            for x in (model.x[:5], seen)
        ]
        expected, empty = joint[0] - joint[1], stats.norm.logpdf(new, 0.5, np.sqrt(4.0 + 0.64))
    assert_allclose(found[0, 1], expected, rtol=1e-12)
    assert_allclose(found[0, 0], empty, rtol=1e-12)
    urn.take(np.array([1, 1]))
    assert_allclose(urn.log_predictive(new)[0, 1], found[1, 1], rtol=1e-12)


def test_the_first_point_of_one_component_needs_no_luck():
    """K = 1: every particle is the same, and the filter is exact."""
    model = GaussianMixture(PLANE, 1, 1.0, m0=(0.5, -0.3), beta0=0.7, nu0=3.4, w0_inv=W0_INV)
    urn = estimates_filter.StudentUrn(model, 3)
    found = estimates_filter.run_filter(urn, PLANE, np.ones(1), 3, np.random.default_rng(0))
    assert_allclose(found, exact(model).log_evidence, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANS)
def test_less_of_each_route_says_the_same_of_the_problems(name):
    """Other seeds, and a tenth of the draws, against the numbers in the file."""
    model = problem(name).model
    known = atlas.read([name])["problems"][name]["log_evidence"]["estimates"]
    found = [
        weighted(model, rng=7, conditionals=100, draws=1000).estimate,
        filtered(model, rng=7, replicates=8, particles=400),
    ]
    for ours, stored in itertools.product(found, known):
        assert abs(ours.value - stored["value"]) < 4 * np.hypot(ours.error, stored["error"])
        assert ours.error < 0.2


def test_a_problem_without_a_plan_has_no_estimates():
    assert estimate_evidence("bars", problem("bars").model) == []
