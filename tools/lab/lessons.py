"""The lessons as the lab has them: before the first cell one that says what is amiss."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from vi_lab import __version__

FIRST = """\
# In the browser, run this first: is NumPy here, and is this copy of the lesson current?
LESSON, MADE_FOR, CONTENT = "{name}", "{version}", "{digest}"
try:
    import hashlib
    from importlib.resources import files

    import vi_lab

    kept = files("vi_lab") / "_notebooks" / LESSON
    current = not kept.is_file() or hashlib.sha256(kept.read_bytes()).hexdigest()[:8] == CONTENT
    if vi_lab.__version__ == MADE_FOR and current:
        print(f"vi_lab {{vi_lab.__version__}}, and this lesson is current.")
    else:
        print(
            f"This copy of the lesson was made for another vi_lab ({{MADE_FOR}}; here is "
            f"{{vi_lab.__version__}}). Save what you wrote, delete {{LESSON}} in the file browser, "
            "and reload the page: the current lesson comes back."
        )
except ImportError:
    print(
        "NumPy could not be downloaded (cdn.jsdelivr.net was not reached). Everything else on "
        "this site works without a network."
    )"""


def write_lessons(notebooks: Path, folder: Path) -> list[str]:
    """Copy the learner's notebooks, each with the first cell; their names."""
    folder.mkdir(parents=True)
    names = []
    for path in sorted(notebooks.glob("*.ipynb")):
        names.append(path.name)
        content = json.loads(path.read_text("utf-8"))
        content["cells"].insert(0, first_cell(path.name, path.read_bytes()))
        content["metadata"]["kernelspec"] = {
            "display_name": "Python (Pyodide)", "language": "python", "name": "python",
        }  # fmt: skip
        (folder / path.name).write_text(json.dumps(content), "utf-8")
    return names


def first_cell(name: str, lesson: bytes) -> dict[str, Any]:
    """The cell that compares this lesson with the one that the package carries."""
    digest = hashlib.sha256(lesson).hexdigest()[:8]
    return {
        "cell_type": "code",
        "id": "is-it-current",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": FIRST.format(name=name, version=__version__, digest=digest),
    }
