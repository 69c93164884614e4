"""The bundled data, as named columns or arrays with their units.

>>> from vi_lab.datasets import load_coal
>>> coal = load_coal()
>>> coal
Dataset('coal': 112 rows of year, count, count_cgs1992)
>>> int(coal.data["count"].sum())
191

A loader trusts the file beyond its shape; that the bytes are the right ones (sha256) is checked by
a test. Where each file comes from and how it was verified stands in the README.md beside the data.

Two loaders read what is not bundled, and so is not in `list_datasets`: `load_fashion` takes
Fashion-MNIST from where its Debian package put it, `load_observations` any IDX or npz file.
"""

from collections.abc import Mapping

import numpy as np

from vi_lab.arguments.checks import one_of
from vi_lab.arguments.public import public
from vi_lab.arguments.read_only import read_only
from vi_lab.datasets import catalogue
from vi_lab.datasets.dataset import Columns, Dataset
from vi_lab.datasets.observations import Observations, load_fashion, load_observations
from vi_lab.errors import InputError

__all__ = [
    "Dataset",
    "list_datasets",
    "load",
    "load_beetles",
    "load_bioassay",
    "load_cars",
    "load_challenger",
    "load_clutter",
    "load_coal",
    "load_coal_dates",
    "load_darwin",
    "load_digits",
    "load_digits_vae",
    "load_eight_schools",
    "load_galaxies",
    "load_iris",
    "load_ising_glyphs",
    "load_kidiq",
    "load_lda_bars",
    "load_newcomb",
    "load_nile",
    "load_old_faithful",
    "load_penguins",
    "load_polynomial",
    "load_trees",
    "load_fashion",
    "load_observations",
    "Observations",
]

AGAIN = "please install vi_lab again"


@public
def list_datasets() -> list[str]:
    """The names of the bundled data sets, as `load` takes them."""
    return list(catalogue.entries())


@public
def load(name: str) -> Dataset:
    """Load a bundled data set by its name.

    Parameters
    ----------
    name : str
        One of `list_datasets`.

    Returns
    -------
    Dataset

    Raises
    ------
    InputError
        If there is no data set of that name, or the installed file cannot be read or has not the
        expected columns or arrays, in name, order and shape.
    """
    entry = catalogue.entries()[one_of("data set", name, catalogue.entries())]
    try:
        raw = entry.read()
    except Exception as error:  # a damaged archive can raise almost anything
        raise InputError(f"{entry.file}: cannot be read ({error}); {AGAIN}") from error
    needed = _shapes({column: shape for column, (_, shape, _) in entry.columns.items()})
    found = _shapes({column: values.shape for column, values in raw.items()})
    if found != needed:
        raise InputError(f"{entry.file}: needs {needed}, got {found}; {AGAIN}")
    data: dict[str, np.ndarray] = {}
    for column, (dtype, _, _) in entry.columns.items():
        data[column] = read_only(raw[column].astype(dtype))
    return Dataset(
        name=name,
        title=entry.title,
        data=Columns(data),
        units=Columns({column: unit for column, (_, _, unit) in entry.columns.items()}),
        source=entry.source,
        licence=entry.licence,
        sha256=entry.sha256,
    )


def _shapes(shapes: Mapping[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {shape}" for name, shape in shapes.items()) or "nothing"


@public
def load_newcomb() -> Dataset:
    """Newcomb's 66 passage times of light (1882): column `deviation_ns`, shape (66,)."""
    return load("newcomb")


@public
def load_darwin() -> Dataset:
    """Darwin's 15 pairs of maize plants (1876): column `diff_eighths_inch`, shape (15,)."""
    return load("darwin")


@public
def load_coal() -> Dataset:
    """British coal-mining disasters, 1851-1962: columns `year`, `count`, `count_cgs1992`, (112,).

    `count` is counted from the dates; `count_cgs1992` is the list as printed by Carlin, Gelfand &
    Smith (1992), to match a textbook.
    """
    return load("coal")


@public
def load_coal_dates() -> Dataset:
    """The dates of the same 191 disasters, ascending: column `date_decimal_year`, shape (191,)."""
    return load("coal_dates")


@public
def load_old_faithful() -> Dataset:
    """Eruptions of the Old Faithful geyser: columns `eruptions_min`, `waiting_min`, (272,)."""
    return load("old_faithful")


@public
def load_galaxies() -> Dataset:
    """Velocities of galaxies, ascending: column `velocity_km_s`, shape (82,)."""
    return load("galaxies")


@public
def load_iris() -> Dataset:
    """Anderson's irises: columns `sepal_length_cm` ... `petal_width_cm`, `species`, (150,)."""
    return load("iris")


@public
def load_penguins() -> Dataset:
    """Palmer penguins: four measurements, `species`, `island`, `sex`, `year`, (342,).

    The measurements are `bill_length_mm`, `bill_depth_mm`, `flipper_length_mm`, `body_mass_g`.
    Where the sex is not known it is the text ``"NA"``.
    """
    return load("penguins")


@public
def load_eight_schools() -> Dataset:
    """Effects of coaching (Rubin 1981): columns `school`, `y`, `sigma` (standard error), (8,)."""
    return load("eight_schools")


@public
def load_challenger() -> Dataset:
    """Damaged O-rings by temperature, on 23 shuttle flights: five columns of shape (23,).

    `any_distress` is the outcome to use: sources disagree on `n_distressed_of_6` for two flights.
    """
    return load("challenger")


@public
def load_bioassay() -> Dataset:
    """Deaths by dose (Racine et al. 1986): columns `log_dose`, `n_animals`, `n_deaths`, (4,)."""
    return load("bioassay")


@public
def load_beetles() -> Dataset:
    """Beetles killed by dose (Bliss 1935): columns `log10_dose`, `n_exposed`, `n_killed`, (8,)."""
    return load("beetles")


@public
def load_cars() -> Dataset:
    """Stopping distances by speed (Ezekiel 1930): columns `speed_mph`, `dist_ft`, shape (50,)."""
    return load("cars")


@public
def load_trees() -> Dataset:
    """Black cherry trees: columns `girth_in` (a diameter), `height_ft`, `volume_ft3`, (31,)."""
    return load("trees")


@public
def load_kidiq() -> Dataset:
    """Children's test scores (Gelman & Hill 2007): `kid_score`, `mom_hs`, `mom_iq`, (434,)."""
    return load("kidiq")


@public
def load_nile() -> Dataset:
    """Flow of the Nile, 1871-1970: columns `year`, `flow_1e8_m3`, shape (100,)."""
    return load("nile")


@public
def load_polynomial() -> Dataset:
    """A cubic at ten points with noise of sd 0.3: columns `x`, `y`, shape (10,)."""
    return load("polynomial")


@public
def load_clutter() -> Dataset:
    """Points about 2 among clutter about 0: columns `x`, `clutter` (1 where it is), (20,)."""
    return load("clutter")


@public
def load_digits() -> Dataset:
    """Handwritten digits: `images` (1797, 64), grey levels 0 to 16 row by row; `labels` (1797,).

    Both are uint8, in which 3 - 4 is 255: convert before computing.
    """
    return load("digits")


@public
def load_digits_vae() -> Dataset:
    """Weights of a VAE trained on the digits, by the names of its parameters (float32), and the
    ELBO with its two parts after each of 100 epochs: `trace.elbo`, `trace.reconstruction`,
    `trace.kl`. `vi_lab.vae.runs.pretrained` makes a VAE of them.
    """
    return load("digits_vae")


@public
def load_ising_glyphs() -> Dataset:
    """Glyphs of -1 and +1 (int8): `vi16`, `a16` (16, 16); `vi32`, `ring32` (32, 32).

    Each has a noisy copy of its own shape: `vi16_noisy10`, `a16_noisy10`, `vi32_noisy15`,
    `ring32_noisy15`, named after the nominal percentage of flipped pixels.
    """
    return load("ising_glyphs")


@public
def load_lda_bars() -> Dataset:
    """A synthetic corpus: `counts` (200, 25), with its true `topics` (10, 25), `theta` (200, 10).

    `counts` has a row for each document and a column for each word; the rows of `topics` and of
    `theta` (the topic proportions of each document) sum to one.
    """
    return load("lda_bars")
