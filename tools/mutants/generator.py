"""Every single small mistake that the syntax tree of a file offers.

Operators, comparisons, constants, signs, dropped terms and factors, swapped or dropped arguments,
functions taken for their neighbours, the two branches of `a if c else b` exchanged. Whole
statements stay: a guard is planted wrong through its comparison. Ready-made tools (cosmic-ray,
mutmut) know operators and constants alone, and bring a database and a web client with them.

Seven kinds are left out, for they measure nothing: the program promises the same with them.
- The arguments of a symmetric function (SYMMETRIC) exchanged.
- A float below TOLERANCE doubled: it is a tolerance, a step or a guard against nought.
- A named setting changed: NAME = 64 says how fine a grid is, how long a loop, how much memory; one
  more or twice as much keeps every promise. Names of formulas (1 / 12) and of tables of more than
  one row are no settings. Where an answer hangs on one, the list by hand has it wrong by much.
- `>` for `>=` beside a setting, or `top - DEPTH`: that is the setting one more, or a rounding.
- A seed that is written out, `default_rng(0)` or `rng=0`: any other is as good. One that is left
  out is planted, for then the numbers are others each time.
- `strict=True` of zip: it is a guard against another mistake.
- The -1 of a reshape made -2: NumPy takes any negative number for "what is left".
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ROOMS = ("families", "models", "inference", "identity", "results", "comparison", "numerics", "vae",
         "testing", "teach")  # fmt: skip

OPERATORS = {"+": "-", "-": "+", "*": "/", "/": "*", "//": "/", "**": "*", "%": "//", "&": "|",
             "|": "&", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
             "is": "is not", "is not": "is", "in": "not in", "not in": "in", "and": "or",
             "or": "and"}  # fmt: skip
SYMBOLS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//",
           ast.Pow: "**", ast.Mod: "%", ast.BitAnd: "&", ast.BitOr: "|", ast.Lt: "<",
           ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is",
           ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in", ast.And: "and",
           ast.Or: "or"}  # fmt: skip
NEIGHBOURS = {"maximum": "minimum", "minimum": "maximum", "max": "min", "min": "max", "any": "all",
              "all": "any", "sum": "mean", "mean": "sum", "var": "std", "std": "var",
              "argmax": "argmin", "argmin": "argmax", "log1p": "log", "expm1": "exp",
              "zeros": "ones", "ones": "zeros", "floor": "ceil", "ceil": "floor",
              "cumsum": "cumprod", "triu": "tril", "tril": "triu", "sin": "cos",
              "cos": "sin"}  # fmt: skip
SYMMETRIC = ("maximum", "minimum", "max", "min", "logaddexp", "hypot", "array_equal", "union1d",
             "intersect1d", "isdisjoint", "beta", "betaln", "gcd", "add", "multiply", "logical_and",
             "logical_or")  # fmt: skip
STRICT = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
TOLERANCE = 1e-5
LEFT_OUT = ("abs", "sqrt", "log", "exp", "square", "sorted", "conj", "transpose")


@dataclass(frozen=True)
class Mutant:
    """One mistake: a file below the repository, the line, and the text of the file with it."""

    file: str
    line: int
    what: str
    before: str
    after: str

    def changed(self) -> tuple[list[str], list[str]]:
        """The lines that are gone and the lines that came, without the space around them."""
        lines = list(difflib.ndiff(self.before.splitlines(), self.after.splitlines()))
        gone = [line[2:].strip() for line in lines if line.startswith("- ")]
        return gone, [line[2:].strip() for line in lines if line.startswith("+ ")]

    def key(self) -> tuple[str, str, str]:
        """What names a mutant however the lines of its file move."""
        gone, come = self.changed()
        return self.file, " ".join(gone), " ".join(come)


def list_files(root: Path) -> list[str]:
    """The files of ROOMS, relative to the repository."""
    paths = (path for room in ROOMS for path in (root / "vi_lab" / room).rglob("*.py"))
    return sorted(path.relative_to(root).as_posix() for path in paths)


def list_mutants(root: Path, file: str) -> list[Mutant]:
    """Every mutant of one file."""
    found = (plant(root, file, change) for change in list_changes(root, file))
    return [mutant for mutant in found if mutant is not None]


class Change(NamedTuple):
    """A mistake that may be planted: kind, line, and new text for some bytes of the file."""

    what: str
    line: int
    start: int
    end: int
    new: str


def list_changes(root: Path, file: str) -> list[Change]:
    """Every change of one file; some may be no Python, or change nothing."""
    before = (root / file).read_text(encoding="utf-8")
    source = _Source(before)
    return [
        Change(what, node.lineno, start, end, new)
        for node in _expressions(ast.parse(before))
        for what, start, end, new in _changes(source, node)
    ]


def plant(root: Path, file: str, change: Change) -> Mutant | None:
    """The mutant of a change, or None where it is no Python or the same program as the file."""
    before = (root / file).read_text(encoding="utf-8")
    after = _Source(before).with_change(change.start, change.end, change.new)
    try:
        same = ast.dump(ast.parse(after)) == ast.dump(ast.parse(before))
    except SyntaxError:  # a bracket or a comment between two operands
        return None
    return None if same else Mutant(file, change.line, change.what, before, after)


class _Source:
    """A file's text as bytes, for the syntax tree counts columns in bytes."""

    def __init__(self, text: str) -> None:
        self.bytes = text.encode()
        self.starts = [0]
        for line in self.bytes.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def start(self, node: ast.expr) -> int:
        return self.starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr) -> int:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self.starts[node.end_lineno - 1] + node.end_col_offset

    def text(self, node: ast.expr) -> str:
        return self.bytes[self.start(node) : self.end(node)].decode()

    def with_change(self, start: int, end: int, new: str) -> str:
        return (self.bytes[:start] + new.encode() + self.bytes[end:]).decode()


def _expressions(tree: ast.AST) -> Iterator[ast.expr]:
    """What is computed: no docstring, no annotation, no decorator, nothing inside an f-string."""
    for field, value in ast.iter_fields(tree):
        if field in ("annotation", "returns", "decorator_list", "type_comment"):
            continue
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.JoinedStr) or not isinstance(node, ast.AST):
                continue
            if _is_seed(tree, node):
                continue
            if _is_setting(node) or (isinstance(node, ast.keyword) and node.arg == "strict"):
                continue
            if isinstance(node, ast.expr):
                yield node
            if not (field == "args" and _is_reshape(tree) and ast.unparse(node) == "-1"):
                yield from _expressions(node)


def _is_setting(node: ast.AST) -> bool:
    """Whether a statement gives capital names a plain number, or a row of them, and no more."""
    match node:
        case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=value):
            names = [part.id for part in ast.walk(target) if isinstance(part, ast.Name)]
            row = value.elts if isinstance(value, ast.Tuple) else [value]
            row = value.values if isinstance(value, ast.Dict) else row
            return all(map(str.isupper, names)) and all(map(_is_plain_number, row))
    return False


def _is_seed(parent: ast.AST, node: ast.AST) -> bool:
    """Whether a number is the seed of default_rng, or given as `rng`."""
    if not isinstance(node, ast.Constant):
        return False
    if isinstance(parent, ast.Call):
        return getattr(parent.func, "attr", None) == "default_rng" and node in parent.args
    return isinstance(parent, ast.keyword) and parent.arg == "rng"


def _is_reshape(node: ast.AST) -> bool:
    """Whether it is the call of an array's method `reshape`."""
    return isinstance(node, ast.Call) and getattr(node.func, "attr", None) == "reshape"


def _has_setting(side: ast.expr) -> bool:
    """Whether the name of a setting stands in it: MOST, limits.MOST or top - DEPTH."""
    names = (str(getattr(n, "attr", None) or getattr(n, "id", "")) for n in ast.walk(side))
    return any(len(name) > 1 and name.isupper() for name in names)


def _is_plain_number(node: ast.AST | None) -> bool:
    """64, 1e-9, -600.0 or 2**20."""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
            return True
        case ast.BinOp(left=ast.Constant(), op=ast.Pow(), right=ast.Constant()):
            return True
    return False


Piece = tuple[str, int, int, str]  # kind, first byte, byte behind the last, new text


def _changes(source: _Source, node: ast.expr) -> Iterator[Piece]:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            yield from _operator(source, left, op, right)
            if isinstance(op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.MatMult):
                whole = source.start(node), source.end(node)
                yield "what follows the operator left out", *whole, f"({source.text(left)})"
                if isinstance(op, ast.Add | ast.Mult | ast.MatMult):
                    yield "what precedes the operator left out", *whole, f"({source.text(right)})"
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            if not (isinstance(op, STRICT) and any(map(_has_setting, (left, right)))):
                yield from _operator(source, left, op, right)
        case ast.BoolOp(op=op, values=[left, right]):
            yield from _operator(source, left, op, right)
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            yield "sign or not", source.start(node), source.end(node), f"({source.text(operand)})"
        case ast.Constant(value=value):
            for new in _constants(value):
                yield "constant", source.start(node), source.end(node), new
        case ast.IfExp(test=test):
            yield "condition", source.start(test), source.end(test), f"not ({source.text(test)})"
        case ast.Call():
            yield from _call(source, node)


def _operator(source: _Source, left: ast.expr, op: ast.AST, right: ast.expr) -> Iterator[Piece]:
    old = SYMBOLS.get(type(op))
    start, end = source.end(left), source.start(right)
    between = source.bytes[start:end].decode()
    if old is not None and old in between:
        yield "operator", start, end, between.replace(old, OPERATORS[old], 1)


def _constants(value: object) -> list[str]:
    if isinstance(value, bool):
        return [str(not value)]
    if isinstance(value, int):
        return [str(value + 1)] + ([str(value - 1)] if value > 0 else [])
    if isinstance(value, float) and not 0.0 < value < TOLERANCE:
        return [repr(2.0 * value) if value else "1.0"]
    return []


def _call(source: _Source, node: ast.Call) -> Iterator[Piece]:
    name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
    whole = source.start(node), source.end(node)
    if name in NEIGHBOURS:
        end = source.end(node.func)
        yield "its neighbour called", end - len(name.encode()), end, NEIGHBOURS[name]
    starred = any(isinstance(argument, ast.Starred) for argument in node.args)
    if name in LEFT_OUT and len(node.args) == 1 and not node.keywords and not starred:
        yield "call left out", *whole, f"({source.text(node.args[0])})"
    if len(node.args) >= 2 and not starred and name not in SYMMETRIC:
        first, second = node.args[:2]
        between = source.bytes[source.end(first) : source.start(second)].decode()
        swapped = source.text(second) + between + source.text(first)
        yield "arguments swapped", source.start(first), source.end(second), swapped
    named = bool(node.keywords) and node.keywords[-1].arg != "strict"
    if len(node.args) + len(node.keywords) >= 2 and named and not starred:
        last, before = node.keywords[-1], [*node.args, *(k.value for k in node.keywords)][-2]
        yield "last argument left out", source.end(before), source.end(last.value), ""
