"""data/atlas.json: documented key by key, true to its data, and consistent in itself."""

import hashlib
import json
import re
from math import lgamma

import numpy as np
import pytest

from tests.tables import table
from tools.atlas import compute, estimates, material, published, published_numbers
from vi_lab import atlas, list_problems, problem
from vi_lab.atlas import layout
from vi_lab.datasets.files import folder

FOLDER = folder()
RAW = FOLDER.joinpath("atlas.json").read_text(encoding="utf-8")
ATLAS = json.loads(RAW)
PROBLEMS = ATLAS["problems"]
SCHEMA = dict(
    re.findall(
        r"(?m)^\| `([^`]+)` \| ([^|]+?) \|",
        FOLDER.joinpath("ATLAS.md").read_text("utf-8").split("## Natural parameters")[0],
    )
)


def number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def numbers(value):
    """A number, or nested lists of numbers and null."""
    if isinstance(value, list):
        return all(v is None or numbers(v) for v in value)
    return number(value)


TYPES = {
    "string": lambda v: isinstance(v, str) and v,
    "number": number,
    "whole number": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "object": lambda v: isinstance(v, dict),
    "numbers": numbers,
    "list of numbers": lambda v: isinstance(v, list) and numbers(v),
    "list of strings": lambda v: isinstance(v, list) and all(isinstance(s, str) for s in v),
    "list of objects": lambda v: isinstance(v, list) and all(isinstance(o, dict) for o in v),
    "anything": lambda v: True,
}


def has_type(value, names):
    """Whether a value is of a documented type, such as `number or null`."""
    return any(value is None if n == "null" else TYPES[n](value) for n in names.split(" or "))


def wildcard(path):
    """The documented key that a path is an example of, or None."""
    for key in SCHEMA:
        pattern = re.escape(key).replace(r"\*", r"[^/]+").replace(r"\.", "/")
        if re.fullmatch(pattern, path):
            return key
    return None


def walk(value, path=""):
    """Every path with its value; below what may be anything nothing is looked at."""
    if path:
        yield path, value
    if path and SCHEMA.get(wildcard(path)) == "anything":
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, f"{path}/{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(v, dict) for v in value):
        for inner in value:
            for inner_path, one in walk(inner):
                yield f"{path}[]/{inner_path}", one


def test_every_key_is_documented_and_of_its_type():
    seen = set()
    for path, value in walk(ATLAS):
        key = wildcard(path)
        assert key, f"{path} is not in ATLAS.md"
        assert has_type(value, SCHEMA[key]), f"{path}: {value!r:.80} is no {SCHEMA[key]}"
        seen.add(key)
    assert seen == set(SCHEMA), "documented, but nowhere in the file"


def test_an_undocumented_key_and_a_wrong_type_are_noticed():
    assert wildcard("problems/newcomb/story") == "problems.*.story"
    assert wildcard("problems/newcomb/bounds[]/q/mu/natural/value")
    assert wildcard("problems/newcomb/tale") is None
    assert has_type(None, "number or null") and not has_type("1", "number or null")
    assert not has_type(True, "number") and not has_type([1, "2"], "list of numbers")


def test_the_keys_that_one_entry_has_all_have():
    keys = {tuple(entry) for entry in PROBLEMS.values()}
    assert len(keys) == 1


def test_every_problem_is_there_in_order():
    assert tuple(PROBLEMS) == list_problems() == tuple(material.MATERIAL)
    assert set(ATLAS) == {"format", "version", "tolerance", "problems"}
    assert ATLAS["tolerance"] == compute.TOLERANCE


def test_the_file_is_laid_out_as_it_is_written():
    assert RAW == layout.as_text(ATLAS)
    assert atlas.read() == ATLAS
    assert len(RAW) < 400_000


@table("name", PROBLEMS)
def test_the_data_are_those_that_lie_beside_it(name):
    entry, model = PROBLEMS[name], problem(name).model
    for file in entry["data"]["files"]:
        content = FOLDER.joinpath(file["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
    for key, given in entry["data"]["inputs"].items():
        array = np.asarray(getattr(model, key), float)
        assert list(array.shape) == given["shape"]
        assert array.sum() == pytest.approx(given["sum"], rel=1e-12, abs=1e-12)
        assert ("values" in given) == (not entry["data"]["files"])


@table("name", PROBLEMS)
def test_two_routes_to_ten_digits_or_the_reason_why_not(name):
    known = PROBLEMS[name]["log_evidence"]
    if problem(name).model.no_exact_because:
        assert known["value"] is None and known["reason"].endswith(("apply", "."))
        assert known["lower_bound"] == max(b["elbo"] for b in PROBLEMS[name]["bounds"])
        assert PROBLEMS[name]["reference"]["rhat"] < 1.05
        return
    one, two = known["routes"]
    assert one["route"] != two["route"]
    assert known["value"] == one["value"]
    assert known["difference"] == pytest.approx(one["value"] - two["value"], abs=1e-15)
    size = max(1.0, abs(known["value"]))
    assert abs(known["difference"]) <= 1e-10 * size
    assert abs(known["difference"]) <= one["error"] + two["error"]
    for route in known["routes"]:
        assert 0 <= route["error"] <= (3e-8 if name == "digits" else 1e-9)


LARGEST_ERRORS = {"galaxies": 0.1, "old-faithful": 0.02}


def test_two_estimates_that_agree_where_no_exact_evidence_is_known():
    without = [n for n, entry in PROBLEMS.items() if entry["log_evidence"]["value"] is None]
    assert without == [*estimates.PLANS, "bars"] == [*LARGEST_ERRORS, "bars"]
    for name, largest in LARGEST_ERRORS.items():
        known = PROBLEMS[name]["log_evidence"]
        one, two = known["estimates"]
        assert one["route"] != two["route"]
        assert 0 < one["error"] < largest and 0 < two["error"] < largest
        assert one["khat"] < 0.7
        assert abs(one["value"] - two["value"]) < 3 * np.hypot(one["error"], two["error"])
        assert min(one["value"], two["value"]) > known["lower_bound"]
    assert "estimates" not in PROBLEMS["bars"]["log_evidence"]


def test_the_figures_in_the_text_are_those_in_the_file():
    """What ATLAS.md says of the two mixtures, against the estimate of the smaller error."""
    text = FOLDER.joinpath("ATLAS.md").read_text("utf-8")
    stated = re.findall(r"\| `([a-z-]+)` \| (-[0-9.]+) \| ([0-9.]+) \| ([0-9.]+) \|", text)
    assert [name for name, *_ in stated] == list(LARGEST_ERRORS)
    for name, bound, short, namings in stated:
        known, size = PROBLEMS[name]["log_evidence"], problem(name).model.n_components
        best = min(known["estimates"], key=lambda e: e["error"])
        assert float(bound) == pytest.approx(known["lower_bound"], abs=0.0051)
        assert float(short) == pytest.approx(best["value"] - known["lower_bound"], abs=0.0051)
        assert float(namings) == pytest.approx(lgamma(size + 1.0), abs=0.0051)


@table("name", PROBLEMS)
def test_bounds_are_bounds_and_what_joins_all_is_exact(name):
    evidence = PROBLEMS[name]["log_evidence"]["value"]
    bounds = PROBLEMS[name]["bounds"]
    assert len({b["factorisation"] + str(b["keywords"]) for b in bounds}) == len(bounds)
    for bound in bounds:
        assert bound["converged"]
        if evidence is not None:
            assert bound["gap"] == pytest.approx(evidence - bound["elbo"], abs=1e-12)
            assert bound["gap"] >= -1e-9
            blocks = bound["factorisation"].split(" | ")
            if len(blocks) == 1 and problem(name).model.blocks:
                assert bound["gap"] == pytest.approx(0.0, abs=1e-9)


@table("name", [n for n, entry in PROBLEMS.items() if entry["published"]])
def test_what_is_published_is_reproduced(name):
    for item in PROBLEMS[name]["published"]:
        theirs, ours = np.asarray(item["published"], float), np.asarray(item["ours"], float)
        assert theirs.shape == ours.shape
        assert (np.abs(ours - theirs) <= np.asarray(item["tolerance"])).all(), item["citation"]
        assert re.search(r"\(?(19|20)\d\d\)?", item["citation"]), "a year"


def test_the_functions_named_beside_what_is_published_are_those_there_are():
    items = [item for entry in published.PUBLISHED.values() for item in entry]
    named = {
        item[key] for item in items for key in ("ours", "published") if isinstance(item[key], str)
    }
    own = {
        n
        for n, f in vars(published_numbers).items()
        if getattr(f, "__module__", "").startswith("tools")
    }
    assert named == own


def test_the_figures_asked_for_are_there():
    cited = " ".join(i["citation"] for entry in PROBLEMS.values() for i in entry["published"])
    for figure in ("10.2", "10.3", "10.4", "10.6", "10.7", "10.9"):
        assert f"figure {figure}" in cited
    for author in ("posteriordb", "Carlin", "Raftery", "Tipping", "Murphy"):
        assert author in cited


@table("name", PROBLEMS)
def test_moments_are_as_many_as_they_say(name):
    entry = PROBLEMS[name]
    shown = entry["moments"]["latents"] if entry["moments"] else entry["reference"]["summaries"]
    assert shown
    for moments in shown.values():
        size = int(np.prod(moments["shape"]))
        count = size if moments["index"] is None else len(moments["index"])
        assert (size <= 100) == (moments["index"] is None)
        assert len(moments["mean"]) == count
        assert moments["sd"] is None or len(moments["sd"]) == count
