"""A row of a comparison: one method on one problem, as JSON and tables have it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from vi_lab.comparison.reference import REFERENCE_DRAWS
from vi_lab.numerics.agreement import AGREES, CANNOT_BE_TOLD, DIFFERS, Agreement, judge
from vi_lab.numerics.rounding import Estimate


def _column(means: str) -> Any:
    return field(default=None, metadata={"means": means})


@dataclass(frozen=True)
class Row:
    """One method on one problem. None where a number does not exist; the JSON's keys are these.

    COLUMNS describes each. "Over the summaries" is over the coordinates of every quantity in
    `model.summaries`: of one with more than 24 coordinates, 24 evenly spaced ones.
    """

    problem: str = field(metadata={"means": "name of the problem"})
    method: str = field(
        metadata={
            "means": "exact, exact-draws, metropolis-hastings, metropolis-hastings-noncentred, "
            "gibbs, gibbs-expanded, collapsed-gibbs, cavi, linear-response, laplace, "
            "gaussian-mean-field, gaussian-full-rank, gaussian-linear-response, ep, hmc, "
            "amortised, evidence-… (an estimate of log p(x)) or one of numpyro-…, pymc-…, stan-…"
        }
    )
    applies: bool = field(metadata={"means": "whether the method can answer for this model"})
    reason: str | None = _column(
        "why it does not apply, or how it broke down, in a sentence; null where it answered"
    )
    log_evidence: float | None = _column("log p(x) in nats (exact and evidence-… only)")
    elbo: float | None = _column("the evidence lower bound in nats (variational methods)")
    gap: float | None = _column(
        "log evidence minus ELBO in nats: KL from q to the posterior; of evidence-… minus the "
        "estimate, which may lie above"
    )
    gap_error: float | None = _column(
        "numerical error of the gap in nats: that of log p(x) and that of the ELBO, or that an "
        "estimate states"
    )
    gap_verdict: str | None = _column(
        "whether the ELBO meets log p(x): agrees, differs, or cannot be told; where one of the two "
        "is sampled, agrees within ± e"
    )
    lost_digits: str | None = _column(
        "which number has an error too wide for a verdict, and how wide; null where none has"
    )
    kl: float | None = _column(
        "KL from q to the posterior in nats, by its own route (variational methods, where log p(x) "
        "is known)"
    )
    kl_error: float | None = _column("numerical error of the KL in nats")
    holds: bool | None = _column(
        "whether log p(x) = ELBO + KL, within their errors; null where it cannot be told"
    )
    log_evidence_estimate: float | None = _column(
        "log p(x) in nats as Laplace or EP has it: no bound"
    )
    khat: float | None = _column(
        "Pareto k-hat of the weights that an estimate of log p(x) is a mean of (evidence-… only)"
    )
    note: str | None = _column(
        "what an estimate of log p(x) knows to be wrong with it, without knowing the truth"
    )
    reference: str | None = _column(
        "what the next figures are measured against: exact, or a long run said to be one; null "
        "where there is none, or the exact answer has lost its digits"
    )
    mean_error: float | None = _column(
        "worst error of a posterior mean over the summaries of finite sd, in posterior sds, those "
        "left out whose true sd only draws say, and say to be 0; where q or the truth has no "
        "closed form of it, from draws, with noise of about "
        f"{REFERENCE_DRAWS**-0.5:.2g} sd; none for linear response, whose means are those of CAVI"
    )
    mean_error_z: float | None = _column(
        "the same in the run's own Monte Carlo standard errors (draws only)"
    )
    sd_ratio_min: float | None = _column(
        "smallest ratio of a standard deviation to the true one, over the summaries "
        "that vary; for linear response, over those of them that are latents"
    )
    sd_ratio_max: float | None = _column("largest such ratio")
    wasserstein: float | None = _column(
        "worst Wasserstein-1 distance of a marginal to the true one, in posterior sds"
    )
    held_out: float | None = _column(
        "mean log probability, in nats a word, of words kept from the model (topics only)"
    )
    converged: bool | None = _column("whether the optimisation stopped moving (CAVI and EP only)")
    rhat: float | None = _column(
        "largest rank-normalised split R-hat over the summaries (draws only)"
    )
    ess: float | None = _column(
        "smallest bulk effective sample size over the summaries (draws only)"
    )
    density_evaluations: int | None = _column(
        "log joints evaluated, summed over chains or restarts"
    )
    complete_conditionals: int | None = _column(
        "complete conditionals evaluated, summed over chains or restarts"
    )
    gradients: int | None = _column(
        "gradients of the log density evaluated, summed over chains, restarts or nodes"
    )
    seconds: float | None = _column("wall-clock seconds")

    @property
    def answers(self) -> bool:
        """Whether it is of a method that was to say what the posterior is, and applies."""
        return self.applies and not self.estimates_evidence

    @property
    def estimates_evidence(self) -> bool:
        """Whether it is of an estimate of log p(x), which has no q and may lie to either side."""
        return self.method.startswith("evidence-")


RESPONSES = ("linear-response", "gaussian-linear-response")  # two moments and no density
COLUMNS: dict[str, str] = {column.name: column.metadata["means"] for column in fields(Row)}


def judge_gap(row: Row) -> Agreement:
    """The verdict on the gap of a row that has one; of a row made by hand that of a closed form."""
    if row.estimates_evidence:
        word, unknown = row.gap_verdict or CANNOT_BE_TOLD, "its error is not known"
        reason = unknown if word == CANNOT_BE_TOLD else None
        return Agreement(word, abs(row.gap or 0.0), row.gap_error or 0.0, reason=reason)
    size = row.elbo if row.log_evidence is None else row.log_evidence
    judged = judge(row.gap, {"the gap": Estimate(size, row.gap_error or 0.0, "closed form")})
    said = row.gap_verdict or ""
    if judged.word == DIFFERS:
        return judged
    if said.startswith(AGREES):
        return judged._replace(word=AGREES, reason=None, sampled=said != AGREES)
    if said == CANNOT_BE_TOLD or judged.word == CANNOT_BE_TOLD:
        return judged._replace(word=CANNOT_BE_TOLD, reason=row.lost_digits or judged.reason)
    return judged
