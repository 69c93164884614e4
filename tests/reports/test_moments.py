"""The table of all summaries: every number of the short ones, the worst of the long ones."""

import numpy as np
import pytest

from vi_lab import PPCA, BetaBernoulli, CorrelatedGaussian, cavi, exact, linear_response
from vi_lab.plots import View
from vi_lab.reports import moments
from vi_lab.reports.moments import MOST, tabulate_moments


def read(text):
    mean, sd = text.replace("−", "-").replace(",", "").split(" ± ")
    return float(mean), float(sd)


def test_short_summaries_are_whole_and_each_number_is_the_results_own():
    model = CorrelatedGaussian([0.0, 0.0], [[1.0, 0.9], [0.9, 1.0]])
    truth, q = exact(model), cavi(model, rng=0)
    views = {"exact": View(truth), "cavi": View(q)}
    table = tabulate_moments(views, {"linear-response": linear_response(q)})
    assert table.methods == ("exact", "cavi", "linear-response") and not table.notes
    assert [name for name, _ in table.lines] == ["z0", "z1"]
    for name, texts in table.lines:
        for result, text in zip((truth, q, linear_response(q)), texts, strict=True):
            mean, sd = read(text)
            assert abs(mean - np.ravel(result.mean(name))[0]) < 0.01 * sd
            assert sd == pytest.approx(np.ravel(result.sd(name))[0], rel=0.05)


def test_of_a_long_summary_the_worst_are_shown_and_counted():
    x, W = np.split(np.random.default_rng(0).normal(size=(13, 4)), [9])
    model = PPCA(x, W[:, :2], np.zeros(4), 1.0)
    truth, q = exact(model), cavi(model, rng=0)
    table = tabulate_moments({"exact": View(truth), "cavi": View(q)}, {})
    apart = np.abs(q.mean("z") - truth.mean("z")) / truth.sd("z")
    worst = {f"z[{i},{j}]" for i, j in np.argwhere(apart >= np.sort(apart.ravel())[-MOST])}
    assert {name for name, _ in table.lines} == worst and len(worst) == MOST < apart.size
    assert table.notes == (
        f"z: {MOST} of {apart.size} numbers, those on which a method is farthest from the truth",
    )


def test_digits_follow_the_sd_and_nothing_is_a_table_of_nothing():
    views = {"exact": View(exact(BetaBernoulli([1, 0, 1], 1, 1)))}
    ((_, (text,)),) = tabulate_moments(views, {}).lines
    assert text == "0.60 ± 0.20"  # Beta(3, 2): mean 3/5, variance 1/25
    assert tabulate_moments({}, {}) is None


def test_the_farthest_are_those_on_which_one_method_is_far(monkeypatch):
    """Not those on which all are off a little: three methods, in sds of the first."""
    monkeypatch.setattr(moments, "MOST", 1)
    means = np.array([[0.0, 0.0], [3.0, 2.0], [0.0, 2.0]])
    assert moments._find_farthest(means, np.ones((3, 2))) == [0]
    assert moments._find_farthest(means, np.array([[9.0, 1.0]] * 3)) == [1]
