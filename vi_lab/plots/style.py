"""One look for the whole package: a colour, a line style and a marker for every method.

Nothing here touches the user's rcParams: a figure of our own is drawn, and saved, inside a context
that is undone afterwards; on axes that are handed in, the user's style stands.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple, ParamSpec
from weakref import WeakKeyDictionary, WeakSet

import numpy as np
from matplotlib import style as mpl_style
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.errors import InputError, error_text
from vi_lab.plots import colours


class MethodStyle(NamedTuple):
    """How a method is written and drawn, everywhere.

    Attributes
    ----------
    label : str
    colour : str
        The house colour, of matplotlib's files.
    line, marker
        Dash and marker, as matplotlib takes them.
    light, dark : str
        The colour on a page with a light or a dark ground: near the house colour, with a contrast
        of 3:1 on both grounds, and apart for colour-blind readers.
    """

    label: str
    colour: str
    line: Any
    marker: Any
    light: str
    dark: str

    @property
    def pen(self) -> dict[str, Any]:
        """Keywords of a line in this style."""
        return {"color": self.colour, "linestyle": self.line}

    def dots(self, size: float, **more: Any) -> dict[str, Any]:
        """Keywords of marks of this size, with no line between them, and whatever else."""
        dots = {"color": self.colour, "linestyle": "none", "marker": self.marker}
        return {**dots, "markersize": size, **more}


DASHED, SHORT = (0, (6, 2.2)), (0, (2.6, 1.2))
DASH_DOT, DOTTED = (0, (6, 2, 1.2, 2)), (0, (1, 1.6))

# label, colour of the house, dash, marker, colour on a light page, colour on a dark page
STYLE = {
    "exact": MethodStyle("exact", colours.BLACK, "-", "D", "#111111", "#F4F4F0"),
    "exact-draws": MethodStyle("exact draws", colours.GREY, DOTTED, "o", "#777777", "#9B9B9B"),
    "metropolis-hastings": MethodStyle(
        "Metropolis-Hastings", colours.ORANGE, DASH_DOT, "^", "#C47B06", "#E69F00"
    ),
    "metropolis-hastings-noncentred": MethodStyle(
        "Metropolis-Hastings, non-centred", "#882255", DASH_DOT, "h", "#882255", "#B5698D"
    ),
    "gibbs": MethodStyle("Gibbs", colours.GREEN, SHORT, "s", "#009E73", "#06A67B"),
    "gibbs-expanded": MethodStyle(
        "Gibbs, expanded", "#332288", SHORT, (4, 1, 0), "#332288", "#8768F0"
    ),
    "collapsed-gibbs": MethodStyle("collapsed Gibbs", "#117733", DOTTED, "p", "#117733", "#6EAC60"),
    "cavi": MethodStyle("CAVI", colours.BLUE, DASHED, "v", "#0072B2", "#2B87BA"),
    "linear-response": MethodStyle(
        "linear response", "#44AA99", DASH_DOT, "d", "#24735B", "#1FC8BF"
    ),
    "factorised": MethodStyle("factorised q", colours.SKY, DASHED, "P", "#3096C4", "#58B3E9"),
    "laplace": MethodStyle("Laplace", "#5C3314", DOTTED, (6, 1, 0), "#5C3314", "#707047"),
    "gaussian-mean-field": MethodStyle(
        "mean-field Gaussian", colours.OLIVE, SHORT, "<", "#88893F", "#A89B4C"
    ),
    "gaussian-full-rank": MethodStyle(
        "full-rank Gaussian", colours.VERMILION, DASHED, ">", "#CB4F10", "#D96414"
    ),
    "hmc": MethodStyle(
        "Hamiltonian Monte Carlo", "#857AFF", DASH_DOT, (3, 1, 0), "#857AFF", "#CC99FF"
    ),
    "gaussian-linear-response": MethodStyle(
        "linear response, Gaussian", "#0A0AEB", DASH_DOT, (4, 1, 45), "#0A0AEB", "#ADD6A3"
    ),
    "ep": MethodStyle("EP", "#33003D", SHORT, (5, 1, 0), "#33003D", "#FFC2FF"),
    "amortised": MethodStyle("amortised q", colours.PURPLE, DASHED, "X", "#BB729C", "#C57DB0"),
}

WRITTEN = {  # by results, where a table names the method otherwise
    "gaussian-vi-(diagonal,-kl)": "gaussian-mean-field",
    "gaussian-vi-(full,-kl)": "gaussian-full-rank",
    "hamiltonian-monte-carlo": "hmc",
}

_HOUSE = {
    "figure.figsize": (6.4, 3.8),
    "figure.dpi": 100,
    "savefig.dpi": 150,
    "svg.hashsalt": "vi_lab",
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.titley": 1.0,  # above the panel, without a look at what stands there: no ticks do
    "axes.edgecolor": "#555555",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.formatter.useoffset": False,
    "grid.color": "#E8E8E8",
    "grid.linewidth": 0.8,
    "xtick.color": "#333333",
    "ytick.color": "#333333",
    "legend.frameon": True,
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
    "legend.fontsize": 9,
    "legend.handlelength": 2.6,
    "lines.linewidth": 1.8,
    "hatch.linewidth": 0.8,
}

P = ParamSpec("P")
MOST_PANELS = 20  # axes along a side of a figure
LAYOUTS = ("constrained", "compressed", "tight", "none")
# arguments of several pictures: those that are drawn as text, and those that are True or False
CHECKED: dict[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys(("label", "unit", "events"), checks.text),
    **dict.fromkeys(("legend", "bar"), checks.boolean),
}
_ours: WeakSet[Figure] = WeakSet()
_inside: list[bool] = []  # not empty inside house_style, which takes longer than drawing a line
_descriptions: WeakKeyDictionary[Axes, list[str]] = WeakKeyDictionary()


@public
def style_of(method: str) -> MethodStyle:
    """The style of a method, by its name in a table or a result; one more for all the others."""
    key = checks.text("method", method).lower().replace(" ", "-").replace("_", "-")
    other = STYLE["amortised"]._replace(label=method, line=DASH_DOT, marker="*")
    return STYLE.get(WRITTEN.get(key, key), other)


def choose_label(label: str, style: MethodStyle) -> str:
    """A result under its method's own name is written as everywhere; a given name stands."""
    return style.label if style_of(label) == style else label


@public
@contextmanager
def house_style() -> Iterator[None]:
    """A context in which matplotlib draws in the package's style; undone at its end.

    Inside another such context it changes nothing.
    """
    if _inside:
        yield
        return
    with mpl_style.context(["default", _HOUSE]):
        _inside.append(True)
        try:
            yield
        finally:
            _inside.pop()


@public
def panels(
    rows: int = 1,
    columns: int = 1,
    *,
    size: tuple[float, float] | None = None,
    layout: Any = "constrained",
    **keywords: Any,
) -> tuple[Figure, np.ndarray]:
    """A figure in the package's style and its axes, shape (rows, columns).

    The figure is known to nobody but you: pyplot neither shows nor keeps it. `size` is in inches;
    further keywords go to `Figure.subplots`. InputError for what matplotlib refuses.
    """
    rows = checks.integer("rows", rows, 1, MOST_PANELS)
    columns = checks.integer("columns", columns, 1, MOST_PANELS)
    if size is None:
        size = (6.4 if columns == 1 else 4.2 * columns, 3.8 * rows)
    width, height = checks.positive_array("size", size, (2,))
    if layout is not None:
        layout = checks.one_of("layout", layout, LAYOUTS)
    with house_style():
        figure = Figure(figsize=(float(width), float(height)), layout=layout)
        try:
            axes = figure.subplots(rows, columns, squeeze=False, **keywords)
        except Exception as error:  # matplotlib's own, whatever the keyword was
            raise InputError(f"panels(): no axes can be made; {error_text(error)}") from error
    _ours.add(figure)
    return figure, axes


def axes_level(
    size: tuple[float, float] | None = None,
) -> Callable[[Callable[P, str]], Callable[P, Axes]]:
    """Decorator of a function that draws on `ax=` and returns in words what it drew.

    Without `ax` the picture gets a figure of its own (`ax.figure`), of `size` inches. The words
    become the text alternative of the axes, and those are returned.
    """

    def decorate(function: Callable[P, str]) -> Callable[P, Axes]:
        signature = inspect.signature(function)
        defaults = {name: given.default for name, given in signature.parameters.items()}

        @functools.wraps(function)
        def drawn(*args: Any, ax: Any = None, **keywords: Any) -> Axes:
            if ax is None:
                ax = panels(size=size)[1][0, 0]
            needed = f"ax: {function.__name__}() draws on matplotlib Axes"
            checks.require(isinstance(ax, Axes), needed, ax)
            for name, check in CHECKED.items():
                if name in keywords and keywords[name] is not defaults[name]:
                    check(name, keywords[name])
            with house_style() if figure_for(ax) in _ours else nullcontext():
                describe(ax, function(*args, ax=ax, **keywords))
            return ax

        drawn.__signature__ = signature.replace(return_annotation="Axes")  # type: ignore[attr-defined]
        return public(drawn)

    return decorate


def number(value: float, scale: float = 1.0, digits: int = 4) -> str:
    """A number for a sentence: nothing but rounding beside its scale is 0."""
    return f"{value if abs(value) > 1e-9 * abs(scale) else 0.0:.{digits}g}"


def ends(low: float, high: float) -> tuple[float, float]:
    """The ends of an axis from `low` to `high`; where those are one place, a little about it."""
    room = 0.0 if high > low else max(1.0, 0.05 * abs(low))
    return low - room, high + room


def note(ax: Axes, text: str, at: Any, offset: tuple[float, float], **look: Any) -> None:
    """A few small words beside a point, moved by so many dots."""
    ax.annotate(text, at, offset, textcoords="offset points", fontsize=9, **look)


def equal_columns(**arrays: Any) -> list[np.ndarray]:
    """Arguments that are arrays of numbers of one length."""
    found = [checks.observations(name, array) for name, array in arrays.items()]
    if len({array.shape for array in found}) > 1:
        shapes = ", ".join(str(array.shape) for array in found)
        raise InputError(f"{', '.join(arrays)}: need one shape (n,), got {shapes}")
    return found


def join_words(name: str, value: Any) -> tuple[str, str]:
    """Two pieces of text, one for each axis."""
    words = checks.as_tuple(name, value)
    checks.require(len(words) == 2, f"{name}: needs two pieces of text", value)
    return checks.text(name, words[0]), checks.text(name, words[1])


def figure_for(ax: Axes | Figure) -> Figure:
    """The whole figure that these axes are part of."""
    figure: Any = ax if isinstance(ax, Figure) else ax.figure if isinstance(ax, Axes) else None
    while isinstance(figure, SubFigure):
        figure = figure.figure
    checks.require(isinstance(figure, Figure), "ax: needs matplotlib Axes or a Figure", ax)
    return figure


@public
def describe(ax: Axes, text: str) -> None:
    """Add to the text alternative of what is drawn on these axes."""
    checks.require(isinstance(ax, Axes), "ax: needs matplotlib Axes", ax)
    _descriptions.setdefault(ax, []).append(" ".join(checks.text("text", text).split()))


@public
def alt_text(ax: Axes | Figure) -> str:
    """What a picture shows, in words and numbers, for readers who do not see it.

    Raises InputError for axes that no function of `vi_lab.plots` has drawn on.
    """
    axes = [ax] if isinstance(ax, Axes) else figure_for(ax).axes
    texts = [text for a in axes for text in _descriptions.get(a, [])]
    if not texts:
        raise InputError("ax: has no text alternative; say what it shows with describe(ax, text)")
    return " ".join(texts)
