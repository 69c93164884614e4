"""Latents with a structure: a level that wanders, schools that share a mean, a line of log odds."""

from __future__ import annotations

from collections.abc import Callable

from vi_lab import checks
from vi_lab.datasets import load_eight_schools, load_nile
from vi_lab.entry import Problem
from vi_lab.errors import InputError
from vi_lab.models import HierarchicalNormal, LocalLevel
from vi_lab.priors import HalfCauchy
from vi_lab.problems.pieces import variant


def _nile(n: int = 100, blocks: str = "even-odd") -> Problem:
    y = load_nile().data["flow_1e8_m3"]
    n = checks.integer("n", n, 2)
    if n > len(y):
        raise InputError(f"n: needs at most the {len(y)} years there are, got {n}")
    model = LocalLevel(y[:n], q=1469.1, r=15098.5, m0=1000, v0=250_000, blocks=blocks)
    return Problem(
        variant("nile", "n", n, len(y)) + (" joint" if blocks == "joint" else ""),
        story="the level of a river wanders from year to year and is measured with noise",
        data=f"flow of the Nile at Aswan from 1871, {n} years, in 10^8 cubic metres",
        n=n,
        model=model,
        sweep=("n", (5, 10, 20, 50, 100)),
    )


def _eight_schools(mu_sd: float = 5.0, scale: float = 5.0) -> Problem:
    mu_sd, scale = checks.positive("mu_sd", mu_sd), checks.positive("scale", scale)
    schools = load_eight_schools().data
    name = variant("eight-schools", "mu_sd", mu_sd, 5.0)
    return Problem(
        variant(name, "scale", scale, 5.0),
        story="the effects of coaching in eight schools come from one normal of unknown width",
        data="Rubin 1981, estimates and standard errors of eight schools in SAT points",
        n=len(schools["y"]),
        model=HierarchicalNormal(
            schools["y"], schools["sigma"], mu_sd=mu_sd, tau_prior=HalfCauchy(scale)
        ),
        sweep=("scale", (0.5, 1.0, 2.0, 5.0, 10.0, 25.0)),
    )


PROBLEMS: dict[str, Callable[..., Problem]] = {
    "eight-schools": _eight_schools,
    "nile": _nile,
}
