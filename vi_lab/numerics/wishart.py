"""The Wishart distribution of a D x D precision Lambda, W(W, nu), for the families built upon it.

    log p = (nu - D - 1)/2 log|Lambda| - tr(W^-1 Lambda)/2
            - [ nu/2 log|W| + nu D/2 log 2 + log Gamma_D(nu/2) ]

(Bishop 2006, B.78-B.81.) The inverse scale W^-1 = C C' is known by its Cholesky factor C.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from vi_lab.numerics import log_gamma, positive_definite, special
from vi_lab.numerics.arithmetic import symmetric
from vi_lab.numerics.quadratic_features import FAR_SDS
from vi_lab.numerics.rounding import EPS

NODES = 2001  # of the trapezoidal rule over log g
REACH = 60.0  # sds from the mean of an entry within which its quantiles are looked for
CLEAR = 1e-3  # share of a direction of W^-1 that rounding may take from one that is judged by
SMALLEST = 1e-150  # what the root of a chi-square is that rounds to 0, as of 1e-12 degrees
ROUNDED = 8.0  # roundings of what is whitened by a nearly singular W^-1 that an error bar allows
HALVINGS = 60  # of that interval: down to a rounding of it


NO_SCALE = (
    "the scale matrix of a normal-Wishart is no longer positive definite: the data lie too far "
    "from the centre for the digits there are"
)


def factorise_inverse_scale(w_inv: np.ndarray) -> np.ndarray:
    """C; LostDigits where W^-1 has lost its own."""
    return positive_definite.factorise(w_inv, NO_SCALE)


def whiten(w_inv: np.ndarray) -> tuple[np.ndarray, Any]:
    """A with W = A'A, and log|W^-1|, as good as W^-1 tells them; LostDigits as there."""
    return positive_definite.whiten(w_inv, NO_SCALE)


def log_normaliser_terms(log_det_w: Any, nu: Any, size: int) -> tuple[Any, ...]:
    """The terms of the bracket, with log Gamma_D as a sum of D log gammas; each (*lead,)."""
    return (
        0.5 * nu * (log_det_w + size * np.log(2.0)),
        0.25 * size * (size - 1) * np.log(np.pi),
        special.gammaln(_half_degrees(nu, size)).sum(-1),
    )


def expected_log_det_ratio(nu: Any, size: int) -> Any:
    """E log|Lambda| - log|W| = sum_i psi((nu + 1 - i)/2) + D log 2"""
    return special.psi(_half_degrees(nu, size)).sum(-1) + size * np.log(2.0)


def divergence(w_inv: np.ndarray, nu: Any, w0_inv: np.ndarray, nu0: Any) -> Any:
    """KL[W(W, nu) || W(W0, nu0)], with what two sharp densities share cancelled on paper:

        sum_i n p((nu - i)/2) - g_i + sum_r (nu0 (r - 1 - log r) + 2 n (r - 1))/2

    with r the eigenvalues of W W0^-1, n = (nu - nu0)/2, p = digamma(z) - log z, and g_i what
    log Gamma grows by from (nu0 - i)/2 on beside its logarithm (Bishop 2006, B.81).

    The sum over r is nu (sum_r r - 1)/2 - nu0 (sum_r log r)/2, and so it is taken where an r is
    smaller than 1/2: it may have no digits beside a large one, but their product has.
    """
    half0 = _half_degrees(nu0, w_inv.shape[-1])
    n = 0.5 * (nu - nu0)[..., None]
    gammas = n * log_gamma.digamma_less_log(half0 + n) - log_gamma.log_gamma_growth(half0, n)
    white, log_det = whiten(w_inv)
    back = np.swapaxes(white, -1, -2)
    ratio = np.linalg.eigvalsh(symmetric(white @ w0_inv @ back))
    apart = np.linalg.eigvalsh(symmetric(white @ (w0_inv - w_inv) @ back))  # r - 1
    far = ratio[..., :1] < 0.5
    safe = np.where(far, 1.0, ratio), np.where(far, 0.0, apart)
    scales = n * apart - 0.5 * nu0[..., None] * log_gamma.log_less(*safe)
    log_ratio = whiten(w0_inv)[1] - log_det
    of_far = 0.5 * (nu * (ratio.sum(-1) - ratio.shape[-1]) - nu0 * log_ratio)
    return gammas.sum(-1) + np.where(far[..., 0], of_far, scales.sum(-1))


def lost_anywhere(w_inv: np.ndarray, nu: Any) -> Any:
    """How far rounding of W^-1 may move a bound, of any q: by nu log|W^-1|, and by products of W
    with squares of data, of the same size; (*lead,). Infinite where it may take more than CLEAR of
    the smallest direction."""
    share = positive_definite.lost_share(w_inv, whiten(w_inv)[1])
    return np.where(share < CLEAR, 2.0 * nu * share, np.inf)


def lost_in_scale(w_inv: np.ndarray, nu: Any, ratio: np.ndarray, degrees: Any) -> Any:
    """How far rounding may move a bound through this very W^-1 where it is nearly singular, in
    nats, (*lead,); else 0, as the roundings of a sum allow for it.

    Of W = A'A the bound has [ n log|W| - nu tr(B W) ]/2, which is highest at W = B^-1 and nu = n,
    the q that suits the rest best; `ratio` is A B A', (*lead, D, D), and `degrees` n. A is the
    inverse of the Cholesky factor C but for roundings S of |A| |C|: the bound moves by
    sum_ij S_ij |nu A B A' - n|_ij, which is 0 at the top, and by nu sum_ij S_ij**2.
    """
    factor, size = factorise_inverse_scale(w_inv), w_inv.shape[-1]
    near = positive_definite.lost_share(w_inv, positive_definite.log_det(factor)) > 0.0
    slope = nu[..., None, None] * ratio - np.multiply.outer(degrees, np.eye(size))
    share = EPS * (np.abs(np.linalg.inv(factor)) @ np.abs(factor))
    moved = (share * (np.abs(slope) + nu[..., None, None] * share)).sum((-2, -1))
    return np.where(near, ROUNDED * (moved + EPS * nu * size), 0.0)


def find_far(stats: Any, most: np.ndarray, worth: float) -> np.ndarray | None:
    """The distances d of means from their centre, (*lead, D), where one is FAR_SDS; else None.

    In sds, by d'Lambda d, with d solved for where D/beta hides it; or in those of one coordinate
    given the others, by Lambda_ii d_i**2, where Lambda^-1 is long along d itself: squares of d are
    in all products of the coordinates, and up to beta/nu times, which is at most `worth`, in what
    W^-1 is the rest of. No d_i**2 is above `most`; mostly this is all that need be looked at.
    """
    _, precision, scaled, quadratic = stats
    given_others = precision.diagonal(0, -2, -1)
    if max(quadratic.max(), worth * (given_others * most).max()) < FAR_SDS**2:
        return None
    try:
        d: np.ndarray = np.linalg.solve(precision, scaled[..., None])[..., 0]
    except np.linalg.LinAlgError:  # as a draw of hardly more than D - 1 degrees may be
        d = (np.linalg.pinv(precision, hermitian=True) @ scaled[..., None])[..., 0]
    far = max((d * scaled).sum(-1).max(), worth * (given_others * d**2).max())
    return d if far > FAR_SDS**2 else None


def mean_covariance(beta: Any, w_inv: np.ndarray, nu: Any) -> np.ndarray:
    """Of mu | Lambda ~ N(m, (beta Lambda)^-1), (*lead, D, D): W^-1 / (beta (nu - D - 1)), infinite
    where nu - D - 1 is not above 0."""
    excess = (nu - w_inv.shape[-1] - 1.0)[..., None, None]
    scale = beta[..., None, None] * np.where(excess > 0, excess, 1.0)
    return np.where(excess > 0, w_inv / scale, np.inf)


def draw_root(
    rng: np.random.Generator, nu: Any, factor: np.ndarray, shape: tuple[int, ...]
) -> np.ndarray:
    """T, (*shape, D, D), with Lambda = T T' a draw: Bartlett's decomposition.

    T = C'^-1 B with B lower triangular: standard normals below its diagonal, and on it the roots of
    chi-squares of nu, nu - 1, ... degrees.
    """
    size = factor.shape[-1]
    below, diagonal = _below_and_diagonal(size)
    bartlett = rng.standard_normal((*shape, size, size))
    bartlett *= below
    chi_square = 2.0 * rng.standard_gamma(_half_degrees(nu, size), (*shape, size))
    bartlett[..., diagonal, diagonal] = np.maximum(np.sqrt(chi_square), SMALLEST)
    return np.swapaxes(np.linalg.inv(factor), -1, -2) @ bartlett


def entry_covariances(w: np.ndarray, nu: Any) -> np.ndarray:
    """Of the entries of Lambda, (*lead, D D, D D): nu (W_ik W_jl + W_il W_jk) for ij and kl."""
    size = w.shape[-1]
    pairs = np.einsum("...ik,...jl->...ijkl", w, w) + np.einsum("...il,...jk->...ijkl", w, w)
    found: np.ndarray = nu[..., None, None] * pairs.reshape(*w.shape[:-2], size**2, size**2)
    return found


def entry_sds(w: np.ndarray, nu: Any) -> np.ndarray:
    """The sd of each entry of Lambda: Var = nu (w_ij**2 + w_ii w_jj)."""
    w_ii = np.diagonal(w, axis1=-2, axis2=-1)
    product = w_ii[..., :, None] * w_ii[..., None, :]
    sds: np.ndarray = np.sqrt(nu[..., None, None] * (w**2 + product))
    return sds


def mean_quantiles(beta: Any, w_inv: np.ndarray, nu: Any, p: float) -> np.ndarray:
    """The p-quantile of each coordinate of mu - m, where mu | Lambda ~ N(m, (beta Lambda)^-1).

    It is Student's t of nu - D + 1 degrees of freedom, with a squared scale of
    (W^-1)_ii / (beta (nu - D + 1)).
    """
    degrees = (nu - w_inv.shape[-1] + 1.0)[..., None]
    square = np.diagonal(w_inv, axis1=-2, axis2=-1) / (beta[..., None] * degrees)
    found: np.ndarray = np.sqrt(square) * special.stdtrit(degrees, p)
    return found


def entry_quantiles(w: np.ndarray, nu: Any, p: float) -> np.ndarray:
    """The p-quantile of each entry of Lambda, from W.

    Lambda_ii is w_ii g with g a chi-square of nu degrees. As Lambda is a sum of products x x' with
    x ~ N(0, W), and x_j | x_i ~ N(w_ij/w_ii x_i, c) with c = w_jj - w_ij**2/w_ii,

        Lambda_ij | g ~ N(w_ij g, c w_ii g)

    so that P(Lambda_ij < q) is the average over g of Phi((q - w_ij g)/sqrt(c w_ii g)), here by the
    trapezoidal rule over log g; q is found by halving an interval of `REACH` sds about the mean.
    """
    size = w.shape[-1]
    found: np.ndarray = w * special.chdtri(nu, 1.0 - p)[..., None, None]
    log_g, weights = _chi_square_nodes(nu)
    g = np.exp(log_g)
    for i, j in zip(*np.tril_indices(size, -1), strict=True):
        centre = w[..., i, j, None] * g
        spread = np.sqrt((w[..., i, i] * w[..., j, j] - w[..., i, j] ** 2)[..., None] * g)
        reach = REACH * entry_sds(w, nu)[..., i, j]
        low, high = w[..., i, j] * nu - reach, w[..., i, j] * nu + reach
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            below = (weights * special.ndtr((middle[..., None] - centre) / spread)).sum(-1) < p
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        found[..., i, j] = found[..., j, i] = 0.5 * (low + high)
    return found


def _chi_square_nodes(nu: Any) -> tuple[np.ndarray, np.ndarray]:
    """log g and weights, (*lead, NODES), for averages over a chi-square g of nu degrees.

    The density of log g falls like exp(nu/2 log g) on the left and twice exponentially on the
    right.
    """
    half = 0.5 * np.asarray(nu)[..., None]
    low = np.log(half) - 12.0 / np.sqrt(half) - 45.0 / half
    high = np.log(half + 12.0 * np.sqrt(half) + 50.0)
    log_half_g = low + (high - low) * np.linspace(0.0, 1.0, NODES)
    weights = np.exp(half * log_half_g - np.exp(log_half_g) - special.gammaln(half))
    return log_half_g + np.log(2.0), weights * (high - low) / (NODES - 1)


def _half_degrees(nu: Any, size: int) -> Any:
    """(nu + 1 - i)/2 for i = 1..D, shape (*lead, D)"""
    return 0.5 * (nu[..., None] - np.arange(size))


@cache
def _below_and_diagonal(size: int) -> tuple[np.ndarray, np.ndarray]:
    """A matrix of 1 below the diagonal and 0 elsewhere, and the indices of the diagonal."""
    return np.tri(size, k=-1), np.arange(size)
