"""What is said of one latent from draws: how many, of what, and how far chance may move it."""

import numpy as np
import pytest

import vi_lab
from vi_lab import exact, gibbs
from vi_lab.inference.linear_response import linear_response
from vi_lab.results import marginals
from vi_lab.results.quantiles import find_errors


def only_draws(monkeypatch, family=vi_lab.Gamma):
    """A q of newcomb, of whose tau no quantile is known but those of draws."""
    monkeypatch.setattr(family, "quantile", vi_lab.Family.quantile)
    return vi_lab.cavi("newcomb", rng=0)


def test_a_route_counts_the_draws_of_all_chains():
    run = gibbs("newcomb", rng=0, chains=3, draws=400, warmup=10)
    assert run.quantile_route("mu") == "1,200 draws"


@pytest.mark.parametrize(("numbers", "draws"), [(1000, 500), (30, 100), (10**9, 700)])
def test_of_a_large_posterior_fewer_draws_are_made_but_never_few(monkeypatch, numbers, draws):
    """newcomb has two numbers; DRAWS is the most that are ever made."""
    monkeypatch.setattr(marginals, "MOST_NUMBERS", numbers)
    monkeypatch.setattr(marginals, "DRAWS", 700)
    assert only_draws(monkeypatch).quantile_route("tau") == f"{draws} draws"


def test_a_summary_has_the_quantiles_of_its_own_draws(monkeypatch):
    """eight-schools' tau is no latent: what is asked of it is asked of what draws make of it."""
    truth = exact("eight-schools")
    monkeypatch.setattr(type(truth.posterior), "marginals_are_slow", True, raising=False)
    assert truth.quantile_route("tau") == "20,000 draws"
    made = truth.model.summaries(truth.sample(20_000, rng=0))["tau"]
    assert truth.quantile("tau", 0.3) == pytest.approx(np.quantile(made, 0.3), rel=1e-12)


def test_the_note_of_a_summary_states_the_largest_error(monkeypatch):
    q = only_draws(monkeypatch)
    levels = np.array([0.055, 0.945])
    errors = find_errors(q.sample(20_000, rng=0)["tau"][None], levels, independent=True)
    (note,) = q.summary().notes
    assert note == (f"Quantiles of tau: from 20,000 draws, standard error ≤ {max(errors):.2g}.")
    assert f"{max(errors):.2g}" != f"{min(errors):.2g}"


def test_of_a_chain_no_error_is_noted_beside_its_own():
    """Its rows have R-hat and MCSE."""
    assert gibbs("newcomb", rng=0, chains=2, draws=50, warmup=5).summary().notes == ()
    assert linear_response(vi_lab.cavi("newcomb", rng=0)).summary().notes == ()
