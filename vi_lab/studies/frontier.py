"""Cost to accuracy summed up: curves with bands, the slope of samplers, where they pass CAVI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.studies.cases import group_of
from vi_lab.studies.cost_measure import SAMPLERS
from vi_lab.studies.spread import BAND

FROM = 128  # draws kept, of all chains: from there on a mean is near its central limit


@dataclass(frozen=True)
class Curve:
    """One method on one problem, over seeds.

    Attributes
    ----------
    effort, evaluations, seconds : array (points,)
        Medians.
    low, error, high : array (points,)
        5th percentile, median and 95th of the error.
    square : array (points,)
        Its root mean square.
    seeds : int
    """

    problem: str
    method: str
    effort: np.ndarray
    evaluations: np.ndarray
    seconds: np.ndarray
    low: np.ndarray
    error: np.ndarray
    high: np.ndarray
    square: np.ndarray
    seeds: int

    @property
    def slope(self) -> float | None:
        """Of log error against log draws, by least squares; None of what does not sample.

        The mean square over seeds is sd^2 tau / n, so that the slope of its root is -1/2 where
        chains mix.
        """
        used = self.effort >= FROM
        if self.method not in SAMPLERS or used.sum() < 3:
            return None
        line = np.polyfit(np.log(self.effort[used]), np.log(self.square[used]), 1)
        return float(line[0])


def find_curves(rows: Iterable[Mapping[str, Any]]) -> list[Curve]:
    """The curves of the rows of the measure "cost", by problem and method as they come.

    Data sets drawn from one problem's prior predictive ("coal@17") are together under "coal@".
    """
    found: dict[tuple[str, str], dict[int, list[Mapping[str, Any]]]] = {}
    for row in rows:
        if row["mean_error"] is None:
            continue
        points = found.setdefault((group_of(row["problem"]), row["method"]), {})
        points.setdefault(int(row["part"]), []).append(row)
    return [_sum_up(problem, method, points) for (problem, method), points in found.items()]


def _sum_up(problem: str, method: str, points: Mapping[int, list[Mapping[str, Any]]]) -> Curve:
    def median(name: str) -> np.ndarray:
        return np.array([np.median([row[name] for row in rows]) for rows in points.values()])

    errors = [[row["mean_error"] for row in rows] for rows in points.values()]
    low, middle, high = np.array([np.percentile(each, BAND) for each in errors]).T
    square = np.array([np.sqrt(np.mean(np.square(each))) for each in errors])
    return Curve(
        problem, method, median("effort"), median("evaluations"), median("cpu_seconds"),
        low, middle, high, square, len(errors[0]),
    )  # fmt: skip


def find_crossing(sampler: Curve, cavi: Curve) -> float | None:
    """The evaluations at which a sampler's error falls below CAVI's floor, by its line in log-log;
    None where it does not within the run."""
    floor = cavi.error[-1]
    below = np.flatnonzero(sampler.error < floor)
    if not len(below):
        return None
    last = int(below[0])
    if last == 0:
        return float(sampler.evaluations[0])
    x, y = np.log(sampler.evaluations), np.log(sampler.error)
    part = (np.log(floor) - y[last - 1]) / (y[last] - y[last - 1])
    return float(np.exp(x[last - 1] + part * (x[last] - x[last - 1])))


def list_lines(curves: Iterable[Curve]) -> list[dict[str, Any]]:
    """A line for each curve: its last point, its slope, where it passes CAVI."""
    curves = list(curves)
    floors = {curve.problem: curve for curve in curves if curve.method == "cavi"}
    lines = []
    for curve in curves:
        cavi = floors.get(curve.problem)
        samples = curve.method in SAMPLERS
        crossing = find_crossing(curve, cavi) if cavi is not None and samples else None
        lines.append(
            {
                "problem": curve.problem,
                "method": curve.method,
                "seeds": curve.seeds,
                "evaluations": round(float(curve.evaluations[-1])),
                "error, sd": float(curve.error[-1]),
                "5 %": float(curve.low[-1]),
                "95 %": float(curve.high[-1]),
                "slope": curve.slope,
                "passes CAVI at": None if crossing is None else f"{crossing:.3g}",
            }
        )
    return lines
