"""The report: one file that holds everything it shows, and asks the network for nothing."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vi_lab.arguments import checks
from vi_lab.comparison.compare import Comparison
from vi_lab.comparison.metrics import format_row
from vi_lab.comparison.reference import REFERENCE_DRAWS
from vi_lab.comparison.row import Row
from vi_lab.comparison.summary import is_broken, is_unmixed, write_gap
from vi_lab.comparison.verdict import NOISE, verdict_by_method
from vi_lab.figures.overall_panels import draw_cost, draw_waterfalls
from vi_lab.plots import STYLE, style_of
from vi_lab.plots.page_colours import css_variables
from vi_lab.plots.swatches import swatch
from vi_lab.reports.cells import LEGEND, SIGNS, make_cell
from vi_lab.reports.headline import HOW_TO_BEGIN, NOTHING, write_headline, write_lead
from vi_lab.reports.kept_sections import gather_sections
from vi_lab.reports.matrix import SHORT, list_columns, list_lines
from vi_lab.reports.sections import Section, place
from vi_lab.reports.words import (
    count,
    fragment,
    isolate,
    shorten,
    signed,
    visible,
    write_nats,
    write_sds,
    write_share,
    write_short,
)  # fmt: skip
from vi_lab.runtime import storage

TEMPLATES = Path(__file__).parent / "templates"
LABELLED = 6  # marks with a name, in the picture of cost


def render_report(
    comparison: Comparison,
    described: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    stopped: str = "",
    jobs: int | None = None,
) -> str:
    """The report of a comparison as HTML.

    Parameters
    ----------
    comparison : Comparison
    described : mapping of problem name to description, optional
        As compare.json has them; by default those of `comparison.problems`.
    stopped : str, optional
        How much of an interrupted run was finished; by default how many results.
    jobs : int, optional
        Processes that draw; by default as many as save time.

    Raises
    ------
    ImportError
        Where jinja2 is not installed.
    """
    checks.require(isinstance(comparison, Comparison), "comparison: needs a Comparison", comparison)
    environment = _environment()
    if described is None:
        described = {item.name: item.description for item in comparison.problems}
    names = [line.problem for line in list_lines(comparison.rows)]
    sections = gather_sections({name: comparison[name] for name in names}, jobs)
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    holds = {name: sections[name].holds for name in names}
    cost = draw_cost(comparison, _worst(comparison.rows)) if len(names) > 1 else None
    falls = draw_waterfalls(comparison) if len(names) > 1 else None
    return environment.get_template("report.html").render(
        policy=(
            f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
            "img-src data:; base-uri 'none'; form-action 'none'"
        ),
        script=script,
        css=css_variables() + (TEMPLATES / "report.css").read_text(encoding="utf-8"),
        comparison=comparison,
        nothing=f"{NOTHING} {HOW_TO_BEGIN}" if not comparison.rows else "",
        headline=write_headline(comparison.rows),
        lead=write_lead(comparison.rows, holds),
        stopped=stopped or _describe_stop(comparison),
        columns=list_columns(comparison.rows),
        lines=list_lines(comparison.rows),
        methods=_methods(comparison.rows),
        attention=_attention(comparison.rows),
        cost=place(cost, "all") if cost else None,
        falls=place(falls, "all") if falls else None,
        vae=[picture for name in names for picture in sections[name].vae],
        problems=[
            _problem(comparison, name, described.get(name, {}), sections[name]) for name in names
        ],
        many=len(names) > 1,
        about=storage.provenance(),
        noise=NOISE,
        draws=REFERENCE_DRAWS,
        nats_note=_explain_nats(comparison.rows),
    )


def write_report(comparison: Comparison, path: str | os.PathLike[str], **more: Any) -> Path:
    """Render a report and write it whole: a reader sees the old file or the new one.

    Further arguments are those of `render_report`.
    """
    return storage.write_bytes(
        checks.path("path", path), render_report(comparison, **more).encode()
    )


def _environment() -> Any:
    """jinja2 with everything escaped: names of models are not to be trusted."""
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
        from markupsafe import Markup, escape
    except ImportError:
        raise ImportError(
            "the report needs jinja2, which is not installed: pip install jinja2"
        ) from None

    def finish(value: Any) -> Any:
        """Text with what is not seen written out; markup as it is."""
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finish,
    )
    environment.filters |= {
        "name": shorten,
        "isolate": lambda name: escape(isolate(name)),
        "fragment": fragment,
        "swatch": lambda method: Markup(swatch(style_of(method), _variable(method))),
        "label": lambda method: style_of(method).label,
        "short": lambda method: SHORT.get(method, style_of(method).label),
        "markup": Markup,  # of pictures that were drawn here
        "tight": lambda text: text.replace("log p(x)", "log\u00a0p(x)").replace("R-h", "R\u2011h"),
        "equation": lambda numbers: "{} = {} + {}".format(*numbers),
        "percent": lambda share: f"{100 * share:.4g}%",
    }
    environment.globals |= {"signs": SIGNS, "states": LEGEND, "count": count}
    return environment


def _variable(method: str) -> str:
    return method if method in STYLE else "amortised"


def _methods(rows: Sequence[Row]) -> list[str]:
    """Those that answered anywhere, in the order of the legend."""
    answered = {row.method for row in rows if row.applies}
    return [name for name in STYLE if name in answered] + sorted(answered - set(STYLE))


def _describe_stop(comparison: Comparison) -> str:
    if not comparison.interrupted:
        return ""
    done = sum(row.applies for row in comparison.rows)
    return f"Stopped early: {count(done, 'result was', 'results were')} finished and are below."


def _attention(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """What is not to be trusted yet, a line a problem and kind, and what to do about it."""
    kinds: dict[str, tuple[Any, str]] = {
        "failed": (is_broken, "see its reason; the other methods stand"),
        "not mixed": (
            lambda r: r.method != "exact-draws" and is_unmixed(r),
            "do not trust its numbers yet, run it longer",
        ),
        "stopped before it converged": (
            lambda r: r.converged is False,
            "its q is no optimum yet, run more sweeps",
        ),
        "cannot be told": (
            lambda r: make_cell(r).state == "cannot-be-told",
            "the error exceeds the difference: neither right nor wrong",
        ),
    }
    found = []
    for kind, (fits, what) in kinds.items():
        some = [row for row in rows if row.applies and fits(row)]
        for name in dict.fromkeys(row.problem for row in some):
            each = [
                {"method": row.method, "words": make_cell(row).words}
                for row in some
                if row.problem == name
            ]
            again = f"vi-lab compare {shorten(name)} --budget full" if "run" in what else ""
            found.append(
                {"kind": kind, "problem": name, "each": each, "what": what, "again": again}
            )
    return found


def _worst(rows: Sequence[Row]) -> list[str]:
    """The results farthest off, whose marks get a name."""
    known = [row for row in rows if row.wasserstein and row.method != "exact-draws"]
    known.sort(key=lambda row: -(row.wasserstein or 0.0))
    first = {row.problem: row for row in reversed(known)}  # of a problem its worst
    far = sorted(first.values(), key=lambda row: -(row.wasserstein or 0.0))[:LABELLED]
    return [f"{row.problem} {row.method}" for row in far]


def _explain_nats(rows: Sequence[Row]) -> str:
    """Nats add up over latents, the matrix has the worst of them: the plainest example."""
    known = [
        row for row in rows if row.gap and row.elbo is not None and row.wasserstein is not None
    ]
    if not known:
        return ""
    row = max(known, key=lambda row: row.gap or 0.0)
    return (
        "Nats add up over all latents; the matrix shows the worst one: "
        f"{shorten(row.problem)} under {style_of(row.method).label} gives up "
        f"{signed(write_gap(row))} nats, and no latent is off by more than "
        f"{write_sds(row.wasserstein or 0.0)} sd."
    )


NOT_DESCRIBED: dict[str, Any] = {
    "story": "", "lines": [], "look_at": "", "data": None, "truth": None, "hyperparameters": {},
}  # fmt: skip


def _problem(
    comparison: Comparison, name: str, described: Mapping[str, Any], section: Section
) -> dict[str, Any]:
    """Everything the section of a problem shows."""
    rows = [row for row in comparison.rows if row.problem == name]
    reasons = [row for row in rows if not row.applies]
    described = NOT_DESCRIBED | dict(described)
    return {
        "name": name,
        "id": fragment(name),
        "described": described,
        "prior": [f"{k} = {_brief(v)}" for k, v in described["hyperparameters"].items()],
        "section": section,
        "headline": write_headline(rows).partition(": ")[2] or write_headline(rows),
        "verdict": comparison.verdicts[name],
        "bullets": verdict_by_method(rows),
        "table": [_table_row(row) for row in rows if row.applies],
        "reasons": [(row.method, row.reason) for row in reasons],
        "command": f"vi-lab compare {name} --seed {comparison.seed} --budget {comparison.budget}",
        "python": (
            f"vi_lab.compare({name!r}, rng={comparison.seed}, budget={comparison.budget!r})"
        ),
    }


def _table_row(row: Row) -> dict[str, Any]:
    short = format_row(row)
    bound = row.elbo if row.log_evidence is None else row.log_evidence
    gap = "" if row.gap is None or row.elbo is None else write_short(write_gap(row), row.gap_error)
    if row.estimates_evidence and row.gap is not None:
        gap = signed(f"{row.gap:.2g}")  # below 0 where it is above log p(x)
    return {
        "method": row.method,
        "cell": make_cell(row),
        "bound": write_nats(bound, row.gap_error),
        "gap": gap,
        "mean": "" if row.mean_error is None else write_sds(row.mean_error),
        "share": write_share(row.sd_ratio_min, row.sd_ratio_max),
        "rhat": "" if row.rhat is None else f"{row.rhat:.3f}".replace("inf", "∞"),
        "ess": short["ESS"] or "",
        "joints": short["log joints"] or "",
        "conditionals": short["conditionals"] or "",
        "converged": {True: "converged", False: "stopped", None: ""}[row.converged],
    }


def _write_value(value: Any) -> str:
    """A hyperparameter in six digits."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_write_value, value))}]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _brief(value: Any) -> str:
    text = _write_value(value)
    return signed(text if len(text) <= 70 else f"{text[:60]}… ({len(text):,} characters)")
