"""How well a number detects a charge: ROC curve and AUC, with a bootstrap over data sets.

The AUC is the probability that a guilty fit scores above an innocent one, ties counting half: the
Mann-Whitney statistic over the number of pairs. Fits of one data set resemble one another, so that
the bootstrap draws data sets, each with all of its fits (Cameron, Gelbach & Miller 2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 400
INTERVAL = (2.5, 97.5)  # percentiles
FEWEST = 5  # guilty fits and innocent ones, below which nothing is said


@dataclass(frozen=True)
class Roc:
    """A diagnostic as a detector of one charge.

    Attributes
    ----------
    auc, low, high : float
        The AUC, and its 95% interval; above 1/2 where a large score means guilt.
    guilty, innocent, clusters : int
        Fits, and the data sets that they are of.
    thresholds, false_alarms, detected : array (points,)
        The curve: shares of the innocent and of the guilty at or above each threshold.
    """

    auc: float
    low: float
    high: float
    guilty: int
    innocent: int
    clusters: int
    thresholds: np.ndarray
    false_alarms: np.ndarray
    detected: np.ndarray

    @property
    def best(self) -> int:
        """The point where most of the guilty are found for the fewest innocent accused, by the
        difference of the two shares; chosen with the truth at hand."""
        return int(np.argmax(self.detected - self.false_alarms))


def find_roc(
    score: np.ndarray, guilty: np.ndarray, cluster: Sequence[str], rng: np.random.Generator
) -> Roc | None:
    """The curve of scores (n,), nan where there is none, of fits that are guilty (n,) or not.

    None where fewer than FEWEST are guilty, or innocent.
    """
    known = ~np.isnan(score)
    score, guilty, names = score[known], guilty[known], np.asarray(cluster)[known]
    count = int(guilty.sum())
    if min(count, len(score) - count) < FEWEST:
        return None
    which, place = np.unique(names, return_inverse=True)
    times = rng.multinomial(len(which), np.full(len(which), 1.0 / len(which)), RESAMPLES)
    weights = np.concatenate([np.ones((1, len(score))), times[:, place]])
    found = measure_auc(score, guilty, weights)
    low, high = np.nanpercentile(found[1:], INTERVAL)
    steps = np.unique(score)[::-1]
    return Roc(
        float(found[0]),
        float(low),
        float(high),
        count,
        len(score) - count,
        len(which),
        np.array([np.inf, *steps]),
        np.array([0.0, *((score[~guilty] >= step).mean() for step in steps)]),
        np.array([0.0, *((score[guilty] >= step).mean() for step in steps)]),
    )


def measure_auc(score: np.ndarray, guilty: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The AUC under each row of weights (B, n) of the fits, (B,); nan where a row has one kind.

    With the fits in the order of their scores, a guilty one is above the innocent ones before it,
    and level with those of its own score.
    """
    order = np.argsort(score, kind="stable")
    ranked = score[order]
    first = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))  # of each score
    guilty = guilty[order]
    positive = np.add.reduceat(weights[:, order] * guilty, first, axis=1)
    negative = np.add.reduceat(weights[:, order] * ~guilty, first, axis=1)
    below = np.cumsum(negative, axis=1) - 0.5 * negative
    pairs = positive.sum(1) * negative.sum(1)
    won = (positive * below).sum(1)
    return np.divide(won, pairs, out=np.full(len(won), np.nan), where=pairs > 0)
