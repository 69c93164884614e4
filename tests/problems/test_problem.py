"""A problem whose fields are of another kind is refused where it is made, and what its model gives
where it is described."""

from decimal import Decimal

import numpy as np
import pytest

from tests.arguments.test_hooks import MISSHAPEN, NO_NUMBERS, Density, Rude, gives, odd
from tests.fuzz.material import MODEL
from vi_lab import InputError, InputTypeError, ViLabError
from vi_lab.problems.description import describe
from vi_lab.problems.problem import Problem

FIELDS = dict(name="mine", story="a story", data="four numbers", n=4, model=MODEL)
NO_TEXT = (None, 3, b"a", ["a"], np.ones(2), Rude())
NO_DICT = (None, 3, "a", ["a"], np.ones(2), Rude(), {1: 2}, {None: 1})
WRONG = {
    **dict.fromkeys(("name", "story", "data", "look_at"), NO_TEXT),
    "n": (None, "3", 1.5, -1, True, 10**400, np.ones(2), Decimal(3), Rude()),
    "model": (None, 3, object(), type(MODEL), "no such problem", "coin", np.ones(2), len),
    "sweep": (3, "ab", ("a",), (1, (2, 3)), ("a", 3), ("a", "bc"), ("a", (1,), 2), Rude()),
    "arguments": NO_DICT,
    "variant": NO_DICT,
    "columns": (*NO_DICT, {"coal": "year"}, {"coal": 3}, {"coal": (1,)}, {"coal": ("a", "a")}),
    "axes": (*NO_DICT, {"mu": 3}, {"mu": "a"}, {"mu": ("a",)}, {"mu": {1: None}}),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_field_of_another_kind(name):
    for value in WRONG[name]:
        with pytest.raises((InputTypeError, InputError), match=name):
            Problem(**{**FIELDS, name: value})


def test_a_name_that_no_file_can_hold_is_refused():
    """Half a letter has no bytes, of which the problem's streams are made."""
    with pytest.raises(InputTypeError, match=r"name: needs text, .*half a letter .*'x\\ud800y'"):
        Problem(**{**FIELDS, "name": "x\ud800y"})


def test_what_is_of_the_kind_is_kept():
    more = dict(n=np.int64(4), look_at="it", sweep=("mu0", (0.0, 1.0)), axes={"mu": {"a": None}})
    made = Problem(**{**FIELDS, **more}, columns={"coal": ("year",)}, variant={"mu0": 1.0})
    assert made.n == 4 and made.sweep == more["sweep"] and made.axes == more["axes"]
    assert made.description["data"]["files"][0]["name"] == "coal"


def test_columns_that_there_are_not():
    for columns, words in (({"cole": ()}, "cole"), ({"coal": ("yaer",)}, "did you mean 'year'")):
        with pytest.raises(InputError, match=f"columns.*{words}"):
            describe(Problem(**FIELDS, columns=columns))


def test_what_a_density_draws_is_looked_at_where_it_is_described():
    for wrong in (*NO_NUMBERS.values(), *MISSHAPEN.values()):
        model = odd(Density, sample_latents=gives({"z": wrong}))
        with pytest.raises(ViLabError, match="sample_latents: needs z of shape"):
            describe(Problem(**{**FIELDS, "model": model}))
    for nothing in ({}, {"y": np.ones((1, 2))}):
        with pytest.raises(ViLabError, match="sample_latents: needs z of shape"):
            describe(Problem(**{**FIELDS, "model": odd(Density, sample_latents=gives(nothing))}))
    assert Problem(**{**FIELDS, "model": Density()}).description["latents"]["z"]["shape"] == [2]
