"""The other routes to what lesson 02 asks."""

import numpy as np
from arviz_stats.base import array_stats
from scipy import stats
from scipy.integrate import quad

SHAPE, RATE = 2.5, 1.7  # of the gamma density in 02.4


def log_accept(new, old, q_back, q_forth):
    """The flow of mass both ways on two states: what is accepted makes the smaller one of both."""
    shift = max(new, old)
    forth = np.exp(old - shift + q_forth)
    back = np.exp(new - shift + q_back)
    with np.errstate(divide="ignore"):
        return np.log(min(forth, back) / forth)


def mh_step(z, eps, u, step):
    """The mass between the two places: the density by integrating its slope."""
    new = z + step * eps
    rise = quad(lambda t: 0.7 - t - 0.4 * t**3, z, new, epsabs=1e-13)[0]
    return new if u < np.exp(min(0.0, rise)) else z


def transition_matrix(pi, Q):
    """Entry by entry, from the text of the algorithm; and pi is its left eigenvector."""
    n = len(pi)
    P = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            if i != j and Q[i, j] > 0:
                P[i, j] = Q[i, j] * min(1.0, pi[j] * Q[j, i] / (pi[i] * Q[i, j]))
        P[i, i] = 1.0 - sum(P[i])
    values, vectors = np.linalg.eig(P.T)
    fixed = np.abs(values - 1.0) < 1e-9
    np.testing.assert_allclose(pi @ P, pi, atol=1e-12)
    assert fixed.any() and np.isfinite(vectors).all()
    return P


def log_target(y):
    """The density of the log of a gamma variable, which scipy knows, without its constant."""
    constant = (
        stats.gamma(SHAPE, scale=1 / RATE).logpdf(1.0) + RATE
    )  # log RATE^SHAPE / Gamma(SHAPE)
    law = stats.loggamma(SHAPE, loc=-np.log(RATE))
    return law.logpdf(y).sum() - constant * len(y)


def run(z, eps, u, step):
    """Each state from the one before, by the step's own oracle."""
    states = [z]
    for noise, coin in zip(eps, u, strict=True):
        states.append(mh_step(states[-1], noise, coin, step))
    return states[1:]


def rhat(x):
    """arviz's, unsplit."""
    return array_stats.rhat(x, chain_axis=0, draw_axis=1, method="identity")


def ess(rho, n):
    """The closed form of an AR(1), n (1 - phi)/(1 + phi); else by the spectrum at frequency 0."""
    if len(rho) > 100:
        return n * (1 - rho[0]) / (1 + rho[0])
    return n / np.fft.fft([1, *rho, *rho[::-1]])[0].real


ORACLES = {
    "02.1": log_accept,
    "02.2": mh_step,
    "02.3": transition_matrix,
    "02.4": log_target,
    "02.5": run,
    "02.6": rhat,
    "02.7": ess,
}
