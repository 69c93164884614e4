"""What is wrong for each kind of argument: the value, the error, and words of the message."""

from typing import Any, NamedTuple

import numpy as np

from tests.fuzz.values import Frame
from vi_lab import InputError, InputTypeError, ViLabError


class Bad(NamedTuple):
    value: Any
    error: type[ViLabError]
    words: str = ""


def no(error, words, *values):
    """Values that are wrong with one error and words, by what they look like."""
    return {repr(value)[:20]: Bad(value, error, words) for value in values}


def without(wrong, *labels):
    """That table but for some rows: they are allowed there."""
    return {label: bad for label, bad in wrong.items() if label not in labels}


NO_NUMBERS = {
    "a word": Bad("abc", InputTypeError, "real 'abc'"),
    "a long word": Bad("x" * 5000, InputTypeError, "real 'xxx"),
    "nothing": Bad(None, InputTypeError, "real None"),
    "complex": Bad(1j, InputTypeError, "real 1j"),
    "a set": Bad({1.0}, InputTypeError, "real {1.0}"),
    "words for numbers": Bad(["1", "2"], InputTypeError, "real '1' 0"),
    "one None": Bad([1.0, None], InputTypeError, "real None 1 object"),
    "ragged": Bad([[1.0], [2.0, 3.0]], InputTypeError, "rectangular"),
    "complex array": Bad(np.array([1.0, 2j]), InputTypeError, "complex128 0"),
    "dates": Bad(np.array(["2020-01-01"], "M8[D]"), InputTypeError, "real datetime64"),
    "objects": Bad(np.array([1.0, object()], dtype=object), InputTypeError, "object 1"),
    "masked": Bad(np.ma.masked_array([1.0, 2.0], [0, 1]), InputTypeError, "masked compressed()"),
    "one masked": Bad([1.0, np.ma.masked], InputTypeError, "masked"),
    "whole numbers of 70 bits": Bad([2**70], InputTypeError, "64 bits"),
    "a frame": Bad(Frame(["age", "name"], ["f8", "O"]), InputTypeError, "frame 'name' columns"),
}
NOT_FINITE = {
    "nan": Bad(np.nan, InputError, "finite nan"),
    "infinite": Bad(-np.inf, InputError, "finite -inf"),
    "far too large": Bad(np.longdouble("1e4000"), InputError, "finite inf"),
}
NO_REAL = {**NO_NUMBERS, **NOT_FINITE}


def misshapen(ndim):
    """What an array of so many axes cannot be."""
    wrong = {
        "empty": Bad(np.zeros((0,) * ndim), InputError, "empty"),
        "of no axis": Bad(3.0, InputError, "()"),
        "of three axes": Bad(np.zeros((2, 3, 2)), InputError, "(2, 3, 2)"),
        "nan inside": Bad(np.full((2,) * ndim, [1.0, np.nan]), InputError, "finite nan index 1"),
        "infinite inside": Bad(np.full((2,) * ndim, [1.0, -np.inf]), InputError, "finite -inf"),
    }
    if ndim == 1:
        wrong["a column"] = Bad(np.ones((3, 1)), InputError, "(3, 1) .ravel()")
        frame = Frame(["a", "b"], ["f8", "i8"])
        wrong["a frame of numbers"] = Bad(frame, InputError, "frame ['a']")
    return wrong


HUGE = {"huge": Bad(1e151, InputError, "1e+151 rescale")}
ABOVE = no(InputError, "above 0 0", 0.0) | no(InputError, "above 0 -1", -1)
SHARES = no(InputError, "sum 1.1", [0.5, 0.6]) | no(InputError, "-0.5 index 1", [1.5, -0.5])
TINY = no(InputError, "1e-200 rescale", 1e-200)
NOT_ABOVE = {
    **no(InputError, "above 0 -1 index 0", [-1.0, 1.0]),
    **no(InputError, "above 0 0 index 1", [1.0, 0.0]),
}
NO_COUNTS = {
    **no(InputError, "whole numbers 0.5 index 1", [1.0, 0.5]),
    **no(InputError, "whole numbers -1 index 0", [-1, 2]),
    **no(InputError, "2**53 1.15292e+18 exact", [1, 2.0**60]),
}
# by the numbers that are right: what is wrong as one number, and within an array
NUMBERS = {
    "real": (HUGE, {}),
    "positive": ({**ABOVE, **TINY, **HUGE}, NOT_ABOVE),
    "share": (no(InputError, "1.5", 1.5) | no(InputError, "-0.5", -0.5), {}),
    "whole": ({}, NO_COUNTS),
    "bit": ({}, no(InputError, "0 and 1 2 index 2", [0, 1, 2])),
    "spin": ({}, no(InputError, "-1 and +1 0 (0, 1)", [[1, 0], [1, -1]])),
    "pixel": ({}, {}),
}


def no_numbers(kind, shapes):
    """What is no such numbers, in one of those shapes: data have axes, parameters a size."""
    one, inside = NUMBERS[kind]
    if shapes == ("",):
        return {**NO_REAL, **one, "two": Bad([1.0, 2.0], InputError, "(2,)")}
    if "" in shapes or kind == "positive":
        single = one if "" in shapes else {}
        return {**NO_REAL, **single, **inside, "seven": Bad([1.0] * 7, InputError, "(7,)")}
    ndim = len(shapes[0])
    large = {"squares overflow": Bad(np.full((3,) * ndim, 2e150), InputError, "2e+150 overflow")}
    return {**NO_NUMBERS, **misshapen(ndim), **inside, **(large if kind == "real" else {})}


COVARIANCE = {
    **no_numbers("real", ("dd",)),
    "of another size": Bad(np.eye(5), InputError, "(5, 5)"),
    "not square": Bad([[1.0, 0.5, 0.5], [0.5, 1.0, 0.5]], InputError, "(2, 3)"),
    "not symmetric": Bad([[1.0, 2.0], [0.0, 5.0]], InputError, "symmetric [0, 1] = 2 [1, 0] = 0"),
    "not positive": Bad([[1.0, 2.0], [2.0, 1.0]], InputError, "positive definite -1"),
    "of rank one": Bad(np.ones((2, 2)), InputError, "positive definite"),
    "no variance": Bad([[1.0, 0.0], [0.0, 0.0]], InputError, "positive definite [1, 1] = 0"),
    "tiny": Bad([[1e-200, 0.0], [0.0, 1.0]], InputError, "1e-200"),
}
COUNT = {
    "a half": Bad(1.5, InputTypeError, "whole 1.5"),
    "a whole float": Bad(2.0, InputTypeError, "whole 2.0"),
    "True": Bad(True, InputTypeError, "whole True"),
    "a word": Bad("2", InputTypeError, "whole '2'"),
    "nothing": Bad(None, InputTypeError, "whole None"),
    "less": Bad(-3, InputError, "at least -3"),
    "absurd": Bad(10**400, InputError, "at most"),
}
SIZE = {**COUNT, "nought": Bad(0, InputError, "at least 1 0")}
RNG = {
    "True": Bad(True, InputTypeError, "int SeedSequence Generator True"),
    "less": Bad(-1, InputError, "at least 0 -1"),
    "a half": Bad(1.5, InputTypeError, "int float 1.5"),
    "a word": Bad("7", InputTypeError, "int str '7'"),
    "of old": Bad(np.random.RandomState(0), InputTypeError, "RandomState"),
}
FLAG = no(InputTypeError, "True or False", 1, "yes", None)
NO_OBJECT = no(InputTypeError, "", 3, None, "abc")
NO_TEXT = no(InputTypeError, "text", 3, None, [])
NAME = {
    "misspelt": Bad("mv", InputError, "'mv' did you mean 'mu' mu, tau"),
    "a capital": Bad("Tau", InputError, "'Tau' did you mean 'tau'"),
    **no(InputError, "mu, tau", 3, None, ""),
}
