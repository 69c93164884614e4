"""The posterior of a precision by quadrature, and of normals that are simple given it.

    y = log(t/unit)  a density on the line: everything else is integrated out in closed form
    w | t            ~ N(F location(t), F diag(1/precision(t)) F'),  F orthogonal

Shared by models whose prior makes the complete conditionals simple and the posterior not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from vi_lab.families import Distribution
from vi_lab.model import Values
from vi_lab.numerics import densities, positive_definite
from vi_lab.numerics.arithmetic import times
from vi_lab.numerics.line_density import Line, log_gamma_line
from vi_lab.numerics.mixed_densities import density_of_exponential, mix_normal_pairs, mix_normals
from vi_lab.numerics.rounding import Estimate, bound_cancellation

Along = Callable[[Any], np.ndarray]  # (...,) -> (..., M)


class NormalsGivenPrecision:
    """p(t, w | x), built from its two normalised parts.

    Parameters
    ----------
    names : (str, str)
        The latents t and w.
    line : Line
        p(log(t / unit) | x).
    location, precision : callable t (...,) -> (..., M)
        Of w in the frame F, whose coordinates are independent given t.
    frame : array (M, M) or None
        F; None where w is one number, of shape ().
    spreads : array (M,) or None
        The averages of 1/precision over t, where they need more than the line; may be infinite.
    unit : float
        Near the t of the top: its log would take digits from the nodes where t is known well.
    origin : array (M,) or float
        What w is counted from: w about it has digits that are lost where data lie far from 0.
    """

    def __init__(
        self,
        names: tuple[str, str],
        line: Line,
        location: Along,
        precision: Along,
        frame: np.ndarray | None = None,
        spreads: np.ndarray | None = None,
        *,
        unit: float = 1.0,
        origin: Any = 0.0,
    ) -> None:
        self.t, self.w = names
        self.line = line
        self.log_evidence = Estimate(line.log_integral, line.error, f"quadrature over {self.t}")
        self.location, self.precision = location, precision
        self.scalar = frame is None
        self.frame = np.eye(1) if frame is None else frame
        self.unit, self.origin = unit, np.asarray(origin, np.float64)
        t = unit * np.exp(line.nodes)
        middle = location(t[np.argmax(line.weights)])
        mean_t, mean = line.average(t), middle + line.average(location(t) - middle)
        between = line.average(((location(t) - mean) @ self.frame.T) ** 2)
        within = line.average(1.0 / precision(t)) if spreads is None else spreads
        shares = np.where(np.abs(self.frame) > 1e-12, self.frame**2, 0.0)
        sd = np.sqrt(between + times(shares, within).sum(-1))
        self.mean: Mapping[str, Any] = {
            self.w: self._event(self.origin + self.frame @ mean),
            self.t: mean_t,
        }
        self.sd: Mapping[str, Any] = {
            self.w: self._event(sd),
            self.t: np.sqrt(line.average((t - mean_t) ** 2)),
        }

    def _event(self, w: np.ndarray) -> Any:
        return w[..., 0] if self.scalar else w

    def _vector(self, w: Any) -> np.ndarray:
        """w about the origin, as an array (..., M)."""
        return (np.asarray(w)[..., None] if self.scalar else np.asarray(w)) - self.origin

    def log_density(self, values: Values) -> Any:
        """log p(log t | x) - log t + log N(w; ...); -inf outside 0 < t < inf and finite w."""
        t, w = np.asarray(values[self.t], dtype=np.float64), self._vector(values[self.w])
        inside = (t > 0) & np.isfinite(t) & np.isfinite(w).all(-1)
        t, w = np.where(inside, t, 1.0), np.where(inside[..., None], w, 0.0)
        given_t = densities.log_normal(w @ self.frame, self.location(t), 1.0 / self.precision(t))
        log_t = self.line.log_density(np.log(t / self.unit)) - np.log(t)
        return np.where(inside, log_t + given_t.sum(-1), -np.inf)

    def _given(self, t: np.ndarray, i: int) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of the number i of w given t, each of t's shape."""
        origin = np.broadcast_to(self.origin, len(self.frame))[i]
        mean = origin + self.location(t) @ self.frame[i]
        return mean, (self.frame[i] ** 2 / self.precision(t)).sum(-1)

    def _density_of_t(self, x: np.ndarray) -> np.ndarray:
        return density_of_exponential(self.line.log_density, x / self.unit) / self.unit

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        """Of t by its line; of a number of w the average of its normals along it."""
        if name == self.t:
            return self._density_of_t(x)
        mean, variance = self._given(self.unit * np.exp(self.line.nodes), sum(index))
        return mix_normals(self.line.weights, x, mean, variance)

    def joint_density(self, one: Any, two: Any, x: np.ndarray, y: np.ndarray) -> Any:
        """Of t and a number of w p(t) times a normal; of two of w an average of normals."""
        if one[0] == self.t:
            return self.joint_density(two, one, y, x).T
        i, t = sum(one[1]), self.unit * np.exp(self.line.nodes)
        if two[0] == self.t:
            mean, variance = self._given(np.where(y > 0, y, 1.0), i)
            given_t = np.exp(densities.log_normal(x[:, None], mean, variance))
            return given_t * self._density_of_t(y)
        j = sum(two[1])
        means, variances = zip(self._given(t, i), self._given(t, j), strict=True)
        cov = (self.frame[i] * self.frame[j] / self.precision(t)).sum(-1)
        return mix_normal_pairs(self.line.weights, x, y, means, variances, cov)

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        t = self.unit * np.exp(self.line.sample(rng, n))
        precision = self.precision(t)
        w = self.location(t) + rng.standard_normal(precision.shape) / np.sqrt(precision)
        return {self.w: self._event(self.origin + w @ self.frame.T), self.t: t}

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """E_q(t) [ log q(log t)/p(log t|x) + KL[q(w) || p(w|t, x)] ], on a line under q(t)."""
        shape, rate = (q[self.t].parameters[k] for k in ("shape", "rate"))
        mean, cov = self._moments(q[self.w])
        values, errors = np.empty(shape.shape), np.empty(shape.shape)
        for i in np.ndindex(shape.shape):
            line = log_gamma_line(float(shape[i]), float(shape[i]))  # of t over its mean
            unit = shape[i] / rate[i]

            def divergence(
                y: np.ndarray, i: Any = i, line: Line = line, unit: Any = unit
            ) -> np.ndarray:
                here = self.line.log_density(y + np.log(unit / self.unit))
                of_w = self._kl_given(unit * np.exp(y), mean[i], cov[i])
                return np.asarray(line.log_density(y) - here + of_w)

            values[i], errors[i] = line.expect(divergence)
            t = unit * np.exp(line.nodes)
            offset = self._offset(t, mean[i]) + self._lost_in_covariance(t, cov[i])
            errors[i] += self.line.error + line.average(offset)
        return Estimate(values[()], errors[()], "quadrature")

    def _offset(self, t: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """How far rounding moves the KL of w at each t where q and the truth lie far from 0."""
        m, location = mean @ self.frame, self.location(t)
        size = np.abs(mean) @ np.abs(self.frame)
        return bound_cancellation(self.precision(t) * (m - location), size, location).sum(-1)

    def _lost_in_covariance(self, t: np.ndarray, cov: np.ndarray) -> np.ndarray:
        """How far rounding moves it at each t where variances in the frame, or the determinant, are
        what is left of larger entries."""
        sizes = np.einsum("ij,ik,kj->j", np.abs(self.frame), np.abs(cov), np.abs(self.frame))
        det = positive_definite.lost_share(cov, np.linalg.slogdet(cov)[1])
        return bound_cancellation(0.5 * self.precision(t), sizes).sum(-1) + det

    def _moments(self, q: Distribution) -> tuple[np.ndarray, np.ndarray]:
        """Mean (..., M), about the origin, and covariance (..., M, M) of q(w)."""
        parameters = q.parameters
        if self.scalar:
            return self._vector(parameters["mean"]), parameters["sd"][..., None, None] ** 2
        return self._vector(parameters["mean"]), parameters["cov"]

    def _kl_given(self, t: np.ndarray, mean: np.ndarray, cov: np.ndarray) -> np.ndarray:
        """KL[N(mean, cov) || p(w|t, x)] at each t: in the frame the second is diagonal.

        [ sum_j precision_j (C_jj + (m_j - location_j)**2) - log precision_j ] - log|C| - M, halved
        """
        mean = mean @ self.frame
        variance = np.einsum("ij,ik,kj->j", self.frame, cov, self.frame)
        precision = self.precision(t)
        terms = precision * (variance + (mean - self.location(t)) ** 2) - np.log(precision)
        log_det = np.linalg.slogdet(cov)[1]
        return 0.5 * (terms.sum(-1) - log_det - len(mean))
