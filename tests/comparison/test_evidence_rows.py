"""Estimates of log p(x) as rows of a comparison."""

from dataclasses import replace

import pytest

from vi_lab import compare, evidence, exact, laplace
from vi_lab.comparison.metrics import format_row, measure_estimate
from vi_lab.comparison.row import Row, judge_gap
from vi_lab.comparison.summary import summarise, write_findings
from vi_lab.comparison.verdict import verdict
from vi_lab.reports.cells import make_cell
from vi_lab.reports.matrix import list_columns, list_lines


def test_a_preset_has_a_row_for_each_estimator():
    found = compare("coin", methods=["exact", "evidence-importance", "evidence-prior"], rng=0)
    truth = exact("coin").log_evidence
    rows = {row.method: row for row in found.rows}
    one = rows["evidence-importance"]
    assert one.gap == pytest.approx(truth - one.log_evidence)
    assert one.gap_verdict == "agrees" and one.elbo is None
    assert "of the errors that it states" in found.verdicts["coin"]


def test_a_row_says_that_the_harmonic_mean_knows_no_error():
    row = measure_estimate("coin", "evidence-harmonic", evidence("coin", method="harmonic", rng=0))
    assert row.gap_error is None and row.gap_verdict is None
    assert format_row(row)["gap, nats"] == f"{row.gap:+.4f}"
    known = replace(row, gap=-0.51234, gap_error=0.03)
    assert format_row(known)["gap, nats"] == "-0.5123 ± 3e-02"


def test_what_does_not_apply_is_a_row_with_the_reason():
    found = compare("ising", methods="evidence", rng=0)
    assert len(found.rows) == 8 and not any(row.applies for row in found.rows)
    assert "every latent is discrete" in found.rows[0].reason


def test_rows_and_verdicts_say_what_is_known_to_be_wrong():
    found = compare("tiny-mixture", methods=["exact", "evidence-importance"], rng=0)
    row = found.rows[-1]
    assert (
        "2! = 2 namings of the components" in row.note and row.note in found.verdicts[row.problem]
    )
    assert row.khat < 0.7 and row.gap_verdict == "differs"  # no k-hat sees the other naming
    narrow = laplace("coin", rng=0)
    thin = narrow.mixture._replace(roots=0.3 * narrow.mixture.roots)
    found = evidence("coin", replace(narrow, mixture=thin), rng=0)
    row = measure_estimate("coin", "evidence-importance", found)
    assert "q is narrower than the posterior" in row.note and row.khat == found.khat > 0.7


def test_an_estimate_above_log_p_x_is_no_bound_that_lies():
    """Neither the summary nor the report takes it for an ELBO, or for a posterior."""
    harmonic = Row("coin", "evidence-harmonic", True, log_evidence=-13.0, gap=-0.6)
    close = Row("coin", "evidence-smc", True, log_evidence=-13.6, gap=-0.01, gap_error=0.01,
                gap_verdict="agrees")  # fmt: skip
    high = replace(close, method="evidence-ais", gap=-0.6, gap_verdict="differs")
    rows = [harmonic, close, high]
    assert not any(judge_gap(row).impossible for row in rows)
    assert not summarise(rows)[0].failed
    assert not any("as no ELBO" in said for said in write_findings(rows))
    assert list_columns([harmonic, close]) == [] and list_lines([close])[0].others is None
    assert (make_cell(harmonic).state, make_cell(close).state) == ("differs", "agrees")


def test_an_estimate_of_unknown_error_says_why_it_is_not_judged():
    row = Row("coin", "evidence-harmonic", True, log_evidence=-13.0, gap=-0.6)
    assert judge_gap(row).reason == "its error is not known"
    known = judge_gap(replace(row, gap_error=0.1, gap_verdict="agrees"))
    assert known.reason is None and known.tolerance == 0.1 and known.difference == 0.6


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (dict(gap=0.6, gap_error=0.25), "is 0.6 nats below log p(x), 2.4 of the errors"),
        (dict(gap=-0.6, gap_error=0.25), "is 0.6 nats above log p(x), 2.4 of the errors"),
        (dict(gap=-0.6), "is 0.6 nats above log p(x) and cannot know its error"),
        (dict(), "estimates log p(x) as -13.250 nats, with none to hold it to"),
        (dict(gap=0.5, note="a reason"), "below log p(x) and cannot know its error (a reason)"),
    ],
)
def test_on_which_side_an_estimate_is_and_by_how_many_of_its_errors(numbers, said):
    """The gap is log p(x) less the estimate."""
    assert said in verdict([Row("coin", "evidence-smc", True, log_evidence=-13.25, **numbers)])
