"""The pictures of a trained VAE: they say what they show, and show what is there."""

import re
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.vae.data import blobs
from vi_lab import plots
from vi_lab.errors import InputError, InputTypeError, NotApplicable
from vi_lab.vae import VAE

LABELS = np.arange(60) % 3


@pytest.fixture(scope="module")
def x():
    """Pictures of two by three."""
    return blobs()


@pytest.fixture(scope="module")
def fit(x):
    return VAE(6, 2, (5,), dtype="float64").fit(x, epochs=6, rng=0)


DRAWN = {
    "reconstructions": lambda fit, x, ax: plots.reconstructions(fit, x, shape=(2, 3), ax=ax),
    "samples": lambda fit, x, ax: plots.samples(fit, side=3, shape=(2, 3), ax=ax),
    "manifold": lambda fit, x, ax: plots.manifold(fit, side=5, shape=(2, 3), ax=ax),
    "encoded": lambda fit, x, ax: plots.encoded(fit, x, LABELS, ax=ax),
    "vae_trace": lambda fit, x, ax: plots.vae_trace(fit, ax=ax),
    "gap_waterfall": lambda fit, x, ax: plots.gap_waterfall(fit.gaps(x[:4]), ax=ax),
}
WORDS = {
    "reconstructions": ["12 pictures", "reconstruction"],
    "samples": ["3 by 3", "N(0, I)"],
    "manifold": ["5 by 5", "-2.05 to 2.05", "2 latents"],
    "encoded": ["60 posterior means", "0 around", "2 around", "mean of z[1]"],
    "vae_trace": ["6 epochs", "ELBO", "reconstruction", "KL"],
    "gap_waterfall": ["4 data", "amortisation gap", "approximation gap", "log p(x)"],
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_says_what_it_shows_and_stays_on_its_axes(fit, x, name):
    ax = DRAWN[name](fit, x, None)
    assert isinstance(ax, Axes)
    text = plots.alt_text(ax)
    assert all(words in text for words in WORDS[name]), text
    assert "nan" not in text and text[-1] == "."
    assert len(plots.show(ax).png) > 2000
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert DRAWN[name](fit, x, right) is right
    assert right.has_data() and not left.has_data()


@pytest.mark.parametrize("name", DRAWN)
def test_words_do_not_cover_words(fit, x, name):
    ax = DRAWN[name](fit, x, None)
    plots.show(ax)
    for side in (ax.xaxis, ax.yaxis):
        boxes = [t.get_window_extent() for t in side.get_ticklabels() if t.get_text()]
        boxes = sorted((b for b in boxes if b.width), key=lambda b: (b.x0, b.y0))
        assert not [1 for a, b in pairwise(boxes) if a.overlaps(b)]


def sheet(ax):
    """The image on some axes, its darkest at 1."""
    (image,) = ax.images
    return np.asarray(image.get_array())


def tiles(ax, rows, columns):
    """The mean of each value of each picture, by cutting the sheet evenly."""
    array = sheet(ax)
    tall, wide = (array.shape[0] + 5) // rows, (array.shape[1] + 5) // columns
    for i, j in np.ndindex(rows, columns):
        tile = array[i * tall : (i + 1) * tall - 5, j * wide : (j + 1) * wide - 5]
        fold = tile.shape[0] // 2
        yield tile[fold // 2 :: fold, fold // 2 :: fold].ravel()


def test_the_tiles_are_the_pictures(fit, x):
    shown = list(tiles(DRAWN["reconstructions"](fit, x, None), 2, 12))
    np.testing.assert_array_equal(shown[:12], x[:12])
    np.testing.assert_allclose(shown[12:], fit.reconstruct(x[:12]))
    shown = list(tiles(DRAWN["manifold"](fit, x, None), 5, 5))
    np.testing.assert_allclose(shown[12], fit.decode([0.0, 0.0]))
    # the first latent grows to the right, the second upwards: 2.0537 is where 2 % are left
    np.testing.assert_allclose(shown[4], fit.decode([2.05374891, 2.05374891]))
    np.testing.assert_allclose(shown[20], fit.decode([-2.05374891, -2.05374891]))
    shown = list(tiles(DRAWN["samples"](fit, x, None), 3, 3))
    np.testing.assert_allclose(shown, fit.generate(9, rng=0, means=True))


def test_the_bars_of_the_waterfall_meet(fit, x):
    gaps = fit.gaps(x[:4])
    ax = plots.gap_waterfall(gaps)
    elbo, amortisation, approximation, evidence = ax.patches
    assert elbo.get_y() + elbo.get_height() == pytest.approx(gaps.elbo.mean())
    assert amortisation.get_y() == pytest.approx(gaps.elbo.mean())
    assert amortisation.get_height() == pytest.approx(gaps.amortisation.mean())
    assert approximation.get_height() == pytest.approx(gaps.approximation.mean())
    top = approximation.get_y() + approximation.get_height()
    assert top == pytest.approx(gaps.log_evidence.mean(), abs=1e-8)
    assert evidence.get_y() + evidence.get_height() == pytest.approx(gaps.log_evidence.mean())


def test_the_band_of_the_trace_is_the_kl(fit):
    ax = plots.vae_trace(fit)
    lines = {line.get_label(): line.get_ydata() for line in ax.lines}
    np.testing.assert_allclose(lines["reconstruction"] - lines["ELBO"], fit.trace.kl)


def test_the_latents_that_are_used_are_drawn(x):
    fit = VAE(6, 3, (5,), n_importance=2, dtype="float64").fit(x, epochs=2, rng=0)
    least = int(np.argmin(fit.kl_by_latent(x).mean(0)))
    ax = plots.encoded(fit, x, np.array(["ab", "cd"] * 30))
    named = [int(re.search(r"\d", label)[0]) for label in (ax.get_xlabel(), ax.get_ylabel())]
    assert sorted({0, 1, 2} - {least}) == named
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["ab", "cd"]
    assert "bound of 2 draws" in plots.alt_text(plots.vae_trace(fit))
    with pytest.raises(NotApplicable, match="of one or two latents; this VAE has 3"):
        plots.manifold(fit, shape=(2, 3))


def test_one_latent_and_a_gaussian_have_pictures_too(x):
    fit = VAE(6, 1, (5,), "gaussian", dtype="float64").fit(x, epochs=2, rng=0)
    assert plots.encoded(fit, x).get_ylabel() == "sd of z[0]"
    assert "1 by 4 pictures" in plots.alt_text(plots.manifold(fit, side=4, shape=(3, 2)))
    assert len(plots.show(plots.reconstructions(fit, x, shape=(2, 3))).png) > 2000


def test_bad_input_is_refused(fit, x):
    with pytest.raises(InputError, match="shape: needs height times width to be 6, got no square"):
        plots.samples(fit)
    with pytest.raises(InputError, match=r"to be 6, got \(2, 2\)"):
        plots.reconstructions(fit, x, shape=(2, 2))
    with pytest.raises(InputError, match=r"labels: needs shape \(60,\), got \(3,\)"):
        plots.encoded(fit, x, [1, 2, 3])
    for draw in (plots.samples, plots.manifold, plots.vae_trace):
        with pytest.raises(InputTypeError, match="fit: needs a trained VAE"):
            draw("fit")
    with pytest.raises(InputTypeError, match="gaps: needs what"):
        plots.gap_waterfall(fit)
