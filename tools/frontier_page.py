"""Write the rows, the table and the picture of docs/frontier.md from the folder of a study of cost.

    vi-lab study frontier.toml
    python -m tools.frontier_page frontier

Without a folder the table is that of the rows that are there.
"""

import csv
import io
import lzma
import sys
from pathlib import Path

from PIL import Image

from tools.trial_page import fill
from vi_lab import read_study
from vi_lab.plots import alt_text, detectors, panels, png_bytes
from vi_lab.results import tables
from vi_lab.studies.cost_measure import COST
from vi_lab.studies.frontier import find_curves, list_lines
from vi_lab.studies.store import DONE

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "frontier.md"
ROWS = ROOT / "docs" / "studies" / "frontier.csv.xz"
PICTURE = ROOT / "docs" / "images" / "frontier.png"
KEY = ("problem", "method", "budget", "seed", "part")
WORDS = ("problem", "method", "budget")


def write_rows(rows):
    """Rows that came to an end as the bytes of the file, numbers to six digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = (*KEY, *COST.columns)
    writer.writerow(names)
    for row in rows:
        if row["status"] == DONE:
            values = [row[name] for name in names]
            writer.writerow([f"{v:.6g}" if isinstance(v, float) else v for v in values])
    return lzma.compress(text.getvalue().encode("utf-8"), preset=9 | lzma.PRESET_EXTREME)


def read_rows():
    """The rows of the file."""
    with lzma.open(ROWS, "rt") as file:
        return [
            {name: cell if name in WORDS else float(cell) for name, cell in row.items()}
            for row in csv.DictReader(file)
        ]


def make_table(curves):
    """The table of the page."""
    lines = [
        {name: f"{v:.3g}" if isinstance(v, float) else v for name, v in line.items()}
        for line in list_lines(curves)
    ]
    return {"curves": tables.markdown(lines)}


def draw(curves):
    """A panel a problem with every method in it, in one picture."""
    names = list(dict.fromkeys(curve.problem for curve in curves))
    across = 3
    figure, axes = panels(-(-len(names) // across), across, size=(15.0, 4.4 * -(-len(names) // 3)))
    texts = []
    for ax, name in zip(axes.flat, names, strict=False):
        own = [curve for curve in curves if curve.problem == name]
        texts.append(alt_text(detectors.cost_curves(own, ax=ax)))
    for ax in axes.flat[len(names) :]:
        ax.set_axis_off()
    image = Image.open(io.BytesIO(png_bytes(figure, " ".join(texts)))).convert("RGB")
    small = image.resize((image.width * 2 // 3, image.height * 2 // 3)).quantize(
        256, Image.Quantize.MAXCOVERAGE
    )
    small.save(PICTURE, optimize=True)


def main():
    """Rows from the folder that is given, then the page."""
    if len(sys.argv) == 2:
        ROWS.write_bytes(write_rows(read_study(sys.argv[1]).rows()))
    curves = find_curves(read_rows())
    draw(curves)
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), make_table(curves)))


if __name__ == "__main__":
    main()
