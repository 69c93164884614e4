"""Whole numbers as words of a command."""

from __future__ import annotations

MOST_DIGITS = 4300  # of which Python makes a number, unless it is told otherwise


def is_number(word: str) -> bool:
    """Whether `int` reads it: digits alone, not too many."""
    return word.isdecimal() and len(word) <= MOST_DIGITS
