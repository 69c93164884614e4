"""Expectation propagation: its figures, its quadrature, and what must be right in every step.

Tilted moments are held against adaptive quadrature, the log evidence of Gaussian factors against
the density of a multivariate normal; the ledger holds q.
"""

from itertools import islice

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

import vi_lab
import vi_lab.inference.expectation_propagation as lesson
from tests.planted.source import plant
from tests.thinning import mostly_slow
from vi_lab import (
    Clutter,
    ConvergenceWarning,
    InputError,
    NotApplicable,
    NumericalError,
    exact,
    expectation_propagation,
    kl,
    ledger,
)
from vi_lab.inference.engine.site_run import SiteRun, SiteState
from vi_lab.numerics.sites import Sites, tilted_moments

FIGURES = {"clutter": (0.0118, 0.0039), "challenger": (-0.0349, 0.0426)}


@pytest.mark.parametrize("name", FIGURES)
def test_the_figures_of_two_problems(name):
    problem, (estimate, divergence) = vi_lab.problem(name), FIGURES[name]
    q, truth = expectation_propagation(problem), exact(problem)
    assert abs(q.log_evidence_estimate - truth.log_evidence - estimate) < 1e-3
    assert abs(kl(q, problem) - divergence) < 1e-3
    assert ledger(problem, q).holds is True and q.settings["converged"]
    assert q.elbo < truth.log_evidence


def test_it_covers_the_mass_of_a_signal_among_clutter():
    q, truth = expectation_propagation("clutter"), exact("clutter")
    assert_allclose(q.sd("theta"), truth.sd("theta"), rtol=1e-3)


@pytest.mark.parametrize("variance", mostly_slow([1e8, 1e6]))
def test_sites_that_settle_beside_the_posterior_are_told(variance):
    """Under a very vague prior every point is clutter to it: moments agree, with q at the prior."""
    model = Clutter(vi_lab.problem("clutter").model.x[:12], 0.5, variance)
    with pytest.warns(ConvergenceWarning, match="nats below a bound"):
        q = expectation_propagation(model)
    short = exact(model).log_evidence - q.log_evidence_estimate
    assert q.settings["converged"] and 0.5 < q.settings["below_bound"] <= short
    assert q.sd("theta") > 0.9 * np.sqrt(variance)


def test_a_site_whose_cavity_has_no_variance_waits():
    """Two factors exp(0.3 s**2) leave a prior of precision 1 with -0.2: the third, which holds q
    together, stays as it is, and so does q. Alone with the prior it would move on."""

    def log_likelihood(s):
        return np.stack([0.3 * s[0] ** 2, -2.0 * np.sqrt(1.0 + (s[1] - 1.0) ** 2), 0.3 * s[2] ** 2])

    sites = Sites(np.zeros(1), np.eye(1), np.ones((3, 1)), log_likelihood)
    first, second, third, fourth = islice(lesson.sweeps(sites, 1.0), 4)
    assert first.cov == 1.0 and 1.0 - 1.2 < 0.0 < second.cov
    for later in (third, fourth):
        assert_allclose(later.mean, second.mean, rtol=1e-7)
        assert_allclose(later.cov, second.cov, rtol=1e-7)


def integrated(log_p, low, high, width):
    """Log mass, mean and variance by adaptive quadrature, told where the top is."""
    points = np.linspace(low, high, 401)
    heights = [log_p(s) for s in points]
    top, where = max(heights), points[np.argmax(heights)]
    breaks = where + np.linspace(-1, 1, 9) * width

    def moment(power, about=0.0):
        return integrate.quad(
            lambda s: (s - about) ** power * np.exp(log_p(s) - top), low, high,
            points=breaks, limit=500, epsabs=0, epsrel=1e-11,
        )[0]  # fmt: skip

    mass = moment(0)
    mean = moment(1) / mass
    return np.log(mass) + top, mean, moment(2, mean) / mass


def three_factors(s):
    bump = np.logaddexp(-0.5 * (s[0] - 2.0) ** 2, -3.0)
    many = 3 * s[2] - 5000 * np.logaddexp(0, s[2])
    return np.stack([bump, -np.logaddexp(0.0, -s[1]), many])


@pytest.mark.parametrize("v", [1e-6, 1.0, 400.0])
@pytest.mark.parametrize("i", range(3))
def test_tilted_moments_by_adaptive_quadrature(v, i):
    m = np.array([0.5, -1.0, 0.3])

    def log_p(s):
        prior = -0.5 * ((s - m[i]) ** 2 / v + np.log(2 * np.pi * v))
        return three_factors(np.full((3, 1), s))[i, 0] + prior

    found = tilted_moments(three_factors, m, np.full(3, v))
    expected = integrated(log_p, m[i] - 12 * v**0.5, m[i] + 12 * v**0.5, min(v**0.5, 1.0))
    for one, two in zip(found, expected, strict=True):
        assert_allclose(one[i], two, rtol=1e-7, atol=1e-9)


def gaussian_sites(seed=0):
    """Three coefficients, six observations with normal noise: EP has it exactly."""
    rng = np.random.default_rng(seed)
    A, y, noise = rng.standard_normal((6, 3)), rng.standard_normal(6), 0.3 + rng.random(6)
    root = rng.standard_normal((3, 3))
    mean0, cov0 = rng.standard_normal(3), root @ root.T + np.eye(3)
    sites = Sites(mean0, cov0, A, lambda s: stats.norm.logpdf(s, y[:, None], noise[:, None] ** 0.5))
    gram = np.linalg.inv(cov0) + (A.T / noise) @ A
    mean = np.linalg.solve(gram, np.linalg.solve(cov0, mean0) + A.T @ (y / noise))
    log_p = stats.multivariate_normal(A @ mean0, A @ cov0 @ A.T + np.diag(noise)).logpdf(y)
    return sites, mean, np.linalg.inv(gram), log_p


def check_gaussian_factors(sweeps):
    """They are found in one undamped sweep and kept, with the log evidence."""
    sites, mean, cov, log_p = gaussian_sites()
    states = sweeps(sites, 1.0)
    next(states)
    for _ in range(3):
        state = next(states)
        assert_allclose(state.mean, mean, rtol=1e-8)
        assert_allclose(state.cov, cov, rtol=1e-8, atol=1e-10)
        assert_allclose(state.log_evidence, log_p, rtol=1e-9)


MISTAKES = {
    "the cavity's precision for its variance": ("v = 1.0 / np.where(", "v = np.where("),
    "the site left in its cavity": ("1.0 / V - tau, 1.0", "1.0 / V, 1.0"),
    "the cavity's mean without its variance": ("m = v * (M / V - nu)", "m = M / V - nu"),
    "the pull of the sites forgotten in q": ("mean = cov @ (shift0 + nu @ A)",
                                             "mean = cov @ shift0"),
    "variances of y for those of s": ('np.einsum("ni,ij,nj->n", A, cov, A)',
                                      "A**2 @ np.diag(cov)"),
    "the sign of a site's precision": ("step * (1.0 / tilted_v", "step * (-1.0 / tilted_v"),
    "the sites' masses alone": ("np.log(V)).sum() / 2", "np.log(V)).sum() * 0"),
    "the prior's constant": ("log_p -= (sites.prior_mean @ shift0 + ", "log_p -= ("),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_seen(mistake):
    sweeps = plant(lesson, *mistake)["sweeps"]
    check_gaussian_factors(lesson.sweeps)
    with pytest.raises((AssertionError, np.linalg.LinAlgError)):
        check_gaussian_factors(sweeps)


class Probit:
    """y_i = 1 with probability Phi(s_i), s_i = x_i' z, z ~ N(0, 4 I)."""

    dimension, no_sites_because = 2, None
    X = np.array([[1.0, -1.0], [1.0, -0.2], [1.0, 0.3], [1.0, 1.1]])
    signs = np.array([-1.0, 1.0, -1.0, 1.0])

    def log_density(self, z):
        return stats.norm.logpdf(z, 0, 2).sum(-1) + self.factors(z @ self.X.T).sum(-1)

    def factors(self, s):
        return stats.norm.logcdf(self.signs * s)

    def sample_latents(self, rng, batch=()):
        return {"z": 2.0 * rng.standard_normal((*batch, 2))}

    def sites(self):
        return Sites(np.zeros(2), 4 * np.eye(2), self.X, lambda s: self.factors(s.T).T)


def test_a_probit_of_ones_own():
    """Its evidence by adaptive quadrature in two dimensions, and its mean."""
    model = Probit()
    q = expectation_propagation(model)
    axis = np.linspace(-16, 16, 401)
    z = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
    p = np.exp(model.log_density(z)) * (axis[1] - axis[0]) ** 2
    assert abs(q.log_evidence_estimate - np.log(p.sum())) < 5e-3
    mean = (p[..., None] * z).sum((0, 1)) / p.sum()
    assert_allclose(q.mean("z"), mean, atol=0.02)
    assert q.elbo < np.log(p.sum())


def test_factors_that_are_all_of_one_kind():
    """No clutter: a normal posterior. All clutter: the prior."""
    x = np.array([0.3, 1.2, -0.4])
    for w in (0.0, 1.0):
        model = Clutter(x, w, 4.0)
        q = expectation_propagation(model)
        assert_allclose(q.log_evidence_estimate, exact(model).log_evidence, rtol=1e-9)
        assert_allclose(q.sd("theta"), exact(model).sd("theta"), rtol=1e-7)


def test_what_it_refuses():
    with pytest.raises(NotApplicable, match="EP does not apply, because it needs a Gaussian prior"):
        expectation_propagation("coal")
    with pytest.raises(NotApplicable, match="each point of this model has 2 coordinates"):
        expectation_propagation(Clutter([[0.0, 1.0], [1.0, 2.0]], 0.5, 1.0))
    for settings in ({"damping": 0.0}, {"damping": 1.5}, {"max_sweeps": 0}, {"tol": -1.0}):
        with pytest.raises(InputError, match=next(iter(settings))):
            expectation_propagation("clutter", **settings)
    with pytest.warns(ConvergenceWarning, match="has not converged in 2 sweeps"):
        q = expectation_propagation("clutter", max_sweeps=2)
    assert q.settings["converged"] is False
    for directions in (np.ones((4, 3)), np.ones(2), np.ones((4, 1, 2))):
        narrow = Probit()
        narrow.sites = lambda given=directions: Probit.sites(Probit())._replace(directions=given)
        with pytest.raises(InputError, match=r"directions need shape \(N, 2\)"):
            expectation_propagation(narrow)


def test_sites_that_give_nan_are_a_numerical_error():
    class Broken(Probit):
        def factors(self, s):
            return np.full_like(s, np.nan)

    with pytest.raises(NumericalError, match="try a smaller damping"):
        expectation_propagation(Broken())


@pytest.mark.parametrize("lost", ["mean", "cov", "log_evidence"])
def test_one_number_that_is_not_finite_ends_it(lost):
    run = SiteRun(vi_lab.problem("probit").model, damping=0.7, max_sweeps=5, tol=1e-9)
    fine = SiteState(np.zeros(2), np.eye(2), -3.0)
    one = {"mean": np.array([0.0, np.nan]), "cov": np.diag([1.0, np.nan]), "log_evidence": np.nan}
    with pytest.raises(NumericalError, match="after 2 sweeps"):
        run.until_settled(iter([fine, fine._replace(**{lost: one[lost]})]))
