"""The decoder as a toy model, z ~ N(0, I) and x ~ p(x|z), for the truth's own use.

Written out once more from its formulas, in float64, and sharing no line with layers.py: the ELBO
is evaluated there, the evidence and the posterior here, so that a slip in either shows as a ledger
that does not hold.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.vae.networks import Network, Params

ELEMENTS = 2**18  # of the largest array made at a time: 2 MB stays in the cache
FACTORS = 1000  # of a product of numbers up to 2: below 2**1024


def softplus(a: np.ndarray) -> np.ndarray:
    """log(1 + e^a)."""
    tail = np.abs(a)
    np.negative(tail, out=tail)
    np.exp(tail, out=tail)
    np.log1p(tail, out=tail)
    tail += np.maximum(a, 0.0)
    return tail


def total_softplus(a: np.ndarray) -> np.ndarray:
    """sum_d log(1 + e^a_d) over the last axis, with one logarithm for many d.

    = sum_d max(a_d, 0) + log prod_d (1 + e^-|a_d|); no factor exceeds 2, so a product of FACTORS of
    them cannot overflow.
    """
    tail = np.abs(a)
    np.negative(tail, out=tail)
    np.exp(tail, out=tail)
    tail += 1.0
    products = np.multiply.reduceat(tail, range(0, a.shape[-1], FACTORS), axis=-1)
    return np.maximum(a, 0.0).sum(-1) + np.log(products).sum(-1)


def relu(a: np.ndarray) -> np.ndarray:
    return np.maximum(a, 0.0)


def relu_slope(a: np.ndarray) -> np.ndarray:
    return (a > 0).astype(np.float64)


def tanh_slope(a: np.ndarray) -> Any:
    return 1.0 - np.tanh(a) ** 2


def softplus_slope(a: np.ndarray) -> Any:
    return special.expit(a)


# By name, and none a lambda: a decoder is sent to other processes.
ACTIVATIONS: dict[str, Any] = {"tanh": np.tanh, "relu": relu, "softplus": softplus}
SLOPES: dict[str, Any] = {"tanh": tanh_slope, "relu": relu_slope, "softplus": softplus_slope}


class Decoder:
    """log p(x, z) of one set of parameters, for many data at many latent points.

    Attributes
    ----------
    n_latent : int
    width : int
        The largest layer, which decides how many points are decoded together.
    ceiling : float
        No log p(x|z) is larger: 0 for a Bernoulli, the density at the mean for a Gaussian.
    smooth : bool
        Whether log p(x|z) has no kinks in z.
    layers : list of (weight, bias)
        The hidden ones in order, then the output's.
    activation : str
    bernoulli : bool
    precision : float
        Of a Gaussian likelihood: 1 / s^2.
    """

    def __init__(self, network: Network, params: Params) -> None:
        count = len(network.hidden)
        names = [*(f"decoder.{i}" for i in range(count)), "decoder.out"]
        self.layers = [
            (np.array(params[f"{n}.weight"], np.float64), np.array(params[f"{n}.bias"], np.float64))
            for n in names
        ]
        self.activation = network.activation
        self._activation = ACTIVATIONS[network.activation]
        self._slope = SLOPES[network.activation]
        self.smooth = network.activation != "relu" or not network.hidden
        self.bernoulli = network.likelihood == "bernoulli"
        self.n_latent, self.width = network.n_latent, max(network.n_inputs, *network.hidden, 1)
        self.ceiling, self.precision = 0.0, 0.0
        if not self.bernoulli:
            log_sd = float(params["decoder.log_sd"]) if network.learns_noise else network.log_sd
            self._log_sd = float(log_sd)  # type: ignore[arg-type]
            self.precision = float(np.exp(-2.0 * self._log_sd))
            self.ceiling = -network.n_inputs * (self._log_sd + 0.5 * LOG_2PI)

    @property
    def points(self) -> int:
        """How many latent points to decode at a time."""
        return max(ELEMENTS // self.width, 1)

    def out(self, z: np.ndarray) -> np.ndarray:
        """Logits or means (..., n_inputs) at z (..., n_latent)."""
        *hidden, (weight, bias) = self.layers
        h = z.reshape(-1, self.n_latent)
        for w, b in hidden:
            h = h @ w.T
            h += b
            h = self._activation(h)
        out = h @ weight.T
        out += bias
        return out.reshape(*z.shape[:-1], -1)

    def log_joint_everywhere(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        """log p(x_n, z_g) of every datum at every point: x (n, D), z (g, n_latent) -> (n, g).

        The points are decoded once for all data: what is left for each datum is a matrix product.
        """
        out = self.out(z)
        prior = -0.5 * ((z**2).sum(-1) + self.n_latent * LOG_2PI)
        if self.bernoulli:
            return x @ out.T + (prior - total_softplus(out))
        centre = x.mean(0)  # keeps the squares small, so that their difference keeps its digits
        x, out, precision = x - centre, out - centre, self.precision
        of_points = prior - 0.5 * precision * (out**2).sum(-1) + self.ceiling
        of_data = -0.5 * precision * (x**2).sum(-1)
        return precision * (x @ out.T) + of_points + of_data[:, None]

    def log_joint(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        """log p(x_n, z_ng) of every datum at points of its own: z (n, g, n_latent) -> (n, g)."""
        prior = -0.5 * ((z**2).sum(-1) + self.n_latent * LOG_2PI)
        return self.log_likelihood(x, self.out(z)) + prior

    def log_likelihood(self, x: np.ndarray, out: np.ndarray) -> np.ndarray:
        """log p(x_n|out_ng) of every datum at points of its own: out (n, g, n_inputs) -> (n, g)."""
        if self.bernoulli:
            return (out @ x[:, :, None])[:, :, 0] - total_softplus(out)
        white = (x[:, None] - out) * np.exp(-self._log_sd)
        return self.ceiling - 0.5 * (white**2).sum(-1)

    def linearise(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`out` (n, n_inputs) at z (n, n_latent), and J = d out / d z (n, n_inputs, n_latent).

        Along the layers, forwards: of h = f(W g + b), dh/dz = diag(f') W dg/dz; begun at dz/dz = I.
        """
        *hidden, (weight, bias) = self.layers
        h, jacobian = z, np.broadcast_to(np.eye(self.n_latent), (len(z), *(self.n_latent,) * 2))
        for w, b in hidden:
            a = h @ w.T + b
            jacobian = self._slope(a)[:, :, None] * (w @ jacobian)
            h = self._activation(a)
        return h @ weight.T + bias, weight @ jacobian

    def gauss_newton(self, x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The gradient of log p(x, z) in z, (n, d), and its Gauss-Newton precision, (n, d, d).

        With r and v the first derivative of log p(x|out) in each `out` and minus its second (a
        Bernoulli's: x - p and p (1 - p); a Gaussian's: (x - out) / s^2 and 1 / s^2), the gradient
        is J' r - z, and the precision I + J' diag(v) J: minus the Hessian without the bend of `out`
        itself, so positive definite wherever it is taken.
        """
        out, jacobian = self.linearise(z)
        if self.bernoulli:
            p = special.expit(out)
            first, second = x - p, p * (1.0 - p)
        else:
            precision = self.precision
            first, second = precision * (x - out), np.full_like(out, precision)
        gradient = (jacobian.mT @ first[:, :, None])[:, :, 0] - z
        return gradient, np.eye(self.n_latent) + jacobian.mT @ (second[:, :, None] * jacobian)
