"""Rows of earlier runs into a folder: which stay beside a run's, which are stale, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from vi_lab.comparison.saved_results import list_changed

ALIKE = ("seed", "budget", "vi_lab")  # what rows that stand together share, beside the problem
AGAIN = "the problem was run again with another seed, budget, prior or version"
GONE = "their files were changed or removed after the run"


def part_rows(
    folder: Path, entries: Sequence[Any], made: Mapping[str, Any], other: Set[str], why: str
) -> tuple[list[Any], list[Any]]:
    """Entries of earlier runs that are still current beside those of this one, and those that are
    stale, with the reason.

    `made` has an entry of this run by problem, `other` the problems that are not what they were,
    and `why` says what is lost of all. A row that has no files, as where a method does not apply,
    goes with the last that has.
    """
    changed = [bool(list_changed(folder, entry["files"])) for entry in entries]
    lost = {entry["problem"] for entry, gone in zip(entries, changed, strict=True) if gone}
    lost -= {
        entry["problem"]
        for entry, gone in zip(entries, changed, strict=True)
        if entry["files"] and not gone
    }
    kept, stale = [], []
    for entry, gone in zip(entries, changed, strict=True):
        name = entry["problem"]
        new = made.get(name)
        alike = name not in other and (new is None or all(entry[k] == new[k] for k in ALIKE))
        if why:
            stale.append({**entry, "because": why})
        elif gone or name in lost:
            stale.append({**entry, "because": GONE})
        elif not alike:
            stale.append({**entry, "because": AGAIN})
        else:
            kept.append(entry)
    return kept, stale


def say_lost(stale: Sequence[Mapping[str, Any]], unlisted: str) -> list[str]:
    """What is said of the rows of earlier runs that go, though this run is no reason."""
    gone = [entry for entry in stale if entry["because"] != AGAIN]
    if unlisted:
        return [f"rows that only earlier runs had are in no table any more: {unlisted}"]
    if not gone:
        return []
    more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
    rows = f"{gone[0]['problem']} {gone[0]['method']}{more}"
    return [f"rows of earlier runs are in no table any more ({rows}): {gone[0]['because']}"]
