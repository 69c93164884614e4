"""The mistakes of lesson 01 on a few states: KL, five lines, ELBO."""

import numpy as np

from vi_lab.teach.lessons.solutions.lesson_01 import elbo, five_lines, kl


def lines(change):
    """The five lines after a change of the list of them."""

    def wrong(q, joint):
        given = list(five_lines(q, joint))
        change(given, q, joint)
        return tuple(given)

    return wrong


def put(line, formula):
    """The five lines with one of them by another formula of (q, joint)."""
    return lines(lambda given, q, joint: given.__setitem__(line - 1, formula(q, joint)))


def add(line, formula):
    """The five lines with something added to one of them."""
    return lines(
        lambda given, q, joint: given.__setitem__(line - 1, given[line - 1] + formula(q, joint))
    )


def log_evidence(q, joint):
    return np.log(joint.sum())


def posterior(joint):
    return joint / joint.sum()


KL = {
    "Brackets: q weighs both logarithms, here only log p.": lambda q, p: np.sum(
        np.log(q) - q * np.log(p)
    ),
    "Brackets: q weighs both logarithms, here only log q.": lambda q, p: np.sum(
        q * np.log(q) - np.log(p)
    ),
    "This is half the sum of |q - p|, the total variation.": lambda q, p: (
        0.5 * np.sum(np.abs(q - p))
    ),
    "This is the sum of |q - p|: a KL compares logarithms.": lambda q, p: np.sum(np.abs(q - p)),
    "These are squared differences: a KL compares logarithms.": lambda q, p: np.sum((q - p) ** 2),
    "The sum of the logs is not the log of the sum.": lambda q, p: (
        np.log(np.sum(q)) + np.log(np.sum(q / p))
    ),
    "log q and log p are each weighted by their own: q weighs both.": lambda q, p: (
        np.sum(q * np.log(q)) - np.sum(p * np.log(p))
    ),
    "This is the KL to the mixture of both.": lambda q, p: np.sum(q * np.log(2 * q / (q + p))),
    "This is KL[p || q]: the average is taken under q.": lambda q, p: kl(p, q),
    "These are bits: nats want the natural logarithm.": lambda q, p: kl(q, p) / np.log(2),
    "The log ratio is not weighted by q.": lambda q, p: np.sum(np.log(q / p)),
    "You took a plain mean of the log ratio: weight it by q.": lambda q, p: np.mean(np.log(q / p)),
    "The sign is wrong: q stands above p in the ratio.": lambda q, p: -kl(q, p),
    "This is the cross-entropy: E_q[log q] is missing.": lambda q, p: -np.sum(q * np.log(p)),
    "You took absolute values: a KL adds terms of both signs.": lambda q, p: np.sum(
        q * np.abs(np.log(q / p))
    ),
    "You left out the states where q is smaller: a KL adds terms of both signs.": lambda q, p: (
        np.sum(q * np.maximum(np.log(q / p), 0))
    ),
    "This is symmetrised, the sum of both directions: KL has one.": lambda q, p: (
        kl(q, p) + kl(p, q)
    ),
    "You took half the sum of both directions: KL has one.": lambda q, p: (kl(q, p) + kl(p, q)) / 2,
    "The log ratio is squared: KL adds it with its sign.": lambda q, p: np.sum(
        q * np.log(q / p) ** 2
    ),
    "The average is taken under p: weight the log ratio by q.": lambda q, p: -kl(p, q),
    "This is E_q[log q] alone: log p is missing.": lambda q, p: np.sum(q * np.log(q)),
    "The logarithm is missing: it is of the ratio.": lambda q, p: np.sum(q * (q / p)),
    "You took the log of the average: it is the average of the log.": lambda q, p: np.log(
        np.sum(q * q / p)
    ),
    "You took the log of a plain mean of the ratio: average the log, under q.": lambda q, p: np.log(
        np.mean(q / p)
    ),
    "This is Jensen and Shannon's divergence, to the mixture of both, from both sides.": (
        lambda q, p: (kl(q, (q + p) / 2) + kl(p, (q + p) / 2)) / 2
    ),
    "The terms are not summed.": lambda q, p: q * np.log(q / p),
    "You took a mean of the weighted terms: q is the weight already, so sum.": lambda q, p: np.mean(
        q * np.log(q / p)
    ),
}

FIVE_LINES = {
    "Line 1: its minus is missing, or the ratio is upside down.": lines(
        lambda given, q, joint: given.__setitem__(0, -given[0])
    ),
    "p(x) was left out in all lines but the first: it is no 1.": lambda q, joint: tuple(
        line - weight * log_evidence(q, joint)
        for line, weight in zip(
            five_lines(q, joint), (0.0, q.sum(), q.sum(), 1.0, 1.0), strict=True
        )
    ),
    "You subtracted log p(x) in lines 3 to 5; it is added.": lambda q, joint: tuple(
        line - 2 * weight * log_evidence(q, joint)
        for line, weight in zip(five_lines(q, joint), (0.0, 0.0, q.sum(), 1.0, 1.0), strict=True)
    ),
    "Line 5: the sign of log p(x) is wrong.": add(5, lambda q, joint: -2 * log_evidence(q, joint)),
    "Line 1 has the joint where the posterior belongs.": put(
        1, lambda q, joint: -np.sum(q * np.log(joint / q))
    ),
    "Line 2: p(x) stands in the numerator; it belongs below, beside q.": add(
        2, lambda q, joint: -2 * q.sum() * log_evidence(q, joint)
    ),
    "Line 2: p(x) is missing below the line.": add(
        2, lambda q, joint: -q.sum() * log_evidence(q, joint)
    ),
    "Line 3: log p(x) was summed once for every state; weight it by q.": add(
        3, lambda q, joint: (len(q) - q.sum()) * log_evidence(q, joint)
    ),
    "Line 3: the integral of q log p(x) is still there: keep q before it.": add(
        3, lambda q, joint: (1 - q.sum()) * log_evidence(q, joint)
    ),
    "Line 3: the sign of its second integral is wrong.": add(
        3, lambda q, joint: -2 * q.sum() * log_evidence(q, joint)
    ),
    "Line 4: the sign of log p(x) is wrong.": add(4, lambda q, joint: -2 * log_evidence(q, joint)),
    "Line 4: you weighted log p(x) by q again; it stands alone here.": add(
        4, lambda q, joint: (q.sum() - 1) * log_evidence(q, joint)
    ),
    "Line 4: log p(x) is missing.": add(4, lambda q, joint: -log_evidence(q, joint)),
    "Line 5: the sign of E_q[log q] is wrong.": add(5, lambda q, joint: -2 * np.sum(q * np.log(q))),
    "Line 5: E_q[log q] is missing.": add(5, lambda q, joint: -np.sum(q * np.log(q))),
    "Line 5: log p(x) is missing.": add(5, lambda q, joint: -log_evidence(q, joint)),
    "Line 5: the minus in front of the bracket is missing.": put(
        5, lambda q, joint: elbo(q, joint) + log_evidence(q, joint)
    ),
    "You normalised q first: take it as it comes, also where it does not sum to one.": (
        lambda q, joint: five_lines(q / q.sum(), joint)
    ),
    "You gave one number five times: compute each line from its own formula.": lambda q, joint: (
        (five_lines(q, joint)[0],) * 5
    ),
    "All signs are wrong: the five lines start with a minus.": lambda q, joint: tuple(
        -line for line in five_lines(q, joint)
    ),
    "p(x) is the sum of the joint, not its mean.": lambda q, joint: (
        five_lines(q, joint / len(joint))[:1]
        + tuple(
            line - weight * np.log(len(joint))
            for line, weight in zip(
                five_lines(q, joint)[1:], (q.sum(), q.sum(), 1.0, 1.0), strict=True
            )
        )
    ),
}

ELBO = {
    "The average of log p(z, x) is taken under the joint, not under q.": lambda q, j: (
        np.sum(j * np.log(j)) - np.sum(q * np.log(q))
    ),
    "Brackets: q weighs both logarithms, here only the first.": lambda q, j: np.sum(
        q * np.log(j) - np.log(q)
    ),
    "Brackets: q weighs both logarithms, here only the second.": lambda q, j: np.sum(
        np.log(j) - q * np.log(q)
    ),
    "No logarithm was taken.": lambda q, j: np.sum(q * j) - np.sum(q * q),
    "The average of log q is taken under the joint.": lambda q, j: (
        np.sum(q * np.log(j)) - np.sum(j * np.log(q))
    ),
    "The entropy is missing: subtract E_q[log q].": lambda q, j: np.sum(q * np.log(j)),
    "The entropy has the wrong sign.": lambda q, j: np.sum(q * np.log(j * q)),
    "This is minus the ELBO, a loss.": lambda q, j: -elbo(q, j),
    "This is minus the KL: the posterior stands where the joint belongs.": lambda q, j: (
        -kl(q, posterior(j))
    ),
    "This is the KL to the posterior.": lambda q, j: kl(q, posterior(j)),
    "This is log p(x) itself: q plays no part.": log_evidence,
    "You took the log of the average: it is the average of the log.": lambda q, j: (
        np.log(np.sum(q * j)) - np.sum(q * np.log(q))
    ),
    "You took the log of the average joint, and no entropy.": lambda q, j: np.log(np.sum(q * j)),
    "This is the entropy of q alone: the joint is missing.": lambda q, j: -np.sum(q * np.log(q)),
    "The log ratio is not weighted by q.": lambda q, j: np.sum(np.log(j / q)),
    "You took a plain mean of the log ratio: weight it by q.": lambda q, j: np.mean(np.log(j / q)),
    "The average is taken under the joint, not under q.": lambda q, j: np.sum(j * np.log(j / q)),
    "The average is taken under the posterior, not under q.": lambda q, j: np.sum(
        posterior(j) * np.log(j / q)
    ),
    "You averaged log p(z, x) under the posterior: both averages are under q.": lambda q, j: (
        np.sum(posterior(j) * np.log(j)) - np.sum(q * np.log(q))
    ),
    "The joint comes as p(z, x): take its logarithm.": lambda q, j: (
        np.sum(q * j) - np.sum(q * np.log(q))
    ),
    "log p(x) is added once more.": lambda q, j: elbo(q, j) + log_evidence(q, j),
    "The terms are not summed.": lambda q, j: q * np.log(j / q),
}
