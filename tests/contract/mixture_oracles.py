"""What scipy.stats says of Dirichlet and normal-Wishart families; `oracles.py` collects them."""

import numpy as np
from scipy import linalg, special, stats

from tests.contract.nodes import few_normal_nodes, gamma_nodes, uniform_nodes
from vi_lab.families import MeanPrecision


def random_covariance(size, rng, lead):
    root = rng.standard_normal((*lead, size, size))
    return root @ np.swapaxes(root, -1, -2) + 0.5 * np.eye(size)


def dirichlet_log_density(family, z, concentration):
    z = np.asarray(z)
    columns = z.reshape(-1, family.size).T
    value = stats.dirichlet.logpdf(columns / columns.sum(0), concentration)
    return np.reshape(value, z.shape[:-1])


def dirichlet_nodes(family, concentration):
    """Breaking a stick: z_1 is a beta variable, z_2 / (1 - z_1) another, and so on."""
    if len(concentration) == 1:
        return np.ones((1, 1)), np.ones(1)
    shares = [beta_nodes(a, concentration[k + 1 :].sum()) for k, a in enumerate(concentration[:-1])]
    index = np.indices([len(weights) for *_, weights in shares]).reshape(len(shares), -1)
    rest, weight, z = 1.0, 1.0, []
    for (share, other, weights), i in zip(shares, index, strict=True):
        z.append(rest * share[i])
        rest, weight = rest * other[i], weight * weights[i]
    return np.stack([*z, rest], axis=-1), weight


def beta_nodes(a, b):
    """p, 1 - p and weights: the trapezoidal rule in the logit, where both tails fall like e**-y."""
    low, high = -38.0 / a, 38.0 / b
    y, width = uniform_nodes(low, high, int((high - low) / 0.3) + 2)
    p, q = special.expit(y), special.expit(-y)
    log_density = a * special.log_expit(y) + b * special.log_expit(-y) - special.betaln(a, b)
    return p, q, width * np.exp(log_density)


def normal_wishart_textbook(family, rng, lead):
    size = family.size
    w_inv = random_covariance(size, rng, lead)
    nu = size + 2.5 + np.exp(rng.standard_normal(lead))
    return {
        "mean": family.centre + 2 * rng.standard_normal((*lead, size)),
        "beta": np.exp(0.5 * rng.standard_normal(lead)),
        "w_inv": w_inv, "nu": nu,
    }  # fmt: skip


def normal_wishart_log_density(family, z, mean, beta, w_inv, nu):
    """Bartlett (1933): the Cholesky factor of a whitened Wishart matrix has a chi for every
    diagonal entry and a normal for every other; the mean is normal once whitened.

    Many times faster than scipy.stats.wishart, which tests/families/test_normal_wishart.py uses.
    """
    size = family.size
    whiten = np.linalg.cholesky(w_inv)
    factor = np.linalg.cholesky(whiten.T @ z.precision @ whiten)
    diagonal = np.diagonal(factor, axis1=-2, axis2=-1)
    log_p = stats.chi.logpdf(diagonal, nu - np.arange(size)).sum(-1)
    log_p = log_p + stats.norm.logpdf(factor[..., *np.tril_indices(size, -1)]).sum(-1)
    log_p = log_p - (np.log(2.0) + (size - np.arange(size)) * np.log(diagonal)).sum(-1)
    log_p = log_p + (size + 1) * np.log(np.diag(whiten)).sum()
    root = np.sqrt(beta) * np.linalg.cholesky(z.precision)
    white = np.einsum("...ij,...i->...j", root, z.mean - mean)
    log_det = np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(-1)
    return log_p + stats.norm.logpdf(white).sum(-1) + log_det


def normal_wishart_nodes(family, mean, beta, w_inv, nu, few=False):
    """In one dimension a gamma rule by a normal rule; in more, 40,000 of scipy's draws."""
    if family.size == 1:
        tau, weights = gamma_nodes(None, 0.5 * nu, 0.5 * w_inv[0, 0], least=1e-18 if few else 1e-36)
        z, normal = few_normal_nodes(None, 0.0, 1.0)
        if not few:
            z, width = uniform_nodes(-9.0, 9.0, 51)
            normal = width * stats.norm.pdf(z)
        mu = mean + z / np.sqrt(beta * tau)[:, None]
        precision = np.broadcast_to(tau[:, None], mu.shape)
        pair = MeanPrecision(mu.reshape(-1, 1), precision.reshape(-1, 1, 1))
        return pair, (weights[:, None] * normal).ravel()
    n, rng = 2_000 if few else 40_000, np.random.default_rng(99)
    precision = stats.wishart.rvs(nu, linalg.inv(w_inv), size=n, random_state=rng)
    root = np.linalg.cholesky(np.linalg.inv(beta * precision))
    mu = mean + np.einsum("nij,nj->ni", root, rng.standard_normal((n, family.size)))
    return MeanPrecision(mu, precision), np.full(n, 1 / n)


def normal_wishart_project(family, z, mean, beta, w_inv, nu):
    """The mean along a direction is Student's t; two quadratic forms are chi-square:
    c'Lambda c / c'W c with nu degrees of freedom, c'W^-1 c / c'Lambda^-1 c with nu - D + 1."""
    c, degrees = np.linspace(1.0, 2.0, family.size), nu - family.size + 1
    t = (z.mean - mean) @ c / np.sqrt(c @ w_inv @ c / (beta * degrees))
    along = np.einsum("i,nij,j->n", c, z.precision, c) / (c @ linalg.inv(w_inv) @ c)
    across = (c @ w_inv @ c) / np.einsum("i,nij,j->n", c, np.linalg.inv(z.precision), c)
    return np.stack(
        [stats.t.cdf(t, degrees), stats.chi2.cdf(along, nu), stats.chi2.cdf(across, degrees)], -1
    )


def normal_wishart_outside(family):
    zero, one = np.zeros(family.size), np.eye(family.size)
    yield MeanPrecision(zero, -one)
    yield MeanPrecision(zero, 0 * one)
    yield MeanPrecision(zero, np.nan * one)
    yield MeanPrecision(zero + np.inf, one)
    if family.size > 1:
        yield MeanPrecision(zero, one + np.triu(one + 0.3, 1))  # not symmetric
        yield MeanPrecision(zero, one - 2.0)  # symmetric, with a negative eigenvalue
