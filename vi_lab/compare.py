"""One problem, many methods, one table: every posterior measured against the truth."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from vi_lab import checks, diagnostics, storage, tables
from vi_lab.errors import InputTypeError
from vi_lab.methods import BUDGETS, METHODS, Method
from vi_lab.model import Problem, as_model
from vi_lab.problems import as_problems
from vi_lab.results import Draws, Exact, Factorised, Posterior, rounding
from vi_lab.inference import exact
from vi_lab.verdict import verdict

REFERENCE_DRAWS = 50_000  # exact draws behind every Wasserstein distance


@dataclass(frozen=True)
class Row:
    """One method on one problem. None where a number does not exist; the JSON's keys are these.

    COLUMNS describes each.
    """

    problem: str
    method: str
    applies: bool
    reason: str | None = None
    log_evidence: float | None = None
    elbo: float | None = None
    gap: float | None = None
    gap_error: float | None = None
    mean_error: float | None = None
    mean_error_z: float | None = None
    sd_ratio_min: float | None = None
    sd_ratio_max: float | None = None
    wasserstein: float | None = None
    rhat: float | None = None
    ess: float | None = None
    density_evaluations: int | None = None
    complete_conditionals: int | None = None
    seconds: float | None = None


COLUMNS = {
    "problem": "name of the problem",
    "method": "exact, exact-draws, metropolis-hastings, gibbs or cavi",
    "applies": "whether the method can answer for this model",
    "reason": "why it does not apply, in a sentence; null where it does",
    "log_evidence": "log p(x) in nats (exact only)",
    "elbo": "the evidence lower bound in nats (variational methods)",
    "gap": "log evidence minus ELBO in nats: KL from q to the posterior",
    "gap_error": "numerical error of the gap in nats",
    "mean_error": "worst error of a posterior mean over all summaries, in posterior sds",
    "mean_error_z": "the same in the run's own Monte Carlo standard errors (draws only)",
    "sd_ratio_min": "smallest ratio of a standard deviation to the true one",
    "sd_ratio_max": "largest ratio of a standard deviation to the true one",
    "wasserstein": "worst Wasserstein-1 distance of a marginal to the true one, in posterior sds",
    "rhat": "largest rank-normalised split R-hat over the summaries (draws only)",
    "ess": "smallest bulk effective sample size over the summaries (draws only)",
    "density_evaluations": "log joints evaluated, summed over chains or restarts",
    "complete_conditionals": "complete conditionals evaluated, summed over chains or restarts",
    "seconds": "wall-clock seconds",
}


class Truth:
    """What a row is measured against: exact moments and a large exact sample of every summary."""

    def __init__(self, model: Any, rng: np.random.Generator) -> None:
        self.exact: Exact = exact(model)
        latents = self.exact.sample(REFERENCE_DRAWS, rng=rng)
        self.draws = {k: np.asarray(v, float) for k, v in model.summaries(latents).items()}
        self.mean, self.sd = {}, {}
        for name, draws in self.draws.items():
            closed = name in self.exact.names
            self.mean[name] = np.asarray(self.exact.mean(name) if closed else draws.mean(0))
            self.sd[name] = np.asarray(self.exact.sd(name) if closed else draws.std(0))


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """The rows, the results behind them, and a sentence for each problem.

    Attributes
    ----------
    rows : tuple of Row
    verdicts : mapping of problem name to sentence
    results : mapping of (problem, method) to result
    budget : str
    seed : the seed given, where it was a number
    interrupted : bool
        Whether Ctrl-C ended it early; then it holds what was finished.
    """

    rows: tuple[Row, ...]
    verdicts: Mapping[str, str]
    results: Mapping[tuple[str, str], Posterior]
    budget: str
    seed: Any = None
    interrupted: bool = False

    def table(self, problem: str | None = None) -> list[dict[str, Any]]:
        """Rows as a reader wants to see them, of one problem or of all."""
        return [_printed(row) for row in self.rows if problem in (None, row.problem)]

    def text(self) -> str:
        """Aligned tables, a verdict below each."""
        parts = []
        for name, sentence in self.verdicts.items():
            rows = [{k: v for k, v in r.items() if k != "problem"} for r in self.table(name)]
            notes = [f"{r.method}: {r.reason}" for r in self.rows if r.problem == name and r.reason]
            parts.append("\n".join([name, tables.text(rows), *notes, f"-> {sentence}"]))
        return "\n\n".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """What the JSON holds: rows, verdicts, budget, seed, interrupted, provenance."""
        return {
            "rows": [asdict(row) for row in self.rows],
            "verdicts": dict(self.verdicts),
            "budget": self.budget,
            "seed": self.seed,
            "interrupted": self.interrupted,
            "provenance": storage.provenance(),
        }

    def to_json(self) -> str:
        """`to_dict` as strict JSON."""
        return storage.to_json(self.to_dict())

    def to_csv(self) -> str:
        """The rows as CSV, with the JSON's keys as header."""
        out = io.StringIO()
        writer = csv.DictWriter(out, [f.name for f in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in self.rows)
        return out.getvalue()

    def __repr__(self) -> str:
        done = ", ".join(self.verdicts)
        return f"<Comparison of {len(self.rows)} rows: {done}{' (cut short)' * self.interrupted}>"

    def _repr_html_(self) -> str:
        return "".join(
            tables.html(
                [{k: v for k, v in r.items() if k != "problem"} for r in self.table(name)],
                caption=name, note=sentence,
            )
            for name, sentence in self.verdicts.items()
        )


@checks.clear_keywords
def compare(
    problem: Any = None,
    *,
    methods: Sequence[str] | str | None = None,
    budget: str = "quick",
    rng: Any = None,
    on_row: Callable[[Row, Posterior | None], None] | None = None,
) -> Comparison:
    """Run many methods on one problem or several and measure each against the truth.

    Parameters
    ----------
    problem : str, Problem, Model, or a list of these
        All named problems by default.
    methods : list of str, optional
        Names from exact, exact-draws, metropolis-hastings, gibbs, cavi; all by default.
    budget : "quick" or "full"
    rng : int, SeedSequence or Generator, optional
        Every problem and method gets a stream of its own: leaving one out changes no other number.
    on_row : callable (Row, result or None), optional
        Called as soon as each row is finished.

    Returns
    -------
    Comparison
        After Ctrl-C: with what was finished, and `interrupted` True.
    """
    problems = as_problems(problem)
    chosen = _methods(methods)
    size = BUDGETS[checks.known("budget", budget, BUDGETS)]
    entropy = entropy_of(rng)
    rows: list[Row] = []
    results: dict[tuple[str, str], Posterior] = {}
    interrupted = False
    try:
        for row, result in _rows(problems, chosen, size, entropy):
            rows.append(row)
            if result is not None:
                results[row.problem, row.method] = result
            if on_row is not None:
                on_row(row, result)
    except KeyboardInterrupt:
        interrupted = True
    verdicts = {
        name: verdict([row for row in rows if row.problem == name])
        for name in dict.fromkeys(row.problem for row in rows)
    }
    seed = rng if isinstance(rng, int) else None
    return Comparison(tuple(rows), verdicts, results, budget, seed, interrupted)


def _methods(names: Sequence[str] | str | None) -> list[Method]:
    by_name = {method.name: method for method in METHODS}
    if names is None:
        return list(METHODS)
    if isinstance(names, str):
        names = names.split(",")
    if not isinstance(names, (list, tuple)) or not names:
        raise InputTypeError(f"methods: needs a list of names from {list(by_name)}, got {names!r}")
    wanted = [str(n).strip().replace("_", "-").replace(" ", "-") for n in names]
    return [by_name[checks.known("methods", name, by_name)] for name in wanted]


def entropy_of(rng: Any) -> int:
    """The number from which all streams of a run are derived: the seed itself where it is one."""
    generator = checks.generator(rng)
    return rng if isinstance(rng, int) else int(generator.integers(2**63))


def stream(entropy: int, *names: str) -> np.random.Generator:
    """A generator of its own for each combination of names, whatever else is run."""
    keys = tuple(zlib.crc32(name.encode()) for name in names)
    return np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=keys))


def _rows(
    problems: list[Problem], methods: list[Method], size: Any, entropy: int
) -> Iterator[tuple[Row, Posterior | None]]:
    for item in problems:
        model = as_model(item.model)
        truth = None
        for method in methods:
            reason = method.why_not(model)
            if reason:
                yield Row(item.name, method.name, False, reason), None
                continue
            if truth is None and METHODS[0].why_not(model) is None:
                truth = Truth(model, stream(entropy, item.name, "truth"))
            result = method.run(model, size, stream(entropy, item.name, method.name))
            yield measure(item.name, method.name, result, truth,
                          stream(entropy, item.name, method.name, "measure")), result


def measure(
    problem: str, method: str, result: Posterior, truth: Truth | None, rng: np.random.Generator
) -> Row:
    """One row: a result against the truth (None where there is none)."""
    measured: dict[str, Any] = {"seconds": result.seconds}
    if isinstance(result, Exact):
        measured |= {"log_evidence": result.log_evidence, "gap": 0.0,
                     "gap_error": result.log_evidence_error}
    if isinstance(result, Factorised):
        measured |= {"elbo": result.elbo}
        if truth is not None:
            measured |= {"gap": truth.exact.log_evidence - result.elbo,
                         "gap_error": truth.exact.log_evidence_error + float(rounding(result.elbo))}
    if isinstance(result, (Draws, Factorised)):
        measured |= result.cost._asdict()
    if isinstance(result, Draws):
        measured |= _convergence(result)
    if truth is not None:
        measured |= _against(result, truth, rng)
    return Row(problem, method, True, **measured)


def _convergence(result: Draws) -> dict[str, float]:
    summaries = _summaries(result)
    rhats = np.concatenate([np.ravel(diagnostics.rhat(s)) for s in summaries.values()])
    sizes = np.concatenate([np.ravel(diagnostics.ess(s)) for s in summaries.values()])
    if np.isnan(rhats).all():
        return {}
    return {"rhat": float(np.nanmax(rhats)), "ess": float(np.nanmin(sizes))}


def _summaries(result: Draws) -> dict[str, np.ndarray]:
    return {k: np.asarray(v, float) for k, v in result.model.summaries(result.values).items()}


def _against(result: Posterior, truth: Truth, rng: np.random.Generator) -> dict[str, float]:
    """Worst mean error, sd ratios and Wasserstein distance over every coordinate of every summary."""
    errors, z_scores, ratios, distances = [], [], [], []
    if isinstance(result, Draws):
        chains = _summaries(result)
        draws = {name: s.reshape(-1, *s.shape[2:]) for name, s in chains.items()}
    else:
        latents = result.sample(REFERENCE_DRAWS, rng=rng)
        draws = {k: np.asarray(v, float) for k, v in result.model.summaries(latents).items()}
    for name, sd in truth.sd.items():
        closed = not isinstance(result, Draws) and name in result.names
        mean = np.asarray(result.mean(name) if closed else draws[name].mean(0))
        spread = np.asarray(result.sd(name) if closed else draws[name].std(0))
        error = np.abs(mean - truth.mean[name])
        errors.append(np.max(error / sd))
        ratios.append(np.ravel(spread / sd))
        if isinstance(result, Draws):
            z_scores.append(np.nanmax(error / diagnostics.mcse(chains[name]), initial=0.0))
        for index in np.ndindex(sd.shape):
            at = (slice(None), *index)
            true = truth.draws[name][at]
            distances.append(diagnostics.wasserstein(draws[name][at], true) / sd[index])
    ratio = np.concatenate(ratios)
    measured = {
        "mean_error": float(max(errors)),
        "sd_ratio_min": float(ratio.min()),
        "sd_ratio_max": float(ratio.max()),
        "wasserstein": 0.0 if isinstance(result, Exact) else float(max(distances)),
    }
    if z_scores:
        measured["mean_error_z"] = float(max(z_scores))
    return measured


def _printed(row: Row) -> dict[str, Any]:
    """A row under short headings."""
    bound = row.elbo if row.log_evidence is None else row.log_evidence
    gap = None if row.gap is None else f"{tables.cell(row.gap)} ± {row.gap_error:.0e}"
    ratio = None
    if row.sd_ratio_min is not None:
        ratio = f"{row.sd_ratio_min:.3f}–{row.sd_ratio_max:.3f}"
    whole = {n: None if getattr(row, n) is None else f"{getattr(row, n):,}"
             for n in ("density_evaluations", "complete_conditionals")}
    return {
        "problem": row.problem,
        "method": row.method if row.applies else f"{row.method} (does not apply)",
        "log p(x) or ELBO": None if bound is None else f"{bound:.6f}",
        "gap, nats": gap,
        "mean error, sd": None if row.mean_error is None else f"{row.mean_error:.4f}",
        "sd ratio": ratio,
        "W1, sd": None if row.wasserstein is None else f"{row.wasserstein:.4f}",
        "R-hat": None if row.rhat is None else f"{row.rhat:.4f}",
        "ESS": None if row.ess is None else f"{row.ess:.0f}",
        "densities": whole["density_evaluations"],
        "conditionals": whole["complete_conditionals"],
        "seconds": None if row.seconds is None else f"{row.seconds:.3f}",
    }
