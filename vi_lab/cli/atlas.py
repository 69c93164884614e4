"""`vi-lab atlas`: what is known of every problem, printed."""

from __future__ import annotations

import argparse
from typing import Any

from vi_lab import atlas
from vi_lab.arguments import checks
from vi_lab.atlas.layout import as_text
from vi_lab.cli.screen import write_table
from vi_lab.errors import InputError
from vi_lab.numerics.agreement import AGREES, CANNOT_BE_TOLD, judge, write_amount
from vi_lab.numerics.rounding import Estimate
from vi_lab.problems.named import list_problems
from vi_lab.results import tables


def add_command(command: Any, names: str) -> None:
    """Hang `atlas` into the parser; `command` makes a subcommand."""
    sub = command(
        "atlas",
        _atlas,
        "What is known of every problem: log p(x) by two routes, the best bound of every "
        "factorisation, published figures. Read from the file that comes with vi_lab.",
    )
    sub.add_argument("problems", nargs="*", metavar="PROBLEM", help=f"default: all ({names})")
    for moved in ("--recompute", "--write"):
        sub.add_argument(moved, nargs="?", const=True, help=argparse.SUPPRESS)


def _atlas(options: argparse.Namespace) -> int:
    if options.recompute or options.write:
        raise InputError("--recompute, --write: became `make atlas`, in a checkout of vi_lab")
    names = [checks.one_of("problem", n, list_problems()) for n in options.problems] or None
    found = atlas.read(names)
    print(as_text(found).rstrip("\n") if options.format == "json" else text(found))
    return 0


def text(found: dict[str, Any]) -> str:
    """A row for each factorisation, the routes below."""
    rows, notes = [], []
    for name, entry in found["problems"].items():
        evidence = entry["log_evidence"]
        shown, apart = _evidence(evidence)
        known = {"problem": name, "log p(x)": shown, "two routes differ by": apart}
        count: Any = len(entry["published"])
        for bound in entry["bounds"]:
            q = {
                "factorisation": tables.clip(bound["factorisation"], 25),
                "best ELBO": _nats(bound["elbo"]),
                "gap": _gap(bound, evidence),
            }
            rows.append({**known, **q, "published": count})
            known, count = dict.fromkeys(known, ""), ""  # said in the first row alone
        if evidence["value"] is None:
            notes.append(tables.wrap(f"{name}: no exact log p(x), because {evidence['reason']}"))
            each = [f"{_estimate(e)} by {e['route']}" for e in evidence.get("estimates", [])]
            if each:
                notes.append(tables.wrap(f"{name}: estimated as {' and '.join(each)}"))
        else:
            both = " and by ".join(route["route"] for route in evidence["routes"])
            notes.append(tables.wrap(f"{name}: by {both}"))
        for item in entry["published"]:
            line = f"{name} reproduces {item['citation']}: {item['states']}"
            line += f"; published {_few(item['published'])}, ours {_few(item['ours'])}"
            notes.append(tables.wrap(line))
    return write_table(rows, ("published", "two routes differ by")) + "\n\n" + "\n".join(notes)


def _evidence(known: dict[str, Any]) -> tuple[str, str]:
    """log p(x), and how far its two routes are apart; the surer estimate where none is exact."""
    exact = known["value"] is not None
    routes = [_read(route) for route in known.get("routes" if exact else "estimates", [])]
    if not routes:
        return "–", ""
    one, two = routes
    judged = judge(one.value - two.value, {one.route: one, two.route: two})
    apart = f"{abs(judged.difference):.0e}" if exact else f"{abs(judged.difference):.3f}"
    if judged.word != AGREES:
        apart = judged.word if judged.word == CANNOT_BE_TOLD else f"{apart}: a mistake"
    return _nats(known["value"]) if exact else _estimate(_surer(known)), apart


def _surer(known: dict[str, Any]) -> dict[str, Any]:
    return min(known["estimates"], key=lambda estimate: estimate["error"])


def _estimate(estimate: dict[str, Any]) -> str:
    return f"{estimate['value']:.3f} ± {estimate['error']:.3f}"


def _read(route: dict[str, Any]) -> Estimate:
    return Estimate(route["value"], route["error"], route["route"])


def _gap(bound: dict[str, Any], known: dict[str, Any]) -> str:
    """The gap as far as it has digits; one that is below 0 by more than its error is a mistake."""
    exact = known["value"] is not None
    if not exact and "estimates" not in known:
        return "–"
    evidence = _read(known["routes"][0] if exact else _surer(known))
    elbo = Estimate(bound["elbo"], bound["elbo_error"], bound["elbo_route"])
    judged = judge(evidence.value - elbo.value, {"log p(x)": evidence, "the ELBO": elbo})
    if judged.impossible:
        return "below 0: a mistake"
    if judged.word == CANNOT_BE_TOLD:
        return judged.word
    if not exact:
        return f"≈ {judged.difference:.3f} ± {evidence.error:.3f}"
    return f"{0.0:.7f}" if judged.word == AGREES else write_amount(judged, "{:.7f}".format)


def _few(numbers: Any) -> str:
    return ", ".join(f"{v:.6g}" for v in (numbers if isinstance(numbers, list) else [numbers]))


def _nats(value: float) -> str:
    return f"{value:.10f}"
