"""Networks of binary variables against loops over dictionaries, and published probabilities."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.contract.tolerances import assert_chains
from vi_lab import (
    BayesNet,
    Factorised,
    InputError,
    InputTypeError,
    NotApplicable,
    NumericalError,
    cavi,
    exact,
    gibbs,
    ledger,
)
from vi_lab.families import Bits, Categorical
from vi_lab.problems.named import problem

CHAIN = {f"v{i}": () if i == 0 else (f"v{i - 1}",) for i in range(25)}
CHAIN_TABLES = {name: [0.3, 0.8] if of else 0.4 for name, of in CHAIN.items()}


def probabilities(model):
    """P(evidence) and P(each variable = 1, evidence), by a loop over all values of all variables.

    A table is looked up with the parents' values in turn, and nothing is shared with the model.
    """
    names, evidence = list(model.network.parents), dict(model.evidence)
    total, ones = 0.0, dict.fromkeys(model.hidden, 0.0)
    for values in itertools.product((0, 1), repeat=len(names)):
        x = dict(zip(names, values, strict=True))
        if any(x[name] != value for name, value in evidence.items()):
            continue
        p = 1.0
        for name in names:
            up = model.network.tables[name]
            for parent in model.network.parents[name]:
                up = up[x[parent]]
            p *= up if x[name] else 1 - up
        total += p
        for name in ones:
            ones[name] += p * x[name]
    return total, ones


@pytest.mark.parametrize("name", ["sprinkler", "asia"])
@pytest.mark.parametrize("joined", [True, False])
def test_enumeration_is_a_loop_over_all_values(name, joined):
    model = problem(name, joined=joined).model
    truth, (total, ones) = exact(model), probabilities(model)
    assert_allclose(truth.log_evidence, np.log(total), rtol=1e-13)
    for variable, p in ones.items():
        assert_allclose(truth.mean(variable), p / total, rtol=1e-12)
        assert_allclose(truth.sd(variable) ** 2, p / total * (1 - p / total), rtol=1e-12)


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


def test_each_chain_has_the_exact_means_where_variables_are_joined():
    model = problem("asia").model
    assert model.classes() == 1
    draws, truth = gibbs(model, rng=1, draws=8000, warmup=200), exact(model)
    for name in ("smoking", "lung_cancer", "bronchitis", "either", "xray"):
        assert_chains(draws.values[name], truth.mean(name), name)


def test_apart_gibbs_never_leaves_the_values_it_starts_among():
    model = problem("asia", joined=False).model
    assert model.classes() == 2
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
    model = BayesNet(CHAIN, CHAIN_TABLES, {"v24": 1})
    with pytest.raises(NotApplicable, match=r"2\^24.*limit of 20 variables; Gibbs and CAVI still"):
        exact(model)
    assert np.isfinite(cavi(model, rng=0).elbo)
    assert gibbs(model, rng=0, draws=5, warmup=5).values["v3"].shape == (4, 5)
    with pytest.raises(InputError, match=r"classes: .*limit of 20"):
        model.classes()
    twenty = BayesNet(CHAIN, CHAIN_TABLES, {f"v{i}": 1 for i in range(20, 25)})
    assert exact(twenty).log_evidence < 0


AB = {"a": (), "b": ("a",)}
TABLES = {"a": 0.3, "b": [0.0, 1.0]}


def net(parents=AB, tables=TABLES, evidence=None, **more):
    return lambda: BayesNet(parents, tables, {"b": 1} if evidence is None else evidence, **more)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (net(parents={"a": (), "b": ("c",)}), InputError, "parents['b'] unknown 'c' a, b"),
        (net(parents={"a": ("b",), "b": ("a",)}, tables={"a": [0, 1], "b": [0, 1]}), InputError,
         "cycles a, b"),
        (net(parents={"a": (), "b": "a"}), InputTypeError, "parents['b'] list 'a'"),
        (net(parents=[("a", ())]), InputTypeError, "parents dict"),
        (net(parents={"a": (), "b": ("a", "a")}), InputError, "parents['b'] twice"),
        (net(tables={"a": 0.3}), InputError, "tables 'b' none"),
        (net(tables={**TABLES, "z": 1}), InputError, "tables unknown 'z'"),
        (net(tables={"a": 0.3, "b": 0.5}), InputError, "tables['b'] 1 axis ()"),
        (net(tables={"a": 0.3, "b": [0.1, 0.2, 0.3]}), InputError, "tables['b'] (2,) (3,)"),
        (net(tables={"a": 1.3, "b": [0, 1]}), InputError, "tables['a'] 0 to 1 1.3"),
        (net(evidence={"c": 1}), InputError, "evidence unknown 'c'"),
        (net(evidence={"b": 2}), InputError, "evidence 0 or 1 'b' 2"),
        (net(evidence={"b": [1]}), InputError, "evidence 0 or 1 'b' [1]"),
        (net(evidence=["b"]), InputTypeError, "evidence dict"),
        (net(evidence={"a": 1, "b": 1}), InputError, "evidence at least one unobserved"),
        (net(evidence={}, blocks="a"), InputTypeError, "blocks list 'a'"),
        (net(evidence={}, blocks=["a"]), InputTypeError, "blocks list 'a'"),
        (net(evidence={}, blocks=[["a", "z"]]), InputError, "blocks unknown 'z'"),
        (net(evidence={}, blocks=[["a", "b"], ["b"]]), InputError, "blocks 'b' two"),
        (net(blocks=[["a", "b"]]), InputError, "blocks 'b' observed"),
        (net(block=[]), InputTypeError, "block blocks"),
        (lambda: Bits(11), InputError, "count at most 10 11"),
        (lambda: Bits.of(probabilities=[0.2, 0.3, 0.5]), InputError, "probabilities 2, 4, 8 3"),
        (lambda: problem("asia", joined="no"), InputTypeError, "joined True False 'no'"),
    ],
)  # fmt: skip
def test_bad_input(call, kind, words):
    with pytest.raises(kind) as error:
        call()
    assert all(word in str(error.value) for word in words.split()), str(error.value)


def test_impossible_evidence_is_said_to_be():
    model = BayesNet(AB, {"a": 0.0, "b": [0.0, 1.0]}, {"b": 1})
    with pytest.raises(InputError, match="evidence: has probability zero"):
        exact(model)
    with pytest.raises(NumericalError, match="evidence was impossible"):
        gibbs(model, rng=0)
    with pytest.raises(InputError, match="probability zero whatever"):
        BayesNet({**AB, "c": ()}, {"a": 0.0, "b": [0.0, 1.0], "c": 0.5}, {"a": 1})
