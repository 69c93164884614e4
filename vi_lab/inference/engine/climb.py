"""Climbing a bound: when to stop, what rounding hides, Ctrl-C, and the q that is handed back.

A method of variational inference is here a generator of sweeps, each of which gives

    eta, t, bound      natural parameters and expected statistics of q by block, and the ELBO

for all restarts at once. How a sweep improves them is the method's own affair.

A sweep that leaves q where it is has arrived. How far it moved is the root of a Jeffreys divergence
(`distance`), which keeps its digits where the difference of two bounds has lost them. The bounds
are the check: they may not fall by more than rounding takes.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.user_models import read_shares
from vi_lab.errors import ConvergenceWarning, NumericalError
from vi_lab.families import Distribution, MultivariateNormal, NormalWishart
from vi_lab.inference.engine.centring import follow_centres
from vi_lab.inference.engine.replay import Sweeps
from vi_lab.model import (
    Model,
    Statistics,
    Values,
    elbo_terms,
    has_priors_apart,
)
from vi_lab.numerics.arithmetic import difference
from vi_lab.numerics.assignment import match_restarts
from vi_lab.numerics.positive_definite import lost_share
from vi_lab.numerics.rounding import EPS, disturb_log_joint, round_products
from vi_lab.numerics.wishart import lost_anywhere
from vi_lab.results import Cost, Factorised
from vi_lab.results.bound_digits import hidden_nats, sum_divergences
from vi_lab.results.centring import adopt_factors, tell_factors
from vi_lab.results.restarts import rank_restarts
from vi_lab.runtime.interrupts import CtrlC
from vi_lab.runtime.progress import progress

ROUNDINGS_ALLOWED = 30.0  # of its terms that a bound may lose in a sweep and be right
ROUNDINGS_HIDDEN = 4.0  # of its terms that a bound is taken to have lost
SUMMED = 2.0  # roundings of a divergence from a prior that it is taken to have lost
HIDDEN_NATS = 1e-6  # nats of a bound: distinct optima lie further apart
ROUNDED_SHARE = 1e-11  # of a bound that are taken for rounding, whatever its terms

State = tuple[dict[str, Any], Statistics]  # eta and t = E_q[t(z)], by block


class Climb:
    """One run of a method that climbs the ELBO from `restarts` starts at once.

    Attributes
    ----------
    restarts : int
    rng : Generator
    there : Model
        The model, or a copy whose statistics are about where q is: those of the last sweep.
    trace : list of array (restarts,)
        The bound after each sweep.
    since : int
        The first of them that is in the statistics of the last.
    gain : array (restarts,)
        Nats that the last sweep gained; inf where there is none to compare.
    lost : array (restarts,)
        Nats that rounding may have taken from the bound, where it has shown that it does.
    settled : bool array (restarts,)
        Where the last sweep gained no more than `tol`, or than rounding takes; in the end, and
        where q still moves, not where as many sweeps again might gain more than HIDDEN_NATS.
    """

    def __init__(
        self, model: Model, method: str, *, rng: Any, restarts: int, max_sweeps: int, tol: float
    ) -> None:
        self.model, self.there, self.method = model, model, method
        self.restarts = checks.integer("restarts", restarts, 1)
        self.max_sweeps = checks.integer("max_sweeps", max_sweeps, 1)
        self.tol = checks.non_negative("tol", tol)
        self._started, self._split = time.perf_counter(), has_priors_apart(model)
        numbers = sum(block.statistics_size for block in model.blocks.values())
        require_memory("restarts", f"{self.restarts} restarts", 4 * self.restarts * numbers)
        self.rng, self.seed = checks.generator(rng), checks.seed(rng)
        self.trace: list[np.ndarray] = []
        self.since = 0
        self.lost = np.zeros(self.restarts)
        self.settled = np.zeros(self.restarts, dtype=bool)

    def run(self, sweeps: Sweeps, values: Values) -> Factorised:
        """Sweeps from these block values until q stands still; the best restart's q.

        Ends early at `max_sweeps`, and at Ctrl-C after the sweep under way.
        """
        before: State | None = None
        still = False
        with CtrlC() as ctrl_c:
            counted = zip(
                progress(range(self.max_sweeps), self.method.lower(), self.max_sweeps),
                follow_centres(sweeps, self.model, values, (self.restarts,)),
                strict=False,
            )
            for _, (model, eta, t, bound) in ctrl_c.until_pressed(counted):
                if model is not self.there:  # what was before is in other statistics
                    self.there, before, self.since = model, None, len(self.trace)
                self.trace.append(bound)
                self._check_gain(before, (eta, t))
                # no gain is larger than the square of the distance, so while there is one
                # there is nothing to measure
                if before and self.settled.all():
                    moved = distance(model, before, (eta, t), (self.restarts,))
                    still = bool(moved.max() <= max(self.tol, EPS))
                    if still:
                        break
                before = eta, t
            hidden = self._round(eta, t, ROUNDINGS_HIDDEN) + 0.5 * EPS * np.abs(self.trace[-1])
            divergences = sum_divergences(self.there, eta, t, (self.restarts,))
            hidden = np.maximum(hidden, SUMMED * EPS * divergences)
            if not still:  # a share of a bound of a million nats is more than what is left to gain
                gains = (self.gain > hidden) & (self.gain * len(self.trace) > HIDDEN_NATS)
                self.settled &= ~gains | (self.gain <= self.tol)
            result = self._best(eta, t, still, ctrl_c.pressed)
        best = int(result.restarts.start[0])
        self._warn(best, self._hide(result, best, hidden[best]), ctrl_c.pressed)
        return result

    def _hide(self, q: Factorised, best: int, rounded: float) -> float:
        """Nats that rounding may hide of the bound: so much of its products, or what is lost of
        one with all the digits there are and how far that is from the loop's, if it is less."""
        apart = abs(float(q.elbo) - float(q.elbo_trace[-1][best]))
        if rounded > HIDDEN_NATS:
            rounded = min(rounded, hidden_nats(self.model, q, ROUNDINGS_HIDDEN) + apart)
        # means far out are handed back rounded
        return rounded if self.there is self.model else rounded + apart

    def _check_gain(self, before: State | None, after: State) -> None:
        """NumericalError where the bound fell by more than rounding takes.

        What falls in the bound of the loop is judged by one that keeps more digits.
        """
        self.gain = gain = self._gain(before)
        rounding = self._rounding()
        if before and (gain < -rounding).any():
            eta, t = after
            allowed = self._round(eta, t, ROUNDINGS_ALLOWED)
            log_joint = self.there.log_likelihood if self._split else self.there.log_joint
            shares = read_shares(self.there, t)
            allowed = allowed + disturb_log_joint(log_joint, t, shares, ROUNDINGS_ALLOWED)
            allowed = allowed + self._lost_in_inverses(eta, t)
            careful = [self._bound(state) for state in (before, after)]
            apart = [np.abs(difference(*two)) for two in zip(careful, self.trace[-2:], strict=True)]
            self.lost = np.maximum(self.lost, np.maximum(allowed, sum(apart)))
            gain, rounding = difference(careful[1], careful[0]), self._rounding()
        fallen = gain < -rounding
        if fallen.any():
            where = int(np.argmin(np.where(fallen, gain, np.inf)))
            raise NumericalError(
                f"the ELBO fell by {-gain[where]:.3g} nats in sweep {len(self.trace)} of restart "
                f"{where}, and rounding takes at most {rounding[where]:.1g}; coordinate ascent "
                "cannot lower it, so a conditional and the log joint disagree, and validate() "
                "names it"
            )
        self.settled = gain <= np.maximum(self.tol, rounding)

    def _bound(self, state: State) -> Any:
        """The bound of a q with all the digits there are, (restarts,)."""
        eta, t = state
        batch = (self.restarts,)
        return np.broadcast_to(sum(elbo_terms(self.there, eta, t, batch, careful=True)), batch)

    def _round(self, eta: dict[str, Any], t: Statistics, roundings: float) -> np.ndarray:
        """So many roundings of the terms of the bound, (restarts,)."""
        batch = (self.restarts,)
        found = round_products(self.there, t, eta, batch, roundings, self._split)
        return np.broadcast_to(found, batch)

    def _lost_in_inverses(self, eta: dict[str, Any], t: Statistics) -> Any:
        """What rounding takes where a covariance is the inverse of a nearly singular precision, and
        has fewer digits: a share of every product, (restarts,). And of a nearly singular W^-1."""
        total: Any = 0.0
        for name, block in self.there.blocks.items():
            if isinstance(block.family, NormalWishart):
                lost = lost_anywhere(*block.family.scale(eta[name]))
                total = total + block.sum_over_plates(lost, (self.restarts,))
            if isinstance(block.family, MultivariateNormal):
                precision = -2.0 * eta[name].outer
                share = lost_share(precision, np.linalg.slogdet(precision)[1])
                sizes = block.family.inner(*(map(np.abs, both) for both in (eta[name], t[name])))
                total = total + block.sum_over_plates(share * sizes, (self.restarts,))
        return total

    def _gain(self, before: State | None) -> np.ndarray:
        """The gain of the last sweep, (restarts,)."""
        if before is None:
            return np.full(self.restarts, np.inf)
        last, bound = self.trace[-2:]
        if np.isfinite(bound).all():
            return bound - last
        return np.where(np.isneginf(bound), 0.0, difference(bound, last))

    def _rounding(self) -> np.ndarray:
        """Nats that rounding may take from each restart: of the bound as it is, or where its terms
        cancel."""
        return np.maximum(ROUNDED_SHARE * (1.0 + np.abs(self.trace[-1])), self.lost)

    def _best(self, eta: dict[str, Any], t: Statistics, still: bool, pressed: bool) -> Factorised:
        """The factors of the best restart, with the record of the run."""
        best, trace = int(rank_restarts(self.trace[-1])[0]), np.array(self.trace)
        factors = {
            name: Distribution(block.family, eta[name]).take(
                (best,), (self.restarts, *block.plates)
            )
            for name, block in self.there.blocks.items()
        }
        if self.there is not self.model:
            factors, cost = tell_factors(self.model, adopt_factors(self.model, factors)[1])
            trace[-1] -= cost  # the last is that of the q handed back; the others as they rank
        evaluations = self.restarts * len(self.trace)
        return Factorised.fitted(
            self.model,
            factors,
            method=self.method,
            elbo_trace=trace,
            converged=bool(self.settled[best] and (still or self.lost[best] <= HIDDEN_NATS)),
            matching=_match(self.model, t, self.restarts, best),
            cost=Cost(evaluations, evaluations * len(self.model.blocks)),
            seconds=time.perf_counter() - self._started,
            interrupted=pressed,
            seed=self.seed,
        )

    def _warn(self, best: int, hidden: float, pressed: bool) -> None:
        """ConvergenceWarning where the best restart still gained, or rounding hides too much."""
        fallen = -np.diff(np.array(self.trace[self.since :])[:, best]).min(initial=0.0)
        hidden = max(hidden, fallen)
        warned = []
        if self.tol and not self.settled[best] and not pressed:
            found = "after one sweep there is no gain to judge by"
            if np.isfinite(self.gain[best]):
                found = f"sweep {len(self.trace)}, the last of max_sweeps, gained "
                found += f"{self.gain[best]:.2g} nats, more than tol={self.tol:g}"
            warned.append(f"{self.method} has not converged: {found}; raise max_sweeps")
        if hidden > HIDDEN_NATS:
            warned.append(
                f"rounding hides up to {hidden:.2g} nats of the ELBO: its terms are large "
                "and cancel, so that sweeps cannot be told apart below that; rescale the data and "
                "hyperparameters to magnitudes nearer 1"
            )
        for message in warned:
            # at the line that called the method: this, run, the method, its door
            warnings.warn(message, ConvergenceWarning, stacklevel=5)


def distance(model: Model, before: State, after: State, batch: tuple[int, ...]) -> np.ndarray:
    """How far apart two q are: the root of their Jeffreys divergence, (*batch,).

    KL[q||q'] + KL[q'||q] = <eta - eta', E[t] - E'[t]>. A product of two small differences keeps its
    digits where the difference of two bounds has lost them.
    """
    with np.errstate(invalid="ignore"):
        total = _sum_moves(model, before, after, batch, np.subtract)
    if np.isnan(total).any():  # -inf before and after (an impossible label) is no move
        total = _sum_moves(model, before, after, batch, difference)
    return np.sqrt(np.maximum(total, 0.0))


def _sum_moves(
    model: Model, before: State, after: State, batch: tuple[int, ...], subtract: Callable[..., Any]
) -> Any:
    """The sum over blocks, with natural parameters subtracted in this way."""
    total: Any = np.zeros(batch)
    for name, block in model.blocks.items():
        (old_eta, old_t), (new_eta, new_t) = ((eta[name], t[name]) for eta, t in (before, after))
        step = [subtract(a, b) for a, b in zip(new_eta, old_eta, strict=True)]
        change = [np.subtract(a, b) for a, b in zip(new_t, old_t, strict=True)]
        total = total + block.sum_over_plates(block.family.inner(step, change), batch)
    return total


def run_quietly(method: Callable[..., Any], model: Any, **settings: Any) -> Any:
    """What the method gives, with no ConvergenceWarning: for callers that look at `.converged`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return method(model, **settings)


def _match(model: Model, t: Statistics, restarts: int, best: int) -> Any:
    """A mixture's restarts matched up to a permutation of its components; None without these."""
    if "z" not in model.nominal or "z" in model.named_labels:
        return None
    block = model.blocks["z"]
    shape = (restarts, *block.plates, *block.family.stat_shapes[0])
    return match_restarts(np.broadcast_to(t["z"].indicator, shape), best)
