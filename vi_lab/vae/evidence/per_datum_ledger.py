"""The ledger of a VAE, datum by datum: log p(x), ELBO, KL and gaps, each by its route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.errors import NotApplicable, NumericalError
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import tables
from vi_lab.vae.evidence.convergence import AGREE
from vi_lab.vae.evidence.expectations import (
    expected_elbo,
    kl_to_posterior,
    normalise,
    trapezoid,
)
from vi_lab.vae.evidence.gaps import Gaps, best_gaussian
from vi_lab.vae.evidence.importance import LogEvidence, sample_log_evidence
from vi_lab.vae.evidence.quadrature import Quadrature, quadrature
from vi_lab.vae.evidence.reference_decoder import Decoder
from vi_lab.vae.evidence.sampling import sample_gaps
from vi_lab.vae.networks import Network, Params

GLOBAL = "quadrature (midpoint, global)"
ROUGH = 1e-2  # nats: enough for a bound that log p(x) must not fall below
HOPELESS = 500.0  # nats below the highest density
CLIMB = {1: 24, 2: 10}  # nodes along an axis while a q is climbed to
CLIMB_REACH = 4.5  # standard deviations of q that they cover


@dataclass(frozen=True, eq=False, repr=False)
class PerDatumLedger:
    """The identity log p(x) = ELBO + KL for every datum, in nats.

    Attributes
    ----------
    log_evidence, elbo, kl : array (n,)
    residual : array (n,)
        log_evidence - elbo - kl.
    tolerance : array (n,)
        What the stated errors of the three allow.
    holds : bool
        Whether |residual| <= tolerance for every datum.
    routes : mapping of str to str
    errors : mapping of str to array (n,)
    """

    log_evidence: np.ndarray
    elbo: np.ndarray
    kl: np.ndarray
    residual: np.ndarray
    tolerance: np.ndarray
    holds: bool
    routes: dict[str, str]
    errors: dict[str, np.ndarray]

    def table(self) -> list[dict[str, Any]]:
        """One row for each number: its mean over data, its largest error, its route."""
        return [
            {
                "nats per datum": name,
                "mean": float(getattr(self, name).mean()),
                "largest error": float(self.errors[name].max()),
                "route": self.routes[name],
            }
            for name in ("log_evidence", "elbo", "kl")
        ]

    def __bool__(self) -> bool:
        raise TypeError("ask a ledger for .holds")

    def __repr__(self) -> str:
        verdict = "holds" if self.holds else "DOES NOT HOLD"
        evidence, bound, kl = (float(a.mean()) for a in (self.log_evidence, self.elbo, self.kl))
        largest = np.abs(self.residual).max()
        count = tables.format_count(len(self.elbo), "datum", "data")
        return (
            f"<Ledger of {count} {verdict}: on average {evidence:.6g} = "
            f"{bound:.6g} + {kl:.6g}, largest residual {largest:.2g}>"
        )

    def _repr_html_(self) -> str:
        return tables.html(self.table(), caption=repr(self)[1:-1])


def log_evidence(
    network: Network, params: Params, x: np.ndarray, k: int, rng: np.random.Generator
) -> LogEvidence:
    """By quadrature for one or two latents, else by importance sampling."""
    if network.n_latent > 2:
        return sample_log_evidence(
            Decoder(network, params), x, *network.encode(params, x)[0], k, rng
        )
    with np.errstate(over="ignore", invalid="ignore"):
        truth = integrate_above(
            network, params, x, *evaluate_encoder(network, params, x, agree=ROUGH)
        )
    return LogEvidence(truth.value, truth.error, GLOBAL, None, np.zeros(len(x), bool))


def evaluate_encoder(
    network: Network, params: Params, x: np.ndarray, agree: float = AGREE
) -> tuple[np.ndarray, Estimate]:
    """The encoder's q, its means and log variances side by side (n, 2 d), and its ELBO."""
    q = np.concatenate(network.encode(params, x)[0], axis=1)
    return q, expected_elbo(network, params, x, q, agree)


def integrate_above(
    network: Network, params: Params, x: np.ndarray, q: np.ndarray, bound: Estimate
) -> Quadrature:
    """log p(x) by quadrature, above a bound: the encoder's, or where that is hopeless a better q's.

    The square to integrate over grows with the distance from the bound to the highest density, so
    an encoder that knows nothing of a datum makes way for Gaussians climbed to from it and from the
    prior.
    """
    decoder, floor = Decoder(network, params), bound.value - bound.error
    poor = np.flatnonzero(~(floor >= decoder.ceiling - HOPELESS))
    if len(poor):
        for start in (np.zeros_like(q[poor]), q[poor]):
            _, found = _climb(network, params, x[poor], start)
            floor[poor] = np.fmax(floor[poor], found.value - found.error)
    truth = quadrature(decoder, x, floor) if np.isfinite(floor).all() else None
    if truth is None or not np.isfinite(truth.value).all():
        where = floor if truth is None else truth.value
        raise NumericalError(
            f"x: log p(x) of row {int(np.argmax(~np.isfinite(where)))} is beyond floating point "
            "under these parameters"
        )
    return truth


def _climb(
    network: Network, params: Params, x: np.ndarray, q: np.ndarray
) -> tuple[np.ndarray, Estimate]:
    """The best Gaussian above each q, and its ELBO."""
    best = best_gaussian(network, params, x, q, *climb_nodes(network.n_latent))
    return best, expected_elbo(network, params, x, best)


def climb_nodes(d: int) -> tuple[np.ndarray, np.ndarray]:
    """The noise (nodes, 1, d) and its weights while a q is climbed to.

    A climb judges many q and keeps none of its numbers: 1e-4 nats of error in an ELBO move its top
    by a hundredth of a standard deviation, and cost 1e-4 times that.
    """
    eps, weights = trapezoid(CLIMB[d], d, CLIMB_REACH)
    return eps[:, None], weights


def divergence(
    network: Network, params: Params, x: np.ndarray, q: np.ndarray, truth: Quadrature
) -> Estimate:
    """KL[q || p(z|x)] for each datum, the posterior normalised on nodes of its own."""
    decoder = Decoder(network, params)
    return kl_to_posterior(decoder, x, q, normalise(decoder, x, truth))


def ledger(network: Network, params: Params, x: np.ndarray) -> PerDatumLedger:
    """The three numbers for each datum, by three routes."""
    if network.n_latent > 2:
        raise NotApplicable(
            "a ledger needs the exact posterior, which quadrature gives for one or two latents; "
            f"this VAE has {network.n_latent} (log_evidence and gaps sample instead)"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        q, bound = evaluate_encoder(network, params, x)
        truth = integrate_above(network, params, x, q, bound)
        kl = divergence(network, params, x, q, truth)
    return balance(truth, bound, kl)


def balance(truth: Quadrature, bound: Estimate, kl: Estimate) -> PerDatumLedger:
    """The ledger of three numbers for each datum."""
    with np.errstate(invalid="ignore"):  # a q too wide for floating point has no ELBO and no KL
        residual = truth.value - bound.value - kl.value
    tolerance = truth.error + bound.error + kl.error
    return PerDatumLedger(
        log_evidence=truth.value,
        elbo=bound.value,
        kl=kl.value,
        residual=residual,
        tolerance=tolerance,
        holds=bool((np.abs(residual) <= tolerance).all()),
        routes={"log_evidence": GLOBAL, "elbo": bound.route, "kl": kl.route},
        errors={"log_evidence": truth.error, "elbo": bound.error, "kl": kl.error},
    )


def gaps(
    network: Network,
    params: Params,
    x: np.ndarray,
    draws: int,
    k: int,
    rng: np.random.Generator,
) -> Gaps:
    """By quadrature for one or two latents, else by draws."""
    if network.n_latent > 2:
        q = np.concatenate(network.encode(params, x)[0], axis=1)
        evidence = log_evidence(network, params, x, k, rng)
        return sample_gaps(network, params, x, q, draws, rng, evidence)
    with np.errstate(over="ignore", invalid="ignore"):
        q, bound = evaluate_encoder(network, params, x)
        truth = integrate_above(network, params, x, q, bound)
        moments = np.concatenate([truth.mean, np.log(truth.variance + 1e-12)], axis=1)
        best, best_bound = q, bound
        for start in (q, moments):
            end, found = _climb(network, params, x, start)
            better = found.value > best_bound.value
            best = np.where(better[:, None], end, best)
            best_bound = Estimate(
                np.where(better, found.value, best_bound.value),
                np.where(better, found.error, best_bound.error),
                found.route,
            )
        kl = divergence(network, params, x, best, truth)
    return Gaps(
        log_evidence=truth.value,
        elbo=bound.value,
        approximation=kl.value,
        amortisation=best_bound.value - bound.value,
        residual=truth.value - best_bound.value - kl.value,
        error=truth.error + bound.error + best_bound.error + kl.error,
        route="quadrature",
    )
