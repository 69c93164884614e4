"""The exact posterior of a mixture of Gaussians: a normal-Wishart a component and labelling."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from vi_lab.families import Distribution, MeanPrecision
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
from vi_lab.numerics.wishart import ROUNDED


def _is_stretched(q: Distribution) -> Any:
    """Where q's W^-1, as its entries tell it, is nearly singular."""
    w_inv = q.parameters["w_inv"]
    return positive_definite.lost_share(w_inv, np.linalg.slogdet(w_inv)[1]) > 0.0


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
        root0 = positive_definite.root(w0_inv, wishart.NO_SCALE).T
        (counts, first, shifts, roots), blur, growth = enumeration.split_roots(x, classes, root0)
        # the hyperparameters given each labelling
        beta, nu, apart = beta0 + counts, nu0 + counts, first - m0
        d, shrink = apart + shifts, (beta0 * counts / beta)[..., None]
        # W^-1 = W0^-1 + S + s d d' by its root R: in entries of it the squares of a d that is long
        # and along no axis leave no digits of what lies across
        moved = EPS**2 * shrink * (apart**2 + shifts**2)
        self.root, blur, grown = positive_definite.take_in_row(
            roots, blur, np.sqrt(shrink) * d, moved
        )
        growth += grown
        pivots = np.diagonal(self.root, axis1=-2, axis2=-1)
        # of log|W^-1|; what is less, the roundings of a sum allow for
        self._moved = ROUNDED * np.sqrt(blur)
        shares = np.diagonal(self._moved, axis1=-2, axis2=-1) / pivots
        lost = np.where(shares.sum(-1) > ROUNDED * ROUNDINGS * EPS, 2.0 * shares.sum(-1), 0.0)
        self.w_inv = np.swapaxes(self.root, -1, -2) @ self.root
        # the component's mean, a step from the points or from the prior, whichever is nearer
        near_prior = (counts < beta0)[..., None]
        self.anchor = np.where(near_prior, m0, first)
        step = np.where(near_prior, counts[..., None] * d, shifts * beta[..., None] - beta0 * d)
        self.offset = step / beta[..., None]
        # log p(x | labels) by component, then log p(labels)
        halves = 0.5 * (nu0 - np.arange(size))
        log_det = growth + positive_definite.log_det(root0)
        # points far apart, along no axis, leave W^-1 nearly singular
        self._near = positive_definite.lost_share(self.w_inv, log_det) > 0.0
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
        self.beta, self.nu, self._log_det = beta, nu, log_det
        sizes = sum(np.abs(term) for term in terms).sum(-1) + np.abs(log_labels)
        super().__init__(labels, log_weights, sizes, given_labels, 0.5 * (nu * lost).sum(-1))
        if classes == 1:
            self.log_evidence = self.log_evidence._replace(route="closed form")

    def _invert(self, index: Any = ...) -> np.ndarray:
        """W given each labelling, or some, (..., D, D)."""
        back = np.linalg.inv(self.root[index])
        return back @ np.swapaxes(back, -1, -2)

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
            rate = 0.5 / self._invert(np.s_[:, index[0]])[:, index[1], index[1]]
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
        factor = positive_definite.triangulate(self.root[index])
        nu, beta = self.nu[index], self.beta[index]
        root = wishart.draw_root(rng, nu, factor, nu.shape)
        noise = rng.standard_normal(root.shape[:-1]) / np.sqrt(beta)[..., None]
        apart = np.linalg.solve(np.swapaxes(root, -1, -2), noise[..., None])[..., 0]
        return MeanPrecision(self.location[index] + apart, root @ np.swapaxes(root, -1, -2))

    def kl_components(self, q: Distribution) -> Any:
        p = {"mean": self.offset, "beta": self.beta, "w_inv": self.w_inv, "nu": self.nu}
        about_anchor = {**q.parameters, "mean": q.parameters["mean"] - self.anchor}
        own = _is_stretched(q)
        safe = np.where(own[..., None, None], np.eye(self.root.shape[-1]), q.parameters["w_inv"])
        found = densities.kl_normal_wishart({**about_anchor, "w_inv": safe}, p)
        if (self._near | own).any():
            family: Any = q.family
            stretched = self._kl_stretched(about_anchor, *family.whiten(q.eta))
            found = np.where(self._near | own, stretched, found)
        return found.sum(-1)

    def _kl_stretched(self, q: Any, white: np.ndarray, log_det: Any) -> Any:
        """The KL by the roots, tr(W_p^-1 W_q) being that of `_whiten`; log|W_p^-1| is as the
        evidence has it."""
        size, ratio = self.location.shape[-1], self.beta / q["beta"]
        trace = (self._whiten(white) ** 2).sum((-2, -1))
        distance = ((white @ (q["mean"] - self.offset)[..., None])[..., 0] ** 2).sum(-1)
        n = 0.5 * (q["nu"] - self.nu)[..., None]
        half = 0.5 * (self.nu[..., None] - np.arange(size))
        gammas = n * log_gamma.digamma_less_log(half + n) - log_gamma.log_gamma_growth(half, n)
        normals = size * (ratio - 1.0 - np.log(ratio)) + self.beta * q["nu"] * distance
        scales = q["nu"] * (trace - size) - self.nu * (self._log_det - log_det)
        return gammas.sum(-1) + 0.5 * (normals + scales)

    def _whiten(self, white: np.ndarray) -> np.ndarray:
        """A R' of W_q = A'A and W_p^-1 = R'R."""
        whole: np.ndarray = white @ np.swapaxes(self.root, -1, -2)
        return whole

    def kl_offset(self, q: Distribution) -> Any:
        """Of the mean, whose d'W d is |A d|**2 with W = A'A; of nearly singular scales; and what q
        is away from as its parameters tell it."""
        family: Any = q.family
        told: Any = 0.0
        if family.turn is not None:
            other = replace(q, eta=family.make_eta(**q.parameters))
            told = np.abs(self.kl_components(other) - self.kl_components(q))
        (w_inv, nu), white = family.scale(q.eta), family.whiten(q.eta)[0]
        d = q.parameters["mean"] - self.anchor
        apart = np.abs(white @ (d - self.offset)[..., None])[..., 0]
        moved = 8.0 * EPS * (np.abs(d) + np.abs(self.offset))
        moved = (np.abs(white) @ moved[..., None])[..., 0]
        of_mean = self.beta * nu * (moved * (apart + 0.5 * moved)).sum(-1)
        half = self._whiten(white)
        whole = half @ np.swapaxes(half, -1, -2)
        of_scales = wishart.lost_in_scale(w_inv, nu, whole, self.nu)
        # roundings S of R, as (I + S) R, by the slope there, which is 0 at the top
        slope = nu[..., None, None] * np.swapaxes(half, -1, -2) @ half
        slope = slope - self.nu[..., None, None] * np.eye(half.shape[-1])
        share = self._moved @ np.abs(np.linalg.inv(self.root))
        of_roots = (share * (np.abs(slope) + nu[..., None, None] * share)).sum((-2, -1))
        # of |A R'|**2 what lies across, where both are long in the same direction
        sizes = np.abs(white) @ np.swapaxes(np.abs(self.root), -1, -2)
        moved = bound_cancellation(1.0, sizes)
        of_squares = (moved * (np.abs(half) + 0.5 * moved)).sum((-2, -1))
        of_scales = of_scales + nu * of_squares + of_roots
        of_scales = np.where(self._near | _is_stretched(q), of_scales, 0.0)
        return (of_mean + of_scales).sum(-1) + 2.0 * told
