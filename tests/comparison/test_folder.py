"""A folder of results: merged by problem, what is current and what is stale said, loaded whole."""

import csv
import hashlib
import json
import shutil

import numpy as np
import pytest

import vi_lab
from tests.faults import killed, plainly, strict
from tests.tables import table
from vi_lab import HalfCauchy, InputError, NormalGamma, ResultFileError, compare
from vi_lab.cli import compare as lab
from vi_lab.comparison.folder import write
from vi_lab.comparison.folder_record import read_or_nothing
from vi_lab.figures.comparison import save_figures
from vi_lab.problems.named import as_problems

FIRST = ("compare", "newcomb", "correlated", "--methods", "exact,gibbs", "--out", "results")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """What FIRST leaves, made once."""
    folder = tmp_path_factory.mktemp("made")
    plainly(*FIRST, cwd=folder)
    return folder / "results"


@pytest.fixture
def folder(made, tmp_path):
    """A copy of it."""
    return shutil.copytree(made, tmp_path / "results")


def run_again(folder):
    """What a run of one row says on stderr."""
    return plainly("compare", "newcomb", "--methods", "exact", "--out", "results",
                   cwd=folder.parent)[1]  # fmt: skip


def again(folder, *words):
    plainly("compare", *words, "--out", "results", cwd=folder.parent)
    return strict((folder / "manifest.json").read_text("utf-8"))


def pairs(entries):
    return [(entry["problem"], entry["method"]) for entry in entries]


ALL = [(p, m) for p in ("newcomb", "correlated") for m in ("exact", "gibbs")]


def test_the_manifest_lists_every_file_that_is_current(folder):
    manifest = strict((folder / "manifest.json").read_text("utf-8"))
    assert pairs(manifest["current"]) == ALL and manifest["stale"] == []
    listed = [f for entry in manifest["current"] for f in entry["files"]] + manifest["files"]
    for file in listed:
        content = (folder / file["path"]).read_bytes()
        assert file["bytes"] == len(content)
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("[!.]*") if p.is_file()}
    assert {file["path"] for file in listed} == there - {"manifest.json"}
    gibbs = manifest["current"][1]
    assert (gibbs["seed"], gibbs["budget"], gibbs["settings"]["chains"]) == (0, "quick", 4)
    assert gibbs["vi_lab"] == vi_lab.__version__


def test_another_problem_leaves_what_was_there(folder):
    before = strict((folder / "compare.json").read_text("utf-8"))
    manifest = again(folder, "coal", "--methods", "exact", "--seed", "3")
    assert pairs(manifest["current"]) == [*ALL, ("coal", "exact")]
    after = strict((folder / "compare.json").read_text("utf-8"))
    assert after["rows"][:4] == before["rows"]
    assert list(after["verdicts"]) == list(after["problems"]) == ["newcomb", "correlated", "coal"]
    assert after["seed"] == 3
    assert {name: how["seed"] for name, how in after["earlier"].items()} == {
        "newcomb": 0, "correlated": 0,
    }  # fmt: skip
    with (folder / "compare.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 5
    assert (folder / "compare.txt").read_text("utf-8").count("\n\n") == 2


def test_rows_made_alike_stand_together(folder):
    manifest = again(folder, "newcomb", "--methods", "cavi")
    assert pairs(manifest["current"])[:3] == [("newcomb", m) for m in ("cavi", "exact", "gibbs")]
    assert manifest["stale"] == []
    document = strict((folder / "compare.json").read_text("utf-8"))
    assert "CAVI falls" in document["verdicts"]["newcomb"]
    assert "Gibbs agrees" in document["verdicts"]["newcomb"]


def test_seeds_of_a_problem_that_is_run_again_are_those_of_the_last_run(tmp_path):
    """Three seeds of two problems, then two of one, then one: what is kept is each's last."""

    def run(names, seeds):
        found = compare(names, methods="exact", rng=0, seeds=seeds)
        write(found, tmp_path, lambda problem, method: f"{problem}/{method}")
        by_seed = vi_lab.load(tmp_path).by_seed
        return {seed: [row.problem for row in rows] for seed, rows in by_seed.items()}

    both = ["coin", "newcomb"]
    assert run(both, 3) == {0: both, 1: both, 2: both}
    assert run(["coin"], 2) == {0: both, 1: both, 2: ["newcomb"]}
    assert run(["coin"], 1) == {0: ["newcomb"], 1: ["newcomb"], 2: ["newcomb"]}


def test_what_another_seed_made_is_stale_and_its_files_stay(folder):
    manifest = again(folder, "newcomb", "--methods", "exact", "--seed", "1")
    assert pairs(manifest["stale"]) == [("newcomb", "gibbs")]
    assert "another seed" in manifest["stale"][0]["because"]
    rows = strict((folder / "compare.json").read_text("utf-8"))["rows"]
    assert pairs(rows) == [("newcomb", "exact"), ("correlated", "exact"), ("correlated", "gibbs")]
    assert vi_lab.load(folder / "newcomb" / "gibbs").settings["chains"] == 4
    with pytest.raises(KeyError):
        vi_lab.load(folder).results["newcomb", "gibbs"]


def test_with_the_files_of_a_problem_its_rows_go_those_without_files_too(folder):
    """A method that does not apply has a row and no files: it goes where no other is left."""
    manifest = again(folder, "correlated", "--methods", "exact,gibbs,collapsed-gibbs")
    assert [e["method"] for e in manifest["current"] if not e["files"]] == ["collapsed-gibbs"]
    manifest = again(folder, "correlated", "--methods", "exact,gibbs")
    assert ("correlated", "collapsed-gibbs") in pairs(manifest["current"])
    (folder / "correlated" / "exact.npz").unlink()
    manifest = again(folder, "coin", "--methods", "exact")
    kept = [*ALL[:2], ALL[3], ("correlated", "collapsed-gibbs"), ("coin", "exact")]
    assert pairs(manifest["current"]) == kept and pairs(manifest["stale"]) == [ALL[2]]
    assert "changed or removed" in manifest["stale"][0]["because"]
    shutil.rmtree(folder / "correlated")
    manifest = again(folder, "coin", "--methods", "exact")
    assert pairs(manifest["current"]) == [*ALL[:2], ("coin", "exact")]
    document = strict((folder / "compare.json").read_text("utf-8"))
    assert pairs(document["rows"]) == [*ALL[:2], ("coin", "exact")]
    assert list(document["verdicts"]) == list(document["problems"]) == ["newcomb", "coin"]


@pytest.mark.parametrize("text", [None, "{", '{"rows": []}'])
def test_results_whose_numbers_are_lost_are_stale(folder, text):
    """compare.json is missing or damaged: what it held cannot stand beside what is run now."""
    (folder / "compare.json").unlink()
    if text is not None:
        (folder / "compare.json").write_text(text, encoding="utf-8")
    told = run_again(folder)
    manifest = strict((folder / "manifest.json").read_text("utf-8"))
    assert pairs(manifest["current"]) == ALL[:1] and pairs(manifest["stale"]) == ALL[1:]
    assert all("compare.json" in entry["because"] for entry in manifest["stale"])
    assert told.splitlines()[0] == (
        "vi-lab: warning: rows of earlier runs are in no table any more (newcomb gibbs and 2 more):"
        " compare.json, which had their numbers, is missing or damaged"
    )
    assert vi_lab.load(folder / "correlated" / "gibbs").settings["chains"] == 4


def test_a_run_tells_what_of_earlier_ones_its_folder_has_lost(folder):
    """On stderr, once: a table of all rows, a manifest that listed them, a result's files."""
    assert run_again(folder) == ""
    (folder / "compare.json").unlink()
    assert "no table any more (newcomb gibbs and 2" in run_again(folder)
    assert run_again(folder) == ""
    (folder / "compare.json").unlink()  # of which everything is made again
    assert run_again(folder) == ""
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    assert "manifest.json, which listed them, is missing or damaged" in run_again(folder)
    again(folder, "coin", "--methods", "exact")
    shutil.rmtree(folder / "coin")
    told = run_again(folder)
    assert "no table any more (coin exact): their files were changed or removed" in told
    (folder / "manifest.json").unlink()
    (folder / "compare.json").unlink()  # as a run leaves it that was killed at its first row
    assert run_again(folder) == ""


def test_what_is_stale_stays_so_as_long_as_it_is_there(folder):
    again(folder, "newcomb", "--methods", "exact", "--seed", "1")
    told = again(folder, "coal", "--methods", "exact")["stale"]
    assert pairs(told) == [("newcomb", "gibbs")] and "another seed" in told[0]["because"]
    made = again(folder, "newcomb", "--methods", "gibbs", "--seed", "1")
    assert made["stale"] == [] and ("newcomb", "gibbs") in pairs(made["current"])
    again(folder, "newcomb", "--methods", "exact", "--seed", "2")
    for file in (folder / "newcomb").glob("gibbs.*"):
        file.unlink()
    assert again(folder, "coal", "--methods", "exact")["stale"] == []


def test_the_comparison_comes_back(folder):
    found = vi_lab.load(folder)
    document = strict((folder / "compare.json").read_text("utf-8"))
    assert pairs(map(vars, found.rows)) == ALL
    assert found["newcomb", "exact"].log_evidence == document["rows"][0]["log_evidence"]
    assert dict(found.verdicts) == document["verdicts"]
    assert set(found.results) == set(ALL) and len(found.results) == 4
    exact = found["newcomb"].results["newcomb", "exact"]
    assert exact.log_evidence == found.rows[0].log_evidence
    assert set(found["newcomb"].results) == {("newcomb", "exact"), ("newcomb", "gibbs")}
    draws = vi_lab.load(folder / "newcomb" / "gibbs")
    np.testing.assert_array_equal(found.results["newcomb", "gibbs"].values["mu"],
                                  draws.values["mu"])  # fmt: skip


@pytest.mark.parametrize(
    "number", [*(pytest.param(n, marks=pytest.mark.slow) for n in (1, 3, 5, 7, 9)), 10]
)
def test_kill_9_in_the_middle_leaves_the_old_or_the_new(number, folder):
    """Files are renamed in this order: two results (npz, json each), txt, csv, json, manifest."""
    command = ("compare", "newcomb", "correlated", "--methods", "gibbs", "--seed", "1", "--out",
               "results", "--jobs", "1")  # fmt: skip
    killed("replace", number, *command, cwd=folder.parent)
    found = vi_lab.load(folder)  # every file is whole
    seeds = {p: e["seed"] for p, e in found.results.entries.items()}
    loaded = []
    for problem, method in found.results:
        try:
            found.results[problem, method]
        except ResultFileError as error:  # never the words of one run with the files of another
            assert "cut off" in str(error)
            continue
        record = strict((folder / problem / f"{method}.json").read_text("utf-8"))
        assert record["seed"] == seeds[problem, method]
        loaded.append((problem, method))
    assert ("newcomb", "exact") in loaded  # which nobody touched
    plainly(*command, cwd=folder.parent)
    whole = vi_lab.load(folder)
    assert [(row.problem, row.method) for row in whole.rows] == list(whole.results)
    assert {row.method for row in whole.rows} == {"gibbs"}
    assert all(whole.results[pair].settings["chains"] == 4 for pair in whole.results)


def test_a_manifest_that_leads_elsewhere_is_refused(folder):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["current"][0]["files"][0]["path"] = "../elsewhere.npz"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ResultFileError, match="outside"):
        vi_lab.load(folder)
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ResultFileError, match="lacks 'format'"):
        vi_lab.load(folder)


def test_many_coordinates_are_thinned_and_the_file_says_so(tmp_path, monkeypatch):
    draws = vi_lab.gibbs("newcomb", rng=0, draws=100, chains=2)
    assert lab.thin(draws) is draws
    monkeypatch.setattr(lab, "MOST_NUMBERS", 4 * 30)  # two latents, two chains: 30 draws
    monkeypatch.setattr(lab, "FEWEST_DRAWS", 5)
    thinned = lab.thin(draws)
    np.testing.assert_array_equal(thinned.values["mu"], draws.values["mu"][:, 3::4])
    assert thinned.settings["kept"] == "every 4th of 100 draws of each chain; measured on all"
    thinned.save(tmp_path / "gibbs")
    record = strict((tmp_path / "gibbs.json").read_text("utf-8"))
    assert record["settings"]["kept"] == thinned.settings["kept"]
    np.testing.assert_array_equal(vi_lab.load(tmp_path / "gibbs").values["tau"],
                                  thinned.values["tau"])  # fmt: skip
    monkeypatch.setattr(lab, "FEWEST_DRAWS", 50)
    assert lab.thin(draws).values["mu"].shape == (2, 50)


def test_a_seed_is_said_once(folder):
    record = strict((folder / "newcomb" / "gibbs.json").read_text("utf-8"))
    assert record["seed"] == 0 and "seed" not in record["settings"]
    assert vi_lab.load(folder / "newcomb" / "gibbs").settings["seed"] is None


def test_the_problems_come_back_with_what_was_set(tmp_path, monkeypatch):
    """Named ones by themselves; a model of one's own under the name that it has there."""
    monkeypatch.setattr("vi_lab.figures.comparison.save_problem_figures", lambda *_: [])
    monkeypatch.setattr("vi_lab.cli.report.keep_sections", lambda *_: None)
    own = as_problems({"mine": NormalGamma([1.0, 2.0], 0.0, 1.0, 2.0, 3.0)})
    prior = vi_lab.problem("eight-schools", tau_prior=HalfCauchy(1.23456789))
    made = vi_lab.problem("correlated", rho=0.5)
    comparison, _ = lab.run([[prior], [made], own], ["cavi"], "quick", 0, tmp_path, jobs=1)
    write(comparison, tmp_path, lab.place_of)
    found = vi_lab.load(tmp_path)
    assert [item.name for item in found.problems] == [prior.name, made.name]
    assert found.problems[0].model.tau_prior.scale == 1.23456789
    for item in (prior, made):
        loaded = found.results[item.name, "cavi"]
        assert vi_lab.elbo(item, loaded) == loaded.elbo == found[item.name, "cavi"].elbo
    with pytest.raises(ResultFileError, match="hand in model="):
        found.results["mine", "cavi"]
    whole = vi_lab.load(tmp_path, {"mine": own[0]})
    assert whole.results["mine", "cavi"].elbo == whole["mine", "cavi"].elbo
    assert len(whole.problems) == 3
    with pytest.raises(InputError, match="did you mean 'mine'"):
        vi_lab.load(tmp_path, {"mne": own[0]})


# What no run writes: the file, where in it, and the value.
ODD_RECORDS = [
    ("compare.json", ("rows", 0, "gap"), "/etc/passwd"),
    ("compare.json", ("rows", 0, "seconds"), []),
    ("compare.json", ("rows", 0, "applies"), 1.5),
    ("compare.json", ("rows", 0, "method"), None),
    ("compare.json", ("rows", 0, "density_evaluations"), 10**400),
    ("compare.json", ("rows", 0, "euros"), 3),
    ("compare.json", ("rows", 0), "x"),
    ("compare.json", ("rows",), []),
    ("compare.json", ("verdicts",), [[]]),
    ("compare.json", ("problems",), {"newcomb": 3}),
    ("compare.json", ("problems",), {"newcomb": {"hyperparameters": 3}}),
    ("compare.json", ("seed",), "x"),
    ("compare.json", ("budget",), 3),
    ("compare.json", ("interrupted",), 10**400),
    ("compare.json", ("seeds",), [{"seed": {}, "rows": []}]),
    ("compare.json", ("seeds",), [{"seed": 1, "rows": "x"}]),
    ("manifest.json", ("current", 0, "problem"), 3),
    ("manifest.json", ("current", 0, "files", 0, "path"), "../x"),
    ("manifest.json", ("files", 0, "path"), "/etc/passwd"),
    ("manifest.json", ("stale",), "x"),
]


@table("file place value", ODD_RECORDS)
def test_a_folder_that_no_run_has_written_is_one_error(file, place, value, folder):
    """And the next run into it takes nothing over from it."""
    whole = (folder / file).read_text("utf-8")
    changed = at = strict(whole)
    for part in place[:-1]:
        at = at[part]
    at[place[-1]] = value
    (folder / file).write_text(json.dumps(changed), "utf-8")
    try:
        with pytest.raises(ResultFileError, match=r"its manifest or compare\.json was not written"):
            vi_lab.load(folder)
        entries, stale, document, why = read_or_nothing(folder)
        assert document == {} and stale == [] and file in why
        assert bool(entries) == (file == "compare.json")  # that are stale after the next run
    finally:
        (folder / file).write_text(whole, "utf-8")


@pytest.mark.parametrize("name", ["new-comb", "New Comb", "new/comb", "figures", "compare.json",
                                  "study.sqlite", "Study.SQLite-wal"])  # fmt: skip
def test_no_two_problems_share_a_folder(name, folder):
    """Nor does one lie where the pictures or the tables do: of earlier runs it would replace files.
    Systems that tell no capital from a small letter are thought of."""
    manifest = strict((folder / "manifest.json").read_text("utf-8"))
    manifest["current"][0]["problem"] = "new comb"
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(InputError, match=r"the folder '.*' of the results of .* rename one"):
        lab.name_folders(folder, as_problems({name: "newcomb"}))
    with pytest.raises(InputError, match="would be that of 'a b'; rename one"):
        lab.name_folders(folder, as_problems({"a b": "newcomb", "a:b": "newcomb"}))
    assert lab.name_folders(folder, as_problems({"new comb": "newcomb"})) == {"new-comb"}


def test_nor_do_the_pictures_of_two(tmp_path):
    """By their form alone they differ, or by what no file can have in its name."""
    for other in ("n/c", "N C", "n\u202ec"):
        two = compare({"n c": "coin", other: "coin"}, methods=["exact"], rng=0)
        with pytest.raises(InputError, match=r"files of '.*' would replace those of 'n c'"):
            save_figures(two, tmp_path, jobs=1)
    assert not list(tmp_path.iterdir())
