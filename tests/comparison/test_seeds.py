"""Many seeds: the rows of each are those of a run by itself; medians and ranges by hand."""

from dataclasses import asdict
from statistics import median

import pytest

import vi_lab
from tests.console import call
from tests.faults import plainly, strict
from vi_lab import InputError, ViLabError, compare
from vi_lab.comparison import seeds as many_seeds
from vi_lab.comparison.jobs import Work
from vi_lab.comparison.row import Row
from vi_lab.comparison.seeds import gather_seeds, require_seeds, spread_rows


def timeless(rows):
    return [{k: v for k, v in asdict(row).items() if k != "seconds"} for row in rows]


@pytest.mark.parametrize("jobs", [1, 2])
def test_each_seed_is_a_run_of_its_own(jobs):
    many = compare("newcomb", methods="gibbs", rng=5, seeds=3, jobs=jobs)
    assert list(many.by_seed) == [5, 6, 7]
    for seed, rows in many.by_seed.items():
        assert timeless(rows) == timeless(compare("newcomb", methods="gibbs", rng=seed).rows)
    assert timeless(many.rows) == timeless(many.by_seed[5])
    assert many.results["newcomb", "gibbs"].settings["chains"] == 4
    lines = {line["number"]: line for line in many.table()}
    sizes = [rows[0].ess for rows in many.by_seed.values()]
    assert lines["ESS"]["median"] == f"{median(sizes):.0f}"
    assert lines["ESS"]["least"] == f"{min(sizes):.0f}"
    assert lines["ESS"]["largest"] == f"{max(sizes):.0f}"
    assert len({row.ess for rows in many.by_seed.values() for row in rows}) == 3


def test_medians_and_ranges_by_hand():
    rows = {
        s: [Row("p", "gibbs", True, rhat=r, ess=e)]
        for s, (r, e) in enumerate([(1.5, 10), (1.25, 40), (1.0, None), (2.0, 30)])
    }
    rhat, ess = spread_rows(rows)
    assert rhat == {"problem": "p", "method": "gibbs", "number": "R-hat", "seeds": 4,
                    "median": "1.375", "least": "1.000", "largest": "2.000"}  # fmt: skip
    assert (ess["seeds"], ess["median"], ess["least"], ess["largest"]) == (3, "30", "10", "40")


def test_one_seed_is_as_before():
    one = compare("newcomb", methods="exact", rng=0)
    assert one.by_seed == {} and "seeds" not in one.to_dict()


@pytest.mark.parametrize(
    ("seeds", "message"),
    [(0, "at least 1, got 0"), (10**6, "would take about .* hours of processor time"),
     (2.5, "seeds"), ("many", "seeds")],
)  # fmt: skip
def test_a_number_of_seeds_that_makes_no_sense_is_one_error(seeds, message):
    with pytest.raises(ViLabError, match=message):
        compare("newcomb", methods="exact", seeds=seeds)


@pytest.mark.parametrize(
    ("each", "said"), [(0.9, "10 hours"), (0.18, "2 hours"), (0.09, "60 minutes")]
)
def test_what_too_many_seeds_would_take_is_counted(each, said, monkeypatch):
    """20,000 seeds of two groups."""
    monkeypatch.setattr(many_seeds, "estimate_seconds", lambda group, work: each)
    with pytest.raises(InputError, match=rf"at most 10,000, got 20,000, .* about {said} of"):
        require_seeds(20_000, [[], []], Work(None, "quick", 0))
    assert require_seeds(10_000, [[], []], Work(None, "quick", 0)) == 10_000


def test_the_files_are_those_of_the_first_seed():
    """No other seed is saved, drawn or kept."""
    saved, finished, here = [], [], []
    work = Work(
        ["exact"], "quick", 5, lambda row, result: saved.append(row),
        lambda problems, rows, results: finished.append(rows),
    )  # fmt: skip
    groups = [[vi_lab.problem("coin")], [vi_lab.problem("newcomb")]]
    by_seed, ending = gather_seeds(groups, work, 3, 1, lambda row, result: here.append(row))
    assert list(by_seed) == [5, 6, 7] and not ending.interrupted
    assert [row.problem for row in saved] == [rows[0].problem for rows in finished]
    assert [row.problem for row in saved] == [row.problem for row in here] == ["coin", "newcomb"]


def test_on_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ("compare", "newcomb", "--methods", "gibbs", "--seeds", "2")
    out, _ = call(*options, "--format", "json")
    seeds = strict(out)["seeds"]
    assert [each["seed"] for each in seeds] == [0, 1]
    assert all(row["method"] == "gibbs" for each in seeds for row in each["rows"])
    out, _ = call(*options)
    assert "median" in out and "- At seed 0: Gibbs agrees" in out
    out, _ = call(*options, "--format", "latex")
    assert out.startswith(r"\begin{tabular}{lllrrrr}")
    for bad in ("0", "1000000", "1e6", "many"):
        out, err = call(*options[:-1], bad, "--out", "results", code=2)
        assert out == "" and "seeds: needs" in err and err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_folder_keeps_the_seeds_of_other_problems(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ("--methods", "exact", "--out", "results")
    plainly("compare", "newcomb", "--seeds", "2", *options)
    plainly("compare", "correlated", *options)
    found = vi_lab.load("results")
    assert {s: [row.problem for row in rows] for s, rows in found.by_seed.items()} == {
        0: ["newcomb"], 1: ["newcomb"],
    }  # fmt: skip
    assert [row.problem for row in found.rows] == ["newcomb", "correlated"]
