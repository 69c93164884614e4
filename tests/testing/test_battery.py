"""The battery passes on every model of the contract, applies what applies, and adds up."""

import warnings

import numpy as np
import pytest

import vi_lab
from tests.contract.models import MODELS
from tests.negative_controls import planted
from tests.planted import controls
from tests.testing.examples import CHEAP, pick
from tests.thinning import mostly_slow
from vi_lab import PPCA, ConvergenceWarning, InputError, NormalGamma, NotApplicable
from vi_lab.testing import (
    MetropolisSteps,
    battery,
    cavi_draws,
    false_alarms,
    joint_of,
    joint_test,
    of_models,
    rank_test,
    repeated,
    standard_battery,
    vsbc,
)
from vi_lab.testing.__main__ import main as command
from vi_lab.testing.report import PointReport, report_distances

SMALL = NormalGamma([1.0, 2.0], mu0=0.0, kappa0=0.5, a0=3.0, b0=2.0)


@pytest.fixture
def few_draws(monkeypatch):
    """Where no mistake is to be found: that a right one passes costs an eighth."""
    monkeypatch.setattr(standard_battery, "DRAWS", standard_battery.DRAWS // 8)
    monkeypatch.setattr(standard_battery, "RUNS", standard_battery.RUNS // 16)


def test_what_applies_to_a_density(few_draws):
    """No data to draw: what is left is held against the known posterior."""
    reports = battery(vi_lab.problem("correlated"), rng=0)
    assert [report.test for report in reports] == [
        "agreement of Gibbs",
        "agreement of Metropolis-Hastings",
        "agreement of HMC",
        "short runs of HMC",
        "derivative of the log density",
        "CAVI's bound never falls",
        "ledger of CAVI's q",
        "ledger of a random q",
        "agreement of the draws of Laplace's q",
        "agreement of the log density of Laplace's q",
        "ledger of Laplace's q",
        "agreement of the draws of Gaussian VI's q",
        "agreement of the log density of Gaussian VI's q",
        "ledger of Gaussian VI's q",
        "mode of Laplace",
        "bound of Gaussian VI",
    ]
    assert all(report.passed for report in reports)
    assert reports.left_out == {
        "rank, joint-distribution and chains tests, and calibration": "the model has no prior "
        "to draw from (`generative` is False)"
    }
    assert repr(reports).endswith("(`generative` is False)>")
    with pytest.raises(TypeError, match="cannot be changed"):
        reports.left_out["nothing"] = ""
    with pytest.raises(NotApplicable, match="CorrelatedGaussian has no data to draw"):
        joint_of(vi_lab.problem("correlated"))


def test_gibbs_runs_back_over_the_blocks_in_their_opposite_order():
    """And a kernel that is its own reversal has none besides."""
    run, back, pair = standard_battery._gibbs(np.random.default_rng(0))
    assert (run, back, pair) == (of_models.gibbs_steps, of_models.gibbs_steps_back,
                                 of_models.gibbs_pair)  # fmt: skip
    assert standard_battery._metropolis(SMALL, np.random.default_rng(0)).back is None
    assert standard_battery._hamiltonian(SMALL, np.random.default_rng(0)).back is None


def test_of_a_long_block_the_first_the_middle_and_the_last_are_looked_at():
    model = vi_lab.problem("eight-schools").model
    found = of_models.look_at(model.sample_latents(np.random.default_rng(0), (4,)), 4, model)
    looked = {name for name in found if name.startswith("theta")}
    assert looked == {"theta[0]", "theta[4]", "theta[7]"} and "mu" in found
    assert {np.shape(values) for values in found.values()} == {(4,)}


def test_latents_that_hang_on_the_data_have_no_joint_to_draw():
    model = MODELS["topics"].model
    with pytest.raises(NotApplicable, match="latents whose shape hangs on its data"):
        joint_of(model)


@pytest.mark.slow
def test_without_a_joint_the_rest_of_the_battery_is_run(short_chains):
    assert all(report.passed for report in battery(MODELS["topics"].model, rng=0))


@pytest.mark.slow
def test_the_command_runs_it_on_named_problems(capsys, short_chains):
    assert command(["coin", "--replicates", "24", "--seed", "1"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("coin ") == 27 and "0 failed, 24 replicates, seed 1" in printed
    assert "fails in 9.5e-08 of all runs" in printed  # nineteen reports with chance in them


@pytest.mark.parametrize("wrong", [False, True])
def test_the_command_fails_where_a_report_does(wrong, capsys, monkeypatch, few_draws):
    coin = vi_lab.problem("coin")
    if wrong:
        monkeypatch.setattr(coin.model, "log_joint", lambda stats: 0.0)
    monkeypatch.setattr("vi_lab.testing.__main__.problem", lambda name: coin)
    few = pick(standard_battery.list_tests(coin.model, 8))
    monkeypatch.setattr("vi_lab.testing.__main__.list_tests", lambda model, replicates: few)
    assert command(["coin", "--replicates", "8", "--seed", "1"]) == wrong
    printed = capsys.readouterr().out
    assert printed.count("coin ") == len(CHEAP) and printed.count("FAILED") == 2 * wrong
    assert f"{len(CHEAP)} reports, {2 * wrong} failed, 8 replicates, seed 1, " in printed
    assert "fails in 2.0e-08 of all runs" in printed  # a ledger has no chance in it


@pytest.mark.parametrize(
    ("passed", "stopped", "code"),
    [([True, None], False, 0), ([True, None, False, False], False, 1), ([False, None], True, 130)],
)
def test_the_command_counts_what_failed_and_not_what_was_not_judged(
    passed, stopped, code, capsys, monkeypatch
):
    """And ends as Ctrl-C does, after what was finished."""
    module = "vi_lab.testing.__main__"

    def run(function, tasks, workers, done):
        for number, each in reversed(list(enumerate(passed))):
            report = PointReport(f"test {number}", each, 0.25, 0.5, "", 1e-9, (), {}, "")
            monkeypatch.setattr(f"{module}.run_test", lambda *_, report=report: report)
            done(number, function(*tasks[number]))
        if stopped:
            raise KeyboardInterrupt

    monkeypatch.setattr(f"{module}.run_jobs", run)
    assert command(["coin", "--replicates", "8", "--seed", "1"]) == code
    printed = capsys.readouterr().out
    assert f"\n{len(passed)} reports, {passed.count(False)} failed, 8 replicates" in printed
    assert f"fails in {len(passed) * 1e-9:.1e} of all runs" in printed
    words = {True: "passed", None: "not judged", False: "FAILED"}
    lines = [line for line in printed.splitlines() if line.startswith("coin ")]
    for number, (line, each) in enumerate(zip(lines, passed, strict=True)):
        assert f" test {number} " in line and words[each] in line
        assert line.split()[-3:-1] == ["0.25", "0.5"]


@pytest.mark.parametrize("arguments", [["coins"], ["coin", "--replicates", "0"]])
def test_the_command_names_a_bad_argument(arguments, capsys):
    assert command(arguments) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_a_method_that_breaks_down_fails(short_chains):
    with planted(controls.CONTROLS["the prior of the precision forgotten"]):
        test = standard_battery.list_tests(controls.normal_gamma(), 8)["CAVI's bound"]
        bound = standard_battery.run_test("CAVI's bound", test, np.random.default_rng(0))
    assert bound.passed is False and "It broke down" in bound.sentence
    assert "coordinate ascent cannot lower it" in bound.sentence
    assert bound.plot() is not None


def test_one_block_is_exact():
    """CAVI of a single block is the posterior: its calibration is judged, and uniform."""
    rows = np.array([[1.0, 0.2, -0.4], [0.3, 1.1, 0.6]])
    loadings = np.array([[1.0, 0.4], [0.2, -0.8], [0.5, 0.3]])
    model = PPCA(rows, loadings, 0.0, 0.5, blocks="joint")
    report = vsbc(joint_of(model), cavi_draws, exact=True, replicates=200)
    assert report.passed, report


def test_the_coin_is_exact():
    report = vsbc(joint_of(vi_lab.problem("coin")), cavi_draws, exact=True, replicates=200)
    assert report.passed, report


def test_mean_field_of_correlated_rows_is_too_narrow():
    rows, loadings = np.zeros((2, 2)), np.array([[1.0, 0.6], [0.6, 1.0]])
    model = PPCA(rows, loadings, 0.0, 0.1)
    report = vsbc(joint_of(model), cavi_draws, replicates=60, rng=0)
    margins = [row for row in report.rows if row["quantity"].startswith("z.")]
    assert len(margins) == 4 and all("too narrow" in row["q is"] for row in margins)
    assert report.passed is None


def test_the_metropolis_proposal_is_tuned():
    steps = MetropolisSteps.tuned(SMALL, rng=0)
    assert steps.cholesky.shape == (2, 2) and (np.diag(steps.cholesky) > 0).all()


@pytest.mark.parametrize(("every", "judged"), mostly_slow([(False, 3), (True, 18)], rows=True))
def test_the_sum_of_false_alarms_and_the_same_seed_gives_the_same_reports(
    every, judged, few_draws, monkeypatch
):
    tests = standard_battery.list_tests(SMALL, 8)
    tests = tests if every else pick(tests)
    monkeypatch.setattr(standard_battery, "list_tests", lambda model, replicates: tests)
    reports = battery(SMALL, replicates=8, rng=0)
    assert not [report for report in reports if report.passed is False]
    # neither the calibration of CAVI nor a ledger has any
    assert false_alarms(reports) == pytest.approx(judged * 5e-9)
    streams = dict(zip(tests, np.random.default_rng(0).spawn(len(tests)), strict=True))
    found = dict(zip(tests, reports, strict=True))
    for name, test in pick(tests).items():
        again = standard_battery.run_test(name, test, streams[name])
        assert str(again) == str(found[name]) and again.statistic == found[name].statistic


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_right_models_pass_with_a_fresh_seed(name):
    """About a thousand times rarer than the hard disk: a false alarm here is a finding."""
    failed = [r for r in battery(MODELS[name].model, replicates=400) if r.passed is False]
    assert not failed, failed


def test_what_a_central_limit_theorem_does_not_carry_is_not_judged(few_draws):
    """mu is Student t with 2.4 degrees of freedom: its variance has no Monte Carlo error."""
    model = NormalGamma([3.0, 4.0], 0.0, 1.0, 0.2, 1.0)
    names = [f"agreement of {sampler}" for sampler in ("Gibbs", "Metropolis-Hastings")]
    tests = pick(standard_battery.list_tests(model, 8), [*names, "rank test of Gibbs"])
    reports = [
        standard_battery.run_test(name, test, np.random.default_rng(1))
        for name, test in tests.items()
    ]
    assert [report.passed for report in reports] == [True, None, None]
    assert false_alarms(reports) == pytest.approx(5e-9)


def test_too_few_replicates_could_find_nobody_out():
    """A sampler that always gives the same number would pass."""

    def stuck(rng, theta, data):
        return {"mu": np.array(1e6), "tau": np.array(1.0)}

    joint = joint_of(SMALL)
    for test in (rank_test, joint_test):
        with pytest.raises(InputError, match=r"replicates: needs at least [12][0-9] for a rate"):
            test(joint, repeated(stuck), replicates=10, rng=0)
        assert test(joint, repeated(stuck), replicates=40, rng=0).passed is False


def test_fits_that_did_not_converge_are_counted(monkeypatch):
    def slow(rng):
        warnings.warn(ConvergenceWarning("not yet"), stacklevel=1)
        return report_distances("a test", {"mu": 0.1}, {}, 0.2, 0.0, "right", "wrong")

    report = standard_battery.run_test("a test", slow, np.random.default_rng(0))
    assert report.passed and report.sentence.endswith(" 1 fit had not converged.")

    def noisy(rng):
        warnings.warn("a thing of its own", UserWarning, stacklevel=1)
        for _ in range(3):
            warnings.warn("stopped", ConvergenceWarning, stacklevel=1)
        return report

    with pytest.warns(UserWarning, match="a thing of its own") as told:
        found = standard_battery.run_test("a test", noisy, np.random.default_rng(0))
    assert found.sentence == f"{report.sentence} 3 fits had not converged." and len(told) == 1
