"""HiddenMarkov: the truth by all paths, exact as one chain, a gap where the steps are cut apart."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.thinning import mostly_slow
from vi_lab import (
    HiddenMarkov,
    InputError,
    cavi,
    derivation,
    evidence,
    exact,
    gibbs,
    ledger,
    linear_response,
    sweep,
)
from vi_lab.model import statistics
from vi_lab.problems.named import problem

ONWARD = np.array([[0.7, 0.3, 0.0], [0.0, 0.6, 0.4], [0.0, 0.0, 1.0]])
COUNTS = np.array([0, 3, 1, 4, 2, 9, 6])


def by_all_paths(model):
    """Every path, and p(path | counts) with the log of their sum, by scipy's Poisson."""
    paths = np.array(list(itertools.product(range(model.states), repeat=model.n)))
    p = model.initial[paths[:, 0]] * model.transition[paths[:, :-1], paths[:, 1:]].prod(1)
    p = p * stats.poisson.pmf(model.counts, model.rates[paths]).prod(1)
    return paths, p / p.sum(), np.log(p.sum())


@pytest.mark.parametrize("transition", [ONWARD, 0.1 + 0.7 * np.eye(3)])
def test_forward_and_back_by_all_paths(transition):
    model = HiddenMarkov(COUNTS, [1, 3, 7], transition, [0.8, 0.2, 0.0], blocks="joint")
    paths, p, log_evidence = by_all_paths(model)
    truth = exact(model)
    assert_allclose(truth.log_evidence, log_evidence, rtol=1e-13)
    assert truth.route == "forward algorithm" and truth.log_evidence_error < 1e-12
    assert_allclose(truth.mean("z"), p @ paths, rtol=1e-12)
    assert_allclose(truth.sd("z"), np.sqrt(p @ (paths - p @ paths) ** 2), rtol=1e-9, atol=1e-12)
    with np.errstate(divide="ignore"):
        assert_allclose(truth.log_density({"z": paths}), np.log(p), rtol=1e-9)
    seen = np.array([[[p @ ((paths[:, t] == i) & (paths[:, u] == j)) for j in range(3)]
                      for i in range(3)] for t, u in ((1, 4), (5, 2))])  # fmt: skip
    states = np.arange(3)
    for table, (t, u) in zip(seen, ((1, 4), (5, 2)), strict=True):
        assert_allclose(
            truth.find_joint(("z", (t,)), ("z", (u,)), states, states), table, atol=1e-13
        )
        assert_allclose(truth.marginal_density(f"z[{t}]", states), table.sum(1), atol=1e-13)
    switches = (np.diff(paths, axis=1) != 0).sum(1)
    counted = [p @ (switches == k) for k in range(7)]
    assert_allclose(truth.marginal_density("switches", np.arange(7)), counted, atol=1e-13)
    draws = truth.sample(4000, rng=0)["z"]
    assert (np.abs(draws.mean(0) - truth.mean("z")) <= 5 * truth.sd("z") / 4000**0.5).all()
    q = cavi(model, rng=0)
    assert abs(q.elbo - log_evidence) < 1e-12 and ledger(model, q).holds
    assert_allclose(q.mean("z"), truth.mean("z"), rtol=1e-12)


def test_as_one_chain_linear_response_has_nothing_to_mend():
    model = HiddenMarkov(COUNTS, [1, 3, 7], 0.1 + 0.7 * np.eye(3), [0.5, 0.2, 0.3], blocks="joint")
    found = linear_response(cavi(model, rng=0))
    assert_allclose(found.sd("z"), exact(model).sd("z"), rtol=1e-7)
    draws = exact(model).sample(40_000, rng=0)["z"]
    assert_allclose(found.covariance("z"), np.cov(draws.T), atol=0.02)


def test_where_states_do_not_tend_to_stay_nothing_is_lost_by_cutting_them_apart():
    gaps = []
    for item in sweep("hmm"):
        q, truth = cavi(item, rng=0, restarts=4), exact(item)
        assert ledger(item, q).holds
        gaps.append(truth.log_evidence - q.elbo)
        joint = problem("hmm", blocks="joint", **item.variant)
        assert abs(cavi(joint, rng=0).elbo - truth.log_evidence) < 1e-11
        assert exact(joint).log_evidence == truth.log_evidence
    assert abs(gaps[0]) < 1e-12, "with 0.5 the steps are independent"
    assert min(gaps[1:]) > 0.5 and 0.83 < gaps[3] < 0.84


def test_mean_field_is_too_sure_of_when_the_bad_years_ended():
    ratio = cavi("hmm", rng=0, restarts=4).sd("z") / exact("hmm").sd("z")
    assert ratio.min() < 0.2 and np.median(ratio) < 0.9


@pytest.mark.parametrize("blocks", mostly_slow(["even-odd", "joint"]))
def test_gibbs_is_right_about_every_chain(blocks):
    item = problem("hmm", blocks=blocks)
    found, truth = gibbs(item, rng=0, draws=2000), exact(item)
    error = found.sd("z") / np.sqrt(found.ess()["z"] / 4)
    for chain in found.values["z"]:
        assert (np.abs(chain.mean(0) - truth.mean("z")) < 5 * error).all()


def test_draws_of_the_prior_weigh_the_evidence():
    """States that depend on one another are not summed out together: each draw is one path."""
    item = problem("hmm")
    found = evidence(item, method="prior", draws=20_000, rng=0)
    assert 0.001 < found.error < 0.2
    assert abs(found.value - exact(item).log_evidence) < 5 * found.error


@pytest.mark.parametrize("blocks", ["joint", "even-odd"])
def test_the_prior_of_every_path(blocks):
    """Its first state by the initial probabilities, each other by the row of the one before."""
    transition, initial = np.array([[0.7, 0.3], [0.2, 0.8]]), np.array([0.9, 0.1])
    model = HiddenMarkov(COUNTS[:4], [1, 3], transition, initial, blocks=blocks)
    paths = np.array(list(itertools.product(range(2), repeat=4)))
    expected = initial[paths[:, 0]] * transition[paths[:, :-1], paths[:, 1:]].prod(1)
    found = model.log_prior(statistics(model, model.block_values({"z": paths})))
    assert_allclose(np.exp(found), expected, rtol=1e-12)


def test_its_derivation_averages_draws():
    """Twenty labels are no grid of twenty axes."""
    lines = derivation("hmm", cavi("hmm", rng=0)).lines
    assert "Monte Carlo" in lines[0].route


def test_a_long_chain_does_not_underflow():
    rng = np.random.default_rng(0)
    model = HiddenMarkov(rng.poisson(500, 3000), [450, 520], 0.05 + 0.9 * np.eye(2), [0.5, 0.5])
    assert np.isfinite(exact(model).log_evidence)
    assert ledger(model, cavi(model, rng=0)).holds


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(transition=ONWARD), 'transition: needs numbers above 0, or blocks="joint"'),
        (dict(transition=0.1 + np.eye(3)), "transition, row 0: needs numbers that sum to one"),
        (dict(transition=np.eye(2)), r"transition: needs shape \(3, 3\), got \(2, 2\)"),
        (dict(initial=[0.5, 0.5]), "initial: needs 3 probabilities, got 2"),
        (dict(rates=[1, 0, 2]), "rates: needs numbers above"),
        (dict(counts=[3]), "counts: a chain needs at least two steps"),
        (dict(blocks="both"), "blocks"),
    ],
)
def test_bad_input(change, words):
    good = dict(counts=COUNTS, rates=[1, 2, 3], transition=0.1 + 0.7 * np.eye(3),
                initial=[0.5, 0.5, 0.0])  # fmt: skip
    HiddenMarkov(**good)
    with pytest.raises(InputError, match=words):
        HiddenMarkov(**{**good, **change})
