"""Every `raise` of vi_lab that no test of a record comes to.

Tests that start a process of their own, and slow ones, are not recorded: what they alone come to is
listed too.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator
from pathlib import Path


def list_unreached(
    root: Path, lines: Callable[[str], Collection[int] | None]
) -> Iterator[tuple[str, int, str]]:
    """File, line and text of each; `lines` says which lines of a file were run."""
    for path in sorted((root / "vi_lab").rglob("*.py")):
        file, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
        reached = set(lines(file) or ())
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Raise) and node.lineno not in reached:
                yield file, node.lineno, text.splitlines()[node.lineno - 1].strip()
