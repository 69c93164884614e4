"""Mistakes in models and in their exact posteriors."""

import copy
from dataclasses import replace

import numpy as np

from vi_lab import exact


def with_block(model, name, **changed):
    """The model with one block's family or conditional replaced."""
    twin = copy.copy(model)
    twin.blocks = {**model.blocks, name: replace(model.blocks[name], **changed)}
    return twin


def with_conditional(model, name, change):
    """The model with one conditional changed: a function of (the honest eta, stats)."""
    honest = model.blocks[name].complete_conditional
    return with_block(model, name, complete_conditional=lambda t: change(honest(t), t))


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


def reads_itself(model):
    return with_conditional(
        model, "mu", lambda eta, t: eta._replace(value=eta.value + 1e-6 * t["mu"].value)
    )


def averages_over_the_batch(model):
    honest = model.blocks["mu"].complete_conditional

    def conditional(t):
        return honest({"tau": t["tau"]._replace(value=np.mean(t["tau"].value))})

    return with_block(model, "mu", complete_conditional=conditional)


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
    twin.root = np.diag(np.diag(honest.cov) ** -0.5)
    return with_posterior(
        model, log_density=twin.log_density, sample=twin.sample, kl_from=twin.kl_from
    )


def with_evidence(model, shift=0.0, error=0.0, route=None):
    """The model whose log evidence is moved, and states another error (and route)."""
    twin = copy.copy(model)
    truth = model.exact_posterior()
    twin.exact_posterior = lambda: replace(
        truth,
        model=twin,
        log_evidence=truth.log_evidence + shift,
        log_evidence_error=truth.log_evidence_error + error,
        route=route or truth.route,
    )
    return twin
