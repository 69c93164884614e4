"""The whole VAE once more, number by number in plain Python: no array is multiplied by another."""

import math

import numpy as np

from vi_lab.vae import VAE


def small_vae(likelihood="bernoulli", activation="tanh", hidden=(5,), **settings):
    """A VAE small enough for loops, in float64."""
    settings = {"n_inputs": 6, "n_latent": 2, "dtype": "float64", **settings}
    return VAE(hidden=hidden, likelihood=likelihood, activation=activation, **settings)


def random_inputs(vae, rng, batch=4, draws=3):
    """Parameters away from their start (biases and log_sd too), data and noise."""
    params = {n: v + 0.3 * rng.standard_normal(v.shape) for n, v in vae.init(rng=rng).items()}
    x = rng.standard_normal((batch, vae.n_inputs))
    if vae.likelihood == "bernoulli":
        x = (x > 0).astype(float)
    return params, x, rng.standard_normal((draws, batch, vae.n_latent))


ACTIVATIONS = {
    "tanh": math.tanh,
    "relu": lambda a: max(a, 0.0),
    "softplus": lambda a: math.log(1 + math.exp(a)),
}


def _layer(params, name, inputs):
    weight, bias = params[f"{name}.weight"].tolist(), params[f"{name}.bias"].tolist()
    return [
        b + sum(w * h for w, h in zip(row, inputs, strict=True))
        for row, b in zip(weight, bias, strict=True)
    ]


def _hidden(vae, params, part, h):
    for i in range(len(vae.hidden)):
        h = [ACTIVATIONS[vae.activation](a) for a in _layer(params, f"{part}.{i}", h)]
    return h


def loop_terms(vae, params, x, eps):
    """(log p(x|z), log p(z) - log q(z|x)) of one datum and one draw, and the KL, as floats."""
    h = _hidden(vae, params, "encoder", x)
    mean, logvar = _layer(params, "encoder.mean", h), _layer(params, "encoder.logvar", h)
    sd = [math.exp(v) ** 0.5 for v in logvar]
    z = [m + s * e for m, s, e in zip(mean, sd, eps, strict=True)]
    out = _layer(params, "decoder.out", _hidden(vae, params, "decoder", z))
    log_likelihood = 0.0
    for value, o in zip(x, out, strict=True):
        if vae.likelihood == "bernoulli":
            p = 1 / (1 + math.exp(-o))
            log_likelihood += value * math.log(p) + (1 - value) * math.log(1 - p)
        else:
            s = math.exp(params["decoder.log_sd"] if vae.log_sd is None else vae.log_sd)
            log_likelihood -= (value - o) ** 2 / (2 * s**2) + math.log(s * math.sqrt(2 * math.pi))
    log_ratio, kl = 0.0, 0.0
    for m, s, point in zip(mean, sd, z, strict=True):
        log_ratio += -(point**2) / 2 + (point - m) ** 2 / (2 * s**2) + math.log(s)
        kl += (m**2 + s**2 - 1) / 2 - math.log(s)
    return log_likelihood, log_ratio, kl


def every_term(vae, params, x, eps):
    """The same for all: arrays (draws, batch), (draws, batch), (batch,)."""
    terms = np.array(
        [
            [
                loop_terms(vae, params, row.tolist(), e.tolist())
                for row, e in zip(x, noise, strict=True)
            ]
            for noise in eps
        ]
    )
    return terms[..., 0], terms[..., 1], terms[0, :, 2]
