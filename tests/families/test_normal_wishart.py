"""NormalWishart beyond the contract: scipy.stats, the normal-gamma it is in 1-D, digits, damage."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import linalg, stats

from tests.contract.mixture_oracles import normal_wishart_textbook
from tests.contract.tolerances import assert_averages
from vi_lab import NormalWishart, NumericalError, kl
from vi_lab.families import Distribution, MeanPrecision
from vi_lab.numerics import wishart
from vi_lab.numerics.wishart import FAR_SDS, find_far

W_INV = np.array([[2.0, 0.6], [0.6, 0.5]])


@pytest.mark.parametrize("size", [1, 2, 3])
def test_log_density_by_scipy(size):
    """scipy.stats.wishart of the precision, its multivariate_normal of the mean given it."""
    family, rng = NormalWishart(size), np.random.default_rng(size)
    p = normal_wishart_textbook(family, rng, ())
    q = NormalWishart.of(**p)
    draws = q.sample(20, rng=rng)
    scale = linalg.inv(p["w_inv"])
    for mean, precision, found in zip(*draws, q.log_density(draws), strict=True):
        cov = linalg.inv(p["beta"] * precision)
        expected = stats.multivariate_normal.logpdf(mean, p["mean"], cov)
        expected += stats.wishart.logpdf(precision, p["nu"], scale)
        assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


def test_draws_match_scipys_wishart_in_every_moment_of_second_order():
    q = NormalWishart.of(mean=[0.0, 0.0], beta=2.0, w_inv=W_INV, nu=2.2)
    w = linalg.inv(W_INV)
    precision = q.sample(60_000, rng=3).precision
    assert_averages(precision, 2.2 * w, "E Lambda")
    d = np.diag(w)
    spread = 2.2 * (w**2 + np.outer(d, d))
    assert_averages((precision - 2.2 * w) ** 2, spread, "Var Lambda")
    assert_allclose(q.sd.precision, np.sqrt(spread))
    assert_averages(np.linalg.det(precision), 2.2 * 1.2 * np.linalg.det(w), "E |Lambda|")


def test_the_centre_changes_no_density_and_saves_digits():
    far = np.array([1e7, -1e6])
    p = dict(beta=0.7, w_inv=W_INV, nu=4.5)
    here = NormalWishart.of(mean=[0.0, 0.0], **p)
    family = NormalWishart(2, centre=far + 3.0)
    moved = family.natural(mean=far, **p)
    z = here.sample(5, rng=0)
    shifted = z._replace(mean=z.mean + far)
    assert_allclose(family.log_density(shifted, moved), here.log_density(z), rtol=1e-6)
    assert_allclose(family.entropy(moved), here.entropy, rtol=1e-12)
    assert_allclose(family.mean(moved).mean, far)


def test_what_cannot_be_saved_is_an_error():
    with pytest.raises(NumericalError, match="no longer positive definite"):
        _ = NormalWishart.of(mean=[[1e10, 0.0], [0, 0]], beta=1.0, w_inv=W_INV, nu=4.0).entropy


def test_far_from_the_origin_no_digit_is_lost():
    p = dict(beta=0.7, w_inv=W_INV, nu=4.5)
    far, near = (NormalWishart.of(mean=m, **p) for m in ([1e8, -1e6], [0.0, 0.0]))
    assert_allclose(far.entropy, near.entropy, rtol=1e-12)
    farther, off = (NormalWishart.of(mean=m, **p) for m in ([1e8 + 1, -1e6], [1.0, 0.0]))
    assert_allclose(kl(far, farther), kl(near, off), rtol=1e-12)


def test_heavy_tails_have_an_infinite_sd():
    q = NormalWishart.of(mean=[0.0, 0.0], beta=1.0, w_inv=W_INV, nu=[2.9, 3.0, 4.0])
    assert (q.sd.mean[:2] == np.inf).all()
    assert_allclose(q.sd.mean[2], np.sqrt(np.diag(W_INV)))  # t with 3 degrees: W^-1/(beta (nu-3))


def test_a_value_outside_the_support_is_refused_member_by_member():
    q = NormalWishart.of(mean=[0.0, 0.0], beta=1.0, w_inv=W_INV, nu=4.0)
    precision = np.stack([np.eye(2), -np.eye(2), [[1.0, 0.5], [0.2, 1.0]]])
    found = q.log_density(MeanPrecision(np.zeros((3, 2)), precision))
    assert np.isfinite(found[0])
    assert (found[1:] == -np.inf).all()


def test_kl_in_one_dimension_is_that_of_the_normal_gamma():
    """Gamma(nu/2, w_inv/2) for the precision, and the expected KL of the normals given it."""
    p = dict(mean=[0.3], beta=0.8, w_inv=[[1.4]], nu=3.0)
    q = dict(mean=[-0.5], beta=2.0, w_inv=[[0.6]], nu=5.0)
    tau = stats.gamma(1.5, scale=2 / 1.4)
    gammas = tau.expect(
        lambda t: tau.logpdf(t) - stats.gamma.logpdf(t, 2.5, scale=2 / 0.6), epsabs=1e-12
    )
    normals = 0.5 * (2.0 / 0.8 - 1 - np.log(2.0 / 0.8) + 2.0 * tau.mean() * 0.8**2)
    assert_allclose(kl(NormalWishart.of(**p), NormalWishart.of(**q)), gammas + normals, rtol=1e-9)


@pytest.mark.parametrize(("short", "judges"), [(1e-2, True), (1e-10, True), (1e-14, False)])
def test_a_scale_without_digits_judges_no_bound(short, judges):
    """Its smallest direction, along no axis, is so short: a rounding of the entries is a share."""
    axes = np.array([[0.6, -0.8], [0.8, 0.6]])
    lost = wishart.lost_anywhere((axes * [1.0, short]) @ axes.T, np.array(5.0))
    assert np.isfinite(lost) == judges
    if judges:
        assert lost <= 10 * 2e-16 / short * 5 and (lost > 0) == (short < 1e-4)


def test_too_few_degrees_of_freedom_have_no_finite_integral():
    """Gamma_D(nu/2) is a number below nu = D - 1, of no density: a q at random would go there."""
    eta = NormalWishart.of(mean=[0.0, 0.0], beta=1.0, w_inv=np.eye(2), nu=3.0).eta
    beyond = eta._replace(log_det=0.5 * (np.array([0.6, 1.0, 1.1]) - 2.0))
    family = NormalWishart(2)
    assert_allclose(np.isinf(family.log_partition(beyond)), [True, True, False])


@pytest.mark.parametrize("nu", [5e2, 1e6])
def test_of_many_degrees_of_freedom_an_entry_is_nearly_normal(nu):
    """Lambda_ij has mean nu w_ij and variance nu (w_ij**2 + w_ii w_jj), of either sign of w_ij; its
    skewness is of order nu**(-1/2)."""
    for w in (np.linalg.inv(W_INV), np.array([[2.0, 1.9], [1.9, 2.0]])):
        mean, sd = nu * w, np.sqrt(nu * (w**2 + np.outer(np.diag(w), np.diag(w))))
        for p in (0.02, 0.5, 0.98):
            found = wishart.entry_quantiles(w, np.array(nu), p)
            off = (found - mean) / sd - stats.norm.ppf(p)
            assert np.abs(off).max() < 3.0 / np.sqrt(nu)


def test_means_far_off_across_a_long_direction_are_found():
    """Lambda has a small eigenvalue along d: d'Lambda d is small, and Lambda_ii d_i^2 is not."""
    precision, d = np.array([[1.0, -0.9999], [-0.9999, 1.0]]), np.full(2, 1.5 * FAR_SDS)
    assert d @ precision @ d < FAR_SDS**2 < d[0] ** 2 * precision[0, 0]
    stats = None, precision[None], (precision @ d)[None], np.zeros(1)
    assert_allclose(find_far(stats, 2.0 * d**2, 1.0)[0], d, rtol=1e-8)
    assert find_far(stats, 2.0 * d**2, 0.4) is None


def turned_and_plain():
    """The same density with statistics in axes of its own, and in those of the data."""
    plain = NormalWishart.of(mean=[0.3, -0.7], beta=2.0, w_inv=W_INV, nu=6.5)
    turn = np.array([[0.8, 0.6], [-0.6, 0.8]])
    return NormalWishart.about(np.array([0.1, 0.2]), turn).adopt(plain), plain


def test_a_density_is_the_same_in_axes_of_its_own():
    turned, plain = turned_and_plain()
    assert turned.family.turn is not None
    draws = plain.sample(5, rng=0)
    assert_allclose(turned.log_density(draws), plain.log_density(draws))
    assert_allclose(turned.entropy, plain.entropy)
    for name, value in plain.parameters.items():
        assert_allclose(turned.parameters[name], value, rtol=1e-12)
    other = NormalWishart.of(mean=[1.0, 0.0], beta=0.5, w_inv=np.eye(2), nu=4.0)
    assert_allclose(
        turned.family.kl_from_prior(turned.eta, None, other),
        plain.family.kl_from_prior(plain.eta, None, other),
    )
    own = turned.family.adopt(other).eta
    assert_allclose(turned.family.kl(turned.eta, own), turned.family.kl_from_prior(
        turned.eta, None, other))  # fmt: skip


def test_moments_are_told_in_the_axes_of_the_data():
    turned, plain = turned_and_plain()
    for of in (lambda q: q.mean, lambda q: q.sd, lambda q: q.family.quantile(q.eta, 0.3)):
        for one, two in zip(of(turned), of(plain), strict=True):
            assert_allclose(one, two, rtol=1e-9)
    covariances = (q.family.covariance(q.eta) for q in (turned, plain))
    assert_allclose(*covariances, rtol=1e-9, atol=1e-12)
    draws = turned.sample(20_000, rng=1)
    assert_allclose(draws.mean.mean(0), plain.mean.mean, atol=0.03)
    assert_allclose(draws.precision.mean(0), plain.mean.precision, rtol=0.05)
    averaged = turned.family.stats(draws)
    for found, right in zip(averaged, turned.expected_stats, strict=True):
        assert_allclose(found.mean(0), right, rtol=0.05, atol=0.05)


def test_a_density_goes_from_axes_to_axes_without_its_entries():
    """1e20 along a line and 1 across: in the axes of the data nothing of 1 would be left."""
    angles = np.array([0.4, 0.4 + 1e-11])
    first, second = (np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]) for a in angles)
    family = NormalWishart.about(np.array([5.0, -3.0]), first)
    eta = family._make_own_eta(np.array([1e5, 2.0]), np.array(1.0), np.diag([1e20, 1.0]), 5.0)
    there = NormalWishart.about(np.array([4.0, -3.5]), second).adopt(Distribution(family, eta))
    log_det = there.family.whiten(there.eta)[1]
    assert_allclose(log_det, np.log(1e20), rtol=1e-9)
    assert_allclose(there.parameters["mean"], Distribution(family, eta).parameters["mean"])
    same = NormalWishart.about(np.array([4.0, -3.5]), first).adopt(Distribution(family, eta))
    assert_allclose(same.family.scale(same.eta)[0], np.diag([1e20, 1.0]), rtol=1e-12, atol=1e-3)
