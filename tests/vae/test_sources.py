"""What a VAE learns from: the split, the one rule that makes zeros and ones, the scales."""

from types import SimpleNamespace

import numpy as np
import pytest

from vi_lab.datasets import load_digits
from vi_lab.errors import InputError
from vi_lab.vae.runs import sources
from vi_lab.vae.runs.sources import load_split


def saved(folder, **arrays):
    np.savez(folder / "my.npz", **arrays)
    return folder / "my.npz"


def test_a_tenth_is_held_out_the_same_every_time():
    one, two = load_split("digits", "bernoulli"), load_split("digits", "bernoulli")
    assert one.train.shape == (1618, 64) and one.held_out.shape == (179, 64)
    assert np.array_equal(one.held_out, two.held_out)
    assert np.bincount(one.held_out_labels).min() > 5  # no digit is missing
    images = load_digits().data["images"]
    together = np.concatenate([one.train, one.held_out])
    assert sorted(map(bytes, together)) == sorted(map(bytes, images >= 8))
    assert one.rule == "1 where the value is at least 8, half the largest, else 0"


def test_labels_stay_with_their_rows(tmp_path):
    x = np.arange(60.0).reshape(30, 2)
    found = load_split(saved(tmp_path, x=x, y=x[:, 0].astype(int)), "gaussian")
    assert (found.train[:, 0] == found.train_labels).all()
    assert (found.held_out[:, 0] == found.held_out_labels).all()
    assert len(found.held_out) == 3 and found.rule == "as they came"


def test_half_of_the_largest_is_one(tmp_path):
    x = np.array([[0, 99, 100, 200]] * 4, np.int16)
    found = load_split(saved(tmp_path, x=x, x_test=x), "bernoulli")
    assert found.train.dtype == bool and found.held_out.tolist() == [[0, 0, 1, 1]] * 4
    assert found.train.tolist() == [[0, 0, 1, 1]] * 4
    grey = load_split(saved(tmp_path, x=x, x_test=x), "bernoulli", grey=True)
    np.testing.assert_allclose(grey.train[0], [0, 0.495, 0.5, 1])
    assert grey.held_out.tolist() == [[0, 0, 1, 1]] * 4
    assert "grey levels over 200" in grey.rule
    binary = load_split(saved(tmp_path, x=x >= 100.0, x_test=x >= 100.0), "bernoulli")
    assert binary.rule == "0 or 1 as they came"


def test_levels_are_scaled_and_measurements_are_not(tmp_path):
    x = np.array([[0, 50], [200, 100]] * 3)
    found = load_split(saved(tmp_path, x=x, x_test=x), "gaussian")
    np.testing.assert_allclose(found.train, x / 200)
    assert found.rule == "divided by 200"
    assert load_split(saved(tmp_path, x=x - 150, x_test=x), "gaussian").rule == "divided by 150"


@pytest.mark.parametrize(
    ("x", "complaint"),
    [
        (np.full((4, 2), -1), "grey levels from 0, .* got -1 to -1"),
        (np.array([[-3.0, 7.0]] * 4), "grey levels from 0, .* got -3 to 7; use"),
        (np.zeros((4, 2)), "largest above 0"),
        (np.array([[1.0, np.nan]] * 4), "data: needs finite numbers, got nan"),
        (np.ones((1, 2)), "needs two rows at least"),
    ],
)
def test_what_does_not_suit_is_refused(tmp_path, x, complaint):
    with pytest.raises(InputError, match=complaint):
        load_split(saved(tmp_path, x=x), "bernoulli")


def test_only_a_bernoulli_binarises():
    with pytest.raises(InputError, match="grey: only a Bernoulli"):
        load_split("digits", "gaussian", grey=True)


def test_each_bundled_source_has_the_shape_of_its_images(monkeypatch):
    data = {"images": np.zeros((20, 784), np.uint8), "labels": np.zeros(20, np.int64)}
    monkeypatch.setattr(sources, "load_fashion", lambda part: SimpleNamespace(data=data))
    for name, size in (("digits", 64), ("fashion", 784)):
        found = load_split(name, "gaussian")
        assert len(found.shape) == 2 and np.prod(found.shape) == size == found.train.shape[1]
        assert found.shape[0] == found.shape[1]
