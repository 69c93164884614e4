"""The tests are tested: each check passes on the real code and fails with a mistake planted in it.

A row is (the check that the real tests use, its arguments with the mistake), or the arguments as
they are and the name of one of CONTROLS, which is patched into vi_lab for the call. That the checks
pass on the real code is what the real tests show, with the same arguments.
"""

import pickle
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from tests.contract import family_checks, model_checks, sampler_checks, truth_checks
from tests.contract import family_draw_checks as draw_checks
from tests.contract.case import Case
from tests.contract.models import MODELS
from tests.inference import test_joint_distribution as joint
from tests.negative_controls import planted
from tests.planted import families, models, samplers, simple
from tests.planted.controls import CONTROLS
from tests.thinning import mostly_slow
from vi_lab import ChangePoint, gibbs, metropolis_hastings
from vi_lab.model import Model

NORMAL_GAMMA, CHANGE_POINT = MODELS["normal-gamma"], MODELS["change point"]
POISSON, CORRELATED = MODELS["poisson rate"], MODELS["correlated"]
TWO_MEANS, GAUSSIANS = MODELS["normal mixture, Dirichlet"], MODELS["Gaussian mixture, 1-D"]
PLANE, ROWS = MODELS["Gaussian mixture, 2-D"], MODELS["PPCA, rotated"]
SEMI, CUT = MODELS["normal, semi-conjugate"], MODELS["linear regression, coordinates"]
KNOWN_NOISE, CLUTTER = MODELS["linear regression, known noise"], MODELS["clutter"]


CHECKS = {
    name.removeprefix("check_"): check
    for module in (family_checks, draw_checks, model_checks, truth_checks, sampler_checks)
    for name, check in vars(module).items() if name.startswith("check_")
}  # fmt: skip


class Mistake(NamedTuple):
    check: str
    arguments: tuple[Any, ...]
    control: str = ""
    settings: dict[str, Any] = {}  # noqa: RUF012


def in_model(check, case, mistake):
    """The mistake is a function of the model, or the name of a control."""
    if isinstance(mistake, str):
        return Mistake(check, (case,), mistake)
    return Mistake(check, (replace(case, model=mistake(case.model)),))


def rebuilt(subject):
    """A model, or a case's: again, so that its conditionals are those of its class as it is now."""
    if isinstance(subject, Case):
        return replace(subject, model=rebuilt(subject.model))
    return pickle.loads(pickle.dumps(subject)) if isinstance(subject, Model) else subject


def bartlett(case):
    family = families.BartlettOffByOne(case.model.size, case.model.centre)
    return models.with_block(case.model, "components", family=family)


def dirichlet_without_jacobian(case):
    return models.with_block(
        case.model, "weights", family=families.DirichletWithoutJacobian(case.model.n_components)
    )


SHARED_RATE = (models.with_block(POISSON.model, "rate", family=families.OneDrawForAll()), gibbs)
GENERATIVE, LEVEL = joint.SIMPLE["normal-gamma"], joint.STRUCTURED["local level"]
HALF_POWER_DROPPED = "half a power of tau dropped from the log joint"
TWO_PI_DROPPED = "log(2 pi) dropped from the log joint"
SQUARE_OF_THE_MEAN = "the square of a mean for the mean of a square"
OFF_BY_ONE = "a change point off by one, everywhere alike"
NO_JACOBIAN = "the Jacobian dropped from the target"
STALE = "blocks updated from the sweep's first statistics"

MISTAKES = {
    "a missing Jacobian in from_real": Mistake("real_coordinates", (families.NoJacobian(),)),
    "a missing Jacobian in the gradient": Mistake(
        "pullback", (families.PullbackWithoutJacobian(),)
    ),
    "the gradient of one probability alone": Mistake(
        "pullback", (families.DirichletPullbackOfItsOwnCoordinateAlone(3),)
    ),
    "a gradient over L instead of log L": Mistake(
        "pullback", (families.PrecisionPullbackWithoutTheLogs(2),)
    ),
    "one draw shared by all members": Mistake(
        "draws_are_independent", (families.OneDrawForAll(),)
    ),
    "rate for scale in sample, by moments": Mistake(
        "sampling_moments", (families.RateForScale(),)
    ),
    "rate for scale in sample, by law": Mistake("sampling_law", (families.RateForScale(),)),
    "sample writes to eta": Mistake("sampling_is_pure", (families.WritesToEta(),)),
    "an impossible label can be drawn": Mistake(
        "impossible_labels", (families.PicksTheImpossible(5),)
    ),
    "sd for variance in expected_stats": Mistake("gradient", (families.SdForVariance(),)),
    "the sign of a term of the entropy": Mistake("entropy", (families.EntropySign(),)),
    "a dropped half power of tau": in_model("log_joint", NORMAL_GAMMA, HALF_POWER_DROPPED),
    "a dropped half power of tau, by the conditional": in_model(
        "conditionals", NORMAL_GAMMA, HALF_POWER_DROPPED
    ),
    "a dropped log(2 pi)": in_model("log_joint", NORMAL_GAMMA, TWO_PI_DROPPED),
    "a dropped log(2 pi), by the ledger": in_model("ledger", NORMAL_GAMMA, TWO_PI_DROPPED),
    "looks affine but is not": in_model("affine", NORMAL_GAMMA, SQUARE_OF_THE_MEAN),
    "looks affine but is not, by the derivation": in_model(
        "derivation", NORMAL_GAMMA, SQUARE_OF_THE_MEAN
    ),
    "a prior forgotten in a conditional": in_model(
        "conditionals", NORMAL_GAMMA, "the prior of the precision forgotten"
    ),
    "a conditional that reads its own statistics": in_model(
        "conditionals_ignore_their_own_block", NORMAL_GAMMA, models.reads_itself
    ),
    "a conditional that averages over the batch": in_model(
        "batch", NORMAL_GAMMA, models.averages_over_the_batch
    ),
    "a change point off by one": in_model("log_joint", CHANGE_POINT, OFF_BY_ONE),
    "a block collapsed at t = 1 instead of 0": in_model(
        "collapse", CHANGE_POINT, "a block collapsed at t = 1 instead of 0"
    ),
    "a KL got by subtraction": in_model(
        "a_planted_constant_breaks_the_ledger", NORMAL_GAMMA, "a KL got by subtraction"
    ),
    "an sd without the spread between components": in_model(
        "posterior_moments", CHANGE_POINT, models.spread_between_forgotten
    ),
    "exact draws of each latent by itself": in_model(
        "exact_draws", CHANGE_POINT, models.latents_drawn_apart
    ),
    "a missing Jacobian in Metropolis": Mistake(
        "moments",
        (models.with_block(NORMAL_GAMMA.model, "tau", family=families.NoJacobian()),
         metropolis_hastings),
    ),
    "a missing Jacobian in Metropolis's target": Mistake(
        "moments", (CHANGE_POINT.model, metropolis_hastings), NO_JACOBIAN
    ),
    "a missing Jacobian, by the joint distribution": Mistake(
        "joint_distribution", (GENERATIVE, joint.metropolis), NO_JACOBIAN,
        joint.SETTINGS[joint.metropolis],
    ),
    "one draw shared by all chains": Mistake("chains_part", SHARED_RATE),
    "one draw shared by all chains, by correlation": Mistake(
        "chains_are_independent", SHARED_RATE
    ),
    "a chain that copies another": Mistake(
        "chains_part", (NORMAL_GAMMA.model, samplers.copied_chain)
    ),
    "two chains off in opposite directions": Mistake(
        "moments", (NORMAL_GAMMA.model, samplers.opposite_chains)
    ),
    "a seed ignored": Mistake("seeds", (POISSON.model, samplers.fresh_entropy)),
    "stale statistics in Gibbs": Mistake("moments", (CORRELATED.model, gibbs), STALE),
    "stale statistics in Gibbs, by the joint distribution": Mistake(
        "joint_distribution", (LEVEL, gibbs), STALE, joint.SETTINGS[gibbs]
    ),
    "half a power in a conditional, by the joint distribution": Mistake(
        "joint_distribution", (GENERATIVE, gibbs),
        "half a power of tau lost in a conditional", joint.SETTINGS[gibbs],
    ),
    "a missing Dirichlet Jacobian": Mistake(
        "real_coordinates", (families.DirichletWithoutJacobian(3),)
    ),
    "a Dirichlet Jacobian without its last factor": Mistake(
        "real_coordinates", (families.DirichletJacobianOfAllButTheLast(2),)
    ),
    "a missing Dirichlet Jacobian, by Metropolis's summaries": Mistake(
        "summaries", (dirichlet_without_jacobian(TWO_MEANS), metropolis_hastings)
    ),
    "Bartlett's degrees off by one, by law": Mistake(
        "sampling_law", (families.BartlettOffByOne(2),)
    ),
    "Bartlett's degrees off by one, by moments": Mistake(
        "sampling_moments", (families.BartlettOffByOne(1),)
    ),
    "Bartlett's degrees off by one, by Gibbs's summaries": Mistake(
        "summaries", (bartlett(GAUSSIANS), gibbs)
    ),
    "a mean drawn without beta": Mistake("sampling_law", (families.MeanWithoutBeta(2),)),
    "the log weight of a label forgotten": in_model(
        "conditionals", GAUSSIANS, models.label_weight_forgotten
    ),
    "the log weight of a label forgotten, by the collapse": in_model(
        "collapse", TWO_MEANS, "the log weight of a label forgotten"
    ),
    "counts where sums are right": in_model("conditionals", TWO_MEANS, "counts where sums belong"),
    "W^-1 shrunk wrongly, by its moments": in_model(
        "posterior_moments", PLANE, models.shrunk_by_the_share
    ),
    "W^-1 shrunk wrongly, by its density": in_model(
        "posterior_density", PLANE, models.shrunk_by_the_share
    ),
    "W^-1 shrunk wrongly, by the KL": in_model("kl", GAUSSIANS, models.shrunk_by_the_share),
    "the KL of the labels forgotten, by the ledger": in_model(
        "ledger", GAUSSIANS, models.labellings_without_their_weights
    ),
    "coordinates of a row taken for independent": in_model(
        "kl", ROWS, models.coordinates_of_a_row_apart
    ),
    "all rows accepted or rejected by one number": Mistake(
        "rows_are_independent", (ROWS.model, metropolis_hastings), "one decision for all walkers"
    ),
    "rows handed to the wrong chain": Mistake(
        "moments", (ROWS.model, metropolis_hastings), "rows handed to the wrong chain"
    ),
    "half a beta Jacobian": Mistake("real_coordinates", (simple.BetaJacobianOfHalf(),)),
    "a beta's shares swapped, by law": Mistake("sampling_law", (simple.BetaSwapped(),)),
    "the prior of mu forgotten": in_model("conditionals", SEMI, simple.prior_of_mu_forgotten),
    "a determinant forgotten in a quadrature": in_model(
        "evidence", SEMI, simple.determinant_forgotten
    ),
    "a coefficient squared by its mean": in_model("affine", CUT, simple.square_of_a_coefficient),
    "a power of tau forgotten, by the ledger": in_model(
        "ledger", CUT, simple.power_of_the_coefficients_forgotten
    ),
    "one weight counted for all": in_model("conditionals", KNOWN_NOISE, simple.half_the_weights),
    "weights left in the singular frame": in_model(
        "posterior_moments", KNOWN_NOISE, simple.unrotated
    ),
    "an sd taken for a variance": in_model("log_joint", CLUTTER, simple.sd_for_variance),
    "clutter counted as signal": in_model(
        "conditionals", CLUTTER, simple.clutter_counted_as_signal
    ),
}  # fmt: skip


# by chains, where another row shows such a check fail, or such a mistake be caught
DEAR = (
    "stale statistics in Gibbs, by the joint distribution",
    "half a power in a conditional, by the joint distribution",
    "a missing Dirichlet Jacobian, by Metropolis's summaries",
)


@pytest.mark.parametrize("what", mostly_slow(MISTAKES, MISTAKES.keys() - {*DEAR}))
def test_the_mistake_is_caught(what):
    mistake = MISTAKES[what]
    with planted(CONTROLS[mistake.control]) if mistake.control else nullcontext():
        arguments = map(rebuilt, mistake.arguments) if mistake.control else mistake.arguments
        with pytest.raises(AssertionError):
            CHECKS[mistake.check](*arguments, **mistake.settings)


def test_there_are_mistakes_enough():
    assert len(MISTAKES) >= 10
    assert {mistake.control for mistake in MISTAKES.values()} <= {"", *CONTROLS}
    assert len({mistake.check for mistake in MISTAKES.values()}) >= 10


def test_agreement_is_no_proof():
    """The change point that is off by one agrees with itself in every way; only scipy objects."""
    with planted(CONTROLS[OFF_BY_ONE]):
        case = rebuilt(CHANGE_POINT)
        model_checks.check_affine(case)
        model_checks.check_conditionals(case)
        model_checks.check_conditionals_ignore_their_own_block(case)
        model_checks.check_batch(case)
        assert isinstance(case.model, ChangePoint)
        with pytest.raises(AssertionError):
            model_checks.check_log_joint(case)
