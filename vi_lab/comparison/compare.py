"""One problem, many methods, one table: every posterior measured against the truth."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, overload

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.read_only import ClosedMappings
from vi_lab.arguments.streams import read_entropy
from vi_lab.arguments.types import Rng
from vi_lab.arguments.user_models import callback
from vi_lab.comparison import layout
from vi_lab.comparison.jobs import Work
from vi_lab.comparison.metrics import format_row
from vi_lab.comparison.row import COLUMNS, Row
from vi_lab.comparison.saved_results import pick_results
from vi_lab.comparison.seeds import gather_seeds, require_seeds, spread_rows
from vi_lab.comparison.summary import write_summary
from vi_lab.comparison.verdict import verdict
from vi_lab.model_or_problem import ModelLike, as_model
from vi_lab.problems.methods import BUDGETS, PRESETS, USUAL_ONES
from vi_lab.problems.named import as_problems
from vi_lab.problems.other_methods import ALL
from vi_lab.problems.problem import Problem
from vi_lab.results import Posterior, tables
from vi_lab.results.frames import make_frame
from vi_lab.runtime import storage
from vi_lab.runtime.interrupts import run_as_one_job

__all__ = ["COLUMNS", "Comparison", "Row", "compare"]


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(ClosedMappings):
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
    problems : tuple of Problem
        Those of which there are rows.
    by_seed : mapping of seed to rows
        Where many seeds were asked for; `rows` are those of the first.
    """

    rows: tuple[Row, ...]
    verdicts: Mapping[str, str]
    results: Mapping[tuple[str, str], Posterior]
    budget: str
    seed: int = 0
    interrupted: bool = False
    problems: tuple[Problem, ...] = ()
    by_seed: Mapping[int, Sequence[Row]] = field(default_factory=dict)

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
        """Rows in the order of the problems, with the verdicts that they lead to."""
        place = {item.name: i for i, item in enumerate(problems)}
        rows = sorted(rows, key=lambda row: place[row.problem])
        verdicts = {}
        for item in problems:
            of_problem = [row for row in rows if row.problem == item.name]
            if of_problem:
                model = as_model(item.model)
                verdicts[item.name] = verdict(
                    of_problem, reducible=model.why_reducible, interrupted=interrupted
                )
        compared = tuple(item for item in problems if item.name in verdicts)
        return cls(tuple(rows), verdicts, results, budget, seed, interrupted, compared)

    @overload
    def __getitem__(self, key: str) -> Comparison: ...
    @overload
    def __getitem__(self, key: tuple[str, str]) -> Row: ...
    def __getitem__(self, key: str | tuple[str, str]) -> Comparison | Row:
        """`comparison["coal"]` is what there is of coal; `comparison["coal", "cavi"]` that row.

        There is a row of every method, of one that did not apply too; the result behind it, where
        there is one, is `results["coal", "cavi"]`.
        """
        if isinstance(key, tuple):
            checks.require(len(key) == 2, "comparison[...]: needs a problem and a method", key)
            rows = {row.method: row for row in self[key[0]].rows}
            return rows[checks.one_of("method", spell_method(key[1]), rows)]
        name = checks.one_of("problem", key, self.verdicts)
        return replace(
            self,
            rows=tuple(row for row in self.rows if row.problem == name),
            verdicts={name: self.verdicts[name]},
            results=pick_results(self.results, name),
            problems=tuple(item for item in self.problems if item.name == name),
            by_seed={s: [r for r in rows if r.problem == name] for s, rows in self.by_seed.items()},
        )

    __iter__ = None  # it is no list; `rows` are

    @public
    def table(self, problem: str | None = None) -> list[dict[str, Any]]:
        """Rows as a reader wants to see them, of one problem or of all.

        Of many seeds a line for each number: its median, and its range beside it.
        """
        if problem is not None:
            checks.text("problem", problem)
        if self.by_seed:
            lines = spread_rows(self.by_seed)
            lines = [line for line in lines if problem in (None, line["problem"])]
            if lines:
                return lines
        return [format_row(row) for row in self.rows if problem in (None, row.problem)]

    @public
    def text(self, width: int | None = None) -> str:
        """Aligned tables, a bullet for each method below; costs go where lines are short.

        Parameters
        ----------
        width : int, optional
            Characters in a line; by default as many as the terminal has.
        """
        return layout.write_text(self, layout.read_width(width))

    @public
    def summary(self, width: int | None = None) -> str:
        """A line a problem: what CAVI and the best q give up, and what failed."""
        return "\n".join(write_summary(self.rows, layout.read_width(width)))

    def to_markdown(self) -> str:
        """`table` in Markdown."""
        return tables.markdown(self.table()) + "\n"

    def to_latex(self) -> str:
        """`table` as a tabular of LaTeX, for which no package is needed."""
        return tables.latex(self.table()) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """What the JSON holds: rows, verdicts, problems, budget, seed, interrupted, provenance.

        An infinite figure is the string "inf", as in the CSV: null is what was not measured.
        """
        return {
            "rows": [_spell(row) for row in self.rows],
            "verdicts": dict(self.verdicts),
            "problems": {item.name: item.description for item in self.problems},
            "budget": self.budget,
            "seed": self.seed,
            "interrupted": self.interrupted,
            **self._every_seed(),
            "provenance": storage.provenance(),
        }

    def _every_seed(self) -> dict[str, Any]:
        """The rows of every seed, where there are many."""
        each = [{"seed": s, "rows": list(map(_spell, rows))} for s, rows in self.by_seed.items()]
        return {"seeds": each} if each else {}

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

    def to_pandas(self) -> Any:
        """The rows as a DataFrame by problem and method (needs pandas); NaN is what was not
        measured."""
        return make_frame([asdict(row) for row in self.rows], index=["problem", "method"])

    def __repr__(self) -> str:
        done = ", ".join(self.verdicts)
        return f"<Comparison of {len(self.rows)} rows: {done}{' (cut short)' * self.interrupted}>"

    def _repr_html_(self) -> str:
        return "".join(
            tables.html(
                [{k: v for k, v in row.items() if k != "problem"} for row in self.table(name)],
                caption=name,
                note=sentence,
            )
            for name, sentence in self.verdicts.items()
        )


@public
@run_as_one_job()
def compare(
    problem: ModelLike | Sequence[ModelLike] | Mapping[str, ModelLike] | None = None,
    *,
    methods: Sequence[str] | str | None = None,
    budget: str = "quick",
    rng: Rng = None,
    seeds: int = 1,
    jobs: int | None = None,
    on_row: Callable[[Row, Posterior | None], None] | None = None,
) -> Comparison:
    """Run many methods on one problem or several and measure each against the truth.

    Parameters
    ----------
    problem : str, Problem, Model, a list of these, or a dict of them by the names they are to have
        All named problems by default.
    methods : list of str, optional
        Names from exact, exact-draws, metropolis-hastings, metropolis-hastings-noncentred, gibbs,
        gibbs-expanded, collapsed-gibbs, cavi, linear-response, laplace, gaussian-mean-field,
        gaussian-full-rank, gaussian-linear-response, ep, hmc, amortised; or many in a word:
        "classic" has no gradients, "gradient" has the truth and what follows gradients, "all" has
        all.
        By default the classic ones that apply and the full-rank Gaussian, and of the usual ones
        why they do not.
    budget : "quick" or "full"
    rng : int, SeedSequence or Generator, optional
        Every problem and method gets a stream of its own: leaving one out changes no other number.
    seeds : int
        Above 1, all is run at so many seeds, from that of `rng` on, and the table has the median
        and range of each number; rows and results are those of the first.
    jobs : int, optional
        Processes, which share the problems and seeds. By default the cores there are, but this one
        alone where starting others would take longer than the run, and for a model of one's own.
        The numbers are the same.
    on_row : callable (Row, result or None), optional
        Called in this process, as soon as each row is finished; of other processes, as soon as the
        problem is.

    Returns
    -------
    Comparison
        After Ctrl-C: with what was finished, and `interrupted` True. Of a problem that another
        process was at, it has the rows without the results.
    """
    on_row = callback("on_row", on_row, "row", "result")
    problems, work = as_problems(problem), plan(methods, budget, rng)
    if jobs is not None:
        jobs = checks.integer("jobs", jobs, 1)
    rows: list[Row] = []
    results: dict[tuple[str, str], Posterior] = {}

    def here(row: Row, result: Posterior | None) -> None:
        rows.append(row)
        if result is not None:
            results[row.problem, row.method] = result
        if on_row is not None:
            on_row(row, result)

    groups = [[item] for item in problems]
    by_seed, ending = gather_seeds(groups, work, require_seeds(seeds, groups, work), jobs, here)
    found = Comparison.of(problems, rows, results, budget, work.entropy, ending.interrupted)
    return replace(found, by_seed=by_seed)


def plan(methods: Sequence[str] | str | None, budget: str, rng: Any) -> Work:
    """What is done about every problem, from the arguments of `compare`."""
    return Work(_methods(methods), checks.one_of("budget", budget, BUDGETS), read_entropy(rng))


def _spell(row: Row) -> dict[str, Any]:
    """A row by column, with "inf" for what is infinite, which strict JSON has no number for."""
    return {k: "inf" if v == float("inf") else v for k, v in asdict(row).items()}


def _methods(names: Sequence[str] | str | None) -> list[str] | None:
    """The names as ALL and PRESETS have them, each once; None for the usual ones."""
    known = [*(method.name for method in ALL), *PRESETS, USUAL_ONES]
    if names is None:
        return None
    if isinstance(names, str):
        names = names.split(",")
    listed = isinstance(names, (list, tuple)) and len(names) > 0
    checks.require(listed, "methods: needs names of rows or of presets, one at least", names)
    wanted = [checks.one_of("methods", spell_method(name), known) for name in names]
    return list(dict.fromkeys(wanted))


def spell_method(name: Any) -> str:
    """A method's name as rows have it: "linear_response" is "linear-response"."""
    return str(name).strip().replace("_", "-").replace(" ", "-")
