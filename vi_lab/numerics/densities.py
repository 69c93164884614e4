"""Densities and divergences in their textbook parameters, in nats.

The truth's own arithmetic. Exact posteriors and the KL of the ledger are built from these formulas
and share no code with the families, whose natural parameters give the ELBO: a slip in either shows
as a ledger that does not hold.

Every function broadcasts over leading axes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.numerics import log_gamma as log_gamma_of
from vi_lab.numerics import positive_definite, special
from vi_lab.numerics.arithmetic import LOG_2PI, symmetric
from vi_lab.numerics.rounding import bound_cancellation

SINGULAR = "a covariance is singular, but for a rounding of its entries"


def log_normal(z: Any, mean: Any, variance: Any) -> Any:
    """log N(z; mean, variance)."""
    return -0.5 * (LOG_2PI + np.log(variance) + (z - mean) ** 2 / variance)


def log_gamma(z: Any, shape: Any, rate: Any) -> Any:
    """log Gamma(z; shape, rate); -inf outside 0 < z < inf."""
    inside = (z > 0) & np.isfinite(z)
    safe = np.where(inside, z, 1.0)
    value = (
        shape * np.log(rate) - special.gammaln(shape) + (shape - 1.0) * np.log(safe) - rate * safe
    )
    return np.where(inside, value, -np.inf)


def log_student(squares: Any, degrees: Any, size: int = 1) -> Any:
    """log of Student's t in `size` dimensions, of unit scale, at these squared distances."""
    log_p = special.gammaln(0.5 * (degrees + size)) - special.gammaln(0.5 * degrees)
    log_p = log_p - 0.5 * size * np.log(np.pi * degrees)
    return log_p - 0.5 * (degrees + size) * np.log1p(squares / degrees)


def log_beta_function(a: Any) -> Any:
    """log B(a) = sum log G(a_k) - log G(sum a_k) over the last axis."""
    return special.gammaln(a).sum(-1) - special.gammaln(np.sum(a, -1))


def log_dirichlet(pi: Any, a: Any) -> Any:
    """log Dir(pi; a) over the last axis; -inf off the open simplex."""
    possible = (pi > 0) & np.isfinite(pi)
    safe = np.where(possible, pi, 1.0)
    inside = possible.all(-1) & (np.abs(safe.sum(-1) - 1.0) < 1e-8)
    value = ((a - 1.0) * np.log(safe)).sum(-1) - log_beta_function(a)
    return np.where(inside, value, -np.inf)


def log_multivariate_normal(z: Any, mean: Any, cov: Any) -> Any:
    """log N(z; mean, cov) over the last axis; -inf where z is not finite."""
    inside = np.isfinite(z).all(-1)
    factor = np.linalg.cholesky(cov)
    white = np.linalg.solve(factor, (np.where(inside[..., None], z, 0.0) - mean)[..., None])[..., 0]
    log_det = 2.0 * np.log(np.diagonal(factor, axis1=-2, axis2=-1)).sum(-1)
    value = -0.5 * ((white**2).sum(-1) + log_det + np.shape(cov)[-1] * LOG_2PI)
    return np.where(inside, value, -np.inf)


def is_precision(matrix: Any) -> Any:
    """Whether each matrix is finite, symmetric (but for rounding) and positive definite."""
    finite = np.isfinite(matrix).all((-2, -1))
    safe = np.where(finite[..., None, None], matrix, np.eye(np.shape(matrix)[-1]))
    skew = np.abs(safe - np.swapaxes(safe, -1, -2)).max((-2, -1))
    symmetric = skew <= 1e-8 * np.abs(safe).max((-2, -1))
    return finite & symmetric & (np.linalg.eigvalsh(safe)[..., 0] > 0)


def log_wishart(precision: Any, w_inv: Any, nu: Any) -> Any:
    """log Wishart(precision; W, nu) with W^-1 = w_inv (Bishop 2006, B.78-B.79).

    -inf where the precision is not symmetric positive definite.
    """
    size = np.shape(w_inv)[-1]
    inside = is_precision(precision)
    safe = np.where(inside[..., None, None], precision, np.eye(size))
    trace = (w_inv * np.swapaxes(safe, -1, -2)).sum((-2, -1))
    value = (
        0.5 * (nu - size - 1.0) * np.linalg.slogdet(safe)[1]
        - 0.5 * trace
        + 0.5 * nu * np.linalg.slogdet(w_inv)[1]
        - 0.5 * nu * size * np.log(2.0)
        - special.multigammaln(0.5 * nu, size)
    )
    return np.where(inside, value, -np.inf)


def kl_normal(m: Any, v: Any, m0: Any, v0: Any) -> Any:
    """KL[N(m, v) || N(m0, v0)]."""
    return 0.5 * (np.log(v0 / v) + (v + (m - m0) ** 2) / v0 - 1.0)


def kl_gamma_terms(c: Any, d: Any, a: Any, b: Any) -> tuple[Any, ...]:
    """The terms of KL[Gamma(c, d) || Gamma(a, b)], shapes c, a and rates d, b (Penny 2001).

    None is larger than the two densities are apart.

    With n = c - a and u = 1 - b/d, n digamma(c) - log Gamma(c)/Gamma(a) + a log(d/b) - c u is

        n (digamma(c) - log c) - [log Gamma(c)/Gamma(a) - n log c] - a (log(1 - u) + u) - n u
    """
    n, u = c - a, (d - b) / d
    return (
        n * log_gamma_of.digamma_less_log(c),
        -log_gamma_of.log_gamma_growth(a, n),
        -a * log_gamma_of.log_less(b / d, -u),
        -n * u,
    )


def kl_dirichlet(a: Any, b: Any) -> Any:
    """KL[Dir(a) || Dir(b)] over the last axis.

    With n = a - b, sum_k n_k (digamma(a_k) - digamma(sum a)) - log B(a)/B(b), where the logs of
    the arguments are left out of both: they cancel.
    """
    n = a - b
    each = (n * log_gamma_of.digamma_less_log(a)).sum(-1)
    rest = np.sum(n, -1) * log_gamma_of.digamma_less_log(np.sum(a, -1))
    return each - rest - log_gamma_of.log_beta_growth(b, n)


def kl_whitened(root: Any, cov: Any) -> Any:
    """tr(R C R') - D - log|R C R'| of a root R of a precision and a covariance C, (*lead,): twice
    the KL of two normals of one mean.

    Where both are nearly the same, by the eigenvalues, each of which is nearly 1.
    """
    Y, log_det = _white_root(root, cov)
    ratios = np.linalg.eigvalsh(Y @ np.swapaxes(Y, -1, -2))
    apart = (Y**2).sum((-2, -1)) - np.shape(cov)[-1] - log_det
    near = np.abs(ratios - 1.0).max(-1) < 0.5
    safe = np.where(near[..., None], ratios, 1.0)
    return np.where(near, -log_gamma_of.log_ratio_less(safe, 1.0).sum(-1), apart)


def lost_in_whitened(root: Any, cov: Any) -> Any:
    """How far rounding may move half of that, where the root is good to roundings of its columns.

    With Y = R Q of the root R and C = Q Q', |Y|**2/2 - log|Y| moves by <Y - Y'^-1, dY>: where both
    are the same, by nothing.
    """
    Y, _ = _white_root(root, cov)
    slope = Y - np.swapaxes(np.linalg.inv(Y), -1, -2)
    sizes = np.linalg.norm(root, axis=-2) @ np.abs(positive_definite.root(cov, SINGULAR))
    return bound_cancellation(slope, sizes[..., None, :]).sum((-2, -1))


def _white_root(root: Any, cov: Any) -> tuple[Any, Any]:
    """R Q of a root R and C = Q Q', whose entries cancel less than those of C; and log|R C R'|."""
    inner = positive_definite.root(cov, SINGULAR)
    log_det = 2.0 * np.log(np.abs(np.diagonal(root, axis1=-2, axis2=-1))).sum(-1)
    return root @ inner, positive_definite.log_det(inner) + log_det


def kl_wishart(w_inv: Any, nu: Any, w_inv0: Any, nu0: Any) -> Any:
    """KL[W(W, nu) || W(W0, nu0)] by their inverse scales (Bishop 2006, B.81-B.82).

    (nu - nu0)/2 E log|L| - nu D/2 + nu/2 tr(W0^-1 W) + log Z0 - log Z, which with n = (nu - nu0)/2,
    z_i = (nu - i)/2, y_i = (nu0 - i)/2 and the eigenvalues r of W W0^-1 is

        sum_i n digamma(z_i) - log Gamma(z_i)/Gamma(y_i)
        + sum_r nu0 (r - 1 - log r)/2 + (nu - nu0)(r - 1)/2

    Where the scales are far apart the last sum is nu (tr(W W0^-1) - D)/2 - nu0 log|W W0^-1|/2: a
    small r beside a large one has no digits as an eigenvalue.
    """
    size = np.shape(w_inv)[-1]
    root = np.linalg.inv(np.linalg.cholesky(w_inv))
    back = np.swapaxes(root, -1, -2)
    ratio = np.linalg.eigvalsh(symmetric(root @ w_inv0 @ back))
    apart = np.linalg.eigvalsh(symmetric(root @ (w_inv0 - w_inv) @ back))  # r - 1, with its digits
    n = 0.5 * (np.asarray(nu) - nu0)[..., None]
    before = 0.5 * (np.asarray(nu0)[..., None] - np.arange(size))
    gammas = n * log_gamma_of.digamma_less_log(before + n) - log_gamma_of.log_gamma_growth(
        before, n
    )
    near = np.abs(apart).max(-1) < 0.5
    safe = np.where(near[..., None], ratio, 1.0), np.where(near[..., None], apart, 0.0)
    scales = -0.5 * np.asarray(nu0)[..., None] * log_gamma_of.log_less(*safe) + n * apart
    log_ratio = np.linalg.slogdet(w_inv0)[1] - np.linalg.slogdet(w_inv)[1]
    far = 0.5 * (nu * apart.sum(-1) - nu0 * log_ratio)
    return gammas.sum(-1) + np.where(near, scales.sum(-1), far)


def kl_normal_wishart(q: Any, p: Any) -> Any:
    """KL[NW(m, beta, W, nu) || NW(m0, beta0, W0, nu0)], each a dict of textbook parameters.

    That of the Wisharts, plus the expectation under q of that of the normals,
    [ D (log beta/beta0 + beta0/beta - 1) + beta0 nu (m - m0)' W (m - m0) ] / 2.
    """
    d = q["mean"] - p["mean"]
    size = d.shape[-1]
    ratio = p["beta"] / q["beta"]
    distance = (d * np.linalg.solve(q["w_inv"], d[..., None])[..., 0]).sum(-1)
    normals = 0.5 * (size * (ratio - 1.0 - np.log(ratio)) + p["beta"] * q["nu"] * distance)
    return normals + kl_wishart(q["w_inv"], q["nu"], p["w_inv"], p["nu"])
