"""Names, shapes and starts of the parameters; the layout in one flat vector."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vi_lab.vae import VAE, Amortised, Trace
from vi_lab.vae.fast.layout import Layout


def test_the_parameters_are_named_and_ordered_as_promised():
    vae = VAE(n_inputs=7, n_latent=2, hidden=(5, 3), likelihood="gaussian")
    assert {name: value.shape for name, value in vae.init(rng=0).items()} == {
        "encoder.0.weight": (5, 7),
        "encoder.0.bias": (5,),
        "encoder.1.weight": (3, 5),
        "encoder.1.bias": (3,),
        "encoder.mean.weight": (2, 3),
        "encoder.mean.bias": (2,),
        "encoder.logvar.weight": (2, 3),
        "encoder.logvar.bias": (2,),
        "decoder.0.weight": (3, 2),
        "decoder.0.bias": (3,),
        "decoder.1.weight": (5, 3),
        "decoder.1.bias": (5,),
        "decoder.out.weight": (7, 5),
        "decoder.out.bias": (7,),
        "decoder.log_sd": (),
    }
    assert list(vae.init(rng=0)) == list(vae.network.shapes)


@pytest.mark.parametrize(
    "settings", [dict(likelihood="bernoulli"), dict(likelihood="gaussian", log_sd=0.0)]
)
def test_without_learned_noise_there_is_no_log_sd(settings):
    assert list(VAE(4, 1, (), **settings).init(rng=0)) == [
        "encoder.mean.weight",
        "encoder.mean.bias",
        "encoder.logvar.weight",
        "encoder.logvar.bias",
        "decoder.out.weight",
        "decoder.out.bias",
    ]


def test_the_start_is_glorots_and_the_same_in_both_precisions():
    single, double = (
        VAE(300, 4, (200,), dtype=dtype).init(rng=3) for dtype in ("float32", "float64")
    )
    for name, value in double.items():
        assert single[name].dtype == np.float32
        assert_allclose(single[name], value, rtol=1e-6)
        if name.endswith("weight"):
            bound = np.sqrt(6 / sum(value.shape))
            assert np.abs(value).max() <= bound
            assert_allclose(value.std(), bound / np.sqrt(3), rtol=0.1)
        else:
            assert (value == 0).all()
    other = VAE(300, 4, (200,), dtype="float64").init(rng=4)
    assert not np.allclose(other["encoder.0.weight"], double["encoder.0.weight"])


@pytest.mark.parametrize("hidden", [(), (5,), (5, 3)])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_the_flat_vector_holds_every_parameter_once(hidden, likelihood):
    vae = VAE(7, 2, hidden, likelihood)
    layout = Layout(vae.network)
    params = vae.init(rng=0)
    for k, value in enumerate(params.values()):
        value += 10 * k
    flat = layout.flatten(params, np.float64)
    assert layout.size == flat.size == sum(value.size for value in params.values())
    assert_allclose(np.sort(flat), np.sort(np.concatenate([v.ravel() for v in params.values()])))
    views = layout.params(flat)
    assert list(views) == list(params)
    for name, value in params.items():
        assert_allclose(views[name], value)
        assert np.shares_memory(views[name], flat)


def test_a_trained_network_is_shown_by_its_sizes_there_and_back():
    vae = VAE(6, 2, (5, 4))
    fit = Amortised(vae, vae.init(rng=0), Trace(*np.empty((3, 0))))
    assert "6-5-4-2-4-5-6" in repr(fit)
