"""Every way to say "exact here", "a mistake", "not a bound" or "the tightest there is", tried with
numbers that have no digits; and truths that are averages over draws, shown with their errors."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.planted.models import with_evidence, with_log_joint
from tests.thinning import mostly_slow
from vi_lab import (
    GaussianMixture,
    Ising,
    LostDigits,
    NormalGamma,
    NormalMixture,
    NumericalError,
    audit,
    check,
    compare,
    exact,
    list_problems,
    plots,
    problem,
)
from vi_lab.cli import main as cli
from vi_lab.comparison import claimed_bound, metrics
from vi_lab.comparison.metrics import format_row
from vi_lab.comparison.reference import Reference, pick_coordinates, summarise
from vi_lab.comparison.row import Row, judge_gap
from vi_lab.comparison.verdict import verdict
from vi_lab.numerics.rounding import Estimate

MODEL = NormalGamma(np.arange(5.0), mu0=0.0, kappa0=1.0, a0=1.0, b0=1.0)
EVIDENCE = exact(MODEL).log_evidence
NAN, INF = np.nan, np.inf
EXACT = "CAVI is exact here: its bound meets log p(x)."
MISTAKE = "more than log p(x), as no bound can: a mistake."


def row(gap, error, elbo=-10.0, **more):
    return Row("p", "cavi", True, elbo=elbo, gap=gap, gap_error=error, **more)


# gap, error, the cell of the table, the sentence or its end
GAPS = [
    (0.0, 1e-12, "0 ± 1e-12", EXACT),
    (5e-13, 1e-12, "0 ± 1e-12", EXACT),
    (-5e-13, 1e-12, "0 ± 1e-12", EXACT),
    (0.0, 0.0, "0", EXACT),
    (9e-7, 9.5e-7, "0 ± 1e-06", EXACT),
    (1e-9, 1e-12, "1e-09 ± 1e-12", "CAVI falls 1e-09 nats short of log p(x)."),
    (0.5, 0.01, "0.5 ± 1e-02", "CAVI falls 0.5 nats short of log p(x)."),
    (0.5, 0.1, "< 0.6 ± 1e-01", "CAVI falls less than 0.6 nats short of log p(x)."),
    (INF, 1e-12, "inf ± 1e-12", "CAVI falls inf nats short of log p(x)."),
    (-0.1, 1e-12, "-0.1 ± 1e-12", f"CAVI claims 0.1 nats {MISTAKE}"),
    (-0.1, 0.03, "< 0 ± 3e-02", f"CAVI claims less than 0.13 nats {MISTAKE}"),
    (-INF, 1e-12, "-inf ± 1e-12", f"CAVI claims inf nats {MISTAKE}"),
    # too wide for a closed form, or no number at all
    (0.0, 2e-6, "? ± 2e-06", "cannot be told (lost digits: the gap is -10 ± 2.0e-06)."),
    (-0.39, 1e3, "? ± 1e+03", "cannot be told (lost digits: the gap is -10 ± 1.0e+03)."),
    (6.7e7, 3.5e11, "? ± 4e+11", "cannot be told (lost digits: the gap is -10 ± 3.5e+11)."),
    (0.0, INF, "? ± inf", "and how far off it is is not known)."),
    (0.0, NAN, "? ± nan", "and how far off it is is not known)."),
    (0.0, -1.0, "? ± -1e+00", "and how far off it is is not known)."),
    (NAN, 1e-12, "? ± 1e-12", "cannot be told (lost digits: the gap is -10 ± 1.0e-12)."),
]


@pytest.mark.parametrize(("gap", "error", "cell", "sentence"), GAPS)
def test_what_is_said_of_a_gap(gap, error, cell, sentence):
    found = row(gap, error)
    assert format_row(found)["gap, nats"] == cell
    assert verdict([found]).endswith(sentence)
    if "cannot be told" in sentence:
        assert verdict([found]).startswith("CAVI is exact or falls short of log p(x), which cannot")


def test_a_row_changed_by_hand_is_judged_by_its_numbers():
    (found,) = compare(MODEL, methods="cavi", rng=0).rows
    assert found.gap_verdict == "differs" and judge_gap(found).word == "differs"
    assert judge_gap(replace(found, gap=0.0)).word == "agrees"
    assert judge_gap(replace(found, gap=-1.0)).impossible
    assert judge_gap(replace(found, gap=0.0, gap_error=1e6)).word == "cannot be told"
    told = replace(found, gap=0.0, gap_error=0.5, gap_verdict="agrees within ± 0.5")
    assert verdict([replace(told, mean_error=None)]) == (
        "CAVI agrees with log p(x) within ± 0.5 nats."
    )


def test_the_error_of_a_gap_has_both_sides(monkeypatch):
    """FAULTS A3: the ELBO's own error was left out."""
    (found,) = compare(MODEL, methods="cavi", rng=0).rows
    (wide,) = compare(with_evidence(MODEL, error=3e-7), methods="cavi", rng=0).rows
    assert wide.gap_error == pytest.approx(found.gap_error + 3e-7)
    closed = "closed form"
    monkeypatch.setattr(metrics, "elbo_estimate", lambda q, m: Estimate(q.elbo, 2e-7, closed))
    (rough,) = compare(MODEL, methods="cavi", rng=0).rows
    assert rough.gap_error == pytest.approx(exact(MODEL).log_evidence_error + 2e-7)
    monkeypatch.setattr(metrics, "elbo_estimate", lambda q, m: Estimate(q.elbo, 1e9, closed))
    (lost,) = compare(MODEL, methods="cavi", rng=0).rows
    assert lost.gap_verdict == "cannot be told" and lost.mean_error is not None
    assert lost.lost_digits.startswith("lost digits: the ELBO is -11.488")


@pytest.mark.parametrize("gap", mostly_slow([1e8, 1e12]))
def test_far_apart_clusters_are_judged_only_with_digits(gap):
    """FAULTS A1: "CAVI is exact here" with two numbers 6.7e7 nats apart."""
    x = [gap, 0, gap - 0.5, 0.25, -0.3]
    model = NormalMixture(x, sigma=1, m0=0, s0=gap, concentration=[1, 1])
    truth = exact(model)
    found = compare(model, methods=["exact", "gibbs", "cavi"], rng=0)
    (sentence,), (known, *_, bound) = found.verdicts.values(), found.rows
    claim = audit(model, bound=truth.log_evidence)
    assert "mistake" not in sentence and "exact here" not in sentence
    if truth.log_evidence_error > 1e-6:
        assert bound.lost_digits.startswith("lost digits: ") and known.lost_digits
        assert "cannot be told" in sentence and "Gibbs cannot be judged" in sentence
        assert bound.mean_error is bound.reference is None
        assert claim.is_bound is claim.holds is None and "cannot be told" in claim.findings[0]
    else:
        assert bound.gap == pytest.approx(np.log(2.0), abs=1e-6) and "0.69 nats" in sentence
        assert claim.is_bound and claim.findings == (
            "equal to the evidence: the tightest bound there is",
        )


OFF = dict(n_components=2, concentration=1.0, m0=[0.0, 0.0], beta0=0.01, nu0=2.0, w0_inv=np.eye(2))
ACROSS = np.array([[0.1, -0.2], [0.3, 0.4], [-0.5, 0.1]]) + 1e11 * np.array([1.0, 0.7])


def test_of_points_far_along_no_axis_log_p_x_is_told_and_the_rest_is_not():
    """No precision drawn tells a distance, and the parameters of CAVI's q do not tell q: audit,
    check and compare stopped at NumPy's overflow, or at the first q without digits."""
    model = GaussianMixture(ACROSS, **OFF)
    truth = exact(model)
    claim = audit(model, bound=truth.log_evidence - 0.5)
    assert claim.gap == pytest.approx(0.5, abs=1e-6) and claim.holds
    half = truth.log_evidence - np.log(2.0)  # q is one of two namings
    assert claim.best_elbo == pytest.approx(half, abs=1e-4)
    assert claim.findings == ("short by 0.5 nats",)
    found = compare(model, methods=["exact", "exact-draws", "cavi"], rng=0)
    known, drawn, bound = found.rows
    assert known.gap_verdict == "agrees" and drawn.reason.startswith("broke down: the density at")
    assert bound.gap_verdict == "cannot be told" and known.reference is None
    (sentence,) = found.verdicts.values()
    assert sentence.startswith("What the exact answer says of the summaries cannot be told (lost ")


def test_a_claim_is_held_against_the_evidence_alone_where_no_q_keeps_its_digits(monkeypatch):
    def lose(model, entropy):
        raise LostDigits("the scale matrix is gone")

    monkeypatch.setattr(claimed_bound, "_find_best_bound", lose)
    claim = audit(MODEL, bound=exact(MODEL).log_evidence - 0.5)
    assert claim.gap == pytest.approx(0.5, abs=1e-6) and claim.best_elbo is None
    assert claim.findings[0].startswith(
        "short by 0.5 nats; how tight mean field is cannot be told (lost digits: the scale matrix"
    )


def test_check_goes_on_where_a_q_loses_its_digits():
    x = [[41003999.5, -56950000.2], [-0.09, 1.47], [41004001.9, -56950000.8]]
    scale = [[0.2105, -0.0662], [-0.0662, 0.2181]]
    given = OFF | {"concentration": 1.68, "beta0": 0.71, "nu0": 2.7, "w0_inv": scale}
    model = GaussianMixture(x, **given)
    found = {entry.method: entry.ledger for entry in check(model, rng=0)}
    assert found["cavi"].kl == pytest.approx(np.log(2.0), abs=1e-7)  # one of two namings
    assert found["cavi"].reason.startswith("lost digits: the KL")  # which parameters do not tell
    lost = found["random 1"]
    assert lost.log_evidence == exact(model).log_evidence and lost.kl is None
    assert lost.reason.startswith("lost digits: the scale matrix")
    assert repr(lost).startswith("<Ledger cannot be told: log p(x) -97.37236183; lost digits: the")

    class Users(GaussianMixture):
        """Of which it may be a sign that is wrong."""

    with pytest.raises(LostDigits, match="no longer positive definite"):
        check(Users(x, **given), rng=0)


def test_an_exact_answer_without_digits_is_no_reference():
    wide = with_evidence(MODEL, shift=0.3, error=1e6)
    found = compare(wide, methods=["exact", "gibbs", "cavi"], rng=0)
    (sentence,) = found.verdicts.values()
    for one in found.rows:
        assert one.reference is one.mean_error is one.sd_ratio_min is None
        assert one.lost_digits == f"lost digits: log p(x) is {EVIDENCE + 0.3:.6g} ± 1.0e+06"
    assert "right" not in sentence and "agrees" not in sentence
    assert sentence.startswith("Log p(x) cannot be told (lost digits: log p(x) is ")
    assert "Gibbs cannot be judged, because the exact answer has lost digits: log p(x)" in sentence
    document = json.loads(found.to_json())
    assert [one["gap_verdict"] for one in document["rows"]] == [
        "cannot be told",
        None,
        "cannot be told",
    ]
    assert all(one["lost_digits"] for one in document["rows"])
    assert "? ± 1e+06" in found.text()
    assert not plots.dots(found, "gap").lines  # there is nothing to put on the axis


def test_a_bound_above_the_evidence_is_a_mistake_and_ends_with_1(monkeypatch, capsys):
    wrong = with_log_joint(MODEL, lambda honest, t: honest(t) + 0.1)
    found = compare(wrong, methods="cavi", rng=0)
    (sentence,) = found.verdicts.values()
    assert sentence.endswith(MISTAKE) and found.rows[0].gap_verdict == "differs"
    with pytest.raises(NumericalError, match=r"a mistake: log p\(x\) less the ELBO of CAVI's q"):
        audit(wrong, bound=-20.0)
    named = "vi_lab.cli.chosen.as_problems"
    monkeypatch.setattr(named, lambda names: compare_items(wrong))
    assert cli.main(["compare", "newcomb", "--methods", "cavi"]) == 1
    monkeypatch.setattr(named, lambda names: compare_items(wide_of(wrong)))
    assert cli.main(["compare", "newcomb", "--methods", "cavi"]) == 0
    assert "cannot be told" in capsys.readouterr().out


def compare_items(model):
    return [replace(problem("newcomb"), name="planted", model=model, sweep=())]


def wide_of(model):
    return with_evidence(model, error=1e3)


UNTOLD = "whether it is a bound cannot be told (lost digits: log p(x) is"
# error and route of log p(x); the claim less log p(x); finding, is_bound, holds
CLAIMS = [
    (0.0, None, 0.0, "equal to the evidence: the tightest bound there is", True, True),
    (0.0, None, 0.9e-6, "equal to the evidence: the tightest bound there is", True, True),
    (0.0, None, 2e-6, "above the evidence by less than 3e-06 nats: not a bound", False, False),
    (0.0, None, 2e-5, "above the evidence by 2e-05 nats: not a bound", False, False),
    (0.0, None, -2e-6, "short by less than 3e-06 nats", True, True),
    (0.0, None, -0.5, "short by 0.5 nats", True, True),
    (1e-4, None, 0.0, UNTOLD, None, None),
    (1e-4, None, 5e-5, UNTOLD, None, None),
    (1e11, None, 6.7e7, UNTOLD, None, None),
    (1e11, None, -6.7e7, UNTOLD, None, None),
    (1e-4, None, 1e-2, "above the evidence by 0.01 nats: not a bound", False, False),
    (1e-4, None, -1e-2, "short by 0.01 nats", True, True),
    (0.1, "Monte Carlo", 0.3, "agrees with the evidence within ± 0.5 nats", True, True),
    (0.1, "Monte Carlo", 0.7, "above the evidence by less than 1.2 nats", False, False),
]


@pytest.mark.parametrize(("error", "route", "above", "finding", "is_bound", "holds"), CLAIMS)
def test_a_claim_is_called_a_bound_or_none_only_with_digits(
    error, route, above, finding, is_bound, holds
):
    found = audit(with_evidence(MODEL, error=error, route=route), bound=EVIDENCE + above)
    assert found.findings[0].startswith(finding)
    assert found.is_bound is is_bound and found.holds is holds
    assert found.gap_error >= error + 1e-6
    assert (found.reason is None) is (holds is not None)
    document = found.to_dict()
    assert document["holds"] is holds and document["reason"] == found.reason
    assert ("±" in found.text().splitlines()[2]) is (error > 2e-6)


@pytest.mark.parametrize("error", [INF, NAN, 1e9])
def test_without_an_evidence_our_own_bound_needs_digits_too(monkeypatch, error):
    monkeypatch.setattr(
        claimed_bound, "elbo_estimate", lambda q, model: Estimate(q.elbo, error, "closed form")
    )
    faithful = problem("old-faithful", n_components=2)
    found = audit(faithful, bound=-432.0)
    assert (
        "which cannot be told (lost digits: the best ELBO of a mean-field q is" in found.findings[0]
    )
    assert found.holds is found.is_bound is None


def test_a_posterior_is_not_held_against_an_exact_answer_without_digits(monkeypatch, capsys):
    wide = with_evidence(MODEL, error=1e6)
    found = audit(wide, posterior={"mu": (0.0, 1.0)})
    assert found.holds is None and found.moments == ()
    assert found.findings[0].startswith("the posterior cannot be told (lost digits: log p(x) is")
    monkeypatch.setattr("vi_lab.cli.chosen.as_problems", lambda names: compare_items(wide))
    assert cli.main(["audit", "newcomb", "--bound", "-11.4"]) == 0
    assert cli.main(["audit", "newcomb", "--bound", "1e8"]) == 1
    out = capsys.readouterr().out
    assert "whether it is a bound cannot be told" in out and "not a bound" in out
    # a claim that is known to be wrong is wrong, whatever cannot be told of the other
    assert audit(wide, bound=1e8, posterior={"mu": (0.0, 1.0)}).holds is False


# Truths that are averages over draws


def test_eight_schools_tau_is_the_exact_one():
    """FAULTS B5: the mean of 10,000 draws, 3.5879, was printed as the truth."""
    (mean, sd) = audit(problem("eight-schools"), posterior={"tau": (3.0, 3.0)}).table()
    assert mean["truth"] == pytest.approx(3.59771, abs=5e-6)
    assert sd["truth"] == pytest.approx(exact(problem("eight-schools")).sd("tau"), abs=1e-12)
    found = audit(problem("eight-schools"), posterior={"tau": (3.0, 3.0)}).moments[0]
    assert found["true_mean_error"] == found["true_sd_error"] == 0.0


def test_a_truth_that_is_an_average_over_draws_has_its_error_beside_it():
    tiny = problem("tiny-mixture")
    found = audit(tiny, posterior={"sorted_mu": (np.zeros(2), np.ones(2))})
    one = found.moments[0]
    assert 0.0 < one["true_mean_error"] < 0.1 * one["true_sd"]
    assert 0.0 < one["true_sd_error"] < 0.1 * one["true_sd"]
    mean, sd, *_ = found.table()
    assert mean["truth"].endswith(f" ± {one['true_mean_error']:.1g}")
    assert sd["truth"].endswith(f" ± {one['true_sd_error']:.1g}")
    # about an independent run of other draws: within five of the errors of both
    other = summarise(tiny.model, exact(tiny).sample(40_000, rng=7), 1)["sorted_mu"][:, 0]
    for key, value in (("true_mean", other.mean()), ("true_sd", other.std())):
        assert abs(one[key] - value) < 5 * np.hypot(one[f"{key}_error"], 0.5 * one[f"{key}_error"])


WITH_TRUTH = [n for n in list_problems() if problem(n).model.no_exact_because is None]


@pytest.mark.parametrize(
    "name",
    mostly_slow(
        WITH_TRUTH,
        (
            "tiny-mixture",
            "coal",
            "ising",
            "newcomb",
            "clutter",
            "eight-schools",
            "iris",
            "sprinkler",
        ),
    ),
)
def test_what_a_posterior_knows_exactly_is_not_drawn(name):
    """Of every summary: no error where the posterior has it, and draws agree with it."""
    model = problem(name).model
    truth, found = exact(model), Reference(model, np.random.default_rng(1))
    for summary, draws in found.draws.items():
        drawn = found.error[summary] > 0
        spread = np.maximum(draws.std(0), 1e-12)
        off = np.abs(draws.mean(0) - found.mean[summary]) / (spread / np.sqrt(len(draws)))
        assert (off[np.isfinite(off)] < 5.5).all(), summary
        known = truth.posterior.mean.keys() & truth.posterior.sd.keys()
        assert not (drawn.any() and summary in known), summary


def test_pairs_of_points_and_edges_are_known_exactly():
    found = Reference(problem("tiny-mixture").model, np.random.default_rng(0))
    matrix = exact(problem("tiny-mixture")).mean("co_assignment")
    pairs = np.array([matrix[i, j] for i in range(10) for j in range(i + 1, 10)])
    assert np.array_equal(found.mean["co_assignment"], pick_coordinates(pairs, 0))
    board = Ising(0.4, np.full((3, 3), 0.1))
    edges = exact(board).posterior.mean["edges_right"]
    assert np.array_equal(
        Reference(board, np.random.default_rng(0)).mean["edges_right"], pick_coordinates(edges, 0)
    )
