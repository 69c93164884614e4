"""The parts of pages that are made from numbers: no figure on the site is written by hand."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.site.places import LAB, ROOT, WORK
from vi_lab.atlas import read
from vi_lab.comparison.compare import Comparison
from vi_lab.plots import style_of
from vi_lab.plots.swatches import swatch
from vi_lab.replays.stills import draw_still
from vi_lab.reports.headline import write_headline
from vi_lab.reports.matrix import SHORT, list_columns, list_lines
from vi_lab.reports.words import signed, write_nats, write_power

LINES = 3  # of the matrix, on the front page

Data = Mapping[str, Any]


def write(comparison: Comparison, replays: Mapping[str, Data], extra: Path) -> None:
    """Write every part as a file that a page includes; `replays` are those of CAVI alone."""
    sizes = {name: (extra / "replays" / f"{name}.html").stat().st_size for name in replays}
    parts = {
        "hero": _still(replays["correlated"]),
        "sum": _sum(replays["correlated"]),
        "found": "\n".join(_found(comparison)),
        "replays": _cards(_card(data, sizes[name]) for name, data in replays.items()),
        "atlas": "\n".join(_atlas()),
        "lab": "\n".join(_lab()),
    }
    folder = WORK / "parts"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in parts.items():
        (folder / f"{name}.html").write_text(text, "utf-8")


def _cavi(data: Data) -> Data:
    """The last update of CAVI."""
    (run,) = [run for run in data["runs"] if run["method"] == "cavi"]
    frame: Data = run["frames"][-1]
    return frame


def _still(data: Data) -> str:
    return draw_still(data, "cavi", _cavi(data))


def _sum(data: Data) -> str:
    """log p(x) = ELBO + KL at the last update, each number by its own route."""
    frame = _cavi(data)
    numbers = (data["evidence"]["value"], frame["elbo"], frame["kl"])
    total, bound, divergence = (signed(f"{number:.3f}") for number in numbers)
    return f"<p class='sum'>log p(x) = ELBO + KL<br><b>{total} = {bound} + {divergence}</b></p>"


def _card(data: Data, size: int) -> str:
    """A replay: its title, a still, its size."""
    name = html.escape(data["problem"])
    link = f'<a href="replays/{name}.html">{html.escape(data["title"])}</a>'
    return (
        f'<section class="replay"><h2>{link}</h2>{_still(data)}'
        f'<p class="quiet">One file, {size / 1000:.0f} kB</p></section>'
    )


def _cards(cards: Iterable[str]) -> str:
    return f"<div class='cards'>{''.join(cards)}</div>"


def _found(comparison: Comparison) -> Iterator[str]:
    """The report's headline and the first lines of its matrix."""
    rows = comparison.rows
    columns = list_columns(rows)
    yield f"<p class='headline'>{html.escape(write_headline(rows))}</p>"
    yield "<div class='wide' tabindex='0' role='region' aria-label='First rows'><table><thead><tr>"
    yield "<th scope='col'>problem</th>"
    for method in columns:
        style = style_of(method)
        name = html.escape(SHORT.get(method, style.label))
        yield f"<th scope='col'>{swatch(style, method)}{name}</th>"
    yield "<th scope='col'>nats given up</th></tr></thead><tbody>"
    for line in list_lines(rows)[:LINES]:
        name = html.escape(line.problem)
        yield f"<tr><th scope='row'><a href='report.html#{name}'>{name}</a></th>"
        for cell in line.cells:
            seen = f"{cell.sign}{cell.number}".strip() or "—"
            words = html.escape(cell.words)
            tint = f" class='tint-{cell.tint}'" if cell.tint else ""
            yield f"<td{tint} title='{words}'>{html.escape(seen)}</td>"
        yield f"<td>{html.escape(line.nats or line.why)}</td></tr>"
    yield "</tbody></table></div>"
    yield (
        "<p class='quiet'>The worst marginal's distance from the truth, in posterior sds, and what "
        "the best q gives up.</p>"
    )


def _atlas() -> Iterator[str]:
    """A row for each problem: the evidence by two routes, and the best bound."""
    yield "<div class='wide' tabindex='0' role='region' aria-label='The atlas'><table><thead><tr>"
    heads = ("problem", "log p(x)", "routes differ by", "best bound", "story")
    yield "".join(f"<th scope='col'>{head}</th>" for head in heads) + "</tr></thead><tbody>"
    for name, entry in read()["problems"].items():
        evidence = entry["log_evidence"]
        value, apart = evidence["value"], evidence.get("difference")
        bounds = [one["elbo"] for one in entry["bounds"] if one["elbo"] is not None]
        cells = (
            "not known" if value is None else write_nats(value, None),
            "—" if apart is None else write_power(apart),
            write_nats(max(bounds), None) if bounds else "—",
        )
        yield f"<tr><th scope='row'>{html.escape(name)}</th>"
        yield "".join(f"<td>{cell}</td>" for cell in cells)
        yield f"<td class='story'>{html.escape(entry['story'])}</td></tr>"
    yield "</tbody></table></div>"


def _lab() -> Iterator[str]:
    """The lessons, each opening in the lab."""
    yield "<ul class='lab'>"
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        title = "".join(cells[0]["source"]).partition("\n")[0].lstrip("# ")
        href = f"{LAB}/lab/index.html?path={path.name}"
        yield f"<li><a href='{href}'>{html.escape(title)}</a></li>"
    yield "</ul>"
