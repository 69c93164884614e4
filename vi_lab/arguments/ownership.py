"""Whose a thing is: vi_lab's own code keeps its promises, what a user wrote is looked at."""

from __future__ import annotations

from typing import Any


def is_ours(thing: Any) -> bool:
    """Whether the class of a thing is one of vi_lab's."""
    return type(thing).__module__.partition(".")[0] == "vi_lab"
