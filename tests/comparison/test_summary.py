"""Many problems in a line each: every number against rows made by hand."""

import pytest

from vi_lab import cavi, compare, ledger
from vi_lab.comparison.row import Row
from vi_lab.comparison.summary import attention, summarise, write_findings, write_summary


def bound(problem, gap, method="cavi", **more):
    return Row(problem, method, True, elbo=-5.0, gap=gap, gap_error=1e-10, **more)


ROWS = [
    Row("small", "exact", True, log_evidence=-4.0, gap=0.0, gap_error=1e-10),
    bound("small", 0.070438, sd_ratio_min=0.9149, converged=True),
    Row("stuck", "metropolis-hastings", True, rhat=1.3, mean_error_z=0.5),
    Row("stuck", "gibbs", True, rhat=1.02, mean_error_z=4.5),
    bound("stuck", 6.2105, sd_ratio_min=0.0224, converged=False),
    Row("decoder", "cavi", False, "it has no conditionals"),
    bound("decoder", 1.0938, "gaussian-mean-field", sd_ratio_min=0.82),
    bound("decoder", 0.7762, "gaussian-full-rank", sd_ratio_min=0.838),
    Row("open", "cavi", True, elbo=-9.0, sd_ratio_min=0.076),
    bound("exact here", 3e-11, sd_ratio_min=1.0),
    Row("off", "gibbs", True, rhat=1.0, mean_error_z=9.0),
    Row("broken", "gibbs", True, "broke down: overflow"),
    Row("broken", "cavi", True, "broke down: overflow"),
]


def test_a_line_holds_what_the_rows_hold():
    lines = {line.problem: line for line in summarise(ROWS)}
    cells = {name: (x.cavi, x.best, x.claimed, x.failed) for name, x in lines.items()}
    assert cells == {
        "stuck": ("6.21", "", "0.02", ("MH", "CAVI stopped")),
        "decoder": ("-", "0.776 full rank", "0.84", ()),
        "small": ("0.0704", "", "0.91", ()),
        "exact here": ("0", "", "1.00", ()),
        "open": ("?", "", "0.08", ()),
        "off": ("", "", "", ("Gibbs off",)),
        "broken": ("x", "", "", ("Gibbs failed", "CAVI failed")),
    }  # fmt: skip


def test_what_gives_up_most_comes_first_then_the_unknown_and_what_broke_down_last():
    order = [line.problem for line in summarise(ROWS)]
    assert order == ["stuck", "decoder", "small", "exact here", "open", "off", "broken"]
    assert attention(ROWS) == "stuck"
    assert attention(ROWS[:2]) == "small"


@pytest.mark.parametrize(
    ("gap", "error", "seen"),
    [(98.940479, 1e-9, "98.9"), (21780.4, 1e-9, "21,780"), (0.00713, 1e-9, "0.00713"),
     (5e-7, 1e-10, "5.00e-07"), (2e-9, 1e-9, "< 3.00e-09"), (0.5, 1.0, "?")],
)  # fmt: skip
def test_a_gap_has_three_digits_where_it_has_them(gap, error, seen):
    row = Row("p", "cavi", True, elbo=-5.0, gap=gap, gap_error=error)
    (line,) = summarise([row])
    assert line.cavi == seen


def test_the_findings_count_problems():
    no_bound, unmixed, broken = write_findings(ROWS)
    assert no_bound == "No ELBO lies above log p(x) on the 4 problems where log p(x) is known."
    assert unmixed == "1 problem has a sampler that has not mixed: do not trust its numbers yet."
    assert broken == "A method broke down on 1 problem: broken."
    above, *_ = write_findings([*ROWS, bound("wrong", -0.5)])
    assert above == "Above log p(x), as no ELBO can be: 1 problem."
    assert "CAVI above log p(x)" in "\n".join(write_summary([bound("wrong", -0.5)], 80))


def kept(problem, holds):
    return Row(problem, "cavi", True, elbo=-5.0, gap=0.5, kl=0.5, holds=holds)


@pytest.mark.parametrize(
    ("holds", "said"),
    [
        ([True, True], "holds on all 2 problems where log p(x) is known."),
        ([True], "holds."),
        ([True, None], "holds on 1 of 2 problems; on 1 digits are lost."),
        ([True, None, True, None, True], "holds on 3 of 5 problems; on 2 digits are lost."),
        ([None, None], "holds on 0 of 2 problems; on 2 digits are lost."),
        ([True, None, False], "does not hold on p2: a mistake."),
        ([False, None, False], "does not hold on p0, p2: a mistake."),
    ],
)
def test_the_findings_say_where_the_identity_holds(holds, said):
    rows = [kept(f"p{i}", each) for i, each in enumerate(holds)]
    assert write_findings(rows)[0] == f"log p(x) = ELBO + KL {said}"


def test_a_row_keeps_its_ledger():
    (row,) = compare("coal", methods=["cavi"], rng=0).rows
    book = ledger("coal", cavi("coal", rng=0))
    assert row.holds is True and row.kl == pytest.approx(row.gap, abs=1e-9)
    assert row.kl == pytest.approx(book.kl, rel=1e-6)


@pytest.mark.parametrize("width", [80, 100])
def test_no_line_is_too_wide_and_the_last_column_wraps_under_itself(width):
    many = [
        Row("p" * 60, method, True, rhat=2.0)
        for method in ("metropolis-hastings", "metropolis-hastings-noncentred", "gibbs",
                       "gibbs-expanded", "collapsed-gibbs")
    ]  # fmt: skip
    lines = write_summary([*many, *ROWS], width)
    assert max(map(len, lines)) <= width
    start = lines[1].index("not mixed")
    wrapped = [line for line in lines[2:] if line.startswith(" " * start) and line.strip()]
    assert wrapped and all(line[start] != " " for line in wrapped)


def test_marks_are_put_on_what_failed_alone():
    lines = write_summary(ROWS, 80, bold=lambda s: f"<b>{s}</b>", red=lambda s: f"<r>{s}</r>")
    marked = {line.split("<b>")[1].split("<")[0].strip(): line for line in lines if "<b>" in line}
    assert set(marked) == {"stuck", "off", "broken"}
    assert "<r>MH; CAVI stopped</r>" in marked["stuck"]
    assert sum("<r>" in line for line in lines) == 3
