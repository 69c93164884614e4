"""The layers of the fast path: those of layers.py again, in place and in few passes over memory.

An activation overwrites its input; its backward pass overwrites the cotangent. A likelihood reads
`out`, uses it up, leaves the gradient of the batch mean in `d_out` and returns the batch's sum.
"""

from __future__ import annotations

import numpy as np

from vi_lab.numerics.arithmetic import LOG_2PI

LOG_2 = float(np.log(2.0))


def tanh(h: np.ndarray) -> None:
    """h <- tanh(h)."""
    np.tanh(h, out=h)


def tanh_backward(dh: np.ndarray, h: np.ndarray) -> None:
    """dh <- dh (1 - h^2)."""
    slope = h * h
    np.subtract(1.0, slope, out=slope)
    dh *= slope


def relu(h: np.ndarray) -> None:
    """h <- max(h, 0)."""
    np.maximum(h, 0.0, out=h)


def relu_backward(dh: np.ndarray, h: np.ndarray) -> None:
    """dh <- dh sign(h): h is never negative."""
    dh *= np.sign(h)


def softplus(h: np.ndarray) -> None:
    """h <- max(h, 0) + log(1 + e^-|h|)."""
    tail = np.abs(h)
    np.negative(tail, out=tail)
    np.exp(tail, out=tail)
    np.log1p(tail, out=tail)
    np.maximum(h, 0.0, out=h)
    h += tail


def softplus_backward(dh: np.ndarray, h: np.ndarray) -> None:
    """dh <- dh sigmoid(a), which is 1 - e^-h where h = softplus(a)."""
    slope = np.negative(h)
    np.expm1(slope, out=slope)
    slope *= dh
    np.negative(slope, out=dh)


ACTIVATIONS = {
    "tanh": (tanh, tanh_backward),
    "relu": (relu, relu_backward),
    "softplus": (softplus, softplus_backward),
}


def bernoulli(x: np.ndarray, out: np.ndarray, d_out: np.ndarray, scratch: np.ndarray) -> float:
    """One tanh for both. With u = logits / 2 and T = tanh(u), sigmoid(2u) = (1 + T) / 2, so

        log p = sum_d (x_d - 1/2) 2 u_d - log(2 cosh u_d),   d log p / d logits = (x - 1/2) - T / 2,

    and log(2 cosh u) = |u| + log 2 - log(1 + |T|), in which nothing overflows or cancels.
    """
    u, t = out, d_out
    u *= 0.5
    np.tanh(u, out=t)
    np.subtract(x, 0.5, out=scratch)
    total = 2.0 * float(np.vdot(scratch, u))
    scratch *= 1.0 / len(x)
    np.abs(u, out=u)
    total -= _sum(u) + u.size * LOG_2
    np.abs(t, out=u)
    np.log1p(u, out=u)
    total += _sum(u)
    t *= -0.5 / len(x)
    t += scratch
    return total


def _sum(a: np.ndarray) -> float:
    """Rows first: the quickest way for NumPy to add up a matrix."""
    return float(a.sum(0).sum())


def gaussian(
    x: np.ndarray, out: np.ndarray, d_out: np.ndarray, log_sd: float
) -> tuple[float, float]:
    """With r = x - mean: d_out = r e^(-2 log_sd); also returns the gradient of log_sd."""
    precision = float(np.exp(-2.0 * log_sd))
    np.subtract(x, out, out=d_out)
    squares = precision * float(np.vdot(d_out, d_out))
    d_out *= precision / len(x)
    total = -0.5 * squares - out.size * (0.5 * LOG_2PI + log_sd)
    return total, (squares - out.size) / len(x)
