"""The objectives of a VAE and their gradients, in the clear version that the fast one is tested by.

For one datum x with q(z|x) = N(mean, e^logvar) and draws z_i = mean + e^(logvar/2) eps_i,

    ELBO           avg_i log p(x|z_i) - KL[q || p(z)]               Kingma & Welling 2014, eq. 7, 10
    beta-ELBO      avg_i log p(x|z_i) - beta KL[q || p(z)]          Higgins et al. 2017, eq. 4
    sampled ELBO   avg_i log w_i                                    Kingma & Welling 2014, eq. 6
    IWAE bound     log avg_i w_i                                    Burda et al. 2016, eq. 8

with w_i = p(x|z_i) p(z_i) / q(z_i|x). All are sums of the same three terms: log p(x|z_i),
log p(z_i)/q(z_i|x) and the KL; the gradients differ in the weights of the terms alone, so there is
one forward pass, one backward pass, and four choices of weights.

Gradients are of the mean over the batch and point uphill. `eps` (n_draws, batch, n_latent) comes
from outside, so every number here is deterministic.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.vae import layers
from vi_lab.vae.networks import Network, Params

Gradients = dict[str, Any]


class Elbo(NamedTuple):
    """A bound on log p(x) and its parts, in nats, each of shape (batch,), averaged over draws.

    Attributes
    ----------
    elbo : array
        reconstruction - kl; in the importance-weighted functions the tighter bound log avg w.
    reconstruction : array
        E_q[log p(x|z)], averaged over the draws.
    kl : array
        KL[q(z|x) || p(z)], in closed form (in `sampled_elbo` its Monte Carlo estimate).
    """

    elbo: Any
    reconstruction: Any
    kl: Any


class Terms(NamedTuple):
    """What every objective is made of: two terms for each draw (n_draws, batch), one a datum."""

    log_likelihood: Any
    log_ratio: Any  # log p(z) - log q(z|x)
    kl: Any  # (batch,)


def forward(network: Network, params: Params, x: Any, eps: Any) -> tuple[Terms, Any]:
    """x -> q(z|x) -> z -> p(x|z): the three terms, and what the backward pass needs."""
    (mean, logvar), encoder = network.encode(params, x)
    z, noise = layers.reparameterise(mean, logvar, eps)
    out, decoder = network.decode(params, z)
    log_likelihood, likelihood = network.log_likelihood(params, x, out)
    log_ratio, ratio = layers.log_prior_ratio(z, logvar, eps)
    kl, divergence = layers.kl_standard_normal(mean, logvar)
    caches = encoder, noise, decoder, likelihood, ratio, divergence
    return Terms(log_likelihood, log_ratio, kl), caches


def backward(network: Network, weights: Terms, caches: Any) -> Gradients:
    """The gradients of sum(weights * terms): the lines of `forward` from the last to the first."""
    encoder, noise, decoder, likelihood, ratio, divergence = caches
    kl_mean, kl_logvar = layers.kl_standard_normal_backward(weights.kl, divergence)
    ratio_z, ratio_logvar = layers.log_prior_ratio_backward(weights.log_ratio, ratio)
    d_out, of_noise = network.log_likelihood_backward(weights.log_likelihood, likelihood)
    d_z, of_decoder = network.decode_backward(d_out, decoder)
    d_mean, d_logvar = layers.reparameterise_backward(d_z + ratio_z, noise)
    of_encoder = network.encode_backward(
        kl_mean + d_mean, kl_logvar + d_logvar + ratio_logvar.sum(0), encoder
    )
    gradients = {**of_encoder, **of_decoder, **of_noise}
    return {name: gradients[name] for name in network.shapes}


def elbo(network: Network, params: Params, x: Any, eps: Any) -> Elbo:
    """The ELBO with its KL in closed form: Kingma & Welling 2014, eq. 10."""
    return _elbo(forward(network, params, x, eps)[0])


def elbo_and_gradients(
    network: Network, params: Params, x: Any, eps: Any, beta: float = 1.0
) -> tuple[Elbo, Gradients]:
    """The ELBO, and the gradients of the mean of reconstruction - beta KL.

    What is reported is the ELBO whatever beta is: with another beta the objective is another
    number, and below 1 no bound at all.
    """
    terms, caches = forward(network, params, x, eps)
    each = _each_draw(terms)
    weights = Terms(each, 0.0 * each, np.full_like(terms.kl, -beta) / len(terms.kl))
    return _elbo(terms), backward(network, weights, caches)


def sampled_elbo(network: Network, params: Params, x: Any, eps: Any) -> Elbo:
    """The ELBO with its KL by Monte Carlo too, avg_i log w_i: Kingma & Welling 2014, eq. 6."""
    return _sampled_elbo(forward(network, params, x, eps)[0])


def sampled_elbo_and_gradients(
    network: Network, params: Params, x: Any, eps: Any, beta: float = 1.0
) -> tuple[Elbo, Gradients]:
    """The sampled ELBO, and the gradients of the mean of reconstruction - beta KL, both sampled."""
    terms, caches = forward(network, params, x, eps)
    each = _each_draw(terms)
    weights = Terms(each, beta * each, np.zeros_like(terms.kl))
    return _sampled_elbo(terms), backward(network, weights, caches)


def importance_bound(network: Network, params: Params, x: Any, eps: Any, k: int) -> Elbo:
    """The bound log avg_i w_i over groups of k draws, averaged over the n_draws / k groups."""
    terms, _ = forward(network, params, x, eps)
    return Elbo(_log_mean_weights(terms, k)[0], terms.log_likelihood.mean(0), terms.kl)


def importance_bound_and_gradients(
    network: Network, params: Params, x: Any, eps: Any, k: int
) -> tuple[Elbo, Gradients]:
    """The bound, and the gradients of its mean: each log w_i weighted by w_i / sum_j w_j.

    d log(sum_i w_i / k) = sum_i dw_i / sum_j w_j = sum_i (w_i / sum_j w_j) d log w_i
    (Burda et al. 2016, eq. 13-14).
    """
    terms, caches = forward(network, params, x, eps)
    bound, shares = _log_mean_weights(terms, k)
    shares = shares * (k / shares.size)
    weights = Terms(shares, shares, np.zeros_like(terms.kl))
    value = Elbo(bound, terms.log_likelihood.mean(0), terms.kl)
    return value, backward(network, weights, caches)


def score_function_gradients(
    network: Network, params: Params, x: Any, eps: Any, baseline: Any = 0.0
) -> tuple[Elbo, Gradients]:
    """The ELBO, and its gradients for the encoder without a derivative of the decoder.

    grad E_q[f(z)] = E_q[f(z) grad log q(z|x)], here of f = log p(x|z) - baseline, with the KL in
    closed form (Kingma & Welling 2014, section 2.2; Williams 1992). At z = mean + e^(logvar/2) eps
    the scores are d log q/dmean = eps e^(-logvar/2) and d log q/dlogvar = (eps^2 - 1) / 2.
    Unbiased as the reparameterised gradients are, and far noisier. Their mean is 0, so a `baseline`
    (batch,) that does not depend on eps changes the noise alone.
    """
    terms, (encoder, *_, divergence) = forward(network, params, x, eps)
    _, variance = divergence
    signal = (_each_draw(terms) * (terms.log_likelihood - baseline))[..., None]
    d_mean = (signal * eps).sum(0) / np.sqrt(variance)
    d_logvar = (signal * (0.5 * (eps * eps - 1.0))).sum(0)
    weight = np.full_like(terms.kl, -1.0) / len(terms.kl)
    kl_mean, kl_logvar = layers.kl_standard_normal_backward(weight, divergence)
    gradients = network.encode_backward(d_mean + kl_mean, d_logvar + kl_logvar, encoder)
    return _elbo(terms), {n: gradients[n] for n in network.shapes if n in gradients}


def _elbo(terms: Terms) -> Elbo:
    reconstruction = terms.log_likelihood.mean(0)
    return Elbo(reconstruction - terms.kl, reconstruction, terms.kl)


def _sampled_elbo(terms: Terms) -> Elbo:
    reconstruction, kl = terms.log_likelihood.mean(0), -terms.log_ratio.mean(0)
    return Elbo(reconstruction - kl, reconstruction, kl)


def _each_draw(terms: Terms) -> Any:
    """1 / (n_draws batch) for every draw of every datum."""
    return np.full_like(terms.log_likelihood, 1.0) / terms.log_likelihood.size


def _log_mean_weights(terms: Terms, k: int) -> tuple[Any, Any]:
    """log avg w over groups of k draws, averaged over groups (batch,); w / sum w in each group.

    The largest log w (by its real part) is taken out before the exponential.
    """
    log_w = (terms.log_likelihood + terms.log_ratio).reshape(-1, k, len(terms.kl))
    top = log_w.real.max(1, keepdims=True)
    w = np.exp(log_w - top)
    total = w.sum(1, keepdims=True)
    bound = (np.log(total / k) + top)[:, 0].mean(0)
    return bound, (w / total).reshape(terms.log_likelihood.shape)
