"""A coin, regressions and clutter, each beside an independent log joint and points."""

import numpy as np
from scipy import special, stats

from tests.contract.case import Case, even
from vi_lab import BetaBernoulli


def beta_bernoulli():
    x, a, b = np.array([1, 0, 1, 1, 0, 1]), 2.5, 1.5

    def log_joint(values):
        theta = values["theta"]
        prior = stats.beta.logpdf(theta, a, b)
        return prior + stats.bernoulli.logpmf(x, theta[..., None]).sum(-1)

    y, log_width = even(-36, 36, 401)
    log_weights = log_width + special.log_expit(y) + special.log_expit(-y)
    return Case(BetaBernoulli(x, a, b), log_joint, {"theta": (special.expit(y), log_weights)})


SIMPLE = {
    "beta-Bernoulli": beta_bernoulli(),
}
