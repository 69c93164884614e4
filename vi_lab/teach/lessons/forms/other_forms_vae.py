"""Other forms of the right answers of lessons 06 and 07, as in `other_forms`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def two_ways_by_halves(x, m, v, s2):
    n = len(x)
    log_x = -n / 2 * np.log(2 * np.pi) - n / 2 * np.log(s2)
    log_x = log_x - (np.sum((x - m) ** 2) + n * v) / (2 * s2)
    kl = 0.5 * m**2 + 0.5 * v - 0.5 - 0.5 * np.log(v)
    log_z = -0.5 * np.log(2 * np.pi) - 0.5 * m**2 - 0.5 * v
    log_q = -0.5 * np.log(2 * np.pi) - 0.5 * np.log(v) - 0.5
    return log_x - kl, log_x + log_z - log_q


def encoder_without_noise_outside(W, s2, x):
    M = W.T @ W + s2 * np.eye(W.shape[1])
    return np.linalg.inv(M) @ W.T @ x, s2 / np.diag(M)


def evidence_in_three(W, s2, x):
    C = W @ W.T + s2 * np.eye(len(x))
    log_det = np.linalg.slogdet(C)[1]
    square = x @ np.linalg.inv(C) @ x
    return -0.5 * len(x) * np.log(2 * np.pi) - 0.5 * log_det - 0.5 * square


def gap_of_covariance(L):
    cov, var = np.linalg.inv(L), 1 / np.diag(L)
    return 0.5 * (np.log(np.linalg.det(cov)) - np.log(np.prod(var)))


def used_by_where(eigenvalues, s2):
    return np.where(eigenvalues > s2, 0.5 * (np.log(eigenvalues) - np.log(s2)), 0)


def tanh_by_cosh(dh, a):
    return dh / np.cosh(a) ** 2


def tanh_by_exponentials(dh, a):
    h = 1 - 2 / (np.exp(2 * a) + 1)
    return dh * (1 - h) * (1 + h)


def likelihood_of_both(x, logits):
    on, off = -np.logaddexp(0, -logits), -np.logaddexp(0, logits)
    return np.sum(x * on + (1 - x) * off, axis=1)


def likelihood_back_of_both(dy, x, logits):
    p = 1 / (1 + np.exp(-logits))
    return np.reshape(dy, (-1, 1)) * (x * (1 - p) - (1 - x) * p)


def kl_as_kingma(m, logvar):
    return -0.5 * np.sum(1 + logvar - m**2 - np.exp(logvar), axis=1)


def kl_of_sds(m, logvar):
    s = np.exp(logvar / 2)
    return np.sum((m**2 + s**2) / 2 - np.log(s) - 1 / 2, axis=1)


def kl_back_of_sds(dy, m, logvar):
    s = np.exp(logvar / 2)
    return dy[:, None] * m, dy[:, None] * (s * s - 1) / 2


def noise_by_variance(m, logvar, eps):
    return m + np.sqrt(np.exp(logvar)) * eps


def noise_back_by_sd(dz, logvar, eps):
    sd = np.exp(logvar / 2)
    dsd = np.sum(dz * eps, axis=0)
    return np.sum(dz, axis=0), dsd * sd / 2


def score_by_draws(f, m, logvar, eps):
    sd = np.exp(logvar / 2)
    z = m + sd * eps
    dm = np.sum(f * (z - m) / sd**2) / len(f)
    return dm, np.sum(f * ((z - m) ** 2 / (2 * sd**2) - 1 / 2)) / len(f)


def adam_by_moves(p, g, m, s, t):
    m_new = m + (1 - 0.9) * (g - m)
    s_new = s + (1 - 0.999) * (g**2 - s)
    step = m_new / (1 - 0.9**t) / (np.sqrt(s_new / (1 - 0.999**t)) + 1e-8)
    return p + 0.01 * step


FORMS_OF_VAE: Mapping[str, tuple[Callable[..., Any], ...]] = {
    "06.1": (two_ways_by_halves,),
    "06.2": (encoder_without_noise_outside,),
    "06.3": (evidence_in_three,),
    "06.4": (gap_of_covariance,),
    "06.6": (used_by_where,),
    "07.2": (tanh_by_cosh, tanh_by_exponentials),
    "07.3": (likelihood_of_both,),
    "07.4": (likelihood_back_of_both,),
    "07.5": (kl_as_kingma, kl_of_sds),
    "07.6": (kl_back_of_sds,),
    "07.7": (noise_by_variance,),
    "07.8": (noise_back_by_sd,),
    "07.9": (score_by_draws,),
    "07.10": (adam_by_moves,),
}
