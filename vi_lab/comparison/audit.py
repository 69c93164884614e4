"""Another tool's claims, held against the truth: is its bound a bound, are its sds sds?

A lower bound on log p(x) may be anything below it and nothing above it, and a posterior is right or
wrong moment by moment. Nothing of the tool is needed but what it printed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.streams import read_entropy, spawn_stream
from vi_lab.comparison.claims import Claim, read_claims
from vi_lab.comparison.reference import Reference, has_reference
from vi_lab.comparison.verdict import NOISE
from vi_lab.errors import InputError, NotApplicable
from vi_lab.inference.cavi import cavi
from vi_lab.inference.engine.climb import run_quietly
from vi_lab.model_or_problem import as_model
from vi_lab.results import Exact, tables
from vi_lab.runtime.interrupts import larger_job

DIGITS = 1e-6  # nats: a claim is read off a screen, with the digits that were printed
RIGHT = 0.005  # of a standard deviation, or of a ratio of two: a stated moment this close is right
RESTARTS = 20  # of our own CAVI, of a large model fewer
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
        Whether the claim can be a lower bound; None where that cannot be known.
    best_elbo : float or None
        The best ELBO of vi_lab's own q: a bound that is one.
    moments : tuple of dict
        A row for each coordinate: quantity, claimed and true mean and sd, `mean_error` in true sds,
        `sd_ratio`, `mean_right`, `sd_right`.
    reference : "exact", "long run" or None
    """

    findings: tuple[str, ...]
    bound: float | None = None
    log_evidence: float | None = None
    gap: float | None = None
    is_bound: bool | None = None
    best_elbo: float | None = None
    moments: tuple[dict[str, Any], ...] = ()
    reference: str | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing that was claimed is known to be wrong."""
        right = all(row["mean_right"] and row["sd_right"] for row in self.moments)
        return self.is_bound is not False and right

    def to_dict(self) -> dict[str, Any]:
        """The JSON object: every attribute, and `holds`."""
        return asdict(self) | {
            "findings": list(self.findings),
            "moments": [dict(row) for row in self.moments],
            "holds": self.holds,
        }

    def table(self) -> list[dict[str, Any]]:
        """The bound and the moments as a reader wants to see them."""
        rows: list[tuple[str, Any, Any, str | None]] = []
        if self.bound is not None:
            off = None if self.gap is None else f"{-self.gap:+.4g} nats"
            rows.append(("bound", self.bound, self.log_evidence, off))
        for row in self.moments:
            name, off, ratio = row["quantity"], f"{row['mean_error']:.3g} sd", row["sd_ratio"]
            rows.append((f"mean of {name}", row["mean"], row["true_mean"], off))
            rows.append((f"sd of {name}", row["sd"], row["true_sd"], f"× {ratio:.3g}"))
        columns = "quantity", "claimed", "truth", "off by"
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def text(self) -> str:
        """The table, the findings below it."""
        return "\n".join([tables.text(self.table()), *(tables.wrap(f) for f in self.findings)])

    def __repr__(self) -> str:
        return f"<Audit: {'; '.join(self.findings)}>"

    def _repr_html_(self) -> str:
        return tables.html(self.table(), caption="Audit", note=" ".join(self.findings))


@public
@larger_job()
def audit(model: Any, bound: Any = None, posterior: Any = None, *, rng: Any = 0) -> Audit:
    """Hold another tool's bound or posterior for this model against the truth.

    Parameters
    ----------
    model : Model, Problem or the name of one
        With the same data and the same priors as the tool was given.
    bound : float, optional
        The claimed lower bound on log p(x), in nats.
    posterior : mapping or Posterior, optional
        By name of a latent or a summary either a pair (mean, sd), or more than two draws, shape
        (n, *shape of the latent); a list or tuple of two is a pair, an array is draws. Or any
        result of vi_lab. Chains, (chains, draws, ...), come as a `Draws`.
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
    if posterior is not None or model.no_exact_because is None:
        reference = Reference(model, spawn_stream(entropy, "audit", "truth"))
    findings, found = [], {}
    if bound is not None:
        truth = reference.exact if reference else None
        found = _judge_bound(model, bound, truth, entropy)
        findings.append(found.pop("finding"))
    moments: list[dict[str, Any]] = []
    if posterior is not None and reference is not None:
        claims = read_claims(model, posterior, spawn_stream(entropy, "audit", "posterior"))
        for name, claim in claims.items():
            moments += _compare_moments(name, claim, reference)
        findings.append(_describe_moments(moments, reference))
    source = reference.source if reference else None
    return Audit(tuple(findings), moments=tuple(moments), reference=source, **found)


def _why_nothing_to_hold_against(model: Any, posterior: bool) -> str | None:
    """A bound needs the evidence or a bound of ours, a posterior the truth or a long run."""
    if posterior and not has_reference(model):
        no_gibbs = model.why_not_conjugate("Gibbs")
        return (
            f"there is no exact answer to hold a posterior against ({model.no_exact_because}), and "
            f"no long Gibbs run to stand in ({no_gibbs or TOO_LARGE})"
        )
    if model.no_exact_because and model.why_not_conjugate("CAVI"):
        return (
            f"there is no exact answer to hold a bound against ({model.no_exact_because}), and no "
            f"bound of ours ({model.why_not_conjugate('CAVI')})"
        )
    return None


def _judge_bound(model: Any, bound: float, truth: Exact | None, entropy: int) -> dict[str, Any]:
    best = None
    if model.why_not_conjugate("CAVI") is None:
        restarts = RESTARTS // 10 if model.costly else RESTARTS
        generator = spawn_stream(entropy, "audit", "cavi")
        best = run_quietly(cavi, model, rng=generator, restarts=restarts).elbo
    found: dict[str, Any] = {"bound": bound, "best_elbo": best}
    if truth is None:
        side = "above" if best is not None and bound > best + DIGITS else "below"
        return found | {
            "finding": f"the evidence is not known here; {_nats(abs(bound - (best or 0.0)))} "
            f"{side} {best:.6g}, the best ELBO of a mean-field q, which is a bound"
        }
    evidence = truth.log_evidence
    gap = evidence - bound
    allowed = max(DIGITS, truth.log_evidence_error)
    if gap < -allowed:
        finding = f"above the evidence by {_nats(-gap)}: not a bound"
    elif gap <= allowed:
        finding = "equal to the evidence: the tightest bound there is"
    else:
        finding = f"short by {_nats(gap)}"
        if best is not None and bound > best + DIGITS:
            finding += f", {_nats(bound - best)} tighter than mean field"
    return found | {
        "finding": finding,
        "log_evidence": evidence,
        "gap": gap,
        "is_bound": gap >= -allowed,
    }


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
        slack = NOISE * (claim.sd_noise[i] + reference.error[name][i])
        rows.append(
            {
                "quantity": name if len(mean) == 1 else f"{name}[{i}]",
                "mean": float(claim.mean[i]),
                "true_mean": float(mean[i]),
                "mean_error": float(off / unit[i]),
                "sd": float(claim.sd[i]),
                "true_sd": float(sd[i]),
                "sd_ratio": float(ratio),
                "mean_right": bool(off <= RIGHT * unit[i] + NOISE * mean_noise[i]),
                "sd_right": bool(abs(claim.sd[i] - sd[i]) <= RIGHT * unit[i] + slack),
            }
        )
    return rows


def _describe_moments(rows: list[dict[str, Any]], reference: Reference) -> str:
    """'means right, sd of mu 0.62 of the truth'"""
    means, sds = [], []
    for row in sorted(rows, key=lambda row: -row["mean_error"]):
        if not row["mean_right"]:
            means.append(f"mean of {row['quantity']} off by {row['mean_error']:.2g} sd")
    for row in sorted(rows, key=lambda row: -abs(np.log(max(row["sd_ratio"], 1e-300)))):
        if not row["sd_right"]:
            sds.append(f"sd of {row['quantity']} {row['sd_ratio']:.2f} of the truth")
    against = "" if reference.source == "exact" else " (against a long Gibbs run)"
    return f"{_list_worst(means) or 'means right'}, {_list_worst(sds) or 'sds right'}{against}"


def _list_worst(sentences: list[str], shown: int = 3) -> str:
    """The worst few, and how many more there are."""
    rest = f" and {len(sentences) - shown} more" if len(sentences) > shown else ""
    return ", ".join(sentences[:shown]) + rest


def _nats(amount: float) -> str:
    return f"{amount:.1f} nats" if amount >= 10 else f"{amount:.2g} nats"
