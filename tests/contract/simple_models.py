"""A coin, regressions and clutter, each beside an independent log joint and points."""

import numpy as np
from scipy import special, stats

from tests.contract.case import Case, even, positive
from tests.contract.oracles import product
from vi_lab import BetaBernoulli, NormalSemiConjugate


def beta_bernoulli():
    x, a, b = np.array([1, 0, 1, 1, 0, 1]), 2.5, 1.5

    def log_joint(values):
        theta = values["theta"]
        prior = stats.beta.logpdf(theta, a, b)
        return prior + stats.bernoulli.logpmf(x, theta[..., None]).sum(-1)

    y, log_width = even(-36, 36, 401)
    log_weights = log_width + special.log_expit(y) + special.log_expit(-y)
    return Case(BetaBernoulli(x, a, b), log_joint, {"theta": (special.expit(y), log_weights)})


def normal_semi_conjugate():
    x = np.array([3.1, 4.7, 2.2, 5.9, 4.0, 3.3])
    m0, s0, a0, b0 = 1.5, 2.0, 3.0, 2.0

    def log_joint(values):
        mu, tau = values["mu"], values["tau"]
        prior = stats.norm.logpdf(mu, m0, s0) + stats.gamma.logpdf(tau, a0, scale=1 / b0)
        return prior + stats.norm.logpdf(x, mu[..., None], tau[..., None] ** -0.5).sum(-1)

    def nodes():
        (mu, log_mu), (tau, log_tau) = even(-18, 21, 801), positive(-10, 4, 113)
        values, weights = product({"mu": (mu, np.exp(log_mu)), "tau": (tau, np.exp(log_tau))})
        return values, np.log(weights)

    axes = {"mu": even(-60, 70, 6501), "tau": positive(-30, 8, 951)}
    return Case(NormalSemiConjugate(x, m0, s0, a0, b0), log_joint, axes, nodes)


SIMPLE = {
    "beta-Bernoulli": beta_bernoulli(),
    "normal, semi-conjugate": normal_semi_conjugate(),
}
