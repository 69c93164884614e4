"""No array of a model or of an exact posterior can be written to, however deep it lies."""

import numpy as np
import pytest

import vi_lab
from tests.results.test_sent import SECONDS
from vi_lab.arguments.read_only import close_all
from vi_lab.errors import InputError
from vi_lab.families import Bits, Categorical, Normal, Spin
from vi_lab.vae.evidence.decoder_rows import DecoderRows

QUICK = [name for name in vi_lab.list_problems() if name not in SECONDS]


def open_arrays(thing, path, seen):
    """Where an array lies that can be written to, or made so, in what vi_lab made."""
    if id(thing) in seen:
        return
    seen[id(thing)] = thing
    if isinstance(thing, np.ndarray):
        try:
            thing.setflags(write=True)
        except ValueError:
            return
        yield path
    elif isinstance(thing, dict):
        for key, part in thing.items():
            yield from open_arrays(part, f"{path}[{key!r}]", seen)
    elif isinstance(thing, tuple | list):
        for number, part in enumerate(thing):
            yield from open_arrays(part, f"{path}[{number}]", seen)
    elif type(thing).__module__.startswith("vi_lab."):
        for key, part in vars(thing).items() if hasattr(thing, "__dict__") else ():
            yield from open_arrays(part, f"{path}.{key}", seen)


@pytest.mark.parametrize("name", QUICK)
def test_no_array_of_a_model_or_a_truth_is_open(name):
    """A model's public attributes, its blocks with their families and priors, and the whole of its
    posterior, moments that are kept among it."""
    model = vi_lab.problem(name).model
    _ = [block.zeros for block in model.blocks.values()]
    public = {key: part for key, part in vars(model).items() if not key.startswith("_")}
    assert list(open_arrays(public, "model", {})) == []
    try:
        posterior = vi_lab.exact(model).posterior
    except InputError:
        return
    _ = posterior.mean, posterior.sd
    of_the_model = {id(model): model, id(getattr(posterior, "model", None)): None}
    assert list(open_arrays(posterior, "posterior", of_the_model)) == []


@pytest.mark.parametrize("family", [Categorical(3), Categorical(2, first=5), Bits(3)])
def test_the_values_of_a_discrete_family_are_closed(family):
    assert list(open_arrays(family.support, "support", {})) == []


def test_nor_is_any_of_a_decoder_s_posterior_by_quadrature():
    """A datum of a small network."""
    vae = vi_lab.VAE(3, 1, (2,))
    model = DecoderRows(vae.network, vae.init(rng=0), np.array([[1.0, 0.0, 1.0]]))
    posterior = vi_lab.exact(model).posterior
    held = model.truth, posterior.mean, posterior.sd, posterior.normaliser, model.rows.encoded
    assert list(open_arrays(held, "", {})) == []


def test_the_parameters_of_a_distribution_are_kept_as_they_were():
    """Nobody's own array is closed, nor does a change of it change what was made of it."""
    field, mean = np.array([0.5, -1.0]), np.array([0.0, 1.0])
    one, two = Spin.of(field), Normal.of(mean, 1.0)
    before = np.array(one.mean), np.array(two.mean)
    field[0] = mean[0] = 9.0
    np.testing.assert_array_equal(one.mean, before[0])
    np.testing.assert_array_equal(two.mean, before[1])
    for made in (one, two):
        assert list(open_arrays((made.eta, made.textbook), "", {})) == []


def test_what_is_closed_keeps_its_shape_and_an_open_array_is_found():
    shared = np.ones(2)
    thing = {"a": shared, "b": [shared, (np.zeros(3), None)], "c": 1.0}
    assert len(list(open_arrays(thing, "", {}))) == 2
    closed = close_all(thing)
    assert closed is thing and thing["a"] is thing["b"][0] and thing["b"][1][1] is None
    assert list(open_arrays(closed, "", {})) == []
