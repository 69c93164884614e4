"""The exact posterior of a mixture of Gaussians: a normal-Wishart a component and labelling."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.families import Distribution, MeanPrecision, NormalWishart
from vi_lab.model import Values
from vi_lab.models.posteriors.mixture import MixturePosterior
from vi_lab.numerics import (
    densities,
    enumeration,
    log_gamma,
    positive_definite,
    special,
    wishart,
)
from vi_lab.numerics.mixed_densities import average_density, mix_gammas, mix_order_statistic
from vi_lab.numerics.rounding import EPS, ROUNDINGS, bound_cancellation

CLEAR = 1e-3  # share of a determinant that rounding may take from one that is used


def grow_log_det(matrix: np.ndarray, gained: np.ndarray) -> np.ndarray:
    """log|W + G| - log|W| for W (D, D) and positive semidefinite G (..., D, D).

    As the difference it is where G is large, in the coordinates that the points are given in: a
    coordinate that is large by itself is then no harm to the others. Where it is small, the
    difference would cancel: it is log|I + L^-1 G L'^-1|, with W = L L'.
    """
    growth = np.linalg.slogdet(matrix + gained)[1] - np.linalg.slogdet(matrix)[1]
    root = np.linalg.inv(np.linalg.cholesky(matrix))
    white = root @ gained @ root.T
    small = np.trace(white, axis1=-2, axis2=-1) < 2.0
    growth[small] = log_det_one_plus(white[small])
    return growth


def grow_apart(
    matrix: np.ndarray, scatters: np.ndarray, share: np.ndarray, d: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """log|W + S + s d d'| - log|W|, and how much of it rounding takes, both (...).

    With B = W + S it is log|B| - log|W| + log(1 + s d'B^-1 d): d, from points to the prior mean,
    may be long and along no axis, and no entry of the sum would keep the digits of B. Where B has
    none, as of points of two places far apart under one label, it is the least that it can be, the
    log of 1 + tr(W^-1 (S + s d d')), and what it may be more, by Hadamard's inequality, is lost.
    """
    within = matrix + scatters
    log_det = np.linalg.slogdet(matrix)[1]
    growth = grow_log_det(matrix, scatters)
    lost = positive_definite.lost_share(within, log_det + growth)
    clear = lost < CLEAR
    safe = np.where(clear[..., None, None], within, matrix)
    solved = np.linalg.solve(safe, d[..., None])[..., 0]
    reached = share * (d * solved).sum(-1)
    along = np.log1p(reached)
    if (clear & (lost > 0.0)).any():
        # s d d' may be long where B is thin, whose loss counts by (B + s d d')^-1 alone, to first
        # order: B^-1 - s B^-1 d d'B^-1 / (1 + s d'B^-1 d)
        outer = solved[..., :, None] * solved[..., None, :]
        whole = np.linalg.inv(safe) - (share / (1.0 + reached))[..., None, None] * outer
        seen = EPS * (np.abs(whole) * np.abs(safe)).sum((-2, -1)) + lost**2
        lost = np.where(clear, np.minimum(lost, seen), lost)
    gained = scatters + share[..., None, None] * d[..., :, None] * d[..., None, :]
    root = np.linalg.inv(np.linalg.cholesky(matrix))
    least = np.log1p(np.trace(root @ gained @ root.T, axis1=-2, axis2=-1))
    most = np.log(np.diagonal(matrix + gained, axis1=-2, axis2=-1)).sum(-1) - log_det
    return np.where(clear, growth + along, least), np.where(clear, lost, most - least)


def grow_turned(
    x: np.ndarray, classes: int, matrix: np.ndarray, share: np.ndarray, d: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """As `grow_apart`, about the axes of the data: a determinant knows none, and a scatter that is
    long along one of them is no harm to the others.

    Points that are turned are rounded, by a share of the longest distance r: a scatter moves by
    that beside W, |W^-1/2| r roundings of each coordinate.
    """
    about = x - x[0]
    axes = np.linalg.svd(about)[2].T
    scatters = enumeration.split_by_label(about @ axes, classes)[3]
    turned = axes.T @ matrix @ axes
    growth, lost = grow_apart(turned, scatters, share, d @ axes)
    reach = np.linalg.norm(about, axis=-1).max() + np.linalg.norm(d, axis=-1).max()
    return growth, lost + 8.0 * EPS * reach / np.sqrt(np.linalg.eigvalsh(matrix)[0])


def log_det_one_plus(matrix: np.ndarray) -> np.ndarray:
    """log|I + A| of positive semidefinite A (..., D, D), by elimination: the logs of 1 + a pivot,
    which lose nothing where A is small."""
    rest, total = matrix, np.zeros(matrix.shape[:-2])
    for _ in range(matrix.shape[-1]):
        pivot, row = rest[..., 0, 0], rest[..., 0, 1:]
        total = total + np.log1p(pivot)
        taken = row[..., :, None] * row[..., None, :] / (1.0 + pivot)[..., None, None]
        rest = rest[..., 1:, 1:] - taken
    return total


class GaussianMixturePosterior(MixturePosterior):
    """Log evidence and posterior of a `GaussianMixture`, from its data and prior alone.

    Given the labels each component is conjugate (Murphy 2007, eq. 266): component k is
    NW(location, beta, w_inv, nu), each (M, K, ...).
    """

    component_block = "components"

    @property
    def location(self) -> np.ndarray:
        return self.anchor + self.offset

    def __init__(self, model: Any) -> None:
        x, classes, concentration = model.x, model.n_components, model.concentration
        m0, beta0, nu0, w0_inv = model.m0, model.beta0, model.nu0, model.w0_inv
        n, size = x.shape
        labels = enumeration.visit_labellings(n, classes)
        counts, first, shifts, scatters = enumeration.split_by_label(x, classes)
        # the hyperparameters given each labelling
        beta, nu, d = beta0 + counts, nu0 + counts, (first - m0) + shifts
        shrink = beta0 * counts / beta
        self.along = np.sqrt(shrink)[..., None] * d
        self.within = w0_inv + scatters
        # the component's mean, a step from the points or from the prior, whichever is nearer
        near_prior = (counts < beta0)[..., None]
        self.anchor = np.where(near_prior, m0, first)
        step = np.where(near_prior, counts[..., None] * d, shifts * beta[..., None] - beta0 * d)
        self.offset = step / beta[..., None]
        # log p(x | labels) by component, then log p(labels)
        halves = 0.5 * (nu0 - np.arange(size))
        growth, lost = grow_apart(w0_inv, scatters, shrink, d)
        if lost.any():
            known, other = (growth, lost), grow_turned(x, classes, w0_inv, shrink, d)
            growth, lost = np.where(other[1] < lost, other, known)
        log_det = growth + np.linalg.slogdet(w0_inv)[1]
        half = 0.5 * counts
        terms = (
            -half * size * np.log(np.pi),
            -0.5 * size * np.log1p(counts / beta0),
            log_gamma.log_gamma_ratio(halves, half[..., None]).sum(-1),
            -0.5 * nu0 * growth,
            -half * log_det,
        )
        given_labels = concentration + counts
        log_labels = log_gamma.log_beta_ratio(concentration, counts)
        log_weights = sum(terms).sum(-1) + log_labels
        self.beta, self.nu, self._log_det, self._lost = beta, nu, log_det, lost
        self.w_inv = self.within + self.along[..., :, None] * self.along[..., None, :]
        # points far apart, along no axis, leave W^-1 nearly singular
        self._near = positive_definite.lost_share(self.w_inv, log_det) > 0.0
        sizes = sum(np.abs(term) for term in terms).sum(-1) + np.abs(log_labels)
        sizes = sizes + (nu * lost).sum(-1) / (ROUNDINGS * EPS)
        super().__init__(labels, log_weights, sizes, given_labels)
        if classes == 1:
            self.log_evidence = self.log_evidence._replace(route="closed form")

    def _invert(self) -> np.ndarray:
        """W given each labelling, (M, K, D, D): by its root where W^-1 is nearly singular."""
        w: np.ndarray = np.linalg.inv(
            np.where(self._near[..., None, None], np.eye(self.along.shape[-1]), self.w_inv)
        )
        if self._near.any():
            inner = np.linalg.inv(self._factorise(self._near))
            w[self._near] = np.swapaxes(inner, -1, -2) @ inner
        return w

    def _factorise(self, index: Any) -> np.ndarray:
        """C of W^-1 = B + a a' = C C' without the sum, in whose entries a long a leaves nothing of
        B: C' is the R of Q R = (a, L)' with B = L L', the long row first."""
        back = np.swapaxes(wishart.factorise_inverse_scale(self.within[index]), -1, -2)
        rows = np.concatenate([self.along[index][..., None, :], back], axis=-2)
        return np.swapaxes(np.linalg.qr(rows, mode="r"), -1, -2)

    def component_moments(self) -> dict[str, tuple[Any, Any]]:
        """E Lambda = nu W, Var Lambda_ij = nu (W_ij**2 + W_ii W_jj); mu is Student's t with
        nu - D + 1 degrees of freedom: no mean (nan) at one or fewer, no variance (inf) at two."""
        w = self._invert()
        excess = self.nu - self.location.shape[-1] - 1.0
        spread = np.diagonal(self.w_inv, axis1=-2, axis2=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            of_mean = np.where(
                excess[..., None] > 0, spread / (self.beta * excess)[..., None], np.inf
            )
        location = np.where(excess[..., None] > -1.0, self.location, np.nan)
        diagonal = np.diagonal(w, axis1=-2, axis2=-1)
        product = diagonal[..., :, None] * diagonal[..., None, :]
        degrees = self.nu[..., None, None]
        return {
            "means": (location, of_mean),
            "precisions": (degrees * w, degrees * (w**2 + product)),
        }

    def log_components(self, values: Values, index: np.ndarray) -> Any:
        means, precisions = values["means"], values["precisions"]
        inside = densities.is_precision(precisions)[..., None, None]
        safe = np.where(inside, precisions, np.eye(means.shape[-1]))
        beta = self.beta[index][..., None, None]
        log_mu = densities.log_multivariate_normal(
            means, self.location[index], np.linalg.inv(beta * safe)
        )
        log_precision = densities.log_wishart(precisions, self.w_inv[index], self.nu[index])
        return (log_mu + log_precision).sum(-1)

    def component_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        """mu_kd is Student's t, of nu - D + 1 degrees of freedom and a squared scale of
        (W^-1)_dd / (beta (nu - D + 1)); Lambda_dd ~ Gamma(nu/2, 1/(2 W_dd)). The precisions off the
        diagonal have no such form."""
        if name == "precisions" and index[1] == index[2]:
            rate = 0.5 / np.linalg.inv(self.w_inv[:, index[0]])[:, index[1], index[1]]
            nu = self.nu[:, index[0]]
            return mix_gammas(self.probabilities, x, 0.5 * nu, rate)
        if name not in ("means", "sorted_means"):
            return None
        which, d = index
        degrees = self.nu - self.location.shape[-1] + 1.0
        scale = np.sqrt(self.w_inv[..., d, d] / (self.beta * degrees))

        def density(degrees: np.ndarray, centre: np.ndarray, scale: np.ndarray) -> Any:
            white = (x - centre[..., None]) / scale[..., None]
            return np.exp(densities.log_student(white**2, degrees[..., None])) / scale[..., None]

        def below(degrees: np.ndarray, centre: np.ndarray, scale: np.ndarray) -> Any:
            return special.stdtr(degrees[..., None], (x - centre[..., None]) / scale[..., None])

        given: tuple[Any, ...] = degrees, self.location[..., d], scale
        if name == "means":
            given = tuple(g[:, which] for g in given)
            return average_density(self.probabilities, density, *given, size=len(x))
        return mix_order_statistic(self.probabilities, density, below, which, given, len(x))

    def sample_components(self, rng: np.random.Generator, index: np.ndarray) -> Any:
        if self._near[index].any():
            root = wishart.draw_root(
                rng, self.nu[index], self._factorise(index), self.nu[index].shape
            )
            noise = rng.standard_normal(root.shape[:-1]) / np.sqrt(self.beta[index])[..., None]
            apart = np.linalg.solve(np.swapaxes(root, -1, -2), noise[..., None])[..., 0]
            return MeanPrecision(self.location[index] + apart, root @ np.swapaxes(root, -1, -2))
        family = NormalWishart(self.location.shape[-1], self.location.mean((0, 1)))
        drawn = self.location[index], self.beta[index], self.w_inv[index], self.nu[index]
        eta = family.make_eta(*drawn)
        return family.sample(rng, eta, (len(index), self.classes))

    def kl_components(self, q: Distribution) -> Any:
        p = {"mean": self.offset, "beta": self.beta, "w_inv": self.w_inv, "nu": self.nu}
        about_anchor = {**q.parameters, "mean": q.parameters["mean"] - self.anchor}
        found = densities.kl_normal_wishart(about_anchor, p)
        return np.where(self._stretched(q), self._kl_stretched(about_anchor), found).sum(-1)

    def _stretched(self, q: Distribution) -> Any:
        """Where q's or the posterior's W^-1 is nearly singular."""
        w_inv = q.parameters["w_inv"]
        return self._near | (positive_definite.lost_share(w_inv, np.linalg.slogdet(w_inv)[1]) > 0.0)

    def _kl_stretched(self, q: Any) -> Any:
        """The KL without the sum W_p^-1 = B + a a' of what is across a long a and what is along it,
        in whose entries the former has lost its digits: tr(W_p^-1 W_q) is that of `_whiten`, and
        log|W_p^-1| is as the evidence has it."""
        size, ratio = self.location.shape[-1], self.beta / q["beta"]
        white, log_det = wishart.whiten(q["w_inv"])
        trace = np.trace(self._whiten(white), axis1=-2, axis2=-1)
        distance = ((white @ (q["mean"] - self.offset)[..., None])[..., 0] ** 2).sum(-1)
        n = 0.5 * (q["nu"] - self.nu)[..., None]
        half = 0.5 * (self.nu[..., None] - np.arange(size))
        gammas = n * log_gamma.digamma_less_log(half + n) - log_gamma.log_gamma_growth(half, n)
        normals = size * (ratio - 1.0 - np.log(ratio)) + self.beta * q["nu"] * distance
        scales = q["nu"] * (trace - size) - self.nu * (self._log_det - log_det)
        return gammas.sum(-1) + 0.5 * (normals + scales)

    def _whiten(self, white: np.ndarray) -> np.ndarray:
        """A (B + a a') A' with W_q = A'A, as A B A' + (A a)(A a)'."""
        along = (white @ self.along[..., None])[..., 0]
        across = white @ self.within @ np.swapaxes(white, -1, -2)
        whole: np.ndarray = across + along[..., :, None] * along[..., None, :]
        return whole

    def kl_offset(self, q: Distribution) -> Any:
        """Of the mean, whose d'W d is |A d|**2 with W = A'A; and of nearly singular scales."""
        w_inv, nu = q.parameters["w_inv"], q.parameters["nu"]
        d, white = q.parameters["mean"] - self.anchor, wishart.whiten(w_inv)[0]
        apart = np.abs(white @ (d - self.offset)[..., None])[..., 0]
        moved = 8.0 * EPS * (np.abs(d) + np.abs(self.offset))
        moved = (np.abs(white) @ moved[..., None])[..., 0]
        of_mean = self.beta * nu * (moved * (apart + 0.5 * moved)).sum(-1)
        of_scales = wishart.lost_in_scale(w_inv, nu, self._whiten(white), self.nu)
        # entries of what lies across, which cancel where both are long in the same direction
        sizes = (np.abs(white) @ np.abs(self.within) * np.abs(white)).sum((-2, -1))
        of_scales = of_scales + bound_cancellation(0.5 * nu, sizes) + self.nu * self._lost
        of_scales = np.where(self._stretched(q), of_scales, 0.0)
        return (of_mean + of_scales).sum(-1)
