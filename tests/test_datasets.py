"""The bundled data are the published ones, and the loaders say what they are."""

import hashlib
import pickle
import re
from dataclasses import FrozenInstanceError
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np
import pytest

from vi_lab import datasets
from vi_lab.errors import InputError

FOLDER = files("vi_lab_data")
README = FOLDER.joinpath("README.md").read_text(encoding="utf-8")
# One section of the README for each file: its text up to the next heading.
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", README, flags=re.M | re.S))
DATA_FILES = sorted(f.name for f in FOLDER.iterdir() if f.name.endswith((".csv", ".npz", ".txt")))


@pytest.fixture(params=datasets.list_datasets())
def dataset(request):
    return datasets.load(request.param)


def test_the_readme_describes_exactly_the_files_that_are_there():
    assert sorted(SECTIONS) == DATA_FILES


@pytest.mark.parametrize("file", DATA_FILES)
def test_each_file_has_the_sha256_of_the_readme(file):
    digest = hashlib.sha256(FOLDER.joinpath(file).read_bytes()).hexdigest()
    assert re.search("sha256: `(.*)`", SECTIONS[file])[1] == digest


def test_the_loader_and_the_readme_agree(dataset):
    digest = f"sha256: `{dataset.sha256}`"
    (section,) = [text for text in SECTIONS.values() if digest in text]
    assert f"- Rows: {len(dataset)}\n" in section
    rows = re.findall(r"^\| `(.*?)` \| (.*?) \|", section, flags=re.M)
    assert rows == list(dataset.units.items())


def test_newcomb_is_the_published_list():
    x = datasets.load_newcomb().data["deviation_ns"]
    assert x.shape == (66,)
    assert x.dtype == np.float64
    assert sorted(x)[:3] == [-44, -2, 16]
    assert x.max() == 40
    assert round(x.mean(), 1) == 26.2  # Gelman et al., Bayesian Data Analysis, section 3.2


def test_darwin_is_the_published_list():
    x = datasets.load_darwin().data["diff_eighths_inch"]
    assert x.shape == (15,)
    assert x.dtype == np.float64
    assert (x.sum(), x.min(), x.max()) == (314, -67, 75)


def test_coal_is_the_published_list():
    coal = datasets.load_coal()
    year, count, textbook = (coal.data[name] for name in ("year", "count", "count_cgs1992"))
    assert {values.dtype for values in coal.data.values()} == {np.dtype(np.int64)}
    np.testing.assert_array_equal(year, np.arange(1851, 1963))
    assert count.sum() == textbook.sum() == 191
    np.testing.assert_array_equal(year[count != textbook], [1941, 1942])


def test_every_column_has_values_and_a_unit(dataset):
    assert dataset.columns == tuple(dataset.data) == tuple(dataset.units)
    assert all(values.shape == (len(dataset),) for values in dataset.data.values())
    assert all(unit.strip() for unit in dataset.units.values())
    assert all([dataset.title, dataset.source, dataset.licence])


def test_nothing_can_be_changed(dataset):
    name = dataset.columns[0]
    with pytest.raises(ValueError, match="read-only"):
        dataset.data[name][0] = 0
    with pytest.raises(TypeError):
        dataset.data[name] = np.zeros(len(dataset))
    with pytest.raises(TypeError):
        dataset.units[name] = "furlong"
    with pytest.raises(FrozenInstanceError):
        dataset.name = "other"


def test_a_dataset_survives_pickling_to_a_worker(dataset):
    copy = pickle.loads(pickle.dumps(dataset))
    assert repr(copy) == repr(dataset)
    assert all(np.array_equal(copy.data[name], dataset.data[name]) for name in dataset.columns)


def test_an_unknown_data_set_is_named_with_a_suggestion():
    with pytest.raises(InputError, match="unknown name 'newcombe'; did you mean 'newcomb'"):
        datasets.load("newcombe")


def test_an_unknown_column_is_named_with_a_suggestion():
    coal = datasets.load_coal()
    with pytest.raises(InputError, match=r"^column: unknown name 'cuont'; did you mean 'count'"):
        coal.data["cuont"]
    with pytest.raises(KeyError):
        coal.units["deaths"]
    # What every mapping promises still holds.
    assert "deaths" not in coal.data
    assert coal.data.get("deaths") is None


def test_a_damaged_file_is_refused(monkeypatch):
    monkeypatch.setattr(datasets, "_text", lambda file: "deviation_ns\n28\n")
    with pytest.raises(InputError, match=r"newcomb_light\.csv: needs 66 rows .* got 1 of"):
        datasets.load_newcomb()
    monkeypatch.setattr(datasets, "_text", lambda file: "")
    with pytest.raises(InputError, match=r"newcomb_light\.csv"):
        datasets.load_newcomb()


def test_reprs_are_short_and_escaped(dataset):
    assert len(repr(dataset)) < 100
    assert repr(dataset.name) in repr(dataset)

    class Text(HTMLParser):
        seen = ""

        def handle_data(self, data):
            self.seen += data

    text = Text()
    text.feed(dataset._repr_html_())
    for word in (dataset.title, dataset.source, *dataset.columns, *dataset.units.values()):
        assert word in text.seen
    if dataset.name == "coal":
        assert "Gelfand &amp; Smith" in dataset._repr_html_()
