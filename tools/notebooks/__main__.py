"""Make the notebooks from their sources, and run the worked ones.

    python -m tools.notebooks [part of a name …]

Writes notebooks/NN_name.ipynb for learners, notebooks/solutions/NN_name.ipynb, worked, and
docs/slides.md.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat

from tools.notebooks import expected
from tools.notebooks.execution import execute
from tools.notebooks.slides import PAGE, page
from tools.notebooks.versions import FOLDER, SOLUTIONS, lessons, make, stub_of


def learner_version(source: Path, worked: Any) -> Any:
    """The learner's notebook, with the pictures that are to be expected.

    The picture under a stub is a cell of its own, so that it stays when the stub is run.
    """
    notebook = make(source, worked=False)
    outputs = {cell.id: cell.get("outputs") for cell in worked.cells}
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        exercise = stub_of(cell)
        if exercise is not None and exercise.id in expected.SKETCHES:
            cells.append(expected.cell(exercise, under=cell.id))
        if "expected" in cell.metadata.get("tags", []):
            cell.outputs = [o for o in outputs[cell.id] if "text/html" in o.get("data", {})]
            for output in cell.outputs:
                output.execution_count = None
    notebook.cells = cells
    return notebook


def main(parts: list[str]) -> None:
    """Make the lessons whose names hold one of the parts, or all."""
    PAGE.write_text(page(), encoding="utf-8")
    SOLUTIONS.mkdir(exist_ok=True)
    for source in lessons(*parts):
        name = f"{source.stem}.ipynb"
        worked = execute(make(source, worked=True))
        nbformat.write(worked, SOLUTIONS / name)
        nbformat.write(learner_version(source, worked), FOLDER / name)
        print(name, (SOLUTIONS / name).stat().st_size // 1024, "KB")


if __name__ == "__main__":
    main(sys.argv[1:])
