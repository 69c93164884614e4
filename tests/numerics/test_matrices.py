"""Cholesky factors, bidiagonal roots and Wishart numbers beside dense matrices and scipy."""

from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from tests.contract.tolerances import assert_averages
from vi_lab import NumericalError
from vi_lab.numerics import bidiagonal, densities, positive_definite, wishart
from vi_lab.numerics.rounding import EPS


def precisions(size, lead=(2,)):
    root = np.random.default_rng(size).normal(size=(*lead, size, size))
    return root @ root.mT + np.eye(size)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_a_factor_gives_determinant_and_inverse(size):
    matrices = precisions(size)
    factor = positive_definite.factorise(matrices, "no")
    assert_allclose(factor @ factor.mT, matrices, rtol=1e-12)
    assert_allclose(positive_definite.log_det(factor), np.log(np.linalg.det(matrices)), rtol=1e-12)
    assert_allclose(positive_definite.invert(factor) @ matrices, [np.eye(size)] * 2, atol=1e-12)


def test_what_has_no_factor_is_refused_in_the_words_of_who_asks():
    with pytest.raises(NumericalError, match=r"^these words$"):
        positive_definite.factorise(-np.eye(2), "these words")


def test_where_a_matrix_is_positive_definite():
    bad = [-np.eye(2), [[1.0, 0.5], [0.4, 1.0]], [[1.0, 2.0], [2.0, 1.0]], [[np.nan, 0], [0, 1]]]
    found = positive_definite.is_positive_definite(np.array([np.eye(2), *bad], dtype=float))
    assert_array_equal(found, [True, False, False, False, False])
    for skew, symmetric in ((1e-7, False), (1e-9, True)):  # but for rounding, of its own size
        for size in (1e-6, 1.0, 1e6):
            matrix = size * np.array([[2.0, 0.5 + skew], [0.5 - skew, 1.0]])
            assert positive_definite.is_positive_definite(matrix) == symmetric
            assert densities.is_precision(matrix) == symmetric


@pytest.mark.parametrize("size", [1, 2, 3])
def test_log_cholesky_coordinates_come_back_with_their_jacobian(size):
    matrix = precisions(size, ())
    y = positive_definite.to_log_cholesky(matrix)
    factor, log_diagonal, log_jacobian = positive_definite.from_log_cholesky(y, size)
    assert_allclose(factor @ factor.T, matrix, rtol=1e-12)
    assert_allclose(log_diagonal, np.log(np.diag(factor)))
    lower, step = np.tril_indices(size), 1e-5
    columns = []
    for unit in np.eye(len(y)):
        ends = [positive_definite.from_log_cholesky(y + s * unit, size)[0] for s in (step, -step)]
        above, below = (end @ end.T for end in ends)
        columns.append((above - below)[lower] / (2 * step))
    assert_allclose(np.linalg.slogdet(np.array(columns))[1], log_jacobian, atol=1e-6)


def chain(size):
    """A dense tridiagonal precision, its diagonal and what stands beside it."""
    rng = np.random.default_rng(size)
    off, diagonal = rng.uniform(-1, 1, (2, size - 1)), rng.uniform(2, 3, (2, size))
    dense = [
        np.diag(d) + np.diag(o, 1) + np.diag(o, -1) for d, o in zip(diagonal, off, strict=True)
    ]
    return np.array(dense), diagonal, off


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_bidiagonal_root_does_what_the_dense_one_does(size):
    dense, diagonal, off = chain(size)
    root, full = bidiagonal.factorise(diagonal, off), np.linalg.cholesky(dense)
    h = np.random.default_rng(0).normal(size=(2, size))
    column = h[..., None]
    assert_allclose(root.solve(h), np.linalg.solve(full, column)[..., 0], rtol=1e-10)
    expected = np.linalg.solve(full.mT, column)[..., 0]
    assert_allclose(root.solve_transposed(h.copy()), expected, rtol=1e-10)
    assert_allclose(root.transposed_times(h), (full.mT @ column)[..., 0], rtol=1e-10)
    assert_allclose(root.log_det(), 0.5 * np.linalg.slogdet(dense)[1], rtol=1e-10)
    covariance = np.linalg.inv(dense)
    variances, neighbours = root.covariances()
    assert_allclose(variances, np.diagonal(covariance, axis1=1, axis2=2), rtol=1e-10)
    assert_allclose(neighbours, np.diagonal(covariance, 1, axis1=1, axis2=2), rtol=1e-10)


def test_an_indefinite_chain_is_refused_at_its_pivot():
    with pytest.raises(NumericalError, match="pivot 1 is -3"):
        bidiagonal.factorise(np.array([1.0, 1.0]), np.array([2.0]))
    with pytest.raises(NumericalError, match="pivot 1 is -3"):  # of several the lowest
        bidiagonal.factorise(np.array([[1.0, 1.0], [4.0, 9.0]]), np.array([2.0]))


@pytest.mark.parametrize("size, nu", [(1, 3.5), (2, 4.0), (3, 2.5)])
def test_wishart_numbers(size, nu):
    w = precisions(size, ())
    factor = wishart.factorise_inverse_scale(np.linalg.inv(w))
    terms = wishart.log_normaliser_terms(np.linalg.slogdet(w)[1], np.array(nu), size)
    at, law = np.eye(size), stats.wishart(nu, w)
    exponent = -0.5 * np.trace(np.linalg.inv(w))  # log|I| is 0
    assert_allclose(exponent - sum(terms), law.logpdf(at), rtol=1e-10)
    root = wishart.draw_root(np.random.default_rng(1), np.array(nu), factor, (20_000,))
    draws = root @ root.mT
    assert_averages(draws, nu * w, "E Lambda")
    ratio = wishart.expected_log_det_ratio(np.array(nu), size) + np.linalg.slogdet(w)[1]
    assert_averages(np.linalg.slogdet(draws)[1], ratio, "E log|Lambda|")
    sds = wishart.entry_sds(w, np.array(nu))
    assert_allclose(np.atleast_2d(sds) ** 2, np.atleast_2d(law.var()), rtol=1e-10)
    assert_averages((draws - nu * w) ** 2, sds**2, "Var Lambda")


@pytest.mark.parametrize("size", [2, 3, 5])
def test_what_rounding_takes_of_a_nearly_singular_scale_is_stated(size):
    """Its entries moved by so many roundings that the change is seen: nu log|W^-1| moves by no more
    than is stated for each, and by a hundredth of it at least."""
    rng, nu = np.random.default_rng(size), 7.0
    root = rng.standard_normal((size, size))
    root[:, -1] = root[:, 0] + 1e-4 * root[:, -1]
    w_inv = root.T @ root
    stated = wishart.lost_anywhere(w_inv, np.array(nu))
    assert 0.0 < stated < np.inf
    share, moved = 1e-13, []
    for _ in range(200):
        off = np.triu(rng.choice([-1.0, 1.0], (size, size)))
        off = 1.0 + share * (off + np.triu(off, 1).T)
        moved.append(np.linalg.slogdet(w_inv * off)[1] - np.linalg.slogdet(w_inv)[1])
    nearest = 0.5 * np.finfo(float).eps  # of an entry, at most
    worst = nu * np.max(np.abs(moved)) * nearest / share
    assert worst <= stated <= 100 * worst


def test_an_inverse_scale_without_digits_is_refused():
    with pytest.raises(NumericalError, match="no longer positive definite"):
        wishart.factorise_inverse_scale(np.array([[1.0, 2.0], [2.0, 1.0]]))


@pytest.mark.parametrize("long", [1.0, 1e4, 1e7])
def test_a_nearly_singular_matrix_is_whitened_as_its_entries_tell(long):
    """Against its inverse and determinant at 60 digits; a plain factor would be off by a rounding
    of long**2 in its smallest pivot."""
    rng = np.random.default_rng(0)
    root = rng.normal(size=(2, 3, 3))
    root[..., 0] *= long
    matrix = root @ np.swapaxes(root, -1, -2)
    matrix = 0.5 * (matrix + np.swapaxes(matrix, -1, -2))
    white, log_det = positive_definite.whiten(matrix, "none")
    for one, found, total in zip(matrix, white, log_det, strict=True):
        with mp.workdps(60):
            exact = mp.matrix(one.tolist())
            inverse = np.array((exact**-1).tolist(), dtype=float)
            assert abs(mp.log(mp.det(exact)) - mp.mpf(float(total))) < 1e-13
        assert_allclose(found.T @ found, inverse, rtol=0, atol=1e-12 * np.abs(inverse).max())


def test_a_matrix_that_is_indefinite_by_a_rounding_is_refused():
    """It has a plain factor, by a rounding that a sum lost; in fractions its determinant is below
    0."""
    one, cross, two = 3.0298091246144794, -1.5258398357246972, 0.7684270224714619
    assert Fraction(one) * Fraction(two) < Fraction(cross) ** 2
    matrix = np.array([[one, cross], [cross, two]])
    assert np.isfinite(positive_definite.factorise(matrix, "none")).all()
    with pytest.raises(NumericalError, match="none"):
        positive_definite.whiten(matrix, "none")


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 0, 2, 1], [1, 3, 2, 0]])
def test_rows_taken_in_leave_the_determinant_its_digits(size, order):
    """Two long rows along nearly the same line, which is no axis, and two short ones: log|P| grows
    by what 60 digits say, but for rounding; which, of what lies across, is stated."""
    rng = np.random.default_rng(size)
    short, line = rng.normal(size=(4, size)), rng.normal(size=size)
    rows = (short + np.array([[1e7], [-3e6], [0.0], [0.0]]) * line)[order]
    root, blur, grown = np.eye(size), np.zeros((size, size)), 0.0
    for row in rows:
        root, blur, more = positive_definite.take_in_row(root, blur, row, (EPS * row) ** 2)
        grown += more
    stated = 2.0 * (np.sqrt(np.diag(blur)) / np.diag(root)).sum()
    with mp.workdps(60):
        given = mp.matrix(rows.tolist())
        right = mp.log(mp.det(mp.eye(size) + given.T * given))
    assert abs(grown - right) < 8.0 * stated < 2e-8
    assert_allclose(grown, 2.0 * np.log(np.diag(root)).sum(), rtol=1e-12)


def test_a_short_row_adds_what_it_is_to_a_determinant():
    """1e-24 beside 1: of a determinant nothing would be left."""
    row = np.array([3e-12, -4e-12])
    _, _, grown = positive_definite.take_in_row(np.eye(2), np.zeros((2, 2)), row, 0.0 * row)
    assert_allclose(grown, 2.5e-23, rtol=1e-14)


def test_a_root_is_triangulated_without_its_square():
    root = np.array([[1e8, 2e8], [1.0, 3.0]])
    factor = positive_definite.triangulate(root)
    assert factor[0, 1] == 0.0 and (np.diag(factor) > 0).all()
    assert_allclose(np.diag(factor).prod(), 1e8, rtol=1e-14)
    assert_allclose(factor @ factor.T, root.T @ root, rtol=1e-14)
