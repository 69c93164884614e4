"""Beside a marginal: its prior, and how far each method is off the truth."""

import numpy as np
import pytest
from scipy import stats

import vi_lab
from vi_lab import Beta, BetaBernoulli, ChangePoint, Factorised, plots
from vi_lab.figures.comparison import _marginals
from vi_lab.plots.differences import draw_differences, draw_prior

SEEN = [1, 1, 0, 1, 1, 0, 1]
MODEL = BetaBernoulli(SEEN, a=2.0, b=3.0)
TRUE = stats.beta(2 + 5, 3 + 2)
WRONG = stats.beta(4, 2)


def views():
    q = Factorised(MODEL, theta=Beta.of(a=4.0, b=2.0))
    return {"exact": plots.View(vi_lab.exact(MODEL)), "q": plots.View(q)}


def test_differences_are_those_of_the_densities_in_shares_of_the_peak():
    ax = draw_differences(views(), "theta")
    (curve,) = [line for line in ax.lines if len(line.get_xdata()) > 2]
    x, off = curve.get_data()
    peak = TRUE.pdf((7 - 1) / (7 + 5 - 2))  # at the mode
    np.testing.assert_allclose(off, (WRONG.pdf(x) - TRUE.pdf(x)) / peak, rtol=2e-3, atol=1e-6)
    most = 100 * np.abs(off).max()
    assert f"q by at most {most:.2g} percent" in plots.alt_text(ax)
    low, high = ax.get_ylim()
    assert low == -high and high == pytest.approx(min(1.0, 1.15 * most / 100))


def test_differences_of_probabilities():
    """A year of change by Gibbs: what its bars lie above the exact ones."""
    exact, gibbs = vi_lab.exact("coal"), vi_lab.gibbs("coal", rng=0, draws=200, warmup=100)
    ax = draw_differences([exact, gibbs], "s", first=1850)
    (marks,) = [line for line in ax.lines if len(line.get_xdata()) > 2]
    year, off = marks.get_data()
    draws = gibbs.values["s"].ravel().astype(int) + 1850
    truth = np.asarray(exact.sample(200_000, rng=1)["s"], int) + 1850
    shares = [np.array([(of == y).mean() for y in year]) for of in (draws, truth)]
    np.testing.assert_allclose(off * shares[1].max(), shares[0] - shares[1], atol=0.006)


def test_the_prior_is_drawn_where_there_is_one():
    ax = plots.marginal(views(), "theta", legend=False)
    draw_prior(ax, views()["exact"], "theta")
    (line,) = [line for line in ax.lines if line.get_label() == "prior"]
    x, density = line.get_data()
    inside = (x > 0.15) & (x < 0.85)
    np.testing.assert_allclose(density[inside], stats.beta(2, 3).pdf(x[inside]), atol=0.12)
    target = vi_lab.exact("correlated")  # a target, without a prior
    before = len(plots.marginal(target, "z0[0]", legend=False, ax=ax).lines)
    draw_prior(ax, plots.View(target), "z0[0]")
    assert len(ax.lines) == before


def test_the_prior_of_many_coordinates_is_drawn_once(monkeypatch):
    calls, sample_latents = [], ChangePoint.sample_latents
    monkeypatch.setattr(
        ChangePoint, "sample_latents", lambda *a: calls.append(a) or sample_latents(*a)
    )
    view = plots.View(vi_lab.exact("coal"))
    for name in ("rates[0]", "rates[1]"):
        draw_prior(plots.marginal(view.result, name, legend=False), view, name)
    assert len(calls) == 1


@pytest.mark.parametrize("name", ["beetles", "bioassay", "challenger", "probit"])
def test_a_prior_without_auxiliary_latents_is_that_of_the_model(name):
    """By Kolmogorov and Smirnov against draws of every latent, of which few cost little."""
    result = vi_lab.laplace(name, rng=0)
    prior, model = plots.View(result).prior, vi_lab.problem(name).model
    drawn = model.sample_latents(np.random.default_rng(1), (2000,))["beta"]
    assert set(prior.values) == set(plots.View(result).values)
    for i in range(model.size):
        assert stats.ks_2samp(prior.draws(f"beta[{i}]"), drawn[:, i]).pvalue > 1e-4


def test_a_panel_has_its_differences_below_it_on_the_same_axis():
    figure, title = _marginals("mine", views(), ["theta"])
    above, below = figure.axes
    assert above.get_xlim() == below.get_xlim() and below.get_xlabel() == "theta"
    assert "how far off" in title
    alone, title = _marginals("mine", {"exact": views()["exact"]}, ["theta"])
    assert len(alone.axes) == 1 and "how far off" not in title
