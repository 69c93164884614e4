"""What follows gradients, small enough for each control: a gradient by differences, or a ledger."""

from types import SimpleNamespace

import numpy as np

import vi_lab.inference.gaussian_vi as lesson
from vi_lab import ChangePoint, GaussianPosterior, HierarchicalNormal
from vi_lab.inference.engine.target import choose_target
from vi_lab.models import priors
from vi_lab.numerics.gaussian_nodes import hermite_nodes
from vi_lab.numerics.normal_mixture import NormalMixture
from vi_lab.testing import gradient, ledger

ROOT = np.array([[0.4, 0.0], [0.1, 0.3]])


def change_point():
    return ChangePoint([1, 2, 2, 6, 7, 5], a=(2.0, 6.0), b=(1.0, 1.0))


def real_gradient():
    """Of log rates with the year summed out."""
    return _gradient(choose_target(change_point()), np.array([0.3, 1.4]))


def noncentred_gradient():
    prior = priors.InverseGamma(2.0, 3.0)
    model = HierarchicalNormal([2.0, -1.0], [1.0, 2.0], mu_sd=5.0, tau_prior=prior)
    return _gradient(choose_target(model, "noncentred"), np.array([0.3, -0.7, 0.4, 0.9]))


def _gradient(target, y):
    return gradient(
        lambda v: float(target.log_density(v[None])[0]),
        lambda v: target.gradient(v[None])[0],
        y,
        complex_step=False,
        name="the log density in real coordinates",
    )


def bound_gradient():
    """Of the ELBO over m and L of one Gaussian, on a few nodes."""
    target, nodes = choose_target(change_point()), hermite_nodes(2, 8)

    def q(v):
        root = np.array([[v[2], 0.0], [v[3], v[4]]])
        return NormalMixture(np.zeros(1), v[None, :2], root[None])

    def ask(v):
        return lesson.elbo_and_gradient(q(v), target, nodes.points[0], nodes.weights)

    def slope(v):
        s = ask(v)[1]
        return np.concatenate([s.means[0], s.roots[0][np.tril_indices(2)]])

    at = np.array([0.3, 1.4, 0.4, 0.1, 0.3])
    return gradient(lambda v: ask(v)[0], slope, at, complex_step=False, name="the bound")


def gaussian_ledger():
    mixture, model = NormalMixture(np.zeros(1), np.array([[0.4, 1.5]]), ROOT[None]), change_point()
    return ledger(model, GaussianPosterior(model, mixture, "by hand"), name="a Gaussian q")


# Mistakes, each with what is right in hand


def without_the_jacobian(right, self, y, stats, eta):
    """d log|det dz/dy| / dy of z = exp(y) is 1."""
    return right(self, y, stats, eta) - 1.0


def a_draw_for_its_mean(right, self, stats):
    rng, found = np.random.default_rng(0), {}
    for name, eta in self._conditionals(stats).items():
        family = self.model.blocks[name].family
        found[name] = family.stats(family.sample(rng, eta, (1, *self.model.blocks[name].plates)))
    return found


def not_pulled_back(right, change, y, slopes, batch):
    return slopes


def without_the_entropy(right, q, *asked):
    """The slope of log|L| is L^-T: left out it is as if q could shrink for nothing."""
    value, slope = right(q, *asked)
    return value, slope._replace(roots=slope.roots - np.swapaxes(np.linalg.inv(q.roots), 1, 2))


def rows_for_columns(right, q, *asked):
    value, slope = right(q, *asked)
    mirrored = np.tril(np.swapaxes(slope.roots[:, ::-1, ::-1], 1, 2))
    return value, slope._replace(roots=mirrored)


def nodes_not_moved(right, q, target, nodes, weights):
    """The slopes at the means for those at the nodes."""
    still = SimpleNamespace(
        log_density=target.log_density,
        gradient=lambda y: target.gradient(np.broadcast_to(q.means[:, None], y.shape)),
    )
    return right(q, still, nodes, weights)


def measure_without_jacobian(right, self, y, values):
    return right(self, y, values) + self._unpack(y)[2]


def measure_without_the_collapsed(right, self, y, values):
    return -self._unpack(y)[2]


def roots_of_the_precision(mode):
    """L of P where that of P^-1 is right."""
    return np.linalg.cholesky(mode.precision)


def columns_for_rows(self, rng, n):
    """Draws m + L' e: right where L is diagonal."""
    return self.means[0] + rng.standard_normal((n, self.means.shape[-1])) @ self.roots[0]


def log_det_twice(right, self, white):
    """log|L L'| for log|L|: the bound alone would take it for a tighter one."""
    log_det = np.log(np.diagonal(self.roots, axis1=-2, axis2=-1)).sum(-1)
    return right(self, white) - log_det.reshape(-1, *(1,) * (white.ndim - 2))
