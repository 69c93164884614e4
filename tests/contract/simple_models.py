"""A coin, regressions and clutter, each beside an independent log joint and points."""

import numpy as np
from scipy import linalg, special, stats

from tests.contract.case import Case, even, positive
from tests.contract.oracles import product
from vi_lab import (
    BetaBernoulli,
    Clutter,
    LinearRegression,
    LinearRegressionKnownNoise,
    NormalSemiConjugate,
)


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


def linear_regression(blocks):
    X = np.stack([np.ones(5), [-1.0, 0.2, 0.5, 1.4, 2.1]], axis=-1)
    y, m0, V0 = np.array([0.3, 1.9, 1.2, 2.2, 3.9]), np.array([0.5, 0.8]), [[1.0, 0.3], [0.3, 0.5]]
    a0, b0 = 3.0, 2.0
    spread = np.linalg.inv(np.linalg.inv(V0) + X.T @ X)  # of beta given tau = 1, by the textbook
    middle = spread @ (np.linalg.solve(V0, m0) + X.T @ y)

    def log_joint(values):
        tau = values["tau"]
        cut = "beta" not in values
        beta = np.stack([values["beta.0"], values["beta.1"]], -1) if cut else values["beta"]
        prior = stats.gamma.logpdf(tau, a0, scale=1 / b0) + np.log(tau)  # tau**(2/2)
        d = (beta - m0) * np.sqrt(tau)[..., None]
        prior = prior + stats.multivariate_normal.logpdf(d, np.zeros(2), V0)
        return prior + stats.norm.logpdf(y, beta @ X.T, tau[..., None] ** -0.5).sum(-1)

    def nodes():
        """beta in units of tau**-1/2 along the axes of its spread, so that it fits on a grid."""
        u, width = even(-8.5, 8.5, 29)
        tau, log_tau = positive(-9, 4, 113)
        list_of = {0: (u, np.exp(width)), 1: (u, np.exp(width)), 2: (tau, np.exp(log_tau))}
        points, weights = product(list_of)
        white = np.stack([points[0], points[1]], axis=-1) @ linalg.sqrtm(spread)
        beta = middle + white * points[2][:, None] ** -0.5
        log_det = 0.5 * np.linalg.slogdet(spread)[1] - np.log(points[2])
        return in_blocks(beta, points[2]), np.log(weights) + log_det

    def in_blocks(beta, tau):
        if blocks == "joint":
            return {"beta": beta, "tau": tau}
        return {"beta.0": beta[..., 0], "beta.1": beta[..., 1], "tau": tau}

    def without_beta(values):
        """y given tau alone is normal about X m0."""
        tau = values["tau"]
        cov = (np.eye(5) + X @ V0 @ X.T) / tau
        log_prior = stats.gamma.logpdf(tau, a0, scale=1 / b0)
        return log_prior + stats.multivariate_normal.logpdf(y, X @ m0, cov)

    wide = even(-60, 60, 12_001)
    axes = {"beta.0": wide, "beta.1": wide} if blocks != "joint" else {}
    model = LinearRegression(X, y, m0, V0, a0, b0, blocks=blocks)
    return Case(
        model, log_joint, {**axes, "tau": positive(-30, 8, 951)}, nodes,
        collapsed={"beta": without_beta}, quadratic=True,
    )  # fmt: skip


def linear_regression_known_noise():
    X = np.stack([np.ones(4), [-1.0, 0.3, 0.9, 2.0]], axis=-1)
    y, noise, a0, b0 = np.array([-0.4, 0.9, 1.1, 2.5]), 1.7, 3.0, 1.5

    def log_joint(values):
        w, alpha = values["w"], values["alpha"]
        prior = stats.gamma.logpdf(alpha, a0, scale=1 / b0)
        prior = prior + stats.norm.logpdf(w, 0, alpha[..., None] ** -0.5).sum(-1)
        return prior + stats.norm.logpdf(y, w @ X.T, noise**-0.5).sum(-1)

    def nodes():
        """For every alpha, w in units of its own spread about its own mean."""
        u, width = even(-8.5, 8.5, 25)
        alpha, log_alpha = positive(-9, 4, 113)
        values, weights = product({0: (u, np.exp(width)), 1: (u, np.exp(width))})
        white = np.stack([values[0], values[1]], axis=-1)
        points, log_weights = [], []
        for a, log_a in zip(alpha, log_alpha, strict=True):
            spread = np.linalg.inv(a * np.eye(2) + noise * X.T @ X)
            points.append(noise * spread @ X.T @ y + white @ linalg.sqrtm(spread))
            log_weights.append(np.log(weights) + log_a + 0.5 * np.linalg.slogdet(spread)[1])
        repeated = np.repeat(alpha, len(white))
        return {"w": np.concatenate(points), "alpha": repeated}, np.concatenate(log_weights)

    def without_w(values):
        """y given alpha alone is normal about 0."""
        alpha = values["alpha"]
        cov = np.eye(4) / noise + X @ X.T / alpha
        log_prior = stats.gamma.logpdf(alpha, a0, scale=1 / b0)
        return log_prior + stats.multivariate_normal.logpdf(y, np.zeros(4), cov)

    return Case(
        LinearRegressionKnownNoise(X, y, noise, a0, b0), log_joint,
        {"alpha": positive(-30, 8, 951)}, nodes, collapsed={"w": without_w}, quadratic=True,
    )  # fmt: skip


def clutter(x, w, prior_var):
    x = np.asarray(x)
    points, plates = x.reshape(len(x), -1), x.shape[1:]
    n, size = points.shape

    def log_joint(values):
        z, theta = np.asarray(values["z"]), np.reshape(values["theta"], (-1, 1, size))
        prior = stats.norm.logpdf(theta, 0, prior_var**0.5).sum((-2, -1))
        prior = prior + stats.bernoulli.logpmf(z, w).sum(-1)
        signal = stats.norm.logpdf(points, theta, 1.0).sum(-1)
        background = stats.norm.logpdf(points, 0, np.sqrt(10.0)).sum(-1)
        return prior + np.where(z == 1, background, signal).sum(-1)

    labels = np.stack(np.meshgrid(*[[0, 1]] * n, indexing="ij"), axis=-1).reshape(-1, n)
    line, log_width = even(-22, 22, 175)
    values, weights = product({k: (line, np.exp(log_width)) for k in range(size)})
    theta = np.stack([values[k] for k in range(size)], axis=-1).reshape(-1, *plates)
    axes = {"theta": (theta, np.log(weights)), "z": (labels, np.zeros(len(labels)))}
    return Case(Clutter(x, w, prior_var), log_joint, axes)


SIMPLE = {
    "beta-Bernoulli": beta_bernoulli(),
    "normal, semi-conjugate": normal_semi_conjugate(),
    "linear regression, joint": linear_regression("joint"),
    "linear regression, coordinates": linear_regression("coordinates"),
    "linear regression, known noise": linear_regression_known_noise(),
    "clutter": clutter([1.9, -2.5, 2.4, 6.0], 0.4, 5.0),
    "clutter, 2-D": clutter([[1.9, 0.4], [-1.2, 1.6], [1.4, -0.9]], 0.4, 4.0),
}
