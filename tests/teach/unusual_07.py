"""Right answers to lesson 07 in forms that a learner may well choose."""

import math

import numpy as np
from scipy.special import expit, log_expit


def linear_in_loops(dy, x, W):
    rows, outs, ins = len(dy), len(W), len(W[0])
    dx = [[sum(dy[n][o] * W[o][i] for o in range(outs)) for i in range(ins)] for n in range(rows)]
    dW = [[sum(dy[n][o] * x[n][i] for n in range(rows)) for i in range(ins)] for o in range(outs)]
    return dx, dW, [sum(dy[n][o] for n in range(rows)) for o in range(outs)]


def linear_einsum(dy, x, W):
    return [np.einsum("no,oi->ni", dy, W), np.einsum("no,ni->oi", dy, x), np.ones(len(dy)) @ dy]


def linear_transposed(dy, x, W):
    return (W.T @ dy.T).T, (x.T @ dy).T, np.add.reduce(dy)


def linear_matrices(dy, x, W):
    dy, x, W = map(np.asmatrix, (dy, x, W))
    return dy * W, dy.T * x, dy.sum(0)


def tanh_in_loops(dh, a):
    return [
        [d / math.cosh(b) ** 2 for d, b in zip(r, s, strict=True)]
        for r, s in zip(dh, a, strict=True)
    ]


def likelihood_in_loops(x, logits):
    def pixel(on, z):
        away = -z if on else z  # the logit against what is there
        return -(max(away, 0.0) + math.log1p(math.exp(-abs(away))))

    return [
        math.fsum(pixel(on, z) for on, z in zip(*pair, strict=True))
        for pair in zip(x.tolist(), logits.tolist(), strict=True)
    ]


def likelihood_where(x, logits):
    return np.sum(log_expit(np.where(x > 0.5, logits, -logits)), axis=1)


def kl_in_loops(m, logvar):
    return [
        sum((mean * mean + math.exp(v) - 1.0 - v) / 2.0 for mean, v in zip(*pair, strict=True))
        for pair in zip(m.tolist(), logvar.tolist(), strict=True)
    ]


def kl_by_parts(m, logvar):
    """The cross-entropy less the entropy."""
    cross = 0.5 * (np.log(2 * np.pi) + m**2 + np.exp(logvar))
    return (cross - 0.5 * np.log(2 * np.pi * np.e * np.exp(logvar))).sum(1)


def kl_einsum(m, logvar):
    return np.einsum("nk->n", (m**2 + np.expm1(logvar) - logvar) / 2)


def sample_in_loops(m, logvar, eps):
    z = np.empty(eps.shape, order="F")
    for index in np.ndindex(eps.shape):
        z[index] = m[index[1:]] + math.sqrt(math.exp(logvar[index[1:]])) * eps[index]
    return z


def sample_back_in_loops(dz, logvar, eps):
    dm, dv = np.zeros_like(logvar), np.zeros_like(logvar)
    for gradient, noise in zip(dz, eps, strict=True):
        dm += gradient
        dv += gradient * noise * np.sqrt(np.exp(logvar)) / 2
    return dm, dv


def sample_back_einsum(dz, logvar, eps):
    dv = np.einsum("drk,drk->rk", dz, eps)
    return np.array([dz.sum(0), 0.5 * dv * np.exp(logvar / 2)])


def score_in_loops(f, m, logvar, eps):
    sd, dm, dv = math.exp(logvar / 2), 0.0, 0.0
    for value, noise in zip(f, eps, strict=True):
        dm += value * noise / sd / len(f)
        dv += value * (noise * noise - 1) / 2 / len(f)
    return [dm, dv]


def score_from_z(f, m, logvar, eps):
    z, variance = m + np.exp(logvar / 2) * eps, np.exp(logvar)
    score = np.stack([(z - m) / variance, ((z - m) ** 2 / variance - 1) / 2])
    return score @ f / f.size


def adam_in_loops(p, g, m, s, t):
    moved = []
    for a, b, c, d in zip(p, g, m, s, strict=True):
        first = (0.9 * c + 0.1 * b) / (1 - 0.9**t)
        second = (0.999 * d + 0.001 * b * b) / (1 - 0.999**t)
        moved.append(a + 0.01 * first / (math.sqrt(second) + 1e-8))
    return moved


def adam_rewritten(p, g, m, s, t):
    """The corrections put into the step size, as at the end of section 2 of the paper."""
    root = np.sqrt(1 - 0.999**t)
    step = 0.01 * root / (1 - 0.9**t)
    return p + step * (m + 0.1 * (g - m)) / (np.sqrt(s + 0.001 * (g * g - s)) + 1e-8 * root)


UNUSUAL = {
    "07.1": [linear_in_loops, linear_einsum, linear_transposed, linear_matrices],
    "07.2": [
        tanh_in_loops,
        lambda dh, a: dh * (1 - np.tanh(a)) * (1 + np.tanh(a)),
        lambda dh, a: 4 * dh * expit(2 * a) * expit(-2 * a),
    ],
    "07.3": [
        likelihood_in_loops,
        likelihood_where,
        lambda x, z: -np.logaddexp(0, (1 - 2 * x) * z).sum(1),
    ],
    "07.4": [
        lambda dy, x, z: [list(d * (a - expit(b))) for d, a, b in zip(dy, x, z, strict=True)],
        lambda dy, x, z: np.diag(dy) @ (x * expit(-z) - (1 - x) * expit(z)),
        lambda dy, x, z: ((x - 0.5 * (1 + np.tanh(z / 2))).T * dy).T,
    ],
    "07.5": [kl_in_loops, kl_by_parts, kl_einsum],
    "07.6": [
        lambda dy, m, v: [np.outer(dy, np.ones(m.shape[1])) * m, (dy * np.expm1(v).T / 2).T],
        lambda dy, m, v: (np.einsum("n,nk->nk", dy, m), 0.5 * dy.reshape(-1, 1) * np.expm1(v)),
    ],
    "07.7": [
        sample_in_loops,
        lambda m, v, eps: np.stack([m + np.sqrt(np.exp(v)) * noise for noise in eps]),
        lambda m, v, eps: np.float32(m) + np.exp(np.float32(v) / 2) * np.float32(eps),
    ],
    "07.8": [sample_back_in_loops, sample_back_einsum],
    "07.9": [score_in_loops, score_from_z],
    "07.10": [adam_in_loops, adam_rewritten],
}
