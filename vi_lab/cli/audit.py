"""`vi-lab audit`: another tool's figures, held against the truth."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from vi_lab.cli import chosen
from vi_lab.comparison.audit import audit
from vi_lab.comparison.claims import read_posterior
from vi_lab.runtime import storage
from vi_lab.runtime.exit_codes import DONE, WRONG
from vi_lab.runtime.messages import results_alone


def add_command(command: Any, names: str, seed: Any) -> None:
    """Hang `audit` into the parser; `command` makes a subcommand."""
    sub = command(
        "audit",
        _audit,
        "Hold another tool's bound or posterior for a problem against the truth; exit code 1 if a "
        "claim is wrong.",
    )
    chosen.add_problem(sub, names)
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


def _audit(options: argparse.Namespace) -> int:
    item = chosen.choose_one(options, options.problem)
    posterior = None if options.posterior is None else read_posterior(options.posterior)
    with results_alone():
        found = audit(item, options.bound, posterior, rng=options.seed)
    print(storage.to_json(found.to_dict()) if options.format == "json" else found.text())
    return WRONG if found.holds is False else DONE
