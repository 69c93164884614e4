"""The right formula as a sum of terms: several of them missing, turned or doubled at once.

log N(x; m, 1/t) = ½ log t - ½ log 2π - ½ t (x - m)² has three. Products are multiplied out, and
the logarithm of a product is a sum. What a wrong answer is off by is then sought as a sum of a few
terms, each times a multiple of one half: -1 times a term that is forgotten, -2 times one of the
wrong sign. A wrong answer of another kind meets none of these on six inputs.
"""

from __future__ import annotations

import ast
import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.teach.answers.calling import copied
from vi_lab.teach.answers.reading import Arrays
from vi_lab.teach.relations.cases import Case
from vi_lab.teach.relations.quantities import relate_quantities
from vi_lab.teach.relations.values import relate_values
from vi_lab.teach.slips.formulas import Unknown, formulas_of, run, value_of
from vi_lab.teach.slips.rewriting import quote

Term = tuple[ast.expr, Any]  # what is quoted, and what it adds
Signed = tuple[ast.expr, Any, float]  # and -1 where it is subtracted
MOST_CHANGED = 3  # terms at once, of whatever change
MOST_TERMS = 14  # of a formula of which every set is tried
WORDS = {
    -1.0: ("is missing", "are missing"),
    -2.0: ("has the wrong sign", "have the wrong sign"),
    1.0: ("stands twice", "stand twice"),
    -0.5: ("is halved", "are halved"),
}  # of one term and of several, by how often a term is added


@dataclass(frozen=True)
class Terms:
    """The terms of a part on every input, and what an answer is off by.

    Attributes
    ----------
    labels : list of str
        Each term as it is quoted.
    columns : array (terms, numbers)
        Its values, of all inputs one after another.
    signs : list of float
        -1 where a term is subtracted: its values are then minus what is quoted.
    off : array (numbers,)
        What came, less what is right.
    room : array (numbers,)
        What rounding may make of a sum of these terms.
    """

    labels: list[str]
    columns: np.ndarray
    signs: list[float]
    off: np.ndarray
    room: np.ndarray


def relate_terms(
    inputs: Sequence[tuple[Any, ...]],
    gots: Sequence[Arrays],
    wants: Sequence[Arrays],
    part: int,
    rtol: float,
    right: Callable[..., Any],
) -> str | None:
    """The sentence for a few terms that are missing, turned, doubled or halved; or None."""
    pairs = [(got[part], want[part]) for got, want in zip(gots, wants, strict=True)]
    terms = tabulate(inputs, pairs, part, rtol, right)
    if terms is None:
        return None
    changes = changed_terms(terms.columns, terms.off, terms.room)
    if changes is not None:
        return f"{'; '.join(in_words(terms.labels, changes))}."
    return relate_one_term(terms, inputs, pairs, rtol, list(inspect.signature(right).parameters))


def tabulate(
    inputs: Sequence[tuple[Any, ...]],
    pairs: Sequence[tuple[np.ndarray, np.ndarray]],
    part: int,
    rtol: float,
    right: Callable[..., Any],
) -> Terms | None:
    """The terms of a right function on every input, or None where it is no sum of them."""
    if any(a.shape != b.shape or not np.all(np.isfinite([a, b])) for a, b in pairs):
        return None
    try:
        tables = [list(terms_of(right, arguments, part)) for arguments in inputs]
    except (ArithmeticError, LookupError, OSError, TypeError, Unknown, ValueError):
        return None
    labels, signs = [quote(node) for node, _, _ in tables[0]], [sign for _, _, sign in tables[0]]
    if len(labels) < 2 or any(len(table) != len(labels) for table in tables):
        return None
    columns = np.array([
        np.concatenate([
            np.broadcast_to(table[k][1], want.shape).ravel()
            for table, (_, want) in zip(tables, pairs, strict=True)
        ])
        for k in range(len(labels))
    ])  # fmt: skip
    off = np.concatenate([(got - want).ravel() for got, want in pairs])
    size = np.concatenate([np.abs(want).ravel() for _, want in pairs])
    return Terms(labels, columns, signs, off, rtol * (size + np.abs(columns).sum(0)))


def relate_one_term(
    terms: Terms,
    inputs: Sequence[tuple[Any, ...]],
    pairs: Sequence[tuple[np.ndarray, np.ndarray]],
    rtol: float,
    names: Sequence[str],
) -> str | None:
    """The sentence for one term that was transformed, scaled or replaced, all others right."""
    ends = np.cumsum([want.size for _, want in pairs])[:-1]
    for label, column, sign in zip(terms.labels, terms.columns, terms.signs, strict=True):
        here = zip(np.split(column + terms.off, ends), np.split(column, ends), strict=True)
        cases = [
            Case(arguments, sign * got.reshape(want.shape), sign * term.reshape(want.shape))
            for arguments, (got, term), (_, want) in zip(inputs, here, pairs, strict=True)
        ]  # as they are quoted
        if sentence := relate_values(cases, rtol) or relate_quantities(cases, names, rtol):
            one = sentence.replace("Your numbers are", f"The term {label} is")
            return one.replace("the right ones", "what it should be")
    return None


def in_words(labels: Sequence[str], changes: Mapping[int, float]) -> Iterator[str]:
    """ "`a` and `b` are missing", for each kind of change."""
    for change, (one, several) in WORDS.items():
        *others, last = ["", *(labels[k] for k, c in changes.items() if c == change)]
        if others:
            listed = ", ".join(others[1:])
            yield f"{listed} and {last} {several}" if listed else f"{last} {one}"


def changed_terms(columns: np.ndarray, off: np.ndarray, room: Any) -> dict[int, float] | None:
    """The fewest terms, and how often each is added, that make up what the numbers are off by."""
    for count in range(1, min(MOST_CHANGED, len(columns), len(off) - 2) + 1):
        for chosen in itertools.combinations(range(len(columns)), count):
            part = columns[list(chosen)].T
            found = np.round(2 * np.linalg.lstsq(part, off)[0]) / 2
            if all(c in WORDS for c in found) and np.all(np.abs(part @ found - off) <= room):
                return dict(zip(chosen, map(float, found), strict=True))
    return alike_terms(columns, off, room)


def alike_terms(columns: np.ndarray, off: np.ndarray, room: Any) -> dict[int, float] | None:
    """The fewest terms, however many, that were all left out, or all turned, or None."""
    count = len(columns)
    if count > MOST_TERMS or len(off) < 5:
        return None
    chosen = np.arange(1, 2**count)[:, None] >> np.arange(count) & 1
    for change in WORDS:
        fits = np.flatnonzero(np.all(np.abs(off - change * chosen @ columns) <= room, axis=1))
        if fits.size:
            fewest = fits[np.argmin(chosen[fits].sum(axis=1))]
            return {int(k): change for k in np.flatnonzero(chosen[fewest])}
    return None


def terms_of(right: Callable[..., Any], arguments: tuple[Any, ...], part: int) -> Iterator[Signed]:
    """The terms of a part of what a right function returns, for these arguments."""
    tree = formulas_of(right)
    *before, last = tree.body
    names = dict(right.__globals__)
    names |= dict(zip((a.arg for a in tree.args.args), map(copied, arguments), strict=True))
    formulas: dict[str, ast.expr] = {}
    for statement in before:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            raise Unknown("more than formulas")
        formulas[statement.targets[0].id] = statement.value
    again = len(formulas) < len(before) or any(a.arg in formulas for a in tree.args.args)
    if again or not isinstance(last, ast.Return) or last.value is None:
        raise Unknown("more than formulas")
    run(before, names)
    returned = last.value
    if isinstance(returned, ast.Tuple):
        returned = returned.elts[part]
    for label, value in split(returned, names, formulas):
        quoted = np.sum(value_of(label, dict(names)))
        yield label, value, -1.0 if quoted * np.sum(value) < 0 else 1.0


def split(
    node: ast.expr, names: Mapping[str, Any], formulas: Mapping[str, ast.expr]
) -> Iterator[Term]:
    """The terms whose sum a formula is."""
    match node:
        case ast.Name(id=name) if name in formulas:
            yield from split(formulas[name], names, formulas)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            for label, value in split(inner, names, formulas):
                yield label, -value
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            yield from split(left, names, formulas)
            for label, value in split(right, names, formulas):
                yield label, value if isinstance(op, ast.Add) else -value
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            for (one, a), (other, b) in itertools.product(
                split(left, names, formulas), list(split(right, names, formulas))
            ):
                yield times(one, other), a * b
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            divisor = value_of(right, dict(names))
            for label, value in split(left, names, formulas):
                yield ast.BinOp(label, ast.Div(), right), value / divisor
        case ast.Call(args=[inner], keywords=[]) if ast.unparse(node.func) == "np.sum":
            shape = np.shape(value_of(inner, dict(names)))
            for label, value in split(inner, names, formulas):
                yield ast.Call(node.func, [label], []), np.sum(np.broadcast_to(value, shape))
        case ast.Call(args=[inner], keywords=[]) if ast.unparse(node.func) == "np.log":
            for sign, factor in factors(inner):
                yield (
                    ast.Call(node.func, [factor], []),
                    sign * np.log(value_of(factor, dict(names))),
                )
        case _:
            yield node, value_of(node, dict(names))


def times(one: ast.expr, other: ast.expr) -> ast.expr:
    """A product, without a 1 in it."""
    if isinstance(one, ast.Constant) and one.value == 1:
        return other
    if isinstance(other, ast.Constant) and other.value == 1:
        return one
    return ast.BinOp(one, ast.Mult(), other)


def factors(node: ast.expr) -> Iterator[tuple[int, ast.expr]]:
    """The factors of a product, with 1, and those of its divisor, with -1."""
    constant = all(n.id == "np" for n in ast.walk(node) if isinstance(n, ast.Name))
    match node:
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as op, right=right) if not constant:
            yield from factors(left)
            for sign, factor in factors(right):
                yield sign if isinstance(op, ast.Mult) else -sign, factor
        case _:
            yield 1, node
