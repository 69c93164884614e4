"""Reals, arrays and objects that people hand in: most of them right, the others of any kind."""

import datetime
import functools
import math
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

TAME = [0.5, 1.0, 2.0, 3.0, 0.1, 7.5]
EXTREME = [1e-300, 1e300, 5e-324, 1e16, 1e-16, 1e150, 1e-150, 1.0001e150, 1e100, 1e-100, 1e8, 1e-8]
NOT_FINITE = [np.nan, np.inf, -np.inf]
WHOLE = [0, 1, 2, 3, 5, -1, 2**31, 2**53, 2**53 + 1, 2**63, 10**30, 10**400, -(2**70)]
NUMPY = [np.float32(2), np.int8(3), np.uint64(2**64 - 1), np.longdouble("1e4000"), np.float16(0.1)]
ARRAYS = [np.array(2.0), np.array([[[1.0]]]), np.ma.masked, np.True_, np.datetime64("2020-01-01")]
TEXTS = ["1", "", "abc", "NaN", b"1", "x" * 5000, "seed"]
EMPTY = [None, [], {}, (), set(), Ellipsis, NotImplemented]
OBJECTS = [object(), len, int, range(3), slice(2), Fraction(1, 3), datetime.date(2020, 1, 1)]
SCALARS = [True, False, 1j, 1 + 0j]
OTHER = [*NUMPY, *ARRAYS, *TEXTS, *EMPTY, *OBJECTS, *SCALARS]
SHAPES = [
    *[(0,), (1,), (2,), (3,), (5,), (1, 1), (3, 1), (1, 3), (2, 2)],
    *[(2, 2, 2), (1,) * 9, (), (0, 3), (2, 0)],
]
CONTAINERS = "list list ragged object masked frame holds-masked".split()
DTYPES = "float64 float32 int64 complex128 bool U3 longdouble float16 uint8".split()


def signed(values):
    return st.tuples(st.sampled_from(values), st.sampled_from([1.0, -1.0])).map(math.prod)


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
whole = st.one_of(st.integers(0, 5), st.integers(0, 12), st.sampled_from([0, 1, 300, 2**53 + 2]))
bit, spin = st.sampled_from([0, 1]), st.sampled_from([1, -1])


@functools.cache
def vector(n, numbers=real):
    """n numbers: different ones, all the same, close together far out, tame ones."""
    if numbers in (bit, spin, whole):
        return st.lists(numbers, min_size=n, max_size=n)
    tame = st.lists(st.floats(-5, 5), min_size=n, max_size=n)
    return st.one_of(
        st.lists(numbers, min_size=n, max_size=n),
        numbers.map(lambda x: [x] * n),
        st.tuples(numbers, st.lists(st.floats(-1, 1), min_size=n, max_size=n)).map(
            lambda p: [p[0] + e for e in p[1]]
        ),
        tame if numbers is real else tame.map(lambda v: [abs(x) / 5 for x in v]),
        tame if numbers is real else tame.map(lambda v: [0.1 + abs(x) / 6 for x in v]),
    )


@functools.cache
def shaped(shape, numbers=real):
    """Reals in lists of that shape; a number alone for the shape ()."""
    if not shape:
        return numbers
    return vector(math.prod(shape), numbers).map(lambda v: folded(v, shape))


def folded(values, shape):
    """Lists of lists of those values."""
    if len(shape) == 1:
        return list(values)
    step = math.prod(shape[1:])
    return [folded(values[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]


@functools.cache
def spread(shape, numbers=above):
    """Covariances: fine ones, singular, badly scaled, not symmetric, not positive."""

    def made(parts):
        entries, scale, flaw = parts
        root = np.array(entries).reshape(shape)
        with np.errstate(all="ignore"):
            found = (root @ np.swapaxes(root, -1, -2) + 0.1 * np.eye(shape[-1])) * scale
        if flaw == 1:
            found[..., 0, -1] += 1.0
        if flaw == 2:
            found[..., -1, :] = found[..., :, -1] = 0.0
        return found.tolist()

    size = math.prod(shape)
    entries = st.lists(st.floats(-3, 3), min_size=size, max_size=size)
    return st.tuples(entries, numbers, st.sampled_from([0, 0, 0, 0, 1, 2])).map(made)


class Frame:
    """What a data frame shows of itself: columns, their types, and an array of everything."""

    def __init__(self, columns, dtypes, values=None):
        self.columns, self.dtypes = columns, [np.dtype(d) for d in dtypes]
        self.values = np.full((3, len(columns)), None, dtype=object) if values is None else values

    def __array__(self, dtype=None, copy=None):
        return self.values


class Rude:
    """An object that raises whatever one asks of it."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")


def _array(parts):
    """An array of whatever numbers, in a shape and a kind of container of its own."""
    values, shape, kind = parts
    size = math.prod(shape)
    flat = (values * (size + 1))[:size] if values else [0.0] * size
    with np.errstate(all="ignore"):
        if kind == "list":
            return folded(flat, shape) if shape else flat[0]
        if kind == "ragged":
            return [flat, [*flat, 1.0]]
        if kind == "object":
            return np.array([*flat, None], dtype=object)
        if kind == "masked":
            return np.ma.masked_array(np.array(flat, float), mask=[True] * len(flat))
        if kind == "frame":
            values = np.array(flat, float).reshape(-1, 1)
            return Frame(["words", "numbers"], [object, float], values)
        if kind == "holds-masked":
            return [*flat, np.ma.masked]
        return np.array(flat, dtype=float).reshape(shape).astype(kind)


anything = st.one_of(*map(st.sampled_from, (OTHER, NOT_FINITE, WHOLE)), real, above)
arrays = st.tuples(
    st.lists(st.one_of(real, st.sampled_from(NOT_FINITE), st.floats(-5, 5)), max_size=6),
    st.sampled_from(SHAPES),
    st.sampled_from([*CONTAINERS, *DTYPES]),
).map(_array)
wrong = st.one_of(anything, arrays, st.builds(Rude))


def perturbed(thing):
    """Lists and dicts with another element, scale or size; anything else as it is."""
    if isinstance(thing, dict) and thing:
        name = st.sampled_from(sorted(thing, key=str))
        other = name.flatmap(lambda n: perturbed(thing[n]).map(lambda v: {**thing, n: v}))
        return st.one_of(other, other, name.map(lambda n: {k: thing[k] for k in thing if k != n}))
    if isinstance(thing, list | np.ndarray) and len(thing):
        some = st.integers(0, len(thing) - 1)
        other = some.flatmap(
            lambda i: perturbed(thing[i]).map(lambda v: [*thing[:i], v, *thing[i + 1 :]])
        )
        return st.one_of(other, other, some.map(lambda n: thing[:n]), arrays)
    if isinstance(thing, bool | int | float | np.number):
        return st.one_of(real, share, anything)
    return st.just(thing)
