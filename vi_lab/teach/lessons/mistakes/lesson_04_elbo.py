"""Named mistakes of lesson 04: the ELBO of Newcomb's model (04.5)."""

import numpy as np
from scipy.special import digamma, gammaln

from vi_lab.teach.lessons.solutions.lesson_04 import elbo

LOG_2PI = np.log(2 * np.pi)


# the terms of the ELBO by what they are part of
PARTS = {
    "x": ("n_log_tau", "n_2pi", "squares", "n_v"),
    "mu": ("log_kappa0", "half_log_tau", "mu_2pi", "pull", "pull_v"),
    "tau": ("a0_log_b0", "log_gamma_a0", "power", "b0_tau"),
    "H_mu": ("H_2pi", "H_e", "H_log_v"),
    "H_tau": ("H_shape", "H_log_rate", "H_log_gamma", "H_digamma"),
}


def terms(x, m, v, shape, rate, mu0, kappa0, a0, b0, E_log=None, E_tau=None):
    """The terms of the ELBO, by name; a mistake may change what is averaged."""
    n = len(x)
    E_tau = shape / rate if E_tau is None else E_tau
    E_log = digamma(shape) - np.log(rate) if E_log is None else E_log
    return {
        "n_log_tau": n / 2 * E_log,
        "n_2pi": -n / 2 * LOG_2PI,
        "squares": -E_tau * np.sum((x - m) ** 2) / 2,
        "n_v": -E_tau * n * v / 2,
        "log_kappa0": np.log(kappa0) / 2,
        "half_log_tau": E_log / 2,
        "mu_2pi": -LOG_2PI / 2,
        "pull": -E_tau * kappa0 * (m - mu0) ** 2 / 2,
        "pull_v": -E_tau * kappa0 * v / 2,
        "a0_log_b0": a0 * np.log(b0),
        "log_gamma_a0": -gammaln(a0),
        "power": (a0 - 1) * E_log,
        "b0_tau": -b0 * E_tau,
        "H_2pi": LOG_2PI / 2,
        "H_e": 0.5,
        "H_log_v": np.log(v) / 2,
        "H_shape": shape,
        "H_log_rate": -np.log(rate),
        "H_log_gamma": gammaln(shape),
        "H_digamma": (1 - shape) * digamma(shape),
    }


def weighted(**weights):
    """The terms summed, some of them, or of the parts, with another weight than one."""
    each = {name: w for part, w in weights.items() for name in PARTS.get(part, (part,))}
    return lambda *given: sum(each.get(name, 1.0) * t for name, t in terms(*given).items())


def averaged(**changed):
    """The terms summed after other averages: each a function of (v, shape, rate)."""

    def wrong(x, m, v, shape, rate, *prior):
        other = {name: value(v, shape, rate) for name, value in changed.items()}
        return sum(terms(x, m, v, shape, rate, *prior, **other).values())

    return wrong


def off_by(extra):
    """The ELBO and something added, extra(n, v, shape, rate, kappa0, a0, b0)."""
    return lambda x, m, v, shape, rate, mu0, k, a0, b0: (
        elbo(x, m, v, shape, rate, mu0, k, a0, b0) + extra(len(x), v, shape, rate, k, a0, b0)
    )


ELBO = {
    "The entropy of q(mu) is missing.": weighted(H_mu=0),
    "The entropy of q(tau) is missing.": weighted(H_tau=0),
    "Both entropies are missing: this is E[log p(x, z)].": weighted(H_mu=0, H_tau=0),
    "You subtracted the entropies: -E[log q] adds them.": weighted(H_mu=-1, H_tau=-1),
    "You counted the entropies twice.": weighted(H_mu=2, H_tau=2),
    "The entropy of q(mu) has the wrong sign.": weighted(H_mu=-1),
    "The entropy of q(tau) has the wrong sign.": weighted(H_tau=-1),
    "The prior of tau is missing.": weighted(tau=0),
    "The prior of mu is missing.": weighted(mu=0),
    "The constants of log p are missing: log 2 pi, log kappa0, the gamma's normaliser.": weighted(
        n_2pi=0, mu_2pi=0, log_kappa0=0, a0_log_b0=0, log_gamma_a0=0
    ),
    "You took a normal's entropy for q(tau): it is a gamma.": lambda *given: (
        weighted(H_tau=0)(*given) + np.log(2 * np.pi * np.e * given[3] / given[4] ** 2) / 2
    ),
    "Both priors are missing.": weighted(mu=0, tau=0),
    "The likelihood is missing.": weighted(x=0),
    "You took minus the ELBO: a loss.": lambda *given: -elbo(*given),
    "2 pi is missing in the likelihood, once for every datum.": weighted(n_2pi=0),
    "2 pi is missing in the likelihood and in the prior of mu.": weighted(n_2pi=0, mu_2pi=0),
    "You counted 2 pi once in the likelihood; it counts once for every datum.": off_by(
        lambda n, *_: (n - 1) / 2 * LOG_2PI
    ),
    "2 pi is missing in the prior of mu.": weighted(mu_2pi=0),
    "2 pi is missing in the entropy of q(mu).": weighted(H_2pi=0),
    "The half before log 2 pi is missing in the likelihood.": weighted(n_2pi=2),
    "The e is missing in the entropy of q(mu): it is half a nat more.": weighted(H_e=0),
    "v was squared in the entropy of q(mu): it is a variance.": weighted(H_log_v=2),
    "The half is missing in the entropy of q(mu).": weighted(H_mu=2),
    "You took log for digamma: E[log tau] is not the logarithm of E[tau].": averaged(
        E_log=lambda v, shape, rate: np.log(shape / rate)
    ),
    "The mean was plugged in: the variance of mu is missing in the squares.": weighted(
        n_v=0, pull_v=0
    ),
    "Shape times rate stands where E[tau] = shape / rate belongs.": averaged(
        E_tau=lambda v, shape, rate: shape * rate
    ),
    "The rate is missing in E[log tau].": averaged(E_log=lambda v, shape, rate: digamma(shape)),
    "The rate was taken for a scale in E[log tau].": averaged(
        E_log=lambda v, shape, rate: digamma(shape) + np.log(rate)
    ),
    "You counted the variance of mu once in the squares; it counts once for every datum.": off_by(
        lambda n, v, shape, rate, *_: shape / rate * (n - 1) * v / 2
    ),
    "The variance of mu is missing in the squares of the data.": weighted(n_v=0),
    "The variance of mu is missing in the pull of the prior.": weighted(pull_v=0),
    "Half of E[log tau] is missing: the prior of mu has tau in it too.": weighted(half_log_tau=0),
    "log kappa0 is missing in the prior of mu.": weighted(log_kappa0=0),
    "The prior of tau has a0 where a0 - 1 belongs.": off_by(
        lambda n, v, shape, rate, *_: digamma(shape) - np.log(rate)
    ),
    "The prior of tau is not normalised: a0 log b0 - log Gamma(a0) is missing.": weighted(
        a0_log_b0=0, log_gamma_a0=0
    ),
    "log Gamma(a0) is missing in the prior of tau.": weighted(log_gamma_a0=0),
    "a0 log b0 is missing in the prior of tau.": weighted(a0_log_b0=0),
    "b0 E[tau] is missing in the prior of tau.": weighted(b0_tau=0),
    "log Gamma(shape) is missing in the entropy of q(tau).": weighted(H_log_gamma=0),
    "log(rate) is missing in the entropy of q(tau).": weighted(H_log_rate=0),
    "The sign of log(rate) in the entropy of q(tau) is wrong.": weighted(H_log_rate=-1),
    "The squares of the data are missing.": weighted(squares=0, n_v=0),
    "The half before the squares of the data is missing.": weighted(squares=2, n_v=2),
    "The half before n log tau is missing in the likelihood.": weighted(n_log_tau=2),
    "You counted E[log tau] once in the likelihood; it counts once for every datum.": off_by(
        lambda n, v, shape, rate, *_: (1 - n) / 2 * (digamma(shape) - np.log(rate))
    ),
}
