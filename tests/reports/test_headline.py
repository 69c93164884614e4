"""The first words of a report: each rule's sentence, every number counted anew from the JSON."""

import json
import re

import pytest

from vi_lab.comparison.compare import Comparison
from vi_lab.comparison.row import Row
from vi_lab.reports.headline import write_headline, write_lead
from vi_lab.reports.matrix import list_columns, list_lines

GOOD = {"mean_error_z": 1.0, "rhat": 1.0, "reference": "exact", "sd_ratio_min": 1.0,
        "sd_ratio_max": 1.0}  # fmt: skip


def bound(name, gap, w1, sd, **more):
    given = {"elbo": -10.0 - gap, "gap_error": 1e-9, "reference": "exact", "converged": True}
    word = "agrees" if gap < 1e-9 else "differs"
    return Row(name, "cavi", True, gap=gap, gap_verdict=word, wasserstein=w1,
               sd_ratio_min=sd, sd_ratio_max=1.0, **{**given, **more})  # fmt: skip


def exact(name):
    return Row(name, "exact", True, log_evidence=-10.0, gap=0.0, gap_error=1e-9,
               gap_verdict="agrees", reference="exact", wasserstein=0.0)  # fmt: skip


def gibbs(name, w1, **more):
    return Row(name, "gibbs", True, wasserstein=w1, **{**GOOD, **more})


MANY = [
    exact("a"), bound("a", 0.0, 0.02, 1.0), gibbs("a", 0.03),
    exact("b"), bound("b", 2.5, 0.51, 0.41), gibbs("b", 0.6, rhat=1.5),
    exact("c"), bound("c", 98.94, 0.4, 0.52), gibbs("c", 0.02),
    Row("d", "cavi", True, elbo=-3.0, converged=True), gibbs("d", 0.9),
]  # fmt: skip


@pytest.mark.parametrize(
    "rows, sentence",
    [
        ([], "No results yet."),
        ([Row("a", "gibbs", False, "it has none")], "Nothing was finished."),
        (
            [*MANY, Row("e", "cavi", True, "overflow"), Row("a", "gibbs", True, "underflow")],
            "2 of 5 problems failed: e (CAVI), a (Gibbs)",
        ),
        (
            [exact("coal"), bound("coal", 0.0704, 0.1, 0.91), gibbs("coal", 0.02),
             Row("coal", "metropolis-hastings", True, wasserstein=0.05, **GOOD)],
            "coal: CAVI falls 0.0704 nats short of log p(x); both samplers agree with the truth",
        ),
        (
            [exact("coal"), bound("coal", 0.0, 0.01, 1.0), gibbs("coal", 0.3, rhat=1.4)],
            "coal: CAVI meets log p(x); Gibbs has not mixed",
        ),
        (
            [row for n in "ab" for row in (exact(n), bound(n, 0.0, 0.01, 1.0), gibbs(n, 0.02))],
            "Every method agrees with the truth on all 2 problems",
        ),
        (
            MANY,
            "CAVI is off by more than half a posterior sd on 1 of 3 problems; samplers that mixed, "
            "on 1",
        ),
    ],
)  # fmt: skip
def test_the_first_rule_that_fits(rows, sentence):
    assert write_headline(rows) == sentence


def test_the_lead_says_what_is_known_given_up_claimed_and_trusted():
    holds = dict.fromkeys("abc", True) | {"d": None}
    assert " ".join(write_lead(MANY, holds)) == (
        "On 3 of 4 problems log p(x) is known. CAVI gives up 0 to 98.9 nats and claims as little "
        "as 0.41 of the true sd (b). CAVI is farthest off on b, by 0.51 sds. On 1, samplers have "
        "not mixed. Ledgers hold."
    )
    wrong = write_lead(MANY, {**holds, "b": False})[-1]
    assert wrong == "log p(x) = ELBO + KL does not hold on b: a mistake."
    assert "Ledgers" not in " ".join(write_lead(MANY, dict.fromkeys("abcd")))
    assert write_lead(MANY[:3], holds) == []


def test_every_number_of_the_first_words_is_counted_from_the_json():
    """By a route of its own: the JSON of the comparison, no function of the report."""
    names = dict.fromkeys(row.problem for row in MANY)
    made = Comparison(tuple(MANY), dict.fromkeys(names, "."), {}, "quick")
    rows = json.loads(made.to_json())["rows"]
    cavi = [r for r in rows if r["method"] == "cavi"]
    off = [r for r in cavi if r["wasserstein"] is not None]
    mixed = [r for r in rows if r["method"] == "gibbs" and r["rhat"] <= 1.02]
    counted = [
        sum(r["wasserstein"] > 0.5 for r in off),
        len(off),
        sum(r["wasserstein"] > 0.5 for r in mixed),
        len({r["problem"] for r in rows if r["gap"] is not None}),
        len({r["problem"] for r in rows}),
        0,
        float(f"{max(r['gap'] for r in cavi if r['gap'] is not None):.3g}"),
        float(f"{min(r['sd_ratio_min'] for r in cavi if r['sd_ratio_min']):.2f}"),
        float(f"{max(r['wasserstein'] for r in off):.2f}"),
        sum((r["rhat"] or 0) > 1.02 for r in rows),
    ]
    first = " ".join([write_headline(MANY), *write_lead(MANY, {})])
    assert [float(number) for number in re.findall(r"\d+(?:\.\d+)?", first)] == counted


def test_the_matrix_is_ordered_by_nats_then_the_unknown_then_failures():
    rows = [*MANY, Row("e", "cavi", True, "overflow"), Row("e", "amortised", True, wasserstein=0.2)]
    lines = list_lines(rows)
    assert [line.problem for line in lines] == ["c", "b", "a", "d", "e"]
    assert [line.nats for line in lines] == ["98.9", "2.50", "0", "", ""]
    assert [line.orders["run"] for line in lines] == [2, 1, 0, 3, 4]
    assert [line.orders["name"] for line in lines] == [2, 1, 0, 3, 4]
    assert min(lines, key=lambda line: line.orders["cavi"]).problem == "b"
    # one problem of five is fewer than a third: the method has no column, its cell is in others
    assert list_columns(rows) == ["cavi", "gibbs"]
    assert lines[4].others[0] == "amortised" and lines[0].others is None
    assert 0.99 < lines[0].bar < 1.0 and lines[2].bar == 0.0
