"""Published figures and numbers that the problems reproduce, each with what it states and ours."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from tools.atlas import published_numbers

# by problem; what each key means stands at the top of the file
PUBLISHED = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
ALLOWED = 4  # Monte Carlo standard errors


def reproduce(name: str) -> list[dict[str, Any]]:
    """The entry `published` of a problem."""
    found = []
    for item in PUBLISHED.get(name, ()):
        entry = {key: item[key] for key in ("citation", "states", "published")}
        if isinstance(item["published"], str):
            entry["published"] = getattr(published_numbers, item["published"])()
        errors = item.get("standard_errors", ())
        entry["tolerance"] = [ALLOWED * error for error in errors] or item["tolerance"]
        ours = getattr(published_numbers, item["ours"])()
        found.append({**entry, "ours": np.asarray(ours, np.float64).tolist()})
    return found
