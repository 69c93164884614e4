"""The models of the contract, each with an independent log joint and points to integrate it over.

A new model is one function here and one line in MODELS.
"""

import numpy as np
from scipy import stats

from tests.contract import small_models
from tests.contract.case import Case, even, positive
from tests.contract.chains_and_links import CHAINS_AND_LINKS
from tests.contract.discrete import DISCRETE
from tests.contract.expanded_models import EXPANDED
from tests.contract.hidden_variables import HIDDEN
from tests.contract.oracles import product
from tests.contract.simple_models import SIMPLE
from tests.contract.structured_models import STRUCTURED
from vi_lab import ChangePoint, CorrelatedGaussian, NormalGamma


def normal_gamma():
    x = np.array([3.1, 4.7, 2.2, 5.9, 4.0, 3.3])
    mu0, kappa0, a0, b0 = 3.0, 0.5, 3.0, 2.0

    def log_joint(values):
        mu, tau = values["mu"], values["tau"]
        prior = stats.gamma.logpdf(tau, a0, scale=1 / b0)
        prior = prior + stats.norm.logpdf(mu, mu0, (kappa0 * tau) ** -0.5)
        return prior + stats.norm.logpdf(x, mu[..., None], tau[..., None] ** -0.5).sum(-1)

    def nodes():
        """mu in units of tau**-1/2, so that its heavy tails fit on the grid."""
        (u, log_u), (tau, log_tau) = even(-12, 12, 241), positive(-11, 5, 161)
        grid = {
            "mu": 3.8 + u * tau[:, None] ** -0.5,
            "tau": np.broadcast_to(tau[:, None], (161, 241)),
        }
        log_weights = log_u + (log_tau - 0.5 * np.log(tau))[:, None]
        return {name: points.ravel() for name, points in grid.items()}, log_weights.ravel()

    axes = {"mu": even(-60, 70, 6501), "tau": positive(-30, 8, 951)}
    return Case(NormalGamma(x, mu0, kappa0, a0, b0), log_joint, axes, nodes)


def correlated(cov, blocks=None, mean=(1.0, -2.0, 0.5)):
    cov = np.asarray(cov)
    mean = np.asarray(mean)[: len(cov)]
    groups = [[i] for i in range(len(cov))] if blocks is None else blocks

    def log_joint(values):
        lead = np.shape(values["z0"])[:-1]
        z = np.empty((*lead, len(cov)))
        for k, group in enumerate(groups):
            z[..., group] = values[f"z{k}"]
        return stats.multivariate_normal.logpdf(z, mean, cov)

    spacing = 0.8 / np.sqrt(np.linalg.eigvalsh(np.linalg.inv(cov))[-1])
    axes = {}
    for k, group in enumerate(groups):
        each = {}
        for i in group:
            reach = 12 * np.sqrt(cov[i, i])
            points = np.arange(-reach, reach, spacing)
            each[i] = mean[i] + points, np.full(len(points), spacing)
        values, weights = product(each)
        axes[f"z{k}"] = np.stack([values[i] for i in group], -1), np.log(weights)
    return Case(CorrelatedGaussian(mean, cov, blocks=blocks), log_joint, axes)


def change_point():
    counts, a, b = np.array([5, 4, 7, 3, 1, 0, 2, 1]), np.array([3.0, 4.0]), np.array([1.0, 1.5])
    time = np.arange(1, len(counts) + 1)

    def log_joint(values):
        s, rates = np.asarray(values["s"])[..., None], values["rates"]
        rate = np.where(time <= s, rates[..., :1], rates[..., 1:])
        prior = stats.randint.logpmf(s[..., 0], 1, len(counts))
        prior = prior + stats.gamma.logpdf(rates, a, scale=1 / b).sum(-1)
        return prior + stats.poisson.logpmf(counts, rate).sum(-1)

    y, log_weight = positive(-11.0, 4.5, 141)
    values, weights = product({0: (y, np.exp(log_weight)), 1: (y, np.exp(log_weight))})
    labels = np.arange(1, len(counts))
    axes = {
        "s": (labels, np.zeros(len(labels))),
        "rates": (np.stack([values[0], values[1]], -1), np.log(weights)),
    }
    return Case(ChangePoint(counts, a=a, b=b), log_joint, axes)


def poisson_rate():
    y, a, b = np.array([3, 0, 2, 5]), 2.5, 1.5

    def log_joint(values):
        rate = values["rate"]
        prior = stats.gamma.logpdf(rate, a, scale=1 / b)
        return prior + stats.poisson.logpmf(y, rate[..., None]).sum(-1)

    axes = {"rate": positive(-20, 6, 401)}
    return Case(small_models.PoissonRate(y, a, b), log_joint, axes)


def known_mixture():
    x, weights, centres = (
        np.array([-1, 0.3, 2.5]),
        np.array([0.3, 0.6, 0.1]),
        np.array([-1.0, 2, 0]),
    )

    def log_joint(values):
        z = values["z"]
        return (np.log(weights)[z] + stats.norm.logpdf(x, centres[z])).sum(-1)

    labels = np.stack(np.meshgrid(*[np.arange(3)] * 3, indexing="ij"), -1).reshape(-1, 3)
    axes = {"z": (labels, np.zeros(len(labels)))}
    return Case(small_models.KnownMixture(x, weights, centres), log_joint, axes)


def student_location():
    x, s, nu = np.array([0.4, -3.0]), 2.0, 4.0

    def log_joint(values):
        mu, w = values["mu"], values["w"]
        prior = stats.norm.logpdf(mu, 0, s)
        prior = prior + stats.gamma.logpdf(w, 0.5 * nu, scale=2 / nu).sum(-1)
        return prior + stats.norm.logpdf(x, mu[..., None], w**-0.5).sum(-1)

    y, log_weight = positive(-16.0, 5.0, 141)
    values, weights = product({0: (y, np.exp(log_weight)), 1: (y, np.exp(log_weight))})
    axes = {"mu": even(-30, 30, 2001), "w": (np.stack([values[0], values[1]], -1), np.log(weights))}
    return Case(small_models.StudentLocation(x, s, nu), log_joint, axes)


def split_vector():
    rng = np.random.default_rng(0)
    root = rng.standard_normal((4, 4))
    cov = root @ root.T + np.eye(4)
    order = [0, 2, 1, 3]

    def log_joint(values):
        z = np.concatenate([values["z.even"], values["z.odd"]], -1)
        return stats.multivariate_normal.logpdf(z, np.zeros(4), cov[np.ix_(order, order)])

    each = np.arange(-30, 30, 0.5), np.full(120, 0.5)
    values, weights = product({0: each, 1: each})
    pair = np.stack([values[0], values[1]], -1), np.log(weights)
    return Case(small_models.SplitVector(cov), log_joint, {"z.even": pair, "z.odd": pair})


RHO = [[1.0, 0.9], [0.9, 1.0]]
THREE = [[2.0, 0.6, -0.3], [0.6, 1.0, 0.5], [-0.3, 0.5, 0.7]]

MODELS = {
    "normal-gamma": normal_gamma(),
    "correlated": correlated(RHO),
    "correlated, one block": correlated(RHO, blocks=[[0, 1]]),
    "correlated, blocks of 3-D": correlated(THREE, blocks=[[2, 0], [1]]),
    "change point": change_point(),
    "poisson rate": poisson_rate(),
    "known mixture": known_mixture(),
    "student location": student_location(),
    "split vector": split_vector(),
    **HIDDEN,
    **SIMPLE,
    **STRUCTURED,
    **EXPANDED,
    **DISCRETE,
    **CHAINS_AND_LINKS,
}
# another form of a model that stands here too: what costs most is asked of it in `make slow`
VARIANTS = (
    "Bayes net, an or", "Bayes net, joined", "Gaussian mixture, 1-D",
    "Gaussian mixture, one component", "Ising, a row", "Ising, a torus", "Ising, denoising",
    "PPCA, rotated", "clutter, 2-D", "correlated, blocks of 3-D", "correlated, one block",
    "hidden Markov, joint",
    "hierarchy, inverse gamma", "linear regression, coordinates", "local level, joint",
    "logistic regression, one coefficient", "normal mixture", "normal mixture, a weight of zero",
)  # fmt: skip
KNOWN = {name: case for name, case in MODELS.items() if case.model.no_exact_because is None}
