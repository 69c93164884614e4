"""The pictures of a trained VAE: they say what they show, and show what is there."""

import re

import numpy as np
import pytest

from tests.vae.data import blobs
from vi_lab import plots
from vi_lab.errors import NotApplicable
from vi_lab.vae import VAE


@pytest.fixture(scope="module")
def x():
    """Pictures of two by three."""
    return blobs()


@pytest.fixture(scope="module")
def fit(x):
    return VAE(6, 2, (5,), dtype="float64").fit(x, epochs=6, rng=0)


def tiles(ax, rows, columns):
    """The mean of each value of each picture, by cutting the sheet evenly."""
    (image,) = ax.images
    array = np.asarray(image.get_array())
    tall, wide = (array.shape[0] + 5) // rows, (array.shape[1] + 5) // columns
    for i, j in np.ndindex(rows, columns):
        tile = array[i * tall : (i + 1) * tall - 5, j * wide : (j + 1) * wide - 5]
        fold = tile.shape[0] // 2
        yield tile[fold // 2 :: fold, fold // 2 :: fold].ravel()


def test_the_tiles_are_the_pictures(fit, x):
    shown = list(tiles(plots.reconstructions(fit, x, shape=(2, 3)), 2, 12))
    np.testing.assert_array_equal(shown[:12], x[:12])
    np.testing.assert_allclose(shown[12:], fit.reconstruct(x[:12]))
    shown = list(tiles(plots.manifold(fit, side=5, shape=(2, 3)), 5, 5))
    np.testing.assert_allclose(shown[12], fit.decode([0.0, 0.0]))
    # the first latent grows to the right, the second upwards: 2.0537 is where 2 % are left
    np.testing.assert_allclose(shown[4], fit.decode([2.05374891, 2.05374891]))
    np.testing.assert_allclose(shown[20], fit.decode([-2.05374891, -2.05374891]))
    shown = list(tiles(plots.samples(fit, side=3, shape=(2, 3)), 3, 3))
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
