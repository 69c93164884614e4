"""One hidden variable for each observation: mixtures and latent factors."""

from __future__ import annotations

import numpy as np

from vi_lab.arguments import checks
from vi_lab.datasets import load
from vi_lab.models import PPCA, FactorAnalysis, GaussianMixture, NormalMixture
from vi_lab.problems.pieces import name_problem, stack, standardise, variant
from vi_lab.problems.problem import Problem


def _tiny_mixture(apart: float = 0.0) -> Problem:
    apart = checks.real("apart", apart)
    x = np.array([-2.3, -1.9, -1.6, -1.1, -0.2, 0.8, 1.3, 1.7, 2.2, 2.6])
    return name_problem(
        variant("tiny-mixture", apart=(apart, 0.0)),
        story="each point comes from one of two normals with unknown means and weights",
        data="ten made-up points on a line"
        + (f", its halves moved {apart:g} further apart" if apart else ""),
        model=NormalMixture(
            x + 0.5 * apart * np.sign(x), sigma=1, m0=0, s0=3, concentration=(1, 1)
        ),
        sweep=("apart", (-1.0, 0.0, 1.0, 2.0, 4.0, 8.0)),
    )


def _galaxies() -> Problem:
    x = load("galaxies").data["velocity_km_s"] / 1000.0
    return name_problem(
        "galaxies",
        story="each velocity comes from one of six normals with unknown means and weights",
        data="velocities of 82 galaxies in 1,000 km/s, Roeder 1990",
        model=NormalMixture(x, sigma=1, m0=20, s0=10, concentration=(1,) * 6),
    )


def _old_faithful(n_components: int = 2, concentration: float = 1.0) -> Problem:
    n_components = checks.integer("n_components", n_components, 1)
    concentration = checks.positive("concentration", concentration)
    x = standardise(load("old_faithful").data, ("eruptions_min", "waiting_min"))
    return name_problem(
        variant("old-faithful", n_components=(n_components, 2), concentration=(concentration, 1.0)),
        story=f"each eruption comes from one of {n_components} Gaussians in the plane",
        data="Old Faithful, 272 eruptions and the waits after them, standardised",
        model=GaussianMixture(
            x, n_components, concentration, m0=(0, 0), beta0=1, nu0=3, w0_inv=np.eye(2)
        ),
        sweep=("n_components", (1, 2, 3, 4, 5, 6)),
    )


def _iris(rotation: float = 0.5, q: int = 2) -> Problem:
    columns = ("sepal_length_cm", "sepal_width_cm", "petal_length_cm", "petal_width_cm")
    x = stack(load("iris").data, columns)
    q = checks.integer("q", q, 1)
    rotation = checks.real("rotation", rotation) if q > 1 else 0.0
    return name_problem(
        variant("iris", rotation=(rotation, 0.5 if q > 1 else 0.0), q=(q, 2)),
        story=f"four lengths of a flower follow {q} hidden coordinates and noise (PPCA)",
        data="iris, 150 flowers in centimetres",
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
    x = standardise(load("penguins").data, columns)
    return name_problem(
        "penguins",
        story="four measurements of a penguin follow two hidden factors and noise of their own",
        data="Palmer penguins, 342 birds, standardised",
        model=FactorAnalysis(x, _PENGUINS_W, mu=0, psi=_PENGUINS_PSI),
    )


PROBLEMS = (_tiny_mixture, _galaxies, _old_faithful, _iris, _penguins)
