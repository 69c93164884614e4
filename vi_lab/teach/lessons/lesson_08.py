"""Lesson 08, where the nats go: the model, the shape of q, the encoder, and chance."""

import numpy as np

from vi_lab.teach.exercise import Choice, Exercise, Prediction
from vi_lab.teach.lessons.exercises import climbing_08 as climbing
from vi_lab.teach.lessons.mistakes import lesson_08 as mistakes
from vi_lab.teach.lessons.solutions import lesson_08 as right


def log_weights(generator, i):
    """Six, one, three equal, nine whole, five far below exp's reach, four far above it."""
    size = (6, 1, 3, 9, 5, 4)[i % 6]
    log_w = generator.normal(-20.0, 2.0, size)
    if i % 6 == 2:
        log_w = np.full(size, -3.5)
    if i % 6 == 3:
        log_w = np.round(log_w)
    if i % 6 == 4:
        log_w -= 2900.0
    if i % 6 == 5:
        log_w += 900.0
    return (log_w,)


def three_bounds(generator, i):
    """ELBO, best ELBO, log p(x): twice the order is broken, by a short climb and by noise."""
    log_evidence = generator.normal(9.0 if i % 6 == 4 else -21.0, 3.0)
    approximation, amortisation = generator.gamma(1.0, 0.1, 2) + 0.01
    if i % 6 == 2:
        amortisation = -0.004
    if i % 6 == 3:
        approximation = -0.02
    elbo_star = log_evidence - approximation
    return float(elbo_star - amortisation), float(elbo_star), float(log_evidence)


def table_and_side(generator, i):
    """A table of log joints and the side of a cell; mass at the edges, so that no rule helps."""
    shape = ((5, 7), (4, 4), (2, 3), (12, 9), (1, 1), (6, 2))[i % 6]
    table = generator.normal(-18.0, 1.5, shape)
    if i % 6 == 3:
        table = np.round(table) - 300.0
    if i % 6 == 5:
        table += 30.0  # a density may be above one
    return table, float(generator.choice([0.02, 0.25, 3.0]) * generator.uniform(0.8, 1.2))


def numbers(generator, i):
    """Seven, two, five with ties, twenty-four, three with an outlier, ten numbers."""
    x = generator.normal(0.4, 0.3, (7, 2, 5, 24, 3, 10)[i % 6])
    if i % 6 == 2:
        x = np.round(x, 1) + np.array([0.0, 0.0, 0.1, 0.0, 0.0])
    if i % 6 == 4:
        x[0] += 50.0
    return (x,)


def no_inputs(generator, i):
    """08.3 is judged by its own climbs."""
    return ()


EXERCISES = (
    Exercise(
        id="08.1",
        title="log p(x) from importance weights",
        minutes=8,
        star=False,
        inputs=log_weights,
        right=right.importance_log_evidence,
        mistakes=mistakes.IMPORTANCE,
        hints=(
            "p(x) is an average of weights under q; yours are logarithms, and far from 0.",
            "log p(x) ≈ log (1/K) Σ w_k with log w_k = log p(x, z_k) - log q(z_k).",
            "peak = np.max(log_w), as in 00.2: take it out before exp, put it back after log.",
        ),
    ),
    Exercise(
        id="08.2",
        title="two gaps",
        minutes=4,
        star=False,
        inputs=three_bounds,
        right=right.split,
        mistakes=mistakes.SPLIT,
        parts=("amortisation gap", "approximation gap"),
        hints=(
            "Walk from the ELBO of the encoder up to log p(x). Where do you rest?",
            "log p(x) = ELBO + (ELBO* - ELBO) + (log p(x) - ELBO*).",
            "The encoder's fault ends at the best q of the family: start from elbo_star.",
        ),
    ),
    Exercise(
        id="08.3",
        title="a better q for one picture",
        minutes=12,
        star=False,
        inputs=no_inputs,
        right=right.climb,
        mistakes=climbing.CLIMB,
        judge=climbing.judge,
        hints=(
            "Follow the slope uphill, in m and in logvar, and ask for it anew at every step.",
            "m ← m + step · dm and logvar ← logvar + step · dlogvar.",
            "for _ in range(1000): dm, dlogvar = gradient(m, logvar), and then a short step.",
        ),
    ),
    Exercise(
        id="08.4",
        title="log p(x) on a grid in the plane",
        minutes=6,
        star=False,
        inputs=table_and_side,
        right=right.log_evidence_2d,
        mistakes=mistakes.PLANE,
        hints=(
            "It is 00.3 once more: what is the width of a cell in two dimensions?",
            "log p(x) ≈ log (h² ΣΣ p(z, x)), with the peak taken out before exp.",
            "peak = np.max(log_joint), over the whole table.",
        ),
    ),
    Exercise(
        id="08.6",
        title="the standard error of a mean",
        minutes=5,
        star=False,
        inputs=numbers,
        right=right.standard_error,
        mistakes=mistakes.STANDARD_ERROR,
        hints=(
            "Two steps: the spread of one number, and what averaging does to it.",
            "s / √n with s² = Σ (x - mean)² / (n - 1).",
            "np.std has ddof for the n - 1.",
        ),
    ),
)

RICHER = {
    "the amortisation gap": "A larger encoder closes that one: its q comes nearer to the best q, "
    "and stays in the family.",
    "the approximation gap": "A q with correlations closes that one: it is a larger family.",
    "what the model lacks": "A better decoder or longer training raises log p(x) itself, which no "
    "q can do.",
    "the error of the number": "More draws make the number surer, and move none of the three.",
}


def all_but(answer):
    """Each other gap, and the sentence that says what would close it."""
    return {gap: sentence for gap, sentence in RICHER.items() if gap != answer}


CURES = {
    "a larger encoder": "the amortisation gap",
    "a q with correlations": "the approximation gap",
    "a larger decoder": "what the model lacks",
    "100 times the draws": "the error of the number",
}

CHOICES = (
    Choice(
        id="08.9",
        title="the worst estimator",
        minutes=4,
        star=True,
        question="The harmonic mean of the likelihood is 1.5 nats too high, at every seed alike. "
        "What is wrong with it?",
        answers=("weights that are largest where no draw is",),
        wrong=(
            {
                "too few draws": "The same number of draws brings a bridge to 0.002 nats. A "
                "thousand times as many would hardly move it.",
                "chains that have not mixed": "Bridge sampling rests on chains of the same kind, "
                "and is right.",
                "a constant that is missing": "Its formula is exact, and has all constants. What "
                "is poor is the average that stands for the integral.",
            },
        ),
        why="1 / p(x | z) is huge in all of the prior that the data rule out, where draws of the "
        "posterior never come. Seeds agree because all of them miss the same.",
        hints=(
            "Where is 1 / p(x | z) large, and where are the draws?",
            "Under the posterior the variance of 1 / p(x | z) is ∫ p(z) / p(x | z) dz, times p(x), "
            "less the square of the mean.",
            "In a far corner of the prior, p(x | z) is e⁻¹⁰⁰ or less.",
        ),
    ),
    Choice(
        id="08.8",
        title="covariances or coordinates",
        minutes=4,
        star=True,
        question="Of the 2.09 nats that a diagonal Gaussian falls short on eight schools, what "
        "brings back most?",
        answers=("other coordinates",),
        wrong=(
            {
                "a full covariance": "It brings back 0.81 and leaves 1.28. Look at the number that "
                "was printed below the picture.",
                "independent blocks": "CAVI stands where the diagonal Gaussian does, 0.003 nats "
                "apart.",
                "more restarts": "The best is found. It is the family that is poor there.",
            },
        ),
        why="Effects in units of their own spread are nearly independent of it: 0.29 nats left, "
        "without a single covariance.",
        hints=(
            "Compare what is left with each: the bar's foot, and the printed number.",
            "A full covariance leaves 1.28 nats.",
            "The printed number has no covariance at all.",
        ),
    ),
    Choice(
        id="08.5",
        title="four cures for four gaps",
        minutes=5,
        star=False,
        question="Which gap does each cure close, the others left as they are?",
        items=tuple(CURES),
        answers=tuple(CURES.values()),
        wrong=tuple(all_but(gap) for gap in CURES.values()),
        why="Encoder, family, model, estimate: each has its own gap and its own cure.",
        hints=(
            "Which of log p(x), the best ELBO and the encoder's ELBO does the cure move?",
            "The encoder moves the lowest, the family the middle one, the decoder all three.",
            "Draws move none of them: they only tell where they are.",
        ),
    ),
    Choice(
        id="08.7",
        title="a negative KL",
        minutes=6,
        star=True,
        question="log p(x) - ELBO came out negative for a q that was climbed to on three draws of "
        "noise. Why?",
        answers=("one sample used twice",),
        wrong=(
            {
                "rounding": "Rounding costs 1e-14 nats here; this is a tenth of a nat and more.",
                "log p(x) is too low": "The grid and the ledger have the same log p(x) to nine "
                "digits. The other number is too high.",
                "too few draws for the score": "Three fresh draws err to both sides. These three "
                "err to one side, since q was fitted to them.",
                "the KL can be negative": "A KL is never negative (lesson 01). What is negative "
                "is an estimate of it.",
            },
        ),
        why="q was fitted to these very draws, and then scored on them: the bound holds on average "
        "over noise that q has not seen.",
        hints=(
            "Follow the noise: where was it drawn, and how often is it used?",
            "Score the same q with fresh noise.",
            "The climb fits q to three draws; the score then praises the fit.",
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        "08.a",
        "Held-out digits, two latents. Which gap is larger on average: the one of the encoder that "
        "serves all pictures, or the one of the Gaussian shape without correlations?",
        ("the encoder's", "the shape's"),
    ),
    Prediction(
        "08.b",
        "log of the mean of ten weights, in the place of one: how much of the gap between ELBO and "
        "log p(x) does it close?",
        ("a tenth", "a third", "more than half"),
    ),
    Prediction(
        "08.c",
        "The encoder is made as large as you like, the decoder is left as it is. What goes to 0?",
        ("both gaps", "the amortisation gap", "the approximation gap", "neither"),
    ),
)
