"""One slip in the right formula: a sign, a factor, a root, a name in another's place.

The learner's numbers are held against those of the right function with one place changed. That
covers what a bank of named mistakes forgets, in whatever form the learner wrote it.
"""

from __future__ import annotations

import ast
import copy
import itertools
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from importlib import import_module
from typing import Any

import numpy as np

from vi_lab.teach.answers.calling import copied
from vi_lab.teach.answers.reading import Arrays, close, parts_of
from vi_lab.teach.exercise import Exercise
from vi_lab.teach.slips.formulas import Unknown, compute, formulas_of
from vi_lab.teach.slips.places import changes
from vi_lab.teach.slips.rewriting import quote

Slip = tuple[str, ast.FunctionDef]  # the sentence, and the changed function
Known = dict[ast.FunctionDef, Arrays | None]  # what each gives on one input


def relate_slips(
    right: Callable[..., Any],
    inputs: Sequence[tuple[Any, ...]],
    gots: Sequence[Arrays],
    part: int,
    rtol: float,
    known: Known | None = None,
) -> str | None:
    """The sentence for the one slip that gives this part of the answer on every input, or None.

    Parameters
    ----------
    right : callable
        The right function.
    inputs : sequence of tuple
    gots : sequence of tuple of arrays
        What the answer returned on each.
    part : int
        The part that is asked about.
    rtol : float
    known : dict, optional
        What each slip gives on the first input: filled here, for the next answer to these inputs.
    """
    wants = [np.asarray(got[part]) for got in gots]
    if not any(np.isfinite(want).any() for want in wants):
        return None  # many slips end in nan
    known = {} if known is None else known
    for sentence, tree in slips_of(right):
        if tree not in known:
            known[tree] = computed(tree, right, inputs[0])
        later = (computed(tree, right, arguments) for arguments in inputs[1:])
        given = itertools.chain([known[tree]], later)
        if all(fits(part, *pair, rtol) for pair in zip(given, wants, strict=True)):
            return sentence
    return None


def fits(part: int, given: Arrays | None, want: np.ndarray, rtol: float) -> bool:
    """Whether a part of what a changed function gives is what came."""
    return given is not None and part < len(given) and close(want, given[part], rtol)


def computed(
    tree: ast.FunctionDef, right: Callable[..., Any], arguments: tuple[Any, ...]
) -> Arrays | None:
    """What a changed function returns, in parts; None where it cannot be computed."""
    names = getattr(right, "__globals__", {})
    try:
        return parts_of(compute(tree, names, tuple(map(copied, arguments))))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return None  # nobody got numbers by this slip


def right_forms(exercise: Exercise) -> tuple[Callable[..., Any], ...]:
    """The right function of an exercise, and other forms of it in which slips are sought."""
    others = import_module("vi_lab.teach.lessons.forms.other_forms").FORMS
    return (exercise.right, *others.get(exercise.id, ()))


def explained(sentence: str, right: Callable[..., Any]) -> str:
    """The sentence, and what the names in it stand for that are not the learner's arguments."""
    quoted = " ".join([*re.findall("`(.+?)`", sentence), *re.findall("at one place .*", sentence)])
    named = set(re.findall(r"\b[A-Za-z_]\w*\b(?!…)", quoted))
    given = [f"`{name}` is {what}" for name, what in inner_names(right).items() if name in named]
    return f"{sentence.rstrip('.')} ({', '.join(given)})." if given else sentence


@cache
def inner_names(right: Callable[..., Any]) -> dict[str, str]:
    """The names that a function gives inside once and for all, each with its formula."""
    try:
        body = formulas_of(right).body
    except (OSError, TypeError, Unknown):
        return {}
    given = {}
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                given[name] = quote(value)
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                given |= dict(zip(map(ast.unparse, names), map(quote, values), strict=True))
    return given


@cache
def slips_of(right: Callable[..., Any]) -> tuple[Slip, ...]:
    """Every function with one slip in it; none where the source is not one that is computed."""
    try:
        tree = formulas_of(right)
    except (OSError, TypeError, Unknown):
        return ()
    arguments = [argument.arg for argument in tree.args.args]
    stored = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    inner = sorted(stored - set(arguments))
    constants = sorted({
        n.value
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, int | float)
    })  # fmt: skip
    return tuple(
        (sentence, whole(new))
        for node, whole in places(tree)
        if isinstance(node, ast.expr) and not isinstance(getattr(node, "ctx", None), ast.Store)
        for sentence, new in changes(node, arguments, inner, constants)
    )


def places(tree: ast.FunctionDef) -> Iterator[tuple[ast.AST, Callable[[ast.expr], Any]]]:
    """Every place in a tree, and what makes the whole tree with another formula there.

    A changed tree is new along the way to the place, and shared elsewhere.
    """
    todo: deque[tuple[ast.AST, Callable[[Any], Any]]] = deque([(tree, lambda new: new)])
    while todo:
        node, whole = todo.popleft()
        yield node, whole
        for field, value in ast.iter_fields(node):
            for i, part in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(part, ast.AST):
                    todo.append((part, partial(with_part, node, field, i, whole)))


def with_part(node: ast.AST, field: str, i: int, whole: Callable[[Any], Any], new: Any) -> Any:
    """The whole, with a part of one of its nodes replaced: the i-th, where there are several."""
    changed, value = copy.copy(node), getattr(node, field)
    several = isinstance(value, list)
    setattr(changed, field, [*value[:i], new, *value[i + 1 :]] if several else new)
    return whole(changed)
