"""The comparison: its measures against numbers worked out by hand, and what a Ctrl-C leaves."""

import csv
import io
import json
import sys
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

import vi_lab
from tests.console import call
from tests.tables import table
from tests.users import DensityAlone, Unsolved
from vi_lab import (
    ChangePoint,
    CorrelatedGaussian,
    Draws,
    Factorised,
    InputTypeError,
    MultivariateNormal,
    NormalGamma,
    compare,
    exact,
    problem,
)
from vi_lab.comparison.compare import COLUMNS, Row
from vi_lab.comparison.metrics import format_row, measure
from vi_lab.comparison.reference import REFERENCE_DRAWS, Reference
from vi_lab.comparison.verdict import verdict
from vi_lab.problems.methods import BUDGETS, METHODS, exact_draws
from vi_lab.results import Cost

GAUSSIAN = CorrelatedGaussian(mean=(1.0, -2.0), cov=[[4.0, 1.0], [1.0, 1.0]])
MODULE = sys.modules["vi_lab.comparison.jobs"]
FAST = ["exact", "cavi"]
NAMES = ["exact", "exact-draws", "metropolis-hastings", "gibbs", "cavi"]
HERE = [*NAMES, "linear-response", "gaussian-full-rank"]  # of two blocks without labels


def timeless(comparison):
    """The rows without the one number that changes from run to run."""
    return [{k: v for k, v in asdict(row).items() if k != "seconds"} for row in comparison.rows]


def fake_draws(values, model=GAUSSIAN):
    chains = next(iter(values.values())).shape[0]
    return Draws(
        model=model,
        method="fake",
        values=values,
        acceptance_rate=np.ones(chains),
        cost=Cost(12, 34),
        seconds=0.5,
    )


def measured(result, model=GAUSSIAN):
    truth = Reference(model, np.random.default_rng(0))
    return measure("p", "m", result, truth, np.random.default_rng(1))


@pytest.fixture(scope="module")
def two():
    """Every method on two problems."""
    return compare(["newcomb", "correlated"], rng=5)


# The measures, by hand


def test_a_factorised_q_is_measured_by_its_moments():
    """Means 0.5 and 0.25 true sds off, sds 3/2 and 1/2 of the truth, KL and W1 by hand."""
    q = Factorised(
        GAUSSIAN,
        z0=MultivariateNormal.of(mean=[2.0], cov=[[9.0]]),
        z1=MultivariateNormal.of(mean=[-2.25], cov=[[0.25]]),
    )
    row = measured(q)
    assert row.mean_error == pytest.approx(0.5)
    assert row.sd_ratio_min == pytest.approx(0.5)
    assert row.sd_ratio_max == pytest.approx(1.5)
    # KL of bivariate normals: S^-1 = [[1, -1], [-1, 4]] / 3, |S| = 3, d = (1, -1/4)
    kl = 0.5 * ((9 + 4 * 0.25) / 3 + (1 + 2 * 0.25 + 4 / 16) / 3 - 2 + np.log(3 / 2.25))
    assert row.gap == pytest.approx(kl, abs=1e-12)
    assert row.gap_error < 1e-9
    assert row.elbo == pytest.approx(-kl, abs=1e-12)
    # W1 of two normals is E|d + (s - s') Z|: for z0 in true sds d = 1/2, s - s' = 1/2
    d, s = 0.5, 0.5
    normal = np.random.default_rng(2).standard_normal(10**6)
    folded = np.abs(d + s * normal).mean()
    noise = np.sqrt((1.0 + 1.5**2) / REFERENCE_DRAWS)  # of the difference of the two means
    assert row.wasserstein == pytest.approx(folded, abs=5 * noise)
    assert (row.rhat, row.ess, row.mean_error_z, row.log_evidence) == (None,) * 4


def test_draws_are_measured_by_their_moments_and_their_own_noise():
    rng = np.random.default_rng(3)
    true = exact(GAUSSIAN).sample(4000, rng=rng)
    values = {name: value.reshape(4, 1000, 1) for name, value in true.items()}
    z0 = values["z0"]
    off = z0 - z0.mean() + 1.0 + 2.0 * 0.25  # exactly a quarter of its sd (2) too high
    row = measured(fake_draws({"z0": off, "z1": values["z1"] - values["z1"].mean() - 2.0}))
    assert row.mean_error == pytest.approx(0.25)
    # independent draws: the standard error of a mean is sd/sqrt(n)
    assert row.mean_error_z == pytest.approx(0.5 / (off.std() / np.sqrt(4000)), rel=0.05)
    assert row.sd_ratio_min == pytest.approx(min(off.std() / 2, values["z1"].std()))
    assert row.sd_ratio_max == pytest.approx(max(off.std() / 2, values["z1"].std()))
    assert row.wasserstein == pytest.approx(0.25, abs=0.03)  # a pure shift moves every quantile
    assert row.rhat == pytest.approx(1.0, abs=0.005)
    assert 3000 < row.ess < 5000
    assert (row.density_evaluations, row.complete_conditionals, row.seconds) == (12, 34, 0.5)
    assert (row.elbo, row.log_evidence, row.gap) == (None, None, None)


def test_the_truth_is_measured_as_the_truth():
    row = measured(exact(GAUSSIAN))
    assert (row.gap, row.mean_error, row.wasserstein) == (0.0, 0.0, 0.0)
    assert (row.sd_ratio_min, row.sd_ratio_max) == (1.0, 1.0)
    assert (row.log_evidence, row.elbo, row.mean_error_z) == (0.0, None, None)


def test_chains_that_never_moved_are_never_called_right():
    """No spread, so no standard error and no R-hat: the worst chain must not pass for the best."""
    stuck = {"z0": np.full((4, 100, 1), 5.0), "z1": np.full((4, 100, 1), -2.0)}
    row = measured(fake_draws(stuck))
    assert (row.rhat, row.ess) == (None, None)
    assert row.mean_error == 2.0
    assert row.mean_error_z == np.inf
    assert row.sd_ratio_min == 0.0
    assert "M never moved, and not from the truth" in verdict([replace(row, method="m")])
    apart = {"z0": np.repeat(np.arange(4.0), 100).reshape(4, 100, 1), "z1": stuck["z1"]}
    assert measured(fake_draws(apart)).rhat == np.inf


def test_a_latent_known_without_doubt_is_no_division_by_zero():
    """Two counts leave one place for the change: s is 1, with sd 0, in every answer."""
    comparison = compare(ChangePoint([3, 1], a=(2, 2), b=(1, 1)), rng=0)
    for row in comparison.rows:
        numbers = [row.sd_ratio_min, row.sd_ratio_max]
        assert np.isfinite(numbers).all()
        assert row.method == "linear-response" or np.isfinite(row.mean_error)
        assert row.method == "linear-response" or np.isfinite(row.wasserstein)
    assert "CAVI is exact here" in comparison.verdicts["ChangePoint"]
    assert "nan" not in comparison.text()


# What can be compared


def test_every_problem_every_method_one_row(two):
    assert [row.method for row in two.rows] == 2 * HERE
    assert NAMES == [m.name for m in METHODS if m.everywhere]
    assert all(row.applies and row.reason is None for row in two.rows)
    assert two.results["newcomb", "gibbs"].values["mu"].shape == (4, 2000)
    rows = {row.method: row for row in two.rows if row.problem == "newcomb"}
    budget = BUDGETS["quick"]
    # one density evaluation a step and chain, and one at the start; two conditionals a sweep
    assert rows["metropolis-hastings"].density_evaluations == 4 * (1 + budget.warmup + budget.draws)
    assert rows["metropolis-hastings"].complete_conditionals == 0
    assert rows["gibbs"].complete_conditionals == 4 * 2 * (budget.warmup // 2 + budget.draws)
    assert rows["gibbs"].density_evaluations == 0
    assert rows["cavi"].complete_conditionals == 2 * rows["cavi"].density_evaluations
    assert (rows["exact-draws"].density_evaluations, rows["exact"].seconds > 0) == (0, True)


def test_a_method_named_twice_is_run_once():
    rows = compare("coin", methods="exact,cavi,exact", rng=0).rows
    assert [row.method for row in rows] == FAST


def test_a_model_of_ones_own_is_known_by_its_class():
    model = NormalGamma([1.0, 2.0, 4.0], mu0=0, kappa0=1, a0=1, b0=1)
    (row, _) = compare(model, methods=FAST).rows
    assert row.problem == "NormalGamma"


def test_two_models_of_one_class_are_told_apart():
    models = [NormalGamma([1.0, 2.0, x], mu0=0, kappa0=1, a0=1, b0=1) for x in (3, 9)]
    comparison = compare(models, methods=FAST, rng=0)
    assert list(comparison.verdicts) == ["NormalGamma", "NormalGamma 2"]
    assert len(comparison.results) == 4


def test_a_density_alone_gets_reasons_a_learner_can_use():
    comparison = compare(DensityAlone(), rng=0)
    applies = {row.method: row.applies for row in comparison.rows}
    moved = {"metropolis-hastings": True, "gaussian-full-rank": True}
    assert applies == dict.fromkeys(NAMES, False) | moved
    reasons = {row.method: row.reason for row in comparison.rows}
    for name, label in (("gibbs", "Gibbs"), ("cavi", "CAVI")):
        assert reasons[name].startswith(f"{label} does not apply, because it needs each block's")
    assert "offers its log density alone" in reasons["exact"]
    for row in comparison.rows:
        numbers = list(asdict(row).values())[4:]  # behind problem, method, applies and reason
        assert (set(numbers) == {None}) == (not row.applies)
    moved = comparison.rows[2]
    assert moved.rhat < 1.05 and moved.mean_error is None
    assert comparison.verdicts["DensityAlone"].endswith(
        "Metropolis-Hastings cannot be judged, because no exact answer is known."
    )
    for method, reason in reasons.items():
        assert reason is None or f"{method}: {reason[:20]}" in comparison.text()


def test_a_model_without_a_truth_still_runs():
    comparison = compare(Unsolved(np.arange(5.0), mu0=0, kappa0=1, a0=1, b0=1), rng=0)
    rows = {row.method: row for row in comparison.rows}
    assert rows["exact"].reason == rows["exact-draws"].reason == "nobody has worked it out"
    assert rows["cavi"].elbo < 0 and rows["cavi"].gap is None
    assert {row.reference for row in comparison.rows if row.applies} == {"long run"}
    solved = NormalGamma(np.arange(5.0), mu0=0, kappa0=1, a0=1, b0=1)
    known = compare(solved, methods=["cavi"], rng=0).rows[0]  # the same model with its truth
    assert known.reference == "exact"
    assert rows["cavi"].sd_ratio_min == pytest.approx(known.sd_ratio_min, abs=0.03)
    assert rows["gibbs"].rhat < 1.01 and rows["gibbs"].wasserstein < 0.1
    (sentence,) = comparison.verdicts.values()
    assert "with no evidence to hold its ELBO against" in sentence
    assert "Metropolis-Hastings and Gibbs agree with a long Gibbs run" in sentence


async def awaited(row, result):
    """What never runs where nothing awaits it."""


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (dict(problem=[]), InputTypeError, "at least one problem"),
        (
            dict(problem=3),
            InputTypeError,
            "model: needs a vi_lab model or problem, or a problem's name, got 3",
        ),
        (dict(methods=[]), InputTypeError, "methods: needs names of rows"),
        (dict(methods=3), InputTypeError, "methods: needs names of rows"),
        (dict(on_row=3), InputTypeError, "on_row: needs a function of (row, result), got 3"),
        (dict(on_row=lambda row: None), InputTypeError, ">: too many positional arguments"),
        (dict(on_row=[].append), InputTypeError, ">: too many positional arguments"),
        (dict(on_row=lambda row, q, *, to: None), InputTypeError, ">: missing a required"),
        (dict(on_row=awaited), InputTypeError, "runs as it is called, and is not awaited"),
    ],
)
def test_bad_input_is_named(arguments, error, message):
    with pytest.raises(error) as caught:
        compare(**{"problem": "coal", **arguments})
    assert message in str(caught.value)


# Reals that can be had again


def test_the_same_seed_gives_the_same_numbers_whatever_else_is_run(two):
    again = compare(["correlated"], methods=["cavi", "gibbs"], rng=5)
    cavi, gibbs = (
        row
        for name in ("cavi", "gibbs")
        for row in timeless(two)
        if (row["problem"], row["method"]) == ("correlated", name)
    )
    assert timeless(again) == [cavi, gibbs]
    other = compare(["correlated"], methods=["cavi", "gibbs"], rng=6)
    assert timeless(other)[1] != gibbs


def test_seeds_of_every_kind_are_repeatable():
    def run(rng):
        return timeless(compare("newcomb", methods=["exact-draws"], rng=rng))

    for make in (np.random.default_rng, np.random.SeedSequence):
        assert run(make(5)) == run(make(5))
        assert run(make(5)) != run(make(6))
    assert run(np.int64(5)) == run(5)
    assert compare("newcomb", methods="exact", rng=np.int64(5)).seed == 5
    for given in (None, np.random.default_rng(5)):  # the seed it drew is kept, and repeats it
        drawn = compare("newcomb", methods="exact-draws", rng=given)
        assert timeless(drawn) == run(drawn.seed)


def test_a_generator_moves_on_from_call_to_call():
    generator = np.random.default_rng(5)
    first, second = (
        timeless(compare("newcomb", methods="exact-draws", rng=generator)) for _ in range(2)
    )
    assert first != second


# Cut short


def with_gibbs(monkeypatch, error):
    def broken(model, budget, rng):
        raise error

    methods = [replace(m, run=broken) if m.name == "gibbs" else m for m in METHODS]
    monkeypatch.setattr(MODULE, "METHODS", tuple(methods))


def test_ctrl_c_keeps_the_rows_that_are_finished(monkeypatch):
    with_gibbs(monkeypatch, KeyboardInterrupt)
    seen = []
    comparison = compare("newcomb", rng=0, on_row=lambda row, result: seen.append(row.method))
    assert comparison.interrupted
    assert [row.method for row in comparison.rows] == seen == NAMES[:3]
    assert list(comparison.results) == [("newcomb", name) for name in NAMES[:3]]
    assert "Metropolis-Hastings agrees" in comparison.verdicts["newcomb"]
    assert json.loads(comparison.to_json())["interrupted"] is True
    assert "(cut short)" in repr(comparison)


def test_on_row_computes_as_its_writer_does_and_what_it_raises_is_its_own():
    found = []

    def look(row, result):
        with np.errstate(divide="ignore"):
            found.append(np.log(0.0) * np.float64(1e300))
        if np.float64(1e300) * 1e300 == np.inf:  # would warn, and never be an error of vi_lab's
            raise LookupError(row.method)

    with pytest.raises(LookupError, match="exact"), pytest.warns(RuntimeWarning, match="overflow"):
        compare("newcomb", methods=["exact"], rng=0, on_row=look)
    assert found == [-np.inf]
    compare("newcomb", methods=["exact"], rng=0, on_row=print)  # of any number of arguments


def test_what_is_finished_is_kept_where_on_row_itself_cuts_it_short():
    def stop(row, result):
        raise KeyboardInterrupt

    comparison = compare("newcomb", rng=0, on_row=stop)
    assert comparison.interrupted and [row.method for row in comparison.rows] == NAMES[:1]
    assert list(comparison.results) == [("newcomb", NAMES[0])]


def test_ctrl_c_before_the_first_row_leaves_an_empty_comparison(monkeypatch):
    def interrupted(model, rng):
        raise KeyboardInterrupt

    monkeypatch.setattr(MODULE, "Reference", interrupted)
    comparison = compare("newcomb")
    assert comparison.rows == ()
    assert comparison.text() == ""
    assert list(csv.DictReader(io.StringIO(comparison.to_csv()))) == []


def test_a_method_that_breaks_down_costs_no_other_its_row(monkeypatch):
    with_gibbs(monkeypatch, vi_lab.NumericalError("block 'mu': overflow"))
    comparison = compare("newcomb", rng=0)
    rows = {row.method: row for row in comparison.rows}
    assert list(rows) == HERE
    assert rows["gibbs"].applies and rows["gibbs"].reason == "broke down: block 'mu': overflow"
    assert rows["gibbs"].mean_error is None and rows["cavi"].elbo is not None
    assert comparison.verdicts["newcomb"].endswith("; Gibbs broke down.")
    assert "gibbs: broke down: block 'mu': overflow" in comparison.text()
    assert "broke down" in call("compare", "newcomb", code=1)[0]


def test_any_other_error_is_not_swallowed(monkeypatch):
    with_gibbs(monkeypatch, ZeroDivisionError("a mistake in the code"))
    with pytest.raises(ZeroDivisionError):
        compare("newcomb", methods="gibbs")


# What it prints


def test_json_csv_and_table_agree():
    comparison = compare(["newcomb", DensityAlone()], rng=0)
    document = json.loads(comparison.to_json(), parse_constant=pytest.fail)
    keys = ["rows", "verdicts", "problems", "budget", "seed", "interrupted", "provenance"]
    assert list(document) == keys
    assert (document["budget"], document["seed"], document["interrupted"]) == ("quick", 0, False)
    assert document["verdicts"] == dict(comparison.verdicts)
    rows = list(csv.DictReader(io.StringIO(comparison.to_csv())))
    assert len(rows) == len(document["rows"]) == len(comparison.table()) == 13
    for written, row in zip(rows, document["rows"], strict=True):
        assert list(written) == list(row) == list(COLUMNS)
        for key, value in row.items():
            assert written[key] == ("" if value is None else str(value))
    table = comparison.table("newcomb")
    assert [r["method"] for r in table] == HERE
    assert table[0]["log p(x) or ELBO"] == f"{comparison.rows[0].log_evidence:.6f}"
    html = comparison._repr_html_()
    assert html.count("<table>") == 2
    assert "exact (does not apply)" in html


@pytest.mark.parametrize(
    ("gap", "error", "seen"),
    [
        (None, None, None),
        (0.0, 0.0, "0"),
        (0.0704383, 3e-10, "0.0704 ± 3e-10"),
        (-1.1e-12, 7e-10, "0 ± 7e-10"),
        (-0.1, 7e-10, "-0.1 ± 7e-10"),
    ],
)
def test_a_gap_is_shown_with_its_error_and_rounding_is_none(gap, error, seen):
    assert format_row(row(gap=gap, gap_error=error))["gap, nats"] == seen


def test_the_text_fits_a_screen(two):
    lines = two.text().splitlines()
    assert max(map(len, lines)) <= 120
    bullets = {line.split()[1] for line in lines if line.startswith("- ")}
    assert bullets == {"Metropolis-Hastings", "Gibbs", "CAVI", "Linear", "The"}


# The sentence


def row(method="cavi", applies=True, **numbers):
    return Row("p", method, applies, **numbers)


def wide(z, low, high):
    return replace(draws("gibbs", z), sd_ratio_min=low, sd_ratio_max=high)


def bound(gap, mean_error=0.0, low=1.0, high=1.0):
    more = dict(elbo=-10.0, gap_error=1e-12, sd_ratio_min=low, sd_ratio_max=high)
    return row(gap=gap, mean_error=mean_error, **more)


def draws(method, z, rhat=1.001, reference="exact"):
    return row(method, mean_error_z=z, rhat=rhat, mean_error=0.01, reference=reference)


SHORT = "CAVI falls 0.5 nats short of log p(x)"
UNKNOWN = "CAVI reaches {} nats, with no evidence to hold its ELBO against"
NOISE = "within Monte Carlo noise (worst mean {} standard errors away)"
UNJUDGED = "Gibbs cannot be judged, because no exact answer is known"


@table(
    ("rows", "sentence"),
    [
        ([], "Nothing was run"),
        ([row("exact", log_evidence=-1.0, gap=0.0)], "Only the truth was asked for"),
        ([draws("exact-draws", 9.0)], "Only the truth was asked for"),
        ([bound(5e-13)], "CAVI is exact here: its bound meets log p(x)"),
        (
            [bound(0.5, 0.001, 0.6, 0.9)],
            f"{SHORT}: its means are right, it claims as little as 0.60 of the true sd",
        ),
        (
            [bound(0.5, 0.25, 0.999, 1.5)],
            f"{SHORT}: its means are off by up to 0.25 sd, it claims up to 1.50 times the true sd",
        ),
        (
            [bound(0.5, 0.0, 0.5, 1.5)],
            f"{SHORT}: its means are right, its sds are 0.50 to 1.50 of the truth",
        ),
        ([bound(0.5, 0.0, 0.999, 1.001)], f"{SHORT}: its means are right, its sds too"),
        ([bound(-0.1)], "CAVI claims 0.1 nats more than log p(x), as no bound can: a mistake"),
        ([row(elbo=-10.0)], UNKNOWN.format("-10.000")),
        (
            [row(elbo=-10.0, mean_error=0.0, sd_ratio_min=0.5, sd_ratio_max=0.9)],
            f"{UNKNOWN.format('-10.000')}: its means are right, it claims as little as 0.50 of the "
            "true sd",
        ),
        ([bound(0.5, 0.1, None, None)], f"{SHORT}: its means are off by up to 0.1 sd"),
        ([draws("gibbs", 2.0)], f"Gibbs agrees with the truth {NOISE.format('2.0')}"),
        (
            [draws("metropolis-hastings", 1.0), draws("gibbs", 3.0)],
            f"Metropolis-Hastings and Gibbs agree with the truth {NOISE.format('3.0')}",
        ),
        (
            [draws("gibbs", 2.0, reference="long run")],
            f"Gibbs agrees with a long Gibbs run {NOISE.format('2.0')}",
        ),
        (
            [row("linear-response", applies=False), row("gibbs", applies=False)],
            "Linear-Response and Gibbs do not apply here: there is nothing to judge",
        ),
        (
            [row("exact", gap=0.0), row("linear-response", applies=False)],
            "Only the truth was measured: Linear-Response does not apply here",
        ),
        ([bound(123.4, None)], "CAVI falls 123 nats short of log p(x)"),
        ([bound(1.0, None)], "CAVI falls 1 nat short of log p(x)"),
        ([row("cavi", reason="broke down: overflow")], "CAVI broke down"),
        (
            [wide(1.0, 0.043, 7.491)],
            "The means of Gibbs are within 1.0 standard errors of the truth, its sds 0.043 to 7.49 "
            "of it",
        ),
        (
            [draws("gibbs", 9.0, np.inf)],
            "Gibbs has chains that never moved, each at another place: running it longer may never "
            "help",
        ),
        ([draws("gibbs", 1.0, 1.2)], "Gibbs has not mixed (R-hat 1.2): run it longer"),
        ([draws("gibbs", 7.0)], "Gibbs is 7.0 standard errors off the truth"),
        (
            [draws("gibbs", 7.0), draws("hmc", 9.0)],
            "Gibbs is 7.0 standard errors off the truth; Hamiltonian Monte Carlo is 9.0 standard "
            "errors off the truth",
        ),
        ([draws("gibbs", np.inf, None)], "Gibbs never moved, and not from the truth"),
        ([row("gibbs", rhat=1.0)], UNJUDGED),
        (
            [
                row("gibbs", rhat=1.171, ess=18.7, held_out=-2.75),
                row("cavi", elbo=-9.5, held_out=-2.5),
            ],
            f"{UNKNOWN.format('-9.500')}; {UNJUDGED}; Gibbs has not mixed (R-hat 1.171, ESS 19); "
            "words held out have, in nats a word, CAVI -2.5000, Gibbs -2.7500",
        ),
        (
            [bound(5e-13), draws("metropolis-hastings", 6.0), draws("gibbs", 1.0)],
            "CAVI is exact here: its bound meets log p(x); Gibbs agrees with the truth "
            f"{NOISE.format('1.0')}; Metropolis-Hastings is 6.0 standard errors off the truth",
        ),
    ],
)
def test_the_verdict_says_what_the_numbers_say(rows, sentence):
    assert verdict(rows) == f"{sentence}."


def test_what_was_cut_short_is_not_what_was_asked_for():
    truth = [row("exact", log_evidence=-1.0, gap=0.0)]
    assert verdict(truth, interrupted=True) == (
        "Only the truth was finished before the run was cut short."
    )


def test_chains_that_stay_where_they_start_are_counted_and_told_why():
    """Of one and of two samplers; what agrees with the truth is asked for no reason."""
    bad = [draws("gibbs", 7.0), draws("hmc", 9.0)]
    sentence = "where each chain starts: of a lock."
    assert verdict(bad[:1], reducible=lambda: "of a lock") == f"Gibbs stays {sentence}"
    both = "Gibbs and Hamiltonian Monte Carlo stay"
    assert verdict(bad, reducible=lambda: "of a lock") == f"{both} {sentence}"
    assert verdict(bad[:1], reducible=lambda: None).endswith("off the truth.")
    verdict([draws("gibbs", 1.0)], reducible=pytest.fail)


def test_zeros_that_lock_a_network_are_named_and_not_waited_for():
    comparison = compare(problem("asia", joined=False), methods="gibbs", rng=0)
    (sentence,) = comparison.verdicts.values()
    assert "2 classes" in sentence and "join the blocks" in sentence
    assert "longer" not in sentence
    assert comparison.rows[0].rhat == np.inf
    assert comparison.table()[0]["R-hat"] == "inf"
    document = json.loads(comparison.to_json(), parse_constant=pytest.fail)
    (written,) = csv.DictReader(io.StringIO(comparison.to_csv()))
    assert document["rows"][0]["rhat"] == written["rhat"] == "inf"
    assert problem("asia").model.why_reducible() is None


def test_linear_response_has_no_means_of_its_own():
    response, means = compare("ising", methods=["linear-response", "cavi"], rng=0).rows
    assert response.mean_error is None and means.mean_error > 1
    assert response.sd_ratio_min > means.sd_ratio_min


def test_an_infinite_sd_is_no_unit():
    """One datum and a0 = 0.3: mu is Student's t with 1.6 degrees of freedom, its sd infinite."""
    model = NormalGamma([1.0], mu0=0, kappa0=1, a0=0.3, b0=1)
    comparison = compare(model, methods=["cavi", "gibbs"], rng=0)
    assert exact(model).sd("mu") == np.inf
    for found in comparison.rows:
        assert found.sd_ratio_min > 0.5 and np.isfinite(found.wasserstein)
    assert "as little as 0.00" not in comparison.text()


def test_the_exact_draws_are_as_many_as_the_samplers_keep():
    sampled = exact_draws(problem("coal").model, BUDGETS["quick"], np.random.default_rng(0))
    assert sampled.values["s"].shape == (4, 2000)
    assert sampled.values["rates"].shape == (4, 2000, 2)
    assert sampled.method == "exact draws"


@pytest.mark.parametrize(
    "several",
    [
        *((name for name in ("coal",)), {"coal"}, {"a": "coal"}.values(), {"a": "coal"}.items()),
        *(np.array(["coal"]), pd.Series(["coal"]), range(1), b"coal"),
    ],
)
def test_what_has_no_order_is_told_that_a_list_is_meant(several):
    with pytest.raises(InputTypeError, match="problem: needs one problem, or a list of them, got"):
        compare(several)
