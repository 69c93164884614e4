"""A joint distribution of parameters and data as three plain functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.public import public, short_repr
from vi_lab.errors import (
    InputError,
    InputTypeError,
    NumericalError,
    ViLabError,
    error_text,
    refuse_if,
)
from vi_lab.testing import limits

Run = Callable[[np.random.Generator, Any, Any, int], Iterable[Any]]


def function(name: str, value: Any) -> Any:
    """A function, or InputTypeError that names the argument."""
    checks.require(callable(value), f"{name}: needs a function", value)
    return value


def ask(name: str, run: Callable[..., Any], *arguments: Any) -> Any:
    """What a user's function answers; where it raises, an error that names it, with that cause."""
    try:
        return run(*arguments)
    except ViLabError:
        raise
    except Exception as error:
        came = f"{name}: raised {type(error).__name__}: {error_text(error)}"
        if isinstance(error, ArithmeticError | np.linalg.LinAlgError):
            raise NumericalError(came) from error
        raise InputError(came) from error


@dataclass(frozen=True)
class Joint:
    """theta from the prior, data given theta, and what to look at: one replicate at a time.

    theta and data may be any objects: they are only handed on, and never written to.

    Attributes
    ----------
    prior : callable
        (rng) -> theta, a draw from the prior.
    simulate : callable
        (rng, theta) -> data, a draw from the model.
    quantities : callable
        (states, data) -> mapping of a name to an array (len(states),), where `states` is a list of
        thetas. Parameters, the log likelihood, something that ties theta to the data: the test
        sees nothing else.
    """

    prior: Callable[[np.random.Generator], Any]
    simulate: Callable[[np.random.Generator, Any], Any]
    quantities: Callable[[Sequence[Any], Any], Mapping[str, Any]]

    def __post_init__(self) -> None:
        for name in ("prior", "simulate", "quantities"):
            function(name, getattr(self, name))

    def draw(self, rng: np.random.Generator) -> tuple[Any, Any]:
        """theta and data."""
        theta = ask("prior", self.prior, rng)
        return theta, ask("simulate", self.simulate, rng, theta)

    def look(self, states: Sequence[Any], data: Any) -> dict[str, np.ndarray]:
        """The quantities of the states, checked: name -> (len(states),)."""
        found = ask("quantities", self.quantities, states, data)
        if not isinstance(found, Mapping) or not found:
            raise InputTypeError(
                f"quantities: needs a mapping of names to arrays, got {short_repr(found)}"
            )
        looked = {}
        for name, value in found.items():
            array = checks.numbers(f"quantities: {name!r}", value).astype(np.float64)
            if array.shape != (len(states),):
                raise InputError(
                    f"quantities: {name!r} needs shape ({len(states)},), a number for each state, "
                    f"got {array.shape}"
                )
            refuse_if(np.isnan(array).any(), f"quantities: {name!r} is nan", NumericalError)
            looked[name] = array
        return looked


Joint.__init__ = public(Joint.__init__)  # type: ignore[method-assign]


def open_test(
    joint: Any, replicates: Any, alpha: Any, rng: Any, samples: int = 1, **functions: Any
) -> tuple[int, float, np.random.Generator]:
    """What every test of so many replicates is handed, checked: their number, alpha, randomness.

    `samples` of them are judged, one against the uniform distribution or two against each other;
    0 where nothing is.
    """
    checks.require(isinstance(joint, Joint), "joint: needs a Joint", joint)
    for name, value in functions.items():
        function(name, value)
    replicates = checks.integer("replicates", replicates, 1)
    require_memory("replicates", "the numbers of every replicate", 8 * replicates)
    alpha = limits.rate(alpha)
    if samples:
        limits.require_power(replicates, alpha, samples=samples)
    return replicates, alpha, checks.generator(rng)


def repeated(step: Callable[[np.random.Generator, Any, Any], Any]) -> Run:
    """A path, (rng, theta, data, steps) -> states, out of one step, (rng, theta, data) -> theta."""
    function("step", step)

    def run(rng: np.random.Generator, theta: Any, data: Any, steps: int) -> Iterator[Any]:
        for _ in range(steps):
            theta = step(rng, theta, data)
            yield theta

    return run


def walk(
    run: Run, rng: np.random.Generator, theta: Any, data: Any, steps: int, name: str = "run"
) -> list[Any]:
    """The next `steps` states of a path; InputError where it has more or fewer."""
    states = ask(name, lambda: list(run(rng, theta, data, steps))) if steps else []
    refuse_if(len(states) != steps, f"{name}: was asked for {steps} states and gave {len(states)}")
    return states


class Columns:
    """Reals of every replicate, by name; replicates must all speak of the same quantities."""

    def __init__(self) -> None:
        self._lists: defaultdict[str, list[Any]] = defaultdict(list)

    def add(self, name: str, value: Any) -> None:
        self._lists[name].append(value)

    def arrays(self, replicates: int) -> dict[str, np.ndarray]:
        for name, values in self._lists.items():
            if len(values) != replicates:
                raise InputError(f"quantities: {name!r} is not there for every data set")
        return {name: np.array(values) for name, values in self._lists.items()}
