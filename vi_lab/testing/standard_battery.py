"""Every test that applies to a model, in one call."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.read_only import ReadOnlyDict
from vi_lab.arguments.types import Rng
from vi_lab.automatic.find import why_no_truth
from vi_lab.errors import ConvergenceWarning, InputError, NotApplicable, NumericalError
from vi_lab.identity.identity_check import random_q
from vi_lab.inference.cavi import cavi
from vi_lab.inference.engine.gaussian_limits import why_no_gaussian
from vi_lab.inference.engine.hamiltonian_run import why_no_trajectories
from vi_lab.inference.engine.target import CENTRED, why_no_moves
from vi_lab.inference.exact import exact
from vi_lab.inference.gibbs import gibbs
from vi_lab.inference.hmc import hmc
from vi_lab.inference.metropolis_hastings import metropolis_hastings
from vi_lab.model import Model
from vi_lab.model_or_problem import ModelLike, as_conjugate_model
from vi_lab.runtime.interrupts import run_as_one_job
from vi_lab.testing import of_models as ours
from vi_lab.testing.bounds import ledger, monotone
from vi_lab.testing.calibration import vsbc
from vi_lab.testing.frozen_steps import HamiltonianSteps, MetropolisSteps
from vi_lab.testing.gaussian_tests import check_gradient, list_gaussian_tests
from vi_lab.testing.invariance import joint_test
from vi_lab.testing.joint import Run
from vi_lab.testing.limits import ALPHA
from vi_lab.testing.moment_agreement import agreement
from vi_lab.testing.rank import rank_test
from vi_lab.testing.report import Report, broken, inapplicable, report_two_samples
from vi_lab.testing.together import Pair, chains_test

FEWEST = 40  # replicates of a test that is too dear for all of them, so that it can fail
DRAWS = 16_000  # of each chain held against a known posterior
RUNS, MOVES = 2**14, 8  # of HMC from exact draws, at once
METROPOLIS, HAMILTONIAN = "Metropolis-Hastings", "HMC"
Test = Callable[[np.random.Generator], Report]


class Kernel(NamedTuple):
    """A sampler as the tests take it: its path, the reversed one where that differs, two chains."""

    run: Run
    back: Run | None
    pair: Pair


class Battery(list[Report]):
    """The reports of a battery, and which tests were left out.

    Attributes
    ----------
    left_out : dict of str to str
        The tests that do not apply, and why.
    """

    def __init__(self, reports: Iterable[Report], left_out: Mapping[str, str]) -> None:
        super().__init__(reports)
        self.left_out = ReadOnlyDict(left_out)

    def __repr__(self) -> str:
        lines = [repr(report) for report in self]
        return "\n".join([*lines, *(f"<left out: {k}: {v}>" for k, v in self.left_out.items())])


@public
@run_as_one_job()
def battery(model: ModelLike, *, replicates: int = 4000, rng: Rng = None) -> Battery:
    """Run every test that applies to the model and to the methods on it.

    On a generative model: the rank test of Gibbs, Metropolis-Hastings, HMC and (where known) exact
    draws, the joint-distribution and chains tests of the samplers, the calibration of CAVI, which
    is held to be uniform where the model has one block. On its own data: the agreement of the
    samplers, and of short runs of HMC from exact draws, with the known posterior, the gradient that
    HMC follows, CAVI's bound and that of Gaussian VI, the mode, draws and log densities of the
    Gaussians of Laplace and of VI, and the ledgers of
    CAVI's q, of these two and of a random one.

    Each report with chance in it has a false alarm rate of 5e-9, so one model's battery of at most
    nineteen of them has 1e-7, and ten models stay at 1e-6: `false_alarms(reports)` is the sum.
    The rate of an agreement is nominal: it holds as far as a central limit theorem does. Where
    chains are too slow or tails too heavy for one it is not judged, and adds nothing to the sum.

    Parameters
    ----------
    model : Model, Problem or the name of one
        With complete conditionals.
    replicates : int
        Of the rank and joint-distribution tests, at least 40. Those of a posterior, which fit or
        enumerate it anew each time, and those of HMC take a quarter, and so do the chains tests:
        what is shared is far off.
    rng : int, SeedSequence or Generator, optional

    Returns
    -------
    list of Report, with `left_out`
        A method that breaks down on the way has a failed report that says so, one that turns out
        not to apply has a report without a verdict. Fits that did not converge are counted in the
        sentence.
    """
    model = as_conjugate_model(model, "The battery")
    replicates = checks.integer("replicates", replicates, 4)
    generator = checks.generator(rng)
    tests = list_tests(model, replicates)
    reports = [
        run_test(name, test, child)
        for (name, test), child in zip(tests.items(), generator.spawn(len(tests)), strict=True)
    ]
    return Battery(reports, list_left_out(model))


def list_tests(model: Model, replicates: int) -> dict[str, Test]:
    """What applies to the model: the name of each test, and the test given a generator."""
    replicates = max(FEWEST, replicates)
    known, moves = why_no_truth(model) is None, why_no_moves(model) is None
    follows = why_no_trajectories(model) is None
    tests: dict[str, Test] = {}
    if ours.simulates(model):
        few = max(FEWEST, replicates // 4)
        tests |= _list_sampler_tests(model, "Gibbs", _gibbs, replicates, few)
        if moves:
            walk = partial(_metropolis, model)
            tests |= _list_sampler_tests(model, METROPOLIS, walk, replicates, few)
        if follows:
            trajectories = partial(_hamiltonian, model)
            tests |= _list_sampler_tests(model, HAMILTONIAN, trajectories, few, few)
        tests |= _list_posterior_tests(model, few, known)
    if known:
        tests["agreement of Gibbs"] = partial(_agreement, model, gibbs, "Gibbs")
        if moves:
            tests[f"agreement of {METROPOLIS}"] = partial(
                _agreement, model, metropolis_hastings, METROPOLIS
            )
        if follows:
            tests[f"agreement of {HAMILTONIAN}"] = partial(_agreement, model, hmc, HAMILTONIAN)
            tests[f"short runs of {HAMILTONIAN}"] = partial(_check_short_runs, model)
    if follows:
        tests["gradient"] = partial(check_gradient, model)
    tests["CAVI's bound"] = partial(_test_monotone, model, known)
    if known:
        tests["ledger of CAVI's q"] = lambda rng: ledger(
            model, cavi(model, rng=rng), name="CAVI's q"
        )
        tests["ledger of a random q"] = lambda rng: ledger(
            model, random_q(model, rng), name="a random q"
        )
    if why_no_gaussian(model, CENTRED, "full") is None:
        tests |= list_gaussian_tests(model, known)
    return tests


def _list_sampler_tests(
    model: Model,
    name: str,
    kernel: Callable[[np.random.Generator], Kernel],
    replicates: int,
    few: int,
) -> dict[str, Test]:
    """The tests of a sampler's kernel, which may be tuned at random; `few` of pairs of chains."""
    joint = ours.joint_of(model)

    def rank(rng: np.random.Generator) -> Report:
        run, back, _ = kernel(rng)
        return rank_test(joint, run, backward=back, replicates=replicates, name=name, rng=rng)

    return {
        f"rank test of {name}": rank,
        f"joint-distribution test of {name}": lambda rng: joint_test(
            joint, kernel(rng).run, replicates=replicates, name=name, rng=rng
        ),
        f"independence of the chains of {name}": lambda rng: chains_test(
            joint, kernel(rng).pair, replicates=few, name=name, rng=rng
        ),
    }


def _gibbs(rng: np.random.Generator) -> Kernel:
    return Kernel(ours.gibbs_steps, ours.gibbs_steps_back, ours.gibbs_pair)


def _metropolis(model: Model, rng: np.random.Generator) -> Kernel:
    """A step of Metropolis-Hastings is its own time reversal."""
    walk = MetropolisSteps.tuned(model, rng)
    return Kernel(walk.steps, None, walk.pair)


def _hamiltonian(model: Model, rng: np.random.Generator) -> Kernel:
    """Momentum is drawn afresh and a trajectory undoes itself: its own time reversal."""
    _, fresh = ours.joint_of(model).draw(rng)
    walk = HamiltonianSteps.tuned(fresh, rng)
    return Kernel(walk.steps, None, walk.pair)


def _list_posterior_tests(model: Model, replicates: int, known: bool) -> dict[str, Test]:
    joint, one_block = ours.joint_of(model), len(model.blocks) == 1
    tests: dict[str, Test] = {
        "calibration of CAVI": lambda rng: vsbc(
            joint, ours.cavi_draws, exact=one_block, replicates=replicates, name="CAVI", rng=rng
        )
    }
    if known:
        tests["rank test of exact draws"] = lambda rng: rank_test(
            joint, ours.exact_steps, replicates=replicates, name="exact draws", rng=rng
        )
    return tests


def _agreement(model: Model, sampler: Any, name: str, rng: np.random.Generator) -> Report:
    draws = DRAWS // 4 if sampler is hmc else DRAWS  # its draws are dearer and nearly independent
    return agreement(sampler(model, rng=rng, draws=draws), exact(model), name=name)


def _check_short_runs(model: Model, rng: np.random.Generator) -> Report:
    """Exact draws, moved by a few coarse trajectories each, are exact draws.

    As the rank test asks of one chain and many data, here of many chains at once and one posterior:
    an error is seen that is too small for hundreds of replicates. Limits as in `joint_test`.
    """
    ends, fresh = HamiltonianSteps.tuned(model, rng).move_exact_draws(model, RUNS, MOVES, rng)
    return report_two_samples(
        f"short runs of {HAMILTONIAN}",
        ends,
        fresh,
        ALPHA,
        "exact draws that are moved are exact draws.",
        "the kernel does not leave the posterior as it is.",
    )


def _test_monotone(model: Model, known: bool, rng: np.random.Generator) -> Report:
    evidence = exact(model).log_evidence if known else None
    q = cavi(model, rng=rng, restarts=4)
    return monotone(q.elbo_trace, log_evidence=evidence, name="CAVI's bound")


def run_test(name: str, test: Test, rng: np.random.Generator) -> Report:
    """The test's report; a failed one where the method under test breaks down."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ConvergenceWarning)
        try:
            report = test(rng)
        except NotApplicable as error:  # found on the way, as that there is no mode
            report = inapplicable(name, error)
        except (NumericalError, InputError) as error:  # a sampler ran away: data are too large
            report = broken(name, error)
    stopped = sum(issubclass(each.category, ConvergenceWarning) for each in told)
    for each in told:
        if not issubclass(each.category, ConvergenceWarning):
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    if not stopped:
        return report
    fits = "1 fit" if stopped == 1 else f"{stopped} fits"
    return replace(report, sentence=f"{report.sentence} {fits} had not converged.")


def list_left_out(model: Model) -> dict[str, str]:
    """Which tests do not apply to the model, and why."""
    found = {}
    if reason := ours.why_not_simulated(model):
        found["rank, joint-distribution and chains tests, and calibration"] = reason
    if why_no_truth(model) is not None:
        found["agreement, and ledgers"] = f"there is no exact answer: {why_no_truth(model)}"
    no_moves = why_no_moves(model)
    if no_moves is not None:
        found[f"tests of {METROPOLIS}"] = no_moves
    if no_trajectories := why_no_trajectories(model):
        found[f"tests of {HAMILTONIAN}, and gradient"] = no_trajectories
    if no_gaussian := why_no_gaussian(model, CENTRED, "full"):
        found["tests of Gaussians"] = no_gaussian
    return found
