"""The pictures that a comparison leaves: whole, described, the same every time, for any model."""

import re
from collections.abc import Iterable
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib import pyplot
from PIL import Image

from tests.users import DensityAlone, Unsolved
from vi_lab import (
    ChangePoint,
    CorrelatedGaussian,
    NormalMixture,
    compare,
    exact,
    plots,
    problem,
    sweep,
)
from vi_lab.figures.comparison import (
    FORMATS,
    _marginals,
    save_figures,
    save_overall_figures,
    save_problem_figures,
)
from vi_lab.figures.layout import arrange, finish
from vi_lab.problems import methods
from vi_lab.problems.methods import Budget
from vi_lab.runtime import storage

EACH = ["marginals", "joint", "nats"]
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """A run small enough for a test."""
    monkeypatch.setitem(methods.BUDGETS, "quick", Budget(2, 200, 200, 3))


def names(paths: Iterable):
    """File names without suffix, in order, each once."""
    return list(dict.fromkeys(path.stem for path in paths))


@pytest.fixture
def unseen(monkeypatch):
    """For tests of which pictures there are and what they say: each is its description alone."""
    for suffix in FORMATS:
        monkeypatch.setitem(FORMATS, suffix, lambda figure, alt, title: alt.encode())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The usual run, and what it left."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(methods.BUDGETS, "quick", Budget(2, 200, 200, 3))
        comparison = compare(["coal", "correlated"], methods=["exact", "gibbs", "cavi"], rng=3)
        folder = tmp_path_factory.mktemp("figures")
        return comparison, folder, save_figures(comparison, folder, jobs=1)


def test_every_problem_gets_its_pictures_and_all_get_a_summary(run):
    _, _, written = run
    expected = [f"{p}-{kind}" for p in ("coal", "correlated") for kind in EACH]
    expected.insert(expected.index("coal-nats") + 1, "coal-data")
    assert names(written) == [*expected, "correlated-sweep", "summary", "cost-accuracy"]


def test_in_brief_a_problem_has_its_own_pictures_or_its_marginals_and_no_account(
    run, tmp_path, unseen
):
    comparison, _, _ = run
    plain = compare("newcomb", methods=["exact"], rng=3)
    for one in (plain, *(comparison[name] for name in comparison.verdicts)):
        save_problem_figures(one, tmp_path, brief=True)
    save_overall_figures(comparison, tmp_path, brief=True)
    assert {path.stem for path in tmp_path.iterdir()} == {
        "newcomb-marginals", "coal-marginals", "coal-data", "summary",
        "correlated-marginals", "correlated-joint", "correlated-nats",
    }  # fmt: skip


def test_the_legend_of_many_methods_is_not_cut_off():
    named = {style.label: style for style in plots.STYLE.values()}
    figure, axes = plots.panels(1, 2, size=(11.0, 4.0))
    for label in (*named, "Metropolis-Hastings: infinite"):
        axes[0, 0].plot([0, 1], [0, 1], label=label)
    finish(figure, axes, 2, "many")
    plots.png_bytes(figure, "many")
    (legend,) = figure.legends
    box, canvas = legend.get_window_extent(), figure.bbox
    assert box.width > 0.5 * canvas.width
    assert canvas.x0 <= box.x0 and box.x1 <= canvas.x1


def test_letters_can_be_read_in_a_column_of_text(run):
    """No picture is so wide that letters of 9 points have fewer than 7 at 6.5 inches."""
    _, folder, _ = run
    for path in folder.glob("*.png"):
        with Image.open(path) as image:
            inches = image.width / image.info["dpi"][0]
        assert 9 * 6.5 / inches > 7, path.name
    assert arrange(5, 2.75, 2.0) == (2, 3, (8.25, 4.9))
    assert arrange(4, 2.75, 2.0)[:2] == (2, 2)
    assert arrange(1, 2.75, 2.0, above=0.0) == (1, 1, (2.75, 2.0))


def test_each_is_there_as_png_and_as_svg_and_nothing_else_is(run):
    _, folder, written = run
    assert sorted(folder.iterdir()) == sorted(written)
    assert {path.suffix for path in written} == {".png", ".svg"}
    assert len(written) == 2 * len(names(written))


def test_a_png_is_whole_sharp_and_described(run):
    for path in run[2]:
        if path.suffix == ".png":
            with Image.open(path) as image:
                image.load()
                rows = len(run[0].verdicts)  # of the summary, which grows with them
                least = 180 * rows if path.stem == "summary" else 400
                assert min(image.size) > least, path.name
                assert 100 < len(image.info["Description"]) < 6000
                assert image.info["Title"]
                assert "Software" not in image.info
                pixels = np.asarray(image.convert("L"))
            assert pixels.std() > 5, f"{path.name} is empty"
            edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
            assert (edge > 200).mean() > 0.97, f"{path.name} is cut off"


def test_an_svg_is_well_formed_and_described(run):
    for path in run[2]:
        if path.suffix == ".svg":
            root = ElementTree.parse(path).getroot()
            assert root.tag == f"{SVG}svg"
            title = root.find(f"{SVG}title").text
            described = root.find(f".//{DUBLIN_CORE}description").text
            assert root.get("role") == "img"
            assert root.get("aria-label") == f"{title}. {described}"
            with Image.open(path.with_suffix(".png")) as image:
                assert image.info["Title"] == title
                assert image.info["Description"] == described
            assert root.find(f".//{DUBLIN_CORE}date") is None
            assert not re.search(
                rb"https?://(?!www\.w3\.org|purl\.org|creativecommons)", path.read_bytes()
            )


def test_descriptions_hold_the_numbers(run):
    comparison, folder, _ = run
    gap = next(r.gap for r in comparison.rows if (r.problem, r.method) == ("coal", "cavi"))
    with Image.open(folder / "coal-nats.png") as image:
        assert f"{gap:.3g} nats short" in image.info["Description"]
    with Image.open(folder / "coal-data.png") as image:
        assert "1851 to 1962" in image.info["Description"]
    with Image.open(folder / "correlated-sweep.png") as image:
        assert "0.83 at 0.9" in image.info["Description"]


def test_files_are_written_whole(tmp_path, unseen, monkeypatch):
    """Through storage.write_bytes: beside, then renamed."""
    seen = []
    monkeypatch.setattr(storage, "write_bytes", lambda path, content: seen.append(path) or path)
    coin = compare("coin", methods=["exact", "cavi"], rng=1)
    written = save_figures(coin, tmp_path / "not" / "there", jobs=1)
    assert sorted(written) == sorted(seen)
    assert len(seen) == 2 * len(names(seen)) > 6
    assert not list(tmp_path.iterdir())


def test_pyplot_knows_nothing_of_it(run):
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize(
    ("method", "kinds"),
    [
        ("exact", ["marginals", "joint"]),
        pytest.param("exact-draws", ["marginals", "joint"], marks=pytest.mark.slow),
        pytest.param("gibbs", ["marginals", "joint"], marks=pytest.mark.slow),
        ("cavi", EACH),
    ],
)
def test_one_method_alone(method, kinds, tmp_path, unseen):
    written = save_figures(compare("newcomb", methods=[method], rng=1), tmp_path)
    assert names(written)[: len(kinds)] == [f"newcomb-{kind}" for kind in kinds]
    assert ("summary" in names(written)) == (method != "exact")


def test_a_sweep_gets_the_sweep_picture(tmp_path, unseen):
    variants = sweep("correlated")[:3]
    written = save_figures(compare(variants, methods=["cavi"], rng=1), tmp_path)
    assert "sweep" in names(written) and "correlated-sweep" not in names(written)
    assert "correlated-rho=0.3-joint" in names(written)
    words = (tmp_path / "sweep.png").read_text("utf-8")
    assert "√(1 − ρ²)" in words
    assert "Gibbs" not in words


def test_the_sweep_draws_the_methods_that_were_run(tmp_path, unseen):
    written = save_figures(compare("correlated", methods=["gibbs"], rng=1), tmp_path)
    assert "correlated-sweep" in names(written)
    words = (tmp_path / "correlated-sweep.png").read_text("utf-8")
    assert "effective draws" in words
    assert "nats" not in words


# models that others will write


class TwoClasses(NormalMixture):
    """Nominal labels and one summary."""

    def summaries(self, latents):
        return {"size": np.abs(latents["mu"]).max(-1)}


def test_a_model_that_offers_a_density_alone(tmp_path, unseen):
    written = save_figures(compare(DensityAlone(), rng=1), tmp_path)
    assert names(written) == ["DensityAlone-marginals", "DensityAlone-joint"]


def test_a_model_without_a_known_truth(tmp_path, unseen):
    model = Unsolved(problem("newcomb").model.x, mu0=20, kappa0=0.1, a0=2, b0=50)
    written = save_figures(compare(model, methods=["gibbs", "cavi"], rng=1), tmp_path)
    assert names(written)[:3] == [f"Unsolved-{kind}" for kind in EACH]
    words = (tmp_path / "Unsolved-nats.png").read_text("utf-8")
    assert "log p(x)" not in words


def test_a_model_with_nominal_labels(tmp_path, unseen):
    model = TwoClasses(np.linspace(-2, 2, 30), 1.0, m0=(-1, 1), s0=1.0, weights=(0.5, 0.5))
    assert "labellings" in model.no_exact_because
    written = save_figures(compare(model, methods=["gibbs", "cavi"], rng=1), tmp_path)
    assert "TwoClasses-marginals" in names(written)
    assert "TwoClasses-joint" not in names(written)
    words = (tmp_path / "TwoClasses-marginals.png").read_text("utf-8")
    assert words.startswith("Posterior of size")


def test_long_vectors_are_left_out(tmp_path, unseen):
    model = CorrelatedGaussian(mean=np.zeros(12), cov=np.eye(12), blocks=[list(range(12))])
    written = save_figures(compare(model, methods=["exact", "gibbs", "cavi"], rng=1), tmp_path)
    assert names(written) == [
        "CorrelatedGaussian-nats", "summary", "cost-accuracy",
    ]  # fmt: skip


def test_counts_of_ones_own_start_at_time_one(tmp_path, unseen):
    model = ChangePoint([3, 4, 2, 5, 0, 1, 0, 1], a=(2, 2), b=(1, 1))
    save_figures(compare(model, methods=["exact", "cavi"], rng=1), tmp_path)
    words = (tmp_path / "ChangePoint-data.png").read_text("utf-8")
    assert "from 1 to 8" in words


def test_nothing_to_draw(tmp_path):
    """Gibbs alone was asked for, and it does not apply."""
    comparison = compare(DensityAlone(), methods=["gibbs"], rng=1)
    assert not comparison.rows[0].applies
    assert save_figures(comparison, tmp_path) == []


def test_odd_names_make_plain_files(tmp_path, unseen):
    named = replace(problem("newcomb"), name="my/own problem")
    written = save_figures(compare(named, methods=["exact"], rng=1), tmp_path)
    assert {path.parent for path in written} == {tmp_path}
    assert names(written) == ["my-own-problem-marginals", "my-own-problem-joint"]


def test_the_year_of_coal_is_a_year_in_both_of_its_pictures():
    known = exact("coal")
    figure, _ = _marginals("coal", {"exact": plots.view.View(known)}, ["s"])
    low, high = figure.axes[0].get_xlim()
    year = known.mean("s") + 1850
    assert 1875 < low < year < high < 1905
    assert f"mean {year:.0f}," in plots.alt_text(figure)


def test_the_unit_of_newcomb_is_named():
    figure, _ = _marginals("newcomb", {"exact": plots.view.View(exact("newcomb"))}, ["mu"])
    assert "24,800 ns" in plots.alt_text(figure)
