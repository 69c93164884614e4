"""A coin, a prior without conjugacy, straight lines, a polynomial, and clutter."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.datasets import load
from vi_lab.models import (
    BetaBernoulli,
    Clutter,
    LinearRegression,
    LinearRegressionKnownNoise,
    NormalSemiConjugate,
)
from vi_lab.problems.names import variant
from vi_lab.problems.pieces import make_problem
from vi_lab.problems.problem import Problem


def _coin() -> Problem:
    x = np.repeat([1, 0], [14, 6])
    return make_problem(
        "coin",
        BetaBernoulli,
        dict(x=x, a=1, b=1),
        story="tosses of a coin whose probability of heads is unknown",
        data="14 heads and 6 tails, made up",
        look_at="one block: mean field is exact, and its bound is the log evidence",
    )


def _newcomb_independent() -> Problem:
    x = load("newcomb").data["deviation_ns"]
    return make_problem(
        "newcomb-independent",
        NormalSemiConjugate,
        dict(x=x, m0=20, s0=10, a0=2, b0=50),
        story="passage times of light scatter about mu with precision tau, independent a priori",
        data="Newcomb 1882, 66 passage times minus 24,800 ns",
        columns={"newcomb": ("deviation_ns",)},
        look_at="the data of newcomb under a prior that takes away the closed form, and hardly "
        "changes the gap",
    )


def _cars(blocks: str = "coordinates") -> Problem:
    data = load("cars").data
    return _line(
        "cars",
        {"speed": (data["speed_mph"] - 15.0) / 5.0},
        data["dist_ft"],
        dict(m0=(40, 20), V0=np.diag([10.0, 10.0]), a0=2, b0=200),
        story="stopping distance is a line in the speed, plus noise",
        data="Ezekiel 1930, 50 cars, speeds about 15 mph in units of 5",
        columns={"cars": ("speed_mph", "dist_ft")},
        look_at="predictors that are centred: a block for each coefficient costs little more than "
        "one for both",
        blocks=blocks,
    )


def _trees(blocks: str = "coordinates") -> Problem:
    data = load("trees").data
    return _line(
        "trees",
        {"log girth": np.log(data["girth_in"]), "log height": np.log(data["height_ft"])},
        np.log(data["volume_ft3"]),
        dict(m0=0, V0=100.0 * np.eye(3), a0=2, b0=0.02),
        story="log volume is linear in log girth and log height, whose columns are nearly parallel",
        data="31 black cherry trees, Ryan, Joiner & Ryan 1976",
        columns={"trees": ("girth_in", "height_ft", "volume_ft3")},
        look_at="collinearity: with a block for each coefficient mean field loses nats and Gibbs "
        "creeps along the ridge; with one block for all, neither",
        blocks=blocks,
    )


def _kidiq(blocks: str = "coordinates") -> Problem:
    data = load("kidiq").data
    return _line(
        "kidiq",
        {"schooling": data["mom_hs"], "IQ": (data["mom_iq"] - 100.0) / 15.0},
        data["kid_score"],
        dict(m0=(80, 0, 0), V0=np.eye(3), a0=2, b0=500),
        story="a child's score is linear in its mother's schooling and IQ, plus noise",
        data="434 children, Gelman & Hill 2007",
        columns={"kidiq": ("kid_score", "mom_hs", "mom_iq")},
        look_at="an intercept and a slope that are tied: a gap with a block for each coefficient, "
        "next to none with one for all",
        blocks=blocks,
    )


def _line(
    name: str,
    predictors: dict[str, Any],
    y: Any,
    prior: Any,
    *,
    story: str,
    blocks: str,
    **told: Any,
) -> Problem:
    """A regression with an intercept; one block a coefficient unless they are joined."""
    together = checks.one_of("blocks", blocks, ("coordinates", "joint")) == "joint"
    X = np.stack([np.ones(len(y)), *predictors.values()], axis=-1)
    cut = ", all coefficients in one block" if together else ", a block a coefficient"
    return make_problem(
        f"{name} blocks=joint" if together else name,
        LinearRegression,
        dict(X=X, y=y, **prior, blocks=blocks),
        story=story + cut,
        sweep=("blocks", ("coordinates", "joint")),
        axes={"beta": {"coefficient": ("intercept", *predictors)}},
        **told,
    )


def _polynomial(degree: int = 3) -> Problem:
    degree = checks.integer("degree", degree, 0)
    data = load("polynomial").data
    x = data["x"]
    return make_problem(
        variant("polynomial", degree=(degree, 3)),
        LinearRegressionKnownNoise,
        dict(
            X=x[:, None] ** np.arange(degree + 1),
            y=data["y"],
            noise_precision=11.1,
            a0=0.01,
            b0=0.01,
        ),
        story=f"a polynomial of degree {degree}, whose coefficients share one prior precision",
        data="a cubic at ten points with noise of sd 0.3, made with seed 0",
        columns={"polynomial": ("x", "y")},
        look_at="along the sweep of degrees, evidence and ELBO pick the same one",
        sweep=("degree", tuple(range(10))),
        axes={"w": {"power": tuple(range(degree + 1))}},
    )


def _clutter() -> Problem:
    x = load("clutter").data["x"]
    return make_problem(
        "clutter",
        Clutter,
        dict(x=x, w=0.5, prior_var=100),
        story="half of the points lie about theta, the others are clutter about 0",
        data="20 points on a line, made with seed 1 and theta = 2",
        columns={"clutter": ("x",)},
        look_at="an overconfident q, and local optima",
    )


PROBLEMS = (_coin, _newcomb_independent, _cars, _trees, _kidiq, _polynomial, _clutter)
