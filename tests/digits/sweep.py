"""One input is driven from 1 to 1e16; every number and its stated error is held against mpmath.

A case is a model, the input that is driven, and two oracles at 60 digits that share no algebra with
vi_lab: the log evidence, and the ELBO of a q from its textbook parameters as they are stored. The
KL is their difference. For each value of the input

    right      each number lies within its stated error of the oracle
    honest     a stated error is at most 1e4 times the larger of the true error and one rounding of
               the largest term that the oracle sums
    told       CAVI warns that rounding hides something, or a NumericalError comes, only where one
               rounding of an input moves the true answer by more than 1e-6 nats (mpmath decides),
               or where the case excuses it with a reason. A bound is an answer about q: where the
               case has the best q at 60 digits, the numbers that tell this q are inputs of it
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from mpmath import mp

from vi_lab import NumericalError, cavi, ledger
from vi_lab.identity.bound import elbo_estimate
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.numerics.rounding import Estimate

DIGITS = 60
ROUNDING = 2.0**-53  # half a unit in the last place, as a share
VALUES = tuple(float(f"{value:.3g}") for value in np.geomspace(1, 1e16, 13))
THIN = (1e8, 1e16)  # of them; ordinary inputs are those of every other test
TOLD_FROM = 1e-6  # nats by which one rounding of an input moves an ill-conditioned answer
MOST_TIMES = 1e4  # a stated error over the true one, or over a rounding of the largest term
NAMES = ("log_evidence", "elbo", "kl")


@dataclass(frozen=True)
class Case:
    """A model with one input driven through `values`.

    Attributes
    ----------
    name : str
    model : callable
        Keyword arguments -> a model.
    inputs : callable
        A value -> those arguments. Floats are taken to be rounded, ints and booleans to be exact.
    log_evidence : callable or None
        The arguments, their numbers as arrays of mpf -> `Total`. None where the model has no exact
        posterior: then the ELBO alone is held.
    elbo : callable
        The arguments, and q's parameters by block and name, likewise -> `Total`.
    values : tuple of float
    conditioning : callable, optional
        As `log_evidence`: the number whose response to one rounding of an input decides, where the
        log evidence is a constant.
    best : callable, optional
        The arguments likewise -> the parameters, by block and name, of the q that has the highest
        bound.
    finer : bool
        Whether q holds means in more digits than its parameters tell, by distances from a centre:
        what the oracle, which is told these, cannot see is no more than the stated error.
    thin : tuple of float
        Of these values one is in every run; the rest are slow.
    excused : dict of value -> str
        Where a warning or error comes though the problem is well conditioned, and why.
    fit : callable, optional
        A model -> q, where it is not CAVI's.
    """

    name: str
    model: Callable[..., Any]
    inputs: Callable[[float], dict[str, Any]]
    log_evidence: Callable[[dict[str, Any]], "Total"] | None
    elbo: Callable[[dict[str, Any], dict[str, Any]], "Total"]
    values: tuple[float, ...] = VALUES
    conditioning: Callable[[dict[str, Any]], "Total"] | None = None
    best: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    finer: bool = False
    thin: tuple[float, ...] = THIN
    excused: dict[float, str] = field(default_factory=dict)
    fit: Callable[[Any], Any] | None = None


class Total:
    """The sum of some terms at full precision, and the size of the largest of them."""

    def __init__(self, *terms: Any) -> None:
        flat = [term for some in terms for term in np.ravel(np.asarray(some, dtype=object))]
        self.value = mp.fsum(flat)
        self.largest = max((abs(term) for term in flat), default=mp.mpf(0))

    @classmethod
    def log_sum_exp(cls, totals: list["Total"]) -> "Total":
        """log sum exp of some totals; the largest term is that of the largest total."""
        top = max(totals, key=lambda total: total.value)
        found = cls(top.value, mp.log(mp.fsum(mp.exp(t.value - top.value) for t in totals)))
        found.largest = max(found.largest, top.largest)
        return found


@dataclass(frozen=True)
class Outcome:
    """What came of one value: three numbers with their stated and true errors, or what was said."""

    said: str = ""  # the warning or error
    stated: dict[str, float] = field(default_factory=dict)
    true: dict[str, float] = field(default_factory=dict)
    rounding: dict[str, float] = field(default_factory=dict)  # of the largest term
    holds: bool | None = None
    hidden: float = 0.0  # nats between the bound of the last sweep and the true one


def excuse(cases: list[Case], why: dict[str, tuple[str, tuple[float, ...]]]) -> list[Case]:
    """The cases, some excused at some values: name -> (reason, values)."""
    assert set(why) <= {case.name for case in cases}
    reasons = {name: dict.fromkeys(values, reason) for name, (reason, values) in why.items()}
    return [replace(case, excused=reasons.get(case.name, {})) for case in cases]


def exactly(value: Any) -> Any:
    """The numbers in arguments or parameters as mpf, alone or in arrays; all else as it is."""
    if isinstance(value, dict):
        return {key: exactly(inside) for key, inside in value.items()}
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":  # no numbers, or mpf already
        return value
    found = np.array([mp.mpf(number) for number in array.ravel().tolist()], dtype=object)
    return found.reshape(array.shape) if array.ndim else found[0]


def each(function: Callable[[Any], Any]) -> Callable[..., Any]:
    """A function of mpmath applied to every number of an array."""
    return np.frompyfunc(function, 1, 1)


log, exp, loggamma, psi = (each(f) for f in (mp.log, mp.exp, mp.loggamma, mp.digamma))


def parameters_of(q: Any) -> dict[str, dict[str, Any]]:
    """q's textbook parameters by block and name, as doubles."""
    if isinstance(q, GaussianPosterior):
        return {"z": {"mean": q.mixture.means[0], "root": q.mixture.roots[0]}}
    return {
        block: {name: np.asarray(value) for name, value in factor.parameters.items()}
        for block, factor in q.q.items()
    }


def run(case: Case, value: float, max_sweeps: int = 300) -> Outcome:
    """The three numbers of a CAVI q at this value against the oracles."""
    inputs = case.inputs(value)
    with mp.workdps(DIGITS), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model = case.model(**inputs)
            q = (
                case.fit(model)
                if case.fit
                else cavi(model, rng=0, restarts=3, max_sweeps=max_sweeps)
            )
            numbers, holds = account_for(case, model, q)
        except NumericalError as error:
            return Outcome(f"NumericalError: {error}")
        said = "; ".join(str(w.message) for w in caught if "not converged" not in str(w.message))
        bound = case.elbo(exactly(inputs), exactly(parameters_of(q)))
        oracles = {"elbo": bound}
        if case.log_evidence is not None:
            evidence = case.log_evidence(exactly(inputs))
            oracles |= {"log_evidence": evidence, "kl": Total(evidence.value, -bound.value)}
            oracles["kl"].largest = max(evidence.largest, bound.largest)
        hidden = 0.0 if case.fit else float(abs(q.elbo_trace[-1].max() - bound.value))
        return Outcome(
            said,
            {name: float(numbers[name].error) for name in oracles},
            {name: float(abs(numbers[name].value - o.value)) for name, o in oracles.items()},
            {name: float(ROUNDING * o.largest) for name, o in oracles.items()},
            holds,
            hidden,
        )


def account_for(case: Case, model: Any, q: Any) -> tuple[dict[str, Estimate], bool | None]:
    """The numbers of q by name, and whether its ledger holds."""
    if case.log_evidence is None:
        return {"elbo": elbo_estimate(q, model)}, None
    account = ledger(model, q)
    numbers = {
        n: Estimate(getattr(account, n), account.errors[n], account.routes[n]) for n in NAMES
    }
    return numbers, account.holds


def disturbances(value: Any) -> Any:
    """The arguments, or parameters, with one float or mpf at a time moved by one rounding; in a
    symmetric matrix its mirror image too."""
    for key, inside in value.items():
        if isinstance(inside, dict):
            for moved in disturbances(inside):
                yield {**value, key: moved}
        elif np.asarray(inside).dtype.kind in "fO":
            for index in np.ndindex(np.shape(inside)):
                array = np.array(exactly(inside), dtype=object)
                mirrored = array.ndim == 2 and array.shape == array.T.shape
                mirrored = mirrored and bool((array == array.T).all())
                array[index] *= 1 + mp.mpf(ROUNDING)
                if mirrored:
                    array[index[::-1]] = array[index]
                yield {**value, key: array if array.ndim else array[()]}


def is_ill_conditioned(case: Case, value: float) -> bool:
    """Whether one rounding of one input moves the true log evidence by more than 1e-6 nats, or one
    of a parameter of the best q its bound."""
    inputs = case.inputs(value)
    with mp.workdps(DIGITS):
        number: Any = case.conditioning or case.log_evidence
        if moves(lambda given: number(exactly(given)), inputs):
            return True
        given = exactly(inputs)
        return case.best is not None and moves(lambda q: case.elbo(given, q), case.best(given))


def moves(number: Callable[[dict[str, Any]], "Total"], inputs: dict[str, Any]) -> bool:
    """Whether one rounding of one of these moves the number by more than 1e-6 nats."""
    still = number(inputs).value
    return any(abs(number(moved).value - still) > TOLD_FROM for moved in disturbances(inputs))


def faults(case: Case, value: float) -> list[str]:
    """What is wrong at this value, in words; nothing where all is as it should be."""
    outcome, found = run(case, value), []
    if outcome.said and value not in case.excused and not is_ill_conditioned(case, value):
        found.append(f"told though well conditioned: {outcome.said}")
    if value in case.excused and not outcome.said:
        found.append(f"excused for nothing: {case.excused[value]}")
    for name, true in outcome.true.items():
        stated, least = outcome.stated[name], outcome.rounding[name]
        if not true <= stated:
            found.append(f"{name} errs by {true:.3g}, stated {stated:.3g}")
        if not stated <= MOST_TIMES * max(true, least):
            found.append(f"{name} states {stated:.3g}, errs by {true:.3g}, rounding {least:.3g}")
    seen = outcome.stated.get("elbo", 0.0) if case.finer else 0.0
    if outcome.hidden > max(TOLD_FROM, seen) and not outcome.said:
        found.append(f"CAVI hid {outcome.hidden:.3g} nats")
    if outcome.holds is False:
        found.append("a right ledger does not hold")
    return found
