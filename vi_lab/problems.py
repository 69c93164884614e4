"""The named problems: a model with its real data and its priors under a short name."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from vi_lab import checks
from vi_lab.datasets import (
    load_coal,
    load_darwin,
    load_galaxies,
    load_iris,
    load_newcomb,
    load_old_faithful,
    load_penguins,
)
from vi_lab.entry import Problem, as_model
from vi_lab.errors import InputTypeError
from vi_lab.models import (
    PPCA,
    ChangePoint,
    CorrelatedGaussian,
    FactorAnalysis,
    GaussianMixture,
    NormalGamma,
    NormalMixture,
)
from vi_lab.vae.decoder_model import DecoderModel
from vi_lab.vae.pretrained import held_out_digits, pretrained


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
        _variant("correlated", "rho", rho, 0.9),
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


def _tiny_mixture(apart: float = 0.0) -> Problem:
    apart = checks.real("apart", apart)
    x = np.array([-2.3, -1.9, -1.6, -1.1, -0.2, 0.8, 1.3, 1.7, 2.2, 2.6])
    return Problem(
        _variant("tiny-mixture", "apart", apart, 0.0),
        story="each point comes from one of two normals with unknown means and weights",
        data="ten made-up points on a line"
        + (f", its halves moved {apart:g} further apart" if apart else ""),
        n=len(x),
        model=NormalMixture(
            x + 0.5 * apart * np.sign(x), sigma=1, m0=0, s0=3, concentration=(1, 1)
        ),
        sweep=("apart", (-1.0, 0.0, 1.0, 2.0, 4.0, 8.0)),
    )


def _galaxies() -> Problem:
    x = load_galaxies().data["velocity_km_s"] / 1000.0
    return Problem(
        "galaxies",
        story="each velocity comes from one of six normals with unknown means and weights",
        data="velocities of 82 galaxies in 1,000 km/s, Roeder 1990",
        n=len(x),
        model=NormalMixture(x, sigma=1, m0=20, s0=10, concentration=(1,) * 6),
    )


def _old_faithful(n_components: int = 2, concentration: float = 1.0) -> Problem:
    n_components = checks.integer("n_components", n_components, 1)
    concentration = checks.positive("concentration", concentration)
    x = _standardised(load_old_faithful().data, ("eruptions_min", "waiting_min"))
    return Problem(
        _variant(
            _variant("old-faithful", "n_components", n_components, 2),
            "concentration",
            concentration,
            1.0,
        ),
        story=f"each eruption comes from one of {n_components} Gaussians in the plane",
        data="Old Faithful, 272 eruptions and the waits after them, standardised",
        n=len(x),
        model=GaussianMixture(
            x, n_components, concentration, m0=(0, 0), beta0=1, nu0=3, w0_inv=np.eye(2)
        ),
        sweep=("n_components", (1, 2, 3, 4, 5, 6)),
    )


def _iris(rotation: float = 0.5, q: int = 2) -> Problem:
    columns = ("sepal_length_cm", "sepal_width_cm", "petal_length_cm", "petal_width_cm")
    x = _stacked(load_iris().data, columns)
    q = checks.integer("q", q, 1)
    rotation = checks.real("rotation", rotation) if q > 1 else 0.0
    name = _variant("iris", "rotation", rotation, 0.5 if q > 1 else 0.0)
    return Problem(
        name + (f" q={q}" if q != 2 else ""),
        story=f"four lengths of a flower follow {q} hidden coordinates and noise (PPCA)",
        data="iris, 150 flowers in centimetres",
        n=len(x),
        model=PPCA.maximum_likelihood(x, q, rotation=rotation),
        sweep=("rotation", (0.0, 0.1, 0.25, 0.5, 0.75)),
    )


# Maximum likelihood of a two-factor model by FactorAnalysis.maximum_likelihood(x, 2), in the frame
# in which W' Psi^-1 W is diagonal: rows bill length, bill depth, flipper length, body mass.
_PENGUINS_W = np.array(
    [
        [0.656275864595, -0.241314758608],
        [-0.601696666677, -0.66231394513],
        [0.992465452111, -0.020099135704],
        [0.876126420206, -0.083414709664],
    ]
)
_PENGUINS_PSI = np.array([0.511069176827, 0.199301359395, 0.01460835111, 0.225444482028])


def _penguins() -> Problem:
    columns = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
    x = _standardised(load_penguins().data, columns)
    return Problem(
        "penguins",
        story="four measurements of a penguin follow two hidden factors and noise of their own",
        data="Palmer penguins, 342 birds, standardised",
        n=len(x),
        model=FactorAnalysis(x, _PENGUINS_W, mu=0, psi=_PENGUINS_PSI),
    )


def _digits() -> Problem:
    x = held_out_digits().x
    return Problem(
        "digits",
        story="each image is 64 coin tosses, their odds decoded from two hidden coordinates",
        data="40 of the 8x8 digits, in ink or not; the decoder was trained on 1,697 others",
        n=len(x),
        model=DecoderModel(pretrained(), x),
    )


def _stacked(data: Any, columns: tuple[str, ...]) -> np.ndarray:
    return np.stack([data[column] for column in columns], axis=-1)


def _standardised(data: Any, columns: tuple[str, ...]) -> np.ndarray:
    """Mean 0 and sd 1 a column, the sd with divisor N."""
    x = _stacked(data, columns)
    return (x - x.mean(0)) / x.std(0)


def _variant(name: str, parameter: str, value: Any, default: Any) -> str:
    return name if value == default else f"{name} {parameter}={value:g}"


_BUILDERS = {
    "newcomb": _newcomb,
    "darwin": _darwin,
    "correlated": _correlated,
    "coal": _coal,
    "tiny-mixture": _tiny_mixture,
    "galaxies": _galaxies,
    "old-faithful": _old_faithful,
    "iris": _iris,
    "penguins": _penguins,
    "digits": _digits,
}


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
    model = as_model(item)
    return Problem(type(model).__name__, story="", data="", n=0, model=model)


def as_problems(items: Any) -> list[Problem]:
    """One or several problems, by name or as such; all named problems for None."""
    if items is None:
        items = list_problems()
    if isinstance(items, (list, tuple)):
        if not items:
            raise InputTypeError("problem: needs at least one problem, got an empty list")
        return _told_apart([as_problem(item) for item in items])
    return [as_problem(items)]


def _told_apart(problems: list[Problem]) -> list[Problem]:
    """The problems with a number behind a name that came before: rows are known by their names."""
    seen: Counter[str] = Counter()
    told = []
    for item in problems:
        seen[item.name] += 1
        times = seen[item.name]
        told.append(item if times == 1 else replace(item, name=f"{item.name} {times}"))
    return told


def sweep(item: Any) -> list[Problem]:
    """The variants of a problem along its own sweep, e.g. correlations from 0 to 0.99."""
    base = as_problem(item)
    if base.sweep is None:
        raise checks.InputError(f"problem: {base.name!r} has no sweep")
    parameter, values = base.sweep
    return [problem(base.name.split()[0], **{parameter: value}) for value in values]
