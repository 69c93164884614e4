"""The two networks: an encoder with two heads, and the decoder that mirrors it.

    encoder   h_0 = x,  h_i = activation(h_(i-1) W_i' + b_i),  mean = h W' + b,  logvar = h W' + b
    decoder   h_0 = z,  h_i = activation(h_(i-1) W_i' + b_i),  out  = h W' + b

The hidden layers of the decoder have the encoder's sizes in reverse. With hidden=() there are none,
and the auto-encoder is linear. `out` holds the logits of a Bernoulli or the mean of a Gaussian.

Parameters are a flat dict of named arrays, weights of shape (out, in), always in this order:

    encoder.0.weight, encoder.0.bias, encoder.1.weight, ..., encoder.mean.weight, encoder.mean.bias,
    encoder.logvar.weight, encoder.logvar.bias, decoder.0.weight, decoder.0.bias, ...,
    decoder.out.weight, decoder.out.bias[, decoder.log_sd]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.vae import layers

Params = Mapping[str, Any]  # parameter name -> array
LIKELIHOODS = ("bernoulli", "gaussian")


@dataclass(frozen=True)
class Network:
    """Sizes and kinds of layers; the numbers come from outside, as `params`.

    Attributes
    ----------
    n_inputs, n_latent : int
    hidden : tuple of int
        Sizes of the encoder's hidden layers, from the data inwards.
    likelihood : "bernoulli" or "gaussian"
    activation : "tanh", "relu" or "softplus"
    log_sd : float, optional
        The Gaussian's fixed log standard deviation; None where it is learned (or Bernoulli).
    """

    n_inputs: int
    n_latent: int
    hidden: tuple[int, ...]
    likelihood: str
    activation: str
    log_sd: float | None = None

    @property
    def learns_noise(self) -> bool:
        """Whether `decoder.log_sd` is a parameter."""
        return self.likelihood == "gaussian" and self.log_sd is None

    @cached_property
    def layers(self) -> dict[str, tuple[int, int]]:
        """(out, in) of every linear layer, in the order of the parameters."""
        inward = (self.n_inputs, *self.hidden)
        outward = (self.n_latent, *self.hidden[::-1])
        depth = len(self.hidden)
        return {
            **{f"encoder.{i}": (inward[i + 1], inward[i]) for i in range(depth)},
            "encoder.mean": (self.n_latent, inward[-1]),
            "encoder.logvar": (self.n_latent, inward[-1]),
            **{f"decoder.{i}": (outward[i + 1], outward[i]) for i in range(depth)},
            "decoder.out": (self.n_inputs, outward[-1]),
        }

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter, in order."""
        shapes: dict[str, tuple[int, ...]] = {}
        for name, (n_out, n_in) in self.layers.items():
            shapes[f"{name}.weight"] = (n_out, n_in)
            shapes[f"{name}.bias"] = (n_out,)
        if self.learns_noise:
            shapes["decoder.log_sd"] = ()
        return shapes

    def init(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Weights uniform on +-sqrt(6 / (in + out)), the rest 0, in float64.

        (Glorot & Bengio 2010, eq. 16: signals keep their size on the way in and on the way out.)
        Drawn in the order of the parameters, so a seed gives the same start in every precision.
        """
        params = {name: np.zeros(shape) for name, shape in self.shapes.items()}
        for name, (n_out, n_in) in self.layers.items():
            bound = np.sqrt(6.0 / (n_in + n_out))
            params[f"{name}.weight"] = rng.uniform(-bound, bound, (n_out, n_in))
        return params

    def encode(self, params: Params, x: Any) -> tuple[tuple[Any, Any], Any]:
        """(mean, logvar) of q(z|x), each (..., n_latent); and what the backward pass needs."""
        h, hidden = self._hidden("encoder", params, x)
        mean, mean_cache = _layer("encoder.mean", params, h)
        logvar, logvar_cache = _layer("encoder.logvar", params, h)
        return (mean, logvar), (hidden, mean_cache, logvar_cache)

    def encode_backward(self, d_mean: Any, d_logvar: Any, cache: Any) -> dict[str, Any]:
        """The gradients of the encoder's parameters. Both heads look at one h: their dh add up."""
        hidden, mean_cache, logvar_cache = cache
        gradients: dict[str, Any] = {}
        dh = _layer_backward("encoder.mean", d_mean, mean_cache, gradients)
        dh = dh + _layer_backward("encoder.logvar", d_logvar, logvar_cache, gradients)
        self._hidden_backward("encoder", dh, hidden, gradients)
        return gradients

    def decode(self, params: Params, z: Any) -> tuple[Any, Any]:
        """`out` (..., n_inputs) at z (..., n_latent)."""
        h, hidden = self._hidden("decoder", params, z)
        out, cache = _layer("decoder.out", params, h)
        return out, (hidden, cache)

    def decode_backward(self, d_out: Any, cache: Any) -> tuple[Any, dict[str, Any]]:
        """The gradient of z, and those of the decoder's parameters."""
        hidden, out_cache = cache
        gradients: dict[str, Any] = {}
        dh = _layer_backward("decoder.out", d_out, out_cache, gradients)
        return self._hidden_backward("decoder", dh, hidden, gradients), gradients

    def log_likelihood(self, params: Params, x: Any, out: Any) -> tuple[Any, Any]:
        """log p(x|z) in nats, shape (...,)."""
        if self.likelihood == "bernoulli":
            return layers.bernoulli_log_likelihood(x, out)
        log_sd = params["decoder.log_sd"] if self.learns_noise else self.log_sd
        return layers.gaussian_log_likelihood(x, out, log_sd)

    def log_likelihood_backward(self, dy: Any, cache: Any) -> tuple[Any, dict[str, Any]]:
        """The gradient of `out`, and that of decoder.log_sd where it is learned."""
        if self.likelihood == "bernoulli":
            return layers.bernoulli_log_likelihood_backward(dy, cache), {}
        d_out, d_log_sd = layers.gaussian_log_likelihood_backward(dy, cache)
        return d_out, {"decoder.log_sd": d_log_sd} if self.learns_noise else {}

    def draw_data(self, rng: np.random.Generator, params: Params, z: Any) -> np.ndarray:
        """x | z, (..., n_inputs), at z (..., n_latent)."""
        out, _ = self.decode(params, z)
        if self.likelihood == "bernoulli":
            return (rng.random(out.shape) < layers.sigmoid(out)).astype(np.float64)
        log_sd: Any = params["decoder.log_sd"] if self.learns_noise else self.log_sd
        noisy: np.ndarray = out + np.exp(log_sd) * rng.standard_normal(out.shape)
        return noisy

    def _hidden(self, part: str, params: Params, h: Any) -> tuple[Any, Any]:
        activation, _ = layers.ACTIVATIONS[self.activation]
        caches = []
        for i in range(len(self.hidden)):
            a, linear_cache = _layer(f"{part}.{i}", params, h)
            h, activation_cache = activation(a)
            caches.append((linear_cache, activation_cache))
        return h, caches

    def _hidden_backward(self, part: str, dh: Any, caches: Any, gradients: dict[str, Any]) -> Any:
        """The layers from the last to the first; writes their gradients, returns the input's."""
        _, activation_backward = layers.ACTIVATIONS[self.activation]
        for i in reversed(range(len(self.hidden))):
            linear_cache, activation_cache = caches[i]
            da = activation_backward(dh, activation_cache)
            dh = _layer_backward(f"{part}.{i}", da, linear_cache, gradients)
        return dh


def _layer(name: str, params: Params, h: Any) -> tuple[Any, Any]:
    return layers.linear(h, params[f"{name}.weight"], params[f"{name}.bias"])


def _layer_backward(name: str, dy: Any, cache: Any, gradients: dict[str, Any]) -> Any:
    """The gradient of the layer's input; those of its weight and bias go into `gradients`."""
    dx, gradients[f"{name}.weight"], gradients[f"{name}.bias"] = layers.linear_backward(dy, cache)
    return dx
