"""First, middle and last frame of each run as pictures, for readers without scripts."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

from vi_lab.replays.sentences import amount

WIDTH, HEIGHT = 340, 260
LEFT, TOP = 46, 22
ACROSS, DOWN = 286, 202
ROUND = 48  # corners of an ellipse
DIGITS = 2  # of the ends of an axis


def draw_still(data: Mapping[str, Any], method: str, frame: Mapping[str, Any]) -> str:
    """One frame of a run as a figure of its own, with its sentence; ids begin with the problem."""
    if data["plane"] is None:
        return _draw_still(None, method, frame, "")
    prefix = f"{data['problem']}-still"
    contours = _define_contours(data["plane"], prefix)
    return contours + _draw_still(data["plane"], method, frame, prefix)


def draw_stills(data: Mapping[str, Any]) -> str:
    """A heading and three pictures, with their sentences, for each run."""
    parts = [_define_contours(data["plane"], "still")] if data["plane"] else []
    for run in data["runs"]:
        parts.append(f"<h3>{html.escape(run['label'])}</h3>")
        if not run["frames"]:
            parts.append(f"<p>{html.escape(run['reason'] or '')}</p>")
            continue
        frames = run["frames"]
        three = [frames[0], frames[len(frames) // 2], frames[-1]]
        shown = "".join(_draw_still(data["plane"], run["method"], f, "still") for f in three)
        parts.append(f'<div class="stills">{shown}</div>')
    return "\n".join(parts)


def _define_contours(plane: Mapping[str, Any], prefix: str) -> str:
    """The exact posterior and the axes, drawn once and used by every still."""
    fills = {0.5: "var(--fill-50)", 0.9: "var(--fill-90)"}
    paths = [
        f'<path d="{"".join(_ring(plane, ring) for ring in one["rings"])}" '
        f'style="fill:{fills.get(one["share"], "none")};stroke:var(--exact)"/>'
        for one in reversed(plane["contours"])
    ]
    frame = f'<rect x="{LEFT}" y="{TOP}" width="{ACROSS}" height="{DOWN}"'
    ends = [
        (LEFT, HEIGHT - 22, "start", plane["x"]["lo"]),
        (LEFT + ACROSS, HEIGHT - 22, "end", plane["x"]["hi"]),
        (LEFT - 4, TOP + DOWN, "end", plane["y"]["lo"]),
        (LEFT - 4, TOP + 10, "end", plane["y"]["hi"]),
    ]
    texts = [
        f'<text x="{x}" y="{y}" text-anchor="{anchor}">{amount(value, DIGITS)}</text>'
        for x, y, anchor, value in ends
    ]
    names = (
        f'<text x="{LEFT + ACROSS // 2}" y="{HEIGHT - 6}" text-anchor="middle">'
        f"{html.escape(plane['x']['label'])}</text>"
        f'<text x="4" y="13">↑ {html.escape(plane["y"]["label"])}</text>'
    )
    return (
        f'<svg width="0" height="0" aria-hidden="true"><defs><clipPath id="{prefix}-clip">'
        f'{frame}/></clipPath><g id="{prefix}-exact">'
        f'<g clip-path="url(#{prefix}-clip)">{"".join(paths)}</g>'
        f'{frame} fill="none" style="stroke:var(--edge)"/>{"".join(texts)}{names}</g></defs></svg>'
    )


def _draw_still(plane: Any, method: str, frame: Mapping[str, Any], prefix: str) -> str:
    say = html.escape(frame["say"])
    if plane is None:
        return f"<p>{say}</p>"
    style = f"fill:none;stroke:var(--{method})"
    marks = [
        f'<path d="{d}" style="{style}" stroke-width="2" stroke-dasharray="6 3"/>'
        for d in _outline(plane, frame.get("q"))
    ]
    if frame.get("from") and frame.get("to"):
        (x1, y1), (x2, y2) = (_spot(plane, frame[end]) for end in ("from", "to"))
        dash = ' stroke-dasharray="4 3"' if frame.get("accepted") is False else ""
        line = (
            f'<path d="M{x1} {y1}L{x2} {y2}" style="stroke:var(--ink)" stroke-width="1.5"{dash}/>'
        )
        marks.append(line)
    if frame["at"]:
        x, y = _spot(plane, frame["at"])
        marks.append(f'<circle cx="{x}" cy="{y}" r="5" style="fill:var(--ink)"/>')
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{say}">'
        f'<use href="#{prefix}-exact"/>'
        f'<g clip-path="url(#{prefix}-clip)">{"".join(marks)}</g></svg>'
        f"<figcaption>{say}</figcaption></figure>"
    )


def _spot(plane: Mapping[str, Any], place: Sequence[float]) -> tuple[float, float]:
    """A place of the plane in a still."""
    u, v = (part / plane["grid"] for part in place)
    return round(LEFT + u * ACROSS, 1), round(TOP + (1.0 - v) * DOWN, 1)


def _ring(plane: Mapping[str, Any], ring: Sequence[float]) -> str:
    """A closed curve through the corners: cubic, its tangents those of Catmull and Rom (1974).

    `s` takes the first bend of a piece from the last one of the piece before, mirrored, which is
    where these tangents want it.
    """
    corners = [_spot(plane, corner) for corner in zip(ring[::2], ring[1::2], strict=True)]
    path = "M{} {}s".format(*corners[0])
    for b, c, d in zip(corners, corners[1:] + corners[:1], corners[2:] + corners[:2], strict=True):
        bend = (c[0] - (d[0] - b[0]) / 6, c[1] - (d[1] - b[1]) / 6)
        steps = (bend[0] - b[0], bend[1] - b[1], c[0] - b[0], c[1] - b[1])
        path += " ".join(f"{round(step, 1):g}" for step in steps) + " "
    return path.rstrip() + "Z"


def _outline(plane: Mapping[str, Any], shape: Mapping[str, Any] | None) -> list[str]:
    """The paths of a Shape."""
    if not shape:
        return []
    if "rings" in shape:
        return ["".join(_ring(plane, ring) for ring in one["rings"]) for one in shape["rings"]]
    paths = []
    for one in shape["ellipses"]:
        (u, v), (a, b), turn = one["at"], one["radii"], one["turn"]
        ring: list[float] = []
        for k in range(ROUND):
            angle = 2.0 * math.pi * k / ROUND
            p, q = a * math.cos(angle), b * math.sin(angle)
            ring += [u + p * math.cos(turn) - q * math.sin(turn)]
            ring += [v + p * math.sin(turn) + q * math.cos(turn)]
        paths.append(_ring(plane, ring))
    return paths
