"""One parameter or two: the problems of the first lessons."""

from __future__ import annotations

from vi_lab.arguments import checks
from vi_lab.datasets import load
from vi_lab.models import ChangePoint, CorrelatedGaussian, NormalGamma
from vi_lab.problems.pieces import name_problem, variant
from vi_lab.problems.problem import Problem


def _newcomb() -> Problem:
    x = load("newcomb").data["deviation_ns"]
    return name_problem(
        "newcomb",
        story="passage times of light scatter about mu with precision tau",
        data="Newcomb 1882, 66 passage times minus 24,800 ns",
        model=NormalGamma(x, mu0=20, kappa0=0.1, a0=2, b0=50),
    )


def _darwin() -> Problem:
    x = load("darwin").data["diff_eighths_inch"]
    return name_problem(
        "darwin",
        story="crossed minus self-fertilised heights scatter about mu with precision tau",
        data="Darwin 1876, 15 pairs of maize plants, in eighths of an inch",
        model=NormalGamma(x, mu0=0, kappa0=0.05, a0=2, b0=500),
    )


def _correlated(rho: float = 0.9) -> Problem:
    rho = checks.real("rho", rho)
    return Problem(
        variant("correlated", rho=(rho, 0.9)),
        story=f"two coordinates of a Gaussian with correlation {rho:g}, a block each",
        data="none: the target is a density",
        n=0,
        model=CorrelatedGaussian(mean=(0, 0), cov=[[1, rho], [rho, 1]]),
        sweep=("rho", (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.99)),
    )


def _coal() -> Problem:
    counts = load("coal").data["count"]
    return name_problem(
        "coal",
        story="yearly counts are Poisson with one rate up to year s and another after it",
        data="British coal-mining disasters 1851-1962, 112 years",
        model=ChangePoint(counts, a=(2, 2), b=(1, 1)),
    )


PROBLEMS = (_newcomb, _darwin, _correlated, _coal)
