"""Data that are not bundled: IDX and npz files, whole and damaged, and Fashion-MNIST."""

import gzip
import struct

import numpy as np
import pytest

from vi_lab import datasets
from vi_lab.datasets import load_fashion, load_observations, observations
from vi_lab.datasets.idx import read_idx
from vi_lab.errors import InputError, ResultFileError

KINDS = {"B": 0x08, "b": 0x09, "h": 0x0B, "i": 0x0C, "f": 0x0D, "d": 0x0E}


def idx(values, shape, kind="B"):
    """An IDX file, byte by byte as its description says, without NumPy."""
    header = struct.pack(">BBBB", 0, 0, KINDS[kind], len(shape))
    return header + struct.pack(f">{len(shape)}I{len(values)}{kind}", *shape, *values)


@pytest.fixture
def folder(tmp_path):
    """Four files named as those of MNIST; the images gzipped, the labels plain."""
    for part, n in (("train", 5), ("t10k", 2)):
        images = idx([i % 256 for i in range(n * 6)], (n, 2, 3))
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(images, mtime=0))
        labels = idx(range(n), (n,))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(labels)
    return tmp_path


# IDX


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_every_type_of_number_is_read(tmp_path, kind, pack):
    values = [0, 1, 2, 100, 17, 5]
    (tmp_path / "some").write_bytes(pack(idx(values, (3, 2), kind)))
    array = read_idx(tmp_path / "some")
    assert array.dtype == np.dtype(kind) and array.dtype.isnative
    assert array.tolist() == [[0, 1], [2, 100], [17, 5]]


GOOD = idx(range(6), (3, 2))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", r"is no IDX file \(it begins with nothing\)"),
        (b"\x89PNG\r\n", "is no IDX file .it begins with 89 50 4e 47"),
        (b"\0\0\x07\x01" + GOOD[4:], "is no IDX file"),
        (b"\0\0\x08\x00", "is no IDX file"),
        (GOOD[:7], "is truncated within its header"),
        (GOOD[:-1], r"is truncated; its header says \(3, 2\), 6 bytes"),
        (GOOD + b"\0", "goes on after the 6 bytes"),
        (b"\0\0\x08\x02" + b"\xff" * 8 + b"\0" * 9, "is truncated; its header says"),
        (gzip.compress(b"\0\0\x08\x02" + b"\xff" * 8, mtime=0), "is truncated; its header says"),
        (gzip.compress(GOOD, mtime=0)[:-9], "is not a whole gzip file"),
        (
            gzip.compress(GOOD, mtime=0)[:-8] + b"\0" * 8,
            "is not a whole gzip file",
        ),  # its own checksum
        (gzip.compress(GOOD[:-1], mtime=0), "is truncated; its header says"),
    ],
)
def test_a_damaged_idx_file_is_refused(tmp_path, content, complaint):
    (tmp_path / "some").write_bytes(content)
    with pytest.raises(InputError, match=f"some: {complaint}"):
        read_idx(tmp_path / "some")


def test_what_would_unpack_out_of_proportion_is_not_unpacked(tmp_path, monkeypatch):
    """Its header is honest: 400 bytes are 100,000 pictures of one black pixel."""
    many = b"\0\0\x08\x03" + np.array([100_000, 1, 1], ">u4").tobytes() + b"\0" * 100_000
    (tmp_path / "some").write_bytes(gzip.compress(many, mtime=0))
    assert read_idx(tmp_path / "some").shape == (100_000, 1, 1)
    monkeypatch.setattr("vi_lab.runtime.reading.MOST_UNPACKED", 99_999)
    with pytest.raises(InputError, match=r"some: its \d+ bytes would unpack to 100,000"):
        read_idx(tmp_path / "some")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="absent: cannot be read"):
        load_observations(tmp_path / "absent")


def test_labels_are_found_beside_the_images(folder):
    found = load_observations(folder / "train-images-idx3-ubyte.gz")
    assert found.x.shape == (5, 6) and found.shape == (2, 3) and found.x.dtype == np.uint8
    assert found.labels is None  # those beside it are not gzipped
    (folder / "train-images-idx3-ubyte").write_bytes(idx(range(30), (5, 2, 3)))
    assert load_observations(folder / "train-images-idx3-ubyte").labels.tolist() == [0, 1, 2, 3, 4]


def test_a_folder_is_read(folder):
    found = load_observations(folder)
    assert found.x.shape == (5, 6) and found.test.shape == (2, 6)
    assert found.labels.tolist() == [0, 1, 2, 3, 4] and found.test_labels.tolist() == [0, 1]
    assert found.x[4].tolist() == [24, 25, 26, 27, 28, 29]
    (folder / "train-labels-idx1-ubyte").write_bytes(idx(range(4), (4,)))
    with pytest.raises(InputError, match=r"one label for each of 5 rows, got shape \(4,\)"):
        load_observations(folder)
    empty = folder / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="has no train-images-idx3-ubyte"):
        load_observations(empty)


# npz


@pytest.mark.parametrize("names", observations.NAMES)
def test_an_npz_is_read_by_the_names_of_its_arrays(tmp_path, names):
    rng = np.random.default_rng(0)
    arrays = (rng.random((4, 3, 2)), np.array(list("abcd")), rng.random((2, 3, 2)), np.arange(2))
    np.savez(tmp_path / "my.npz", **dict(zip(names, arrays, strict=True)))
    found = load_observations(tmp_path / "my.npz")
    assert found.shape == (3, 2)
    for one, array in zip(found[:4], arrays, strict=True):
        assert one.ravel().tolist() == array.ravel().tolist()
    np.savez(tmp_path / "my.npz", **{names[0]: np.zeros((3, 25))})
    found = load_observations(tmp_path / "my.npz")
    assert found.labels is found.test is found.test_labels is None and found.shape == (5, 5)


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [
        ({"pixels": np.zeros((3, 2))}, "needs one of the arrays 'images', 'x_train', 'x', got"),
        ({}, "got none"),
        ({"x": np.zeros(3)}, r"needs an array \(n, d\) or \(n, height, width\), got shape \(3,\)"),
        ({"x": np.zeros((0, 4))}, "got shape"),
        ({"x": np.zeros((2, 2), complex)}, "needs real numbers, got an array of complex128"),
        ({"x": np.array([["a"]])}, "needs real numbers"),
        ({"x": np.zeros((3, 2)), "y": np.zeros(2)}, r"one label for each of 3 rows, .* \(2,\)"),
        ({"x": np.zeros((3, 2)), "x_test": np.zeros((3, 3))}, "to test on have 3 .* others 2"),
        ({"x": np.zeros((3, 2)), "y_test": np.zeros(3)}, "one label for each of 0 rows"),
    ],
)
def test_an_npz_that_does_not_fit_together_is_refused(tmp_path, arrays, complaint):
    np.savez(tmp_path / "my.npz", **arrays)
    with pytest.raises(InputError, match=complaint):
        load_observations(tmp_path / "my.npz")


def test_a_damaged_npz_and_a_pickle_are_refused(tmp_path):
    (tmp_path / "my.npz").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ResultFileError, match="not a whole npz"):
        load_observations(tmp_path / "my.npz")
    np.savez(tmp_path / "my.npz", x=np.array([[{}]]))
    with pytest.raises(ResultFileError, match="never unpickled"):
        load_observations(tmp_path / "my.npz")


# Fashion-MNIST


def test_where_fashion_is_absent_the_error_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(observations, "FASHION", tmp_path)
    with pytest.raises(InputError, match=r"apt-get install dataset-fashion-mnist .* --data PATH"):
        load_fashion()


def test_fashion_is_read_wherever_it_lies(folder):
    data = load_fashion("t10k", folder)
    assert repr(data) == "Dataset('fashion': 2 rows of images, labels)"
    assert data.data["images"].shape == (2, 6) and not data.data["images"].flags.writeable
    with pytest.raises(InputError, match="part: unknown name 'test'"):
        load_fashion("test", folder)
    (folder / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(InputError, match="has no t10k-labels-idx1-ubyte"):
        load_fashion("t10k", folder)


@pytest.mark.skipif(not observations.FASHION.exists(), reason="dataset-fashion-mnist is missing")
def test_the_fashion_of_debian_is_the_known_one():
    data = load_fashion("t10k")
    images, labels = data.data["images"], data.data["labels"]
    assert images.shape == (10_000, 784) and images.dtype == labels.dtype == np.uint8
    assert np.bincount(labels).tolist() == [1000] * 10
    # mean and sd of the test pictures over 255, as usually quoted
    assert images.mean() / 255 == pytest.approx(0.2868, abs=5e-4)
    assert images.std() / 255 == pytest.approx(0.3524, abs=5e-4)


def test_what_is_not_bundled_is_not_listed():
    assert "fashion" not in datasets.list_datasets()
