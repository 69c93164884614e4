"""Progress on stderr for anything over two seconds; silent where stderr is no terminal.

The lines are tqdm's. Own is when there is one: in a worker, whose terminal is its parent's, never.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable
from typing import Any

STYLE = dict(delay=2, ascii=True, leave=False, dynamic_ncols=True)

_silent = False


def be_silent() -> None:
    """Show no line from now on, for the rest of this process."""
    global _silent
    _silent = True


def _seen() -> bool:
    """Whether somebody would see a line."""
    try:
        return not _silent and sys.stderr is not None and sys.stderr.isatty()
    except ValueError:  # it was closed
        return False


def announce(text: str) -> None:
    """A line on stderr before something that takes long, where there is a stderr."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            print(f"vi_lab: {text}", file=sys.stderr, flush=True)


class _Unread:
    """stderr, but for its faults: a terminal that was closed meanwhile ends no run."""

    encoding = "ascii"

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()

    def fileno(self) -> int:
        """For the width of the terminal."""
        return sys.stderr.fileno()


def progress(items: Iterable[Any], label: str, total: int | None = None) -> Any:
    """Iterate over `items`, showing a plain-text line once two seconds have passed."""
    if not _seen():
        return items
    from tqdm import tqdm

    return tqdm(items, desc=label, total=total, file=_Unread(), **STYLE)


class Bar:
    """A line for a job of `total` steps, to be used as a context."""

    def __init__(self, total: int, unit: str) -> None:
        self._bar: Any = None
        if _seen():
            from tqdm import tqdm

            style = {**STYLE, "delay": 0}
            self._bar = tqdm(total=total, unit=unit, file=_Unread(), **style)

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
