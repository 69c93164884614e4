"""Mistakes in the beta family, the regressions, the semi-conjugate normal and clutter."""

import copy
from dataclasses import replace

import numpy as np

import vi_lab.models.clutter
from tests.planted.models import with_block, with_conditional, with_log_joint, with_posterior
from vi_lab import Beta, Clutter
from vi_lab.models.posteriors.normals_given_precision import NormalsGivenPrecision


class BetaJacobianOfHalf(Beta):
    """dz/dy = z (1 - z), not z."""

    def from_real(self, y):
        z, stats, _ = super().from_real(y)
        return z, stats, stats.log


class BetaSwapped(Beta):
    """One share for the other: right wherever a = b."""

    def sample(self, rng, eta, shape):
        return 1.0 - super().sample(rng, eta, shape)


def prior_of_mu_forgotten(model):
    """mu given tau from the data alone."""
    return with_conditional(
        model, "mu", lambda eta, t: eta._replace(square=eta.square + 0.5 / model.s0**2)
    )


def determinant_forgotten(model):
    """p(x | tau) without the log(1 + n s0**2 tau)/2 that integrating mu out leaves."""
    truth = model.exact_posterior()
    line, shift = truth.posterior.line, 0.5 * model.n * model.s0**2
    weights = line.weights * np.sqrt(1.0 + 2.0 * shift * np.exp(line.nodes))
    twin = copy.copy(model)
    wrong = replace(truth, model=twin, log_evidence=truth.log_evidence + np.log(weights.sum()))
    twin.exact_posterior = lambda: wrong
    return twin


def square_of_a_coefficient(model):
    """d'P d with d_j squared in place of its second moment: right for Gibbs, wrong for CAVI."""

    def log_joint(honest, t):
        return honest({**t, "beta.1": t["beta.1"]._replace(square=t["beta.1"].value ** 2)})

    return with_log_joint(model, log_joint)


def power_of_the_coefficients_forgotten(model):
    """beta | tau ~ N(m0, V0/tau) has tau**(P/2), without which beta and tau are independent."""
    return with_log_joint(model, lambda honest, t: honest(t) - 0.5 * model.size * t["tau"].log)


def half_the_weights(model):
    """Gamma(a0 + 1/2, ...) where every weight counts a half."""
    less = 0.5 * (model.size - 1)
    return with_conditional(model, "alpha", lambda eta, t: eta._replace(log=eta.log - less))


def unrotated(model):
    """The weights' posterior in the frame of the singular vectors, taken for the weights' own."""
    p = model.exact_posterior().posterior
    eye = np.eye(len(p.frame))
    twin = NormalsGivenPrecision((p.t, p.w), p.line, p.location, p.precision, eye)
    return with_posterior(
        model, mean=twin.mean, sd=twin.sd, log_density=twin.log_density, sample=twin.sample
    )


def sd_for_variance(model):
    """A background N(0, 10) with 10 as its sd."""
    honest, vi_lab.models.clutter.BACKGROUND = vi_lab.models.clutter.BACKGROUND, 100.0
    try:
        return Clutter(model.x, model.w, model.prior_var)
    finally:
        vi_lab.models.clutter.BACKGROUND = honest


def clutter_counted_as_signal(model):
    """theta given the labels from all points, whatever their labels."""
    honest = model.blocks["theta"].complete_conditional

    def conditional(t):
        z = t["z"]
        everyone = z.indicator.sum(-1, keepdims=True) * np.array([1.0, 0.0])
        return honest({"z": type(z)(everyone)})

    return with_block(model, "theta", complete_conditional=conditional)
