"""One table of colours: seen on four grounds, apart for colour-blind readers, each method its own.

Contrast is WCAG 2.2's; distance that of CAM02-UCS, the smallest over normal sight and three full
colour blindnesses, as `colorspacious` computes both.
"""

import itertools

import numpy as np
import pytest
from colorspacious import cspace_convert

from tests.tables import table
from vi_lab.plots import STYLE, page_colours, style_of
from vi_lab.problems.methods import METHODS, Budget
from vi_lab.problems.named import list_problems, problem

GROUNDS = {"light": ("#FFFFFF", "#F5F5F2"), "dark": ("#15181C", "#1E2227")}
BLINDNESSES = ("deuteranomaly", "protanomaly", "tritanomaly")
CONTRAST, DISTANCE = 3.0, 6.0


def rgb(colour):
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def luminance(colour):
    """WCAG 2.2's relative luminance."""
    parts = rgb(colour)
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def distance(one, other):
    """The smallest distance over normal sight and three full colour blindnesses."""
    found = []
    for blindness in (None, *BLINDNESSES):
        seen = {"name": "sRGB1+CVD", "cvd_type": blindness, "severity": 100}
        space = "sRGB1" if blindness is None else seen
        shown = [np.clip(cspace_convert(rgb(c), space, "sRGB1"), 0, 1) for c in (one, other)]
        a, b = (cspace_convert(each, "sRGB1", "CAM02-UCS") for each in shown)
        found.append(np.linalg.norm(a - b))
    return min(found)


def share_a_picture():
    """Pairs of methods that answer for one problem."""
    pairs = set()
    for name in list_problems():
        model = problem(name).model
        together = [m.name for m in METHODS if m.why_not(model) is None]
        pairs |= set(itertools.combinations(together, 2))
    return sorted(pairs)


def test_the_measures_know_black_and_white():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)  # WebAIM's checker
    assert distance("#000000", "#FFFFFF") == pytest.approx(100.0, abs=0.1)  # white is J' = 100
    assert distance("#FF0000", "#FF0000") == 0.0


@pytest.mark.parametrize("scheme", GROUNDS)
def test_every_method_is_seen_on_every_ground(scheme):
    for style in STYLE.values():
        for ground in GROUNDS[scheme]:
            assert contrast(getattr(style, scheme), ground) >= CONTRAST, (style.label, ground)


@pytest.mark.parametrize("scheme", GROUNDS)
def test_methods_that_share_a_picture_are_told_apart(scheme):
    for a, b in share_a_picture():
        one, other = (getattr(STYLE[name], scheme) for name in (a, b))
        assert distance(one, other) >= DISTANCE, (a, b, distance(one, other))


def test_every_method_has_a_marker_and_a_colour_of_its_own_and_no_twin_in_dash_and_hue():
    styles = list(STYLE.values())
    assert set(STYLE) >= {method.name for method in METHODS}
    for column in ("label", "colour", "marker", "light", "dark"):
        values = [getattr(style, column) for style in styles]
        assert len(set(values)) == len(values), column
    looks = {(style.line, style.marker) for style in styles}
    assert len(looks) == len(styles)


NO_ROW_BY_ITSELF = "exact", "amortised", "gaussian-linear-response"


@table("name", [m.name for m in METHODS if m.name not in NO_ROW_BY_ITSELF])
def test_a_result_by_itself_is_drawn_in_the_style_of_its_row(name):
    (method,) = (m for m in METHODS if m.name == name)
    models = (problem(known).model for known in ("clutter", "darwin", "eight-schools", "bars"))
    model = next(model for model in models if method.why_not(model) is None)
    result = method.run(model, Budget(2, 200, 20, 8), np.random.default_rng(0))
    assert style_of(result.method) == STYLE[name]


# words on their grounds, which need 4.5:1, and what is drawn, which needs 3:1
@pytest.mark.parametrize(
    "name, grounds, least",
    [
        ("ink", ("paper", "raised", "tint-1", "tint-2", "tint-3"), 7.0),
        ("ink-2", ("paper", "raised"), 6.4),
        ("link", ("paper", "raised"), 6.0),
        ("failed", ("paper", "raised"), 4.5),
        ("edge", ("paper", "raised"), 3.0),
        ("kl", ("paper", "kl-fill"), 3.0),
        ("bar", ("paper", "tint-1", "tint-2", "tint-3"), 3.0),
    ],
)
def test_words_are_read_on_every_ground(name, grounds, least):
    for i, scheme in enumerate(("light", "dark")):
        for ground in grounds:
            found = contrast(page_colours.GROUNDS[name][i], page_colours.GROUNDS[ground][i])
            assert found >= least, (scheme, name, ground, found)


def test_a_page_has_a_variable_for_every_method_in_both_schemes():
    light, dark = page_colours.css_variables().splitlines()
    for name, style in STYLE.items():
        assert f"--{name}: {style.light};" in light and f"--{name}: {style.dark};" in dark
    assert "prefers-color-scheme: dark" in dark and "screen" in dark
    assert page_colours.variables_by_colour()["#0072b2"] == "cavi"
