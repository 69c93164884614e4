"""Latents with a structure: a level that wanders, schools that share a mean, a line of log odds."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.datasets import load
from vi_lab.errors import refuse_if
from vi_lab.models import (
    HiddenMarkov,
    HierarchicalNormal,
    LocalLevel,
    LogisticRegression,
    PoissonRegression,
    ProbitRegression,
)
from vi_lab.models.priors import HalfCauchy
from vi_lab.problems.names import variant
from vi_lab.problems.pieces import Builders, make_problem
from vi_lab.problems.problem import Problem


def _nile(n: int = 100, blocks: str = "even-odd") -> Problem:
    flows = load("nile").data
    y = flows["flow_1e8_m3"]
    n = checks.integer("n", n, 2)
    refuse_if(n > len(y), f"n: needs at most the {len(y)} years there are, got {n}")
    return make_problem(
        variant("nile", n=(n, len(y))) + (" joint" if blocks == "joint" else ""),
        LocalLevel,
        dict(y=y[:n], q=1469.1, r=15098.5, m0=1000, v0=250_000, blocks=blocks),
        story="the level of a river wanders from year to year and is measured with noise",
        data=f"flow of the Nile at Aswan from 1871, {n} years, in 10^8 cubic metres",
        columns={"nile": ("year", "flow_1e8_m3")},
        look_at="cut into even and odd years, a gap that grows with every year; as one block, none",
        sweep=("n", (5, 10, 20, 50, 100)),
        axes={"x": {"year": tuple(flows["year"][:n])}},
    )


def _eight_schools(mu_sd: float = 5.0, scale: float = 5.0) -> Problem:
    mu_sd, scale = checks.positive("mu_sd", mu_sd), checks.positive("scale", scale)
    schools = load("eight_schools").data
    return make_problem(
        variant("eight-schools", mu_sd=(mu_sd, 5.0), scale=(scale, 5.0)),
        HierarchicalNormal,
        dict(y=schools["y"], sigma=schools["sigma"], mu_sd=mu_sd, tau_prior=HalfCauchy(scale)),
        story="the effects of coaching in eight schools come from one normal of unknown width",
        data="Rubin 1981, estimates and standard errors of eight schools in SAT points",
        columns={"eight_schools": ("y", "sigma")},
        look_at="the funnel, walked centred and non-centred, and Gibbs with a parameter more than "
        "there need be",
        sweep=("scale", (0.5, 1.0, 2.0, 5.0, 10.0, 25.0)),
        axes={"theta": {"school": tuple(schools["school"])}},
    )


def _challenger() -> Problem:
    flights = load("challenger").data
    return _log_odds(
        "challenger",
        "temperature",
        (flights["temperature_F"] - 70.0) / 10.0,
        dict(successes=flights["any_distress"], trials=1),
        dict(prior_mean=(0, 0), prior_cov=25.0 * np.eye(2)),
        story="the log odds of O-ring distress are a line in the temperature at launch",
        data="23 shuttle flights before Challenger, Dalal, Fowlkes & Hoadley 1989",
        columns={"challenger": ("temperature_F", "any_distress")},
        look_at="skew: few flights, and mean field is off in its means as well as in its sds",
    )


def _bioassay() -> Problem:
    doses = load("bioassay").data
    return _log_odds(
        "bioassay",
        "log dose",
        doses["log_dose"],
        dict(successes=doses["n_deaths"], trials=doses["n_animals"]),
        dict(prior_mean=(0, 5), prior_cov=np.diag([4.0, 25.0])),
        story="the log odds of a death are a line in the log dose",
        data="four doses given to five animals each, Racine et al. 1986",
        columns={"bioassay": ("log_dose", "n_animals", "n_deaths")},
        look_at="four groups of five: a skew posterior, Pólya-Gamma Gibbs, and Jaakkola and "
        "Jordan's bound",
    )


def _beetles() -> Problem:
    doses = load("beetles").data
    return _log_odds(
        "beetles",
        "log dose",
        (doses["log10_dose"] - 1.8) / 0.05,
        dict(successes=doses["n_killed"], trials=doses["n_exposed"]),
        dict(prior_mean=(0, 0), prior_cov=100.0 * np.eye(2)),
        story="the log odds of a beetle's death are a line in the log dose of carbon disulphide",
        data="481 beetles in eight groups, Bliss 1935",
        columns={"beetles": ("log10_dose", "n_exposed", "n_killed")},
        look_at="more data than in bioassay: a smaller gap, and sds that are claimed too small all "
        "the same",
    )


def _line(x: Any) -> np.ndarray:
    """The design of an intercept and a slope."""
    return np.stack([np.ones(len(x)), x], axis=-1)


def _log_odds(name: str, predictor: str, x: Any, counts: Any, prior: Any, **told: Any) -> Problem:
    """A logistic regression on the design [1, x]."""
    arguments = dict(X=_line(x), **counts, **prior, binomial_coefficients=True)
    axes = {"beta": {"coefficient": ("intercept", predictor)}}
    return make_problem(name, LogisticRegression, arguments, axes=axes, **told)


def _probit() -> Problem:
    flights = load("challenger").data
    x = (flights["temperature_F"] - 70.0) / 10.0
    return make_problem(
        "probit",
        ProbitRegression,
        dict(
            X=_line(x),
            y=flights["any_distress"],
            prior_mean=(0, 0),
            prior_cov=9.0 * np.eye(2),
        ),
        story="a hidden score, a line in the temperature at launch and noise, is above 0 where "
        "O-rings were in distress",
        data="23 shuttle flights before Challenger, Dalal, Fowlkes & Hoadley 1989",
        columns={"challenger": ("temperature_F", "any_distress")},
        look_at="the flights of challenger by another link: Albert and Chib's scores cost mean "
        "field what Pólya and Gamma's variables do, and Gibbs its steps",
    )


def _poisson() -> Problem:
    coal = load("coal").data
    x = (coal["year"] - 1900.0) / 50.0
    return make_problem(
        "poisson",
        PoissonRegression,
        dict(
            X=_line(x),
            counts=coal["count"],
            prior_mean=(0, 0),
            prior_cov=4.0 * np.eye(2),
        ),
        story="yearly counts are Poisson with a log rate that is a line in the year",
        data="British coal-mining disasters 1851-1962, 112 years about 1900 in units of 50",
        columns={"coal": ("year", "count")},
        look_at="no complete conditional, so neither Gibbs nor CAVI: a Gaussian is all there is, "
        "and all there need be; and the evidence beside that of coal's change point",
    )


def _hmm(stay: float = 0.9, blocks: str = "even-odd") -> Problem:
    """`stay` is the probability that a state stays for the next year."""
    (stay,) = checks.shares("stay", [checks.real("stay", stay)])
    coal = load("coal").data
    years = (coal["year"] >= 1881) & (coal["year"] <= 1900)
    return make_problem(
        variant("hmm", stay=(stay, 0.9)) + (" joint" if blocks == "joint" else ""),
        HiddenMarkov,
        dict(
            counts=coal["count"][years],
            rates=(1, 3),
            transition=[[stay, 1.0 - stay], [1.0 - stay, stay]],
            initial=(0.5, 0.5),
            blocks=blocks,
        ),
        story="calm years and bad ones, which tend to stay what they are, have Poisson counts of "
        "mean 1 and 3",
        data="British coal-mining disasters 1881-1900, 20 years",
        columns={"coal": ("year", "count")},
        look_at="cut into years, a q that is too sure of when the bad ones ended; as one chain, "
        "nothing is lost",
        sweep=("stay", (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)),
    )


PROBLEMS: Builders = (
    _eight_schools,
    _challenger,
    _bioassay,
    _beetles,
    _nile,
    _probit,
    _poisson,
    _hmm,
)
