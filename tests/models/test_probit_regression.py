"""ProbitRegression: the evidence by another rule, Ormerod & Wand's bound, Albert & Chib's Gibbs."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.models.panels import check_truth_by_panels
from vi_lab import (
    InputError,
    NotApplicable,
    ProbitRegression,
    cavi,
    exact,
    expectation_propagation,
    gibbs,
    kl,
    ledger,
)
from vi_lab.problems.named import problem

BOX = ((-5.0, 4.0), (-8.0, 3.0))  # ten posterior sds and more on every side


def log_joint(model, beta):
    """log p(y, beta) by scipy's Bernoulli, (P, D) -> (P,)."""
    log_y = stats.norm.logcdf((2 * model.y - 1) * (beta @ model.X.T)).sum(-1)
    return log_y + stats.multivariate_normal.logpdf(beta, model.prior_mean, model.prior_cov)


def test_the_truth_by_gauss_legendre_panels():
    check_truth_by_panels(problem("probit").model, BOX, log_joint)


def ormerod_and_wand(model):
    """Their bound (2010, section 3.1), by their own update of the mean alone:

    sum log Phi(s_i x_i'm) - (m - m0)' V0^-1 (m - m0) / 2 - log|V0 X'X + I| / 2
    """
    X, prior = model.X, np.linalg.inv(model.prior_cov)
    signs, cov = 2 * model.y - 1, np.linalg.inv(prior + X.T @ X)
    m = model.prior_mean.copy()
    for _ in range(5000):
        psi = signs * (X @ m)
        score = X @ m + signs * np.exp(stats.norm.logpdf(psi) - stats.norm.logcdf(psi))
        m = cov @ (prior @ model.prior_mean + X.T @ score)
    off = m - model.prior_mean
    bound = stats.norm.logcdf(signs * (X @ m)).sum() - 0.5 * off @ prior @ off
    return bound - 0.5 * np.linalg.slogdet(model.prior_cov @ X.T @ X + np.eye(2))[1], m, cov


def test_cavi_is_ormerod_and_wands():
    model = problem("probit").model
    bound, mean, cov = ormerod_and_wand(model)
    q = cavi(model, rng=0)
    assert_allclose(q.elbo, bound, rtol=1e-10)
    assert_allclose(q.mean("beta"), mean, rtol=1e-6)
    assert_allclose(q.sd("beta"), np.sqrt(np.diag(cov)), rtol=1e-9)
    book = ledger(model, q)
    assert book.holds and 1.0 < book.kl < 1.2
    assert q.names == exact(model).names == ("beta",)


def test_gibbs_is_albert_and_chibs():
    model, truth = problem("probit").model, exact("probit")
    found = gibbs(model, rng=0, draws=1000)
    error = found.sd("beta") / np.sqrt(found.ess()["beta"] / 4)
    for chain in found.values["beta"]:
        assert (np.abs(chain.mean(0) - truth.mean("beta")) < 4 * error).all()


def test_gibbs_draws_scores_from_far_tails():
    """Under a wide prior chains begin where a score is ten sds on the wrong side of 0."""
    model = ProbitRegression([[1.0], [1.0], [-1.0]], [1, 1, 1], 0.0, [[1e4]])
    found, truth = gibbs(model, rng=0, draws=1000), exact(model)
    error = found.sd("beta") / np.sqrt(found.ess()["beta"])
    assert (np.abs(found.mean("beta") - truth.mean("beta")) < 4 * error).all()


def test_ep_is_nearly_exact():
    q = expectation_propagation("probit")
    assert kl(q, exact("probit")) < 0.03
    assert abs(q.log_evidence_estimate - exact("probit").log_evidence) < 0.05


def test_what_is_fresh_has_the_probabilities_of_its_story():
    """Coefficients and distances from the prior, then sides: y is a coin of bias Phi(x'beta)."""
    model = ProbitRegression(np.ones((40_000, 1)), np.zeros(40_000), 0.0, [[1e-12]])
    narrow = ProbitRegression(model.X, model.y, 0.6, [[1e-12]])
    rng = np.random.default_rng(0)
    fresh = narrow.sample_data(rng, narrow.sample_latents(rng))
    assert abs(fresh.y.mean() - stats.norm.cdf(0.6)) < 5 * 0.5 / 200
    without = narrow.sample_data(rng, {"beta": np.array([0.6])})
    assert abs(without.y.mean() - stats.norm.cdf(0.6)) < 5 * 0.5 / 200
    assert exact("probit").posterior_predictive(3, rng=0)["y"].shape == (3, 23)


@pytest.mark.parametrize(
    ("X", "y", "cov"),
    [
        ([[1.0, -2], [1.0, -1], [1.0, 1], [1.0, 2]], [0, 0, 1, 1], 50 * np.eye(2)),  # separated
        ([[30.0], [20.0]], [0, 1], [[4.0]]),  # psi far below 0 for either sign
        ([[0.0], [1.0]], [1, 1], [[1.0]]),  # a row that says nothing of beta
    ],
)
def test_extreme_data_and_priors(X, y, cov):
    model = ProbitRegression(X, y, 0.0, cov)
    truth = exact(model)
    assert truth.log_evidence_error < 1e-8
    assert ledger(model, truth).holds
    assert ledger(model, cavi(model, rng=0, max_sweeps=200, tol=0)).holds


def test_three_coefficients_and_bad_input():
    good = dict(X=[[1.0, 2.0], [1.0, 3.0]], y=[0, 1], prior_mean=0.0, prior_cov=np.eye(2))
    ProbitRegression(**good)
    for change, words in (
        (dict(y=[0, 2]), "y: needs 0 and 1 alone"),
        (dict(y=[0, 1, 1]), "y: needs one value for each of the 2 rows of X, got 3"),
        (dict(prior_cov=-np.eye(2)), "prior_cov"),
    ):
        with pytest.raises(InputError, match=words):
            ProbitRegression(**{**good, **change})
    with pytest.raises(NotApplicable, match="at most 2 coefficients, and this model has 3; Metro"):
        exact(ProbitRegression(np.eye(3), [0, 1, 1], 0.0, np.eye(3)))


@pytest.mark.parametrize("width", [1e2, 1e8, 1e16])
def test_the_evidence_of_separated_data_is_an_orthant_probability(width):
    """P(all s_i u_i > 0) of scores u ~ N(0, I + X S X'), two rows: 1/4 + asin(correlation)/(2 pi)
    (Sheppard 1899). Phi of a predictor is then a step far narrower than the prior."""
    X, cov = np.array([[1.0, 0.3], [-0.5, 1.2]]), width * np.array([[2.0, 0.5], [0.5, 1.0]])
    toward = X * [[1.0], [-1.0]]
    of_u = np.eye(2) + toward @ cov @ toward.T
    correlation = of_u[0, 1] / np.sqrt(of_u[0, 0] * of_u[1, 1])
    right = np.log(0.25 + np.arcsin(correlation) / (2.0 * np.pi))
    truth = exact(ProbitRegression(X, [1, 0], 0.0, cov))
    assert abs(truth.log_evidence - right) <= truth.log_evidence_error < 1e-12
    assert abs(truth.log_evidence - right) < 1e-14
