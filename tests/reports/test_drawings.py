"""What a picture from a file may hold: what `inline` writes passes, all else is refused."""

from xml.etree.ElementTree import ParseError

import pytest

from tests.tables import table
from vi_lab.reports.drawings import require_drawing

ROOT = '<svg viewBox="0 0 258 165" role="img" aria-label="coin &lt;b&gt;" style="fill: var(--ink)">'
SHAPE = (
    '<defs><path id="p-a" d="M 0 0 \nL 1.5 -2e-3 \nz" style="stroke: #000000; stroke-width: 0.8"/>'
    '<clipPath id="p-c"><rect x="1" y="2" width="3" height="4"/></clipPath></defs>'
    '<g id="p-g" clip-path="url(#p-c)" transform="translate(1 2) scale(0.1 -0.1)">'
    '<use href="#p-a" x="1" y="2.5" style="fill: var(--cavi, #0072b2); fill-opacity: 0.5"/></g>'
)
PLAIN = f"{ROOT}{SHAPE}</svg>"


def test_shapes_pass():
    require_drawing(PLAIN, "p")
    image = '<image x="1" y="1" width="2" height="2" href="data:image/png;base64,\niVBORw0KGgo="/>'
    require_drawing(PLAIN.replace("</g>", f"{image}</g>"), "p")


@table(
    ("part", "planted"),
    [
        ("</g>", "<script>alert(1)</script></g>"),
        (
            "</g>",
            '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject></g>',
        ),
        ("</g>", '<a href="https://example.org"><path d="M 0 0"/></a></g>'),
        ("</g>", '<animate attributeName="d" to="M 0 0"/></g>'),
        ("</g>", '<image href="https://example.org/a.png"/></g>'),
        ("</g>", '<image href="data:image/svg+xml;base64,AAAA"/></g>'),
        ("</g>", "<svg/></g>"),
        ("</g>", "words</g>"),
        ("</g>", "</g>words"),
        ("</g>", "<![CDATA[</svg><h1>x</h1>]]></g>"),
        ("</g>", "<!--></svg><h1>x</h1>--></g>"),
        ("</g>", "<?php x ?></g>"),
        ("</g>", "</g></g>"),
        ("</svg>", "</svg><h1>x</h1>"),
        ("<svg", '<!DOCTYPE svg [<!ENTITY a "b">]><svg'),
        ("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '),
        ("<svg ", '<svg onload="alert(1)" '),
        ("<use ", '<use onclick="alert(1)" '),
        ("<use ", '<use class="skip" '),
        ('href="#p-a"', 'href="https://example.org/#p-a"'),
        ('href="#p-a"', 'href="#p-g"'),  # what uses what uses others would never end
        ('href="#p-a"', 'href="#main"'),
        ("fill: var(--ink)", "position: fixed; inset: 0"),
        ("fill: var(--ink)", "fill: url(https://example.org)"),
        ("stroke: #000000", "stroke: #000000; background: url(x)"),
        ("url(#p-c)", "url(https://example.org#p-c)"),
        ('id="p-a"', 'id="main"'),
        ('id="p-g"', 'id="p-a"'),
    ],
)
def test_whatever_else_is_planted_is_refused(part, planted):
    assert part in PLAIN
    with pytest.raises((ValueError, ParseError)):
        require_drawing(PLAIN.replace(part, planted, 1), "p")
