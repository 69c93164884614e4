"""One problem of a report: its pictures, its ledgers, its numbers, from the results there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from vi_lab.comparison.compare import Comparison
from vi_lab.comparison.row import Row
from vi_lab.comparison.summary import is_unmixed
from vi_lab.errors import ViLabError, error_text
from vi_lab.figures.overall_panels import draw_vae
from vi_lab.figures.panels import Panel
from vi_lab.figures.problem_panels import draw_problem
from vi_lab.identity.ledger import NAMES, Ledger, ledger
from vi_lab.plots import View, style_of
from vi_lab.plots.view import list_views
from vi_lab.reports.inline_svg import inline
from vi_lab.reports.moments import Moments, tabulate_moments
from vi_lab.reports.words import fragment, isolate, write_nats, write_power
from vi_lab.results import Factorised, GaussianRows, LinearResponse, Posterior

DIGITS = "digits"  # whose section draws the bundled VAE too
TITLES = {"log_evidence": "log p(x)", "elbo": "ELBO", "kl": "KL"}


class Picture(NamedTuple):
    """A panel as part of a page: `svg` is markup, the rest is text."""

    id: str
    title: str
    words: str
    svg: str
    problem: str


class Account(NamedTuple):
    """A ledger as a page shows it: three numbers by three routes and what is left over."""

    method: str
    lines: tuple[tuple[str, str, str], ...]
    sentence: str
    holds: bool | None


class Section(NamedTuple):
    """What was drawn and computed for one problem."""

    pictures: tuple[Picture, ...]
    traces: tuple[Picture, ...]
    vae: tuple[Picture, ...]
    accounts: tuple[Account, ...]
    moments: Moments | None
    trouble: tuple[str, ...]

    @property
    def holds(self) -> bool | None:
        """Whether every ledger holds; None where there is none, or it cannot be told."""
        found = {account.holds for account in self.accounts}
        return False if False in found else (True if found == {True} else None)


def make_section(
    part: Comparison, brief: bool = False, views: Mapping[str, View] | None = None
) -> Section:
    """The section of a comparison of one problem; what cannot be read or drawn is said in it.

    In brief there are traces of what has not mixed or not converged alone. `views` are those of
    the results by method, where others need them too.
    """
    (name,) = part.verdicts
    results: dict[str, Posterior] = {}
    trouble = []
    for problem, method in part.results:
        try:
            results[method] = part.results[problem, method]
        except ViLabError as error:
            trouble.append(f"{style_of(method).label}: {error_text(error)}")
    accounts = []
    for method, result in results.items():
        if isinstance(result, Factorised | GaussianRows):
            try:
                accounts.append(_account(method, ledger(result.model, result)))
            except ViLabError as error:
                trouble.append(f"The ledger of {style_of(method).label}: {error_text(error)}")
    drawn: list[Panel] = []
    moments = None
    try:
        responses = {m: r for m, r in results.items() if isinstance(r, LinearResponse)}
        views = list_views(results) if views is None else views
        drawn = draw_problem(name, views, list_traced(part.rows, brief))
        moments = tabulate_moments(views, responses)
    except ViLabError as error:
        trouble.append(f"No pictures: {error_text(error)}")
    shown = [place(panel, fragment(name)) for panel in drawn]
    return Section(
        pictures=tuple(p for p in shown if "-trace-" not in p.id),
        traces=tuple(p for p in shown if "-trace-" in p.id),
        vae=tuple(place(panel, "all") for panel in draw_vae(results)) if name == DIGITS else (),
        accounts=tuple(accounts),
        moments=moments,
        trouble=tuple(trouble),
    )


def place(panel: Panel, prefix: str) -> Picture:
    """A panel under an id of its own."""
    name = f"{prefix}-{panel.name}"
    label = isolate(panel.title)
    svg = inline(panel.svg, name, label) if panel.svg else ""
    return Picture(name, panel.title, panel.words, svg, panel.problem)


def list_traced(rows: Collection[Row], brief: bool) -> set[str]:
    """Methods whose way is worth a picture: in brief, those that did not arrive."""
    return {row.method for row in rows if not brief or is_unmixed(row) or row.converged is False}


def _account(method: str, book: Ledger) -> Account:
    values: Mapping[str, Any] = {name: getattr(book, name) for name in NAMES}
    lines = [
        (TITLES[name], write_nats(values[name], book.errors[name]), book.routes[name])
        for name in NAMES
        if values[name] is not None
    ]
    if book.residual is None or book.tolerance is None:
        sentence = f"log p(x) is not known; it is at least {write_nats(book.elbo, None)}."
    else:
        word = {True: "holds", False: "does not hold", None: "cannot be told"}[book.holds]
        left, most = write_power(book.residual), write_power(book.tolerance)
        sentence = f"Residual {left}, within {most}: {word}."
        if book.holds is False:
            sentence = f"Residual {left}, beyond {most}: {word}."
    if book.reason:
        sentence += f" {book.reason[0].upper()}{book.reason[1:].rstrip('.')}."
    return Account(method, tuple(lines), sentence, book.holds)
