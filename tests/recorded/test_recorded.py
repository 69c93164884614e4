"""The same seed gives the same numbers, and results say the same of them."""

import re

import pytest

from tests.recorded import record

RECORDED = record.read()
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
HOW = "what is meant is written down by python -m tests.recorded.record"


def test_the_record_has_each_model_and_call():
    assert list(RECORDED) == record.NAMES, HOW


@pytest.mark.parametrize("name", record.NAMES)
def test_what_is_returned_is_what_it_was(name):
    found = record.state(name)
    assert list(found) == list(RECORDED[name]), HOW
    other = [
        f"{place}: {found[place]} (it was {was})"
        for place, was in RECORDED[name].items() if not agrees(found[place], was)
    ]  # fmt: skip
    assert not other, f"{other}: {HOW}"


def agrees(found, was):
    """Words alike, and numbers, in words too, to a part of 1e5: other machines round otherwise,
    errors are roundings, and on a flat top a climb ends a millionth elsewhere."""
    if not (isinstance(found, str) and isinstance(was, str)):
        return found == pytest.approx(was, rel=1e-5, abs=1e-7)
    numbers = [[float(number) for number in NUMBER.findall(words)] for words in (found, was)]
    return NUMBER.split(found) == NUMBER.split(was) and agrees(*numbers)
