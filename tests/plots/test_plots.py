"""Pictures: what they show against independent numbers, their words, and what they leave alone."""

import base64
import struct
from dataclasses import replace
from html.parser import HTMLParser
from itertools import combinations, pairwise
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

import vi_lab
from tests.forks import outcome
from tests.tables import table
from tests.users import Unsolved
from tests.vae.data import blobs
from vi_lab import (
    CorrelatedGaussian,
    Factorised,
    Gamma,
    InputError,
    InputTypeError,
    Normal,
    NormalGamma,
    cavi,
    compare,
    exact,
    gibbs,
    kl,
    ledger,
    metropolis_hastings,
    plots,
    problem,
)
from vi_lab.plots import smoothing
from vi_lab.problems.methods import METHODS
from vi_lab.vae import VAE

NEWCOMB, COAL, CORRELATED = (problem(name) for name in ("newcomb", "coal", "correlated"))
YEARS = dict(start=1851, unit="year", events="disasters")


@pytest.fixture(scope="module", autouse=True)
def no_window():
    """Drawing must not need a display."""
    before = matplotlib.get_backend()
    pyplot.switch_backend("Agg")
    yield
    pyplot.close("all")
    pyplot.switch_backend(before)


@pytest.fixture(scope="module")
def results():
    """Every kind of result on three problems, small."""
    made = {}
    for item in (NEWCOMB, COAL, CORRELATED):
        made[item.name] = {
            "exact": exact(item),
            "metropolis-hastings": metropolis_hastings(item, rng=1, draws=300, warmup=300),
            "gibbs": gibbs(item, rng=1, draws=300, warmup=50),
            "cavi": cavi(item, rng=1, restarts=3),
        }
    return made


@pytest.fixture(scope="module")
def comparison():
    return compare(["newcomb", "coal"], methods=["exact", "exact-draws", "gibbs", "cavi"], rng=1)


@pytest.fixture(scope="module")
def sweep():
    variants = [problem("correlated", rho=rho) for rho in (0.9, 0.0, 0.6)]
    return compare(variants, methods=["cavi", "gibbs"], rng=1)


@pytest.fixture(scope="module")
def material(results, comparison, sweep):
    fit = VAE(6, 2, (5,), dtype="float64").fit(blobs(), epochs=6, rng=0)
    truth = results["coal"]["exact"]
    more = dict(truth=truth, evidence=truth.log_evidence, sweep=sweep, comparison=comparison)
    return SimpleNamespace(**results, **more, fit=fit, x=blobs())


def balanced(ax=None):
    means = np.linspace(23, 29, 31)
    q = Factorised(NEWCOMB, mu=Normal.of(mean=means, sd=1.3), tau=Gamma.of(shape=35, rate=3800))
    truth = exact(NEWCOMB)
    return plots.balance(means, q.elbo, kl(q, truth), truth.log_evidence, label="mean, ns", ax=ax)


def ledgers(model=NEWCOMB):
    return {f"{k} sweeps": ledger(model, cavi(model, rng=1, max_sweeps=k, tol=0)) for k in (1, 2)}


# how each picture is drawn, of m and with ax, and what its description says
DRAWN = {
    "account": lambda m, **to: plots.account(ledgers(), **to),
    "balance": lambda m, **to: balanced(**to),
    "elbo_trace": lambda m, **to: plots.elbo_trace(m.coal["cavi"], log_evidence=m.evidence, **to),
    "marginal": lambda m, **to: plots.marginal(m.newcomb.values(), "tau", **to),
    "marginal of whole numbers": lambda m, **to: plots.marginal(m.coal, "s", **to),
    "joint": lambda m, **to: plots.joint(m.correlated.values(), "z0", "z1", **to),
    "chains": lambda m, **to: plots.chains(m.coal["gibbs"], "rates[1]", truth=m.truth, **to),
    "change_point": lambda m, **to: plots.change_point(m.coal, **YEARS, **to),
    "sweep_gap": lambda m, **to: plots.sweep_gap(m.sweep, **to),
    "sweep_sd": lambda m, **to: plots.sweep_sd(m.sweep, **to),
    "sweep_ess": lambda m, **to: plots.sweep_ess(m.sweep, **to),
    "dots": lambda m, **to: plots.dots(m.comparison, "wasserstein", **to),
    "cost_accuracy": lambda m, **to: plots.cost_accuracy(m.comparison, "coal", **to),
    "reconstructions": lambda m, **to: plots.reconstructions(m.fit, m.x, shape=(2, 3), **to),
    "samples": lambda m, **to: plots.samples(m.fit, side=3, shape=(2, 3), **to),
    "manifold": lambda m, **to: plots.manifold(m.fit, side=5, shape=(2, 3), **to),
    "encoded": lambda m, **to: plots.encoded(m.fit, m.x, np.arange(60) % 3, **to),
    "vae_trace": lambda m, **to: plots.vae_trace(m.fit, **to),
    "gap_waterfall": lambda m, **to: plots.gap_waterfall(m.fit.gaps(m.x[:4]), **to),
}
WORDS = {
    "account": ["ELBO", "KL", "log evidence", "nats"],
    "balance": ["mean, ns", "ELBO", "KL", "sum"],
    "elbo_trace": ["sweeps", "3 restarts", "1 distinct optimum", "0.0704 nats short"],
    "marginal": ["tau", "exact", "Gibbs", "CAVI", "mean"],
    "marginal of whole numbers": ["Posterior of s", "mean 39.9"],
    "joint": ["z0", "z1", "correlation 0.90", "correlation 0.00"],
    "chains": ["4 chains", "Gibbs", "rates[1]"],
    "change_point": ["1851", "1962", "disasters", "mean 1889.9"],
    "sweep_gap": ["nats", "0.83 at 0.9", "log(1 − ρ²)"],
    "sweep_sd": ["0.436 at 0.9", "√(1 − ρ²)"],
    "sweep_ess": ["Gaussian", "draw", "(1 − ρ²) / (1 + ρ²)"],
    "dots": ["newcomb", "coal", "CAVI", "Gibbs"],
    "cost_accuracy": ["coal", "20,000 evaluations"],
    "reconstructions": ["12 pictures", "reconstruction"],
    "samples": ["3 by 3", "N(0, I)"],
    "manifold": ["5 by 5", "-2.05 to 2.05", "2 latents"],
    "encoded": ["60 posterior means", "0 around", "2 around", "mean of z[1]"],
    "vae_trace": ["6 epochs", "ELBO", "reconstruction", "KL"],
    "gap_waterfall": ["4 data", "amortisation gap", "approximation gap", "log p(x)"],
}


@pytest.fixture
def draw(material):
    return lambda name, **to: DRAWN[name](material, **to)


# what every picture does


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_has_a_figure_of_its_own_and_says_what_it_shows(draw, name):
    """It leaves the user's settings alone, and words do not cover words: tick labels of an axis
    keep clear of each other."""
    with matplotlib.rc_context({"font.size": 17, "axes.grid": True, "svg.hashsalt": "mine"}):
        settings, figures = dict(matplotlib.rcParams), pyplot.get_fignums()
        ax = draw(name)
        figure = ax.figure
        assert len(plots.show(figure).png) > 2000
        assert dict(matplotlib.rcParams) == settings
        assert pyplot.get_fignums() == figures
    assert isinstance(ax, Axes) and isinstance(figure, Figure)
    text = plots.alt_text(ax)
    assert all(words in text for words in WORDS[name]), text
    assert "nan" not in text and "inf" not in text.replace("infer", "")
    assert text[-1] == "."
    for part in [*figure.axes, *(inside for outer in figure.axes for inside in outer.child_axes)]:
        for side in (part.xaxis, part.yaxis):
            boxes = [t.get_window_extent() for t in side.get_ticklabels() if t.get_text()]
            near = part.bbox.expanded(1.2, 1.2)
            boxes = [box for box in boxes if box.width and near.overlaps(box)]
            for one, two in combinations(boxes, 2):
                assert not one.overlaps(two), f"{name}: tick labels touch"


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_drawn_where_it_is_told_to(draw, name):
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert draw(name, ax=right) is right
    assert right.has_data() and not left.has_data()
    assert set(figure.axes) == {left, right}
    with pytest.raises(InputError):
        plots.alt_text(left)
    assert plots.alt_text(figure) == plots.alt_text(right)


def test_pictures_need_neither_pyplot_nor_a_display(tmp_path):
    code = (
        "import sys, vi_lab; from vi_lab import plots;"
        "plots.show(plots.elbo_trace(vi_lab.cavi(vi_lab.problem('coal'), rng=1)));"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    assert outcome(code, cwd=tmp_path) == (0, "False\n", "")


def test_your_own_axes_keep_your_style(results):
    with matplotlib.rc_context({"axes.titlesize": 23}):
        _, ax = pyplot.subplots()
        plots.elbo_trace(results["coal"]["cavi"], ax=ax)
        own = plots.elbo_trace(results["coal"]["cavi"])
    assert ax.title.get_fontsize() == 23
    assert own.title.get_fontsize() == 11
    pyplot.close("all")


def test_every_method_has_a_look_of_its_own():
    styles = list(plots.STYLE.values())
    for look in ("colour", "marker", "label"):
        assert len({getattr(style, look) for style in styles}) == len(styles)
    assert {method.name for method in METHODS} <= set(plots.STYLE)
    shown = [plots.STYLE[m].line for m in ("exact", "exact-draws", "gibbs", "cavi")]
    assert len(set(map(str, shown))) == len(shown)
    assert plots.style_of("exact draws") == plots.STYLE["exact-draws"]
    assert plots.style_of("Metropolis-Hastings") == plots.STYLE["metropolis-hastings"]
    assert plots.style_of("something new").label == "something new"


def test_a_method_looks_the_same_in_every_picture(draw):
    for name in ("marginal", "sweep_gap", "dots", "cost_accuracy", "elbo_trace"):
        colours = {line.get_color() for line in draw(name).lines}
        assert plots.STYLE["cavi"].colour in colours, name


# pictures in a notebook


class Image(HTMLParser):
    def handle_starttag(self, tag, attributes):
        self.tag, self.attributes = tag, dict(attributes)


def test_a_notebook_gets_an_image_with_alt_text(draw):
    ax = draw("elbo_trace")
    plots.describe(ax, 'Said with "quotes" & <angles>.')
    picture = plots.show(ax)
    image = Image()
    image.feed(picture._repr_html_())
    assert image.tag == "img"
    assert image.attributes["alt"] == picture.alt == plots.alt_text(ax)
    assert 'Said with "quotes" & <angles>.' in image.attributes["alt"]
    kind, data = image.attributes["src"].split(",", 1)
    assert kind == "data:image/png;base64"
    png = base64.b64decode(data)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    assert width / int(image.attributes["width"]) == pytest.approx(1.5, rel=0.01)
    assert height > 300
    assert repr(picture) == f"<Picture: {picture.alt}>"


def test_a_picture_is_the_same_every_time(draw):
    one, again = draw("joint"), draw("joint")
    assert plots.show(one).png == plots.show(again).png
    assert plots.svg_bytes(one.figure, "alt", "title") == plots.svg_bytes(
        again.figure, "alt", "title"
    )


def test_several_panels_are_one_picture(sweep):
    figure, axes = plots.panels(1, 2)
    plots.sweep_gap(sweep, ax=axes[0, 0])
    plots.sweep_sd(sweep, ax=axes[0, 1])
    picture = plots.show(axes[0, 1])
    assert picture.alt == plots.alt_text(figure)
    assert plots.alt_text(axes[0, 0]) in picture.alt and plots.alt_text(axes[0, 1]) in picture.alt
    assert plots.show(figure, alt="Two panels.").alt == "Two panels."


# what the pictures say, by another route


def line_of(ax, label):
    (found,) = [line for line in ax.lines if line.get_label() == label]
    return found.get_data()


def moments(x, density):
    """Area, mean and sd of a drawn density, by the trapezoid rule."""
    area = np.trapezoid(density, x)
    mean = np.trapezoid(x * density, x) / area
    return area, mean, np.sqrt(np.trapezoid((x - mean) ** 2 * density, x) / area)


def test_an_exact_marginal_is_drawn_as_the_textbook_has_it(results):
    """All the others, as numbers: tests/plots/test_true_curves.py."""
    truth = results["newcomb"]["exact"].posterior
    mu, density = line_of(plots.marginal(results["newcomb"]["exact"], "mu"), "exact")
    scale = np.sqrt(truth.rate / (truth.root.item() ** 2 * truth.shape))
    known = stats.t(2 * truth.shape, truth.mean["mu"], scale).pdf(mu)
    assert density == pytest.approx(known, abs=2e-3 * known.max())


@pytest.mark.parametrize("name", ["mu", "tau"])
def test_marginals_have_the_moments_of_their_results(results, name):
    named = results["newcomb"]
    ax = plots.marginal(named, name)
    for result in named.values():
        label = plots.style_of(result.method).label
        area, mean, sd = moments(*line_of(ax, label))
        assert area == pytest.approx(1, abs=0.01)
        assert abs(mean - result.mean(name)) < 0.03 * result.sd(name)
        assert sd == pytest.approx(result.sd(name), rel=0.06)


def test_probabilities_of_whole_numbers(results):
    ax = plots.marginal(results["coal"], "s")
    weights = np.exp(results["coal"]["exact"].posterior.log_weights)
    for bar in ax.patches:
        s = round(bar.get_x() + bar.get_width() / 2)
        p = weights[s - 1]
        assert abs(bar.get_height() - p) < 5 * np.sqrt(p * (1 - p) / 100_000) + 1e-9
    of_q = results["coal"]["cavi"].q["s"].parameters["probabilities"]
    x, height = line_of(ax, "CAVI")
    assert height == pytest.approx(of_q[np.round(x).astype(int) - 1])


def test_smoothing_finds_a_known_density():
    """Half a million normal draws; a kernel five times as wide would be seen."""
    draws = np.random.default_rng(1).standard_normal(500_000)
    grid = np.linspace(-5, 5, 301)
    assert smoothing.smooth(draws, grid) == pytest.approx(stats.norm.pdf(grid), abs=5e-3)
    wide = smoothing._kernel(grid, 5 * smoothing.bandwidth(draws))
    counts, _ = np.histogram(draws, smoothing._edges(grid))
    assert np.abs(wide @ counts / len(draws) - stats.norm.pdf(grid)).max() > 5e-3

    pair = smoothing.smooth_pair(draws[::2], draws[1::2], grid, grid)
    known = stats.norm.pdf(grid)[:, None] * stats.norm.pdf(grid)
    np.testing.assert_allclose(pair, known, atol=5e-3)


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_contours_hold_their_share(share):
    """Of a round normal, the radius r holds 1 - exp(-r^2/2)."""
    grid = np.linspace(-5, 5, 401)
    density = stats.norm.pdf(grid)[:, None] * stats.norm.pdf(grid)
    (level,) = smoothing.mass_levels(density, [share])
    assert level == pytest.approx((1 - share) / (2 * np.pi), rel=5e-3)


def test_joint_densities(results):
    view = plots.View(results["correlated"]["exact"])
    grid = np.linspace(-2, 2, 21)
    points = np.stack(np.meshgrid(grid, grid, indexing="ij"), axis=-1)
    known = stats.multivariate_normal([0, 0], [[1, 0.9], [0.9, 1]]).pdf(points)
    assert view.joint("z0", "z1", grid, grid) == pytest.approx(known)
    assert view.joint("z1", "z0", grid, grid) == pytest.approx(known.T)
    sd = results["correlated"]["cavi"].sd("z0")[0]
    known = np.multiply.outer(stats.norm(scale=sd).pdf(grid), stats.norm(scale=sd).pdf(grid))
    assert plots.View(results["correlated"]["cavi"]).joint("z0", "z1", grid, grid) == pytest.approx(
        known, rel=1e-5
    )


def test_what_is_one_block_is_not_taken_for_independent():
    target = CorrelatedGaussian(mean=(0, 0), cov=[[1, 0.9], [0.9, 1]], blocks=[[0, 1]])
    view = plots.View(cavi(target, rng=1))
    grid = np.linspace(-3, 3, 61)
    density = view.joint("z0[0]", "z0[1]", grid, grid)
    assert density[45, 45] > 5 * density[45, 15]  # along the diagonal, not across it


class Forgetful(NormalGamma):
    """A constant is planted in the log joint."""

    def log_joint(self, stats):
        return super().log_joint(stats) + 2.0


def tops(ax):
    """Where each stack of the account ends: the upper edge of its KL."""
    bars = [patch for patch in ax.patches if patch.get_hatch()]
    return [bar.get_y() + bar.get_height() for bar in bars]


def test_the_account_ends_on_the_log_evidence():
    ax = plots.account(ledgers())
    evidence = exact(NEWCOMB).log_evidence
    assert tops(ax) == pytest.approx([evidence] * 2, abs=1e-9)
    assert [line.get_ydata()[0] for line in ax.lines] == [evidence]
    assert ax.get_ylim()[0] < min(book.elbo for book in ledgers().values())


def test_a_planted_constant_shows_in_the_account():
    model = NEWCOMB.model
    wrong = Forgetful(model.x, mu0=20, kappa0=0.1, a0=2, b0=50)
    ax = plots.account({"right": ledgers()["2 sweeps"], "wrong": ledgers(wrong)["2 sweeps"]})
    evidence = exact(NEWCOMB).log_evidence
    assert tops(ax) == pytest.approx([evidence, evidence + 2.0])
    assert "does not hold for wrong" in plots.alt_text(ax)
    assert "'wrong'" in ax.get_title(loc="left")


def test_an_account_without_the_truth():
    model = Unsolved(NEWCOMB.model.x, mu0=20, kappa0=0.1, a0=2, b0=50)
    ax = plots.account(ledgers(model))
    assert "not known" in plots.alt_text(ax)
    assert not tops(ax)


def test_the_balance_is_level():
    ax = balanced()
    _, total = line_of(ax, "ELBO + KL")
    assert np.ptp(total) < 1e-9
    means, elbo = line_of(ax, "ELBO(q)")
    assert means[np.argmax(elbo)] == pytest.approx(26.2)


def test_the_trace_has_a_line_for_each_restart(results):
    q = results["coal"]["cavi"]
    ax = plots.elbo_trace(q)
    drawn = np.array([line.get_ydata() for line in ax.lines]).T
    assert drawn == pytest.approx(q.elbo_trace)
    assert (np.diff(drawn, axis=0) > -1e-9).all()


def test_a_bound_that_meets_the_evidence_is_said_to():
    target = CorrelatedGaussian(mean=(0, 0), cov=[[1, 0.9], [0.9, 1]], blocks=[[0, 1]])
    ax = plots.elbo_trace(cavi(target, rng=1), log_evidence=0.0)
    assert "meets log p(x)" in plots.alt_text(ax)
    low, high = ax.get_ylim()
    assert 0.1 < high - low < 10  # not a picture of rounding


@pytest.mark.parametrize(
    ("picture", "formula"),
    [
        (plots.sweep_gap, lambda rho: -0.5 * np.log(1 - rho**2)),
        (plots.sweep_sd, lambda rho: np.sqrt(1 - rho**2)),
    ],
)
def test_cavi_measured_lies_on_the_formula(sweep, picture, formula):
    ax = picture(sweep)
    theory, measured = (line.get_data() for line in ax.lines)
    assert measured[0] == pytest.approx([0.0, 0.6, 0.9])
    assert measured[1] == pytest.approx(formula(measured[0]), abs=1e-6)
    assert theory[1] == pytest.approx(formula(theory[0]))


def test_gibbs_measured_lies_near_the_formula(sweep):
    """z0 of one sweep is rho^2 times that of the last plus noise: an AR(1) chain."""
    rho, share = plots.sweep_ess(sweep).lines[1].get_data()
    assert share == pytest.approx((1 - rho**2) / (1 + rho**2), rel=0.25)


def test_counts_stand_in_their_years(results):
    ax = plots.change_point(results["coal"], **YEARS)
    bars = ax.containers[0]
    assert len(bars) == 112
    assert bars[0].get_x() + bars[0].get_width() / 2 == pytest.approx(1851)
    assert sum(bar.get_height() for bar in bars) == 191
    (inside,) = ax.child_axes
    tallest = max(inside.patches, key=lambda bar: bar.get_height())
    assert round(tallest.get_x() + tallest.get_width() / 2) == 1891


def test_rows_are_where_their_numbers_say(comparison):
    ax = plots.dots(comparison, "gap")
    (line,) = ax.lines
    assert line.get_label() == "CAVI"
    gaps = {row.problem: row.gap for row in comparison.rows if row.method == "cavi"}
    assert dict(zip(line.get_ydata(), line.get_xdata(), strict=True)) == pytest.approx(
        {0: gaps["newcomb"], 1: gaps["coal"]}
    )
    evaluations = plots.dots(comparison, "evaluations")
    assert line_of(evaluations, "Gibbs")[0] == pytest.approx([20_000, 20_000])


# names and mistakes


def test_coordinates_are_found_by_the_names_in_tables(results):
    assert plots.View(results["coal"]["exact"]).coordinates == ("s", "rates[0]", "rates[1]")
    assert plots.View(results["correlated"]["gibbs"]).coordinates == ("z0", "z1")
    for item in results.values():
        for result in item.values():
            written = {row["latent"].removesuffix("[0]") for row in result.table()}
            known = {name.removesuffix("[0]") for name in plots.View(result).coordinates}
            assert written == known


def test_a_long_vector_has_no_pictures_of_its_coordinates():
    target = CorrelatedGaussian(mean=np.zeros(12), cov=np.eye(12), blocks=[[0], list(range(1, 12))])
    view = plots.View(exact(target))
    assert view.coordinates == ("z0",)
    assert plots.alt_text(plots.marginal(view, "z1[7]")).startswith("Posterior of z1[7]")


BATCH = Factorised(NEWCOMB, mu=Normal.of(mean=[25, 26], sd=1), tau=Gamma.of(shape=35, rate=3800))


@table(
    ("mistake", "error", "words"),
    [
        (lambda m: plots.marginal(m.coal, "rate[0]"), InputError, "did you mean 'rates'"),
        (lambda m: plots.marginal(m.coal, "rates"), InputError, "rates[0], rates[1]"),
        (lambda m: plots.marginal(m.coal, "rates[2]"), InputError, "rates[0], rates[1]"),
        (lambda m: plots.marginal(m.coal, "s[1]"), InputError, "one coordinate of 's'"),
        (lambda m: plots.marginal([], "mu"), InputTypeError, "results"),
        (lambda m: plots.marginal([m.coal["cavi"]] * 2, "s"), InputTypeError, "names of their"),
        (lambda m: plots.marginal(BATCH, "mu"), InputError, "batch"),
        (lambda m: plots.joint(m.coal, "s", "rates[0]"), InputError, "whole numbers"),
        (lambda m: plots.joint(m.newcomb, "mu", "mu"), InputError, "two coordinates"),
        (lambda m: plots.chains(m.coal["cavi"], "s"), InputTypeError, "Draws"),
        (lambda m: plots.chains(m.coal["gibbs"], "s", first=0), InputError, "first"),
        (lambda m: plots.change_point(m.newcomb), InputTypeError, "ChangePoint"),
        (lambda m: plots.elbo_trace(m.truth), InputTypeError, "cavi"),
        (lambda m: plots.account({}), InputTypeError, "ledgers"),
        (lambda m: plots.balance([1, 2], [1], [1], 0.0), InputError, "shape"),
        (lambda m: plots.dots(m.coal, "gap"), InputTypeError, "Comparison"),
        (lambda m: plots.alt_text(Figure()), InputError, "describe"),
        (lambda m: plots.cost_accuracy(m.comparison), InputError, "newcomb, coal"),
        (lambda m: plots.cost_accuracy(m.comparison, "cole"), InputError, "did you mean 'coal'"),
        (lambda m: plots.sweep_gap(m.comparison), InputError, "sweep('correlated')"),
        (lambda m: plots.samples(m.fit), InputError, "needs height times width to be 6, got no"),
        (lambda m: plots.reconstructions(m.fit, m.x, shape=(2, 2)), InputError, "6, got (2, 2)"),
        (lambda m: plots.encoded(m.fit, m.x, [1, 2, 3]), InputError, "needs shape (60,), got (3,)"),
        (lambda m: plots.gap_waterfall(m.fit), InputTypeError, "gaps: needs what"),
    ],
)
def test_mistakes_are_named(material, mistake, error, words):
    with pytest.raises(error) as caught:
        mistake(material)
    assert words in str(caught.value)


def test_what_is_infinite_is_an_arrow_at_the_edge():
    """The worst method of all must not be the one without a mark."""
    numbers = dict(wasserstein=np.inf, complete_conditionals=10)
    rows = (
        vi_lab.compare("coin", methods="cavi", rng=0).rows[0],
        replace(vi_lab.compare("coin", methods="gibbs", rng=0).rows[0], **numbers),
    )
    comparison = vi_lab.compare("coin", methods="cavi", rng=0)
    comparison = type(comparison).of([vi_lab.problem("coin")], rows, {}, "quick", 0, False)
    _, ax = pyplot.subplots()
    plots.dots(comparison, "wasserstein", ax=ax)
    (arrow,) = [line for line in ax.lines if line.get_marker() == ">"]
    assert list(arrow.get_xdata()) == [1.0] and arrow.get_transform() == ax.get_yaxis_transform()
    assert np.isfinite(ax.get_xlim()).all()
    _, ax = pyplot.subplots()
    plots.cost_accuracy(comparison, ax=ax)
    (arrow,) = [line for line in ax.lines if line.get_marker() == "^"]
    assert list(arrow.get_ydata()) == [1.0] and np.isfinite(ax.get_ylim()).all()
    assert ax.get_title() == "On coin CAVI comes nearest to the truth"  # Gibbs is made infinite
    for figure in map(pyplot.figure, pyplot.get_fignums()):
        figure.canvas.draw()
    pyplot.close("all")


def test_numbers_along_an_axis_of_powers_stand_apart():
    """100,000 and 1,000,000 ran into each other in half a page."""
    comparison = vi_lab.compare("coin", methods=["cavi", "gibbs"], rng=0)
    costs = zip(comparison.rows, (100, 2_000_000), strict=True)
    rows = [replace(r, density_evaluations=n, complete_conditionals=0) for r, n in costs]
    long = type(comparison).of([vi_lab.problem("coin")], rows, {}, "quick", 0, False)
    figure, axes = plots.panels(1, 2, size=(8.2, 3.0))
    plots.dots(long, "evaluations", ax=axes.flat[0])
    figure.canvas.draw()
    low, high = axes.flat[0].get_xlim()
    boxes = [
        label.get_window_extent()
        for at, label in zip(axes.flat[0].get_xticks(), axes.flat[0].get_xticklabels(), strict=True)
        if low <= at <= high
    ]
    assert len(boxes) > 3
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    pyplot.close(figure)


def test_a_gap_that_is_none_is_an_arrow_at_the_left_edge():
    """On an axis of powers of ten rounding would be a number, and zero has no place."""
    comparison = vi_lab.compare(["coin", "coal"], methods="cavi", rng=0)
    ax = plots.dots(comparison, "gap")
    none, some = ax.lines
    assert none.get_marker() == "<" and none.get_label() == "CAVI: 0"
    assert list(none.get_xdata()) == [0.0] and list(none.get_ydata()) == [0]
    assert none.get_transform() == ax.get_yaxis_transform()
    gap = next(row.gap for row in comparison.rows if row.problem == "coal")
    assert list(some.get_xdata())[1] == gap and np.isnan(some.get_xdata()[0])
    assert "coin 0, coal 0.0704" in plots.alt_text(ax.figure)
    ax.figure.canvas.draw()
    name = ax.get_yticklabels()[0].get_window_extent()
    assert name.width and not name.overlaps(none.get_window_extent())
    # what is above log p(x) by more than its error has no place on the axis either
    above = [replace(row, gap=-1.0) if row.problem == "coin" else row for row in comparison.rows]
    ax = plots.dots(replace(comparison, rows=tuple(above)), "gap")
    assert [list(line.get_ydata()) for line in ax.lines] == [[1]]
    alone = plots.dots(vi_lab.compare("coin", methods="cavi", rng=0), "gap")
    assert plots.show(alone).png and alone.get_xscale() == "linear"


def test_the_house_style_inside_itself_leaves_a_change_alone():
    before = dict(matplotlib.rcParams)
    with plots.house_style():
        assert matplotlib.rcParams["savefig.dpi"] == 150
        matplotlib.rcParams["font.size"] = 20.0
        with plots.house_style():
            assert matplotlib.rcParams["font.size"] == 20.0
        assert matplotlib.rcParams["font.size"] == 20.0
    assert dict(matplotlib.rcParams) == before
