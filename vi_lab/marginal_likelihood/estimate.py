"""An estimate of log p(x), which says how far off it thinks it is, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.automatic.find import why_no_truth
from vi_lab.inference.exact import exact
from vi_lab.marginal_likelihood.weights import ROUNDING
from vi_lab.model_or_problem import as_model
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import tables

FAR = 5.0  # of its own errors, beyond which an estimate has missed


@dataclass(frozen=True, eq=False, repr=False)
class EvidenceEstimate:
    """What `evidence` returns.

    Attributes
    ----------
    value : float
        The estimate of log p(x) in nats; of several seeds their mean.
    error : float
        Its own standard error in nats; nan where the method cannot know it.
    route : str
        How it was computed, in words.
    khat : float or None
        The Pareto k-hat of its weights, of several seeds the largest; None where it has none.
    evaluations : int
        Log densities it asked for, those of its draws among them.
    seconds : float
    method : str
    bound : float or None
        A lower bound on log p(x), on average, where the method gives one beside its estimate.
    notes : tuple of str
        What is known to be wrong with it, in sentences; none where nothing is.
    by_seed : tuple of EvidenceEstimate
        Of several seeds each by itself.
    """

    model: Any
    value: float
    error: float
    route: str
    khat: float | None
    evaluations: int
    seconds: float
    method: str
    bound: float | None = None
    notes: tuple[str, ...] = ()
    by_seed: tuple[EvidenceEstimate, ...] = field(default=())

    @cached_property
    def truth(self) -> Estimate | None:
        """log p(x) by the model's exact route; None where there is none."""
        model = as_model(self.model)
        if why_no_truth(model) is not None:
            return None
        found = exact(model)
        return Estimate(found.log_evidence, found.log_evidence_error, found.route)

    @property
    def off(self) -> float | None:
        """The estimate less log p(x), in nats; None where that is not known."""
        return None if self.truth is None else self.value - self.truth.value

    @property
    def misses(self) -> bool | None:
        """Whether it is off by more than five of its own errors, and of that of the truth; None
        where one of the two is not known."""
        if self.truth is None or self.off is None or np.isnan(self.error):
            return None
        allowed = FAR * (self.error + self.truth.error) + self.truth.error
        return bool(abs(self.off) > allowed + ROUNDING)

    @property
    def verdict(self) -> str:
        """In sentences: how far off it is, and what is wrong with it."""
        return " ".join(f"{note[0].upper()}{note[1:]}." for note in (self._distance(), *self.notes))

    def _distance(self) -> str:
        if self.truth is None or self.off is None:
            return "there is no exact log p(x) to hold it against"
        amount = f"off by {self.off:+.2g} nats"
        if np.isnan(self.error):
            said = f"{amount}, of an error that it cannot know"
        elif self.error < ROUNDING:
            said = f"{amount}, and exact, it says, but for rounding"
        else:
            said = f"{amount} = {abs(self.off) / self.error:.1f} of its own errors"
        if self.truth.error > max(ROUNDING, 0.2 * abs(self.off)):
            said = f"{said}, where log p(x) itself is known to ± {self.truth.error:.1g}"
        return said

    def __repr__(self) -> str:
        known = f" ± {self.error:.2g}" if not np.isnan(self.error) else ", error unknown"
        said = [f"{self.method}: log p(x) = {self.value:.6f}{known}", self._distance(), *self.notes]
        return f"<{'; '.join(said)}>"

    def to_dict(self) -> dict[str, Any]:
        """As numbers and words, for JSON."""
        truth = self.truth
        return {
            "method": self.method,
            "value": self.value,
            "error": None if np.isnan(self.error) else self.error,
            "truth": None if truth is None else truth.value,
            "off": self.off,
            "khat": self.khat,
            "bound": self.bound,
            "route": self.route,
            "evaluations": self.evaluations,
            "seconds": self.seconds,
            "notes": list(self.notes),
        }

    def _repr_html_(self) -> str:
        rows = self.by_seed or (self,)
        shown = [{"log p(x)": e.value, "error": e.error, "off by": e.off} for e in rows]
        return tables.html(shown, caption=f"{self.method}, {self.route}", note=self.verdict)


def average(estimates: list[EvidenceEstimate], independent: bool) -> EvidenceEstimate:
    """Several seeds as one: the mean, whose error is that of a mean where they share no draws."""
    first, n = estimates[0], len(estimates)
    errors = np.array([e.error for e in estimates])
    one = float(np.sqrt((errors**2).mean()))
    khats = [e.khat for e in estimates if e.khat is not None]
    bounds = [e.bound for e in estimates if e.bound is not None]
    return EvidenceEstimate(
        first.model,
        float(np.mean([e.value for e in estimates])),
        one / np.sqrt(n) if independent else one,
        first.route,
        max(khats) if khats else None,
        sum(e.evaluations for e in estimates),
        sum(e.seconds for e in estimates),
        first.method,
        float(np.mean(bounds)) if bounds else None,
        tuple(dict.fromkeys(note for e in estimates for note in e.notes)),
        tuple(estimates),
    )
