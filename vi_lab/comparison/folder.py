"""A folder of results: runs into it are merged by problem, and a manifest says what is current.

    compare.json, .csv, .txt     the rows of every problem that was ever run into the folder
    manifest.json                what each row was made with, and the files that go with it
    <problem>/<method>.npz       the results, with a JSON each
    <problem>/section.json.gz    what the report shows of them, drawn
    figures/
    index.html                   the report of all of it

A run replaces the rows of its problems and leaves those of others. Of its problems, rows of methods
that it did not run stay where they were made alike (seed, budget, version, problem); otherwise they
are stale: their files stay, listed as such, and their rows go. Every file is whole, old or new,
whatever happens in between; the manifest is written last.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vi_lab.archive.load import load as load_result
from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.comparison.compare import Comparison
from vi_lab.comparison.earlier_rows import part_rows, say_lost
from vi_lab.comparison.folder_record import (
    FORMAT,
    MANIFEST,
    read_folder,
    read_or_nothing,
    read_row,
)
from vi_lab.comparison.layout import MOST_WIDTH
from vi_lab.comparison.row import Row
from vi_lab.comparison.saved_results import (
    SavedResults,
    fingerprint,
    is_there,
    make_again,
)
from vi_lab.comparison.verdict import verdict
from vi_lab.errors import ResultFileError
from vi_lab.model_or_problem import ModelLike, as_model
from vi_lab.problems.named import as_problems
from vi_lab.problems.problem import Problem
from vi_lab.runtime import file_names, reading, storage

REPORT = "index.html"
SECTION = "section.json.gz"
FIGURES = "figures"
# What lies beside the folders of the problems.
BESIDE = (FIGURES, "compare.json", "compare.csv", "compare.txt", MANIFEST, REPORT)


@public
def load(
    path: str | os.PathLike[str], model: ModelLike | Mapping[str, ModelLike] | None = None
) -> Any:
    """Read back what was saved: a result, a trained VAE, or a folder of `vi-lab compare --out`.

    Parameters
    ----------
    path : path with or without its suffix, or of a folder with a manifest
    model : Model, Problem or the name of one; of a folder also a dict of these by name
        Needed for Factorised, GaussianRows and Exact, which are densities over its latents; Draws
        and a trained VAE stand alone. Of a folder, named problems are known, also with another
        prior; a model or data of one's own are handed in under the name they have there:
        {"two_groups": model}.

    Returns
    -------
    the result, the trained VAE, or a Comparison whose `results` are read when they are asked for

    Raises
    ------
    ResultFileError
        If a file is missing, damaged, not vi_lab's, or belongs to another model.
    """
    place = checks.path("path", path)
    if (place / MANIFEST).is_file():
        return _load_folder(place, () if model is None else as_problems(model))
    one: Any = model  # of a single result no dict: that is refused with the reason
    return load_result(path, one)


def _load_folder(folder: Path, given: Sequence[Problem]) -> Comparison:
    manifest, document = read_folder(folder)
    known = {checks.one_of("model", item.name, document["verdicts"]): item for item in given}
    for name in document["verdicts"]:
        item = known.get(name) or make_again(name, document["problems"].get(name, {}))
        if item is not None:
            known[name] = item
    entries = {
        (entry["problem"], entry["method"]): entry
        for entry in manifest["current"]
        if entry["files"]
    }
    return Comparison(
        tuple(map(read_row, document["rows"])),
        document["verdicts"],
        SavedResults(folder, entries, known, manifest.get("files", ())),
        document["budget"],
        document["seed"],
        document["interrupted"],
        tuple(known[name] for name in document["verdicts"] if name in known),
        by_seed={
            each["seed"]: list(map(read_row, each["rows"])) for each in document.get("seeds", ())
        },
    )


def write(
    comparison: Comparison, folder: Path, files_of: Callable[[str, str], str]
) -> tuple[Comparison, list[str]]:
    """Merge a comparison into a folder; all that is there now, and what of earlier runs is lost.

    `files_of(problem, method)` is where a result lies in the folder, without a suffix.
    """
    old_entries, old_stale, old_document, lost = read_or_nothing(folder)
    entries = _entries(comparison, folder, files_of)
    told = {item.name: storage.plain(item.description) for item in comparison.problems}
    other = {
        name for name, about in told.items() if old_document.get("problems", {}).get(name) != about
    }
    made = {entry["problem"]: entry for entry in entries}
    run = {(entry["problem"], entry["method"]) for entry in entries}
    unlisted = "" if old_entries else lost
    old_entries, old_stale = (
        [entry for entry in old if (entry["problem"], entry["method"]) not in run]
        for old in (old_entries, old_stale)
    )
    kept, stale = part_rows(folder, old_entries, made, other, lost)
    said = say_lost(stale, unlisted)
    stale = [*(entry for entry in old_stale if is_there(folder, entry["files"])), *stale]
    whole = _merge(comparison, kept, old_document)
    keys = [(row.problem, row.method) for row in whole.rows]
    current = sorted([*kept, *entries], key=lambda e: keys.index((e["problem"], e["method"])))
    document = whole.to_dict()
    names = set(whole.verdicts)
    document["problems"] = {
        name: about
        for name, about in {**old_document.get("problems", {}), **document["problems"]}.items()
        if name in names
    }
    earlier = {entry["problem"]: _made_with(entry) for entry in kept if entry["problem"] in names}
    earlier = {name: how for name, how in earlier.items() if name not in made}
    seeds = {each["seed"]: list(each["rows"]) for each in document.get("seeds", ())}
    for each in old_document.get("seeds", ()):
        rows = [row for row in each["rows"] if row["problem"] in names - made.keys()]
        if rows:
            seeds.setdefault(each["seed"], []).extend(rows)
    if seeds:
        document["seeds"] = [{"seed": seed, "rows": rows} for seed, rows in seeds.items()]
    if earlier:  # the seed and budget above are those of the last run
        document["earlier"] = earlier
    storage.write_bytes(folder / "compare.txt", (whole.text(MOST_WIDTH) + "\n").encode())
    storage.write_bytes(folder / "compare.csv", whole.to_csv().encode())
    storage.write_json(folder / "compare.json", document)
    _write_manifest(folder, current, stale)
    return whole, said


def list_earlier(folder: Path) -> dict[str, None]:
    """The problems of earlier runs into a folder."""
    return dict.fromkeys(entry["problem"] for entry in read_or_nothing(folder)[0])


def place_section(problem: str) -> str:
    """Where the section of a report lies in the folder that holds a problem's results."""
    return f"{file_names.file_name(problem)}/{SECTION}"


def note_figures(folder: Path) -> None:
    """Have the manifest list the figures and the report too, once they are there."""
    manifest = reading.read_json(folder / MANIFEST)
    _write_manifest(folder, manifest["current"], manifest["stale"])


def _write_manifest(folder: Path, current: Sequence[Any], stale: Sequence[Any]) -> None:
    others = [f"compare.{suffix}" for suffix in ("json", "csv", "txt")]
    others += [REPORT] * (folder / REPORT).is_file()
    others += sorted(f"figures/{path.name}" for path in (folder / "figures").glob("[!.]*"))
    sections = dict.fromkeys(place_section(entry["problem"]) for entry in current)
    others += [path for path in sections if (folder / path).is_file()]
    storage.write_json(
        folder / MANIFEST,
        {
            "format": FORMAT,
            "current": current,
            "stale": stale,
            "files": [fingerprint(folder, path) for path in others],
            "provenance": storage.provenance(),
        },
    )


def _entries(
    comparison: Comparison, folder: Path, files_of: Callable[[str, str], str]
) -> list[dict[str, Any]]:
    """One for each row: what it was made with, and its files."""
    about = storage.provenance()
    found = []
    for row in comparison.rows:
        stem = files_of(row.problem, row.method)
        ran = row.applies and row.reason is None
        files = [fingerprint(folder, f"{stem}{end}") for end in (".npz", ".json")] if ran else []
        found.append(
            {
                "problem": row.problem,
                "method": row.method,
                "seed": comparison.seed,
                "budget": comparison.budget,
                "vi_lab": about["vi_lab"],
                "command": about["command"],
                "settings": _settings(folder, stem) if ran else {},
                "files": [file for file in files if file is not None],
            }
        )
    return found


def _settings(folder: Path, stem: str) -> Any:
    try:
        found = reading.read_json(folder / f"{stem}.json").get("settings", {})
        return {key: value for key, value in found.items() if not isinstance(value, list)}
    except ResultFileError:  # a row of a result that could not be saved
        return {}


def _made_with(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in ("seed", "budget", "vi_lab", "command")}


def _merge(
    comparison: Comparison, kept: Sequence[Mapping[str, Any]], document: Mapping[str, Any]
) -> Comparison:
    """The rows of this run and those kept of earlier ones, in the order they first came in."""
    stay = {(entry["problem"], entry["method"]) for entry in kept}
    old = [
        row for row in map(read_row, document.get("rows", ())) if (row.problem, row.method) in stay
    ]
    order = list(dict.fromkeys(row["problem"] for row in document.get("rows", ())))
    order += [name for name in comparison.verdicts if name not in order]
    rows: list[Row] = []
    verdicts = {}
    models = {item.name: as_model(item.model) for item in comparison.problems}
    for name in order:
        new = [row for row in comparison.rows if row.problem == name]
        more = [row for row in old if row.problem == name]
        if not new and not more:
            continue
        rows += new + more
        verdicts[name] = (
            document["verdicts"][name] if not new
            else comparison.verdicts[name] if not more
            else verdict(new + more, reducible=models[name].why_reducible)
        )  # fmt: skip
    return replace(comparison, rows=tuple(rows), verdicts=verdicts)
