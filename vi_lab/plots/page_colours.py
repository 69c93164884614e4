"""The colours of pages as CSS variables: every method's from STYLE, grounds and words from here."""

from __future__ import annotations

from vi_lab.plots import colours
from vi_lab.plots.style import STYLE

# name: colour on a light page, on a dark page
GROUNDS = {
    "paper": ("#FFFFFF", "#15181C"),
    "raised": ("#F5F5F2", "#1E2227"),
    "ink": ("#1B1D1F", "#ECEBE6"),
    "ink-2": ("#55595E", "#B4B8BD"),
    "edge": ("#84898E", "#787F87"),
    "grid": ("#E8E8E8", "#2A2F35"),
    "link": ("#0B5CAD", "#7DB8F0"),
    "failed": ("#A3230F", "#FF9B85"),
    "kl": ("#CB4F10", "#F07A3C"),
    "kl-fill": ("#FBE3D3", "#3A2417"),
    "fill-50": ("#E9E9E6", "#2A3036"),
    "fill-90": ("#F4F4F1", "#1F242A"),
    "tint-1": ("#FBEFE6", "#2A211C"),
    "tint-2": ("#F6D5BE", "#43291B"),
    "tint-3": ("#EBAF87", "#6B3A1E"),
    "bar": ("#9A3412", "#F3A07A"),
}
# colours of matplotlib's files that belong to no method, and the variable of each on a page
ORNAMENTS = {
    "#ffffff": "paper",
    "#e8e8e8": "grid",
    "#efefef": "fill-90",
    "#dadada": "fill-50",
    colours.PALE.lower(): "fill-50",
    colours.FORMULA.lower(): "edge",
    "#333333": "ink-2",
    colours.POINTS.lower(): "exact-draws",
    "#fbe3d3": "kl-fill",
}


def css_variables() -> str:
    """Every colour as a custom property of :root, light by default, dark where that is preferred.

    Methods go by their names (`--cavi`), as does `--ink`; print is always light.
    """
    light = {name: pair[0] for name, pair in GROUNDS.items()}
    dark = {name: pair[1] for name, pair in GROUNDS.items()}
    light |= {name: style.light for name, style in STYLE.items()}
    dark |= {name: style.dark for name, style in STYLE.items()}
    return (
        f":root {{ color-scheme: light dark; {_properties(light)} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {_properties(dark)} }} }}\n"
    )


def variables_by_colour() -> dict[str, str]:
    """The variable that stands on a page for each colour of matplotlib's files, as they write it.

    Black is the exact posterior's; the KL of an account is the full-rank Gaussian's vermilion.
    """
    return {style.colour.lower(): name for name, style in STYLE.items()} | ORNAMENTS


def _properties(values: dict[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in values.items())
