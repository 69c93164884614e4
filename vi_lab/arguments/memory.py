"""Refusing what would not fit into memory, before any of it is made."""

from __future__ import annotations

import math
import os

from vi_lab.errors import InputError


def require_memory(name: str, what: str, *numbers: int) -> None:
    """InputError where arrays of so many float64 in all would not fit: says how much it is."""
    needed, limit = 8 * sum(numbers), memory_limit()
    if needed > limit:
        most = f"the limit of {_bytes(limit)} (half of the memory here)"
        raise InputError(f"{name}: {what} would take {_bytes(needed)}, above {most}; ask for fewer")


def memory_limit() -> int:
    """Half of this machine's memory in bytes; 1 GiB where it does not say, as in a browser."""
    try:
        half = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, ValueError, OSError):
        half = 0
    return half if half > 0 else 2**30


def _bytes(count: int) -> str:
    power = min(int(math.log2(count) // 10), 8)
    return f"{count / 2 ** (10 * power):.3g} {('bytes', *(f'{p}iB' for p in 'KMGTPEZY'))[power]}"
