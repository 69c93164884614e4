"""Pages of what is rare, for `make browser`: every state of a cell, hard names, and the account of
nats where it does not simply add up. They lie in build/site/fixtures, not in the site."""

from __future__ import annotations

import copy
import math
import shutil
from typing import Any

from tools.site.places import WORK
from vi_lab.comparison.compare import Comparison
from vi_lab.comparison.row import Row
from vi_lab.replays.replay import Replay, replay
from vi_lab.reports.page import write_report

FIXTURES = WORK / "fixtures"
NAMES = (
    "<script>alert(1)</script>",
    "\"'&</style>{{ 7*7 }}",
    "right\u202eleft",
    "a" * 10_000,
    "نموذج",
    "Two names",
    "two names",
)
# A frame's numbers, and what its account says.
ACCOUNTS: dict[str, tuple[dict[str, Any], str]] = {
    "KL is none, within its error": (
        {"kl": -3e-13, "kl_error": 1e-10, "residual": -3e-13},
        "0 (−3·10⁻¹³, within its error)",
    ),
    "Nats are missing": (
        {"residual": 0.012, "holds": False},
        "does not hold: 0.0120 nats are missing",
    ),
    "KL and ELBO are Monte Carlo": (
        {"elbo_error": 0.05, "kl_error": 0.05, "tolerance": 0.2},
        "The whisker is the error of the ELBO, 0.0500 nats.",
    ),
    "KL is infinite": (
        {"elbo": -math.inf, "kl": math.inf, "residual": None, "holds": None},
        "ELBO −∞, KL ∞: q gives probability to what the posterior excludes",
    ),
    "q is not whole": (
        {"elbo": None, "kl": None, "q": None, "at": None, "values": {},
         "why": "rates has no q before its first update, so there is no ELBO yet"},
        "rates has no q before its first update, so there is no ELBO yet.",
    ),
    "A kind that no page knows": ({"kind": "leap", "elbo": None, "kl": None}, ""),
}  # fmt: skip


def write_fixtures() -> None:
    """Write all of them."""
    shutil.rmtree(FIXTURES, ignore_errors=True)
    FIXTURES.mkdir(parents=True)
    data = replay("correlated", methods=["cavi"], rng=0).data
    Replay(with_accounts(data)).save(FIXTURES / "account.html")
    Replay(without_evidence(data)).save(FIXTURES / "account-unknown.html")
    for name, rows in {"states": list_states(), "names": list_names()}.items():
        problems = dict.fromkeys(row.problem for row in rows)
        verdicts = dict.fromkeys(problems, "A verdict.")
        comparison = Comparison(tuple(rows), verdicts, {}, "quick")
        write_report(comparison, FIXTURES / f"report-{name}.html", jobs=1)


def with_accounts(data: dict[str, Any]) -> dict[str, Any]:
    """A replay whose frames are the special cases, each with what is `expected` of it."""
    data = copy.deepcopy(data)
    (run,) = data["runs"]
    whole = next(frame for frame in run["frames"] if frame["elbo"] is not None)
    frames = [
        {**whole, **numbers, "n": n, "say": f"{say}.", "expected": expected}
        for n, (say, (numbers, expected)) in enumerate(ACCOUNTS.items(), 1)
    ]
    run["frames"], run["updates"] = [*frames, {**whole, "n": len(frames) + 1}], len(frames) + 1
    return data


def without_evidence(data: dict[str, Any]) -> dict[str, Any]:
    """The same replay where log p(x) is not known."""
    data = copy.deepcopy(data)
    data["evidence"], data["why_no_evidence"] = None, "no route to it is known"
    (run,) = data["runs"]
    nothing = dict.fromkeys(("kl", "kl_error", "residual", "tolerance", "holds"))
    for frame in run["frames"]:
        frame |= nothing
        if frame["elbo"] is not None:
            frame["expected"] = "log p(x) is not known; it is at least"
    return data


def list_states() -> list[Row]:
    """A problem for each state of a cell, by the name of the state."""
    wrong = {"gap": 1.0, "gap_error": 1e-9, "elbo": -1.0, "gap_verdict": "differs"}
    good = {"mean_error_z": 1.0, "rhat": 1.0, "ess": 900.0, "reference": "exact"}
    stuck = {"rhat": 2.568, "ess": 5.0}
    found: dict[str, dict[str, Any]] = {
        "agrees": {"wasserstein": 0.6, **good},
        "differs": {"wasserstein": 0.45, "reference": "exact", **wrong},
        "not-mixed": {"wasserstein": 0.1, **good, **stuck},
        "not-converged": {"wasserstein": 0.3, "converged": False, **wrong},
        "cannot-be-told": {
            "gap": 0.1, "gap_error": 0.3, "elbo": -1.0, "gap_verdict": "cannot be told",
            "lost_digits": "log p(x) has an error of 0.3 nats", "wasserstein": 0.1,
            "reference": "exact",
        },
        "no-truth": {"rhat": 1.0, "ess": 900.0},
        "long-run": {"wasserstein": 0.01, **good, "reference": "long run"},
    }  # fmt: skip
    rows = [Row(name, "cavi", True, **fields) for name, fields in found.items()]
    rows.append(Row("does-not-apply", "cavi", False, "it has no conditionals"))
    return [*rows, Row("failed", "cavi", True, "overflow in exp")]


def list_names() -> list[Row]:
    """A problem for each hard name."""
    fields: dict[str, Any] = {"elbo": -1.0, "gap": 0.5, "gap_error": 1e-9, "wasserstein": 0.2,
                              "gap_verdict": "differs", "reference": "exact"}  # fmt: skip
    return [Row(name, "cavi", True, **fields) for name in NAMES]
