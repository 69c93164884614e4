"""Samplers of nobody in particular, right and wrong, for the tests of `vi_lab.testing`."""

import numpy as np

from vi_lab.testing import Joint

N = 4


def log_joint(theta, x):
    mu, tau = theta
    prior = -0.5 * mu**2 - tau
    return prior + 0.5 * N * np.log(tau) - 0.5 * tau * np.sum((x - mu) ** 2)


# mu ~ N(0, 1), tau ~ Exponential(1), x_i ~ N(mu, 1 / tau): mu and tau apart a priori
SEMI = Joint(
    prior=lambda rng: (rng.normal(), rng.exponential()),
    simulate=lambda rng, theta: rng.normal(theta[0], theta[1] ** -0.5, N),
    quantities=lambda states, x: {
        "mu": [mu for mu, _ in states],
        "tau": [tau for _, tau in states],
        "log joint": [log_joint(theta, x) for theta in states],
    },
)


def draw_mu(rng, tau, x, prior=1.0):
    precision = prior + N * tau
    return rng.normal(tau * x.sum() / precision, precision**-0.5)


def draw_tau(rng, mu, x):
    return rng.gamma(1.0 + 0.5 * N, 1.0 / (1.0 + 0.5 * np.sum((x - mu) ** 2)))


def forward(rng, theta, x):
    mu = draw_mu(rng, theta[1], x)
    return mu, draw_tau(rng, mu, x)


def backward(rng, theta, x):
    tau = draw_tau(rng, theta[0], x)
    return draw_mu(rng, tau, x), tau


def palindrome(rng, theta, x):
    mu = draw_mu(rng, theta[1], x)
    tau = draw_tau(rng, mu, x)
    return draw_mu(rng, tau, x), tau


def metropolis(rng, theta, x):
    """In (mu, log tau), with the Jacobian tau."""
    mu, tau = theta[0] + rng.normal(), theta[1] * np.exp(rng.normal())
    ratio = log_joint((mu, tau), x) + np.log(tau) - log_joint(theta, x) - np.log(theta[1])
    return (mu, tau) if np.log(rng.random()) < ratio else theta


def without_jacobian(rng, theta, x):
    mu, tau = theta[0] + rng.normal(), theta[1] * np.exp(rng.normal())
    ratio = log_joint((mu, tau), x) - log_joint(theta, x)
    return (mu, tau) if np.log(rng.random()) < ratio else theta


def deaf(rng, theta, x):
    """Draws from the prior: every parameter looks right."""
    return SEMI.prior(rng)


def forgetful(rng, theta, x):
    mu = draw_mu(rng, theta[1], x, prior=0.0)
    return mu, draw_tau(rng, mu, x)


# a, b ~ N(0, 1) and x ~ N(a + b, 0.2**2): given x, whatever one gains the other loses
SUM = Joint(
    prior=lambda rng: rng.normal(size=2),
    simulate=lambda rng, z: z.sum() + 0.2 * rng.normal(),
    quantities=lambda states, x: {
        "a": np.array(states)[:, 0],
        "b": np.array(states)[:, 1],
        "distance from x": np.abs(np.array(states).sum(1) - x),
    },
)


def draw_one(rng, other, x):
    return ((x - other) / 0.04 + rng.normal() * 26.0**0.5) / 26.0


def stale(rng, z, x):
    """Both from what the other was at the start of the sweep."""
    return np.array([draw_one(rng, z[1], x), draw_one(rng, z[0], x)])


def fresh(rng, z, x):
    a = draw_one(rng, z[1], x)
    b = draw_one(rng, a, x)
    return np.array([draw_one(rng, b, x), b])


# One test of each kind that a battery has, of those that take a tenth of a second.
CHEAP = (
    "rank test of Gibbs",
    "independence of the chains of Gibbs",
    "calibration of CAVI",
    "agreement of Metropolis-Hastings",
    "ledger of a random q",
)


def pick(tests, names=CHEAP):
    return {name: test for name, test in tests.items() if name in names}
