"""Other forms of the right answers of lessons 00 to 02, as in `other_forms`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import gammaln

from vi_lab.teach.lessons.exercises.distributions import gamma_log_density, normal_log_density
from vi_lab.teach.lessons.exercises.lesson_02_steps import log_p


def coin(theta, h, t, a, b):
    normaliser = gammaln(a + b) - gammaln(a) - gammaln(b)
    return normaliser + (a + h - 1) * np.log(theta) + (b + t - 1) * np.log(1 - theta)


def coin_evidence(h, t, a, b):
    posterior = gammaln(a + h) + gammaln(b + t) - gammaln(a + b + h + t)
    return posterior - (gammaln(a) + gammaln(b) - gammaln(a + b))


def grid_by_length(log_joint, grid):
    width = (grid[-1] - grid[0]) / (len(grid) - 1)
    peak = np.max(log_joint)
    return np.log(np.sum(np.exp(log_joint - peak))) + peak + np.log(width)


def newcomb_by_densities(x, mu, tau, mu0, kappa0, a0, b0):
    sd = 1 / np.sqrt(tau)
    likelihood = np.sum(normal_log_density(x, mu, sd))
    prior_mu = normal_log_density(mu, mu0, sd / np.sqrt(kappa0))
    return likelihood + prior_mu + gamma_log_density(tau, a0, b0)


def kl_of_logs(q, p):
    return np.sum(q * (np.log(q) - np.log(p)))


def kl_as_entropies(q, p):
    entropy, cross = -np.sum(q * np.log(q)), -np.sum(q * np.log(p))
    return cross - entropy


def elbo_of_ratio(q, joint):
    return np.sum(q * np.log(joint / q))


def elbo_by_kl(q, joint):
    evidence = np.sum(joint)
    return np.log(evidence) - np.sum(q * np.log(q / (joint / evidence)))


def entropy_of_sd(sd):
    return np.log(sd) + np.log(2 * np.pi) / 2 + 1 / 2


def entropy_as_average(sd):
    v = sd**2
    return np.log(2 * np.pi * v) / 2 + v / (2 * v)


def kl_of_sds(m1, v1, m2, v2):
    s1, s2 = np.sqrt(v1), np.sqrt(v2)
    return np.log(s2) - np.log(s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - 1 / 2


def kl_of_variances(m1, v1, m2, v2):
    return 0.5 * np.log(v2 / v1) + 0.5 * (v1 / v2) + 0.5 * (m1 - m2) ** 2 / v2 - 0.5


def moments_about_mean(w, m, s):
    mean = np.sum(w * m)
    return mean, np.sqrt(np.sum(w * s**2) + np.sum(w * (m - mean) ** 2))


def accept_probability(new, old, q_back, q_forth):
    return np.log(np.minimum(1, np.exp(new - old) * np.exp(q_back - q_forth)))


def step_by_branches(z, eps, u, step):
    proposal = z + step * eps
    ratio = np.exp(log_p(proposal) - log_p(z))
    if u < ratio:
        return z + step * eps
    return z


def matrix_by_loops(pi, Q):
    P = np.zeros(Q.shape)
    for i in range(len(pi)):
        for j in range(len(pi)):
            if i != j and Q[i, j] > 0:
                P[i, j] = Q[i, j] * min(1, pi[j] * Q[j, i] / (pi[i] * Q[i, j]))
        P[i, i] = 1 - np.sum(P[i])
    return P


def target_of_rates(y):
    r = np.exp(y)
    log_density = np.sum(1.5 * np.log(r) - 1.7 * r)
    return log_density + np.sum(y)


def rhat_by_sums(x):
    chains, n = x.shape
    means = np.mean(x, axis=1)
    B = n * np.sum((means - np.mean(x)) ** 2) / (chains - 1)
    W = np.mean(np.sum((x - means[:, None]) ** 2, axis=1) / (n - 1))
    return np.sqrt(((n - 1) / n * W + B / n) / W)


FORMS_OF_STATES: Mapping[str, tuple[Callable[..., Any], ...]] = {
    "00.1": (coin,),
    "00.3": (grid_by_length,),
    "00.5": (coin_evidence,),
    "00.8": (newcomb_by_densities,),
    "01.1": (kl_of_logs, kl_as_entropies),
    "01.3": (elbo_of_ratio, elbo_by_kl),
    "01.4": (entropy_of_sd, entropy_as_average),
    "01.5": (kl_of_sds, kl_of_variances),
    "01.7": (moments_about_mean,),
    "02.1": (accept_probability,),
    "02.2": (step_by_branches,),
    "02.3": (matrix_by_loops,),
    "02.4": (target_of_rates,),
    "02.6": (rhat_by_sums,),
}
