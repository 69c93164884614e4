"""Networks of binary variables against loops over dictionaries, and published probabilities."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vi_lab import (
    BayesNet,
    Factorised,
    InputError,
    NotApplicable,
    NumericalError,
    cavi,
    exact,
    gibbs,
    ledger,
)
from vi_lab.families import Categorical
from vi_lab.problems.named import problem

CHAIN = {f"v{i}": () if i == 0 else (f"v{i - 1}",) for i in range(25)}
CHAIN_TabLES = {name: [0.3, 0.8] if of else 0.4 for name, of in CHAIN.items()}


def test_the_published_sprinkler():
    """Murphy (1998): P(W) = 0.6471, P(S | W) = 0.4298, P(R | W) = 0.7079, P(S | W, R) = 0.1945."""
    truth = exact(problem("sprinkler"))
    assert_allclose(np.exp(truth.log_evidence), 0.6471, atol=5e-5)
    assert_allclose([truth.mean("sprinkler"), truth.mean("rain")], [0.4298, 0.7079], atol=5e-5)
    net = truth.model.network
    rain = exact(BayesNet(net.parents, net.tables, {"wet_grass": 1, "rain": 1}))
    assert_allclose(rain.mean("sprinkler"), 0.1945, atol=5e-5)  # the rain explains it away


def test_the_published_chest_clinic():
    """Lauritzen & Spiegelhalter (1988): the marginal probabilities without evidence."""
    net = problem("asia").model.network
    prior = exact(BayesNet(net.parents, net.tables, {}))
    assert_allclose(prior.log_evidence, 0.0, atol=1e-13)
    published = {
        "tuberculosis": 0.0104, "lung_cancer": 0.055, "bronchitis": 0.45, "either": 0.0648,
        "xray": 0.1103, "dyspnoea": 0.436,
    }  # fmt: skip
    for name, p in published.items():
        assert_allclose(prior.mean(name), p, atol=5e-5)


def test_the_order_of_variables_and_of_parents_changes_nothing():
    net = problem("asia").model.network
    turned = {n: tuple(reversed(of)) for n, of in reversed(net.parents.items())}
    tables = {n: table.T for n, table in net.tables.items()}
    joined = [["either", "tuberculosis", "lung_cancer"]]
    one = problem("asia").model
    two = BayesNet(turned, tables, {"dyspnoea": 1}, blocks=joined)
    assert_allclose(exact(one).log_evidence, exact(two).log_evidence, rtol=1e-14)
    q, r = cavi(one, rng=0, restarts=10), cavi(two, rng=1, restarts=10)
    assert_allclose(q.elbo, r.elbo, rtol=1e-9)
    for name in one.hidden:
        assert_allclose(q.mean(name), r.mean(name), atol=1e-4)


def test_joined_variables_keep_their_names():
    model = problem("asia").model
    assert "tuberculosis+lung_cancer+either" in model.blocks
    truth, q, draws = exact(model), cavi(model, rng=0), gibbs(model, rng=0, draws=50)
    for result in (truth, q, draws):
        assert result.names == model.hidden
        assert 0 < result.mean("either") < 1 or result is draws
    assert draws.values["either"].shape == (4, 50)
    either = draws.values["tuberculosis"] | draws.values["lung_cancer"]
    assert np.array_equal(draws.values["either"], either)
    assert set(gibbs(model, rng=0, draws=5, keep=["smoking"]).values) == {"smoking"}


def test_apart_gibbs_never_leaves_the_values_it_starts_among():
    model = problem("asia", joined=False).model
    assert model.classes() == 2 and problem("asia").model.classes() == 1
    either = gibbs(model, rng=0, chains=40, draws=500, warmup=0).values["either"]
    assert (np.ptp(either, axis=1) == 0).all()
    assert np.ptp(either) == 1
    assert problem("sprinkler", joined=False).model.classes() == 1


def test_apart_mean_field_is_sure_of_one_cause():
    """Neither cause is impossible: an independent q that is sure of neither has ELBO -inf."""
    model = problem("sprinkler", joined=False).model
    half = Categorical.of(probabilities=[0.5, 0.5], first=0)
    unsure = Factorised(model, cloudy=half, sprinkler=half, rain=half)
    assert unsure.elbo == -np.inf
    book = ledger(model, unsure)
    assert (book.kl, book.holds) == (np.inf, True)
    q = cavi(model, rng=0, restarts=20)
    assert np.isfinite(q.optima).all()
    assert max(q.mean("sprinkler"), q.mean("rain")) == 1.0
    joined = cavi(problem("sprinkler"), rng=0, restarts=20)
    assert joined.elbo > q.elbo + 0.05
    assert ledger(problem("sprinkler"), joined).holds


def test_starts_have_positive_probability():
    for name in ("sprinkler", "asia"):
        model = problem(name, joined=False).model
        values = model.sample_latents(np.random.default_rng(0), (2000,))
        assert np.isfinite(exact(model).log_density(model.latents(values))).all()
        assert all(0 < np.mean(v) < 1 for v in values.values())


def test_starts_are_the_prior_where_nothing_is_impossible():
    model = BayesNet({"a": (), "b": ("a",)}, {"a": 0.3, "b": [0.2, 0.9]}, {"b": 1})
    a = model.sample_latents(np.random.default_rng(0), (20_000,))["a"]
    assert abs(a.mean() - 0.3) < 0.02
    data = [model.sample_data(np.random.default_rng(i), {"a": 1}).evidence["b"] for i in range(900)]
    assert abs(np.mean(data) - 0.9) < 0.05


def test_beyond_twenty_variables_the_reason_says_what_still_applies():
    model = BayesNet(CHAIN, CHAIN_TabLES, {"v24": 1})
    with pytest.raises(NotApplicable, match=r"2\^24.*limit of 20 variables; Gibbs and CAVI still"):
        exact(model)
    assert np.isfinite(cavi(model, rng=0).elbo)
    assert gibbs(model, rng=0, draws=5, warmup=5).values["v3"].shape == (4, 5)
    with pytest.raises(InputError, match=r"classes: .*limit of 20"):
        model.classes()
    twenty = BayesNet(CHAIN, CHAIN_TabLES, {f"v{i}": 1 for i in range(20, 25)})
    assert exact(twenty).log_evidence < 0


def test_impossible_evidence_is_said_to_be():
    ab = {"a": (), "b": ("a",)}
    model = BayesNet(ab, {"a": 0.0, "b": [0.0, 1.0]}, {"b": 1})
    with pytest.raises(InputError, match="evidence: has probability zero"):
        exact(model)
    with pytest.raises(NumericalError, match="evidence was impossible"):
        gibbs(model, rng=0)
    with pytest.raises(InputError, match="probability zero whatever"):
        BayesNet({**ab, "c": ()}, {"a": 0.0, "b": [0.0, 1.0], "c": 0.5}, {"a": 1})
