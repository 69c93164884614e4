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


def of_p(dy, x, logits):
    p = sig(logits)
    return dy[:, None] * (x / p - (1 - x) / (1 - p))


def loops7(m, logvar, eps):
    sd = np.sqrt(np.exp(logvar))
    return [m + sd * one for one in eps]


def dots(f, m, logvar, eps):
    z = m + np.exp(logvar / 2) * eps
    n = len(f)
    return [f @ (z - m) / np.exp(logvar) / n, 0.5 * (f @ eps**2 - f.sum()) / n]


def adam(p, g, m, s, t):
    m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
    return p + 0.01 * m / (1 - 0.9**t) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)


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
        "dx only": "dy @ W",
    },
    "07.2": {
        "through dh": "1 - np.tanh(dh) ** 2",
        "summed": "np.sum(dh * (1 - np.tanh(a) ** 2), axis=0)",
    },
    "07.4": {
        "of p": of_p,
    },
    "07.7": {
        "own noise": "m + np.exp(logvar / 2) * np.random.default_rng().normal(size=eps.shape)",
    },
    "07.10": {
        "all returned": ("adam(p, g, m, s, t)", "0.9 * m + 0.1 * g", "0.999 * s + 0.001 * g**2"),
        "rmsprop": rmsprop,
        "in place": in_place,
    },
}
FAR = {
    "07.2": [
        "dh - np.tanh(dh * a) ** 2",
    ],
    "07.3": [
        "np.sum(sig(logits) * (x * logits - np.logaddexp(0, logits)), axis=1)",
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
