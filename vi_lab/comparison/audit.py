"""Another tool's claims, held against the truth: is its bound a bound, are its sds sds?

A lower bound on log p(x) may be anything below it and nothing above it, and a posterior is right or
wrong moment by moment. Nothing of the tool is needed but what it printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.streams import read_entropy, spawn_stream
from vi_lab.arguments.types import Rng
from vi_lab.automatic.find import why_no_truth
from vi_lab.comparison.claimed_bound import DIGITS, judge_bound
from vi_lab.comparison.claims import Claim, find_doubts, read_claims
from vi_lab.comparison.reference import Reference, has_reference
from vi_lab.comparison.verdict import NOISE
from vi_lab.errors import InputError, NotApplicable
from vi_lab.model_or_problem import ModelLike, as_model
from vi_lab.numerics.agreement import CANNOT_BE_TOLD
from vi_lab.results import Posterior, tables
from vi_lab.runtime.interrupts import run_as_one_job

RIGHT = 0.005  # of a standard deviation, or of a ratio of two: a stated moment this close is right
TOO_LARGE = "in a model of this size it would be too short to mix"


@dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """What was claimed, what is true, and a sentence on each.

    Attributes
    ----------
    findings : tuple of str
        One sentence on the bound (where one was given), one on the posterior (likewise).
    bound : float or None
    log_evidence : float or None
        None where no exact answer is known.
    gap : float or None
        log_evidence - bound, in nats.
    is_bound : bool or None
        Whether the claim can be a lower bound; None where that cannot be known, or told.
    best_elbo : float or None
        The best ELBO of vi_lab's own q: a bound that is one.
    moments : tuple of dict
        A row for each coordinate: quantity, claimed and true mean and sd, the Monte Carlo standard
        errors of the true ones where these are averages over draws (else 0), `mean_error` in true
        sds, `mean_standard_errors` in its Monte Carlo errors (None where there is no noise),
        `sd_ratio`, `mean_right`, `sd_right`.
    reference : "exact", "long run" or None
    gap_error : float or None
        What the gap may be off by: the error of the log evidence, and 1e-6 nats of the claim, which
        is read off a screen.
    reason : str or None
        Why it cannot be told whether a claim is right: "lost digits: ...", chains that have not
        mixed, draws that are too few.
    not_given : tuple of str
        Summaries of the posterior of which nothing was claimed, where anything was of others.
    """

    findings: tuple[str, ...]
    bound: float | None = None
    log_evidence: float | None = None
    gap: float | None = None
    is_bound: bool | None = None
    best_elbo: float | None = None
    moments: tuple[dict[str, Any], ...] = ()
    reference: str | None = None
    gap_error: float | None = None
    reason: str | None = None
    not_given: tuple[str, ...] = ()

    @property
    def holds(self) -> bool | None:
        """Whether nothing that was claimed is known to be wrong; None where that cannot be told,
        for want of digits, or of draws."""
        right = all(row["mean_right"] and row["sd_right"] for row in self.moments)
        if self.is_bound is False or not right:
            return False
        return None if self.reason else True

    def to_dict(self) -> dict[str, Any]:
        """The JSON object: every attribute, and `holds`."""
        return asdict(self) | {
            "findings": list(self.findings),
            "moments": [dict(row) for row in self.moments],
            "not_given": list(self.not_given),
            "holds": self.holds,
        }

    def table(self) -> list[dict[str, Any]]:
        """The bound and the moments as a reader wants to see them."""
        rows: list[tuple[str, Any, Any, str | None]] = []
        if self.bound is not None:
            rows.append(("bound", self.bound, *self._describe_gap()))
        for row in self.moments:
            name, off, ratio = row["quantity"], _write_error(row, ".3g"), row["sd_ratio"]
            mean = _with_error(row["true_mean"], row["true_mean_error"])
            rows.append((f"mean of {name}", row["mean"], mean, off))
            sd = _with_error(row["true_sd"], row["true_sd_error"])
            rows.append((f"sd of {name}", row["sd"], sd, f"× {ratio:.3g}"))
        columns = "quantity", "claimed", "truth", "off by"
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def _describe_gap(self) -> tuple[Any, str | None]:
        """log p(x) and how far off the claim is, each with its error where that is to be seen."""
        if self.gap is None or self.gap_error is None:
            return self.log_evidence, None
        error = self.gap_error if self.gap_error > 2 * DIGITS else 0.0
        off = f" ± {error:.1g}" if error else ""
        return _with_error(self.log_evidence, error), f"{-self.gap:+.4g}{off} nats"

    def text(self) -> str:
        """The table, the findings below it."""
        return "\n".join([tables.text(self.table()), *(tables.wrap(f) for f in self._sentences())])

    def _sentences(self) -> tuple[str, ...]:
        if not self.not_given:
            return self.findings
        return (*self.findings, f"nothing was claimed of {', '.join(self.not_given)}")

    def __repr__(self) -> str:
        return f"<Audit: {'; '.join(self._sentences())}>"

    def _repr_html_(self) -> str:
        return tables.html(self.table(), caption="Audit", note=" ".join(self._sentences()))


@public
@run_as_one_job()
def audit(
    model: ModelLike,
    bound: float | None = None,
    posterior: Mapping[str, Any] | Posterior | None = None,
    *,
    rng: Rng = 0,
) -> Audit:
    """Hold another tool's bound or posterior for this model against the truth.

    Parameters
    ----------
    model : Model, Problem or the name of one
        With the same data and the same priors as the tool was given.
    bound : float, optional
        The claimed lower bound on log p(x), in nats.
    posterior : mapping or Posterior, optional
        By name of a latent or a summary either a pair (mean, sd), or more than two draws, shape
        (n, *shape of the latent) or (chains, n, *shape), whose noise is then that of chains; a list
        or tuple of two is a pair, an array is draws. Or any result of vi_lab; a table of draws of
        pandas, polars or pyarrow, a column a coordinate ("theta[0]", "theta.1"), with chains in a
        column or an index or without; a DataTree of ArviZ, a Dataset of xarray.
    rng : int, SeedSequence or Generator
        For the draws of the truth.

    Returns
    -------
    Audit

    Raises
    ------
    InputError
        Where neither is given, or a latent is unknown or has another shape.
    """
    model = as_model(model)
    if bound is None and posterior is None:
        raise InputError("audit: needs a bound, a posterior or both, got neither")
    if bound is not None:
        bound = checks.real("bound", bound)
    reason = _why_nothing_to_hold_against(model, posterior is not None)
    if reason:
        raise NotApplicable(f"audit does not apply: {reason}")
    entropy = read_entropy(rng)
    reference = None
    if posterior is not None or why_no_truth(model) is None:
        reference = Reference(model, spawn_stream(entropy, "audit", "truth"))
    findings, found = [], {}
    if bound is not None:
        found = judge_bound(model, bound, reference, entropy)
        findings.append(found.pop("finding"))
    moments: list[dict[str, Any]] = []
    if posterior is not None and reference is not None:
        claims = read_claims(model, posterior, spawn_stream(entropy, "audit", "posterior"))
        found["not_given"] = tuple(name for name in reference.mean if name not in claims)
        if reference.lost_digits:
            found["reason"] = reference.lost_digits
            findings.append(f"the posterior {CANNOT_BE_TOLD} ({reference.lost_digits})")
        else:
            for name, claim in claims.items():
                moments += _compare_moments(name, claim, reference)
            doubts = find_doubts(claims, reference)
            findings += [_describe_moments(moments, reference, doubtful=bool(doubts)), *doubts]
            if doubts:
                found["reason"] = "; ".join([*filter(None, [found.get("reason")]), *doubts])
    source = reference.source if reference else None
    return Audit(tuple(findings), moments=tuple(moments), reference=source, **found)


def _why_nothing_to_hold_against(model: Any, posterior: bool) -> str | None:
    """A bound needs the evidence or a bound of ours, a posterior the truth or a long run."""
    if posterior and not has_reference(model):
        no_gibbs = model.why_not_conjugate("Gibbs")
        return (
            f"there is no exact answer to hold a posterior against ({why_no_truth(model)}), and "
            f"no long Gibbs run to stand in ({no_gibbs or TOO_LARGE})"
        )
    if why_no_truth(model) and model.why_not_conjugate("CAVI"):
        return (
            f"there is no exact answer to hold a bound against ({why_no_truth(model)}), and no "
            f"bound of ours ({model.why_not_conjugate('CAVI')})"
        )
    return None


def _compare_moments(name: str, claim: Claim, reference: Reference) -> list[dict[str, Any]]:
    if name not in reference.mean:
        raise InputError(
            f"posterior: {name} cannot be compared by its own name; what can be: "
            f"{', '.join(reference.mean)}"
        )
    mean, sd = reference.mean[name], reference.sd[name]
    mean_noise = np.hypot(claim.mean_noise, reference.error[name])
    unit = np.where(sd > 0, sd, 1.0)
    rows = []
    for i in range(len(mean)):
        off = abs(claim.mean[i] - mean[i])
        ratio = claim.sd[i] / sd[i] if sd[i] > 0 else (1.0 if claim.sd[i] == 0 else np.inf)
        slack = NOISE * (claim.sd_noise[i] + reference.sd_error[name][i])
        rows.append(
            {
                "quantity": name if len(mean) == 1 else f"{name}[{i}]",
                "mean": float(claim.mean[i]),
                "true_mean": float(mean[i]),
                "true_mean_error": float(reference.error[name][i]),
                "mean_error": float(off / unit[i]),
                "mean_standard_errors": float(off / mean_noise[i]) if mean_noise[i] > 0 else None,
                "sd": float(claim.sd[i]),
                "true_sd": float(sd[i]),
                "true_sd_error": float(reference.sd_error[name][i]),
                "sd_ratio": float(ratio),
                "mean_right": bool(off <= RIGHT * unit[i] + NOISE * mean_noise[i]),
                "sd_right": bool(abs(claim.sd[i] - sd[i]) <= RIGHT * unit[i] + slack),
            }
        )
    return rows


def _describe_moments(rows: list[dict[str, Any]], reference: Reference, doubtful: bool) -> str:
    """'means right, sd of mu 0.62 of the truth'"""
    means, sds = [], []
    for row in sorted(rows, key=lambda row: -row["mean_error"]):
        if not row["mean_right"]:
            means.append(f"mean of {row['quantity']} off by {_write_error(row, '.2g')}")
    for row in sorted(rows, key=lambda row: -abs(np.log(max(row["sd_ratio"], 1e-300)))):
        if not row["sd_right"]:
            sds.append(f"sd of {row['quantity']} {row['sd_ratio']:.2f} of the truth")
    against = "" if reference.source == "exact" else " (against a long Gibbs run)"
    right = "within their noise" if doubtful else "right"
    return (
        f"{_list_worst(means) or f'means {right}'}, {_list_worst(sds) or f'sds {right}'}{against}"
    )


def _write_error(row: Mapping[str, Any], digits: str) -> str:
    """'0.145 sd, 2.3 standard errors': how far off a mean is, in its noise too if it has any."""
    errors = row["mean_standard_errors"]
    noise = "" if errors is None else f", {errors:.2g} standard errors"
    return f"{row['mean_error']:{digits}} sd{noise}"


def _list_worst(sentences: list[str], shown: int = 3) -> str:
    """The worst few, and how many more there are."""
    rest = f" and {len(sentences) - shown} more" if len(sentences) > shown else ""
    return ", ".join(sentences[:shown]) + rest


def _with_error(value: Any, error: float) -> Any:
    """A number, with its error beside it where it has one."""
    return f"{tables.cell(value)} ± {error:.1g}" if error else value
