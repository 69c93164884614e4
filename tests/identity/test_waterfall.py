"""Where the nats go: the bars sum to log p(x), are what they claim, and a wrong one breaks the sum.

The oracle of the first bar is log p(x) less an ELBO, whereas the bar is a KL of its own route.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import vi_lab
from tests.thinning import mostly_slow
from tests.users import DensityAlone
from tests.vae.test_decoder_model import linear
from vi_lab import InputTypeError, NotApplicable, cavi, exact, gaussian_vi, plots, waterfall
from vi_lab.identity import waterfall as room
from vi_lab.model_or_problem import as_model
from vi_lab.numerics.rounding import Estimate
from vi_lab.problems.named import problem


def sums(fall):
    return fall.levels[-1].nats + sum(bar.nats for bar in fall.bars)


@pytest.mark.parametrize(
    "name", mostly_slow(["clutter", "newcomb", "ising", "coal", "challenger"], 3)
)
def test_the_bars_sum_to_the_evidence(name):
    fall = waterfall(name, rng=0)
    assert fall.holds is True and fall.levels[0].name == "log p(x)"
    assert abs(exact(name).log_evidence - sums(fall)) <= fall.tolerance + 1e-12
    assert [row["level"] for row in fall.table()] == [level.name for level in fall.levels]


def test_on_clutter_the_half_nat_is_that_of_independent_blocks():
    """METHODS: a Gaussian of the mean costs 0.0024, factors of mean and labels 0.5026 more."""
    fall = waterfall("clutter", rng=0)
    costs = {bar.name: bar.nats for bar in fall.bars}
    assert_allclose(costs["no Gaussian"], 0.0024, atol=1e-4)
    assert abs(costs["covariances"]) < 1e-9  # of one coordinate there are none
    assert_allclose(costs["independent blocks"], 0.5050 - 0.0024, atol=1e-4)


def test_a_bar_has_the_errors_of_both_its_levels_and_the_route_of_the_lower():
    """The first is a KL by its own route. In `repr` a bar within its error is none, up or down."""
    model = vi_lab.problem("newcomb").model
    numbers = [Estimate(-1.0, 0.25, "one"), Estimate(-1.125, 0.5, "two"), Estimate(-9.0, 2.0, "3")]
    qs = dict(zip(["gaussian-full-rank", "gaussian-mean-field", "this run"], "abc", strict=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "elbo_estimate", lambda q, _: numbers["abc".index(q)])
        patch.setattr(room, "kl_estimate", lambda q, _: Estimate(0.5, 0.125, f"KL of {q}"))
        fall = room.stack(model, dict(reversed(qs.items())))
    assert fall.bars == (
        ("no Gaussian", 0.5, 0.125, "KL of a"),
        ("covariances", 0.125, 0.75, "two"),
        ("this run", 7.875, 2.5, "3"),
    )
    truth = exact(model)
    assert fall.levels[0] == (
        "log p(x)", truth.log_evidence, truth.log_evidence_error, truth.route
    )  # fmt: skip
    assert [level[1:] for level in fall.levels[1:]] == numbers
    assert repr(fall).endswith("to -9: no Gaussian 0.5, covariances 0, this run 7.875>")
    gain = fall.bars[1]._replace(nats=-0.75), fall.bars[2]._replace(nats=-2.75)
    shown = repr(room.Waterfall(fall.levels[1:], gain, None, None, None))
    assert shown.endswith("covariances 0, this run -2.75>")


def test_a_run_of_ones_own_is_the_last_level():
    poor = gaussian_vi("newcomb", rng=0)
    off = poor.mixture._replace(means=poor.mixture.means + 0.1)
    q = vi_lab.GaussianPosterior(poor.model, off, "moved")
    fall = waterfall("newcomb", q, rng=0)
    assert fall.levels[-1].name == "moved" and fall.bars[-1].name == "this run"
    assert fall.levels[-1].nats == q.elbo and fall.holds is True


def test_a_gain_is_a_negative_bar():
    """On newcomb the factors of CAVI are nearer than any Gaussian of mu and log tau."""
    fall = waterfall("newcomb", rng=0)
    assert fall.bars[-1].nats < -1e-3 and fall.holds is True


class Banana:
    dimension = 2

    def log_density(self, z):
        z0, z1 = z[..., 0], z[..., 1]
        return -0.5 * z0**2 - 0.5 * ((z1 - z0**2) / 0.5) ** 2

    def sample_latents(self, rng, batch=()):
        return {"z": rng.standard_normal((*batch, 2))}


def test_without_a_truth_it_begins_at_the_best_gaussian():
    class Untold(Banana):
        no_exact_because = "nobody has worked it out"

    fall = waterfall(Untold(), rng=0)
    assert fall.holds is None and fall.reason
    assert [bar.name for bar in fall.bars] == ["covariances", "Laplace"]
    assert fall.levels[0].name == "full-rank Gaussian"


@pytest.mark.parametrize("problem", ["coin", Banana()], ids=["cavi", "laplace"])
def test_each_fit_has_the_restarts_that_were_asked_for_and_one_generator(problem, monkeypatch):
    seen = []

    def note(method):
        def run(model, **settings):
            seen.append(settings)
            return method(model, **settings)

        return run

    for name in ("gaussian_vi", "cavi", "laplace"):
        monkeypatch.setattr(room, name, note(getattr(room, name)))
    waterfall(problem, rng=0, restarts=2)
    assert [settings["restarts"] for settings in seen] == [2, 2, 2]
    assert len({id(settings["rng"]) for settings in seen}) == 1 and seen[0]["rng"] is not None


def test_a_wrong_kl_and_a_bound_above_the_evidence_are_mistakes(monkeypatch):
    honest = room.kl_estimate
    monkeypatch.setattr(
        room, "kl_estimate", lambda q, p: honest(q, p)._replace(value=honest(q, p).value + 0.01)
    )
    assert waterfall("newcomb", rng=0).holds is False
    monkeypatch.undo()
    monkeypatch.setattr(room, "elbo_estimate", lambda q, m: Estimate(-100.0, 1e-9, "closed form"))
    assert waterfall("newcomb", rng=0).holds is False


def test_what_it_refuses():
    with pytest.raises(InputTypeError):
        waterfall("newcomb", vi_lab.gibbs("newcomb", rng=0, draws=10, warmup=0), rng=0)
    with pytest.raises(InputTypeError, match="not the truth"):
        waterfall("newcomb", exact("newcomb"), rng=0)
    with pytest.raises(NotApplicable, match="no q has a bound"):
        room.stack(vi_lab.problem("newcomb").model, {})


def test_the_picture_has_a_bar_for_each_step_and_says_what_it_costs():
    fall = waterfall("challenger", cavi("challenger", rng=0), rng=0)
    ax = plots.gap_waterfall(fall)
    heights = [bar.get_height() for bar in ax.patches[1:-1]]
    assert_allclose(heights, [bar.nats for bar in fall.bars], atol=1e-12)
    words = plots.alt_text(ax)
    assert all(f"{bar.name} " in words for bar in fall.bars) and "−0.476" in [
        text.get_text() for text in ax.texts
    ]
    tops = np.cumsum([fall.levels[0].nats, *(-bar.nats for bar in fall.bars)])
    assert_allclose(tops, [level.nats for level in fall.levels], atol=1e-9)


@pytest.mark.parametrize(
    ("model", "asked"),
    [
        (linear()[0], {("gaussian_q", "full-rank"), ("gaussian_q", "mean-field"), ("amortised",)}),
        (
            problem("newcomb").model,
            {("gaussian_vi", "full", 3), ("gaussian_vi", "diagonal", 3), ("cavi", 3)},
        ),
        (
            as_model(DensityAlone()),
            {("gaussian_vi", "full", 3), ("gaussian_vi", "diagonal", 3), ("laplace", 3)},
        ),
    ],
)
def test_every_fit_has_the_seed_and_the_restarts(model, asked, monkeypatch):
    """As the fits draw from it one after another: none makes a generator of its own."""
    made, generator = set(), np.random.default_rng(0)

    def note(name):
        def fit(given, **words):
            drawn = name != "amortised"  # which is at hand
            assert given is model and ("rng" in words) is drawn
            assert words.pop("rng", generator) is generator
            made.add((name, *words.values()))

        return fit

    for name in ("gaussian_q", "gaussian_vi", "cavi", "laplace", "amortised"):
        monkeypatch.setattr(room, name, note(name))
    monkeypatch.setattr(room, "run_quietly", lambda fit, *given, **words: fit(*given, **words))
    list(room._fit(model, generator, 3))
    assert made == asked
