"""A page of the API reference for every public name."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tools.site.docstrings import escape

# The rooms that a user imports from, each with what its page says of it.
ROOMS = {
    "vi_lab": "What most work needs",
    "vi_lab.models": "The toy models",
    "vi_lab.families": "Exponential families",
    "vi_lab.results": "What answers",
    "vi_lab.vae": "The variational auto-encoder",
    "vi_lab.plots": "Pictures",
    "vi_lab.testing": "Exact tests of samplers and bounds",
    "vi_lab.teach": "Exercises that answer",
    "vi_lab.datasets": "The bundled data",
    "vi_lab.atlas": "The atlas",
    "vi_lab.export": "Problems for other tools",
}


class Name(NamedTuple):
    """A public name: where it is imported from, what it is, and the page that tells of it."""

    room: str
    name: str
    value: Any
    page: str


def public_names() -> list[Name]:
    """Every public name of every room; what is public in two rooms has one page, of the first."""
    found: list[Name] = []
    pages: dict[int, str] = {}
    for room in ROOMS:
        module = importlib.import_module(room)
        for name in names_of(module):
            value = getattr(module, name)
            page = pages.get(id(value)) if callable(value) else None
            found.append(Name(room, name, value, page or _page(room, name, value)))
            pages.setdefault(id(value), found[-1].page)
    return found


def names_of(module: Any) -> list[str]:
    """What a module exports: its `__all__`, or else what is its own or from a file of its own."""
    listed = getattr(module, "__all__", None)
    if listed is not None:
        return list(listed)
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isroutine(value))
        and f"{value.__module__}.".startswith(f"{module.__name__}.")
    ]


def _page(room: str, name: str, value: Any) -> str:
    """`exact` and `Exact` must not be one file where case does not count."""
    return f"{room}.{name}-class" if inspect.isclass(value) else f"{room}.{name}"


def write_pages(folder: Path) -> None:
    """The pages of all names, and the index with a table for each room."""
    folder.mkdir(parents=True)
    names = public_names()
    for one in names:
        if one.page.startswith(f"{one.room}.{one.name}"):
            (folder / f"{one.page}.rst").write_text("\n".join(page_of(one)), encoding="utf-8")
    (folder / "index.rst").write_text("\n".join(_index(names)), encoding="utf-8")


def page_of(one: Name) -> Iterator[str]:
    """The lines of a page."""
    title = f"{one.room}.{one.name}"
    yield from [f"{title}", "=" * len(title), "", f".. currentmodule:: {one.room}", ""]
    if one.room != "vi_lab":  # source listings know a file under the first room that shows it
        yield from [".. raw:: html", "", f'   <span id="vi_lab.{one.name}"></span>', ""]
    if inspect.isclass(one.value):
        yield f".. autoclass:: {one.name}"
        yield "   :members:"
        if not issubclass(one.value, BaseException | tuple):
            yield "   :inherited-members:"
    elif inspect.isroutine(one.value):
        yield f".. autofunction:: {one.name}"
    else:
        yield f".. autodata:: {one.name}"


def _index(names: list[Name]) -> Iterator[str]:
    yield from ["API", "===", "", "Every public name, by the room it is imported from.", ""]
    for room, title in ROOMS.items():
        yield from ["", title, "-" * len(title), "", f"``import {room}``", ""]
        yield from [".. list-table::", "   :widths: 30 70", "   :class: names", ""]
        for one in names:
            if one.room == room:
                yield f"   * - :doc:`{one.name} <{one.page}>`"
                yield f"     - {_first_sentence(one.value)}"
    yield from ["", ".. toctree::", "   :hidden:", ""]
    yield from sorted({f"   {one.page}" for one in names})


def _first_sentence(value: Any) -> str:
    if not callable(value):
        return escape(repr(value)) if isinstance(value, str) else ""
    return escape((inspect.getdoc(value) or "").strip().split("\n\n")[0].replace("\n", " "))
