"""A picture with its text alternative: for a notebook, and for a file."""

from __future__ import annotations

import base64
import html
import io
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from vi_lab.arguments import checks
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.public import public
from vi_lab.errors import InputError, ViLabError, error_text
from vi_lab.plots.style import alt_text, figure_for, house_style


@dataclass(frozen=True)
class Picture:
    """A PNG and what it shows in words; a notebook displays it as an <img> with that alt text.

    Attributes
    ----------
    png : bytes
    alt : str
    width : int
        In CSS pixels; the PNG holds more, for sharp screens.
    """

    png: bytes
    alt: str
    width: int

    def __repr__(self) -> str:
        return f"<Picture: {self.alt}>"

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.png).decode("ascii")
        return (
            f'<img alt="{html.escape(self.alt)}" width="{self.width}" '
            f'style="max-width: 100%; height: auto" src="data:image/png;base64,{data}">'
        )


@public
def show(ax: Axes | Figure, *, alt: str | None = None) -> Picture:
    """The figure of these axes as a Picture.

    Parameters
    ----------
    ax : Axes or Figure
        As any function of `vi_lab.plots` returns it; the whole figure is shown.
    alt : str, optional
        In place of the descriptions that were made while drawing.
    """
    figure = figure_for(ax)
    text = (None if alt is None else checks.text("alt", alt)) or alt_text(figure)
    return Picture(png_bytes(figure, text), text, round(100 * figure.get_figwidth()))


@public
def png_bytes(figure: Figure, alt: str, title: str | None = None) -> bytes:
    """The figure as PNG, `alt` in its Description; the same bytes for the same figure."""
    words = {"Description": checks.text("alt", alt), "Software": None}
    if title is not None:
        words["Title"] = checks.text("title", title)
    quick = {"compress_level": 1}  # a tenth more bytes in half the time
    look = {"metadata": words, "pil_kwargs": quick}
    return _render(figure, lambda out: FigureCanvasAgg(figure).print_png(out, **look))


@public
def svg_bytes(figure: Figure, alt: str, title: str) -> bytes:
    """The figure as SVG with its title and description; the same bytes for the same figure."""
    checks.text("alt", alt), checks.text("title", title)
    words = {"Title": title, "Description": alt, "Date": None, "Creator": None}
    drawing = _render(figure, lambda out: FigureCanvasSVG(figure).print_svg(out, metadata=words))
    # the metadata of an SVG are read by machines; a screen reader reads role, title and label
    label = html.escape(f"{title}. {alt}").encode()
    return drawing.replace(b"<svg ", b'<svg role="img" aria-label="' + label + b'" ', 1)


def _render(figure: Figure, draw: Callable[..., None]) -> bytes:
    """What figure.savefig writes, drawn once: savefig rehearses a figure that has a layout."""
    checks.require(isinstance(figure, Figure), "figure: needs a matplotlib Figure", figure)
    buffer = io.BytesIO()
    canvas, dpi = figure.canvas, figure.dpi
    with house_style():
        figure.dpi = rcParams["savefig.dpi"]
        try:
            dots = figure.bbox.width * figure.bbox.height  # of four bytes
            require_memory("figure", "its picture", math.ceil(0.5 * dots))
            with warnings.catch_warnings():  # it is drawn all the same, less tidily
                warnings.filterwarnings("ignore", "constrained_layout not applied", UserWarning)
                draw(buffer)
        except ViLabError:
            raise
        except ValueError as error:  # words that are no mathtext or no UTF-8, too many dots
            raise InputError(f"figure: cannot be drawn; {error_text(error)}") from error
        finally:
            figure.set_canvas(canvas)
            figure.dpi = dpi
    return buffer.getvalue()
