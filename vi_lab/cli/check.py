"""`vi-lab check`: the ledger of every problem and every q."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from vi_lab.cli import chosen
from vi_lab.cli.screen import write_table
from vi_lab.identity.identity_check import Entry, check
from vi_lab.identity.ledger import Ledger
from vi_lab.numerics.agreement import CANNOT_BE_TOLD
from vi_lab.results import tables
from vi_lab.runtime import storage
from vi_lab.runtime.exit_codes import DONE, WRONG
from vi_lab.runtime.messages import results_alone

SPARE = ("routes", "tolerance", "residual")  # in the order in which a narrow terminal drops them


def add_command(command: Any, names: str, seed: Any, jobs: Any) -> None:
    """Hang `check` into the parser; `command` makes a subcommand."""
    sub = command(
        "check",
        _check,
        "Check log p(x) = ELBO + KL for every problem and every q; exit "
        "code 1 if it fails anywhere.",
    )
    chosen.add_problems(sub, names)
    sub.add_argument(
        "--steps", action="store_true", help="evaluate the five lines of the derivation"
    )
    sub.add_argument("--seed", **seed)
    sub.add_argument("--jobs", **jobs)
    chosen.add_options(sub)


def _check(options: argparse.Namespace) -> int:
    items = chosen.choose(options, options.problems)
    with results_alone():
        entries = check(items, steps=options.steps, rng=options.seed, jobs=options.jobs)
    if options.format == "json":
        print(storage.to_json([entry.to_dict() for entry in entries]), end="")
    else:
        print(_check_text(entries))
    return WRONG if any(entry.ledger.holds is False for entry in entries) else DONE


def _check_text(entries: Sequence[Entry]) -> str:
    rows = [
        {
            "problem": e.problem,
            "q": e.method,
            "log p(x)": _nats(e.ledger.log_evidence),
            "ELBO": _nats(e.ledger.elbo),
            "KL": _nats(e.ledger.kl),
            "residual": _small(e.ledger.residual),
            "tolerance": _small(e.ledger.tolerance),
            "holds": _describe(e.ledger),
            "routes": None if e.ledger.log_evidence is None else _routes(e.ledger),
        }
        for e in entries
    ]
    parts = [write_table(rows, SPARE)]
    unknown = {e.problem: e.ledger.reason for e in entries if e.ledger.log_evidence is None}
    parts += [tables.wrap(f"{problem}: {reason}") for problem, reason in unknown.items()]
    parts += [
        tables.wrap(f"{e.problem} {e.method}: {e.ledger.reason}")
        for e in entries
        if e.ledger.reason and e.problem not in unknown
    ]
    for entry in entries:
        if entry.steps is not None:
            parts.append(
                f"{entry.problem}, {entry.method}: KL[q||p(z|x)] =\n"
                + tables.text(entry.steps.printed())
            )
    parts.append(_sum_up(entries))
    return "\n\n".join(parts)


def _routes(ledger: Ledger) -> str:
    """Each once, in order of first appearance; what stands in brackets is in the JSON."""
    return ", ".join(dict.fromkeys(r.split(" (")[0] for r in ledger.routes.values()))


def _describe(book: Ledger) -> str:
    """What the column `holds` says: "unknown" without a truth, else a verdict."""
    if book.log_evidence is None:
        return "unknown"
    return {True: "yes", False: "NO", None: CANNOT_BE_TOLD}[book.holds]


def _sum_up(entries: Sequence[Entry]) -> str:
    """The last line: for how many q it holds, for which not, and where it cannot be told."""
    known = [e for e in entries if e.ledger.log_evidence is not None]
    if not known:
        return "no exact answer is known here, so no ledger can be closed"
    held = sum(e.ledger.holds is True for e in known)
    others = [
        f"NOT for {e.problem} {e.method}"
        if e.ledger.holds is False
        else f"{CANNOT_BE_TOLD} for {e.problem} {e.method}"
        for e in sorted(known, key=lambda e: e.ledger.holds is None)
        if not e.ledger.holds
    ]
    return (
        f"the ledger holds for {held} of {len(known)} q" + ": " * bool(others) + ", ".join(others)
    )


def _nats(value: float | None) -> str | None:
    return None if value is None or value != value else f"{value:.10f}"


def _small(value: float | None) -> str | None:
    return None if value is None else f"{value:.1e}"
