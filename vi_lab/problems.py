"""The named problems: a model with its real data and its priors under a short name."""

from __future__ import annotations

from typing import Any

from vi_lab import checks
from vi_lab.datasets import load_coal, load_darwin, load_newcomb
from vi_lab.errors import InputTypeError
from vi_lab.model import Problem
from vi_lab.models import ChangePoint, CorrelatedGaussian, NormalGamma


def _newcomb() -> Problem:
    x = load_newcomb().data["deviation_ns"]
    return Problem(
        "newcomb",
        story="passage times of light scatter about mu with precision tau",
        data="Newcomb 1882, 66 passage times minus 24,800 ns",
        n=len(x),
        model=NormalGamma(x, mu0=20, kappa0=0.1, a0=2, b0=50),
    )


def _darwin() -> Problem:
    x = load_darwin().data["diff_eighths_inch"]
    return Problem(
        "darwin",
        story="crossed minus self-fertilised heights scatter about mu with precision tau",
        data="Darwin 1876, 15 pairs of maize plants, in eighths of an inch",
        n=len(x),
        model=NormalGamma(x, mu0=0, kappa0=0.05, a0=2, b0=500),
    )


def _correlated(rho: float = 0.9) -> Problem:
    rho = checks.real("rho", rho)
    return Problem(
        "correlated" if rho == 0.9 else f"correlated rho={rho:g}",
        story=f"two coordinates of a Gaussian with correlation {rho:g}, a block each",
        data="none: the target is a density",
        n=0,
        model=CorrelatedGaussian(mean=(0, 0), cov=[[1, rho], [rho, 1]]),
        sweep=("rho", (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.99)),
    )


def _coal() -> Problem:
    counts = load_coal().data["count"]
    return Problem(
        "coal",
        story="yearly counts are Poisson with one rate up to year s and another after it",
        data="British coal-mining disasters 1851-1962, 112 years",
        n=len(counts),
        model=ChangePoint(counts, a=(2, 2), b=(1, 1)),
    )


_BUILDERS = {"newcomb": _newcomb, "darwin": _darwin, "correlated": _correlated, "coal": _coal}


def list_problems() -> tuple[str, ...]:
    """The names of the problems, in the order of the lessons."""
    return tuple(_BUILDERS)


def problem(name: str, **variant: Any) -> Problem:
    """A named problem.

    Parameters
    ----------
    name : str
        One of `list_problems()`.
    **variant
        A parameter the problem may be varied in, e.g. problem("correlated", rho=0.99).
    """
    return checks.clear_keywords(_BUILDERS[checks.known("problem", name, _BUILDERS)])(**variant)


def as_problem(item: Any) -> Problem:
    """A Problem from a name, a Problem or a model of one's own."""
    if isinstance(item, Problem):
        return item
    if isinstance(item, str):
        return problem(item)
    from vi_lab.model import as_model

    model = as_model(item)
    return Problem(type(model).__name__, story="", data="", n=0, model=model)


def as_problems(items: Any) -> list[Problem]:
    """One or several problems, by name or as such; all named problems for None."""
    if items is None:
        items = list_problems()
    if isinstance(items, (list, tuple)):
        if not items:
            raise InputTypeError("problem: needs at least one problem, got an empty list")
        return [as_problem(item) for item in items]
    return [as_problem(items)]


def sweep(item: Any) -> list[Problem]:
    """The variants of a problem along its own sweep, e.g. correlations from 0 to 0.99."""
    base = as_problem(item)
    if base.sweep is None:
        raise checks.InputError(f"problem: {base.name!r} has no sweep")
    parameter, values = base.sweep
    return [problem(base.name.split()[0], **{parameter: value}) for value in values]
