"""Progress on stderr for anything over two seconds; silent where stderr is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any


def progress(items: Iterable[Any], label: str, total: int | None = None) -> Any:
    """Iterate over `items`, showing a plain-text line once two seconds have passed."""
    if not sys.stderr.isatty():
        return items
    from tqdm import tqdm

    return tqdm(items, desc=label, total=total, delay=2, ascii=True, leave=False, file=sys.stderr)
