"""The exact joint-distribution test of a sampler."""

from __future__ import annotations

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.runtime.interrupts import run_as_one_job
from vi_lab.runtime.progress import progress
from vi_lab.testing import limits
from vi_lab.testing.joint import Columns, Joint, Run, open_test, walk
from vi_lab.testing.report import CurveReport, report_two_samples

BEFORE = ", before the last data"


@public
@run_as_one_job()
def joint_test(
    joint: Joint,
    run: Run,
    *,
    replicates: int = 4000,
    rounds: int = 10,
    rng: Rng = None,
    alpha: float = limits.ALPHA,
    name: str = "the sampler",
) -> CurveReport:
    """Do a sampler and the simulator together leave the joint distribution as it is?

    Geweke's (2004) idea in the exact form (Gandy & Scott 2020). He compared one long run that
    alternates a step of the sampler, theta ~ K(. | theta, data), with fresh data ~ p(. | theta)
    against draws of the joint; the run is autocorrelated, so the test is only asymptotic. Here
    every replicate starts from a draw of the joint itself. If K leaves p(theta | data) invariant,
    then so do T = `rounds` rounds leave the joint, and their end is one exact draw of it. R
    independent ends are held against R fresh draws by the distance of two empirical distributions,
    limit sqrt((1 + log(m / alpha)) / R) for m quantities (Wei & Dudley 2012).

    A small error of the kernel is carried on from round to round and adds up, which the rank test,
    on one set of data, does not see. The quantities are also compared before the last data are
    drawn: the new data agree with theta by construction, the old ones only if the sampler is right.

    Parameters
    ----------
    joint : Joint
    run : callable
        (rng, theta, data, steps) -> states, as in `rank_test`; it need not be reversible.
    replicates, rounds : int
    rng : int, SeedSequence or Generator, optional
    alpha : float
        The rate of false alarms of the whole report.
    name : str

    Returns
    -------
    CurveReport
    """
    replicates, alpha, generator = open_test(joint, replicates, alpha, rng, 2, run=run)
    rounds = checks.integer("rounds", rounds, 1)
    fresh, ends = Columns(), Columns()
    for _ in progress(range(replicates), "joint test", replicates):
        theta, data = joint.draw(generator)
        for quantity, value in joint.look([theta], data).items():
            fresh.add(quantity, value[0])
            fresh.add(quantity + BEFORE, value[0])
        theta, data = joint.draw(generator)
        for _ in range(rounds):
            old = data
            (theta,) = walk(run, generator, theta, old, 1)
            data = joint.simulate(generator, theta)
        for quantity, value in joint.look([theta], old).items():
            ends.add(quantity + BEFORE, value[0])
        for quantity, value in joint.look([theta], data).items():
            ends.add(quantity, value[0])
    return report_two_samples(
        f"joint-distribution test of {name}",
        ends.arrays(replicates),
        fresh.arrays(replicates),
        alpha,
        "the rounds leave the joint distribution as it is.",
        "the sampler, the prior and the simulator do not belong to one model.",
    )
