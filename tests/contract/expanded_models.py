"""The parameter-expanded hierarchy beside an independent log joint."""

import numpy as np
from scipy import stats

from tests.contract.case import Case, even, positive
from vi_lab import HalfCauchy, HierarchicalNormalExpanded


def expanded():
    y, sigma, mu_sd, scale = np.array([2.1, -0.7, 3.4]), np.array([0.8, 1.3, 0.6]), 1.9, 1.4

    def log_joint(values):
        """From the story, with s2 by the chi squared law of its reciprocal."""
        alpha, s2, mu, eta = (
            values["alpha"], values["s2"], values["effects"][:, 0], values["effects"][:, 1:]
        )  # fmt: skip
        total = stats.norm.logpdf(alpha) + stats.norm.logpdf(mu, 0, mu_sd)
        # 1 / s2 is Z**2 / scale**2, and |d(1/s2) / ds2| = 1 / s2**2
        total = total + stats.chi2.logpdf(1 / s2, 1, scale=scale**-2.0) - 2 * np.log(s2)
        total = total + stats.norm.logpdf(eta, 0, np.sqrt(s2)[:, None]).sum(-1)
        means = mu[:, None] + alpha[:, None] * eta
        return total + stats.norm.logpdf(y, means, sigma).sum(-1)

    def without_effects(values):
        """Given alpha and s2, y is one normal vector."""
        alpha, s2 = float(values["alpha"]), float(values["s2"])
        total = stats.norm.logpdf(alpha) + stats.invgamma.logpdf(s2, 0.5, scale=0.5 * scale**2)
        cov = np.diag(sigma**2 + alpha**2 * s2) + mu_sd**2
        return total + stats.multivariate_normal.logpdf(y, np.zeros(3), cov)

    axes = {"alpha": even(-12, 12, 40_001), "s2": positive(-30, 80, 2201)}
    return Case(
        HierarchicalNormalExpanded(y, sigma, mu_sd=mu_sd, tau_prior=HalfCauchy(scale)), log_joint,
        axes, collapsed={"effects": without_effects}, quadratic=True,
    )  # fmt: skip


EXPANDED = {"hierarchy, expanded": expanded()}
