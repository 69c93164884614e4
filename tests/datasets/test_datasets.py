"""The bundled data are the published ones, and the loaders say what they are."""

import hashlib
import io
import pickle
import re
from dataclasses import FrozenInstanceError
from html.parser import HTMLParser

import numpy as np
import pytest

from tests.tables import table
from tools import data_readme
from vi_lab import datasets
from vi_lab.datasets import files as bundled
from vi_lab.datasets.files import folder
from vi_lab.errors import InputError, InputTypeError

FOLDER = folder()
README = FOLDER.joinpath("README.md").read_text(encoding="utf-8")
# One section of the README for each file: its text up to the next heading.
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", README, flags=re.M | re.S))
DATA_FILES = sorted(f.name for f in FOLDER.iterdir() if f.name.endswith((".csv", ".npz", ".txt")))
# All others are tables.
ARRAYS = ("digits", "digits_vae", "ising_glyphs", "lda_bars")


every_dataset = table("name", datasets.list_datasets())


def test_the_readme_describes_exactly_the_files_that_are_there():
    assert sorted(SECTIONS) == DATA_FILES


def test_the_readme_is_made_of_the_catalogue():
    catalogue = FOLDER.joinpath("catalogue.toml").read_text(encoding="utf-8")
    assert README == data_readme.page(README, catalogue), "run python -m tools.data_readme"


@table("file", DATA_FILES)
def test_each_file_has_the_sha256_of_the_readme(file):
    digest = hashlib.sha256(FOLDER.joinpath(file).read_bytes()).hexdigest()
    assert re.search("sha256: `(.*)`", SECTIONS[file])[1] == digest


@every_dataset
def test_the_loader_and_the_readme_agree(name):
    dataset = datasets.load(name)
    digest = f"sha256: `{dataset.sha256}`"
    (section,) = [text for text in SECTIONS.values() if digest in text]
    assert re.search(r"^- (?:Rows|Arrays): (\d+)$", section, flags=re.M)[1] == str(len(dataset))
    rows = re.findall(r"^\| `(.*?)` \| (.*?) \|(.*?)\|", section, flags=re.M)
    assert [row[:2] for row in rows] == list(dataset.units.items())
    if dataset.name in ARRAYS:
        shapes = [f" {values.shape} {values.dtype} " for values in dataset.data.values()]
        assert [row[2] for row in rows] == shapes


@every_dataset
def test_there_is_a_loader_for_each_data_set(name):
    dataset = datasets.load(name)
    loaded = getattr(datasets, f"load_{dataset.name}")()
    assert repr(loaded) == repr(dataset)
    assert f"load_{dataset.name}" in datasets.__all__


def fit(name, transform, response, *columns):
    """Least squares: intercept and slopes of a data set's columns, so transformed."""
    data = datasets.load(name).data
    X = np.column_stack([np.ones(len(data[response])), *(transform(data[c]) for c in columns)])
    return np.linalg.lstsq(X, transform(data[response]))[0]


# whole columns, as they are printed
COLUMNS = {
    ("coal", "year"): np.arange(1851, 1963),
    ("nile", "year"): np.arange(1871, 1971),
    ("eight_schools", "school"): list("ABCDEFGH"),
    ("eight_schools", "y"): [28, 8, -3, 7, -1, 1, 18, 12],
    ("eight_schools", "sigma"): [15, 10, 16, 11, 9, 11, 10, 18],
    ("bioassay", "log_dose"): [-0.86, -0.30, -0.05, 0.73],
    ("bioassay", "n_animals"): [5, 5, 5, 5],
    ("bioassay", "n_deaths"): [0, 1, 3, 5],
    ("beetles", "n_exposed"): [59, 60, 62, 56, 63, 59, 62, 60],
    ("beetles", "n_killed"): [6, 13, 18, 28, 52, 53, 61, 60],
}
# which values there are, and how many of each
KINDS = {
    ("iris", "species"): {"setosa": 50, "versicolor": 50, "virginica": 50},
    ("penguins", "species"): {"Adelie": 151, "Chinstrap": 68, "Gentoo": 123},
    ("penguins", "sex"): {"NA": 9, "female": 165, "male": 168},
    ("penguins", "island"): {"Biscoe": 167, "Dream": 124, "Torgersen": 51},
    ("penguins", "year"): {2007: 109, 2008: 114, 2009: 119},
    ("kidiq", "mom_hs"): {0: 93, 1: 341},
    # UCI states these class sizes for the test part
    ("digits", "labels"): dict(enumerate([178, 182, 177, 183, 181, 182, 181, 179, 174, 180])),
}
# the smallest, the largest, means and sums as printed; a mean to half a unit of its last digit
NUMBERS = {
    ("newcomb", "deviation_ns"): {"min": -44, "max": 40, "mean": 26.2},  # Gelman et al., BDA, 3.2
    ("darwin", "diff_eighths_inch"): {"min": -67, "max": 75, "sum": 314},
    ("coal", "count"): {"sum": 191},
    ("coal", "count_cgs1992"): {"sum": 191},
    ("old_faithful", "eruptions_min"): {"min": 1.6, "max": 5.1, "mean": 3.488},  # R: summary
    ("old_faithful", "waiting_min"): {"min": 43, "max": 96, "mean": 70.9},
    ("iris", "sepal_length_cm"): {"mean": 5.843333},  # R: colMeans(iris[1:4])
    ("iris", "sepal_width_cm"): {"mean": 3.057333},
    ("iris", "petal_length_cm"): {"mean": 3.758},
    ("iris", "petal_width_cm"): {"mean": 1.199333},
    ("penguins", "body_mass_g"): {"mean": 4201.754},
    ("nile", "flow_1e8_m3"): {"min": 456, "max": 1370, "mean": 919.35},
    ("digits", "images"): {"max": 16, "sum": 561718},
}


def test_columns_are_the_published_ones():
    for (name, column), known in COLUMNS.items():
        np.testing.assert_array_equal(datasets.load(name).data[column], known, err_msg=column)
    for (name, column), known in KINDS.items():
        assert dict(zip(*np.unique_counts(datasets.load(name).data[column]), strict=True)) == known


@table("place", NUMBERS)
def test_numbers_are_the_published_ones(place):
    name, column = place
    values = datasets.load(name).data[column]
    for what, known in NUMBERS[place].items():
        places = len(str(known).partition(".")[2])
        assert round(float(getattr(np, what)(values)), places) == known


def test_least_squares_are_the_published_fits():
    """They pin a whole table better than its totals."""
    found = fit("cars", np.array, "dist_ft", "speed_mph")  # R: lm(dist ~ speed)
    np.testing.assert_allclose(found, [-17.5791, 3.9324], atol=5e-5)
    # R: lm(log(Volume) ~ log(Girth) + log(Height))
    found = fit("trees", np.log, "volume_ft3", "girth_in", "height_ft")
    np.testing.assert_allclose(found, [-6.63162, 1.98265, 1.11712], atol=5e-6)
    found = fit("kidiq", np.array, "kid_score", "mom_hs", "mom_iq")  # Gelman & Hill (2007)
    np.testing.assert_allclose(found, [25.732, 5.950, 0.564], atol=5e-4)


def test_the_two_lists_of_the_coal_disasters_and_their_dates_agree():
    coal = datasets.load_coal().data
    differ = coal["count"] != coal["count_cgs1992"]
    np.testing.assert_array_equal(coal["year"][differ], [1941, 1942])
    dates = datasets.load_coal_dates().data["date_decimal_year"]
    assert (np.diff(dates) >= 0).all()
    by_year = np.bincount(np.floor(dates).astype(np.int64) - 1851, minlength=112)
    np.testing.assert_array_equal(by_year, coal["count"])
    assert np.isclose(dates, 1850 + 33238 / 365.25 + 1, atol=1e-6).sum() == 1  # Sneyd colliery


def test_what_stands_where_in_lists_that_are_sorted():
    velocity = datasets.load_galaxies().data["velocity_km_s"]  # of MASS, with its known slip
    assert (np.diff(velocity) >= 0).all()
    assert (velocity[0], velocity[77], velocity[-1]) == (9172, 26690, 34279)
    assert sorted(datasets.load_newcomb().data["deviation_ns"])[:3] == [-44, -2, 16]
    dose, nile = datasets.load_beetles().data["log10_dose"], datasets.load_nile().data
    assert (dose[0], dose[-1]) == (1.6907, 1.8839)
    before = nile["year"] < 1899
    assert nile["flow_1e8_m3"][before].mean() - nile["flow_1e8_m3"][~before].mean() > 200
    orings = datasets.load_challenger().data
    damaged = orings["any_distress"] == 1
    assert sorted(orings["temperature_F"][damaged]) == [53, 57, 58, 63, 70, 70, 75]
    np.testing.assert_array_equal(orings["n_distressed_of_6"] > 0, damaged)
    assert list(orings["flight"][orings["n_distressed_of_6"] == 2]) == ["51C", "61A"]
    assert set(orings["pressure_psi"]) == {50, 100, 200}


def test_the_polynomial_is_made_again_from_its_seed():
    data = datasets.load_polynomial().data
    x, noise = np.linspace(-2, 2, 10).round(3), np.random.default_rng(0).standard_normal(10)
    np.testing.assert_array_equal(data["x"], x)
    y = 1 - 2 * x - 0.5 * x**2 + x**3 + 0.3 * noise
    np.testing.assert_allclose(data["y"], y, atol=5.1e-4)


def test_the_clutter_is_made_again_from_its_seed():
    data, rng = datasets.load_clutter().data, np.random.default_rng(1)
    clutter, noise = rng.random(20) < 0.5, rng.standard_normal(20)
    np.testing.assert_array_equal(data["clutter"], clutter)
    assert clutter.sum() == 12
    x = np.where(clutter, np.sqrt(10) * noise, 2 + noise)
    np.testing.assert_allclose(data["x"], x, atol=5.1e-4)


def test_the_glyphs_are_black_and_white_and_their_copies_noisy():
    glyphs = datasets.load_ising_glyphs().data
    assert all(set(np.unique(glyph)) == {-1, 1} for glyph in glyphs.values())
    assert all(glyph.dtype == np.int8 for glyph in glyphs.values())
    flips = {
        name: int((noisy != glyphs[name.split("_")[0]]).sum())
        for name, noisy in glyphs.items()
        if "noisy" in name
    }
    small = {"vi16_noisy10": 24, "a16_noisy10": 33}
    assert flips == {**small, "vi32_noisy15": 161, "ring32_noisy15": 158}


def test_the_bars_corpus_is_what_it_says():
    bars = datasets.load_lda_bars().data
    assert (bars["counts"].shape, bars["counts"].dtype) == ((200, 25), np.int16)
    assert (bars["counts"].sum(axis=1) == 60).all()
    lines = [*np.eye(5)[:, :, None].repeat(5, axis=2), *np.eye(5)[:, None, :].repeat(5, axis=1)]
    np.testing.assert_array_equal(bars["topics"], np.reshape(lines, (10, 25)) / 5)
    np.testing.assert_allclose(bars["theta"].sum(axis=1), np.ones(200), rtol=1e-12)


@every_dataset
def test_every_column_has_values_and_a_unit(name):
    dataset = datasets.load(name)
    assert dataset.columns == tuple(dataset.data) == tuple(dataset.units)
    if dataset.name not in ARRAYS:
        assert all(values.shape == (len(dataset),) for values in dataset.data.values())
        types = {values.dtype for values in dataset.data.values() if values.dtype.kind != "U"}
        assert types <= {np.dtype(np.float64), np.dtype(np.int64)}
    assert all(unit.strip() for unit in dataset.units.values())
    assert all([dataset.title, dataset.source, dataset.licence])


@every_dataset
def test_nothing_can_be_changed(name):
    dataset = datasets.load(name)
    for values in dataset.data.values():
        with pytest.raises(ValueError, match="read-only"):
            values[0] = values[-1]
    column = dataset.columns[0]
    with pytest.raises(TypeError):
        dataset.data[column] = np.zeros(len(dataset))
    with pytest.raises(TypeError):
        dataset.units[column] = "furlong"
    with pytest.raises(FrozenInstanceError):
        dataset.name = "other"


@every_dataset
def test_a_dataset_survives_pickling_to_a_worker(name):
    dataset = datasets.load(name)
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


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"deviation_ns\n28\n", r"needs deviation_ns \(66,\), got deviation_ns \(1,\)"),
        (b"nanoseconds" + b"\n28" * 66, r"needs deviation_ns .* got nanoseconds \(66,\)"),
        (b"deviation_ns" + b"\n28" * 65 + b"\n28,29\n", "cannot be read"),
        (b"deviation_ns\n", "cannot be read"),
        (b"", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_damaged_table_is_refused(monkeypatch, content, complaint):
    monkeypatch.setattr(bundled, "content", lambda file: content)
    with pytest.raises(InputError, match=rf"^newcomb_light\.csv: {complaint}.*; please install"):
        datasets.load_newcomb()


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (npz(images=np.zeros((9, 64)), labels=np.zeros(9)), r"needs .* got images \(9, 64\)"),
        (npz(images=np.zeros((1797, 64))), r"needs images .* got images \(1797, 64\)"),
        (npz(), "needs images .* got nothing"),
        # An object array is a pickle: it must not be opened.
        (npz(images=np.array([{}]), labels=np.zeros(9)), r"cannot be read \(.*allow_pickle"),
        (FOLDER.joinpath("digits8x8.npz").read_bytes()[:-100], "cannot be read"),
        (b"version https://git-lfs.github.com/spec/v1\n", "cannot be read"),
        (b"", "cannot be read"),
    ],
)
def test_a_damaged_archive_is_refused(monkeypatch, content, complaint):
    monkeypatch.setattr(bundled, "content", lambda file: content)
    with pytest.raises(InputError, match=rf"^digits8x8\.npz: {complaint}.*; please install"):
        datasets.load_digits()


def test_a_missing_file_is_refused(monkeypatch):
    def missing(file):
        raise FileNotFoundError(file)

    monkeypatch.setattr(bundled, "content", missing)
    with pytest.raises(InputError, match=r"^newcomb_light\.csv: cannot be read"):
        datasets.load_newcomb()


def test_the_length_is_that_of_the_rows_or_else_the_number_of_arrays():
    assert repr(datasets.load_digits()) == "Dataset('digits': 1797 rows of images, labels)"
    bars = datasets.load_lda_bars()
    assert repr(bars) == "Dataset('lda_bars': 3 arrays of counts, topics, theta)"
    glyphs = datasets.load_ising_glyphs()
    assert len(glyphs) == 8
    assert repr(glyphs).endswith(
        "8 arrays of vi16, a16, vi32, ring32, vi16_noisy10, a16_noisy10, …)"
    )


def test_the_table_of_a_data_set_shows_ranges_shapes_and_texts():
    html = datasets.load_digits()._repr_html_()
    assert "<td>images</td><td>grey level, 0 to 16</td><td>1797 × 64</td><td>0 to 16</td>" in html
    html = datasets.load_penguins()._repr_html_()
    assert "<td>island</td><td>name</td><td>342</td><td>Biscoe, Dream, Torgersen</td>" in html
    assert "<td>2700 to 6300</td>" in html


@every_dataset
def test_reprs_are_short_and_escaped(name):
    dataset = datasets.load(name)
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


@table("name", [n for n in datasets.__all__ if n.startswith(("load", "list"))])
def test_a_stray_keyword_is_told_from_a_mistake_of_the_loader(name):
    with pytest.raises(InputTypeError, match=r"\(\) has no argument 'rng'"):
        getattr(datasets, name)(rng=1)
    with pytest.raises(InputTypeError, match="too many positional arguments"):
        getattr(datasets, name)(1, 2, 3)
