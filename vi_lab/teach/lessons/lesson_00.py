"""Lesson 00, the integral in the way: a log joint, log-sum-exp, a grid, and what it costs."""

import numpy as np

from vi_lab.teach.exercise import Choice, Exercise, Prediction
from vi_lab.teach.lessons.mistakes.lesson_00 import (
    COIN_POSTERIOR,
    EVIDENCE_GRID,
    LOG_EVIDENCE,
    LOG_JOINT,
    LOG_SUM_EXP,
)
from vi_lab.teach.lessons.mistakes.lesson_00_newcomb import NEWCOMB
from vi_lab.teach.lessons.solutions.lesson_00 import (
    coin_posterior,
    evidence_grid,
    log_evidence,
    log_joint,
    log_sum_exp,
    newcomb_log_joint,
)


def coins(generator, i):
    """h, t, a, b: a plain case, no tails, no heads, a long sequence, then any."""
    if i < 4:
        return ((7, 3, 2, 3), (4, 0, 1.5, 2.5), (0, 5, 3.5, 0.5), (130, 90, 2.2, 5.0))[i]
    h, t = generator.integers(1, 30, 2)
    a, b = generator.uniform(0.4, 6, 2)
    return int(h), int(t), float(a), float(b)


def coins_and_theta(generator, i):
    """theta in front of the same; one theta near zero."""
    theta = 1e-4 if i == 3 else float(generator.uniform(0.05, 0.95))
    return theta, *coins(generator, i)


def vectors(generator, i):
    """Entries that lie thousands apart, tie, stand alone, or are far from zero on either side."""
    if i < 4:
        given = ([-1001.5, -1000.0, -3900.0], [3.0, 3.0, 3.0, 3.0], [-4.5], [-500.0, 900.0, 898.0])
        return (np.array(given[i]) + generator.normal(),)
    return (generator.normal(-2, 3, 5 + i),)


def log_joints(generator, i):
    """Bumps of one or two humps, up to 1,500 nats from zero, on even grids of any width,
    of an odd and of an even number of points."""
    center, width = generator.normal(0, 5), generator.uniform(0.05, 3)
    grid = center + width * np.linspace(-14, 14, 201 + 61 * (i % 4))
    z = (grid - center) / width
    bumps = np.logaddexp(-0.5 * (z - 2) ** 2, generator.normal() - 0.5 * (z + 2.5) ** 2)
    return bumps + (-1500.0, -3.0, 800.0, 0.5, -40.0, -900.0)[i % 6], grid


def newcombs(generator, i):
    """x, mu, tau, mu0, kappa0, a0, b0; one datum, tied data, and whole numbers among them."""
    if i == 2:
        return np.array([3.0, 3.0, 3.0]), 2, 3, 4, 2, 3, 5
    x = generator.normal(2, 2, (5, 1, 0, 8, 3, 6)[i % 6])
    mu, mu0 = generator.normal(2, 1, 2)
    tau, kappa0, a0, b0 = generator.uniform(0.3, 4, 4)
    return x, *map(float, (mu, tau, mu0, kappa0, a0, b0))


EXERCISES = (
    Exercise(
        id="00.1",
        title="the log joint of a coin",
        minutes=8,
        star=False,
        inputs=coins_and_theta,
        right=log_joint,
        mistakes=LOG_JOINT,
        hints=(
            "A log joint is a log prior plus a log likelihood; write each as a line.",
            "log Beta(θ; a, b) = (a-1) log θ + (b-1) log(1-θ) - log B(a, b); h log θ + t log(1-θ).",
            "Start with log_prior = (a - 1) * np.log(theta) + …, and betaln(a, b) for log B.",
        ),
    ),
    Exercise(
        id="00.2",
        title="log-sum-exp",
        minutes=6,
        star=False,
        inputs=vectors,
        right=log_sum_exp,
        mistakes=LOG_SUM_EXP,
        hints=(
            "exp(-1000) is 0 on a computer. Take out what is common to all entries.",
            "log Σ exp(a) = m + log Σ exp(a - m), for every m; choose the largest entry.",
            "Start with peak = np.max(a).",
        ),
    ),
    Exercise(
        id="00.3",
        title="log p(x) on a grid",
        minutes=8,
        star=False,
        inputs=log_joints,
        right=evidence_grid,
        mistakes=EVIDENCE_GRID,
        rtol=1e-6,
        hints=(
            "The integral is a sum of cells, each as high as the joint and as wide as the step.",
            "log p(x) = log Σ exp(log joint) + log(step); subtract the peak before exp.",
            "Start with width = grid[1] - grid[0].",
        ),
    ),
    Exercise(
        id="00.4",
        title="the posterior of a coin",
        minutes=5,
        star=False,
        inputs=coins,
        right=coin_posterior,
        mistakes=COIN_POSTERIOR,
        parts=("a", "b"),
        hints=(
            "Prior times likelihood is a power of θ times a power of 1-θ: which?",
            "θ^(a-1+h) (1-θ)^(b-1+t) is again a Beta. What are its two numbers?",
            "The heads belong to the first: begin with a.",
        ),
    ),
    Exercise(
        id="00.5",
        title="log p(x) in closed form",
        minutes=8,
        star=False,
        inputs=coins,
        right=log_evidence,
        mistakes=LOG_EVIDENCE,
        hints=(
            "The integral of θ^(a+h-1) (1-θ)^(b+t-1) is a beta function.",
            "p(x) = B(a + h, b + t) / B(a, b); betaln is log B.",
            "Start with prior = betaln(a, b).",
        ),
    ),
    Exercise(
        id="00.8",
        title="Newcomb's log joint",
        minutes=12,
        star=True,
        inputs=newcombs,
        right=newcomb_log_joint,
        mistakes=NEWCOMB,
        hints=(
            "Three densities: a gamma of tau, a normal of mu, a normal of each datum.",
            "log N(x; m, precision p) = ½ log(p / 2π) - ½ p (x-m)²; "
            "log Gamma = a0 log b0 - log Γ(a0) + (a0-1) log τ - b0 τ.",
            "Start with prior_tau = a0 * np.log(b0) - gammaln(a0) + …",
        ),
    ),
)

CHOICES = (
    Choice(
        id="00.6",
        title="how a grid's cost grows",
        minutes=3,
        star=False,
        question="400 points for each unknown, d unknowns. How often is the log joint evaluated?",
        answers=("400^d",),
        wrong=(
            {
                "400·d": "That would be a grid for each unknown alone; the cells are combinations.",
                "400^2": "That is right for two unknowns; each further one multiplies by 400.",
                "d^400": "Upside down: each of the d unknowns multiplies the cells by 400.",
            },
        ),
        why="Every point of one axis meets every point of all others.",
        hints=("Count for one unknown, then for two.",),
    ),
    Choice(
        id="00.7",
        title="a posterior that does not integrate to one",
        minutes=5,
        star=False,
        question=(
            "A posterior is drawn on a grid, and the area under it is 0.0025, the grid's step. "
            "The program: (A) `log_post = log_joint(grid) - log_joint(grid).max()`; (B) `post = "
            "np.exp(log_post)`; (C) `post = post / post.sum()`; (D) `ax.plot(grid, post)` as a "
            "density. Which line is wrong?"
        ),
        answers=("C",),
        wrong=(
            {
                "A": "The peak may be taken out: it cancels when the posterior is normalised.",
                "B": "exp is right, and safe after A: the largest value is one.",
                "D": "The axes are right; what is drawn is a mass of each cell.",
            },
        ),
        why=(
            "Divided by its sum, each value is the mass of a cell. A density is mass per width: "
            "divide by the step too."
        ),
        hints=("What is the sum of post after each line, and what is its area?",),
    ),
)

PREDICTIONS = (
    Prediction(
        "00.a",
        "400 points an unknown, ten unknowns: how many evaluations? The power of ten.",
        within=1.1,
    ),
    Prediction(
        "00.b",
        "Newcomb's prior of mu is made a hundred times wider, all else stays. The evidence …",
        ("falls", "rises", "stays"),
    ),
    Prediction(
        "00.c",
        "Which prior gives the larger evidence to 14 heads and 6 tails?",
        ("Beta(1, 1)", "Beta(20, 20)", "Beta(2, 20)"),
    ),
)
