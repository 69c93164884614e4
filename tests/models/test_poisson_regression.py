"""PoissonRegression: the evidence by another rule, its gradient, and what does not apply to it."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from scipy.optimize import brentq

import vi_lab
from tests.models.panels import panels
from vi_lab import (
    InputError,
    NotApplicable,
    NumericalError,
    PoissonRegression,
    ViLabError,
    exact,
    gaussian_vi,
    hmc,
    kl,
    ledger,
)
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.models.posteriors.poisson_regression import PoissonPosterior
from vi_lab.numerics.normal_mixture import NormalMixture
from vi_lab.problems.named import problem

BOX = ((-1.0, 1.5), (-3.0, 1.0))  # ten posterior sds and more on every side


def log_joint(model, z):
    """log p(y, z) by scipy's Poisson, (P, D) -> (P,)."""
    log_y = stats.poisson.logpmf(model.counts, np.exp(z @ model.X.T)).sum(-1)
    return log_y + stats.multivariate_normal.logpdf(z, model.prior_mean, model.prior_cov)


def test_the_truth_by_gauss_legendre_panels():
    model = problem("poisson").model
    (x0, w0), (x1, w1) = (panels(*box) for box in BOX)
    z = np.stack(np.meshgrid(x0, x1, indexing="ij"), -1).reshape(-1, 2)
    log_p = log_joint(model, z)
    assert_allclose(model.log_density(z), log_p, rtol=1e-11)
    mass = np.outer(w0, w1).ravel() * np.exp(log_p - log_p.max())
    truth = exact(model)
    assert_allclose(truth.log_evidence, np.log(mass.sum()) + log_p.max(), rtol=1e-12)
    assert truth.log_evidence_error < 1e-9
    p = mass / mass.sum()
    assert_allclose(truth.mean("z"), p @ z, rtol=1e-9)
    assert_allclose(truth.sd("z"), np.sqrt(p @ (z - p @ z) ** 2), rtol=1e-9)


def test_the_gradient_by_complex_steps():
    model, rng = problem("poisson").model, np.random.default_rng(0)
    z = rng.standard_normal((3, 2))
    for k in range(2):
        step = 1e-30j * np.eye(2)[k]
        slope = np.imag(model.log_density(z + step)) / 1e-30
        assert_allclose(model.gradient(z)[:, k], slope, rtol=1e-12)


def test_one_coefficient_has_a_closed_form_for_its_maximum():
    """With an intercept alone and a flat prior the mode is the log of the mean count."""
    model = PoissonRegression(np.ones((6, 1)), [3, 1, 4, 1, 5, 9], 0.0, [[1e8]])
    assert_allclose(vi_lab.laplace(model, rng=0).mean("z"), np.log(23 / 6), rtol=1e-6)


def test_gaussians_and_trajectories_are_nearly_exact_and_the_rest_says_why_not():
    truth = exact("poisson")
    assert kl(gaussian_vi("poisson", covariance="full", rng=0), truth) < 0.003
    found = hmc("poisson", rng=0, draws=400)
    error = found.sd("z") / np.sqrt(found.ess()["z"])
    assert (np.abs(found.mean("z") - truth.mean("z")) < 4 * error).all()
    for method in (vi_lab.gibbs, vi_lab.cavi):
        with pytest.raises(NotApplicable, match=r"because the rate of a count is exp\(x'z\)"):
            method("poisson")


def test_a_trend_is_no_change_point():
    """Both say all of the same counts: the change in one year is the likelier by e to the 2.9."""
    assert 2.8 < exact("coal").log_evidence - exact("poisson").log_evidence < 2.9


def test_fresh_counts_and_bad_input():
    model = problem("poisson").model
    fresh = model.sample_data(np.random.default_rng(0), {"z": np.array([0.3, -0.9])})
    assert fresh.counts.shape == (112,) and fresh.counts.sum() > 20
    good = dict(X=[[1.0, 2.0], [1.0, 3.0]], counts=[0, 4], prior_mean=0.0, prior_cov=np.eye(2))
    PoissonRegression(**good)
    for change, words in (
        (dict(counts=[0, 1.5]), "counts: needs counts"),
        (dict(counts=[0, 1, 1]), "counts: needs one value for each of the 2 rows of X, got 3"),
        (dict(prior_cov=np.ones((2, 2))), "prior_cov"),
    ):
        with pytest.raises(InputError, match=words):
            PoissonRegression(**{**good, **change})
    z = np.array([60.0, 0.1])
    largest = re.escape(f"{np.exp(model.X @ z).max():.3g}")  # of rates that differ
    with pytest.raises(InputError, match=f"^z: gives a rate of {largest}, too many to draw"):
        model.sample_data(np.random.default_rng(0), {"z": z})
    with pytest.raises(NotApplicable, match="and this model has 3; Metropolis-Hastings, HMC"):
        exact(PoissonRegression(np.eye(3), [0, 1, 1], 0.0, np.eye(3)))


@pytest.mark.parametrize("prior_var", [1e2, 1e4, 1e8])
def test_counts_of_0_under_a_wide_prior_have_the_gaussian_of_the_highest_bound(prior_var):
    """By bisection: with r = E exp(z), slopes over m and v of the bound vanish where r = -m/v0 and
    1/v = r + 1/v0, hence v = v0/(1 - m), and log r = m + v/2. Nodes see nothing of such an r."""

    def apart(m):
        return m + 0.5 * prior_var / (1 - m) - np.log(-m / prior_var)

    mean = brentq(apart, -1e5, -1e-6, xtol=1e-12)
    variance = prior_var / (1 - mean)
    bound = mean / prior_var + 0.5 * np.log(variance / prior_var) + 0.5
    bound -= 0.5 * (mean**2 + variance) / prior_var
    q = gaussian_vi(PoissonRegression([[1.0]], [0], 0.0, [[prior_var]]), rng=0)
    assert abs(q.elbo - bound) <= 1e-8 and q.elbo_error < 1e-10
    ((found,),), (((sd,),),) = q.mixture.means, q.mixture.roots
    assert_allclose([found, sd], [mean, variance**0.5], rtol=1e-3)


def test_a_prior_wider_still_is_refused_in_words():
    with pytest.raises(NumericalError, match="stalls below the optimum"):
        gaussian_vi(PoissonRegression([[1.0]], [0], 0.0, [[1e12]]), rng=0, restarts=2)


def test_the_expected_log_density_and_its_slopes_by_quadrature():
    """A rule of 60 nodes an axis about q, of which all see exp(x'z), and differences of it."""
    model = PoissonRegression(
        [[1.0, 0.3], [0.5, -1.0], [1.0, 1.0]], [2, 0, 5], 0.2, [[2.0, 0.5], [0.5, 1.0]]
    )
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    nodes = np.stack(np.meshgrid(points, points), -1).reshape(-1, 2)
    w = np.outer(weights, weights).ravel() / (2 * np.pi)

    def average(numbers):
        mean, root = numbers[:2], numbers[2:].reshape(2, 2)
        return w @ log_joint(model, mean + nodes @ root.T)

    at = np.array([0.3, -0.4, 0.8, 0.0, 0.5, 0.6])
    value, slope, roots = model.expected_log_density(at[:2], at[2:].reshape(2, 2))
    assert abs(value - average(at)) < 1e-9
    steps = 1e-5 * np.eye(6)
    differences = [(average(at + h) - average(at - h)) / 2e-5 for h in steps]
    assert_allclose([*slope, *roots.ravel()], differences, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("by_nodes", [False, True])
def test_a_kl_of_a_rate_that_nodes_miss(by_nodes, monkeypatch):
    """exp(z) of an sd of 12 has its mass 12 sds out, where no node is: a posterior without an
    average of its own may not deny it."""
    if by_nodes:
        monkeypatch.setattr(PoissonPosterior, "average_log_density", None)
    model = PoissonRegression([[1.0]], [0], 0.0, [[4.0]])
    wide = NormalMixture(np.zeros(1), np.array([[-3.0]]), np.full((1, 1, 1), 12.0))
    q, truth = GaussianPosterior(model, wide, "by hand"), exact(model)
    known = -np.exp(-3 + 72) + np.log(12 / 2) + 0.5 - (9 + 144) / 8
    assert_allclose(q.elbo, known, rtol=1e-12)
    found = q.kl_from(truth)
    right = truth.log_evidence - known
    assert abs(found.value - right) <= found.error
    assert by_nodes or found.error < 1e-12 * right
    assert ledger(model, q).holds is (None if by_nodes else True)


@pytest.mark.parametrize("shares", [np.ones(1), np.array([0.3, 0.7])])
def test_the_average_of_the_log_posterior_is_that_of_its_values(shares):
    """By a rule of 60 nodes an axis about each component, of which all see exp(x'z)."""
    model = PoissonRegression(
        [[1.0, 0.3], [0.5, -1.0], [1.0, 1.0]], [2, 0, 5], 0.2, [[2.0, 0.5], [0.5, 1.0]]
    )
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    nodes = np.stack(np.meshgrid(points, points), -1).reshape(-1, 2)
    w = np.outer(weights, weights).ravel() / (2 * np.pi)
    means = np.array([[0.3, -0.4], [-0.2, 0.1]])[: len(shares)]
    roots = np.array([[[0.8, 0.0], [0.5, 0.6]], [[0.3, 0.0], [-0.4, 0.5]]])[: len(shares)]
    q, truth = NormalMixture(np.log(shares), means, roots), exact(model)
    each = [log_joint(model, m + nodes @ root.T) @ w for m, root in zip(means, roots, strict=True)]
    found = truth.posterior.average_log_density(q)
    assert abs(found.value - (shares @ each - truth.log_evidence)) < 1e-9 and found.error < 1e-9


@pytest.mark.parametrize("prior_var", [1e2, 1e8, 1e16])
def test_the_kl_of_counts_of_0_under_a_wide_prior_keeps_its_digits(prior_var):
    """Nodes see nothing of exp(z): the KL was off by 2e-3, and no ledger could be told."""
    model = PoissonRegression([[1.0]], [0], 0.0, [[prior_var]])
    # E exp(z) = 1 at a variance of a hundredth of the prior's
    mixture = NormalMixture(
        np.zeros(1), np.array([[-prior_var / 200]]), np.full((1, 1, 1), prior_var**0.5 / 10)
    )
    known = -1 + np.log(0.1) + 0.5 - prior_var / 80000 - 0.005
    q, truth = GaussianPosterior(model, mixture, "by hand"), exact(model)
    found = q.kl_from(truth)
    assert abs(found.value - (truth.log_evidence - known)) <= found.error <= 1e-12 * prior_var
    assert ledger(model, q).holds


@pytest.mark.parametrize(
    ("gives", "match"),
    [
        (lambda m, L: (0.0, m), r"expected_log_density: needs shapes .* gave \(\(\), \(2,\)\)"),
        (lambda m, L: 1 / 0, "the expected log density.*division by zero"),
    ],
)
def test_an_expectation_of_another_shape_is_named(gives, match):
    model = PoissonRegression(np.eye(2), [0, 1], 0.0, np.eye(2))
    model.expected_log_density = gives
    with pytest.raises(ViLabError, match=match):
        gaussian_vi(model, rng=0)
