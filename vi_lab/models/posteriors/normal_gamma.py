"""The normal-gamma posterior: of coefficients and a noise precision, or of a mean and a precision.

tau        ~ Gamma(shape, rate)
beta | tau ~ N(location, (R'R)^-1 / tau)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from vi_lab.families import Distribution
from vi_lab.model import Values
from vi_lab.models.posteriors.coordinates import coordinate_moments
from vi_lab.numerics import densities, log_gamma, positive_definite
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.compensated import subtract_product
from vi_lab.numerics.mixed_densities import mix_gammas
from vi_lab.numerics.rounding import Estimate, bound_cancellation, closed_form

SINGULAR = "V0: a covariance is singular, but for a rounding of its entries"
REFINEMENTS = 4  # of a least squares solution


class NormalGammaPosterior:
    """p(beta, tau | x), beta being P numbers or, without an axis, a single one.

    Parameters
    ----------
    latent : str
        The name of beta.
    location : array (P,) or float
    root : array (P, P) or float
        R, triangular.
    shape, rate : float
    block_values : callable (latents by name, (n, ...)) -> block values, optional
        Where beta is cut into blocks, or may be.
    origin : array (P,) or float
        What the location is counted from: where data lie far from 0, the sum of both has lost
        digits that each of them holds.
    sizes : array (P,) or float
        Those of the numbers that the location is the sum of, where they cancel.
    lost_rate : float
        The share of the rate that is lost in squares of a residual.
    """

    def __init__(
        self,
        latent: str,
        location: Any,
        root: Any,
        shape: float,
        rate: float,
        block_values: Callable[[Values], Values] = dict,
        origin: Any = 0.0,
        sizes: Any = 0.0,
        lost_rate: float = 0.0,
    ) -> None:
        self.latent, self.shape, self.rate = latent, shape, rate
        self.one_number = np.ndim(location) == 0
        self.location, self.root = np.atleast_1d(location), np.atleast_2d(root)
        self.origin = np.broadcast_to(origin, self.location.shape)
        self.block_values, self.sizes, self.lost_rate = block_values, sizes, lost_rate
        self.inverse = np.linalg.inv(self.root)
        self.log_det = float(np.log(np.abs(np.diag(self.root))).sum())  # of R

    def _event(self, beta: np.ndarray) -> Any:
        """beta as users see it."""
        return beta[..., 0] if self.one_number else beta

    # beta is Student's t with 2*shape degrees of freedom: a mean from one, an sd from two
    @property
    def mean(self) -> Mapping[str, Any]:
        location = self.origin + self.location
        location = location if self.shape > 0.5 else np.nan * location
        return {self.latent: self._event(location), "tau": self.shape / self.rate}

    @property
    def sd(self) -> Mapping[str, Any]:
        unit = np.sqrt((self.inverse**2).sum(-1))
        excess = self.shape - 1.0
        spread = unit * np.sqrt(self.rate / excess) if excess > 0 else np.inf * unit
        return {self.latent: self._event(spread), "tau": np.sqrt(self.shape) / self.rate}

    def log_density(self, values: Values) -> Any:
        """log Gamma(tau; shape, rate) + log N(beta; location, (R'R)^-1 / tau)."""
        beta, tau = np.asarray(values[self.latent]), np.asarray(values["tau"])
        beta = beta[..., None] if self.one_number else beta
        log_tau = densities.log_gamma(tau, self.shape, self.rate)
        inside = np.isfinite(log_tau) & np.isfinite(beta).all(-1)
        safe = np.where(inside, tau, 1.0)
        beta = np.where(inside[..., None], beta, self.origin)
        white = (beta - self.origin - self.location) @ self.root.T
        log_beta = 0.5 * len(self.location) * (np.log(safe) - LOG_2PI) + self.log_det
        return np.where(inside, log_tau + log_beta - 0.5 * safe * (white**2).sum(-1), -np.inf)

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        """Of tau the gamma; of a number of beta Student's t with 2 shape degrees of freedom."""
        if name == "tau":
            return mix_gammas(np.ones(1), x, np.array([self.shape]), np.array([self.rate]))
        return self._student(x[:, None], [sum(index)])

    def joint_density(self, one: Any, two: Any, x: np.ndarray, y: np.ndarray) -> Any:
        """Of tau and a number of beta its gamma times a normal; of two of beta their t."""
        if one[0] == "tau":
            return self.joint_density(two, one, y, x).T
        i = [sum(one[1])]
        if two[0] != "tau":
            points = np.stack(np.broadcast_arrays(x[:, None], y), axis=-1)
            return self._student(points, [*i, sum(two[1])])
        log_tau = densities.log_gamma(y, self.shape, self.rate)
        variance = self._unit_cov(i)[0, 0] / np.where(y > 0, y, 1.0)
        return np.exp(
            log_tau + densities.log_normal(x[:, None], self.origin[i] + self.location[i], variance)
        )

    def _unit_cov(self, numbers: list[int]) -> np.ndarray:
        """The covariance of these numbers of beta where tau is 1."""
        return self.inverse[numbers] @ self.inverse[numbers].T

    def _student(self, points: np.ndarray, numbers: list[int]) -> Any:
        """The density of these numbers of beta, tau integrated out, at points (..., D): Student's t
        of 2 shape degrees of freedom, whose squared scale is that at tau = shape / rate."""
        scale = self._unit_cov(numbers) * self.rate / self.shape
        away = points - self.origin[numbers] - self.location[numbers]
        squares = (away @ np.linalg.inv(scale) * away).sum(-1)
        log_p = densities.log_student(squares, 2.0 * self.shape, len(numbers))
        return np.exp(log_p - 0.5 * np.linalg.slogdet(scale)[1])

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        tau = rng.standard_gamma(self.shape, n) / self.rate
        noise = rng.standard_normal((n, len(self.location))) @ self.inverse.T
        beta = self.origin + (self.location + noise / np.sqrt(tau)[:, None])
        return self.block_values({self.latent: self._event(beta), "tau": tau})

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """KL[q(tau) || p(tau|x)] + E_q(tau) KL[q(beta) || p(beta|tau, x)], both in closed form.

        The first is the sum of `densities.kl_gamma_terms`. For the normals, with c and d the shape
        and rate of q(tau), (m, C) the moments of q(beta) and S = c/d R C R',

            [ tr S - P - log|S| + P (log c - psi(c)) + c/d |R (m - location)|**2 ] / 2
        """
        c, d = (q["tau"].parameters[k] for k in ("shape", "rate"))
        mean, cov = coordinate_moments(factor for name, factor in q.items() if name != "tau")
        mean = mean - self.origin
        white = (mean - self.location) @ self.root.T
        root = self.root * np.sqrt(c / d)[..., None, None]  # entries of C may cancel, and stay
        kl = closed_form(
            *densities.kl_gamma_terms(c, d, self.shape, self.rate),
            0.5 * densities.kl_whitened(root, cov),
            -0.5 * len(self.location) * log_gamma.digamma_less_log(c),
            0.5 * c / d * (white**2).sum(-1),
        )
        slope = (c / d)[..., None] * (white @ self.root)
        lost = bound_cancellation(slope, mean, self.location, self.sizes).sum(-1)
        # R is good to roundings of its columns
        along = np.abs(mean - self.location) @ np.linalg.norm(self.root, axis=0)
        lost = lost + bound_cancellation((c / d)[..., None] * white, along[..., None]).sum(-1)
        lost = lost + densities.lost_in_whitened(root, cov)
        # by (d - rate)/d the KL of tau moves, a rounding of the rate shape times as far
        moved = self.shape * (d - self.rate) / d
        lost = lost + bound_cancellation(moved, 1.0) + np.abs(moved) * self.lost_rate
        return kl._replace(error=kl.error + lost)


def magnify(root: np.ndarray) -> float:
    """How many times the roundings of a sum a determinant may be off, by the root (D, D) of a
    precision: where columns of X are nearly parallel the small diagonal entries of R are."""
    return max(1.0, 3e-3 * float(np.linalg.cond(root / np.linalg.norm(root, axis=0))))


def log_gamma_evidence(n: int, a0: float, b0: float, misfit: float) -> tuple[Any, ...]:
    """The terms of log [ integral of Gamma(tau; a0, b0) (tau/2pi)**(n/2) exp(-tau misfit) ].

    That is log Gamma(a)/Gamma(a0) + a0 log b0 - a log b - n log(2 pi)/2 with a = a0 + n/2 and
    b = b0 + misfit. At a sharp prior these are huge and cancel, so that they are written as

        [log Gamma(a)/Gamma(a0) - n/2 log a] + n/2 log(a/b) - a0 log(1 + misfit/b0) - n log(2 pi)/2
    """
    half, a, b = 0.5 * n, a0 + 0.5 * n, b0 + misfit
    growth = np.log1p(misfit / b0) if misfit < b0 else np.log(b) - np.log(b0)
    return (
        log_gamma.log_gamma_growth(a0, half),
        half * (np.log(a) - np.log(b)),
        -a0 * growth,
        -half * LOG_2PI,
    )


def solve_regression(model: Any) -> tuple[Estimate, NormalGammaPosterior]:
    """Log evidence and posterior of a regression: its prior is as good as P more observations.

    With V0 = C C', least squares of (C^-1 m0, y) on the rows (C^-1, X) = Q R gives the posterior:
    beta | tau ~ N(m, (R'R)^-1/tau), tau ~ Gamma(a0 + n/2, b0 + |residual|**2/2) (Gelman et al.
    2013, 14.8). The conditionals of the model use the normal equations instead.
    """
    X, y = model.X, model.y
    whiten = positive_definite.whiten(model.V0, SINGULAR)[0]
    orthogonal, root = np.linalg.qr(np.concatenate([whiten, X]))
    origin, step = model.m0, np.zeros(len(model.m0))
    for _ in range(REFINEMENTS):  # what is left of the target at the last place, solved for again
        origin = origin + step
        left = np.append(whiten @ (model.m0 - origin), subtract_product(y, X, origin))
        step = np.linalg.solve(root, orthogonal.T @ left)
    residual = left - np.append(whiten @ step, X @ step)
    n, misfit = len(y), 0.5 * float(residual @ residual)
    shape, rate = model.a0 + 0.5 * n, model.b0 + misfit
    size = np.append(np.abs(whiten) @ np.abs(model.m0 - origin), np.abs(left[len(step) :]))
    summed = np.abs(np.linalg.inv(root)) @ (np.abs(orthogonal).T @ size)
    lost_rate = float(bound_cancellation(residual / rate, size).sum())
    posterior = NormalGammaPosterior(
        "beta", step, root, shape, rate, model.block_values, origin, summed, lost_rate
    )
    evidence = closed_form(
        *log_gamma_evidence(n, model.a0, model.b0, misfit),
        -posterior.log_det,
        np.log(np.diag(whiten)).sum(),
    )
    error = evidence.error * magnify(root) + shape * lost_rate
    return evidence._replace(error=error), posterior
