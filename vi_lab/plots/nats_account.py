"""The account of nats: for each q, ELBO and KL stacked beside the log evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.identity.ledger import Ledger
from vi_lab.plots import colours
from vi_lab.plots.nats import EVIDENCE, KL, room_between, tear
from vi_lab.plots.style import axes_level, note, number


@axes_level()
def account(ledgers: Mapping[str, Ledger], *, ax: Any = None) -> str:
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
    named = isinstance(ledgers, Mapping) and all(
        isinstance(book, Ledger) and isinstance(name, str) for name, book in ledgers.items()
    )
    checks.require(named and len(ledgers) > 0, "ledgers: needs a dict of name to Ledger", ledgers)
    books = list(ledgers.values())
    evidence = next((b.log_evidence for b in books if b.log_evidence is not None), None)
    elbo, kl = np.array([b.elbo for b in books]), np.array([b.kl or 0.0 for b in books])
    tops = elbo + kl
    # where the stack ends below the line, the words stand above both
    heads = tops if evidence is None else np.maximum(tops, evidence)
    room = room_between(elbo.min(), heads.max())
    floor, ceiling = elbo.min() - 0.45 * room, heads.max() + 0.28 * room
    at, width = np.arange(len(books)), 0.62 if len(books) > 2 else 0.4

    ax.bar(at, elbo - floor, width, floor, color=colours.ELBO, label="ELBO(q)")
    if evidence is not None:
        ax.bar(at, kl, width, elbo, label=KL, linewidth=1.0, **colours.KL_AREA)
        ax.axhline(evidence, color=colours.EVIDENCE, linewidth=1.8, label=EVIDENCE, zorder=3)
    for x, book, head in zip(at, books, heads, strict=True):
        words = f"{book.elbo:.3f}".replace("-", "−")
        note(ax, words, (x, book.elbo), (0, -5), ha="center", va="top", color="white")
        if book.kl is not None:
            words = f"KL {number(book.kl, digits=3)}"
            note(ax, words, (x, head), (0, 4), ha="center", color=colours.KL)
    tear(ax, at, 0.504 * width, floor, ceiling - floor)
    ax.set(xlim=(-0.5, len(books) - 0.5), ylim=(floor, ceiling), ylabel="nats", xlabel="")
    ax.set_xticks(at, list(ledgers))
    ax.tick_params(axis="x", length=0)
    ax.grid(False, axis="x")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=3, columnspacing=1.4)
    wrong = [name for name, book in ledgers.items() if book.holds is False]
    lost = [n for n, b in ledgers.items() if b.holds is None and b.log_evidence is not None]
    if wrong:
        title = f"ELBO + KL is not log p(x) for {', '.join(map(repr, wrong))}: a mistake"
    elif lost:
        title = f"Whether ELBO + KL = log p(x) cannot be told for {', '.join(map(repr, lost))}"
    else:
        title = "Every q spends the same nats: ELBO + KL = log p(x)"
    ax.set_title(title)
    stacks = [
        f"{name}: ELBO {number(b.elbo, digits=8)}"
        + ("." if b.kl is None else f" plus KL {number(b.kl)} is {number(top, digits=8)}.")
        for (name, b), top in zip(ledgers.items(), tops, strict=True)
    ]
    line = "The log evidence is not known."
    if evidence is not None:
        line = f"A line at the log evidence, {evidence:.8g}; the bars' feet are cut off."
    fails = f" The ledger does not hold for {', '.join(wrong)}." if wrong else ""
    fails += f" Whether it holds cannot be told for {', '.join(lost)}." if lost else ""
    return f"Stacked bars in nats, one for each q. {' '.join(stacks)} {line}{fails}"
