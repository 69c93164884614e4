"""Writes data/README.md: its opening, and a section for each file from data/catalogue.toml.

    python -m tools.data_readme

The facts stand in the catalogue alone; a test holds that the page is what this script makes.
"""

from __future__ import annotations

import textwrap
import tomllib
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[1] / "data"
README = DATA / "README.md"
WIDTH = 104


def page(readme: str, catalogue: str) -> str:
    """The README: what stands before its first section, then the sections."""
    opening = readme.split("\n## ")[0].rstrip("\n")
    sections = [section(fact) for fact in tomllib.loads(catalogue).values()]
    return "\n\n".join([opening, *sections]) + "\n"


def section(fact: dict[str, Any]) -> str:
    """One file: its facts as a list, its columns or arrays as a table, the notes."""
    arrays = "rows" not in fact
    shapes = {column["shape"][0] for column in fact["columns"].values() if arrays}
    facts = {
        "Title": fact["title"],
        "Story": fact["story"],
        "Origin": fact["source"],
        "Licence": fact["licence"],
        **_size(fact, shapes),
        "Verified": fact["verified"],
        "sha256": f"`{fact['sha256']}`",
    }
    lines = [
        textwrap.fill(f"- {key}: {value}", WIDTH, subsequent_indent="  ", break_long_words=False)
        for key, value in facts.items()
    ]
    head = ["array", "unit", "shape and type"] if arrays else ["column", "unit"]
    rows = [[*head, "meaning"], ["---"] * (len(head) + 1)]
    for name, column in fact["columns"].items():
        shape = [f"{tuple(column['shape'])} {column['type']}"] if arrays else []
        meaning = column.get("meaning", "").replace("|", "\\|")
        rows.append([f"`{name}`", column["unit"], *shape, meaning])
    table = ["| " + " | ".join(row).rstrip() + " |" for row in rows]
    table[1] = table[1].replace(" ", "")
    parts = [f"## {fact['file']}", "\n".join(lines), "\n".join(table)]
    return "\n\n".join([*parts, *([fact["notes"]] if "notes" in fact else [])])


def _size(fact: dict[str, Any], first_axes: set[int]) -> dict[str, Any]:
    """Rows, where all columns or arrays have as many; else how many arrays there are."""
    if "rows" in fact:
        return {"Rows": fact["rows"]}
    return {"Rows": first_axes.pop()} if len(first_axes) == 1 else {"Arrays": len(fact["columns"])}


def main() -> None:
    """Write the page anew."""
    readme = README.read_text(encoding="utf-8")
    catalogue = (DATA / "catalogue.toml").read_text(encoding="utf-8")
    README.write_text(page(readme, catalogue), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
