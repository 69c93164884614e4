"""What Sphinx reads: the pages of the repository where they are in it, so that their links hold."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tools.site.places import NODE, PAGES, ROOT, SOURCE, WORK
from tools.site.reference import write_pages
from vi_lab.plots.page_colours import css_variables

# Pages, and what they link to. README, docs and lessons have one source, which is copied here.
COPIED = (
    "*.md", "LICENSE", "CITATION.cff", "docs/*.md", "docs/images/*", "docs/studies/*", "data/*",
    "benchmarks/*.md", "notebooks/*.md", "notebooks/*.ipynb", "notebooks/solutions/*",
    "notebooks/source/*", "tools/**/*.py", "vi_lab/**/*.py", "tests/**/*.py",
)  # fmt: skip


def stage() -> None:
    """Copy all pages to SOURCE, and write those that are made from the package."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    for pattern in COPIED:
        for path in ROOT.glob(pattern):
            if path.is_file() and "__pycache__" not in path.parts:
                target = SOURCE / path.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target)
    shutil.copytree(PAGES, SOURCE, dirs_exist_ok=True)
    for more in sorted(PAGES.glob("appended/**/*.md")):  # what the site adds to a page
        target = SOURCE / more.relative_to(PAGES / "appended")
        target.write_text(target.read_text("utf-8") + "\n" + more.read_text("utf-8"), "utf-8")
    shutil.rmtree(SOURCE / "appended")
    shutil.copytree(WORK / "parts", SOURCE / "parts")
    write_pages(SOURCE / "api")
    (SOURCE / "_static" / "colours.css").write_text(css_variables(), "utf-8")
    mathjax = SOURCE / "_static" / "mathjax"
    mathjax.mkdir()
    shutil.copy(NODE / "mathjax" / "es5" / "tex-svg.js", mathjax)
    for notebook in sorted(SOURCE.glob("notebooks/**/*.ipynb")):
        _name_language(notebook)


def _name_language(notebook: Path) -> None:
    """Cells are highlighted as Python; the notebooks kept in the repository do not say so."""
    content = json.loads(notebook.read_text("utf-8"))
    content["metadata"]["language_info"]["pygments_lexer"] = "ipython3"
    notebook.write_text(json.dumps(content), "utf-8")
