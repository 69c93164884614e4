"""The other routes to what lesson 04 asks: integrals, minimisers, and the package's own CAVI."""

import numpy as np
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import softmax
from scipy.stats import norm

import vi_lab as vl


def best_factor(table, q_other):
    """The maximiser of the ELBO over q(row), found by BFGS in the logits."""

    def loss(logits):
        q = np.exp(logits - logits.max())
        q /= q.sum()
        value = q @ (table @ q_other) - q @ np.log(q)
        slope = table @ q_other - np.log(q)
        return -value, -q * (slope - q @ slope)

    start = table.mean(axis=1) - table.mean()
    logits = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-11}).x
    q = np.exp(logits - logits.max())
    return q / q.sum()


def expected_log(shape, rate):
    """E[log tau] by quadrature over y = log tau, whose density is smooth."""
    peak, low, high = np.log(shape), 40 / np.sqrt(shape) + 40 / shape, 12 / np.sqrt(shape) + 4

    def density(y):
        return np.exp(shape * (y - peak) - np.exp(y) + shape)

    def integral(f):
        parts = ((peak - low, peak - low / 8), (peak - low / 8, peak), (peak, peak + high))
        return sum(quad(f, *ends, limit=200, epsabs=1e-13)[0] for ends in parts)

    return integral(lambda y: y * density(y)) / integral(density) - np.log(rate)


def expected_square(x, m, v):
    """E[(x - mu)^2] by 20 Gauss-Hermite nodes, exact for a polynomial."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    mu = m + np.sqrt(v) * nodes
    return [weights @ (one - mu) ** 2 / weights.sum() for one in x]


def update_mu(x, E_tau, mu0, kappa0):
    """The package's complete conditional of mu at E[tau]."""
    model = vl.NormalGamma(x, mu0, kappa0, 2.0, 3.0)
    block = model.blocks["mu"]
    tau = vl.Gamma.of(shape=5.0 * E_tau, rate=5.0).expected_stats
    found = block.family.parameters(block.complete_conditional({"tau": tau}))
    return found["mean"], found["sd"] ** 2


def update_tau(x, m, v, mu0, kappa0, a0, b0):
    """The package's complete conditional of tau at the expected statistics of q(mu)."""
    model = vl.NormalGamma(x, mu0, kappa0, a0, b0)
    mu, tau = model.blocks["mu"].family, model.blocks["tau"]
    stats = mu.expected_stats(mu.natural(mean=m, sd=np.sqrt(v)))
    found = tau.family.parameters(tau.complete_conditional({"mu": stats}))
    return found["shape"], found["rate"]


def elbo(x, m, v, shape, rate, mu0, kappa0, a0, b0):
    """`vl.elbo` of the q made by hand."""
    model = vl.NormalGamma(x, mu0, kappa0, a0, b0)
    q = vl.Factorised(
        model, mu=vl.Normal.of(mean=m, sd=np.sqrt(v)), tau=vl.Gamma.of(shape=shape, rate=rate)
    )
    return vl.elbo(model, q)


def mean_field_variances(cov):
    """What a regression on the other coordinates leaves unexplained, one coordinate at a time."""
    left = []
    for j in range(len(cov)):
        others = np.arange(len(cov)) != j
        slopes = np.linalg.lstsq(cov[np.ix_(others, others)], cov[others, j], rcond=None)[0]
        left.append(cov[j, j] - slopes @ cov[others, j])
    return left


def update_z(x, m, v, alpha):
    """Averages by nodes: Gauss-Hermite for the means, and for the weights the gammas whose shares
    they are, as the logarithm of their sum is the same in a row."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(12)
    log_r = np.zeros((len(x), len(m)))
    for k in range(len(m)):
        mu = m[k] + np.sqrt(v[k]) * nodes
        log_density = np.array([norm.logpdf(one, mu) @ weights / weights.sum() for one in x])
        log_r[:, k] = log_density + expected_log(alpha[k], 1.0)  # of Gamma(alpha_k, 1)
    return softmax(log_r, axis=1)


ORACLES = {
    "04.0": best_factor,
    "04.1": expected_log,
    "04.2": expected_square,
    "04.3": update_mu,
    "04.4": update_tau,
    "04.5": elbo,
    "04.6": mean_field_variances,
    "04.7": update_z,
}
