"""The named problems by name, and problems from whatever was handed in."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.errors import InputError, InputTypeError, refuse_if
from vi_lab.model_or_problem import NAMED, ModelLike, NamedModel, as_model, is_model
from vi_lab.problems import decoder, discrete, hidden, simple, spine, structured
from vi_lab.problems.names import write_value
from vi_lab.problems.problem import Problem, refuse_unknown

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
def problem(name: str, **variant: Any) -> Problem[NamedModel]:
    """A named problem.

    Parameters
    ----------
    name : str
        One of `list_problems()`.
    **variant
        A parameter the problem may be varied in, e.g. problem("correlated", rho=0.99), or a
        hyperparameter of its model, e.g. problem("coal", a=(3, 3)), which the model checks.
    """
    build = BUILDERS[checks.one_of("problem", name, BUILDERS)]
    own = tuple(inspect.signature(build).parameters)
    base = build(**{key: value for key, value in variant.items() if key in own})
    refuse_unknown(name, variant, tuple(dict.fromkeys([*own, *base.settable])))
    others = {key: value for key, value in variant.items() if key not in own}
    if len(others) < len(variant):
        _refuse_clash(name, build(), base, others)
    return replace(base.change(**others), variant=variant)


def _refuse_clash(name: str, default: Problem, base: Problem, others: Mapping[str, Any]) -> None:
    """InputError where a hyperparameter is given beside a parameter that it follows from."""
    for key in others:
        texts = [write_value(item.arguments.get(key)) for item in (default, base)]
        if texts[0] != texts[1]:
            needed = f"problem {name!r}: needs {key} or what it follows from, got both"
            raise InputError(f"{needed} ({base.name})")


def as_problem(item: ModelLike) -> Problem:
    """A Problem from a name, a Problem or a model of one's own."""
    if isinstance(item, Problem):
        return item
    if isinstance(item, str):
        return problem(item)
    as_model(item)
    return Problem(type(item).__name__, story="", data="", n=0, model=item)


def as_problems(items: Any) -> list[Problem]:
    """One or several problems, by name or as such; all named problems for None.

    A dict gives each the name it is to have: {"flat": model, "tight": another}.
    """
    if items is None:
        items = list_problems()
    if isinstance(items, Mapping):
        refuse_if(not items, "problem: needs at least one problem, got an empty dict")
        names = checks.names("problem", items)
        return [replace(as_problem(items[name]), name=name) for name in names]
    if isinstance(items, (list, tuple)):
        if not items:
            raise InputTypeError("problem: needs at least one problem, got an empty list")
        return _number_repeated([as_problem(item) for item in items])
    # what can be walked through, and is none itself: a generator, a set, an array of names
    several = isinstance(items, Iterable) and not isinstance(items, str) and not is_model(items)
    checks.require(not several, "problem: needs one problem, or a list of them", items)
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
def sweep(item: ModelLike) -> list[Problem]:
    """The variants of a problem along its own sweep, e.g. correlations from 0 to 0.99."""
    base = as_problem(item)
    if base.sweep is None:
        raise checks.InputError(f"problem: {base.name!r} has no sweep")
    parameter, values = base.sweep
    return [problem(base.name.split()[0], **{**base.variant, parameter: value}) for value in values]
