"""The slips that may be made at one place of a formula, each with the sentence that names it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TypeGuard

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
PRODUCTS: dict[type[ast.operator], list[tuple[ast.operator, str, str]]] = {
    ast.Add: [(ast.Mult(), "multiplied", "added")],
    ast.Sub: [(ast.Div(), "divided", "subtracted"), (ast.Mult(), "multiplied", "subtracted")],
}
OTHERS = {
    "np.sum": ("np.mean", "np.prod", "np.max", "np.linalg.norm", "np.ptp"),
    "np.mean": ("np.sum", "np.median"),
    "np.log": (
        "np.log2",
        "np.log10",
        "np.log1p",
        "np.exp",
        "np.sqrt",
        "np.square",
        "np.reciprocal",
        "np.negative",
    ),
    "np.exp": ("np.log", "np.sqrt", "np.square", "np.expm1", "np.exp2"),
    "np.sqrt": ("np.square", "np.log", "np.exp"),
    "np.var": ("np.std",),
    "np.std": ("np.var",),
    "np.max": ("np.min", "np.mean"),
    "np.min": ("np.max",),
    "np.tanh": ("np.sinh", "np.arctanh"),
    "np.cumsum": ("np.sum",),
    "np.maximum": ("np.minimum",),
    "np.minimum": ("np.maximum",),
    "np.logaddexp": ("np.maximum", "np.add"),
    "digamma": ("np.log", "gammaln", "np.reciprocal"),
    "gammaln": ("digamma", "np.log"),
    "np.cosh": ("np.sinh", "np.tanh"),
    "np.linalg.solve": ("np.matmul",),
    "np.arange": ("np.ones",),
}  # functions that are taken for one another
CHANGED = (
    "{}**2", "np.sqrt({})", "1 / {}", "-{}", "1 - {}", "({} + 1)", "({} - 1)", "np.exp({})",
    "np.log({})", "np.mean({})", "2 * {}", "{} / 2", "1", "0",
)  # fmt: skip  # what a name is taken for
OF_ARGUMENTS = (
    "{}[:1]", "{}[-1:]", "{}[1:]", "{}[:-1]", "np.abs({})", "{}[::-1]", "{}.T", "1 / {}**2",
    "1 / np.sqrt({})", "np.sum({})", "np.max({})", "np.linalg.inv({})",
)  # fmt: skip  # and an argument besides
WITH_ANOTHER = ("{1}", "({0} + {1})", "({1} - {0})", "{0} * {1}", "{0} / {1}")
LAST_LEFT_OUT = ast.Slice(None, ast.UnaryOp(ast.USub(), ast.Constant(1)))
SHAPING = ("np.sum", "np.mean", "np.concatenate", "np.array", "len", "np.arange", "range")


def changes(
    node: ast.expr,
    arguments: Sequence[str],
    inner: Sequence[str] = (),
    constants: Sequence[float] = (),
) -> Iterator[tuple[str, ast.expr]]:
    """What a slip makes of a formula, and the sentence for it.

    Parameters
    ----------
    node : ast.expr
    arguments, inner : sequence of str
        The names that the function is given, and those that it gives inside.
    constants : sequence of float
        The numbers of the whole function: one may stand in another's place.
    """
    match node:
        case ast.BinOp():
            yield from of_operation(node)
            yield from of_brackets(node)
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            for other in (1, 2 * value, value / 2, -value, value + 1, value - 1, 0, value**2,
                          10 * value, value / 10, 100 * value, value / 100, 1 - value,
                          *constants):  # fmt: skip
                if other != value:
                    yield f"{other:g} stands where {value:g} belongs.", ast.Constant(other)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield f"The minus in front of {quote(operand)} is missing.", operand
        case ast.Call():
            yield from of_call(node)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARED:
            sentence = f"The comparison of {quote(left)} and {quote(right)} is the wrong way round."
            yield sentence, ast.Compare(left, [COMPARED[type(op)]], [right])
        case ast.Subscript(value=value):
            yield f"The index in {quote(node)} is missing.", value
        case ast.Attribute(value=value, attr="T"):
            yield f"{quote(value)} is not transposed.", value
        case ast.Name(id=name) if name in arguments:
            yield from of_argument(node, arguments)
        case ast.Name(id=name) if name in inner:
            others = [other for other in (*arguments, *inner) if other != name]
            yield from of_name(name, [*others, *(form.format(name) for form in CHANGED)])
        case ast.IfExp(body=yes, orelse=no):
            yield f"{quote(yes)} comes back always, also where it should not.", yes
            yield f"{quote(no)} comes back always, also where it should not.", no


def of_brackets(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    """A pair of brackets that is missing: a product, a quotient or a power takes one term alone."""
    said = f"Brackets are missing: `{{}}` alone stands in {quote(node)}."
    left, op, right = node.left, node.op, node.right
    if isinstance(op, ast.Mult | ast.Div | ast.Pow) and is_sum(left):
        last = ast.BinOp(left.right, op, right)
        yield said.format(ast.unparse(left.right)), ast.BinOp(left.left, left.op, last)
    if isinstance(op, ast.Mult | ast.Div) and is_sum(right):
        first = ast.BinOp(left, op, right.left)
        yield said.format(ast.unparse(right.left)), ast.BinOp(first, right.op, right.right)
    if isinstance(op, ast.Add | ast.Sub) and isinstance(right, ast.BinOp):
        if isinstance(right.op, ast.Mult | ast.Div | ast.Pow):
            both = ast.BinOp(left, op, right.left)
            yield f"Brackets too many: {quote(both)}.", ast.BinOp(both, right.op, right.right)


def is_sum(node: ast.expr) -> TypeGuard[ast.BinOp]:
    """Whether a formula is a sum or a difference."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)


def of_operation(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    """Slips in a sum, a product, a power."""
    left, right = node.left, node.right
    if isinstance(node.op, ast.Add | ast.Sub):
        yield f"The sign of {quote(right)}.", ast.BinOp(left, FLIPPED[type(node.op)], right)
        for op, said, done in PRODUCTS[type(node.op)]:
            yield (
                f"{quote(left)} and {quote(right)} are {said}; they should be {done}.",
                ast.BinOp(left, op, right),
            )
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
        yield (
            f"{quote(left)} is multiplied by {quote(right)}; it is raised to that power.",
            ast.BinOp(left, ast.Mult(), right),
        )
        minus = ast.UnaryOp(ast.USub(), right)
        yield f"The sign of the power {quote(right)}.", ast.BinOp(left, node.op, minus)
        for other in ("np.abs", "np.exp"):
            function = ast.parse(other, mode="eval").body
            yield f"{other} stands where a power belongs.", ast.Call(function, [left], [])
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
        for other in {"sum", "mean", "max", "min", "prod"} - {node.func.attr}:
            function = ast.Attribute(node.func.value, other, ast.Load())
            yield (
                f"A {other} stands where a {node.func.attr} belongs.",
                ast.Call(function, node.args, node.keywords),
            )
    yield from of_sum(node, name)
    if len(node.args) == 1 and name not in SHAPING:
        yield f"{name} of {quote(node.args[0])} is missing.", node.args[0]
        yield f"{name} of {quote(node.args[0])} is taken twice.", ast.Call(node.func, [node], [])
        yield from of_scaled(node, name)
        for outer in ("np.log", "np.exp"):
            if name not in ("np.log", "np.exp"):
                function = ast.parse(outer, mode="eval").body
                yield f"{outer} of {quote(node)} too many.", ast.Call(function, [node], [])
    if len(node.args) == 2 and not node.keywords:
        yield (
            f"The two arguments of {name} changed places.",
            ast.Call(node.func, node.args[::-1], []),
        )
    for i, keyword in enumerate(node.keywords):
        fewer = node.keywords[:i] + node.keywords[i + 1 :]
        yield f"{keyword.arg}= is missing in {name}.", ast.Call(node.func, node.args, fewer)


def of_scaled(node: ast.Call, name: str) -> Iterator[tuple[str, ast.expr]]:
    """A constant factor that was taken out of a function."""
    match node.args[0]:
        case ast.BinOp(left=ast.Constant() as factor, op=ast.Mult() as op, right=rest):
            outside = ast.BinOp(factor, op, ast.Call(node.func, [rest], []))
        case ast.BinOp(left=rest, op=ast.Div() as op, right=ast.Constant() as factor):
            outside = ast.BinOp(ast.Call(node.func, [rest], []), op, factor)
        case _:
            return
    yield f"{quote(factor)} stands outside of {name}; it belongs inside.", outside


def of_sum(node: ast.Call, name: str) -> Iterator[tuple[str, ast.expr]]:
    """Slips in a sum: left out, taken before a square, or after a logarithm."""
    if name == "np.sum":
        inside = node.args[0]
        yield f"The sum over {quote(inside)} is missing.", inside
        for which, place in (("first", ast.Slice(ast.Constant(1))), ("last", LAST_LEFT_OUT)):
            fewer = ast.Subscript(inside, place, ast.Load())
            yield (
                f"The {which} term of the sum over {quote(inside)} is missing.",
                ast.Call(node.func, [fewer], node.keywords),
            )
        if isinstance(inside, ast.BinOp) and isinstance(inside.op, ast.Pow):
            total = ast.Call(node.func, [inside.left], node.keywords)
            power = f"raised to the power {quote(inside.right)}"
            yield (
                f"The sum of {quote(inside.left)} is {power}: raise each, then sum.",
                ast.BinOp(total, inside.op, inside.right),
            )
        if isinstance(inside, ast.Call) and ast.unparse(inside.func) in ("np.log", "np.exp"):
            function = ast.unparse(inside.func)
            total = ast.Call(node.func, inside.args, node.keywords)
            yield (
                f"{function} of the sum is taken; it is the sum of each {function}.",
                ast.Call(inside.func, [total], []),
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
            yield from of_name(name, [form.format(name, other) for form in WITH_ANOTHER])
    yield from of_name(name, [form.format(name) for form in (*CHANGED, *OF_ARGUMENTS)])


def of_name(name: str, formulas: Sequence[str]) -> Iterator[tuple[str, ast.expr]]:
    """What may stand in the place of a name."""
    for said in formulas:
        yield f"At one place {said} stands where {name} belongs.", ast.parse(said, mode="eval").body


def quote(node: ast.expr) -> str:
    """A formula in backticks, cut where it is long."""
    text = ast.unparse(node)
    return f"`{text}`" if len(text) <= LONG else f"`{text[: LONG - 1]}…`"
