"""Cases of the contract: hidden Markov models by all their paths, a probit by its hidden scores."""

import itertools

import numpy as np
from scipy import stats

from tests.contract.case import Case, Known, in_prior_sds, positive
from vi_lab import HiddenMarkov, ProbitRegression


def hidden_markov(counts, rates, transition, initial, blocks, possible=None):
    counts, rates = np.asarray(counts), np.asarray(rates)
    A, first = np.asarray(transition), np.asarray(initial)
    size, states = len(counts), range(len(rates))

    def log_joint(values):
        z = values.get("z")
        if z is None:
            z = np.empty((len(values["z.even"]), size), int)
            z[:, ::2], z[:, 1::2] = values["z.even"], values["z.odd"]
        with np.errstate(divide="ignore"):
            log_p = np.log(first[z[:, 0]]) + np.log(A[z[:, :-1], z[:, 1:]]).sum(-1)
        return log_p + stats.poisson.logpmf(counts, rates[z]).sum(-1)

    def paths(steps):
        every = np.array(list(itertools.product(states, repeat=steps)))
        return every, np.zeros(len(every))

    halves = {"z.even": paths((size + 1) // 2), "z.odd": paths(size // 2)}
    axes = {"z": paths(size)} if blocks == "joint" else halves
    model = HiddenMarkov(counts, rates, A, first, blocks=blocks)
    return Case(model, log_joint, axes, possible=possible or {})


def probit(X, y, prior_mean, prior_cov):
    X, y = np.asarray(X), np.asarray(y)
    signs = 2 * y - 1

    def of_beta(beta):
        """log p(y, beta), by the Bernoulli itself."""
        log_y = stats.bernoulli.logpmf(y, stats.norm.cdf(beta @ X.T)).sum(-1)
        return log_y + stats.multivariate_normal.logpdf(beta, prior_mean, prior_cov)

    def log_joint(values):
        """The score is s w, from N(x'beta, 1); its side is then that of y."""
        score = signs * values["w"]
        log_prior = stats.multivariate_normal.logpdf(values["beta"], prior_mean, prior_cov)
        return log_prior + stats.norm.logpdf(score, values["beta"] @ X.T).sum(-1)

    def known():
        points, log_weights = in_prior_sds(prior_mean, prior_cov, 501, 10.0)
        psi = signs * (points @ X.T)
        w = psi + np.exp(stats.norm.logpdf(psi) - stats.norm.logcdf(psi))
        first = {"beta": points, "w": w}
        second = {"beta": points**2, "w": 1 + psi * w}
        return Known.averaged(of_beta(points) + log_weights, first, second)

    wide = positive(-45.0, 3.3, 4001)
    return Case(
        ProbitRegression(X, y, prior_mean, prior_cov), log_joint,
        {"beta": in_prior_sds(prior_mean, prior_cov, 301, 10.0)},
        plate_axes={"w": wide}, known=known, quadratic=True,
    )  # fmt: skip


THREE = [[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.25, 0.15, 0.6]]
ONWARD = [[0.6, 0.4, 0.0], [0.0, 0.7, 0.3], [0.5, 0.0, 0.5]]
COUNTS = [1, 4, 2, 0, 5]

CHAINS_AND_LINKS = {
    "hidden Markov": hidden_markov(COUNTS, [0.7, 2.5, 4.1], THREE, [0.5, 0.2, 0.3], "even-odd"),
    "hidden Markov, joint": hidden_markov(
        COUNTS[:4], [0.7, 2.5, 4.1], ONWARD, [0.5, 0.0, 0.5], "joint",
        possible={"z": (np.array([1, 0, 1]), np.array(ONWARD) > 0)},
    ),
    "probit regression": probit(
        [[1.0, -0.9], [1.0, 0.3], [1.0, 1.4]], [0, 1, 1], np.array([0.2, 0.6]),
        np.array([[1.4, 0.3], [0.3, 0.9]]),
    ),
}  # fmt: skip
