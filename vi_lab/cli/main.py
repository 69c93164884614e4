"""The command line: a shell over the functions of the same names.

Results go to stdout, progress and errors to stderr. Exit codes: 0 done, 1 a ledger does not hold,
a claim is wrong, the atlas changed or a method broke down, 2 bad input, 130 interrupted (what was
finished is kept and reported).
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import textwrap
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from vi_lab._version import __version__
from vi_lab.arguments import checks
from vi_lab.arguments.public import said
from vi_lab.cli import atlas as cli_atlas
from vi_lab.cli import compare as lab
from vi_lab.cli import vae as cli_vae
from vi_lab.comparison.audit import audit
from vi_lab.comparison.claims import read_posterior
from vi_lab.comparison.compare import Comparison
from vi_lab.comparison.methods import METHODS
from vi_lab.errors import InputError, ViLabError
from vi_lab.identity.identity_check import Entry, check
from vi_lab.model_or_problem import as_model, blocks_of
from vi_lab.problems.named import as_problems, list_problems, problem, sweep
from vi_lab.results import tables
from vi_lab.runtime import storage
from vi_lab.runtime.interrupts import CtrlC
from vi_lab.runtime.locks import locked

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a notebook has streams of its own
            # a terminal without the letter ± shows ?, it does not end the run
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        for name, value in vars(options).items():
            if isinstance(value, Path):
                checks.path(name, value)
        code = options.run(options)
        sys.stdout.flush()  # a reader that has left is noticed here, not while Python shuts down
        return code
    except ViLabError as error:
        # a name that came may hold line breaks
        print(f"vi-lab: error: {' '.join(str(error).splitlines())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("vi-lab: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `vi-lab … | head` is no error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a name that is too long, a disk that is full, no permission
        print(f"vi-lab: error: {said(error)}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vi-lab",
        description="A laboratory for variational inference: every approximate posterior is "
        "measured against the truth.",
        epilog="log p(x) = ELBO(q) + KL(q || p(z|x)), each of the three by its own route.",
    )
    parser.add_argument("--version", action="version", version=f"vi-lab {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Any, help: str, formats: Sequence[str]) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        sub.set_defaults(run=run)
        sub.add_argument("--format", choices=formats, default=formats[0], help="default: table")
        return sub

    names = ", ".join(list_problems())
    seed: Any = dict(type=_seed, default=0, metavar="N", help="default: 0; same seed, same numbers")

    sub = command(
        "compare",
        _compare,
        "Run every method on every problem; one row each, measured against the truth.",
        ("table", "json", "csv"),
    )
    sub.add_argument("problems", nargs="*", metavar="PROBLEM", help=f"default: all ({names})")
    methods = ", ".join(method.name for method in METHODS)
    sub.add_argument(
        "--methods",
        nargs="+",
        metavar="METHOD",
        help=f"after the problems; default: all ({methods})",
    )
    sub.add_argument("--seed", **seed)
    sub.add_argument("--budget", default="quick", metavar="quick|full", help="default: quick")
    sub.add_argument(
        "--sweep",
        action="store_true",
        help="vary each problem along its sweep, e.g. the correlation",
    )
    sub.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="also leave JSON, CSV, draws (npz) and figures (PNG, SVG) here",
    )

    sub = command(
        "check",
        _check,
        "Check log p(x) = ELBO + KL for every problem and every q; exit "
        "code 1 if it fails anywhere.",
        ("table", "json"),
    )
    sub.add_argument("problems", nargs="*", metavar="PROBLEM", help=f"default: all ({names})")
    sub.add_argument(
        "--steps", action="store_true", help="evaluate the five lines of the derivation"
    )
    sub.add_argument("--seed", **seed)

    sub = command(
        "audit",
        _audit,
        "Hold another tool's bound or posterior for a problem against the truth; exit code 1 if a "
        "claim is wrong.",
        ("table", "json"),
    )
    sub.add_argument("problem", metavar="PROBLEM", help=f"one of {names}")
    sub.add_argument(
        "--bound", type=float, metavar="NATS", help="the claimed lower bound on log p(x)"
    )
    sub.add_argument(
        "--posterior",
        type=Path,
        metavar="FILE",
        help="draws by latent (npz, each (n, ...)), or JSON of means and sds by latent: "
        '{"mu": [26.2, 1.3]}',
    )
    sub.add_argument("--seed", **seed)

    cli_atlas.add_command(command, names)
    command("problems", _problems, "List the problems.", ("table", "json"))
    cli_vae.add_commands(commands, seed)
    return parser


def _seed(text: str) -> int:
    """A whole number from 0; argparse names the option in its error."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"needs a whole number of at least 0, got {text!r}")
    return int(text)


def _compare(options: argparse.Namespace) -> int:
    problems: list[Any] = as_problems(options.problems or None)
    if options.sweep:
        wanted = problems if options.problems else [item for item in problems if item.sweep]
        problems = [variant for item in wanted for variant in sweep(item)]
    methods = None
    if options.methods:
        methods = [n for word in options.methods for n in word.split(",") if n]
        for name in methods:
            if name in list_problems():
                raise InputError(f"--methods: {name!r} is a problem; problems go before --methods")
    # a picture of a sweep needs all of its results in one process
    groups = [problems] if options.sweep else [[item] for item in problems]
    run = partial(lab.run, groups, methods, options.budget, options.seed)
    if options.out is None:
        comparison = run(None)
        _print(comparison, options.format)
    else:
        inner = {lab.folder_of(item.name) for item in problems}
        with locked(options.out, "figures", *inner):
            comparison = run(options.out)
            with CtrlC() as ctrl_c:  # what is finished is reported first
                _write(comparison, options.out)
                _print(comparison, options.format)
            if ctrl_c.pressed:
                raise KeyboardInterrupt
            if not comparison.interrupted:
                from vi_lab.figures.comparison import (
                    save_overall_figures,  # matplotlib: only where wanted
                )

                brief = lab.is_brief(groups, options.budget)
                save_overall_figures(comparison, options.out / "figures", brief)
        print(f"vi-lab: results are in {options.out}", file=sys.stderr)
    if comparison.interrupted:
        print(
            f"vi-lab: interrupted; {len(comparison.rows)} rows were finished and are above",
            file=sys.stderr,
        )
        return INTERRUPTED
    return 1 if any(row.applies and row.reason for row in comparison.rows) else 0


def _print(comparison: Comparison, format: str) -> None:
    shown = {"table": comparison.text, "json": comparison.to_json, "csv": comparison.to_csv}
    print(shown[format]().rstrip("\n"), flush=True)


def _write(comparison: Comparison, folder: Path) -> None:
    """compare.json, compare.csv and compare.txt, each whole or absent."""
    storage.write_bytes(folder / "compare.json", comparison.to_json().encode())
    storage.write_bytes(folder / "compare.csv", comparison.to_csv().encode())
    storage.write_bytes(folder / "compare.txt", (comparison.text() + "\n").encode())


def _check(options: argparse.Namespace) -> int:
    entries = check(options.problems or None, steps=options.steps, rng=options.seed)
    if options.format == "json":
        print(storage.to_json([entry.to_dict() for entry in entries]), end="")
    else:
        print(_check_text(entries))
    return 1 if any(entry.ledger.holds is False for entry in entries) else 0


def _audit(options: argparse.Namespace) -> int:
    posterior = None if options.posterior is None else read_posterior(options.posterior)
    found = audit(problem(options.problem), options.bound, posterior, rng=options.seed)
    print(storage.to_json(found.to_dict()) if options.format == "json" else found.text())
    return 0 if found.holds else 1


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
            "holds": {True: "yes", False: "NO", None: "unknown"}[e.ledger.holds],
            # what stands in brackets is in the JSON
            "routes": None
            if e.ledger.reason
            else _listed(r.split(" (")[0] for r in e.ledger.routes.values()),
        }
        for e in entries
    ]
    parts = [tables.text(rows)]
    reasons = {e.problem: e.ledger.reason for e in entries if e.ledger.reason}
    parts += [tables.wrapped(f"{problem}: {reason}") for problem, reason in reasons.items()]
    for entry in entries:
        if entry.steps is not None:
            parts.append(
                f"{entry.problem}, {entry.method}: KL[q||p(z|x)] =\n"
                + tables.text(entry.steps.printed())
            )
    failed = [e for e in entries if e.ledger.holds is False]
    known = [e for e in entries if e.ledger.holds is not None]
    parts.append(
        "no exact answer is known here, so no ledger can be closed"
        if not known
        else f"the ledger holds for {len(known) - len(failed)} of {len(known)} q"
        + (": " + ", ".join(f"NOT for {e.problem} {e.method}" for e in failed) if failed else "")
    )
    return "\n\n".join(parts)


def _listed(words: Iterable[str]) -> str:
    """Each once, in order of first appearance."""
    return ", ".join(dict.fromkeys(words))


def _nats(value: float | None) -> str | None:
    return None if value is None or value != value else f"{value:.10f}"


def _small(value: float | None) -> str | None:
    return None if value is None else f"{value:.1e}"


def _problems(options: argparse.Namespace) -> int:
    rows: list[dict[str, Any]] = []
    for item in as_problems(None):
        model = as_model(item.model)
        rows.append(
            {
                "problem": item.name,
                "story": item.story,
                "data": item.data,
                "n": item.n,
                "latents": list(model.sources) if blocks_of(model) else ["z"],
                "methods": [m.name for m in METHODS if m.why_not(model) is None],
            }
        )
    if options.format == "json":
        print(storage.to_json(rows), end="")
    else:
        width = max(len(row["problem"]) for row in rows) + 2
        for row in rows:
            latents, methods = ", ".join(row["latents"]), ", ".join(row["methods"])
            indent = " " * width
            heading = f"{row['problem']:{width}}"
            for begin, words in (
                (heading, row["story"]),
                (indent, f"data: {row['data']} (n = {row['n']})"),
                (indent, f"latents: {latents}; methods: {methods}"),
            ):
                print(
                    textwrap.fill(words, 118, initial_indent=begin, subsequent_indent=indent + "  ")
                )
    return 0
