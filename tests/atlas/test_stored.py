"""The q in the atlas: each attains the bound beside it, with the block left out computed again."""

import numpy as np
import pytest

from tests.tables import table
from tools.atlas.factorisations import cuts
from tools.atlas.stored import LARGEST_STORED_BLOCK, as_json, from_json, restore
from vi_lab import Gamma, Normal, NormalWishart, atlas, problem
from vi_lab.families import Bits, GaussianChain, InverseGamma, MultivariateNormal

PROBLEMS = atlas.read()["problems"]


@table("name", PROBLEMS)
def test_every_q_attains_its_bound(name):
    """From the numbers in the file alone; nothing is searched for."""
    for cut, bound in zip(cuts(name), PROBLEMS[name]["bounds"], strict=True):
        assert cut.keywords == bound["keywords"]
        assert restore(cut.model, bound).elbo == pytest.approx(bound["elbo"], rel=1e-9, abs=1e-9)


@table("name", PROBLEMS)
def test_what_is_left_out_is_the_one_large_block(name):
    for cut, bound in zip(cuts(name), PROBLEMS[name]["bounds"], strict=True):
        if not cut.model.blocks:
            assert bound["one_update_away"] == []
            continue
        assert set(bound["q"]) | set(bound["one_update_away"]) == set(cut.model.blocks)
        assert len(bound["one_update_away"]) <= 1
        for block in bound["one_update_away"]:
            q = restore(cut.model, bound).q[block]
            assert sum(np.size(f) for f in as_json(q)["natural"].values()) > LARGEST_STORED_BLOCK


def test_a_wrong_number_attains_another_bound():
    bound = PROBLEMS["newcomb"]["bounds"][0]
    tau = bound["q"]["tau"]
    wrong = {**tau, "natural": {**tau["natural"], "log": tau["natural"]["log"] + 0.1}}
    found = restore(problem("newcomb").model, {**bound, "q": {**bound["q"], "tau": wrong}})
    assert found.elbo < bound["elbo"] - 1e-6


@pytest.mark.parametrize(
    "factor",
    [
        Normal.of(mean=[1.0, 1.5, 2.0], sd=0.5),
        Gamma.of(shape=2.0, rate=[3.0, 3.0]),
        InverseGamma.of(shape=2.0, scale=3.0),
        MultivariateNormal.of(mean=[[1.0, 2.0], [0.0, 3.0]], cov=np.eye(2)),
        Bits(2).of(probabilities=[0.0, 0.5, 0.25, 0.25]),
    ],
)
def test_there_and_back(factor):
    again = from_json(factor.family, as_json(factor))
    for one, two in zip(again.parameters.values(), factor.parameters.values(), strict=True):
        np.testing.assert_allclose(np.broadcast_to(one, np.shape(two)), two, rtol=1e-15)


def test_the_textbook_parameters_of_the_table():
    """The less obvious lines of ATLAS.md's table, by the families that they describe."""
    chain = GaussianChain(3).of(
        mean=[1.0, 2.0, 0.5], variance=[1.0, 2.0, 1.5], covariance=[0.5, 0.7]
    )
    natural = {k: np.array(v) for k, v in as_json(chain)["natural"].items()}
    beside = np.diag(-natural["product"], 1)
    cov = np.linalg.inv(np.diag(-2 * natural["square"]) + beside + beside.T)
    np.testing.assert_allclose(np.diag(cov), [1.0, 2.0, 1.5])
    np.testing.assert_allclose(np.diag(cov, 1), [0.5, 0.7])
    centre = np.array(as_json(chain).get("centre", 0.0))
    np.testing.assert_allclose(centre + cov @ natural["value"], [1.0, 2.0, 0.5])

    w_inv = np.array([[2.0, 0.3], [0.3, 1.0]])
    given = dict(mean=np.array([1.0, -2.0]), beta=3.0, nu=5.0, w_inv=w_inv)
    wishart = NormalWishart.of(**given)
    stored = as_json(wishart)
    natural = {k: np.array(v) for k, v in stored["natural"].items()}
    beta, centre = -2 * natural["quadratic"], np.array(stored.get("centre", 0.0))
    mean = centre + natural["scaled_mean"] / beta
    np.testing.assert_allclose([beta, 2 + 2 * natural["log_det"]], [3.0, 5.0])
    np.testing.assert_allclose(mean, given["mean"])
    d = mean - centre
    np.testing.assert_allclose(-2 * natural["precision"] - beta * np.outer(d, d), w_inv)
