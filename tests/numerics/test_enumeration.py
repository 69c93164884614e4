"""Sums over labellings: their order, their limit, their price."""

from itertools import product

import numpy as np
import pytest

from tests.tables import table
from vi_lab.numerics import enumeration


@pytest.mark.parametrize(("items", "classes"), [(1, 1), (4, 1), (3, 2), (2, 5), (5, 3)])
def test_every_labelling_once_the_last_label_fastest(items, classes):
    found = enumeration.labellings(items, classes)
    assert found.tolist() == [list(z) for z in product(range(classes), repeat=items)]
    assert found.dtype.itemsize == 1
    assert enumeration.find_rows(found, classes).tolist() == list(range(classes**items))


def test_the_rows_of_any_batch_and_any_integer_type():
    labels = enumeration.labellings(6, 3).astype(np.int8).reshape(27, 27, 6)
    index = enumeration.find_rows(labels, 3)
    assert index.dtype == np.int64
    assert (index.ravel() == np.arange(729)).all()


def test_the_index_does_not_wrap_in_small_integers():
    labels = np.full((1, 20), 1, np.int8)
    assert enumeration.find_rows(labels, 2).item() == 2**20 - 1


@table("classes", [2, 3, 4, 7, 8, 16, 32, 1024])
def test_the_limit_is_where_it_is_said_to_be(classes):
    for items in range(1, 25):
        allowed = classes**items <= enumeration.MOST_LABELLINGS
        assert (enumeration.refusal(items, classes) is None) == allowed, items


def test_one_class_is_never_too_many():
    assert enumeration.refusal(100_000, 1) is None
    assert enumeration.labellings(300, 1).shape == (1, 300)


def test_a_refusal_says_why_and_what_still_applies():
    reason = enumeration.refusal(82, 6)
    assert "6^82 = 10^64 labellings" in reason
    assert "1,048,576" in reason
    assert "Gibbs and CAVI still apply" in reason


def test_the_cost_is_said_only_where_it_is_more_than_a_moment(capsys):
    enumeration.announce(16, 2)
    assert capsys.readouterr() == ("", "")
    enumeration.announce(17, 2)
    captured = capsys.readouterr()
    assert "enumerating 131,072 labellings" in captured.err
    assert captured.out == ""
    assert enumeration.cost(3, 4) == "enumeration of 64 labellings"


def test_what_takes_more_than_a_moment_is_said_first(monkeypatch):
    said = []
    monkeypatch.setattr(enumeration.progress, "announce", said.append)
    enumeration.announce(20, 2)
    enumeration.announce(3, 2)
    assert said == ["enumerating 1,048,576 labellings, about 4.2 s"]  # 2**20 of 20 at 2e-7


def test_the_price_is_that_of_visits_times_items(monkeypatch):
    """A million and 48,576 labellings of 20 items at 0.2 microseconds each."""
    said = []
    monkeypatch.setattr(enumeration.progress, "announce", said.append)
    enumeration.announce(20, 2)
    assert said == ["enumerating 1,048,576 labellings, about 4.2 s"]
