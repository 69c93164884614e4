"""Models whose latents have a structure, each beside an independent log joint."""

import numpy as np
from scipy import special, stats

from tests.contract.case import Case, Known, even, in_prior_sds, positive
from vi_lab import HalfCauchy, HierarchicalNormal, InverseGamma, LocalLevel, LogisticRegression


def local_level(blocks):
    y, q, r, m0, v0 = np.array([4.1, 5.6, 3.0, 2.2, 4.4]), 0.6, 0.9, 3.5, 1.7
    size = len(y)

    def log_joint(values):
        x = values.get("x")
        if x is None:
            x = np.empty((len(values["x.even"]), size))
            x[:, ::2], x[:, 1::2] = values["x.even"], values["x.odd"]
        steps = stats.norm.logpdf(x[:, 1:], x[:, :-1], np.sqrt(q)).sum(-1)
        start = stats.norm.logpdf(x[:, 0], m0, np.sqrt(v0))
        return start + steps + stats.norm.logpdf(y, x, np.sqrt(r)).sum(-1)

    # the level's covariance: two steps share the variance of all there was up to the earlier
    cov = v0 + q * np.minimum.outer(np.arange(size), np.arange(size))
    marginal = cov + r * np.eye(size)

    def known():
        gain = np.linalg.solve(marginal, cov)
        log_evidence = stats.multivariate_normal.logpdf(y, np.full(size, m0), marginal)
        sd = np.sqrt(np.diag(cov - cov @ gain))
        return Known(log_evidence, {"x": m0 + (y - m0) @ gain}, {"x": sd})

    wide = even(-25, 35, 2401)
    plate_axes = {"x.even": wide, "x.odd": wide}
    collapsed = {"x": lambda values: known().log_evidence}
    return Case(
        LocalLevel(y, q, r, m0, v0, blocks=blocks), log_joint, {}, known=known, quadratic=True,
        **({"collapsed": collapsed} if blocks == "joint" else {"plate_axes": plate_axes}),
    )  # fmt: skip


def hierarchical(prior, y=(2.1, -0.7, 3.4), sigma=(0.8, 1.3, 0.6), mu_sd=1.9, **more):
    y, sigma = np.asarray(y), np.asarray(sigma)
    cauchy = isinstance(prior, HalfCauchy)

    def log_prior(tau2):
        """Of tau2, with the auxiliary integrated out."""
        if cauchy:
            tau = np.sqrt(tau2)
            return stats.halfcauchy.logpdf(tau, scale=prior.scale) - np.log(2 * tau)
        return stats.invgamma.logpdf(tau2, prior.a0, scale=prior.b0)

    def log_joint(values):
        theta, mu, tau2 = values["theta"], values["mu"], values["tau2"]
        total = stats.norm.logpdf(mu, 0, mu_sd)
        total = total + stats.norm.logpdf(theta, mu[:, None], np.sqrt(tau2)[:, None]).sum(-1)
        total = total + stats.norm.logpdf(y, theta, sigma).sum(-1)
        if cauchy:
            rate = values["rate"]
            total = total + stats.gamma.logpdf(rate, 0.5, scale=prior.scale**2)
            return total + stats.invgamma.logpdf(tau2, 0.5, scale=rate)
        return total + stats.invgamma.logpdf(tau2, prior.a0, scale=prior.b0)

    def known():
        """A plane of (mu, log tau2); given them each theta is a weighted mean."""
        reach = 8.5 * mu_sd
        (mu, log_mu), (tau2, log_tau2) = even(-reach, reach, 401), positive(-90, 110, 1201)
        mu, tau2 = (a.ravel() for a in np.meshgrid(mu, tau2, indexing="ij"))
        log_p = (log_mu[:, None] + log_tau2).ravel() + log_prior(tau2)
        log_p = log_p + stats.norm.logpdf(mu, 0, mu_sd)
        for j in range(len(y)):
            log_p = log_p + stats.norm.logpdf(y[j], mu, np.sqrt(sigma[j] ** 2 + tau2))
        first, second = {"mu": mu, "tau2": tau2}, {"mu": mu**2, "tau2": tau2**2}
        precision = sigma**-2.0 + 1 / tau2[:, None]
        first["theta"] = (y / sigma**2 + (mu / tau2)[:, None]) / precision
        second["theta"] = first["theta"] ** 2 + 1 / precision
        if cauchy:
            first["rate"] = 1 / (1 / tau2 + prior.scale**-2.0)
            second["rate"] = 2 * first["rate"] ** 2
        found = Known.averaged(log_p, first, second)
        if cauchy and len(y) == 3:  # then tau**4 has no mean
            found.sd["tau2"] = np.inf
        return found

    axes = {"mu": even(-60, 60, 6001), "tau2": positive(-30, 80, 2201)}
    if cauchy:
        axes["rate"] = positive(-80, 20, 2001)
    return Case(
        HierarchicalNormal(y, sigma, mu_sd=mu_sd, tau_prior=prior), log_joint, axes,
        plate_axes={"theta": even(-60, 60, 6001)}, known=known, quadratic=True, **more,
    )  # fmt: skip


def logistic(X, successes, trials, prior_mean, prior_cov, **more):
    X, successes, trials = np.asarray(X), np.asarray(successes), np.asarray(trials)

    def of_beta(beta):
        """log p(y, beta), by the binomial itself."""
        log_y = stats.binom.logpmf(successes, trials, special.expit(beta @ X.T)).sum(-1)
        return log_y + stats.multivariate_normal.logpdf(beta, prior_mean, prior_cov)

    def log_joint(values):
        """Given beta, omega is PG(trials, psi), whatever y: densities against PG(trials, 0)."""
        psi = values["beta"] @ X.T
        of_omega = trials * np.log(np.cosh(0.5 * psi)) - 0.5 * psi**2 * values["omega"]
        return of_beta(values["beta"]) + of_omega.sum(-1)

    def known():
        points, log_weights = in_prior_sds(prior_mean, prior_cov, 601, 11.0)
        psi = points @ X.T
        tanh = np.tanh(0.5 * psi)
        first = trials * tanh / (2 * psi)
        variance = trials * (2 * tanh - psi * (1 - tanh**2)) / (4 * psi**3)
        squares = {"beta": points**2, "omega": variance + first**2}
        log_p = of_beta(points) + log_weights
        return Known.averaged(log_p, {"beta": points, "omega": first}, squares)

    return Case(
        LogisticRegression(X, successes, trials, prior_mean, prior_cov), log_joint,
        {"beta": in_prior_sds(prior_mean, prior_cov, 401, 13.0)}, known=known, quadratic=True,
        collapsed={"omega": lambda values: float(of_beta(values["beta"]))}, **more,
    )  # fmt: skip


STRUCTURED = {
    "logistic regression": logistic(
        [[1.0, -0.9], [1.0, 0.3], [1.0, 1.4]],
        [0, 2, 3],
        [1, 4, 3],
        np.array([0.2, 0.6]),
        np.array([[1.4, 0.3], [0.3, 0.9]]),
    ),
    "logistic regression, one coefficient": logistic(
        [[0.7], [-1.6]], [1, 2], [1, 5], np.array([-0.4]), np.array([[2.1]])
    ),
    "hierarchy, inverse gamma": hierarchical(InverseGamma(4.5, 6.0)),
    "hierarchy, half-Cauchy": hierarchical(HalfCauchy(1.4), heavy=("tau2",)),
    "local level": local_level("even-odd"),
    "local level, joint": local_level("joint"),
}
