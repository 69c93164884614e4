"""Which priors are sharp, so that what they share with q would take digits: any one of a batch."""

import numpy as np
import pytest

from tests.tables import table
from vi_lab import Beta, Dirichlet, Gamma, MultivariateNormal, Normal, NormalWishart
from vi_lab.families import InverseGamma
from vi_lab.families.family import SHARP

MILD, MORE, LESS = 3.0, 1.001 * SHARP, 0.999 * SHARP
NW = dict(mean=[0.0, 0.0], beta=1.0, w_inv=np.eye(2), nu=4.0)
FAR = np.sqrt(SHARP - 1.0)  # where beta m**2 is W^-1_ii times SHARP - 1


def wishart(**changed):
    return NormalWishart(2), NormalWishart(2).natural(**{**NW, **changed})


CASES = {  # a mild one, the sharp one, and one that is nearly so
    "shape": [Gamma().natural(s, 5e4) for s in (MILD, MORE, LESS)],
    "small shape": [Gamma().natural(s, 5e-4) for s in (MILD, 0.999 / SHARP, 1.001 / SHARP)],
    "inverse shape": [InverseGamma().natural(s, 5e4) for s in (MILD, MORE, LESS)],
    "small inverse shape": [
        InverseGamma().natural(s, 5e-4) for s in (MILD, 0.999 / SHARP, 1.001 / SHARP)
    ],
    "heads": [Beta().natural(s + 1.0, 2.0) for s in (MILD, MORE, LESS)],
    "tails": [Beta().natural(2.0, s + 1.0) for s in (MILD, MORE, LESS)],
    "few tails": [Beta().natural(2.0, s) for s in (MILD, 0.999 / SHARP, 1.001 / SHARP)],
    "concentration": [Dirichlet(3).natural([2, s + 1.0, 2]) for s in (MILD, MORE, LESS)],
    "little concentration": [
        Dirichlet(3).natural([2, s, 2]) for s in (MILD, 0.999 / SHARP, 1.001 / SHARP)
    ],
    "pull": [Normal().natural(-s, 1.0) for s in (MILD, MORE, LESS)],
    "precision": [Normal().natural(0.0, (2.0 * s) ** -0.5) for s in (MILD, MORE, LESS)],
    "pulls": [MultivariateNormal(2).natural([0, -s], np.eye(2)) for s in (MILD, MORE, LESS)],
    "precisions": [
        MultivariateNormal(2).natural([0, 0], np.diag([1, 0.5 / s])) for s in (MILD, MORE, LESS)
    ],
    "degrees of freedom": [wishart(nu=2.0 * s + 2.0)[1] for s in (MILD, MORE, LESS)],
    "beta": [wishart(beta=2.0 * s)[1] for s in (MILD, MORE, LESS)],
    "a mean": [wishart(mean=[0.0, m])[1] for m in (0.1 * FAR, 1.001 * FAR, 0.999 * FAR)],
}
FAMILIES = {
    "GammaStats": Gamma(), "InverseGammaStats": InverseGamma(), "BetaStats": Beta(),
    "DirichletStats": Dirichlet(3), "NormalStats": Normal(),
    "MultivariateNormalStats": MultivariateNormal(2), "NormalWishartStats": NormalWishart(2),
}  # fmt: skip


@pytest.mark.parametrize("first", [0, 1])
@table("name", CASES)
def test_one_sharp_prior_of_two_is_enough(name, first):
    mild, sharp, nearly = CASES[name]
    family = FAMILIES[type(mild).__name__]

    def both(one, other):
        pair = (one, other)[:: 1 - 2 * first]
        return type(mild)(*(np.stack(np.broadcast_arrays(*f)) for f in zip(*pair, strict=True)))

    assert family.is_sharp(sharp) is True and family.is_sharp(both(mild, sharp)) is True
    assert family.is_sharp(nearly) is False and family.is_sharp(both(mild, nearly)) is False
