"""The slips that may be made at one place of a formula, each with the sentence that names it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from vi_lab.teach.slips.rewriting import applied, formula, rules

TIMES = ("*", "/", "**")
LOGS = ("np.log", "np.exp")
RULES = rules(
    ("A + B", "A - B", "The sign of `B`."),
    ("A - B", "A + B", "The sign of `B`."),
    ("A + B", "A * B", "`A` and `B` are multiplied; they should be added."),
    ("A - B", "A / B", "`A` and `B` are divided; they should be subtracted."),
    ("A - B", "A * B", "`A` and `B` are multiplied; they should be subtracted."),
    ("A * B", "A / B", "`B` divides; it should multiply."),
    ("A * B", "B / A", "`A` divides; it should multiply."),
    ("A * B", "A + B", "`A` and `B` are added; they should be multiplied."),
    ("A / B", "A * B", "`B` multiplies; it should divide."),
    ("A {0} N", "A", "`N` is missing in `A {0} N`.", "+-*/"),
    ("N {0} B", "B", "`N` is missing in `N {0} B`.", "+*"),
    ("N - B", "-B", "`N` is missing in `N - B`."),
    ("A {0} B", "A", "`B` is missing.", "+-*/@"),
    ("A {0} B", "B", "`A` is missing.", "+*@"),
    ("A - B", "-B", "`A` is missing."),
    ("A / B", "1 / B", "`A` is missing."),
    ("A {0} B", "B {0} A", "`A` and `B` changed places.", "-/@"),
    ("A ** B", "A", "`A` is not raised to the power `B`."),
    ("A ** B", "A * B", "`A` is multiplied by `B`; it should be raised to that power."),
    ("A ** B", "A ** -B", "The sign of the power `B`."),
    ("A ** B", "{0}(A)", "{0} stands where a power belongs.", ("np.abs", "np.exp")),
    ("(A {0} B) {1} C", "A {0} B {1} C",
     "Brackets are missing: `B` alone stands in `(A {0} B) {1} C`.", "+-", TIMES),
    ("A {1} (B {0} C)", "A {1} B {0} C",
     "Brackets are missing: `B` alone stands in `A {1} (B {0} C)`.", "+-", "*/"),
    ("A {0} B {1} C", "(A {0} B) {1} C", "Brackets too many: `A {0} B`.", "+-", TIMES),
    ("-A", "A", "The minus in front of `A` is missing."),
    ("A[B]", "A", "The index in `A[B]` is missing."),
    ("A.T", "A", "`A` is not transposed."),
    ("A if B else C", "A", "`A` comes back always, also where it should not."),
    ("A if B else C", "C", "`C` comes back always, also where it should not."),
    ("A <{0} B", "A >{0} B", "The comparison of `A` and `B` is the wrong way round.", ("", "=")),
    ("A >{0} B", "A <{0} B", "The comparison of `A` and `B` is the wrong way round.", ("", "=")),
    ("np.sum(A, **K)", "A", "The sum over `A` is missing."),
    ("np.sum(A, **K)", "np.sum(A[1:], **K)", "The first term of the sum over `A` is missing."),
    ("np.sum(A, **K)", "np.sum(A[:-1], **K)", "The last term of the sum over `A` is missing."),
    ("np.sum(A ** B, **K)", "np.sum(A, **K) ** B",
     "The sum of `A` is raised to the power `B`: raise each, then sum."),
    ("np.sum({0}(A), **K)", "{0}(np.sum(A, **K))",
     "{0} of the sum was taken; take {0} of each term, then sum.", LOGS),
    ("{0}(np.sum(A, **K))", "np.sum({0}(A), **K)",
     "{0} of each term was summed; sum first, then take {0}.", (*LOGS, "np.sqrt")),
    ("F(A, B)", "F(B, A)", "The two arguments of `F` changed places."),
)  # fmt: skip  # a formula, what is made of it, the sentence, and what {0} and {1} may be
OF_ONE = rules(
    ("F(A, **K)", "A", "`F` of `A` is missing."),
    ("F(A, **K)", "F(F(A, **K))", "`F` of `A` is taken twice."),
    ("F(N * A, **K)", "N * F(A)", "`N` stands outside of `F`; it belongs inside."),
    ("F(A / N, **K)", "F(A) / N", "`N` stands outside of `F`; it belongs inside."),
)  # functions of one argument
TOO_MANY = rules(("A", "{0}(A)", "{0} of `A` too many.", LOGS))
OTHERS = {
    "np.sum": "np.mean np.prod np.max np.linalg.norm np.ptp",
    "np.mean": "np.sum np.median",
    "np.log": "np.log2 np.log10 np.log1p np.exp np.sqrt np.square np.reciprocal np.negative",
    "np.exp": "np.log np.sqrt np.square np.expm1 np.exp2",
    "np.sqrt": "np.square np.log np.exp",
    "np.var": "np.std",
    "np.std": "np.var",
    "np.max": "np.min np.mean",
    "np.min": "np.max",
    "np.tanh": "np.sinh np.arctanh",
    "np.cumsum": "np.sum",
    "np.maximum": "np.minimum",
    "np.minimum": "np.maximum",
    "np.logaddexp": "np.maximum np.add",
    "digamma": "np.log gammaln np.reciprocal",
    "gammaln": "digamma np.log",
    "np.cosh": "np.sinh np.tanh",
    "np.linalg.solve": "np.matmul",
    "np.arange": "np.ones",
}  # functions that are taken for one another
FOLDS = ("sum", "mean", "max", "min", "prod")
SHAPING = ("np.sum", "np.mean", "np.concatenate", "np.array", "len", "np.arange", "range")
CHANGED = (
    "{}**2", "np.sqrt({})", "1 / {}", "-{}", "1 - {}", "({} + 1)", "({} - 1)", "np.exp({})",
    "np.log({})", "np.mean({})", "2 * {}", "{} / 2", "1", "0",
)  # fmt: skip  # what a name is taken for
OF_ARGUMENTS = (
    "{}[:1]", "{}[-1:]", "{}[1:]", "{}[:-1]", "np.abs({})", "{}[::-1]", "{}.T", "1 / {}**2",
    "1 / np.sqrt({})", "np.sum({})", "np.max({})", "np.linalg.inv({})",
)  # fmt: skip  # and an argument besides
WITH_ANOTHER = ("{1}", "({0} + {1})", "({1} - {0})", "{0} * {1}", "{0} / {1}")


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
    yield from applied(RULES, node)
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            for other in (1, 2 * value, value / 2, -value, value + 1, value - 1, 0, value**2,
                          10 * value, value / 10, 100 * value, value / 100, 1 - value,
                          *constants):  # fmt: skip
                if other != value:
                    yield f"{other:g} stands where {value:g} belongs.", ast.Constant(other)
        case ast.Call():
            yield from of_call(node)
        case ast.Name(id=name) if name in arguments:
            yield from of_argument(node, arguments)
        case ast.Name(id=name) if name in inner:
            others = [other for other in (*arguments, *inner) if other != name]
            yield from of_name(name, [*others, *(form.format(name) for form in CHANGED)])


def of_call(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """Slips in a call: another function, left out, keywords left out."""
    name = ast.unparse(node.func)
    for other in OTHERS.get(name, "").split():
        called = ast.Call(formula(other), node.args, node.keywords)
        yield f"{other} stands where {name} belongs.", called
    if isinstance(node.func, ast.Attribute) and node.func.attr in FOLDS[:2]:
        for other in (fold for fold in FOLDS if fold != node.func.attr):
            method = ast.Attribute(node.func.value, other, ast.Load())
            called = ast.Call(method, node.args, node.keywords)
            yield f"A {other} stands where a {node.func.attr} belongs.", called
    if len(node.args) == 1 and name not in SHAPING:
        yield from applied(OF_ONE, node)
        if name not in LOGS:
            yield from applied(TOO_MANY, node)
    for i, keyword in enumerate(node.keywords):
        fewer = node.keywords[:i] + node.keywords[i + 1 :]
        yield f"{keyword.arg}= is missing in {name}.", ast.Call(node.func, node.args, fewer)


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
        yield f"At one place {said} stands where {name} belongs.", formula(said)
