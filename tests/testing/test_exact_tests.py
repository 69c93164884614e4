"""The exact tests pass on right samplers whatever the seed, and fail on wrong ones."""

import doctest

import numpy as np
import pytest

import vi_lab.testing
from tests.tables import table
from tests.testing import examples
from tests.testing.examples import SEMI, SUM, pick
from vi_lab import InputError, InputTypeError, NumericalError
from vi_lab.testing import (
    Joint,
    calibration,
    chains_test,
    joint_test,
    rank_test,
    repeated,
    standard_battery,
    together,
    vsbc,
)
from vi_lab.testing.joint import Columns

RIGHT = {
    "palindrome": (examples.palindrome, None),
    "metropolis": (examples.metropolis, None),
    "forward": (examples.forward, examples.backward),
}
WRONG = ["without_jacobian", "deaf", "forgetful"]


@pytest.mark.parametrize("name", RIGHT)
def test_right_samplers_pass_with_a_fresh_seed(name):
    step, back = RIGHT[name]
    report = rank_test(
        SEMI, repeated(step), backward=back and repeated(back), replicates=600, length=9
    )
    assert report.passed, report
    assert joint_test(SEMI, repeated(step), replicates=300, rounds=4).passed


@pytest.mark.parametrize("name", WRONG)
def test_wrong_samplers_fail(name):
    run = repeated(getattr(examples, name))
    report = rank_test(SEMI, run, replicates=500, length=15, rng=1, name=name)
    assert not report.passed, report
    assert report.statistic > report.limit
    assert name in report.test
    assert not joint_test(SEMI, run, replicates=500, rng=2).passed


def test_a_sampler_that_ignores_the_data_is_betrayed_by_the_log_joint_alone():
    report = rank_test(SEMI, repeated(examples.deaf), replicates=1000, length=15, rng=3)
    by_name = {row["quantity"]: row["passed"] for row in report.rows}
    assert by_name == {"mu": True, "tau": True, "log joint": False}


def test_stale_statistics_are_betrayed_by_what_ties_the_parameters():
    settings = dict(replicates=1000, length=15, rng=1)
    assert rank_test(SUM, repeated(examples.fresh), **settings).passed
    report = rank_test(SUM, repeated(examples.stale), **settings)
    distances = {row["quantity"]: row["distance"] for row in report.rows}
    assert max(distances, key=distances.get) == "distance from x"
    assert distances["distance from x"] > 2 * report.limit


def test_the_direction_of_time_matters():
    """A kernel that turns a wheel leaves it uniform; its reversal turns it back."""
    wheel = Joint(lambda rng: rng.integers(10), lambda rng, z: None, lambda z, x: {"z": z})
    turn, turn_back = (repeated(lambda rng, z, x, by=by: (z + by) % 10) for by in (1, -1))
    settings = dict(replicates=1000, length=4, rng=4)
    assert rank_test(wheel, turn, backward=turn_back, **settings).passed
    assert not rank_test(wheel, turn, **settings).passed


def test_the_last_data_hide_what_the_data_before_them_show():
    """Fresh data agree with any theta from the prior: only the old ones betray a deaf sampler."""
    report = joint_test(SEMI, repeated(examples.deaf), replicates=1000, rounds=3, rng=5)
    failed = [row["quantity"] for row in report.rows if not row["passed"]]
    assert failed == ["log joint, before the last data"]


def test_false_alarms_are_as_rare_as_promised():
    """At alpha = 0.3 a right sampler is rejected in at most 30% of runs (binomial, 5 sd above)."""
    normal = Joint(lambda rng: rng.normal(), lambda rng, z: None, lambda z, x: {"z": z})
    independent = repeated(lambda rng, z, x: rng.normal())
    rejected = [
        not rank_test(normal, independent, replicates=30, length=3, rng=i, alpha=0.3).passed
        for i in range(200)
    ]
    assert 0 < np.mean(rejected) < 0.3 + 5 * np.sqrt(0.3 * 0.7 / 200)


def pair(shared):
    def ends(rng, theta, x, steps):
        seed = int(rng.integers(2**32))
        second = seed if shared else int(rng.integers(2**32))
        run = repeated(examples.forward)
        return tuple(
            list(run(np.random.default_rng(s), theta, x, steps))[-1] for s in (seed, second)
        )

    return ends


def test_chains_that_share_a_seed():
    assert chains_test(SEMI, pair(False), replicates=300).passed
    assert not chains_test(SEMI, pair(True), replicates=300, rng=6).passed


def gaussian(width=1.0, shift=0.0):
    """mu ~ N(0, 1), x ~ N(mu, 1), so mu | x ~ N(x / 2, 1/2); q with another sd or mean."""
    joint = Joint(
        lambda rng: rng.normal(), lambda rng, mu: mu + rng.normal(), lambda mu, x: {"mu": mu}
    )

    def approximate(rng, x, count):
        return list(0.5 * x + 0.5**0.5 * (shift + width * rng.standard_normal(count)))

    return joint, approximate


@table(
    "width, shift, words",
    [
        (1.0, 0.0, "calibrated"),
        (0.6, 0.0, "too narrow"),
        (2.0, 0.0, "too wide"),
        (1.0, 1.0, "too high"),
        (1.0, -1.0, "too low"),
        (1.5, 1.0, "too high and too wide"),
        (1.5, -1.0, "too low and too wide"),
        (0.6, 0.5, "too high and too narrow"),
    ],
)
def test_vsbc_says_which_way_q_is_off_and_tells_a_shift_from_a_width(width, shift, words):
    report = vsbc(*gaussian(width, shift), replicates=800, rng=11)
    (row,) = report.rows
    assert row["q is"] == words
    assert row["spread"] == pytest.approx(1.0 / width, rel=0.15)
    assert report.passed is None and report.alpha == 0.0
    judged = vsbc(*gaussian(width, shift), exact=True, replicates=800, rng=11)
    assert judged.passed == (words == "calibrated")


def test_directions_of_a_calibrated_q_are_as_rare_as_said():
    """Each in 0.27% of cases, whatever their number: binomial, 5 sd above."""
    rng = np.random.default_rng(12)
    for n in (5, 50):
        words = [calibration._row("x", rng.random(n), 1.0)["q is"] for _ in range(2000)]
        off = np.mean([word != "calibrated" for word in words])
        assert 0.0 < off < 2 * 0.0027 + 5 * np.sqrt(2 * 0.0027 / 2000)


@pytest.mark.parametrize("n", [3, 6, 40])
def test_a_width_is_said_from_its_quantile_on(n):
    """(n - 1) spread**2 of n normal scores is chi-squared with n - 1 degrees of freedom; as wide or
    as narrow as three sds of a normal is unlikely."""
    from scipy.stats import chi2, norm

    scores = np.linspace(-1.0, 1.0, n)
    scores /= scores.std(ddof=1)
    for quantile, words in ((norm.cdf(3.0), "too narrow"), (norm.cdf(-3.0), "too wide")):
        edge = np.sqrt(chi2(n - 1).ppf(quantile) / (n - 1))
        for times in (0.999, 1.001):
            row = calibration._row("x", norm.cdf(times * edge * scores), 1.0)
            assert row["spread"] == pytest.approx(times * edge, rel=1e-9)
            said = (times > 1.0) == (words == "too narrow")
            assert row["q is"] == (words if said else "calibrated")


def test_coverage_against_the_normal_distribution():
    """A q with half the sd: its central interval of level c holds 2 Phi(z_c / 2) - 1."""
    from scipy.stats import norm

    report = vsbc(*gaussian(width=0.5), replicates=4000, draws=399, rng=9)
    (row,) = report.rows
    for level in (0.5, 0.9):
        expected = 2 * norm.cdf(0.5 * norm.ppf(0.5 + level / 2)) - 1
        error = np.sqrt(expected * (1 - expected) / 4000) + 1 / 400
        assert abs(row[f"{level:.0%} holds"] - expected) < 5 * error


def test_two_chains_are_as_far_apart_whichever_is_named_first():
    columns = Columns()
    look = lambda states, data: {"x": states, "-x": -np.array(states)}  # noqa: E731
    joint = Joint(SEMI.prior, SEMI.simulate, look)
    for pair in ([1.0, 3.5], [3.5, 1.0], [2.0, 2.0], [np.inf, np.inf]):
        together._add(columns, joint, pair, None)
    found = columns.arrays(4)
    assert found["x"].tolist() == found["-x"].tolist() == [2.5, 2.5, 0.0, 0.0]


def test_quantities_are_checked():
    def joint(quantities):
        return Joint(lambda rng: 0.0, lambda rng, z: None, quantities)

    run = repeated(lambda rng, z, x: z)
    for quantities, error, message in [
        (lambda z, x: 1.0, InputTypeError, "quantities: needs a mapping"),
        (lambda z, x: {"z": 1.0}, InputError, r"'z' needs shape \(4,\)"),
        (lambda z, x: {"z": [np.nan] * len(z)}, NumericalError, "'z' is nan"),
    ]:
        with pytest.raises(error, match=message):
            rank_test(joint(quantities), run, replicates=30, length=3)
    with pytest.raises(InputError, match="run: was asked for"):
        rank_test(SEMI, lambda rng, theta, x, steps: [theta], replicates=30, length=5, rng=0)


@pytest.mark.parametrize("module", [vi_lab.testing, vi_lab.testing.rank], ids=lambda m: m.__name__)
def test_examples_in_docstrings(module, monkeypatch):
    every = standard_battery.list_tests
    monkeypatch.setattr(standard_battery, "list_tests", lambda *of: pick(every(*of)))
    results = doctest.testmod(module)
    assert results.attempted and not results.failed
