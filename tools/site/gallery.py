"""The gallery: every picture drawn by the code that stands below it."""

from __future__ import annotations

import ast
import html
import runpy
from collections.abc import Iterator
from pathlib import Path

from tools.site.places import PAGES, WORK
from vi_lab import plots
from vi_lab.figures.panels import page_look
from vi_lab.reports.inline_svg import inline

SCRIPTS = PAGES / "gallery"
SIZE = (4.0, 2.9)  # inches: a little more than a phone's width
HEAD = """# Gallery

Each picture is drawn by the code below it. What is grey is the exact posterior; every method keeps
its colour, dash and marker everywhere.
"""


def draw_gallery() -> None:
    """Run every script and write the page."""
    (WORK / "parts").mkdir(parents=True, exist_ok=True)
    entries = [HEAD, *("\n".join(_entry(path)) for path in sorted(SCRIPTS.glob("*.py")))]
    (WORK / "parts" / "gallery.md").write_text("\n".join(entries), "utf-8")


def _entry(path: Path) -> Iterator[str]:
    """The sentence, the picture, the code."""
    text = path.read_text("utf-8")
    sentence = ast.get_docstring(ast.parse(text)) or path.stem
    name = f"picture-{path.stem[:2]}"
    svg, words = _draw(path, sentence, name)
    print(f"gallery: {path.stem}, {len(svg) // 1000} kB", flush=True)
    code = text.partition("\n\n")[2]
    yield from [f"## {sentence.rstrip('.')}", ""]
    yield from ['<figure class="picture">', svg, "</figure>", ""]
    yield from ["<details><summary>In words</summary>", ""]
    yield from [f"<p>{html.escape(words)}</p>", "</details>", ""]
    yield from ["<details><summary>Code</summary>", "", "```python", code.rstrip(), "```", ""]
    yield from ["</details>", ""]


def _draw(path: Path, sentence: str, name: str) -> tuple[str, str]:
    """What the script leaves as `ax`, as markup, and the same in words."""
    with page_look():
        ax = runpy.run_path(str(path))["ax"]
        figure = ax.figure
        figure.set_size_inches(*SIZE)
        words = plots.alt_text(figure)
        svg = plots.svg_bytes(figure, words, sentence)
    return inline(svg, name, sentence), words
