"""Each column of a comparison, of an audit and of seeds, from fixed draws and a fixed truth.

What is expected is worked out here, coordinate by coordinate, from the definitions in `Row`.
"""

from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

import vi_lab
from tests.users import Unsolved
from vi_lab import InputError, gibbs
from vi_lab.comparison import audit, metrics, reference, seeds, verdict
from vi_lab.comparison.claims import Claim
from vi_lab.comparison.reference import Reference, estimate_errors
from vi_lab.comparison.row import Row, judge_gap
from vi_lab.identity import identity_check
from vi_lab.identity.identity_check import check
from vi_lab.numerics.agreement import CANNOT_BE_TOLD
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import Cost, Draws, diagnostics


def known(mean, sd, draws, error=None, sd_error=None):
    """A reference whose one summary, a, has these moments (P,) and draws (draws, P)."""
    made = object.__new__(Reference)
    made.source, made.exact, made.evidence, made.lost_digits, made.rhat = "exact", *[None] * 4
    zeros = np.zeros(len(mean))
    made.mean, made.sd, made.draws = {"a": mean}, {"a": sd}, {"a": draws}
    made.error = {"a": zeros if error is None else error}
    made.sd_error = {"a": zeros if sd_error is None else sd_error}
    return made


MEAN, SD = np.array([1.0, -2.0, 0.0]), np.array([0.5, 4.0, 1.0])
ERROR = np.array([0.01, 0.3, 0.0])
RNG = np.random.default_rng(0)
TRUE_DRAWS = MEAN + SD * RNG.standard_normal((300, 3))
CHAINS = MEAN + SD * (0.2 + [1.5, 0.5, 1.1] * RNG.standard_normal((2, 200, 3)))


def test_every_column_of_draws():
    result = Draws(
        None, "gibbs", {"a": CHAINS}, np.ones(2), Cost(), 0.1, nominal={}, auxiliary=()
    )  # fmt: skip
    truth = known(MEAN, SD, TRUE_DRAWS, error=ERROR)
    found = metrics._compare(result, truth, RNG, {"a": CHAINS})
    flat = CHAINS.reshape(400, 3)
    off, noise, apart = [], [], []
    for i in range(3):
        off.append(abs(flat[:, i].mean() - MEAN[i]))
        noise.append((diagnostics.mcse(CHAINS[..., i]) ** 2 + ERROR[i] ** 2) ** 0.5)
        apart.append(stats.wasserstein_distance(flat[:, i], TRUE_DRAWS[:, i]))
    ratios = flat.std(0) / SD
    assert found == pytest.approx({
        "mean_error": max(np.array(off) / SD), "mean_error_z": max(np.array(off) / noise),
        "wasserstein": max(np.array(apart) / SD),
        "sd_ratio_min": min(ratios), "sd_ratio_max": max(ratios),
    })  # fmt: skip
    worst = metrics._diagnose({"a": CHAINS, "b": CHAINS[..., :1] ** 3})
    every = [*(CHAINS[..., i] for i in range(3)), CHAINS[..., 0] ** 3]
    assert worst["rhat"] == max(diagnostics.rhat(chain) for chain in every)
    assert worst["ess"] == min(diagnostics.ess(chain) for chain in every)


def test_an_sd_of_0_is_a_unit_where_it_is_known_in_closed_form_alone(monkeypatch):
    """Draws that never varied do not say that nothing else is possible, a posterior of one point
    does; standard errors have a unit in either case."""
    truth = known(MEAN, SD * [1.0, 1.0, 0.0], TRUE_DRAWS * [1.0, 1.0, 0.0])
    result = Draws(
        None, "gibbs", {"a": CHAINS}, np.ones(2), Cost(), 0.1, nominal={}, auxiliary=()
    )  # fmt: skip
    found = metrics._compare(result, truth, RNG, {"a": CHAINS})
    two = known(MEAN[:2], SD[:2], TRUE_DRAWS[:, :2])
    alone = metrics._compare(result, two, RNG, {"a": CHAINS[..., :2]})
    for column in ("mean_error", "wasserstein"):
        assert found[column] == alone[column] < np.inf
    third = CHAINS[..., 2]
    assert found["mean_error_z"] >= abs(third.mean()) / diagnostics.mcse(third)
    monkeypatch.setattr(
        metrics, "find_moments", lambda asked, *_: (MEAN, SD) if asked is True else None
    )
    truth.exact = True
    certain = metrics._compare(result, truth, RNG, {"a": CHAINS})
    assert certain["mean_error"] == certain["wasserstein"] == np.inf


def test_an_sd_that_hangs_on_a_few_draws_is_worth_no_ratio():
    """One draw in a hundred or fewer is elsewhere; of one in fifty there is a ratio."""
    for elsewhere, columns in ((2, set()), (6, {"sd_ratio_min", "sd_ratio_max"})):
        draws = np.zeros((300, 1))
        draws[:elsewhere] = 1.0
        truth = known(draws.mean(0), draws.std(0), draws)
        assert truth.varies["a"] == bool(columns)
        response = SimpleNamespace(names=("a",), mean=lambda _: [0.0], sd=lambda _: [0.1])
        assert metrics._compare_sds(response, truth).keys() == columns


def test_the_error_of_a_gap_and_what_each_datum_is_allowed():
    """Quadrature is allowed 1e-5 nats, for each row that is integrated by itself."""
    numbers = {"log p(x)": Estimate(-3.0, 0.2, "Monte Carlo"), "the ELBO": Estimate(-4.0, 0.1, "")}
    found = metrics._compare_bound(9.0, numbers, SimpleNamespace(independent_rows=None))
    assert found["gap"] == 9.0 and found["gap_verdict"] == "differs"
    assert found["gap_error"] == pytest.approx(5 * 0.2 + 0.1, rel=1e-6)
    for rows, error, word in ((None, 0.9e-5, "agrees"), (None, 1.1e-5, "cannot be told"),
                              (2, 1.9e-5, "agrees"), (2, 2.1e-5, "cannot be told")):  # fmt: skip
        numbers = {"log p(x)": Estimate(-3.0, error, "quadrature")}
        found = metrics._compare_bound(0.0, numbers, SimpleNamespace(independent_rows=rows))
        assert found["gap_verdict"] == word and ("lost_digits" in found) == (word != "agrees")


def test_the_ledger_of_a_row(monkeypatch):
    """KL 0.5 ± 0.07 beside log p(x) = -3 and an ELBO of -3.5: it holds; beside -4 it does not."""
    monkeypatch.setattr(metrics, "kl_estimate", lambda q, truth: Estimate(0.5, 0.07, "Monte Carlo"))
    truth = known(MEAN, SD, TRUE_DRAWS)
    truth.evidence, truth.exact = Estimate(-3.0, 0.0, "closed form"), "the posterior"
    q = SimpleNamespace(model=None)
    for bound, holds in ((-3.5, True), (-4.0, False)):
        found = metrics._keep_ledger(q, truth, Estimate(bound, 0.0, "closed form"))
        assert found == {"kl": 0.5, "kl_error": 0.07, "holds": holds}


def test_the_row_of_an_estimate():
    found = SimpleNamespace(
        value=-5.0, error=0.25, evaluations=70, seconds=1.5, off=0.5, misses=False,
        truth=Estimate(-5.5, 0.125, "quadrature"), notes=(), khat=None,
    )  # fmt: skip
    row = metrics.measure_estimate("coin", "evidence-prior", found)
    assert (row.log_evidence, row.gap, row.gap_error) == (-5.0, -0.5, 0.375)
    assert (row.gap_verdict, row.density_evaluations, row.seconds) == ("agrees", 70, 1.5)


def test_every_column_of_an_audit():
    """Right is within RIGHT of an sd and NOISE standard errors, of the claim and of the truth."""
    truth = known(MEAN, SD, TRUE_DRAWS, error=ERROR, sd_error=2.0 * ERROR)
    claim = Claim(
        np.add(MEAN, [0.05, 1.0, -0.3]), SD * [1.0, 1.5, 0.9], mean_noise=0.01, sd_noise=0.02
    )
    rows = audit._compare_moments("a", claim, truth)
    for i, row in enumerate(rows):
        assert row["quantity"] == f"a[{i}]"
        assert (row["true_mean"], row["true_sd"]) == (MEAN[i], SD[i])
        assert (row["true_mean_error"], row["true_sd_error"]) == (ERROR[i], 2.0 * ERROR[i])
        assert row["mean_error"] == pytest.approx([0.1, 0.25, 0.3][i])
        assert row["sd_ratio"] == pytest.approx([1.0, 1.5, 0.9][i])
    noise, right = audit.NOISE, audit.RIGHT
    for column, own, errors in (("mean", 0.01, ERROR), ("sd", 0.02, 2.0 * ERROR)):
        both = np.hypot(own, errors) if column == "mean" else own + errors
        limit = right * SD + noise * both
        for times, is_right in ((0.999, True), (-0.999, True), (1.001, False), (-1.001, False)):
            moved = {"mean": MEAN, "sd": SD}
            moved[column] = moved[column] + times * limit
            claim = Claim(moved["mean"], moved["sd"], mean_noise=0.01, sd_noise=0.02)
            found = [r[f"{column}_right"] for r in audit._compare_moments("a", claim, truth)]
            assert found == [is_right] * 3, (column, times)


def test_the_errors_of_moments_are_those_of_many_runs():
    """Of normal and of heavy-tailed independent draws, over 400 runs."""
    for law in (stats.norm(), stats.t(9.0)):
        runs = law.rvs((400, 4, 100), random_state=np.random.default_rng(1))
        said = np.array([estimate_errors(run[..., None]) for run in runs])[:, :, 0].mean(0)
        made = runs.mean((1, 2)).std(), runs.std((1, 2)).std()
        assert said == pytest.approx(made, rel=0.15)


def test_the_spread_over_seeds():
    rows = {
        seed: [Row("coin", "gibbs", True, rhat=value, ess=None)]
        for seed, value in enumerate((1.01, 1.5, 1.001, 1.002, 1.003))
    }
    (line,) = seeds.spread_rows(rows)
    assert line == {"problem": "coin", "method": "gibbs", "number": "R-hat", "seeds": 5,
                    "median": "1.003", "least": "1.001", "largest": "1.500"}  # fmt: skip


def test_entries_are_in_the_order_of_the_problems(monkeypatch):
    """Whichever ends first."""

    def backwards(function, jobs, workers, done):
        for number in reversed(range(len(jobs))):
            done(number, function(*jobs[number]))

    monkeypatch.setattr(identity_check, "run_jobs", backwards)
    assert [*dict.fromkeys(e.problem for e in check(["newcomb", "coin"]))] == ["newcomb", "coin"]


def test_a_long_run_is_as_good_as_its_worst_latent(monkeypatch):
    """The R-hat of a reference that is no exact one."""
    for name, size in (("LONG_CHAINS", 3), ("LONG_DRAWS", 20), ("LONG_WARMUP", 2)):
        monkeypatch.setattr(reference, name, size)
    model = Unsolved(np.arange(4.0), mu0=0.0, kappa0=1.0, a0=2.0, b0=1.0)
    monkeypatch.setattr(reference, "find_exact", lambda model: None)
    found = Reference(model, np.random.default_rng(5))
    run = gibbs(model, rng=np.random.default_rng(5), chains=3, draws=20, warmup=2)
    rhats = [float(diagnostics.rhat(run.values[name])) for name in ("mu", "tau")]
    assert found.rhat == max(rhats) > min(rhats) and found.source == "long run"


def test_what_an_audit_says_of_chains_and_of_what_it_cannot_tell(monkeypatch):
    for rhat, mixed in ((1.0099, True), (1.0101, False)):
        claim = Claim(0.7, 0.1)
        claim.rhat = rhat
        monkeypatch.setattr(audit, "read_claims", lambda *_, claim=claim: {"theta": claim})
        found = audit.audit("coin", posterior={"theta": (0.7, 0.1)})
        assert ("have not mixed" in found.findings[-1]) != mixed
    wrong = ({"mean_right": True, "sd_right": False},)
    lost = {"reason": "lost digits"}
    for given, holds in (({}, True), (lost, None), ({"is_bound": False}, False),
                         ({"moments": wrong, **lost}, False)):  # fmt: skip
        assert audit.Audit(("a finding",), **given).holds is holds
    short = audit.Audit((), bound=-3.5, log_evidence=-3.0, gap=0.5, gap_error=0.01)
    assert short._describe_gap() == ("-3 ± 0.01", "-0.5 ± 0.01 nats")


def test_how_many_draws_are_missing():
    draws = {"mu": np.zeros((2, 60)), "tau": np.ones((2, 70))}
    with pytest.raises(InputError, match=r"needs 2 × 60 draws of tau too, got 2 × 70"):
        audit.audit("newcomb", posterior=draws)
    one = {name: value[0] for name, value in draws.items()}
    with pytest.raises(InputError, match=r"needs 60 draws of tau too, got 70"):
        audit.audit("newcomb", posterior=one)


def test_how_far_off_an_estimate_beside_a_bound_is():
    """log p(x) is the ELBO and the gap: -4 + 0.5."""
    row = Row("a", "ep", True, elbo=-4.0, gap=0.5, gap_error=0.001, log_evidence_estimate=-3.5)
    for estimate, words in ((-3.5, "right"), (-3.49, "right"), (-3.25, "0.25 nats too high"),
                            (-3.75, "0.25 nats too low")):  # fmt: skip
        found = verdict._describe_estimate(replace(row, log_evidence_estimate=estimate))
        assert found == f", it estimates log p(x) {words}"
    for nothing in ({"gap": None}, {"log_evidence_estimate": None}):
        assert verdict._describe_estimate(replace(row, **nothing)) == ""


def test_the_columns_of_an_estimate_of_the_evidence():
    """What is missed and by how much it may be off, the truth's own error with it."""
    found = SimpleNamespace(value=-10.0, khat=0.4, notes=("one", "two"), evaluations=77,
                            seconds=0.5, truth=Estimate(-10.5, 0.3, "exact"), off=0.5,
                            misses=False, error=0.2)  # fmt: skip
    row = metrics.measure_estimate("p", "m", found)
    assert (row.log_evidence, row.khat, row.note, row.density_evaluations, row.seconds) == (
        -10.0, 0.4, "one; two", 77, 0.5,
    )  # fmt: skip
    assert (row.reference, row.gap, row.gap_error) == ("exact", -0.5, 0.5)
    assert row.gap_verdict == "agrees"
    missed = SimpleNamespace(**vars(found) | {"misses": True, "notes": ()})
    assert metrics.measure_estimate("p", "m", missed).gap_verdict == "differs"
    assert metrics.measure_estimate("p", "m", missed).note is None
    alone = SimpleNamespace(**vars(found) | {"truth": None, "off": None})
    assert metrics.measure_estimate("p", "m", alone).gap is None


def test_the_kl_of_a_ledger_keeps_its_error(monkeypatch):
    q, truth = vi_lab.cavi("newcomb", rng=0), Reference(vi_lab.problem("newcomb").model, RNG)
    bound = Estimate(float(q.elbo), 1e-9, "closed form")
    gap = truth.evidence.value - bound.value
    monkeypatch.setattr(metrics, "kl_estimate", lambda q, p: Estimate(gap + 5e-7, 7e-7, "by hand"))
    kept = metrics._keep_ledger(q, truth, bound)
    assert kept == {"kl": gap + 5e-7, "kl_error": 7e-7, "holds": True}
    monkeypatch.setattr(metrics, "kl_estimate", lambda q, p: Estimate(gap + 0.5, 7e-7, "by hand"))
    assert metrics._keep_ledger(q, truth, bound)["holds"] is False


@pytest.mark.parametrize(
    ("estimate", "gap", "said"),
    [
        (-10.0, 0.5, ", it estimates log p(x) right"),
        (-10.0 + 9e-6, 0.5, ", it estimates log p(x) right"),
        (-9.0, 0.5, ", it estimates log p(x) 1 nat too high"),
        (-12.5, 0.5, ", it estimates log p(x) 2.5 nats too low"),
        (None, 0.5, ""),
        (-10.0, None, ""),
    ],
)
def test_what_is_said_of_an_estimate_that_is_no_bound(estimate, gap, said):
    """The ELBO is -10.5 and log p(x) -10, within 1e-6."""
    row = SimpleNamespace(log_evidence_estimate=estimate, elbo=-10.5, gap=gap, gap_error=1e-6)
    assert verdict._describe_estimate(row) == said


@pytest.mark.parametrize(
    ("tau", "said"),
    [((2, 10), "needs 20 draws of tau too, got 2 × 10"), ((1, 9), "needs 20 .*, got 9")],
)
def test_how_many_draws_there_are_is_said_by_chains_where_there_are_several(tau, said):
    with pytest.raises(InputError, match=said):
        vi_lab.audit("newcomb", posterior={"mu": np.ones((1, 20)), "tau": np.ones(tau)})


def test_entries_come_in_the_order_of_the_problems(monkeypatch):
    def backwards(work, tasks, workers, keep):
        for number in reversed(range(len(tasks))):
            keep(number, [tasks[number][0]])

    monkeypatch.setattr(identity_check, "run_jobs", backwards)
    assert check(["newcomb", "coin", "coal"]) == ["newcomb", "coin", "coal"]


def test_why_the_gap_of_an_estimate_cannot_be_told():
    blank = dict.fromkeys(field.name for field in fields(Row))
    row = Row(**{**blank, "problem": "coin", "method": "evidence-ais", "gap": 0.5})
    judged = judge_gap(row)
    assert judged.word == CANNOT_BE_TOLD and judged.reason == "its error is not known"
    told = judge_gap(replace(row, gap_verdict="agrees", gap_error=0.2))
    assert (told.word, told.reason, told.difference) == ("agrees", None, 0.5)
