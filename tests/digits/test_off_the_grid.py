"""Where two inputs are extreme at once, or one is at a value that no sweep goes through.

The cases were found at random; each once stated less than it erred by, much more, or a warning.
"""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from mpmath import mp

from tests.digits import discrete, mixtures, normals, predictors
from tests.digits.sweep import DIGITS, exactly, faults, run
from tests.tables import table
from tests.thinning import mostly_slow
from vi_lab import PoissonRegression, cavi, check, exact
from vi_lab.identity.identity_check import random_q

CASES = {
    case.name: case for module in (discrete, mixtures, normals, predictors) for case in module.CASES
}


def powers(t, add=0.0, times=1.0):
    """The columns 1, t, t**2, the second moved or scaled."""
    return np.stack([np.ones(len(t)), times * np.array(t) + add, np.square(t)], axis=1)


# a kind of input of the sweep -> what else is given
GIVEN = {
    "columns alike, sharp prior": (
        "known noise: far",
        dict(X=powers([-0.563, -0.445, -0.348, -0.287, 1.327], add=785281.3725),
             y=[0.548, -1.466, 9.004, -8.163, -3.565], noise_precision=5.45, a0=3.66, b0=198690.4),
    ),
    "a short column, y far": (
        "known noise: far",
        dict(X=powers([-0.902, -0.836, -0.496, 0.026, 0.323], times=5.078e-13),
             y=np.array([-0.332, -0.419, -0.448, 0.231, -0.308]) + 3.393e9,
             noise_precision=28.3, a0=0.648, b0=3.53),
    ),
    "columns alike, little noise": (
        "known noise: far",
        dict(X=powers([-1.053, 0.247, 0.624, 1.113, 1.295], add=241500.0),
             y=[-0.267, -0.141, -0.416, 0.117, -0.358], noise_precision=3.848e7, a0=6.13, b0=1.58),
    ),
    "a sharp scale, points along no axis": (
        "GaussianMixture, plane, degrees of freedom",
        dict(x=[[500.283, -884.456], [500.153, -884.45], [500.167, -884.329]], beta0=2.476e-11,
             w0_inv=[[2.478e-14, -1.193e-14], [-1.193e-14, 1.692e-14]]),
    ),
    "a sharp scale, prior near": (
        "GaussianMixture, plane, degrees of freedom",
        dict(x=[[-0.55, 1.68], [1.31, 2.26], [0.1, -1.44]], beta0=0.0097, nu0=2.8,
             w0_inv=[[3.547e-11, 1.372e-11], [1.372e-11, 2.838e-11]]),
    ),
    "points far from a prior worth more": (
        "GaussianMixture, plane, degrees of freedom",
        dict(x=[[487850.89, 621876.31, -37528.18], [487849.66, 621875.49, -37526.84],
                [487850.77, 621876.6, -37526.77], [487850.81, 621876.6, -37527.49]],
             m0=[-0.3, 0.1, -0.6], beta0=20.0, nu0=3.7,
             w0_inv=[[1.383, -0.6808, -0.6266], [-0.6808, 17.51, 1.673], [-0.6266, 1.673, 2.675]]),
    ),
    "a sharp precision, y at the prior's mean": (
        "regression, joint: far, prior too",
        dict(X=np.stack([np.ones(5), [-0.581, -0.067, 0.775, -0.133, 1.806]], axis=1), a0=3.532e13,
             y=3.805e8 + np.array([-4.0, 8.0, 2.0, 6.0, -2.0]), m0=[3.805e8, 0.0], b0=3.47),
    ),
    "a sharp prior, points some way off": (
        "NormalMixture, prior sharpness",
        dict(x=[-1.861, 40.1683, -6.61], m0=[0.69, 0.63], s0=2.618e-11, concentration=[1.0, 1.0]),
    ),
    "clutter some way off": (
        "Clutter, prior width",
        dict(x=[-59.9356, -59.6646, -59.9346, -57.8916], w=0.524, prior_var=1282.3561),
    ),
    "a prior far away that is wide": (
        "ProbitRegression, prior against the data",
        dict(X=[[0.942], [0.378], [1.182], [-1.003]], y=[1, 1, 0, 1], prior_mean=6.491e7,
             prior_cov=[[4.254e13]]),
    ),
}  # fmt: skip


QUICK = [name for name, (kind, _) in GIVEN.items() if "known" not in kind]


@pytest.mark.parametrize("name", mostly_slow(GIVEN, [*QUICK, next(iter(GIVEN))]))
def test_a_case_found_at_random_keeps_its_word(name):
    kind, given = GIVEN[name]
    base = CASES[kind].inputs(1.0)
    case = replace(CASES[kind], name=name, inputs=lambda _: {**base, **given})
    assert faults(case, 1.0) == []


SHARP_WEIGHTS = ["NormalMixture, concentration", "GaussianMixture, concentration",
                 "BetaBernoulli, shapes", "LatentDirichletAllocation, alpha",
                 "LatentDirichletAllocation, eta"]  # fmt: skip


@table("kind", SHARP_WEIGHTS)
@pytest.mark.parametrize("value", [1e6, 1e13])
def test_a_q_some_sds_from_a_sharp_prior_of_weights_keeps_its_digits(kind, value):
    """As the random ones of `check` are: there a right ledger was off by 1e-8 nats."""
    fit = partial(random_q, rng=np.random.default_rng(0))
    outcome = run(replace(CASES[kind], fit=fit), value)
    assert all(outcome.true[name] <= outcome.stated[name] < 1e-11 for name in outcome.true)
    assert outcome.holds is True


def test_a_prior_so_far_away_that_rates_there_overflow():
    """Newton's method began at the prior's mean, where a rate is e**1931."""
    given = dict(X=[[0.002], [-0.083]], counts=[5, 1], prior_mean=-23270.0, prior_cov=[[5e8]])
    truth = exact(PoissonRegression(**given))
    with mp.workdps(DIGITS):
        right = predictors.poisson_evidence(exactly(given)).value
    assert abs(truth.log_evidence - right) <= truth.log_evidence_error < 1e-9


def test_a_labelling_far_from_q_loses_no_digits():
    """It has a weight of 1e-9, and a KL of 1e16: points of two places under one label."""
    x = [[41003999.5, -56950000.2], [-0.09, 1.47], [41004001.9, -56950000.8]]
    scale = [[0.2105, -0.0662], [-0.0662, 0.2181]]
    kind = CASES["GaussianMixture, plane, degrees of freedom"]
    given = {**kind.inputs(1.0), "x": x, "beta0": 0.71, "nu0": 2.7, "w0_inv": scale}
    outcome = run(replace(kind, inputs=lambda _: given | {"concentration": 1.68}), 1.0)
    assert outcome.true["kl"] <= outcome.stated["kl"] < 1e-11


def test_what_is_all_but_impossible_is_normalised_by_a_large_log():
    """A slip of 1e-300 is what was seen: log p(x) is -690, and log p of each value lost digits."""
    kind = CASES["BayesNet, rare cause"]
    tables = {"rain": 1e-300, "sprinkler": [1.0 - 1e-16, 0.5283104346628538],
              "wet": [[1.0 - 1e-16, 0.5], [1.0, 0.0]], "slip": [1e-300, 1e-300]}  # fmt: skip
    for seed in range(5):
        fit = partial(cavi, rng=seed, max_sweeps=1, tol=0)
        given = {**kind.inputs(1.0), "tables": tables}
        outcome = run(replace(kind, inputs=lambda _, g=given: g, fit=fit), 1.0)
        assert outcome.true["kl"] <= outcome.stated["kl"] < 1e-10
        assert outcome.holds is True


def test_what_a_huge_divergence_from_the_prior_hides_is_told():
    """Of 8.7e9 nats the last bits are a millionth: CAVI hid 3.4e-6 nats, and said nothing."""
    kind = CASES["NormalMixture, prior sharpness"]
    x = [2631000.814, 2630999.937, 2630998.091, 2631000.299]
    given = dict(x=x, sigma=0.1, m0=0.0, s0=19.9, concentration=[1.0, 1.0])
    outcome = run(replace(kind, inputs=lambda _: given), 1.0)
    assert outcome.hidden > 1e-6
    assert outcome.said.startswith("rounding hides up to")


def test_check_says_of_a_random_q_without_digits_that_it_has_none():
    """Its draws were not finite, and NumPy's "invalid value encountered in subtract" ended all."""
    kind = CASES["GaussianMixture, off the axes, offset"]
    entries = check(kind.model(**kind.inputs(1e11)), rng=0)
    assert [entry.method for entry in entries] == ["cavi start", "cavi", "random 1", "random 2"]
    assert all(entry.ledger.holds is None for entry in entries)
    assert entries[-1].ledger.reason == "lost digits: draws of a random q are not finite"
