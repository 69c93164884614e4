"""The two versions of a lesson, made from its source and the bank; nothing is run here."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import jupytext
import nbformat

from vi_lab.teach.bank import find
from vi_lab.teach.exercise import Choice, Exercise, Prediction
from vi_lab.teach.help import source_of

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
SOURCES = FOLDER / "source"
SOLUTIONS = FOLDER / "solutions"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KINDS = ("exercise", "choice", "prediction")
KEPT = ("tags", "slideshow")  # what of a header becomes metadata of the cell
WORKED_ALONE = ("solution", "claim")  # tags of cells that the learner does not get


def lessons(*parts: str) -> list[Path]:
    """The sources whose names hold one of the parts, or all, in their order."""
    return [
        path
        for path in sorted(SOURCES.glob("*.py"))
        if not parts or any(part in path.stem for part in parts)
    ]


def make(source: Path, worked: bool) -> Any:
    """A notebook without outputs: the worked version of a lesson, or the learner's."""
    text = source.read_text(encoding="utf-8")
    cells = []
    for cell in jupytext.reads(text, fmt="py:percent").cells:
        tags = cell.metadata.get("tags", [])
        if worked or not set(tags) & set(WORKED_ALONE):
            cells += cells_of(cell, worked)
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=METADATA)
    nbformat.validate(notebook)
    return notebook


def cells_of(cell: Any, worked: bool) -> list[Any]:
    """The cells that a cell of the source becomes."""
    name = cell.metadata["name"]
    metadata = {key: cell.metadata[key] for key in KEPT if key in cell.metadata}
    if cell.cell_type == "markdown":
        return [nbformat.v4.new_markdown_cell(cell.source, id=name, metadata=metadata)]
    kind = next((kind for kind in KINDS if kind in cell.metadata), None)
    above, code = "", cell.source
    if kind is not None:
        task = find(cell.metadata[kind])
        if isinstance(task, Exercise):
            code = exercise_cell(task, cell.source, worked)
        elif isinstance(task, Choice | Prediction):
            above = question(task)
            code = cell.source if worked else left_open(cell.source, task)
        else:
            raise ValueError(f"cell {name!r}: there is no {kind} {cell.metadata[kind]!r}")
    made = [nbformat.v4.new_code_cell(code, id=name, metadata=metadata)]
    if above:
        made.insert(0, nbformat.v4.new_markdown_cell(above, id=f"{name}-question"))
    return made


def exercise_cell(task: Exercise, body: str, worked: bool) -> str:
    """The heading, the right function or its stub, and the check."""
    function = source_of(task)
    return f"{heading(task)}\n{function if worked else stub(function)}\n\n\n{body}"


def heading(task: Exercise | Choice) -> str:
    """One comment line: id, title, minutes, and a star beyond the core path."""
    star = " ★" if task.star else ""
    return f"# Exercise {task.id}{star} · {task.title} · {task.minutes} minutes"


def stub_of(cell: Any) -> Exercise | None:
    """The exercise that a cell of a learner's notebook is the stub of."""
    found = re.match(r"# Exercise (\S+)", cell.source)
    task = find(found[1]) if found else None
    return task if isinstance(task, Exercise) else None


def stub(function: str) -> str:
    """The def line and the docstring of a function, and `...` for its body."""
    (node,) = ast.parse(function).body
    if not isinstance(node, ast.FunctionDef | ast.ClassDef) or ast.get_docstring(node) is None:
        raise ValueError(f"a function with a docstring is wanted: {function.splitlines()[0]}")
    kept = function.splitlines()[: node.body[0].end_lineno]
    gap = [""] if isinstance(node, ast.ClassDef) else []  # as ruff lays a class out
    return "\n".join([*kept, *gap, "    ..."])


def question(task: Choice | Prediction) -> str:
    """The question and its choices, as markdown."""
    if isinstance(task, Prediction):
        choices = " · ".join(f"`{choice}`" for choice in task.choices)
        return f"**Predict {task.id}.** {task.question}" + (f"\n\n{choices}" if choices else "")
    star = " ★" if task.star else ""
    title = f"**Question {task.id}{star} · {task.title}** ({task.minutes} minutes)."
    lines = [f"{title} {task.question}", ""]
    for i, options in enumerate(task.choices):
        item = f"{task.items[i]}: " if task.items else ""
        lines.append(f"- {item}" + " · ".join(f"`{option}`" for option in options))
    return "\n".join(lines)


def left_open(body: str, task: Choice | Prediction) -> str:
    """The call with `...` in place of each answer."""
    dots = ", ".join(["..."] * (len(task.answers) if isinstance(task, Choice) else 1))
    verb = "choose" if isinstance(task, Choice) else "predict"
    (statement,) = ast.parse(body).body
    if not ast.unparse(statement).startswith(f"{verb}('{task.id}',"):
        raise ValueError(f'{verb}("{task.id}", …) alone is wanted: {body}')
    return f'{verb}("{task.id}", {dots})'
