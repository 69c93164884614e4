"""The page of a replay: one file, which no server, network or font is asked for.

The templates lie in the folder `page`. The policy allows the one script by its hash, so that
nothing that came with a name or with data can run.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

from vi_lab.errors import printable
from vi_lab.replays.stills import draw_stills

LONGEST_NAME = 40  # letters of a name in a heading; the middle of a longer one is left out
ISOLATE, POP = "\u2068", "\u2069"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)


def write_page(data: Mapping[str, Any]) -> str:
    """The page of these data, as docs/replay.md describes them."""
    from vi_lab.plots.page_colours import css_variables  # matplotlib: where a page is made alone

    script = _read("replay.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    made = data["made"]
    seed = "" if made["seed"] is None else f"seed {made['seed']} · "
    parts = {
        "POLICY": html.escape(POLICY.format(digest=digest)),
        "TITLE": html.escape(f"{ISOLATE}{shorten(data['problem'])}{POP}{_rest(data)}"),
        "HEADING": f"<bdi>{html.escape(shorten(data['problem']))}</bdi>{html.escape(_rest(data))}",
        "MADE": html.escape(f"{seed}vi_lab {made['vi_lab']}"),
        "STORY": html.escape(printable(" ".join(map(_sentence, data["story"])))),
        "COMMAND": html.escape(printable(made["command"])),
        "COLOURS": css_variables(),
        "STYLE": _read("replay.css"),
        "STILLS": draw_stills(data),
        "DATA": to_json(data),
        "SCRIPT": script,
    }
    return re.sub(r"%%([A-Z]+)%%", lambda match: parts[match[1]], _read("replay.html"))


def to_json(data: Any) -> str:
    """Strict JSON on one line that no `</script>` can end; infinities are "inf" and "-inf"."""
    text = json.dumps(_finite(data), allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def shorten(name: str) -> str:
    """A name as a heading has it: what would turn letters round is written out, the middle cut."""
    name = printable(" ".join(name.split()))
    if len(name) <= LONGEST_NAME:
        return name
    half = (LONGEST_NAME - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


def _rest(data: Mapping[str, Any]) -> str:
    """The title without the name that it begins with."""
    return str(data["title"]).removeprefix(data["problem"])


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _finite(value: Any) -> Any:
    """The same with infinities as text, and what is no number left out as null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return value


def _read(name: str) -> str:
    return resources.files("vi_lab.replays").joinpath("page", name).read_text(encoding="utf-8")
