"""Docstrings as reStructuredText: they are written to be read as they stand.

In them * and | are signs of formulas, and an indented paragraph is a formula or code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

CODE = re.compile(r"(``.+?``|`[^`]+`)")
SIGNS = re.compile(r"([*|\\])")
TAIL = re.compile(r"(?<=\w)_(?=\W|$)")  # a name that ends so is a link in reStructuredText
RULE = re.compile(r"^-{3,}$")
PROMPT = ">>>"


def to_rst(lines: list[str]) -> list[str]:
    """The lines of a numpydoc string with every sign standing for itself.

    Above the first section an indented paragraph becomes a literal block; in sections indentation
    belongs to numpydoc and stays. Examples (`>>>`) are left alone.
    """
    first = next((i - 1 for i, line in enumerate(lines) if i and RULE.match(line)), len(lines))
    return [*_prose(lines[:first]), *_sections(lines[first:])]


def _prose(lines: list[str]) -> Iterator[str]:
    for paragraph in _paragraphs(lines):
        if paragraph[0].startswith(PROMPT):
            yield from paragraph
        elif all(line.startswith(" ") for line in paragraph):
            yield from ["::", "", *(f"    {line}" for line in paragraph)]
        else:
            yield from map(escape, paragraph)
        yield ""


def _sections(lines: list[str]) -> Iterator[str]:
    example = False
    for line in lines:
        words = line.lstrip()
        example = bool(words) and (example or words.startswith(PROMPT))
        yield line if example else escape(line)


def _paragraphs(lines: list[str]) -> Iterator[list[str]]:
    """Lines between blank ones; indented paragraphs that follow each other are one."""
    paragraph: list[str] = []
    for i, line in enumerate(lines):
        if line.strip():
            paragraph.append(line)
            continue
        following = next((other for other in lines[i:] if other.strip()), "")
        block = bool(paragraph) and all(p.startswith(" ") or not p for p in paragraph)
        if block and following.startswith(" "):
            paragraph.append("")
        elif paragraph:
            yield paragraph
            paragraph = []
    if paragraph:
        yield paragraph


def escape(line: str) -> str:
    """The line with its signs escaped, but for what stands between backquotes."""
    parts = CODE.split(line)
    parts[::2] = [TAIL.sub(r"\\_", SIGNS.sub(r"\\\1", part)) for part in parts[::2]]
    return "".join(parts)
