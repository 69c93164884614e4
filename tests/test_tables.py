"""A table of rows in one test loses none of them."""

import inspect

import pytest

from tests.tables import table

TRIED = []


@table("a, b", [(1, 1), pytest.param(2, 3, id="two"), (4, 5), (6, 6)])
def equal(a, b, capsys):
    TRIED.append(a)
    assert a == b
    if a == 6:
        pytest.fail("no six")


@table("n", [1, 20, 2, 30, pytest.param(40, marks=pytest.mark.slow)], by=lambda n: str(len(str(n))))
def short(n):
    assert n < 30


def groups(function):
    (mark,) = function.pytestmark
    names, params = mark.args
    assert names == "walked"
    return {param.id: param for param in params}


def test_every_row_is_tried_and_all_that_fail_are_named():
    (rows,) = groups(equal)["rows"].values
    with pytest.raises(BaseExceptionGroup, match="3 of 4 rows failed: two; 4-5; 6-6") as caught:
        equal(rows, capsys=None)
    assert TRIED == [1, 2, 4, 6]
    assert caught.value.exceptions[0].__notes__ == ["The row: two"]
    assert list(inspect.signature(equal).parameters) == ["walked", "capsys"]


def test_there_is_a_test_for_each_group_and_for_rows_that_are_marked():
    of = groups(short)
    assert {name: len(param.values[0]) for name, param in of.items()} == {
        "1": 2, "2": 2, "2-slow": 1
    }  # fmt: skip
    assert [mark.name for mark in of["2-slow"].marks] == ["slow"] and not of["2"].marks
    short(*of["1"].values)
    with pytest.raises(ExceptionGroup, match="1 of 2 rows failed: 30"):
        short(*of["2"].values)


@table("a", [1, 2])
def test_it_is_collected_and_runs(a, tmp_path):
    assert a in (1, 2) and tmp_path.is_dir()
