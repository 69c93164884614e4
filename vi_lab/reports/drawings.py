"""What a picture that was read from a file may hold: shapes and their look, and nothing else.

A page takes a picture as markup. So every part of it is held against what `inline` writes: there is
no element that runs, loads, links or holds HTML, no property that would lay it over the page, and
no reference but to its own parts. Of such text XML and HTML make the same.
"""

from __future__ import annotations

import re
from collections.abc import Container
from xml.etree import ElementTree

ELEMENTS = {"g", "path", "use", "defs", "clipPath", "rect", "image", "pattern"}
NUMBER = r"[-+]?[\d.]+(?:e[-+]?\d+)?"
PAINT = r"none|#[0-9a-f]{6}|var\(--[a-z0-9-]+(?:, #[0-9a-f]{6})?\)|url\(#[\w.-]+\)"
ATTRIBUTES = {
    "aria-label": re.compile(r".*", re.DOTALL),
    "role": re.compile("img"),
    "viewBox": re.compile(rf"{NUMBER}(?: {NUMBER}){{3}}"),
    "d": re.compile(r"[MLHVCSQTAZmlhvcsqtaz\d\s.,e+-]*"),
    "transform": re.compile(r"(?:(?:translate|scale|rotate|matrix)\([\d\s.,e+-]*\)\s*)+"),
    "patternUnits": re.compile("userSpaceOnUse"),
    "fill": re.compile(PAINT),
    "clip-path": re.compile(r"url\(#[\w.-]+\)"),
    **dict.fromkeys(("x", "y", "width", "height"), re.compile(NUMBER)),
}
LOOK = {
    **dict.fromkeys(("fill", "stroke"), re.compile(PAINT)),
    **dict.fromkeys(("opacity", "fill-opacity", "stroke-opacity"), re.compile(NUMBER)),
    **dict.fromkeys(("stroke-width", "stroke-dashoffset", "stroke-miterlimit"), re.compile(NUMBER)),
    "stroke-dasharray": re.compile(rf"none|{NUMBER}(?:,\s*{NUMBER})*"),
    "stroke-linecap": re.compile("butt|round|square"),
    "stroke-linejoin": re.compile("miter|round|bevel"),
    "fill-rule": re.compile("evenodd|nonzero"),
    "image-rendering": re.compile("[a-z-]+"),
}
EMBEDDED = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=\s]*")


def require_drawing(svg: str, prefix: str) -> None:
    """ValueError or ParseError where a text is anything but a picture that `inline` made.

    Every id in it begins with `prefix` and a hyphen, so that it is no other part's of the page.
    """
    if not svg.startswith("<svg ") or "<!" in svg or "<?" in svg:
        raise ValueError("a picture is one <svg>, without a document type or instructions")
    root = ElementTree.fromstring(svg)
    parts = list(root.iter())
    ids = [part.attrib["id"] for part in parts if "id" in part.attrib]
    own = re.compile(rf"{re.escape(prefix)}-[\w.-]+", re.ASCII)
    if len(set(ids)) < len(ids) or not all(map(own.fullmatch, ids)):
        raise ValueError("an id stands in it twice, or is of another part of the page")
    # shapes alone are used again: what uses what uses others would grow without end
    shapes = {f"#{part.attrib.get('id')}" for part in parts if part.tag == "path"}
    for part in parts:
        if part.tag not in ({"svg"} if part is root else ELEMENTS):
            raise ValueError(f"{part.tag!r} is no part of a picture")
        if f"{part.text or ''}{part.tail or ''}".strip():
            raise ValueError("a picture holds no text")
        for name, value in part.attrib.items():
            if not _fits(part.tag, name, value, shapes):
                raise ValueError(f"{name}={value[:40]!r} is no part of a picture")


def _fits(tag: str, name: str, value: str, shapes: Container[str]) -> bool:
    """Whether an element of a picture has such an attribute."""
    if name == "id":
        return True
    if name == "href":
        return value in shapes if tag == "use" else bool(EMBEDDED.fullmatch(value))
    if name == "style":
        return all(map(_is_look, value.split(";")))
    return name in ATTRIBUTES and bool(ATTRIBUTES[name].fullmatch(value))


def _is_look(declaration: str) -> bool:
    """Whether one declaration of a style says how a shape is painted, and nothing else."""
    name, _, value = (part.strip() for part in declaration.partition(":"))
    return not name or (name in LOOK and bool(LOOK[name].fullmatch(value)))
