"""A trained VAE on data it has not seen: bounds, the log evidence, and which latents it uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.errors import InputError
from vi_lab.runtime.progress import progress
from vi_lab.vae import inputs
from vi_lab.vae.vae import Amortised

ROWS_SCORED = 500  # data looked at together
ACTIVE = 1e-2  # variance of a latent's posterior means above which it is active


class Mean(NamedTuple):
    """A mean over data, in nats per datum.

    Attributes
    ----------
    mean : float
    standard_error : float or None
        Of the mean as an estimate for all such data: the spread over data divided by sqrt(n).
    error : float or None
        Numerical error of the mean itself, or its Monte Carlo standard error; None where the draws
        are not repeated, or where log p(x) of some datum is a lower bound alone (the route says
        of how many).
    n : int
    route : str
    """

    mean: float
    standard_error: float | None
    error: float | None
    n: int
    route: str


class Latent(NamedTuple):
    """One latent: its mean KL to the prior in nats, and the variance of its posterior means.

    It is active where that variance is above 0.01 (Burda et al. 2016, section 5.2).
    """

    kl: float
    activity: float
    active: bool


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` returns; every number is a mean over data in nats per datum.

    Attributes
    ----------
    elbo, reconstruction, kl : Mean
        Of all data.
    elbo_there, iwae, log_evidence : Mean
        Of the first few, all three of the same data: the ELBO, the importance-weighted bound, and
        log p(x) above them.
    latents : tuple of Latent
    k : int
        Draws of the importance-weighted bound `iwae`.
    """

    elbo: Mean
    reconstruction: Mean
    kl: Mean
    elbo_there: Mean
    iwae: Mean
    log_evidence: Mean
    latents: tuple[Latent, ...]
    k: int

    @property
    def active_units(self) -> int:
        """How many latents are active."""
        return sum(latent.active for latent in self.latents)

    def means(self) -> dict[str, Mean]:
        """The means by the name a table gives them."""
        few = self.log_evidence.n
        return {
            "ELBO": self.elbo,
            "reconstruction": self.reconstruction,
            "KL": self.kl,
            f"ELBO of {few}": self.elbo_there,
            f"IWAE of these, k = {self.k}": self.iwae,
            "log p(x) of these": self.log_evidence,
        }

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values; the README says what each is."""
        means = {k: v._asdict() for k, v in vars(self).items() if isinstance(v, Mean)}
        latents = [latent._asdict() for latent in self.latents]
        return {**means, "k": self.k, "active_units": self.active_units, "latents": latents}


@public
def evaluate(
    fit: Amortised, x: Any, *, n: int = 100, k: int = 100, draws: int = 10, rng: Rng = None
) -> Evaluation:
    """Measure a VAE on data, best such as it has not seen.

    Parameters
    ----------
    fit : Amortised
    x : array (rows, n_inputs)
        0 and 1 for a Bernoulli likelihood.
    n : int
        Of how many rows, the first, the importance-weighted bound and log p(x) are computed, this
        by quadrature for one or two latents, else by importance sampling.
    k : int
        Draws of the importance-weighted bound.
    draws : int
        Draws of q for the ELBO of each datum.
    rng : int, SeedSequence or Generator, optional

    Raises
    ------
    InputError
        On grey values under a Bernoulli likelihood: they have no probability.
    """
    n, k = checks.integer("n", n, 1), checks.integer("k", k, 1)
    draws, rng = checks.integer("draws", draws, 1), checks.generator(rng)
    table = isinstance(x, np.ndarray) and x.ndim == 2 and len(x) >= 2
    needed = "x: needs an array (rows, n_inputs) of two rows or more"
    checks.require(table, needed, x, InputError)

    evidence = fit.log_evidence(x[:n], rng=rng)  # first: it refuses what has no probability
    bound = fit.importance_bound(x[:n], k, rng=rng)
    elbos, kls, means = [], [], []
    for part in progress(inputs.parts(x, ROWS_SCORED), "held-out data"):
        elbos.append(fit.elbo(part, draws, rng=rng))
        kls.append(fit.kl_by_latent(part))
        means.append(fit.encode(part)[0])
    elbo, reconstruction, kl = (np.concatenate(values) for values in zip(*elbos, strict=True))
    sampled, activity = f"Monte Carlo, {draws} draws of q", np.concatenate(means).var(0)
    return Evaluation(
        elbo=_mean(elbo, sampled),
        reconstruction=_mean(reconstruction, sampled),
        kl=_mean(kl, "closed form"),
        elbo_there=_mean(elbo[:n], sampled),
        iwae=_mean(bound, f"Monte Carlo, {k} draws of q"),
        log_evidence=_mean(evidence.value, evidence.route, evidence.error),
        latents=tuple(
            Latent(float(one), float(spread), bool(spread > ACTIVE))
            for one, spread in zip(np.concatenate(kls).mean(0), activity, strict=True)
        ),
        k=k,
    )


def _mean(values: np.ndarray, route: str, errors: np.ndarray | None = None) -> Mean:
    """The mean over data, with the spread over data, and the mean of the errors: a bound on its."""
    n = len(values)
    spread = float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else None
    error = None if errors is None or not np.isfinite(errors).all() else float(errors.mean())
    return Mean(float(values.mean()), spread, error, n, route)
