"""The contract of a family. A new family is one line in FAMILIES (and one oracle)."""

import numpy as np
import pytest

from tests.contract import family_checks, family_draw_checks
from tests.tables import table
from vi_lab import (
    Beta,
    Categorical,
    Dirichlet,
    Gamma,
    GaussianChain,
    MultivariateNormal,
    Normal,
    NormalWishart,
)
from vi_lab.families import (
    Bits,
    InverseGamma,
    MarkovChain,
    Multinomial,
    PolyaGamma,
    Spin,
    TruncatedNormal,
)

FAMILIES = {
    "normal": Normal(),
    "normal about 3": Normal(centre=3.0),
    "gamma": Gamma(),
    "beta": Beta(),
    "inverse gamma": InverseGamma(),
    "Polya-Gamma": PolyaGamma(1),
    "Polya-Gamma of three trials": PolyaGamma(3),
    "one label": Categorical(1),
    "nominal labels": Categorical(4),
    "labels 1..5": Categorical(5, first=1),
    "labels -2..0": Categorical(3, first=-2),
    "1-D normal": MultivariateNormal(1),
    "2-D normal": MultivariateNormal(2),
    "2-D normal about (5, -3)": MultivariateNormal(2, centre=(5.0, -3.0)),
    "spin": Spin(),
    "counts of 3 labels": Multinomial(3, 3),
    "counts of one label": Multinomial(1, 3),
    "one bit": Bits(1),
    "3 bits": Bits(3),
    "3-D normal": MultivariateNormal(3),
    "chain of one": GaussianChain(1),
    "chain of two about 3": GaussianChain(2, centre=3.0),
    "chain of three": GaussianChain(3),
    "Markov chain of two steps": MarkovChain(2, 3),
    "Markov chain of 4 steps": MarkovChain(4, 2),
    "Markov chain of 3 states": MarkovChain(3, 3),
    "truncated normal": TruncatedNormal(),
    "truncated normal about 3": TruncatedNormal.about(np.array(3.0)),
    "2 probabilities": Dirichlet(2),
    "3 probabilities": Dirichlet(3),
    "1-D normal-Wishart": NormalWishart(1),
    "2-D normal-Wishart": NormalWishart(2),
    "2-D normal-Wishart about (5, -3)": NormalWishart(2, centre=(5.0, -3.0)),
}


ALL = family_checks.FOR_ALL + family_draw_checks.FOR_ALL
# integrals over three dimensions, of which one is over matrices about nought: elsewhere in `slow`
DEAR = [("2-D normal-Wishart about (5, -3)", f"check_{n}") for n in ("kl", "entropy", "moments")]
DEAR += [("3 probabilities", "check_kl"), ("2-D normal-Wishart", "check_entropy")]


def each(families, checks):
    """A test of every family, that makes every check; dear ones are slow."""
    rows = [
        pytest.param(
            *(name, families[name], check), id=check.__name__,
            marks=[pytest.mark.slow] * ((name, check.__name__) in DEAR),
        )
        for name in families for check in checks
    ]  # fmt: skip
    return table(("name", "family", "check"), rows, by=lambda name, family, check: name)


@each(FAMILIES, ALL)
def test_family(name, family, check):
    check(family)


@each({name: f for name, f in FAMILIES.items() if not f.discrete}, family_checks.FOR_CONTINUOUS)
def test_continuous_family(name, family, check):
    check(family)
