"""The exact posterior of a mixture of Gaussians: a normal-Wishart a component and labelling."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.families import Distribution, NormalWishart
from vi_lab.model import Values
from vi_lab.models.posteriors.mixture import MixturePosterior
from vi_lab.numerics import densities, enumeration, special
from vi_lab.numerics.rounding import cancelled, rounding


def split_by_component(
    labels: np.ndarray, x: np.ndarray, classes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts (M, K), means (M, K, D) and scatters about them (M, K, D, D) of every labelling."""
    here = (labels[:, None, :] == np.arange(classes)[:, None]).astype(np.float64)  # (M, K, N)
    counts = here.sum(-1)
    means = (here @ x) / np.maximum(counts, 1.0)[..., None]
    d = x - x.mean(0)
    shift = means - x.mean(0)
    products = (d[:, :, None] * d[:, None, :]).reshape(len(x), -1)
    scatters = (here @ products).reshape(*counts.shape, x.shape[1], x.shape[1])
    scatters -= counts[..., None, None] * shift[..., :, None] * shift[..., None, :]
    scatters[counts <= 1] = 0.0
    return counts, means, scatters


class GaussianMixturePosterior(MixturePosterior):
    """Log evidence and posterior of a `GaussianMixture`, from its data and prior alone.

    Given the labels each component is conjugate (Murphy 2007, eq. 266): component k is
    NW(location, beta, w_inv, nu), each (M, K, ...).
    """

    component_block = "components"

    def __init__(self, model: Any) -> None:
        x, classes, concentration = model.x, model.n_components, model.concentration
        m0, beta0, nu0, w0_inv = model.m0, model.beta0, model.nu0, model.w0_inv
        n, size = x.shape
        labels = enumeration.visit_labellings(n, classes)
        origin = x[0]  # no digit is lost to an offset that data and prior share
        counts, means, scatters = split_by_component(labels, x - origin, classes)
        # the hyperparameters given each labelling
        beta, nu, d = beta0 + counts, nu0 + counts, means - (m0 - origin)
        shrink = beta0 * counts / beta
        w_inv = w0_inv + scatters + shrink[..., None, None] * d[..., :, None] * d[..., None, :]
        location = origin + ((m0 - origin) + (counts / beta)[..., None] * d)
        # log p(x | labels) by component, then log p(labels)
        log_marginals = (
            -0.5 * counts * size * np.log(np.pi)
            + 0.5 * size * np.log(beta0 / beta)
            + special.multigammaln(0.5 * nu, size)
            - special.multigammaln(0.5 * nu0, size)
            + 0.5 * nu0 * np.linalg.slogdet(w0_inv)[1]
            - 0.5 * nu * np.linalg.slogdet(w_inv)[1]
        )
        given_labels = concentration + counts
        log_weights = (
            log_marginals.sum(-1)
            + densities.log_beta_function(given_labels)
            - densities.log_beta_function(concentration)
        )
        self.location, self.beta, self.w_inv, self.nu = location, beta, w_inv, nu
        error = rounding(np.abs(log_marginals).sum(-1).max())
        super().__init__(labels, log_weights, error, given_labels)
        if classes == 1:
            self.log_evidence = self.log_evidence._replace(route="closed form")

    def component_moments(self) -> dict[str, tuple[Any, Any]]:
        """E Lambda = nu W, Var Lambda_ij = nu (W_ij**2 + W_ii W_jj); mu is Student's t with
        nu - D + 1 degrees of freedom: no mean (nan) at one or fewer, no variance (inf) at two."""
        w = np.linalg.inv(self.w_inv)
        excess = self.nu - self.location.shape[-1] - 1.0
        spread = np.diagonal(self.w_inv, axis1=-2, axis2=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            of_mean = np.where(
                excess[..., None] > 0, spread / (self.beta * excess)[..., None], np.inf
            )
        location = np.where(excess[..., None] > -1.0, self.location, np.nan)
        diagonal = np.diagonal(w, axis1=-2, axis2=-1)
        product = diagonal[..., :, None] * diagonal[..., None, :]
        degrees = self.nu[..., None, None]
        return {
            "means": (location, of_mean),
            "precisions": (degrees * w, degrees * (w**2 + product)),
        }

    def log_components(self, values: Values, index: np.ndarray) -> Any:
        means, precisions = values["means"], values["precisions"]
        inside = densities.is_precision(precisions)[..., None, None]
        safe = np.where(inside, precisions, np.eye(means.shape[-1]))
        beta = self.beta[index][..., None, None]
        log_mu = densities.log_multivariate_normal(
            means, self.location[index], np.linalg.inv(beta * safe)
        )
        log_precision = densities.log_wishart(precisions, self.w_inv[index], self.nu[index])
        return (log_mu + log_precision).sum(-1)

    def sample_components(self, rng: np.random.Generator, index: np.ndarray) -> Any:
        family = NormalWishart(self.location.shape[-1], self.location.mean((0, 1)))
        drawn = self.location[index], self.beta[index], self.w_inv[index], self.nu[index]
        eta = family.make_eta(*drawn)
        return family.sample(rng, eta, (len(index), self.classes))

    def kl_components(self, q: Distribution) -> Any:
        p = {"mean": self.location, "beta": self.beta, "w_inv": self.w_inv, "nu": self.nu}
        return densities.kl_normal_wishart(q.parameters, p).sum(-1)

    def kl_offset(self, q: Distribution) -> Any:
        m, nu = q.parameters["mean"], q.parameters["nu"]
        pull = np.linalg.solve(q.parameters["w_inv"], (m - self.location)[..., None])[..., 0]
        slope = (self.beta * nu)[..., None] * pull
        return cancelled(slope, m, self.location).sum((-2, -1))
