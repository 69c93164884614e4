"""Formulas rewritten by rules that are formulas themselves: `A - B` stands for any difference.

A capital letter of its own stands for any formula, N for a number only, and `**K` for all the
keywords of a call.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

LONG = 36  # characters of a formula that is quoted
Found = dict[str, Any]  # by letter: a formula, or a list of keywords


@dataclass(frozen=True)
class Rule:
    """What a formula looks like, what a slip makes of it, and the sentence that says so."""

    before: ast.expr
    after: ast.expr
    says: str

    def apply(self, node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
        """The sentence and the changed formula, where the formula looks like this."""
        found: Found = {}
        if match(self.before, node, found):
            yield sentence(self.says, found), fill(self.after, found)


def rules(*table: tuple[Any, ...]) -> tuple[Rule, ...]:
    """The rules of a table: before, after, sentence, and what {0} and {1} in them may be."""
    return tuple(
        Rule(formula(before.format(*chosen)), formula(after.format(*chosen)), says.format(*chosen))
        for before, after, says, *families in table
        for chosen in itertools.product(*families)
    )


def formula(text: str) -> ast.expr:
    """The formula that a text is."""
    return ast.parse(text, mode="eval").body


def is_letter(node: Any) -> bool:
    """Whether this stands for any formula."""
    return isinstance(node, ast.Name) and len(node.id) == 1 and node.id.isupper()


def match(pattern: Any, node: Any, found: Found) -> bool:
    """Whether a formula looks like the pattern; what each letter stands for is put into `found`."""
    if is_letter(pattern):
        found[pattern.id] = node
        return pattern.id != "N" or isinstance(node, ast.Constant)
    if isinstance(pattern, list):
        if pattern and isinstance(pattern[-1], ast.keyword):
            found["K"] = node
            return True
        return len(pattern) == len(node) and all(
            match(a, b, found) for a, b in zip(pattern, node, strict=True)
        )
    if isinstance(pattern, ast.AST):
        return type(pattern) is type(node) and all(
            match(value, getattr(node, name), found) for name, value in ast.iter_fields(pattern)
        )
    return bool(pattern == node)


def fill(pattern: Any, found: Found) -> Any:
    """The pattern with a formula, or the keywords, in the place of each letter."""
    if is_letter(pattern):
        return found[pattern.id]
    if isinstance(pattern, list):
        if pattern and isinstance(pattern[-1], ast.keyword):
            return found["K"]
        return [fill(part, found) for part in pattern]
    if isinstance(pattern, ast.AST):
        return type(pattern)(**{n: fill(value, found) for n, value in ast.iter_fields(pattern)})
    return pattern


def sentence(says: str, found: Found) -> str:
    """The sentence with every formula in it filled in."""
    return re.sub("`(.+?)`", lambda text: quote(fill(formula(text[1]), found)), says)


def quote(node: ast.expr) -> str:
    """A formula in backticks, cut where it is long."""
    text = ast.unparse(node)
    return f"`{text}`" if len(text) <= LONG else f"`{text[: LONG - 1]}…`"


def applied(table: Iterable[Rule], node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """What each rule of a table makes of a formula."""
    for rule in table:
        yield from rule.apply(node)
