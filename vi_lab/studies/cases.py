"""Cases by name: a named problem, or data drawn from the prior predictive of its model.

"coal" is the problem; "coal@17" its model with draw 17 of the latents from the prior, and of data
given these, of the size of the real ones; "coal@0-99" a hundred of them. The draw hangs on the name
alone: every method, seed and process sees the same data.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from vi_lab.arguments import checks
from vi_lab.arguments.streams import spawn_stream
from vi_lab.errors import InputError, NotApplicable
from vi_lab.model_or_problem import as_model
from vi_lab.problems.named import list_problems, problem
from vi_lab.problems.problem import Problem

DRAWN = re.compile(r"(?P<name>[^@]+)@(?P<first>\d{1,9})(-(?P<last>\d{1,9}))?")
MOST_DRAWN = 1_000_000  # in a range


class Case(NamedTuple):
    """A problem, and for drawn data the latents by name that they were drawn with."""

    problem: Problem
    latents: Any = None


def list_cases(words: Sequence[str] | str, where: str = "problems") -> tuple[str, ...]:
    """The names of the cases that some words stand for, each once; InputError for an unknown one.

    Parameters
    ----------
    words : str or sequence of str
        "coal", "coal@17" or "coal@0-99".
    where : str
        What an error begins with.
    """
    found: list[str] = []
    for word in (words,) if isinstance(words, str) else checks.names(where, words):
        drawn = DRAWN.fullmatch(word)
        name = checks.one_of(where, drawn["name"] if drawn else word, list_problems())
        if drawn is None:
            found.append(name)
            continue
        first = int(drawn["first"])
        last = int(drawn["last"] or first)
        if not first <= last < first + MOST_DRAWN:
            needed = f"{where}: needs a range of 1 to {MOST_DRAWN:,} data sets"
            raise InputError(f"{needed} such as {name}@0-99, got {word!r}")
        found += [f"{name}@{number}" for number in range(first, last + 1)]
    return tuple(dict.fromkeys(found))


def is_drawn(name: str) -> bool:
    """Whether the data of a case were drawn, as of "coal@17", and not chosen."""
    return "@" in name


def group_of(name: str) -> str:
    """Under which name the cases of one model are summed up: "coal@" for all that were drawn."""
    case, drawn, _ = name.partition("@")
    return case + drawn


def base_of(name: str) -> str:
    """The named problem that a case is of: "coal" of "coal@17"."""
    return name.partition("@")[0]


@functools.lru_cache(maxsize=4)  # methods and seeds of one case follow one another
def find_case(name: str) -> Case:
    """The case of a name; NotApplicable where the model has no prior to draw data from."""
    base, _, number = name.partition("@")
    item = problem(base)
    if not number:
        return Case(item)
    model: Any = as_model(item)
    rng = spawn_stream(int(number), base, "prior predictive")
    latents = model.sample_latents(rng)
    try:
        drawn = model.sample_data(rng, latents)
    except NotImplementedError as error:
        raise NotApplicable(f"{base}: its model draws no data; {error}") from None
    data = f"draw {number} of the prior predictive"
    return Case(replace(item, name=name, model=drawn, data=data, held_out=None), latents)
