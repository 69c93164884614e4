"""`--set`: values as TOML, numbers, words and priors, for the problem that they are about."""

import json

import pytest

from tests.console import call
from tests.tables import table
from vi_lab import HalfCauchy, InputError, InputTypeError, InverseGamma, exact, problem
from vi_lab.cli.settings import read_settings, read_value, share_out

VALUES = {
    "5": 5,
    "-0.5": -0.5,
    ".5": 0.5,
    "+2": 2,
    "2,2": (2, 2),
    "1, 2.5,1e3": (1, 2.5, 1000.0),
    "2,": (2,),
    "[2, 2]": [2, 2],
    "[[1, 0], [0, 1.5]]": [[1, 0], [0, 1.5]],
    "true": True,
    "joint": "joint",
    '"even-odd"': "even-odd",
    "even-odd": "even-odd",
    "none": None,
    "{cloudy = 0.5, rain = [0.2, 0.8]}": {"cloudy": 0.5, "rain": [0.2, 0.8]},
    "HalfCauchy(5)": HalfCauchy(5),
    " HalfCauchy( scale = 2.5 ) ": HalfCauchy(2.5),
    "InverseGamma(2, 3)": InverseGamma(2, 3),
    "InverseGamma(2, b0=3)": InverseGamma(2, 3),
}


@table("text", VALUES)
def test_a_value_is_read(text):
    found = read_value("--set a", text)
    assert found == VALUES[text] and type(found) is type(VALUES[text])


BAD = {
    "": "needs a value behind the =",
    "[2": "needs a TOML value, numbers parted by commas, a word, or a prior such as",
    "2,,2": "got '2,,2'",
    ",": "needs a TOML value",
    "1 2": "got '1 2'",
    "2026-01-01": "needs a TOML value",
    "07:32:00": "needs a TOML value",
    "1\nb = 2": "needs a TOML value",
    "[" * 5000: "needs a TOML value",
    "٣": "needs a TOML value",
    "½": "needs a TOML value",
    "__import__('os').getcwd()": "needs a TOML value",
    "open('x')": "unknown name 'open'",
    "HalfCuchy(5)": "did you mean 'HalfCauchy'?",
    "HalfCauchy(x)": "HalfCauchy needs numbers, got 'x'",
    "HalfCauchy(1+1)": "HalfCauchy needs numbers, got '1+1'",
    "HalfCauchy(HalfCauchy(2))": "HalfCauchy needs numbers",
    "HalfCauchy()": "missing a required argument: 'scale'",
    "HalfCauchy(1, 2)": "too many positional arguments",
    "HalfCauchy(scle=2)": "has no argument 'scle'; did you mean 'scale'?",
    "HalfCauchy(-1)": "scale: needs a number above 0, got -1",
}


@table("text", BAD)
def test_what_is_no_value_is_refused(text):
    with pytest.raises((InputError, InputTypeError)) as told:
        read_value("--set a", text)
    assert BAD[text] in str(told.value)


def test_settings_go_by_problem_and_the_last_wins():
    found = read_settings(["a=1", "coal.b=2,2", "a=3", "my_models.py:f.a=4"])
    assert found == {"": {"a": 3}, "coal": {"b": (2, 2)}, "my_models.py:f": {"a": 4}}
    assert share_out({"": {"a": 1}}, ["coal"]) == {"coal": {"a": 1}}
    assert share_out({"coal": {"a": 1}}, ["coal", "coin"]) == {"coal": {"a": 1}, "coin": {}}


def rows(*words):
    return json.loads(call(*words, "--methods", "exact", "--format", "json")[0])["rows"]


def test_compare_with_another_prior_is_python_with_it():
    (same,) = rows("compare", "coal", "--set", "a=2,2", "--set", "b=1,1")
    assert same["problem"] == "coal"  # as it is anyway
    assert same["log_evidence"] == exact("coal").log_evidence
    one, two = rows("compare", "coal", "eight-schools", "--set", "coal.a=3,4", "--set",
                    "eight-schools.tau_prior=InverseGamma(2, 3)")  # fmt: skip
    assert one["problem"] == "coal a=[3, 4]"
    assert one["log_evidence"] == exact(problem("coal", a=(3, 4))).log_evidence
    schools = problem("eight-schools", tau_prior=InverseGamma(2, 3))
    assert two["problem"] == schools.name
    assert two["log_evidence"] == exact(schools).log_evidence


def test_check_audit_problems_and_validate_take_it_too():
    out, _ = call("check", "coin", "--set", "a=3", "--format", "json")
    assert {entry["problem"] for entry in json.loads(out)} == {"coin a=3"}
    evidence = exact(problem("coin", a=3)).log_evidence
    assert json.loads(out)[0]["log_evidence"] == evidence
    out, _ = call("audit", "coin", "--bound", "-20", "--set", "a=3", "--format", "json")
    assert json.loads(out)["log_evidence"] == evidence
    out, _ = call("problems", "coin", "--set", "a=3", "--format", "json")
    assert json.loads(out)[0]["hyperparameters"] == {"a": 3, "b": 1}
    out, _ = call("validate", "coin", "--set", "a=3", "--format", "json")
    assert json.loads(out)["passed"] is True


def test_a_sweep_keeps_what_is_set():
    out, _ = call("compare", "eight-schools", "--set", "mu_sd=10", "--sweep", "--methods", "exact",
                  "--format", "json")  # fmt: skip
    names = [row["problem"] for row in json.loads(out)["rows"]]
    assert len(names) == 6 and all("mu_sd=10" in name for name in names)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["coal", "--set", "aa=3"], "problem 'coal' has no argument 'aa'; did you mean 'a'?"),
        (["coal", "--set", "a=3"], "a: needs shape (2,), got ()"),
        (["coal", "--set", "a"], "--set: needs NAME=VALUE, as in a=2,2, got 'a'"),
        (["coal", "--set", "a="], "--set a: needs a value behind the =, as in a=2,2"),
        (["coal", "--set", "=2"], "--set: needs NAME=VALUE"),
        (["coal", "--set", "name=2"], "problem() multiple values for argument 'name'"),
        (["coal", "coin", "--set", "a=3"], "--set: needs the problem too where there are several"),
        (["--set", "a=3"], "as in newcomb.a=..., got a"),
        (["coal", "coin", "--set", "coall.a=3"], "--set: unknown name 'coall'; did you mean"),
        (["coal", "--set", "coin.a=3"], "--set: unknown name 'coin'"),
        (["digits", "--set", "n=3"], "it has no hyperparameter to set"),
        (["eight-schools", "--set", "tau_prior=3"], "tau_prior: needs HalfCauchy(scale)"),
        (["newcomb", "--set", "kappa0=1e400"], "kappa0: needs finite numbers, got inf"),
    ],
)
def test_what_cannot_be_set_is_one_line_and_nothing_is_written(words, message, tmp_path):
    out, err = call("compare", *words, "--out", "results", cwd=tmp_path, code=2)
    assert out == ""
    (line,) = err.splitlines()
    assert line.startswith("vi-lab: error: ") and message in line
    assert not list(tmp_path.iterdir())
