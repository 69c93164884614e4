"""Progress on stderr for anything over two seconds; silent where stderr is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

STYLE = dict(delay=2, ascii=True, leave=False, dynamic_ncols=True)


def progress(items: Iterable[Any], label: str, total: int | None = None) -> Any:
    """Iterate over `items`, showing a plain-text line once two seconds have passed."""
    if not sys.stderr.isatty():
        return items
    from tqdm import tqdm

    return tqdm(items, desc=label, total=total, file=sys.stderr, **STYLE)


class Bar:
    """A line for a job of `total` steps, to be used as a context."""

    def __init__(self, total: int, unit: str) -> None:
        self._bar: Any = None
        if sys.stderr.isatty():
            from tqdm import tqdm

            style = {**STYLE, "delay": 0}
            self._bar = tqdm(total=total, unit=unit, file=sys.stderr, **style)

    def step(self, label: str, count: int = 1) -> None:
        """A step is done, or several; `label` says which was the last."""
        if self._bar is not None:
            self._bar.set_postfix_str(label, refresh=False)
            self._bar.update(count)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *exception: Any) -> None:
        if self._bar is not None:
            self._bar.close()
