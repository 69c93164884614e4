"""Right answers to lesson 09 in forms that a learner may well choose."""

import bisect
import math
import statistics

import numpy as np
from scipy.stats import rankdata, sem

UNUSUAL = {
    "09.1": [
        lambda theta, draws: sum(1 for draw in draws if draw < theta),
        lambda theta, draws: float(np.count_nonzero(theta - draws > 0)),
        lambda theta, draws: bisect.bisect_left(sorted(draws), theta),
        lambda theta, draws: np.array([rankdata([theta, *draws])[0] - 1]),
    ],
    "09.2": [
        lambda p, q: [a - b for a, b in zip(p, q, strict=True)],
        lambda p, q: np.negative(q) + p,
        lambda p, q: np.subtract.outer(p, q).diagonal(),
    ],
    "09.3": [
        lambda x, ess: statistics.stdev(x.tolist()) / math.sqrt(ess),
        lambda x, ess: sem(x) * np.sqrt(len(x) / ess),
        lambda x, ess: np.sqrt(np.array([np.sum((x - x.mean()) ** 2) / (len(x) - 1) / ess])),
    ],
    "09.5": [
        lambda claim, log_evidence, error: not claim - log_evidence > error,
        lambda claim, log_evidence, error: int(log_evidence - claim >= -error),
        lambda claim, log_evidence, error: np.array(
            max(claim - error, log_evidence) == log_evidence
        ),
    ],
}
