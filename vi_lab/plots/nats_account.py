"""The account of nats: for each q, ELBO and KL stacked beside the log evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from vi_lab.arguments.public import brief
from vi_lab.errors import InputTypeError
from vi_lab.identity.ledger import Ledger
from vi_lab.plots.style import (
    ELBO_COLOUR,
    EVIDENCE,
    EVIDENCE_COLOUR,
    KL,
    KL_COLOUR,
    KL_FILL,
    axes_level,
    describe,
    number,
    room_between,
)


@axes_level
def account(ledgers: Mapping[str, Ledger], *, ax: Any = None) -> Axes:
    """The account of nats: for each q the ELBO with its KL on top, beside the log evidence.

    The three numbers of a ledger come by three routes; where the stack does not end on the line,
    the ledger does not hold.

    Parameters
    ----------
    ledgers : mapping of str to Ledger
        Of several q on one model, by the name to write below each.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    if (
        not isinstance(ledgers, Mapping)
        or not ledgers
        or not all(isinstance(book, Ledger) for book in ledgers.values())
        or not all(isinstance(name, str) for name in ledgers)
    ):
        raise InputTypeError(f"ledgers: needs a dict of name to Ledger, got {brief(ledgers)}")
    books = list(ledgers.values())
    evidence = next((b.log_evidence for b in books if b.log_evidence is not None), None)
    tops = [b.elbo + (b.kl or 0.0) for b in books]
    peak, lowest = (
        max([*tops, *([] if evidence is None else [evidence])]),
        min(b.elbo for b in books),
    )
    room = room_between(lowest, peak)
    floor, ceiling = lowest - 0.45 * room, peak + 0.28 * room
    at, width = np.arange(len(books)), 0.62 if len(books) > 2 else 0.4

    ax.bar(at, [b.elbo - floor for b in books], width, floor, color=ELBO_COLOUR, label="ELBO(q)")
    if evidence is not None:
        ax.bar(
            at,
            [b.kl or 0.0 for b in books],
            width,
            [b.elbo for b in books],
            label=KL,
            facecolor=KL_FILL,
            edgecolor=KL_COLOUR,
            hatch="///",
            linewidth=1.0,
        )
        ax.axhline(evidence, color=EVIDENCE_COLOUR, linewidth=1.8, label=EVIDENCE, zorder=3)
    for x, book, top in zip(at, books, tops, strict=True):
        ax.annotate(
            f"{book.elbo:.3f}".replace("-", "−"),
            (x, book.elbo),
            (0, -5),
            fontsize=9,
            textcoords="offset points",
            ha="center",
            va="top",
            color="white",
        )
        if book.kl is not None:
            ax.annotate(
                f"KL {number(book.kl, digits=3)}",
                (x, top if evidence is None else max(top, evidence)),
                (0, 4),
                textcoords="offset points",
                ha="center",
                color=KL_COLOUR,
                fontsize=9,
            )
    tear(ax, at, 0.504 * width, floor, ceiling - floor)
    ax.set(xlim=(-0.5, len(books) - 0.5), ylim=(floor, ceiling), ylabel="nats", xlabel="")
    ax.set_xticks(at, list(ledgers))
    ax.tick_params(axis="x", length=0)
    ax.grid(False, axis="x")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=3, columnspacing=1.4)
    wrong = [name for name, book in ledgers.items() if book.holds is False]
    ax.set_title(
        f"ELBO + KL is not log p(x) for {', '.join(map(repr, wrong))}: a mistake"
        if wrong
        else "Every q spends the same nats: ELBO + KL = log p(x)"
    )

    def total(book: Ledger) -> str:
        return number(book.elbo + (book.kl or 0.0), digits=8)

    describe(
        ax,
        "Stacked bars in nats, one for each q. "
        + " ".join(
            f"{name}: ELBO {number(b.elbo, digits=8)}"
            + ("." if b.kl is None else f" plus KL {number(b.kl)} is {total(b)}.")
            for name, b in ledgers.items()
        )
        + (
            " The log evidence is not known."
            if evidence is None
            else f" A line at the log evidence, {evidence:.8g}; the bars' feet are cut off."
        )
        + (f" The ledger does not hold for {', '.join(wrong)}." if wrong else ""),
    )
    return ax


def tear(ax: Axes, at: np.ndarray, half: float, floor: float, height: float) -> None:
    """A torn strip across the bars: their feet, far below, are not drawn."""
    for x in at:
        across = np.linspace(x - half, x + half, 60)
        wave = floor + height * (0.052 + 0.017 * np.sin((across - x) * 2 * np.pi / 0.18))
        strip = 0.012 * height
        ax.fill_between(across, wave - strip, wave + strip, color="white", linewidth=0)
