"""Numbers, arrays and objects that people hand in: most of them right, the others of any kind."""

import datetime
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

TAME = [0.5, 1.0, 2.0, 3.0, 0.1, 7.5]
EXTREME = [1e-300, 1e300, 5e-324, 1e16, 1e-16, 1e150, 1e-150, 1.0001e150, 1e100, 1e-100, 1e8, 1e-8]
NOT_FINITE = [np.nan, np.inf, -np.inf]
WHOLE = [0, 1, 2, 3, 5, -1, 2**31, 2**53, 2**53 + 1, 2**63, 10**30, 10**400, -(2**70)]
OTHER = [
    None,
    True,
    False,
    np.True_,
    "1",
    "",
    "abc",
    "nan",
    b"1",
    1j,
    1 + 0j,
    [],
    {},
    (),
    set(),
    object(),
    np.ma.masked,
    Fraction(1, 3),
    datetime.date(2020, 1, 1),
    np.datetime64("2020-01-01"),
    len,
    int,
    np.float32(2),
    np.int8(3),
    np.uint64(2**64 - 1),
    np.longdouble("1e4000"),
    np.float16(0.1),
    np.array(2.0),
    np.array([[[1.0]]]),
    range(3),
    slice(2),
    Ellipsis,
    NotImplemented,
    "x" * 5000,
]


def signed(values):
    return st.tuples(st.sampled_from(values), st.sampled_from([1.0, -1.0])).map(
        lambda p: p[0] * p[1]
    )


real = st.one_of(
    st.sampled_from([*TAME, 0.0, -1.0, -2.5]),
    signed(EXTREME),
    st.floats(-1e6, 1e6),
    st.floats(allow_nan=False, allow_infinity=False),
)
above = st.one_of(
    st.sampled_from(TAME),
    st.sampled_from(TAME),
    st.sampled_from(EXTREME),
    st.floats(1e-3, 1e3),
    st.integers(-150, 149).map(lambda e: 3.7 * 10.0**e),
)
share = st.one_of(st.sampled_from([0.0, 0.5, 1.0, 0.3, 1e-300, 1 - 1e-16]), st.floats(0, 1))
anything = st.one_of(
    st.sampled_from(OTHER), st.sampled_from(NOT_FINITE), st.sampled_from(WHOLE), real, above
)


def vector(n, numbers=real):
    """n numbers: different ones, all the same, close together far out, twice each."""
    return st.one_of(
        st.lists(numbers, min_size=n, max_size=n),
        numbers.map(lambda x: [x] * n),
        st.tuples(numbers, st.lists(st.floats(-1, 1), min_size=n, max_size=n)).map(
            lambda p: [p[0] + e for e in p[1]]
        ),
        st.lists(st.floats(-5, 5), min_size=n, max_size=n),
        st.lists(st.floats(-5, 5), min_size=n, max_size=n),
    )


def matrix(rows, columns, numbers=real):
    return vector(rows * columns, numbers).map(
        lambda v: [list(v[i * columns : (i + 1) * columns]) for i in range(rows)]
    )


def spread(size):
    """Covariances: fine ones, singular, badly scaled, not symmetric, not positive."""

    def made(parts):
        entries, scale, flaw = parts
        root = np.array(entries).reshape(size, size)
        with np.errstate(all="ignore"):
            found = (root @ root.T + 0.1 * np.eye(size)) * scale
        if flaw == 1:
            found[0, -1] += 1.0
        if flaw == 2:
            found[-1] = found[:, -1] = 0.0
        return found.tolist()

    entries = st.lists(st.floats(-3, 3), min_size=size * size, max_size=size * size)
    return st.tuples(entries, above, st.sampled_from([0, 0, 0, 0, 1, 2])).map(made)


def _array(parts):
    """An array of whatever numbers, in a shape and a kind of container of its own."""
    values, shape, kind = parts
    size = int(np.prod(shape))
    flat = (values * (size + 1))[:size] if values else [0.0] * size
    with np.errstate(all="ignore"):
        if kind == "list":
            return np.array(flat, dtype=object).reshape(shape).tolist()
        if kind == "ragged":
            return [flat, [*flat, 1.0]]
        if kind == "object":
            return np.array([*flat, None], dtype=object)
        if kind == "masked":
            return np.ma.masked_array(np.array(flat, float), mask=[True] * len(flat))
        if kind == "frame":
            return Frame(np.array(flat, float).reshape(-1, 1))
        if kind == "holds masked":
            return [*flat, np.ma.masked]
        return np.array(flat, dtype=float).reshape(shape).astype(kind)


class Frame:
    """What a data frame shows of itself."""

    def __init__(self, values):
        self.values = values
        self.columns = ["words", "numbers"]
        self.dtypes = [np.dtype(object), np.dtype(float)]

    def __array__(self, dtype=None, copy=None):
        return self.values


class Rude:
    """An object that raises whatever one asks of it."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")


arrays = st.tuples(
    st.lists(st.one_of(real, st.sampled_from(NOT_FINITE), st.floats(-5, 5)), max_size=6),
    st.sampled_from(
        [
            (0,),
            (1,),
            (2,),
            (3,),
            (5,),
            (1, 1),
            (3, 1),
            (1, 3),
            (2, 2),
            (2, 2, 2),
            (1,) * 9,
            (),
            (0, 3),
            (2, 0),
        ]
    ),
    st.sampled_from(
        [
            "list",
            "list",
            "float64",
            "float32",
            "int64",
            "complex128",
            "bool",
            "U3",
            "ragged",
            "object",
            "masked",
            "frame",
            "holds masked",
            "longdouble",
            "float16",
            "uint8",
        ]
    ),
).map(_array)
wrong = st.one_of(anything, arrays, st.builds(Rude))


def mostly(right):
    """A right argument nine times in ten, anything otherwise."""
    return st.integers(0, 9).flatmap(lambda k: wrong if k < 1 else right)


def rarely(right):
    return st.integers(0, 19).flatmap(lambda k: wrong if k < 1 else right)


rng = st.one_of(
    st.integers(0, 2**32),
    st.integers(0, 9),
    wrong,
    st.just(np.random.RandomState),
    st.integers(0, 9).map(np.random.SeedSequence),
)
