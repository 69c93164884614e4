"""Mistakes in models and in their exact posteriors."""

import copy
from dataclasses import replace

import numpy as np

from vi_lab import ChangePoint, elbo, exact
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import Factorised


def with_block(model, name, **changed):
    """The model with one block's family or conditional replaced."""
    twin = copy.copy(model)
    twin.blocks = {**model.blocks, name: replace(model.blocks[name], **changed)}
    return twin


def with_log_joint(model, log_joint):
    """The model with another log joint, a function of (the honest one, stats)."""
    twin, honest = copy.copy(model), model.log_joint
    twin.log_joint = lambda stats: log_joint(honest, stats)
    return twin


def with_posterior(model, **changed):
    """The model whose exact posterior differs in what is named: functions of (truth, ...)."""
    twin = copy.copy(model)
    truth = model.exact_posterior()

    class Posterior:
        def __getattr__(self, name):
            return getattr(truth.posterior, name)

    posterior = Posterior()
    for name, value in changed.items():
        setattr(posterior, name, value)
    twin.exact_posterior = lambda: replace(truth, model=twin, posterior=posterior)
    return twin


def half_power_dropped(model):
    """mu | tau has a precision kappa0 tau, whose square root belongs to its density."""
    return with_log_joint(model, lambda honest, t: honest(t) - 0.5 * t["tau"].log)


def two_pi_dropped(model):
    return with_log_joint(model, lambda honest, t: honest(t) + 0.5 * model.n * LOG_2PI)


def square_of_the_mean(model):
    """(x - mu)^2 written with mu squared: right for every value, not affine in the statistics."""

    def log_joint(honest, t):
        return honest({**t, "mu": t["mu"]._replace(square=t["mu"].value ** 2)})

    return with_log_joint(model, log_joint)


def prior_forgotten(model):
    honest = model.blocks["tau"].complete_conditional
    return with_block(
        model, "tau",
        complete_conditional=lambda t: honest(t)._replace(value=honest(t).value + model.b0),
    )  # fmt: skip


def reads_itself(model):
    honest = model.blocks["mu"].complete_conditional
    return with_block(
        model, "mu",
        complete_conditional=lambda t: honest(t)._replace(
            value=honest(t).value + 1e-6 * t["mu"].value
        ),
    )  # fmt: skip


def averages_over_the_batch(model):
    honest = model.blocks["mu"].complete_conditional

    def conditional(t):
        return honest({"tau": t["tau"]._replace(value=np.mean(t["tau"].value))})

    return with_block(model, "mu", complete_conditional=conditional)


class OffByOne(ChangePoint):
    """t < s for t <= s. Log joint and conditionals share the slip, so they agree."""

    def __init__(self, *data, **prior):
        super().__init__(*data, **prior)
        self.honest = self.blocks
        self.blocks = {
            "s": replace(self.honest["s"], complete_conditional=self.given_rates),
            "rates": replace(self.honest["rates"], complete_conditional=self.given_s),
        }

    def log_joint(self, stats):
        return super().log_joint(earlier(stats, -1))

    def given_rates(self, stats):
        eta = self.honest["s"].complete_conditional(stats)
        return type(eta)(np.roll(eta.indicator, 1, axis=-1))

    def given_s(self, stats):
        return self.honest["rates"].complete_conditional(earlier(stats, -1))


def earlier(stats, by):
    s = stats["s"]
    return {**stats, "s": type(s)(np.roll(s.indicator, by, axis=-1))}


def kl_by_subtraction(model):
    """log evidence less ELBO: the identity used to prove itself."""
    log_evidence = exact(model).log_evidence

    def kl_from(q):
        return Estimate(log_evidence - elbo(twin, Factorised(twin, **q)), 1e-9, "subtraction")

    twin = with_posterior(model, kl_from=kl_from)
    return twin


def spread_between_forgotten(model):
    """The sd of a mixture without the spread of its components' means."""
    p = exact(model).posterior
    weights = np.exp(p.log_weights)
    within = np.sqrt(weights @ (p.shape / p.rate**2))
    return with_posterior(model, sd={**p.sd, "rates": within})


def latents_drawn_apart(model):
    """s and the rates drawn each from its marginal."""
    honest = exact(model).posterior

    def sample(rng, n):
        values = honest.sample(rng, n)
        return {**values, "rates": rng.permuted(values["rates"], axis=0)}

    return with_posterior(model, sample=sample)


def label_weight_forgotten(model):
    """z given the rest by the likelihoods alone, without log weight_k."""
    honest = model.blocks["z"].complete_conditional

    def conditional(t):
        weights = t["weights"]
        return honest({**t, "weights": type(weights)(np.zeros_like(weights.log))})

    return with_block(model, "z", complete_conditional=conditional)


def counts_for_sums(model):
    """The linear term of mu's conditional from the number of points, not their sum."""
    honest = model.blocks["mu"].complete_conditional

    def conditional(t):
        counts, sums, _ = model._totals(t)
        eta = honest(t)
        return eta._replace(value=eta.value + (counts - sums) / model.sigma**2)

    return with_block(model, "mu", complete_conditional=conditional)


def shrunk_by_the_share(model):
    """W^-1 after the data with n/(beta0 + n) where beta0 n/(beta0 + n) is right."""
    truth = model.exact_posterior()
    posterior = copy.copy(truth.posterior)
    counts = (posterior.labels[:, None, :] == np.arange(model.n_components)[:, None]).sum(-1)
    gap = posterior.location - model.m0  # n/(beta0 + n) (mean of the points - m0)
    share = counts / (model.beta0 + counts)
    excess = (1 - model.beta0) * np.divide(1, share, where=counts > 0, out=np.zeros(share.shape))
    outer = gap[..., :, None] * gap[..., None, :]
    posterior.w_inv = posterior.w_inv + excess[..., None, None] * outer
    twin = copy.copy(model)
    twin.exact_posterior = lambda: replace(truth, model=twin, posterior=posterior)
    return twin


def labellings_without_their_weights(model):
    """KL from q with the labellings' own divergence forgotten: their names cost nothing."""
    honest = exact(model).posterior

    def kl_from(q):
        estimate = honest.kl_from(q)
        labels = np.log(q["z"].parameters["probabilities"])
        log_q = labels[np.arange(len(labels)), honest.labels].sum(-1)
        about = np.exp(log_q) @ (log_q - honest.log_weights)
        return estimate._replace(value=estimate.value - about)

    return with_posterior(model, kl_from=kl_from)


def coordinates_of_a_row_apart(model):
    """The posterior of a row without the covariance of its coordinates."""
    honest = exact(model).posterior
    twin = copy.copy(honest)
    twin.cov = np.diag(np.diag(honest.cov))
    return with_posterior(
        model, log_density=twin.log_density, sample=twin.sample, kl_from=twin.kl_from
    )
