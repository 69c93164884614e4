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
from vi_lab.numerics import densities, special
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.mixed_densities import mix_gammas
from vi_lab.numerics.rounding import Estimate, cancelled, closed_form


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
    """

    def __init__(
        self,
        latent: str,
        location: Any,
        root: Any,
        shape: float,
        rate: float,
        block_values: Callable[[Values], Values] = dict,
    ) -> None:
        self.latent, self.shape, self.rate = latent, shape, rate
        self.one_number = np.ndim(location) == 0
        self.location, self.root = np.atleast_1d(location), np.atleast_2d(root)
        self.block_values = block_values
        self.inverse = np.linalg.inv(self.root)
        self.log_det = float(np.log(np.abs(np.diag(self.root))).sum())  # of R

    def _event(self, beta: np.ndarray) -> Any:
        """beta as users see it."""
        return beta[..., 0] if self.one_number else beta

    # beta is Student's t with 2*shape degrees of freedom: a mean from one, an sd from two
    @property
    def mean(self) -> Mapping[str, Any]:
        location = self.location if self.shape > 0.5 else np.nan * self.location
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
        white = (np.where(inside[..., None], beta, 0.0) - self.location) @ self.root.T
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
        return np.exp(log_tau + densities.log_normal(x[:, None], self.location[i], variance))

    def _unit_cov(self, numbers: list[int]) -> np.ndarray:
        """The covariance of these numbers of beta where tau is 1."""
        return self.inverse[numbers] @ self.inverse[numbers].T

    def _student(self, points: np.ndarray, numbers: list[int]) -> Any:
        """The density of these numbers of beta, tau integrated out, at points (..., D): Student's t
        of 2 shape degrees of freedom, whose squared scale is that at tau = shape / rate."""
        scale = self._unit_cov(numbers) * self.rate / self.shape
        away = points - self.location[numbers]
        squares = (away @ np.linalg.inv(scale) * away).sum(-1)
        log_p = densities.log_student(squares, 2.0 * self.shape, len(numbers))
        return np.exp(log_p - 0.5 * np.linalg.slogdet(scale)[1])

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        tau = rng.standard_gamma(self.shape, n) / self.rate
        noise = rng.standard_normal((n, len(self.location))) @ self.inverse.T
        beta = self.location + noise / np.sqrt(tau)[:, None]
        return self.block_values({self.latent: self._event(beta), "tau": tau})

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """KL[q(tau) || p(tau|x)] + E_q(tau) KL[q(beta) || p(beta|tau, x)], both in closed form.

        For gammas with shapes c, a and rates d, b (Penny 2001):
            (c - a) psi(c) - lnG(c) + lnG(a) + a ln(d/b) + c (b - d)/d
        and for the normals, with E = E_q[tau], L = E_q[log tau] and (m, C) the moments of q(beta):
            [ E (tr R C R' + |R (m - location)|**2) - P - log|C| - log|R'R| - P L ] / 2
        """
        a, b = self.shape, self.rate
        c, d = (q["tau"].parameters[k] for k in ("shape", "rate"))
        mean, cov = coordinate_moments(factor for name, factor in q.items() if name != "tau")
        size, white = len(self.location), (mean - self.location) @ self.root.T
        spread = np.einsum("ij,...jk,ik->...", self.root, cov, self.root)
        log_gammas = special.gammaln(a), special.gammaln(c)
        kl = closed_form(
            (c - a) * special.psi(c),
            log_gammas[0] - log_gammas[1],  # large and nearly equal: one term
            a * np.log(d / b),
            c * (b - d) / d,
            0.5 * (c / d * (spread + (white**2).sum(-1)) - size),
            -0.5 * np.linalg.slogdet(cov)[1] - self.log_det,
            -0.5 * size * (special.psi(c) - np.log(d)),
        )
        slope = (c / d)[..., None] * (white @ self.root)
        lost = cancelled(slope, mean, self.location).sum(-1) + cancelled(1.0, *log_gammas)
        return kl._replace(error=kl.error + lost)


def solve_regression(model: Any) -> tuple[Estimate, NormalGammaPosterior]:
    """Log evidence and posterior of a regression: its prior is as good as P more observations.

    With V0 = C C', least squares of (C^-1 m0, y) on the rows (C^-1, X) = Q R gives the posterior:
    beta | tau ~ N(m, (R'R)^-1/tau), tau ~ Gamma(a0 + n/2, b0 + |residual|**2/2) (Gelman et al.
    2013, 14.8). The conditionals of the model use the normal equations instead.
    """
    y, a0, b0 = model.y, model.a0, model.b0
    whiten = np.linalg.inv(np.linalg.cholesky(model.V0))
    rows, target = np.concatenate([whiten, model.X]), np.concatenate([whiten @ model.m0, y])
    orthogonal, root = np.linalg.qr(rows)
    location = np.linalg.solve(root, orthogonal.T @ target)
    residual = target - rows @ location
    shape, rate = a0 + 0.5 * len(y), b0 + 0.5 * float(residual @ residual)
    posterior = NormalGammaPosterior("beta", location, root, shape, rate, model.block_values)
    evidence = closed_form(
        -posterior.log_det,
        np.log(np.diag(whiten)).sum(),
        a0 * np.log(b0),
        -shape * np.log(rate),
        special.gammaln(shape) - special.gammaln(a0),
        -0.5 * len(y) * LOG_2PI,
    )
    error = evidence.error * max(1.0, 1e-3 * np.linalg.cond(root))
    size = np.abs(rows) @ np.abs(location)
    error += cancelled(shape / rate * residual, target, size).sum()
    return evidence._replace(error=error), posterior
