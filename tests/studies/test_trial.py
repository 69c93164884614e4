"""The trial: each diagnostic, charge and curve by a route that shares nothing with it."""

import numpy as np
import pytest

import vi_lab
from tests.console import call
from vi_lab.results import diagnostics
from vi_lab.studies.measure import RowKey
from vi_lab.studies.study import study
from vi_lab.studies.trial import roc
from vi_lab.studies.trial.charges import charge_moments, misses_mode
from vi_lab.studies.trial.classifier import classify, fit_logistic
from vi_lab.studies.trial.roc import find_roc, measure_auc
from vi_lab.studies.trial.scores import find_log_weights, score_climb
from vi_lab.studies.trial.stein import stein_discrepancy, stein_kernel
from vi_lab.studies.trial.trial import read_trial
from vi_lab.studies.trial.trial_measure import TRIAL, try_fit
from vi_lab.studies.trial.verdicts import judge_scores, list_worst, score_vsbc


def test_the_stein_kernel_is_the_stein_operator_on_both_sides():
    """(s(x) + d/dx)(s(y) + d/dy) k by differences of k alone."""
    rng, step = np.random.default_rng(0), 1e-4
    x, scores = rng.standard_normal((2, 3)), rng.standard_normal((2, 3))

    def k(a, b):
        return (1.0 + ((a - b) ** 2).sum()) ** -0.5

    found = 0.0
    for i, e in enumerate(step * np.eye(3)):
        a, b, s, t = x[0], x[1], scores[0, i], scores[1, i]
        along_a = (k(a + e, b) - k(a - e, b)) / (2 * step)
        along_b = (k(a, b + e) - k(a, b - e)) / (2 * step)
        both = (k(a + e, b + e) - k(a + e, b - e) - k(a - e, b + e) + k(a - e, b - e)) / (
            4 * step**2
        )
        found += s * t * k(a, b) + s * along_b + t * along_a + both
    assert stein_kernel(x, scores)[0, 1] == pytest.approx(found, abs=1e-6)


def test_stein_discrepancy_is_nought_for_draws_of_the_density_alone():
    rng = np.random.default_rng(0)
    of_draws = [rng.standard_normal((200, 2)) for _ in range(20)]
    right = [stein_discrepancy(x, -x) for x in of_draws]
    assert abs(np.mean(right)) < 4 * np.std(right) / 20**0.5
    assert min(stein_discrepancy(x, -(x - 0.5)) for x in of_draws) > 10 * max(right)
    # in other units the same
    assert stein_discrepancy(1e3 * of_draws[0], -of_draws[0] / 1e3) == pytest.approx(right[0])


def test_the_classifier_is_a_logistic_regression():
    from sklearn.linear_model import LogisticRegression  # a second, in all that collect tests

    rng = np.random.default_rng(0)
    x = np.column_stack([np.ones(300), rng.standard_normal((300, 3))])
    label = (x[:, 1] + rng.standard_normal(300) > 0).astype(float)
    theirs = LogisticRegression(C=1.0, tol=1e-8).fit(x[:, 1:], label)
    expected = [*theirs.intercept_, *theirs.coef_[0]]
    assert fit_logistic(x, label) == pytest.approx(expected, abs=1e-3)


def test_the_classifier_tells_a_correlation_from_none():
    rng = np.random.default_rng(0)
    one, two = rng.standard_normal((2, 500, 2))
    assert classify(one, two) == pytest.approx(0.5, abs=0.08)
    two[:, 1] = 0.95 * two[:, 0] + 0.3 * two[:, 1]
    assert classify(one, two) > 0.7
    assert classify(one, one + 10.0) == 1.0


@pytest.mark.parametrize("method", [vi_lab.cavi, vi_lab.laplace])
@pytest.mark.parametrize("problem", ["coal", "clutter", "correlated"])
def test_the_mean_of_log_weights_is_the_bound(problem, method):
    """E_q[log p(x, z) - log q(z)] is the ELBO, in closed form or by quadrature."""
    q = method(problem, rng=0)
    weights = find_log_weights(q, 4000, np.random.default_rng(0))
    assert weights.mean() == pytest.approx(q.elbo, abs=4 * weights.std() / 4000**0.5)


def test_charges_are_those_fixed_beforehand():
    exact = {"z": (np.array([0.0, 10.0]), np.array([1.0, 2.0]))}

    def charge(mean, sd):
        found = charge_moments({"z": (np.array(mean), np.array(sd))}, exact)
        return found["guilty_mean"], found["guilty_sd"]

    assert charge([0.19, 10.39], [0.81, 2.49]) == (False, False)
    assert charge([0.21, 10.0], [1.0, 2.0]) == (True, False)
    assert charge([0.0, 10.41], [1.0, 2.0]) == (True, False)
    assert charge([0.0, 10.0], [0.79, 2.0]) == (False, True)
    assert charge([0.0, 10.0], [1.0, 2.51]) == (False, True)


def test_a_mode_is_missed_where_there_are_two_and_draws_of_one():
    rng = np.random.default_rng(0)
    one = rng.standard_normal((4000, 1))
    two = np.where(rng.random((4000, 1)) < 0.2, 8.0, 0.0) + one
    assert misses_mode(two, one) and misses_mode(two, one + 8.0)
    assert not misses_mode(two, two[:2000]) and not misses_mode(one, 0.2 * one)
    assert not misses_mode(rng.gamma(0.3, size=(4000, 1)), rng.random((4000, 1)))
    # whole numbers leave no empty bins between them that would look like valleys
    counts = rng.poisson(9.0, (4000, 1))
    assert not misses_mode(counts, np.full((4000, 1), 9))
    assert misses_mode(np.where(rng.random((4000, 1)) < 0.3, counts + 60, counts), counts)


def test_a_fit_that_misses_a_mode_is_charged_with_that_alone():
    def row(k, kl, mode, khat):
        empty = dict.fromkeys(TRIAL.columns)
        guilty = {"guilty_kl": kl, "guilty_mode": mode, "khat_4000": khat}
        return empty | {"problem": f"p@{k}", "method": "m"} | guilty

    rows = [row(k, k % 2, 0, k % 2 + 0.01 * k) for k in range(40)]
    rows += [row(40 + k, 1, 1, -1.0) for k in range(10)]
    found = {f.charge: f for f in judge_scores(rows)}
    assert found["kl"].roc.auc == 1.0 and found["kl"].roc.guilty == 20
    assert found["mode"].roc.auc == 0.0 and found["mode"].roc.guilty == 10


def test_the_auc_is_that_of_scikit_learn_weighted_or_not():
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    score = rng.integers(0, 12, 200).astype(float)  # with ties, also of what is infinite
    guilty = rng.random(200) < 0.3
    weights = np.stack([np.ones(200), rng.integers(0, 4, 200)])
    expected = [roc_auc_score(guilty, score, sample_weight=w) for w in weights]
    assert measure_auc(score, guilty, weights) == pytest.approx(expected, abs=1e-12)
    ends = np.where(score == 0, -np.inf, np.where(score == 11, np.inf, score))
    assert measure_auc(ends, guilty, weights) == pytest.approx(expected, abs=1e-12)


def test_the_bootstrap_draws_data_sets_not_fits():
    """Ten copies of each fit are no more evidence: the interval stays as wide."""
    rng = np.random.default_rng(0)
    score, guilty = rng.standard_normal(60), rng.random(60) < 0.5
    score = score + guilty
    names = np.array([f"set {k}" for k in range(60)])
    one = find_roc(score, guilty, names, np.random.default_rng(1))
    ten = find_roc(*(np.repeat(a, 10) for a in (score, guilty, names)), np.random.default_rng(1))
    assert (ten.auc, ten.clusters) == (pytest.approx(one.auc), 60)
    assert ten.high - ten.low == pytest.approx(one.high - one.low, rel=0.02)
    assert find_roc(score[:4], guilty[:4], names[:4], rng) is None
    assert one.detected[-1] == one.false_alarms[-1] == 1.0


def test_plateaus_by_hand():
    class Climb:
        elbo_trace = np.array([[-9.0, -8.0], [-8.5, -4.0], [-8.4, -2.0]])

    found = score_climb(Climb)  # of the second restart, which is the better
    assert found == {"plateau_last": 2.0, "plateau_relative": 1.0, "plateau_median": 1.0}


def test_vsbc_judges_a_method_on_a_model():
    """Ranks that are uniform, and those of a q that is too narrow: the truth is at an end."""

    def row(method, k, rank):
        return {"problem": f"p@{k}", "method": method, "ranks": f"[{rank}]"}

    even = [row("right", k, (37 * k) % 100) for k in range(100)]
    ends = [row("narrow", k, (37 * k) % 100 // 50 * 98 + k % 2) for k in range(100)]
    found = score_vsbc([*even, *ends, row("alone", 0, 5)])
    assert found[:100].max() < 2.5 < 5 < found[100:200].min() and np.isnan(found[200])


def test_tail_ess_of_independent_draws_is_their_number():
    draws = np.random.default_rng(0).standard_normal((4, 2000))
    assert diagnostics.tail_ess(draws) == pytest.approx(8000, rel=0.15)
    slow = np.repeat(draws[:, :200], 10, axis=1)
    assert diagnostics.tail_ess(slow) == pytest.approx(800, rel=0.25)


@pytest.mark.slow
def test_a_fit_is_tried_with_the_same_digits_again_and_its_report_is_printed(tmp_path):
    key = RowKey("newcomb@1", "laplace", "trial", 0)
    (row,), (again,) = try_fit(key), try_fit(key)
    assert row == again and set(row) <= set(TRIAL.columns)
    fits = ["laplace", "metropolis-hastings-50", "gibbs-50"]
    study(problems="newcomb@0-3", methods=fits, seeds=1, measure=TRIAL, out=tmp_path, jobs=1)
    made = read_trial(tmp_path)
    assert len(made.rows) == 12
    out, _ = call("trial", "--report", tmp_path)
    assert out.startswith("Drawn data: 12 fits of 4 data sets")
    worst = list_worst(made.rows, "rhat", "mean")
    assert {line["method"] for line in worst} <= set(fits[1:])


def test_where_to_is_told():
    assert "needs --out DIR or --report DIR" in call("trial", code=2)[1]


def test_the_interval_is_of_the_resamples_alone(monkeypatch):
    """Of one resample it has no width, wherever the AUC of all fits lies."""
    monkeypatch.setattr(roc, "RESAMPLES", 1)
    rng = np.random.default_rng(0)
    score, names = rng.standard_normal(40), [f"set {i % 7}" for i in range(40)]
    found = find_roc(score, score + rng.standard_normal(40) > 0, names, rng)
    assert found.low == found.high != found.auc
