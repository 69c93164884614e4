"""Many seeds of every estimator on a problem: how far off they are, and how far they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.ownership import is_ours
from vi_lab.arguments.streams import spawn_stream
from vi_lab.automatic.find import why_no_truth
from vi_lab.errors import NotApplicable, NumericalError, error_text
from vi_lab.inference.exact import exact
from vi_lab.marginal_likelihood.estimate import FAR, EvidenceEstimate
from vi_lab.marginal_likelihood.estimators import ESTIMATORS, SIZES, draw_posterior, fit_posterior
from vi_lab.marginal_likelihood.evidence import evidence
from vi_lab.marginal_likelihood.weights import ROUNDING
from vi_lab.model_or_problem import as_model
from vi_lab.runtime.interrupts import run_as_one_job
from vi_lab.runtime.parallel import processes, run_jobs

FROM_GAUSSIANS = ("importance", "smc", "ais")
FROM_DRAWS = ("bridge", "chib", "reciprocal", "harmonic")
SECONDS = 0.25  # about what a seed of an estimator takes


@dataclass(frozen=True)
class Weighing:
    """One estimator on one problem over some seeds, in nats.

    Attributes
    ----------
    bias, sd : float or None
        Mean and standard deviation of value - log p(x) over seeds; None where log p(x) is not
        known (then `mean` and `sd` are those of the value).
    stated, real : float or None
        The root mean square of the errors stated, and of those made.
    missed : bool or None
        Whether the real error is more than five times the stated one; None where one of the two is
        not known.
    reason : str or None
        Why it does not apply, or how it broke down.
    """

    problem: str
    method: str
    seeds: int = 0
    mean: float | None = None
    bias: float | None = None
    sd: float | None = None
    stated: float | None = None
    real: float | None = None
    missed: bool | None = None
    khat: float | None = None
    evaluations: int | None = None
    seconds: float | None = None
    notes: tuple[str, ...] = ()
    reason: str | None = None
    off: tuple[float, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "notes": list(self.notes), "off": list(self.off)}


class Weighings(list[Weighing]):
    """The rows of all estimators on all problems; `interrupted` where seeds are missing."""

    interrupted = False


@run_as_one_job()
def weigh(
    problems: Sequence[Any],
    methods: Sequence[str] | None = None,
    seeds: int = 20,
    entropy: int = 0,
    jobs: int | None = None,
) -> Weighings:
    """Every estimator on every problem; those of one seed share their draws and their Gaussian.

    After Ctrl-C the rows are those of the seeds that were finished.
    """
    names = list(ESTIMATORS if methods is None else methods)
    for name in names:
        checks.one_of("methods", name, ESTIMATORS)
    seeds = checks.integer("seeds", seeds, 1)
    tasks = [(item, names, seed, entropy) for item in problems for seed in range(seeds)]
    workers = processes(jobs, [SECONDS * len(names)] * len(tasks))
    if not all(is_ours(as_model(problem)) for problem in problems):
        workers = 1
    found: dict[int, dict[str, EvidenceEstimate | str]] = {}
    rows = Weighings()
    try:
        run_jobs(weigh_seed, tasks, workers, found.__setitem__)
    except KeyboardInterrupt:
        rows.interrupted = True
    for place, item in enumerate(problems):
        numbers = range(place * seeds, (place + 1) * seeds)
        of_problem = [found[number] for number in numbers if number in found]
        truth = find_truth(item) if of_problem else None
        rows += [
            sum_up(item.name, n, truth, [each[n] for each in of_problem])
            for n in names
            if of_problem
        ]
    return rows


def find_truth(item: Any) -> float | None:
    """log p(x) where it is known."""
    return exact(item).log_evidence if why_no_truth(as_model(item)) is None else None


def weigh_seed(
    item: Any,
    names: Sequence[str],
    seed: int,
    entropy: int,
    sizes: Mapping[str, int] = SIZES,
) -> dict[str, EvidenceEstimate | str]:
    """The estimates of one seed, or why there is none, by method, each of its size."""
    model = as_model(item)
    shared: dict[str, Any] = {}
    found: dict[str, EvidenceEstimate | str] = {}
    for name in names:
        reason = ESTIMATORS[name].why_not(model)
        if reason:
            found[name] = reason
            continue
        rng = spawn_stream(entropy, item.name, name, str(seed))
        try:
            own = spawn_stream(entropy, item.name, str(seed))
            basis = _share(shared, name, model, own, sizes["bridge"])
            found[name] = evidence(model, basis, method=name, rng=rng, draws=sizes[name])
        except (NotApplicable, NumericalError) as error:
            found[name] = error_text(error)
    return found


def _share(
    shared: dict[str, Any], name: str, model: Any, rng: np.random.Generator, draws: int
) -> Any:
    """The draws or the Gaussian that estimators of one seed rest on, made where first needed."""
    if name in FROM_DRAWS:
        if "draws" not in shared:
            shared["draws"] = draw_posterior(model, draws, rng)
        return shared["draws"]
    if name in FROM_GAUSSIANS:
        if "gaussian" not in shared:
            shared["gaussian"] = fit_posterior(model, rng)
        return shared["gaussian"]
    return None


def sum_up(
    problem: str, method: str, truth: float | None, found: Sequence[EvidenceEstimate | str]
) -> Weighing:
    """The row of one estimator on one problem."""
    good = [e for e in found if isinstance(e, EvidenceEstimate)]
    reasons = [e for e in found if isinstance(e, str)]
    if not good:
        return Weighing(problem, method, reason=reasons[0])
    values = np.array([e.value for e in good])
    stated = float(np.sqrt(np.mean([e.error**2 for e in good])))
    off = values - truth if truth is not None else np.full(len(values), np.nan)
    real = float(np.sqrt((off**2).mean()))
    known = truth is not None and not np.isnan(stated)
    khats = [e.khat for e in good if e.khat is not None]
    worst = max(good, key=lambda e: (len(e.notes), e.khat or 0.0))  # whose notes are shown
    return Weighing(
        problem, method, len(good),
        mean=float(values.mean()),
        bias=None if truth is None else float(off.mean()),
        sd=float(values.std(ddof=1)) if len(values) > 1 else None,
        stated=None if np.isnan(stated) else stated,
        real=None if truth is None else real,
        missed=bool(real > FAR * stated + ROUNDING) if known else None,
        khat=max(khats) if khats else None,
        evaluations=int(np.mean([e.evaluations for e in good])),
        seconds=float(np.mean([e.seconds for e in good])),
        notes=worst.notes,
        reason=reasons[0] if reasons else None,
        off=tuple(off.tolist()) if truth is not None else (),
    )  # fmt: skip
