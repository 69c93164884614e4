"""The ELBO and its gradients for training: what `objective.elbo_and_gradients` does with one draw a
datum, in as few passes over memory as can be. The tests hold the two together.

What makes it fast: each layer is one matrix that holds its bias (layout.py); hidden activations
stand features first, (size + 1, batch), above a last row of ones, so that every elementwise pass
runs in place over contiguous memory; and all buffers are made once for each batch size.
"""

from __future__ import annotations

import numpy as np

from vi_lab.vae.fast import inplace
from vi_lab.vae.fast.layout import HEADS, Layout
from vi_lab.vae.networks import Network


class FastElbo:
    """Writes the gradients of the mean of reconstruction - beta KL into `gradient`.

    Parameters
    ----------
    network : Network
    theta, gradient : array (size,)
        The parameters and where their gradients go, both in the order of `Layout(network)`.
    beta : float
    """

    def __init__(
        self, network: Network, theta: np.ndarray, gradient: np.ndarray, beta: float = 1.0
    ) -> None:
        self.network, self.beta, self.dtype = network, beta, theta.dtype
        layout = Layout(network)
        self._W, self._dW = layout.matrices(theta), layout.matrices(gradient)
        self._log_sd, self._d_log_sd = theta[-1:], gradient[-1:]
        self._buffers: dict[int, Buffers] = {}

    def __call__(self, x: np.ndarray, eps: np.ndarray) -> tuple[float, float]:
        """The summed reconstruction and KL of a batch.

        Parameters
        ----------
        x : array (batch, n_inputs), contiguous and of theta's type
        eps : array (batch, n_latent)
        """
        batch = len(x)
        b = self._buffers.get(batch)
        if b is None:
            b = self._buffers[batch] = Buffers(self.network, batch, self.dtype)
        b.x[:-1].T[...] = x  # reading a contiguous x is much faster than reading this

        # forward
        self._hidden("encoder", b.encoder)
        np.matmul(self._W[HEADS[0]].T, b.encoder[-1], out=b.heads)
        sd = np.exp(0.5 * b.logvar)
        np.multiply(sd, eps.T, out=b.noise)
        np.add(b.mean, b.noise, out=b.decoder[0][:-1])
        self._hidden("decoder", b.decoder)
        np.matmul(b.decoder[-1].T, self._W["decoder.out"], out=b.out)

        reconstruction = self._likelihood(x, b)
        excess = sd * sd - 1.0
        kl = 0.5 * float(np.vdot(b.mean, b.mean) + (excess - b.logvar).sum())

        # backward, from the last layer to the first
        np.matmul(b.decoder[-1], b.d_out, out=self._dW["decoder.out"])
        np.matmul(self._W["decoder.out"][:-1], b.d_out.T, out=b.d_decoder[-1])
        self._hidden_backward("decoder", b.decoder, b.d_decoder)
        d_z, weight = b.d_decoder[0], self.beta / batch
        np.multiply(b.mean, -weight, out=b.d_mean)
        b.d_mean += d_z
        np.multiply(d_z, b.noise, out=b.d_logvar)
        b.d_logvar -= weight * excess
        b.d_logvar *= 0.5
        np.matmul(b.encoder[-1], b.d_heads.T, out=self._dW[HEADS[0]])
        if len(b.encoder) > 1:
            np.matmul(self._W[HEADS[0]][:-1], b.d_heads, out=b.d_encoder[-1])
            self._hidden_backward("encoder", b.encoder, b.d_encoder)
        return reconstruction, kl

    def _hidden(self, part: str, h: list[np.ndarray]) -> None:
        """h[i + 1] = activation(W_i' h[i])."""
        activation, _ = inplace.ACTIVATIONS[self.network.activation]
        for i in range(len(h) - 1):
            a = h[i + 1][:-1]
            np.matmul(self._W[f"{part}.{i}"].T, h[i], out=a)
            activation(a)

    def _hidden_backward(self, part: str, h: list[np.ndarray], dh: list[np.ndarray]) -> None:
        """From d h[-1] the gradients of the weights, and dh[0] unless that is the data's."""
        _, activation_backward = inplace.ACTIVATIONS[self.network.activation]
        for i in reversed(range(len(h) - 1)):
            da = dh[i + 1]
            activation_backward(da, h[i + 1][:-1])
            np.matmul(h[i], da.T, out=self._dW[f"{part}.{i}"])
            if i or part == "decoder":
                np.matmul(self._W[f"{part}.{i}"][:-1], da, out=dh[i])

    def _likelihood(self, x: np.ndarray, b: Buffers) -> float:
        if self.network.likelihood == "bernoulli":
            return inplace.bernoulli(x, b.out, b.d_out, b.scratch)
        fixed = self.network.log_sd
        log_sd = float(self._log_sd[0]) if fixed is None else fixed
        total, d_log_sd = inplace.gaussian(x, b.out, b.d_out, log_sd)
        if fixed is None:
            self._d_log_sd[0] = d_log_sd
        return total


class Buffers:
    """The arrays that one batch size needs. Those named "with ones" end in a row of ones.

    Attributes
    ----------
    encoder : list of array (size + 1, batch), with ones
        The data, then the hidden activations.
    decoder : likewise; z, then the hidden activations
    d_encoder, d_decoder : list of array (size, batch)
        Their gradients (that of the data is never needed).
    heads, d_heads : array (2 n_latent, batch)
        mean above logvar.
    noise : array (n_latent, batch)
        e^(logvar/2) eps.
    out, d_out, scratch : array (batch, n_inputs)
    """

    def __init__(self, network: Network, batch: int, dtype: np.dtype) -> None:
        def with_ones(size: int) -> np.ndarray:
            h = np.empty((size + 1, batch), dtype)
            h[-1] = 1.0
            return h

        def plain(size: int) -> np.ndarray:
            return np.empty((size, batch), dtype)

        n_latent = network.n_latent
        self.x = np.empty((batch, network.n_inputs + 1), dtype).T
        self.x[-1] = 1.0
        self.encoder = [self.x, *map(with_ones, network.hidden)]
        self.decoder = [with_ones(n_latent), *map(with_ones, network.hidden[::-1])]
        self.d_encoder = [plain(0), *map(plain, network.hidden)]
        self.d_decoder = [plain(n_latent), *map(plain, network.hidden[::-1])]
        self.heads, self.d_heads = plain(2 * n_latent), plain(2 * n_latent)
        self.mean, self.logvar = self.heads[:n_latent], self.heads[n_latent:]
        self.d_mean, self.d_logvar = self.d_heads[:n_latent], self.d_heads[n_latent:]
        self.noise = plain(n_latent)
        shape = batch, network.n_inputs
        self.out, self.d_out, self.scratch = (np.empty(shape, dtype) for _ in range(3))
