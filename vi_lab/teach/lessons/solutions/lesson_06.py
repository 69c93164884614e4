"""Lesson 06, from mean field to the VAE: the functions to write, and what they come to.

The linear model of 06.2 to 06.4 is probabilistic PCA without an offset, for one datum x (D,):

    z ~ N(0, I)  (K,),     x | z ~ N(W z, s2 I),     W (D, K)
"""

import numpy as np


def elbo_two_ways(x, m, v, s2):
    """The ELBO of q(z) = N(m, v) in two forms, as two numbers, each worked out by itself.

    The model is z ~ N(0, 1), x_i ~ N(z, s2) with x (n,). First E[log p(x|z)] - KL(q || p(z)), then
    E[log p(z, x)] - E[log q].
    """
    square = np.sum((x - m) ** 2 + v)
    log_x = -len(x) / 2 * np.log(2 * np.pi * s2) - square / (2 * s2)
    kl = (m**2 + v - 1 - np.log(v)) / 2
    log_z = -np.log(2 * np.pi) / 2 - (m**2 + v) / 2
    entropy = np.log(2 * np.pi * np.e * v) / 2
    return log_x - kl, log_x + log_z + entropy


def best_encoder(W, s2, x):
    """Means and variances, each (K,), of the best q(z_1) ... q(z_K) for one datum x (D,)."""
    precision = np.eye(W.shape[1]) + W.T @ W / s2
    mean = np.linalg.solve(precision, W.T @ x) / s2
    return mean, 1 / np.diag(precision)


def log_evidence(W, s2, x):
    """log p(x) in nats for one datum x (D,): with z integrated out, x ~ N(0, W W' + s2 I)."""
    cov = W @ W.T + s2 * np.eye(len(x))
    log_det = np.linalg.slogdet(2 * np.pi * cov)[1]
    return -(log_det + x @ np.linalg.solve(cov, x)) / 2


def rotation_gap(L):
    """KL(q || p) in nats of the best diagonal q, where the posterior's precision is L (K, K)."""
    return (np.sum(np.log(np.diag(L))) - np.linalg.slogdet(L)[1]) / 2


def used(eigenvalues, s2):
    """The nats that each latent carries, an array: half log(eigenvalue / s2), 0 if none is used.

    A latent is used where the variance of the data along its direction exceeds the noise s2.
    """
    return np.log(np.maximum(eigenvalues / s2, 1)) / 2
