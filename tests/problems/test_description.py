"""What a problem says of itself: the same in a notebook, at the command line and in JSON."""

import json

import numpy as np

import vi_lab
from tests.console import call
from tests.contract.small_models import PoissonRate
from tests.tables import table
from tests.thinning import mostly_slow
from tests.users import DensityAlone, Unsolved
from vi_lab import Block, Gamma, Model, NormalGamma, datasets, list_problems, problem
from vi_lab.problems.description import describe, describe_rows
from vi_lab.problems.methods import METHODS
from vi_lab.problems.named import as_problem

KEYS = [
    "problem", "story", "model", "lines", "hyperparameters", "data", "latents", "look_at",
    "methods", "why_not", "truth",
]  # fmt: skip
NO_FILE = {"correlated", "coin", "tiny-mixture", "ising", "sprinkler", "asia"}
UNSOLVED = {"galaxies", "old-faithful", "bars"}


# the two that cost as much as all others: a lattice and a decoder
@table("name", mostly_slow(list_problems(), {*list_problems()} - {"denoise", "digits"}))
def test_a_problem_describes_itself(name):
    item = problem(name)
    said = item.description
    assert list(said) == KEYS
    assert json.loads(json.dumps(said, allow_nan=False)) == said  # plain
    assert said["problem"] == name and said["story"] and said["look_at"]
    assert 1 <= len(said["lines"]) <= 6
    assert set(said["hyperparameters"]) == set(item.hyperparameters)
    assert said["data"]["n"] == item.n
    assert bool(said["data"]["files"]) == (name not in NO_FILE)
    for fact in said["data"]["files"]:
        loaded = datasets.load(fact["name"])
        assert fact["source"] and fact["title"] == loaded.title
        assert all(loaded.units[column] == unit for column, unit in fact["units"].items())
    if "cavi" in said["methods"]:
        found = vi_lab.cavi(item, rng=0, max_sweeps=1, tol=0)
    else:
        found = (vi_lab.amortised if "amortised" in said["methods"] else vi_lab.exact)(item)
    draws = found.sample(2, rng=0)
    assert draws and set(draws) <= set(said["latents"])
    for latent, z in draws.items():
        assert said["latents"][latent]["shape"] == list(z.shape[1:])
    assert sorted(said["methods"] + list(said["why_not"])) == sorted(m.name for m in METHODS)
    assert (said["truth"]["route"] is None) == (name in UNSOLVED)
    assert bool(said["truth"]["because"]) == (name in UNSOLVED)


def test_what_the_page_says():
    out, err = call("problems", "coal", "eight-schools")
    assert err == ""
    pages = out.split("\n\n")
    assert [page.splitlines()[0] for page in pages] == ["coal", "eight-schools"]
    for words in (
        "s      ~ Uniform{1, ..., n-1}",
        "prior    a = [2, 2], b = [1, 1]",
        "count (disasters per year)",
        "source: Jarrett (1979)",
        "rates: 2",
        "look at  a change point",
        "truth    enumeration of s",
        "methods  exact, exact-draws",
        "amortised: an amortised q does not apply",
    ):
        assert words in pages[0], words
    assert "tau_prior = HalfCauchy(5)" in pages[1]
    assert max(map(len, out.splitlines())) <= 80


def test_the_same_everywhere():
    item = problem("coal", a=(3, 4))
    out, _ = call("problems", "coal", "--format", "json")
    (listed,) = json.loads(out)
    assert listed == problem("coal").description
    document = json.loads(vi_lab.compare(item, methods="exact").to_json())
    assert document["problems"] == {"coal a=[3, 4]": item.description}
    assert item.description["hyperparameters"]["a"] == [3, 4]
    page = item._repr_html_()
    for row in describe_rows(item.description):
        assert row["is"].split("&")[0].split("'")[0].split("<")[0] in page
    assert "<caption>coal a=[3, 4]</caption>" in page


def test_what_users_bring_is_described_too():
    """Without a prior that is known of, but for what the model says."""
    item = vi_lab.problems.named.as_problem(PoissonRate(np.array([3, 0, 2, 5]), 2.5, 1.5))
    said = describe(item)
    assert said["latents"] == {"rate": {"shape": [], "blocks": ["rate"]}}
    assert said["hyperparameters"] == {} and said["data"]["files"] == []
    assert said["truth"]["route"] == "closed form"
    alone = describe(vi_lab.problems.named.as_problem(DensityAlone()))
    assert alone["latents"] == {"z": {"shape": [2], "blocks": ["z"]}}
    gaussians = ["gaussian-mean-field", "gaussian-full-rank", "gaussian-linear-response"]
    assert alone["methods"] == ["metropolis-hastings", "laplace", *gaussians, "hmc"]
    assert alone["truth"]["route"] is None
    unsolved = vi_lab.problems.named.as_problem(Unsolved([1.0, 2.0], 0.0, 1.0, 2.0, 3.0))
    assert describe(unsolved)["truth"]["because"] == "nobody has worked it out"
    assert describe(unsolved)["lines"][0].startswith("tau      ~ Gamma(a0, b0)")  # its parent's


def test_labels_say_how_many_classes():
    latents = problem("tiny-mixture").description["latents"]
    assert latents["z"] == {"shape": [10], "blocks": ["z"], "classes": 2}


def test_a_truth_that_breaks_down_is_said(monkeypatch):
    def broken(self):
        raise vi_lab.NumericalError("its digits are lost")

    monkeypatch.setattr(vi_lab.ChangePoint, "exact_posterior", broken)
    assert problem("coal").description["truth"]["because"] == "its digits are lost"


def test_an_unknown_problem_is_one_line():
    _, err = call("problems", "coall", code=2)
    assert err.startswith("vi-lab: error: problem: unknown name 'coall'; did you mean 'coal'?")
    assert len(err.splitlines()) == 1


class OwnGroups(Model):
    """rate ~ Gamma(a, b);  y_i ~ Poisson(rate)"""

    def __init__(self, y, a=2.0, b=1.5):
        self.y, self.a, self.b = np.asarray(y), a, b
        self.blocks = {"rate": Block(Gamma(), lambda stats: None)}

    def log_joint(self, stats):
        return 0.0

    def sample_latents(self, rng, batch=()):
        return {"rate": rng.gamma(self.a, 1 / self.b, batch)}


def test_a_model_by_itself_lists_its_prior_too():
    """What it keeps by the names of its constructor's arguments, without its data."""
    ours = as_problem(NormalGamma([1.0, 2.0], mu0=0, kappa0=1.123456789, a0=2, b0=3))
    prior = ours.description["hyperparameters"]
    assert prior == {"mu0": 0.0, "kappa0": 1.123456789, "a0": 2.0, "b0": 3.0}
    own = as_problem(OwnGroups([3, 5])).description
    assert own["hyperparameters"] == {"a": 2.0, "b": 1.5}
    assert own["lines"] == ["rate ~ Gamma(a, b);  y_i ~ Poisson(rate)"]
    assert "a = 2, b = 1.5" in as_problem(OwnGroups([3, 5]))._repr_html_()
