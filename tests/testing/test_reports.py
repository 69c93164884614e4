"""The checks without replicates, and what every report can do."""

import copy
import dataclasses
import re

import numpy as np
import pytest
from matplotlib.axes import Axes
from scipy import signal

from tests.testing.examples import SEMI, palindrome
from vi_lab import InputError, InputTypeError, NormalGamma, cavi, exact, gibbs, plots, problem
from vi_lab.testing import agreement, false_alarms, gradient, ledger, monotone, rank_test, repeated
from vi_lab.testing.moment_agreement import Comparison, _all_off, _doubt
from vi_lab.testing.report import broken

MODEL = NormalGamma([1.0, 2.0, 0.5], mu0=0.3, kappa0=0.5, a0=3.0, b0=2.0)


def ar1(rng, chains=4, draws=2000, rho=0.6, mean=0.0):
    """A stationary chain of mean 0 and sd 1 whose neighbours have correlation rho."""
    first = rng.standard_normal(chains)
    noise = np.sqrt(1 - rho**2) * rng.standard_normal((chains, draws))
    noise[:, 0] = first
    return signal.lfilter([1.0], [1.0, -rho], noise) + mean


def test_agreement_with_a_known_posterior():
    report = agreement(gibbs(MODEL, rng=0, draws=2000), exact(MODEL))
    assert report.passed and report.points["mean of mu"].shape == (4,)


def test_agreement_of_labels():
    model = problem("tiny-mixture", apart=4.0).model
    report = agreement({"z": exact(model).sample(1000, rng=0)["z"][None]}, exact(model))
    assert report.passed and "probability of z[0, 1]" in report.points


def test_agreement_in_units_of_the_error_of_a_correlated_chain():
    z = np.concatenate(
        [
            agreement({"x": ar1(np.random.default_rng(i))}, {"x": (0.0, 1.0)}).points["mean of x"]
            for i in range(25)
        ]
    )
    assert 0.8 < z.std() < 1.3  # 100 values of a standard normal but for the error's own noise


@pytest.mark.parametrize("chain", range(4))
def test_one_chain_that_is_off(chain):
    x = ar1(np.random.default_rng(chain))
    x[chain] += 0.6
    x[(chain + 1) % 4] -= 0.6  # pooled, they are right
    report = agreement({"x": x}, {"x": (0.0, 1.0)})
    assert not report.passed and np.abs(report.points["mean of x"]).argmax() in (
        chain,
        (chain + 1) % 4,
    )


def test_slow_chains_are_not_judged():
    """AR(1) with rho = 0.995: of 1000 draws 2.5 are effective, and no error can be told."""
    reports = [
        agreement({"x": ar1(np.random.default_rng(i), draws=1000, rho=0.995)}, {"x": (0.0, 1.0)})
        for i in range(20)
    ]
    assert sum(report.statistic > report.limit for report in reports) > 3
    assert not [report for report in reports if report.passed is not None]
    assert "fewer than 100 effective draws: draw more" in reports[0].sentence
    assert false_alarms(reports) == 0.0


def test_slow_chains_that_are_all_off_alike_are_judged():
    x = ar1(np.random.default_rng(0), draws=1000, rho=0.98)
    truth = {"x": (0.0, 1.0)}
    assert agreement({"x": x}, truth).passed is None
    assert agreement({"x": x + 10.0}, truth).passed is False
    assert agreement({"x": x[:2] + 10.0}, truth).passed is None


@pytest.mark.parametrize(
    ("z", "all_off"),
    [
        ([9.0, 8.0, 7.5, 8.5], True),
        ([-9.0, -8.0, -7.5, -8.5], True),
        ([9.0, -8.0, 7.5, 8.5], False),  # slow chains err on either side
        ([9.0, 8.0, 7.0, 8.5], False),
        ([9.0, 8.0, 7.5], False),  # too few to be no accident
    ],
)
def test_chains_that_are_all_beyond_the_limit_on_one_side(z, all_off):
    assert _all_off(np.array(z), 7.2) is all_off


def test_heavy_tails_are_not_judged():
    """Student's t with 2.4 degrees of freedom has a variance and no fourth moment."""
    df = 2.4
    truth = {"x": (0.0, np.sqrt(df / (df - 2.0)))}
    beyond = 0
    for i in range(12):
        x = np.random.default_rng(i).standard_t(df, (4, 16000))
        report = agreement({"x": x}, truth)
        beyond += report.statistic > report.limit
        assert report.passed is None and "tails too heavy" in report.sentence
        assert not report.rows[1]["judged"]  # the variance
    assert beyond


def test_a_wrong_quantity_is_rejected_whatever_cannot_be_judged():
    rng = np.random.default_rng(0)
    draws = {"slow": ar1(rng, rho=0.995), "wrong": ar1(rng, mean=1.0)}
    truth = {name: (0.0, 1.0) for name in draws}
    report = agreement(draws, truth)
    assert report.passed is False and "mean of wrong" in report.sentence and report.alpha == 5e-9


def test_a_rare_label_that_a_chain_has_not_met():
    model = problem("tiny-mixture", apart=4.0).model
    right = exact(model)
    z = np.argmax(right.mean("z"), axis=-1)
    never = np.broadcast_to(z, (4, 200, *z.shape))
    report = agreement({"z": never}, right)
    expected = np.sqrt(200) * max(
        np.sqrt(p / (1 - p)) for p in right.mean("z").min(axis=-1)
    )  # p / sqrt(p (1 - p) / n)
    assert report.statistic == pytest.approx(expected)


@pytest.mark.parametrize(("p", "judged"), [(0.5, False), (0.06, False), (0.04, True)])
def test_a_chain_that_has_not_met_a_label_is_slow_unless_the_label_is_rare(p, judged):
    """Of 2,000 draws p (1 - p) 2,000 changes are expected: fewer than 100 are nothing to miss."""
    rng = np.random.default_rng(0)
    numbers = np.stack([(rng.random(2000) < p).astype(float), np.zeros(2000)])
    comparison = Comparison("probability of z", numbers, p, None, None)
    assert (_doubt(comparison) is None) == judged


def test_agreement_of_a_chain_that_never_moves():
    stuck = np.ones((2, 200))
    assert agreement({"x": stuck}, {"x": (1.0, 0.0)}).passed
    assert agreement({"x": stuck}, {"x": (0.0, 1.0)}).statistic == np.inf


def test_agreement_is_asked_properly():
    with pytest.raises(InputError, match="truth: knows none of y"):
        agreement({"y": np.zeros((2, 200))}, {"x": (0.0, 1.0)})
    with pytest.raises(InputError, match="at least 100 draws, got"):
        agreement({"x": np.zeros((2, 20))}, {"x": (0.0, 1.0)})
    with pytest.raises(InputTypeError, match="draws: needs Draws or a mapping"):
        agreement(3, {"x": (0.0, 1.0)})


def test_a_fall_is_counted_in_roundings_of_the_bound():
    """1e-11 of 1 + 10 nats a sweep; of the evidence, a thousand times the most of the trace."""
    assert monotone([-10.0, -10.0 - 3.3e-10]).statistic == pytest.approx(3.0, rel=1e-3)
    just, over = (monotone([-10.0, -10.0 - share * 1.1e-10]) for share in (0.98, 1.02))
    assert just.passed and not over.passed and just.limit == 1.0
    trace = [[-30.0, -12.0], [-10.0, -11.0]]
    found = monotone(trace, log_evidence=-10.0 - 6.2e-7)
    assert found.statistic == pytest.approx(6.2e-7 / (1e3 * 1e-11 * 31.0), rel=1e-6)
    assert [row["of"] for row in found.rows] == ["restart 0", "restart 1", "above log p(x)"]


def test_monotone():
    assert monotone([-3.0, -2.0, -2.0, -2.0 - 1e-12]).passed
    assert not monotone([-3.0, -2.0, -2.1]).passed
    assert not monotone([[-3.0, -3.0], [-2.0, -3.1]]).passed
    assert monotone([-3.0, -2.0], log_evidence=-2.0).passed
    assert not monotone([-3.0, -2.0], log_evidence=-2.1).passed
    with pytest.raises(InputError, match="trace: needs 1 or 2 axes"):
        monotone(np.zeros((2, 2, 2)))


def test_ledger():
    report = ledger(MODEL, cavi(MODEL, rng=0))
    assert report.passed and len(report.points) == 2
    assert ledger(MODEL, exact(MODEL)).passed
    galaxies = problem("galaxies")
    assert ledger(galaxies, cavi(galaxies, rng=0, max_sweeps=2, tol=0)).passed is None


def test_a_ledger_that_fails_says_by_how_much():
    """A quarter of a nat less in the log joint than in log p(x): in the ELBO and not in the KL."""
    twin = copy.copy(MODEL)
    twin.log_joint = lambda stats: MODEL.log_joint(stats) - 0.25
    report = ledger(twin, cavi(MODEL, rng=0))
    assert report.passed is False
    found = re.fullmatch(r"It fails by (\S+) nats, where (\S+) are allowed.", report.sentence)
    assert float(found[1]) == pytest.approx(0.25, rel=1e-2) and 0 < float(found[2]) < 1e-6


def test_gradient():
    def f(x):
        return np.sum(np.sin(x) * x[::-1] ** 2)

    def right(x):
        return np.cos(x) * x[::-1] ** 2 + 2 * x * np.sin(x[::-1])

    x = np.array([0.3, -1.1, 2.2])
    assert gradient(f, right, x).passed
    assert gradient(lambda x: np.abs(x).sum(), np.sign, x, complex_step=False).passed
    for wrong in (
        lambda x: -right(x),
        lambda x: right(x) * [1, 1, 1.001],
        lambda x: right(x) * np.nan,
    ):
        assert not gradient(f, wrong, x).passed
    subtle = gradient(f, lambda x: right(x) * (1 + 1e-8), x)  # only the complex step sees so little
    assert not subtle.passed and "complex step" in subtle.sentence
    with pytest.raises(InputError, match=r"needs to return shape \(3,\), got \(\)"):
        gradient(f, lambda x: 0.0, x)


REPORTS = [
    rank_test(SEMI, repeated(palindrome), replicates=30, length=3, rng=0, name="<b>mine</b>"),
    agreement({"<i>x": ar1(np.random.default_rng(0), draws=900)}, {"<i>x": (0.0, 1.0)}),
    monotone([-3.0, -2.0], name="the <bound>"),
    ledger(MODEL, cavi(MODEL, rng=0)),
    gradient(np.sum, np.ones_like, np.ones(2)),
]


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: type(r).__name__)
def test_every_report(report):
    assert report.passed in (True, None)
    assert "passed" in repr(report)
    page = report._repr_html_()
    assert page.startswith("<table>") and not {"<b>", "<i>", "<bound>"} & set(page.split())
    assert "<b>" not in page and "<i>" not in page
    ax = report.plot()
    assert isinstance(ax, Axes) and report.sentence in plots.alt_text(ax)
    assert report.plot(ax=ax) is ax
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.passed = False


def test_what_broke_down_is_no_false_alarm():
    found = broken("rank", ValueError("no"))
    assert not found.passed and found.sentence == "It broke down: no"
    assert found.alpha == 0.0 and false_alarms([found, found]) == 0.0
