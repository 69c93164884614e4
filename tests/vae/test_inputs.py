"""Bad input is refused at the door, by name: what was expected and what came.

What no argument of its kind may be: tests/arguments/test_bad_input.py.
"""

import doctest
from functools import partial

import numpy as np
import pytest

import vi_lab.vae
from tests.tables import table
from tests.vae.data import blobs
from vi_lab import InputError, InputTypeError
from vi_lab.vae import VAE, inputs

X = blobs(8)
VAE_6 = VAE(6, 2, (3,))


def by_error(table):
    """The rows of a table {error: rows}, each with its error in front."""
    return [(error, *row) for error, rows in table.items() for row in rows]


SETTINGS = {
    InputError: [
        (dict(hidden=(4, 0)), r"hidden\[1\]: needs a whole number of at least 1, got 0"),
        (dict(n_importance=0), "n_importance: needs a whole number of at least 1, got 0"),
        (dict(n_inputs=0), "n_inputs: needs a whole number of at least 1, got 0"),
        (dict(n_latent=0), "n_latent: needs a whole number of at least 1, got 0"),
        (dict(beta=-0.5), "beta: needs a number of at least 0, got -0.5"),
        (dict(activation="sigmoid"), r"activation: .* \(known: tanh, relu, softplus\)"),
        (dict(beta=2, n_importance=5), "beta: needs 1 with n_importance > 1"),
        (dict(dtype="float16"), "dtype: unknown name 'float16'"),
        (dict(log_sd=0.0), "log_sd: only a Gaussian likelihood has noise, not 'bernoulli'"),
        (dict(likelihood="gaussian", log_sd=np.inf), "log_sd: needs finite numbers, got inf"),
    ],
    InputTypeError: [
        (dict(hidden=200), r"hidden: needs a tuple of sizes such as \(200,\), got 200"),
        (dict(hidden="200"), "hidden: needs a tuple"),
    ],
}


def test_the_least_that_a_setting_may_be():
    least = VAE(1, 1, hidden=(1,), beta=0, n_importance=1)
    assert (least.n_inputs, least.n_latent, least.hidden, least.beta) == (1, 1, (1,), 0)


@table("error, settings, message", by_error(SETTINGS))
def test_settings(error, settings, message):
    with pytest.raises(error, match=message):
        VAE(**{"n_inputs": 6, "n_latent": 2, **settings})


def with_value(value, at=(2, 3)):
    x = X.copy()
    x[at] = value
    return x


DATA = [
    (with_value(1.5), r"x: needs values from 0 to 1 .* got 1.5 at index \(2, 3\); divide"),
    (with_value(-0.1), r"got -0.1 at index \(2, 3\)"),
    ((X * 255).astype(np.uint8), "got 255 at index"),
    (X[:, :5], r"x: needs 6 columns, one for each input of the network, got shape \(8, 5\)"),
    (X[0], r"x: needs an array with 2 axes, got shape \(6,\)"),
    (X.reshape(4, 4, 3), r"x: needs pictures of 6 numbers, one .* got 12 in shape \(4, 4, 3\)"),
]


def entries(x):
    """Every way in for data."""
    fit = VAE_6.fit(X, epochs=1, rng=0)
    eps = np.zeros((1, 8, 2))
    yield lambda: VAE_6.fit(x, epochs=1)
    yield lambda: VAE_6.elbo(VAE_6.init(rng=0), x, eps)
    yield lambda: VAE_6.elbo_and_gradients(VAE_6.init(rng=0), x, eps)
    bounds = fit.elbo, fit.importance_bound, fit.log_evidence, fit.gaps, fit.ledger
    yield from (partial(method, x) for method in (fit.encode, fit.reconstruct, *bounds))


@pytest.mark.parametrize("x, message", DATA)
def test_data(x, message):
    for enter in entries(x):
        with pytest.raises(InputError, match=message):
            enter()


def test_a_gaussian_takes_any_finite_data():
    VAE(6, 2, (), "gaussian").fit(3 * X - 1, epochs=1, rng=0)
    with pytest.raises(InputError, match="got nan"):
        VAE(6, 2, (), "gaussian").fit(with_value(np.nan), epochs=1, rng=0)


TRAINING = {
    InputError: [
        (dict(optimiser="adagrad"), r"optimiser: unknown name 'adagrad'.* \(known: adam, sgd\)"),
        (dict(checkpoint_seconds=-1), "checkpoint_seconds: needs a number of at least 0"),
    ],
    InputTypeError: [
        (dict(optimizer="adam"), "has no argument 'optimizer'; did you mean 'optimiser'"),
    ],
}


@pytest.mark.parametrize("error, settings, message", by_error(TRAINING))
def test_how_to_train(error, settings, message):
    with pytest.raises(error, match=message):
        VAE_6.fit(X, **{"epochs": 1, **settings})


def changed(name, value):
    params = VAE_6.init(rng=0)
    if value is None:
        del params[name]
    else:
        params[name] = value
    return params


BAD_PARAMS = [
    (changed("encoder.mean.bias", None), "params: needs 'encoder.mean.bias' .* which is missing"),
    (changed("encoder.mu.bias", np.zeros(2)), "params: unknown name 'encoder.mu.bias'"),
    (changed("decoder.log_sd", np.zeros(())), "params: unknown name 'decoder.log_sd'"),
    (
        changed("decoder.out.weight", np.zeros((3, 6))),
        r"params\['decoder.out.weight'\]: needs shape \(6, 3\), got \(3, 6\)",
    ),
    (
        changed("encoder.0.bias", np.full(3, np.nan)),
        r"params\['encoder.0.bias'\]: needs finite numbers, got nan",
    ),
]


@pytest.mark.parametrize("params, message", BAD_PARAMS)
def test_parameters(params, message):
    with pytest.raises(InputError, match=message):
        VAE_6.elbo(params, X, np.zeros((1, 8, 2)))
    with pytest.raises(InputError, match=message):
        VAE_6.fit(X, epochs=1, params=params)


def test_parameters_of_the_wrong_type():
    with pytest.raises(InputTypeError, match="params: needs a dict of arrays by name, got list"):
        VAE_6.elbo([1.0], X, np.zeros((1, 8, 2)))
    turned = {n: v + 1e-20j for n, v in VAE_6.init(rng=0).items()}
    with pytest.raises(InputTypeError, match="needs real numbers"):
        VAE_6.fit(X, epochs=1, params=turned)
    assert np.iscomplexobj(VAE_6.elbo(turned, X, np.zeros((1, 8, 2))).elbo)  # a complex step


@pytest.mark.parametrize(
    "eps, message",
    [
        (np.zeros((8, 2)), "eps: needs an array with 3 axes"),
        (np.zeros((1, 8, 3)), r"eps: needs shape \(n_draws, 8, 2\): .* got \(1, 8, 3\)"),
        (np.zeros((1, 7, 2)), r"eps: needs shape \(n_draws, 8, 2\)"),
        (np.zeros((0, 8, 2)), "eps: needs at least one value"),
        (np.full((1, 8, 2), np.nan), "eps: needs finite numbers, got nan"),
    ],
)
def test_noise(eps, message):
    with pytest.raises(InputError, match=message):
        VAE_6.elbo(VAE_6.init(rng=0), X, eps)


def test_noise_comes_in_groups():
    with pytest.raises(InputError, match=r"eps: needs a multiple of n_importance = 3 .* got 4"):
        VAE(6, 2, n_importance=3).elbo(VAE(6, 2).init(rng=0), X, np.zeros((4, 8, 2)))


def test_examples_in_docstrings():
    results = doctest.testmod(vi_lab.vae)
    assert results.attempted and not results.failed


def test_any_number_of_draws_is_a_multiple_of_one():
    assert inputs.noise(np.zeros((3, 2, 1)), 2, 1, np.float32).shape == (3, 2, 1)


def test_pictures_are_flattened_row_by_row_and_nothing_else_is():
    pictures = np.arange(24.0).reshape(2, 3, 4)
    found = inputs.flatten_images(pictures, 12)
    assert found.shape == (2, 12) and found[1].tolist() == list(range(12, 24))
    for other in (pictures, pictures.reshape(2, 12), pictures.reshape(24), pictures[:1]):
        assert inputs.flatten_images(other, 24 if other is pictures else 3) is other
    assert inputs.flatten_images(pictures.reshape(2, 3, 2, 2), 12).shape == (2, 12)  # and colours
