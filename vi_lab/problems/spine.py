"""One parameter or two: the problems of the first lessons."""

from __future__ import annotations

from vi_lab.arguments import checks
from vi_lab.datasets import load
from vi_lab.models import ChangePoint, CorrelatedGaussian, NormalGamma
from vi_lab.problems.names import variant
from vi_lab.problems.pieces import make_problem
from vi_lab.problems.problem import Problem


def _newcomb() -> Problem:
    x = load("newcomb").data["deviation_ns"]
    return make_problem(
        "newcomb",
        NormalGamma,
        dict(x=x, mu0=20, kappa0=0.1, a0=2, b0=50),
        story="passage times of light scatter about mu with precision tau",
        data="Newcomb 1882, 66 passage times minus 24,800 ns",
        columns={"newcomb": ("deviation_ns",)},
        look_at="a mean and a precision that the posterior couples: mean field cuts the coupling, "
        "which costs little where data are many",
    )


def _darwin() -> Problem:
    x = load("darwin").data["diff_eighths_inch"]
    return make_problem(
        "darwin",
        NormalGamma,
        dict(x=x, mu0=0, kappa0=0.05, a0=2, b0=500),
        story="crossed minus self-fertilised heights scatter about mu with precision tau",
        data="Darwin 1876, 15 pairs of maize plants, in eighths of an inch",
        columns={"darwin": ("diff_eighths_inch",)},
        look_at="the model of newcomb on fewer data: what mean field gives up is larger",
    )


def _correlated(rho: float = 0.9) -> Problem:
    rho = checks.real("rho", rho)
    return make_problem(
        variant("correlated", rho=(rho, 0.9)),
        CorrelatedGaussian,
        dict(mean=(0, 0), cov=[[1, rho], [rho, 1]], blocks=None),
        story=f"two coordinates of a Gaussian with correlation {rho:g}, a block each",
        data="none: the target is a density",
        n=0,
        look_at="the sd mean field claims is √(1 − ρ²) of the truth",
        sweep=("rho", (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.99)),
    )


def _coal() -> Problem:
    counts = load("coal").data["count"]
    return make_problem(
        "coal",
        ChangePoint,
        dict(counts=counts, a=(2, 2), b=(1, 1)),
        axes={"rates": {"period": ("before", "after")}},
        story="yearly counts are Poisson with one rate up to year s and another after it",
        data="British coal-mining disasters 1851-1962, 112 years",
        columns={"coal": ("year", "count")},
        look_at="a change point: a discrete latent beside two rates, which mean field takes for "
        "independent",
    )


PROBLEMS = (_newcomb, _darwin, _correlated, _coal)
