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

from vi_lab.datasets.dataset import Dataset
from vi_lab.datasets.loaders import (
    list_datasets,
    load,
    load_beetles,
    load_bioassay,
    load_cars,
    load_challenger,
    load_clutter,
    load_coal,
    load_coal_dates,
    load_darwin,
    load_digits,
    load_digits_vae,
    load_eight_schools,
    load_galaxies,
    load_iris,
    load_ising_glyphs,
    load_kidiq,
    load_lda_bars,
    load_newcomb,
    load_nile,
    load_old_faithful,
    load_penguins,
    load_polynomial,
    load_trees,
)
from vi_lab.datasets.observations import Observations, load_fashion, load_observations

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
