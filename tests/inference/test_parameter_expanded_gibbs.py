"""Parameter-expanded Gibbs: the exact law of the hierarchy, and many more of its draws count."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.contract.tolerances import assert_chains, assert_chains_agree
from tests.thinning import mostly_slow
from vi_lab import (
    HalfCauchy,
    HierarchicalNormal,
    HierarchicalNormalExpanded,
    InputError,
    InputTypeError,
    InverseGamma,
    NotApplicable,
    NumericalError,
    compare,
    exact,
    gibbs,
    gibbs_expanded,
    load,
    problem,
)
from vi_lab.model_or_problem import as_model
from vi_lab.problems.methods import METHODS, select_methods

SCHOOLS = problem("eight-schools").model


def test_each_chain_has_the_exact_law():
    truth = exact(SCHOOLS)
    reference = truth.sample(50_000, rng=1)
    run = gibbs_expanded(SCHOOLS, rng=2, chains=4, draws=3000, warmup=300)
    for name in ("mu", "theta"):
        values = run.values[name]
        assert_chains(values, truth.mean(name), f"mean of {name}", least_ess=500)
        squares = (values - truth.mean(name)) ** 2
        assert_chains(squares, truth.sd(name) ** 2, f"variance of {name}", least_ess=500)
    logs = [np.log(draws["tau2"]) for draws in (run.values, reference)]
    assert_chains(np.sqrt(run.values["tau2"]), truth.mean("tau"), "mean of tau", least_ess=500)
    assert_chains_agree(*logs, "log tau2", least_ess=500)
    assert_chains_agree(*(v**2 for v in logs), "log tau2 squared", least_ess=500)
    ties = [draws["theta"] * np.log(draws["tau2"])[..., None] for draws in (run.values, reference)]
    assert_chains_agree(*ties, "theta times log tau2", least_ess=500)


def test_a_sweep_for_a_sweep_it_sees_far_more_of_tau_than_gibbs():
    """Of as many sweeps: ESS of tau2 and of mu differ more than tenfold."""
    settings = dict(chains=4, draws=1200, warmup=300)
    plain, expanded = (run(SCHOOLS, rng=0, **settings) for run in (gibbs, gibbs_expanded))
    assert expanded.ess()["tau2"] > 10 * plain.ess()["tau2"]
    assert expanded.ess()["mu"] > 10 * plain.ess()["mu"]
    assert expanded.rhat()["tau2"] < 1.01


EXTREME = [
    ([3.0], [2.0], 1),
    ([-50.0, 50.0], [1e-3, 1e3], 1e-3),
    ([1e6 + 1, 1e6 + 5, 1e6 + 9, 1e6 + 2], [0.1, 0.2, 0.3, 0.4], 3),
    ([1e3, 1e3 + 1, 1e3 + 3], [1, 2, 1], 5),
    ([-1e3, 1e3, 300.0], [1e-4, 2e-4, 1e-4], 1),
]


@pytest.mark.parametrize(("y", "sigma", "scale"), mostly_slow(EXTREME, [EXTREME[1]], rows=True))
def test_extreme_data_and_priors(y, sigma, scale):
    """One group; data far from the origin, and so sharp that they know mu + alpha eta_j alone."""
    model = HierarchicalNormal(y, sigma, max(10.0, np.max(np.abs(y))), HalfCauchy(scale))
    reference = exact(model).sample(20_000, rng=3)
    run = gibbs_expanded(model, rng=4, chains=2, draws=2500, warmup=300)
    assert_chains_agree(run.values["theta"], reference["theta"], "theta")
    assert_chains_agree(np.log(run.values["tau2"]), np.log(reference["tau2"]), "log tau2")


def test_draws_of_the_original_and_nothing_else(tmp_path):
    run = gibbs_expanded(SCHOOLS, rng=0, chains=3, draws=40, warmup=10)
    assert run.model is SCHOOLS
    assert run.names == tuple(run.values) == ("theta", "mu", "tau2")
    assert [run.values[n].shape for n in run.names] == [(3, 40, 8), (3, 40), (3, 40)]
    assert run.settings == {"chains": 3, "draws": 40, "warmup": 10, "seed": 0}
    assert not run.nominal and not run.interrupted
    assert run.cost.complete_conditionals == 3 * 50 * 3
    assert repr(run).startswith("<Gibbs expanded, 3 chains × 40 draws: theta[0] ")
    twin = HierarchicalNormalExpanded(SCHOOLS.y, SCHOOLS.sigma, 5, HalfCauchy(5))
    inner = gibbs(twin, rng=0, chains=3, draws=40, warmup=10).values
    theta = inner["effects"][..., :1] + inner["alpha"][..., None] * inner["effects"][..., 1:]
    assert_array_equal(run.values["theta"], theta)
    assert_allclose(np.sqrt(run.values["tau2"]), np.abs(inner["alpha"]) * np.sqrt(inner["s2"]))
    run.save(tmp_path / "run")
    again = load(tmp_path / "run", model=SCHOOLS)
    assert_array_equal(again.values["tau2"], run.values["tau2"])
    assert again.method == run.method and again.names == run.names


def test_an_error_hands_over_draws_of_the_original(monkeypatch):
    count = 0
    honest = HierarchicalNormalExpanded._alpha_given_rest

    def breaks(self, stats):
        nonlocal count
        count += 1
        if count > 30:
            raise NumericalError("no more")
        return honest(self, stats)

    monkeypatch.setattr(HierarchicalNormalExpanded, "_alpha_given_rest", breaks)
    with pytest.raises(NumericalError, match="no more") as caught:
        gibbs_expanded(SCHOOLS, rng=0, chains=2, draws=50, warmup=10)
    assert caught.value.draws.model is SCHOOLS
    assert caught.value.draws.values["theta"].shape == (2, 20, 8)
    assert caught.value.draws.names == ("theta", "mu", "tau2")


def test_a_row_of_its_own_where_it_applies():
    (row,) = compare("eight-schools", methods=["gibbs_expanded"], rng=0).rows
    assert row.method == "gibbs-expanded" and row.reference == "exact"
    assert row.ess > 1000 and row.rhat < 1.01 and row.mean_error_z < 4.5
    assert row.complete_conditionals == 4 * 2500 * 3
    other = HierarchicalNormal(SCHOOLS.y, SCHOOLS.sigma, 5, InverseGamma(1, 20))
    for model, words in ((other, "has an InverseGamma prior"), (problem("coal"), "gibbs applies")):
        assert "gibbs-expanded" not in {m.name for m in select_methods(METHODS, as_model(model))}
        (row,) = compare(model, methods=["gibbs-expanded"], rng=0).rows
        assert not row.applies
        assert row.reason.startswith("expanded Gibbs does not apply, because") and (
            words in row.reason
        )
        with pytest.raises(NotApplicable, match=words):
            gibbs_expanded(model)


def test_bad_input():
    with pytest.raises(InputError, match=r"draws: .*1.* 0"):
        gibbs_expanded(SCHOOLS, draws=0)
    with pytest.raises(InputTypeError, match=r"seed.*rng="):
        gibbs_expanded(SCHOOLS, seed=0)
