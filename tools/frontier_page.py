"""Write the rows, the table and the picture of docs/frontier.md from the folder of a study of cost.

    vi-lab study frontier.toml
    python -m tools.frontier_page frontier

Without a folder the table is that of the rows that are there.
"""

import sys
from pathlib import Path

from tools.pages import fill, save_picture, write_short
from vi_lab import read_study
from vi_lab.plots import alt_text, detectors, panels
from vi_lab.results import tables
from vi_lab.studies import compact_rows
from vi_lab.studies.cost_measure import COST
from vi_lab.studies.frontier import find_curves, list_lines
from vi_lab.studies.store import DONE

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "frontier.md"
ROWS = ROOT / "docs" / "studies" / "frontier.csv.xz"
PICTURE = ROOT / "docs" / "images" / "frontier.png"
KEY = ("problem", "method", "budget", "seed", "part")
WORDS = ("problem", "method", "budget")
DIGITS = 6
ACROSS = 3  # panels


def read_rows():
    """The rows of the file."""
    return compact_rows.read_rows(ROWS.read_bytes(), WORDS)


def make_table(curves):
    """The table of the page."""
    return {"curves": tables.markdown(write_short(list_lines(curves)))}


def draw(curves):
    """A panel a problem with every method in it, in one picture."""
    names = list(dict.fromkeys(curve.problem for curve in curves))
    down = -(-len(names) // ACROSS)
    figure, axes = panels(down, ACROSS, size=(15.0, 4.4 * down))
    texts = []
    for ax, name in zip(axes.flat, names, strict=False):
        own = [curve for curve in curves if curve.problem == name]
        texts.append(alt_text(detectors.cost_curves(own, ax=ax)))
    for ax in axes.flat[len(names) :]:
        ax.set_axis_off()
    save_picture(figure, texts, PICTURE)


def main():
    """Rows from the folder that is given, then the page."""
    if len(sys.argv) == 2:
        done = (row for row in read_study(sys.argv[1]).rows() if row["status"] == DONE)
        ROWS.write_bytes(compact_rows.write_rows(done, (*KEY, *COST.columns), DIGITS))
    curves = find_curves(read_rows())
    draw(curves)
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), make_table(curves)))


if __name__ == "__main__":
    main()
