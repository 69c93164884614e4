"""The pictures of topics, glyphs and levels: drawn from the results, and true to them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from vi_lab import InputError, LocalLevel, compare, exact, plots, problem
from vi_lab.datasets import load_ising_glyphs, load_lda_bars
from vi_lab.figures import structured
from vi_lab.figures.pairs import choose_pair
from vi_lab.problems import methods
from vi_lab.problems.methods import Budget


def drawn(comparison, name):
    """Each picture of one problem: its name, with its description."""
    results = {m: r for (p, m), r in comparison.results.items() if p == name}
    found = {}
    for picture, draw in structured.list_problem_jobs(name, results):
        figure, title = draw()
        found[picture] = plots.alt_text(figure)
        assert title.startswith(name)
        assert plots.png_bytes(figure, found[picture], title)[:4] == b"\x89PNG"
    return found


@pytest.fixture(scope="module")
def bars():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(methods.BUDGETS, "quick", Budget(2, 150, 100, 10))
        return compare("bars", methods=["gibbs", "collapsed-gibbs", "cavi"], rng=1)


def foreseen(words):
    """log p of each word held out, a loop over all of them."""
    held_out = problem("bars").held_out
    total = sum(n * np.log(words[d, w]) for (d, w), n in np.ndenumerate(held_out) if n)
    return total / held_out.sum()


def test_words_held_out_are_as_many_again_from_the_same_documents():
    bars, corpus = problem("bars"), load_lda_bars().data
    assert bars.held_out.shape == bars.model.counts.shape
    assert (bars.held_out.sum(1) == 60).all()
    assert not np.array_equal(bars.held_out, bars.model.counts)
    expected = 60 * corpus["theta"] @ corpus["topics"]
    assert (bars.held_out[expected == 0] == 0).all()
    chi_square = ((bars.held_out - expected)[expected > 0] ** 2 / expected[expected > 0]).sum()
    degrees = (expected > 0).sum() - len(expected)
    assert abs(chi_square - degrees) < 5 * np.sqrt(2 * degrees)
    assert problem("newcomb").held_out is None


def test_every_method_is_scored_on_the_words_held_out(bars):
    corpus = load_lda_bars().data
    rows = {row.method: row.held_out for row in bars.rows}
    assert list(rows) == ["gibbs", "collapsed-gibbs", "cavi"]
    flat, best = np.log(1 / 25), foreseen(corpus["theta"] @ corpus["topics"])
    for method, score in rows.items():
        result = bars.results["bars", method]
        if method == "cavi":
            words = result.mean("theta") @ result.mean("topics")
        else:
            drawn = [(result.values[n][c, i]) for n in ("theta", "topics") for c in range(2)
                     for i in range(len(result.values[n][c]))]  # fmt: skip
            half = len(drawn) // 2
            words = np.mean([a @ b for a, b in zip(drawn[:half], drawn[half:], strict=True)], 0)
        assert score == pytest.approx(foreseen(words), abs=1e-12)
        assert flat < score < best
    sentence = bars.verdicts["bars"]
    for method, words in (("gibbs", "Gibbs"), ("cavi", "CAVI")):
        assert f"{words} {rows[method]:.4f}" in sentence
    assert "words held out have, in nats a word" in sentence


def test_the_topics_are_drawn_below_the_bars_they_are_matched_with(bars):
    (text,) = drawn(bars, "bars").values()
    truth = load_lda_bars().data["topics"]
    assert f"held-out score {foreseen_best():.3f}" in text or text.startswith("The truth")
    q = bars.results["bars", "cavi"].mean("topics")
    apart = np.abs(truth[:, None] - q[None]).sum(-1) / 2
    overlap = linear_sum_assignment(-(truth @ q.T))[1]
    found = (apart[np.arange(10), overlap] < 0.3).sum()
    score = next(r.held_out for r in bars.rows if r.method == "cavi")
    assert f"CAVI: {found} of 10 bars found, held-out score {score:.3f} nats a word" in text
    assert "Gibbs: " in text and "(its chains: " in text


def foreseen_best():
    corpus = load_lda_bars().data
    return foreseen(corpus["theta"] @ corpus["topics"])


def test_variants_of_the_bars_have_no_truth_to_be_drawn_beside(bars):
    results = {"cavi": bars.results["bars", "cavi"]}
    assert not list(structured.list_problem_jobs("bars n_topics=5", results))
    named = replace(problem("newcomb"), name="bars")
    assert not drawn(compare(named, methods=["cavi"], rng=0), "bars")


def test_collapsed_gibbs_has_a_row_where_there_are_topics():
    tiny = {m.name for m in methods.select_methods(methods.METHODS, problem("bars").model)}
    assert "collapsed-gibbs" in tiny
    (row,) = compare("coin", methods=["collapsed-gibbs"], rng=0).rows
    assert not row.applies and "LatentDirichletAllocation" in row.reason
    assert "collapsed-gibbs" not in {r.method for r in compare("coin", rng=0).rows}


def test_a_picture_of_topics_needs_the_words_of_a_picture():
    truth = load_lda_bars().data["topics"]
    with pytest.raises(InputError, match="height times width to be 25"):
        plots.topics(truth, truth, shape=(5, 4))
    text = plots.alt_text(plots.topics(truth[::-1], truth, shape=(5, 5)))
    assert "matched with it 0.00, 0.00" in text


class Seen:
    """Coordinates with draws, as a View has them."""

    def __init__(self, **draws):
        self.coordinates = tuple(draws)
        self.draws = draws.__getitem__

    def is_whole(self, text):
        return text == "s"


def test_the_pair_drawn_is_the_one_that_hangs_together_most():
    a, b, noise = np.random.default_rng(0).standard_normal((3, 4000))
    seen = Seen(s=a, one=a, two=b, three=noise - 3 * b)
    assert choose_pair("anything", seen) == ["two", "three"]
    assert choose_pair("anything", Seen(one=a, two=b, three=noise)) == ["one", "two"]
    assert choose_pair("anything", Seen(one=a, two=np.zeros(4000))) == ["one", "two"]
    assert choose_pair("anything", Seen(s=a, one=b)) == []
    trees = plots.View(exact(problem("trees")))
    assert choose_pair("trees", trees) == ["beta[0]", "beta[2]"]
    schools = plots.View(exact(problem("eight-schools")))
    assert choose_pair("eight-schools scale=1", schools) == ["theta[0]", "tau"]
    assert choose_pair("eight-schools", seen) == ["two", "three"]


@pytest.fixture(scope="module")
def seen():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(methods.BUDGETS, "quick", Budget(2, 100, 100, 3))
        return compare(["denoise", "nile"], methods=["exact", "gibbs", "cavi"], rng=0)


def test_the_denoised_picture_counts_the_pixels_that_are_wrong(seen):
    (text,) = drawn(seen, "denoise").values()
    glyphs = load_ising_glyphs().data
    true, image = glyphs["vi16"], glyphs["vi16_noisy10"]
    for label, picture in (
        ("seen", image),
        ("true", true),
        ("CAVI", seen.results["denoise", "cavi"].mean("x")),
        ("exact", seen.results["denoise", "exact"].mean("x")),
    ):
        wrong = sum(p * t <= 0 for p, t in zip(np.ravel(picture), np.ravel(true), strict=True))
        mean = np.mean(picture)
        assert f"{label}: 16 by 16 pixels, mean {mean:.3f}, {wrong} of them" in text


def test_the_level_is_drawn_with_each_method_s_sd(seen):
    (text,) = drawn(seen, "nile").values()
    truth, q = (seen.results["nile", m].sd("x").mean() for m in ("exact", "cavi"))
    assert "exact: 100 measurements" in text and f"mean sd {truth:.3g}" in text
    assert q < 0.9 * truth and f"mean sd {q:.3g}" in text


def test_a_level_stands_at_the_times_of_its_data_or_is_counted():
    years, counted = problem("nile", n=3).model, LocalLevel([1.0, 2.0], 1, 1, 0, 1)
    for model, unit, times in ((years, "year", [1871, 1872, 1873]), (counted, "time", [1, 2])):
        ax = plots.panels(1, 1)[1].flat[0]
        structured.draw_level(ax, model, "exact", exact(model))
        assert ax.get_xlabel() == unit
        assert [list(line.get_xdata()) for line in ax.lines] == [times] * 2
