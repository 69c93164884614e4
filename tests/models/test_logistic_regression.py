"""LogisticRegression: the evidence by another rule, Jaakkola & Jordan's bound, the samplers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special, stats

from tests.models.panels import check_truth_by_panels, panels
from tests.thinning import mostly_slow
from vi_lab import LogisticRegression, NotApplicable, cavi, compare, exact, ledger
from vi_lab.comparison import reference
from vi_lab.models import logistic_regression
from vi_lab.models.posteriors.newton import climb_to_mode
from vi_lab.problems.named import problem

BOXES = {  # of the two coefficients, ten posterior sds and more on every side
    "challenger": ((-12.0, 9.0), (-24.0, 10.0)),
    "bioassay": ((-10.0, 12.0), (-8.0, 45.0)),
    "beetles": ((-0.7, 2.7), (0.2, 3.4)),
}


def log_joint(model, beta):
    """log p(y, beta) by scipy.stats, (P, D) -> (P,)."""
    chance = special.expit(beta @ model.X.T)
    log_y = stats.binom.logpmf(model.successes, model.trials, chance).sum(-1)
    return log_y + stats.multivariate_normal.logpdf(beta, model.prior_mean, model.prior_cov)


@pytest.mark.parametrize("name", mostly_slow(BOXES, ("bioassay",)))
def test_the_truth_by_gauss_legendre_panels(name):
    """No mode, no whitening, no even grid: a rule on a fixed box, at scipy's binomial."""
    check_truth_by_panels(problem(name).model, BOXES[name], log_joint)


def test_dobsons_beetles():
    """Maximum likelihood gives -60.717 + 34.270 log10 dose (Dobson 2002, section 7.3)."""
    model = problem("beetles").model
    truth = exact(model)
    assert_allclose(truth.mean("beta"), [-60.717 + 34.270 * 1.8, 34.270 * 0.05], atol=0.02)


def jaakkola_jordan(model):
    """Their bound by their own algorithm, a row at a time; nothing of Polya and Gamma.

    log(1 + exp(psi)) <= log(1 + exp(xi)) + (psi - xi)/2 + lam(xi) (psi**2 - xi**2),
    lam(xi) = tanh(xi/2) / (4 xi); then beta is Gaussian, and xi**2 = E[psi**2] is best.
    """
    X, y, n = model.X, model.successes, model.trials
    prior = np.linalg.inv(model.prior_cov)
    xi = np.ones(len(y))
    for _ in range(3000):
        lam = np.tanh(xi / 2) / (4 * xi)
        cov = np.linalg.inv(prior + 2 * (X.T * (n * lam)) @ X)
        mean = cov @ (prior @ model.prior_mean + X.T @ (y - n / 2))
        xi = np.sqrt(np.einsum("ij,jk,ik->i", X, cov + np.outer(mean, mean), X))
    lam = np.tanh(xi / 2) / (4 * xi)
    cov = np.linalg.inv(prior + 2 * (X.T * (n * lam)) @ X)
    mean = cov @ (prior @ model.prior_mean + X.T @ (y - n / 2))
    bound = 0.5 * np.linalg.slogdet(cov)[1] - 0.5 * np.linalg.slogdet(model.prior_cov)[1]
    bound += 0.5 * mean @ np.linalg.solve(cov, mean) - 0.5 * model.prior_mean @ prior @ (
        model.prior_mean
    )
    bound += (n * (special.log_expit(xi) - xi / 2 + lam * xi**2)).sum()
    return bound + np.log(special.comb(n, y)).sum(), mean, cov


@pytest.mark.parametrize("name", mostly_slow(BOXES, ("bioassay", "beetles")))
def test_cavi_is_jaakkola_and_jordan(name):
    model = problem(name).model
    bound, mean, cov = jaakkola_jordan(model)
    q = cavi(model, rng=0)
    assert_allclose(q.elbo, bound, rtol=1e-10)
    assert_allclose(q.mean("beta"), mean, rtol=1e-6)
    assert_allclose(q.sd("beta"), np.sqrt(np.diag(cov)), rtol=1e-6)
    book = ledger(model, q)
    assert book.holds
    assert 0.1 < book.kl < 2
    assert (q.sd("beta") < 0.8 * exact(model).sd("beta")).all()
    assert q.names == exact(model).names == ("beta",)


def test_rows_may_be_grouped():
    """Counts in groups, or each trial a row of its own: the coefficients are all the difference."""
    grouped = problem("bioassay").model
    X, y = [], []
    for row, successes, trials in zip(grouped.X, grouped.successes, grouped.trials, strict=True):
        X += int(trials) * [row]
        y += int(successes) * [1] + int(trials - successes) * [0]
    prior = dict(prior_mean=grouped.prior_mean, prior_cov=grouped.prior_cov)
    single = LogisticRegression(X, y, 1, **prior)
    plain = LogisticRegression(
        grouped.X, grouped.successes, grouped.trials, binomial_coefficients=False, **prior
    )
    orders = np.log(special.comb(grouped.trials, grouped.successes)).sum()
    assert orders > 1
    assert_allclose(exact(plain).log_evidence, exact(single).log_evidence, rtol=1e-12)
    assert_allclose(exact(grouped).log_evidence - exact(plain).log_evidence, orders, rtol=1e-12)
    assert_allclose(cavi(grouped, rng=0).elbo - cavi(plain, rng=0).elbo, orders, rtol=1e-9)
    assert ledger(plain, cavi(plain, rng=0)).holds
    again = plain.sample_data(
        np.random.default_rng(0), plain.sample_latents(np.random.default_rng(0))
    )
    assert again.binomial_coefficients is False


def test_three_coefficients_have_no_exact_answer_and_the_rest_still_applies(monkeypatch):
    monkeypatch.setattr(reference, "LONG_DRAWS", 300)
    x = np.linspace(-1, 1, 6)
    model = LogisticRegression(
        np.stack([np.ones(6), x, x**2], axis=-1), (x > 0.2).astype(int), 1, 0.0, 4 * np.eye(3)
    )
    with pytest.raises(NotApplicable, match="at most 2 coefficients, and this model has 3; Metro"):
        exact(model)
    with pytest.raises(NotApplicable, match="Gibbs and CAVI still apply"):
        model.exact_posterior()
    rows = {
        row.method: row
        for row in compare(model, methods=["exact", "exact-draws", "gibbs"], rng=0).rows
    }
    assert [name for name, row in rows.items() if not row.applies] == ["exact", "exact-draws"]
    assert rows["gibbs"].reference == "long run"
    assert rows["gibbs"].mean_error_z < 5


@pytest.mark.parametrize(
    ("X", "successes", "trials", "cov"),
    [
        pytest.param(
            *([[1.0, -2], [1.0, -1], [1.0, 1], [1.0, 2]], [0, 0, 1, 1], 1, 50 * np.eye(2)),
            marks=pytest.mark.slow,  # separated
        ),
        ([[1.0]], [0], [1000], [[9.0]]),
        ([[0.0], [1.0]], [1, 1], [2, 2], [[1.0]]),  # a row that says nothing of beta
        pytest.param(
            *([[1.0, 0.0], [0.0, 1.0]], [500, 1], [1000, 1], [[1e-6, 0.0], [0.0, 400.0]]),
            marks=pytest.mark.slow,  # some seconds
        ),
    ],
)
def test_extreme_data_and_priors(X, successes, trials, cov):
    model = LogisticRegression(X, successes, trials, 0.0, cov)
    truth = exact(model)
    assert truth.log_evidence_error < 1e-8
    assert ledger(model, truth).holds
    assert ledger(model, cavi(model, rng=0, max_sweeps=200, tol=0)).holds
    draws = truth.sample(1000, rng=0)["beta"]
    assert_allclose(draws.mean(0), truth.mean("beta"), atol=0.1 * np.max(truth.sd("beta")))
    if model.size == 1:
        x, w = panels(-60, 20, 4000)
        expected = np.log(w @ np.exp(log_joint(model, x[:, None])))
        assert_allclose(truth.log_evidence, expected, rtol=1e-9)


def test_of_too_many_trials_omega_begins_at_its_mean(monkeypatch):
    """Each trial of each chain is a draw: 12 of three chains are drawn up to a limit of 36."""
    model = LogisticRegression(np.ones((2, 1)), [2, 4], [5, 7], [0.0], [[1.0]])
    for most, drawn in ((36, True), (35, False)):
        monkeypatch.setattr(logistic_regression, "MOST_TRIALS", most)
        values = model.sample_initial_values(np.random.default_rng(0), (3,))
        psi = values["beta"][..., 0]
        mean = np.multiply.outer(np.tanh(0.5 * psi) / (2.0 * psi), [5.0, 7.0])
        assert values["omega"].shape == (3, 2)
        assert np.allclose(values["omega"], mean, rtol=1e-9) != drawn


def test_the_evidence_of_separated_data_of_a_steep_design_keeps_all_digits():
    """Each row is a step at 0, right on one side of it alone: p(y) = 1/2, less 1e-14 of it. The
    predictors, of 1e14, are in no term of it."""
    X = 1e14 * np.array([[1.0], [0.5], [-0.7]])
    truth = exact(LogisticRegression(X, [3, 2, 0], [3, 2, 3], 0.0, [[4.0]]))
    assert abs(truth.log_evidence + np.log(2)) <= truth.log_evidence_error < 1e-12


def test_a_start_that_rounding_puts_higher_is_left():
    """At -1e12 nats the last digit is 1e-4: more than the half square of 0.01 sds to the mode."""
    mode, _ = climb_to_mode(
        lambda y: -1e12 + 3e-4 * (y[0] == 3.01),
        lambda y: (3.0 - y, np.eye(1)),
        np.array([3.01]),
    )
    assert mode[0] == pytest.approx(3.0, abs=1e-12)


def test_auxiliaries_have_the_mean_of_their_tilt():
    """E[omega | beta] = n tanh(psi / 2) / (2 psi), psi = X beta, by which each is measured."""
    X = np.array([[1.0, 2.0], [1.0, -3.0], [0.5, 0.1]])
    model = LogisticRegression(X, [1, 0, 2], [3, 1, 4], [0.5, -0.2], np.eye(2))
    drawn = model.sample_latents(np.random.default_rng(0), (20_000,))
    psi = drawn["beta"] @ X.T
    off = drawn["omega"] - np.array([3, 1, 4]) * np.tanh(psi / 2) / (2 * psi)
    assert (np.abs(off.mean(0)) < 4 * off.std(0) / np.sqrt(len(off))).all()
