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
from vi_lab.problems.pieces import name_problem, variant
from vi_lab.problems.problem import Problem


def _coin() -> Problem:
    x = np.repeat([1, 0], [14, 6])
    return name_problem(
        "coin",
        story="tosses of a coin whose probability of heads is unknown",
        data="14 heads and 6 tails, made up",
        model=BetaBernoulli(x, a=1, b=1),
    )


def _newcomb_independent() -> Problem:
    x = load("newcomb").data["deviation_ns"]
    return name_problem(
        "newcomb-independent",
        story="passage times of light scatter about mu with precision tau, independent a priori",
        data="Newcomb 1882, 66 passage times minus 24,800 ns",
        model=NormalSemiConjugate(x, m0=20, s0=10, a0=2, b0=50),
    )


def _cars(blocks: str = "coordinates") -> Problem:
    data = load("cars").data
    return _line(
        "cars",
        story="stopping distance is a line in the speed, plus noise",
        data="Ezekiel 1930, 50 cars, speeds about 15 mph in units of 5",
        columns=[(data["speed_mph"] - 15.0) / 5.0],
        y=data["dist_ft"],
        blocks=blocks,
        m0=(40, 20),
        V0=np.diag([10.0, 10.0]),
        a0=2,
        b0=200,
    )


def _trees(blocks: str = "coordinates") -> Problem:
    data = load("trees").data
    return _line(
        "trees",
        story="log volume is linear in log girth and log height, whose columns are nearly parallel",
        data="31 black cherry trees, Ryan, Joiner & Ryan 1976",
        columns=[np.log(data["girth_in"]), np.log(data["height_ft"])],
        y=np.log(data["volume_ft3"]),
        blocks=blocks,
        m0=0,
        V0=100.0 * np.eye(3),
        a0=2,
        b0=0.02,
    )


def _kidiq(blocks: str = "coordinates") -> Problem:
    data = load("kidiq").data
    return _line(
        "kidiq",
        story="a child's score is linear in its mother's schooling and IQ, plus noise",
        data="434 children, Gelman & Hill 2007",
        columns=[data["mom_hs"], (data["mom_iq"] - 100.0) / 15.0],
        y=data["kid_score"],
        blocks=blocks,
        m0=(80, 0, 0),
        V0=np.eye(3),
        a0=2,
        b0=500,
    )


def _line(
    name: str, story: str, data: str, columns: Any, y: np.ndarray, blocks: str, **prior: Any
) -> Problem:
    """A regression with an intercept; one block a coefficient unless they are joined."""
    together = checks.one_of("blocks", blocks, ("coordinates", "joint")) == "joint"
    return name_problem(
        f"{name} blocks=joint" if together else name,
        story=story
        + (", all coefficients in one block" if together else ", a block a coefficient"),
        data=data,
        model=LinearRegression(
            np.stack([np.ones(len(y)), *columns], axis=-1), y, blocks=blocks, **prior
        ),
        sweep=("blocks", ("coordinates", "joint")),
    )


def _polynomial(degree: int = 3) -> Problem:
    degree = checks.integer("degree", degree, 0)
    data = load("polynomial").data
    x = data["x"]
    return name_problem(
        variant("polynomial", degree=(degree, 3)),
        story=f"a polynomial of degree {degree}, whose coefficients share one prior precision",
        data="a cubic at ten points with noise of sd 0.3, made with seed 0",
        model=LinearRegressionKnownNoise(
            x[:, None] ** np.arange(degree + 1), data["y"], noise_precision=11.1, a0=0.01, b0=0.01
        ),
        sweep=("degree", tuple(range(10))),
    )


def _clutter() -> Problem:
    x = load("clutter").data["x"]
    return name_problem(
        "clutter",
        story="half of the points lie about theta, the others are clutter about 0",
        data="20 points on a line, made with seed 1 and theta = 2",
        model=Clutter(x, w=0.5, prior_var=100),
    )


PROBLEMS = (_coin, _newcomb_independent, _cars, _trees, _kidiq, _polynomial, _clutter)
