"""Every nat accounted for: log p(x) = ELBO(q) + KL(q || p(z|x)), each number by its own route.

The derivation, every line of which `derivation` evaluates on its own integrand:

    (1) KL[q||p(z|x)] = -E_q[ log p(z|x)/q(z) ]
    (2)               = -E_q[ log p(z,x)/(q(z) p(x)) ]
    (3)               = -E_q[ log p(z,x)/q(z) ] + E_q[ log p(x) ]
    (4)               = -E_q[ log p(z,x) - log q(z) ] + log p(x)
    (5)               = -( E_q[log p(z,x)] - E_q[log q(z)] ) + log p(x)  =  -ELBO + log p(x)

Line (1) reads the normalised posterior, lines (2)-(4) the log joint at points z, and line (5) the
log joint at expected statistics: three pieces of code, and a mistake in one parts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch
from typing import Any, NamedTuple

import numpy as np

from vi_lab import checks, tables
from vi_lab.errors import InputError, InputTypeError
from vi_lab.families import Distribution
from vi_lab.inference.exact import exact
from vi_lab.model import (
    Model,
    Statistics,
    as_factorised,
    as_model,
    elbo,
    log_density,
    statistics,
    why_no_exact,
)
from vi_lab.quadrature import Nodes
from vi_lab.results import Draws, Estimate, Exact, Factorised, rounding

SIGMAS = 5.0  # standard errors allowed where a number is a Monte Carlo average
DRAWS = 2000  # draws for the ELBO of an exact posterior, whose integrand is constant


@dataclass(frozen=True)
class Ledger:
    """The identity for one q, in nats.

    Attributes
    ----------
    log_evidence, elbo, kl : float
    residual : float
        log_evidence - elbo - kl.
    tolerance : float
        What the stated errors of the three allow.
    holds : bool or None
        Whether |residual| <= tolerance; None where there is no exact truth, with `reason`.
    routes : mapping of str to str
        How each of the three numbers was had.
    errors : mapping of str to float
        The numerical or Monte Carlo error of each.
    """

    log_evidence: float | None
    elbo: float
    kl: float | None
    residual: float | None
    tolerance: float | None
    holds: bool | None
    routes: Mapping[str, str]
    errors: Mapping[str, float | None]
    reason: str | None = None

    def table(self) -> list[dict[str, Any]]:
        """One row for each number: value, error, route."""
        return [
            {"nats": name, "value": getattr(self, name), "error": self.errors[name],
             "route": self.routes[name]}
            for name in ("log_evidence", "elbo", "kl")
        ]

    def __bool__(self) -> bool:
        raise TypeError("ask a ledger for .holds: it is True, False, or None where unknown")

    def __repr__(self) -> str:
        if self.log_evidence is None:
            return f"<Ledger: ELBO {self.elbo:.10g}; {self.reason}>"
        verdict = "holds" if self.holds else "DOES NOT HOLD"
        return (f"<Ledger {verdict}: {self.log_evidence:.10g} = {self.elbo:.10g} + {self.kl:.10g}, "
                f"residual {self.residual:.2g} within {self.tolerance:.2g}>")

    def _repr_html_(self) -> str:
        return tables.html(self.table(), caption=repr(self)[1:-1])


@checks.clear_keywords
def ledger(model: Any, q: Any) -> Ledger:
    """The ledger of one q (Exact or Factorised, without a batch) against the model's truth.

    Raises InputTypeError for draws: a set of draws has no density, so no ELBO and no KL.
    """
    model = as_model(model)
    q = _with_density(model, q)
    bound = _elbo_estimate(q, model)
    reason = why_no_exact(model)
    if reason:
        routes = {"log_evidence": f"none: {reason}", "elbo": bound.route, "kl": f"none: {reason}"}
        errors = {"log_evidence": None, "elbo": float(bound.error), "kl": None}
        return Ledger(None, float(bound.value), None, None, None, None, routes, errors, reason)
    truth = exact(model)
    divergence = _kl_estimate(q, truth)
    residual = truth.log_evidence - float(bound.value) - float(divergence.value)
    tolerance = truth.log_evidence_error + sum(
        float(e.error) * (SIGMAS if e.route == "Monte Carlo" else 1.0) for e in (bound, divergence)
    )
    return Ledger(
        log_evidence=truth.log_evidence,
        elbo=float(bound.value),
        kl=float(divergence.value),
        residual=residual,
        tolerance=tolerance,
        holds=bool(abs(residual) <= tolerance),
        routes={"log_evidence": truth.route, "elbo": bound.route, "kl": divergence.route},
        errors={"log_evidence": truth.log_evidence_error, "elbo": float(bound.error),
                "kl": float(divergence.error)},
    )


def _with_density(model: Model, q: Any) -> Any:
    if isinstance(q, Draws):
        raise InputTypeError("q: draws have no density, so no ELBO and no KL; hand in Exact or "
                             "Factorised")
    if not isinstance(q, (Exact, Factorised)):
        raise InputTypeError(f"q: needs Exact or Factorised, got {q!r}")
    if isinstance(q, Exact):
        if q.model is not model:
            raise InputError("q: is the exact posterior of another model")
        return q
    if q.batch:
        raise InputError(f"q: needs a single q, got a batch of shape {q.batch}")
    return as_factorised(model, q)


@singledispatch
def _elbo_estimate(q: Any, model: Model) -> Estimate:
    raise InputTypeError(f"q: {q!r} has no density")


@_elbo_estimate.register
def _(q: Factorised, model: Model) -> Estimate:
    bound = elbo(model, q)
    entropies = [float(np.abs(f.entropy).sum()) for f in q.q.values()]
    error = rounding(bound, *entropies) + _sensitivity(
        model, {name: factor.expected_stats for name, factor in q.q.items()}
    )
    return Estimate(bound, error, "closed form")


def _sensitivity(model: Model, stats: Statistics) -> float:
    """How far rounding may move the log joint: its largest change over a few random disturbances of
    the statistics, scaled down from the disturbance to a thousand roundings.

    Terms that cancel (data far from the origin, a tiny noise variance) magnify it, and no look at
    the result alone would tell.
    """
    rng, disturbance = np.random.default_rng(0), 1e-9
    still = model.log_joint(stats)
    change = 0.0
    for _ in range(3):
        moved = {
            name: type(t)(*(f * (1.0 + disturbance * rng.uniform(-1, 1, np.shape(f))) for f in t))
            for name, t in stats.items()
        }
        change = max(change, float(np.abs(model.log_joint(moved) - still).max()))
    return change * 1e3 * float(np.finfo(np.float64).eps) / disturbance


@_elbo_estimate.register
def _(q: Exact, model: Model) -> Estimate:
    """E_p[log p(z,x) - log p(z|x)] over exact draws: the integrand is log p(x) at every draw."""
    values = q.posterior.sample(np.random.default_rng(0), DRAWS)
    integrand = log_density(model, values) - q.posterior.log_density(model.latents(values))
    error = integrand.std() / np.sqrt(DRAWS) + rounding(integrand.mean())
    error += _sensitivity(model, statistics(model, values))
    return Estimate(float(integrand.mean()), float(error), "Monte Carlo")


def _kl_estimate(q: Any, truth: Exact) -> Estimate:
    if isinstance(q, Exact):
        return Estimate(0.0, 0.0, "closed form")
    return truth.posterior.kl_from(q.q)


@checks.clear_keywords
def kl(q: Any, p: Any) -> Any:
    """KL[q || p] in nats.

    Parameters
    ----------
    q : Distribution or Factorised
    p : Distribution (for a Distribution q), Factorised over the same blocks, or Exact

    Returns
    -------
    float or array
        One number for every (*batch, *plates) of distributions, for every batch of a Factorised.
    """
    if isinstance(q, Distribution) and isinstance(p, Distribution):
        value = q.family.kl(q.eta, q.family.adopt(p).eta)
    elif isinstance(q, Factorised) and isinstance(p, Exact):
        if q.q.keys() != p.model.blocks.keys():
            raise InputError(
                f"p: needs the exact posterior of a model with blocks {', '.join(q.q)}, "
                f"got {', '.join(p.model.blocks)}"
            )
        value = p.posterior.kl_from(q.q).value
    elif isinstance(q, Factorised) and isinstance(p, Factorised):
        if q.q.keys() != p.q.keys():
            raise InputError(f"p: needs factors for {', '.join(q.q)}, got {', '.join(p.q)}")
        batch = np.broadcast_shapes(q.batch, p.batch)
        value = sum(
            block.over_plates(kl(q.q[name], p.q[name]), batch)
            for name, block in q.model.blocks.items()
        )
    else:
        raise InputTypeError(
            "kl(q, p) needs two distributions, or a Factorised q and an Exact or Factorised p; got "
            f"{type(q).__name__} and {type(p).__name__}"
        )
    return float(value) if np.ndim(value) == 0 else value


class Line(NamedTuple):
    """One line of the derivation: its formula, its value in nats, error and route."""

    number: int
    formula: str
    value: float
    error: float
    route: str


@dataclass(frozen=True)
class Derivation:
    """The five lines, evaluated for one q; all five are the same number."""

    lines: tuple[Line, ...]
    log_evidence: float
    elbo: float

    @property
    def agrees(self) -> bool:
        """Whether every line equals the last within its error (five standard errors if sampled)."""
        last = self.lines[-1]
        return all(
            abs(line.value - last.value)
            <= last.error + line.error * (SIGMAS if line.route == "Monte Carlo" else 1.0)
            for line in self.lines
        )

    def table(self) -> list[dict[str, Any]]:
        """One row a line."""
        return [
            {"line": f"({line.number})", "KL[q||p(z|x)] =": line.formula, "nats": line.value,
             "error": line.error, "route": line.route}
            for line in self.lines
        ]

    def printed(self) -> list[dict[str, Any]]:
        """The rows of `table` with all their digits, as text."""
        return [
            {**row, "nats": f"{row['nats']:.12f}", "error": f"{row['error']:.0e}"}
            for row in self.table()
        ]

    def __iter__(self) -> Any:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, index: Any) -> Any:
        return self.lines[index]

    def __repr__(self) -> str:
        return f"<Derivation: KL {self.lines[-1].value:.10g} nats in each of five lines>"

    def _repr_html_(self) -> str:
        caption = f"log p(x) = {self.log_evidence:.10g}, ELBO = {self.elbo:.10g}"
        return tables.html(self.table(), caption=caption)


@checks.clear_keywords
def derivation(model: Any, q: Any) -> Derivation:
    """The five lines from the KL to the ELBO, each evaluated on its own integrand.

    Parameters
    ----------
    model : Model or Problem with a known truth
    q : Factorised, without a batch
    """
    model = as_model(model)
    q = _with_density(model, q)
    if not isinstance(q, Factorised):
        raise InputTypeError("q: the derivation needs a Factorised q")
    truth = exact(model)
    evidence = truth.log_evidence
    nodes = Nodes(q.q)
    log_q = sum(
        block.over_plates(q.q[name].log_density(nodes.values[name]))
        for name, block in model.blocks.items()
    )
    log_joint = log_density(model, nodes.values)
    log_posterior = truth.posterior.log_density(model.latents(nodes.values))

    with np.errstate(invalid="ignore"):  # inf - inf at points that q rules out: they weigh nothing
        one = nodes.average(-(log_posterior - log_q))
        two = nodes.average(-(log_joint - (log_q + evidence)))
        three = nodes.average(-(log_joint - log_q))
        of_evidence = nodes.average(np.full_like(log_joint, evidence))
        four = nodes.average(-log_joint + log_q)
    expected_joint = model.log_joint({n: f.expected_stats for n, f in q.q.items()})
    entropy = sum(b.over_plates(q.q[n].entropy, ()) for n, b in model.blocks.items())
    bound = float(expected_joint - (-entropy))
    closed = truth.log_evidence_error + float(rounding(expected_joint, entropy, evidence))

    lines = (
        Line(1, "-E[log p(z|x)/q]", one.value, one.error, one.route),
        Line(2, "-E[log p(z,x)/(q p(x))]", two.value, two.error, two.route),
        Line(3, "-E[log p(z,x)/q] + E[log p(x)]", three.value + of_evidence.value,
             three.error + of_evidence.error, three.route),
        Line(4, "-E[log p(z,x) - log q] + log p(x)", four.value + evidence, four.error, four.route),
        Line(5, "-(E[log p(z,x)] - E[log q]) + log p(x)", evidence - bound, closed, "closed form"),
    )
    return Derivation(lines, evidence, bound)
