"""The picture that stands under a stub: what the right function draws.

A curve tells whether one's own numbers have the right form, and no formula. Where the formula, or
a number that is asked for, could be read off it, the axes are without numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nbformat
import numpy as np

from tools.notebooks.execution import PICTURE, few_colours
from vi_lab import plots
from vi_lab.plots import colours
from vi_lab.teach.exercise import Exercise

Function = Callable[..., Any]
Sketch = tuple[str, float, float, Callable[[Function, float], Any]]  # x, from, to, the value at t

X = np.array([1.0, 2.5, 3.0])
SIDES = np.array([-1.0, 1.0])
GRID = np.linspace(-8, 8, 401)
NOISE = np.random.default_rng(0).standard_normal((4, 50))
WALK = np.random.default_rng(1).standard_normal(30)
UNIFORM = np.random.default_rng(2).random(30)
COUNTS = np.array([4, 5, 4, 1, 0, 1])


def row(*entries: float) -> np.ndarray:
    """A table of one row."""
    return np.array([entries])


def two(t: float) -> np.ndarray:
    """Two probabilities."""
    return np.array([t, 1 - t])


SKETCHES: dict[str, Sketch] = {
    "00.1": ("theta, with 7 heads and 3 tails", 0.02, 0.98, lambda f, t: f(t, 7, 3, 2, 2)),
    "00.2": ("a[0], beside two zeros", -6, 6, lambda f, t: f(np.array([t, 0.0, 0.0]))),
    "00.3": ("sd of a bump of height 1", 0.2, 1.5, lambda f, t: f(-0.5 * (GRID / t) ** 2, GRID)),
    "00.4": ("heads of ten tosses", 0, 10, lambda f, t: f(t, 10 - t, 2, 3)),
    "00.5": ("heads of ten tosses", 0, 10, lambda f, t: f(t, 10 - t, 2, 2)),
    "00.8": ("mu, with three data", -1, 5, lambda f, t: f(X, t, 1.0, 0.0, 0.1, 2.0, 2.0)),
    "01.1": ("q of the first of two states, where p is 0.3", 0.01, 0.99,
             lambda f, t: f(two(t), two(0.3))),
    "01.2": ("what q sums to", 0.7, 1.3, lambda f, t: f(t * two(0.6), np.array([0.1, 0.3]))),
    "01.3": ("q of the first of two states", 0.01, 0.99,
             lambda f, t: f(two(t), np.array([0.1, 0.3]))),
    "01.4": ("sd", 0.2, 4, lambda f, t: f(t)),
    "01.5": ("m1, where m2 is 0", -3, 3, lambda f, t: f(t, 1.0, 0.0, 2.0)),
    "01.7": ("distance between two components", 0, 4,
             lambda f, t: f(two(0.6), np.array([0.0, t]), np.array([1.0, 0.7]))),
    "02.1": ("new", -4, 4, lambda f, t: f(t, 0.0, -1.0, -1.5)),
    "02.2": ("eps, from z = 0 with u = 0.8", -2.5, 2.5, lambda f, t: f(0.0, t, 0.8, 1.0)),
    "02.3": ("pi of the first of two states", 0.1, 0.9,
             lambda f, t: f(two(t), np.full((2, 2), 0.5))[0]),
    "02.4": ("y[0], with y[1] = 0", -3, 2, lambda f, t: f(np.array([t, 0.0]))),
    "02.5": ("state of the chain", 0, 29, lambda f, t: f(0.0, WALK, UNIFORM, 1.5)[int(t)]),
    "02.6": ("distance between the means of two chains and two", 0, 3,
             lambda f, t: f(NOISE + t * np.array([[0], [0], [1], [1]]))),
    "02.7": ("lag-1 correlation of a chain of 1,000 draws", 0, 0.9,
             lambda f, t: f(t ** np.arange(1, 400), 1000)),
    "03.1": ("z_other, with rho = 0.5", -2, 2, lambda f, t: f(t, 0.5)),
    "03.2": ("tau, with three data", 0.05, 3, lambda f, t: f(X, t, 0.0, 0.5)),
    "03.3": ("mu, with three data", 0, 5, lambda f, t: f(X, t, 2.0, 0.5, 2.0, 1.0)),
    "03.4": ("s, with six counts", 1, 5, lambda f, t: f(COUNTS, 4.0, 1.0)[int(t) - 1]),
    "03.5": ("z[1], with eps = (1, -1), rho = 0.5", -2, 2,
             lambda f, t: f(np.array([0.0, t]), np.array([1.0, -1.0]), 0.5)),
    "03.6": ("rho", -0.5, 0.5, lambda f, t: f(t)),
    "03.7": ("x, between two components", -4, 4,
             lambda f, t: f(np.array([t]), SIDES, two(0.3), 1.0)[0]),
    "04.0": ("q_other of the first of two states", 0.01, 0.99,
             lambda f, t: f(np.array([[0.0, -2.0], [-1.0, -0.5]]), two(t))),
    "04.1": ("shape, with rate 1", 0.3, 5, lambda f, t: f(t, 1.0)),
    "04.2": ("m, with x = 1 and v = 0.5", -1, 3, lambda f, t: f(np.array([1.0]), t, 0.5)),
    "04.3": ("E_tau, with three data", 0.05, 3, lambda f, t: f(X, t, 0.0, 0.5)),
    "04.4": ("v, with three data", 0, 2, lambda f, t: f(X, 2.0, t, 2.0, 0.5, 2.0, 1.0)),
    "04.5": ("m, with three data", 0, 5,
             lambda f, t: f(X, t, 0.3, 3.5, 3.0, 2.0, 0.5, 2.0, 1.0)),
    "04.6": ("correlation of two coordinates, each of variance 1", 0, 0.6,
             lambda f, t: f(np.array([[1.0, t], [t, 1.0]]))[:1]),
    "04.7": ("x, between two components", -4, 4,
             lambda f, t: f(np.array([t]), SIDES, np.array([0.1, 0.8]), np.array([2.0, 3.0]))[0]),
    "05.1": ("shape, with rate 2", 0.5, 4, lambda f, t: f(t, 2.0)),
    "05.2": ("e[0], for a log joint of t[0] e[0] - 2 t[1] e[1]", -2, 2,
             lambda f, t: f(lambda a, e: a[0] * e[0] - 2 * a[1] * e[1], SIDES, np.array([t, 1.0]))),
    "05.3": ("log_weights[0], beside two zeros", -6, 6,
             lambda f, t: f(np.array([t, 0.0, 0.0]))),
    "06.1": ("m, with three data", 0, 4, lambda f, t: f(X, t, 0.3, 1.0)),
    "06.2": ("s2, with two latents", 0.1, 3,
             lambda f, t: f(np.array([[1.0, 0.2], [0.3, 1.0], [0.5, 0.5]]), t, X)),
    "06.3": ("x[0], with one latent", -4, 4,
             lambda f, t: f(np.array([[1.0], [0.5]]), 0.5, np.array([t, 0.5]))),
    "06.4": ("precision between two of three latents", -0.8, 0.8,
             lambda f, t: f(np.array([[1.0, t, 0.0], [t, 1.0, 0.3], [0.0, 0.3, 1.0]]))),
    "06.6": ("eigenvalue, with s2 = 1", 0.1, 4, lambda f, t: f(np.array([t]), 1.0)),
    "07.1": ("dy[0, 0]", -2, 2,
             lambda f, t: [part.ravel()[0] for part in f(row(t, 1.0), row(0.5, 2.0),
                                                         np.array([[1.0, 2.0], [0.5, -1.0]]))]),
    "07.2": ("a, with dh = 1", -3, 3, lambda f, t: f(row(1.0), row(t))[0]),
    "07.3": ("logit of one pixel that is on, beside one of logit 1 that is off", -6, 6,
             lambda f, t: f(row(1.0, 0.0), row(t, 1.0))),
    "07.4": ("logit of a pixel that is on, with dy = 1", -6, 6,
             lambda f, t: f(np.ones(1), row(1.0), row(t))[0]),
    "07.5": ("logvar, with m = 1", -3, 2, lambda f, t: f(row(1.0), row(t))),
    "07.6": ("logvar, with m = 1 and dy = 1", -3, 2,
             lambda f, t: [part[0, 0] for part in f(np.ones(1), row(1.0), row(t))]),
    "07.7": ("logvar, with m = 0 and eps = 1 and -1", -3, 3,
             lambda f, t: f(row(0.0), row(t), SIDES[:, None, None]).ravel()),
    "07.8": ("logvar, with one draw, dz = 1 and eps = 2", -3, 3,
             lambda f, t: [part[0, 0] for part in f(np.ones((1, 1, 1)), row(t),
                                                    np.full((1, 1, 1), 2.0))]),
    "07.9": ("f of the second of two draws", -3, 3,
             lambda f, t: f(np.array([1.0, t]), 0.0, 0.5, np.array([-0.5, 1.5]))),
    "07.10": ("g, with p and m zero, at step 3", -2, 2,
              lambda f, t: f(np.zeros(1), np.array([t]), np.zeros(1), np.full(1, 1e-3), 3)),
    "08.1": ("log_w[0], beside two zeros", -6, 6, lambda f, t: f(np.array([t, 0.0, 0.0]))),
    "08.2": ("elbo, with elbo_star = -20", -23, -20, lambda f, t: f(t, -20.0, -19.6)),
    "08.4": ("sd of a bump of height 1", 0.3, 1.5,
             lambda f, t: f(-0.5 * (GRID[::10, None] ** 2 + GRID[::10] ** 2) / t**2, 0.4)),
    "08.6": ("spread of twenty data about their mean", 0, 3, lambda f, t: f(t * NOISE[0, :20])),
    "09.1": ("theta, with draws at 1, 2, 3", 0, 4.03, lambda f, t: f(t, np.arange(1.0, 4.0))),
    "09.2": ("log_p, where log_q is -1", -4, 2,
             lambda f, t: f(np.array([t]), np.array([-1.0]))),
    "09.3": ("ess, of draws of sd 1", 5, 400, lambda f, t: f(np.tile(SIDES, 500), t)),
    "09.5": ("claim, with log_evidence = -20 and error 0.5", -22, -18,
             lambda f, t: f(t, -20.0, 0.5)),
    "10.1": ("rate1", 0.5, 10,
             lambda f, t: f(np.array([4, 2]), np.array([8, 7]), t, 5.0, 2.0, 0.5)),
    "10.2": ("the third of three counts", 0, 10, lambda f, t: f(np.array([4, 2, t]), 2.0, 0.5)),
    "10.3": ("the third of three counts", 0, 20,
             lambda f, t: f(np.array([4, 2, int(t)]), 2.0, 0.5)),
}  # fmt: skip
FORM_ALONE = ("00.4", "03.1", "03.6", "04.6", "05.1", "06.6", "08.2", "09.2", "09.5", "10.2")
# What comes back is no number to draw: a q, a climb, a test, a model, a ledger of one's own.
WITHOUT = ("01.9", "08.3", "09.6", "10.4", "10.5")
COUNTED = ("02.5", "03.4", "10.3")  # along a count, not along a line
DOTTED = ("03.4",)  # so few counts that each is a dot
POINTS, COLOURS = 41, 32
SUFFIX = "-expected"  # of the name of a cell
STYLES = ("-", "--", ":", "-.", "-")


def cell(exercise: Exercise, under: str) -> Any:
    """The picture as a cell of markdown, named after the one that it stands under."""
    html = PICTURE.sub(lambda png: few_colours(png[0], COLOURS), picture(exercise)._repr_html_())
    return nbformat.v4.new_markdown_cell(html, id=f"{under}{SUFFIX}")


def picture(exercise: Exercise) -> plots.Picture:
    """What the right function gives, against one number."""
    t, values = drawn(exercise)
    ax = plots.panels(size=(4.6, 1.9))[1][0, 0]
    lines = zip(names(exercise, values), values, colours.CURVES, STYLES, strict=False)
    for name, line, colour, style in lines:
        ax.plot(t, line, "o" if exercise.id in DOTTED else style, color=colour, label=name)
    if exercise.id in DOTTED:
        ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set(xlabel=SKETCHES[exercise.id][0])
    ax.set_title(f"Expected of {exercise.right.__name__}", loc="left", fontsize=10)
    if exercise.id in FORM_ALONE:
        ax.set(xticklabels=[], yticklabels=[])
    if len(values) > 1:
        ax.legend(fontsize=8)
    return plots.show(ax, alt=alternative(exercise))


def drawn(exercise: Exercise) -> tuple[np.ndarray, np.ndarray]:
    """Where, shape (points,), and what is drawn there, shape (lines, points)."""
    _, low, high, value = SKETCHES[exercise.id]
    t = np.arange(low, high + 1) if exercise.id in COUNTED else np.linspace(low, high, POINTS)
    lines = [np.ravel(np.array(value(exercise.right, float(at)), float)) for at in t]
    return t, np.array(lines).T


def names(exercise: Exercise, values: np.ndarray) -> list[str]:
    """What each line is called: by its part, or by its entry."""
    if len(values) == 1:
        return [exercise.right.__name__]
    entries = [f"entry {k}" for k in range(len(values))]
    return list(exercise.parts) if len(exercise.parts) == len(values) else entries


def alternative(exercise: Exercise) -> str:
    """What the picture shows, in words and numbers."""
    t, values = drawn(exercise)
    label = SKETCHES[exercise.id][0]
    if exercise.id in FORM_ALONE:
        listed = ", ".join(names(exercise, values))
        return f"The form, without numbers, of what comes back against {label}: {listed}."
    lines = (
        f"{name} from {line[0]:.3g} to {line[-1]:.3g}, at most {line.max():.3g}"
        for name, line in zip(names(exercise, values), values, strict=True)
    )
    return f"What comes back against {label}, {t[0]:g} to {t[-1]:g}: {'; '.join(lines)}."
