"""Another origin or another unit of the data: the same answers, shifted or scaled, to the digit."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.tables import table
from vi_lab import (
    CorrelatedGaussian,
    GaussianMixture,
    LinearRegression,
    LocalLevel,
    NormalGamma,
    NormalMixture,
    NormalSemiConjugate,
    cavi,
    datasets,
    exact,
    gibbs,
    ledger,
)

WHOLE = np.array([28.0, 26, 33, 24, 34, -44, 27, 16, 40, -2])  # a shift of these rounds nothing
NEWCOMB = datasets.load_newcomb().data["deviation_ns"]
CLOUDS = np.random.default_rng(8).normal(size=(6, 2)) + 1.5 * np.repeat([[-1], [1]], 3, axis=0)
DESIGN = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 3.0]])
GAMMA, SEMI = dict(kappa0=0.1, a0=2.0, b0=50.0), dict(s0=10.0, a0=2.0, b0=50.0)
FULL = [[1.0, 0.3], [0.3, 2.0]]

MOVED = {
    "normal-gamma": lambda far: NormalGamma(WHOLE + far, mu0=20 + far, **GAMMA),
    "newcomb": lambda far: NormalGamma(NEWCOMB + far, mu0=20 + far, **GAMMA),
    "semi-conjugate": lambda far: NormalSemiConjugate(WHOLE + far, m0=20 + far, **SEMI),
    "normal mixture": lambda far: NormalMixture(
        np.array([-2.0, -1.1, 0.4, 1.9]) + far, 1, far, 3, concentration=(1, 1)
    ),
    "Gaussian mixture": lambda far: GaussianMixture(
        CLOUDS + far, 2, 1.0, np.add((0.3, -0.2), far), 0.7, 3.5, FULL
    ),
    "local level": lambda far: LocalLevel(np.array([0, 1, -1, 0.5]) + far, 1, 1, m0=far, v0=4),
    "correlated": lambda far: CorrelatedGaussian([far, -far], [[1, 0.9], [0.9, 1]]),
}
LOCATIONS = {"mu": 1, "means": 1, "x": 1, "z0": 1, "z1": -1}
# how far, the digits of both bounds, and those of a sd
FAR = [
    ("normal-gamma", 1e6, 1e-12, 1e-12), ("normal-gamma", -1e8, 1e-12, 1e-12),
    ("newcomb", 1e6, 1e-10, 1e-10), ("newcomb", 1e8, 1e-10, 1e-10),
    ("semi-conjugate", 1e6, 1e-12, 1e-7), ("semi-conjugate", -1e8, 1e-12, 1e-7),
    ("normal mixture", 1e3, 1e-7, 1e-6), ("normal mixture", 1e6, 1e-7, 1e-6),
    ("normal mixture", 1e8, 1e-7, 1e-6),
    ("Gaussian mixture", 1e2, 4e-8, 1e-6), ("Gaussian mixture", 1e4, 4e-8, 1e-6),
    ("Gaussian mixture", 1e6, 4e-8, 1e-6),
    ("local level", 2.0**20, 1e-9, 1e-7), ("correlated", 1e8, 1e-9, 1e-7),
]  # fmt: skip


@table(("name", "far", "digits", "of_sd"), FAR)
def test_far_from_the_origin_no_digit_is_lost(name, far, digits, of_sd):
    here, there = MOVED[name](0.0), MOVED[name](far)
    near, away = exact(here), exact(there)
    one, two = (cavi(model, rng=3, restarts=8) for model in (here, there))
    assert_allclose(away.log_evidence, near.log_evidence, rtol=digits, atol=1e-15)
    assert_allclose(two.elbo, one.elbo, rtol=digits)
    for a, b in ((near, away), (one, two)):
        for latent in set(near.names) - set(here.nominal):
            shift = far * LOCATIONS.get(latent, 0)
            sd = np.abs(a.sd(latent))
            assert_allclose(b.sd(latent), sd, rtol=of_sd, err_msg=latent)
            slack = 1e-6 * sd + abs(shift) * 1e-15
            assert (np.abs(b.mean(latent) - shift - a.mean(latent)) <= slack).all(), latent
    values = near.sample(20, rng=0)
    quarters = {n: np.round(4 * v) / 4 for n, v in values.items() if n in LOCATIONS}
    moved = {n: v + far * LOCATIONS[n] for n, v in quarters.items()}  # exactly
    expected = near.log_density({**values, **quarters})
    assert_allclose(away.log_density({**values, **moved}), expected, rtol=1e-8, atol=1e-8)
    assert ledger(there, two).holds
    if name == "correlated":
        assert_allclose(gibbs(there, rng=0, draws=500).sd("z0"), 1.0, atol=0.5)


SCALED = {
    "normal-gamma": lambda unit: NormalGamma(
        WHOLE * unit, 20 * unit, **{**GAMMA, "b0": 50.0 * unit**2}
    ),
    "semi-conjugate": lambda unit: NormalSemiConjugate(
        WHOLE * unit, 20 * unit, 10 * unit, 2.0, 50.0 * unit**2
    ),
    "linear regression": lambda unit: LinearRegression(
        DESIGN, unit * np.array([0.5, 1.5, 2.0]), 0.0, np.eye(2), 2.0, unit**2
    ),
}


@pytest.mark.parametrize("name", SCALED)
@pytest.mark.parametrize("unit", [1e-6, 1e5, 1e6])
def test_a_change_of_unit_changes_the_evidence_by_its_jacobian(name, unit):
    one, two = exact(SCALED[name](1.0)), exact(SCALED[name](unit))
    lost = 3 if name == "linear regression" else len(WHOLE)
    assert_allclose(two.log_evidence, one.log_evidence - lost * np.log(unit), rtol=1e-12)
    for latent in one.names:
        power = -2 if latent == "tau" else 1
        assert_allclose(two.mean(latent), one.mean(latent) * unit**power, rtol=1e-10)
