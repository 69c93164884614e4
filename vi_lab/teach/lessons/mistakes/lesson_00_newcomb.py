"""The mistakes of lesson 00 in Newcomb's log joint."""

import numpy as np
from scipy.special import gammaln

from vi_lab.teach.lessons.solutions.lesson_00 import newcomb_log_joint


def plus(term):
    """Newcomb's log joint with a term more."""
    return lambda x, mu, tau, mu0, kappa0, a0, b0: (
        newcomb_log_joint(x, mu, tau, mu0, kappa0, a0, b0) + term(x, mu, tau, mu0, kappa0, a0, b0)
    )


def prior_of_mu(x, mu, tau, mu0, kappa0, a0, b0):
    return newcomb_log_joint(x[:0], mu, tau, mu0, kappa0, 1, 1) + tau


def prior_of_tau(x, mu, tau, mu0, kappa0, a0, b0):
    return a0 * np.log(b0) - gammaln(a0) + (a0 - 1) * np.log(tau) - b0 * tau


def squares(x, mu, *_):
    return np.sum((x - mu) ** 2)


def precision_of_data(power):
    """The density of the data with the precision tau^power, in place of tau."""
    return plus(
        lambda x, mu, tau, *_: (
            len(x) * (power - 1) / 2 * np.log(tau) + (tau - tau**power) / 2 * squares(x, mu)
        )
    )


def prior_sd(x, mu, tau, mu0, kappa0, *_):
    """What 1/(kappa0 tau) as the sd of mu adds."""
    precision = kappa0 * tau
    return (np.log(precision) + (precision - precision**2) * (mu - mu0) ** 2) / 2


LOG_2PI = np.log(2 * np.pi)
NEWCOMB = {
    "2 pi is missing in the density of each datum.": plus(lambda x, *_: len(x) * LOG_2PI / 2),
    "2 pi is missing in the density of mu.": plus(lambda *_: LOG_2PI / 2),
    "2 pi is missing everywhere.": plus(lambda x, *_: (len(x) + 1) * LOG_2PI / 2),
    "2 pi stands without its root.": plus(lambda x, *_: -(len(x) + 1) * LOG_2PI / 2),
    "The half power of tau is missing in the density of mu.": plus(
        lambda x, mu, tau, *_: -np.log(tau) / 2
    ),
    "The half power of tau is missing in the density of each datum.": plus(
        lambda x, mu, tau, *_: -len(x) * np.log(tau) / 2
    ),
    "The half power of tau stands once, not once for each datum.": plus(
        lambda x, mu, tau, *_: (1 - len(x)) * np.log(tau) / 2
    ),
    "The prior of mu stands without tau: its precision is kappa0 tau.": plus(
        lambda x, mu, tau, mu0, kappa0, *_: (
            -np.log(tau) / 2 + kappa0 * (tau - 1) * (mu - mu0) ** 2 / 2
        )
    ),
    "The root of kappa0 is missing in the density of mu.": plus(
        lambda x, mu, tau, mu0, kappa0, *_: -np.log(kappa0) / 2
    ),
    "The prior of mu is missing.": plus(lambda *given: -prior_of_mu(*given)),
    "The prior of tau is missing.": plus(lambda *given: -prior_of_tau(*given)),
    "Both priors are missing: this is the log likelihood.": plus(
        lambda *given: -prior_of_tau(*given) - prior_of_mu(*given)
    ),
    "The data are missing: this is the log prior.": lambda x, *rest: newcomb_log_joint(
        x[:0], *rest
    ),
    "a0 stands without its -1.": plus(lambda x, mu, tau, *_: np.log(tau)),
    "The gamma density is not normalised: a0 log b0 - log Gamma(a0) is missing.": plus(
        lambda x, mu, tau, mu0, kappa0, a0, b0: gammaln(a0) - a0 * np.log(b0)
    ),
    "log Gamma(a0) is missing.": plus(lambda x, mu, tau, mu0, kappa0, a0, b0: gammaln(a0)),
    "a0 log b0 is missing.": plus(lambda x, mu, tau, mu0, kappa0, a0, b0: -a0 * np.log(b0)),
    "b0 was taken for a scale: it is a rate.": lambda x, mu, tau, mu0, kappa0, a0, b0: (
        newcomb_log_joint(x, mu, tau, mu0, kappa0, a0, 1 / b0)
    ),
    "tau was taken for a variance: it is a precision.": (
        lambda x, mu, tau, mu0, kappa0, a0, b0: (
            newcomb_log_joint(x, mu, 1 / tau, mu0, kappa0, a0, b0)
            + prior_of_tau(x, mu, tau, mu0, kappa0, a0, b0)
            - prior_of_tau(x, mu, 1 / tau, mu0, kappa0, a0, b0)
        )
    ),
    "kappa0 was taken for a variance: it multiplies tau.": (
        lambda x, mu, tau, mu0, kappa0, a0, b0: newcomb_log_joint(
            x, mu, tau, mu0, 1 / kappa0, a0, b0
        )
    ),
    "The half is missing before the squares of the data.": plus(
        lambda x, mu, tau, *_: -tau * squares(x, mu) / 2
    ),
    "The squares of the data stand without tau.": plus(
        lambda x, mu, tau, *_: (tau - 1) * squares(x, mu) / 2
    ),
    "The half is missing before the square of mu - mu0.": plus(
        lambda x, mu, tau, mu0, kappa0, *_: -kappa0 * tau * (mu - mu0) ** 2 / 2
    ),
    "You counted the data as one: sum over them, do not average.": (
        lambda x, mu, tau, *rest: (
            newcomb_log_joint(x[:0], mu, tau, *rest)
            + np.mean(0.5 * np.log(tau / (2 * np.pi)) - 0.5 * tau * (x - mu) ** 2)
        )
    ),
    "The sign of the squares is wrong: a density falls away from its mean.": plus(
        lambda x, mu, tau, *_: tau * squares(x, mu)
    ),
    "1/tau was taken for the sd of a datum: it is the variance.": precision_of_data(2),
    "tau was taken for the variance of a datum: it is the precision.": precision_of_data(-1),
    "tau was taken for the sd of a datum: it is the precision.": precision_of_data(-2),
    "1/(kappa0 tau) was taken for the sd of mu: it is the variance.": plus(prior_sd),
    "1/tau and 1/(kappa0 tau) were taken for sds: they are variances.": lambda *given: (
        precision_of_data(2)(*given) + prior_sd(*given)
    ),
    "You squared the sum of the distances: sum the squares.": plus(
        lambda x, mu, tau, *_: tau / 2 * (squares(x, mu) - np.sum(x - mu) ** 2)
    ),
    "The constant of the density stands once, not once for each datum.": plus(
        lambda x, mu, tau, *_: (1 - len(x)) / 2 * np.log(tau / (2 * np.pi))
    ),
    "You counted the prior of mu once for each datum: mu was drawn once.": plus(
        lambda x, *rest: (len(x) - 1) * (prior_of_mu(x, *rest))
    ),
    "The gamma density stands without its logarithm.": plus(
        lambda *given: np.exp(prior_of_tau(*given)) - prior_of_tau(*given)
    ),
    "You multiplied the three log densities: they are added.": lambda *given: (
        prior_of_tau(*given)
        * prior_of_mu(*given)
        * (newcomb_log_joint(*given) - prior_of_tau(*given) - prior_of_mu(*given))
    ),
    "You took the logarithm of a sum of densities: sum the logarithms.": (
        lambda x, mu, tau, *rest: (
            newcomb_log_joint(x[:0], mu, tau, *rest)
            + np.log(np.sum(np.sqrt(tau / (2 * np.pi)) * np.exp(-tau / 2 * (x - mu) ** 2)))
        )
    ),
    "b0 stands in the place of a location of the gamma, in scipy: write scale=1/b0.": (
        lambda x, mu, tau, mu0, kappa0, a0, b0: (
            newcomb_log_joint(x, mu, tau, mu0, kappa0, a0, b0)
            - prior_of_tau(x, mu, tau, mu0, kappa0, a0, b0)
            + (prior_of_tau(x, mu, tau - b0, mu0, kappa0, a0, 1) if tau > b0 else -np.inf)
        )
    ),
    "You took a number for each datum: sum over the data, and add the priors once.": (
        lambda x, mu, tau, *rest: (
            newcomb_log_joint(x[:0], mu, tau, *rest)
            + 0.5 * np.log(tau / (2 * np.pi))
            - 0.5 * tau * (x - mu) ** 2
        )
    ),
}
