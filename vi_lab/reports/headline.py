"""The first words of a report, computed from its rows: what failed where, and by how much."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

from vi_lab.comparison.row import Row, judge_gap
from vi_lab.comparison.summary import is_broken, is_unmixed, write_gap
from vi_lab.numerics.agreement import AGREES, CANNOT_BE_TOLD
from vi_lab.plots import style_of
from vi_lab.reports.cells import make_cell
from vi_lab.reports.words import count, shorten, signed, write_nats, write_sds

FAR = 0.5  # posterior sds, beyond which a method has missed the posterior
FEW = 3  # names in a sentence
NOTHING = "No results yet."
HOW_TO_BEGIN = "Run `vi-lab compare coal --out results`, then this command again."
OURS = ("exact", "exact-draws")  # which are the truth


def write_headline(rows: Sequence[Row]) -> str:
    """One sentence, by the first rule that fits: nothing finished, failures, one problem, all
    agree, and else how often the approximation and the samplers are off by more than FAR."""
    problems = _problems(rows)
    if not any(row.applies for row in rows):
        return "Nothing was finished." if rows else NOTHING
    broken = [row for row in rows if is_broken(row)]
    if broken:
        failed = _problems(broken)
        each = [f"{shorten(name)} ({_name_methods(broken, name)})" for name in failed[:FEW]]
        more = f" and {len(failed) - FEW} more" * (len(failed) > FEW)
        return f"{len(failed)} of {count(len(problems), 'problem', 'problems')} failed: " + (
            ", ".join(each) + more
        )
    if len(problems) == 1:
        return _of_one(rows)
    judged = [row for row in rows if row.answers and row.method not in OURS]
    if judged and all(make_cell(row).state == "agrees" for row in judged):
        return f"Every method agrees with the truth on all {len(problems)} problems"
    return _of_many(rows)


def _name_methods(rows: Sequence[Row], problem: str) -> str:
    return _list(style_of(row.method).label for row in rows if row.problem == problem)


def _of_one(rows: Sequence[Row]) -> str:
    """coal: CAVI falls 0.0704 nats short of log p(x); both samplers agree with the truth"""
    parts = []
    bounds = [row for row in rows if row.elbo is not None]
    if bounds:  # CAVI, or else the best
        row = min(bounds, key=lambda row: (row.method != "cavi", row.gap or math.inf))
        parts.append(f"{style_of(row.method).label} {_describe_bound(row)}")
    parts += _describe_samplers(_samplers(rows))
    if not parts:
        done = _list(style_of(row.method).label for row in rows if row.applies)
        parts.append(f"{done} finished")
    return f"{shorten(rows[0].problem)}: {'; '.join(parts)}"


def _describe_bound(row: Row) -> str:
    if row.gap is None:
        return f"reaches {write_nats(row.elbo, None)} nats; log p(x) is not known"
    judged = judge_gap(row)
    if judged.impossible:
        return "claims more than log p(x), as no bound can: a mistake"
    if judged.word == AGREES:
        return "meets log p(x)"
    if judged.word == CANNOT_BE_TOLD:
        return "is exact or falls short of log p(x), which cannot be told"
    return f"falls {signed(write_gap(row))} nats short of log p(x)"


def _describe_samplers(rows: Sequence[Row]) -> list[str]:
    """Those that agree, in a clause, and of each of the others what is wrong."""
    right = [row for row in rows if make_cell(row).state == "agrees"]
    names = [style_of(row.method).label for row in right]
    parts = []
    if len(right) > 1:
        who = "both" if len(right) == 2 else f"{len(right)}"
        who = f"{who} samplers" if len(right) == len(rows) else _list(names)
        parts.append(f"{who} agree with the truth")
    elif right:
        parts.append(f"{names[0]} agrees with the truth")
    stuck = [style_of(row.method).label for row in rows if is_unmixed(row)]
    if stuck:
        parts.append(f"{_list(stuck)} {'has' if len(stuck) == 1 else 'have'} not mixed")
    off = [row for row in rows if make_cell(row).state == "differs"]
    parts += [f"{style_of(r.method).label} is {make_cell(r).number} sds off" for r in off]
    return parts


def _of_many(rows: Sequence[Row]) -> str:
    """CAVI is off by more than half a posterior sd on 3 of 25 problems; samplers that mixed, on
    none"""
    main = _main_method(rows)
    parts = []
    if main is not None:
        some = [row for row in rows if row.method == main and row.wasserstein is not None]
        far = _problems(_far(some))
        of = count(len(_problems(some)), "problem", "problems")
        name = style_of(main).label
        parts.append(
            f"{name} is off by more than half a posterior sd on {len(far) or 'none'} of {of}"
        )
    mixed = [row for row in _samplers(rows) if not is_unmixed(row) and row.wasserstein is not None]
    if mixed:
        far = _problems(_far(mixed))
        if main is None:
            of = count(len(_problems(mixed)), "problem", "problems")
            parts.append(
                "Samplers that mixed are off by more than half a posterior sd on "
                f"{len(far) or 'none'} of {of}"
            )
        else:
            parts.append(f"samplers that mixed, on {len(far) or 'none'}")
    if not parts:
        done = count(sum(row.applies for row in rows), "result", "results")
        return f"{done}, none of them held against an exact answer"
    return "; ".join(parts)


def write_lead(rows: Sequence[Row], ledgers: Mapping[str, bool | None]) -> list[str]:
    """What is known, what the approximation gives up, what has not mixed, what to trust.

    `ledgers` is of problem name to whether all of its ledgers hold; None where it cannot be told.
    """
    problems = _problems(rows)
    if len(problems) < 2:
        return []
    known = {row.problem for row in rows if row.gap is not None}
    lead = [f"On {len(known)} of {len(problems)} problems log p(x) is known."]
    main = _main_method(rows)
    told = [] if main is None else _describe_range(rows, main)
    if told:
        lead.append(f"{style_of(main).label if main else ''} {' and '.join(told)}.")
    far = _far([row for row in rows if row.method == main])
    if far:
        worst = max(far, key=lambda row: row.wasserstein or 0.0)
        how_far = write_sds(worst.wasserstein or 0.0)
        name = style_of(worst.method).label
        lead.append(f"{name} is farthest off on {shorten(worst.problem)}, by {how_far} sds.")
    unmixed = {row.problem for row in _samplers(rows) if is_unmixed(row)}
    if unmixed:
        lead.append(f"On {len(unmixed)}, samplers have not mixed.")
    return lead + _describe_ledgers(ledgers)


def _describe_range(rows: Sequence[Row], method: str) -> list[str]:
    """gives up 0 to 98.9 nats; claims as little as 0.02 of the true sd (trees)"""
    gaps = [row for row in rows if row.method == method and row.gap is not None]
    gaps = [row for row in gaps if judge_gap(row).word != CANNOT_BE_TOLD]
    parts = []
    if gaps:
        low, high = (f(gaps, key=lambda row: row.gap or 0.0) for f in (min, max))
        ends = dict.fromkeys(signed(write_gap(row)) for row in (low, high))
        parts.append(f"gives up {' to '.join(ends)} nats")
    ratios = [row for row in rows if row.method == method and row.sd_ratio_min is not None]
    if ratios:
        least = min(ratios, key=lambda row: row.sd_ratio_min or math.inf)
        share = f"{least.sd_ratio_min:.2f}"
        parts.append(f"claims as little as {share} of the true sd ({shorten(least.problem)})")
    return parts


def _describe_ledgers(ledgers: Mapping[str, bool | None]) -> list[str]:
    wrong = [shorten(name) for name, holds in ledgers.items() if holds is False]
    if wrong:
        return [f"log p(x) = ELBO + KL does not hold on {_list(wrong)}: a mistake."]
    return ["Ledgers hold."] if any(ledgers.values()) else []


def _main_method(rows: Sequence[Row]) -> str | None:
    """CAVI where it was measured, else the q measured most often; None where there is none."""
    bounds = [r.method for r in rows if r.elbo is not None and r.wasserstein is not None]
    if "cavi" in bounds:
        return "cavi"
    return max(dict.fromkeys(bounds), key=bounds.count, default=None)


def _samplers(rows: Sequence[Row]) -> list[Row]:
    """Rows of chains: what has an R-hat or a Monte Carlo error, but for exact draws."""
    return [
        row
        for row in rows
        if row.method not in OURS and (row.rhat is not None or row.mean_error_z is not None)
    ]


def _far(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.wasserstein is not None and row.wasserstein > FAR]


def _problems(rows: Collection[Row]) -> list[str]:
    return list(dict.fromkeys(row.problem for row in rows))


def _list(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
