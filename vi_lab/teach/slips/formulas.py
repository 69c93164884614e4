"""A right function as a tree of its formulas, to be computed also when one place in it is changed.

Only what the solutions are written in is known: assignments, formulas, calls, loops and branches.
Nothing but source of the package is computed here.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import operator
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class Unknown(ValueError):
    """The source holds something that is not computed here."""


def formulas_of(function: Callable[..., Any]) -> ast.FunctionDef:
    """The tree of a function, without its docstring."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if not isinstance(tree, ast.FunctionDef):
        raise Unknown("no function")
    if ast.get_docstring(tree) is not None:
        tree.body = tree.body[1:]
    return tree


def compute(tree: ast.FunctionDef, known: Mapping[str, Any], arguments: tuple[Any, ...]) -> Any:
    """What the function of a tree returns; `known` are the names of its module."""
    names = dict(known)
    names |= dict(zip((a.arg for a in tree.args.args), arguments, strict=True))
    returned = run(tree.body, names)
    return None if returned is None else returned[0]


def run(statements: list[ast.stmt], names: dict[str, Any]) -> tuple[Any] | None:
    """Run statements one after another; what was returned, in a tuple, or None."""
    for statement in statements:
        match statement:
            case ast.Return(value=ast.expr() as value):
                return (value_of(value, names),)
            case ast.Assign(targets=[target], value=value):
                assign(target, value_of(value, names), names)
            case ast.AugAssign(target=target, op=op, value=value):
                old = value_of(ast.parse(ast.unparse(target), mode="eval").body, names)
                assign(target, OPERATORS[type(op)](old, value_of(value, names)), names)
            case ast.If(test=test, body=body, orelse=other):
                if (returned := run(body if value_of(test, names) else other, names)) is not None:
                    return returned
            case ast.For(target=target, iter=iterated, body=body):
                for item in value_of(iterated, names):
                    assign(target, item, names)
                    if (returned := run(body, names)) is not None:
                        return returned
            case ast.Expr(value=value):
                value_of(value, names)
            case _:
                raise Unknown(ast.unparse(statement))
    return None


def assign(target: ast.expr, value: Any, names: dict[str, Any]) -> None:
    """Give a value to a name, to several, or to a place in an array."""
    match target:
        case ast.Name(id=name):
            names[name] = value
        case ast.Tuple(elts=targets):
            for part, given in zip(targets, value, strict=True):
                assign(part, given, names)
        case ast.Subscript(value=array, slice=place):
            value_of(array, names)[value_of(place, names)] = value
        case _:
            raise Unknown(ast.unparse(target))


def value_of(node: ast.expr | None, names: dict[str, Any]) -> Any:
    """The value of a formula."""
    match node:
        case None:
            return None
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return names[name] if name in names else getattr(builtins, name)
        case ast.Attribute(value=owner, attr=name):
            return getattr(value_of(owner, names), name)
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](value_of(left, names), value_of(right, names))
        case ast.UnaryOp(op=op, operand=operand):
            return OPERATORS[type(op)](value_of(operand, names))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return OPERATORS[type(op)](value_of(left, names), value_of(right, names))
        case ast.BoolOp(op=op, values=tests):
            decided = (
                value
                for test in tests
                if bool(value := value_of(test, names)) != isinstance(op, ast.And)
            )
            return next(decided, isinstance(op, ast.And))
        case ast.Call(func=function, args=given, keywords=named):
            keywords = {k.arg: value_of(k.value, names) for k in named if k.arg is not None}
            return value_of(function, names)(*[value_of(a, names) for a in given], **keywords)
        case ast.Subscript(value=array, slice=place):
            return value_of(array, names)[value_of(place, names)]
        case ast.Slice(lower=low, upper=high, step=step):
            return slice(value_of(low, names), value_of(high, names), value_of(step, names))
        case ast.Tuple(elts=parts):
            return tuple(value_of(part, names) for part in parts)
        case ast.List(elts=parts):
            return [value_of(part, names) for part in parts]
        case ast.IfExp(test=test, body=yes, orelse=no):
            return value_of(yes if value_of(test, names) else no, names)
        case (
            ast.ListComp(elt=item, generators=[one]) | ast.GeneratorExp(elt=item, generators=[one])
        ):
            return list(items(item, one, names))
    raise Unknown(ast.unparse(node))


def items(item: ast.expr, over: ast.comprehension, names: dict[str, Any]) -> Any:
    """The items of a comprehension with one `for`."""
    inside = dict(names)
    for element in value_of(over.iter, names):
        assign(over.target, element, inside)
        if all(value_of(test, inside) for test in over.ifs):
            yield value_of(item, inside)
