"""Every layer of a variational auto-encoder: a forward pass, and beside it its backward pass.

    output, cache = layer(inputs)
    gradients of the inputs = layer_backward(cotangent, cache)

The cotangent is d objective / d output, in the output's shape; what comes back is d objective /
d input, by the chain rule. Nothing here differentiates by machine: each rule is derived in the
docstring of its backward pass. Arrays are (..., features); any number of leading axes (draws,
batch) goes through.

Every function but `relu` is analytic, and none takes an absolute value or a maximum of a complex
number (branches look at the real part alone), so the derivative of any of them, and of the whole
objective, can be had to the last digit from a complex step: Im f(x + ih v) / h.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.numerics.arithmetic import LOG_2PI


def linear(x: Any, weight: Any, bias: Any) -> tuple[Any, Any]:
    """y = x W' + b; x (..., in), weight (out, in), bias (out,)."""
    return x @ weight.T + bias, (x, weight)


def linear_backward(dy: Any, cache: Any) -> tuple[Any, Any, Any]:
    """The gradients of x, weight and bias.

    y_o = sum_i x_i W_oi + b_o, so dx_i = sum_o dy_o W_oi, dW_oi = dy_o x_i and db_o = dy_o; weight
    and bias are shared by all leading indices, so theirs are summed over them.
    """
    x, weight = cache
    rows_x, rows_dy = x.reshape(-1, x.shape[-1]), dy.reshape(-1, dy.shape[-1])
    return dy @ weight, rows_dy.T @ rows_x, rows_dy.sum(0)


def tanh(a: Any) -> tuple[Any, Any]:
    """h = tanh(a)."""
    h = np.tanh(a)
    return h, h


def tanh_backward(dh: Any, h: Any) -> Any:
    """tanh' = 1 - tanh^2, so da = dh (1 - h^2)."""
    return dh * (1.0 - h * h)


def relu(a: Any) -> tuple[Any, Any]:
    """h = a where a > 0, else 0. Not analytic at 0, where its derivative is taken as 0."""
    positive = a.real > 0
    return np.where(positive, a, np.zeros_like(a)), positive


def relu_backward(dh: Any, positive: Any) -> Any:
    """da = dh where a > 0, else 0."""
    return np.where(positive, dh, np.zeros_like(dh))


def softplus(a: Any) -> tuple[Any, Any]:
    """h = log(1 + e^a) = max(a, 0) + log(1 + e^-|a|), which neither overflows nor loses digits."""
    positive = a.real > 0
    tail = np.exp(np.where(positive, -a, a))
    return np.where(positive, a, np.zeros_like(a)) + np.log1p(tail), (positive, tail)


def softplus_backward(dh: Any, cache: Any) -> Any:
    """d log(1 + e^a) / da = e^a / (1 + e^a) = sigmoid(a)."""
    return dh * _sigmoid(*cache)


def _sigmoid(positive: Any, tail: Any) -> Any:
    """1 / (1 + e^-a), from e^-|a|: 1 / (1 + tail) where a > 0, else tail / (1 + tail)."""
    return np.where(positive, np.ones_like(tail), tail) / (1.0 + tail)


def sigmoid(a: Any) -> Any:
    """1 / (1 + e^-a), without overflow."""
    return _sigmoid(*softplus(a)[1])


ACTIVATIONS = {
    "tanh": (tanh, tanh_backward),
    "relu": (relu, relu_backward),
    "softplus": (softplus, softplus_backward),
}


def bernoulli_log_likelihood(x: Any, logits: Any) -> tuple[Any, Any]:
    """log p(x|z) = sum_d x_d log p_d + (1 - x_d) log(1 - p_d), p = sigmoid(logits); shape (...,).

    (Kingma & Welling 2014, appendix C.1, eq. 11.) With log p = l - softplus(l) and
    log(1 - p) = -softplus(l) it is sum_d x_d l_d - softplus(l_d): no logarithm of a number that
    may have rounded to 0. It normalises over x in {0, 1}; on grey values it is a score only.
    """
    log_one_plus, tail = softplus(logits)
    return (x * logits - log_one_plus).sum(-1), (x, tail)


def bernoulli_log_likelihood_backward(dy: Any, cache: Any) -> Any:
    """The gradient of the logits: d(x l - softplus(l))/dl = x - sigmoid(l)."""
    x, tail = cache
    return dy[..., None] * (x - _sigmoid(*tail))


def gaussian_log_likelihood(x: Any, mean: Any, log_sd: Any) -> tuple[Any, Any]:
    """log p(x|z) = sum_d log N(x_d; mean_d, e^(2 log_sd)), one log_sd for all d; shape (...,).

    (Kingma & Welling 2014, appendix C.2, with a variance that does not depend on z.)
    """
    white = (x - mean) * np.exp(-log_sd)
    each = -0.5 * (LOG_2PI + white * white) - log_sd
    return each.sum(-1), (white, log_sd)


def gaussian_log_likelihood_backward(dy: Any, cache: Any) -> tuple[Any, Any]:
    """The gradients of mean and log_sd.

    With u = (x - m) e^-s and f = -u^2/2 - s + const: du/dm = -e^-s and du/ds = -u, so
    df/dm = u e^-s and df/ds = u^2 - 1. log_sd is shared by everything: its gradient is a sum.
    """
    white, log_sd = cache
    dy = dy[..., None]
    return dy * white * np.exp(-log_sd), (dy * (white * white - 1.0)).sum()


def kl_standard_normal(mean: Any, logvar: Any) -> tuple[Any, Any]:
    """KL[N(mean, e^logvar) || N(0, I)] = sum_j (mean_j^2 + e^logvar_j - 1 - logvar_j) / 2.

    The negative of Kingma & Welling 2014, appendix B; the first term of their eq. 10. Shape (...,).
    """
    variance = np.exp(logvar)
    return 0.5 * (mean * mean + variance - 1.0 - logvar).sum(-1), (mean, variance)


def kl_standard_normal_backward(dy: Any, cache: Any) -> tuple[Any, Any]:
    """The gradients of mean and logvar: mean_j and (e^logvar_j - 1) / 2."""
    mean, variance = cache
    return dy[..., None] * mean, dy[..., None] * (0.5 * (variance - 1.0))


def reparameterise(mean: Any, logvar: Any, eps: Any) -> tuple[Any, Any]:
    """z = mean + e^(logvar / 2) eps ~ N(mean, e^logvar) where eps ~ N(0, I).

    (Kingma & Welling 2014, section 2.4 and eq. 10.) z has the shape of eps, (draws, batch, latent).
    """
    noise = np.exp(0.5 * logvar) * eps
    return mean + noise, noise


def reparameterise_backward(dz: Any, noise: Any) -> tuple[Any, Any]:
    """The gradients of mean and logvar.

    dz/dmean = 1 and dz/dlogvar = e^(logvar/2) eps / 2: the half comes from the square root that
    makes a standard deviation of a variance. All draws share mean and logvar: sums over the first
    axis.
    """
    return dz.sum(0), (dz * (0.5 * noise)).sum(0)


def log_prior_ratio(z: Any, logvar: Any, eps: Any) -> tuple[Any, Any]:
    """log N(z; 0, I) - log N(z; mean, e^logvar) at z = mean + e^(logvar/2) eps; shape (...,).

    The normal constants cancel and (z - mean)^2 e^-logvar is eps^2, which leaves
    sum_j (eps_j^2 + logvar_j - z_j^2) / 2. Its average over eps is minus the KL: the Monte Carlo
    estimate of it in Kingma & Welling 2014, eq. 6.
    """
    return 0.5 * (eps * eps + logvar - z * z).sum(-1), z


def log_prior_ratio_backward(dy: Any, z: Any) -> tuple[Any, Any]:
    """The gradients of z, -z_j, and of logvar with z held, 1/2. What z owes to mean and logvar is
    the business of `reparameterise_backward`."""
    return -dy[..., None] * z, np.broadcast_to(0.5 * dy[..., None], z.shape)
