"""Other forms that a right answer may have, by exercise: slips are sought in these as well.

A learner who writes log v2 - log v1, a loop, or a precision where the solution has log(v2 / v1), a
sum or a variance makes other slips; here each of these formulas has the place where they are made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import digamma, gammaln

from vi_lab.teach.lessons.exercises.distributions import gamma_log_density
from vi_lab.teach.lessons.forms.other_forms_states import FORMS_OF_STATES
from vi_lab.teach.lessons.forms.other_forms_vae import FORMS_OF_VAE


def mean_by_precisions(x, tau, mu0, kappa0):
    precision = kappa0 * tau + len(x) * tau
    return (kappa0 * tau * mu0 + tau * np.sum(x)) / precision, np.sqrt(1 / precision)


def mean_by_average(x, tau, mu0, kappa0):
    n = len(x)
    return (kappa0 * mu0 + n * np.mean(x)) / (kappa0 + n), 1 / np.sqrt(tau * (kappa0 + n))


def precision_by_halves(x, mu, mu0, kappa0, a0, b0):
    pull = 0.5 * kappa0 * (mu - mu0) ** 2
    return a0 + len(x) / 2 + 1 / 2, b0 + 0.5 * np.sum((x - mu) ** 2) + pull


def change_by_loop(y, rate1, rate2):
    n = len(y)
    logs = np.zeros(n - 1)
    for s in range(1, n):
        before = np.sum(y[:s]) * np.log(rate1) - s * rate1
        logs[s - 1] = before + np.sum(y[s:]) * np.log(rate2) - (n - s) * rate2
    weights = np.exp(logs - np.max(logs))
    return weights / np.sum(weights)


def responsibilities_of_logs(x, means, weights, sd):
    logs = np.log(weights) - (x[:, None] - means) ** 2 / (2 * sd**2)
    shares = np.exp(logs - np.max(logs, axis=1, keepdims=True))
    return shares / np.sum(shares, axis=1, keepdims=True)


def factor_by_sum(log_joint_table, q_other):
    weights = np.exp(np.sum(log_joint_table * q_other, axis=1))
    return weights / np.sum(weights)


def square_multiplied_out(x, m, v):
    return x**2 - 2 * x * m + (m**2 + v)


def q_mu_by_precisions(x, E_tau, mu0, kappa0):
    precision = kappa0 * E_tau + len(x) * E_tau
    return (kappa0 * E_tau * mu0 + E_tau * np.sum(x)) / precision, 1 / precision


def q_mu_by_average(x, E_tau, mu0, kappa0):
    n = len(x)
    return (kappa0 * mu0 + n * np.mean(x)) / (kappa0 + n), 1 / (E_tau * (kappa0 + n))


def q_tau_by_halves(x, m, v, mu0, kappa0, a0, b0):
    data = np.sum((x - m) ** 2) + len(x) * v
    pull = kappa0 * (m - mu0) ** 2 + kappa0 * v
    return a0 + len(x) / 2 + 1 / 2, b0 + 0.5 * data + 0.5 * pull


def elbo_by_kls(x, m, v, shape, rate, mu0, kappa0, a0, b0):
    E_tau, E_log, n = shape / rate, digamma(shape) - np.log(rate), len(x)
    data = n / 2 * E_log - n / 2 * np.log(2 * np.pi)
    data = data - E_tau / 2 * (np.sum((x - m) ** 2) + n * v)
    kl_mu = -0.5 * np.log(kappa0 * v) - 0.5 * E_log - 0.5
    kl_mu = kl_mu + kappa0 * E_tau / 2 * ((m - mu0) ** 2 + v)
    q_tau = shape * np.log(rate) - gammaln(shape) + (shape - 1) * E_log - shape
    p_tau = a0 * np.log(b0) - gammaln(a0) + (a0 - 1) * E_log - b0 * E_tau
    return data - kl_mu - (q_tau - p_tau)


def update_z_by_loop(x, m, v, alpha):
    r = np.zeros((len(x), len(m)))
    for i in range(len(x)):
        logs = digamma(alpha) - digamma(np.sum(alpha)) - 0.5 * (x[i] - m) ** 2 - 0.5 * v
        weights = np.exp(logs - np.max(logs))
        r[i] = weights / np.sum(weights)
    return r


def collapse_by_logaddexp(log_weights):
    peak = np.max(log_weights, axis=-1)
    return np.log(np.sum(np.exp(log_weights - peak[..., None]), axis=-1)) + peak


def importance_by_length(log_w):
    peak = np.max(log_w)
    return np.log(np.sum(np.exp(log_w - peak))) + peak - np.log(len(log_w))


def plane_of_logs(log_joint, h):
    peak = np.max(log_joint)
    return np.log(np.sum(np.exp(log_joint - peak))) + peak + 2 * np.log(h)


def error_by_squares(x):
    n = len(x)
    return np.sqrt(np.sum((x - np.mean(x)) ** 2) / (n - 1) / n)


def error_of_variance(x):
    return np.sqrt(np.var(x, ddof=1) / len(x))


def rank_by_loop(theta, draws):
    count = 0
    for draw in draws:
        if draw < theta:
            count += 1
    return count


def rank_from_above(theta, draws):
    return len(draws) - np.sum(draws > theta)


def mcse_by_squares(draws, ess):
    variance = np.sum((draws - np.mean(draws)) ** 2) / (len(draws) - 1)
    return np.sqrt(variance / ess)


def bound_by_difference(claim, log_evidence, error):
    return claim - log_evidence <= error


def two_groups(y1, y2, rate1, rate2, a, b):
    prior1 = a * np.log(b) - gammaln(a) + (a - 1) * np.log(rate1) - b * rate1
    prior2 = a * np.log(b) - gammaln(a) + (a - 1) * np.log(rate2) - b * rate2
    data1 = np.sum(y1) * np.log(rate1) - len(y1) * rate1 - np.sum(gammaln(y1 + 1))
    data2 = np.sum(y2) * np.log(rate2) - len(y2) * rate2 - np.sum(gammaln(y2 + 1))
    return prior1 + prior2 + data1 + data2


def poisson_log_density(y, rate):
    return np.sum(y * np.log(rate) - rate - gammaln(y + 1))


def two_groups_by_densities(y1, y2, rate1, rate2, a, b):
    prior = gamma_log_density(rate1, a, b) + gamma_log_density(rate2, a, b)
    return prior + poisson_log_density(y1, rate1) + poisson_log_density(y2, rate2)


def evidence_in_one(y, a, b):
    posterior = gammaln(a + np.sum(y)) - (a + np.sum(y)) * np.log(b + len(y))
    return a * np.log(b) - gammaln(a) + posterior - np.sum(gammaln(y + 1))


def counts_one_by_one(y, a, b):
    total = -np.sum(gammaln(y + 1))
    for count in y:
        total += gammaln(a + count) - gammaln(a)
        total += a * np.log(b / (b + 1)) - count * np.log(b + 1)
        a, b = a + count, b + 1
    return total


def sweep_written_out(z, eps, rho):
    first = rho * z[1] + np.sqrt(1 - rho**2) * eps[0]
    return np.array([first, rho * first + np.sqrt(1 - rho**2) * eps[1]])


FORMS: Mapping[str, tuple[Callable[..., Any], ...]] = {
    **FORMS_OF_STATES,
    "03.2": (mean_by_precisions, mean_by_average),
    "03.3": (precision_by_halves,),
    "03.4": (change_by_loop,),
    "03.5": (sweep_written_out,),
    "03.7": (responsibilities_of_logs,),
    "04.0": (factor_by_sum,),
    "04.2": (square_multiplied_out,),
    "04.3": (q_mu_by_precisions, q_mu_by_average),
    "04.4": (q_tau_by_halves,),
    "04.5": (elbo_by_kls,),
    "04.7": (update_z_by_loop,),
    "05.3": (collapse_by_logaddexp,),
    "08.1": (importance_by_length,),
    "08.4": (plane_of_logs,),
    "08.6": (error_by_squares, error_of_variance),
    "09.1": (rank_by_loop, rank_from_above),
    "09.3": (mcse_by_squares,),
    "09.5": (bound_by_difference,),
    "10.1": (two_groups, two_groups_by_densities),
    "10.3": (evidence_in_one, counts_one_by_one),
    **FORMS_OF_VAE,
}
