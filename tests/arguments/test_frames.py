"""Tables of pandas and of polars as data and as draws; polars as it is, or as it shows itself."""

import numpy as np
import pandas as pd
import pytest

from vi_lab import VAE, LinearRegression, LocalLevel, NormalGamma, audit
from vi_lab.errors import InputError, InputTypeError, ViLabError

COLUMNS = {"a": [1.0, 2.0, 3.5, 4.0], "b": [1, 2, 3, 5]}


class DType:
    """A data type of polars: it has no `kind`, and says whether it is numeric."""

    def __init__(self, array):
        self.numeric = array.dtype.kind in "biuf"

    def is_numeric(self):
        return self.numeric


class LikePolars:
    """What is asked of a polars.DataFrame."""

    def __init__(self, columns):
        self.arrays = {name: np.asarray(values) for name, values in columns.items()}
        self.columns = list(columns)
        self.dtypes = [DType(array) for array in self.arrays.values()]

    def __len__(self):
        return len(self.arrays[self.columns[0]])

    def __getitem__(self, name):
        return self.arrays[name]

    def __array__(self, dtype=None, copy=None):
        return np.stack(list(self.arrays.values()), axis=-1)


class LikeLazy:
    """A polars.LazyFrame has columns and no numbers yet."""

    columns, dtypes = ["a"], [DType(np.zeros(1))]

    def collect(self):
        raise AssertionError("somebody else's query was run")


def polars(columns):
    return pytest.importorskip("polars").DataFrame(columns)


def nullable(columns):
    return pd.DataFrame(columns).convert_dtypes()


every_frame = pytest.mark.parametrize("make", [pd.DataFrame, nullable, LikePolars, polars])


@every_frame
def test_frames_are_data(make):
    frame = make(COLUMNS)
    y = [1.0, 0.0, 2.0, 1.0]
    model = LinearRegression(frame, y, [0.0, 0.0], np.eye(2), 1.0, 1.0)
    assert np.array_equal(model.X, np.stack(list(COLUMNS.values()), axis=-1))
    assert np.array_equal(NormalGamma(frame["b"], 0.0, 1.0, 1.0, 1.0).x, COLUMNS["b"])
    with pytest.raises(
        InputError, match=r"a data frame of 2 columns; pass one of them, e.g. x\['a'"
    ):
        NormalGamma(frame, 0.0, 1.0, 1.0, 1.0)
    words = make({**COLUMNS, "c": list("pqrs")})
    said = r"whose columns 'c' hold none; pass .* e.g. X\[\['a', 'b'\]\].to_numpy\(\)"
    with pytest.raises(InputTypeError, match=said):
        LinearRegression(words, y, [0.0, 0.0], np.eye(2), 1.0, 1.0)


@every_frame
def test_frames_are_draws(make):
    """Of newcomb's mu and tau, two chains one below the other."""
    rng = np.random.default_rng(0)
    draws = {"mu": rng.normal(26.2, 1.3, 400), "tau": rng.gamma(33.0, 0.009 / 33.0, 400)}
    chain = np.repeat([0, 1], 200)
    found = audit("newcomb", posterior=make({**draws, "chain": chain}))
    by_hand = {name: values.reshape(2, 200) for name, values in draws.items()}
    assert found.to_dict() == audit("newcomb", posterior=by_hand).to_dict()
    assert found.not_given == ()


def test_a_query_is_not_run():
    with pytest.raises(InputTypeError, match=r"x: got LikeLazy, a query; pass x.collect\(\)"):
        NormalGamma(LikeLazy(), 0.0, 1.0, 1.0, 1.0)
    with pytest.raises(InputTypeError, match=r"posterior: .* pass posterior.collect\(\)"):
        audit("newcomb", posterior=LikeLazy())


GAPS = {
    "none": [1.0, None, 4.0],
    "a column of objects": pd.Series([1.0, None, 4.0], dtype=object),
    "pandas' NA": pd.Series([1.0, pd.NA, 4.0], dtype=object),
    "nullable": pd.Series([1, None, 4], dtype="Int64"),
    "masked": np.ma.masked_array([1.0, 99.0, 4.0], [False, True, False]),
    "masked counts": np.ma.masked_array([1, 99, 4], [False, True, False]),
}


@pytest.mark.parametrize("gap", GAPS)
def test_a_series_may_say_in_any_way_what_is_missing(gap):
    level = LocalLevel(GAPS[gap], q=1.0, r=1.0, m0=0.0, v0=1.0)
    np.testing.assert_array_equal(level.y, [1.0, np.nan, 4.0])
    with pytest.raises(ViLabError):
        NormalGamma(GAPS[gap], 0.0, 1.0, 1.0, 1.0)
    with pytest.raises(
        InputTypeError, match=r"needs real numbers, got an array of .* first 'a' at index 1"
    ):
        LocalLevel([1.0, "a", None], q=1.0, r=1.0, m0=0.0, v0=1.0)


@pytest.mark.parametrize("unit", ["m8[D]", "M8[D]"])
def test_times_are_named_where_numbers_are_needed(unit):
    with pytest.raises(InputTypeError, match=r"got an array of .*\[D\].*, the first np\.\w+64"):
        NormalGamma(np.array([1, 2, 3]).astype(unit), 0.0, 1.0, 1.0, 1.0)


class Pictures:
    """What xarray's or torch's arrays have in common: NumPy makes an array of them."""

    def __init__(self, x):
        self.x = x

    def __array__(self, dtype=None, copy=None):
        return self.x


@pytest.mark.parametrize("make", [np.asarray, np.ndarray.tolist, Pictures])
def test_pictures_are_flattened_whatever_holds_them(make):
    x = (np.random.default_rng(0).random((6, 2, 2)) < 0.5).astype(float)
    vae = VAE(4, 1, (3,), dtype="float64")
    found, wanted = (vae.fit(given, epochs=1, rng=0) for given in (make(x), x.reshape(6, 4)))
    np.testing.assert_array_equal(found.trace.elbo, wanted.trace.elbo)
    np.testing.assert_array_equal(found.reconstruct(make(x)), wanted.reconstruct(x.reshape(6, 4)))
