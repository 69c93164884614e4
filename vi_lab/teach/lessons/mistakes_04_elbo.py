"""Named mistakes of lesson 04: the ELBO of Newcomb's model (04.5)."""

import numpy as np
from scipy.special import digamma, gammaln

from vi_lab.teach.lessons.solutions_04 import elbo

LOG_2PI = np.log(2 * np.pi)


def terms(x, m, v, shape, rate, mu0, kappa0, a0, b0, E_log=None, E_tau=None, plug_in=1.0):
    """The five terms of the ELBO, by name; a mistake may change what is averaged."""
    E_tau = shape / rate if E_tau is None else E_tau
    E_log = digamma(shape) - np.log(rate) if E_log is None else E_log
    pull = kappa0 * ((m - mu0) ** 2 + plug_in * v)
    return {
        "x": len(x) / 2 * (E_log - LOG_2PI) - E_tau * np.sum((x - m) ** 2 + plug_in * v) / 2,
        "mu": (np.log(kappa0) + E_log - LOG_2PI) / 2 - E_tau * pull / 2,
        "tau": a0 * np.log(b0) - gammaln(a0) + (a0 - 1) * E_log - b0 * E_tau,
        "H_mu": np.log(2 * np.pi * np.e * v) / 2,
        "H_tau": shape - np.log(rate) + gammaln(shape) + (1 - shape) * digamma(shape),
    }


def weighted(**weights):
    """The terms summed, some of them with another weight than one."""
    return lambda *given: sum(weights.get(name, 1.0) * t for name, t in terms(*given).items())


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
    "The entropies are subtracted: -E[log q] adds them.": weighted(H_mu=-1, H_tau=-1),
    "The entropies count twice.": weighted(H_mu=2, H_tau=2),
    "The entropy of q(mu) has the wrong sign.": weighted(H_mu=-1),
    "The entropy of q(tau) has the wrong sign.": weighted(H_tau=-1),
    "The prior of tau is missing.": weighted(tau=0),
    "The prior of mu is missing.": weighted(mu=0),
    "Both priors are missing.": weighted(mu=0, tau=0),
    "The likelihood is missing.": weighted(x=0),
    "Minus the ELBO: a loss.": lambda *given: -elbo(*given),
    "2 pi is missing in the likelihood, once for every datum.": off_by(
        lambda n, *_: n / 2 * LOG_2PI
    ),
    "2 pi is missing in the likelihood and in the prior of mu.": off_by(
        lambda n, *_: (n + 1) / 2 * LOG_2PI
    ),
    "2 pi counts once in the likelihood, not once for every datum.": off_by(
        lambda n, *_: (n - 1) / 2 * LOG_2PI
    ),
    "2 pi is missing in the prior of mu.": off_by(lambda *_: LOG_2PI / 2),
    "2 pi is missing in the entropy of q(mu).": off_by(lambda *_: -LOG_2PI / 2),
    "The half before log 2 pi is missing in the likelihood.": off_by(
        lambda n, *_: -n / 2 * LOG_2PI
    ),
    "The e is missing in the entropy of q(mu): it is half a nat more.": off_by(lambda *_: -0.5),
    "v was squared in the entropy of q(mu): it is a variance.": off_by(
        lambda n, v, *_: np.log(v) / 2
    ),
    "The half is missing in the entropy of q(mu).": weighted(H_mu=2),
    "log for digamma: E[log tau] is not the logarithm of E[tau].": averaged(
        E_log=lambda v, shape, rate: np.log(shape / rate)
    ),
    "The mean was plugged in: the variance of mu is missing in the squares.": averaged(
        plug_in=lambda v, shape, rate: 0.0
    ),
    "Shape times rate stands where E[tau] = shape / rate belongs.": averaged(
        E_tau=lambda v, shape, rate: shape * rate
    ),
    "The rate is missing in E[log tau].": averaged(E_log=lambda v, shape, rate: digamma(shape)),
    "The rate was taken for a scale in E[log tau].": averaged(
        E_log=lambda v, shape, rate: digamma(shape) + np.log(rate)
    ),
    "The variance of mu counts once in the squares, not once for every datum.": off_by(
        lambda n, v, shape, rate, *_: shape / rate * (n - 1) * v / 2
    ),
    "The variance of mu is missing in the squares of the data.": off_by(
        lambda n, v, shape, rate, *_: shape / rate * n * v / 2
    ),
    "The variance of mu is missing in the pull of the prior.": off_by(
        lambda n, v, shape, rate, k, *_: shape / rate * k * v / 2
    ),
    "Half of E[log tau] is missing: the prior of mu has tau in it too.": off_by(
        lambda n, v, shape, rate, *_: -(digamma(shape) - np.log(rate)) / 2
    ),
    "log kappa0 is missing in the prior of mu.": off_by(
        lambda n, v, shape, rate, k, *_: -np.log(k) / 2
    ),
    "The prior of tau has a0 where a0 - 1 belongs.": off_by(
        lambda n, v, shape, rate, *_: digamma(shape) - np.log(rate)
    ),
    "The prior of tau is not normalised: a0 log b0 - log Gamma(a0) is missing.": off_by(
        lambda n, v, shape, rate, k, a0, b0: gammaln(a0) - a0 * np.log(b0)
    ),
    "log Gamma(a0) is missing in the prior of tau.": off_by(
        lambda n, v, shape, rate, k, a0, b0: gammaln(a0)
    ),
    "a0 log b0 is missing in the prior of tau.": off_by(
        lambda n, v, shape, rate, k, a0, b0: -a0 * np.log(b0)
    ),
    "b0 E[tau] is missing in the prior of tau.": off_by(
        lambda n, v, shape, rate, k, a0, b0: b0 * shape / rate
    ),
    "log Gamma(shape) is missing in the entropy of q(tau).": off_by(
        lambda n, v, shape, *_: -gammaln(shape)
    ),
    "log(rate) is missing in the entropy of q(tau).": off_by(
        lambda n, v, shape, rate, *_: np.log(rate)
    ),
    "The sign of log(rate) in the entropy of q(tau).": off_by(
        lambda n, v, shape, rate, *_: 2 * np.log(rate)
    ),
    "The squares of the data are missing.": lambda x, m, v, shape, rate, *prior: (
        elbo(x, m, v, shape, rate, *prior) + shape / rate * np.sum((x - m) ** 2 + v) / 2
    ),
    "The half before the squares of the data is missing.": lambda x, m, v, shape, rate, *prior: (
        elbo(x, m, v, shape, rate, *prior) - shape / rate * np.sum((x - m) ** 2 + v) / 2
    ),
    "The half before n log tau is missing in the likelihood.": off_by(
        lambda n, v, shape, rate, *_: n / 2 * (digamma(shape) - np.log(rate))
    ),
    "E[log tau] counts once in the likelihood, not once for every datum.": off_by(
        lambda n, v, shape, rate, *_: (1 - n) / 2 * (digamma(shape) - np.log(rate))
    ),
}
