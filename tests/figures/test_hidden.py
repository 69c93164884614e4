"""The pictures of hidden variables: each is drawn, and says in words what it shows."""

import numpy as np
import pytest
from matplotlib.path import Path

from vi_lab import InputError, InputTypeError, cavi, compare, exact, gaussian_q, plots, problem
from vi_lab.comparison import reference
from vi_lab.figures import hidden
from vi_lab.problems import methods


@pytest.fixture(scope="module")
def comparison():
    """Small runs: what is said of the hidden is exact, or CAVI's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(methods.BUDGETS, "quick", methods.Budget(2, 200, 200, 10))
        patch.setattr(reference, "LONG_DRAWS", 100)
        names = ["tiny-mixture", "old-faithful", "iris"]
        return compare(names, methods=["exact", "gibbs", "cavi"], rng=0)


@pytest.fixture(scope="module")
def digits():
    return exact(problem("digits"))


def jobs_of(comparison):
    for name in comparison.verdicts:
        results = {m: r for (p, m), r in comparison.results.items() if p == name}
        yield from hidden.list_problem_jobs(name, results)
        yield from hidden.list_sweep_jobs(name)


def test_every_picture_of_the_hidden_is_drawn_and_described(comparison):
    drawn = {}
    for name, draw in jobs_of(comparison):
        figure, title = draw()
        drawn[name] = plots.alt_text(figure)
        assert title
        assert plots.png_bytes(figure, drawn[name], title)[:4] == b"\x89PNG"
    assert set(drawn) == {
        "tiny-mixture-co-assignment",
        "old-faithful-co-assignment",
        "old-faithful-components",
        "iris-latents",
        "old-faithful-choice",
        "tiny-mixture-symmetry",
    }
    assert "Highest at 2. At 1 log p(x) is exactly -560.86" in drawn["old-faithful-choice"]
    assert "2 of 6 components" in drawn["old-faithful-choice"]
    assert "0.6931 at 8" in drawn["tiny-mixture-symmetry"]
    assert "sds 0.517 and 0.517 of the true ones" in drawn["iris-latents"]


def test_the_order_of_a_co_assignment_picture_is_that_of_the_data(comparison):
    ax = plots.co_assignment(comparison.results["tiny-mixture", "exact"])
    shown = np.asarray(ax.images[0].get_array())
    assert shown[0, 1] > 0.9 > shown[0, -1]
    np.testing.assert_allclose(shown, shown.T)


def test_matrices_side_by_side_share_one_bar(comparison):
    draw = dict(jobs_of(comparison))["tiny-mixture-co-assignment"]
    figure, _ = draw()
    assert len(figure.axes) == 3 + 1  # exact, Gibbs, CAVI and the bar
    assert figure.axes[-1].get_ylabel() == "P(same component)"
    with pytest.raises(InputTypeError, match="bar"):
        plots.co_assignment(comparison.results["tiny-mixture", "exact"], bar=1)


@pytest.mark.slow
def test_the_posteriors_of_a_decoder_are_drawn_from_the_easiest_to_the_hardest():
    methods = ["exact", "gaussian-mean-field", "gaussian-full-rank", "amortised"]
    comparison = compare("digits", methods=methods, rng=0)
    ((name, draw),) = jobs_of(comparison)
    assert name == "digits-posteriors"
    figure, title = draw()
    assert len(figure.axes) == 6 and "50 % and 90 %" in title
    short = [float(ax.get_title(loc="left").split("best q ")[1].split()[0]) for ax in figure.axes]
    assert short == sorted(short) and short[0] < 0.01 < short[-1]
    words = plots.alt_text(figure)
    assert words.count("full-rank Gaussian: z[0]") == 6 and "nats short" in words
    (legend,) = figure.legends
    assert [t.get_text() for t in legend.get_texts()] == [plots.style_of(m).label for m in methods]


def test_contours_and_ellipses_hold_the_shares_they_name(digits):
    """By draws: half and nine tenths of them lie inside the two curves of q."""
    q = gaussian_q(digits.model, rng=0)
    ax = plots.latent_posterior(digits, {"gaussian-full-rank": q}, row=3)
    curves = [line.get_xydata() for line in ax.lines if len(line.get_xydata()) == 120]
    draws = q.sample(20_000, rng=1)["z"][:, 3]
    low, high = np.transpose([ax.get_xlim(), ax.get_ylim()])
    assert (np.concatenate(curves) > low + 0.01).all()  # none lies on the frame
    assert (np.concatenate(curves) < high - 0.01).all()
    for curve, share in zip(curves, (0.5, 0.9), strict=True):
        assert Path(curve).contains_points(draws).mean() == pytest.approx(share, abs=0.02)
    mean = np.asarray(digits.mean("z"))[3]
    assert f"Exact: z[0] {mean[0]:.3g} ±" in plots.alt_text(ax)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda t: plots.components(cavi(problem("newcomb"))), InputTypeError, "in two dimensions"),
        (lambda t: plots.latent_means(exact(problem("iris", q=1))), InputTypeError, "two or more"),
        (lambda t: plots.bound_over([1, 2], [1.0]), InputError, "values, bounds: need one shape"),
        (lambda t: plots.latent_posterior(3), InputTypeError, "Exact of a DecoderModel"),
        (lambda t: plots.latent_posterior(exact("x")), InputError, "model: unknown name 'x'"),
        (lambda t: plots.latent_posterior(t, {"q": 3}), InputTypeError, "GaussianRows"),
        (lambda t: plots.latent_posterior(t, row=20), InputError, "row: needs at most 19, got 20"),
    ],
)
def test_bad_input_of_what_is_hidden(digits, call, error, words):
    with pytest.raises(error, match=words):
        call(digits)
