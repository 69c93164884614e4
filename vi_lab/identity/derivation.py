"""From the KL to the ELBO in five lines, each evaluated on its own integrand:

    (1) KL[q||p(z|x)] = -E_q[ log p(z|x)/q(z) ]
    (2)               = -E_q[ log p(z,x)/(q(z) p(x)) ]
    (3)               = -E_q[ log p(z,x)/q(z) ] + E_q[ log p(x) ]
    (4)               = -E_q[ log p(z,x) - log q(z) ] + log p(x)
    (5)               = -( E_q[log p(z,x)] - E_q[log q(z)] ) + log p(x)  =  -ELBO + log p(x)

Line (1) reads the normalised posterior, lines (2)-(4) the log joint at points z, and line (5) the
log joint at expected statistics: three pieces of code, and a mistake in one parts them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments.public import public
from vi_lab.arguments.user_models import read_shares
from vi_lab.errors import InputTypeError, refuse_if
from vi_lab.identity.bound import EXPECTATION_DRAWS, as_single, elbo_estimate
from vi_lab.identity.quadrature import Nodes
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.inference.exact import exact
from vi_lab.model import Model, log_density
from vi_lab.model_or_problem import ModelLike, as_model
from vi_lab.numerics.agreement import CANNOT_BE_TOLD, DIFFERS, Agreement, describe_impossible, judge
from vi_lab.numerics.rounding import Estimate, disturb_log_joint, rounding
from vi_lab.results import Exact, Factorised, GaussianRows, tables
from vi_lab.results.centring import move_to_values
from vi_lab.results.posterior import Posterior


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
    def agrees(self) -> bool | None:
        """Whether every line equals the last within its error (five standard errors if sampled),
        and that, a KL, is not below 0 by more than its error.

        None where that cannot be told, as a line has lost its digits.
        """
        words = [judged.word for judged in self._judge_lines()]
        return (
            False
            if DIFFERS in words or self._judge_sign().impossible
            else None
            if CANNOT_BE_TOLD in words
            else True
        )

    @property
    def reason(self) -> str | None:
        """Why it cannot be told whether the lines agree: "lost digits: ..."; or which sign is
        impossible."""
        if (sign := self._judge_sign()).impossible:
            return describe_impossible("the KL", sign)
        return next((judged.reason for judged in self._judge_lines() if judged.reason), None)

    def _judge_lines(self) -> list[Agreement]:
        """Each line but the last, held against it."""
        *others, last = self.lines
        # a line has the digits of log p(x), which is among the terms of most of them
        size = Estimate(self.log_evidence, 0.0, "closed form")
        return [
            judge(
                line.value - last.value,
                {
                    "log p(x)": size,
                    f"line ({line.number})": Estimate(line.value, line.error, line.route),
                    f"line ({last.number})": Estimate(last.value, last.error, last.route),
                },
            )
            for line in others
        ]

    def _judge_sign(self) -> Agreement:
        """The last line, which is log p(x) - ELBO, held against 0."""
        last = self.lines[-1]
        return judge(last.value, {"the KL": Estimate(last.value, last.error, last.route)})

    def table(self) -> list[dict[str, Any]]:
        """One row a line."""
        headings = ("line", "KL[q||p(z|x)] =", "nats", "error", "route")
        rows = ((f"({number})", *rest) for number, *rest in self.lines)
        return [dict(zip(headings, row, strict=True)) for row in rows]

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
        parted = "in line (5) and NOT in every other"
        told = {
            True: "in each of five lines",
            False: f"in line (5): {self.reason}" if self._judge_sign().impossible else parted,
            None: f"in line (5); of the others it cannot be told ({self.reason})",
        }[self.agrees]
        return f"<Derivation: KL {self.lines[-1].value:.10g} nats {told}>"

    def _repr_html_(self) -> str:
        caption = f"log p(x) = {self.log_evidence:.10g}, ELBO = {self.elbo:.10g}"
        return tables.html(self.printed(), caption=caption)


@public
def derivation(model: ModelLike, q: Posterior) -> Derivation:
    """The five lines from the KL to the ELBO, each evaluated on its own integrand.

    Parameters
    ----------
    model : Model, Problem or the name of one with a known truth
    q : Factorised without a batch, GaussianRows, Exact, or a trained VAE (Amortised)
        The lines of a Factorised are sums over nodes where there are few enough of them; those of
        any other q are averages over its draws, but for line (5) of GaussianRows, by quadrature.
    """
    model = as_model(model)
    q = as_single(model, q)
    no_lines = "q: a GaussianPosterior has its log density without what is summed out; see `ledger`"
    refuse_if(isinstance(q, GaussianPosterior), no_lines, InputTypeError)
    truth = exact(model)
    evidence = truth.log_evidence
    place: Any = _place_nodes if isinstance(q, Factorised) else _draw_points
    average, values, log_joint, log_q = place(model, q)
    log_posterior = truth.posterior.log_density(model.latents(values))

    # what rounding takes from the log joint, whose terms may be far larger than their sum
    lost = _round_log_joint(model, q)
    with np.errstate(invalid="ignore"):  # inf - inf at points that q rules out: they weigh nothing
        one = average(-(log_posterior - log_q))
        two, three, four = (
            _widen(average(integrand), lost)
            for integrand in (
                -(log_joint - (log_q + evidence)),
                -(log_joint - log_q),
                -log_joint + log_q,
            )
        )
        of_evidence = average(np.full_like(log_joint, evidence))
    bound = _read_bound(model, q) if isinstance(q, Factorised) else elbo_estimate(q, model)
    closed = truth.log_evidence_error + float(bound.error) + float(rounding(evidence))

    both = three.value + of_evidence.value, three.error + of_evidence.error, three.route
    lines = (
        Line(1, "-E[log p(z|x)/q]", *one),
        Line(2, "-E[log p(z,x)/(q p(x))]", *two),
        Line(3, "-E[log p(z,x)/q] + E[log p(x)]", *both),
        Line(4, "-E[log p(z,x) - log q] + log p(x)", four.value + evidence, *four[1:]),
        Line(
            5, "-(E[log p(z,x)] - E[log q]) + log p(x)", evidence - bound.value, closed, bound.route
        ),
    )
    return Derivation(lines, evidence, float(bound.value))


# where the integrands of lines (1) to (4) are read, and how they are averaged:
# (average, values, log_joint, log_q)
_Points = tuple[Callable[[Any], Estimate], Mapping[str, Any], Any, Any]


def _place_nodes(model: Model, q: Factorised) -> _Points:
    (there, factors, _), nodes = move_to_values(model, q), Nodes(q.q)
    log_q = sum(
        block.sum_over_plates(factors[name].log_density(nodes.values[name]))
        for name, block in model.blocks.items()
    )
    return nodes.average, nodes.values, log_density(there, nodes.values), log_q


def _round_log_joint(model: Any, q: Any) -> float:
    """In nats, at the expected statistics of a Factorised; the errors of others are by draws."""
    if not isinstance(q, Factorised):
        return 0.0
    there, _, t = move_to_values(model, q)
    return float(np.max(disturb_log_joint(there.log_joint, t, read_shares(there, t))))


def _widen(estimate: Estimate, error: float) -> Estimate:
    return estimate._replace(error=estimate.error + error)


def _draw_points(model: Any, q: Exact | GaussianRows) -> _Points:
    rng = np.random.default_rng(0)
    if isinstance(q, Exact):
        values = q.posterior.sample(rng, EXPECTATION_DRAWS)
        log_q = q.posterior.log_density(model.latents(values))
    else:
        values = q.sample(EXPECTATION_DRAWS, rng=rng)
        log_q = q.q["z"].log_density(values["z"]).sum(-1)
    return _average, values, log_density(model, values), log_q


def _average(integrand: Any) -> Estimate:
    """Over draws, with its standard error."""
    mean, error = float(integrand.mean()), float(integrand.std() / np.sqrt(len(integrand)))
    return Estimate(mean, error + float(rounding(mean)), "Monte Carlo")


def _read_bound(model: Model, q: Factorised) -> Estimate:
    """E_q[log p(z,x)] - E_q[log q], the log joint read at expected statistics."""
    there, _, t = move_to_values(model, q)
    expected_joint = there.log_joint(t)
    entropy = sum(b.sum_over_plates(q.q[n].entropy, ()) for n, b in model.blocks.items())
    bound = float(expected_joint - (-entropy))
    error = float(rounding(expected_joint, entropy)) + _round_log_joint(model, q)
    return Estimate(bound, error, "closed form")
