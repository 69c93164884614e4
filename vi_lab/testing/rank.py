"""The exact rank test of a sampler."""

from __future__ import annotations

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.runtime.interrupts import run_as_one_job
from vi_lab.runtime.progress import progress
from vi_lab.testing import limits
from vi_lab.testing.joint import Columns, Joint, Run, open_test, walk
from vi_lab.testing.report import CurveReport, report_distances

TIE = 1e-10  # relative: states that are equal but for the rounding of a change of coordinates


@public
@run_as_one_job()
def rank_test(
    joint: Joint,
    run: Run,
    *,
    backward: Run | None = None,
    replicates: int = 4000,
    length: int = 31,
    rng: Rng = None,
    alpha: float = limits.ALPHA,
    name: str = "the sampler",
) -> CurveReport:
    """Does the sampler leave p(theta | data) as it is? Exact for every length of the chain.

    Simulation-based calibration (Talts et al. 2018) in the exact form (Besag & Clifford 1989;
    Gandy & Scott 2020): draw theta from the prior and data given theta, so that theta is one exact
    draw from p(theta | data). Make it the state number s of a chain of L + 1 states, s uniform on
    0..L: run s steps backward from it and L - s forward. If the kernel leaves p(theta | data)
    invariant, the chain is stationary, its law is the same whatever s is, and the rank of theta
    among the L + 1 states is uniform on 0..L for every quantity, ties broken at random. No chain
    has to converge, nothing has to be thinned, and the only chance is in the replicates, which are
    independent.

    With u = (rank + a uniform) / (L + 1), uniform on (0, 1), the largest distance of the empirical
    distribution from uniform is held against the Dvoretzky-Kiefer-Wolfowitz limit,
    sqrt(log(2 m / alpha) / (2 R)) for R replicates and m quantities. What is worth looking at
    besides the parameters is what ties them to the data, such as the log likelihood (Modrak et
    al. 2023): a sampler that ignores the data has perfect ranks in every parameter.

    Parameters
    ----------
    joint : Joint
        prior, simulate and quantities.
    run : callable
        (rng, theta, data, steps) -> the next `steps` states. `repeated(step)` makes one of a
        single step (rng, theta, data) -> theta.
    backward : callable, optional
        The same for the time-reversed kernel. `run` itself by default: right for reversible
        kernels (Metropolis-Hastings, a Gibbs sweep that reads the same from both ends). For a
        Gibbs sweep over blocks 1..B it is the sweep over B..1.
    replicates, length : int
        R and L.
    rng : int, SeedSequence or Generator, optional
    alpha : float
        The rate of false alarms of the whole report.
    name : str
        What is tested, for the report.

    Returns
    -------
    CurveReport

    Examples
    --------
    A precision is known, the mean is not; a Metropolis step that anyone might write:

    >>> import numpy as np
    >>> from vi_lab.testing import Joint, rank_test, repeated
    >>> def log_density(mu, x):
    ...     return -0.5 * mu**2 - 0.5 * np.sum((x - mu) ** 2)
    >>> def step(rng, mu, x):
    ...     proposal = mu + rng.normal()
    ...     accept = np.log(rng.random()) < log_density(proposal, x) - log_density(mu, x)
    ...     return proposal if accept else mu
    >>> normal = Joint(
    ...     prior=lambda rng: rng.normal(),
    ...     simulate=lambda rng, mu: rng.normal(mu, 1.0, size=3),
    ...     quantities=lambda mus, x: {
    ...         "mu": mus, "log joint": [log_density(mu, x) for mu in mus]
    ...     },
    ... )
    >>> rank_test(normal, repeated(step), replicates=500, length=7, rng=0).passed
    True

    The same step with the prior forgotten:

    >>> def careless(rng, mu, x):
    ...     proposal = mu + rng.normal()
    ...     ratio = -0.5 * np.sum((x - proposal) ** 2) + 0.5 * np.sum((x - mu) ** 2)
    ...     return proposal if np.log(rng.random()) < ratio else mu
    >>> report = rank_test(normal, repeated(careless), replicates=2000, length=15, rng=0)
    >>> report.passed
    False
    """
    given = {} if backward is None else {"backward": backward}
    replicates, alpha, generator = open_test(joint, replicates, alpha, rng, 1, run=run, **given)
    length = checks.integer("length", length, 1)
    require_memory("length", "the states of a chain", length)
    back, ranks = backward or run, Columns()
    for _ in progress(range(replicates), "rank test", replicates):
        theta, data = joint.draw(generator)
        before = int(generator.integers(length + 1))
        past = walk(back, generator, theta, data, before, "backward" if backward else "run")
        future = walk(run, generator, theta, data, length - before)
        for quantity, values in joint.look([theta, *past, *future], data).items():
            ranks.add(quantity, (rank(generator, values) + generator.random()) / (length + 1))
    u = ranks.arrays(replicates)
    return report_distances(
        f"rank test of {name}",
        {quantity: limits.from_uniform(values) for quantity, values in u.items()},
        {quantity: limits.curve_from_uniform(values) for quantity, values in u.items()},
        limits.one_sample(replicates, alpha, len(u)),
        alpha,
        "its ranks are uniform.",
        "the kernel does not leave p(theta | data) as it is, or theta and the data come from "
        "another model.",
    )


def rank(rng: np.random.Generator, values: np.ndarray) -> int:
    """The rank of the first value among all of them, ties broken at random.

    Values equal but for rounding are ties: a chain that stays where it is returns to a state that a
    change of coordinates may have moved in its last digit.
    """
    first, others = values[0], values[1:]
    finite = np.abs(values[np.isfinite(values)])
    near = TIE * finite.max() if len(finite) else 0.0
    below = others < first - near
    above = others > first + near
    ties = len(others) - int(below.sum()) - int(above.sum())
    return int(below.sum()) + int(rng.integers(ties + 1))
