"""Where the nats go between log p(x) and an answer: one restriction of q after another.

    log p(x)
      - KL[best Gaussian || p]                    what no Gaussian of these coordinates has
      - ELBO(best Gaussian) - ELBO(best diagonal one)         what its covariances were worth
      - ELBO(best diagonal one) - ELBO(CAVI)                  what independent blocks cost beside it
      - ELBO(CAVI) - ELBO(q)                                  what this run left
      = ELBO(q)

A bar may be negative from the third on: independent blocks need not be worse than a Gaussian. The
first is the KL by its own route, so that the sum is an identity that can fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.automatic.find import why_no_truth
from vi_lab.errors import InputTypeError, NoMode, NotApplicable, refuse_if
from vi_lab.identity.bound import as_single, elbo_estimate, evidence_estimate
from vi_lab.identity.divergence import kl_estimate
from vi_lab.inference.cavi import cavi
from vi_lab.inference.engine.climb import run_quietly
from vi_lab.inference.engine.gaussian_limits import why_no_gaussian
from vi_lab.inference.engine.target import CENTRED
from vi_lab.inference.exact import exact
from vi_lab.inference.gaussian_vi import gaussian_vi
from vi_lab.inference.laplace import laplace
from vi_lab.model_or_problem import ModelLike, as_model
from vi_lab.numerics.agreement import judge_identity
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import Exact, Posterior, tables
from vi_lab.runtime.interrupts import run_as_one_job
from vi_lab.vae.evidence.decoder_model import DecoderModel
from vi_lab.vae.evidence.fit_gaussians import amortised, gaussian_q

# By the names that rows of a comparison have: what the bar is that leads down to this level.
BARS = {
    "gaussian-full-rank": "no Gaussian",
    "gaussian-mean-field": "covariances",
    "cavi": "independent blocks",
    "laplace": "Laplace",
    "amortised": "one encoder for all",
    "this run": "this run",
}
LEVELS = {
    "gaussian-full-rank": "full-rank Gaussian",
    "gaussian-mean-field": "mean-field Gaussian",
    "cavi": "CAVI",
    "laplace": "Laplace",
    "amortised": "encoder",
}


class Level(NamedTuple):
    """A height in nats: log p(x), or the ELBO of a q."""

    name: str
    nats: float
    error: float
    route: str


class Bar(NamedTuple):
    """What a restriction costs, from one level down to the next, in nats; negative where it gains.

    Attributes
    ----------
    name : str
    nats, error : float
    route : str
    """

    name: str
    nats: float
    error: float
    route: str


@dataclass(frozen=True, repr=False)
class Waterfall:
    """log p(x) = ELBO of the last level + the bars, in nats.

    Attributes
    ----------
    levels : tuple of Level
        From log p(x), where it is known, down to the last ELBO.
    bars : tuple of Bar
        Between each level and the next.
    residual, tolerance : float or None
        log p(x) less the sum, and what the errors allow it to be; None where log p(x) is unknown.
    holds : bool or None
        Whether the sum is log p(x) within the tolerance; None where that cannot be told.
    reason : str or None
        Why not, or why there is no log p(x).
    """

    levels: tuple[Level, ...]
    bars: tuple[Bar, ...]
    residual: float | None
    tolerance: float | None
    holds: bool | None
    reason: str | None = None

    def table(self) -> list[dict[str, Any]]:
        """A row for each level, with the bar that leads down to it."""
        missing = len(self.levels) - len(self.bars)
        bars: list[Bar | None] = [*[None] * missing, *self.bars]
        return [
            {
                "level": level.name,
                "nats": level.nats,
                "costs": None if bar is None else bar.name,
                "nats lost": None if bar is None else bar.nats,
                "error": level.error if bar is None else bar.error,
                "route": level.route if bar is None else bar.route,
            }
            for level, bar in zip(self.levels, bars, strict=True)
        ]

    def __repr__(self) -> str:
        told = [0.0 if abs(bar.nats) <= bar.error else bar.nats for bar in self.bars]
        lost = ", ".join(f"{b.name} {nats:.4g}" for b, nats in zip(self.bars, told, strict=True))
        first, last = self.levels[0], self.levels[-1]
        return f"<Waterfall from {first.name} {first.nats:.10g} to {last.nats:.10g}: {lost}>"

    def _repr_html_(self) -> str:
        return tables.html(self.table(), caption=repr(self)[1:-1])


@public
@run_as_one_job()
def waterfall(
    problem: ModelLike, q: Posterior | None = None, *, rng: Rng = None, restarts: int = 8
) -> Waterfall:
    """From log p(x) down to CAVI or Laplace, and to a q of one's own, in nats.

    Parameters
    ----------
    problem : Model, DensityModel, Problem or the name of one
    q : Factorised, GaussianPosterior, GaussianRows or Amortised, optional
        A run of one's own: the last level.
    rng : int, SeedSequence or Generator, optional
    restarts : int
        Of each fit.

    Returns
    -------
    Waterfall
        Of what applies: the best Gaussian of any covariance, the best diagonal one, then CAVI, or
        Laplace where there are no conditionals. Under a decoder the Gaussians are one for each
        datum, and the encoder's q is the third.

    Raises
    ------
    NotApplicable
        If there is nothing to stand between log p(x) and q.
    InputTypeError
        For draws, which have no density.
    """
    model = as_model(problem)
    generator, restarts = checks.generator(rng), checks.integer("restarts", restarts, 1)
    found = dict(_fit(model, generator, restarts))
    if q is not None:
        found["this run"] = as_single(model, q)
        refuse_if(isinstance(q, Exact), "q: needs one that is not the truth", InputTypeError)
    return stack(model, found)


def _fit(model: Any, rng: Any, restarts: int) -> Iterator[tuple[str, Posterior]]:
    """The best q of each kind that applies, by its name in a comparison."""
    if isinstance(model, DecoderModel):
        for kind in ("full-rank", "mean-field"):
            yield f"gaussian-{kind}", gaussian_q(model, covariance=kind, rng=rng)
        yield "amortised", amortised(model)
        return
    for kind, covariance in (("full-rank", "full"), ("mean-field", "diagonal")):
        if why_no_gaussian(model, CENTRED, covariance) is None:
            fit = gaussian_vi(model, covariance=covariance, rng=rng, restarts=restarts)
            yield f"gaussian-{kind}", fit
    if model.why_not_conjugate("CAVI") is None:
        yield "cavi", run_quietly(cavi, model, rng=rng, restarts=restarts)
    elif why_no_gaussian(model, CENTRED, "full") is None:
        try:
            yield "laplace", laplace(model, rng=rng, restarts=restarts)
        except NoMode:
            return


def stack(model: Any, qs: Mapping[str, Posterior]) -> Waterfall:
    """The levels of some q, by the names of BARS, in its order."""
    qs = {name: qs[name] for name in BARS if name in qs}
    refuse_if(not qs, "waterfall does not apply: no q has a bound here", NotApplicable)
    bounds = {name: elbo_estimate(q, model) for name, q in qs.items()}
    levels = [
        _level(LEVELS.get(name, getattr(qs[name], "method", name)), bound)
        for name, bound in bounds.items()
    ]
    names = list(qs)
    bars = [
        Bar(BARS[name], above.nats - below.nats, above.error + below.error, below.route)
        for name, above, below in zip(names[1:], levels, levels[1:], strict=False)
    ]
    reason: str | None = why_no_truth(model)
    if reason:
        return Waterfall(tuple(levels), tuple(bars), None, None, None, reason)
    truth, first = exact(model), names[0]
    evidence, kl = evidence_estimate(truth), kl_estimate(qs[first], truth)
    judged, mistake = judge_identity(evidence, bounds[first], kl, model.independent_rows or 1)
    levels.insert(0, _level("log p(x)", evidence))
    bars.insert(0, Bar(BARS[first], float(kl.value), float(kl.error), kl.route))
    return Waterfall(
        tuple(levels),
        tuple(bars),
        float(judged.difference),
        float(judged.tolerance),
        False if mistake else judged.holds,
        mistake or judged.reason,
    )


def _level(name: str, number: Estimate) -> Level:
    return Level(name, float(number.value), float(number.error), number.route)
