"""What is listed by hand: mistakes that somebody might make, and mutants that are none.

In by_hand.txt a heading names a file, and each line below it is `old  =>  new`, where old occurs in
the file once. In equivalent.toml each mutant has its reason.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from tools.mutants.generator import Mutant

BY_HAND = Path(__file__).with_name("by_hand.txt")
EQUIVALENT = Path(__file__).with_name("equivalent.toml")


def list_by_hand(root: Path) -> list[Mutant]:
    """Every mutant of by_hand.txt; ValueError where a file has a line no longer, or twice."""
    found, file = [], ""
    for line in BY_HAND.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            file = line.removeprefix("# ")
        elif line:
            old, new = line.split("  =>  ")
            before = (root / file).read_text(encoding="utf-8")
            if before.count(old) != 1:
                raise ValueError(f"{file} has {before.count(old)} times: {old}")
            number = before[: before.index(old)].count("\n") + 1
            found.append(Mutant(file, number, "by hand", before, before.replace(old, new)))
    return found


def read_equivalent() -> dict[tuple[str, str, str], str]:
    """By `Mutant.key`, why a mutant changes nothing that is promised."""
    entries = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("mutant", [])
    return {(entry["file"], entry["old"], entry["new"]): entry["reason"] for entry in entries}
