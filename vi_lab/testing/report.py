"""What a test has to say: a verdict, a number, its limit, a sentence, a table, a picture."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.read_only import ClosedMappings
from vi_lab.results import tables
from vi_lab.testing import limits


@dataclass(frozen=True, eq=False, repr=False)
class Report(ClosedMappings, ABC):
    """What a test found.

    Attributes
    ----------
    test : str
        The test and what it was run on.
    passed : bool or None
        None where there is nothing to judge: the sentence says why.
    statistic, limit : float
        The worst number, and where rejection begins.
    sentence : str
        The finding in words.
    alpha : float
        The rate of false alarms: how often this report rejects what is right. 0 for a computation
        without chance.
    rows : tuple of dict
        A line for each quantity.
    """

    test: str
    passed: bool | None
    statistic: float
    limit: float
    sentence: str
    alpha: float
    rows: tuple[Mapping[str, Any], ...]

    @abstractmethod
    def plot(self, ax: Any = None) -> Any:
        """The picture of the rows against the limit; matplotlib Axes, `ax` or new ones."""

    def __repr__(self) -> str:
        return f"<{self.test}: {name_verdict(self.passed)}. {self.sentence}>"

    def _repr_html_(self) -> str:
        return tables.html(self.rows, f"{self.test}: {name_verdict(self.passed)}", self.sentence)


@dataclass(frozen=True, eq=False, repr=False)
class CurveReport(Report):
    """Distances between distributions.

    Attributes
    ----------
    curves : mapping of str to array (201,)
        For each quantity the difference of two distribution functions over quantiles 0 to 1.
    """

    curves: Mapping[str, np.ndarray]

    @public
    def plot(self, ax: Any = None) -> Any:
        """A curve for each quantity within the band of the limit; they start and end at 0."""
        from vi_lab.plots.reports import distances  # matplotlib: only where wanted

        return distances(self, ax=ax)


@dataclass(frozen=True, eq=False, repr=False)
class PointReport(Report):
    """Reals against one limit.

    Attributes
    ----------
    points : mapping of str to array
        For each quantity its numbers (of each chain, each coordinate, each sweep).
    unit : str
    """

    points: Mapping[str, np.ndarray]
    unit: str

    @public
    def plot(self, ax: Any = None) -> Any:
        """A dot for each number, a row for each quantity, beside the limit."""
        from vi_lab.plots.reports import points  # matplotlib: only where wanted

        return points(self, ax=ax)


def name_verdict(passed: bool | None) -> str:
    """A verdict in a word or two."""
    return "not judged" if passed is None else "passed" if passed else "FAILED"


def false_alarms(reports: Sequence[Report]) -> float:
    """The rate of false alarms of all the reports together: at most their sum."""
    reports = checks.as_tuple("reports", reports)
    for report in reports:
        checks.require(isinstance(report, Report), "reports: needs reports", report)
    return float(sum(report.alpha for report in reports))


def broken(test: str, error: Exception) -> PointReport:
    """The report of a test that could not be finished: the method under test broke down."""
    return PointReport(test, False, np.inf, 0.0, f"It broke down: {error}", 0.0, (), {}, "")


def inapplicable(test: str, error: Exception) -> PointReport:
    """The report of a test of a method that does not apply: there is nothing to judge."""
    return PointReport(test, None, np.nan, np.nan, f"{error}.", 0.0, (), {}, "")


def report_distances(
    test: str,
    statistics: Mapping[str, float],
    curves: Mapping[str, np.ndarray],
    limit: float,
    alpha: float,
    right: str,
    wrong: str,
) -> CurveReport:
    """The verdict on the distance of every quantity; `right` and `wrong` say what it means."""
    worst = max(statistics, key=lambda name: statistics[name])
    passed = statistics[worst] <= limit
    sentence = (
        f"The worst of {len(statistics)} quantities, {worst}, is {statistics[worst]:.3f} away, "
        f"{'within' if passed else 'beyond'} the limit of {limit:.3f}: {right if passed else wrong}"
    )
    rows = tuple(
        {"quantity": name, "distance": value, "limit": limit, "passed": value <= limit}
        for name, value in statistics.items()
    )
    return CurveReport(test, passed, statistics[worst], limit, sentence, alpha, rows, curves)


def report_two_samples(
    test: str,
    one: Mapping[str, np.ndarray],
    two: Mapping[str, np.ndarray],
    alpha: float,
    right: str,
    wrong: str,
) -> CurveReport:
    """The verdict on two samples (R,) of every quantity; the curves are the first's minus the
    second's."""
    replicates = len(next(iter(one.values())))
    limits.require_power(replicates, alpha, len(one), samples=2)
    return report_distances(
        test,
        {quantity: limits.measure_distance(one[quantity], two[quantity]) for quantity in one},
        {quantity: limits.curve_between(one[quantity], two[quantity]) for quantity in one},
        limits.two_samples(replicates, alpha, len(one)),
        alpha,
        right,
        wrong,
    )
