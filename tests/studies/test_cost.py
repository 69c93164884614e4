"""Cost to accuracy: errors by another route, the square-root law, the crossing of two lines."""

import csv
import lzma

import numpy as np
import pytest

import vi_lab
from tests.places import ROOT
from vi_lab.studies.cost_measure import FITS, measure_cost
from vi_lab.studies.frontier import Curve, find_crossing, find_curves, list_lines
from vi_lab.studies.measure import RowKey


def test_errors_are_those_of_the_means_in_exact_sds():
    """Of one number, by the answer's own mean."""
    points = measure_cost(RowKey("coin", "laplace", "quick", 0))
    truth = vi_lab.exact("coin")
    (name,) = truth.names
    q = vi_lab.laplace("coin", rng=0, restarts=1)
    off = (q.mean(name) - truth.mean(name)) / truth.sd(name)
    assert points[0]["mean_error"] == pytest.approx(abs(off)) and abs(off) > 0.001
    assert points[0]["worst"] == pytest.approx(abs(off))


@pytest.mark.parametrize("method", FITS)
def test_every_fit_has_a_point(method):
    (point,) = measure_cost(RowKey("clutter", method, "quick", 0))
    assert 0 < point["mean_error"] < 0.1 and point["evaluations"] > 20


def test_the_cost_of_draws_is_that_of_the_run_at_the_end():
    points = measure_cost(RowKey("newcomb", "gibbs", "quick", 0))
    efforts = [point["effort"] for point in points]
    assert efforts == [4 * 8 * 2**k for k in range(8)]
    run = vi_lab.gibbs("newcomb", rng=0, draws=1024, warmup=500)
    assert points[-1]["evaluations"] == run.cost.complete_conditionals
    assert points[0]["evaluations"] == pytest.approx(points[-1]["evaluations"] * 508 / 1524, abs=1)


def test_sweeps_fall_to_the_floor_of_cavi():
    points = measure_cost(RowKey("coal", "cavi", "quick", 0))
    errors = [point["mean_error"] for point in points]
    assert errors[0] > 2 * errors[-1] and errors[-1] == pytest.approx(errors[-2])
    assert [point["effort"] for point in points] == [2**k for k in range(9)]


def curve(method, error, evaluations=None):
    n = len(error)
    effort = 128.0 * 2 ** np.arange(n)
    x = effort if evaluations is None else np.array(evaluations, dtype=float)
    error = np.array(error, dtype=float)
    return Curve("p", method, effort, x, x, error, error, error, error, 1)


def test_a_slope_is_minus_one_half_of_independent_draws():
    """Means of n standard normals over 300 seeds: error 1 / sqrt(n)."""
    noise = np.random.default_rng(0).standard_normal((300, 4096))
    running = np.cumsum(noise, axis=1) / np.arange(1, 4097)
    rows = [
        dict(problem="p", method="gibbs", budget="full", part=k, effort=n, evaluations=n,
             cpu_seconds=n, mean_error=abs(means[n - 1]))
        for means in running for k, n in enumerate([128, 256, 512, 1024, 2048, 4096])
    ]  # fmt: skip
    (found,) = find_curves(rows)
    assert found.seeds == 300 and found.slope == pytest.approx(-0.5, abs=0.05)
    # the median of |N(0, 1)| is 0.674, its 95th percentile 1.96
    assert found.error[0] * 128**0.5 == pytest.approx(0.674, abs=0.1)
    assert found.high[0] * 128**0.5 == pytest.approx(1.96, abs=0.25)


def test_a_crossing_is_where_the_lines_meet():
    draws = curve("gibbs", [1.0, 0.5, 0.25], [100, 400, 1600])  # slope -1/2
    floor = curve("cavi", [2.0, 0.7, 0.4])
    # 1 * (x / 100)**-1/2 = 0.4
    assert find_crossing(draws, floor) == pytest.approx(100 / 0.4**2)
    assert find_crossing(draws, curve("cavi", [0.1])) is None
    lines = list_lines([draws, floor])
    assert lines[0]["passes CAVI at"] == "625" and lines[1]["slope"] is None


@pytest.mark.parametrize("method, seed", [("cavi", 3), ("gibbs", 7)])
def test_stored_rows_are_computed_again_to_the_digit(method, seed):
    with lzma.open(ROOT / "docs/studies/frontier.csv.xz", "rt") as file:
        stored = [
            row
            for row in csv.DictReader(file)
            if (row["problem"], row["method"], row["seed"]) == ("newcomb", method, str(seed))
        ]
    again = measure_cost(RowKey("newcomb", method, "full", seed))
    assert len(stored) == len(again) > 5
    for row, point in zip(stored, again, strict=True):
        assert (int(row["effort"]), int(row["evaluations"])) == (
            point["effort"],
            point["evaluations"],
        )
        assert float(row["mean_error"]) == pytest.approx(point["mean_error"], rel=1e-5, abs=1e-12)


MIXING = {"newcomb", "coal", "clutter", "correlated"}


def test_the_square_root_law_holds_where_chains_mix():
    """Of the rows of docs/frontier.md: -1/2 within 0.05."""
    with lzma.open(ROOT / "docs/studies/frontier.csv.xz", "rt") as file:
        rows = [
            {**row, "mean_error": float(row["mean_error"]), "effort": float(row["effort"]),
             "evaluations": float(row["evaluations"]), "cpu_seconds": float(row["cpu_seconds"])}
            for row in csv.DictReader(file)
            if row["problem"] in MIXING and row["method"] in ("gibbs", "metropolis-hastings")
        ]  # fmt: skip
    curves = find_curves(rows)
    assert len(curves) == 8 and all(curve.seeds >= 40 for curve in curves)
    assert [curve.slope for curve in curves] == pytest.approx([-0.5] * 8, abs=0.05)
