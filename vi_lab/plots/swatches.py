"""A method's sign on a page: its dash and its marker in its colour, as a few bytes of SVG."""

from __future__ import annotations

from matplotlib.markers import MarkerStyle

from vi_lab.plots.style import MethodStyle

WIDE, HIGH, STROKE = 30, 14, 1.8  # CSS pixels
SIZE = 9.0  # of a marker


def swatch(style: MethodStyle, variable: str) -> str:
    """An inline SVG of a line with its marker, coloured by a CSS variable; hidden from readers,
    since the method's name stands beside it.
    """
    marker = MarkerStyle(style.marker)
    path = marker.get_path().transformed(marker.get_transform())
    parts = []
    for points, code in path.iter_segments(curves=False):
        if code == path.CLOSEPOLY:
            parts.append("Z")
            continue
        x, y = points[-2:]
        parts.append(f"{'M' if code == path.MOVETO else 'L'}{_short(x)} {_short(-y)}")
    dash = "" if style.line == "-" else ' stroke-dasharray="' + _dashes(style) + '"'
    colour = f"var(--{variable}, {style.light})"
    return (
        f'<svg class="swatch" width="{WIDE}" height="{HIGH}" viewBox="0 0 {WIDE} {HIGH}" '
        f'aria-hidden="true" focusable="false"><path d="M0 {HIGH / 2:g}H{WIDE}" fill="none" '
        f'stroke="{colour}" stroke-width="{STROKE}"{dash}/><path transform="translate({WIDE / 2:g} '
        f'{HIGH / 2:g}) scale({SIZE:g})" d="{"".join(parts)}" fill="{colour}" '
        f'stroke="var(--paper, #fff)" stroke-width="0.1"/></svg>'
    )


def _dashes(style: MethodStyle) -> str:
    return " ".join(f"{STROKE * length:.3g}" for length in style.line[1])


def _short(number: float) -> str:
    return f"{round(number, 3) + 0.0:g}"  # no minus before a zero
