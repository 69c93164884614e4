"""The named problems by name, and problems from whatever was handed in."""

from __future__ import annotations

import inspect
from collections import Counter
from dataclasses import replace
from typing import Any

from vi_lab.arguments import checks
from vi_lab.arguments.public import public, short_repr, suggestion
from vi_lab.errors import InputTypeError
from vi_lab.model_or_problem import NAMED, as_model
from vi_lab.problems import decoder, discrete, hidden, simple, spine, structured
from vi_lab.problems.problem import Problem

GROUPS = (spine, simple, hidden, structured, discrete, decoder)
# _old_faithful builds "old-faithful"
BUILDERS = {
    build.__name__[1:].replace("_", "-"): build for group in GROUPS for build in group.PROBLEMS
}
NAMED.update(BUILDERS)


@public
def list_problems() -> tuple[str, ...]:
    """The names of the problems, in the order of the lessons."""
    return tuple(BUILDERS)


@public
def problem(name: str, **variant: Any) -> Problem:
    """A named problem.

    Parameters
    ----------
    name : str
        One of `list_problems()`.
    **variant
        A parameter the problem may be varied in, e.g. problem("correlated", rho=0.99).
    """
    build = BUILDERS[checks.one_of("problem", name, BUILDERS)]
    takes = tuple(inspect.signature(build).parameters)
    for key in variant:
        if key not in takes:
            hint = suggestion(key, takes) if takes else "; it comes in one variant alone"
            raise InputTypeError(f"problem {name!r} has no argument {short_repr(key)}{hint}")
    return build(**variant)


def as_problem(item: Any) -> Problem:
    """A Problem from a name, a Problem or a model of one's own."""
    if isinstance(item, Problem):
        return item
    if isinstance(item, str):
        return problem(item)
    as_model(item)
    return Problem(type(item).__name__, story="", data="", n=0, model=item)


def as_problems(items: Any) -> list[Problem]:
    """One or several problems, by name or as such; all named problems for None."""
    if items is None:
        items = list_problems()
    if isinstance(items, (list, tuple)):
        if not items:
            raise InputTypeError("problem: needs at least one problem, got an empty list")
        return _number_repeated([as_problem(item) for item in items])
    return [as_problem(items)]


def _number_repeated(problems: list[Problem]) -> list[Problem]:
    """The problems with a number behind a name that came before: rows are known by their names."""
    seen: Counter[str] = Counter()
    numbered = []
    for item in problems:
        seen[item.name] += 1
        times = seen[item.name]
        numbered.append(item if times == 1 else replace(item, name=f"{item.name} {times}"))
    return numbered


@public
def sweep(item: Any) -> list[Problem]:
    """The variants of a problem along its own sweep, e.g. correlations from 0 to 0.99."""
    base = as_problem(item)
    if base.sweep is None:
        raise checks.InputError(f"problem: {base.name!r} has no sweep")
    parameter, values = base.sweep
    return [problem(base.name.split()[0], **{parameter: value}) for value in values]
