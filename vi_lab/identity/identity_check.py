"""The ledger of every problem, for every q: does log p(x) = ELBO + KL?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.ownership import is_ours
from vi_lab.arguments.public import public
from vi_lab.arguments.streams import read_entropy, spawn_stream
from vi_lab.arguments.types import Rng
from vi_lab.automatic.find import why_no_truth
from vi_lab.errors import LostDigits, NumericalError
from vi_lab.families import Distribution, Family
from vi_lab.identity.bound import evidence_estimate
from vi_lab.identity.derivation import Derivation, derivation
from vi_lab.identity.ledger import Ledger, ledger
from vi_lab.inference.cavi import cavi
from vi_lab.inference.engine.climb import run_quietly
from vi_lab.inference.exact import exact
from vi_lab.model import Model, statistics
from vi_lab.model_or_problem import ModelLike, as_model
from vi_lab.problems.named import as_problems
from vi_lab.results import Factorised, GaussianRows
from vi_lab.runtime import storage
from vi_lab.runtime.interrupts import run_as_one_job
from vi_lab.runtime.parallel import processes, run_jobs
from vi_lab.vae.evidence.decoder_model import DecoderModel
from vi_lab.vae.evidence.fit_gaussians import COVARIANCES, amortised, gaussian_q

TILTS = 64  # draws whose statistics a random tilt is made of
PROBLEM_SECONDS = 0.17  # about how long one takes: the mean over the named ones, on one core
HALVINGS = 60  # of a tilt that leaves the natural parameters
Ways = Iterator[tuple[str, Callable[[], Any]]]  # what a q is called, and how it is made


class Entry(NamedTuple):
    """The ledger of one q on one problem; `steps` where the derivation was asked for."""

    problem: str
    method: str
    ledger: Ledger
    steps: Derivation | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON object: problem, method, the ledger's own keys, and steps where asked for."""
        entry = {"problem": self.problem, "method": self.method, **asdict(self.ledger)}
        if self.steps is not None:
            entry["steps"] = [line._asdict() for line in self.steps.lines]
        return storage.plain(entry)


@public
@run_as_one_job()
def check(
    problem: ModelLike | Sequence[ModelLike] | Mapping[str, ModelLike] | None = None,
    *,
    steps: bool = False,
    rng: Rng = 0,
    jobs: int | None = None,
) -> list[Entry]:
    """The ledger of several q for each problem.

    Of CAVI's start, its optimum and two random q; under a decoder, of the best Gaussians, the
    encoder's q and two random ones.

    Parameters
    ----------
    problem : str, Problem, Model, a list of these, or a dict by the names they are to have
        All named problems by default.
    steps : bool
        Evaluate the five lines of the derivation too.
    rng : int, SeedSequence or Generator
    jobs : int, optional
        Processes, which share the problems. By default the cores there are, but this one alone
        where starting others would take longer than the run. The numbers are the same.
    """
    entropy, steps = read_entropy(rng), checks.boolean("steps", steps)
    problems = as_problems(problem)
    if jobs is not None:
        jobs = checks.integer("jobs", jobs, 1)
    found: dict[int, list[Entry]] = {}
    tasks = [(item.name, item, steps, entropy) for item in problems]
    workers = processes(jobs, [PROBLEM_SECONDS] * len(tasks))
    run_jobs(check_model, tasks, workers, found.__setitem__)
    return [entry for number in sorted(found) for entry in found[number]]


@run_as_one_job()
def check_model(name: str, problem: Any, steps: bool, entropy: int) -> list[Entry]:
    """The ledgers of one problem."""
    return list(_check_model(name, as_model(problem), steps, entropy))


def _check_model(name: str, model: Any, steps: bool, entropy: int) -> Iterator[Entry]:
    rows = isinstance(model, DecoderModel)
    if not rows and (reason := model.why_not_conjugate("CAVI")):
        # no factorised q to keep a ledger for: said, not passed over
        yield Entry(name, "none", Ledger.without_truth(reason))
        return
    ways: Callable[..., Ways] = gaussian_qs if rows else factorised_qs
    known = not why_no_truth(model)
    for method, make in ways(model, spawn_stream(entropy, name, "check")):
        try:
            q = make()
            lines = derivation(model, q) if steps and known and not rows else None
            yield Entry(name, method, ledger(model, q), lines)
        except LostDigits as error:  # of a user's model it may be a sign that is wrong
            if not (known and is_ours(model)):
                raise
            evidence = evidence_estimate(exact(model))
            yield Entry(name, method, Ledger.without_q(f"lost digits: {error}", evidence))


def factorised_qs(model: Model, rng: np.random.Generator) -> Ways:
    """CAVI after its first sweep, at its optimum, and two random q."""
    start, *others = rng.spawn(3)
    seed = int(start.integers(2**63))
    yield "cavi start", partial(cavi, model, rng=seed, max_sweeps=1, tol=0)
    yield "cavi", partial(run_quietly, cavi, model, rng=seed)
    for i, child in enumerate(others, 1):
        yield f"random {i}", partial(random_q, model, child)


def gaussian_qs(model: DecoderModel, rng: np.random.Generator) -> Ways:
    """The best Gaussians of both shapes, the encoder's, and two random q."""
    start, rng = rng.spawn(2)
    seed = int(start.integers(2**63))
    for covariance in COVARIANCES:
        yield f"gaussian {covariance}", partial(gaussian_q, model, covariance=covariance, rng=seed)
    yield "amortised", partial(amortised, model)
    n, d = model.n, model.dimension
    for name, child in zip(("random 1", "random 2"), (rng, rng.spawn(1)[0]), strict=True):
        root = np.tril(0.5 * child.standard_normal((n, d, d)), -1) + np.exp(
            0.5 * child.standard_normal((n, d, 1)) - 1.0
        ) * np.eye(d)
        mean = child.standard_normal((n, d))
        yield name, partial(GaussianRows, model, mean, root, method=name)


def random_q(model: Model, rng: np.random.Generator) -> Factorised:
    """A q far from any optimum, and another for every generator.

    From a start of the samplers on (a draw from a weak prior may be out of all bounds), each block
    in turn takes its conditional given the others, tilted at random. The tilt matters: with one
    block, or blocks that are independent given the data, the conditional is the posterior itself,
    whatever was drawn. Blocks in turn, because so no value of positive weight is an impossible one.
    """
    t = statistics(model, model.sample_initial_values(rng, ()))
    factors = {}
    for name, block in model.blocks.items():
        family = block.family
        eta = _tilt(rng, family, family.expand(block.complete_conditional(t), block.plates))
        factors[name] = Distribution(family, eta)
        t[name] = factors[name].expected_stats
    return Factorised(model, **factors)


def _tilt(rng: np.random.Generator, family: Family, eta: Any) -> Any:
    """eta + delta, the density times exp(<delta, t(z)>), for a random delta.

    For discrete families every real vector is a natural parameter: delta is standard normal, and
    what is impossible (eta = -inf) stays so. Else delta is a random combination of the deviations
    of t at draws from eta, over their variance: about 1 / sd[t] in size, a change of the order of
    a nat, and of a symmetric matrix symmetric. Natural parameters form a convex set. So long as
    eta + 2 delta is outside it, delta is halved; then eta + delta, half way there, is well inside.
    """
    if family.discrete:
        return family.Stats(*(e + rng.standard_normal(np.shape(e)) for e in eta))
    t = family.stats(family.sample(rng, eta, (TILTS, *family.lead_shape(eta))))
    if not all(np.isfinite(field).all() for field in t):
        raise LostDigits("draws of a random q are not finite")
    weights = rng.standard_normal(TILTS) / np.sqrt(TILTS)
    delta = []
    for e, field in zip(eta, t, strict=True):
        off = field - field.mean(0)
        variance = (off * off).mean(0)
        combined = np.tensordot(weights, off, 1)
        delta.append(np.divide(combined, variance, out=np.zeros_like(e), where=variance > 0))
    for halvings in range(HALVINGS):
        half = family.Stats(*(e + d / 2**halvings for e, d in zip(eta, delta, strict=True)))
        far = family.Stats(*(2 * h - e for h, e in zip(half, eta, strict=True)))
        try:
            with np.errstate(invalid="raise", divide="raise", over="raise"):
                normaliser = family.log_partition(far)
        except (NumericalError, FloatingPointError):
            continue
        if np.isfinite(normaliser).all():  # WebAssembly raises nothing where it is not
            return half
    return eta  # on the very edge of what its digits can hold
