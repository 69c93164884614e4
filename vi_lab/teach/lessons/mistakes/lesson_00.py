"""The mistakes of lesson 00: the coin, log-sum-exp, a grid."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import betaln, comb, gammaln

from vi_lab.teach.lessons.solutions.lesson_00 import (
    evidence_grid,
    log_evidence,
    log_joint,
    log_sum_exp,
)


def likelihood(theta, h, t, *_):
    return h * np.log(theta) + t * np.log(1 - theta)


LOG_JOINT = {
    "a and b stand without their -1, and log B(a, b) is missing.": lambda theta, h, t, a, b: (
        (a + h) * np.log(theta) + (b + t) * np.log(1 - theta)
    ),
    "The prior is its normaliser alone.": lambda theta, h, t, a, b: (
        likelihood(theta, h, t) - betaln(a, b)
    ),
    "The prior is not normalised: log B(a, b) is missing.": lambda theta, h, t, a, b: (
        log_joint(theta, h, t, a, b) + betaln(a, b)
    ),
    "log B(a, b) has the wrong sign: it divides.": lambda theta, h, t, a, b: (
        log_joint(theta, h, t, a, b) + 2 * betaln(a, b)
    ),
    "The prior is missing: this is the log likelihood.": likelihood,
    "The data are missing: this is the log prior.": lambda theta, h, t, a, b: log_joint(
        theta, 0, 0, a, b
    ),
    "a and b stand without their -1.": lambda theta, h, t, a, b: log_joint(
        theta, h + 1, t + 1, a, b
    ),
    "Heads and tails changed places.": lambda theta, h, t, a, b: log_joint(theta, t, h, a, b),
    "a and b changed places.": lambda theta, h, t, a, b: log_joint(theta, h, t, b, a),
    "You counted the number of orders: our data are a sequence.": lambda theta, h, t, a, b: (
        log_joint(theta, h, t, a, b) + np.log(comb(h + t, h))
    ),
    "This is a density, not its logarithm.": lambda theta, h, t, a, b: np.exp(
        log_joint(theta, h, t, a, b)
    ),
    "This is the log posterior: it has been divided by p(x).": lambda theta, h, t, a, b: log_joint(
        theta, 0, 0, a + h, b + t
    ),
    "Tails are missing: log(1 - theta) counts too.": lambda theta, h, t, a, b: log_joint(
        theta, h, 0, a, b
    ),
    "You multiplied the prior with the likelihood: logarithms add.": lambda theta, h, t, a, b: (
        log_joint(theta, 0, 0, a, b) * likelihood(theta, h, t)
    ),
    "The sign of log(1 - theta) in the data is wrong.": lambda theta, h, t, a, b: log_joint(
        theta, h, -t, a, b
    ),
    "The prior has no 1 - theta.": lambda theta, h, t, a, b: (
        log_joint(theta, h, t, a, b) - (b - 1) * np.log(1 - theta)
    ),
    "log1p(theta) is log(1 + theta): tails have log(1 - theta).": lambda theta, h, t, a, b: (
        log_joint(theta, h, t, a, b) + (b - 1 + t) * (np.log1p(theta) - np.log(1 - theta))
    ),
    "The likelihood stands without its logarithm.": lambda theta, h, t, a, b: (
        log_joint(theta, 0, 0, a, b) + np.exp(likelihood(theta, h, t))
    ),
    "The prior stands without its logarithm.": lambda theta, h, t, a, b: (
        np.exp(log_joint(theta, 0, 0, a, b)) + likelihood(theta, h, t)
    ),
    "You counted the probability of each toss, not its logarithm.": lambda theta, h, t, a, b: (
        log_joint(theta, 0, 0, a, b) + h * theta + t * (1 - theta)
    ),
    "You counted the prior once for each toss: theta was drawn once.": lambda theta, h, t, a, b: (
        (h + t) * log_joint(theta, 0, 0, a, b) + likelihood(theta, h, t)
    ),
    "You counted all tosses in both exponents: heads for theta, tails for 1 - theta.": (
        lambda theta, h, t, a, b: log_joint(theta, h + t, h + t, a, b)
    ),
    "An average over the tosses: the logs of all are added.": lambda theta, h, t, a, b: (
        log_joint(theta, 0, 0, a, b) + likelihood(theta, h, t) / (h + t)
    ),
    "B(a, b) stands without its logarithm.": lambda theta, h, t, a, b: (
        log_joint(theta, h, t, a, b) + betaln(a, b) - np.exp(betaln(a, b))
    ),
}

LOG_SUM_EXP: dict[str, Callable[..., Any]] = {
    "exp underflows or overflows: subtract the peak first.": lambda a: np.log(np.sum(np.exp(a))),
    "The peak was subtracted and not added back.": lambda a: log_sum_exp(a) - np.max(a),
    "A mean stands where the sum belongs: log n too small.": lambda a: (
        log_sum_exp(a) - np.log(len(a))
    ),
    "This is the maximum alone.": np.max,
    "The peak was added twice.": lambda a: log_sum_exp(a) + np.max(a),
    "The logarithm is missing: the sum was left as it is.": lambda a: (
        np.max(a) + np.sum(np.exp(a - np.max(a)))
    ),
    "The smallest was subtracted, not the largest: exp overflows.": lambda a: (
        np.min(a) + np.log(np.sum(np.exp(a - np.min(a))))
    ),
    "This is the sum of the entries: exp them before, log them after.": np.sum,
    "You multiplied the peak back: outside the logarithm it is added.": lambda a: (
        np.max(a) * np.log(np.sum(np.exp(a - np.max(a))))
    ),
    "The mean was added back: add the peak that was subtracted.": lambda a: (
        log_sum_exp(a) - np.max(a) + np.mean(a)
    ),
    "The mean was subtracted, not the peak: far entries overflow.": lambda a: (
        np.mean(a) + np.log(np.sum(np.exp(a - np.mean(a))))
    ),
    "You took the logarithm of each, not of the sum.": lambda a: np.max(a) + np.sum(a - np.max(a)),
    "You took the logarithm of each, and log 0 of the far ones: sum first.": lambda a: (
        np.max(a) + np.sum(np.log(np.exp(a - np.max(a))))
    ),
    "The first was subtracted, not the largest: exp overflows.": lambda a: (
        a[0] + np.log(np.sum(np.exp(a - a[0])))
    ),
    "The peak was not added back, and the logarithm of each was taken: sum first.": lambda a: (
        np.sum(np.log(np.exp(a - np.max(a))))
    ),
    "The peak stands inside the logarithm: add it outside.": lambda a: np.log(
        np.max(a) + np.sum(np.exp(a - np.max(a)))
    ),
    "You took one number for each entry: sum the exponentials before the logarithm.": lambda a: (
        np.max(a) + np.log(np.exp(a - np.max(a)))
    ),
    "exp of the peak was added inside the logarithm: add the peak outside.": lambda a: np.log(
        np.exp(np.max(a)) + np.sum(np.exp(a - np.max(a)))
    ),
    "This is a softmax: the logarithm of the sum is wanted.": lambda a: np.exp(a - log_sum_exp(a)),
}


def width(grid):
    return grid[1] - grid[0]


EVIDENCE_GRID = {
    "The width of the cells is missing.": lambda log_joint, grid: log_sum_exp(log_joint),
    "You took an average over the grid: its length is missing.": lambda log_joint, grid: (
        log_sum_exp(log_joint) - np.log(len(grid))
    ),
    "The log joint was integrated, not the joint.": lambda log_joint, grid: (
        np.sum(log_joint) * width(grid)
    ),
    "The peak was not added back.": lambda log_joint, grid: (
        evidence_grid(log_joint, grid) - np.max(log_joint)
    ),
    "The width of the cells stands twice.": lambda log_joint, grid: (
        evidence_grid(log_joint, grid) + np.log(width(grid))
    ),
    "The width was added: inside the logarithm it multiplies.": lambda log_joint, grid: (
        log_sum_exp(log_joint) + width(grid)
    ),
    "Divided by the width: each cell is as high as the joint and as wide as the grid's step.": (
        lambda log_joint, grid: log_sum_exp(log_joint) - np.log(width(grid))
    ),
    "This is p(x), not its logarithm.": lambda log_joint, grid: np.exp(
        evidence_grid(log_joint, grid)
    ),
    "exp underflows or overflows: subtract the peak first.": lambda log_joint, grid: np.log(
        np.sum(np.exp(log_joint)) * width(grid)
    ),
    "You took the peak alone: the integral is an area.": lambda log_joint, grid: np.max(log_joint),
    "The length of the grid stands for the width of a cell.": lambda log_joint, grid: (
        log_sum_exp(log_joint) + np.log(grid[-1] - grid[0])
    ),
    "The step is (end - start) / (n - 1): n points have n - 1 gaps.": lambda log_joint, grid: (
        log_sum_exp(log_joint) + np.log((grid[-1] - grid[0]) / len(grid))
    ),
    "The log joint was integrated by trapezoids: exp comes first.": lambda log_joint, grid: (
        (np.sum(log_joint) - (log_joint[0] + log_joint[-1]) / 2) * width(grid)
    ),
    "The width stands before the logarithm: it multiplies inside.": lambda log_joint, grid: (
        width(grid) * log_sum_exp(log_joint)
    ),
    "The logarithm of the sum was left out behind the peak.": lambda log_joint, grid: (
        np.max(log_joint) + np.sum(np.exp(log_joint - np.max(log_joint))) * width(grid)
    ),
    "The grid stands beside the joint: the width of a cell does.": lambda log_joint, grid: (
        log_sum_exp(log_joint + grid)
    ),
    "The width stands inside exp: it multiplies outside of it.": lambda log_joint, grid: (
        log_sum_exp(log_joint * width(grid))
    ),
    "You counted the width once for each point.": lambda log_joint, grid: (
        log_sum_exp(log_joint) + len(grid) * np.log(width(grid))
    ),
    "You took the peak times the width: all cells count.": lambda log_joint, grid: (
        np.max(log_joint) * width(grid)
    ),
}

COIN_POSTERIOR = {
    "The prior is forgotten: the counts are added to a and b.": lambda h, t, a, b: (h, t),
    "A flat prior was added: this one is Beta(a, b).": lambda h, t, a, b: (h + 1, t + 1),
    "The counts changed places: heads go to a.": lambda h, t, a, b: (a + t, b + h),
    "a and b changed places.": lambda h, t, a, b: (b + h, a + t),
    "The two results changed places.": lambda h, t, a, b: (b + t, a + h),
    "A mean and a count, where a and b belong.": lambda h, t, a, b: (
        (a + h) / (a + b + h + t),
        a + b + h + t,
    ),
    "You have one too few: the -1 stands in the exponent, not in a and b.": lambda h, t, a, b: (
        a + h - 1,
        b + t - 1,
    ),
    "You have one too many.": lambda h, t, a, b: (a + h + 1, b + t + 1),
    "The second takes the tails, not the number of tosses.": lambda h, t, a, b: (
        a + h,
        b + h + t,
    ),
    "The data are missing.": lambda h, t, a, b: (a, b),
    "All counts stand in the second: it takes b and the tails.": lambda h, t, a, b: (
        a + h,
        a + b + h + t,
    ),
    "You multiplied the counts: they are added.": lambda h, t, a, b: (a * h, b * t),
    "The mean alone belongs to no Beta: a and b are wanted.": lambda h, t, a, b: (
        (a + h) / (a + b + h + t),
        (b + t) / (a + b + h + t),
    ),
}

LOG_EVIDENCE = {
    "log B is log Γ(a) + log Γ(b) - log Γ(a + b): the last is missing.": lambda h, t, a, b: (
        gammaln(a + h) + gammaln(b + t) - gammaln(a) - gammaln(b)
    ),
    "log B is log Γ(a) + log Γ(b) - log Γ(a + b): a sign is wrong.": lambda h, t, a, b: (
        log_evidence(h, t, a, b) - 2 * gammaln(a + b)
    ),
    "This is the prior's log B(a, b) alone.": lambda h, t, a, b: betaln(a, b),
    "log B(a, b) of the prior is missing.": lambda h, t, a, b: betaln(a + h, b + t),
    "Upside down: the sign.": lambda h, t, a, b: -log_evidence(h, t, a, b),
    "You have one toss too many on each side: B(a + h, b + t).": lambda h, t, a, b: log_evidence(
        h + 1, t + 1, a, b
    ),
    "You took a mean toss: the log p(x) of a sequence is a sum.": lambda h, t, a, b: (
        log_evidence(h, t, a, b) / max(h + t, 1)
    ),
    "You counted the number of orders: our data are a sequence.": lambda h, t, a, b: (
        log_evidence(h, t, a, b) + np.log(comb(h + t, h))
    ),
    "This is the likelihood at the posterior mean.": lambda h, t, a, b: likelihood(
        (a + h) / (a + b + h + t), h, t
    ),
    "This is the likelihood at the prior mean.": lambda h, t, a, b: likelihood(a / (a + b), h, t),
    "This is the likelihood at its maximum.": lambda h, t, a, b: likelihood(
        np.clip(h / (h + t), 1e-300, 1 - 1e-16), h, t
    ),
    "You added the two logarithms: B(a, b) divides.": lambda h, t, a, b: (
        betaln(a + h, b + t) + betaln(a, b)
    ),
    "This is p(x), not its logarithm.": lambda h, t, a, b: np.exp(log_evidence(h, t, a, b)),
    "The counts changed places.": lambda h, t, a, b: log_evidence(t, h, a, b),
    "The prior is flat here; it is Beta(a, b).": lambda h, t, a, b: log_evidence(h, t, 1, 1),
    "The logarithms were divided: a quotient's logarithm is a difference.": lambda h, t, a, b: (
        betaln(a + h, b + t) / betaln(a, b)
    ),
    "The prior's a and b are missing beside the counts.": lambda h, t, a, b: (
        betaln(h + 1, t + 1) - betaln(a, b)
    ),
    "You have one too few in a and b of the posterior.": lambda h, t, a, b: (
        betaln(a + h - 1 + 1e-300, b + t - 1 + 1e-300) - betaln(a, b)
    ),
    "The prior is flat in the denominator, or the data stand there: it is B(a, b).": (
        lambda h, t, a, b: betaln(a + h, b + t) - betaln(h + 1, t + 1)
    ),
    "B(h, t) is not the posterior's: the prior's a and b are missing in it.": lambda h, t, a, b: (
        betaln(h, t) - betaln(a, b)
    ),
    "You took a difference of B, not of their logarithms.": lambda h, t, a, b: (
        np.exp(betaln(a + h, b + t)) - np.exp(betaln(a, b))
    ),
    "All counts stand in the second place of B: it takes b and the tails.": lambda h, t, a, b: (
        betaln(a + h, a + b + h + t) - betaln(a, a + b)
    ),
    "Gamma(a + b + h + t) is missing in the posterior's B.": lambda h, t, a, b: (
        log_evidence(h, t, a, b) + gammaln(a + b + h + t)
    ),
    "Gamma(a + b) is missing in the prior's B.": lambda h, t, a, b: (
        log_evidence(h, t, a, b) - gammaln(a + b)
    ),
    "Gamma(a + b + h + t) divides in the posterior's B: its sign.": lambda h, t, a, b: (
        log_evidence(h, t, a, b) + 2 * gammaln(a + b + h + t)
    ),
    "Gamma of the sum divides in both B: its sign.": lambda h, t, a, b: (
        log_evidence(h, t, a, b) + 2 * gammaln(a + b + h + t) - 2 * gammaln(a + b)
    ),
}
