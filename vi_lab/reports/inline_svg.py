"""matplotlib's pictures as parts of a page: ids of their own, colours that follow the page."""

from __future__ import annotations

import html
import re

from vi_lab.plots.page_colours import variables_by_colour

DECIMALS = 2  # of a point, at 72 to the inch
HEAD = re.compile(r"^.*?(?=<svg )", re.DOTALL)
METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
STYLE = re.compile(r"\s*<defs>\s*<style[^>]*>.*?</style>\s*</defs>", re.DOTALL)
ROOT = re.compile(r"<svg [^>]*?>", re.DOTALL)
BOX = re.compile(r'viewBox="([^"]*)"')
COLOUR = re.compile(r"#[0-9a-f]{6}\b")
PATH = re.compile(r'(?<= d=")[^"]*(?=")')
PLACED = re.compile(r'(?<= [xy]=")-?\d+\.\d+(?=")')
NUMBER = re.compile(r"-?\d+\.\d+")
TITLE = re.compile(r"\s*<title>.*?</title>", re.DOTALL)
COMMENT = re.compile(r"\s*<!--.*?-->", re.DOTALL)
GAP = re.compile(r">\s+<")


def inline(svg: bytes, prefix: str, label: str) -> str:
    """The picture as an <svg> for the body of a page.

    Every id gets `prefix`, with the references to it; each colour of the house becomes a variable
    of the page, with itself behind it; what matplotlib leaves black takes the page's ink.

    Parameters
    ----------
    svg : bytes
        As `plots.svg_bytes` gives it.
    prefix : str
        Letters, digits and hyphens, unique in the page.
    label : str
        A short text alternative; the long one stands beside the picture.
    """
    text = HEAD.sub("", svg.decode("utf-8"), count=1)
    for part in (METADATA, STYLE, TITLE, COMMENT):
        text = part.sub("", text)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", text)
    text = text.replace("xlink:href=", "href=")
    text = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', text)
    known = variables_by_colour()
    text = COLOUR.sub(
        lambda found: (
            f"var(--{known[found.group()]}, {found.group()})"
            if found.group() in known
            else found.group()
        ),
        text,
    )
    text = PLACED.sub(lambda found: _round(found.group()), text)
    text = PATH.sub(lambda found: NUMBER.sub(lambda one: _round(one.group()), found.group()), text)
    box = BOX.search(text)
    root = (
        f'<svg viewBox="{box.group(1) if box else "0 0 258 165"}" role="img" '
        f'aria-label="{html.escape(label)}" style="fill: var(--ink)">'
    )
    text = ROOT.sub(lambda _: root, text, count=1)
    return GAP.sub("><", text).strip()


def _round(number: str) -> str:
    return f"{round(float(number), DECIMALS) + 0.0:g}"
