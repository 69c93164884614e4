"""A comparison asked for a problem, a row or a DataFrame; models by names of one's own."""

import sys

import numpy as np
import pytest

import vi_lab
from vi_lab import compare, problem
from vi_lab.comparison.compare import Row

METHODS = ["exact", "cavi", "linear-response"]


@pytest.fixture(scope="module")
def two():
    return compare(["coal", "coin"], methods=METHODS, rng=0)


def test_a_row_and_a_problem(two):
    row = two["coal", "cavi"]
    assert isinstance(row, Row)
    assert (row.problem, row.method) == ("coal", "cavi")
    assert row.elbo == pytest.approx(two.results["coal", "cavi"].elbo)
    assert two["coal", "linear_response"] is two["coal", "linear-response"]
    coal = two["coal"]
    assert [r.problem for r in coal.rows] == ["coal"] * len(coal.rows)
    assert coal.verdicts == {"coal": two.verdicts["coal"]}
    assert {pair[0] for pair in coal.results} == {"coal"}
    assert [item.name for item in coal.problems] == ["coal"]
    assert (coal.seed, coal.budget) == (two.seed, two.budget)
    assert coal.text() == two.text().split("\n\n")[0]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("coall", "problem: unknown name 'coall'; did you mean 'coal'"),
        (("coin", "gibs"), r"method: unknown name 'gibs' \(known: exact, cavi"),
        (("cion", "cavi"), "did you mean 'coin'"),
        (0, "problem: unknown name 0"),
    ],
)
def test_an_unknown_name_is_told(two, key, words):
    with pytest.raises(vi_lab.InputError, match=words):
        two[key]


def test_it_is_no_list_and_a_key_has_two_parts(two):
    with pytest.raises(vi_lab.InputTypeError, match="needs a problem and a method"):
        two["coal", "cavi", "elbo"]
    with pytest.raises(TypeError, match="not iterable"):
        list(two)


def test_rows_as_a_frame(two, monkeypatch):
    frame = two.to_pandas()
    assert frame.index.names == ["problem", "method"]
    assert len(frame) == len(two.rows)
    assert frame.loc[("coal", "cavi"), "elbo"] == two["coal", "cavi"].elbo
    assert np.isnan(frame.loc[("coal", "exact"), "elbo"])
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install pandas$"):
        two.to_pandas()


def test_models_go_by_the_names_they_are_given():
    x = problem("newcomb").model.x
    flat = vi_lab.NormalGamma(x, mu0=0, kappa0=1e-3, a0=2, b0=50)
    tight = vi_lab.NormalGamma(x, mu0=0, kappa0=100, a0=2, b0=50)
    given = {"flat": flat, "tight": tight, "coal again": "coal", "ours": problem("newcomb")}
    found = compare(given, methods="exact", rng=0)
    assert list(found.verdicts) == list(given)
    assert found["flat", "exact"].log_evidence == vi_lab.exact(flat).log_evidence
    assert found["tight", "exact"].log_evidence == vi_lab.exact(tight).log_evidence
    assert found["coal again", "exact"].log_evidence == vi_lab.exact("coal").log_evidence
    assert problem("newcomb").name == "newcomb"


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({}, vi_lab.InputError, "needs at least one problem, got an empty dict"),
        ({1: "coal"}, vi_lab.InputTypeError, "problem: needs names, got 1"),
        ({"flat": 3}, vi_lab.InputTypeError, "needs a vi_lab model or problem"),
        ({"flat": "coall"}, vi_lab.InputError, "did you mean 'coal'"),
    ],
)
def test_a_dict_of_what_are_no_models(given, error, words):
    with pytest.raises(error, match=words):
        compare(given)
