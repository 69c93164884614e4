"""What readers of lesson 07 answered who had not seen the answers: wrong answers and right ones.

Each is written from the learner's notebook alone; the key says what went through the reader's head.
"""

import math

import numpy as np
from scipy.special import expit, log_expit


def sig(a):
    return np.where(
        a > 0, 1 / (1 + np.exp(-np.abs(a))), np.exp(-np.abs(a)) / (1 + np.exp(-np.abs(a)))
    )


def sech_exp(dh, a):
    e = np.exp(-2 * np.abs(a))
    return dh * 4 * e / (1 + e) ** 2


def overflow(x, logits):
    p = 1 / (1 + np.exp(-logits))
    return np.sum(x * np.log(p) + (1 - x) * np.log(1 - p), axis=1)


def clipped(x, logits):
    p = np.clip(sig(logits), 1e-07, 1 - 1e-07)
    return np.sum(x * np.log(p) + (1 - x) * np.log(1 - p), axis=1)


def times_slope(dy, x, logits):
    p = sig(logits)
    return dy[:, None] * (x - p) * p * (1 - p)


def of_p(dy, x, logits):
    p = sig(logits)
    return dy[:, None] * (x / p - (1 - x) / (1 - p))


def naive_sigmoid(dy, x, logits):
    e = np.exp(logits)
    return dy[:, None] * (x - e / (1 + e))


def of_sd(dy, m, logvar):
    sd = np.exp(logvar / 2)
    return (dy[:, None] * m, dy[:, None] * (sd - 1 / sd))


def loops7(m, logvar, eps):
    sd = np.sqrt(np.exp(logvar))
    return [m + sd * one for one in eps]


def of_the_sd(f, m, logvar, eps):
    sd = np.exp(logvar / 2)
    return (np.mean(f * eps / sd), np.mean(f * (eps**2 - 1) / sd))


def baseline(f, m, logvar, eps):
    f = f - f.mean()
    return (np.mean(f * eps / np.exp(logvar / 2)), np.mean(f * (eps**2 - 1) / 2))


def log_f(f, m, logvar, eps):
    f = np.log(np.abs(f))
    return (np.mean(f * eps / np.exp(logvar / 2)), np.mean(f * (eps**2 - 1) / 2))


def dots(f, m, logvar, eps):
    z = m + np.exp(logvar / 2) * eps
    n = len(f)
    return [f @ (z - m) / np.exp(logvar) / n, 0.5 * (f @ eps**2 - f.sum()) / n]


def adam(p, g, m, s, t, lr=0.01, b1=0.9, b2=0.999, sign=1, e=1e-8, c1=True, c2=True):
    m, s = b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g**2
    return p + sign * lr * (m / (1 - b1**t if c1 else 1)) / (
        np.sqrt(s / (1 - b2**t if c2 else 1)) + e
    )


def t_plus_one(p, g, m, s, t):
    m, s = (0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2)
    return p + 0.01 * m / (1 - 0.9 ** (t + 1)) / (np.sqrt(s / (1 - 0.999 ** (t + 1))) + 1e-08)


def t_minus_one(p, g, m, s, t):
    m, s = (0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2)
    return p + 0.01 * m / (1 - 0.9 ** (t - 1)) / (np.sqrt(s / (1 - 0.999 ** (t - 1))) + 1e-08)


def eps_inside(p, g, m, s, t):
    m, s = (0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2)
    return p + 0.01 * m / (1 - 0.9**t) / np.sqrt(s / (1 - 0.999**t) + 1e-08)


def no_root10(p, g, m, s, t):
    m, s = (0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2)
    return p + 0.01 * m / (1 - 0.9**t) / (s / (1 - 0.999**t) + 1e-08)


def not_squared10(p, g, m, s, t):
    m, s = (0.9 * m + 0.1 * g, 0.999 * s + 0.001 * np.abs(g))
    return p + 0.01 * m / (1 - 0.9**t) / (np.sqrt(s / (1 - 0.999**t)) + 1e-08)


def rmsprop(p, g, m, s, t):
    s = 0.999 * s + 0.001 * g**2
    return p + 0.01 * g / (np.sqrt(s) + 1e-08)


def in_place(p, g, m, s, t):
    m *= 0.9
    m += 0.1 * g
    s *= 0.999
    s += 0.001 * g**2
    p -= 0.01 * m / (1 - 0.9**t) / (np.sqrt(s / (1 - 0.999**t)) + 1e-08)
    return p


def square_of_mean(p, g, m, s, t):
    m = 0.9 * m + 0.1 * g
    s = 0.999 * s + 0.001 * m**2
    return p + 0.01 * m / (1 - 0.9**t) / (np.sqrt(s / (1 - 0.999**t)) + 1e-08)


def no_decay_factor(p, g, m, s, t):
    m, s = (0.9 * m + g, 0.999 * s + g**2)
    return p + 0.01 * m / (1 - 0.9**t) / (np.sqrt(s / (1 - 0.999**t)) + 1e-08)


def inplace_right(p, g, m, s, t):
    p, m, s = (p.copy(), m.copy(), s.copy())
    m *= 0.9
    m += (1 - 0.9) * g
    s *= 0.999
    s += (1 - 0.999) * np.square(g)
    p += (
        0.01
        * (np.sqrt(1 - 0.999**t) / (1 - 0.9**t))
        * m
        / (np.sqrt(s) + 1e-08 * np.sqrt(1 - 0.999**t))
    )
    return p


WRONG = {
    "07.1": {
        "w transposed": ("dy @ W.T", "dy.T @ x", "dy.sum(0)"),
        "dW transposed": ("dy @ W", "x.T @ dy", "dy.sum(0)"),
        "db unsummed": ("dy @ W", "dy.T @ x", "dy"),
        "db wrong axis": ("dy @ W", "dy.T @ x", "dy.sum(1)"),
        "means": ("dy @ W", "dy.T @ x / len(x)", "dy.mean(0)"),
        "db total": ("dy @ W", "dy.T @ x", "dy.sum()"),
        "order of answers": ("dy.T @ x", "dy @ W", "dy.sum(0)"),
        "dx only": "dy @ W",
        "db ones": ("dy @ W", "dy.T @ x", "np.ones(dy.shape[1])"),
        "db mean": ("dy @ W", "dy.T @ x", "dy.mean(0)"),
        "dW no dy": ("dy @ W", "np.ones_like(dy).T @ x", "dy.sum(0)"),
        "minus": ("-(dy @ W)", "-(dy.T @ x)", "-dy.sum(0)"),
    },
    "07.2": {
        "a for h": "dh * (1 - a**2)",
        "not squared": "dh * (1 - np.tanh(a))",
        "no dh": "1 - np.tanh(a) ** 2",
        "forward": "dh * np.tanh(a)",
        "sigmoid rule": "dh * np.tanh(a) * (1 - np.tanh(a))",
        "tanh of square": "dh * (1 - np.tanh(a**2))",
        "plus": "dh * (1 + np.tanh(a) ** 2)",
        "through dh": "1 - np.tanh(dh) ** 2",
        "summed": "np.sum(dh * (1 - np.tanh(a) ** 2), axis=0)",
        "twice tanh": "dh * (1 - np.tanh(np.tanh(a)) ** 2)",
        "squared one": "dh * (1 - np.tanh(a)) ** 2",
        "divided": "dh / (1 - np.tanh(a) ** 2)",
    },
    "07.3": {
        "overflow": overflow,
        "clipped": clipped,
        "loss sign": "np.sum(np.logaddexp(0, logits) - x * logits, axis=1)",
        "pixel mean": "np.mean(x * logits - np.logaddexp(0, logits), axis=1)",
        "all summed": "np.sum(x * logits - np.logaddexp(0, logits))",
        "batch axis": "np.sum(x * logits - np.logaddexp(0, logits), axis=0)",
        "unsummed": "x * logits - np.logaddexp(0, logits)",
        "off forgotten": "np.sum(x * (logits - np.logaddexp(0, logits)), axis=1)",
        "log1p exp": "np.sum(x * logits - np.log1p(np.exp(logits)), axis=1)",
        "logits as p": "np.sum(x * np.log(logits) + (1 - x) * np.log(1 - logits), axis=1)",
        "x flipped": "np.sum((1 - x) * logits - np.logaddexp(0, logits), axis=1)",
        "softplus sign": "np.sum(x * logits + np.logaddexp(0, logits), axis=1)",
        "probability": "np.prod(np.where(x == 1, sig(logits), sig(-logits)), axis=1)",
        "abs trick": "np.sum(x * logits - np.log1p(np.exp(-np.abs(logits))), axis=1)",
    },
    "07.4": {
        "p minus x": "dy[:, None] * (sig(logits) - x)",
        "no dy": "x - sig(logits)",
        "logits for p": "dy[:, None] * (x - logits)",
        "times slope": times_slope,
        "no newaxis": "dy * (x - sig(logits))",
        "of p": of_p,
        "mean": "dy[:, None] * (x - sig(logits)) / x.shape[1]",
        "on only": "dy[:, None] * x * (1 - sig(logits))",
        "naive sigmoid": naive_sigmoid,
        "tanh for sigmoid": "dy[:, None] * (x - np.tanh(logits))",
        "summed": "dy * np.sum(x - sig(logits), axis=1)",
        "sign of logit": "dy[:, None] * (x - sig(-logits))",
        "hard": "dy[:, None] * (x - (logits > 0))",
    },
    "07.5": {
        "no half": "np.sum(m**2 + np.exp(logvar) - 1 - logvar, axis=1)",
        "sign": "0.5 * np.sum(1 + logvar - m**2 - np.exp(logvar), axis=1)",
        "no one": "0.5 * np.sum(m**2 + np.exp(logvar) - logvar, axis=1)",
        "m not squared": "0.5 * np.sum(m + np.exp(logvar) - 1 - logvar, axis=1)",
        "logvar as logsd": "0.5 * np.sum(m**2 + np.exp(2 * logvar) - 1 - 2 * logvar, axis=1)",
        "logvar as var": "0.5 * np.sum(m**2 + logvar - 1 - np.log(np.abs(logvar)), axis=1)",
        "mean": "0.5 * np.mean(m**2 + np.exp(logvar) - 1 - logvar, axis=1)",
        "axis": "0.5 * np.sum(m**2 + np.exp(logvar) - 1 - logvar, axis=0)",
        "total": "0.5 * np.sum(m**2 + np.exp(logvar) - 1 - logvar)",
        "one outside sum": "0.5 * (np.sum(m**2 + np.exp(logvar) - logvar, axis=1) - 1)",
        "sd in place": "0.5 * np.sum(m**2 + np.exp(logvar / 2) - 1 - logvar, axis=1)",
        "reversed kl": "0.5 * np.sum((1 + m**2) / np.exp(logvar) - 1 + logvar, axis=1)",
        "no mean": "0.5 * np.sum(np.exp(logvar) - 1 - logvar, axis=1)",
        "plus logvar": "0.5 * np.sum(m**2 + np.exp(logvar) - 1 + logvar, axis=1)",
        "log forgotten": "0.5 * np.sum(m**2 + np.exp(logvar) - 1, axis=1)",
        "half on first": "np.sum(0.5 * (m**2 + np.exp(logvar)) - 1 - logvar, axis=1)",
    },
    "07.6": {
        "no half": ("dy[:, None] * m", "dy[:, None] * (np.exp(logvar) - 1)"),
        "two m": ("dy[:, None] * 2 * m", "dy[:, None] * 0.5 * (np.exp(logvar) - 1)"),
        "no dy": ("m", "0.5 * (np.exp(logvar) - 1)"),
        "sign": ("-dy[:, None] * m", "-dy[:, None] * 0.5 * (np.exp(logvar) - 1)"),
        "by the variance": ("dy[:, None] * m", "dy[:, None] * 0.5 * (1 - np.exp(-logvar))"),
        "no minus": ("dy[:, None] * m", "dy[:, None] * 0.5 * np.exp(logvar)"),
        "half m": ("dy[:, None] * m / 2", "dy[:, None] * 0.5 * (np.exp(logvar) - 1)"),
        "one minus": ("dy[:, None] * m", "dy[:, None] * 0.5 * (1 - np.exp(logvar))"),
        "swapped": ("dy[:, None] * 0.5 * (np.exp(logvar) - 1)", "dy[:, None] * m"),
        "m square": ("dy[:, None] * m**2", "dy[:, None] * 0.5 * (np.exp(logvar) - 1)"),
        "of sd": of_sd,
        "summed": (
            "np.sum(dy[:, None] * m, 1)",
            "np.sum(dy[:, None] * 0.5 * (np.exp(logvar) - 1), 1)",
        ),
        "minus logvar": ("dy[:, None] * m", "dy[:, None] * 0.5 * (np.exp(logvar) - logvar)"),
    },
    "07.7": {
        "variance": "m + np.exp(logvar) * eps",
        "logvar raw": "m + logvar * eps",
        "sqrt logvar": "m + np.sqrt(np.abs(logvar)) * eps",
        "no mean": "np.exp(logvar / 2) * eps",
        "mean over draws": "m + np.exp(logvar / 2) * eps.mean(0)",
        "exp twice": "m + np.exp(2 * logvar) * eps",
        "first draw": "m + np.exp(logvar / 2) * eps[0]",
        "own noise": "m + np.exp(logvar / 2) * np.random.default_rng().normal(size=eps.shape)",
        "minus": "m - np.exp(logvar / 2) * eps",
        "precision": "m + np.exp(-logvar / 2) * eps",
        "mean scaled": "(m + eps) * np.exp(logvar / 2)",
        "half var": "m + np.exp(logvar) / 2 * eps",
    },
    "07.8": {
        "no half": ("dz.sum(0)", "(dz * eps * np.exp(logvar / 2)).sum(0)"),
        "no sd": ("dz.sum(0)", "0.5 * (dz * eps).sum(0)"),
        "variance": ("dz.sum(0)", "0.5 * (dz * eps * np.exp(logvar)).sum(0)"),
        "mean": ("dz.mean(0)", "0.5 * (dz * eps * np.exp(logvar / 2)).mean(0)"),
        "not summed": ("dz", "0.5 * dz * eps * np.exp(logvar / 2)"),
        "no eps": ("dz.sum(0)", "0.5 * dz.sum(0) * np.exp(logvar / 2)"),
        "product of sums": ("dz.sum(0)", "0.5 * dz.sum(0) * eps.sum(0) * np.exp(logvar / 2)"),
        "by sd": ("dz.sum(0)", "(dz * eps).sum(0)"),
        "rows summed": ("dz.sum((0, 1))", "0.5 * (dz * eps * np.exp(logvar / 2)).sum((0, 1))"),
        "swapped": ("0.5 * (dz * eps * np.exp(logvar / 2)).sum(0)", "dz.sum(0)"),
        "dm forgets": ("np.ones_like(logvar)", "0.5 * (dz * eps * np.exp(logvar / 2)).sum(0)"),
        "sign": ("dz.sum(0)", "-0.5 * (dz * eps * np.exp(logvar / 2)).sum(0)"),
        "wrong axis": ("dz.sum(1)", "0.5 * (dz * eps * np.exp(logvar / 2)).sum(1)"),
    },
    "07.9": {
        "no f": ("np.mean(eps / np.exp(logvar / 2))", "np.mean((eps**2 - 1) / 2)"),
        "sum": ("np.sum(f * eps / np.exp(logvar / 2))", "np.sum(f * (eps**2 - 1) / 2)"),
        "times sd": ("np.mean(f * eps * np.exp(logvar / 2))", "np.mean(f * (eps**2 - 1) / 2)"),
        "no sd": ("np.mean(f * eps)", "np.mean(f * (eps**2 - 1) / 2)"),
        "no half": ("np.mean(f * eps / np.exp(logvar / 2))", "np.mean(f * (eps**2 - 1))"),
        "no one": ("np.mean(f * eps / np.exp(logvar / 2))", "np.mean(f * eps**2 / 2)"),
        "by variance": ("np.mean(f * eps / np.exp(logvar))", "np.mean(f * (eps**2 - 1) / 2)"),
        "separate means": (
            "np.mean(f) * np.mean(eps / np.exp(logvar / 2))",
            "np.mean(f) * np.mean((eps**2 - 1) / 2)",
        ),
        "sign": ("-np.mean(f * eps / np.exp(logvar / 2))", "-np.mean(f * (eps**2 - 1) / 2)"),
        "eps as z": (
            "np.mean(f * (eps - m) / np.exp(logvar))",
            "np.mean(f * ((eps - m) ** 2 / np.exp(logvar) - 1) / 2)",
        ),
        "of the sd": of_the_sd,
        "baseline": baseline,
        "per draw": ("f * eps / np.exp(logvar / 2)", "f * (eps**2 - 1) / 2"),
        "log f": log_f,
        "pathwise": ("np.mean(f)", "np.mean(f * eps * np.exp(logvar / 2) / 2)"),
    },
    "07.10": {
        "downhill": "adam(p, g, m, s, t, sign=-1)",
        "no correction": "adam(p, g, m, s, t, c1=False, c2=False)",
        "mean uncorrected": "adam(p, g, m, s, t, c1=False)",
        "square uncorrected": "adam(p, g, m, s, t, c2=False)",
        "decays swapped": "adam(p, g, m, s, t, b1=0.999, b2=0.9)",
        "t plus one": t_plus_one,
        "t minus one": t_minus_one,
        "eps inside": eps_inside,
        "no root": no_root10,
        "old means": "p + 0.01 * m / (1 - 0.9**t) / (np.sqrt(s / (1 - 0.999**t)) + 1e-08)",
        "not squared": not_squared10,
        "step only": "adam(p, g, m, s, t) - p",
        "decay upside down": "adam(p, g, m, s, t, b1=0.1, b2=0.001)",
        "all returned": ("adam(p, g, m, s, t)", "0.9 * m + 0.1 * g", "0.999 * s + 0.001 * g**2"),
        "gradient ascent": "p + 0.01 * g",
        "rmsprop": rmsprop,
        "in place": in_place,
        "square of mean": square_of_mean,
        "no decay factor": no_decay_factor,
    },
}
FAR = {
    "07.2": [
        "dh / np.cosh(a)",
        "dh - np.tanh(dh * a) ** 2",
    ],
    "07.3": [
        "np.sum(sig(logits) * (x * logits - np.logaddexp(0, logits)), axis=1)",
    ],
    "07.5": [
        "0.5 * (np.linalg.norm(m, axis=1) + np.sum(np.exp(logvar) - 1 - logvar, axis=1))",
        "np.sqrt(0.5 * np.sum(m**2 + np.exp(logvar) - 1 - logvar, axis=1))",
    ],
    "07.6": [
        ("dy[:, None] * m / m.shape[1]", "dy[:, None] * 0.5 * (np.exp(logvar) - 1) / m.shape[1]"),
    ],
    "07.8": [
        ("dz.sum(0)", "0.5 * (dz * np.abs(eps) * np.exp(logvar / 2)).sum(0)"),
    ],
    "07.9": [
        ("np.sum(f * eps) / np.sum(f) * np.exp(-logvar / 2)", "np.mean(f * (eps**2 - 1) / 2)"),
    ],
    "07.10": [
        "p + 0.01 * (0.9 * m + 0.1 * g) / (1 - 0.9**t) / (np.sqrt(np.max(s)) + 1e-08)",
    ],
}
RIGHT = {
    "07.1": {
        "ein": (
            'np.einsum("ro,oi->ri", dy, W)',
            'np.einsum("ro,ri->oi", dy, x)',
            "np.ones(len(x)) @ dy",
        ),
    },
    "07.2": {
        "cosh": "(dh / np.cosh(a) ** 2).tolist()",
        "sech exp": sech_exp,
    },
    "07.3": {
        "log expit": "log_expit((2 * x - 1) * logits).sum(-1)",
    },
    "07.4": {
        "half tanh": (
            "[d * (r - 0.5 - 0.5 * np.tanh(a / 2)) for d, r, a in zip(dy, x, logits, strict=True)]"
        ),
        "diag": ("np.diag(dy) @ (x * expit(-logits) - (1 - x) * expit(logits))"),
    },
    "07.5": {
        "loops": (
            "[sum((a * a + math.exp(v) - 1 - v) / 2 for a, v in zip(r, w, strict=True)) for r, "
            "w in zip(m, logvar, strict=True)]"
        ),
        "expm": (
            "(np.linalg.norm(m, axis=1) ** 2 + (np.expm1(logvar) - logvar) "
            "@ np.ones(m.shape[1])) / 2"
        ),
    },
    "07.6": {
        "loops": (
            "[[d * a for a in r] for d, r in zip(dy, m, strict=True)]",
            "[[d * math.expm1(v) / 2 for v in r] for d, r in zip(dy, logvar, strict=True)]",
        ),
        "sinh": "np.stack([(dy * m.T).T, (dy * (np.exp(logvar / 2) * np.sinh(logvar / 2)).T).T])",
    },
    "07.7": {
        "loops": loops7,
        "ein": 'np.einsum("drl,rl->drl", eps, np.exp(logvar) ** 0.5) + m[None]',
    },
    "07.8": {
        "ein": (
            'np.einsum("drl->rl", dz)',
            'np.einsum("drl,drl,rl->rl", dz, eps, np.exp(0.5 * logvar) / 2)',
        ),
    },
    "07.9": {
        "dots": dots,
    },
    "07.10": {
        "inplace right": inplace_right,
    },
}
