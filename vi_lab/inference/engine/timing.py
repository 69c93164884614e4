"""What a method took, written into its result."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def add_seconds(method: F) -> F:
    """Decorator of a method: its result's `seconds` are those of the wall clock.

    A result that was worked out before, and says that it cost more then, keeps what it says.
    """

    @functools.wraps(method)
    def run(*args: Any, **keywords: Any) -> Any:
        started = time.perf_counter()
        result = method(*args, **keywords)
        return replace(result, seconds=max(time.perf_counter() - started, result.seconds))

    return run  # type: ignore[return-value]
