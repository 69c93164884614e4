"""A user's own data under vi_lab's models: which column feeds what, and what a file has wrong."""

import json
import os
import sys

import numpy as np
import pytest

import vi_lab
from tests.console import call
from tests.places import ROOT
from tests.tables import table
from vi_lab import HalfCauchy, InputError, InputTypeError, models
from vi_lab.cli import chosen
from vi_lab.datasets.own_table import read_table
from vi_lab.model_or_problem import same_model
from vi_lab.problems.own_data import BY_NAME, NOT_PLAIN, make_own, model_name

DATA = {
    "x": [2.0, 3.5, -1.0, 0.5, 4.0, 1.0],
    "u": [0.3, 1.0, -2.0, 0.1, 0.4, 1.5],
    "v": [1.0, -1.0, 2.0, 0.6, 0.2, 0.9],
    "n": [3.0, 4.0, 3.0, 5.0, 2.0, 6.0],
    "k": [0.0, 1.0, 0.0, 1.0, 1.0, 0.0],
    "s": [1.0, -1.0, 1.0, 1.0, -1.0, 1.0],
}
ARRAY = {name: np.array(column) for name, column in DATA.items()}
X = np.stack([np.ones(6), ARRAY["u"], ARRAY["v"]], axis=-1)
UV = X[:, 1:]
LINE = dict(m0=0, V0=np.eye(3), a0=2, b0=1)
MIXTURE = dict(concentration=1.0, m0=(0, 0), beta0=1, nu0=3, w0_inv=np.eye(2))
# by model: the columns, the settings, and the model as Python makes it
FED = {
    models.BetaBernoulli: ("k", dict(a=1, b=2), dict(x=ARRAY["k"])),
    models.ChangePoint: ("n", dict(a=(2, 2), b=(1, 1)), dict(counts=ARRAY["n"])),
    models.Clutter: ("x", dict(w=0.5, prior_var=9), dict(x=ARRAY["x"])),
    models.FactorAnalysis: (
        "u,v", dict(W=[[1.0], [0.5]], mu=0, psi=(1, 2)), dict(x=UV)),
    models.GaussianMixture: ("u,v", dict(n_components=2, **MIXTURE), dict(x=UV)),
    models.HierarchicalNormal: (
        "x,n", dict(mu_sd=5, tau_prior=HalfCauchy(2)), dict(y=ARRAY["x"], sigma=ARRAY["n"])),
    models.HierarchicalNormalExpanded: (
        "x,n", dict(mu_sd=5, tau_prior=HalfCauchy(2)), dict(y=ARRAY["x"], sigma=ARRAY["n"])),
    models.IsingDenoising: (
        "s,s2", dict(J=0.3, flip_prob=0.1), dict(image=np.stack([ARRAY["s"]] * 2, -1))),
    models.LatentDirichletAllocation: (
        "n,k", dict(n_topics=2, alpha=1, eta=1),
        dict(counts=np.stack([ARRAY["n"], ARRAY["k"]], -1))),
    models.LinearRegression: ("x,u,v", LINE, dict(y=ARRAY["x"], X=X)),
    models.LinearRegressionKnownNoise: (
        "x,u,v", dict(noise_precision=2, a0=1, b0=1), dict(y=ARRAY["x"], X=X)),
    models.LocalLevel: ("x", dict(q=1, r=1, m0=0, v0=4), dict(y=ARRAY["x"])),
    models.LogisticRegression: (
        "k,n,u,v", dict(prior_mean=0, prior_cov=np.eye(3)),
        dict(successes=ARRAY["k"], trials=ARRAY["n"], X=X)),
    models.ProbitRegression: (
        "k,u,v", dict(prior_mean=0, prior_cov=np.eye(3)), dict(y=ARRAY["k"], X=X)),
    models.PoissonRegression: (
        "n,u,v", dict(prior_mean=0, prior_cov=np.eye(3)), dict(counts=ARRAY["n"], X=X)),
    models.HiddenMarkov: (
        "n", dict(rates=(1, 2), transition=np.full((2, 2), 0.5), initial=(0.5, 0.5)),
        dict(counts=ARRAY["n"])),
    models.NormalGamma: ("x", dict(mu0=0, kappa0=1, a0=2, b0=1), dict(x=ARRAY["x"])),
    models.NormalMixture: (
        "x", dict(sigma=1, m0=0, s0=3, concentration=(1, 1)), dict(x=ARRAY["x"])),
    models.NormalSemiConjugate: ("x", dict(m0=0, s0=1, a0=2, b0=1), dict(x=ARRAY["x"])),
    models.PPCA: ("u,v", dict(W=[[1.0], [0.5]], mu=0, sigma2=1), dict(x=UV)),
}  # fmt: skip


@pytest.fixture
def csv(tmp_path):
    """The columns as a CSV file, with a column of words among them."""
    names = [*DATA, "s2"]
    rows = zip(*DATA.values(), DATA["s"], strict=True)
    lines = [",".join(["who", *names])] + [f"a,{','.join(map(repr, row))}" for row in rows]
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_every_model_is_in_the_table_or_refused_with_a_reason():
    assert {kind.__name__ for kind in BY_NAME.values()} == set(models.__all__)
    assert set(FED) == set(BY_NAME.values()) - set(NOT_PLAIN)
    assert [model_name(k) for k in (models.PPCA, models.LinearRegressionKnownNoise)] == [
        "ppca", "linear-regression-known-noise"
    ]  # fmt: skip


def test_the_page_has_every_model():
    page = (ROOT / "docs" / "your_own.md").read_text(encoding="utf-8")
    assert [name for name in BY_NAME if f"`{name}`" not in page] == []


@table("kind", FED, ids=model_name)
def test_columns_feed_the_model(kind, csv):
    columns, settings, data = FED[kind]
    item = make_own(csv, columns.split(","), model_name(kind), settings)
    assert same_model(item.model, kind(**data, **settings))
    assert item.name == f"mine {model_name(kind)}"
    assert item.data == f"mine.csv: {', '.join(columns.split(','))}; 6 rows"
    assert item.hyperparameters.keys() == settings.keys()
    assert item.description["lines"]


def test_an_argument_that_is_set_needs_no_column(csv):
    settings = dict(trials=1, prior_mean=0, prior_cov=np.eye(2))
    item = make_own(csv, ["k", "u"], "logistic-regression", settings)
    assert same_model(item.model, models.LogisticRegression(X[:, :2], ARRAY["k"], **settings))


def test_an_npz_gives_arrays_and_a_design_as_it_is(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, y=ARRAY["x"], X=X, words=np.array(["a"]))
    item = make_own(path, ["y", "X"], "linear-regression", LINE)
    assert same_model(item.model, models.LinearRegression(X=X, y=ARRAY["x"], **LINE))
    with pytest.raises(InputTypeError, match="y: needs real numbers"):
        make_own(path, ["words", "X"], "linear-regression", LINE)
    with pytest.raises(InputError, match="has no array 'z'"):
        make_own(path, ["z"], "normal-gamma", dict(mu0=0, kappa0=1, a0=2, b0=1))


@pytest.mark.parametrize("name", ["ppca", "factor-analysis"])
def test_latent_factors_may_be_at_the_maximum_of_their_likelihood(name, csv):
    item = make_own(csv, ["x", "u", "v"], name, dict(q=1))
    x = np.stack([ARRAY["x"], ARRAY["u"], ARRAY["v"]], axis=-1)
    assert same_model(item.model, BY_NAME[name].maximum_likelihood(x, 1))
    assert item.change(blocks="joint").model.cut == "joint"


NORMAL = "--model normal-gamma --set mu0=0 --set kappa0=1 --set a0=2 --set b0=1".split()


def test_the_commands_take_it(csv):
    truth = vi_lab.exact(models.NormalGamma(DATA["x"], 0, 1, 2, 1)).log_evidence
    own = ("--data", csv, "--columns", "x", *NORMAL)
    out, err = call("compare", *own, "--methods", "exact,cavi", "--format", "json")
    document = json.loads(out)
    assert err == "" and document["rows"][0]["log_evidence"] == truth
    assert document["problems"]["mine normal-gamma"]["hyperparameters"]["a0"] == 2
    assert json.loads(call("check", *own, "--format", "json")[0])[0]["log_evidence"] == truth
    out, _ = call("audit", "--bound", "-30", *own, "--format", "json")
    assert json.loads(out)["log_evidence"] == truth
    assert "mine.csv: x; 6 rows (n = 6)" in call("problems", *own)[0]
    assert "findings agree" in call("validate", *own)[0]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_file_whose_name_is_no_text_is_read(tmp_path):
    """é as one byte, of Latin-1, in a locale of UTF-8: Python has it as half a letter."""
    path = os.fsencode(tmp_path) + b"/caf\xe9.csv"
    with open(path, "w") as file:
        file.write("x\n1\n2\n3\n")
    words = ("compare", "--data", os.fsdecode(path), *NORMAL, "--methods", "exact")
    out, _ = call(*words, "--format", "json")
    assert json.loads(out)["rows"][0]["problem"] == "caf\ufffd normal-gamma"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--columns xx", "has no column 'xx'; did you mean 'x'?"),
        ("--columns x,x", "--columns: needs different names, got twice: x"),
        ("--columns x,u", "--columns: normal-gamma needs x (a column), in this order, got x, u"),
        ("", "line 2: needs a number in column 'who', got 'a'; --columns names those to be read"),
        ("--columns x --set mu=3", "--set: normal-gamma has no argument 'mu'; did you mean 'mu0'?"),
        ("--columns x --set kappa0=-1", "kappa0: needs a number above 0, got -1"),
        ("coal --columns x", "--data: takes the place of problems, got coal"),
        ("--columns x --set coal.a=1", "--set: unknown name 'coal'"),
        ("--columns x --model normal-gama", "--model: unknown name 'normal-gama'; did you mean"),
        ("--columns x --model ising", "takes no data of a file; it has no data"),
        ("--columns x --model bayes-net", "my_models.py:net"),
        ("--columns x --model local-level", "--set: local-level has no argument 'mu0'"),
    ],
)
def test_what_does_not_fit_is_one_line(words, message, csv, tmp_path):
    options = NORMAL + words.split()
    out, err = call("compare", "--data", csv, *options, "--out", "r", cwd=tmp_path, code=2)
    (line,) = err.splitlines()
    assert line.startswith("vi-lab: error: ") and out == "" and not (tmp_path / "r").exists()
    assert message in line


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--data", "x.csv"], "--data: needs --model, one of beta-bernoulli"),
        (["--model", "normal-gamma"], "--model: needs --data"),
        (["coal", "--columns", "x"], "--columns: needs --data"),
        (["--data", "x.csv", "--model", "normal-gamma"], "needs its prior: --set mu0=... --set"),
    ],
)
def test_options_that_belong_together(words, message):
    _, err = call("compare", *words, code=2)
    assert message in err


FILES = {
    "": "is empty; needs a line with the names of the columns",
    "x\n": "has the names of columns and no rows under them",
    "1.5\n2.5\n": "line 1: needs the names of the columns, got numbers (1.5)",
    "x;y\n1;2\n": "line 1: needs columns parted by commas, got semicolons",
    "x,x\n1,2\n": "line 1: needs different names, got 'x' twice",
    "x,y\n1,2\n3\n": "line 3: needs 2 cells, got 1",
    "x,y\n1,2\n,3\n": "line 3: needs a number in column 'x', got a gap",
    "x\n1\n\n3\n": "line 3: needs a number in column 'x', got a gap",
    "x,y\n1,2\nNA,3\n": "line 3: needs a number in column 'x', got a gap (NA)",
    "x,y\n1,2\nnan,3\n": "line 3: needs a number in column 'x', got a gap (nan)",
    "x,y\n1,2\n\nabc,3\n": "line 4: needs a number in column 'x', got 'abc'",
    "x,y\n1,2\ninf,3\n": "line 3: needs a number in column 'x', got 'inf'",
    'x,y\n"1,5",2\n': "line 2: needs a number in column 'x', got '1,5'",
    "x\n1_000\n": "line 2: needs a number in column 'x', got '1_000'",
    "x\n٣\n": "line 2: needs a number in column 'x'",
    'x\n"1\n': "is no CSV file in UTF-8",
    "y\n1\n": "has no column 'x' (known: y)",
}


@table("text", FILES)
def test_a_csv_that_cannot_be_read_says_where(text, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as told:
        read_table(path, ["x"])
    assert FILES[text] in str(told.value) and str(told.value).startswith(str(path))


def test_other_files_are_refused(tmp_path):
    (tmp_path / "latin.csv").write_bytes("x,größe\n1,2\n".encode("latin-1"))
    (tmp_path / "null.csv").write_bytes(b"x\n1\0\n")
    (tmp_path / "folder.csv").mkdir()
    for name, message in {
        "latin.csv": "is no CSV file in UTF-8",
        "null.csv": "no CSV file|needs a number",
        "folder.csv": "there is no file",
        "none.csv": "there is no file",
        "data.xlsx": "needs a file that ends with .csv or .npz",
    }.items():
        with pytest.raises(InputError, match=message):
            read_table(tmp_path / name)


def test_names_with_commas_stand_in_quotes():
    assert chosen.split('"y, cm", x,z') == ["y, cm", "x", "z"]
    assert (chosen.split(""), chosen.split(None)) == ([""], None)


def test_a_gap_in_a_series_is_a_time_that_was_not_observed(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("t,y\n1,3.0\n2,\n3,4.5\n4,NA\n5,2\n", encoding="utf-8")
    prior = dict(q=1.0, r=1.0, m0=0.0, v0=1.0)
    made = make_own(path, ["y"], "local-level", prior).model
    there = models.LocalLevel([3.0, None, 4.5, None, 2.0], **prior)
    assert vi_lab.exact(made).log_evidence == vi_lab.exact(there).log_evidence
    with pytest.raises(InputError, match="line 3: needs a number in column 'y', got a gap"):
        make_own(path, ["y"], "normal-gamma", dict(mu0=0, kappa0=1, a0=1, b0=1))


def test_a_table_as_programs_write_it(tmp_path):
    """A byte order mark, Windows line ends, quotes, spaces and blank lines."""
    path = tmp_path / "mine.csv"
    path.write_bytes(b'\xef\xbb\xbf"x", y\r\n"1", 2.5\r\n\r\n-3e2,+4\r\n')
    found = read_table(path)
    assert {name: column.tolist() for name, column in found.items()} == {
        "x": [1.0, -300.0], "y": [2.5, 4.0]
    }  # fmt: skip


def test_of_many_columns_a_message_names_some(tmp_path):
    names = [f"c{i}" for i in range(2_000)]
    file = tmp_path / "wide.csv"
    file.write_text(",".join(names) + "\n" + ",".join("1" for _ in names) + "\n")
    words = ("compare", "--data", file, "--model", "normal-gamma")
    prior = [part for key in ("mu0=0", "kappa0=1", "a0=2", "b0=3") for part in ("--set", key)]
    _, err = call(*words, *prior, code=2)
    assert err.rstrip().endswith("got c0, c1, c2, c3, c4, c5 and 1994 more")
    _, err = call(*words, *prior, "--columns", ",".join([*names, *names]), code=2)
    assert err.rstrip().endswith("got twice: c0, c1, c2, c3, c4, c5 and 1994 more")
