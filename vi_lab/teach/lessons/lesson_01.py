"""Lesson 01, the identity: KL, the five lines, the ELBO and what a lost constant does."""

import numpy as np

from vi_lab.teach.exercise import Choice, Exercise, Prediction


def kl(q, p):
    """KL[q || p] in nats, of two distributions over the same states.

    q, p: arrays of positive probabilities, each sums to one. Returns one number.
    """
    return np.sum(q * np.log(q / p))


def two_distributions(generator, i):
    """q and p over 2 to 7 states; the fourth pair is equal, the fifth nearly certain."""
    n = (4, 2, 3, 5, 6, 7)[i % 6]
    q, p = generator.dirichlet(np.ones(n), 2) + 1e-3
    if i == 4:
        q[0] += 50.0
    return q / q.sum(), p / p.sum()


EXERCISES = (
    Exercise(
        id="01.1",
        title="the KL divergence",
        minutes=8,
        star=False,
        inputs=two_distributions,
        right=kl,
        mistakes={
            "This is KL(p||q): the average is taken under q.": lambda q, p: np.sum(
                p * np.log(p / q)
            ),
            "These are bits: nats want the natural logarithm.": lambda q, p: np.sum(
                q * np.log2(q / p)
            ),
            "The log ratio is not weighted by q.": lambda q, p: np.sum(np.log(q / p)),
        },
        hints=(
            "It is an average under q of how much larger q is than p, on a log scale.",
            "KL[q || p] = Σ_z q(z) log(q(z) / p(z)).",
            "Start with the log ratio: ratio = np.log(q / p).",
        ),
    ),
)

CHOICES: tuple[Choice, ...] = ()

PREDICTIONS = (
    Prediction("01.a", "To how many digits do the five lines agree?", ("3", "8", "15"), 1.25),
)
