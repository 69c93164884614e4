"""Pages of docs/ that have tables and a picture made from rows: what they share."""

import io

from PIL import Image

from vi_lab.plots import png_bytes


def fill(page, tables_by_name):
    """The page with each table between its marks."""
    for name, text in tables_by_name.items():
        begin, end = f"<!-- {name} -->\n", "<!-- end -->"
        if page.count(begin) != 1:
            raise SystemExit(f"the page needs {begin.strip()} once")
        before, after = page.split(begin)
        page = f"{before}{begin}\n{text}\n\n{end}{after.split(end, 1)[1]}"
    return page


def write_short(lines):
    """Lines of a table whose numbers have three digits."""
    return [
        {name: f"{v:.3g}" if isinstance(v, float) else v for name, v in line.items()}
        for line in lines
    ]


def save_picture(figure, texts, path):
    """A figure with what its panels say as a PNG of two thirds of its size and few colours."""
    image = Image.open(io.BytesIO(png_bytes(figure, " ".join(texts)))).convert("RGB")
    small = image.resize((image.width * 2 // 3, image.height * 2 // 3))
    small.quantize(256, Image.Quantize.MAXCOVERAGE).save(path, optimize=True)
