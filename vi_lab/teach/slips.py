"""One slip in the right formula: a sign, a factor, a root, a name in another's place.

The learner's numbers are held against those of the right function with one place changed. That
covers what a bank of named mistakes forgets, in whatever form the learner wrote it.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from vi_lab.teach.calling import copied
from vi_lab.teach.formulas import Unknown, compute, formulas_of
from vi_lab.teach.reading import Arrays, close, parts_of

Slip = tuple[str, ast.FunctionDef]  # the sentence, and the changed function
LONG = 36  # characters of a formula that is quoted

FLIPPED: dict[type[ast.operator], ast.operator] = {
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.Mult: ast.Div(),
    ast.Div: ast.Mult(),
}
COMPARED: dict[type[ast.cmpop], ast.cmpop] = {
    ast.Lt: ast.Gt(),
    ast.Gt: ast.Lt(),
    ast.LtE: ast.GtE(),
    ast.GtE: ast.LtE(),
}
OTHERS = {
    "np.sum": ("np.mean", "np.prod", "np.max"),
    "np.mean": ("np.sum", "np.median"),
    "np.log": ("np.log2", "np.log10", "np.log1p", "np.exp"),
    "np.exp": ("np.log", "np.sqrt", "np.expm1"),
    "np.sqrt": ("np.square",),
    "np.var": ("np.std",),
    "np.std": ("np.var",),
    "np.max": ("np.min", "np.mean"),
    "np.min": ("np.max",),
    "np.tanh": ("np.sinh", "np.arctanh"),
    "np.cumsum": ("np.sum",),
    "np.maximum": ("np.minimum",),
    "np.minimum": ("np.maximum",),
    "np.logaddexp": ("np.maximum", "np.add"),
    "digamma": ("np.log", "gammaln"),
    "gammaln": ("digamma", "np.log"),
}  # functions that are taken for one another
SHAPING = ("np.sum", "np.mean", "np.concatenate", "np.array", "len", "np.arange", "range")


def relate_slips(
    right: Callable[..., Any],
    inputs: Sequence[tuple[Any, ...]],
    gots: Sequence[Arrays],
    part: int,
    rtol: float,
) -> str | None:
    """The sentence for the one slip that gives this part of the answer on every input, or None."""
    wants = [np.asarray(got[part]) for got in gots]
    if not any(np.isfinite(want).any() for want in wants):
        return None  # many slips end in nan
    for sentence, tree in slips_of(right):
        if gives(tree, right, inputs, wants, part, rtol):
            return sentence
    return None


def gives(
    tree: ast.FunctionDef,
    right: Callable[..., Any],
    inputs: Sequence[tuple[Any, ...]],
    wants: Sequence[np.ndarray],
    part: int,
    rtol: float,
) -> bool:
    """Whether a changed function gives these numbers on every input."""
    try:
        return all(
            close(want, computed(tree, right, arguments)[part], rtol)
            for want, arguments in zip(wants, inputs, strict=True)
        )
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return False  # this slip cannot be computed: nobody got numbers by it


def computed(
    tree: ast.FunctionDef, right: Callable[..., Any], arguments: tuple[Any, ...]
) -> Arrays:
    """What a changed function returns, in parts."""
    known = getattr(right, "__globals__", {})
    return parts_of(compute(tree, known, tuple(map(copied, arguments))))


@cache
def slips_of(right: Callable[..., Any]) -> tuple[Slip, ...]:
    """Every function with one slip in it; none where the source is not one that is computed."""
    try:
        tree = formulas_of(right)
    except (OSError, TypeError, Unknown):
        return ()
    arguments = [argument.arg for argument in tree.args.args]
    return tuple(
        (sentence, replaced(tree, node, new))
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and not isinstance(getattr(node, "ctx", None), ast.Store)
        for sentence, new in changes(node, arguments)
    )


def replaced(tree: Any, old: ast.expr, new: ast.expr) -> Any:
    """The tree with a node replaced: new along the way to it, shared elsewhere."""
    if tree is old:
        return new
    for field, value in ast.iter_fields(tree):
        inside = value if isinstance(value, list) else [value]
        parts = [replaced(p, old, new) if isinstance(p, ast.AST) else p for p in inside]
        if any(a is not b for a, b in zip(parts, inside, strict=True)):
            changed = copy.copy(tree)
            setattr(changed, field, parts if isinstance(value, list) else parts[0])
            return changed
    return tree


def changes(node: ast.expr, arguments: Sequence[str]) -> Iterator[tuple[str, ast.expr]]:
    """What a slip makes of a formula, and the sentence for it."""
    match node:
        case ast.BinOp():
            yield from of_operation(node)
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            for other in (1, 2 * value, value / 2, -value, value + 1, value - 1, 0, value**2):
                if other != value:
                    yield f"{other:g} stands where {value:g} belongs.", ast.Constant(other)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield f"The minus in front of {quote(operand)} is missing.", operand
        case ast.Call():
            yield from of_call(node)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARED:
            sentence = f"The comparison of {quote(left)} and {quote(right)} is the wrong way round."
            yield sentence, ast.Compare(left, [COMPARED[type(op)]], [right])
        case ast.Attribute(value=value, attr="T"):
            yield f"{quote(value)} is not transposed.", value
        case ast.Name(id=name) if name in arguments:
            yield from of_argument(node, arguments)
        case ast.IfExp(body=yes, orelse=no):
            yield f"{quote(yes)} comes back always, also where it should not.", yes
            yield f"{quote(no)} comes back always, also where it should not.", no


def of_operation(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    """Slips in a sum, a product, a power."""
    left, right = node.left, node.right
    if isinstance(node.op, ast.Add | ast.Sub):
        yield f"The sign of {quote(right)}.", ast.BinOp(left, FLIPPED[type(node.op)], right)
    elif isinstance(node.op, ast.Mult):
        yield f"{quote(right)} divides; it should multiply.", ast.BinOp(left, ast.Div(), right)
        yield f"{quote(left)} divides; it should multiply.", ast.BinOp(right, ast.Div(), left)
        yield (
            f"{quote(left)} and {quote(right)} are added; they should be multiplied.",
            ast.BinOp(left, ast.Add(), right),
        )
    elif isinstance(node.op, ast.Div):
        yield f"{quote(right)} multiplies; it should divide.", ast.BinOp(left, ast.Mult(), right)
    if isinstance(node.op, ast.Pow):
        yield f"{quote(left)} is not raised to the power {quote(right)}.", left
        return
    yield f"{quote(right)} is missing.", left
    if isinstance(node.op, ast.Add | ast.Mult | ast.MatMult):
        yield f"{quote(left)} is missing.", right
    elif isinstance(node.op, ast.Sub):
        yield f"{quote(left)} is missing.", ast.UnaryOp(ast.USub(), right)
    elif isinstance(node.op, ast.Div):
        yield f"{quote(left)} is missing.", ast.BinOp(ast.Constant(1), ast.Div(), right)
    if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult):
        yield f"{quote(left)} and {quote(right)} changed places.", ast.BinOp(right, node.op, left)


def of_call(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """Slips in a call: left out, another function, other arguments."""
    name = ast.unparse(node.func)
    for other in OTHERS.get(name, ()):
        function = ast.parse(other, mode="eval").body
        yield f"{other} stands where {name} belongs.", ast.Call(function, node.args, node.keywords)
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("sum", "mean"):
        other = "mean" if node.func.attr == "sum" else "sum"
        function = ast.Attribute(node.func.value, other, ast.Load())
        yield (
            f"A {other} stands where a {node.func.attr} belongs.",
            ast.Call(function, node.args, node.keywords),
        )
    yield from of_sum(node, name)
    if len(node.args) == 1 and name not in SHAPING:
        yield f"{name} of {quote(node.args[0])} is missing.", node.args[0]
        yield f"{name} of {quote(node.args[0])} is taken twice.", ast.Call(node.func, [node], [])
    if len(node.args) == 2 and not node.keywords:
        yield (
            f"The two arguments of {name} changed places.",
            ast.Call(node.func, node.args[::-1], []),
        )
    for i, keyword in enumerate(node.keywords):
        fewer = node.keywords[:i] + node.keywords[i + 1 :]
        yield f"{keyword.arg}= is missing in {name}.", ast.Call(node.func, node.args, fewer)


def of_sum(node: ast.Call, name: str) -> Iterator[tuple[str, ast.expr]]:
    """Slips in a sum: left out, taken before a square, or after a logarithm."""
    if name == "np.sum":
        inside = node.args[0]
        yield f"The sum over {quote(inside)} is missing.", inside
        if isinstance(inside, ast.BinOp) and isinstance(inside.op, ast.Pow):
            total = ast.Call(node.func, [inside.left], node.keywords)
            power = f"raised to the power {quote(inside.right)}"
            yield (
                f"The sum of {quote(inside.left)} is {power}: raise each, then sum.",
                ast.BinOp(total, inside.op, inside.right),
            )
    elif name in ("np.log", "np.exp", "np.sqrt"):
        match node.args:
            case [ast.Call(func=ast.Attribute(attr="sum") as add, args=[term, *_], keywords=axis)]:
                yield (
                    f"{name} of each term was summed; it is taken of the sum.",
                    ast.Call(add, [ast.Call(node.func, [term], [])], axis),
                )


def of_argument(node: ast.Name, arguments: Sequence[str]) -> Iterator[tuple[str, ast.expr]]:
    """Slips at one of the places where an argument stands."""
    name = node.id
    for other in arguments:
        if other != name:
            yield f"At one place {other} stands where {name} belongs.", ast.Name(other, ast.Load())
    for form in ("{}**2", "np.sqrt({})", "1 / {}", "-{}", "1 - {}", "{} + 1", "{} - 1",
                 "np.exp({})", "np.log({})", "np.mean({})", "np.abs({})", "{}[::-1]",
                 "2 * {}", "{} / 2", "{}.T", "1", "0"):  # fmt: skip
        said = form.format(name)
        yield f"At one place {said} stands where {name} belongs.", ast.parse(said, mode="eval").body


def quote(node: ast.expr) -> str:
    """A formula in backticks, cut where it is long."""
    text = ast.unparse(node)
    return f"`{text}`" if len(text) <= LONG else f"`{text[: LONG - 1]}…`"
