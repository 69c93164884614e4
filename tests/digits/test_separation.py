"""Numbers known from elsewhere, and models that are right: their runs are never accused."""

import warnings

import numpy as np
import pytest
from mpmath import mp

from tests.digits import mixtures
from tests.digits.sweep import DIGITS, exactly, parameters_of
from vi_lab import (
    ChangePoint,
    Clutter,
    GaussianMixture,
    HierarchicalNormal,
    HierarchicalNormalExpanded,
    LatentDirichletAllocation,
    LinearRegression,
    LogisticRegression,
    NormalMixture,
    NumericalError,
    cavi,
    derivation,
    exact,
    ledger,
)
from vi_lab.models.priors import HalfCauchy

# gap -> log evidence, a sum over 32 labellings at 50 digits
ORACLE = {
    1e4: -27.950758862, 1e7: -41.76629439, 1e8: -46.37146460, 1e10: -55.58180498,
    1e12: -64.79214535,
}  # fmt: skip


def mixture(gap, at=0.0):
    x = np.array([gap, 0, gap - 0.5, 0.25, -0.3]) + at
    return NormalMixture(x, sigma=1, m0=at, s0=gap, concentration=[1, 1])


def quietly(model, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cavi(model, **settings)


def hides_nothing(model, **settings):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        cavi(model, max_sweeps=150, **settings)
    assert not [w for w in caught if "rounding hides" in str(w.message)]


@pytest.mark.parametrize("gap", ORACLE)
def test_components_far_apart_keep_all_digits(gap):
    model = mixture(gap)
    account = ledger(model, quietly(model, rng=0, restarts=4))
    assert account.log_evidence == pytest.approx(ORACLE[gap], abs=1e-8)
    assert account.holds and account.tolerance < 1e-9


def mixture_across(gap, angle):
    """Two and two points, so far apart along a line at this angle: the inputs of a mixture."""
    x = np.array([[0.0, 0.3], [0.2, 0.0], [0.0, 0.1], [-1.0, -0.4]])
    x[2:] += gap * np.array([np.cos(angle), np.sin(angle)])
    return dict(x=x, n_components=2, concentration=1.0, m0=[0.0, 0.0], beta0=0.01, nu0=3.0,
                w0_inv=mixtures.SQUARE)  # fmt: skip


@pytest.mark.parametrize("gap", [1.0, 1e4, 1e8, 1e10, 1e13, 1e16])
@pytest.mark.parametrize("angle", [0.3, np.pi / 4])
def test_the_evidence_of_components_far_apart_along_no_axis_keeps_all_digits(gap, angle):
    """Of W0^-1 + S + s d d' no entry keeps what lies across d; its determinant does."""
    given = mixture_across(gap, angle)
    with mp.workdps(DIGITS):
        evidence = mixtures.gaussian_mixture_evidence(exactly(given)).value
    truth = exact(GaussianMixture(**given))
    assert abs(truth.log_evidence - evidence) <= truth.log_evidence_error < 1e-9
    assert abs(truth.log_evidence - evidence) < 1e-11


@pytest.mark.parametrize("gap", [1e2, 1e4, 1e6, 1e7, 1e8])
@pytest.mark.parametrize("angle", [0.3, np.pi / 4])
def test_components_far_apart_along_no_axis_keep_all_digits(gap, angle):
    """W^-1 holds gap**2 in every entry, and what lies across it in their difference alone."""
    check_digits(mixture_across(gap, angle), seed=0)


def check_digits(given, seed):
    """The ledger of CAVI's q holds, of numbers that are right to within narrow errors."""
    model = GaussianMixture(**given)
    q = quietly(model, rng=seed, restarts=3)
    account = ledger(model, q)
    with mp.workdps(DIGITS):
        evidence = mixtures.gaussian_mixture_evidence(exactly(given)).value
        bound = mixtures.gaussian_mixture_bound(exactly(given), exactly(parameters_of(q))).value
    right = {"log_evidence": evidence, "elbo": bound, "kl": evidence - bound}
    for name, number in right.items():
        assert abs(getattr(account, name) - number) <= min(account.errors[name], 2e-12)
    assert account.holds and account.tolerance < 1e-9


def mixture_far_off(gap, size):
    """Five points far from the prior mean along no axis: the inputs of a mixture."""
    x = np.array([0.5, -1.0, 0.25, 1.5, -0.75])
    x = 3.0 * np.stack([x, 0.5 * x[::-1] + 0.2 * x**2, x**2], axis=1)[:, :size]
    return dict(x=x + gap * np.array([0.8, 0.6, -0.7])[:size], n_components=2, concentration=1.0,
                m0=np.zeros(size), beta0=0.01, nu0=size + 1.0, w0_inv=np.eye(size))  # fmt: skip


@pytest.mark.parametrize("gap", [1e5, 1e7, 1e8])
@pytest.mark.parametrize("size", [2, 3])
def test_points_far_from_the_prior_along_no_axis_keep_all_digits(gap, size):
    """The prior draws a mean off its points, by thousands of their sds, along W^-1."""
    for seed in range(2):
        check_digits(mixture_far_off(gap, size), seed)


def mixture_held(worth, scale):
    """Points that a prior worth very many holds a mean off, along no axis, and a sharp W0."""
    x = [[1.014, -0.208, -1.375], [-0.369, -0.975, -0.17], [-0.97, 0.396, 0.097],
         [1.602, 0.685, 0.831], [0.964, 0.417, 0.186]]  # fmt: skip
    w0_inv = scale * np.array([[1.8, 0.3, -2.0], [0.3, 0.4, -0.2], [-2.0, -0.2, 2.4]])
    return dict(x=np.array(x), n_components=2, concentration=9.4, m0=np.zeros(3), beta0=worth,
                nu0=4.0, w0_inv=w0_inv)  # fmt: skip


@pytest.mark.parametrize("worth", [1e5, 1e7])
def test_a_prior_worth_many_points_takes_no_digits_from_a_sharp_scale(worth):
    """About a point, W^-1 would be what is left of 1e7 squares of its distance from m0."""
    given = mixture_held(worth, 1e-6)
    model = GaussianMixture(**given)
    q = cavi(model, rng=0, restarts=3)
    account = ledger(model, q)
    with mp.workdps(DIGITS):
        right = mixtures.gaussian_mixture_bound(exactly(given), exactly(parameters_of(q))).value
    assert account.holds and abs(account.elbo - right) < 1e-8
    assert np.diff(q.elbo_trace, axis=0).min() > -1e-7


def test_a_draw_of_a_prior_with_hardly_any_degrees_is_a_start():
    """Of three dimensions and 2.11 degrees a precision that is drawn may be singular."""
    x = [[2.26000018e7, -1.63, 0.09], [2.26000016e7, -0.69, 1.88], [0.99, -1.12, -1.89],
         [-0.33, 0.34, 1.62], [2.26000002e7, -0.08, 0.0]]  # fmt: skip
    model = GaussianMixture(x, 2, 0.29, np.zeros(3), 0.42, 2.11, np.eye(3))
    for seed in range(3):
        assert ledger(model, quietly(model, rng=seed, restarts=3)).holds


@pytest.mark.parametrize("freedom", [1e-12, 1e-6, 1e-4])
def test_few_degrees_of_freedom_have_a_start_and_a_stated_error(freedom):
    """A natural parameter holds nu0 - D; of a precision that is drawn nothing may be left."""
    given = mixture_far_off(0.0, 1) | {"nu0": freedom}
    model = GaussianMixture(**given)
    q = quietly(model, rng=0, restarts=3)
    account = ledger(model, q)
    with mp.workdps(DIGITS):
        right = mixtures.gaussian_mixture_bound(exactly(given), exactly(parameters_of(q))).value
    assert account.holds is not False
    assert abs(account.elbo - right) <= account.errors["elbo"]


@pytest.mark.parametrize("gap", [1e5, 1e7])
def test_the_evidence_of_points_along_a_line_keeps_its_digits(gap):
    """A scatter that is long along no axis has no entry that keeps what lies across it."""
    given = mixture_far_off(0.0, 2)
    given["x"] = given["x"] + gap * np.outer([1.0, -0.5, 0.3, 2.0, -1.0], [0.8, 0.6])
    truth = exact(GaussianMixture(**given))
    with mp.workdps(DIGITS):
        evidence = mixtures.gaussian_mixture_evidence(exactly(given)).value
    assert abs(truth.log_evidence - evidence) <= truth.log_evidence_error < 1e-13 * gap


@pytest.mark.parametrize("count", [1e5, 1e6])
@pytest.mark.parametrize("topics", [2, 3])
def test_topics_of_large_counts_are_not_accused(count, topics):
    model = LatentDirichletAllocation([[count, 3], [2, count]], topics, 0.5, 0.5)
    for seed in range(4):
        hides_nothing(model, rng=seed, restarts=3)


def test_a_thousand_million_trials_are_not_accused():
    model = LogisticRegression([[1.0], [0.5], [-0.7]], [6e8, 3e8, 4e8], 10**9, 0.0, [[4.0]])
    for seed in range(4):
        quietly(model, rng=seed, restarts=3)


def test_many_rows_and_a_far_origin_are_not_accused():
    rng = np.random.default_rng(0)
    X = np.stack([np.ones(20_000), rng.normal(size=20_000)], axis=1)
    y = X @ [1.0, 2.0] + rng.normal(size=20_000)
    for blocks in ("joint", "coordinates"):
        cavi(LinearRegression(X, y, 0.0, np.eye(2), 2.0, 1.0, blocks=blocks), rng=0, restarts=3)
    for seed in range(4):
        cavi(mixture(4.0, at=1e6), rng=seed, restarts=3)


def test_a_derivation_of_large_numbers_is_not_accused():
    """Nodes are rounded, log densities are sums of large terms: either takes from lines (1) to (5)
    what they say."""
    rng = np.random.default_rng(5)
    x = np.append(3.0 * rng.normal(size=4), 1e6 + rng.normal(size=5))
    clutter, counts = (
        Clutter(x, 0.4, 1e12),
        ChangePoint([1200000, 3, 500000], [2.0, 1.0], [1.0] * 2),
    )
    steep = LogisticRegression([[1.0], [0.5]], [2, 1], 3, -4e5, [[1e-6]])
    for model, agrees in ((clutter, True), (counts, None), (steep, None)):
        found = derivation(model, quietly(model, rng=0, restarts=3))
        assert found.agrees is agrees and (agrees or found.reason.startswith("lost digits"))
    twice = derivation(clutter, quietly(clutter, rng=0, restarts=3)).lines[3]
    assert twice.error < 1e-5


def test_a_start_millions_of_sds_away_leaves_no_variance_below_zero():
    """theta and mu both begin 4e5 from the data, of which sds are 1e-3: half-way there a sum of
    squares of their distance has a rounding far above its size."""
    y = -4e5 + np.array([1e-3, -2e-3])
    model = HierarchicalNormal(y, 1e-3, 4e5, HalfCauchy(1e-3))
    for seed in range(4):
        assert ledger(model, quietly(model, rng=seed, restarts=2)).holds


@pytest.mark.parametrize("sharp", [1e4, 2e5, 5e6])
def test_a_regression_on_nearly_the_same_columns_is_not_accused(sharp):
    """mu and eta are told apart by the prior alone: their precision is nearly singular."""
    y, sigma = [0.5, -1.0, 0.25, 1.5], np.array([0.5, 1.0, 2.0, 1.5]) / sharp
    model = HierarchicalNormalExpanded(y, sigma, 5.0, HalfCauchy(2.0))
    for seed in range(3):
        try:
            quietly(model, rng=seed, restarts=2, max_sweeps=100)
        except NumericalError as error:
            assert "disagree" not in str(error)


@pytest.mark.parametrize("gap", [1e3, 1e9, 1e11])
def test_draws_of_a_component_far_along_no_axis_have_its_moments(gap):
    """Of W^-1 no entry keeps what lies across the distance: Lambda there, nu W, by draws."""
    x, across = mixtures.PLANE + gap * np.array([0.8, -0.6]), np.array([0.6, 0.8])
    prior = dict(m0=[0.0, 0.0], beta0=0.01, nu0=3.0, w0_inv=mixtures.SQUARE)
    truth = exact(GaussianMixture(x, 1, 1.0, **prior))
    with mp.workdps(DIGITS):
        d = exactly(x - x[0])
        mean = sum(d) / 3
        w_inv = exactly(np.array(mixtures.SQUARE)) + (d - mean).T @ (d - mean)
        long, share = exactly(x[0]) + mean, mp.mpf(0.01) * 3 / (mp.mpf(0.01) + 3)
        right = 6 * mixtures.inverse(w_inv + share * np.outer(long, long)).astype(float)
    np.testing.assert_allclose(truth.mean("precisions")[0], right, rtol=1e-6)
    draws = truth.sample(4000, rng=0)["precisions"][:, 0]
    width = across @ right @ across * np.sqrt(2 / 6 / 4000)
    assert abs(across @ draws.mean(0) @ across - across @ right @ across) < 4 * width
