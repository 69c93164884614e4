"""Linear regression with unknown noise, under its conjugate prior.

    tau        ~ Gamma(a0, b0)
    beta | tau ~ N(m0, V0 / tau)
    y_i        ~ N(x_i' beta, 1 / tau)     i = 1..n

With all coefficients in one block q gives up little; with a block for each coefficient it cuts what
collinear columns tie together, claims too little spread for every one of them, and coordinate-wise
Gibbs and CAVI creep along the ridge (Bishop 2006, 3.3 and exercise 3.12-3.13; 10.1.2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.errors import InputError
from vi_lab.families import (
    Distribution,
    Gamma,
    GammaStats,
    MultivariateNormal,
    MultivariateNormalStats,
    Normal,
    NormalStats,
)
from vi_lab.model import Block, Model, Statistics, Values
from vi_lab.models.initial_values import OVERDISPERSION, draw_overdispersed
from vi_lab.numerics import densities, special
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.rounding import Estimate, cancelled, rounding
from vi_lab.results import Exact


class LinearRegression(Model):
    """y ~ N(X beta, I/tau) with beta | tau ~ N(m0, V0/tau) and tau ~ Gamma(a0, b0).

    Parameters
    ----------
    X : array (n, P)
        One column for each coefficient; a column of ones for an intercept.
    y : array (n,)
    m0 : float or array (P,)
    V0 : array (P, P)
        Prior covariance of beta in units of the noise variance; symmetric positive definite.
    a0, b0 : float
        Shape and rate of the noise precision tau.
    blocks : "joint" or "coordinates"
        All coefficients in one block `beta`, or a block each: `beta.0`, `beta.1`, ...

    Latents: `beta` (P,) and `tau`. Statistics of beta are taken about its posterior mean, the
    centre: completing the square leaves no linear term.
    """

    no_exact_because = None

    @public
    def __init__(
        self, X: Any, y: Any, m0: Any, V0: Any, a0: float, b0: float, blocks: str = "joint"
    ) -> None:
        self.X, self.y = design(X, y)
        self.n, self.size = self.X.shape
        self.m0 = checks.vector_of("m0", m0, self.size)
        self.V0 = checks.covariance("V0", V0, self.size)
        self.a0 = checks.positive("a0", a0)
        self.b0 = checks.positive("b0", b0)
        self.cut = checks.one_of("blocks", blocks, ("joint", "coordinates"))
        prior = np.linalg.inv(self.V0)
        self._prior = 0.5 * (prior + prior.T)
        self._gram = self.X.T @ self.X
        self._precision = self._prior + self._gram
        pull = self._prior @ self.m0 + self.X.T @ self.y
        self.centre = np.linalg.solve(self._precision, pull)
        d0, residual = self.m0 - self.centre, self.y - self.X @ self.centre
        # what a quadratic in d = beta - centre needs: its linear terms and its constant
        self._about_prior = self._prior @ d0, float(d0 @ self._prior @ d0)
        self._about_data = residual @ self.X, float(residual @ residual)
        self._log_constants = (
            self.a0 * np.log(self.b0)
            - special.gammaln(self.a0)
            - 0.5 * np.linalg.slogdet(self.V0)[1]
            - 0.5 * (self.n + self.size) * LOG_2PI
        )
        self._shape = self.a0 + 0.5 * (self.n + self.size)
        self._rate = self.b0 + 0.5 * (self._about_prior[1] + self._about_data[1])
        self.names = [f"beta.{j}" for j in range(self.size)]
        if self.cut == "joint":
            family = MultivariateNormal(self.size, self.centre)
            self.blocks = {"beta": Block(family, self._beta_given_tau)}
        else:
            self.blocks = {
                name: Block(Normal(float(self.centre[j])), partial(self._one_given_rest, j))
                for j, name in enumerate(self.names)
            }
        self.blocks["tau"] = Block(Gamma(), self._tau_given_beta)

    def log_joint(self, stats: Statistics) -> Any:
        tau = stats["tau"]
        log_tau = (self.a0 - 1.0) * tau.log - self.b0 * tau.value
        from_prior = self._quadratic(stats, self._prior, *self._about_prior)
        log_beta = 0.5 * self.size * tau.log - 0.5 * tau.value * from_prior
        from_data = self._quadratic(stats, self._gram, *self._about_data)
        log_y = 0.5 * self.n * tau.log - 0.5 * tau.value * from_data
        return log_tau + log_beta + log_y + self._log_constants

    def _quadratic(self, stats: Statistics, matrix: Any, pull: Any, constant: float) -> Any:
        """d'A d - 2 pull'd + constant, multiplied out in the statistics of the blocks."""
        if self.cut == "joint":
            beta = stats["beta"]
            squares = (matrix * beta.outer).sum((-2, -1))
            return squares - 2.0 * (pull * beta.value).sum(-1) + constant
        total: Any = constant
        for j, name in enumerate(self.names):
            here = stats[name]
            total = total + matrix[j, j] * here.square - 2.0 * pull[j] * here.value
            for k in range(j):
                cross = here.value * stats[self.names[k]].value
                total = total + 2.0 * matrix[j, k] * cross
        return total

    def _beta_given_tau(self, stats: Statistics) -> MultivariateNormalStats:
        """N(centre, (V0^-1 + X'X)^-1 / tau)"""
        tau = np.asarray(stats["tau"].value)[..., None, None]
        return MultivariateNormalStats(np.zeros(self.size), -0.5 * tau * self._precision)

    def _one_given_rest(self, j: int, stats: Statistics) -> NormalStats:
        """Precision tau P_jj; linear term -tau sum_(k != j) P_jk d_k, with P = V0^-1 + X'X"""
        tau, pull = stats["tau"].value, 0.0
        for k, name in enumerate(self.names):
            if k != j:
                pull = pull - self._precision[j, k] * stats[name].value
        return NormalStats(tau * pull, -0.5 * self._precision[j, j] * tau)

    def _tau_given_beta(self, stats: Statistics) -> GammaStats:
        """Gamma(a0 + (n + P)/2, b0 + (beta - m0)'V0^-1(beta - m0)/2 + |y - X beta|**2/2)

        By the completed square the rate is a constant plus d'P d/2.
        """
        rate = 0.5 * self._quadratic(stats, self._precision, np.zeros(self.size), 0.0) + self._rate
        return GammaStats(self._shape - 1.0, -rate)

    def latents(self, values: Values) -> dict[str, Any]:
        if self.names[0] not in values:
            return dict(values)
        beta = np.stack(np.broadcast_arrays(*(values[name] for name in self.names)), axis=-1)
        return {"beta": beta, **{n: v for n, v in values.items() if n not in self.names}}

    def _in_blocks(self, beta: np.ndarray, tau: Any) -> Values:
        if self.cut == "joint":
            return {"beta": beta, "tau": tau}
        return {**{name: beta[..., j] for j, name in enumerate(self.names)}, "tau": tau}

    def sample_latents(self, rng: np.random.Generator, batch: tuple[int, ...] = ()) -> Values:
        tau = rng.standard_gamma(self.a0, batch) / self.b0
        noise = rng.standard_normal((*batch, self.size)) @ np.linalg.cholesky(self.V0).T
        return self._in_blocks(self.m0 + noise / np.sqrt(tau)[..., None], tau)

    def sample_initial_values(
        self, rng: np.random.Generator, batch: tuple[int, ...] = ()
    ) -> Values:
        """Three posterior sds wide, along the ridge too: a prior draw may be thousands away."""
        if self.a0 >= 1.0:
            tau = rng.standard_gamma(self._shape, batch) / self._rate
        else:
            tau = draw_overdispersed(rng, self._shape, self._rate, batch)
        whiten = np.linalg.inv(np.linalg.cholesky(self._precision))
        noise = rng.standard_normal((*batch, self.size)) @ whiten
        return self._in_blocks(self.centre + OVERDISPERSION * noise / np.sqrt(tau)[..., None], tau)

    def sample_data(self, rng: np.random.Generator, values: Values) -> LinearRegression:
        noise = rng.standard_normal(self.n) / np.sqrt(values["tau"])
        y = self.X @ self.latents(values)["beta"] + noise
        return LinearRegression(self.X, y, self.m0, self.V0, self.a0, self.b0, self.cut)

    def exact_posterior(self) -> Exact:
        """The prior as P more observations, and all of them in one least-squares problem.

        With V0 = C C', least squares of (C^-1 m0, y) on the rows (C^-1, X) = Q R gives the
        posterior: beta | tau ~ N(m, (R'R)^-1/tau), tau ~ Gamma(a0 + n/2, b0 + |residual|**2/2)
        (Gelman et al. 2013, 14.8). The conditionals above use the normal equations instead.
        """
        whiten = np.linalg.inv(np.linalg.cholesky(self.V0))
        rows = np.concatenate([whiten, self.X])
        target = np.concatenate([whiten @ self.m0, self.y])
        orthogonal, root = np.linalg.qr(rows)
        location = np.linalg.solve(root, orthogonal.T @ target)
        residual = target - rows @ location
        shape = self.a0 + 0.5 * self.n
        rate = self.b0 + 0.5 * float(residual @ residual)
        terms = (
            -np.log(np.abs(np.diag(root))).sum(),
            np.log(np.diag(whiten)).sum(),
            self.a0 * np.log(self.b0),
            -shape * np.log(rate),
            special.gammaln(shape) - special.gammaln(self.a0),
            -0.5 * self.n * LOG_2PI,
        )
        posterior = RegressionPosterior(location, root, shape, rate, self._in_blocks)
        error = rounding(*terms) * max(1.0, 1e-3 * np.linalg.cond(root))
        error += cancelled(shape / rate * residual, target, np.abs(rows) @ np.abs(location)).sum()
        return Exact(self, float(sum(terms)), float(error), "closed form", posterior)


def design(X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    """A design matrix (n, P) and its responses (n,), checked."""
    X, y = checks.observations("X", X, ndim=2), checks.observations("y", y)
    if len(X) != len(y):
        raise InputError(f"X: needs one row for each of the {len(y)} values of y, got {X.shape}")
    return X, y


class RegressionPosterior:
    """beta | tau ~ N(location, (R'R)^-1 / tau), tau ~ Gamma(shape, rate)."""

    def __init__(
        self,
        location: np.ndarray,
        root: np.ndarray,
        shape: float,
        rate: float,
        in_blocks: Callable[[np.ndarray, Any], Values],
    ) -> None:
        self.location, self.root, self.shape, self.rate = location, root, shape, rate
        self.in_blocks = in_blocks
        self.inverse = np.linalg.inv(root)
        self.log_det = float(np.log(np.abs(np.diag(root))).sum())  # of R
        # beta is Student's t with 2*shape degrees of freedom: a mean from one, an sd from two
        unit = np.sqrt((self.inverse**2).sum(-1))
        spread = unit * np.sqrt(rate / (shape - 1.0)) if shape > 1 else np.inf * unit
        mean = location if shape > 0.5 else np.nan * location
        self.mean: Mapping[str, Any] = {"beta": mean, "tau": shape / rate}
        self.sd: Mapping[str, Any] = {"beta": spread, "tau": np.sqrt(shape) / rate}

    def log_density(self, values: Values) -> Any:
        beta, tau = np.asarray(values["beta"]), np.asarray(values["tau"])
        log_tau = densities.log_gamma(tau, self.shape, self.rate)
        inside = np.isfinite(log_tau) & np.isfinite(beta).all(-1)
        safe = np.where(inside, tau, 1.0)
        white = (np.where(inside[..., None], beta, 0.0) - self.location) @ self.root.T
        log_beta = 0.5 * len(self.location) * (np.log(safe) - LOG_2PI) + self.log_det
        return np.where(inside, log_tau + log_beta - 0.5 * safe * (white**2).sum(-1), -np.inf)

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        tau = rng.standard_gamma(self.shape, n) / self.rate
        noise = rng.standard_normal((n, len(self.location))) @ self.inverse.T
        return self.in_blocks(self.location + noise / np.sqrt(tau)[:, None], tau)

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """KL[q(tau) || p(tau|x)] + E_q(tau) KL[q(beta) || p(beta|tau, x)], in closed form.

        With E = E[tau], L = E[log tau] and (m, C) the moments of q(beta), the second is
        [ E (tr R C R' + |R (m - location)|**2) - P - log|C| - log|R'R| - P L ] / 2.
        """
        shape, rate = (q["tau"].parameters[k] for k in ("shape", "rate"))
        mean, cov = _moments({name: f for name, f in q.items() if name != "tau"})
        size, expected = len(self.location), shape / rate
        white = (mean - self.location) @ self.root.T
        spread = np.einsum("ij,...jk,ik->...", self.root, cov, self.root)
        terms = (
            densities.kl_gamma(shape, rate, self.shape, self.rate),
            0.5 * expected * (spread + (white**2).sum(-1)),
            -0.5 * size * (1.0 + special.psi(shape) - np.log(rate)),
            -0.5 * np.linalg.slogdet(cov)[1] - self.log_det,
        )
        sizes = (special.gammaln(shape), special.gammaln(self.shape), self.shape * np.log(rate))
        slope = expected[..., None] * (white @ self.root)
        offset = cancelled(slope, mean, self.location).sum(-1)
        return Estimate(sum(terms), rounding(*terms, *sizes) + offset, "closed form")


def _moments(q: Mapping[str, Distribution]) -> tuple[np.ndarray, np.ndarray]:
    """Mean (..., P) and covariance (..., P, P) of the coefficients, however they are cut."""
    if "beta" in q:
        parameters = q["beta"].parameters
        return parameters["mean"], parameters["cov"]
    mean, sd = (
        np.stack([factor.parameters[k] for factor in q.values()], axis=-1) for k in ("mean", "sd")
    )
    return mean, (sd**2)[..., None] * np.eye(mean.shape[-1])
