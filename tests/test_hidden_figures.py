"""The pictures of hidden variables: each is drawn, and says in words what it shows."""

import numpy as np
import pytest

from vi_lab import InputError, InputTypeError, cavi, compare, exact, hidden_figures, plots, problem


@pytest.fixture(scope="module")
def comparison():
    return compare(
        ["tiny-mixture", "old-faithful", "iris"], methods=["exact", "gibbs", "cavi"], rng=0
    )


def jobs_of(comparison):
    for name in comparison.verdicts:
        results = {m: r for (p, m), r in comparison.results.items() if p == name}
        yield from hidden_figures.of_problem(name, results)
    yield from hidden_figures.of_comparison(list(comparison.verdicts))


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


def test_components_need_a_mixture_in_the_plane():
    with pytest.raises(InputTypeError, match="a mixture in two dimensions"):
        plots.components(cavi(problem("newcomb")))


def test_latent_means_need_two_hidden_coordinates():
    with pytest.raises(InputTypeError, match="two or more hidden coordinates"):
        plots.latent_means(exact(problem("iris", q=1)))


def test_bounds_need_one_shape():
    with pytest.raises(InputError, match="one shape"):
        plots.bound_over([1, 2], [1.0])


def test_the_order_of_a_co_assignment_picture_is_that_of_the_data(comparison):
    ax = plots.co_assignment(comparison.results["tiny-mixture", "exact"])
    shown = np.asarray(ax.images[0].get_array())
    assert shown[0, 1] > 0.9 > shown[0, -1]
    np.testing.assert_allclose(shown, shown.T)
