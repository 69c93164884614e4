"""The bound of independent factors with all the digits there are, and what rounding takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.user_models import read_shares
from vi_lab.families import Distribution, Normal, NormalWishart
from vi_lab.model import Block, Model, Statistics, elbo_terms, has_priors_apart
from vi_lab.numerics.rounding import EPS, ROUNDINGS, Estimate, disturb_log_joint, rounding
from vi_lab.results.centring import move_to


def estimate_bound(model: Model, q: Any) -> Estimate:
    """The evidence lower bound of a Factorised without a batch, in nats."""
    there, eta, t = move_to(model, q)
    terms = elbo_terms(there, eta, t, (), careful=True)
    bound = float(sum(terms))
    if np.isneginf(bound):
        return Estimate(bound, 0.0, "closed form")
    error = _lost_digits(there, eta, t, terms, ROUNDINGS)
    error += 2.0 * abs(bound - float(sum(_terms_as_told(there, q, eta, t))))
    return Estimate(checks.require_finite("the ELBO", bound), float(error), "closed form")


def hidden_nats(model: Model, q: Any, roundings: float) -> float:
    """What so many roundings may hide of its bound, in nats."""
    there, eta, t = move_to(model, q)
    return _lost_digits(there, eta, t, elbo_terms(there, eta, t, (), careful=True), roundings)


def sum_divergences(
    model: Model, eta: dict[str, Any], t: Statistics, batch: tuple[int, ...]
) -> Any:
    """The sum of KL[q || prior] over the blocks that have one apart, (*batch,): terms of a bound
    that are in no product of eta and t."""
    total: Any = np.zeros(batch)
    for name, block in model.blocks.items():
        if has_priors_apart(model) and block.prior is not None:
            total = total + np.abs(block.gain(eta[name], t[name], batch, careful=True))
    return total


def _lost_digits(
    model: Model, eta: dict[str, Any], t: Statistics, terms: list[Any], roundings: float
) -> float:
    """So many roundings of these terms of a bound, and of the statistics in the log joint; of the
    terms of a divergence from uneven weights; and what a nearly singular W^-1 has lost."""
    log_joint = model.log_likelihood if has_priors_apart(model) else model.log_joint
    lost = np.max(disturb_log_joint(log_joint, t, read_shares(model, t), roundings))
    lost = lost + rounding(*terms) * roundings / ROUNDINGS
    for name, block in model.blocks.items():
        if block.prior is not None:
            largest = block.family.largest_of_kl(eta[name], block.prior)
            lost = lost + block.sum_over_plates(largest, ()) * roundings * EPS
        if isinstance(block.family, NormalWishart):
            in_scale = block.family.lost(eta[name], block.complete_conditional(t))
            known = block.prior or Distribution(block.family, eta[name])
            least = np.min(known.parameters["nu"]) - block.family.size + 1.0
            # a natural parameter holds nu - D, of which a small nu has few digits
            lost = lost + block.sum_over_plates(in_scale + 4.0 * EPS / least, ())
    return float(lost)


def _terms_as_told(model: Model, q: Any, eta: dict[str, Any], t: dict[str, Any]) -> list[Any]:
    """The terms of the bound of the q whose means are what `parameters` says.

    q holds a mean by its distance from a centre, in more digits than the mean has as one number;
    or in fewer, where it is nearer to 0 than to the centre.
    """
    eta, t, beside = dict(eta), dict(t), []
    for name, block in model.blocks.items():
        family: Any = block.family
        is_turned = isinstance(family, NormalWishart) and family.turn is not None
        if is_turned and q.q[name].family.turn is None:
            continue  # it is these parameters that eta is made of
        if getattr(family, "centre", None) is not None:
            told = Distribution(block.family, eta[name])
            eta[name] = block.family.adopt(told).eta
            t[name] = block.family.expected_stats(eta[name])
            if isinstance(block.family, Normal) and block.prior is not None:
                beside.append(_round_distances(block, told, eta[name], t[name]))
    return [*elbo_terms(model, eta, t, (), careful=True), *beside]


def _round_distances(block: Block, told: Distribution, eta: Any, t: Any) -> Any:
    """What -KL[q || prior] of normals gains where m - m0 is of the means themselves, and not of
    their distances from a centre: KL = (r - 1 - log r + (m - m0)**2/s0**2) / 2, r = (s/s0)**2."""
    assert block.prior is not None
    (m, s), (m0, s0) = ([q.parameters[k] for k in ("mean", "sd")] for q in (told, block.prior))
    r = (s / s0) ** 2
    kl = 0.5 * (r - 1.0 - np.log(r) + ((m - m0) / s0) ** 2)
    return block.sum_over_plates(block.family.kl_from_prior(eta, t, block.prior) - kl, ())
