"""The tests are tested: each check passes on the real code and fails with a mistake planted in it.

A row is (the check that the real tests use, its arguments, its arguments with the mistake); where
the mistake lies in a function of vi_lab, it is patched in for the second call.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest

import vi_lab.inference.engine.target
import vi_lab.model
from tests.contract import family_checks, model_checks, sampler_checks, truth_checks
from tests.contract import family_draw_checks as draw_checks
from tests.contract.models import MODELS
from tests.planted import families, models, samplers, simple
from vi_lab import (
    Beta,
    Categorical,
    ChangePoint,
    Dirichlet,
    Gamma,
    Normal,
    NormalGamma,
    NormalWishart,
    gibbs,
    metropolis_hastings,
)
from vi_lab.inference.engine.random_walk import RandomWalk

NORMAL_GAMMA, CHANGE_POINT = MODELS["normal-gamma"], MODELS["change point"]
POISSON, CORRELATED = MODELS["poisson rate"], MODELS["correlated"]
TWO_MEANS, GAUSSIANS = MODELS["normal mixture, Dirichlet"], MODELS["Gaussian mixture, 1-D"]
PLANE, ROWS = MODELS["Gaussian mixture, 2-D"], MODELS["PPCA, rotated"]
SEMI, CUT = MODELS["normal, semi-conjugate"], MODELS["linear regression, coordinates"]
KNOWN_NOISE, CLUTTER = MODELS["linear regression, known noise"], MODELS["clutter"]
PRIOR = dict(mu0=1.0, kappa0=0.5, a0=3.0, b0=2.0)


class Mistake(NamedTuple):
    check: Any
    right: tuple[Any, ...]
    wrong: tuple[Any, ...]
    patch: tuple[Any, str, Any] | None = None
    settings: dict[str, Any] = {}  # noqa: RUF012


def in_family(check, right, wrong):
    return Mistake(check, (right,), (wrong,))


def in_model(check, case, mistake):
    return Mistake(check, (case,), (replace(case, model=mistake(case.model)),))


def off_by_one(model):
    return models.OffByOne(model.counts, a=model.a, b=model.b)


def shared_rate(model):
    return models.with_block(model, "rate", family=families.OneDrawForAll())


def bartlett(case):
    family = families.BartlettOffByOne(case.model.size, case.model.centre)
    return models.with_block(case.model, "components", family=family)


def dirichlet_without_jacobian(case):
    return models.with_block(
        case.model, "weights", family=families.DirichletWithoutJacobian(case.model.n_components)
    )


NOISE = (RandomWalk, "noise", samplers.one_decision_for_all)
ROW_TARGET = (vi_lab.inference.engine.target, "RowTarget", samplers.RowsOfTheWrongChain)
TARGET = (vi_lab.inference.engine.target, "RealTarget", samplers.NoJacobianInTarget)
GENERATIVE, SHORT = NormalGamma(np.zeros(2), **PRIOR), dict(draws=12, replicates=900)

MISTAKES = {
    "a missing Jacobian in from_real": in_family(
        family_checks.check_real_coordinates, Gamma(), families.NoJacobian()
    ),
    "one draw shared by all members": in_family(
        draw_checks.check_draws_are_independent, Gamma(), families.OneDrawForAll()
    ),
    "rate for scale in sample, by moments": in_family(
        draw_checks.check_sampling_moments, Gamma(), families.RateForScale()
    ),
    "rate for scale in sample, by law": in_family(
        draw_checks.check_sampling_law, Gamma(), families.RateForScale()
    ),
    "sample writes to eta": in_family(
        draw_checks.check_sampling_is_pure, Gamma(), families.WritesToEta()
    ),
    "an impossible label can be drawn": in_family(
        draw_checks.check_impossible_labels, Categorical(5), families.PicksTheImpossible(5)
    ),
    "sd for variance in expected_stats": in_family(
        family_checks.check_gradient, Normal(), families.SdForVariance()
    ),
    "the sign of a term of the entropy": in_family(
        family_checks.check_entropy, Normal(), families.EntropySign()
    ),
    "a dropped half power of tau": in_model(
        model_checks.check_log_joint, NORMAL_GAMMA, models.half_power_dropped
    ),
    "a dropped half power of tau, by the conditional": in_model(
        model_checks.check_conditionals, NORMAL_GAMMA, models.half_power_dropped
    ),
    "a dropped log(2 pi)": in_model(
        model_checks.check_log_joint, NORMAL_GAMMA, models.two_pi_dropped
    ),
    "a dropped log(2 pi), by the ledger": in_model(
        truth_checks.check_ledger, NORMAL_GAMMA, models.two_pi_dropped
    ),
    "looks affine but is not": in_model(
        model_checks.check_affine, NORMAL_GAMMA, models.square_of_the_mean
    ),
    "looks affine but is not, by the derivation": in_model(
        truth_checks.check_derivation, NORMAL_GAMMA, models.square_of_the_mean
    ),
    "a prior forgotten in a conditional": in_model(
        model_checks.check_conditionals, NORMAL_GAMMA, models.prior_forgotten
    ),
    "a conditional that reads its own statistics": in_model(
        model_checks.check_conditionals_ignore_their_own_block, NORMAL_GAMMA, models.reads_itself
    ),
    "a conditional that averages over the batch": in_model(
        model_checks.check_batch, NORMAL_GAMMA, models.averages_over_the_batch
    ),
    "a change point off by one": in_model(model_checks.check_log_joint, CHANGE_POINT, off_by_one),
    "a block collapsed at t = 1 instead of 0": Mistake(
        model_checks.check_collapse, (CHANGE_POINT,), (CHANGE_POINT,),
        patch=(vi_lab.model, "zero_statistics", samplers.ones),
    ),
    "a KL got by subtraction": in_model(
        truth_checks.check_a_planted_constant_breaks_the_ledger, NORMAL_GAMMA,
        models.kl_by_subtraction,
    ),
    "an sd without the spread between components": in_model(
        truth_checks.check_posterior_moments, CHANGE_POINT, models.spread_between_forgotten
    ),
    "exact draws of each latent by itself": in_model(
        truth_checks.check_exact_draws, CHANGE_POINT, models.latents_drawn_apart
    ),
    "a missing Jacobian in Metropolis": Mistake(
        sampler_checks.check_moments, (NORMAL_GAMMA.model, metropolis_hastings),
        (models.with_block(NORMAL_GAMMA.model, "tau", family=families.NoJacobian()),
         metropolis_hastings),
    ),
    "a missing Jacobian in Metropolis's target": Mistake(
        sampler_checks.check_moments, (CHANGE_POINT.model, metropolis_hastings),
        (CHANGE_POINT.model, metropolis_hastings), patch=TARGET,
    ),
    "a missing Jacobian, by the joint distribution": Mistake(
        sampler_checks.check_joint_distribution, (GENERATIVE, metropolis_hastings),
        (GENERATIVE, metropolis_hastings), patch=TARGET, settings=dict(draws=8, step=0.7),
    ),
    "one draw shared by all chains": Mistake(
        sampler_checks.check_chains_part, (POISSON.model, gibbs),
        (shared_rate(POISSON.model), gibbs),
    ),
    "one draw shared by all chains, by correlation": Mistake(
        sampler_checks.check_chains_are_independent, (POISSON.model, gibbs),
        (shared_rate(POISSON.model), gibbs),
    ),
    "a chain that copies another": Mistake(
        sampler_checks.check_chains_part, (NORMAL_GAMMA.model, gibbs),
        (NORMAL_GAMMA.model, samplers.copied_chain),
    ),
    "two chains off in opposite directions": Mistake(
        sampler_checks.check_moments, (NORMAL_GAMMA.model, gibbs),
        (NORMAL_GAMMA.model, samplers.opposite_chains),
    ),
    "a seed ignored": Mistake(
        sampler_checks.check_seeds, (POISSON.model, gibbs), (POISSON.model, samplers.fresh_entropy)
    ),
    "stale statistics in Gibbs": Mistake(
        sampler_checks.check_moments, (CORRELATED.model, gibbs),
        (samplers.stale(CORRELATED.model), gibbs),
    ),
    "stale statistics in Gibbs, by the joint distribution": Mistake(
        sampler_checks.check_joint_distribution, (GENERATIVE, gibbs),
        (samplers.Stale(np.zeros(2), **PRIOR), gibbs), settings=SHORT,
    ),
    "half a power in a conditional, by the joint distribution": Mistake(
        sampler_checks.check_joint_distribution, (GENERATIVE, gibbs),
        (samplers.HalfPowerLost(np.zeros(2), **PRIOR), gibbs), settings=SHORT,
    ),
    "a missing Dirichlet Jacobian": in_family(
        family_checks.check_real_coordinates, Dirichlet(3), families.DirichletWithoutJacobian(3)
    ),
    "a Dirichlet Jacobian without its last factor": in_family(
        family_checks.check_real_coordinates, Dirichlet(2),
        families.DirichletJacobianOfAllButTheLast(2),
    ),
    "a missing Dirichlet Jacobian, by Metropolis's summaries": Mistake(
        sampler_checks.check_summaries, (TWO_MEANS.model, metropolis_hastings),
        (dirichlet_without_jacobian(TWO_MEANS), metropolis_hastings), settings=dict(draws=3000),
    ),
    "Bartlett's degrees off by one, by law": in_family(
        draw_checks.check_sampling_law, NormalWishart(2), families.BartlettOffByOne(2)
    ),
    "Bartlett's degrees off by one, by moments": in_family(
        draw_checks.check_sampling_moments, NormalWishart(1), families.BartlettOffByOne(1)
    ),
    "Bartlett's degrees off by one, by Gibbs's summaries": Mistake(
        sampler_checks.check_summaries, (GAUSSIANS.model, gibbs), (bartlett(GAUSSIANS), gibbs),
        settings=dict(draws=2500),
    ),
    "a mean drawn without beta": in_family(
        draw_checks.check_sampling_law, NormalWishart(2), families.MeanWithoutBeta(2)
    ),
    "the log weight of a label forgotten": in_model(
        model_checks.check_conditionals, GAUSSIANS, models.label_weight_forgotten
    ),
    "the log weight of a label forgotten, by the collapse": in_model(
        model_checks.check_collapse, TWO_MEANS, models.label_weight_forgotten
    ),
    "counts where sums are right": in_model(
        model_checks.check_conditionals, TWO_MEANS, models.counts_for_sums
    ),
    "W^-1 shrunk wrongly, by its moments": in_model(
        truth_checks.check_posterior_moments, PLANE, models.shrunk_by_the_share
    ),
    "W^-1 shrunk wrongly, by its density": in_model(
        truth_checks.check_posterior_density, PLANE, models.shrunk_by_the_share
    ),
    "W^-1 shrunk wrongly, by the KL": in_model(
        truth_checks.check_kl, GAUSSIANS, models.shrunk_by_the_share
    ),
    "the KL of the labels forgotten, by the ledger": in_model(
        truth_checks.check_ledger, GAUSSIANS, models.labellings_without_their_weights
    ),
    "coordinates of a row taken for independent": in_model(
        truth_checks.check_kl, ROWS, models.coordinates_of_a_row_apart
    ),
    "all rows accepted or rejected by one number": Mistake(
        sampler_checks.check_rows_are_independent, (ROWS.model, metropolis_hastings),
        (ROWS.model, metropolis_hastings), patch=NOISE,
    ),
    "rows handed to the wrong chain": Mistake(
        sampler_checks.check_moments, (ROWS.model, metropolis_hastings),
        (ROWS.model, metropolis_hastings), patch=ROW_TARGET, settings=dict(draws=3000),
    ),
    "half a beta Jacobian": in_family(
        family_checks.check_real_coordinates, Beta(), simple.BetaJacobianOfHalf()
    ),
    "a beta's shares swapped, by law": in_family(
        draw_checks.check_sampling_law, Beta(), simple.BetaSwapped()
    ),
    "the prior of mu forgotten": in_model(
        model_checks.check_conditionals, SEMI, simple.prior_of_mu_forgotten
    ),
    "a determinant forgotten in a quadrature": in_model(
        truth_checks.check_evidence, SEMI, simple.determinant_forgotten
    ),
    "a coefficient squared by its mean": in_model(
        model_checks.check_affine, CUT, simple.square_of_a_coefficient
    ),
    "a power of tau forgotten, by the ledger": in_model(
        truth_checks.check_ledger, CUT, simple.power_of_the_coefficients_forgotten
    ),
    "one weight counted for all": in_model(
        model_checks.check_conditionals, KNOWN_NOISE, simple.half_the_weights
    ),
    "weights left in the singular frame": in_model(
        truth_checks.check_posterior_moments, KNOWN_NOISE, simple.unrotated
    ),
    "an sd taken for a variance": in_model(
        model_checks.check_log_joint, CLUTTER, simple.sd_for_variance
    ),
    "clutter counted as signal": in_model(
        model_checks.check_conditionals, CLUTTER, simple.clutter_counted_as_signal
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_the_mistake_is_caught(mistake, monkeypatch):
    mistake.check(*mistake.right, **mistake.settings)
    if mistake.patch is not None:
        monkeypatch.setattr(*mistake.patch)
    with pytest.raises(AssertionError):
        mistake.check(*mistake.wrong, **mistake.settings)


def test_there_are_mistakes_enough():
    assert len(MISTAKES) >= 10
    assert len({mistake.check for mistake in MISTAKES.values()}) >= 10


def test_agreement_is_no_proof():
    """The change point that is off by one agrees with itself in every way; only scipy objects."""
    case = replace(CHANGE_POINT, model=off_by_one(CHANGE_POINT.model))
    model_checks.check_affine(case)
    model_checks.check_conditionals(case)
    model_checks.check_conditionals_ignore_their_own_block(case)
    model_checks.check_batch(case)
    assert isinstance(case.model, ChangePoint)
    with pytest.raises(AssertionError):
        model_checks.check_log_joint(case)
