"""`vi-lab study study.toml` runs or resumes a study; `vi-lab study report DIR` sums it up."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from vi_lab.comparison.layout import read_width
from vi_lab.errors import InputError
from vi_lab.runtime import file_names, storage
from vi_lab.runtime.exit_codes import DONE, INTERRUPTED
from vi_lab.runtime.messages import results_alone
from vi_lab.studies.cost_measure import COST
from vi_lab.studies.frontier import find_curves
from vi_lab.studies.study import Study, read_study, study
from vi_lab.studies.study_file import read_study_file

REPORT = "report"


def add_command(command: Any, jobs: Any) -> None:
    """Hang `study` into the parser; `command` makes a subcommand."""
    sub = command(
        "study",
        _study,
        "Run the rows of a study that its folder lacks, each kept as soon as it is there: after a "
        "kill the same command goes on.",
    )
    sub.add_argument("words", nargs="+", metavar="study.toml", help="a file; or: report DIR")
    sub.add_argument("--out", type=Path, metavar="DIR", help="default: what the file says")
    sub.add_argument("--measure", metavar="NAME", help="of a report: which of the tables there")
    sub.add_argument("--jobs", **jobs)
    sub.add_argument(
        "--cluster", metavar="ADDRESS", help="of a Dask scheduler, whose workers compute the rows"
    )


def _study(options: argparse.Namespace) -> int:
    words = options.words
    if words[0] == REPORT and len(words) == 2:
        made = read_study(words[1], options.measure)
        _print(made, options.format)
        if made.measure == COST.name and options.format != "json":
            for path in save_pictures(made):
                print(f"Picture  {path}")
        return DONE
    if len(words) != 1 or words[0] == REPORT:
        raise InputError("study: needs one file, or report and a folder")
    given = read_study_file(Path(words[0]))
    own = {"out": options.out, "jobs": options.jobs, "cluster": options.cluster}
    given |= {key: value for key, value in own.items() if value is not None}
    given.setdefault("out", Path(words[0]).with_suffix(""))
    with results_alone():
        made = study(**given)
    _print(made, options.format)
    return INTERRUPTED if made.interrupted else DONE


def save_pictures(made: Study) -> list[Path]:
    """A picture of error against cost of each problem of a study of "cost", in its folder."""
    from vi_lab.plots import alt_text, detectors, png_bytes  # matplotlib: where wanted

    curves = find_curves(made.rows())
    paths = []
    for name in dict.fromkeys(curve.problem for curve in curves):
        ax: Any = detectors.cost_curves([curve for curve in curves if curve.problem == name])
        path = made.folder / f"cost-{file_names.file_name(name)}.png"
        paths.append(storage.write_bytes(path, png_bytes(ax.figure, alt_text(ax))))
    return paths


def _print(made: Study, form: str) -> None:
    if form == "json":
        print(storage.to_json({"measure": made.measure, "rows": list(made.rows())}), end="")
        return
    print(made.text(read_width(None)))
    print(f"\nStudy    {made.folder}")
