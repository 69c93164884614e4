"""validate(model): right models pass; a mistake planted in one part is named, with its size."""

import copy
import re
from itertools import pairwise

import numpy as np
import pytest

import vi_lab
from tests.contract.models import MODELS
from tests.planted import models
from tests.tables import table
from tests.users import DensityAlone
from vi_lab import NormalGamma, validate
from vi_lab.families import GammaStats, NormalStats
from vi_lab.testing import density_validation, validation
from vi_lab.testing.finding import Finding

X, PRIOR = np.array([3.1, 4.7, 2.2, 5.9]), dict(mu0=3.0, kappa0=0.5, a0=3.0, b0=2.0)


def honest():
    return NormalGamma(X, **PRIOR)


def with_conditional(name, change):
    """A normal-gamma model whose conditional of one block is `change(eta, stats)` of the right."""
    return models.with_conditional(honest(), name, change)


def wrong_rate(eta, stats):
    return eta._replace(value=2.0 * eta.value)


def sd_for_variance(eta, stats):
    """N(m, s) where N(m, s**2) was meant: the precision is its own root."""
    precision = np.sqrt(-2.0 * eta.square)
    return NormalStats(eta.value * precision / (-2.0 * eta.square), -0.5 * precision)


def raises(eta, stats):
    raise ValueError("I am not ready")


@table("name", MODELS)
def test_right_models_pass(name):
    report = validate(MODELS[name].model)
    assert report.passed is True, report.sentence
    assert report.statistic <= 0.5  # and not by a hair


@pytest.mark.parametrize(
    ("block", "mistake", "words"),
    [
        ("tau", lambda eta, t: GammaStats(eta.log - PRIOR["a0"] + 1.0, eta.value + PRIOR["b0"]),
         "complete conditional of 'tau' natural parameter"),
        ("tau", wrong_rate, "complete conditional of 'tau' 'value' is"),
        ("mu", sd_for_variance, "complete conditional of 'mu' 'square' is"),
        ("mu", lambda eta, t: eta._replace(value=eta.value + 0.0 * t["mu"].value),
         "conditional without its own statistics of 'mu' reads its own"),
        ("tau", raises, "complete conditional of 'tau' ValueError: I am not ready"),
        ("tau", lambda eta, t: GammaStats(np.ones((7, 3)), -np.ones((7, 3))),
         "complete conditional of 'tau'"),
    ],
)  # fmt: skip
def test_the_wrong_block_is_named(block, mistake, words):
    report = validate(with_conditional(block, mistake))
    assert report.passed is False
    for word in words.split(" "):
        assert word in report.sentence, report.sentence
    other = {"mu": "tau", "tau": "mu"}[block]
    assert all(row["passed"] for row in report.rows if row["block"] == other)


def test_of_a_vector_the_number_that_is_off_is_named_too():
    """The linear term of two coordinates together, of which one is 1 too large."""
    model = vi_lab.CorrelatedGaussian([1, 2, 3], np.eye(3) + 0.5, blocks=[[0, 2], [1]])
    wrong = models.with_conditional(
        model, "z0", lambda eta, t: eta._replace(value=eta.value + np.array([0.0, 1.0]))
    )
    found = re.search(r"parameter 'value' is (\S+) where .* is (\S+)\.", validate(wrong).sentence)
    assert float(found[1]) - float(found[2]) == pytest.approx(1.0, abs=1e-4)


def writes(stats):
    stats["mu"].square[...] *= 2.0


def removes(stats):
    stats.pop("mu")


@pytest.mark.parametrize("block", ["mu", "tau"])
@pytest.mark.parametrize(
    ("write", "words"), [(writes, "'square' of block 'mu' changed"), (removes, "removes a block")]
)
def test_a_conditional_that_writes_into_its_statistics_is_named(block, write, words):
    def writing(eta, stats):
        write(stats)
        return eta

    report = validate(with_conditional(block, writing))
    assert report.passed is False
    assert f"the conditional of block {block!r} writes into the statistics" in report.sentence
    assert words in report.sentence
    other = {"mu": "tau", "tau": "mu"}[block]
    assert all(row["passed"] for row in report.rows if row["block"] == other)


def test_a_log_joint_that_writes_into_its_statistics_is_named():
    model = copy.copy(honest())

    def writing(stats):
        total = honest().log_joint(stats)
        if np.ndim(stats["mu"].square):
            writes(stats)
        return total

    model.log_joint = writing
    report = validate(model)
    assert report.passed is False
    assert "the log joint writes into the statistics: 'square' of block 'mu'" in report.sentence


def test_a_log_density_that_writes_into_its_points_is_named():
    class Writing(DensityAlone):
        def log_density(self, z):
            z *= 0.5
            return -2.0 * (z**2).sum(-1)

    report = validate(Writing())
    assert report.passed is False
    assert "the log density writes into the z it is handed" in report.sentence


def test_the_size_of_a_mistake_is_in_nats():
    """A rate that is 0.25 too large moves log p(tau'|mu) - log p(tau|mu) by -0.25 (tau' - tau), for
    the very tau and tau' that `validate` looked at."""
    model = with_conditional("tau", lambda eta, t: eta._replace(value=eta.value - 0.25))
    right, seen = model.log_joint, []

    def spied(stats):
        seen.append(stats)
        return right(stats)

    model.log_joint = spied
    report = validate(model)
    (row,) = (r for r in report.rows if r["block"] == "tau" and not r["passed"])
    sizes = [
        0.25 * np.abs(b["tau"].value - a["tau"].value)
        for a, b in pairwise(seen)
        if np.array_equal(a["mu"].value, b["mu"].value)
    ]
    assert np.isclose(np.concatenate([np.ravel(s) for s in sizes]), row["off by"]).any()
    assert f"off by {row['off by']:.4g} nats" in report.sentence
    rate, slope = map(
        float, re.search(r"'value' is (\S+) where .* (\S+?)\.$", report.sentence).groups()
    )
    assert rate - slope == pytest.approx(-0.25, rel=1e-3)


def test_a_log_joint_that_is_not_affine_is_found():
    model = copy.copy(honest())
    right = model.log_joint
    model.log_joint = lambda stats: right(stats) + stats["tau"].value * stats["mu"].value ** 2
    report = validate(model)
    failed = {(row["check"], row["block"]) for row in report.rows if not row["passed"]}
    assert ("log joint along the statistics", "mu") in failed
    assert ("expected log joint", "") in failed
    assert ("log joint along the statistics", "tau") not in failed


@pytest.mark.parametrize(
    ("log_joint", "words"),
    [
        (lambda stats: 0.0, r"has shape \(\)"),
        (lambda stats: np.full(np.shape(stats["mu"].value), np.nan), "is nan at a draw"),
        (lambda stats: stats["mew"], "KeyError"),
        (lambda stats: stats["mu"].value[..., None], "has shape"),
    ],
)
def test_a_log_joint_that_is_none_is_the_only_finding(log_joint, words):
    model = copy.copy(honest())
    model.log_joint = log_joint
    report = validate(model)
    assert report.passed is False
    assert "log joint" in report.sentence
    assert re.search(words, report.sentence), report.sentence


def test_the_number_that_is_none_is_shown(monkeypatch):
    """Of 32 states the log joint is -inf at one."""
    found = np.arange(32.0)
    found[5] = -np.inf
    monkeypatch.setattr(validation, "log_joint", lambda model, t: found)
    model = vi_lab.problem("newcomb").model
    finding = validation._log_joint(model, np.random.default_rng(0))
    assert finding.words == "is -inf at a draw of the prior" and finding.limits == np.inf


def test_starts_outside_the_support_are_found():
    model = copy.copy(honest())
    right = model.sample_latents

    def wrong(rng, batch=()):
        return {**right(rng, batch), "tau": -np.ones(batch)}

    model.sample_latents = wrong
    report = validate(model)
    assert "block 'tau' starts outside the support of Gamma" in report.sentence


def test_plates_that_are_not_those_of_the_statistics_are_found():
    report = validate(models.with_block(honest(), "tau", plates=(3,)))
    assert report.passed is False
    assert "block 'tau' needs shape (3, 3) for 3 chains, got (3,)" in report.sentence


def test_a_density_alone_is_looked_at_too():
    assert validate(DensityAlone()).passed
    wrong = DensityAlone()
    wrong.log_density = lambda z: -0.5 * z**2
    assert "has shape (32, 2)" in validate(wrong).sentence


def test_the_report_shows_itself():
    report = validate(with_conditional("tau", wrong_rate))
    page = report._repr_html_()
    assert "FAILED" in page and "complete conditional" in page and "<td>tau</td>" in page
    report.plot()
    assert repr(validate(vi_lab.problem("coal"))).startswith("<validation of ChangePoint: passed")


class Funnel:
    """A density with its gradient, in closed form."""

    dimension = 3

    def log_density(self, z):
        v = z[..., 0]
        return -0.5 * v**2 / 9 - v - 0.5 * np.exp(-v) * (z[..., 1:] ** 2).sum(-1)

    def gradient(self, z):
        v, rest = z[..., :1], z[..., 1:]
        first = -v / 9 - 1 + 0.5 * np.exp(-v) * (rest**2).sum(-1, keepdims=True)
        return np.concatenate([first, -np.exp(-v) * rest], -1)

    def sample_latents(self, rng, batch=()):
        return {"z": rng.standard_normal((*batch, 3))}


def test_a_density_that_is_none_at_some_starts_is_counted(monkeypatch):
    """Finite at 27 of 32."""
    honest = Funnel.log_density

    def log_density(self, z):
        found = honest(self, z)
        found[:5] = np.nan
        return found

    monkeypatch.setattr(Funnel, "log_density", log_density)
    assert "of 32 starts it has shape (32,) and is finite at 27;" in validate(Funnel()).sentence


def test_a_slope_is_held_in_units_of_its_own_state():
    """A start a million times as far out as the others does not hide a mistake at these."""

    class Normal:
        dimension, independent_rows = 2, None

        def log_density(self, z):
            return -0.5 * (z**2).sum(-1)

        def gradient(self, z):
            off = np.zeros(z.shape)
            off[7, 1] = 1e-3
            return off - z

        def sample_latents(self, rng, batch=()):
            z = rng.standard_normal((*batch, 2))
            z[0] *= 1e6
            return {"z": z}

    found = density_validation._gradient(Normal(), np.random.default_rng(0))
    assert found.limits > 1.0 and found.words.startswith("its coordinate 1 is ")
    assert found.off == pytest.approx(1e-3, rel=1e-2)


def test_all_that_is_wrong_is_counted_and_two_are_said(monkeypatch):
    """Of one block's three findings and what rests on them."""
    wrong = [Finding(9.0, 1.0, f"word {i}", f"check {i}") for i in range(5)]
    right = Finding(0.0, 1.0, "", "another")
    for count, left in ((1, 0), (2, 0), (3, 1), (5, 3)):
        found = [right, *wrong[:count], right]
        monkeypatch.setattr(validation, "_validate_blocks", lambda *_, found=found: found)
        report = validate(vi_lab.problem("newcomb"))
        said = "; ".join(f"check {i}: word {i}" for i in range(min(count, 2)))
        more = f" {left} more in the table." if left else ""
        assert report.sentence == f"{said}.{more}" and len(report.rows) == count + 2
        assert (report.passed, report.statistic) == (False, 9.0)
    monkeypatch.setattr(validation, "_validate_blocks", lambda *_: [right, right])
    assert validate(vi_lab.problem("newcomb")).sentence == "All 2 findings agree."


def test_the_gradient_of_a_density_is_held_against_it():
    report = validate(Funnel())
    assert report.passed and report.rows[-1]["check"] == "gradient"


@pytest.mark.parametrize("coordinate, factor", [(0, -1.0), (1, 1.001), (2, 0.0), (2, np.nan)])
def test_a_wrong_coordinate_of_a_gradient_is_named(coordinate, factor, monkeypatch):
    honest = Funnel.gradient
    scale = np.where(np.arange(3) == coordinate, factor, 1.0)
    monkeypatch.setattr(Funnel, "gradient", lambda self, z: honest(self, z) * scale)
    report = validate(Funnel())
    assert not report.passed
    assert report.sentence.startswith(f"gradient: its coordinate {coordinate} is ")


def test_a_gradient_of_another_shape_and_one_that_writes_are_found(monkeypatch):
    monkeypatch.setattr(Funnel, "gradient", lambda self, z: z.sum(-1))
    assert "has shape (32,); needs the same" in validate(Funnel()).sentence
    monkeypatch.setattr(Funnel, "gradient", lambda self, z: np.multiply(z, 2, out=z))
    assert "the gradient writes into the z" in validate(Funnel()).sentence


@pytest.mark.parametrize(("module", "first", "model"), [
    (validation, "_starts", vi_lab.problem("newcomb")),
    (validation, "_log_joint", vi_lab.problem("newcomb")),
    (density_validation, "_log_density", Funnel()),
])  # fmt: skip
def test_what_rests_on_a_finding_is_looked_at_where_that_is_allowed(
    module, first, model, monkeypatch
):
    whole = len(validate(model).rows)
    for off, passed in ((1.0, True), (1.01, False)):
        monkeypatch.setattr(module, first, lambda *_, off=off: Finding(off, 1.0, "words"))
        report = validate(model)
        said = [row["check"] for row in report.rows]
        assert report.passed is passed and (len(said) == whole) is passed
        assert passed or said[-1] == first[1:].replace("_", " ")
