"""One problem, many methods, one table: every posterior measured against the truth."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from vi_lab.arguments import checks
from vi_lab.arguments.public import brief, public
from vi_lab.arguments.streams import read_entropy, spawn_stream
from vi_lab.comparison.methods import BUDGETS, METHODS, select_methods
from vi_lab.comparison.metrics import COLUMNS, Row, format_row, measure
from vi_lab.comparison.reference import Reference, has_reference
from vi_lab.comparison.verdict import verdict
from vi_lab.errors import InputTypeError, NotApplicable, NumericalError
from vi_lab.model_or_problem import Problem, as_model
from vi_lab.problems.named import as_problems
from vi_lab.results import Posterior, tables
from vi_lab.runtime import storage
from vi_lab.runtime.interrupts import held, larger_job

__all__ = ["COLUMNS", "Comparison", "Row", "compare"]


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """The rows, the results behind them, and a sentence for each problem.

    Attributes
    ----------
    rows : tuple of Row
    verdicts : mapping of problem name to sentence
    results : mapping of (problem, method) to result
    budget : str
    seed : the number that, given as `rng`, makes the same numbers again
    interrupted : bool
        Whether Ctrl-C ended it early; then it holds what was finished.
    """

    rows: tuple[Row, ...]
    verdicts: Mapping[str, str]
    results: Mapping[tuple[str, str], Posterior]
    budget: str
    seed: int = 0
    interrupted: bool = False

    @classmethod
    def of(
        cls,
        problems: Sequence[Problem],
        rows: Sequence[Row],
        results: Mapping[tuple[str, str], Posterior],
        budget: str,
        seed: int,
        interrupted: bool,
    ) -> Comparison:
        """With the verdicts that the rows lead to."""
        verdicts = {}
        for item in problems:
            of_problem = [row for row in rows if row.problem == item.name]
            if of_problem:
                model = as_model(item.model)
                verdicts[item.name] = verdict(
                    of_problem, reducible=model.why_reducible, interrupted=interrupted
                )
        return cls(tuple(rows), verdicts, results, budget, seed, interrupted)

    @public
    def table(self, problem: str | None = None) -> list[dict[str, Any]]:
        """Rows as a reader wants to see them, of one problem or of all."""
        return [format_row(row) for row in self.rows if problem in (None, row.problem)]

    def text(self) -> str:
        """Aligned tables, a verdict below each."""
        parts = []
        for name, sentence in self.verdicts.items():
            rows = [{k: v for k, v in r.items() if k != "problem"} for r in self.table(name)]
            notes = [f"{r.method}: {r.reason}" for r in self.rows if r.problem == name and r.reason]
            notes = [tables.wrap(note) for note in (*notes, f"-> {sentence}")]
            parts.append("\n".join([name, tables.text(rows), *notes]))
        return "\n\n".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """What the JSON holds: rows, verdicts, budget, seed, interrupted, provenance.

        An infinite figure is the string "inf", as in the CSV: null is what was not measured.
        """
        return {
            "rows": [_spell(row) for row in self.rows],
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
        writer.writerows(_spell(row) for row in self.rows)
        return out.getvalue()

    def __repr__(self) -> str:
        done = ", ".join(self.verdicts)
        return f"<Comparison of {len(self.rows)} rows: {done}{' (cut short)' * self.interrupted}>"

    def _repr_html_(self) -> str:
        return "".join(
            tables.html(
                [{k: v for k, v in r.items() if k != "problem"} for r in self.table(name)],
                caption=name,
                note=sentence,
            )
            for name, sentence in self.verdicts.items()
        )


@public
@larger_job()
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
        Names from exact, exact-draws, metropolis-hastings, metropolis-hastings-noncentred, gibbs,
        gibbs-expanded, collapsed-gibbs, cavi, linear-response, gaussian-mean-field,
        gaussian-full-rank, amortised.
        By default all that apply, and of the usual ones why they do not.
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
    if on_row is not None and not callable(on_row):
        raise InputTypeError(f"on_row: needs a function of (row, result), got {brief(on_row)}")
    problems = as_problems(problem)
    chosen = _methods(methods)
    size = BUDGETS[checks.one_of("budget", budget, BUDGETS)]
    entropy = read_entropy(rng)
    rows: list[Row] = []
    results: dict[tuple[str, str], Posterior] = {}
    interrupted = False
    try:
        for row, result in _rows(problems, chosen, size, entropy):
            with held():  # a row is there with what on_row does with it (saving it), or not at all
                if on_row is not None:
                    on_row(row, result)
                rows.append(row)
                if result is not None:
                    results[row.problem, row.method] = result
    except KeyboardInterrupt:
        interrupted = True
    return Comparison.of(problems, rows, results, budget, entropy, interrupted)


def _spell(row: Row) -> dict[str, Any]:
    """A row by column, with "inf" for what is infinite, which strict JSON has no number for."""
    return {k: "inf" if v == float("inf") else v for k, v in asdict(row).items()}


def _methods(names: Sequence[str] | str | None) -> list[str] | None:
    """The names as METHODS has them, each once; None for all."""
    by_name = {method.name: method for method in METHODS}
    if names is None:
        return None
    if isinstance(names, str):
        names = names.split(",")
    if not isinstance(names, (list, tuple)) or not names:
        raise InputTypeError(
            f"methods: needs a list of names from {list(by_name)}, got {brief(names)}"
        )
    wanted = [str(n).strip().replace("_", "-").replace(" ", "-") for n in names]
    return list(dict.fromkeys(checks.one_of("methods", name, by_name) for name in wanted))


def _rows(
    problems: list[Problem], methods: list[str] | None, size: Any, entropy: int
) -> Iterator[tuple[Row, Posterior | None]]:
    for item in problems:
        model = as_model(item.model)
        reference = None
        for method in select_methods(METHODS, model, methods):
            reason = method.why_not(model)
            if reason:
                yield Row(item.name, method.name, False, reason), None
                continue
            if reference is None and has_reference(model):
                reference = Reference(model, spawn_stream(entropy, item.name, "truth"))
            try:
                result = method.run(model, size, spawn_stream(entropy, item.name, method.name))
            except NotApplicable as refusal:  # seen only once the method had begun
                yield Row(item.name, method.name, False, str(refusal)), None
                continue
            except NumericalError as error:  # one method's breakdown costs no other its row
                yield Row(item.name, method.name, True, f"broke down: {error}"), None
                continue
            noise = spawn_stream(entropy, item.name, method.name, "measure")
            row = measure(item.name, method.name, result, reference, noise, item.held_out)
            yield row, result
