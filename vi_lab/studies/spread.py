"""Numbers over seeds: their median and band."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from vi_lab.studies.cases import group_of

BAND = (5.0, 50.0, 95.0)  # percentiles


def spread_numbers(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str]
) -> list[dict[str, Any]]:
    """A line for each of some columns of each problem, method, budget and part.

    Data sets drawn from one problem's prior predictive ("coal@17") are together under "coal@".
    """
    found: dict[tuple[Any, ...], dict[str, list[float]]] = {}
    for row in rows:
        group = group_of(row["problem"]), row["method"], row["budget"], row["part"]
        numbers = found.setdefault(group, {name: [] for name in columns})
        for name in columns:
            if row.get(name) is not None:
                numbers[name].append(float(row[name]))
    return [
        {
            "problem": problem,
            "method": method,
            "budget": budget,
            "number": name if not part else f"{name} [{part}]",
            "rows": len(values),
            **dict(zip(("5 %", "median", "95 %"), np.percentile(values, BAND), strict=True)),
        }
        for (problem, method, budget, part), numbers in found.items()
        for name, values in numbers.items()
        if values
    ]
