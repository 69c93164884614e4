"""PPCA and factor analysis: what their files promise beyond the contract."""

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import optimize

from vi_lab import PPCA, FactorAnalysis, InputError, cavi, exact, kl, ledger, problem
from vi_lab.models.linear_gaussian import _require_digits as require_digits

RNG = np.random.default_rng(4)
X = RNG.normal(size=(7, 3)) @ RNG.normal(size=(3, 3)) + 1.0
W = RNG.normal(size=(3, 2))


def test_noise_below_every_digit_of_the_signal_is_refused():
    for blocks in ("coordinates", "joint"):
        with pytest.raises(InputError, match=r"W: explains .* times the variance of the noise"):
            PPCA(X, W * 1e8, (1, 1, 1), 1e-4, blocks=blocks)
    model = PPCA(X, W * 1e2, (1, 1, 1), 1e-4)
    assert ledger(model, cavi(model, rng=0, max_sweeps=20, tol=0)).holds


def test_the_signal_is_the_largest_of_any_direction_of_z():
    """c (1, ..., 1): the largest singular value of 3 x 2 is c sqrt(6), in sds of the noise."""
    for share, fits in ((0.99, True), (1.01, False)):
        loadings = np.full((3, 2), np.sqrt(share * 1e12 / 6.0) * 2.0)
        if fits:
            require_digits(loadings, np.full(3, 4.0))
        else:
            with pytest.raises(InputError, match=r"explains 1e\+12 times"):
                require_digits(loadings, np.full(3, 4.0))


def test_iris_reaches_the_published_maximum():
    x = problem("iris").model.x
    for rotation in (0.0, 0.5, 1.2):
        model = PPCA.maximum_likelihood(x, 2, rotation=rotation)
        assert exact(model).log_evidence == pytest.approx(-404.963, abs=1e-3)


def test_the_maximum_of_factor_analysis_has_the_data_s_variances_and_its_own_frame():
    """At the maximum diag(W W' + Psi) = diag(S), S with divisor N (Lawley & Maxwell 1971); the
    frame is that in which W'Psi^-1 W is diagonal, the largest first."""
    x = np.random.default_rng(2).normal(size=(40, 2)) @ np.random.default_rng(3).normal(size=(2, 5))
    x = x + np.random.default_rng(4).normal(size=(40, 5)) * [0.5, 0.7, 0.9, 0.6, 0.8]
    model = FactorAnalysis.maximum_likelihood(x, 2)
    fitted = model.W @ model.W.T + np.diag(model.psi)
    assert_allclose(np.diag(fitted), np.cov(x.T, bias=True).diagonal(), rtol=1e-6)
    frame = model.W.T @ (model.W / model.psi[:, None])
    assert abs(frame[0, 1]) < 1e-10 * frame[1, 1] and frame[0, 0] > 1.1 * frame[1, 1]


def test_directions_of_ppca_point_to_where_their_sum_is_positive_before_they_are_turned():
    for seed in range(4):
        x = np.random.default_rng(seed).normal(size=(9, 4)) * [3.0, 2.0, 1.0, 0.5]
        model = PPCA.maximum_likelihood(x, 2)
        assert (model.W.sum(0) > 0).all() and (np.diff((model.W**2).sum(0)) < 0).all()
        turned = PPCA.maximum_likelihood(x, 2, rotation=np.pi / 2)
        assert_allclose(turned.W, model.W @ [[0.0, -1.0], [1.0, 0.0]], atol=1e-12)


def test_no_step_away_from_the_closed_form_is_better():
    x = problem("iris").model.x
    best = PPCA.maximum_likelihood(x, 1)
    top = exact(best).log_evidence

    def loss(parameters):
        w, log_sigma2 = parameters[:4, None], parameters[4]
        return -exact(PPCA(x, w, x.mean(0), np.exp(log_sigma2))).log_evidence

    start = np.append(best.W[:, 0], np.log(best.sigma2)) + 0.05
    limits = dict(maxiter=4000, maxfev=4000, xatol=1e-5, fatol=1e-8)
    found = optimize.minimize(loss, start, method="Nelder-Mead", options=limits)
    assert top >= -found.fun - 1e-9
    assert top == pytest.approx(-found.fun, abs=1e-4)


@pytest.mark.parametrize("rotation", [0.0, 0.3, 0.5])
def test_mean_field_gap_row_by_row(rotation):
    """KL between N(m, M^-1) and its best product is (sum log M_ii - log|M|)/2 in every row."""
    x = problem("iris").model.x
    model = PPCA.maximum_likelihood(x, 2, rotation=rotation)
    precision = np.eye(2) + model.W.T @ model.W / model.sigma2
    row = 0.5 * (np.log(np.diag(precision)).sum() - np.linalg.slogdet(precision)[1])
    q = cavi(model, rng=0)
    assert kl(q, exact(model)) / len(x) == pytest.approx(row, abs=1e-8)
    assert (exact(model).log_evidence - q.elbo) / len(x) == pytest.approx(row, abs=1e-8)
    np.testing.assert_allclose(q.mean("z"), exact(model).mean("z"), atol=1e-9)
    if rotation == 0.0:
        assert row == pytest.approx(0.0, abs=1e-12)


def test_penguins_are_stored_at_their_maximum():
    item = problem("penguins")
    again = FactorAnalysis.maximum_likelihood(item.model.x, 2)
    assert exact(item).log_evidence == pytest.approx(exact(again).log_evidence, abs=1e-8)
    np.testing.assert_allclose(np.abs(item.model.W), np.abs(again.W), atol=1e-6)
    np.testing.assert_allclose(item.model.psi, again.psi, atol=1e-8)
    ppca = exact(PPCA.maximum_likelihood(item.model.x, 2)).log_evidence
    assert exact(item).log_evidence > ppca  # it has more noise variances to choose


def test_the_maximum_of_many_rows_takes_memory_for_their_columns_alone():
    """No array of rows by rows, which of 2,000 is 32 MB."""
    x = np.random.default_rng(0).standard_normal((2000, 4)) * [3.0, 2.0, 1.0, 1.0]
    PPCA.maximum_likelihood(x[:50], 2)
    tracemalloc.start()
    try:
        PPCA.maximum_likelihood(x, 2)
        assert tracemalloc.get_traced_memory()[1] < 20 * x.nbytes
    finally:
        tracemalloc.stop()
