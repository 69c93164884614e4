"""The exact posterior of a signal among clutter: on a line, or by enumeration of the labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.families import Distribution
from vi_lab.model import Values
from vi_lab.models.posteriors.mixture import NormalComponents
from vi_lab.numerics import densities, enumeration
from vi_lab.numerics.arithmetic import LOG_2PI, log, times
from vi_lab.numerics.line_density import DEPTH, Line, normal_line
from vi_lab.numerics.rounding import Estimate


class LineOfClutter:
    """p(theta | x) by quadrature in one dimension, and the labels independent given theta.

    Every factor of the density of theta falls away from 0 or from a point, so all modes lie among
    these; it is a mixture of normals of precision 1/prior_var + n at the most. No factor of a point
    is above its own top, so beyond a radius the prior alone puts the density far below its value
    at 0.

    Parameters
    ----------
    model : Clutter
        Of which are read `points` x (n, 1), `log_weights`, the logs of the shares of signal and
        clutter, `background` and `prior_var`, the variances of the clutter and of theta's prior,
        and `plates`, () or (1,), the shape of theta.
    """

    def __init__(self, model: Any) -> None:
        plates, x, prior_var = model.plates, model.points[:, 0], model.prior_var
        self.plates, self._x, (self._log_signal, log_clutter) = plates, x, model.log_weights
        self._outside = log_clutter + densities.log_normal(x, 0.0, model.background)

        def log_density(theta: np.ndarray) -> np.ndarray:
            log_p = self._log_points(theta)
            log_x = np.logaddexp(log_p[..., 0], log_p[..., 1]).sum(-1)
            return densities.log_normal(theta, 0.0, prior_var) + log_x

        tops = np.logaddexp(self._log_signal - 0.5 * LOG_2PI, self._outside).sum()
        at_zero = log_density(np.array(0.0)) + 0.5 * (LOG_2PI + np.log(prior_var))
        radius = np.sqrt(2.0 * prior_var * (tops - at_zero + 2.0 * DEPTH))
        low, high = max(min(x.min(), 0.0), -radius), min(max(x.max(), 0.0), radius)
        self.line = line = Line(log_density, low, high, (len(x) + 1.0 / prior_var) ** -0.5)
        self.log_evidence = Estimate(line.log_integral, line.error, "quadrature over theta")
        mean = line.average(line.nodes)
        spread = np.sqrt(line.average((line.nodes - mean) ** 2))
        labels = line.average(np.exp(self.log_labels(line.nodes)))
        together = self._co_assignment()
        self.mean: Mapping[str, Any] = {
            "theta": np.full(plates, mean),
            "z": labels,
            "co_assignment": together,
        }
        self.sd: Mapping[str, Any] = {
            "theta": np.full(plates, spread),
            "co_assignment": np.sqrt(together * (1.0 - together)),
        }

    def _log_points(self, theta: np.ndarray) -> np.ndarray:
        """The logs of what signal and clutter contribute to each point's density, (..., n, 2)."""
        inside = densities.log_normal(self._x, np.asarray(theta)[..., None], 1.0)
        return np.stack(np.broadcast_arrays(self._log_signal + inside, self._outside), axis=-1)

    def _co_assignment(self) -> np.ndarray:
        """P(z_i = z_j | x), shape (n, n): labels of two points are independent given theta."""
        some = self.line.weights > 1e-18
        weights, shares = self.line.weights[some], np.exp(self.log_labels(self.line.nodes[some]))
        total = sum((shares[..., k].T * weights) @ shares[..., k] for k in range(2))
        np.fill_diagonal(total, 1.0)
        return np.clip(total, 0.0, 1.0)

    def log_labels(self, theta: Any) -> np.ndarray:
        """log p(z_i = k | theta, x_i), shape (..., n, 2)."""
        log_p = self._log_points(theta)
        return log_p - np.logaddexp(log_p[..., :1], log_p[..., 1:])

    def log_density(self, values: Values) -> Any:
        z, theta = np.asarray(values["z"]), np.asarray(values["theta"], dtype=np.float64)
        theta = theta.reshape(theta.shape[: theta.ndim - len(self.plates)])
        valid = ((z == 0) | (z == 1)).all(-1) & np.isfinite(theta)
        theta = np.where(np.isfinite(theta), theta, 0.0)
        log_p = self.log_labels(theta)
        given_theta = np.where(z == 1, log_p[..., 1], log_p[..., 0]).sum(-1)
        return np.where(valid, self.line.log_density(theta) + given_theta, -np.inf)

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        if name == "theta":
            return np.exp(self.line.log_density(x))
        return None

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        theta = self.line.sample(rng, n)
        clutter = np.exp(self.log_labels(theta)[..., 1])
        z = (rng.random(clutter.shape) < clutter).astype(np.int8)
        return {"theta": theta.reshape(n, *self.plates), "z": z}

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """E_q(theta) [ log q(theta)/p(theta|x) + sum_i KL[q(z_i) || p(z_i|theta, x_i)] ]."""
        mean, sd = (q["theta"].parameters[k] for k in ("mean", "sd"))
        mean, sd = (a.reshape(a.shape[: a.ndim - len(self.plates)]) for a in (mean, sd))
        shares = q["z"].parameters["probabilities"]
        values, errors = np.empty(mean.shape), np.empty(mean.shape)
        for i in np.ndindex(mean.shape):
            line = normal_line(float(mean[i]), float(sd[i]))
            surprise = times(shares[i], log(shares[i]))

            def divergence(
                theta: np.ndarray, i: Any = i, line: Line = line, surprise: Any = surprise
            ) -> np.ndarray:
                about_labels = surprise - times(shares[i], self.log_labels(theta))
                about_theta = line.log_density(theta) - self.line.log_density(theta)
                return np.asarray(about_theta + about_labels.sum((-2, -1)))

            values[i], errors[i] = line.expect(divergence)
            errors[i] += self.line.error
        return Estimate(values[()], errors[()], "quadrature")


class LabelledClutter(NormalComponents):
    """Log evidence and posterior in D dimensions by a sum over labellings, x being (n, D).

    Given the labels the signal's points are jointly normal, N(x; 0, I + prior_var 1 1'), and theta
    is N(anchor + offset, variance I): (M, D), (M, D) and (M, 1).
    """

    component_block = "theta"

    def __init__(self, model: Any) -> None:
        self.event, x, prior_var = model.plates, model.points, model.prior_var
        n, size = x.shape
        labels = enumeration.visit_labellings(n, 2)
        count, first, shifts, scatters = (each[:, 0] for each in enumeration.split_by_label(x, 2))
        d, shared = first + shifts, 1.0 + count * prior_var  # the signal's mean, from the prior's
        terms = (
            -0.5 * size * count * LOG_2PI,
            -0.5 * size * np.log1p(count * prior_var),
            -0.5 * np.trace(scatters, axis1=-2, axis2=-1),
            -0.5 * count * (d**2).sum(-1) / shared,
            (labels == 1) @ densities.log_normal(x, 0.0, model.background).sum(-1),
            times(count, model.log_weights[0]) + times(n - count, model.log_weights[1]),
        )
        # theta's mean, a step from the points or from the prior, whichever is nearer
        count, shared = count[:, None], shared[:, None]
        near_prior = count * prior_var < 1.0
        self.anchor = np.where(near_prior, 0.0, first)
        step = np.where(near_prior, count * prior_var * d, shifts * shared - d)
        self.offset, self.variance = step / shared, prior_var / shared
        super().__init__(labels, sum(terms), sum(np.abs(term) for term in terms))

    @property
    def mean(self) -> Mapping[str, Any]:
        return _theta_first(super().mean)

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        return _theta_first(super().sample(rng, n))


def _theta_first(values: Mapping[str, Any]) -> dict[str, Any]:
    """In the model's order; other mixtures have their labels first."""
    return {"theta": values["theta"], **values}
