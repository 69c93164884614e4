"""Bad input to pictures: one clear error each, and plain pictures of what only looks bad."""

import numpy as np
import pytest

import vi_lab
from tests.fuzz.doors import CHANGE
from tests.fuzz.plots import material
from vi_lab import InputError, InputTypeError, plots

NARROW = [1.0, 1.0]
MISTAKES = [
    (lambda m: plots.balance("abc", [1], [1], 0.0), InputTypeError, "values"),
    (lambda m: plots.balance([1.0], [np.nan], [1], 0.0), InputError, "elbo"),
    (lambda m: plots.balance([1.0], [1], [1], set()), InputTypeError, "log_evidence"),
    (lambda m: plots.balance([1.0], [1], [1], 0.0, label=3), InputTypeError, "label"),
    (lambda m: plots.account({1: m["ledger"]}), InputTypeError, "ledgers"),
    (lambda m: plots.bound_over([1], [1], log_evidence=3), InputTypeError, "log_evidence"),
    (lambda m: plots.symmetry_gap([1, 2], [1], 2), InputError, "separations, gaps"),
    (lambda m: plots.symmetry_gap([1], [1], "2"), InputTypeError, "copies"),
    (lambda m: plots.latent_means(m["pca"], m["q of decoder"]), InputTypeError, "q"),
    (lambda m: plots.latent_posterior(m["decoded"], 3), InputTypeError, "qs"),
    (lambda m: plots.topics(np.eye(4), np.eye(4), shape=(-2, -2)), InputError, "shape"),
    (lambda m: plots.topics(np.eye(4), np.eye(4), shape=None), InputTypeError, "shape"),
    (lambda m: plots.manifold(m["fits"][0], shape=7.5), InputTypeError, "shape"),
    (lambda m: plots.samples(m["fits"][0], side=10**9), InputError, "side"),
    (lambda m: plots.reconstructions(m["fits"][0], 3), InputError, "x"),
    (lambda m: plots.encoded(range(3), m["bits"]), InputTypeError, "fit"),
    (lambda m: plots.encoded(m["fits"][0], m["bits"], [1, None]), InputTypeError, "labels"),
    (lambda m: plots.components(m["mixture"], labels="x"), InputTypeError, "labels"),
    (lambda m: plots.marginal(m["mixture"], 3), InputTypeError, "name"),
    (lambda m: plots.marginal(m["mixture"], "z", legend=1), InputTypeError, "legend"),
    (lambda m: plots.marginal({1: m["mixture"]}, "z"), InputTypeError, "results"),
    (lambda m: plots.marginal([[0.0]], "z"), InputTypeError, "results"),
    (lambda m: plots.rho_of(None, None), InputTypeError, "comparison"),
    (lambda m: plots.rho_of(m["sweep"], 3), InputTypeError, "row"),
    (lambda m: plots.View(3), InputTypeError, "result"),
    (lambda m: plots.View(m["decoded"]).density("z[0,0]", [1, 1]), InputError, "grid"),
    (lambda m: plots.panels(-1), InputError, "rows"),
    (lambda m: plots.panels(layout="loose"), InputError, "layout"),
    (lambda m: plots.panels(size=(0, 1)), InputError, "size"),
    (lambda m: plots.panels(sharex="cool"), InputError, "panels()"),
    (lambda m: plots.describe(None, "words"), InputTypeError, "ax"),
    (lambda m: plots.style_of(None), InputTypeError, "method"),
    (lambda m: plots.png_bytes(None, "words"), InputTypeError, "figure"),
    (lambda m: plots.svg_bytes(plots.panels()[0], 3, "words"), InputTypeError, "alt"),
    (lambda m: plots.png_bytes(plots.panels(size=(1e6, 1e6))[0], "words"), InputError, "figure"),
    (lambda m: plots.show(plots.panels()[0], alt=3), InputTypeError, "alt"),
    (lambda m: plots.alt_text(None, 3), InputTypeError, "alt_text()"),
]


@pytest.mark.parametrize(("call", "error", "name"), MISTAKES)
def test_a_mistake_about_a_picture_is_named(call, error, name):
    with pytest.raises(error) as caught:
        call(material())
    assert str(caught.value).startswith(name) and len(str(caught.value)) < 300


@pytest.mark.filterwarnings("error")
def test_what_is_all_at_one_place_has_a_picture():
    """Equal limits of an axis are a warning of matplotlib's."""
    draws = plots.chains(vi_lab.gibbs(CHANGE, rng=0, draws=50), "s", first=1)
    for ax in (
        draws,
        plots.balance(NARROW, NARROW, NARROW, 2.0),
        plots.symmetry_gap([0.0], [0.0], 1),
        plots.balance([1.0, 2.0], [1e20, 1e20], [0.0, 0.0], 1e20),
    ):
        assert plots.show(ax).png
        assert np.ptp(ax.get_xlim()) > 0 and np.ptp(ax.get_ylim()) > 0


@pytest.mark.filterwarnings("error")
def test_words_that_are_no_mathtext_are_refused_when_drawn():
    ax = plots.balance([1.0, 2.0], NARROW, NARROW, 2.0, label="$\\frac{$")
    with pytest.raises(InputError, match="figure: cannot be drawn"):
        plots.show(ax)


def test_a_sum_that_is_not_the_evidence_stays_in_the_picture():
    ax = plots.balance([1.0, 2.0], [0.0, 0.0], [600.0, 601.0], 1.0)
    assert ax.get_ylim()[1] > 601.0


def test_a_density_of_whole_numbers_is_smoothed_like_any_other():
    """Draws of another method may not be whole; the steps between whole ones were no floats."""
    grid = np.linspace(-2.0, 6.0, 401)
    density = plots.View(vi_lab.exact(CHANGE)).density("s", grid)
    assert abs(np.trapezoid(density, grid) - 1.0) < 0.3
